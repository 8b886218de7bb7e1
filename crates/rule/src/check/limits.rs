//! What ends a campaign, and which visitors it keeps to.

use super::{Check, caps};
use crate::ast::{Campaign, Exclusive, Schedule, Stop};
use crate::bounds::{ID_MAX, STOP_MAX};
use crate::members as m;
use crate::read;
use crate::report::{Finding, Report};
use noren_event::Value;
use noren_program::Caps;

/// `{"name": NAME, "share": [from, until]}`, per cent.
pub(super) fn exclusive(c: &mut Check, value: &Value) -> Option<Exclusive> {
    let m = read::object(c.r, value, m::EXCLUSIVE)?;
    let name = c.need(&m, "name", |c, v| read::line(c.r, v, ID_MAX));
    let share = c.need(&m, "share", |c, v| {
        let items = read::list(c.r, v, 2)?;
        let ends = c.each(items, |c, v| read::per_cent(c.r, v, 100));
        match ends[..] {
            [Some(from), Some(until)] if from < until => Some((from, until)),
            // What is no per cent has been named already.
            [Some(_), Some(_)] | [] | [_] => {
                c.r.error(
                    "share_invalid",
                    "Write where the share begins and where it ends, in per cent, like [0, 50].",
                    "割り当ての始まりと終わりを [0, 50] のようにパーセントで書いてください。",
                    "[0, 50]",
                );
                None
            }
            _ => None,
        }
    });
    let (from, until) = share?;
    Some(Exclusive { name: name?.into(), from, until })
}

pub(super) fn stop(c: &mut Check, value: &Value) -> Option<Stop> {
    let m = read::object(c.r, value, m::END)?;
    let at = c.at(&m, "date", |c, v| super::schedule::local_time(c.r, v));
    let shows = c.at(&m, "shows", total);
    let conversions = c.at(&m, "conversions", total);
    Some(Stop { at, shows, conversions })
}

fn total(c: &mut Check, value: &Value) -> Option<u64> {
    let Some(n) = value.as_num() else {
        read::wrong_type(c.r, value, "number");
        return None;
    };
    if n.fract() != 0.0 || !(1.0..=STOP_MAX as f64).contains(&n) {
        c.r.error(
            "number_out_of_range",
            format!("Write a whole number from 1 to {STOP_MAX}."),
            format!("1から{STOP_MAX}までの整数を書いてください。"),
            format!("1 to {STOP_MAX}"),
        );
        return None;
    }
    Some(n as u64)
}

/// What the parts must not say against each other.
pub(super) fn agree(
    c: &mut Check,
    caps: &Caps,
    group: Option<&Value>,
    schedule: Option<&Schedule>,
    stop: Option<&Stop>,
) {
    if group.is_none() && caps::looks_at_group(caps) {
        c.r.at("caps", |r| {
            r.error(
                "group_missing",
                "A cap looks at the campaign's group, but the campaign is in none. Add \"group\".",
                "「group」を数える回数制限がありますが、このキャンペーンはどのグループにも入っていません。「group」を書いてください。",
                "\"group\": \"offers\"",
            );
        });
    }
    if let (Some(from), Some(end)) = (schedule.and_then(|s| s.from), stop.and_then(|s| s.at))
        && from >= end
    {
        c.r.at("stop", |r| {
            r.at("date", |r| {
                r.error(
                    "schedule_never",
                    "It stops before it begins, so the campaign could never run.",
                    "始まる前に終わるため、一度も動きません。",
                    "a date after \"from\"",
                );
            });
        });
    }
}

/// The finding that another campaign has some of the visitors that this one takes for its own.
pub(super) fn share_taken(campaign: &Campaign, others: &[Campaign]) -> Option<Finding> {
    let mine = campaign.exclusive.as_ref()?;
    let taken = |other: &&Campaign| {
        other.exclusive.as_ref().is_some_and(|e| e.name == mine.name && e.from < mine.until && mine.from < e.until)
    };
    let other = others.iter().find(taken)?;
    let mut r = Report::new(&campaign.id);
    r.at("exclusive", |r| {
        r.at("share", |r| {
            r.error(
                "share_taken",
                format!(
                    "\"{}\" has some of these visitors already. Shares of \"{}\" must not overlap.",
                    other.id, mine.name
                ),
                format!(
                    "この割り当ては「{}」と重なっています。「{}」の中では重ならないようにしてください。",
                    other.id, mine.name
                ),
                "shares that do not overlap",
            );
        });
    });
    r.findings.pop()
}
