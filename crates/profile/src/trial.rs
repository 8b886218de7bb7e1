//! What tests are judged by: a visitor's first exposures and what reached a goal, as registers that a part carries to its person.
//!
//! Every part is judged alone by whoever folds it, and all parts of a person together: the person's first exposure counts, whichever device
//! it was on, and a goal reached on any of them. The difference between the two is what joining devices changes in the totals, so taking a
//! part out again takes exactly that back.

use std::collections::BTreeMap;

use noren_event::{Duration, Timestamp};

use crate::order::SAME_ORDER;
use crate::stamp::Stamp;
use crate::tally::{Arm, CounterKey, Counts, Hit, Record, RecordKind, Same, Tally, heading, sum};

/// First exposures kept per part: one a campaign and phase, some 110 bytes each (55 KB). Past it new ones are not judged.
pub const FIRSTS_MAX: usize = 500;

/// Events that reached a goal kept per part, some 120 bytes each (24 KB): the latest. What an older one has earned its campaigns is for the
/// caller to keep, see [`Trials::trim`].
pub const HITS_MAX: usize = 200;

/// A first exposure.
#[derive(Clone, Debug, PartialEq)]
pub struct First {
    /// When.
    pub stamp: Stamp,
    /// Which variant; whatever the control says here is not looked at.
    pub variant: Box<str>,
    /// Which arm.
    pub arm: Arm,
    /// How long after it a goal counts, as the program had it that was last heard of; `None` for a campaign that never had a goal.
    pub within: Option<Duration>,
}

/// An event that met goals.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// What makes two reports of it one.
    pub same: Same,
    /// What it was worth, by campaign.
    pub values: BTreeMap<Box<str>, f64>,
}

/// The registers of one part. Neither depends on the order of arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trials {
    /// By campaign and phase, the earliest by stamp.
    pub firsts: BTreeMap<(Box<str>, u32), First>,
    /// What met goals.
    pub hits: BTreeMap<Stamp, Reached>,
}

impl Trials {
    /// Take note of a record; what is no exposure changes nothing.
    pub fn expose(&mut self, record: &Record, within: Option<Duration>) {
        let RecordKind::Exposure(arm) = record.kind else { return };
        let key = (record.campaign.clone(), record.phase.unwrap_or(0));
        let first = First { stamp: record.stamp.clone(), variant: record.variant.clone(), arm, within };
        let full = self.firsts.len() >= FIRSTS_MAX;
        match self.firsts.get_mut(&key) {
            Some(known) if known.stamp <= first.stamp => {}
            Some(known) => *known = first,
            None if full => {}
            None => {
                self.firsts.insert(key, first);
            }
        }
    }

    /// Take note of an event that met a goal; the same one again changes nothing.
    pub fn hit(&mut self, hit: &Hit) {
        let reached = self
            .hits
            .entry(hit.stamp.clone())
            .or_insert_with(|| Reached { same: hit.same.clone(), values: BTreeMap::new() });
        reached.values.insert(hit.campaign.clone(), hit.value);
    }

    /// Whether more is held than a part may carry.
    pub fn is_over(&self) -> bool {
        self.hits.len() > HITS_MAX
    }

    /// Let the oldest go until [`HITS_MAX`] are left. What this takes out of [`judge`] was earned all the same: who reports totals adds the
    /// difference to what is settled.
    pub fn trim(&mut self) {
        while self.hits.len() > HITS_MAX {
            self.hits.pop_first();
        }
    }

    /// Whether this visitor was exposed to a campaign in control and never otherwise.
    pub fn is_control(&self, campaign: &str) -> bool {
        let mut arms =
            self.firsts.iter().filter(|((id, _), _)| &**id == campaign).map(|(_, first)| first.arm).peekable();
        arms.peek().is_some() && arms.all(|arm| arm == Arm::Control)
    }
}

/// Judge one visitor by the parts of all devices, given in the order of their keys: per (campaign, phase) the earliest exposure makes the
/// visitor one of its variant and arm (of two in the same millisecond the one of the lower key), or of neither when devices met different
/// ones; goal events in `[exposure, exposure + window)` of any device convert once and add their values. Repetitions of one order count once,
/// at the first report, so an order placed before the exposure and reported again after it converts nobody. Cost: n log n.
pub fn judge<'a>(parts: impl IntoIterator<Item = &'a Trials>) -> Tally {
    judge_noting(parts, &mut |_, _, _| ())
}

/// As [`judge`], telling of every goal event that counts what it adds and under which heading.
pub(crate) fn judge_noting<'a>(
    parts: impl IntoIterator<Item = &'a Trials>,
    note: &mut dyn FnMut(&Same, &CounterKey, &Counts),
) -> Tally {
    let mut exposures: BTreeMap<(&str, u32), Vec<&First>> = BTreeMap::new();
    let mut hits: Vec<(&Stamp, &Reached)> = Vec::new();
    for part in parts {
        for ((campaign, phase), first) in &part.firsts {
            exposures.entry((campaign, *phase)).or_default().push(first);
        }
        hits.extend(&part.hits);
    }
    hits.sort_by(|a, b| a.0.cmp(b.0));
    let mut tally = Tally::default();
    for ((campaign, phase), list) in exposures {
        // Of equals the first stays, and parts come in the order of their keys.
        let Some(first) = list.iter().min_by_key(|first| first.stamp.at) else { continue };
        let seen = |first: &First| heading(campaign, phase, &first.variant, first.arm, Timestamp(0));
        let mixed = list.iter().any(|other| seen(other) != seen(first));
        let arm = if mixed { Arm::Mixed } else { first.arm };
        let key = |at: Timestamp| heading(campaign, phase, &first.variant, arm, at);
        add(&mut tally, key(first.stamp.at), &Counts { visitors: 1.0, ..Counts::default() });
        let Some(window) = first.within else { continue };
        let (from, until) = (first.stamp.at, first.stamp.at + window);
        let mut converted = false;
        for (at, same, value) in distinct(campaign, &hits) {
            if at < from || at >= until {
                continue;
            }
            let one = Counts { converted: f64::from(u8::from(!converted)), value, ..Counts::default() };
            note(same, &key(at), &one);
            add(&mut tally, key(at), &one);
            if !converted {
                let (count, last) = tally.conversions.entry(campaign.into()).or_insert((0, at));
                *count += 1;
                *last = (*last).max(at);
            }
            converted = true;
        }
    }
    tally
}

/// What joining changes in the totals: all parts judged together, less each judged alone. Nothing for a single part.
pub fn correction<'a>(parts: impl IntoIterator<Item = &'a Trials>) -> BTreeMap<CounterKey, Counts> {
    let parts: Vec<&Trials> = parts.into_iter().collect();
    if parts.len() < 2 {
        return BTreeMap::new();
    }
    let mut all = judge(parts.iter().copied()).counters;
    for part in parts {
        all = sum(&all, &judge([part]).counters, -1.0);
    }
    all
}

fn add(tally: &mut Tally, key: CounterKey, counts: &Counts) {
    tally.counters.entry(key).or_default().add(counts, 1.0);
}

/// Goal events of a campaign in order, each order once: when it was first reported, worth what a server says, whenever that comes.
fn distinct<'a>(campaign: &str, hits: &[(&'a Stamp, &'a Reached)]) -> Vec<(Timestamp, &'a Same, f64)> {
    let of_campaign = || hits.iter().filter_map(|(stamp, hit)| Some((*stamp, &hit.same, *hit.values.get(campaign)?)));
    let mut fixed: BTreeMap<&Same, f64> = BTreeMap::new();
    for (_, same, value) in
        of_campaign().filter(|(stamp, same, _)| stamp.is_server() && matches!(same, Same::Transaction(_)))
    {
        fixed.entry(same).or_insert(value);
    }
    let mut counted: BTreeMap<&Same, Timestamp> = BTreeMap::new();
    let mut distinct = Vec::new();
    for (stamp, same, value) in of_campaign() {
        let new = match (same, counted.get(same)) {
            (Same::Never, _) | (_, None) => true,
            (Same::Transaction(_), Some(_)) => false,
            (Same::Order(_), Some(last)) => stamp.at - *last >= SAME_ORDER,
        };
        if new {
            counted.insert(same, stamp.at);
            distinct.push((stamp.at, same, fixed.get(same).copied().unwrap_or(value)));
        }
    }
    distinct
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Rng, events};

    fn at(minute: i64) -> Stamp {
        Stamp { at: Timestamp(minute * 60_000), stream: "s".into(), n: minute as u64 }
    }

    fn exposed(minute: i64, variant: &str, arm: Arm) -> Trials {
        let mut trials = Trials::default();
        let record = Record {
            stamp: at(minute),
            kind: RecordKind::Exposure(arm),
            campaign: "c".into(),
            phase: Some(1),
            variant: variant.into(),
        };
        trials.expose(&record, Some(Duration::minutes(30)));
        trials
    }

    fn bought(minute: i64, order: &str) -> Trials {
        let mut trials = Trials::default();
        let same = Same::Transaction(order.into());
        trials.hit(&Hit { campaign: "c".into(), stamp: at(minute), value: 5.0, same });
        trials
    }

    fn said(parts: &[&Trials]) -> Vec<String> {
        let rows = judge(parts.iter().copied()).counters;
        rows.iter()
            .map(|(k, c)| {
                format!("{} {} {} {}/{} {}", k.hour, k.arm.word(), k.variant, c.converted, c.visitors, c.value)
            })
            .collect()
    }

    #[test]
    fn a_server_fixes_what_a_conversion_is_worth_whichever_comes_first() {
        let server = |minute: i64| {
            let mut trials = Trials::default();
            let stamp = Stamp { stream: crate::stamp::SERVER_STREAM.into(), ..at(minute) };
            trials.hit(&Hit { campaign: "c".into(), stamp, value: 8.0, same: Same::Transaction("T".into()) });
            trials
        };
        for minute in [11, 14] {
            let parts = [&exposed(10, "a", Arm::Treated), &bought(12, "T"), &server(minute)];
            assert_eq!(said(&parts), ["0 treated a 1/1 8"], "minute {minute}");
        }
    }

    #[test]
    fn devices_of_one_person_are_one_visitor() {
        let (early, late) = (exposed(10, "a", Arm::Treated), exposed(70, "a", Arm::Treated));
        assert_eq!(said(&[&late, &early]), ["0 treated a 0/1 0"]);
        let elsewhere = said(&[&early, &bought(20, "T"), &bought(25, "T")]);
        assert_eq!(elsewhere, ["0 treated a 1/1 5"], "bought on another device, reported by two");
        assert_eq!(said(&[&early, &bought(40, "T")]), ["0 treated a 0/1 0"], "and too late");
        assert_eq!(said(&[&late, &bought(20, "T"), &early]), ["0 treated a 1/1 5"], "the earliest exposure wins");
        assert_eq!(said(&[&bought(20, "T")]), [""; 0]);
    }

    #[test]
    fn who_met_two_variants_is_mixed() {
        let (a, b) = (exposed(10, "a", Arm::Treated), exposed(70, "b", Arm::Treated));
        assert_eq!(said(&[&a, &b, &bought(20, "T")]), ["0 mixed  1/1 5"]);
        assert_eq!(said(&[&a, &exposed(70, "", Arm::Control)]), ["0 mixed  0/1 0"]);
        // What the control says of a variant was never seen.
        assert_eq!(said(&[&exposed(5, "x", Arm::Control), &exposed(9, "y", Arm::Control)]), ["0 control  0/1 0"]);
    }

    #[test]
    fn of_two_at_the_same_moment_the_lower_key_wins() {
        let (mut low, high) = (exposed(10, "a", Arm::Treated), exposed(10, "a", Arm::Treated));
        low.firsts.values_mut().for_each(|first| first.within = None);
        assert_eq!(said(&[&low, &high, &bought(20, "T")]), ["0 treated a 0/1 0"]);
        assert_eq!(said(&[&high, &low, &bought(20, "T")]), ["0 treated a 1/1 5"]);
    }

    #[test]
    fn a_part_alone_needs_no_correction_and_more_hits_than_fit_lose_the_oldest() {
        assert_eq!(correction([&exposed(10, "a", Arm::Treated)]), BTreeMap::new());
        let mut trials = Trials::default();
        for minute in 0..=HITS_MAX as i64 {
            trials.hit(&Hit { campaign: "c".into(), stamp: at(minute), value: 0.0, same: Same::Never });
        }
        assert!(trials.is_over());
        trials.trim();
        assert_eq!((trials.hits.len(), trials.hits.keys().next()), (HITS_MAX, Some(&at(1))));
    }

    /// Whatever joins and parts in between: the corrections reported add up to the person as it is in the end.
    #[test]
    fn corrections_add_up_whatever_joins_and_parts() {
        for seed in 0..200 {
            let mut rng = Rng(seed);
            let parts: Vec<Trials> = (0..4)
                .map(|_| {
                    let mut trials = Trials::default();
                    for (event, stamp) in events(&mut rng, 25) {
                        if let Some(record) = Record::of(&event, &stamp) {
                            trials.expose(&record, Some(Duration::minutes(90)));
                        }
                        if &*event.name == "purchase" {
                            let same = Same::of(&event);
                            trials.hit(&Hit { campaign: "linger".into(), stamp, value: 1.0, same });
                        }
                    }
                    trials
                })
                .collect();
            let mut is_in = [false; 4];
            let of = |is_in: [bool; 4]| {
                correction(parts.iter().zip(is_in).filter(|(_, is_in)| *is_in).map(|(part, _)| part))
            };
            let mut reported = BTreeMap::new();
            for _ in 0..12 {
                let before = of(is_in);
                is_in[rng.below(4) as usize] ^= true;
                reported = sum(&reported, &sum(&of(is_in), &before, -1.0), 1.0);
                let visitors: f64 = reported.values().map(|c| c.visitors).sum();
                assert!(visitors <= 0.0, "joining never makes more visitors, seed {seed}");
            }
            assert_eq!(sum(&reported, &of(is_in), -1.0), BTreeMap::new(), "seed {seed}");
        }
    }
}
