//! The leaves of triggers: how an event, a page or time changes them, whether they are true, and when time alone will change that.

use crate::condition::{Host, Lookup, holds};
use crate::state::{LeafState, Page, insert_latest};
use noren_event::{Duration, Timestamp};
use noren_program::{Clock, Leaf, Node, Occurs, Program, Reach, Window};

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
                let in_reach = match window {
                    Window::Page => e.here,
                    Window::Session => e.at >= e.session_started,
                    Window::Visitor | Window::Last(_) => true,
                };
                if in_reach && is_meant(of, e.name, program, scope, host) {
                    insert_latest(times, e.at, usize::from(*at_least));
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
