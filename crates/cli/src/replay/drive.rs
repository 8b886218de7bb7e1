//! One visitor's inputs to decisions.
//!
//! Nobody looks at the screen of a replay, so a widget that is asked to leave is gone at once: the news of it comes after everything else
//! that happened at that moment. Both evaluators get it at the same place.

use super::host::Native;
use super::lines::Visitor;
use noren_engine::{Decision, Effect, Engine, Input, WidgetNews};
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
        if let Some((last, _)) = log.last()
            && !self.open_end
            && page_is_open(&log)
        {
            log.push((*last, Input::PageEnd));
        }
        let name: Rc<str> = visitor.name.into();
        match self.mode {
            Mode::Naive => {
                let decisions = self.naive(log, &visitor.unit);
                out.extend(decisions.into_iter().map(|decision| Made { visitor: name.clone(), decision, trace: None }));
            }
            _ => {
                let mut live = Live::new(self.image, &visitor.unit, self.host, self.mode);
                let mut tell = |news| match news {
                    News::Decision(decision, trace) => out.push(Made { visitor: name.clone(), decision, trace }),
                    News::Converted(_) => {}
                };
                for (at, input) in log {
                    live.take(at, input, &mut tell);
                }
                live.take(self.end, Input::Tick, &mut tell);
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

/// What an engine has to tell.
pub enum News {
    /// A decision, and its trace where traces are asked for.
    Decision(Decision, Option<Value>),
    /// The goal of a campaign was reached, at the moment of the input.
    Converted(Box<str>),
}

/// Who is told.
pub type Tell<'t> = &'t mut dyn FnMut(News);

/// An engine at work on one visitor.
pub struct Live<'h> {
    engine: Engine,
    host: &'h Native,
    mode: Mode,
    /// The moment of the last input.
    now: Option<Timestamp>,
    /// Widgets asked to leave at this moment.
    gone: Vec<Box<str>>,
}

impl<'h> Live<'h> {
    /// A visitor never seen before.
    pub fn new(image: &Image, unit: &str, host: &'h Native, mode: Mode) -> Live<'h> {
        Live { engine: Engine::new(image.clone(), unit), host, mode, now: None, gone: Vec::new() }
    }

    /// When time alone will next change something.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.engine.next_deadline()
    }

    /// Take the next input.
    pub fn take(&mut self, at: Timestamp, input: Input, tell: Tell<'_>) {
        if self.now.is_some_and(|now| at > now) {
            self.answer_retractions(tell);
        }
        // Stopping at each deadline lets a trace see the moment of its decision; the decisions are the same without.
        while self.mode == Mode::Traced
            && let Some(due) = self.engine.next_deadline()
            && due < at
            && self.now.is_some_and(|now| due > now)
        {
            self.step(due, Input::Tick, tell);
        }
        self.step(at, input, tell);
    }

    /// Everything that happened at this moment has been taken.
    pub fn answer_retractions(&mut self, tell: Tell<'_>) {
        let Some(now) = self.now else { return };
        for campaign in core::mem::take(&mut self.gone) {
            self.step(now, Input::Widget(campaign, WidgetNews::Retracted), tell);
        }
    }

    fn step(&mut self, at: Timestamp, input: Input, tell: Tell<'_>) {
        self.now = Some(self.now.map_or(at, |now| now.max(at)));
        let before = (self.mode == Mode::Traced).then(|| self.engine.trace(at, self.host));
        for effect in self.engine.step(at, input, self.host) {
            match effect {
                Effect::Decision(decision) => {
                    let after = || self.engine.trace(decision.at, self.host);
                    let trace = before.as_ref().and_then(|before| trace_of(&decision, before, &after()));
                    tell(News::Decision(decision, trace));
                }
                Effect::Retract { campaign } => self.gone.push(campaign),
                Effect::Converted { campaign } => tell(News::Converted(campaign)),
                Effect::Show { .. } | Effect::Prefetch { .. } => {}
            }
        }
    }
}

/// What a decision saw. Patterns, caps and the surface are told as they stood when the moment came, because deciding changes them; schedule,
/// consent and audience as they were asked, with what the moment itself brought. What each gate answered is the decision's own word.
fn trace_of(decision: &Decision, before: &Value, after: &Value) -> Option<Value> {
    let of_campaign = |all: &Value| {
        let is_it = |t: &&Value| t.get("campaign").and_then(Value::as_str) == Some(&decision.campaign);
        all.as_list()?.iter().find(is_it).cloned()
    };
    let (mut trace, after) = (of_campaign(before)?, of_campaign(after)?);
    let name = |gate: &Value| gate.get("gate").and_then(Value::as_str).unwrap_or("").to_string();
    let stopped = decision.gate.map(|g| g.word());
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
