//! The leaves of triggers: how an event, a page or time changes them, whether they are true, and when time alone will change that.

use crate::condition::{Host, Lookup, holds};
use crate::sequence;
use crate::state::{LeafState, Page, Trail, insert_latest};
use noren_event::{Duration, Timestamp, Value, packed};
use noren_program::codec::{COUNT_MAX, SEQUENCE_MEMORY};
use noren_program::{Clock, Leaf, Node, Occurs, Order, Program, Reach, Window};

/// The moment and the page that a leaf is judged in.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// The moment.
    pub now: Timestamp,
    /// The page open in this tab.
    pub page: Option<&'a Page>,
}

/// An event as leaves see it.
#[derive(Clone, Copy)]
pub struct Happening<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its properties.
    pub props: &'a Value,
    /// When, by its own clock; never later than the moment it is taken.
    pub at: Timestamp,
    /// Whether it happened in this tab.
    pub here: bool,
    /// Start of the running session.
    pub session_started: Timestamp,
}

/// Whether an event is one of those meant. `scope` holds the attributes and the event.
pub fn is_meant(of: &Occurs, name: &str, program: &Program, scope: &dyn Lookup, host: &dyn Host) -> bool {
    *of.event == *name && of.cond.is_none_or(|c| holds(program.cond(c), scope, host))
}

impl LeafState {
    /// Take an event in.
    pub fn event(&mut self, leaf: &Leaf, e: Happening, program: &Program, scope: &dyn Lookup, host: &dyn Host) {
        match (self, leaf) {
            (LeafState::Count(times), Leaf::Count { of, at_least, window }) => {
                if e.reaches(*window) && is_meant(of, e.name, program, scope, host) {
                    insert_latest(times, e.at, usize::from(*at_least));
                }
            }
            (LeafState::Sum(list), Leaf::Sum { of, property, window, .. }) => {
                if e.reaches(*window) && is_meant(of, e.name, program, scope, host) {
                    let cents = cents(e.props.path(property));
                    let place = list.partition_point(|(t, _)| *t <= e.at);
                    list.insert(place, (e.at, cents));
                    if list.len() > usize::from(COUNT_MAX) {
                        list.remove(0);
                    }
                }
            }
            (LeafState::Distinct(list), Leaf::Distinct { of, property, window, .. }) => {
                if e.reaches(*window)
                    && is_meant(of, e.name, program, scope, host)
                    && let Some(hash) = hash(e.props.path(property))
                {
                    see(list, hash, e.at);
                }
            }
            (LeafState::Every { count, hit }, Leaf::Every { of, times, window }) => {
                if e.reaches(*window) && is_meant(of, e.name, program, scope, host) {
                    *count = count.wrapping_add(1);
                    *hit = count.is_multiple_of(u32::from(*times).max(1));
                }
            }
            (LeafState::Sequence(trail), Leaf::Sequence { steps, without, order, same, .. }) => {
                if e.at < e.session_started {
                    return;
                }
                let key = if same.is_empty() { Some(0) } else { hash(e.props.path(same)) };
                let mut bits = 0;
                if key.is_some() {
                    for (i, step) in steps.iter().enumerate() {
                        if is_meant(step, e.name, program, scope, host) {
                            bits |= 1u8.checked_shl(i as u32).unwrap_or(0);
                        }
                    }
                }
                let breaks = without.as_ref().is_some_and(|w| is_meant(w, e.name, program, scope, host));
                if bits == 0 && !breaks && *order == Order::Eventually {
                    return;
                }
                let place = trail.partition_point(|t| t.at <= e.at);
                trail.insert(place, Trail { at: e.at, steps: bits, breaks, same: key.unwrap_or(0) });
                if trail.len() > SEQUENCE_MEMORY {
                    trail.remove(0);
                }
            }
            (LeafState::Absent { after, event }, Leaf::Absent { after: starts, event: ends, .. }) => {
                if is_meant(ends, e.name, program, scope, host) {
                    *event = (*event).max(Some(e.at));
                }
                if is_meant(starts, e.name, program, scope, host) {
                    *after = (*after).max(Some(e.at));
                }
            }
            _ => {}
        }
    }

    /// A page begins; `matching` says whether this leaf's pages include it.
    pub fn page_start(&mut self, leaf: &Leaf, matching: bool) {
        match (self, leaf) {
            (LeafState::Count(times), Leaf::Count { window: Window::Page, .. }) => times.clear(),
            (LeafState::Sum(list), Leaf::Sum { window: Window::Page, .. }) => list.clear(),
            (LeafState::Distinct(list), Leaf::Distinct { window: Window::Page, .. }) => list.clear(),
            (LeafState::Every { count, hit }, Leaf::Every { window: Window::Page, .. }) => {
                (*count, *hit) = (0, false);
            }
            (LeafState::Dwell { matches, used, base }, Leaf::Dwell { reach, .. }) => {
                *matches = matching;
                if *reach == Reach::Page {
                    *used = false;
                    *base = Duration::ZERO;
                }
            }
            _ => {}
        }
    }

    /// The page ends: a stay that carries on over pages keeps what it has.
    pub fn page_end(&mut self, leaf: &Leaf, m: Moment) {
        if let (LeafState::Dwell { matches, base, .. }, Leaf::Dwell { clock, .. }) = (self, leaf) {
            if *matches {
                *base = *base + on_page(*clock, m);
            }
            *matches = false;
        }
    }

    /// A session begins: what counts by session starts afresh. The page that is open stays open, its time so far belongs to before.
    pub fn session_start(&mut self, leaf: &Leaf, m: Moment) {
        match (self, leaf) {
            (LeafState::Count(times), Leaf::Count { window: Window::Session, .. }) => times.clear(),
            (LeafState::Sum(list), Leaf::Sum { window: Window::Session, .. }) => list.clear(),
            (LeafState::Distinct(list), Leaf::Distinct { window: Window::Session, .. }) => list.clear(),
            (LeafState::Every { count, hit }, Leaf::Every { window: Window::Session, .. }) => {
                (*count, *hit) = (0, false);
            }
            (LeafState::Sequence(trail), _) => trail.clear(),
            (LeafState::Dwell { matches, used, base }, Leaf::Dwell { clock, reach: Reach::Session, .. }) => {
                *used = false;
                *base = if *matches { Duration::ZERO - on_page(*clock, m) } else { Duration::ZERO };
            }
            _ => {}
        }
    }

    /// The campaign is new while a page is open: what was before does not count.
    pub fn begin_now(&mut self, leaf: &Leaf, matching: bool, m: Moment) {
        if let (LeafState::Dwell { matches, base, .. }, Leaf::Dwell { clock, .. }) = (self, leaf) {
            *matches = matching;
            if matching {
                *base = Duration::ZERO - on_page(*clock, m);
            }
        }
    }

    /// The match was used up.
    pub fn use_up(&mut self) {
        match self {
            LeafState::Count(times) => times.clear(),
            LeafState::Dwell { used, .. } => *used = true,
            LeafState::Absent { after, .. } => *after = None,
            LeafState::Sum(list) => list.clear(),
            LeafState::Distinct(list) => list.clear(),
            LeafState::Every { hit, .. } => *hit = false,
            LeafState::Sequence(trail) => trail.clear(),
        }
    }

    /// Whether the pattern is true now.
    pub fn truth(&self, leaf: &Leaf, m: Moment) -> bool {
        match (self, leaf) {
            (LeafState::Count(times), Leaf::Count { at_least, window, .. }) => {
                let Some(oldest) = times.first() else { return false };
                times.len() >= usize::from(*at_least)
                    && match window {
                        Window::Last(d) => *oldest > m.now - *d,
                        _ => true,
                    }
            }
            (LeafState::Dwell { matches, used, .. }, Leaf::Dwell { time, reach, .. }) => {
                !used && (*matches || *reach == Reach::Session) && self.stayed(leaf, m) >= *time
            }
            (LeafState::Absent { after: Some(after), event }, Leaf::Absent { time, .. }) => {
                event.is_none_or(|e| e < *after) && m.now >= *after + *time
            }
            (LeafState::Sum(list), Leaf::Sum { at_least_cents, window, .. }) => {
                let counted = list.iter().filter(|(t, _)| is_within(*t, *window, m.now));
                counted.fold(0u64, |sum, (_, cents)| sum.saturating_add(*cents)) >= *at_least_cents
            }
            (LeafState::Distinct(list), Leaf::Distinct { at_least, window, .. }) => {
                list.iter().filter(|(_, t)| is_within(*t, *window, m.now)).count() >= usize::from(*at_least)
            }
            (LeafState::Every { hit, .. }, _) => *hit,
            (LeafState::Sequence(trail), Leaf::Sequence { steps, within, order, .. }) => {
                sequence::is_complete(trail, steps.len(), *within, *order)
            }
            _ => false,
        }
    }

    /// Time stayed so far, for a dwell; zero for other leaves.
    pub fn stayed(&self, leaf: &Leaf, m: Moment) -> Duration {
        match (self, leaf) {
            (LeafState::Dwell { matches, base, .. }, Leaf::Dwell { clock, .. }) => {
                if *matches {
                    *base + on_page(*clock, m)
                } else {
                    *base
                }
            }
            _ => Duration::ZERO,
        }
    }

    /// The next moment at which time alone makes the trigger's formula look different: for a positive leaf when it becomes true, for a
    /// negated one (`negated`) when it becomes false. May already be past; `None` if time alone will not do it.
    pub fn deadline(&self, leaf: &Leaf, negated: bool, m: Moment) -> Option<Timestamp> {
        match (self, leaf) {
            (LeafState::Count(times), Leaf::Count { window: Window::Last(d), .. }) if negated => {
                if self.truth(leaf, m) { times.first().map(|t| *t + *d) } else { None }
            }
            (LeafState::Sum(list), Leaf::Sum { at_least_cents, window: Window::Last(d), .. }) if negated => {
                let mut left =
                    list.iter().filter(|(t, _)| *t > m.now - *d).fold(0u64, |s, (_, c)| s.saturating_add(*c));
                if left < *at_least_cents {
                    return None;
                }
                let mut counted = list.iter().filter(|(t, _)| *t > m.now - *d);
                counted.find_map(|(t, cents)| {
                    left = left.saturating_sub(*cents);
                    (left < *at_least_cents).then(|| *t + *d)
                })
            }
            (LeafState::Distinct(list), Leaf::Distinct { at_least, window: Window::Last(d), .. }) if negated => {
                let mut times: Vec<Timestamp> = list.iter().map(|(_, t)| *t).filter(|t| *t > m.now - *d).collect();
                times.sort_unstable();
                // The count falls below when the oldest that is still needed leaves.
                let spare = times.len().checked_sub(usize::from(*at_least))?;
                times.get(spare).map(|t| *t + *d)
            }
            (LeafState::Dwell { matches: true, used: false, base }, Leaf::Dwell { time, clock, .. }) if !negated => {
                if self.truth(leaf, m) {
                    return None;
                }
                let page = m.page?;
                match clock {
                    Clock::Wall => Some(page.started + (*time - *base)),
                    Clock::Active => {
                        let due = page.active_since? + (*time - *base - page.active);
                        (due <= page.active_until).then_some(due)
                    }
                }
            }
            (LeafState::Absent { after: Some(after), event }, Leaf::Absent { time, .. }) if !negated => {
                let pending = event.is_none_or(|e| e < *after) && !self.truth(leaf, m);
                pending.then(|| *after + *time)
            }
            _ => None,
        }
    }
}

impl Happening<'_> {
    /// Whether it counts for a window at all; a sliding window is looked at when it is asked.
    fn reaches(&self, window: Window) -> bool {
        match window {
            Window::Page => self.here,
            Window::Session => self.at >= self.session_started,
            Window::Visitor | Window::Last(_) => true,
        }
    }
}

fn is_within(t: Timestamp, window: Window, now: Timestamp) -> bool {
    match window {
        Window::Last(d) => t > now - d,
        _ => true,
    }
}

/// An amount in hundredths; what is no positive, finite number is nothing. 2^53 hundredths (90 million million) is as far as a double
/// counts them.
pub fn cents(value: Option<&Value>) -> u64 {
    match value.and_then(Value::as_num) {
        Some(n) if n > 0.0 && n < 9e13 => (n * 100.0 + 0.5) as u64,
        _ => 0,
    }
}

/// A value's hash: FNV-1a, 64 bits, over its packed bytes. Among the hundred a leaf keeps, two different values share one with a
/// probability of 3 in 10^16. Missing and null have none.
fn hash(value: Option<&Value>) -> Option<u64> {
    let value = value.filter(|v| **v != Value::Null)?;
    let mut h = 0xcbf2_9ce4_8422_2325u64;
    for b in packed::encode(value) {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    Some(h)
}

/// A value was seen; only the latest [`COUNT_MAX`] are kept.
fn see(list: &mut Vec<(u64, Timestamp)>, hash: u64, at: Timestamp) {
    match list.iter_mut().find(|(h, _)| *h == hash) {
        Some((_, t)) => *t = (*t).max(at),
        None => list.push((hash, at)),
    }
    list.sort_by_key(|(_, t)| *t);
    if list.len() > usize::from(COUNT_MAX) {
        list.remove(0);
    }
}

fn on_page(clock: Clock, m: Moment) -> Duration {
    match (m.page, clock) {
        (Some(page), Clock::Wall) => page.wall(m.now),
        (Some(page), Clock::Active) => page.active(m.now),
        (None, _) => Duration::ZERO,
    }
}

/// The value of a trigger's shape, given the value of each leaf.
pub fn formula(node: &Node, leaf: &dyn Fn(u16) -> bool) -> bool {
    match node {
        Node::Leaf(i) => leaf(*i),
        Node::All(list) => list.iter().all(|n| formula(n, leaf)),
        Node::Any(list) => list.iter().any(|n| formula(n, leaf)),
        Node::Not(inner) => !formula(inner, leaf),
    }
}

/// Marks the leaves that stand under a `not`.
pub fn mark_negated(node: &Node, negated: bool, marks: &mut [bool]) {
    match node {
        Node::Leaf(i) => {
            if let Some(mark) = marks.get_mut(usize::from(*i)) {
                *mark = negated;
            }
        }
        Node::All(list) | Node::Any(list) => {
            for inner in list {
                mark_negated(inner, negated, marks);
            }
        }
        Node::Not(inner) => mark_negated(inner, !negated, marks),
    }
}

/// Whether a page is one on which the trigger could go on: every dwell leaf takes its match for the page as value, everything else is
/// taken as possible.
pub fn fits_page(node: &Node, matches: &dyn Fn(u16) -> bool) -> bool {
    match node {
        Node::Leaf(i) => matches(*i),
        Node::All(list) => list.iter().all(|n| fits_page(n, matches)),
        Node::Any(list) => list.iter().any(|n| fits_page(n, matches)),
        Node::Not(_) => true,
    }
}
