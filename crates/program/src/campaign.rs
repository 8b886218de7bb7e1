//! Programs and campaigns as the engine sees them.

use crate::cond::{Cond, CondId};
use noren_event::{Duration, Timestamp};

/// Everything a site has live, compiled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {
    /// When it was compiled.
    pub compiled_at: Timestamp,
    /// Up to when the zones' offsets are known; a scheduled campaign is closed from then on, never open by accident.
    pub valid_until: Timestamp,
    /// Zones that schedules use.
    pub zones: Vec<Zone>,
    /// Conditions, each once.
    pub conds: Vec<Cond>,
    /// The campaigns, ordered by id.
    pub campaigns: Vec<Campaign>,
    /// Ids of campaigns that are paused or were taken out not long ago, ascending: they do nothing, and engines keep what they remember of them
    /// until they come back.
    pub paused: Vec<Box<str>>,
}

impl Program {
    /// All ids in order, those of paused campaigns without a campaign. What is not ordered stays as it is, so that any bytes that were read as
    /// a program are written the same way each time.
    pub fn merged(&self) -> Vec<(&str, Option<&Campaign>)> {
        let mut paused = self.paused.iter().peekable();
        let mut all = Vec::new();
        for c in &self.campaigns {
            while let Some(id) = paused.next_if(|id| ***id < *c.id) {
                all.push((&**id, None));
            }
            all.push((&*c.id, Some(c)));
        }
        all.extend(paused.map(|id| (&**id, None)));
        all
    }

    /// The live campaigns with their numbers: their places among all of [`Program::merged`].
    pub fn numbered(&self) -> impl Iterator<Item = (u32, &Campaign)> {
        (0u32..).zip(self.merged()).filter_map(|(i, (_, campaign))| Some((i, campaign?)))
    }

    /// The program as engines take it. Cost: writing it out.
    pub fn image(&self) -> crate::Image {
        // What is written here is read by the same version.
        crate::Image::load(crate::codec::encode(self)).unwrap_or_default()
    }

    /// The condition at a place of the table; out of range reads as one that cannot be evaluated.
    pub fn cond(&self, id: CondId) -> &Cond {
        self.conds.get(id.0 as usize).unwrap_or(&Cond::Unknown)
    }
}

/// Local time of a zone, as plain offsets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    /// From this instant on, local time is UTC plus this many minutes. Ascending; the first holds for earlier times too.
    pub offsets: Vec<(Timestamp, i32)>,
}

impl Zone {
    /// Minutes to add to UTC at an instant.
    pub fn offset_minutes(&self, at: Timestamp) -> i32 {
        let known = self.offsets.iter().rev().find(|(from, _)| *from <= at).or(self.offsets.first());
        known.map_or(0, |(_, minutes)| *minutes)
    }
}

/// One live campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Campaign {
    /// Its id, unique in the site.
    pub id: Box<str>,
    /// Changes whenever variants, weights, control share or audience change: exposures of different phases are never compared.
    pub phase: u32,
    /// Changes whenever the trigger or cancel list changes: state is kept for equal patterns only.
    pub fingerprint: u32,
    /// 0 to 999; higher wins.
    pub priority: u16,
    /// Where it stands on the page.
    pub surface: Surface,
    /// Consent category it needs; empty for none.
    pub consent: Box<str>,
    /// When it may be shown at all.
    pub schedule: Option<Schedule>,
    /// Who it is for.
    pub audience: Option<CondId>,
    /// What opens a decision.
    pub trigger: Node,
    /// The leaves of the trigger, in the order the nodes name them.
    pub leaves: Vec<Leaf>,
    /// What disarms it.
    pub cancel: Vec<Cancel>,
    /// Time between the match and the second look at the gates.
    pub delay: Duration,
    /// How long a loser waits for a free surface or a higher priority to be done; zero for not at all.
    pub wait: Duration,
    /// Where in the site's population it stands: visitors placed elsewhere never see it.
    pub places: Vec<Place>,
    /// Which of the program's groups it is in, from 1; 0 for none.
    pub group: u32,
    /// How often.
    pub caps: Caps,
    /// Share of visitors who see nothing, in hundredths of a per cent (0 to 10,000).
    pub control_bps: u16,
    /// What assignment hashes together with the visitor; the id unless the document says otherwise.
    pub seed: Box<str>,
    /// What may be shown. At least one.
    pub variants: Vec<Variant>,
    /// What counts as success.
    pub goal: Option<Goal>,
}

/// Places on a page that hold one widget at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Surface {
    /// Above everything, with the page inert behind it.
    Modal,
    /// A bar at the top edge.
    Top,
    /// A bar at the bottom edge.
    Bottom,
    /// A card in a corner.
    Corner,
    /// No place: an event, a redirect.
    None,
    /// A named slot in the page.
    Slot(Box<str>),
}

/// When a campaign may run: an outer range and, inside it, weekly hours in a zone's local time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// First instant, inclusive.
    pub from: Option<Timestamp>,
    /// First instant after, exclusive.
    pub until: Option<Timestamp>,
    /// Index into the program's zones, for the weekly hours.
    pub zone: u32,
    /// Half-open ranges of minutes in a local week that starts Monday 00:00, ascending and disjoint; empty for always.
    pub weekly: Vec<(u16, u16)>,
    /// Half-open ranges of minutes since 1970-01-01T00:00Z in which it is closed whatever the hours say, ascending and disjoint.
    pub closed: Vec<(i64, i64)>,
    /// The same, in which it is open beside the weekly hours. What is closed stays closed.
    pub open: Vec<(i64, i64)>,
}

impl Schedule {
    /// Whether it is known only as far as the zones' offsets are.
    pub fn has_hours(&self) -> bool {
        !(self.weekly.is_empty() && self.closed.is_empty() && self.open.is_empty())
    }
}

/// A range of visitors: those whose place under a seed lies in it, and no others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Why.
    pub why: PlaceKind,
    /// What the place is hashed from, together with the visitor.
    pub seed: Box<str>,
    /// First place, in ten-thousandths.
    pub from: u16,
    /// First place after, in ten-thousandths.
    pub until: u16,
}

/// Why a campaign keeps to a range of visitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaceKind {
    /// The others see nothing of any campaign.
    Holdout,
    /// The others belong to other campaigns.
    Exclusive,
}

/// A trigger's shape over its leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// The leaf with this index.
    Leaf(u16),
    /// All hold now.
    All(Vec<Node>),
    /// At least one holds now.
    Any(Vec<Node>),
    /// Does not hold now. Only inside `All`, beside something that is not negated.
    Not(Box<Node>),
}

/// An event name and a condition on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurs {
    /// The event's name.
    pub event: Box<str>,
    /// Condition over `event.*` (its properties) and all attributes.
    pub cond: Option<CondId>,
}

/// The windows that the edge counts events over by itself, in days, and their names in facts.
pub const TOLD_DAYS: [(i64, &str); 3] = [(7, "d7"), (30, "d30"), (90, "d90")];

impl Leaf {
    /// Where facts tell how often a count's event has happened on all of a visitor's devices, as an attribute: for a count of whatever
    /// events of a name over one of [`TOLD_DAYS`].
    pub fn told(&self) -> Option<String> {
        match self {
            Leaf::Count { of: Occurs { event, cond: None }, window: Window::Last(span), .. } => {
                let told = TOLD_DAYS.iter().find(|(days, _)| *span == Duration::days(*days));
                told.map(|(_, name)| format!("visitor.counts.{event}.{name}"))
            }
            _ => None,
        }
    }
}

/// The patterns a trigger is made of. Each is true or false at every moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leaf {
    /// At least so many occurrences within a window that ends now. `on` is one within the session.
    Count {
        /// Which events.
        of: Occurs,
        /// How many; 1 to [`crate::codec::COUNT_MAX`].
        at_least: u16,
        /// Over what.
        window: Window,
    },
    /// The visitor has stayed on matching pages for a time.
    Dwell {
        /// Over `page.*`; none for every page.
        page: Option<CondId>,
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
    /// The occurrences within a window have at least so many different values of a property. A missing value is none.
    Distinct {
        /// Which events.
        of: Occurs,
        /// Dotted path below the event's properties.
        property: Box<str>,
        /// How many; 1 to [`crate::codec::COUNT_MAX`].
        at_least: u16,
        /// Over what.
        window: Window,
    },
    /// Each so-manyth occurrence within a scope, whatever was used up in between.
    Every {
        /// Which events.
        of: Occurs,
        /// 2 to [`crate::codec::COUNT_MAX`].
        times: u16,
        /// `Page`, `Session` or `Visitor`.
        window: Window,
    },
    /// Events in an order, the last less than a time after the first, in one session.
    Sequence {
        /// 2 to [`crate::codec::STEPS_MAX`].
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
    /// A time has passed since the last `after` without an `event` since.
    Absent {
        /// What starts the time, anew each time it happens.
        after: Occurs,
        /// What must not happen.
        event: Occurs,
        /// How long.
        time: Duration,
    },
}

/// What may stand between two steps of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Anything.
    Eventually,
    /// No other event at all.
    Next,
}

/// What a count looks back over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// Since this page began, in this tab.
    Page,
    /// Since the session began.
    Session,
    /// Since the device was first seen.
    Visitor,
    /// `(now - d, now]`.
    Last(Duration),
}

/// Clocks a dwell can run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// From page start.
    Wall,
    /// While visible with input in the last 30 seconds.
    Active,
}

/// How far a dwell carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Starts anew with each page.
    Page,
    /// Adds up over the matching pages of a session.
    Session,
}

/// An event that disarms a campaign, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancel {
    /// Which event.
    pub of: Occurs,
    /// For how long the campaign stays disarmed.
    pub hold: Hold,
}

/// How long a cancel holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// Until the session ends.
    Session,
    /// For good, on this device.
    Visitor,
    /// For a time.
    For(Duration),
}

/// The two lists of caps.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caps {
    /// Times that must have passed before it may be shown again; all must hold.
    pub again: Vec<ShowAgain>,
    /// Counts at which it stops being shown; any one stops it.
    pub stop: Vec<StopAfter>,
}

/// What caps look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CapEvent {
    Shown,
    Closed,
    Clicked,
    Converted,
}

/// Whose records a cap looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This campaign's.
    This,
    /// All campaigns'.
    Any,
    /// Those of the campaigns in its group, its own among them.
    Group,
    /// Those of the other campaigns in its group.
    Others,
}

/// "Show again no earlier than so long after the last ..."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShowAgain {
    /// How long: [`Window::Last`] for a time, the scopes for "not again on this page / in this session / ever".
    pub after: Window,
    /// Since what.
    pub since: CapEvent,
    /// Whose.
    pub whose: Whose,
}

/// "Stop showing after so many ... within ..."
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StopAfter {
    /// How many; 1 to [`crate::codec::CAP_TIMES_MAX`].
    pub times: u16,
    /// Of what.
    pub of: CapEvent,
    /// Over what.
    pub within: Window,
    /// Whose.
    pub whose: Whose,
}

/// Which of the two groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arm {
    /// Sees something.
    Treated,
    /// Sees nothing and is counted.
    Control,
}

/// One thing that may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its id, unique in the campaign; `control` is taken.
    pub id: Box<str>,
    /// Share among the treated in hundredths of a per cent; all add up to 10,000.
    pub weight_bps: u16,
    /// Which widget: `popup`, `bar`, `coupon`, `chat`, `slide`...
    pub kind: Box<str>,
    /// Hash of its content.
    pub content: Box<str>,
}

/// What counts as success, within a time after the exposure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goal {
    /// Which event.
    pub of: Occurs,
    /// Half-open from the exposure.
    pub within: Duration,
    /// Property whose number is the value; empty for none.
    pub value: Box<str>,
}
