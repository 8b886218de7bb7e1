//! Orders and refunds, each counted once however often it is reported.

use std::collections::BTreeMap;

use noren_event::packed::Writer;
use noren_event::{Duration, Timestamp, Value};

use crate::stamp::Stamp;

/// Orders without an id: the same value and items within this time are one order, reported twice.
pub const SAME_ORDER: Duration = Duration::minutes(30);

/// Orders kept per part, and refunds, and different orders without an id: at most 450 bytes each. Somebody who orders every week needs
/// ten years to reach it; past it new ones are not counted.
pub const ORDERS_MAX: usize = 500;

/// Longest transaction id; a longer one is none.
pub const TRANSACTION_ID_MAX_BYTES: usize = 200;

/// Reports kept of one unnamed order. A page that pushes more often than this within 30 days repeats itself.
pub const REPORTS_MAX: usize = 32;

/// An order, out of all reports of it: from pages, from others' clients, from servers.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// The earliest report: when it was placed.
    pub placed: Stamp,
    /// What it is worth, and by which report: a server's before any other, then the earliest. Reports without a value leave it open.
    pub worth: Option<(Stamp, f64)>,
}

impl Order {
    /// Take another report, or all that another part knows, in.
    fn unite(&mut self, other: &Order) {
        if other.placed < self.placed {
            self.placed = other.placed.clone();
        }
        self.worth = match (self.worth.take(), &other.worth) {
            (Some(mine), Some(theirs)) => Some(if before(&theirs.0, &mine.0) { theirs.clone() } else { mine }),
            (mine, theirs) => mine.or(theirs.clone()),
        };
    }

    /// Its value; 0 where nobody said.
    pub fn value(&self) -> f64 {
        self.worth.as_ref().map_or(0.0, |(_, value)| *value)
    }
}

/// Whether one report's word counts before another's: a server fixes the value, whenever it comes.
fn before(a: &Stamp, b: &Stamp) -> bool {
    (!a.is_server(), a) < (!b.is_server(), b)
}

/// One report of a refund.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// When it was made.
    pub stamp: Stamp,
    /// What it was worth; `None` means all of the order.
    pub value: Option<f64>,
}

/// The orders of one part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
    /// By transaction id.
    pub named: BTreeMap<Box<str>, Order>,
    /// Refunds by transaction id; a server's report stands, without one the earliest.
    pub refunds: BTreeMap<Box<str>, Report>,
    /// Without an id: digest of value and items, the value, and when each was reported (ascending).
    pub unnamed: BTreeMap<u64, (f64, Vec<Timestamp>)>,
}

/// What a set of orders comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sum {
    /// Orders, each once.
    pub purchases: u64,
    /// Their value less refunds.
    pub value: f64,
    /// The last one.
    pub last: Option<Timestamp>,
    /// Reports without an id that were taken for repetitions.
    pub flagged: u64,
}

impl Orders {
    /// Take note of a purchase.
    pub fn purchase(&mut self, props: &Value, stamp: &Stamp) {
        let value = worth(props);
        match transaction_id(props) {
            Some(id) => {
                let worth = value.map(|value| (stamp.clone(), value));
                self.order(id, &Order { placed: stamp.clone(), worth });
            }
            None => {
                let digest = digest(props);
                if !self.unnamed.contains_key(&digest) && self.unnamed.len() >= ORDERS_MAX {
                    return;
                }
                let (_, times) = self.unnamed.entry(digest).or_insert((value.unwrap_or(0.0), Vec::new()));
                if times.len() < REPORTS_MAX {
                    let place = times.partition_point(|t| *t < stamp.at);
                    times.insert(place, stamp.at);
                }
            }
        }
    }

    /// Take note of a refund. One without a transaction id says nothing about any order and is ignored.
    pub fn refund(&mut self, props: &Value, stamp: &Stamp) {
        if let Some(id) = transaction_id(props) {
            keep_first(&mut self.refunds, id, Report { stamp: stamp.clone(), value: worth(props) });
        }
    }

    /// Add another part's orders: a transaction known to both is one.
    pub fn unite(&mut self, other: &Orders) {
        for (id, order) in &other.named {
            self.order(id, order);
        }
        for (id, report) in &other.refunds {
            keep_first(&mut self.refunds, id, report.clone());
        }
        for (digest, (value, times)) in &other.unnamed {
            let (_, mine) = self.unnamed.entry(*digest).or_insert((*value, Vec::new()));
            mine.extend_from_slice(times);
            mine.sort_unstable();
        }
    }

    fn order(&mut self, id: &str, order: &Order) {
        let full = self.named.len() >= ORDERS_MAX;
        match self.named.get_mut(id) {
            Some(known) => known.unite(order),
            None if full => {}
            None => {
                self.named.insert(id.into(), order.clone());
            }
        }
    }

    /// What they come to.
    pub fn sum(&self) -> Sum {
        let mut sum = Sum::default();
        for (id, order) in &self.named {
            let value = order.value();
            sum.purchases += 1;
            sum.value += value;
            sum.last = sum.last.max(Some(order.placed.at));
            if let Some(refund) = self.refunds.get(id) {
                sum.value -= refund.value.unwrap_or(value).min(value);
            }
        }
        for (value, times) in self.unnamed.values() {
            let counted = distinct_times(times);
            sum.flagged += (times.len() - counted.len()) as u64;
            sum.purchases += counted.len() as u64;
            sum.value += value * counted.len() as f64;
            sum.last = sum.last.max(counted.last().copied());
        }
        sum
    }
}

/// Of ascending reports, those that stand for an order of their own: the first, then each at least [`SAME_ORDER`] after the last
/// one that counted.
pub fn distinct_times(times: &[Timestamp]) -> Vec<Timestamp> {
    let mut counted: Vec<Timestamp> = Vec::new();
    for &at in times {
        if counted.last().is_none_or(|last| at - *last >= SAME_ORDER) {
            counted.push(at);
        }
    }
    counted
}

/// The transaction id of a purchase or refund: text that is not empty.
pub fn transaction_id(props: &Value) -> Option<&str> {
    props
        .get("transaction_id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty() && id.len() <= TRANSACTION_ID_MAX_BYTES)
}

/// The number under `value`, if it is finite.
fn worth(props: &Value) -> Option<f64> {
    props.get("value").and_then(Value::as_num).filter(|n| n.is_finite())
}

/// What tells one unnamed order from another: FNV-1a over its packed value and items.
pub fn digest(props: &Value) -> u64 {
    let mut bytes = Writer::default();
    for key in ["value", "items"] {
        bytes.value(props.get(key).unwrap_or(&Value::Null));
    }
    bytes.0.iter().fold(0xcbf2_9ce4_8422_2325, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3))
}

fn keep_first(reports: &mut BTreeMap<Box<str>, Report>, id: &str, report: Report) {
    let full = reports.len() >= ORDERS_MAX;
    match reports.get_mut(id) {
        Some(known) if before(&report.stamp, &known.stamp) => *known = report,
        Some(_) => {}
        None if full => {}
        None => {
            reports.insert(id.into(), report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(minute: i64) -> Stamp {
        Stamp { at: Timestamp(minute * 60_000), stream: "s".into(), n: minute as u64 }
    }

    fn order(id: &str, value: f64) -> Value {
        Value::map([("transaction_id", id.into()), ("value", value.into())])
    }

    #[test]
    fn a_reloaded_thank_you_page_is_one_order_worth_what_was_said_first() {
        let mut orders = Orders::default();
        orders.purchase(&order("T-1", 900.0), &stamp(9));
        orders.purchase(&order("T-1", 1000.0), &stamp(5));
        orders.purchase(&order("T-1", 900.0), &stamp(9));
        assert_eq!(orders.sum(), Sum { purchases: 1, value: 1000.0, last: Some(Timestamp(300_000)), flagged: 0 });
    }

    #[test]
    fn a_server_fixes_the_value_and_gaps_are_filled_whatever_comes_first() {
        let server = |minute| Stamp { stream: crate::stamp::SERVER_STREAM.into(), ..stamp(minute) };
        let said: [(Value, Stamp); 5] = [
            (Value::map([("transaction_id", "T".into())]), stamp(1)),
            (order("T", 1000.0), stamp(2)),
            (order("T", 900.0), stamp(3)),
            (order("T", 1200.0), server(9)),
            (order("T", 1300.0), server(10)),
        ];
        for skip_server in [false, true] {
            let mut reports: Vec<_> = said.iter().filter(|(_, s)| !(skip_server && s.is_server())).collect();
            for turn in 0..2 * reports.len() {
                let mut orders = Orders::default();
                reports.iter().for_each(|(props, stamp)| orders.purchase(props, stamp));
                let sum = orders.sum();
                let value = if skip_server { 1000.0 } else { 1200.0 };
                assert_eq!((sum.purchases, sum.value, sum.last), (1, value, Some(Timestamp(60_000))), "turn {turn}");
                reports.rotate_left(1);
                if turn == reports.len() {
                    reports.reverse();
                }
            }
        }
    }

    #[test]
    fn without_an_id_the_same_order_within_half_an_hour_counts_once_and_is_flagged() {
        let props = Value::map([("value", 700.0.into())]);
        let other = Value::map([("value", 701.0.into())]);
        let mut orders = Orders::default();
        for minute in [40, 0, 29, 30] {
            orders.purchase(&props, &stamp(minute));
        }
        orders.purchase(&other, &stamp(1));
        let sum = orders.sum();
        assert_eq!((sum.purchases, sum.value, sum.flagged), (3, 2101.0, 2));
    }

    #[test]
    fn a_refund_takes_its_value_off_once_and_never_more_than_the_order() {
        let mut orders = Orders::default();
        orders.refund(&order("A", 400.0), &stamp(1));
        orders.refund(&order("A", 400.0), &stamp(2));
        orders.refund(&Value::map([("transaction_id", "B".into())]), &stamp(1));
        orders.refund(&order("C", 9_999.0), &stamp(1));
        orders.refund(&order("unheard of", 50.0), &stamp(1));
        for id in ["A", "B", "C"] {
            orders.purchase(&order(id, 1000.0), &stamp(0));
        }
        assert_eq!((orders.sum().purchases, orders.sum().value), (3, 600.0));
    }

    #[test]
    fn values_that_are_no_numbers_are_worth_nothing() {
        let mut orders = Orders::default();
        orders.purchase(&Value::map([("transaction_id", "A".into()), ("value", "12".into())]), &stamp(0));
        orders.purchase(&order("B", f64::NAN), &stamp(0));
        assert_eq!((orders.sum().purchases, orders.sum().value), (2, 0.0));
    }
}
