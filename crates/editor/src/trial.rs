//! A visitor's events through drafts: what would have been decided.
//!
//! One visitor, events only, and nobody at the screen: a widget stays until its page is left or the rules take it back. Whole logs with
//! facts, consent and page news are the command line's (`noren replay`).

use noren_engine::{Decision, Effect, Engine, Host, Input, Origin, WidgetNews};
use noren_event::{Timestamp, Value};
use noren_rule::Site;
use noren_rule::ast::Campaign;
use noren_wire::error::Problem;
use noren_wire::value::from_json;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Most events of one trial: a visit has hundreds.
pub const EVENTS_MAX: usize = 10_000;

/// Something the visitor did.
#[derive(Clone, Debug, Deserialize)]
pub struct TrialEvent {
    /// When, Unix ms.
    pub at: i64,
    /// Its name.
    pub name: String,
    /// Its properties.
    #[serde(default)]
    pub props: Json,
}

/// A decision of the trial, as `noren replay` writes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TrialDecision {
    /// When, Unix ms.
    pub at: i64,
    /// Campaign.
    pub campaign: String,
    /// Variant, `control`, or empty where a gate stopped it before.
    pub variant: String,
    /// `shown`, `control` or `suppressed`.
    pub outcome: String,
    /// What stopped it, else empty.
    pub gate: String,
}

/// Decide. `visitor` is what assignment hashes; deadlines run up to `until` (Unix ms), or to the last event.
///
/// # Errors
/// `body_invalid` for too many events.
pub fn run(
    site: &Site,
    campaigns: &[Campaign],
    visitor: &str,
    mut events: Vec<TrialEvent>,
    until: Option<i64>,
) -> Result<Vec<TrialDecision>, Problem> {
    if events.len() > EVENTS_MAX {
        return Err(Problem::field("events", "at most 10,000 events a trial"));
    }
    events.sort_by_key(|event| event.at);
    let (Some(first), Some(last)) = (events.first().map(|e| e.at), events.last().map(|e| e.at)) else {
        return Ok(Vec::new());
    };
    let program = noren_rule::compile_for(site, campaigns, Timestamp(first)).program;
    let mut trial = Trial { engine: Engine::new(program.image(), visitor), gone: Vec::new(), made: Vec::new() };
    let mut moment = Timestamp(first);
    for event in events {
        let at = Timestamp(event.at);
        if at > moment {
            trial.answer_retractions(moment);
            moment = at;
        }
        let props = if event.props.is_object() { from_json(&event.props) } else { Value::Map(Vec::new()) };
        trial.step(at, Input::Event { name: event.name.into(), props, at, origin: Origin::Here });
    }
    trial.answer_retractions(moment);
    trial.step(Timestamp(until.map_or(last, |until| until.max(last))), Input::Tick);
    Ok(trial.made)
}

struct Trial {
    engine: Engine,
    /// Widgets asked to leave at this moment.
    gone: Vec<Box<str>>,
    made: Vec<TrialDecision>,
}

impl Trial {
    /// What was asked to leave is gone once everything of that moment has happened.
    fn answer_retractions(&mut self, moment: Timestamp) {
        for campaign in core::mem::take(&mut self.gone) {
            self.step(moment, Input::Widget(campaign, WidgetNews::Retracted));
        }
    }

    fn step(&mut self, at: Timestamp, input: Input) {
        for effect in self.engine.step(at, input, &Expressions) {
            match effect {
                Effect::Decision(decision) => self.made.push(wire(decision)),
                Effect::Retract { campaign } => self.gone.push(campaign),
                Effect::Show { .. } | Effect::Prefetch { .. } | Effect::Converted { .. } => {}
            }
        }
    }
}

fn wire(decision: Decision) -> TrialDecision {
    TrialDecision {
        at: decision.at.0,
        campaign: decision.campaign.into(),
        variant: decision.variant.into(),
        outcome: decision.outcome.word().into(),
        gate: decision.gate.map_or("", |gate| gate.word()).into(),
    }
}

/// Regular expressions as ECMAScript has them.
struct Expressions;

impl Host for Expressions {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let (pattern, subject) = (core::str::from_utf8(pattern).ok()?, core::str::from_utf8(subject).ok()?);
        if !noren_engine::condition::is_searchable(subject) {
            return None;
        }
        let flags = if fold { "i" } else { "" };
        Some(regress::Regex::with_flags(pattern, flags).ok()?.find(subject).is_some())
    }
}
