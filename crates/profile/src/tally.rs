//! From exposures and goals to counters: a pure function of a visitor's records, whatever the order they arrived in.
//!
//! An object reports the difference between what this function says now and what it has reported before, so late and disordered
//! arrival corrects the totals instead of spoiling them.

use std::collections::BTreeMap;

use noren_event::{Duration, Event, Timestamp, Value, names};

use crate::order;
use crate::stamp::Stamp;
use crate::trial::{Trials, judge};

/// Which of the two groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arm {
    /// Sees something.
    #[default]
    Treated,
    /// Sees nothing and is counted.
    Control,
    /// A person whose devices met different variants: counted, and left out of every comparison.
    Mixed,
}

impl Arm {
    /// The word in events and reports.
    pub fn word(self) -> &'static str {
        match self {
            Arm::Treated => "treated",
            Arm::Control => "control",
            Arm::Mixed => "mixed",
        }
    }
}

/// What happened to a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// An opened decision reached its arm.
    Exposure(Arm),
    /// A widget was painted.
    Impression,
    /// Closed by the visitor.
    Close,
    /// Followed by the visitor.
    Click,
}

/// One record of a campaign, out of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// When.
    pub stamp: Stamp,
    /// What.
    pub kind: RecordKind,
    /// Of which campaign.
    pub campaign: Box<str>,
    /// In which phase; exposures always say, the others may leave it to be found.
    pub phase: Option<u32>,
    /// Which variant.
    pub variant: Box<str>,
}

impl Record {
    /// The record an event is, if it is one that is counted.
    pub fn of(event: &Event, stamp: &Stamp) -> Option<Record> {
        let text = |key| event.props.get(key).and_then(Value::as_str);
        let kind = match &*event.name {
            names::EXPOSURE if text("arm") == Some("control") => RecordKind::Exposure(Arm::Control),
            names::EXPOSURE => RecordKind::Exposure(Arm::Treated),
            names::IMPRESSION => RecordKind::Impression,
            names::CLOSE => RecordKind::Close,
            names::WIDGET_CLICK => RecordKind::Click,
            _ => return None,
        };
        let phase = event.props.get("phase").and_then(Value::as_num).filter(|n| *n >= 0.0 && *n <= f64::from(u32::MAX));
        Some(Record {
            stamp: stamp.clone(),
            kind,
            campaign: text("campaign")?.into(),
            phase: phase.map(|n| n as u32),
            variant: text("variant").unwrap_or_default().into(),
        })
    }
}

/// An event that met a campaign's goal.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Of which campaign.
    pub campaign: Box<str>,
    /// When.
    pub stamp: Stamp,
    /// What it was worth; 0 for nothing.
    pub value: f64,
    /// What makes two reports of it one.
    pub same: Same,
}

/// What makes two goal events one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Same {
    /// Nothing: each counts.
    Never,
    /// The same transaction, whenever.
    Transaction(Box<str>),
    /// An order without an id: same value and items within thirty minutes.
    Order(u64),
}

impl Same {
    /// What an event's repetitions are known by.
    pub fn of(event: &Event) -> Same {
        match (&*event.name, order::transaction_id(&event.props)) {
            (names::PURCHASE | names::REFUND, Some(id)) => Same::Transaction(id.into()),
            (names::PURCHASE, None) => Same::Order(order::digest(&event.props)),
            _ => Same::Never,
        }
    }
}

/// What a counter counts, and under which heading.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct CounterKey {
    /// Hours since 1970 of the event counted.
    pub hour: i64,
    /// Campaign.
    pub campaign: Box<str>,
    /// Phase.
    pub phase: u32,
    /// Variant; empty in control.
    pub variant: Box<str>,
    /// Arm.
    pub arm: Arm,
}

/// The counters under one heading. As differences they may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Counts {
    /// Exposures.
    pub shown: f64,
    /// First exposures of a visitor in a phase: what conversions are divided by.
    pub visitors: f64,
    pub impressions: f64,
    pub closed: f64,
    pub clicked: f64,
    /// Visitors who reached the goal in time.
    pub converted: f64,
    /// What all their goal events in time were worth.
    pub value: f64,
}

impl Counts {
    /// The counters in their order, for arithmetic and storage.
    pub fn numbers(&self) -> [f64; 7] {
        [self.shown, self.visitors, self.impressions, self.closed, self.clicked, self.converted, self.value]
    }

    /// From [`Counts::numbers`].
    pub fn from_numbers([shown, visitors, impressions, closed, clicked, converted, value]: [f64; 7]) -> Counts {
        Counts { shown, visitors, impressions, closed, clicked, converted, value }
    }

    /// Add `times` times another's.
    pub fn add(&mut self, other: &Counts, times: f64) {
        let mut sum = self.numbers();
        sum.iter_mut().zip(other.numbers()).for_each(|(a, b)| *a += times * b);
        *self = Counts::from_numbers(sum);
    }
}

/// Counters by heading, and each campaign's conversions of this visitor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// The counters.
    pub counters: BTreeMap<CounterKey, Counts>,
    /// Per campaign, how often and when last this visitor converted.
    pub conversions: BTreeMap<Box<str>, (u64, Timestamp)>,
}

/// Count the whole log of one visitor on one device: [`reactions`] and [`judge`] together.
///
/// `windows` holds the goal window of each campaign that has one. Input order does not matter. Cost: n log n.
pub fn tally(records: &[Record], hits: &[Hit], windows: &BTreeMap<Box<str>, Duration>) -> Tally {
    let mut trials = Trials::default();
    for record in records {
        trials.expose(record, windows.get(&record.campaign).copied());
    }
    hits.iter().for_each(|hit| trials.hit(hit));
    let mut tally = judge([&trials]);
    tally.counters = sum(&tally.counters, &reactions(records), 1.0);
    tally
}

/// Exposures and what followed them, each under its own hour: `shown`, `impressions`, `closed`, `clicked`. Input order does not matter.
/// Cost: n log n.
pub fn reactions(records: &[Record]) -> BTreeMap<CounterKey, Counts> {
    let mut exposures: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
    for record in records {
        if matches!(record.kind, RecordKind::Exposure(_)) {
            exposures.entry(&record.campaign).or_default().push(record);
        }
    }
    exposures.values_mut().for_each(|list| list.sort_by(|a, b| a.stamp.cmp(&b.stamp)));

    let mut counters: BTreeMap<CounterKey, Counts> = BTreeMap::new();
    for record in records {
        let of_campaign = exposures.get(&*record.campaign).map_or(&[][..], |list| list.as_slice());
        let (key, one) = match record.kind {
            RecordKind::Exposure(arm) => {
                let key = heading(&record.campaign, record.phase.unwrap_or(0), &record.variant, arm, record.stamp.at);
                (key, Counts { shown: 1.0, ..Counts::default() })
            }
            RecordKind::Impression => {
                (reaction_key(record, of_campaign), Counts { impressions: 1.0, ..Counts::default() })
            }
            RecordKind::Close => (reaction_key(record, of_campaign), Counts { closed: 1.0, ..Counts::default() }),
            RecordKind::Click => (reaction_key(record, of_campaign), Counts { clicked: 1.0, ..Counts::default() }),
        };
        counters.entry(key).or_default().add(&one, 1.0);
    }
    counters
}

/// Counters of two sets, `times` those of the second; headings that come to nothing are left out.
pub fn sum(
    a: &BTreeMap<CounterKey, Counts>,
    b: &BTreeMap<CounterKey, Counts>,
    times: f64,
) -> BTreeMap<CounterKey, Counts> {
    let mut all = a.clone();
    for (key, counts) in b {
        all.entry(key.clone()).or_default().add(counts, times);
    }
    all.retain(|_, counts| counts.numbers().iter().any(|n| *n != 0.0));
    all
}

/// What to add to `reported` to reach `now`; headings without a difference are left out.
pub fn difference(
    now: &BTreeMap<CounterKey, Counts>,
    reported: &BTreeMap<CounterKey, Counts>,
) -> BTreeMap<CounterKey, Counts> {
    sum(now, reported, -1.0)
}

/// The heading that an hour's figures of an arm are counted under. Only who is treated has seen a variant.
pub(crate) fn heading(campaign: &str, phase: u32, variant: &str, arm: Arm, at: Timestamp) -> CounterKey {
    CounterKey {
        hour: at.0.div_euclid(Duration::hours(1).0),
        campaign: campaign.into(),
        phase,
        variant: if arm == Arm::Treated { variant.into() } else { "".into() },
        arm,
    }
}

/// A reaction belongs to the exposure it follows: the last one at or before it (of its own phase and variant where it names them), else
/// the first there is.
fn reaction_key(record: &Record, exposures: &[&Record]) -> CounterKey {
    let fits = |e: &&&Record| {
        record.phase.is_none_or(|p| e.phase == Some(p)) && (record.variant.is_empty() || e.variant == record.variant)
    };
    let of = exposures.iter().rev().filter(fits).find(|e| e.stamp <= record.stamp);
    let of = of.or_else(|| exposures.iter().find(fits));
    CounterKey {
        hour: record.stamp.at.0.div_euclid(Duration::hours(1).0),
        campaign: record.campaign.clone(),
        phase: record.phase.or(of.and_then(|e| e.phase)).unwrap_or(0),
        variant: if record.variant.is_empty() {
            of.map_or("".into(), |e| e.variant.clone())
        } else {
            record.variant.clone()
        },
        arm: Arm::Treated,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Rng, events};

    fn at(minute: i64, n: u64) -> Stamp {
        Stamp { at: Timestamp(minute * 60_000), stream: "s".into(), n }
    }

    fn exposure(minute: i64, phase: u32, variant: &str, arm: Arm) -> Record {
        let kind = RecordKind::Exposure(arm);
        Record { stamp: at(minute, 0), kind, campaign: "c".into(), phase: Some(phase), variant: variant.into() }
    }

    fn hit(minute: i64, value: f64, same: Same) -> Hit {
        Hit { campaign: "c".into(), stamp: at(minute, 1), value, same }
    }

    fn windows(minutes: i64) -> BTreeMap<Box<str>, Duration> {
        BTreeMap::from([("c".into(), Duration::minutes(minutes))])
    }

    fn totals(tally: &Tally) -> Counts {
        tally.counters.values().fold(Counts::default(), |mut sum, c| {
            sum.add(c, 1.0);
            sum
        })
    }

    #[test]
    fn the_window_is_half_open_from_the_first_exposure() {
        for (minute, converted) in [(9, 0.0), (10, 1.0), (39, 1.0), (40, 0.0)] {
            let records = [exposure(20, 1, "a", Arm::Treated), exposure(10, 1, "a", Arm::Treated)];
            let t = tally(&records, &[hit(minute, 5.0, Same::Never)], &windows(30));
            assert_eq!((totals(&t).converted, totals(&t).value), (converted, converted * 5.0), "minute {minute}");
            assert_eq!((totals(&t).shown, totals(&t).visitors), (2.0, 1.0));
        }
    }

    #[test]
    fn one_order_converts_once_and_one_placed_before_the_exposure_converts_nobody() {
        let same = || Same::Transaction("T".into());
        let t =
            tally(&[exposure(10, 1, "a", Arm::Control)], &[hit(12, 5.0, same()), hit(13, 5.0, same())], &windows(30));
        assert_eq!((totals(&t).converted, totals(&t).value), (1.0, 5.0));
        assert_eq!(t.counters.keys().map(|k| k.arm).collect::<Vec<_>>(), [Arm::Control]);
        let t =
            tally(&[exposure(10, 1, "a", Arm::Treated)], &[hit(12, 5.0, same()), hit(3, 5.0, same())], &windows(30));
        assert_eq!(totals(&t).converted, 0.0);
        let unnamed = [hit(12, 5.0, Same::Order(1)), hit(20, 5.0, Same::Order(1)), hit(42, 5.0, Same::Order(1))];
        let t = tally(&[exposure(10, 1, "a", Arm::Treated)], &unnamed, &windows(300));
        assert_eq!((totals(&t).converted, totals(&t).value), (1.0, 10.0));
    }

    #[test]
    fn each_phase_counts_its_own_first_exposure() {
        let records = [
            exposure(10, 1, "a", Arm::Treated),
            exposure(50, 2, "b", Arm::Treated),
            exposure(60, 2, "a", Arm::Treated),
        ];
        let t = tally(&records, &[hit(55, 7.0, Same::Never)], &windows(600));
        let by: Vec<_> = t
            .counters
            .iter()
            .filter(|(_, c)| c.converted > 0.0)
            .map(|(k, c)| (k.phase, &*k.variant, c.value))
            .collect();
        assert_eq!(by, [(1, "a", 7.0), (2, "b", 7.0)]);
        assert_eq!(t.conversions["c"], (2, Timestamp(55 * 60_000)));
    }

    #[test]
    fn a_reaction_counts_under_the_exposure_it_follows() {
        let close =
            Record { stamp: at(70, 3), kind: RecordKind::Close, campaign: "c".into(), phase: None, variant: "".into() };
        let records = [
            close,
            exposure(50, 2, "b", Arm::Treated),
            exposure(10, 1, "a", Arm::Treated),
            exposure(90, 3, "d", Arm::Treated),
        ];
        let t = tally(&records, &[], &windows(1));
        let by: Vec<_> =
            t.counters.iter().filter(|(_, c)| c.closed > 0.0).map(|(k, _)| (k.hour, k.phase, &*k.variant)).collect();
        assert_eq!(by, [(1, 2, "b")]);
    }

    /// What the edge does: after each batch, report the difference. The reports must add up to one pass over everything.
    #[test]
    fn reported_differences_add_up_whatever_the_order_of_arrival() {
        for seed in 0..200 {
            let mut rng = Rng(seed);
            let mut log = events(&mut rng, 40);
            let count = |log: &[(Event, Stamp)]| {
                let records: Vec<Record> = log.iter().filter_map(|(e, s)| Record::of(e, s)).collect();
                let hits: Vec<Hit> = log
                    .iter()
                    .filter(|(e, _)| &*e.name == "purchase")
                    .flat_map(|(e, s)| {
                        let value = e.props.get("value").and_then(Value::as_num).unwrap_or(0.0);
                        ["linger", "cart"].map(|c| Hit {
                            campaign: c.into(),
                            stamp: s.clone(),
                            value,
                            same: Same::of(e),
                        })
                    })
                    .collect();
                let windows =
                    BTreeMap::from([("linger".into(), Duration::minutes(90)), ("cart".into(), Duration::minutes(20))]);
                tally(&records, &hits, &windows).counters
            };
            let whole = count(&log);
            rng.shuffle(&mut log);
            let (mut reported, mut arrived) = (BTreeMap::new(), 0);
            while arrived < log.len() {
                arrived = (arrived + 1 + rng.below(7) as usize).min(log.len());
                for (key, delta) in difference(&count(&log[..arrived]), &reported) {
                    reported.entry(key).or_insert_with(Counts::default).add(&delta, 1.0);
                }
            }
            assert_eq!(difference(&whole, &reported), BTreeMap::new(), "seed {seed}");
        }
    }
}
