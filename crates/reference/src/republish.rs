//! A program that changes in the middle of a log.

use crate::decide::{Course, Run, Verdicts, live, paused};
use crate::patterns::stays_unknown;
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
    /// The campaigns that are still there keep what caps count, their variant and their widget; those that are paused keep the first two, and
    /// know them when they come back. Patterns that are still the same keep what they have seen; others begin now.
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
            course.unknown = None;
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
                course.showing = false;
                self.course.retracted.push((self.now, was.id.clone()));
            }
        }
        let of_live = old.iter().map(|c| c.id.clone()).zip(courses);
        let known: Vec<(Box<str>, Course)> = of_live.chain(core::mem::take(&mut self.paused)).collect();
        let course_of = |id: &str| known.iter().find(|(other, _)| **other == *id).map(|(_, course)| course.clone());
        self.paused = paused(campaigns);
        for (id, course) in &mut self.paused {
            *course = course_of(id).unwrap_or_default();
        }
        self.courses = Vec::new();
        for c in &self.campaigns {
            let mut course = course_of(&c.id).unwrap_or_default();
            if !old.iter().any(|was| was.id == c.id) {
                course.begun = begun;
            }
            self.courses.push(course);
        }
        // What begins on a page that is open judges it now.
        if self.history.open_page().is_some() {
            let kept = |c: &Campaign| old.iter().any(|was| was.id == c.id && is_same(c, was));
            self.doubt(|run, c| !kept(c) && stays_unknown(&c.trigger, &run.history, run.host));
        }
    }
}
