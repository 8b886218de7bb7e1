//! A visitor: the set of parts, merged by union, and the facts folded out of them.

use std::collections::BTreeMap;

use noren_event::{Timestamp, Value};

use crate::affinity::affinity;
use crate::bands::{self, Rfm, Weights, days_between};
use crate::days::{Days, Windows};
use crate::kept::{ANSWERS_MAX, Cart, Kept};
use crate::order::Orders;
use crate::part::{CampaignCount, Part};
use crate::stamp::Stamp;
use crate::touch::Touch;
use crate::trial::{Trials, judge};

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

/// How a visitor is looked at: facts are what the parts say at a moment, to a site.
#[derive(Clone, Copy, Debug)]
pub struct Lens<'a> {
    /// The moment of asking: what fades, and what counts days, does so up to here.
    pub now: Timestamp,
    /// How the site weighs visitors.
    pub weights: &'a Weights,
    /// Names of events whose counts are told, where the parts have counted them.
    pub counts: &'a [Box<str>],
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
    /// Per campaign, how often and when last the visitor converted, on whichever device.
    pub conversions: BTreeMap<Box<str>, (u64, Timestamp)>,
    /// The first arrival, direct or not.
    pub first_touch: Option<Touch>,
    /// The last arrival that was not direct; the first one without any.
    pub last_touch: Option<Touch>,
    /// Whole days since the first event.
    pub days_since_first_visit: Option<i64>,
    /// Whole days since the last order.
    pub days_since_last_purchase: Option<i64>,
    /// Bands; none before the first order.
    pub rfm: Option<Rfm>,
    /// Categories with their scores, highest first.
    pub affinity: Vec<(Box<str>, f64)>,
    /// Score as of the moment of asking.
    pub score: f64,
    /// How many of the site's bands the score has reached.
    pub score_band: u64,
    /// Ids of the items in the cart.
    pub cart_items: Vec<Box<str>>,
    /// Last answer to each question.
    pub answers: Vec<(Box<str>, Value)>,
    /// Counts of the events asked for.
    pub counts: Vec<(Box<str>, Windows)>,
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
    pub fn facts(&self, lens: &Lens) -> Facts {
        facts_of(self.parts.values(), lens)
    }
}

/// The facts of some parts, given in the order of their keys.
pub fn facts_of<'a>(parts: impl Iterator<Item = &'a Part>, lens: &Lens) -> Facts {
    let mut facts = Facts::default();
    let mut orders = Orders::default();
    let mut traits: BTreeMap<&str, &(Stamp, Value)> = BTreeMap::new();
    let (mut first_touch, mut last_touch): (Option<(&Stamp, &Touch)>, _) = (None, None);
    let mut views: Vec<(Timestamp, &str)> = Vec::new();
    let mut sessions: Vec<(Timestamp, Timestamp)> = Vec::new();
    let (mut answers, mut cart, mut days) = (Kept::default(), Cart::default(), Days::default());
    let mut trials: Vec<&Trials> = Vec::new();
    for part in parts {
        trials.push(&part.trials);
        let first = part.touches.first.as_ref().map(|(stamp, touch)| (stamp, touch));
        first_touch = [first_touch, first].into_iter().flatten().min();
        last_touch = last_touch.max(part.touches.last(&part.sessions));
        views.extend(part.views.latest.iter().map(|(at, category)| (*at, &**category)));
        sessions.extend_from_slice(&part.sessions.ranges);
        answers.unite(&part.answers, ANSWERS_MAX);
        cart.unite(&part.cart);
        days.unite(&part.days);
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
    facts.conversions = judge(trials).conversions;
    let sum = orders.sum();
    facts.purchases = sum.purchases;
    facts.lifetime_value = sum.value;
    facts.last_purchase = sum.last;
    facts.traits = traits.into_iter().map(|(name, (_, value))| (name.into(), value.clone())).collect();
    facts.first_touch = first_touch.map(|(_, touch)| touch.clone());
    facts.last_touch = last_touch.map(|(_, touch)| touch.clone());
    facts.days_since_first_visit = facts.first_seen.map(|at| days_between(at, lens.now));
    facts.days_since_last_purchase = facts.last_purchase.map(|at| days_between(at, lens.now));
    facts.rfm = facts.last_purchase.map(|at| bands::rfm(lens.weights, at, sum.purchases, sum.value, lens.now));
    views.sort_unstable();
    sessions.sort_unstable();
    facts.affinity = affinity(&views, &sessions, lens.now);
    (facts.score, facts.score_band) = bands::score(lens.weights, &days, lens.now);
    facts.cart_items = cart.ids();
    facts.answers = answers.0.into_iter().map(|(name, (_, value))| (name, value)).collect();
    facts.counts = lens.counts.iter().map(|name| (name.clone(), days.windows(name, lens.now))).collect();
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
        for (event, stamp) in events {
            part.apply(event, stamp);
            if counts().contains(&event.name) {
                part.days.count(&event.name, stamp.at);
            }
        }
        part
    }

    fn counts() -> Vec<Box<str>> {
        vec!["purchase".into(), "view_item".into()]
    }

    fn facts_at(profile: &Profile, now: i64) -> Facts {
        profile.facts(&Lens { now: Timestamp(now), weights: &Weights::default(), counts: &counts() })
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
            let now = rng.below(200) as i64 * 86_400_000;
            let (ab, ba) = (facts_at(&merged(&a, &b), now), facts_at(&merged(&b, &a), now));
            assert_eq!(ab, ba, "facts of what is equal, seed {seed}");
        }
    }

    #[test]
    fn taking_a_part_out_undoes_the_merge() {
        let mut rng = Rng(7);
        let mine = folded(&events(&mut rng, 20));
        let theirs = folded(&events(&mut rng, 20));
        let mut profile = Profile::default();
        profile.insert(key(1), mine);
        let before = facts_at(&profile, 0);
        profile.insert(key(2), theirs);
        assert_ne!(facts_at(&profile, 0), before);
        profile.parts.remove(&key(2));
        assert_eq!(facts_at(&profile, 0), before);
    }

    #[test]
    fn one_order_seen_by_two_devices_is_one_order() {
        let props = Value::map([("transaction_id", "T".into()), ("value", 500.0.into())]);
        let event = noren_event::Event { name: "purchase".into(), props, at: Timestamp(5) };
        let stamp = Stamp { at: Timestamp(5), stream: "s".into(), n: 0 };
        let mut profile = Profile::default();
        profile.insert(key(1), folded(&[(event.clone(), stamp.clone())]));
        profile.insert(key(2), folded(&[(event, Stamp { at: Timestamp(9), ..stamp })]));
        let facts = facts_at(&profile, 9);
        assert_eq!((facts.purchases, facts.lifetime_value, facts.last_purchase), (1, 500.0, Some(Timestamp(5))));
        assert_eq!(facts.segments, ["returning", "customer"]);
    }

    /// Two devices of one person: what is said of both is what one device would have said that saw it all.
    #[test]
    fn facts_of_two_devices_are_those_of_one_that_saw_everything() {
        for seed in 0..200 {
            let mut rng = Rng(seed);
            let log = events(&mut rng, 30);
            let (mut one, mut two) = (Profile::default(), Profile::default());
            one.insert(key(1), folded(&log));
            let (left, right): (Vec<_>, Vec<_>) = log.into_iter().partition(|_| rng.below(2) == 0);
            two.insert(key(1), folded(&left));
            two.insert(key(2), folded(&right));
            let now = rng.below(3) as i64 * 86_400_000;
            let (one, two) = (facts_at(&one, now), facts_at(&two, now));
            assert_eq!(one.first_touch, two.first_touch, "seed {seed}");
            assert_eq!((one.answers, one.cart_items), (two.answers, two.cart_items), "seed {seed}");
            assert_eq!((one.counts, one.score, one.score_band), (two.counts, two.score, two.score_band), "seed {seed}");
            assert_eq!((one.rfm, one.days_since_first_visit), (two.rfm, two.days_since_first_visit), "seed {seed}");
        }
    }
}
