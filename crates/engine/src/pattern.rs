//! The leaves of triggers: how an event, a page or time changes them, whether they are true, and when time alone will change that.

use crate::attributes::Attributes;
use crate::condition::Judge;
use crate::deadlines::NEVER;
use crate::sequence;
use crate::state::{FIRST, LeafState, Moment, NONE, SECOND, insert, trail};
use noren_event::packed::{self, Item, Reader, view};
use noren_event::{Duration, Timestamp};
use noren_program::codec::{COUNT_MAX, NESTING_MAX, SEQUENCE_MEMORY, kind, window};
use noren_program::image::{LeafView, OccursView, WindowView};

/// An event as leaves see it.
#[derive(Clone, Copy)]
pub struct Happening<'a> {
    /// The number of its name's text.
    pub name: u32,
    /// Its properties.
    pub props: &'a [u8],
    /// When, by its own clock; never later than the moment it is taken.
    pub at: Timestamp,
    /// Whether it happened in this tab.
    pub here: bool,
    /// Start of the running session.
    pub session_started: Timestamp,
}

/// Whether an event is one of those meant.
pub fn is_meant(of: OccursView, name: u32, judge: &Judge) -> bool {
    of.event == name && judge.holds(of.cond)
}

/// What can happen to all leaves of a campaign at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafNews {
    /// The match was used up; leaves under a `not` are not.
    UsedUp,
    /// A page begins.
    Page,
    /// The page ends: a stay that carries on over pages keeps what it has.
    PageEnd,
    /// A session begins: what counts by session starts afresh. The page that is open stays open, its time so far belongs to before.
    Session,
    /// The leaf is new, the page may be open already.
    Begin,
    /// The leaf is as a snapshot has it.
    Restored,
}

/// Whether a leaf's pages include the one that is open; leaves that do not look at pages go everywhere.
pub fn page_matches(leaf: &LeafView, judge: &Judge) -> bool {
    leaf.kind != kind::DWELL || judge.holds(OccursView::read(&mut leaf.events.clone()).cond)
}

impl LeafState {
    /// Take an event in. Whether it meant something to the leaf.
    pub fn event(&mut self, leaf: &LeafView, e: Happening, judge: &Judge) -> bool {
        let mut events = leaf.events.clone();
        let mut meant = || is_meant(OccursView::read(&mut events), e.name, judge);
        match leaf.kind {
            kind::SEQUENCE => {
                let key = if leaf.property.is_empty() { Some(0) } else { hash_of(e.props, leaf.property) };
                let mut bits = 0;
                for step in 0..leaf.number.min(8) {
                    bits |= u8::from(meant() && key.is_some()) << step;
                }
                let breaks = leaf.flags & kind::WITHOUT != 0 && meant();
                let counts = e.at >= e.session_started && (bits != 0 || breaks || leaf.flags & kind::NEXT != 0);
                if counts {
                    insert(&mut self.list, e.at, trail(bits, breaks, key.unwrap_or(0)), SEQUENCE_MEMORY);
                }
                counts
            }
            kind::ABSENT => {
                let (starts, ends) = (meant(), meant());
                if ends {
                    self.b = if self.is(SECOND) { self.b.max(e.at.0) } else { e.at.0 };
                    self.put(SECOND, true);
                }
                if starts {
                    self.a = if self.is(FIRST) { self.a.max(e.at.0) } else { e.at.0 };
                    self.put(FIRST, true);
                }
                starts || ends
            }
            kind::DWELL => false,
            _ => {
                let counts = meant() && e.reaches(leaf.window);
                if counts {
                    self.occurrence(leaf, e);
                }
                counts
            }
        }
    }

    /// An event that a count, a sum, a number of values or an `every` means.
    fn occurrence(&mut self, leaf: &LeafView, e: Happening) {
        let most = usize::from(COUNT_MAX);
        match leaf.kind {
            kind::COUNT => insert(&mut self.list, e.at, 0, (leaf.number as usize).min(most)),
            kind::SUM => {
                let n = packed::path(e.props, leaf.property).and_then(packed::number);
                insert(&mut self.list, e.at, cents(n), most);
            }
            kind::DISTINCT => {
                let Some(hash) = hash_of(e.props, leaf.property) else { return };
                let mut at = e.at;
                if let Some(i) = self.list.iter().position(|(_, h)| *h == hash) {
                    at = at.max(self.list.remove(i).0);
                }
                insert(&mut self.list, at, hash, most);
            }
            kind::EVERY => {
                self.a = self.a.wrapping_add(1);
                self.put(FIRST, (self.a as u64).is_multiple_of(leaf.number.max(1)));
            }
            _ => {}
        }
    }

    /// Take in what happens to all leaves of a campaign at once. Whether a page or a session changes it: a stay begins, or a count of the one
    /// before is over.
    pub fn news(&mut self, leaf: &LeafView, what: LeafNews, m: &Moment, judge: &Judge) -> bool {
        let dwell = leaf.kind == kind::DWELL;
        let carries = leaf.flags & kind::SESSION_REACH != 0;
        match what {
            LeafNews::UsedUp => {
                if leaf.negated {
                    return false;
                }
                self.list.clear();
                match leaf.kind {
                    kind::COUNT if !leaf.property.is_empty() => self.a = m.now.0,
                    kind::DWELL => self.put(SECOND, true),
                    kind::ABSENT | kind::EVERY => self.put(FIRST, false),
                    _ => {}
                }
            }
            LeafNews::Page if dwell => {
                let matches = page_matches(leaf, judge);
                if !carries {
                    *self = LeafState::default();
                }
                self.put(FIRST, matches);
                return matches;
            }
            LeafNews::Page if leaf.is_scoped(window::PAGE) => {
                // A browser has too few counts of pages for the question to be worth its bytes.
                let changes = cfg!(target_family = "wasm") || self.flags != 0 || !self.list.is_empty();
                *self = LeafState::default();
                return changes;
            }
            LeafNews::PageEnd if dwell && carries => {
                self.a = self.stayed(leaf, m).0;
                self.put(FIRST, false);
            }
            LeafNews::PageEnd if dwell => *self = LeafState::default(),
            LeafNews::Session if dwell && carries => {
                let matching = self.is(FIRST);
                *self = LeafState::default();
                self.begin_now(leaf, matching, m);
                return true;
            }
            LeafNews::Session if leaf.kind == kind::SEQUENCE || leaf.is_scoped(window::SESSION) => {
                *self = LeafState::default();
                return true;
            }
            LeafNews::Begin if dwell => {
                self.begin_now(leaf, page_matches(leaf, judge), m);
                return self.is(FIRST);
            }
            LeafNews::Restored => return dwell && self.is(FIRST),
            _ => {}
        }
        false
    }

    /// Count the stay on a page that is open already: what was before does not count.
    fn begin_now(&mut self, leaf: &LeafView, matching: bool, m: &Moment) {
        self.put(FIRST, matching);
        if matching {
            self.a = -on_page(leaf, m).0;
        }
    }

    /// The moments that a window holds now, and how many more the edge has counted on all of the visitor's devices. Its count stands for what
    /// happened here up to the moment it includes; while it reaches back to what was used up, it is none.
    fn within(&self, leaf: &LeafView, now: Timestamp, known: &Attributes) -> (&[(Timestamp, u64)], u64) {
        let mut from = match leaf.window.sliding() {
            Some(span) => now - span,
            None => NONE,
        };
        let mut told = 0;
        if !leaf.property.is_empty() && leaf.kind == kind::COUNT {
            let until = Timestamp(known.number(b"visitor", b"counted_until") as i64);
            if Timestamp(self.a) + leaf.window.span <= until {
                told = known.path(leaf.property).and_then(packed::number).unwrap_or(0.0) as u32;
            }
            if told > 0 {
                from = from.max(until);
            }
        }
        let first = self.list.partition_point(|(t, _)| *t <= from);
        (self.list.get(first..).unwrap_or_default(), u64::from(told))
    }

    /// Whether the pattern is true now.
    pub fn truth(&self, leaf: &LeafView, m: &Moment, known: &Attributes) -> bool {
        match leaf.kind {
            kind::COUNT | kind::DISTINCT | kind::SUM => {
                let (list, told) = self.within(leaf, m.now, known);
                amount(leaf, list) + told >= leaf.number
            }
            kind::EVERY => self.is(FIRST),
            kind::SEQUENCE => {
                let next = leaf.flags & kind::NEXT != 0;
                sequence::is_complete(&self.list, leaf.number as usize, leaf.window.span, next)
            }
            kind::DWELL => {
                let carries = leaf.flags & kind::SESSION_REACH != 0;
                !self.is(SECOND) && (self.is(FIRST) || carries) && self.stayed(leaf, m) >= leaf.window.span
            }
            kind::ABSENT => self.is_pending() && m.now >= Timestamp(self.a) + leaf.window.span,
            _ => false,
        }
    }

    /// For an absence: it has started and nothing has ended it.
    fn is_pending(&self) -> bool {
        self.is(FIRST) && (!self.is(SECOND) || self.b < self.a)
    }

    /// Time stayed so far, for a dwell.
    pub fn stayed(&self, leaf: &LeafView, m: &Moment) -> Duration {
        Duration(self.a) + if self.is(FIRST) { on_page(leaf, m) } else { Duration::ZERO }
    }

    /// The next moment at which time alone makes the trigger's formula look different: for a positive leaf when it becomes true, for one
    /// under a `not` when it becomes false. May already be past; [`NEVER`] if time alone will not do it.
    pub fn deadline(&self, leaf: &LeafView, m: &Moment, known: &Attributes) -> Timestamp {
        let span = leaf.window.span;
        match leaf.kind {
            // It becomes false when the oldest that is still needed leaves.
            kind::COUNT | kind::DISTINCT | kind::SUM if leaf.negated && leaf.window.sliding().is_some() => {
                let (list, told) = self.within(leaf, m.now, known);
                let mut have = amount(leaf, list) + told;
                if have < leaf.number {
                    return NEVER;
                }
                let leaves = list.iter().find(|one| {
                    have = have.saturating_sub(amount(leaf, core::slice::from_ref(*one)));
                    have < leaf.number
                });
                leaves.map_or(NEVER, |(t, _)| *t + span)
            }
            kind::DWELL if !leaf.negated && self.is(FIRST) && !self.is(SECOND) && m.page.is_open() => {
                let left = span - Duration(self.a);
                if leaf.flags & kind::ACTIVE == 0 {
                    return m.page.started + left;
                }
                let due = m.page.active_since + (left - m.page.active);
                if m.page.active_since != NONE && due <= m.page.active_until { due } else { NEVER }
            }
            kind::ABSENT if !leaf.negated && self.is_pending() => Timestamp(self.a) + span,
            _ => NEVER,
        }
    }
}

/// How many there are, or of a sum how much in hundredths: 100 of at most 2^53, so nothing overflows.
fn amount(leaf: &LeafView, list: &[(Timestamp, u64)]) -> u64 {
    list.iter().map(|(_, cents)| if leaf.kind == kind::SUM { *cents } else { 1 }).sum()
}

trait Scoped {
    fn is_scoped(&self, tag: u8) -> bool;
}

impl Scoped for LeafView<'_> {
    /// Whether it counts over a scope of this kind.
    fn is_scoped(&self, tag: u8) -> bool {
        matches!(self.kind, kind::COUNT | kind::SUM | kind::DISTINCT | kind::EVERY) && self.window.tag == tag
    }
}

impl Happening<'_> {
    /// Whether it counts for a window at all; a sliding window is looked at when it is asked.
    fn reaches(&self, of: WindowView) -> bool {
        match of.tag {
            window::PAGE => self.here,
            window::SESSION => self.at >= self.session_started,
            _ => true,
        }
    }
}

/// An amount in hundredths; what is no positive, finite number is nothing. 2^53 hundredths (90 million million) is as far as a double
/// counts them.
pub fn cents(amount: Option<f64>) -> u64 {
    match amount {
        Some(n) if n > 0.0 && n < 9e13 => (n * 100.0 + 0.5) as u64,
        _ => 0,
    }
}

/// A property's hash; missing and null have none.
fn hash_of(props: &[u8], property: &[u8]) -> Option<u64> {
    let value = packed::path(props, property)?;
    (!matches!(view(value), Item::Null)).then(|| hash(value))
}

/// A packed value's hash: FNV-1a, 64 bits. Among the hundred a leaf keeps, two different values share one with a probability of 3 in 10^16.
pub fn hash(value: &[u8]) -> u64 {
    let mut h = 0xcbf2_9ce4_8422_2325u64;
    for b in value {
        h = (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3);
    }
    h
}

fn on_page(leaf: &LeafView, m: &Moment) -> Duration {
    if leaf.flags & kind::ACTIVE == 0 {
        m.page.wall(m.now)
    } else if m.page.is_open() {
        m.page.active(m.now)
    } else {
        Duration::ZERO
    }
}

/// The value of a trigger's shape, given the value of each leaf. `possible` asks instead whether it could go on: what stands under a `not`
/// is taken as possible.
pub fn formula(r: &mut Reader, possible: bool, leaf: &dyn Fn(u32) -> bool) -> bool {
    node(r, possible, leaf, 0)
}

fn node(r: &mut Reader, possible: bool, leaf: &dyn Fn(u32) -> bool, depth: u32) -> bool {
    if depth > NESTING_MAX {
        return false;
    }
    match r.byte() {
        0 if r.is_empty() => false,
        0 => leaf(r.u32()),
        3 => !node(r, possible, leaf, depth + 1) || possible,
        tag => {
            let any = tag == 2;
            let mut truth = !any;
            // All parts are read, because what follows comes after them.
            for _ in 0..r.count() {
                truth = if node(r, possible, leaf, depth + 1) { truth | any } else { truth & any };
            }
            truth
        }
    }
}
