//! One visitor's inputs to decisions.
//!
//! Nobody looks at the screen of a replay, so a widget that is asked to leave is gone at once: the news of it comes after everything else
//! that happened at that moment. Both evaluators get it at the same place.

use super::host::Native;
use super::lines::Visitor;
use noren_engine::{Act, Decision, Effect, Engine, Input, Told, What, WidgetNews};
use noren_event::{Timestamp, Value, names};
use noren_program::{Image, Program};
use noren_rule::ast::Campaign;
use std::rc::Rc;

/// Who decides.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Engine,
    /// The engine, asked for its trace after each decision.
    Traced,
    Naive,
}

/// What is the same for every visitor.
pub struct Plan<'p> {
    pub campaigns: &'p [Campaign],
    pub program: &'p Program,
    /// The same as the engine takes it.
    pub image: &'p Image,
    /// Up to when deadlines run.
    pub end: Timestamp,
    pub open_end: bool,
    pub mode: Mode,
    pub host: &'p Native,
}

/// A decision about somebody.
pub struct Made {
    pub visitor: Rc<str>,
    pub decision: Decision,
    pub trace: Option<Value>,
}

impl Made {
    /// What decisions are ordered by.
    pub fn key(&self) -> (Timestamp, &str, &str) {
        (self.decision.at, &self.visitor, &self.decision.campaign)
    }
}

impl Plan<'_> {
    /// Decide for one visitor.
    pub fn run(&self, visitor: &Visitor, out: &mut Vec<Made>) {
        let mut log = visitor.inputs.clone();
        if !self.open_end && page_is_open(&log) {
            log.push((visitor.last, Input::PageEnd));
        }
        let name: Rc<str> = visitor.name.into();
        match self.mode {
            Mode::Naive => {
                let decisions = self.naive(log, &visitor.unit);
                out.extend(decisions.into_iter().map(|decision| Made { visitor: name.clone(), decision, trace: None }));
            }
            _ => {
                let traced = self.mode == Mode::Traced;
                let mut live = Live { traced, ..Live::new(self.image, &visitor.unit, self.host) };
                let mut tell = |engine: &Engine, act: Act, trace: Option<Value>| {
                    if let Effect::Decision(decision) = engine.effect(&act) {
                        out.push(Made { visitor: name.clone(), decision, trace });
                    }
                };
                for (at, input) in log {
                    input.told(|told| live.take(at, told, &mut tell));
                }
                live.take(self.end, Told::Time, &mut tell);
                live.answer_retractions(&mut tell);
            }
        }
    }

    /// The naive evaluator takes a whole log, and only its answer says what was asked to leave; so the news is added and the log decided
    /// anew until nothing is left to add. A log has few retractions.
    fn naive(&self, mut log: Vec<(Timestamp, Input)>, unit: &str) -> Vec<Decision> {
        let mut answered = 0;
        loop {
            let verdicts = noren_reference::decide(self.campaigns, self.program, unit, &log, self.end, self.host);
            // All retractions of one moment are answered together, as the engine's are.
            let Some((moment, _)) = verdicts.retracted.get(answered) else { return verdicts.decisions };
            let news: Vec<(Timestamp, Input)> = verdicts
                .retracted
                .iter()
                .skip(answered)
                .take_while(|(at, _)| at == moment)
                .map(|(at, campaign)| (*at, Input::Widget(campaign.clone(), WidgetNews::Retracted)))
                .collect();
            answered += news.len();
            let place = log.partition_point(|(at, _)| at <= moment);
            log.splice(place..place, news);
        }
    }
}

/// Whether the visitor's last line leaves a page open.
fn page_is_open(log: &[(Timestamp, Input)]) -> bool {
    let begins = |i: &Input| matches!(i, Input::Event { name, .. } if **name == *names::PAGE_VIEW);
    let news = log.iter().rev().find(|(_, i)| *i == Input::Leave || begins(i));
    news.is_some_and(|(_, i)| begins(i))
}

/// Who is told what an engine did: decisions and conversions, each with the engine that did it, and decisions with their trace where traces are asked for.
pub type Tell<'t> = &'t mut dyn FnMut(&Engine, Act, Option<Value>);

/// An engine at work on one visitor.
pub struct Live<'h> {
    engine: Engine,
    host: &'h Native,
    traced: bool,
    /// The moment of the last input.
    now: Option<Timestamp>,
    /// Numbers of the campaigns whose widgets were asked to leave at this moment.
    gone: Vec<u32>,
}

impl<'h> Live<'h> {
    /// A visitor never seen before.
    pub fn new(image: &Image, unit: &str, host: &'h Native) -> Live<'h> {
        Live { engine: Engine::new(image.clone(), unit), host, traced: false, now: None, gone: Vec::new() }
    }

    /// When time alone will next change something.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.engine.next_deadline()
    }

    /// Take the next input.
    pub fn take(&mut self, at: Timestamp, told: Told<'_>, tell: Tell<'_>) {
        if self.now.is_some_and(|now| at > now) {
            self.answer_retractions(tell);
        }
        // Stopping at each deadline lets a trace see the moment of its decision; the decisions are the same without.
        while self.traced
            && let Some(due) = self.engine.next_deadline()
            && due < at
            && self.now.is_some_and(|now| due > now)
        {
            self.step(due, Told::Time, tell);
        }
        self.step(at, told, tell);
    }

    /// Everything that happened at this moment has been taken.
    pub fn answer_retractions(&mut self, tell: Tell<'_>) {
        let Some(now) = self.now else { return };
        for campaign in core::mem::take(&mut self.gone) {
            let image = self.engine.image().clone();
            self.step(now, Told::Widget(image.id(campaign), WidgetNews::Retracted), tell);
        }
    }

    fn step(&mut self, at: Timestamp, told: Told<'_>, tell: Tell<'_>) {
        self.now = Some(self.now.map_or(at, |now| now.max(at)));
        let before = self.traced.then(|| self.engine.trace(at, self.host));
        for act in self.engine.take(at, told, self.host) {
            match act.what {
                What::Suppressed(_) | What::Exposed => {
                    let after = || self.engine.trace(act.at, self.host);
                    let trace = before.as_ref().and_then(|before| trace_of(&act, before, &after()));
                    tell(&self.engine, act, trace);
                }
                What::Converted => tell(&self.engine, act, None),
                What::Retract => self.gone.push(act.number),
                What::Show | What::Prefetch => {}
            }
        }
    }
}

/// What a decision saw. Patterns, caps and the surface are told as they stood when the moment came, because deciding changes them; schedule,
/// consent and audience as they were asked, with what the moment itself brought. What each gate answered is the decision's own word.
fn trace_of(act: &Act, before: &Value, after: &Value) -> Option<Value> {
    let of_campaign = |all: &Value| {
        let is_it = |t: &&Value| t.get("campaign").and_then(Value::as_str).map(str::as_bytes) == Some(&*act.campaign);
        all.as_list()?.iter().find(is_it).cloned()
    };
    let (mut trace, after) = (of_campaign(before)?, of_campaign(after)?);
    let name = |gate: &Value| gate.get("gate").and_then(Value::as_str).unwrap_or("").to_string();
    let stopped = match act.what {
        What::Suppressed(gate) => Some(gate.word()),
        _ => None,
    };
    let mut gates = Vec::new();
    let mut open = true;
    for gate in trace.get("gates").and_then(Value::as_list).unwrap_or_default() {
        let asked_now = matches!(&*name(gate), "unknown" | "schedule" | "consent" | "audience");
        let newer =
            after.get("gates").and_then(Value::as_list).unwrap_or_default().iter().find(|g| name(g) == name(gate));
        let mut gate = newer.filter(|_| asked_now).unwrap_or(gate).clone();
        if open {
            open = stopped != Some(&*name(&gate));
            gate.set("pass", open.into());
        }
        gates.push(gate);
    }
    trace.set("gates", Value::List(gates));
    Some(trace)
}
