//! Counters out of a device's stored events: what the fold says now, less what was reported.

use std::collections::BTreeMap;

use noren_event::{Event, Timestamp, names};
use noren_profile::tally::{self, difference};
use noren_profile::{CounterKey, Counts, Record, Stamp};
use noren_wire::bounds::{HEADINGS_MAX, is_name};
use noren_wire::part::{counter_of, counter_row};
use noren_wire::stored::{CounterRow, DeviceDoc, EventDoc};
use noren_wire::value::from_json;

use crate::goals::{Goals, Holds};

/// A stored event as the core knows it.
pub fn core_event(doc: &EventDoc) -> (Event, Stamp) {
    let at = Timestamp(doc.at);
    let event = Event { name: doc.name.as_str().into(), props: from_json(&doc.props), at };
    (event, Stamp { at, stream: doc.stream.as_str().into(), n: doc.n })
}

/// Whether new events can change any counter of this device.
pub fn concerns(doc: &DeviceDoc, new: &[EventDoc], goals: &Goals) -> bool {
    new.iter().any(|e| names::is_record(&e.name) || (doc.exposed && goals.may_hit(&e.name)))
}

/// Fold all events of the device, note the result as reported, and return what must be added to the totals.
///
/// Conversions of campaigns without a goal in `goals` (stopped, or their goal was taken away) stay as they were reported.
pub fn corrections(doc: &mut DeviceDoc, all: &[EventDoc], goals: &Goals, holds: Holds) -> Vec<CounterRow> {
    let (mut records, mut hits) = (Vec::new(), Vec::new());
    for stored in all {
        if !names::is_record(&stored.name) && !goals.may_hit(&stored.name) {
            continue;
        }
        let (event, stamp) = core_event(stored);
        hits.extend(goals.hits(&event, &stamp, holds));
        // What is no campaign's id was made up by the page.
        records.extend(Record::of(&event, &stamp).filter(|r| is_name(&r.campaign) && r.variant.len() <= 64));
    }
    let windows = goals.windows();
    let mut now = tally::tally(&records, &hits, &windows);
    let reported: BTreeMap<CounterKey, Counts> = doc.reported.iter().map(counter_of).collect();
    for (key, counts) in &reported {
        if !windows.contains_key(&key.campaign) {
            let kept = now.counters.entry(key.clone()).or_default();
            kept.converted = counts.converted;
            kept.value = counts.value;
        }
    }
    while now.counters.len() > HEADINGS_MAX {
        now.counters.pop_last();
    }
    for (campaign, (count, last)) in now.conversions {
        doc.conversions.insert(campaign.to_string(), (count, last.0));
    }
    doc.exposed = doc.exposed || records.iter().any(|r| matches!(r.kind, noren_profile::RecordKind::Exposure(_)));
    doc.reported = now.counters.iter().map(|(key, counts)| counter_row(key, counts)).collect();
    difference(&now.counters, &reported).iter().map(|(key, counts)| counter_row(key, counts)).collect()
}
