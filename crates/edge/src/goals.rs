//! Goals of the live program, as device objects need them: small enough to travel with every sync, so that attribution asks no other
//! object for anything.

use noren_event::packed::Malformed;
use noren_event::{Duration, Event, Value};
use noren_profile::{Hit, Same, Stamp};
use noren_program::{Cond, Program, Variant};

/// Whether a condition holds over some attributes; the engine's own evaluator, lent by whoever has a regular expression engine.
pub type Holds<'a> = &'a dyn Fn(&Cond, &Value) -> bool;

/// Goals of a program: the program itself, of which each campaign keeps only its id and goal.
#[derive(Clone, Debug, Default)]
pub struct Goals(Program);

impl Goals {
    /// The goals of a program.
    pub fn of(mut program: Program) -> Goals {
        program.campaigns.retain(|c| c.goal.is_some());
        for campaign in &mut program.campaigns {
            campaign.schedule = None;
            campaign.audience = None;
            campaign.trigger = noren_program::Node::All(Vec::new());
            campaign.leaves.clear();
            campaign.cancel.clear();
            campaign.caps = Default::default();
            // The byte form knows no campaign without a variant.
            campaign.variants =
                vec![Variant { id: "".into(), weight_bps: 10_000, kind: "".into(), content: "".into() }];
        }
        program.zones.clear();
        let used: Vec<usize> =
            program.campaigns.iter().filter_map(|c| c.goal.as_ref()?.of.cond).map(|id| id.0 as usize).collect();
        for (i, cond) in program.conds.iter_mut().enumerate() {
            // Places in the table are named by number, so what is not used stays as an empty condition of two bytes.
            if !used.contains(&i) {
                *cond = Cond::All(Vec::new());
            }
        }
        Goals(program)
    }

    /// As bytes.
    pub fn pack(&self) -> Vec<u8> {
        if self.0.campaigns.is_empty() { Vec::new() } else { noren_program::codec::encode(&self.0) }
    }

    /// From bytes; none from none.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn unpack(bytes: &[u8]) -> Result<Goals, Malformed> {
        if bytes.is_empty() { Ok(Goals::default()) } else { noren_program::codec::decode(bytes).map(Goals) }
    }

    /// How long after an exposure to this campaign a goal counts; `None` where it has none.
    pub fn within(&self, campaign: &str) -> Option<Duration> {
        self.0.campaigns.iter().find(|c| &*c.id == campaign)?.goal.as_ref().map(|goal| goal.within)
    }

    /// Whether an event of this name can be a goal of any campaign.
    pub fn may_hit(&self, name: &str) -> bool {
        self.0.campaigns.iter().any(|c| c.goal.as_ref().is_some_and(|g| &*g.of.event == name))
    }

    /// The goals an event meets.
    pub fn hits(&self, event: &Event, stamp: &Stamp, holds: Holds) -> Vec<Hit> {
        let mut hits = Vec::new();
        for campaign in &self.0.campaigns {
            let Some(goal) = campaign.goal.as_ref().filter(|g| g.of.event == event.name) else { continue };
            if let Some(id) = goal.of.cond {
                let attributes = Value::map([("event", event.props.clone())]);
                if !holds(self.0.cond(id), &attributes) {
                    continue;
                }
            }
            let value =
                if goal.value.is_empty() { None } else { event.props.path(&goal.value).and_then(Value::as_num) };
            hits.push(Hit {
                campaign: campaign.id.clone(),
                stamp: stamp.clone(),
                value: value.filter(|n| n.is_finite()).unwrap_or(0.0),
                same: Same::of(event),
            });
        }
        hits
    }
}
