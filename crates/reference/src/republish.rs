//! A program that changes in the middle of a log.

use crate::decide::{Course, Run, Verdicts, live};
use noren_engine::Host;
use noren_engine::effect::{Decision, Gate, Outcome};
use noren_engine::input::Input;
use noren_event::Timestamp;
use noren_program::Program;
use noren_rule::ast::Campaign;

/// An entry of a log in which programs change.
#[derive(Clone, Debug)]
pub enum Entry {
    /// What the engine is told.
    Input(Input),
    /// From now on it decides by the program of this number.
    Program(usize),
}

/// As [`crate::decide`], for a log in which programs change; each is what `noren_rule::compile` made of its campaigns, and the log begins under
/// the first. A change is a moment like any other: what is due by then comes before it. A number that is no program's changes nothing.
pub fn decide_through(
    programs: &[(Vec<Campaign>, Program)],
    unit: &str,
    log: &[(Timestamp, Entry)],
    end: Timestamp,
    host: &dyn Host,
) -> Verdicts {
    let Some((campaigns, program)) = programs.first() else { return Verdicts::default() };
    let mut run = Run::new(campaigns, program, unit, host);
    for (now, entry) in log {
        match entry {
            Entry::Input(input) => run.enter(*now, input),
            Entry::Program(number) => {
                run.enter(*now, &Input::Tick);
                if let Some((campaigns, program)) = programs.get(*number) {
                    run.republish(campaigns, program);
                }
            }
        }
    }
    run.end(end)
}

impl<'a> Run<'a> {
    /// The campaigns that are still there keep what caps count, their variant and their widget. Patterns that are still the same keep what
    /// they have seen; others begin now.
    fn republish(&mut self, campaigns: &'a [Campaign], program: &'a Program) {
        self.program = program;
        let begun = self.history.entries.len().checked_sub(1);
        let old = core::mem::replace(&mut self.campaigns, live(campaigns));
        let mut courses = core::mem::take(&mut self.courses);
        let is_same = |a: &Campaign, b: &Campaign| a.trigger == b.trigger && a.cancel == b.cancel;
        for (was, course) in old.iter().zip(&mut courses) {
            let now_is = self.campaigns.iter().find(|c| c.id == was.id);
            if now_is.is_some_and(|c| is_same(c, was)) {
                continue;
            }
            course.used_up = None;
            course.begun = begun;
            course.holds.clear();
            if course.armed.take().is_some() {
                self.course.decisions.push(Decision {
                    at: self.now,
                    campaign: was.id.clone(),
                    variant: "".into(),
                    outcome: Outcome::Suppressed,
                    gate: Some(Gate::Republished),
                    phase: self.phase(&was.id),
                });
            }
            if now_is.is_none() && course.showing {
                self.course.retracted.push((self.now, was.id.clone()));
            }
        }
        self.courses = self
            .campaigns
            .iter()
            .map(|c| match old.iter().position(|was| was.id == c.id) {
                Some(place) => courses.get(place).cloned().unwrap_or_default(),
                None => Course::begun_at(begun),
            })
            .collect();
    }
}
