//! What is the same for every visitor of a backtest.

use super::needs::Needs;
use super::reach::{goal_window, remember};
use crate::Failure;
use crate::documents::Documents;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use noren_event::{Duration, Timestamp, names};
use noren_program::Image;
use noren_rule::ast::{Campaign, Status, Text};
use noren_rule::{Site, compile_for};

/// Schedules' zones are compiled from this long before the log's first line, because lines of a log grouped by visitor can be earlier than
/// its first. Of the 400 days a program is valid 300 are left.
const COMPILED_BEFORE: Duration = Duration::days(100);

/// Campaigns compiled for a log.
pub struct Programs {
    /// With the drafts.
    pub with: Image,
    /// Live campaigns alone; none where none were given.
    pub without: Option<Image>,
    /// What both look at.
    needs: Needs,
}

/// Who is asked what.
pub struct Plan<'p> {
    pub with: Tried<'p>,
    pub without: Option<Tried<'p>>,
    pub needs: &'p Needs,
    /// The number of `purchase` there.
    pub purchase: u32,
    pub drafts: Vec<DraftPlan>,
    /// Ids of the live campaigns that no draft replaces.
    pub live: Vec<Box<str>>,
    /// Ids of the live campaigns that a draft replaces.
    pub replaced: Vec<Box<str>>,
    /// How long a visitor without lines is remembered.
    pub remember: Duration,
    pub open_end: bool,
    pub clock: Clock,
}

/// Campaigns that are tried together.
pub struct Tried<'p> {
    pub image: &'p Image,
    /// Where each is counted, in the program's order.
    places: Vec<Option<Place>>,
}

impl<'p> Tried<'p> {
    fn new(image: &'p Image, drafts: &[DraftPlan], live: &[Box<str>]) -> Tried<'p> {
        let place = |id: &[u8]| {
            let draft = drafts.iter().position(|draft| draft.id.as_bytes() == id).map(Place::Draft);
            draft.or_else(|| live.iter().position(|live| live.as_bytes() == id).map(Place::Live))
        };
        Tried { image, places: (0..image.campaigns()).map(|c| place(image.id(c))).collect() }
    }

    /// Where the campaign of a number is counted.
    pub fn place(&self, campaign: u32) -> Option<Place> {
        self.places.get(campaign as usize).copied().flatten()
    }
}

/// A draft.
pub struct DraftPlan {
    pub id: Box<str>,
    pub name: Text,
    /// In which time a purchase follows an exposure.
    pub window: Duration,
    pub has_goal: bool,
}

/// Where a campaign is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Draft(usize),
    Live(usize),
}

/// What was asked for besides the campaigns.
pub struct Wishes {
    pub remember: Option<Duration>,
    pub open_end: bool,
    pub clock: Clock,
}

impl Programs {
    /// Compile drafts and live campaigns for a log whose first line is at `first`. A draft takes the place of the live campaign with its id.
    pub fn compile(site: &Site, drafts: &[Campaign], live: &[Campaign], first: Timestamp) -> Programs {
        let now = first - COMPILED_BEFORE;
        // A draft is tried as if it were published, whatever its status says.
        let tried = drafts.iter().map(|draft| Campaign { status: Status::Live, ..draft.clone() });
        let kept = live.iter().filter(|c| drafts.iter().all(|draft| draft.id != c.id)).cloned();
        let with: Vec<Campaign> = tried.chain(kept).collect();
        let with = compile_for(site, &with, now).program;
        let without = (!live.is_empty()).then(|| compile_for(site, live, now).program);
        Programs {
            needs: Needs::of(&[Some(&with), without.as_ref()].into_iter().flatten().collect::<Vec<_>>()),
            with: with.image(),
            without: without.map(|program| program.image()),
        }
    }
}

impl<'p> Plan<'p> {
    pub fn new(programs: &'p Programs, drafts: &Documents, live: &Documents, wishes: Wishes) -> Plan<'p> {
        let both = [drafts, live];
        let planned: Vec<DraftPlan> = drafts
            .campaigns
            .iter()
            .map(|c| DraftPlan {
                id: c.id.clone(),
                name: c.name.clone(),
                window: goal_window(c),
                has_goal: c.goal.is_some(),
            })
            .collect();
        let others = live.campaigns.iter().filter(|c| c.status == Status::Live).map(|c| c.id.clone());
        let (replaced, others): (Vec<Box<str>>, Vec<Box<str>>) =
            others.partition(|id| planned.iter().any(|draft| draft.id == *id));
        let tried = |image| Tried::new(image, &planned, &others);
        Plan {
            with: tried(&programs.with),
            without: programs.without.as_ref().map(tried),
            needs: &programs.needs,
            purchase: programs.needs.event(names::PURCHASE).number,
            drafts: planned,
            live: others,
            replaced,
            remember: wishes.remember.unwrap_or_else(|| remember(&both)),
            open_end: wishes.open_end,
            clock: wishes.clock,
        }
    }
}

/// Local days and hours.
pub struct Clock {
    pub name: String,
    zone: TimeZone,
}

/// Milliseconds in an hour and a day.
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

impl Clock {
    /// # Errors
    /// A name that is not an IANA zone's.
    pub fn of(name: &str) -> Result<Clock, Failure> {
        let zone = TimeZoneDatabase::bundled().get(name).map_err(|_| Failure(format!("--zone: no zone {name:?}")))?;
        Ok(Clock { name: name.to_string(), zone })
    }

    /// Days since 1970-01-01 and the hour of the day, by the zone's own clocks. Instants outside the years -9999 to 9999 are read in UTC.
    pub fn day_and_hour(&self, at: Timestamp) -> (i64, usize) {
        let offset_s =
            jiff::Timestamp::from_millisecond(at.0).map_or(0, |instant| self.zone.to_offset(instant).seconds());
        let local = at.0 + i64::from(offset_s) * 1_000;
        let hour = local.rem_euclid(DAY_MS) / HOUR_MS;
        (local.div_euclid(DAY_MS), usize::try_from(hour).unwrap_or(0))
    }

    /// A local moment as `2026-01-31 09:05`.
    pub fn minute(&self, at: Timestamp) -> String {
        let (day, hour) = self.day_and_hour(at);
        format!("{} {hour:02}:{:02}", date(day), at.0.div_euclid(60_000).rem_euclid(60))
    }
}

/// A day counted from 1970-01-01 as `2026-01-31`.
pub fn date(day: i64) -> String {
    let days = i32::try_from(day).ok().map(|days| jiff::Span::new().try_days(days));
    let epoch = jiff::civil::date(1970, 1, 1);
    match days.and_then(Result::ok).and_then(|span| epoch.checked_add(span).ok()) {
        Some(date) => date.to_string(),
        None => format!("day {day}"),
    }
}
