//! Whether a trigger is true at a moment, from the whole log, and the moments at which time could make it so.

use crate::attributes::Scope;
use crate::condition::{self, Lookup, holds};
use crate::history::{History, Stay, Taken};
use noren_engine::Host;
use noren_event::{Duration, Timestamp, Value, names};
use noren_program::codec::{COUNT_MAX, SEQUENCE_MEMORY};
use noren_program::{Clock, Cond, Order, Reach, Window};
use noren_rule::ast::{Occurs, Trigger};

/// What used a match up: an entry of the log, which itself still counts (a cancel) or not (an opening).
#[derive(Clone, Copy, Debug)]
pub struct UsedUp {
    pub entry: usize,
    pub entry_counts: bool,
    /// The moment.
    pub at: Timestamp,
}

/// The view of one campaign at a moment.
pub struct View<'a> {
    pub history: &'a History,
    pub now: Timestamp,
    pub used_up: Option<UsedUp>,
    /// The entry at which the campaign's patterns began, where that is not the beginning of the log.
    pub begun: Option<usize>,
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
                let (told, until) = self.told(of, *window, negated);
                let own = self.occurrences(of, *window, negated).filter(|e| until.is_none_or(|until| e.at > until));
                told + own.count() >= usize::from(*at_least)
            }
            Trigger::Sum { of, property, at_least_cents, window } => {
                let latest = self.latest(of, *window, negated, usize::from(COUNT_MAX));
                let sum =
                    latest.iter().map(|e| noren_engine::pattern::cents(e.props.path(property).and_then(Value::as_num)));
                sum.fold(0u64, u64::saturating_add) >= *at_least_cents
            }
            Trigger::Distinct { of, property, at_least, window } => {
                let mut seen: Vec<&Value> = Vec::new();
                for e in self.latest(of, *window, negated, usize::MAX) {
                    let value = e.props.path(property).filter(|v| **v != Value::Null);
                    if let Some(value) = value.filter(|v| !seen.iter().any(|s| s.same(v))) {
                        seen.push(value);
                    }
                }
                seen.len() >= usize::from(*at_least)
            }
            Trigger::Every { of, times, window } => {
                // Everything in the scope counts, used up or not; the latest must be a so-manyth and not used up.
                let all: Vec<usize> = self.places(of, *window, true);
                let hit = all.len().is_multiple_of(usize::from(*times));
                hit && all.last().is_some_and(|last| *last >= self.counts_from(negated))
            }
            Trigger::Sequence { steps, within, without, order, same } => {
                self.has_sequence(steps, *within, without.as_ref(), *order, same, negated)
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
                        && self.on_own_page(stay, *clock) >= *time
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
            Trigger::Sum { window: Window::Last(d), .. } | Trigger::Distinct { window: Window::Last(d), .. } => {
                out.extend(self.history.events().map(|(_, e)| e.at + *d));
            }
            Trigger::Count { .. }
            | Trigger::Sum { .. }
            | Trigger::Distinct { .. }
            | Trigger::Every { .. }
            | Trigger::Sequence { .. } => {}
            Trigger::Absent { time, .. } => out.extend(self.history.events().map(|(_, e)| e.at + *time)),
            Trigger::Dwell { page, time, clock, reach } => {
                let Some(stay) = self.history.open_page().filter(|s| self.is_match(page.as_ref(), *s)) else { return };
                let so_far = match reach {
                    Reach::Page => self.on_own_page(stay, *clock),
                    Reach::Session => self.in_session(page.as_ref(), *clock),
                };
                out.push(self.now + (*time - so_far));
            }
        }
    }

    fn counts_from(&self, negated: bool) -> usize {
        let used = match self.used_up {
            Some(u) if !negated => u.entry + usize::from(!u.entry_counts),
            _ => 0,
        };
        used.max(self.begun.unwrap_or(0))
    }

    /// The entry in a stay at which the campaign's patterns began, if they began after the page did.
    fn begun_within(&self, stay: Stay) -> Option<usize> {
        self.begun.filter(|begun| *begun > stay.entry)
    }

    /// Time on a page that is no part of a count from an entry on.
    fn before(&self, stay: Stay, clock: Clock, from: Option<usize>) -> Duration {
        match from.and_then(|from| self.history.entries.get(from)) {
            Some(entry) => self.on_page(stay, clock, entry.now),
            None => Duration::ZERO,
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

    /// The occurrences in a window, the latest by their own time, at most so many.
    fn latest<'s>(&'s self, of: &'s Occurs, window: Window, negated: bool, most: usize) -> Vec<&'s Taken> {
        let mut list: Vec<&Taken> = self.occurrences(of, window, negated).collect();
        list.sort_by_key(|e| e.at);
        list.split_off(list.len().saturating_sub(most))
    }

    /// The entries of the occurrences in a scope.
    fn places(&self, of: &Occurs, window: Window, negated: bool) -> Vec<usize> {
        let wanted: Vec<*const Taken> = self.occurrences(of, window, negated).map(core::ptr::from_ref).collect();
        self.history.events().filter(|(_, e)| wanted.contains(&core::ptr::from_ref(*e))).map(|(i, _)| i).collect()
    }

    fn has_sequence(
        &self,
        steps: &[Occurs],
        within: Duration,
        without: Option<&Occurs>,
        order: Order,
        same: &str,
        negated: bool,
    ) -> bool {
        let first = self.counts_from(negated).max(self.history.session_entry().unwrap_or(0));
        let session_started = self.history.session_started();
        let in_session = self.history.events().filter(|(i, e)| *i >= first && e.at >= session_started);
        let step_of = |i: usize, e: &Taken, step: &Occurs| {
            self.is_meant(step, i, e) && (same.is_empty() || e.props.path(same).is_some_and(|v| *v != Value::Null))
        };
        let breaks = |i: usize, e: &Taken| without.is_some_and(|w| self.is_meant(w, i, e));
        let mut line: Vec<(usize, &Taken)> = in_session
            .filter(|(i, e)| order == Order::Next || breaks(*i, e) || steps.iter().any(|s| step_of(*i, e, s)))
            .collect();
        line.sort_by_key(|(_, e)| e.at);
        let line = line.split_off(line.len().saturating_sub(SEQUENCE_MEMORY));
        // Every way to choose the steps, from the end of the sequence backwards: which events can complete it from here.
        let matches = |place: usize, step: usize, start: &Taken| -> bool {
            let Some((i, e)) = line.get(place) else { return false };
            steps.get(step).is_some_and(|s| step_of(*i, e, s))
                && e.at - start.at < within
                && (same.is_empty() || start.props.path(same).zip(e.props.path(same)).is_some_and(|(a, b)| a.same(b)))
        };
        (0..line.len()).any(|begin| {
            let Some((_, start)) = line.get(begin).copied() else { return false };
            // Places at which the steps so far can have ended.
            let mut ends: Vec<usize> = if matches(begin, 0, start) { vec![begin] } else { vec![] };
            for step in 1..steps.len() {
                let last = step + 1 == steps.len();
                let mut next = Vec::new();
                for place in begin + 1..line.len() {
                    let reachable =
                        ends.iter().any(|end| *end < place && (order == Order::Eventually || *end + 1 == place));
                    let broken = (begin + 1..place + usize::from(!last))
                        .any(|between| line.get(between).is_some_and(|(i, e)| breaks(*i, e)));
                    if reachable && !broken && matches(place, step, start) {
                        next.push(place);
                    }
                }
                ends = next;
            }
            !ends.is_empty()
        })
    }

    /// How many of all devices' events the edge has counted, by what is known now, and up to which moment this device's are among them.
    fn told(&self, of: &Occurs, window: Window, negated: bool) -> (usize, Option<Timestamp>) {
        let Window::Last(span) = window else { return (0, None) };
        let name = [(7, "d7"), (30, "d30"), (90, "d90")].into_iter().find(|(days, _)| Duration::days(*days) == span);
        let (Some((_, name)), None, Some(entry)) = (name, &of.cond, self.history.entries.last()) else {
            return (0, None);
        };
        let number = |path: &str| {
            let scope = Scope { attributes: &entry.attributes, event: None };
            scope.lookup(path).and_then(Value::as_num).unwrap_or(0.0)
        };
        let until = Timestamp(number("visitor.counted_until") as i64);
        // While it reaches back to what was used up, it includes it.
        let used = self.used_up.map_or(Timestamp(0), |u| if negated { Timestamp(0) } else { u.at });
        let counted = number(&format!("visitor.counts.{}.{name}", of.event)) as u32;
        if used + span > until || counted == 0 { (0, None) } else { (counted as usize, Some(until)) }
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

    /// Judged when the page began, or the patterns.
    fn is_match(&self, page: Option<&Cond>, stay: Stay) -> bool {
        let judged = self.begun_within(stay).unwrap_or(stay.entry);
        let Some(entry) = self.history.entries.get(judged) else { return false };
        page.is_none_or(|c| holds(c, &Scope { attributes: &entry.attributes, event: None }, self.host))
    }

    /// Time on a page since it began, or the patterns.
    fn on_own_page(&self, stay: Stay, clock: Clock) -> Duration {
        self.on_page(stay, clock, self.now) - self.before(stay, clock, self.begun_within(stay))
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

    /// Time on matching pages since the session began, or the patterns; the part of a page before that does not count.
    fn in_session(&self, page: Option<&Cond>, clock: Clock) -> Duration {
        let Some(session) = self.history.session_entry() else { return Duration::ZERO };
        let from = session.max(self.begun.unwrap_or(0));
        let mut sum = Duration::ZERO;
        for stay in self.history.stays() {
            if self.is_match(page, stay) {
                let before = self.before(stay, clock, Some(from).filter(|from| *from > stay.entry));
                sum = sum + (self.on_page(stay, clock, self.now) - before);
            }
        }
        sum
    }
}

/// Whether an event is one that an occurrence means, at the entry it came with.
pub fn is_meant(of: &Occurs, history: &History, entry: usize, host: &dyn Host) -> bool {
    let view = View { history, now: Timestamp::default(), used_up: None, begun: None, host };
    history.entries.get(entry).and_then(|e| e.event.as_ref()).is_some_and(|e| view.is_meant(of, entry, e))
}

/// Whether it cannot be told whether the event of an entry is one that an occurrence means.
pub fn is_unknown(of: &Occurs, history: &History, entry: usize, host: &dyn Host) -> bool {
    let Some((entry, e)) = history.entries.get(entry).and_then(|entry| Some((entry, entry.event.as_ref()?))) else {
        return false;
    };
    let scope = Scope { attributes: &entry.attributes, event: Some(&e.props) };
    *of.event == *e.name && of.cond.as_ref().is_some_and(|c| condition::is_unknown(c, &scope, host))
}

/// Whether it cannot be told of an event that has just come what it is to a trigger.
pub fn hears_unknown(trigger: &Trigger, history: &History, entry: usize, host: &dyn Host) -> bool {
    let unknown = |of: &Occurs| is_unknown(of, history, entry, host);
    match trigger {
        Trigger::All(list) | Trigger::Any(list) => list.iter().any(|t| hears_unknown(t, history, entry, host)),
        Trigger::Not(inner) => hears_unknown(inner, history, entry, host),
        Trigger::Count { of, .. }
        | Trigger::Sum { of, .. }
        | Trigger::Distinct { of, .. }
        | Trigger::Every { of, .. } => unknown(of),
        Trigger::Sequence { steps, without, .. } => steps.iter().chain(without).any(unknown),
        Trigger::Absent { after, event, .. } => unknown(after) || unknown(event),
        Trigger::Dwell { .. } => false,
    }
}

/// Whether it cannot be told of the page that is open whether it is one that a trigger's stays mean, by what is known at the last entry.
pub fn stays_unknown(trigger: &Trigger, history: &History, host: &dyn Host) -> bool {
    match trigger {
        Trigger::All(list) | Trigger::Any(list) => list.iter().any(|t| stays_unknown(t, history, host)),
        Trigger::Not(inner) => stays_unknown(inner, history, host),
        Trigger::Dwell { page: Some(page), .. } => history
            .entries
            .last()
            .is_some_and(|e| condition::is_unknown(page, &Scope { attributes: &e.attributes, event: None }, host)),
        _ => false,
    }
}

/// Whether a page that has just begun is one on which the trigger could go on.
pub fn fits_page(trigger: &Trigger, history: &History, host: &dyn Host) -> bool {
    let view = View { history, now: Timestamp::default(), used_up: None, begun: None, host };
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
