//! A failing case, made small: less of everything while it still fails.

use super::case::Case;
use noren_event::Duration;
use noren_program::{Caps, Surface};
use noren_reference::Entry;
use noren_rule::ast::{Campaign, Occurs, Status, Trigger};

/// Runs spent on one case at most.
const TRIES: usize = 6_000;

/// The smallest case found that still has a problem.
pub fn shrink(case: Case) -> Case {
    let mut shrinking = Shrinking { best: case, tries: 0 };
    loop {
        let before = shrinking.tries;
        let was = format!("{:?}", shrinking.best);
        shrinking.options();
        shrinking.log();
        shrinking.campaigns();
        if format!("{:?}", shrinking.best) == was || shrinking.tries >= TRIES || shrinking.tries == before {
            return shrinking.best;
        }
    }
}

struct Shrinking {
    best: Case,
    tries: usize,
}

impl Shrinking {
    fn attempt(&mut self, change: impl FnOnce(&mut Case)) -> bool {
        if self.tries >= TRIES {
            return false;
        }
        self.tries += 1;
        let mut next = self.best.clone();
        change(&mut next);
        let fails = next.problem().is_some();
        if fails {
            self.best = next;
        }
        fails
    }

    fn options(&mut self) {
        if self.best.restore_every > 0 {
            self.attempt(|c| c.restore_every = 0);
        }
        if self.best.is_told_the_time {
            self.attempt(|c| c.is_told_the_time = false);
        }
        if let Some((last, _)) = self.best.log.last().cloned()
            && last < self.best.end
        {
            self.attempt(|c| c.end = last);
        }
        if self.best.programs.len() > 1 {
            self.attempt(|c| {
                c.programs.truncate(1);
                c.log.retain(|(_, e)| matches!(e, Entry::Input(_)));
            });
        }
    }

    fn log(&mut self) {
        let mut size = self.best.log.len() / 2;
        while size > 0 {
            let mut at = 0;
            while at < self.best.log.len() {
                let cut = at..(at + size).min(self.best.log.len());
                if !self.attempt(|c| drop(c.log.drain(cut))) {
                    at += size;
                }
            }
            size /= 2;
        }
    }

    fn campaigns(&mut self) {
        let mut ids: Vec<Box<str>> = self.best.programs.iter().flatten().map(|c| c.id.clone()).collect();
        ids.sort();
        ids.dedup();
        for id in ids {
            let other = |c: &Campaign| c.id != id;
            if self.attempt(|c| c.programs.iter_mut().for_each(|p| p.retain(other))) {
                continue;
            }
            let simpler: [fn(&mut Campaign); 12] = [
                |c| c.status = Status::Live,
                |c| c.audience = None,
                |c| c.cancel = Vec::new(),
                |c| c.delay = Duration::ZERO,
                |c| c.wait = Duration::ZERO,
                |c| c.consent = "".into(),
                |c| c.control_bps = 0,
                |c| c.caps = Caps::default(),
                |c| c.goal = None,
                |c| c.priority = 500,
                |c| {
                    if c.surface == Surface::None {
                        c.surface = Surface::Bottom;
                    }
                },
                |c| {
                    c.variants.truncate(1);
                    c.variants.iter_mut().for_each(|v| v.weight_bps = 10_000);
                },
            ];
            for simplify in simpler {
                self.simplify(&id, simplify);
            }
            // Parts of the trigger, until none of them can go.
            while (0..40).any(|part| {
                self.simplify(&id, |c| {
                    let mut left = part;
                    less(&mut c.trigger, &mut left);
                })
            }) {}
        }
    }

    /// In every program alike. What changes nothing is no step.
    fn simplify(&mut self, id: &str, change: impl Fn(&mut Campaign)) -> bool {
        let mut programs = self.best.programs.clone();
        programs.iter_mut().flatten().filter(|c| *c.id == *id).for_each(change);
        programs != self.best.programs && self.attempt(|c| c.programs = programs)
    }
}

/// Make the so-manyth place of a trigger less: a combination loses a part or becomes its only one, an occurrence its condition.
fn less(trigger: &mut Trigger, left: &mut usize) {
    let here = |left: &mut usize| match *left {
        0 => {
            *left = usize::MAX;
            true
        }
        usize::MAX => false,
        _ => {
            *left -= 1;
            false
        }
    };
    let bare = |of: &mut Occurs, left: &mut usize| {
        if of.cond.is_some() && here(left) {
            of.cond = None;
        }
    };
    match trigger {
        Trigger::All(list) | Trigger::Any(list) => {
            if let [only] = &**list
                && !matches!(only, Trigger::Not(_))
                && here(left)
            {
                *trigger = only.clone();
                return;
            }
            let mut place = 0;
            while place < list.len() {
                let anchors = list.iter().filter(|t| !matches!(t, Trigger::Not(_))).count();
                let goes = list.len() > 1 && (anchors > 1 || matches!(list.get(place), Some(Trigger::Not(_))));
                if goes && here(left) {
                    list.remove(place);
                    return;
                }
                if let Some(inner) = list.get_mut(place) {
                    less(inner, left);
                }
                place += 1;
            }
        }
        Trigger::Not(inner) => less(inner, left),
        Trigger::Count { of, at_least, .. } => {
            bare(of, left);
            if *at_least > 1 && here(left) {
                *at_least -= 1;
            }
        }
        Trigger::Sum { of, .. } | Trigger::Distinct { of, .. } | Trigger::Every { of, .. } => bare(of, left),
        Trigger::Sequence { steps, without, same, .. } => {
            if steps.len() > 2 && here(left) {
                steps.pop();
                return;
            }
            if without.is_some() && here(left) {
                *without = None;
            }
            if !same.is_empty() && here(left) {
                *same = "".into();
            }
            steps.iter_mut().for_each(|s| bare(s, left));
        }
        Trigger::Absent { after, event, .. } => {
            bare(after, left);
            bare(event, left);
        }
        Trigger::Dwell { page, .. } => {
            if page.is_some() && here(left) {
                *page = None;
            }
        }
    }
}
