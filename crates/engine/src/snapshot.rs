//! What the engine remembers, as bytes: for a reload, another page, a crash.
//!
//! Keyed by campaign id with the pattern's fingerprint, so that a snapshot survives a new program. A campaign at rest takes nothing.
//! Any byte string restores to a state or is refused; a refused snapshot costs the visitor's memory, never the page.

use crate::condition::Host;
use crate::effect::Effect;
use crate::engine::Engine;
use crate::pattern::Moment;
use crate::state::{Armed, CampaignState, Held, LeafState, ORDERS_KEPT, Page, Record, Records, State, Trail};
use crate::{attributes::KEPT_ROOTS, effect::Gate};
use noren_event::packed::{Malformed, Reader, Writer};
use noren_event::{Duration, Timestamp, Value};
use noren_program::codec::{CAP_TIMES_MAX, COUNT_MAX, SEQUENCE_MEMORY};
use noren_program::{Leaf, Program};

/// Format of the bytes. Another format is refused: an older agent never reads, and so never writes over, what a newer one wrote.
pub const SNAPSHOT_VERSION: u8 = 1;
/// Roots beyond [`KEPT_ROOTS`] that only live as long as the page.
const PAGE_ROOTS: [&str; 4] = ["page", "session", "device", "geo"];

impl Engine {
    /// All that is remembered.
    pub fn snapshot(&self) -> Vec<u8> {
        let mut w = Writer::default();
        let s = &self.state;
        w.byte(SNAPSHOT_VERSION);
        w.int(s.now.0);
        w.uint(u64::from(s.session.number));
        w.int(s.session.started.0);
        w.int(s.session.last_event.0);
        w.uint(u64::from(s.session.page_views));
        w.byte(
            u8::from(s.visible)
                | u8::from(s.left) << 1
                | u8::from(s.page.is_some()) << 2
                | u8::from(s.consent.is_some()) << 3,
        );
        if let Some(page) = &s.page {
            w.int(page.started.0);
            w.int(page.active.0);
            opt_time(&mut w, page.active_since);
            w.int(page.active_until.0);
        }
        if let Some(granted) = &s.consent {
            w.uint(granted.len() as u64);
            for category in granted {
                w.str(category);
            }
        }
        w.uint(s.orders.len() as u64);
        for order in &s.orders {
            w.str(order);
        }
        for root in KEPT_ROOTS.iter().chain(&PAGE_ROOTS) {
            w.value(s.attributes.root(root).unwrap_or(&Value::Null));
        }
        records(&mut w, &s.any);
        let used: Vec<_> = self
            .program
            .campaigns
            .iter()
            .zip(&s.campaigns)
            .filter(|(campaign, of)| **of != CampaignState::fresh(campaign))
            .collect();
        w.uint(used.len() as u64);
        for (campaign, of) in used {
            w.str(&campaign.id);
            w.uint(u64::from(campaign.fingerprint));
            let mut inner = Writer::default();
            campaign_state(&mut inner, of);
            w.bytes(&inner.0);
        }
        w.0
    }

    /// An engine that remembers what a snapshot says, under a program that may be newer than it: campaigns are matched as
    /// [`Engine::replace_program`] matches them, and what an unmatched armed decision ends in is among the effects.
    ///
    /// # Errors
    /// Any [`Malformed`]; another format is `Unknown`.
    pub fn restore(
        program: Program,
        unit: &str,
        bytes: &[u8],
        host: &dyn Host,
    ) -> Result<(Engine, Vec<Effect>), Malformed> {
        let mut r = Reader::new(bytes);
        if r.byte()? != SNAPSHOT_VERSION {
            return Err(Malformed::Unknown);
        }
        let mut state = State::new(&program);
        state.now = Timestamp(r.int()?);
        state.session.number = r.u32()?;
        state.session.started = Timestamp(r.int()?);
        state.session.last_event = Timestamp(r.int()?);
        state.session.page_views = r.u32()?;
        let flags = r.byte()?;
        state.visible = flags & 1 != 0;
        state.left = flags & 2 != 0;
        if flags & 4 != 0 {
            state.page = Some(Page {
                started: Timestamp(r.int()?),
                active: Duration(r.int()?),
                active_since: read_opt_time(&mut r)?,
                active_until: Timestamp(r.int()?),
            });
        }
        if flags & 8 != 0 {
            let mut granted = Vec::new();
            for _ in 0..r.count()? {
                granted.push(r.str()?.into());
            }
            state.consent = Some(granted);
        }
        for _ in 0..r.count()?.min(ORDERS_KEPT) {
            state.orders.push(r.str()?.into());
        }
        for root in KEPT_ROOTS.iter().chain(&PAGE_ROOTS) {
            let value = r.value()?;
            if value != Value::Null {
                state.attributes.set_root(root, value);
            }
        }
        state.any = read_records(&mut r)?;
        let mut effects = Vec::new();
        for _ in 0..r.count()? {
            let id = r.str()?;
            let fingerprint = r.u32()?;
            let inner = r.bytes()?;
            let Ok(i) = program.campaigns.binary_search_by(|c| (*c.id).cmp(id)) else { continue };
            let (Some(campaign), Some(slot)) = (program.campaigns.get(i), state.campaigns.get_mut(i)) else { continue };
            let mut of = read_campaign_state(&mut Reader::new(inner))?;
            let same = campaign.fingerprint == fingerprint
                && of.leaves.len() == campaign.leaves.len()
                && campaign.leaves.iter().zip(&mut of.leaves).all(|(leaf, s)| fits(leaf, s));
            if !same {
                if of.armed.take().is_some() {
                    effects.push(crate::engine::republished(campaign, state.now));
                }
                of.held = Held::No;
                of.leaves = CampaignState::fresh(campaign).leaves;
                let m = Moment { now: state.now, page: state.page.as_ref() };
                for (leaf, s) in campaign.leaves.iter().zip(&mut of.leaves) {
                    s.begin_now(leaf, crate::engine::page_matches(leaf, &program, &state.attributes, host), m);
                }
            }
            *slot = of;
        }
        Ok((Engine::with_state(program, unit, state), effects))
    }
}

/// Whether a leaf's memory is of the leaf's kind; a list longer than the leaf keeps is cut to its latest.
fn fits(leaf: &Leaf, s: &mut LeafState) -> bool {
    match (leaf, s) {
        (Leaf::Count { at_least, .. }, LeafState::Count(times)) => {
            let extra = times.len().saturating_sub(usize::from(*at_least));
            times.drain(..extra);
            true
        }
        (Leaf::Dwell { .. }, LeafState::Dwell { .. })
        | (Leaf::Absent { .. }, LeafState::Absent { .. })
        | (Leaf::Sum { .. }, LeafState::Sum(_))
        | (Leaf::Distinct { .. }, LeafState::Distinct(_))
        | (Leaf::Every { .. }, LeafState::Every { .. })
        | (Leaf::Sequence { .. }, LeafState::Sequence(_)) => true,
        _ => false,
    }
}

fn opt_time(w: &mut Writer, t: Option<Timestamp>) {
    w.byte(u8::from(t.is_some()));
    if let Some(t) = t {
        w.int(t.0);
    }
}

fn read_opt_time(r: &mut Reader) -> Result<Option<Timestamp>, Malformed> {
    Ok(if r.byte()? == 0 { None } else { Some(Timestamp(r.int()?)) })
}

/// Times as the first and the steps between: a step of minutes takes three bytes where a time takes six.
fn times(w: &mut Writer, list: &[Timestamp]) {
    w.uint(list.len() as u64);
    let mut last = Timestamp(0);
    for t in list {
        w.int((*t - last).0);
        last = *t;
    }
}

fn read_times(r: &mut Reader, most: usize) -> Result<Vec<Timestamp>, Malformed> {
    let mut list = Vec::new();
    let mut last = Timestamp(0);
    for _ in 0..r.count()? {
        last = last + Duration(r.int()?);
        list.push(last);
    }
    list.sort_unstable();
    let extra = list.len().saturating_sub(most);
    list.drain(..extra);
    Ok(list)
}

fn records(w: &mut Writer, of: &Records) {
    for kind in &of.kinds {
        w.uint(u64::from(kind.total));
        times(w, &kind.times);
    }
}

fn read_records(r: &mut Reader) -> Result<Records, Malformed> {
    let mut of = Records::default();
    for kind in &mut of.kinds {
        *kind = Record { total: r.u32()?, times: read_times(r, usize::from(CAP_TIMES_MAX))? };
    }
    Ok(of)
}

const GATES: [Gate; 2] = [Gate::Priority, Gate::Surface];

fn campaign_state(w: &mut Writer, of: &CampaignState) {
    w.uint(of.leaves.len() as u64);
    for leaf in &of.leaves {
        match leaf {
            LeafState::Count(list) => {
                w.byte(0);
                times(w, list);
            }
            LeafState::Dwell { matches, used, base } => {
                w.byte(1 + (u8::from(*matches) | u8::from(*used) << 1));
                w.int(base.0);
            }
            LeafState::Absent { after, event } => {
                w.byte(5);
                opt_time(w, *after);
                opt_time(w, *event);
            }
            LeafState::Sum(list) => {
                w.byte(6);
                times(w, &list.iter().map(|(t, _)| *t).collect::<Vec<_>>());
                list.iter().for_each(|(_, cents)| w.uint(*cents));
            }
            LeafState::Distinct(list) => {
                w.byte(7);
                times(w, &list.iter().map(|(_, t)| *t).collect::<Vec<_>>());
                list.iter().for_each(|(hash, _)| w.0.extend_from_slice(&hash.to_le_bytes()));
            }
            LeafState::Every { count, hit } => {
                w.byte(8 + u8::from(*hit));
                w.uint(u64::from(*count));
            }
            LeafState::Sequence(trail) => {
                w.byte(10);
                times(w, &trail.iter().map(|t| t.at).collect::<Vec<_>>());
                for t in trail {
                    w.byte(t.steps);
                    w.byte(u8::from(t.breaks) | u8::from(t.same != 0) << 1);
                    if t.same != 0 {
                        w.0.extend_from_slice(&t.same.to_le_bytes());
                    }
                }
            }
        }
    }
    match of.held {
        Held::No => w.byte(0),
        Held::Session => w.byte(1),
        Held::Always => w.byte(2),
        Held::Until(t) => {
            w.byte(3);
            w.int(t.0);
        }
    }
    match of.armed {
        None => w.byte(0),
        Some(Armed { due, behind }) => {
            w.byte(match behind {
                None => 1,
                Some(Gate::Priority) => 2,
                Some(_) => 3,
            });
            w.int(due.0);
        }
    }
    w.uint(of.showing.map_or(0, |v| u64::from(v) + 1));
    match of.assigned {
        None => w.byte(0),
        Some((phase, variant)) => {
            w.byte(1);
            w.uint(u64::from(phase));
            w.uint(u64::from(variant));
        }
    }
    opt_time(w, of.exposed_at);
    records(w, &of.records);
}

fn read_u64(r: &mut Reader) -> Result<u64, Malformed> {
    let mut raw = [0u8; 8];
    raw.copy_from_slice(r.take(8)?);
    Ok(u64::from_le_bytes(raw))
}

fn read_u16(r: &mut Reader) -> Result<u16, Malformed> {
    u16::try_from(r.uint()?).map_err(|_| Malformed::OutOfRange)
}

fn read_campaign_state(r: &mut Reader) -> Result<CampaignState, Malformed> {
    let mut of = CampaignState::default();
    for _ in 0..r.count()? {
        of.leaves.push(match r.byte()? {
            0 => LeafState::Count(read_times(r, usize::from(COUNT_MAX))?),
            b @ 1..=4 => {
                LeafState::Dwell { matches: (b - 1) & 1 != 0, used: (b - 1) & 2 != 0, base: Duration(r.int()?) }
            }
            5 => LeafState::Absent { after: read_opt_time(r)?, event: read_opt_time(r)? },
            6 => {
                let mut list = Vec::new();
                for t in read_times(r, usize::from(COUNT_MAX))? {
                    list.push((t, r.uint()?));
                }
                LeafState::Sum(list)
            }
            7 => {
                let mut list = Vec::new();
                for t in read_times(r, usize::from(COUNT_MAX))? {
                    list.push((read_u64(r)?, t));
                }
                LeafState::Distinct(list)
            }
            b @ 8..=9 => LeafState::Every { count: r.u32()?, hit: b == 9 },
            10 => {
                let mut trail = Vec::new();
                for at in read_times(r, SEQUENCE_MEMORY)? {
                    let steps = r.byte()?;
                    let flags = r.byte()?;
                    let same = if flags & 2 == 0 { 0 } else { read_u64(r)? };
                    trail.push(Trail { at, steps, breaks: flags & 1 != 0, same });
                }
                LeafState::Sequence(trail)
            }
            _ => return Err(Malformed::Unknown),
        });
    }
    of.held = match r.byte()? {
        0 => Held::No,
        1 => Held::Session,
        2 => Held::Always,
        3 => Held::Until(Timestamp(r.int()?)),
        _ => return Err(Malformed::Unknown),
    };
    of.armed = match r.byte()? {
        0 => None,
        1 => Some(Armed { due: Timestamp(r.int()?), behind: None }),
        b @ 2..=3 => Some(Armed { due: Timestamp(r.int()?), behind: GATES.get(usize::from(b - 2)).copied() }),
        _ => return Err(Malformed::Unknown),
    };
    of.showing = match read_u16(r)? {
        0 => None,
        v => Some(v - 1),
    };
    of.assigned = match r.byte()? {
        0 => None,
        _ => Some((r.u32()?, read_u16(r)?)),
    };
    of.exposed_at = read_opt_time(r)?;
    of.records = read_records(r)?;
    Ok(of)
}
