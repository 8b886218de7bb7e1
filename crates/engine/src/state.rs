//! What the engine remembers of one visitor on one device.
//!
//! Bounds, all part of the language, and what they come to when written down ([`crate::snapshot`]): a moment is its distance from the one
//! before it or from now, at most 6 bytes within 400 days, 4 or 5 in practice; one at the same millisecond as the last takes 1.
//!
//! | what | at most | bytes at most |
//! | --- | --- | --- |
//! | count, per leaf | `at_least` moments, at most 100 | 100 x (6 + 1) |
//! | sum and distinct, per leaf | 100 moments, each with hundredths or a hash | 100 x (6 + 10) |
//! | sequence, per leaf | 64 events, each with a trail | 64 x (6 + 10) |
//! | every, absence, dwell, per leaf | two numbers and flags | 2 x 10 + 2 |
//! | caps, per campaign and once for all together | 20 moments of each of 4 kinds, 4 totals | 80 x (6 + 1) + 4 x 5 |
//! | a campaign's frame | id, fingerprint, hold, armed, exposed, in doubt, variant | 64 + 5 + 4 x 9 + 8 + 4 |
//! | orders | 16 hashes of ids | 16 x (6 + 10) |
//!
//! A paused campaign has a frame and its caps' records, as long as the program names it. A campaign at rest takes nothing. One that was shown, closed and clicked on three days, is assigned, exposed, armed and has begun to count takes
//! about 80 bytes, so 200 of them stay under 16 KB (a test of `noren-reference` holds that); a campaign with one count, at the very worst, 1,400.

use crate::attributes::Attributes;
use noren_event::{Duration, Timestamp};
use noren_program::Image;
use noren_program::codec::{CAP_TIMES_MAX, window};
use noren_program::image::WindowView;

/// A session ends at the first event this long after the last (Google Analytics' default, which reports are compared with).
pub const SESSION_GAP: Duration = Duration::minutes(30);
/// Active time runs this long after an input.
pub const ACTIVE_AFTER_INPUT: Duration = Duration::seconds(30);
/// Transaction ids kept to see an order reported twice: a reloaded thank-you page repeats the latest, 16 leave ample room.
pub const ORDERS_KEPT: usize = 16;
/// Content is fetched when this little time remains.
pub const PREFETCH_AHEAD: Duration = Duration::seconds(10);

/// The moment that means there is none: one before all that a host may name, so that in a snapshot it is the shortest number.
pub const NONE: Timestamp = Timestamp(Timestamp::MIN.0 - 1);
/// A hold for good.
pub const ALWAYS: Timestamp = Timestamp(i64::MAX);
/// Everything about one visitor.
#[derive(Clone, Debug)]
pub struct State {
    /// The last moment the engine was told of (time never goes back), and the page in this tab.
    pub moment: Moment,
    /// The running session.
    pub session: Session,
    /// Whether the document is visible.
    pub visible: bool,
    /// Whether the last page was left and no other has begun. A log that never speaks of pages is never left.
    pub left: bool,
    /// Granted consent categories, as a packed list; anything else where none is asked.
    pub consent: Vec<u8>,
    /// One for each campaign of the program, in its order.
    pub courses: Vec<Course>,
    /// One for each leaf of the program, in its order.
    pub leaves: Vec<LeafState>,
    /// What all campaigns together have done.
    pub any: Records,
    /// The latest transaction ids: when they came, and their hashes.
    pub orders: Vec<(Timestamp, u64)>,
    /// What conditions see.
    pub attributes: Attributes,
    /// Leaves whose stay goes on while this page lasts, each behind its campaign.
    pub staying: Vec<(u32, u32)>,
    /// Campaigns that are on screen in this tab.
    pub on_screen: Vec<u32>,
    /// Campaigns that may be waiting behind another; those that no longer do are passed over.
    pub waiting: Vec<u32>,
}

/// A moment and the page open at it: what a leaf is judged in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The moment.
    pub now: Timestamp,
    /// The page in this tab.
    pub page: Page,
}

/// A session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Session {
    /// 1 for the first; 0 before any event.
    pub number: u32,
    /// Its first event.
    pub started: Timestamp,
    /// Its latest event.
    pub last_event: Timestamp,
    /// Page views in it, over all tabs.
    pub page_views: u32,
}

/// The page in this tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// When it began; [`NONE`] if none is open, and then the rest says nothing.
    pub started: Timestamp,
    /// Active time that is over.
    pub active: Duration,
    /// Start of active time that runs, or [`NONE`].
    pub active_since: Timestamp,
    /// End of the running active time unless there is input before.
    pub active_until: Timestamp,
}

impl Page {
    /// No page.
    pub const CLOSED: Page =
        Page { started: NONE, active: Duration::ZERO, active_since: NONE, active_until: Timestamp(0) };

    /// Whether there is a page.
    pub fn is_open(&self) -> bool {
        self.started != NONE
    }

    /// Time on the page by the wall clock; none on no page.
    pub fn wall(&self, now: Timestamp) -> Duration {
        if self.is_open() { now - self.started } else { Duration::ZERO }
    }

    /// Time on the page with attention.
    pub fn active(&self, now: Timestamp) -> Duration {
        if self.active_since == NONE {
            return self.active;
        }
        self.active + (now.min(self.active_until) - self.active_since).max(Duration::ZERO)
    }

    /// Stop the active clock.
    pub fn rest(&mut self, now: Timestamp) {
        self.active = self.active(now);
        self.active_since = NONE;
    }

    /// Input was seen in a visible page.
    pub fn wake(&mut self, now: Timestamp) {
        if self.is_open() {
            self.active = self.active(now);
            self.active_since = now;
            self.active_until = now + ACTIVE_AFTER_INPUT;
        }
    }
}

/// What is remembered of one campaign besides its leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Course {
    /// Up to when a cancel holds, exclusive; [`NONE`] or [`ALWAYS`].
    pub held: Timestamp,
    /// The number of the session a cancel holds for, which ends with it by itself; 0 for none.
    pub held_in: u32,
    /// When the delay or the wait of an opened decision ends; [`NONE`] if none is open.
    pub armed: Timestamp,
    /// What a wait waits behind: the gate's number, or [`DELAY`].
    pub behind: u8,
    /// One more than the variant on screen in this tab; 0 for none.
    pub showing: u32,
    /// The sticky assignment: one more than phase and variant; 0 for none.
    pub assigned: u64,
    /// The exposure that a goal may still follow, or [`NONE`].
    pub exposed: Timestamp,
    /// One past the moment at which it could last not be told whether one of its conditions holds, or [`NONE`]. On a page that began before,
    /// it opens nothing.
    pub doubted: Timestamp,
    /// What caps count.
    pub records: Records,
}

/// The number beside the gates' that means a delay; it takes one byte to write.
pub const DELAY: u8 = 15;

impl Default for Course {
    fn default() -> Course {
        Course {
            held: NONE,
            held_in: 0,
            armed: NONE,
            behind: DELAY,
            showing: 0,
            assigned: 0,
            exposed: NONE,
            doubted: NONE,
            records: Records::default(),
        }
    }
}

impl Course {
    /// Whether a cancel holds at a moment of a session.
    pub fn is_held(&self, now: Timestamp, session: &Session) -> bool {
        now < self.held || self.is_held_in(session)
    }

    /// Whether a cancel holds as long as a session.
    pub fn is_held_in(&self, session: &Session) -> bool {
        self.held_in != 0 && self.held_in == session.number
    }

    /// A cancel holds from now on. It is held as long as any of them holds.
    pub fn hold(&mut self, hold: WindowView, now: Timestamp, session: &Session) {
        match hold.tag {
            window::VISITOR => self.held = ALWAYS,
            window::LAST => self.held = self.held.max(now + hold.span),
            _ => self.held_in = session.number,
        }
    }

    /// Whether there is nothing to remember.
    pub fn rests(&self, session: &Session) -> bool {
        let held = self.held != NONE || self.is_held_in(session);
        // What is on screen was assigned, and each time was counted.
        !held && !self.is_armed() && self.doubted == NONE && self.assigned == 0 && self.records.totals == [0; 4]
    }

    /// Whether an opened decision is not decided yet.
    pub fn is_armed(&self) -> bool {
        self.armed != NONE
    }
}

/// The variant number that means control.
pub const CONTROL: u32 = u16::MAX as u32;

/// What is remembered of one leaf. One shape for all kinds, so that a page downloads one way to store it:
///
/// | leaf | `list` | `a` | `b` | flags |
/// | --- | --- | --- | --- | --- |
/// | count | the latest occurrences | | | |
/// | sum | the latest, each with its hundredths | | | |
/// | distinct | each value's latest time, with its hash | | | |
/// | sequence | the latest events of interest, each as [`trail`] | | | |
/// | every | | occurrences in the scope | | [`FIRST`]: the latest was a so-manyth |
/// | dwell | | time from earlier pages in ms; negative when counting began after the page did | | [`FIRST`]: the page matches; [`SECOND`]: used up |
/// | absent | | its latest start | its latest end | [`FIRST`], [`SECOND`]: there is one |
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeafState {
    /// Moments, ascending, equal ones as they came.
    pub list: Vec<(Timestamp, u64)>,
    /// See the table.
    pub a: i64,
    /// See the table.
    pub b: i64,
    /// See the table.
    pub flags: u8,
}

/// The first flag of a leaf's memory.
pub const FIRST: u8 = 1;
/// The second flag of a leaf's memory.
pub const SECOND: u8 = 2;

impl LeafState {
    /// Whether nothing has ever happened to it.
    pub fn rests(&self) -> bool {
        self.list.is_empty() && self.a == 0 && self.b == 0 && self.flags == 0
    }

    /// Whether a flag is set.
    pub fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Set or clear a flag.
    pub fn put(&mut self, flag: u8, on: bool) {
        self.flags = if on { self.flags | flag } else { self.flags & !flag };
    }
}

/// Put a moment in its place; only the `most` latest stay.
pub fn insert(list: &mut Vec<(Timestamp, u64)>, at: Timestamp, with: u64, most: usize) {
    let place = list.iter().rposition(|(t, _)| *t <= at).map_or(0, |i| i + 1);
    list.insert(place, (at, with));
    if list.len() > most {
        list.remove(0);
    }
}

/// An event as a sequence remembers it: which steps it can be (the low eight bits), whether it must not come between (the next), and 55 bits
/// of the hash of what must be the same.
pub fn trail(steps: u8, breaks: bool, same: u64) -> u64 {
    same << 9 | u64::from(breaks) << 8 | u64::from(steps)
}

/// Counts and times of what a campaign did, for caps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// How often, ever, on this device and in what facts told of others, by [`kind`].
    pub totals: [u32; 4],
    /// When, ascending, each with its kind; the latest [`CAP_TIMES_MAX`] of a kind.
    pub times: Vec<(Timestamp, u64)>,
}

/// Kinds of records.
#[allow(missing_docs)]
pub mod kind {
    pub const SHOWN: u8 = 0;
    pub const CLOSED: u8 = 1;
    pub const CLICKED: u8 = 2;
    pub const CONVERTED: u8 = 3;
}

impl Records {
    /// How often one kind was recorded.
    pub fn total(&mut self, kind: u8) -> &mut u32 {
        let [shown, closed, clicked, converted] = &mut self.totals;
        match kind {
            kind::SHOWN => shown,
            kind::CLOSED => closed,
            kind::CLICKED => clicked,
            _ => converted,
        }
    }

    /// The times of one kind.
    pub fn of(&self, kind: u8) -> impl DoubleEndedIterator<Item = Timestamp> {
        self.times.iter().filter(move |(_, k)| *k == u64::from(kind)).map(|(t, _)| *t)
    }

    /// It happened once more.
    pub fn add(&mut self, kind: u8, at: Timestamp) {
        let total = self.total(kind);
        *total = total.saturating_add(1);
        insert(&mut self.times, at, u64::from(kind), usize::MAX);
        if self.of(kind).count() > usize::from(CAP_TIMES_MAX)
            && let Some(oldest) = self.times.iter().position(|(_, k)| *k == u64::from(kind))
        {
            self.times.remove(oldest);
        }
    }

    /// How many of a kind there were at a moment or later; from [`NONE`] on, all there ever were.
    pub fn since(&self, kind: u8, from: Timestamp) -> u32 {
        if from == NONE {
            return self.totals.get(usize::from(kind)).copied().unwrap_or(0);
        }
        self.of(kind).filter(|t| *t >= from).count() as u32
    }
}

/// So many that have seen nothing. Made one by one, because copying lists is code that nothing else needs.
pub fn at_rest<T: Default>(count: u32) -> Vec<T> {
    let mut list = Vec::new();
    list.resize_with(count as usize, T::default);
    list
}

impl State {
    /// A visitor never seen before.
    pub fn new(image: &Image) -> State {
        State {
            moment: Moment { now: Timestamp::MIN, page: Page::CLOSED },
            session: Session::default(),
            visible: true,
            left: false,
            consent: Vec::new(),
            courses: at_rest(image.campaigns()),
            leaves: at_rest(image.leaf_count()),
            any: Records::default(),
            orders: Vec::new(),
            attributes: Attributes::default(),
            staying: Vec::new(),
            on_screen: Vec::new(),
            waiting: Vec::new(),
        }
    }
}
