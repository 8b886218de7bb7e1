//! Counters out of a device's stored events and its parts' trials.
//!
//! What a device has contributed to the totals is: reactions folded over its stored events, each part judged alone, and what is settled. A
//! sync owes its shard the change of that sum, so late and disordered arrival corrects the totals; what is let go (old events, parts of long
//! past epochs, trials past their bound) moves into what is settled, which changes nothing.

use std::collections::{BTreeMap, BTreeSet};

use noren_event::{Event, Timestamp, names};
use noren_profile::tally::{reactions, sum};
use noren_profile::trial::judge;
use noren_profile::{Claims, CounterKey, Counts, Record, Stamp, Trials, claim};
use noren_wire::bounds::is_name;
use noren_wire::part::{counter_of, counter_row, set_trials, trials_of};
use noren_wire::stored::{ClaimDoc, CounterRow, DeviceDoc, EventDoc};
use noren_wire::value::from_json;

use super::sync::Surroundings;
use crate::goals::{Goals, Holds};
use crate::orders;

/// Longest id of a variant that is counted.
const VARIANT_MAX_BYTES: usize = 64;

/// Counters by heading.
pub type Counters = BTreeMap<CounterKey, Counts>;

/// A stored event as the core knows it.
pub fn core_event(doc: &EventDoc) -> (Event, Stamp) {
    let at = Timestamp(doc.at);
    let event = Event { name: doc.name.as_str().into(), props: from_json(&doc.props), at };
    (event, Stamp { at, stream: doc.stream.as_str().into(), n: doc.n })
}

/// Whether any of these is counted under the hour it happened in.
pub fn has_records(events: &[EventDoc]) -> bool {
    events.iter().any(|e| names::is_record(&e.name))
}

/// The record an event is. What is no campaign's id was made up by the page.
fn record_of(event: &Event, stamp: &Stamp) -> Option<Record> {
    Record::of(event, stamp).filter(|r| is_name(&r.campaign) && r.variant.len() <= VARIANT_MAX_BYTES)
}

/// Exposures and reactions of all these events, each epoch by itself: after a logout the visitor is another.
pub fn reacted(events: &[EventDoc]) -> Counters {
    let mut epochs: BTreeMap<u32, Vec<Record>> = BTreeMap::new();
    for stored in events.iter().filter(|e| names::is_record(&e.name)) {
        let (event, stamp) = core_event(stored);
        if let Some(record) = record_of(&event, &stamp) {
            epochs.entry(stored.epoch).or_default().push(record);
        }
    }
    epochs.values().fold(Counters::new(), |all, records| sum(&all, &reactions(records), 1.0))
}

/// Each part's trials judged alone.
pub fn judged(doc: &DeviceDoc) -> Counters {
    let trials = doc.parts.values().filter(|part| !part.firsts.is_empty()).map(trials_of);
    trials.fold(Counters::new(), |all, trials| sum(&all, &judge([&trials]).counters, 1.0))
}

/// What each epoch has counted for orders, by transaction id.
pub fn claims(doc: &DeviceDoc) -> BTreeMap<u32, Claims> {
    let parts = doc.parts.iter().filter(|(_, part)| !part.hits.is_empty());
    parts.map(|(epoch, part)| (*epoch, claim::of_part(&trials_of(part)))).collect()
}

/// What is to be said of orders after their claims have changed.
pub fn claimed(before: &BTreeMap<u32, Claims>, after: &BTreeMap<u32, Claims>) -> Vec<ClaimDoc> {
    let epochs: BTreeSet<u32> = before.keys().chain(after.keys()).copied().collect();
    let none = Claims::new();
    let changes = epochs.into_iter().flat_map(|epoch| {
        let [before, after] = [before, after].map(|claims| claims.get(&epoch).unwrap_or(&none));
        orders::changes(before, after, Some(epoch))
    });
    changes.collect()
}

/// What is settled, by heading.
pub fn settled(doc: &DeviceDoc) -> Counters {
    doc.settled.iter().map(counter_of).collect()
}

/// What a device has contributed apart from reactions.
pub fn standing(doc: &DeviceDoc) -> Counters {
    sum(&settled(doc), &judged(doc), 1.0)
}

/// All a device has contributed to the totals: what a recount adds up.
pub fn contributed(doc: &DeviceDoc, stored: &[EventDoc]) -> Counters {
    sum(&standing(doc), &reacted(stored), 1.0)
}

/// As rows.
pub fn rows(counters: &Counters) -> Vec<CounterRow> {
    counters.iter().map(|(key, counts)| counter_row(key, counts)).collect()
}

/// Let something of the parts go without changing what was contributed.
pub fn settle(doc: &mut DeviceDoc, let_go: impl FnOnce(&mut DeviceDoc)) {
    let before = judged(doc);
    let_go(doc);
    let gone = sum(&before, &judged(doc), -1.0);
    if !gone.is_empty() {
        doc.settled = rows(&sum(&settled(doc), &gone, 1.0));
    }
}

/// Bring trials back to their bounds.
pub fn trim(doc: &mut DeviceDoc) {
    for part in doc.parts.values_mut() {
        let mut trials = trials_of(part);
        if trials.is_over() {
            trials.trim();
            set_trials(part, &trials);
        }
    }
}

/// Take note of an event: an exposure, or the goals it meets.
pub fn note(trials: &mut Trials, event: &Event, stamp: &Stamp, goals: &Goals, holds: Holds) {
    if let Some(record) = record_of(event, stamp) {
        trials.expose(&record, goals.within(&record.campaign));
    }
    if goals.may_hit(&event.name) {
        goals.hits(event, stamp, holds).iter().for_each(|hit| trials.hit(hit));
    }
}

/// Judge all parts by other goals: goals of campaigns that still have one are looked for again in the stored events; what a stopped campaign
/// earned, and what was earned before the oldest event that is still kept, stays.
pub fn rejudge(doc: &mut DeviceDoc, stored: &[EventDoc], at: &Surroundings) {
    let swept_until = doc.swept_until;
    for (epoch, part) in &mut doc.parts {
        let mut trials = trials_of(part);
        for ((campaign, _), first) in &mut trials.firsts {
            first.within = at.goals.within(campaign).or(first.within);
        }
        trials.hits.retain(|stamp, reached| {
            reached.values.retain(|campaign, _| stamp.at.0 <= swept_until || at.goals.within(campaign).is_none());
            !reached.values.is_empty()
        });
        for event in stored.iter().filter(|e| e.epoch == *epoch) {
            let (event, stamp) = core_event(event);
            note(&mut trials, &event, &stamp, at.goals, at.holds);
        }
        set_trials(part, &trials);
    }
}
