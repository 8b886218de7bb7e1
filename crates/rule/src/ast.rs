//! A checked campaign, as a tree: every member has its value, every default is filled in, every condition stands where it is used.
//!
//! What is small and the same in the compiled form ([`Window`], [`Caps`], [`Surface`]...) is that form's own type. The naive evaluator
//! reads this tree; [`crate::compile`] turns a list of them into a program.

use noren_event::{Duration, Value};
use noren_program::{Caps, Clock, Cond, Hold, Order, Reach, Surface, Window};

/// One campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// Unique in the site; `[a-z0-9][a-z0-9_-]{0,63}`.
    pub id: Box<str>,
    /// What people call it; the id where the document gives no name.
    pub name: Text,
    /// Whether it is compiled.
    pub status: Status,
    /// Who it is for; everyone where there is none.
    pub audience: Option<Cond>,
    /// What opens a decision.
    pub trigger: Trigger,
    /// What disarms it.
    pub cancel: Vec<Cancel>,
    /// Time between the match and the second look at the gates.
    pub delay: Duration,
    /// How long a loser waits; zero for not at all.
    pub wait: Duration,
    /// 0 to 999; higher wins.
    pub priority: u16,
    /// Where it stands on the page.
    pub surface: Surface,
    /// Consent category it needs; empty for none.
    pub consent: Box<str>,
    /// When it may be shown; always where there is none.
    pub schedule: Option<Schedule>,
    /// Share of visitors who see nothing, in hundredths of a per cent.
    pub control_bps: u16,
    /// What assignment hashes together with the visitor.
    pub seed: Box<str>,
    /// At least one; the weights add up to 10,000.
    pub variants: Vec<Variant>,
    /// The group whose caps it shares; empty for none.
    pub group: Box<str>,
    /// The share of visitors that it keeps to; all where there is none.
    pub exclusive: Option<Exclusive>,
    /// When it ends for good.
    pub stop: Option<Stop>,
    /// How often.
    pub caps: Caps,
    /// What counts as success.
    pub goal: Option<Goal>,
}

/// Whether a campaign runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It runs.
    Live,
    /// It is kept and not run.
    Paused,
}

/// Text for people: one for all languages, or one a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// Language tag and text, in the order written; the tag is empty where one text serves every language.
    pub by_lang: Vec<(Box<str>, Box<str>)>,
}

impl Text {
    /// The text for a language: its own, else the one for all, else English, else the first; empty where there is none.
    pub fn get(&self, lang: &str) -> &str {
        let of = |tag: &str| self.by_lang.iter().find(|(l, _)| &**l == tag).map(|(_, t)| &**t);
        of(lang)
            .or_else(|| of(""))
            .or_else(|| of("en"))
            .or_else(|| self.by_lang.first().map(|(_, t)| &**t))
            .unwrap_or("")
    }
}

/// An event by name, and a condition on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Occurs {
    /// The event's name.
    pub event: Box<str>,
    /// Condition over `event.*` and all other attributes.
    pub cond: Option<Cond>,
}

/// A trigger: a pattern that is true or false at every moment.
#[derive(Clone, Debug, PartialEq)]
pub enum Trigger {
    /// So many occurrences within a window that ends now. `on` is one.
    Count {
        /// Which events.
        of: Occurs,
        /// How many; at least 1.
        at_least: u16,
        /// Over what.
        window: Window,
    },
    /// The visitor has stayed on matching pages for a time.
    Dwell {
        /// Over `page.*`; none for every page.
        page: Option<Cond>,
        /// How long.
        time: Duration,
        /// Which clock.
        clock: Clock,
        /// Whether moving between matching pages keeps the time.
        reach: Reach,
    },
    /// The sum of a property over the occurrences within a window reaches a number. Only positive, finite numbers add.
    Sum {
        /// Which events.
        of: Occurs,
        /// Dotted path below the event's properties.
        property: Box<str>,
        /// The number to reach, in hundredths.
        at_least_cents: u64,
        /// Over what.
        window: Window,
    },
    /// The occurrences within a window have at least so many different values of a property.
    Distinct {
        /// Which events.
        of: Occurs,
        /// Dotted path below the event's properties.
        property: Box<str>,
        /// How many; at least 1.
        at_least: u16,
        /// Over what.
        window: Window,
    },
    /// Each so-manyth occurrence within a scope, whatever was used up in between.
    Every {
        /// Which events.
        of: Occurs,
        /// At least 2.
        times: u16,
        /// `Page`, `Session` or `Visitor`.
        window: Window,
    },
    /// Events in an order within a time, in one session.
    Sequence {
        /// At least 2.
        steps: Vec<Occurs>,
        /// The last comes less than this long after the first.
        within: Duration,
        /// None of these between the first and the last.
        without: Option<Occurs>,
        /// Whether anything else may come between two steps.
        order: Order,
        /// Property that must be the same, and present, in all steps; empty for none.
        same: Box<str>,
    },
    /// A time has passed since the latest `after` without an `event` at or after it.
    Absent {
        /// What starts the time, anew each time it happens.
        after: Occurs,
        /// What must not happen.
        event: Occurs,
        /// How long.
        time: Duration,
    },
    /// All hold now.
    All(Vec<Trigger>),
    /// At least one holds now. Nothing inside is negated.
    Any(Vec<Trigger>),
    /// Does not hold now. Only inside `All`, beside something not negated.
    Not(Box<Trigger>),
}

/// An event that disarms, and for how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Cancel {
    /// Which event.
    pub of: Occurs,
    /// For how long.
    pub hold: Hold,
}

/// When a campaign may be shown, as written: local times of a named zone.
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule {
    /// IANA name; `UTC` where the document gives none.
    pub zone: Box<str>,
    /// First local minute.
    pub from: Option<LocalTime>,
    /// First local minute after.
    pub until: Option<LocalTime>,
    /// Half-open ranges of minutes in a local week from Monday 00:00, ascending and disjoint; empty for always.
    pub weekly: Vec<(u16, u16)>,
    /// Half-open ranges of minutes of every day, ascending and disjoint, as `hours` gives them; empty for whole days.
    pub hours: Vec<(u16, u16)>,
    /// Days on which it is closed.
    pub closed: Days,
    /// Days on which it is open during its hours, whatever the weekdays say.
    pub open: Days,
}

/// Some days of a calendar.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Days {
    /// The site's calendar that they came from; empty where the document lists them.
    pub calendar: Box<str>,
    /// Each a local midnight; ascending, each once.
    pub dates: Vec<LocalTime>,
}

/// A share of visitors that other campaigns do not get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusive {
    /// Campaigns of one name share its visitors out.
    pub name: Box<str>,
    /// Where the share begins, in ten-thousandths of the visitors.
    pub from: u16,
    /// Where it ends, exclusive.
    pub until: u16,
}

/// What ends a campaign for good, whichever comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stop {
    /// First local minute after, in the schedule's zone.
    pub at: Option<LocalTime>,
    /// So many visitors of the site have been shown it.
    pub shows: Option<u64>,
    /// So many conversions followed.
    pub conversions: Option<u64>,
}

/// A local date and time of day, to the minute. 24:00 is kept as 00:00 of the next day. The order is that of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct LocalTime {
    pub year: i16,
    pub month: i8,
    pub day: i8,
    pub hour: i8,
    pub minute: i8,
}

/// One thing that may be shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// Unique in the campaign; never `control`.
    pub id: Box<str>,
    /// Share among the treated, in hundredths of a per cent.
    pub weight_bps: u16,
    /// One of the kinds that docs/widgets.md lists.
    pub kind: Box<str>,
    /// What the widget gets: the document's `action`, unchanged.
    pub action: Value,
}

/// What counts as success.
#[derive(Clone, Debug, PartialEq)]
pub struct Goal {
    /// Which event.
    pub of: Occurs,
    /// Half-open from the exposure.
    pub within: Duration,
    /// Property whose number is the value; empty for none.
    pub value: Box<str>,
}
