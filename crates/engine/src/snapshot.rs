//! What the engine remembers, as bytes: for a reload, another page, a crash.
//!
//! Keyed by campaign id with the pattern's fingerprint, so that a snapshot survives a new program. A campaign at rest takes nothing.
//! Any byte string restores to a state or is refused; a refused snapshot costs the visitor's memory, never the page.

use crate::attributes::KEPT_ROOTS;
use crate::condition::Host;
use crate::effect::{Decision, Effect, Gate, Outcome};
use crate::engine::{Engine, page_matches};
use crate::pattern::Moment;
use crate::state::{Armed, CampaignState, Held, LeafState, Page, Record, Records, State};
use noren_event::packed::{Malformed, Reader, Writer};
use noren_event::{Duration, Timestamp, Value};
use noren_program::Program;

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
            campaign_state(&mut w, of);
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
        if r.byte() != SNAPSHOT_VERSION {
            return Err(Malformed::Unknown);
        }
        let mut state = State::new(&program);
        state.now = Timestamp(r.int());
        state.session.number = r.u32();
        state.session.started = Timestamp(r.int());
        state.session.last_event = Timestamp(r.int());
        state.session.page_views = r.u32();
        let flags = r.byte();
        state.visible = flags & 1 != 0;
        state.left = flags & 2 != 0;
        if flags & 4 != 0 {
            state.page = Some(Page {
                started: Timestamp(r.int()),
                active: Duration(r.int()),
                active_since: read_opt_time(&mut r),
                active_until: Timestamp(r.int()),
            });
        }
        if flags & 8 != 0 {
            state.consent = Some(r.list(|r| r.str().into()));
        }
        state.orders = r.list(|r| r.str().into());
        for root in KEPT_ROOTS.iter().chain(&PAGE_ROOTS) {
            let value = r.value();
            if value != Value::Null {
                state.attributes.set_root(root, value);
            }
        }
        state.any = read_records(&mut r);
        let mut effects = Vec::new();
        let mut kept = vec![false; program.campaigns.len()];
        for _ in 0..r.count() {
            let id: Box<str> = r.str().into();
            let fingerprint = r.u32();
            let mut of = read_campaign_state(&mut r);
            let Ok(i) = program.campaigns.binary_search_by(|c| c.id.cmp(&id)) else {
                if of.armed.is_some() {
                    effects.push(republished(&id, 0, state.now));
                }
                if of.showing.is_some() {
                    effects.push(Effect::Retract { campaign: id });
                }
                continue;
            };
            let (Some(campaign), Some(slot), Some(kept)) =
                (program.campaigns.get(i), state.campaigns.get_mut(i), kept.get_mut(i))
            else {
                continue;
            };
            *kept = campaign.fingerprint == fingerprint && of.leaves.len() == campaign.leaves.len();
            if !*kept {
                if of.armed.take().is_some() {
                    effects.push(republished(&id, campaign.phase, state.now));
                }
                of.held = Held::No;
                of.leaves = core::mem::take(&mut slot.leaves);
            }
            *slot = of;
        }
        r.finish()?;
        // What is not remembered begins now, on the page that is open.
        let m = Moment { now: state.now, page: state.page.as_ref() };
        let places = program.campaigns.iter().zip(&mut state.campaigns).zip(kept);
        for ((campaign, of), _) in places.filter(|(_, kept)| !kept && m.page.is_some()) {
            for (leaf, s) in campaign.leaves.iter().zip(&mut of.leaves) {
                s.begin_now(leaf, page_matches(leaf, &program, &state.attributes, host), m);
            }
        }
        Ok((Engine::with_state(program, unit, state), effects))
    }

    /// Decide by another program from now on. An unchanged pattern keeps its state, a changed one starts empty; an armed decision of a
    /// changed or stopped campaign ends as `republished`; a stopped campaign's widget is retracted; caps and variants survive.
    pub fn replace_program(&mut self, program: Program, host: &dyn Host) -> Vec<Effect> {
        match Engine::restore(program, &self.unit, &self.snapshot(), host) {
            Ok((engine, effects)) => {
                *self = engine;
                effects
            }
            // Its own snapshot is always readable.
            Err(_) => Vec::new(),
        }
    }
}

fn republished(campaign: &str, phase: u32, at: Timestamp) -> Effect {
    Effect::Decision(Decision {
        at,
        campaign: campaign.into(),
        variant: "".into(),
        outcome: Outcome::Suppressed,
        gate: Some(Gate::Republished),
        phase,
    })
}

fn opt_time(w: &mut Writer, t: Option<Timestamp>) {
    w.byte(u8::from(t.is_some()));
    if let Some(t) = t {
        w.int(t.0);
    }
}

fn read_opt_time(r: &mut Reader) -> Option<Timestamp> {
    (r.byte() != 0).then(|| Timestamp(r.int()))
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

fn read_times(r: &mut Reader) -> Vec<Timestamp> {
    let mut last = Timestamp(0);
    r.list(|r| {
        last = last + Duration(r.int());
        last
    })
}

fn records(w: &mut Writer, of: &Records) {
    for kind in &of.kinds {
        w.uint(u64::from(kind.total));
        times(w, &kind.times);
    }
}

fn read_records(r: &mut Reader) -> Records {
    let mut of = Records::default();
    for kind in &mut of.kinds {
        *kind = Record { total: r.u32(), times: read_times(r) };
    }
    of
}

fn campaign_state(w: &mut Writer, of: &CampaignState) {
    w.uint(of.leaves.len() as u64);
    for leaf in &of.leaves {
        w.byte(leaf.flags);
        w.int(leaf.a);
        w.int(leaf.b);
        w.uint(leaf.list.len() as u64);
        let mut last = Timestamp(0);
        for (at, with) in &leaf.list {
            w.int((*at - last).0);
            w.uint(*with);
            last = *at;
        }
    }
    let (held, until) = match of.held {
        Held::No => (0, 0),
        Held::Session => (1, 0),
        Held::Always => (2, 0),
        Held::Until(t) => (3, t.0),
    };
    w.byte(held);
    w.int(until);
    let (armed, due) = match of.armed {
        None => (0, 0),
        Some(Armed { due, behind: None }) => (1, due.0),
        Some(Armed { due, behind: Some(Gate::Priority) }) => (2, due.0),
        Some(Armed { due, .. }) => (3, due.0),
    };
    w.byte(armed);
    w.int(due);
    w.uint(of.showing.map_or(0, |v| u64::from(v) + 1));
    // Phase and variant in one number, which is never zero.
    w.uint(of.assigned.map_or(0, |(phase, variant)| (u64::from(phase) << 16 | u64::from(variant)) + 1));
    opt_time(w, of.exposed_at);
    records(w, &of.records);
}

fn read_campaign_state(r: &mut Reader) -> CampaignState {
    let leaves = r.list(|r| {
        let (flags, a, b) = (r.byte(), r.int(), r.int());
        let mut last = Timestamp(0);
        let list = r.list(|r| {
            last = last + Duration(r.int());
            (last, r.uint())
        });
        LeafState { list, a, b, flags }
    });
    let (held, until) = (r.byte(), Timestamp(r.int()));
    let (armed, due) = (r.byte(), Timestamp(r.int()));
    CampaignState {
        leaves,
        held: match held {
            0 => Held::No,
            1 => Held::Session,
            2 => Held::Always,
            _ => Held::Until(until),
        },
        armed: match armed {
            0 => None,
            1 => Some(Armed { due, behind: None }),
            2 => Some(Armed { due, behind: Some(Gate::Priority) }),
            _ => Some(Armed { due, behind: Some(Gate::Surface) }),
        },
        showing: r.u16().checked_sub(1),
        assigned: r.uint().checked_sub(1).map(|n| ((n >> 16) as u32, n as u16)),
        exposed_at: read_opt_time(r),
        records: read_records(r),
    }
}
