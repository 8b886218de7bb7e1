//! Why something was, or was not, shown: every campaign's gates in order, passed or not, and what it waits for.

use crate::attributes::Scope;
use crate::condition::Host;
use crate::effect::Gate;
use crate::engine::Engine;
use crate::gate::{caps_allow, may_open};
use crate::pattern::Moment;
use crate::state::{CampaignState, FIRST, Held, LeafState};
use noren_event::{Duration, Timestamp, Value};
use noren_program::{Campaign, Cond, Leaf};

impl Engine {
    /// For each campaign an object: `campaign`, `trigger` (a list of its leaves with what they `have` of what they `need`, whether they
    /// are `true`, and `due` if time alone will do it), `armed`, `held`, `showing`, and `gates`: a list of `{gate, pass}` in order, with
    /// the values `seen` where a condition looked at some. Inert campaigns come with `inert: true`. Cost: all campaigns; it is for
    /// people.
    pub fn trace(&self, now: Timestamp, host: &dyn Host) -> Value {
        let now = now.max(self.state.now);
        let mut list: Vec<Value> = self
            .program
            .campaigns
            .iter()
            .zip(&self.state.campaigns)
            .map(|(campaign, of)| self.trace_campaign(campaign, of, now, host))
            .collect();
        for id in &self.program.inert {
            list.push(Value::map([("campaign", Value::str(id)), ("inert", true.into())]));
        }
        Value::List(list)
    }

    fn trace_campaign(&self, campaign: &Campaign, of: &CampaignState, now: Timestamp, host: &dyn Host) -> Value {
        let m = Moment { now, page: self.state.page.as_ref() };
        let trigger = campaign.leaves.iter().zip(&of.leaves).map(|(leaf, s)| trace_leaf(leaf, s, m)).collect();
        let mut result = Value::map([("campaign", Value::str(&campaign.id)), ("trigger", Value::List(trigger))]);
        match of.held {
            Held::No => {}
            Held::Session => result.set("held", "session".into()),
            Held::Always => result.set("held", "visitor".into()),
            Held::Until(t) => result.set("held", time(t)),
        }
        if let Some(armed) = of.armed {
            let behind = armed.behind.map_or("delay", Gate::word);
            result.set("armed", Value::map([("due", time(armed.due)), ("behind", behind.into())]));
        }
        if let Some(v) = of.showing.and_then(|v| campaign.variants.get(usize::from(v))) {
            result.set("showing", Value::str(&v.id));
        }
        let stopped = may_open(campaign, &self.program, &self.state, None, host);
        let mut gates = Vec::new();
        for gate in [Gate::Schedule, Gate::Consent, Gate::Audience] {
            // `may_open` names the first that fails; what stands behind it was not asked.
            if stopped.is_some_and(|s| s < gate) {
                gates.push(Value::map([("gate", gate.word().into())]));
                continue;
            }
            let mut entry = Value::map([("gate", gate.word().into()), ("pass", (stopped != Some(gate)).into())]);
            if gate == Gate::Audience
                && let Some(id) = campaign.audience
            {
                let mut seen = Value::Map(Vec::new());
                let scope = Scope { attributes: &self.state.attributes, event: None };
                collect_seen(self.program.cond(id), &scope, &mut seen);
                entry.set("seen", seen);
            }
            gates.push(entry);
        }
        let caps = caps_allow(campaign, of, &self.state);
        gates.push(Value::map([
            ("gate", Gate::Caps.word().into()),
            ("pass", caps.into()),
            ("shown", Value::Num(f64::from(of.records.of(noren_program::CapEvent::Shown).total))),
            ("closed", Value::Num(f64::from(of.records.of(noren_program::CapEvent::Closed).total))),
        ]));
        let mut others = self.program.campaigns.iter().zip(&self.state.campaigns);
        let holder = others.find(|(c, o)| o.showing.is_some() && c.surface == campaign.surface).map(|(c, _)| &c.id);
        let visible = self.state.visible && !self.state.left;
        let mut surface =
            Value::map([("gate", Gate::Surface.word().into()), ("pass", (holder.is_none() && visible).into())]);
        if let Some(id) = holder {
            surface.set("taken_by", Value::str(id));
        }
        gates.push(surface);
        result.set("gates", Value::List(gates));
        result
    }
}

fn time(t: Timestamp) -> Value {
    Value::Num(t.0 as f64)
}

fn span(d: Duration) -> Value {
    Value::Num(d.0 as f64)
}

fn trace_leaf(leaf: &Leaf, s: &LeafState, m: Moment) -> Value {
    let number = |n: usize| Value::Num(n as f64);
    let of = |kind: &'static str, what: Value, have: Value, need: Value| {
        Value::map([(kind, what), ("have", have), ("need", need)])
    };
    let mut v = match leaf {
        Leaf::Count { of: e, at_least, .. } => {
            of("event", Value::str(&e.event), number(s.list.len()), number(usize::from(*at_least)))
        }
        Leaf::Distinct { of: e, at_least, .. } => {
            of("distinct", Value::str(&e.event), number(s.list.len()), number(usize::from(*at_least)))
        }
        Leaf::Sum { of: e, at_least_cents, .. } => {
            let have = s.list.iter().map(|(_, c)| *c as f64).sum::<f64>() / 100.0;
            of("sum", Value::str(&e.event), have.into(), (*at_least_cents as f64 / 100.0).into())
        }
        Leaf::Every { of: e, times, .. } => {
            let have = s.a.rem_euclid(i64::from((*times).max(1)));
            of("every", Value::str(&e.event), (have as f64).into(), number(usize::from(*times)))
        }
        Leaf::Sequence { steps, .. } => {
            let names = steps.iter().map(|s| Value::str(&s.event)).collect();
            of("sequence", Value::List(names), number(s.list.len()), number(steps.len()))
        }
        Leaf::Dwell { time, .. } => of("dwell", s.is(FIRST).into(), span(s.stayed(leaf, m)), span(*time)),
        Leaf::Absent { event, time: need, .. } => {
            let have = if s.is(FIRST) { span(m.now - Timestamp(s.a)) } else { Value::Null };
            of("absent", Value::str(&event.event), have, span(*need))
        }
    };
    v.set("true", s.truth(leaf, m).into());
    if let Some(due) = s.deadline(leaf, false, m) {
        v.set("due", time(due));
    }
    v
}

/// The values that a condition's paths have now.
fn collect_seen(cond: &Cond, scope: &Scope, seen: &mut Value) {
    match cond {
        Cond::All(list) | Cond::Any(list) => {
            for inner in list {
                collect_seen(inner, scope, seen);
            }
        }
        Cond::Not(inner) => collect_seen(inner, scope, seen),
        Cond::Attr { path, .. } => {
            let value = crate::condition::Lookup::lookup(scope, path).cloned().unwrap_or_default();
            seen.set(path, value);
        }
        Cond::Unknown => {}
    }
}
