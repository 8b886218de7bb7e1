//! A new program while a visitor is there.

use super::{Engine, page_matches};
use crate::condition::Host;
use crate::effect::{Decision, Effect, Gate, Outcome};
use crate::pattern::Moment;
use crate::state::CampaignState;
use noren_program::{Campaign, Program};

impl Engine {
    /// Decide by another program from now on. An unchanged pattern keeps its state, a changed one starts empty; an armed decision of a
    /// changed or stopped campaign ends as `republished`; a stopped campaign's widget is retracted; caps and variants survive.
    pub fn replace_program(&mut self, program: Program, host: &dyn Host) -> Vec<Effect> {
        let mut out = Vec::new();
        let now = self.state.now;
        let old_program = core::mem::replace(&mut self.program, program);
        let mut old_states = core::mem::take(&mut self.state.campaigns);
        let mut states: Vec<CampaignState> = Vec::new();
        let m = Moment { now, page: self.state.page.as_ref() };
        let find = |id: &str| old_program.campaigns.binary_search_by(|c| (*c.id).cmp(id)).ok();
        for campaign in &self.program.campaigns {
            let mut state = CampaignState::fresh(campaign);
            let old = find(&campaign.id).and_then(|i| old_program.campaigns.get(i).zip(old_states.get_mut(i)));
            let mut keeps_pattern = false;
            if let Some((old_campaign, old_state)) = old {
                keeps_pattern =
                    old_campaign.fingerprint == campaign.fingerprint && old_state.leaves.len() == campaign.leaves.len();
                if !keeps_pattern && old_state.armed.is_some() {
                    out.push(republished(old_campaign, now));
                }
                let old_state = core::mem::take(old_state);
                let fresh = core::mem::replace(&mut state, old_state);
                if !keeps_pattern {
                    state.leaves = fresh.leaves;
                    state.held = fresh.held;
                    state.armed = None;
                }
            }
            if !keeps_pattern && m.page.is_some() {
                for (leaf, s) in campaign.leaves.iter().zip(&mut state.leaves) {
                    let matching = page_matches(leaf, &self.program, &self.state.attributes, host);
                    s.begin_now(leaf, matching, m);
                }
            }
            states.push(state);
        }
        let is_live = |id: &str| self.program.campaigns.binary_search_by(|c| (*c.id).cmp(id)).is_ok();
        for (campaign, state) in old_program.campaigns.iter().zip(&old_states) {
            if is_live(&campaign.id) {
                continue;
            }
            if state.armed.is_some() {
                out.push(republished(campaign, now));
            }
            if state.showing.is_some() {
                out.push(Effect::Retract { campaign: campaign.id.clone() });
            }
        }
        let mut state = core::mem::replace(&mut self.state, crate::state::State::new(&Program::default()));
        state.campaigns = states;
        *self = Engine::with_state(core::mem::take(&mut self.program), &core::mem::take(&mut self.unit), state);
        out
    }
}

pub(crate) fn republished(campaign: &Campaign, at: noren_event::Timestamp) -> Effect {
    Effect::Decision(Decision {
        at,
        campaign: campaign.id.clone(),
        variant: "".into(),
        outcome: Outcome::Suppressed,
        gate: Some(Gate::Republished),
        phase: campaign.phase,
    })
}
