//! The leaves of triggers: how an event, a page or time changes them, whether they are true, and when time alone will change that.

use crate::condition::{Host, Lookup, holds};
use crate::sequence;
use crate::state::{FIRST, LeafState, Page, SECOND, trail};
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
        let meant = |of: &Occurs| is_meant(of, e.name, program, scope, host);
        match leaf {
            Leaf::Count { of, window, .. }
            | Leaf::Sum { of, window, .. }
            | Leaf::Distinct { of, window, .. }
            | Leaf::Every { of, window, .. } => {
                if e.reaches(*window) && meant(of) {
                    self.occurrence(leaf, e);
                }
            }
            Leaf::Sequence { steps, without, order, same, .. } => {
                let key = if same.is_empty() { Some(0) } else { hash(e.props.path(same)) };
                let mut bits = 0;
                for step in steps.iter().rev() {
                    bits = bits << 1 | u8::from(key.is_some() && meant(step));
                }
                let breaks = without.as_ref().is_some_and(meant);
                if e.at >= e.session_started && (bits != 0 || breaks || *order == Order::Next) {
                    self.insert(e.at, trail(bits, breaks, key.unwrap_or(0)), SEQUENCE_MEMORY);
                }
            }
            Leaf::Absent { after, event, .. } => {
                if meant(event) {
                    self.b = if self.is(SECOND) { self.b.max(e.at.0) } else { e.at.0 };
                    self.put(SECOND, true);
                }
                if meant(after) {
                    self.a = if self.is(FIRST) { self.a.max(e.at.0) } else { e.at.0 };
                    self.put(FIRST, true);
                }
            }
            Leaf::Dwell { .. } => {}
        }
    }

    /// An event that a count, a sum, a number of values or an `every` means.
    fn occurrence(&mut self, leaf: &Leaf, e: Happening) {
        match leaf {
            Leaf::Count { at_least, .. } => self.insert(e.at, 0, usize::from(*at_least)),
            Leaf::Sum { property, .. } => {
                self.insert(e.at, cents(e.props.path(property)), usize::from(COUNT_MAX));
            }
            Leaf::Distinct { property, .. } => {
                if let Some(hash) = hash(e.props.path(property)) {
                    let seen = self.list.iter().position(|(_, h)| *h == hash);
                    let before = seen.map(|i| self.list.remove(i).0);
                    self.insert(before.map_or(e.at, |t| t.max(e.at)), hash, usize::from(COUNT_MAX));
                }
            }
            Leaf::Every { times, .. } => {
                self.a = self.a.wrapping_add(1);
                self.put(FIRST, self.a % i64::from((*times).max(1)) == 0);
            }
            _ => {}
        }
    }

    /// A page begins; `matching` says whether this leaf's pages include it.
    pub fn page_start(&mut self, leaf: &Leaf, matching: bool) {
        if let Leaf::Dwell { reach, .. } = leaf {
            if *reach == Reach::Page {
                *self = LeafState::default();
            }
            self.put(FIRST, matching);
        } else if window_of(leaf) == Some(Window::Page) {
            *self = LeafState::default();
        }
    }

    /// The page ends: a stay that carries on over pages keeps what it has.
    pub fn page_end(&mut self, leaf: &Leaf, m: Moment) {
        if let Leaf::Dwell { .. } = leaf {
            self.a = self.stayed(leaf, m).0;
            self.put(FIRST, false);
        }
    }

    /// A session begins: what counts by session starts afresh. The page that is open stays open, its time so far belongs to before.
    pub fn session_start(&mut self, leaf: &Leaf, m: Moment) {
        match leaf {
            Leaf::Dwell { reach: Reach::Session, .. } => {
                let matching = self.is(FIRST);
                *self = LeafState::default();
                self.begin_now(leaf, matching, m);
            }
            Leaf::Sequence { .. } => *self = LeafState::default(),
            _ if window_of(leaf) == Some(Window::Session) => *self = LeafState::default(),
            _ => {}
        }
    }

    /// Begin to count on a page that is open already: what was before does not count.
    pub fn begin_now(&mut self, leaf: &Leaf, matching: bool, m: Moment) {
        if let Leaf::Dwell { clock, .. } = leaf {
            self.put(FIRST, matching);
            if matching {
                self.a = -on_page(*clock, m).0;
            }
        }
    }

    /// The match was used up.
    pub fn use_up(&mut self, leaf: &Leaf) {
        self.list.clear();
        match leaf {
            Leaf::Dwell { .. } => self.put(SECOND, true),
            Leaf::Absent { .. } | Leaf::Every { .. } => self.put(FIRST, false),
            _ => {}
        }
    }

    /// The moments in a list that a window holds now.
    fn within(&self, window: Window, now: Timestamp) -> impl DoubleEndedIterator<Item = &(Timestamp, u64)> {
        let after = match window {
            Window::Last(d) => Some(now - d),
            _ => None,
        };
        self.list.iter().filter(move |(t, _)| after.is_none_or(|a| *t > a))
    }

    /// Whether the pattern is true now.
    pub fn truth(&self, leaf: &Leaf, m: Moment) -> bool {
        match leaf {
            Leaf::Count { at_least, window, .. } | Leaf::Distinct { at_least, window, .. } => {
                self.within(*window, m.now).count() >= usize::from(*at_least)
            }
            Leaf::Sum { at_least_cents, window, .. } => sum(self.within(*window, m.now)) >= *at_least_cents,
            Leaf::Every { .. } => self.is(FIRST),
            Leaf::Sequence { steps, within, order, .. } => {
                sequence::is_complete(&self.list, steps.len(), *within, *order)
            }
            Leaf::Dwell { time, reach, .. } => {
                !self.is(SECOND) && (self.is(FIRST) || *reach == Reach::Session) && self.stayed(leaf, m) >= *time
            }
            Leaf::Absent { time, .. } => self.is_pending() && m.now >= Timestamp(self.a) + *time,
        }
    }

    /// For an absence: it has started and nothing has ended it.
    fn is_pending(&self) -> bool {
        self.is(FIRST) && (!self.is(SECOND) || self.b < self.a)
    }

    /// Time stayed so far, for a dwell; zero for other leaves.
    pub fn stayed(&self, leaf: &Leaf, m: Moment) -> Duration {
        match leaf {
            Leaf::Dwell { clock, .. } if self.is(FIRST) => Duration(self.a) + on_page(*clock, m),
            Leaf::Dwell { .. } => Duration(self.a),
            _ => Duration::ZERO,
        }
    }

    /// The next moment at which time alone makes the trigger's formula look different: for a positive leaf when it becomes true, for a
    /// negated one (`negated`) when it becomes false. May already be past; `None` if time alone will not do it.
    pub fn deadline(&self, leaf: &Leaf, negated: bool, m: Moment) -> Option<Timestamp> {
        if self.truth(leaf, m) != negated {
            return None;
        }
        match leaf {
            Leaf::Count { at_least, window: Window::Last(d), .. }
            | Leaf::Distinct { at_least, window: Window::Last(d), .. }
                if negated =>
            {
                // It becomes false when the oldest that is still needed leaves.
                let needed = usize::from(*at_least).checked_sub(1)?;
                self.list.iter().rev().nth(needed).map(|(t, _)| *t + *d)
            }
            Leaf::Sum { at_least_cents, window: Window::Last(d), .. } if negated => {
                let mut left = sum(self.within(Window::Last(*d), m.now));
                self.within(Window::Last(*d), m.now).find_map(|(t, cents)| {
                    left = left.saturating_sub(*cents);
                    (left < *at_least_cents).then(|| *t + *d)
                })
            }
            Leaf::Dwell { time, clock, .. } if !negated && self.is(FIRST) && !self.is(SECOND) => {
                let page = m.page?;
                match clock {
                    Clock::Wall => Some(page.started + (*time - Duration(self.a))),
                    Clock::Active => {
                        let due = page.active_since? + (*time - Duration(self.a) - page.active);
                        (due <= page.active_until).then_some(due)
                    }
                }
            }
            Leaf::Absent { time, .. } if !negated && self.is_pending() => Some(Timestamp(self.a) + *time),
            _ => None,
        }
    }
}

fn sum<'a>(list: impl Iterator<Item = &'a (Timestamp, u64)>) -> u64 {
    list.fold(0u64, |sum, (_, cents)| sum.saturating_add(*cents))
}

/// The window of a leaf that has one.
fn window_of(leaf: &Leaf) -> Option<Window> {
    match leaf {
        Leaf::Count { window, .. }
        | Leaf::Sum { window, .. }
        | Leaf::Distinct { window, .. }
        | Leaf::Every { window, .. } => Some(*window),
        _ => None,
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
