//! Profile parts and counters: core to stored form and back, by hand.

use std::collections::BTreeMap;

use noren_event::{Duration, Timestamp};
use noren_profile::affinity::Views;
use noren_profile::days::Days;
use noren_profile::kept::{Cart, Kept};
use noren_profile::order::{Order, Orders, Report};
use noren_profile::session::Sessions;
use noren_profile::touch::Touches;
use noren_profile::{
    Arm, CampaignCount, Claim, Counted, CounterKey, Counts, Facts as CoreFacts, First, Named, Part, Reached, Same,
    Stamp, Touch as CoreTouch, Trials,
};

use crate::stored::{ClaimDoc, CounterRow, FirstDoc, PartDoc, StampDoc, TouchDoc};
use crate::sync::{Caps, Facts, Rfm, Touch, Windows};
use crate::value::{from_json, number, to_json};

fn stamp_doc(stamp: &Stamp) -> StampDoc {
    (stamp.at.0, stamp.stream.to_string(), stamp.n)
}

fn stamp_of((at, stream, n): &StampDoc) -> Stamp {
    Stamp { at: Timestamp(*at), stream: stream.as_str().into(), n: *n }
}

fn order_doc(order: &Order) -> (StampDoc, Option<f64>) {
    (stamp_doc(&order.placed), order.worth.as_ref().map(|(_, value)| *value))
}

/// By which report an order is worth what it is, where that is not the one that placed it.
fn worth_doc(order: &Order) -> Option<StampDoc> {
    order.worth.as_ref().filter(|(by, _)| *by != order.placed).map(|(by, _)| stamp_doc(by))
}

fn order_of((placed, value): &(StampDoc, Option<f64>), worth: Option<&StampDoc>) -> Order {
    let placed = stamp_of(placed);
    let by = worth.map_or_else(|| placed.clone(), stamp_of);
    Order { worth: value.map(|value| (by, value)), placed }
}

fn report_doc(report: &Report) -> (StampDoc, Option<f64>) {
    (stamp_doc(&report.stamp), report.value)
}

fn report_of((stamp, value): &(StampDoc, Option<f64>)) -> Report {
    Report { stamp: stamp_of(stamp), value: *value }
}

fn times<const N: usize>(times: [Option<Timestamp>; N]) -> [Option<i64>; N] {
    times.map(|t| t.map(|t| t.0))
}

fn touch_doc(touch: &CoreTouch) -> TouchDoc {
    let CoreTouch { source, medium, campaign, term, content, referrer, landing } = touch;
    [source, medium, campaign, term, content, referrer, landing].map(|text| text.to_string())
}

fn touch_of(doc: &TouchDoc) -> CoreTouch {
    let [source, medium, campaign, term, content, referrer, landing] = doc.each_ref().map(|text| text.as_str().into());
    CoreTouch { source, medium, campaign, term, content, referrer, landing }
}

fn touch(core: &CoreTouch) -> Touch {
    let said = |text: &str| (!text.is_empty()).then(|| text.to_string());
    Touch {
        source: said(&core.source),
        medium: said(&core.medium),
        campaign: said(&core.campaign),
        term: said(&core.term),
        content: said(&core.content),
        referrer: said(&core.referrer),
        landing: said(&core.landing),
    }
}

fn first_doc(((campaign, phase), first): (&(Box<str>, u32), &First)) -> FirstDoc {
    let (stamp, variant) = (stamp_doc(&first.stamp), first.variant.to_string());
    (campaign.to_string(), *phase, stamp, variant, arm_number(first.arm), first.within.map(|d| d.0))
}

fn first_of((campaign, phase, stamp, variant, arm, within): &FirstDoc) -> ((Box<str>, u32), First) {
    let first = First {
        stamp: stamp_of(stamp),
        variant: variant.as_str().into(),
        arm: arm_of(*arm),
        within: within.map(Duration),
    };
    ((campaign.as_str().into(), *phase), first)
}

fn same_doc(same: &Same) -> String {
    match same {
        Same::Never => String::new(),
        Same::Transaction(id) => format!("t:{id}"),
        Same::Order(digest) => format!("o:{digest:x}"),
    }
}

fn same_of(doc: &str) -> Same {
    match (doc.strip_prefix("t:"), doc.strip_prefix("o:")) {
        (Some(id), _) => Same::Transaction(id.into()),
        (_, Some(digest)) => u64::from_str_radix(digest, 16).map_or(Same::Never, Same::Order),
        _ => Same::Never,
    }
}

fn arm_number(arm: Arm) -> u8 {
    match arm {
        Arm::Treated => 0,
        Arm::Control => 1,
        Arm::Mixed => 2,
    }
}

/// An arm by its number; unknown ones are mixed, which is compared with nothing.
pub fn arm_of(number: u8) -> Arm {
    match number {
        0 => Arm::Treated,
        1 => Arm::Control,
        _ => Arm::Mixed,
    }
}

impl From<&Part> for PartDoc {
    fn from(part: &Part) -> PartDoc {
        PartDoc {
            events: part.events,
            seen: part.first_seen.zip(part.last_seen).map(|(first, last)| (first.0, last.0)),
            closed: (part.sessions.closed, part.sessions.closed_until.map(|t| t.0)),
            ranges: part.sessions.ranges.iter().map(|(first, last)| (first.0, last.0)).collect(),
            orders: part.orders.named.iter().map(|(id, order)| (id.to_string(), order_doc(order))).collect(),
            worth: part
                .orders
                .named
                .iter()
                .filter_map(|(id, order)| Some((id.to_string(), worth_doc(order)?)))
                .collect(),
            refunds: part.orders.refunds.iter().map(|(id, r)| (id.to_string(), report_doc(r))).collect(),
            unnamed: part
                .orders
                .unnamed
                .iter()
                .map(|(digest, (value, at))| (format!("{digest:x}"), *value, at.iter().map(|t| t.0).collect()))
                .collect(),
            traits: part.traits.iter().map(|(k, (s, v))| (k.to_string(), (stamp_doc(s), to_json(v)))).collect(),
            user: part.user.as_ref().map(|named| (stamp_doc(&named.stamp), named.id.to_string())),
            proven: part.user.as_ref().is_some_and(|named| named.proven),
            firsts: part.trials.firsts.iter().map(first_doc).collect(),
            hits: hits_doc(&part.trials),
            campaigns: part
                .campaigns
                .iter()
                .map(|(id, c)| {
                    let last = times([c.last_shown, c.last_closed, c.last_clicked]);
                    (id.to_string(), ([c.shown, c.closed, c.clicked], last))
                })
                .collect(),
            first: part.touches.first.as_ref().map(|(s, t)| (stamp_doc(s), touch_doc(t))),
            arrivals: part.touches.latest.iter().map(|(s, t, tagged)| (stamp_doc(s), touch_doc(t), *tagged)).collect(),
            views: part.views.latest.iter().map(|(at, category)| (at.0, category.to_string())).collect(),
            answers: part.answers.0.iter().map(|(k, (s, v))| (k.to_string(), (stamp_doc(s), to_json(v)))).collect(),
            cart: part.cart.items.0.iter().map(|(id, (s, is_in))| (id.to_string(), (stamp_doc(s), *is_in))).collect(),
            cleared: part.cart.cleared.as_ref().map(stamp_doc),
            days: part
                .days
                .0
                .iter()
                .map(|(name, days)| (name.to_string(), days.iter().map(|(day, n)| (*day, *n)).collect()))
                .collect(),
        }
    }
}

impl From<&PartDoc> for Part {
    fn from(doc: &PartDoc) -> Part {
        Part {
            events: doc.events,
            first_seen: doc.seen.map(|(first, _)| Timestamp(first)),
            last_seen: doc.seen.map(|(_, last)| Timestamp(last)),
            sessions: Sessions {
                closed: doc.closed.0,
                closed_until: doc.closed.1.map(Timestamp),
                ranges: doc.ranges.iter().map(|(first, last)| (Timestamp(*first), Timestamp(*last))).collect(),
            },
            orders: Orders {
                named: doc.orders.iter().map(|(id, o)| (id.as_str().into(), order_of(o, doc.worth.get(id)))).collect(),
                refunds: doc.refunds.iter().map(|(id, r)| (id.as_str().into(), report_of(r))).collect(),
                unnamed: doc
                    .unnamed
                    .iter()
                    .filter_map(|(digest, value, at)| {
                        let digest = u64::from_str_radix(digest, 16).ok()?;
                        Some((digest, (*value, at.iter().copied().map(Timestamp).collect())))
                    })
                    .collect(),
            },
            traits: doc.traits.iter().map(|(k, (s, v))| (k.as_str().into(), (stamp_of(s), from_json(v)))).collect(),
            user: doc.user.as_ref().map(|(s, id)| Named {
                proven: doc.proven,
                stamp: stamp_of(s),
                id: id.as_str().into(),
            }),
            trials: trials_of(doc),
            campaigns: doc
                .campaigns
                .iter()
                .map(|(id, ([shown, closed, clicked], last))| {
                    let [last_shown, last_closed, last_clicked] = last.map(|t| t.map(Timestamp));
                    let count = CampaignCount {
                        shown: *shown,
                        closed: *closed,
                        clicked: *clicked,
                        last_shown,
                        last_closed,
                        last_clicked,
                    };
                    (id.as_str().into(), count)
                })
                .collect(),
            touches: Touches {
                first: doc.first.as_ref().map(|(s, t)| (stamp_of(s), touch_of(t))),
                latest: doc.arrivals.iter().map(|(s, t, tagged)| (stamp_of(s), touch_of(t), *tagged)).collect(),
            },
            views: Views { latest: doc.views.iter().map(|(at, c)| (Timestamp(*at), c.as_str().into())).collect() },
            answers: Kept(
                doc.answers.iter().map(|(k, (s, v))| (k.as_str().into(), (stamp_of(s), from_json(v)))).collect(),
            ),
            cart: Cart {
                items: Kept(
                    doc.cart.iter().map(|(id, (s, is_in))| (id.as_str().into(), (stamp_of(s), *is_in))).collect(),
                ),
                cleared: doc.cleared.as_ref().map(stamp_of),
            },
            days: Days(
                doc.days.iter().map(|(name, days)| (name.as_str().into(), days.iter().copied().collect())).collect(),
            ),
        }
    }
}

/// The trials of a part alone, where the rest of it does not matter.
pub fn trials_of(doc: &PartDoc) -> Trials {
    Trials {
        firsts: doc.firsts.iter().map(first_of).collect(),
        hits: doc
            .hits
            .iter()
            .map(|(s, same, values)| {
                let values = values.iter().map(|(c, v)| (c.as_str().into(), *v)).collect();
                (stamp_of(s), Reached { same: same_of(same), values })
            })
            .collect(),
    }
}

/// And back into a part that has the rest.
pub fn set_trials(doc: &mut PartDoc, trials: &Trials) {
    doc.firsts = trials.firsts.iter().map(first_doc).collect();
    doc.hits = hits_doc(trials);
}

fn hits_doc(trials: &Trials) -> Vec<(StampDoc, String, BTreeMap<String, f64>)> {
    trials
        .hits
        .iter()
        .map(|(s, r)| (stamp_doc(s), same_doc(&r.same), r.values.iter().map(|(c, v)| (c.to_string(), *v)).collect()))
        .collect()
}

/// Folded facts as they travel; coupons and watermarks are added by whoever holds them.
pub fn facts(core: &CoreFacts) -> Facts {
    let mut caps: BTreeMap<String, Caps> = core
        .campaigns
        .iter()
        .map(|(id, c)| {
            let [last_shown, last_closed, last_clicked] = times([c.last_shown, c.last_closed, c.last_clicked]);
            let caps = Caps {
                shown: c.shown,
                closed: c.closed,
                clicked: c.clicked,
                last_shown,
                last_closed,
                last_clicked,
                ..Caps::default()
            };
            (id.to_string(), caps)
        })
        .collect();
    for (campaign, (count, last)) in &core.conversions {
        let caps = caps.entry(campaign.to_string()).or_default();
        caps.converted = *count;
        caps.last_converted = Some(last.0);
    }
    Facts {
        visits: core.visits,
        purchases: core.purchases,
        lifetime_value: core.lifetime_value,
        first_seen: core.first_seen.map(|t| t.0),
        last_seen: core.last_seen.map(|t| t.0),
        last_purchase: core.last_purchase.map(|t| t.0),
        coupons: Vec::new(),
        segments: core.segments.iter().map(|s| (*s).into()).collect(),
        traits: core.traits.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect(),
        caps,
        marks: Default::default(),
        counted_until: None,
        days_since_first_visit: core.days_since_first_visit,
        days_since_last_purchase: core.days_since_last_purchase,
        first_touch: core.first_touch.as_ref().map(touch),
        last_touch: core.last_touch.as_ref().map(touch),
        rfm: core.rfm.map(|r| Rfm { recency: r.recency, frequency: r.frequency, money: r.money }),
        affinity: core.affinity.iter().map(|(category, _)| category.to_string()).collect(),
        affinity_scores: core
            .affinity
            .iter()
            .map(|(category, score)| (category.to_string(), number((score * 100.0).round() / 100.0)))
            .collect(),
        score: core.score,
        score_band: core.score_band,
        cart_items: core.cart_items.iter().map(|id| id.to_string()).collect(),
        answers: core.answers.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect(),
        counts: core
            .counts
            .iter()
            .map(|(name, w)| (name.to_string(), Windows { d7: w.d7, d30: w.d30, d90: w.d90 }))
            .collect(),
        geo: None,
    }
}

/// A counter as a row.
pub fn counter_row(key: &CounterKey, counts: &Counts) -> CounterRow {
    CounterRow {
        hour: key.hour,
        campaign: key.campaign.to_string(),
        phase: key.phase,
        variant: key.variant.to_string(),
        arm: arm_number(key.arm),
        numbers: counts.numbers(),
    }
}

/// And back.
pub fn counter_of(row: &CounterRow) -> (CounterKey, Counts) {
    let key = CounterKey {
        hour: row.hour,
        campaign: row.campaign.as_str().into(),
        phase: row.phase,
        variant: row.variant.as_str().into(),
        arm: arm_of(row.arm),
    };
    (key, Counts::from_numbers(row.numbers))
}

/// A claim on an order, by the digest it goes under.
pub fn claim_doc(order: &str, epoch: Option<u32>, claim: &Claim) -> ClaimDoc {
    let counted = claim.counted.iter().map(|(key, Counted { orders, converted, value })| {
        let counts = Counts { converted: *converted, value: *value, ..Counts::default() };
        (counter_row(key, &counts), *orders)
    });
    ClaimDoc {
        order: order.into(),
        epoch,
        placed: claim.placed.0,
        counted: counted.collect(),
        fixed: claim.fixed.iter().map(|(campaign, (at, value))| (campaign.to_string(), at.0, *value)).collect(),
        members: claim.members.clone(),
    }
}

/// And back.
pub fn claim_of(doc: &ClaimDoc) -> Claim {
    let counted = doc.counted.iter().map(|(row, orders)| {
        let (key, Counts { converted, value, .. }) = counter_of(row);
        (key, Counted { orders: *orders, converted, value })
    });
    let fixed = doc.fixed.iter().map(|(campaign, at, value)| (campaign.as_str().into(), (Timestamp(*at), *value)));
    Claim {
        placed: Timestamp(doc.placed),
        counted: counted.collect(),
        fixed: fixed.collect(),
        members: doc.members.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use noren_event::{Event, Value};

    #[test]
    fn a_part_survives_storage() {
        let mut part = Part::default();
        let events = [
            (
                "page_view",
                Value::map([
                    ("page_location", "https://shop.example/a?utm_source=mail".into()),
                    ("page_referrer", "https://blog.example/".into()),
                ]),
            ),
            ("view_item", Value::map([("item_category", "tea".into())])),
            ("noren_answer", Value::map([("name", "taste".into()), ("value", Value::List(vec!["green".into()]))])),
            ("add_to_cart", Value::map([("items", Value::List(vec![Value::map([("item_id", "i".into())])]))])),
            ("identify", Value::map([("user_id", "u".into()), ("traits", Value::map([("name", "花".into())]))])),
            ("purchase", Value::map([("transaction_id", "T".into()), ("value", 12.5.into())])),
            ("purchase", Value::map([("value", 3.0.into())])),
            ("purchase", Value::map([("transaction_id", "gap".into())])),
            ("purchase", Value::map([("transaction_id", "gap".into()), ("value", 3.0.into())])),
            ("refund", Value::map([("transaction_id", "T".into())])),
            ("noren_exposure", Value::map([("campaign", "c".into())])),
            ("noren_close", Value::map([("campaign", "c".into())])),
        ];
        for (n, (name, props)) in events.into_iter().enumerate() {
            let at = Timestamp(n as i64 * 1_000_000);
            let stamp = Stamp { at, stream: "s".into(), n: n as u64 };
            part.apply(&Event { name: name.into(), props, at }, &stamp);
        }
        part.days.count("view_item", Timestamp(5));
        for (n, (arm, same)) in [
            (Arm::Treated, Same::Never),
            (Arm::Control, Same::Transaction("t:o:".into())),
            (Arm::Mixed, Same::Order(u64::MAX)),
        ]
        .into_iter()
        .enumerate()
        {
            let stamp = Stamp { at: Timestamp(7), stream: "s".into(), n: n as u64 };
            let first = First { stamp: stamp.clone(), variant: "a".into(), arm, within: Some(Duration(5)) };
            part.trials.firsts.insert(("c".into(), n as u32), first);
            part.trials.hits.insert(stamp, Reached { same, values: [("c".into(), 2.5)].into() });
        }
        let json = serde_json::to_string(&PartDoc::from(&part)).unwrap();
        assert_eq!(Part::from(&serde_json::from_str::<PartDoc>(&json).unwrap()), part);
    }
}
