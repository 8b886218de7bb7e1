//! Who of those open at the same moment goes on to be shown.

use super::{Candidate, Engine, Stage, is_control};
use crate::condition::Host;
use crate::effect::{Decision, Effect, Gate, Outcome};
use crate::gate::{caps_allow, may_open};
use crate::state::{Armed, CONTROL, CampaignState};
use noren_event::{Duration, Value};
use noren_program::{Campaign, CapEvent, Surface};

impl Engine {
    /// Take candidates through the gates, in the order docs/rules.md gives.
    pub(super) fn arbitrate(
        &mut self,
        mut candidates: Vec<Candidate>,
        event: Option<&Value>,
        host: &dyn Host,
        out: &mut Vec<Effect>,
    ) {
        candidates.sort_unstable_by_key(|c| c.campaign);
        let mut contenders: Vec<(u32, Stage, u16)> = Vec::new();
        for candidate in candidates {
            let c = candidate.campaign;
            let Some(campaign) = self.program.campaigns.get(c as usize) else { continue };
            // What opened a decision is known only at that moment, not after a delay or a wait.
            let event = event.filter(|_| candidate.stage == Stage::Fresh);
            let stopped = may_open(campaign, &self.program, &self.state, event, host);
            let (delay, priority) = (campaign.delay, campaign.priority);
            if let Some(gate) = stopped {
                self.suppress(c, gate, out);
            } else if candidate.stage == Stage::Fresh && delay > Duration::ZERO {
                let due = self.state.now + delay;
                if let Some((_, of)) = self.pair(c) {
                    of.armed = Some(Armed { due, behind: None });
                }
            } else if !self.caps_pass(c) {
                self.suppress(c, Gate::Caps, out);
            } else {
                // Higher priority first; they come by id, which so breaks ties.
                let place = contenders.iter().position(|(_, _, other)| *other < priority).unwrap_or(contenders.len());
                contenders.insert(place, (c, candidate.stage, priority));
            }
        }
        let mut taken: Vec<Surface> = Vec::new();
        for (c, stage, _) in contenders {
            let Some(campaign) = self.program.campaigns.get(c as usize) else { continue };
            let surface = campaign.surface.clone();
            if surface == Surface::None {
                if self.caps_pass(c) { self.expose(c, out) } else { self.suppress(c, Gate::Caps, out) }
            } else if taken.contains(&surface) {
                self.lose(c, stage, Gate::Priority, out);
            } else if !self.caps_pass(c) {
                // A winner before it on another surface has spent an any-campaign cap at this very moment.
                self.suppress(c, Gate::Caps, out);
            } else {
                let free = self.is_free(&surface);
                taken.push(surface);
                if free { self.expose(c, out) } else { self.lose(c, stage, Gate::Surface, out) }
            }
        }
    }

    fn caps_pass(&self, c: u32) -> bool {
        let (campaign, of) = (self.program.campaigns.get(c as usize), self.state.campaigns.get(c as usize));
        campaign.zip(of).is_some_and(|(campaign, of)| caps_allow(campaign, of, &self.state))
    }

    fn is_free(&self, surface: &Surface) -> bool {
        let mut pairs = self.program.campaigns.iter().zip(&self.state.campaigns);
        self.state.visible && !self.state.left && !pairs.any(|(c, of)| of.showing.is_some() && c.surface == *surface)
    }

    /// End a decision that another stood before, or let it wait.
    fn lose(&mut self, c: u32, stage: Stage, gate: Gate, out: &mut Vec<Effect>) {
        let now = self.state.now;
        let Some((campaign, of)) = self.pair(c) else { return };
        let due = match stage {
            Stage::Waiting(due) => due,
            Stage::Fresh | Stage::Delayed => now + campaign.wait,
        };
        if due > now {
            of.armed = Some(Armed { due, behind: Some(gate) });
        } else {
            self.suppress(c, gate, out);
        }
    }

    /// The last step: an arm, a record, and for the treated something to see.
    fn expose(&mut self, c: u32, out: &mut Vec<Effect>) {
        let now = self.state.now;
        let Some((campaign, of)) = self.program.campaigns.get(c as usize).zip(self.state.campaigns.get(c as usize))
        else {
            return;
        };
        let chosen = self.variant_of(campaign, of);
        let Some((campaign, of)) = self.program.campaigns.get(c as usize).zip(self.state.campaigns.get_mut(c as usize))
        else {
            return;
        };
        of.assigned = Some((campaign.phase, chosen));
        of.exposed_at = Some(now);
        of.records.of_mut(CapEvent::Shown).add(now);
        self.state.any.of_mut(CapEvent::Shown).add(now);
        let variant = match campaign.variants.get(usize::from(chosen)) {
            Some(v) if !is_control(chosen) => Some(v),
            _ => None,
        };
        out.push(Effect::Decision(Decision {
            at: now,
            campaign: campaign.id.clone(),
            variant: variant.map_or("control".into(), |v| v.id.clone()),
            outcome: if variant.is_some() { Outcome::Shown } else { Outcome::Control },
            gate: None,
            phase: campaign.phase,
        }));
        if let Some(v) = variant {
            if campaign.surface != Surface::None {
                of.showing = Some(chosen);
            }
            out.push(Effect::Show { campaign: campaign.id.clone(), variant: v.id.clone() });
        }
    }

    /// The variant a visitor has or would get.
    pub(super) fn variant_of(&self, campaign: &Campaign, of: &CampaignState) -> u16 {
        match of.assigned {
            Some((phase, v))
                if phase == campaign.phase && (v == CONTROL || usize::from(v) < campaign.variants.len()) =>
            {
                v
            }
            _ => assign(campaign, &self.unit),
        }
    }
}

/// Where a visitor falls: below the control share is control, the rest is divided by the variants' weights, in order.
pub fn assign(campaign: &Campaign, unit: &str) -> u16 {
    let place = noren_assign::hash(&campaign.seed, unit, 2).unwrap_or(0.0);
    let control = f64::from(campaign.control_bps) / 10_000.0;
    if place < control || control >= 1.0 {
        return CONTROL;
    }
    let place = (place - control) / (1.0 - control) * 10_000.0;
    let mut end = 0.0;
    for (i, v) in campaign.variants.iter().enumerate() {
        end += f64::from(v.weight_bps);
        if place < end {
            return i as u16;
        }
    }
    campaign.variants.len().saturating_sub(1) as u16
}
