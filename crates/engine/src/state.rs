//! What the engine remembers of one visitor on one device.
//!
//! Bounds, all part of the language: a count keeps `at_least` times (at most 100), a cap record 20 times a kind, the order list 16 ids.
//! A campaign at rest takes no room in a snapshot.

use crate::attributes::Attributes;
use crate::effect::Gate;
use noren_event::{Duration, Timestamp};
use noren_program::codec::CAP_TIMES_MAX;
use noren_program::{CapEvent, Program, Window};

/// A session ends at the first event this long after the last (Google Analytics' default, which reports are compared with).
pub const SESSION_GAP: Duration = Duration::minutes(30);
/// Active time runs this long after an input.
pub const ACTIVE_AFTER_INPUT: Duration = Duration::seconds(30);
/// Transaction ids kept to see an order reported twice: a reloaded thank-you page repeats the latest, 16 leave ample room.
pub const ORDERS_KEPT: usize = 16;
/// Content is fetched when this little time remains.
pub const PREFETCH_AHEAD: Duration = Duration::seconds(10);

/// Everything about one visitor.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The last moment the engine was told of; time never goes back.
    pub now: Timestamp,
    /// The running session.
    pub session: Session,
    /// The page in this tab, if one is open.
    pub page: Option<Page>,
    /// Whether the document is visible.
    pub visible: bool,
    /// Whether the last page was left and no other has begun. A log that never speaks of pages is never left.
    pub left: bool,
    /// Granted consent categories; `None` where none is asked.
    pub consent: Option<Vec<Box<str>>>,
    /// One for each campaign of the program, in its order.
    pub campaigns: Vec<CampaignState>,
    /// What all campaigns together have done.
    pub any: Records,
    /// The latest transaction ids.
    pub orders: Vec<Box<str>>,
    /// What conditions see.
    pub attributes: Attributes,
}

/// A session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// When it began.
    pub started: Timestamp,
    /// Active time that is over.
    pub active: Duration,
    /// Start of active time that runs, if it does.
    pub active_since: Option<Timestamp>,
    /// End of the running active time unless there is input before.
    pub active_until: Timestamp,
}

impl Page {
    /// Time on the page by the wall clock.
    pub fn wall(&self, now: Timestamp) -> Duration {
        now - self.started
    }

    /// Time on the page with attention.
    pub fn active(&self, now: Timestamp) -> Duration {
        match self.active_since {
            Some(since) => self.active + (now.min(self.active_until) - since).max(Duration::ZERO),
            None => self.active,
        }
    }

    /// Stop the active clock.
    pub fn rest(&mut self, now: Timestamp) {
        self.active = self.active(now);
        self.active_since = None;
    }

    /// Input was seen in a visible page.
    pub fn wake(&mut self, now: Timestamp) {
        self.active = self.active(now);
        self.active_since = Some(now);
        self.active_until = now + ACTIVE_AFTER_INPUT;
    }
}

/// What is remembered of one campaign.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CampaignState {
    /// One for each leaf of its trigger.
    pub leaves: Vec<LeafState>,
    /// Until when a cancel holds.
    pub held: Held,
    /// An opened decision that is not decided yet.
    pub armed: Option<Armed>,
    /// The variant on screen in this tab.
    pub showing: Option<u16>,
    /// The sticky assignment: phase and variant, [`CONTROL`] for control.
    pub assigned: Option<(u32, u16)>,
    /// The exposure that a goal may still follow.
    pub exposed_at: Option<Timestamp>,
    /// What caps count.
    pub records: Records,
}

/// The variant number that means control.
pub const CONTROL: u16 = u16::MAX;

/// How long a cancel holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Held {
    /// It does not.
    #[default]
    No,
    /// While this session lasts.
    Session,
    /// For good.
    Always,
    /// Up to a moment, exclusive.
    Until(Timestamp),
}

/// An opened decision that is not decided yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Armed {
    /// When the delay or the wait ends.
    pub due: Timestamp,
    /// What a wait waits behind; `None` for a delay.
    pub behind: Option<Gate>,
}

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
    /// Whether a flag is set.
    pub fn is(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Set or clear a flag.
    pub fn put(&mut self, flag: u8, on: bool) {
        self.flags = if on { self.flags | flag } else { self.flags & !flag };
    }

    /// Put a moment in its place; only the `most` latest stay.
    pub fn insert(&mut self, at: Timestamp, with: u64, most: usize) {
        let place = self.list.iter().rposition(|(t, _)| *t <= at).map_or(0, |i| i + 1);
        self.list.insert(place, (at, with));
        if self.list.len() > most {
            self.list.remove(0);
        }
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
    /// By kind: shown, closed, clicked, converted.
    pub kinds: [Record; 4],
}

/// One kind of record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// How often, ever, on this device and in what facts told of others.
    pub total: u32,
    /// When, the latest [`CAP_TIMES_MAX`], ascending.
    pub times: Vec<Timestamp>,
}

impl Records {
    /// One kind.
    pub fn of(&self, kind: CapEvent) -> &Record {
        let [shown, closed, clicked, converted] = &self.kinds;
        match kind {
            CapEvent::Shown => shown,
            CapEvent::Closed => closed,
            CapEvent::Clicked => clicked,
            CapEvent::Converted => converted,
        }
    }

    /// One kind, to change.
    pub fn of_mut(&mut self, kind: CapEvent) -> &mut Record {
        let [shown, closed, clicked, converted] = &mut self.kinds;
        match kind {
            CapEvent::Shown => shown,
            CapEvent::Closed => closed,
            CapEvent::Clicked => clicked,
            CapEvent::Converted => converted,
        }
    }
}

impl Record {
    /// It happened once more.
    pub fn add(&mut self, at: Timestamp) {
        self.total = self.total.saturating_add(1);
        insert_latest(&mut self.times, at, usize::from(CAP_TIMES_MAX));
    }

    /// How many fall into a window that ends now; a scope begins at the moment given.
    pub fn within(&self, window: Window, now: Timestamp, page: Option<Timestamp>, session: Timestamp) -> u32 {
        let since = |from: Timestamp| self.times.iter().filter(|t| **t >= from).count() as u32;
        match window {
            Window::Visitor => self.total,
            Window::Session => since(session),
            Window::Page => page.map_or(0, since),
            Window::Last(d) => self.times.iter().filter(|t| **t > now - d).count() as u32,
        }
    }
}

/// Put a time into an ascending list that keeps only the `most` latest.
pub fn insert_latest(times: &mut Vec<Timestamp>, at: Timestamp, most: usize) {
    let place = times.iter().rposition(|t| *t <= at).map_or(0, |i| i + 1);
    times.insert(place, at);
    if times.len() > most {
        times.remove(0);
    }
}

impl State {
    /// A visitor never seen before.
    pub fn new(program: &Program) -> State {
        State {
            now: Timestamp::MIN,
            session: Session::default(),
            page: None,
            visible: true,
            left: false,
            consent: None,
            campaigns: program.campaigns.iter().map(CampaignState::fresh).collect(),
            any: Records::default(),
            orders: Vec::new(),
            attributes: Attributes::default(),
        }
    }
}

impl CampaignState {
    /// A campaign that has seen nothing.
    pub fn fresh(campaign: &noren_program::Campaign) -> CampaignState {
        CampaignState { leaves: vec![LeafState::default(); campaign.leaves.len()], ..CampaignState::default() }
    }

    /// Whether a cancel holds at a moment.
    pub fn is_held(&self, now: Timestamp) -> bool {
        match self.held {
            Held::No => false,
            Held::Session | Held::Always => true,
            Held::Until(end) => now < end,
        }
    }
}
