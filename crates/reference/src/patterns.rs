//! Whether a trigger is true at a moment, from the whole log, and the moments at which time could make it so.

use crate::history::{History, Stay, Taken};
use noren_engine::attributes::Scope;
use noren_engine::condition::{Host, holds};
use noren_event::{Duration, Timestamp, names};
use noren_program::{Clock, Cond, Reach, Window};
use noren_rule::ast::{Occurs, Trigger};

/// What used a match up: an entry of the log, which itself still counts (a cancel) or not (an opening).
#[derive(Clone, Copy, Debug)]
pub struct UsedUp {
    pub entry: usize,
    pub entry_counts: bool,
}

/// The view of one campaign at a moment.
pub struct View<'a> {
    pub history: &'a History,
    pub now: Timestamp,
    pub used_up: Option<UsedUp>,
    pub host: &'a dyn Host,
}

impl View<'_> {
    /// The trigger's truth. `negated` says whether it stands under a `not`, where nothing is used up.
    pub fn truth(&self, trigger: &Trigger, negated: bool) -> bool {
        match trigger {
            Trigger::All(list) => list.iter().all(|t| self.truth(t, negated)),
            Trigger::Any(list) => list.iter().any(|t| self.truth(t, negated)),
            Trigger::Not(inner) => !self.truth(inner, !negated),
            Trigger::Count { of, at_least, window } => {
                self.occurrences(of, *window, negated).count() >= usize::from(*at_least)
            }
            Trigger::Absent { after, event, time } => {
                let start = self.meant(after, negated).map(|e| e.at).max();
                let end = self.meant(event, true).map(|e| e.at).max();
                start.is_some_and(|s| end.is_none_or(|e| e < s) && self.now >= s + *time)
            }
            Trigger::Dwell { page, time, clock, reach } => match reach {
                Reach::Page => self.history.open_page().is_some_and(|stay| {
                    self.is_match(page.as_ref(), stay)
                        && (negated || !self.used_since(stay.entry))
                        && self.on_page(stay, *clock, self.now) >= *time
                }),
                Reach::Session => {
                    let session = self.history.session_entry();
                    let used = !negated && self.used_since(session.unwrap_or(0));
                    !used && self.in_session(page.as_ref(), *clock) >= *time
                }
            },
        }
    }

    /// Moments after `now` at which time alone could change the truth; too many do no harm.
    pub fn moments(&self, trigger: &Trigger, out: &mut Vec<Timestamp>) {
        match trigger {
            Trigger::All(list) | Trigger::Any(list) => {
                for inner in list {
                    self.moments(inner, out);
                }
            }
            Trigger::Not(inner) => self.moments(inner, out),
            Trigger::Count { window: Window::Last(d), .. } => {
                out.extend(self.history.events().map(|(_, e)| e.at + *d));
            }
            Trigger::Count { .. } => {}
            Trigger::Absent { time, .. } => out.extend(self.history.events().map(|(_, e)| e.at + *time)),
            Trigger::Dwell { page, time, clock, reach } => {
                let Some(stay) = self.history.open_page().filter(|s| self.is_match(page.as_ref(), *s)) else { return };
                let so_far = match reach {
                    Reach::Page => self.on_page(stay, *clock, self.now),
                    Reach::Session => self.in_session(page.as_ref(), *clock),
                };
                out.push(self.now + (*time - so_far));
            }
        }
    }

    fn counts_from(&self, negated: bool) -> usize {
        match self.used_up {
            Some(u) if !negated => u.entry + usize::from(!u.entry_counts),
            _ => 0,
        }
    }

    fn used_since(&self, entry: usize) -> bool {
        self.used_up.is_some_and(|u| u.entry >= entry)
    }

    fn meant<'s>(&'s self, of: &'s Occurs, negated: bool) -> impl Iterator<Item = &'s Taken> {
        let from = self.counts_from(negated);
        self.history.events().filter(move |(i, e)| *i >= from && self.is_meant(of, *i, e)).map(|(_, e)| e)
    }

    fn is_meant(&self, of: &Occurs, entry: usize, e: &Taken) -> bool {
        let scope =
            self.history.entries.get(entry).map(|entry| Scope { attributes: &entry.attributes, event: Some(&e.props) });
        *of.event == *e.name && scope.is_some_and(|scope| of.cond.as_ref().is_none_or(|c| holds(c, &scope, self.host)))
    }

    fn occurrences<'s>(&'s self, of: &'s Occurs, window: Window, negated: bool) -> impl Iterator<Item = &'s Taken> {
        let used = self.counts_from(negated);
        let from = match window {
            Window::Page => self.history.stays().last().map_or(0, |s| s.entry),
            Window::Session => self.history.session_entry().unwrap_or(0),
            Window::Visitor | Window::Last(_) => 0,
        };
        let session_started = self.history.session_started();
        self.history
            .events()
            .filter(move |(i, e)| {
                *i >= used.max(from)
                    && self.is_meant(of, *i, e)
                    && match window {
                        Window::Page => e.here,
                        Window::Session => e.at >= session_started,
                        Window::Visitor => true,
                        Window::Last(d) => e.at > self.now - d,
                    }
            })
            .map(|(_, e)| e)
    }

    /// Judged when the page began.
    fn is_match(&self, page: Option<&Cond>, stay: Stay) -> bool {
        let Some(entry) = self.history.entries.get(stay.entry) else { return false };
        page.is_none_or(|c| holds(c, &Scope { attributes: &entry.attributes, event: None }, self.host))
    }

    fn on_page(&self, stay: Stay, clock: Clock, until: Timestamp) -> Duration {
        let end = stay.ended.unwrap_or(until).min(until);
        match clock {
            Clock::Wall => end - stay.started,
            Clock::Active => {
                let stretches = self.history.attention(stay, until);
                stretches.iter().fold(Duration::ZERO, |sum, (from, to)| sum + (*to - *from))
            }
        }
    }

    /// Time on matching pages since the session began; the part of a page before that does not count.
    fn in_session(&self, page: Option<&Cond>, clock: Clock) -> Duration {
        let Some(session) = self.history.session_entry() else { return Duration::ZERO };
        let Some(began) = self.history.entries.get(session).map(|e| e.now) else { return Duration::ZERO };
        let mut sum = Duration::ZERO;
        for stay in self.history.stays() {
            if !self.is_match(page, stay) {
                continue;
            }
            let before = if stay.entry < session { self.on_page(stay, clock, began) } else { Duration::ZERO };
            sum = sum + (self.on_page(stay, clock, self.now) - before);
        }
        sum
    }
}

/// Whether an event is one that an occurrence means, at the entry it came with.
pub fn is_meant(of: &Occurs, history: &History, entry: usize, host: &dyn Host) -> bool {
    let view = View { history, now: Timestamp::default(), used_up: None, host };
    history.entries.get(entry).and_then(|e| e.event.as_ref()).is_some_and(|e| view.is_meant(of, entry, e))
}

/// Whether a page that has just begun is one on which the trigger could go on.
pub fn fits_page(trigger: &Trigger, history: &History, host: &dyn Host) -> bool {
    let view = View { history, now: Timestamp::default(), used_up: None, host };
    match trigger {
        Trigger::All(list) => list.iter().all(|t| fits_page(t, history, host)),
        Trigger::Any(list) => list.iter().any(|t| fits_page(t, history, host)),
        Trigger::Dwell { page, .. } => history.open_page().is_none_or(|stay| view.is_match(page.as_ref(), stay)),
        _ => true,
    }
}

/// Whether an event's name begins a page.
pub fn begins_page(e: &Taken) -> bool {
    e.here && &*e.name == names::PAGE_VIEW
}
