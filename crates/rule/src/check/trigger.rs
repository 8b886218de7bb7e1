//! Triggers: one function per pattern.

use super::Check;
use crate::ast::{Occurs, Trigger};
use crate::bounds::{
    ABSENT_MIN, COUNT_MAX, DWELL_MAX, LEAVES_MAX, NESTING_MAX, PATH_MAX, SEQUENCE_MAX, STEPS_MAX, SUM_MAX, WINDOW_MAX,
};
use crate::condition::Sight;
use crate::members as m;
use crate::read;
use crate::report::suggestion;
use noren_event::{Duration, Value};
use noren_program::{Clock, Order, Reach, Window};

/// Where a pattern stands, which decides whether `not` may.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The trigger itself, or under `not`.
    Root,
    /// An element of `all`.
    InAll,
    /// Somewhere below an `any`, where nothing may be negated.
    BelowAny,
}

pub(super) fn check(c: &mut Check, value: &Value) -> Option<Trigger> {
    let trigger = pattern(c, value, Place::Root, 0)?;
    let leaves = count_leaves(&trigger);
    if leaves > LEAVES_MAX {
        c.r.error(
            "list_too_long",
            format!("The trigger has {leaves} patterns; at most {LEAVES_MAX} are possible."),
            format!("きっかけの条件が{leaves}個あります。最大{LEAVES_MAX}個です。"),
            format!("at most {LEAVES_MAX}"),
        );
    }
    Some(trigger)
}

fn count_leaves(trigger: &Trigger) -> usize {
    match trigger {
        Trigger::All(list) | Trigger::Any(list) => list.iter().map(count_leaves).sum(),
        Trigger::Not(inner) => count_leaves(inner),
        _ => 1,
    }
}

/// The key that names the pattern decides which others may stand beside it.
fn pattern(c: &mut Check, value: &Value, place: Place, depth: u32) -> Option<Trigger> {
    if depth > NESTING_MAX {
        c.r.error(
            "nesting_too_deep",
            format!("Patterns nest deeper than {NESTING_MAX} levels."),
            format!("きっかけの入れ子は{NESTING_MAX}段までです。"),
            format!("at most {NESTING_MAX}"),
        );
        return None;
    }
    let Some(pairs) = value.as_map() else {
        read::wrong_type(c.r, value, "object");
        return None;
    };
    let Some(name) = m::PATTERNS.iter().find(|p| pairs.iter().any(|(k, _)| **k == ***p)) else {
        let written = pairs.first().map_or("", |(k, _)| k);
        let (en, ja) = match suggestion(written, m::PATTERNS) {
            Some(meant) => (format!(" Did you mean \"{meant}\"?"), format!("「{meant}」のことですか。")),
            None => (String::new(), String::new()),
        };
        c.r.error(
            "pattern_unknown",
            format!("A pattern is an object with one of {}.{en}", m::PATTERNS.join(", ")),
            format!("きっかけは {} のどれかを持つオブジェクトで書いてください。{ja}", m::PATTERNS.join("、")),
            m::PATTERNS.join(" "),
        );
        return None;
    };
    let known: &[&str] = if *name == "on" { m::ON } else { core::slice::from_ref(name) };
    let members = read::object(c.r, value, known)?;
    match *name {
        "on" => on(c, &members),
        "count" => c.at(&members, "count", count),
        "sum" => c.at(&members, "sum", sum),
        "every" => c.at(&members, "every", every),
        "sequence" => c.at(&members, "sequence", sequence),
        "dwell" => c.at(&members, "dwell", dwell),
        "absent" => c.at(&members, "absent", absent),
        "all" => c.at(&members, "all", |c, v| all(c, v, place, depth)),
        "any" => c.at(&members, "any", |c, v| any(c, v, depth)),
        _ => not(c, &members, place, depth),
    }
}

fn on(c: &mut Check, members: &read::Members) -> Option<Trigger> {
    let of = c.occurs(members, "on");
    let window = c.at(members, "within", window);
    Some(Trigger::Count { of: of?, at_least: 1, window: window.unwrap_or(Window::Session) })
}

fn count(c: &mut Check, value: &Value) -> Option<Trigger> {
    let m = read::object(c.r, value, m::COUNT)?;
    let of = c.occurs(&m, "event");
    let at_least = c.need(&m, "at_least", |c, v| read::whole(c.r, v, 1, COUNT_MAX));
    let distinct = c.at(&m, "distinct", property);
    let window = c.at(&m, "within", window).unwrap_or(Window::Session);
    let (of, at_least) = (of?, at_least?);
    Some(match distinct {
        Some(property) => Trigger::Distinct { of, property, at_least, window },
        None => Trigger::Count { of, at_least, window },
    })
}

fn sum(c: &mut Check, value: &Value) -> Option<Trigger> {
    let m = read::object(c.r, value, m::SUM)?;
    let of = c.occurs(&m, "event");
    let property = c.need(&m, "of", property);
    let at_least = c.need(&m, "at_least", amount);
    let window = c.at(&m, "within", window).unwrap_or(Window::Session);
    Some(Trigger::Sum { of: of?, property: property?, at_least_cents: at_least?, window })
}

/// An amount in hundredths.
fn amount(c: &mut Check, value: &Value) -> Option<u64> {
    let Some(n) = value.as_num() else {
        read::wrong_type(c.r, value, "number");
        return None;
    };
    if (0.01..=SUM_MAX).contains(&n) {
        return Some((n * 100.0).round() as u64);
    }
    c.r.error(
        "number_out_of_range",
        format!("Write an amount from 0.01 to {SUM_MAX}."),
        format!("0.01から{SUM_MAX}までの額を書いてください。"),
        format!("0.01 to {SUM_MAX}"),
    );
    None
}

/// A dotted path below an event's properties, with or without `event.` before it.
fn property(c: &mut Check, value: &Value) -> Option<Box<str>> {
    let Some(text) = value.as_str() else {
        read::wrong_type(c.r, value, "string");
        return None;
    };
    let path = text.strip_prefix("event.").unwrap_or(text);
    if !path.is_empty() && path.chars().count() <= PATH_MAX && path.split('.').all(|part| !part.is_empty()) {
        return Some(path.into());
    }
    c.r.error(
        "path_invalid",
        "Name a property of the event, for example \"value\" or \"items.0.item_id\".",
        "イベントのプロパティを書いてください。例: \"value\"、\"items.0.item_id\"",
        "value",
    );
    None
}

fn every(c: &mut Check, value: &Value) -> Option<Trigger> {
    let m = read::object(c.r, value, m::EVERY)?;
    let of = c.occurs(&m, "event");
    let times = c.need(&m, "times", |c, v| read::whole(c.r, v, 2, COUNT_MAX));
    let scope = c.at(&m, "within", |c, v| read::word(c.r, v, &["page", "session", "visitor"]));
    let window = match scope {
        Some("page") => Window::Page,
        Some("visitor") => Window::Visitor,
        _ => Window::Session,
    };
    Some(Trigger::Every { of: of?, times: times?, window })
}

fn sequence(c: &mut Check, value: &Value) -> Option<Trigger> {
    let m = read::object(c.r, value, m::SEQUENCE)?;
    let occurs = |c: &mut Check, value: &Value| -> Option<Occurs> {
        let m = read::object(c.r, value, m::OCCURS)?;
        c.occurs(&m, "on")
    };
    let steps = c.need(&m, "steps", |c, v| {
        let items = read::some_of(c.r, v, STEPS_MAX)?;
        if items.len() < 2 {
            c.r.error(
                "list_too_short",
                "A sequence has at least two steps; for one event write \"on\".",
                "順序には2つ以上の段が必要です。1つなら「on」を使ってください。",
                r#"[{"on": "view_item"}, {"on": "add_to_cart"}]"#,
            );
            return None;
        }
        c.each(items, occurs).into_iter().collect::<Option<Vec<_>>>()
    });
    let within = c.need(&m, "within", |c, v| read::span(c.r, v, Duration::seconds(1), SEQUENCE_MAX));
    let without = c.at(&m, "without", occurs);
    let order = c.at(&m, "order", |c, v| read::word(c.r, v, &["eventually", "next"]));
    let same = c.at(&m, "same", property);
    Some(Trigger::Sequence {
        steps: steps?,
        within: within?,
        without,
        order: if order == Some("next") { Order::Next } else { Order::Eventually },
        same: same.unwrap_or_default(),
    })
}

pub(super) fn window(c: &mut Check, value: &Value) -> Option<Window> {
    match value.as_str() {
        Some("page") => Some(Window::Page),
        Some("session") => Some(Window::Session),
        Some("visitor") => Some(Window::Visitor),
        _ => read::span(c.r, value, Duration::seconds(1), WINDOW_MAX).map(Window::Last),
    }
}

fn dwell(c: &mut Check, value: &Value) -> Option<Trigger> {
    let m = read::object(c.r, value, m::DWELL)?;
    let page = c.at(&m, "page", |c, v| c.cond(v, Sight::Page));
    let time = c.need(&m, "time", |c, v| read::span(c.r, v, Duration::seconds(1), DWELL_MAX));
    let clock = c.at(&m, "clock", |c, v| read::word(c.r, v, &["wall", "active"]));
    let across = c.at(&m, "across", |c, v| read::word(c.r, v, &["page", "session"]));
    Some(Trigger::Dwell {
        page,
        time: time?,
        clock: if clock == Some("active") { Clock::Active } else { Clock::Wall },
        reach: if across == Some("session") { Reach::Session } else { Reach::Page },
    })
}

fn absent(c: &mut Check, value: &Value) -> Option<Trigger> {
    let m = read::object(c.r, value, m::ABSENT)?;
    let event = c.occurs(&m, "event");
    let time = c.need(&m, "for", |c, v| read::span(c.r, v, ABSENT_MIN, WINDOW_MAX));
    let after = c.need(&m, "after", |c, v| -> Option<Occurs> {
        let m = read::object(c.r, v, m::OCCURS)?;
        c.occurs(&m, "on")
    });
    Some(Trigger::Absent { after: after?, event: event?, time: time? })
}

fn all(c: &mut Check, value: &Value, place: Place, depth: u32) -> Option<Trigger> {
    let items = read::some_of(c.r, value, LEAVES_MAX)?;
    let inside = if place == Place::BelowAny { Place::BelowAny } else { Place::InAll };
    let list = c.each(items, |c, item| pattern(c, item, inside, depth + 1));
    let list: Option<Vec<Trigger>> = list.into_iter().collect();
    let list = list?;
    if list.iter().all(|t| matches!(t, Trigger::Not(_))) {
        c.r.error(
            "not_without_anchor",
            "Everything here is negated, so no event could ever make it true. Add a pattern without \"not\".",
            "すべて「not」なので、成り立つきっかけがありません。「not」でない条件を1つ以上加えてください。",
            "one pattern that is not negated",
        );
    }
    Some(Trigger::All(list))
}

fn any(c: &mut Check, value: &Value, depth: u32) -> Option<Trigger> {
    let items = read::some_of(c.r, value, LEAVES_MAX)?;
    let list = c.each(items, |c, item| pattern(c, item, Place::BelowAny, depth + 1));
    Some(Trigger::Any(list.into_iter().collect::<Option<Vec<_>>>()?))
}

fn not(c: &mut Check, members: &read::Members, place: Place, depth: u32) -> Option<Trigger> {
    match place {
        Place::InAll => {}
        Place::Root => c.r.error(
            "not_without_anchor",
            "\"not\" stands only inside \"all\", beside a pattern that is not negated: something must happen for it to become true.",
            "「not」は「all」の中で、「not」でない条件と並べて使ってください。何かが起きて初めて成り立つためです。",
            r#"{"all": [{"on": "..."}, {"not": {"on": "..."}}]}"#,
        ),
        Place::BelowAny => c.r.error(
            "not_inside_any",
            "Nothing inside \"any\" may be negated. Put \"not\" beside the \"any\", in an \"all\".",
            "「any」の中に「not」は置けません。「all」の中で「any」と並べてください。",
            r#"{"all": [{"any": [...]}, {"not": {...}}]}"#,
        ),
    }
    // A message above is an error already; looking inside finds the rest.
    let inside = if place == Place::BelowAny { Place::BelowAny } else { Place::Root };
    let inner = c.at(members, "not", |c, v| pattern(c, v, inside, depth + 1))?;
    Some(Trigger::Not(Box::new(inner)))
}
