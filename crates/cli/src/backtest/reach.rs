//! What campaigns look at: which events' properties, which events can open anything, and how long a visitor's past can matter.
//!
//! All three only leave out what cannot change a decision, so that most lines of a log cost no more than being read.

use crate::documents::Documents;
use crate::replay::line::Kind;
use noren_event::{Duration, names};
use noren_program::{Hold, Window};
use noren_rule::ast::{Campaign, Occurs, Trigger};
use serde_json::Value as Json;
use std::collections::HashMap;

/// A visitor is never forgotten sooner than this, however little the campaigns look back: what a log leaves standing (a widget nobody
/// closed, a cart) is kept at least for a month.
pub const REMEMBER_AT_LEAST: Duration = Duration::days(30);
/// How long what has no end of its own is kept: as long as the longest time that a rule can name.
pub const REMEMBER_AT_MOST: Duration = Duration::days(400);
/// The window in which a purchase follows an exposure, for a campaign without a goal.
pub const GOAL_WINDOW: Duration = Duration::days(7);

/// Events whose properties the engine reads by itself, whatever the campaigns ask: pages, orders and the cart.
const ALWAYS_READ: [&str; 6] =
    [names::PAGE_VIEW, names::PURCHASE, names::ADD_TO_CART, names::REMOVE_FROM_CART, "view_cart", "begin_checkout"];

/// Attributes that outlive a session.
const LASTING: [&str; 6] = ["visitor.", "traits.", "segments", "cart.", "device.", "geo."];

/// Which events matter, and how.
#[derive(Default)]
pub struct Events {
    /// By name: whether one of them can open a decision.
    known: HashMap<Box<str>, Opens>,
    /// An audience looks at the event that opened the decision, which can be any.
    all: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Opens {
    Yes,
    No,
}

impl Events {
    /// What the campaigns of some documents listen to.
    pub fn of(documents: &[&Documents]) -> Events {
        let mut events = Events::default();
        for name in ALWAYS_READ {
            events.add(name, Opens::No);
        }
        for documents in documents {
            events.all |= documents.json.iter().any(|d| d.get("audience").is_some_and(|a| names_path(a, &["event."])));
            for campaign in &documents.campaigns {
                events.trigger(&campaign.trigger, Opens::Yes);
                for cancel in &campaign.cancel {
                    events.add(&cancel.of.event, Opens::No);
                }
                if let Some(goal) = &campaign.goal {
                    events.add(&goal.of.event, Opens::No);
                }
            }
        }
        events
    }

    fn add(&mut self, name: &str, opens: Opens) {
        let slot = self.known.entry(name.into()).or_insert(opens);
        if opens == Opens::Yes {
            *slot = Opens::Yes;
        }
    }

    fn trigger(&mut self, trigger: &Trigger, opens: Opens) {
        let mut add = |of: &Occurs| self.add(&of.event, opens);
        match trigger {
            Trigger::Count { of, .. }
            | Trigger::Sum { of, .. }
            | Trigger::Distinct { of, .. }
            | Trigger::Every { of, .. } => add(of),
            Trigger::Dwell { .. } => self.add(names::PAGE_VIEW, opens),
            Trigger::Sequence { steps, without, .. } => {
                steps.iter().for_each(&mut add);
                without.iter().for_each(add);
            }
            Trigger::Absent { after, event, .. } => {
                add(after);
                add(event);
            }
            Trigger::All(list) | Trigger::Any(list) => list.iter().for_each(|t| self.trigger(t, opens)),
            // What is negated needs something beside it that is not, and that has its own events.
            Trigger::Not(inner) => self.trigger(inner, Opens::No),
        }
    }

    /// Whether the properties of a line can change anything.
    pub fn wants(&self, kind: Kind, name: &str) -> bool {
        match kind {
            Kind::Event | Kind::Signal => self.all || names::is_record(name) || self.known.contains_key(name),
            Kind::Page => name == "start",
            Kind::Facts | Kind::Consent => true,
            Kind::Program => false,
        }
    }

    /// Whether an event of this name can open a decision. A visitor without one meets no campaign at all.
    pub fn opens(&self, name: &str) -> bool {
        self.known.get(name) == Some(&Opens::Yes)
    }
}

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
