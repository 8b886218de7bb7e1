//! The answer as JSON: docs/replay.md describes it, and what is there stays.

use super::flow::Outcome;
use super::plan::{DraftPlan, Plan, date};
use super::tally::{Arm, Draft, Live, OFTEN};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Raised when a member changes its meaning or goes; new members do not raise it.
const VERSION: u32 = 1;

/// The whole report.
pub fn json(plan: &Plan<'_>, outcome: &Outcome) -> Json {
    let tally = &outcome.tally;
    let drafts = plan.drafts.iter().zip(&tally.drafts);
    json!({
        "version": VERSION,
        "zone": plan.clock.name,
        "log": {
            "lines": tally.lines,
            "bad_lines": outcome.wrong.count,
            "program_lines": tally.programs,
            "visitors": tally.visitors,
            "buyers": tally.buyers,
            "late_devices": tally.late_devices,
            "first": outcome.span.map(|(first, _)| first.0),
            "last": outcome.span.map(|(_, last)| last.0),
        },
        "remember_ms": plan.remember.0,
        "drafts": drafts.map(|(draft, counted)| of_draft(plan, draft, counted, outcome)).collect::<Vec<Json>>(),
        "live": plan.live.iter().zip(&tally.live).map(|(id, live)| of_live(id, live)).collect::<Vec<Json>>(),
        "bad": outcome.wrong.first.iter().map(|(line, what)| json!({"line": line, "message": what})).collect::<Vec<Json>>(),
    })
}

fn of_draft(plan: &Plan<'_>, draft: &DraftPlan, counted: &Draft, outcome: &Outcome) -> Json {
    let arm = |arm: &Arm| {
        json!({
            "times": arm.times, "visitors": arm.visitors, "bought_after": arm.bought_after,
            "reached_goal": draft.has_goal.then_some(arm.reached_goal),
        })
    };
    let often = counted.often.iter().enumerate().map(|(i, n)| (often_name(i), Json::from(*n)));
    let days = counted.days.iter().map(|(day, n)| json!({"day": date(*day), "shows": n}));
    let rest = not_shown(counted, outcome);
    json!({
        "campaign": draft.id,
        "shown": arm(&counted.shown),
        "control": arm(&counted.control),
        "suppressed": gates(&counted.suppressed),
        "shows_a_visitor": often.collect::<Map<String, Json>>(),
        "most_shows": counted.most,
        "by_hour": counted.hours,
        "by_day": days.collect::<Vec<Json>>(),
        "goal_window_ms": draft.window.0,
        "not_shown": {"visitors": rest.visitors, "bought": rest.bought},
        "replaces_live": plan.replaced.contains(&draft.id),
    })
}

fn of_live(id: &str, live: &Live) -> Json {
    json!({
        "campaign": id, "shows_without": live.shows_without, "shows_with": live.shows_with,
        "lost": gates(&live.lost), "later": live.later, "gained": live.gained,
    })
}

fn gates(counts: &BTreeMap<&'static str, u64>) -> Json {
    counts.iter().map(|(gate, n)| (gate.to_string(), Json::from(*n))).collect::<Map<String, Json>>().into()
}

/// The name of a class of visitors by how often they saw a draft.
pub fn often_name(place: usize) -> String {
    if place + 1 == OFTEN { format!("{OFTEN}+") } else { (place + 1).to_string() }
}

/// Visitors to whom a draft would not have been shown.
pub struct NotShown {
    pub visitors: u64,
    pub bought: u64,
}

/// Visitors to whom a draft would not have been shown, its control share among them.
pub fn not_shown(counted: &Draft, outcome: &Outcome) -> NotShown {
    NotShown {
        visitors: outcome.tally.visitors.saturating_sub(counted.shown.visitors),
        bought: outcome.tally.buyers.saturating_sub(counted.shown.bought_ever),
    }
}
