//! Orders that are reported by visitors who were never joined: a guest on a laptop, the shop's server under a customer's id.
//!
//! Every part, and every person over its parts, says of each order with a transaction id what it has counted for it: a claim. Whoever keeps all
//! claims on an order ([`ruling`]) lets one group of them stand and gives back what the others have counted, so that an order counts once and
//! is worth what a server says, under whomever it said so. Nobody has to be told: the claims stay what they are.

use std::collections::BTreeMap;

use noren_event::Timestamp;

use crate::tally::{CounterKey, Counts, Same, sum};
use crate::trial::{Trials, judge_noting};

/// What was counted for an order under one heading.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counted {
    /// How often the order was added: 1 in a claim of a part; in a person's also 0 or less.
    pub orders: f64,
    /// Conversions.
    pub converted: f64,
    /// Value.
    pub value: f64,
}

impl Counted {
    fn add(&mut self, other: &Counted, times: f64) {
        self.orders += times * other.orders;
        self.converted += times * other.converted;
        self.value += times * other.value;
    }

    fn is_nothing(&self) -> bool {
        [self.orders, self.converted, self.value].iter().all(|n| *n == 0.0)
    }
}

/// What was counted, by heading.
type ByHeading = BTreeMap<CounterKey, Counted>;

/// What one holder has counted for one order. Nothing is a claim too: it takes an earlier one back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Claim {
    /// The earliest report of the order.
    pub placed: Timestamp,
    /// By heading.
    pub counted: BTreeMap<CounterKey, Counted>,
    /// What servers said that it is worth to a campaign, and when first.
    pub fixed: BTreeMap<Box<str>, (Timestamp, f64)>,
    /// Of a person: the holders whose claims on this order are of the same person.
    pub members: Vec<String>,
}

impl Claim {
    /// Whether it says nothing.
    pub fn is_nothing(&self) -> bool {
        self.counted.is_empty() && self.fixed.is_empty() && self.members.is_empty()
    }
}

/// Claims by transaction id.
pub type Claims = BTreeMap<Box<str>, Claim>;

/// What a part alone has counted for orders, and what servers said of them. Cost: as [`crate::trial::judge`]; nothing for a part that no order reached a goal in.
pub fn of_part(part: &Trials) -> Claims {
    let mut claims = reports(part);
    if claims.is_empty() {
        return claims;
    }
    for (id, counted) in counted([part]) {
        claims.entry(id).or_default().counted = counted;
    }
    for (stamp, hit) in &part.hits {
        // What was only told here is said by whom it was reported to.
        let (true, false, Same::Transaction(id)) = (stamp.is_server(), stamp.is_told(), &hit.same) else { continue };
        let claim = claims.entry(id.clone()).or_default();
        for (campaign, value) in &hit.values {
            claim.fixed.entry(campaign.clone()).or_insert((stamp.at, *value));
        }
    }
    claims.retain(|_, claim| !claim.is_nothing());
    claims
}

/// What a person has counted for orders beyond the claims of the parts, given with the names they claim under; and, where several know of an order,
/// that they are one person. Cost: twice [`crate::trial::judge`].
pub fn of_person(parts: &[(String, &Trials)]) -> Claims {
    let mut claims = Claims::new();
    if parts.len() < 2 {
        return claims;
    }
    for (name, part) in parts {
        for (id, report) in reports(part) {
            let claim = claims.entry(id).or_insert_with(|| Claim { placed: report.placed, ..Claim::default() });
            claim.placed = claim.placed.min(report.placed);
            claim.members.push(name.clone());
        }
    }
    if claims.is_empty() {
        return claims;
    }
    let each = parts.iter().map(|(_, part)| (counted([*part]), -1.0));
    for (orders, times) in each.chain([(counted(parts.iter().map(|(_, part)| *part)), 1.0)]) {
        for (id, counted) in orders {
            let claim = claims.entry(id).or_default();
            add(&mut claim.counted, &counted, times);
        }
    }
    // One who alone knows of an order says all there is to say, unless the person counts it otherwise.
    claims.retain(|_, claim| claim.members.len() > 1 || !claim.counted.is_empty());
    claims
}

/// What an order's claims, by holder, must be corrected by so that it counts once. One group of those who are one person stands: before all the
/// one that a server names as the buyer, for any page can make an order number up; then the one that reported it first (of two at the same moment
/// the one with the lower name). Groups that have counted nothing are passed over. What stands is worth what the first server said.
pub fn ruling(claims: &BTreeMap<String, Claim>) -> BTreeMap<CounterKey, Counts> {
    let mut fixed: BTreeMap<&str, (Timestamp, f64)> = BTreeMap::new();
    for (campaign, (at, value)) in claims.values().flat_map(|claim| &claim.fixed) {
        let known = fixed.entry(campaign).or_insert((*at, *value));
        if *at < known.0 {
            *known = (*at, *value);
        }
    }
    let mut groups: Vec<((bool, Timestamp, &str), ByHeading)> = Vec::new();
    for names in grouped(claims) {
        let of_group = || names.iter().filter_map(|name| claims.get(*name));
        let mut counted = BTreeMap::new();
        of_group().for_each(|claim| add(&mut counted, &claim.counted, 1.0));
        let (Some(placed), Some(name)) = (of_group().map(|claim| claim.placed).min(), names.first()) else { continue };
        if !counted.is_empty() {
            let by_a_page = of_group().all(|claim| claim.fixed.is_empty());
            groups.push(((by_a_page, placed, name), counted));
        }
    }
    groups.sort_by_key(|(order, _)| *order);
    let mut corrections = BTreeMap::new();
    for (place, (_, counted)) in groups.iter().enumerate() {
        for (key, of_order) in counted {
            let mut change = Counted::default();
            if place > 0 {
                change.add(of_order, -1.0);
            } else if let Some((_, value)) = fixed.get(&*key.campaign) {
                change.value = value * of_order.orders - of_order.value;
            }
            let counts = Counts { converted: change.converted, value: change.value, ..Counts::default() };
            corrections = sum(&corrections, &BTreeMap::from([(key.clone(), counts)]), 1.0);
        }
    }
    corrections
}

/// The names of those who are one person, each group ascending.
fn grouped(claims: &BTreeMap<String, Claim>) -> Vec<Vec<&str>> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for (name, claim) in claims {
        let mut own: Vec<&str> = claim.members.iter().map(String::as_str).chain([name.as_str()]).collect();
        let (same, others): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.iter().any(|name| own.contains(name)));
        same.into_iter().for_each(|group| own.extend(group));
        own.sort_unstable();
        own.dedup();
        groups = others;
        groups.push(own);
    }
    groups
}

/// The orders that reached a goal in a part, each with its first report.
fn reports(part: &Trials) -> Claims {
    let mut claims = Claims::new();
    for (stamp, hit) in &part.hits {
        if let Same::Transaction(id) = &hit.same {
            claims.entry(id.clone()).or_insert_with(|| Claim { placed: stamp.at, ..Claim::default() });
        }
    }
    claims
}

/// What is counted for each order when these parts are judged together.
fn counted<'a>(parts: impl IntoIterator<Item = &'a Trials>) -> BTreeMap<Box<str>, ByHeading> {
    let mut orders: BTreeMap<Box<str>, ByHeading> = BTreeMap::new();
    judge_noting(parts, &mut |same, key, one| {
        if let Same::Transaction(id) = same {
            let counted = Counted { orders: 1.0, converted: one.converted, value: one.value };
            orders.entry(id.clone()).or_default().entry(key.clone()).or_default().add(&counted, 1.0);
        }
    });
    orders
}

fn add(all: &mut ByHeading, more: &ByHeading, times: f64) {
    for (key, counted) in more {
        all.entry(key.clone()).or_default().add(counted, times);
    }
    all.retain(|_, counted| !counted.is_nothing());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Rng, events};
    use crate::stamp::{SERVER_STREAM, Stamp};
    use crate::tally::{Arm, Hit, Record, RecordKind};
    use crate::trial::{correction, judge};
    use noren_event::{Duration, names};

    fn at(minute: i64) -> Stamp {
        Stamp { at: Timestamp(minute * 60_000), stream: "s".into(), n: minute as u64 }
    }

    fn exposed(minute: i64) -> Trials {
        let mut trials = Trials::default();
        let kind = RecordKind::Exposure(Arm::Treated);
        let record = Record { stamp: at(minute), kind, campaign: "c".into(), phase: Some(1), variant: "a".into() };
        trials.expose(&record, Some(Duration::minutes(30)));
        trials
    }

    fn bought(trials: Trials, stamp: Stamp, order: &str, value: f64) -> Trials {
        let mut trials = trials;
        trials.hit(&Hit { campaign: "c".into(), stamp, value, same: Same::Transaction(order.into()) });
        trials
    }

    fn server(minute: i64) -> Stamp {
        Stamp { stream: SERVER_STREAM.into(), ..at(minute) }
    }

    /// Conversions and value of the site after all: what every holder has counted, and the ruling on each order.
    fn total(claims: &[(&str, Claims)], contributed: &BTreeMap<CounterKey, Counts>) -> (f64, f64) {
        let mut orders: BTreeMap<Box<str>, BTreeMap<String, Claim>> = BTreeMap::new();
        for (name, claims) in claims {
            for (id, claim) in claims {
                orders.entry(id.clone()).or_default().insert((*name).to_string(), claim.clone());
            }
        }
        let all = orders.values().fold(contributed.clone(), |all, claims| sum(&all, &ruling(claims), 1.0));
        all.values().fold((0.0, 0.0), |(converted, value), c| (converted + c.converted, value + c.value))
    }

    fn alone(parts: &[&Trials]) -> BTreeMap<CounterKey, Counts> {
        parts.iter().fold(BTreeMap::new(), |all, part| sum(&all, &judge([*part]).counters, 1.0))
    }

    #[test]
    fn an_order_that_two_strangers_report_counts_for_who_said_so_first() {
        let (late, early) = (bought(exposed(0), at(9), "T", 5.0), bought(exposed(2), at(7), "T", 6.0));
        let claims = [("a", of_part(&late)), ("b", of_part(&early))];
        assert_eq!(total(&claims, &alone(&[&late, &early])), (1.0, 6.0));
        let vouched = bought(late.clone(), server(20), "T", 7.0);
        let claims = [("a", of_part(&vouched)), ("b", of_part(&early))];
        assert_eq!(total(&claims, &alone(&[&vouched, &early])), (1.0, 7.0), "whom a server names has bought it");
        let other = bought(exposed(0), at(9), "U", 5.0);
        let claims = [("a", of_part(&other)), ("b", of_part(&early))];
        assert_eq!(total(&claims, &alone(&[&other, &early])), (2.0, 11.0), "two orders are two");
    }

    #[test]
    fn a_server_that_knows_the_buyer_by_another_name_fixes_the_value_and_takes_no_conversion_away() {
        let page = bought(exposed(10), at(12), "T", 5.0);
        for minute in [11, 14] {
            let shop = bought(Trials::default(), server(minute), "T", 8.0);
            let claims = [("page", of_part(&page)), ("shop", of_part(&shop))];
            assert_eq!(total(&claims, &alone(&[&page, &shop])), (1.0, 8.0), "minute {minute}");
        }
        let unseen = bought(Trials::default(), at(11), "T", 8.0);
        assert!(of_part(&unseen).is_empty(), "who has seen nothing claims nothing");
    }

    #[test]
    fn devices_of_one_person_stand_together() {
        let (one, two) = (bought(exposed(10), at(12), "T", 5.0), bought(exposed(11), at(13), "T", 5.0));
        let stranger = bought(exposed(0), at(20), "T", 5.0);
        let person = of_person(&[("one".into(), &one), ("two".into(), &two)]);
        assert_eq!(person.get("T").map(|claim| claim.members.len()), Some(2));
        let claims = [("one", of_part(&one)), ("two", of_part(&two)), ("p", person), ("x", of_part(&stranger))];
        let contributed = sum(&alone(&[&one, &two, &stranger]), &correction([&one, &two]), 1.0);
        assert_eq!(total(&claims, &contributed), (1.0, 5.0));
    }

    /// Whoever is joined with whom: an order is worth what it is worth once, to the group that reported it first.
    #[test]
    fn claims_and_rulings_leave_every_order_once_whoever_is_joined() {
        for seed in 0..300 {
            let mut rng = Rng(seed);
            let parts: Vec<(String, Trials, u64)> = (0..5)
                .map(|i| {
                    let mut trials = Trials::default();
                    for (event, stamp) in events(&mut rng, 30) {
                        if let Some(record) = Record::of(&event, &stamp) {
                            trials.expose(&record, Some(Duration::minutes(200)));
                        }
                        if &*event.name == names::PURCHASE {
                            let value = event.props.get("value").and_then(|v| v.as_num()).unwrap_or(0.0);
                            let same = Same::of(&event);
                            trials.hit(&Hit { campaign: "linger".into(), stamp, value, same });
                        }
                    }
                    (format!("part {i}"), trials, rng.below(3))
                })
                .collect();
            let groups: Vec<Vec<(String, &Trials)>> = (0..3)
                .map(|person| parts.iter().filter(|p| p.2 == person).map(|p| (p.0.clone(), &p.1)).collect())
                .collect();
            let mut claims: Vec<(&str, Claims)> =
                parts.iter().map(|(name, part, _)| (name.as_str(), of_part(part))).collect();
            let mut contributed = alone(&parts.iter().map(|p| &p.1).collect::<Vec<_>>());
            for (name, group) in ["p0", "p1", "p2"].into_iter().zip(&groups) {
                claims.push((name, of_person(group)));
                contributed = sum(&contributed, &correction(group.iter().map(|(_, part)| *part)), 1.0);
            }
            assert_eq!(total(&claims, &contributed).1, naive(&groups), "seed {seed}");
        }
    }

    /// What all orders are worth, read off the reports.
    fn naive(groups: &[Vec<(String, &Trials)>]) -> f64 {
        let mut worth = 0.0;
        let mut stands: BTreeMap<Box<str>, (bool, Timestamp, &str)> = BTreeMap::new();
        let mut fixed: BTreeMap<Box<str>, (Timestamp, f64)> = BTreeMap::new();
        let parts = |group: &[(String, &Trials)]| group.iter().map(|(_, part)| (*part).clone()).collect::<Vec<_>>();
        for group in groups {
            let mut counts = Vec::new();
            judge_noting(&parts(group), &mut |same, _, _| counts.push(same.clone()));
            for (_, part) in group {
                for (stamp, hit) in &part.hits {
                    let Same::Transaction(id) = &hit.same else { continue };
                    let is_vouched = |(stamp, other): (&Stamp, &crate::trial::Reached)| {
                        other.same == hit.same && stamp.is_server() && !stamp.is_told()
                    };
                    let vouched = group.iter().flat_map(|(_, part)| &part.hits).any(is_vouched);
                    let report = (!vouched, stamp.at, group[0].0.as_str());
                    if counts.contains(&hit.same) && stands.get(id).is_none_or(|known| report < *known) {
                        stands.insert(id.clone(), report);
                    }
                    if stamp.is_server() && !stamp.is_told() {
                        let said = (stamp.at, hit.values["linger"]);
                        let known = fixed.entry(id.clone()).or_insert(said);
                        if said.0 < known.0 {
                            *known = said;
                        }
                    }
                }
            }
        }
        for group in groups {
            judge_noting(&parts(group), &mut |same, _, one| match same {
                Same::Transaction(id) if stands[id].2 != group[0].0 => {}
                Same::Transaction(id) => worth += fixed.get(id).map_or(one.value, |(_, value)| *value),
                _ => worth += one.value,
            });
        }
        worth
    }
}
