//! How long a visitor's past can matter to some campaigns.

use crate::documents::Documents;
use noren_event::Duration;
use noren_program::{Hold, Window};
use noren_rule::ast::{Campaign, Trigger};
use serde_json::Value as Json;

/// A visitor is never forgotten sooner than this, however little the campaigns look back: what a log leaves standing (a widget nobody
/// closed, a cart) is kept at least for a month.
pub const REMEMBER_AT_LEAST: Duration = Duration::days(30);
/// How long what has no end of its own is kept: as long as the longest time that a rule can name.
pub const REMEMBER_AT_MOST: Duration = Duration::days(400);
/// The window in which a purchase follows an exposure, for a campaign without a goal.
pub const GOAL_WINDOW: Duration = Duration::days(7);

/// Attributes that outlive a session.
const LASTING: [&str; 6] = ["visitor.", "traits.", "segments", "cart.", "device.", "geo."];

/// How long after a visitor's last line something of it can still matter.
pub fn remember(documents: &[&Documents]) -> Duration {
    let mut longest = REMEMBER_AT_LEAST;
    for documents in documents {
        for campaign in &documents.campaigns {
            longest = longest.max(looks_back(campaign));
        }
        if documents.json.iter().any(|d| names_path(d, &LASTING)) {
            longest = REMEMBER_AT_MOST;
        }
    }
    longest.min(REMEMBER_AT_MOST)
}

/// In which time a purchase follows an exposure of a campaign.
pub fn goal_window(campaign: &Campaign) -> Duration {
    campaign.goal.as_ref().map_or(GOAL_WINDOW, |goal| goal.within)
}

fn looks_back(campaign: &Campaign) -> Duration {
    let mut longest = goal_window(campaign).max(trigger_looks_back(&campaign.trigger));
    let windows = campaign.caps.again.iter().map(|a| a.after).chain(campaign.caps.stop.iter().map(|s| s.within));
    for window in windows {
        longest = longest.max(window_looks_back(window));
    }
    for cancel in &campaign.cancel {
        longest = longest.max(match cancel.hold {
            Hold::Session => Duration::ZERO,
            Hold::Visitor => REMEMBER_AT_MOST,
            Hold::For(time) => time,
        });
    }
    longest
}

fn window_looks_back(window: Window) -> Duration {
    match window {
        Window::Page | Window::Session => Duration::ZERO,
        Window::Visitor => REMEMBER_AT_MOST,
        Window::Last(time) => time,
    }
}

fn trigger_looks_back(trigger: &Trigger) -> Duration {
    match trigger {
        Trigger::Count { window, .. }
        | Trigger::Sum { window, .. }
        | Trigger::Distinct { window, .. }
        | Trigger::Every { window, .. } => window_looks_back(*window),
        Trigger::Absent { time, .. } | Trigger::Dwell { time, .. } => *time,
        Trigger::Sequence { within, .. } => *within,
        Trigger::All(list) | Trigger::Any(list) => list.iter().map(trigger_looks_back).max().unwrap_or(Duration::ZERO),
        Trigger::Not(inner) => trigger_looks_back(inner),
    }
}

/// Whether a document names an attribute that begins so.
fn names_path(json: &Json, beginnings: &[&str]) -> bool {
    match json {
        Json::Object(members) => members
            .iter()
            .any(|(key, value)| beginnings.iter().any(|b| key.starts_with(b)) || names_path(value, beginnings)),
        Json::Array(items) => items.iter().any(|item| names_path(item, beginnings)),
        _ => false,
    }
}
