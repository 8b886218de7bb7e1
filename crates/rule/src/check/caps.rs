//! The two lists of caps.

use super::Check;
use crate::bounds::{CAP_TIME_MAX, CAP_TIMES_MAX, CAPS_MAX};
use crate::members as m;
use crate::read;
use noren_event::{Duration, Value};
use noren_program::{CapEvent, Caps, ShowAgain, StopAfter, Whose, Window};

pub(super) fn check(c: &mut Check, value: &Value) -> Option<Caps> {
    let m = read::object(c.r, value, m::CAPS)?;
    let again = c.at(&m, "again", |c, v| {
        let items = read::list(c.r, v, CAPS_MAX)?;
        Some(c.each(items, again))
    });
    let stop = c.at(&m, "stop", |c, v| {
        let items = read::list(c.r, v, CAPS_MAX)?;
        Some(c.each(items, stop))
    });
    Some(Caps {
        again: again.unwrap_or_default().into_iter().flatten().collect(),
        stop: stop.unwrap_or_default().into_iter().flatten().collect(),
    })
}

fn again(c: &mut Check, value: &Value) -> Option<ShowAgain> {
    let m = read::object(c.r, value, m::AGAIN)?;
    let after = c.need(&m, "after", |c, v| match v.as_str() {
        Some("page") => Some(Window::Page),
        _ => scope(c, v),
    });
    let since = c.at(&m, "since", event);
    let whose = clock(c, &m);
    Some(ShowAgain { after: after?, since: since.unwrap_or(CapEvent::Shown), whose })
}

fn stop(c: &mut Check, value: &Value) -> Option<StopAfter> {
    let m = read::object(c.r, value, m::STOP)?;
    let times = c.need(&m, "times", |c, v| read::whole(c.r, v, 1, CAP_TIMES_MAX));
    let of = c.at(&m, "of", event);
    let within = c.at(&m, "within", scope);
    let whose = clock(c, &m);
    Some(StopAfter {
        times: times?,
        of: of.unwrap_or(CapEvent::Shown),
        within: within.unwrap_or(Window::Visitor),
        whose,
    })
}

fn scope(c: &mut Check, value: &Value) -> Option<Window> {
    match value.as_str() {
        Some("session") => Some(Window::Session),
        Some("visitor") => Some(Window::Visitor),
        _ => read::span(c.r, value, Duration::seconds(1), CAP_TIME_MAX).map(Window::Last),
    }
}

fn event(c: &mut Check, value: &Value) -> Option<CapEvent> {
    Some(match read::word(c.r, value, m::CAP_EVENTS)? {
        "closed" => CapEvent::Closed,
        "clicked" => CapEvent::Clicked,
        "converted" => CapEvent::Converted,
        _ => CapEvent::Shown,
    })
}

fn clock(c: &mut Check, members: &read::Members) -> Whose {
    match c.at(members, "clock", |c, v| read::word(c.r, v, m::CAP_CLOCKS)) {
        Some("any") => Whose::Any,
        Some("group") => Whose::Group,
        Some("others") => Whose::Others,
        _ => Whose::This,
    }
}

/// Whether a line looks at the campaign's group.
pub(crate) fn looks_at_group(caps: &Caps) -> bool {
    let whose = caps.again.iter().map(|a| a.whose).chain(caps.stop.iter().map(|s| s.whose));
    whose.into_iter().any(|w| matches!(w, Whose::Group | Whose::Others))
}
