//! A visitor: the set of parts, merged by union, and the facts folded out of them.

use std::collections::BTreeMap;

use noren_event::{Timestamp, Value};

use crate::order::Orders;
use crate::part::{CampaignCount, Part};
use crate::stamp::Stamp;

/// Which part: a device's public id and its epoch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PartKey {
    /// Public id.
    pub device: Box<str>,
    /// Counts logouts on the device.
    pub epoch: u32,
}

/// The set of a visitor's parts. Merging is union, so it is commutative, associative and idempotent, and taking a part out again
/// undoes it exactly.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    /// The parts.
    pub parts: BTreeMap<PartKey, Part>,
}

/// What rules and people are told of a visitor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Sessions, added over devices.
    pub visits: u64,
    /// Orders, each transaction once over all devices.
    pub purchases: u64,
    /// Orders less refunds.
    pub lifetime_value: f64,
    /// First event.
    pub first_seen: Option<Timestamp>,
    /// Last event.
    pub last_seen: Option<Timestamp>,
    /// Last order.
    pub last_purchase: Option<Timestamp>,
    /// Latest word on each trait.
    pub traits: Vec<(Box<str>, Value)>,
    /// Built-in segments: `returning` (a second visit), `customer` (an order).
    pub segments: Vec<&'static str>,
    /// What each campaign spent.
    pub campaigns: BTreeMap<Box<str>, CampaignCount>,
}

impl Profile {
    /// Put a part in. Of two states of the same part the longer one contains the other and stays.
    pub fn insert(&mut self, key: PartKey, part: Part) {
        match self.parts.get(&key) {
            Some(known) if known.events >= part.events => {}
            _ => {
                self.parts.insert(key, part);
            }
        }
    }

    /// Add all parts of another.
    pub fn merge(&mut self, other: Profile) {
        for (key, part) in other.parts {
            self.insert(key, part);
        }
    }

    /// Fold the facts. Cost: linear in what the parts hold.
    pub fn facts(&self) -> Facts {
        facts_of(self.parts.values())
    }
}

/// The facts of some parts.
pub fn facts_of<'a>(parts: impl Iterator<Item = &'a Part>) -> Facts {
    let mut facts = Facts::default();
    let mut orders = Orders::default();
    let mut traits: BTreeMap<&str, &(Stamp, Value)> = BTreeMap::new();
    for part in parts {
        facts.visits += part.sessions.count();
        facts.first_seen = match (facts.first_seen, part.first_seen) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        facts.last_seen = facts.last_seen.max(part.last_seen);
        orders.unite(&part.orders);
        for (name, said) in &part.traits {
            let slot = traits.entry(name).or_insert(said);
            if slot.0 < said.0 {
                *slot = said;
            }
        }
        for (id, count) in &part.campaigns {
            facts.campaigns.entry(id.clone()).or_default().unite(count);
        }
    }
    let sum = orders.sum();
    facts.purchases = sum.purchases;
    facts.lifetime_value = sum.value;
    facts.last_purchase = sum.last;
    facts.traits = traits.into_iter().map(|(name, (_, value))| (name.into(), value.clone())).collect();
    if facts.visits >= 2 {
        facts.segments.push("returning");
    }
    if facts.purchases >= 1 {
        facts.segments.push("customer");
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Rng, events};

    fn folded(events: &[(noren_event::Event, Stamp)]) -> Part {
        let mut part = Part::default();
        events.iter().for_each(|(event, stamp)| part.apply(event, stamp));
        part
    }

    fn key(device: usize) -> PartKey {
        PartKey { device: format!("d{device}").into(), epoch: 0 }
    }

    /// A profile of some devices, each with a prefix of its own log: the states a person object can really meet.
    fn some_profile(rng: &mut Rng, logs: &[Vec<(noren_event::Event, Stamp)>]) -> Profile {
        let mut profile = Profile::default();
        for (device, log) in logs.iter().enumerate() {
            if rng.below(3) > 0 {
                let upto = rng.below(log.len() as u64 + 1) as usize;
                profile.insert(key(device), folded(&log[..upto]));
            }
        }
        profile
    }

    #[test]
    fn the_order_of_arrival_changes_nothing() {
        for seed in 0..300 {
            let mut rng = Rng(seed);
            let mut log = events(&mut rng, 40);
            let straight = folded(&log);
            rng.shuffle(&mut log);
            assert_eq!(folded(&log), straight, "seed {seed}");
        }
    }

    #[test]
    fn merge_is_union() {
        for seed in 0..200 {
            let mut rng = Rng(seed);
            let logs: Vec<_> = (0..4).map(|_| events(&mut rng, 15)).collect();
            let [a, b, c] = [0; 3].map(|_| some_profile(&mut rng, &logs));
            let merged = |x: &Profile, y: &Profile| {
                let mut m = x.clone();
                m.merge(y.clone());
                m
            };
            assert_eq!(merged(&a, &b), merged(&b, &a), "commutative, seed {seed}");
            assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)), "associative, seed {seed}");
            assert_eq!(merged(&a, &a), a, "idempotent, seed {seed}");
        }
    }

    #[test]
    fn taking_a_part_out_undoes_the_merge() {
        let mut rng = Rng(7);
        let mine = folded(&events(&mut rng, 20));
        let theirs = folded(&events(&mut rng, 20));
        let mut profile = Profile::default();
        profile.insert(key(1), mine);
        let before = profile.facts();
        profile.insert(key(2), theirs);
        assert_ne!(profile.facts(), before);
        profile.parts.remove(&key(2));
        assert_eq!(profile.facts(), before);
    }

    #[test]
    fn one_order_seen_by_two_devices_is_one_order() {
        let props = Value::map([("transaction_id", "T".into()), ("value", 500.0.into())]);
        let event = noren_event::Event { name: "purchase".into(), props, at: Timestamp(5) };
        let stamp = Stamp { at: Timestamp(5), stream: "s".into(), n: 0 };
        let mut profile = Profile::default();
        profile.insert(key(1), folded(&[(event.clone(), stamp.clone())]));
        profile.insert(key(2), folded(&[(event, Stamp { at: Timestamp(9), ..stamp })]));
        let facts = profile.facts();
        assert_eq!((facts.purchases, facts.lifetime_value, facts.last_purchase), (1, 500.0, Some(Timestamp(5))));
        assert_eq!(facts.segments, ["returning", "customer"]);
    }
}
