//! Checked campaigns to a program and the contents it names.
//!
//! Everything that needs a calendar, a zone's name or a document happens here, so that the agent only reads bytes: conditions are kept once
//! each, zones become offsets, local times instants, documents hashes.

use crate::ast::{self, LocalTime, Status, Trigger};
use crate::bounds::{PAUSED_MAX, RENEW_BEFORE, ZONE_AHEAD};
use crate::check::Site;
use crate::check::schedule::date_time;
use crate::json;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use noren_event::{Duration, Timestamp, Value};
use noren_program::{
    Campaign, Cancel, Caps, Cond, CondId, Goal, Leaf, Node, Occurs, Place, PlaceKind, Program, Schedule, Surface,
    Variant, Zone, codec,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A site's live campaigns, ready to be published.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// What the agent decodes.
    pub program: Program,
    /// Content hash and content of every variant, each once: what is served at that hash.
    pub contents: Vec<(String, Value)>,
}

/// [`compile_for`] a site that has said nothing.
pub fn compile(campaigns: &[ast::Campaign], now: Timestamp) -> Compiled {
    compile_for(&Site::default(), campaigns, now)
}

/// Compile campaigns as of `now`. Of paused ones there are the ids alone ([`PAUSED_MAX`]); the order given does not matter. Zones' offsets are known for 400 days from
/// `now`, which is also how long the program is valid: a scheduled campaign is closed from then on until the site compiles again.
/// The same campaigns at the same `now` give the same program.
pub fn compile_for(site: &Site, all: &[ast::Campaign], now: Timestamp) -> Compiled {
    let mut live: Vec<&ast::Campaign> = all.iter().filter(|c| c.status == Status::Live).collect();
    live.sort_by(|a, b| a.id.cmp(&b.id));
    let mut table = Table { now, groups: groups(&live), ..Table::default() };
    if let Some(holdout) = &site.holdout {
        let seed = format!("__holdout:{}", holdout.seed).into();
        table.shares.push(Place { why: PlaceKind::Holdout, seed, from: holdout.share_bps, until: 10_000 });
    }
    let mut contents = BTreeMap::new();
    let campaigns = live.into_iter().map(|c| table.campaign(c, &mut contents)).collect();
    let program = Program {
        compiled_at: now,
        valid_until: now + ZONE_AHEAD,
        zones: table.zones,
        conds: table.conds,
        campaigns,
        paused: paused(all),
    };
    Compiled { program, contents: contents.into_iter().collect() }
}

/// The ids of those that are paused, as many as a program names.
fn paused(all: &[ast::Campaign]) -> Vec<Box<str>> {
    let mut ids: Vec<Box<str>> = all.iter().filter(|c| c.status == Status::Paused).map(|c| c.id.clone()).collect();
    ids.sort_unstable();
    ids.truncate(PAUSED_MAX);
    ids
}

/// When it is time to compile a site again, because what its schedules need to know of zones will be over before long. Never (`None`) for a
/// program without weekly hours and calendars.
pub fn renew_at(program: &Program) -> Option<Timestamp> {
    let needs = |c: &Campaign| c.schedule.as_ref().is_some_and(Schedule::has_hours);
    // The first moment at which less than RENEW_BEFORE is left.
    program.campaigns.iter().any(needs).then(|| program.valid_until - RENEW_BEFORE + Duration(1))
}

/// Whether that time has come.
pub fn renew_due(program: &Program, now: Timestamp) -> bool {
    renew_at(program).is_some_and(|at| at <= now)
}

/// The instant of a campaign's date to stop at, in its schedule's zone.
pub fn ends_at(campaign: &ast::Campaign) -> Option<Timestamp> {
    let zone = campaign.schedule.as_ref().map_or("UTC", |s| &*s.zone);
    instant(campaign.stop?.at?, &TimeZoneDatabase::bundled().get(zone).unwrap_or(TimeZone::UTC))
}

/// The groups that a cap looks at; the others need no number.
fn groups(live: &[&ast::Campaign]) -> Vec<Box<str>> {
    let looked_at = live.iter().filter(|c| crate::check::looks_at_group(&c.caps)).map(|c| c.group.clone());
    looked_at.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// The name of a content: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON. 64 bits: among a million contents two share
/// a name with a probability of 3 in 100 million.
pub fn content_hash(action: &Value) -> String {
    hex(&Sha256::digest(json::canonical(action).as_bytes()), 8)
}

fn hex(bytes: &[u8], take: usize) -> String {
    bytes.iter().take(take).map(|b| format!("{b:02x}")).collect()
}

/// What campaigns share, as it fills.
#[derive(Default)]
struct Table {
    now: Timestamp,
    conds: Vec<Cond>,
    /// Place of each condition, by its printed form: only within one compilation, never stored.
    places: BTreeMap<String, CondId>,
    zones: Vec<Zone>,
    zone_names: Vec<Box<str>>,
    /// The groups by number, from 1.
    groups: Vec<Box<str>>,
    /// Places that every campaign keeps to.
    shares: Vec<Place>,
}

impl Table {
    fn campaign(&mut self, c: &ast::Campaign, contents: &mut BTreeMap<String, Value>) -> Campaign {
        let mut leaves = Vec::new();
        let trigger = self.node(&c.trigger, &mut leaves);
        let variants = c.variants.iter().map(|v| {
            let hash = content_hash(&v.action);
            contents.entry(hash.clone()).or_insert_with(|| v.action.clone());
            Variant { id: v.id.clone(), weight_bps: v.weight_bps, kind: v.kind.clone(), content: hash.into() }
        });
        Campaign {
            id: c.id.clone(),
            phase: phase(c),
            fingerprint: fingerprint(c),
            priority: c.priority,
            surface: c.surface.clone(),
            consent: c.consent.clone(),
            schedule: self.schedule(c),
            audience: c.audience.as_ref().map(|a| self.cond(a)),
            trigger,
            leaves,
            cancel: self.cancel(&c.cancel),
            delay: c.delay,
            wait: c.wait,
            places: self.places(c),
            group: self.groups.iter().position(|g| *g == c.group).map_or(0, |g| u32::try_from(g + 1).unwrap_or(0)),
            caps: c.caps.clone(),
            control_bps: c.control_bps,
            seed: c.seed.clone(),
            variants: variants.collect(),
            goal: c.goal.as_ref().map(|g| Goal { of: self.occurs(&g.of), within: g.within, value: g.value.clone() }),
        }
    }

    fn cond(&mut self, cond: &Cond) -> CondId {
        let next = CondId(u32::try_from(self.conds.len()).unwrap_or(u32::MAX));
        let place = *self.places.entry(format!("{cond:?}")).or_insert(next);
        if place == next {
            self.conds.push(cond.clone());
        }
        place
    }

    fn occurs(&mut self, of: &ast::Occurs) -> Occurs {
        Occurs { event: of.event.clone(), cond: of.cond.as_ref().map(|c| self.cond(c)) }
    }

    fn cancel(&mut self, list: &[ast::Cancel]) -> Vec<Cancel> {
        list.iter().map(|c| Cancel { of: self.occurs(&c.of), hold: c.hold }).collect()
    }

    fn node(&mut self, trigger: &Trigger, leaves: &mut Vec<Leaf>) -> Node {
        let leaf = match trigger {
            Trigger::All(list) => return Node::All(list.iter().map(|t| self.node(t, leaves)).collect()),
            Trigger::Any(list) => return Node::Any(list.iter().map(|t| self.node(t, leaves)).collect()),
            Trigger::Not(inner) => return Node::Not(Box::new(self.node(inner, leaves))),
            Trigger::Count { of, at_least, window } => {
                Leaf::Count { of: self.occurs(of), at_least: *at_least, window: *window }
            }
            Trigger::Dwell { page, time, clock, reach } => {
                let page = page.as_ref().map(|p| self.cond(p));
                Leaf::Dwell { page, time: *time, clock: *clock, reach: *reach }
            }
            Trigger::Sum { of, property, at_least_cents, window } => Leaf::Sum {
                of: self.occurs(of),
                property: property.clone(),
                at_least_cents: *at_least_cents,
                window: *window,
            },
            Trigger::Distinct { of, property, at_least, window } => {
                Leaf::Distinct { of: self.occurs(of), property: property.clone(), at_least: *at_least, window: *window }
            }
            Trigger::Every { of, times, window } => Leaf::Every { of: self.occurs(of), times: *times, window: *window },
            Trigger::Sequence { steps, within, without, order, same } => Leaf::Sequence {
                steps: steps.iter().map(|s| self.occurs(s)).collect(),
                within: *within,
                without: without.as_ref().map(|w| self.occurs(w)),
                order: *order,
                same: same.clone(),
            },
            Trigger::Absent { after, event, time } => {
                Leaf::Absent { after: self.occurs(after), event: self.occurs(event), time: *time }
            }
        };
        // The checker allows 20 leaves.
        let place = u16::try_from(leaves.len()).unwrap_or(u16::MAX);
        leaves.push(leaf);
        Node::Leaf(place)
    }

    /// The site's places, then the campaign's own. Seeds of places begin unlike an id, so that no campaign's split follows them.
    fn places(&self, c: &ast::Campaign) -> Vec<Place> {
        let own = c.exclusive.iter().map(|e| Place {
            why: PlaceKind::Exclusive,
            seed: format!("__{}", e.name).into(),
            from: e.from,
            until: e.until,
        });
        self.shares.iter().cloned().chain(own).collect()
    }

    fn schedule(&mut self, c: &ast::Campaign) -> Option<Schedule> {
        let end = c.stop.and_then(|stop| stop.at);
        let written = match (&c.schedule, end) {
            (None, None) => return None,
            (written, _) => written.clone(),
        };
        let s = &written.unwrap_or_else(|| ast::Schedule {
            zone: "UTC".into(),
            from: None,
            until: None,
            weekly: Vec::new(),
            hours: Vec::new(),
            closed: ast::Days::default(),
            open: ast::Days::default(),
        });
        let zone = TimeZoneDatabase::bundled().get(&s.zone).unwrap_or(TimeZone::UTC);
        let at = |t: LocalTime| instant(t, &zone);
        let calendar = |days: &ast::Days, hours: &[(u16, u16)]| {
            if days.dates.is_empty() { Vec::new() } else { day_ranges(&days.dates, hours, &zone, self.now) }
        };
        // Without weekly hours every day is open already.
        let open = if s.weekly.is_empty() { Vec::new() } else { calendar(&s.open, &s.hours) };
        Some(Schedule {
            from: s.from.and_then(at),
            until: [s.until, end].into_iter().flatten().min().and_then(at),
            closed: calendar(&s.closed, &[]),
            open,
            zone: if s.weekly.is_empty() { 0 } else { self.zone(&s.zone, &zone) },
            weekly: s.weekly.clone(),
        })
    }

    fn zone(&mut self, name: &str, zone: &TimeZone) -> u32 {
        let place = match self.zone_names.iter().position(|n| &**n == name) {
            Some(place) => place,
            None => {
                self.zone_names.push(name.into());
                self.zones.push(Zone { offsets: offsets(zone, self.now, self.now + ZONE_AHEAD) });
                self.zones.len() - 1
            }
        };
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}

/// Ranges of minutes of some local days (the whole of them where there are none) as minutes of UTC, ascending and disjoint, as far as offsets
/// are known. A day on which the clock changes is as long as it is; an hour that comes twice is both, as with weekly hours.
fn day_ranges(days: &[LocalTime], hours: &[(u16, u16)], zone: &TimeZone, now: Timestamp) -> Vec<(i64, i64)> {
    const WHOLE: [(u16, u16); 1] = [(0, crate::check::schedule::DAY)];
    let hours = if hours.is_empty() { &WHOLE[..] } else { hours };
    let minute = |t: Timestamp| t.0.div_euclid(60_000);
    let offsets = offsets(zone, now, now + ZONE_AHEAD);
    let mut list = Vec::new();
    for (i, (from, offset)) in offsets.iter().enumerate() {
        // The first offset holds for what is just past, too: clocks differ.
        let from = if i == 0 { minute(*from - Duration::days(1)).max(0) } else { minute(*from) };
        let until = offsets.get(i + 1).map_or(minute(now + ZONE_AHEAD) + 1, |(next, _)| minute(*next));
        for day in days.iter().filter_map(|day| instant(*day, &TimeZone::UTC)) {
            for (a, b) in hours {
                let utc = |local: u16| (minute(day) + i64::from(local) - i64::from(*offset)).clamp(from, until);
                list.push((utc(*a), utc(*b)));
            }
        }
    }
    list.retain(|(a, b)| a < b);
    list.sort_unstable();
    let mut joined: Vec<(i64, i64)> = Vec::new();
    for (a, b) in list {
        match joined.last_mut() {
            Some(last) if last.1 >= a => last.1 = last.1.max(b),
            _ => joined.push((a, b)),
        }
    }
    joined
}

/// A zone's offsets from `from` to `until`.
fn offsets(zone: &TimeZone, from: Timestamp, until: Timestamp) -> Vec<(Timestamp, i32)> {
    // Instants outside of what the library can say (years -9999 to 9999) have no transitions.
    let Ok(start) = jiff::Timestamp::from_millisecond(from.0) else { return Vec::new() };
    let minutes = |offset: jiff::tz::Offset| offset.seconds().div_euclid(60);
    let mut list = vec![(from, minutes(zone.to_offset(start)))];
    for transition in zone.following(start) {
        let at = Timestamp(transition.timestamp().as_millisecond());
        if at >= until {
            break;
        }
        let offset = minutes(transition.offset());
        // Transitions that change only the zone's abbreviation are none to us.
        if list.last().is_none_or(|(_, last)| *last != offset) {
            list.push((at, offset));
        }
    }
    list
}

/// The instant of a local time. A time that a clock change skips is taken as long after the change as it would have been; one that comes
/// twice is the first (RFC 5545's choice).
fn instant(t: LocalTime, zone: &TimeZone) -> Option<Timestamp> {
    let zoned = date_time(t)?.to_zoned(zone.clone()).ok()?;
    Some(Timestamp(zoned.timestamp().as_millisecond()))
}

/// 28 bits of what decides whether remembered patterns still mean the same: trigger and cancel list, nothing else. It is taken over their
/// encoded form, so a new format version of programs starts patterns afresh once.
fn fingerprint(c: &ast::Campaign) -> u32 {
    let mut table = Table::default();
    let mut leaves = Vec::new();
    let trigger = table.node(&c.trigger, &mut leaves);
    let cancel = table.cancel(&c.cancel);
    digest(table, Campaign { trigger, leaves, cancel, ..blank() })
}

/// 28 bits of what decides whether exposures can be compared: audience, control share, seed, and the variants' ids, kinds and weights. The
/// words of a variant are not part of it: mending a misprint does not end a test.
fn phase(c: &ast::Campaign) -> u32 {
    let mut table = Table::default();
    let audience = c.audience.as_ref().map(|a| table.cond(a));
    let variants = c.variants.iter().map(|v| Variant {
        id: v.id.clone(),
        weight_bps: v.weight_bps,
        kind: v.kind.clone(),
        content: "".into(),
    });
    let variants = variants.collect();
    let campaign = Campaign { audience, variants, control_bps: c.control_bps, seed: c.seed.clone(), ..blank() };
    digest(table, campaign)
}

fn digest(table: Table, campaign: Campaign) -> u32 {
    let program = Program { conds: table.conds, campaigns: vec![campaign], ..Program::default() };
    let hash = Sha256::digest(codec::encode(&program));
    // As many as four bytes of a program and of a snapshot carry.
    hash.iter().take(4).fold(0, |n, b| n << 8 | u32::from(*b)) >> 4
}

/// A campaign that says nothing.
fn blank() -> Campaign {
    Campaign {
        id: "".into(),
        phase: 0,
        fingerprint: 0,
        priority: 0,
        surface: Surface::None,
        consent: "".into(),
        schedule: None,
        audience: None,
        trigger: Node::All(Vec::new()),
        leaves: Vec::new(),
        cancel: Vec::new(),
        delay: Duration::ZERO,
        wait: Duration::ZERO,
        places: Vec::new(),
        group: 0,
        caps: Caps::default(),
        control_bps: 0,
        seed: "".into(),
        variants: Vec::new(),
        goal: None,
    }
}

#[cfg(test)]
mod tests;
