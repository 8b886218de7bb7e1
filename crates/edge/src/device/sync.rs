//! Applying a sync: every number once, stored before it is acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use noren_event::{Timestamp, names};
use noren_profile::profile::facts_of;
use noren_profile::stamp::is_reported;
use noren_profile::{Lens, Part};
use noren_wire::admin::Weights;
use noren_wire::bounds::*;
use noren_wire::error::{Code, Problem};
use noren_wire::inner::{Destination, DeviceSynced, Owed, Presence};
use noren_wire::stored::{DeviceDoc, EventDoc, PartDoc, StreamDoc};
use noren_wire::sync::{Ack, Facts, SyncAnswer, SyncRequest, WireEvent};
use noren_wire::{PROTOCOL, PROTOCOL_OLDEST, part};
use serde_json::Value as Json;

use super::stream::{Verdict, pass_over, take};
use super::{After, check_binding, count, create, events, fresh, news, save};
use crate::counts::counted;
use crate::goals::{Goals, Holds};
use crate::name::shard_of;
use crate::sql::{Param, Sql, whole};
use crate::{Result, outbox};

/// More statements of a transaction.
pub type Also<'a> = &'a dyn Fn(&dyn Sql) -> Result<()>;

/// What the object is given beside the page's request.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    /// The edge's clock.
    pub now: i64,
    /// The live program's hash.
    pub program: &'a str,
    /// The site's shard count.
    pub shards: u32,
    /// How the site weighs visitors.
    pub weights: &'a Weights,
    /// Names of events whose counts the live program asks for (see [`crate::counts::asked_by`]).
    pub counts: &'a [Box<str>],
    /// The live program's goals.
    pub goals: &'a Goals,
    /// Evaluates goals' conditions.
    pub holds: Holds<'a>,
    /// Names a person's object by its user id.
    pub person_id: &'a dyn Fn(&str) -> String,
    /// What else must count if and only if this does; runs in the same transaction.
    pub also: Option<Also<'a>>,
}

/// What applying a request gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The state as the rows now have it; still none if there was nothing to write.
    pub doc: Option<DeviceDoc>,
    /// For the Worker.
    pub synced: DeviceSynced,
    /// What is left to do.
    pub after: After,
}

/// Streams whose watermarks come down with the facts beside those in the request: other tabs of the device are among the last heard.
const MARKS_MAX: usize = 32;

/// Check what types cannot say.
///
/// # Errors
/// `too_old`, `body_invalid` with the field.
pub fn check(request: &SyncRequest) -> core::result::Result<(), Problem> {
    if request.v < PROTOCOL_OLDEST {
        return Err(Code::TooOld.into());
    }
    if !is_base64url(&request.device, DEVICE_CHARS) {
        return Err(Problem::field("device", "22 characters of base64url"));
    }
    if !is_base64url(&request.key, KEY_CHARS) {
        return Err(Problem::field("key", "43 characters of base64url"));
    }
    if request.streams.len() > STREAMS_MAX {
        return Err(Problem::field("streams", "at most 256 streams in one request"));
    }
    let mut total = 0;
    for (s, stream) in request.streams.iter().enumerate() {
        if !is_base64url(&stream.id, DEVICE_CHARS) {
            return Err(Problem::field(&format!("streams[{s}].id"), "22 characters of base64url"));
        }
        total += stream.events.len();
        if total > EVENTS_MAX {
            return Err(Problem::field(&format!("streams[{s}].events"), "at most 5,000 events in one request"));
        }
        for (e, event) in stream.events.iter().enumerate() {
            let wrong =
                |field: &str, what: &str| Err(Problem::field(&format!("streams[{s}].events[{e}].{field}"), what));
            if event.name.is_empty() || event.name.chars().count() > NAME_MAX_CHARS {
                return wrong("name", "1 to 100 characters");
            }
            if !event.props.is_null() && !event.props.is_object() {
                return wrong("props", "an object");
            }
            if event.n >= 1 << 53 {
                return wrong("n", "below 2^53");
            }
        }
    }
    Ok(())
}

/// Apply a checked request to a device's state and rows. Everything is written in one transaction; on an error nothing is, and the
/// state handed in is still what the rows say.
///
/// # Errors
/// `key_mismatch`; `Broken` from storage.
pub fn apply(sql: &dyn Sql, known: Option<&DeviceDoc>, request: &SyncRequest, at: &Surroundings) -> Result<Applied> {
    let mut doc = match known {
        Some(known) => {
            check_binding(known, &request.site, &request.device)?;
            known.clone()
        }
        None => fresh(&request.site, &request.device),
    };
    let mut answer = SyncAnswer {
        v: PROTOCOL,
        now: at.now,
        program: at.program.into(),
        generation: doc.generation,
        reset: request.generation < doc.generation,
        acks: Vec::new(),
        facts: None,
        news: Vec::new(),
    };
    if answer.reset {
        let presence = Presence { device: request.device.clone(), at: at.now, gone: true, ..Presence::default() };
        return Ok(Applied { doc: known.cloned(), synced: DeviceSynced { answer, presence }, after: After::default() });
    }

    let before = (doc.lost, doc.refused, doc.streams.values().map(|s| s.next).sum::<u64>());
    let new = admit(&mut doc, request, at.now);
    answer.acks = request
        .streams
        .iter()
        .map(|s| Ack { id: s.id.clone(), next: doc.streams.get(&s.id).map_or(0, |known| known.next) })
        .collect();

    news::keep(&mut doc, &new, at.now);
    answer.news = news::tell(&mut doc, known, request);

    let names = counted(at.counts, at.weights);
    let refold = known.is_some() && doc.counted.as_ref() != Some(&names);
    if refold {
        let stored = events(sql)?;
        doc.parts.clear();
        fold(&mut doc, &stored, &names);
    }
    fold(&mut doc, &new, &names);
    doc.counted = Some(names);
    while doc.parts.len() > EPOCHS_KEPT_MAX {
        if let Some((epoch, _)) = doc.parts.pop_first() {
            doc.sent.remove(&epoch);
        }
    }

    let moved = before != (doc.lost, doc.refused, doc.streams.values().map(|s| s.next).sum::<u64>());
    let mut after = After::default();
    let writes = !new.is_empty() || moved || refold || !answer.news.is_empty();
    if writes {
        after = whole(sql, || write(sql, known.is_none(), &mut doc, &new, at))?;
    }
    let weights = (at.weights).into();
    let lens = Lens { now: Timestamp(at.now), weights: &weights, counts: at.counts };
    if request.facts || !answer.news.is_empty() {
        answer.facts = Some(facts(&doc, request, &lens));
    }
    let presence = presence(&doc, request, &new, &lens);
    let doc = if writes { Some(doc) } else { known.cloned() };
    Ok(Applied { doc, synced: DeviceSynced { answer, presence }, after })
}

/// Fold events into the parts of their epochs.
fn fold(doc: &mut DeviceDoc, new: &[EventDoc], names: &[String]) {
    let epochs: BTreeSet<u32> = new.iter().map(|e| e.epoch).collect();
    for epoch in epochs {
        let mut folded = doc.parts.get(&epoch).map(Part::from).unwrap_or_default();
        for stored in new.iter().filter(|e| e.epoch == epoch) {
            let (event, stamp) = count::core_event(stored);
            folded.apply(&event, &stamp);
            if !stamp.is_told() && names.binary_search(&stored.name).is_ok() {
                folded.days.count(&stored.name, stamp.at);
            }
        }
        doc.parts.insert(epoch, PartDoc::from(&folded));
    }
}

/// Sort out which events are new, note their numbers, correct their times.
fn admit(doc: &mut DeviceDoc, request: &SyncRequest, now: i64) -> Vec<EventDoc> {
    let off = now.saturating_sub(request.sent_at);
    let off = if off.abs() > CLOCK_TOLERANCE_MS { off } else { 0 };
    let mut new = Vec::new();
    for batch in &request.streams {
        let unknown = !doc.streams.contains_key(&batch.id);
        let stream = doc.streams.entry(batch.id.clone()).or_default();
        stream.heard = now;
        doc.lost += pass_over(stream, batch.from);
        // What others' clients sent was measured as it was sent; names that were made longer at the door lose no event.
        let most = if is_reported(&batch.id) { 2 * EVENT_MAX_BYTES } else { EVENT_MAX_BYTES };
        for event in &batch.events {
            match take(stream, event.n) {
                Verdict::Known | Verdict::Later => continue,
                Verdict::New => {}
            }
            let at = event.at.saturating_add(off);
            let too_old = at < now.saturating_sub(EVENT_AGE_MAX_MS) || (unknown && at <= doc.forgotten_until);
            let too_large = weight(&event.props) > most;
            if too_large || too_old || at > now.saturating_add(EVENT_AHEAD_MAX_MS) {
                doc.refused += 1;
                continue;
            }
            new.push(stored(&batch.id, request.epoch, event, at, off));
        }
    }
    forget(doc, now);
    new
}

fn stored(stream: &str, epoch: u32, event: &WireEvent, at: i64, off: i64) -> EventDoc {
    let device_at = (off != 0).then_some(event.at);
    EventDoc {
        stream: stream.into(),
        n: event.n,
        epoch,
        at,
        device_at,
        name: event.name.clone(),
        props: event.props.clone(),
    }
}

/// About how many bytes a value takes as JSON.
pub(super) fn weight(json: &Json) -> usize {
    match json {
        Json::String(text) => text.len() + 2,
        Json::Array(items) => items.iter().map(|item| weight(item) + 1).sum::<usize>() + 2,
        Json::Object(pairs) => pairs.iter().map(|(key, value)| key.len() + weight(value) + 4).sum::<usize>() + 2,
        _ => 8,
    }
}

/// Streams silent for longer than events may be old cannot come back with anything that counts. Past the bound the longest silent
/// go earlier; older events of streams unknown since are then passed over, so that forgetting never doubles.
fn forget(doc: &mut DeviceDoc, now: i64) {
    let horizon = now.saturating_sub(EVENT_AGE_MAX_MS + EVENT_AHEAD_MAX_MS);
    doc.streams.retain(|_, s| s.heard >= horizon);
    if doc.streams.len() > STREAMS_KEPT_MAX {
        let mut heard: Vec<i64> = doc.streams.values().map(|s| s.heard).collect();
        heard.sort_unstable();
        let cut = heard.get(doc.streams.len() - STREAMS_KEPT_MAX - 1).copied().unwrap_or(i64::MIN);
        // Those of this very request are spared: their numbers were just noted.
        let cut = cut.min(now - 1);
        doc.streams.retain(|_, s| s.heard > cut);
        doc.forgotten_until = doc.forgotten_until.max(cut);
    }
}

/// The rows of one sync.
fn write(sql: &dyn Sql, first: bool, doc: &mut DeviceDoc, new: &[EventDoc], at: &Surroundings) -> Result<After> {
    if first {
        create(sql)?;
    }
    if let Some(also) = at.also {
        also(sql)?;
    }
    let mut after = After::default();
    if count::concerns(doc, new, at.goals) {
        let mut all = if first { Vec::new() } else { events(sql)? };
        all.extend_from_slice(new);
        let rows = count::corrections(doc, &all, at.goals, at.holds);
        if !rows.is_empty() {
            let shard = shard_of(&doc.device, at.shards).to_string();
            owe(
                sql,
                doc,
                Destination { kind: "shard".into(), site: doc.site.clone(), id: shard },
                &Owed::Counters { rows },
            )?;
            after.deliver = true;
        }
    }
    after.deliver |= send_parts(sql, doc, at)?;
    for piece in pieces(new)? {
        let (first_at, last_at) = new.iter().fold((i64::MAX, i64::MIN), |(a, b), e| (a.min(e.at), b.max(e.at)));
        sql.exec(
            "INSERT INTO chunk (n, first_at, last_at, body) VALUES (?, ?, ?, ?)",
            &[Param::Int(doc.chunk_next as i64), Param::Int(first_at), Param::Int(last_at), Param::Text(&piece)],
        )?;
        doc.chunk_next += 1;
    }
    save(sql, doc)?;
    Ok(after)
}

/// Events as chunk rows: one, unless they are more than a row should hold.
fn pieces(new: &[EventDoc]) -> Result<Vec<String>> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for event in new {
        let event = serde_json::to_string(event)?;
        if !piece.is_empty() && piece.len() + event.len() > CHUNK_MAX_BYTES {
            pieces.push(format!("[{piece}]"));
            piece.clear();
        }
        if !piece.is_empty() {
            piece.push(',');
        }
        piece.push_str(&event);
    }
    if !piece.is_empty() {
        pieces.push(format!("[{piece}]"));
    }
    Ok(pieces)
}

/// Each epoch that named a person goes to that person's object whenever it has grown.
fn send_parts(sql: &dyn Sql, doc: &mut DeviceDoc, at: &Surroundings) -> Result<bool> {
    let mut due = Vec::new();
    for (epoch, part) in &doc.parts {
        if let Some((_, user)) = &part.user
            && doc.sent.get(epoch) != Some(&part.events)
        {
            due.push((*epoch, user.clone(), part.clone()));
        }
    }
    for (epoch, user, part) in &due {
        doc.sent.insert(*epoch, part.events);
        let to = Destination { kind: "person".into(), site: doc.site.clone(), id: (at.person_id)(user) };
        let owed = Owed::Part { device: doc.device.clone(), epoch: *epoch, part: Box::new(part.clone()) };
        owe(sql, doc, to, &owed)?;
    }
    Ok(!due.is_empty())
}

fn owe(sql: &dyn Sql, doc: &mut DeviceDoc, to: Destination, owed: &Owed) -> Result<()> {
    // Receivers start from "nothing applied" as 0, so the first number is 1.
    doc.outbox_next += 1;
    outbox::push(sql, doc.outbox_next, &to, owed)
}

/// What is known of whoever uses the device now: the current epoch's part, with conversions and coupons.
pub fn facts(doc: &DeviceDoc, request: &SyncRequest, lens: &Lens) -> Facts {
    let mut facts = folded(doc, request.epoch, lens);
    let held = doc.coupons.iter().filter(|(epoch, c)| *epoch == request.epoch && c.expires > lens.now.0);
    facts.coupons = held.map(|(_, c)| c.clone()).collect();
    let mut marks: BTreeMap<String, u64> = BTreeMap::new();
    for batch in &request.streams {
        marks.insert(batch.id.clone(), doc.streams.get(&batch.id).map_or(0, |s| s.next));
    }
    let mut others: Vec<(&String, &StreamDoc)> = doc.streams.iter().collect();
    others.sort_by_key(|(_, s)| -s.heard);
    for (id, stream) in others.into_iter().take(MARKS_MAX) {
        marks.insert(id.clone(), stream.next);
    }
    facts.marks = marks;
    facts
}

fn folded(doc: &DeviceDoc, epoch: u32, lens: &Lens) -> Facts {
    let part = doc.parts.get(&epoch).map(Part::from);
    let mut facts = part::facts(&facts_of(part.iter(), lens));
    for (campaign, (count, last)) in &doc.conversions {
        let caps = facts.caps.entry(campaign.clone()).or_default();
        caps.converted = *count;
        caps.last_converted = Some(*last);
    }
    facts
}

/// News for the live list, out of the latest of the new events.
fn presence(doc: &DeviceDoc, request: &SyncRequest, new: &[EventDoc], lens: &Lens) -> Presence {
    let facts = folded(doc, request.epoch, lens);
    let mut presence = Presence {
        device: request.device.clone(),
        at: lens.now.0,
        gone: request.hidden,
        visits: Some(facts.visits),
        purchases: Some(facts.purchases),
        ..Presence::default()
    };
    let mut latest: Vec<&EventDoc> = new.iter().collect();
    latest.sort_by_key(|e| (e.at, e.n));
    fill(&mut presence, latest.iter().map(|e| (e.name.as_str(), &e.props)));
    presence
}

/// Page, title and last event out of events in order. Noren's own records are not what a visitor did.
pub fn fill<'a>(presence: &mut Presence, events: impl Iterator<Item = (&'a str, &'a serde_json::Value)>) {
    for (name, props) in events {
        if name == names::PAGE_VIEW {
            let text =
                |key: &str| props.get(key).and_then(|v| v.as_str()).map(|s| s.chars().take(300).collect::<String>());
            presence.page = text("page_path").or_else(|| text("page_location")).or(presence.page.take());
            presence.title = text("page_title").or(presence.title.take());
        }
        if !names::is_record(name) {
            presence.last_event = Some(name.into());
        }
    }
}

/// News for the live list from a visitor who has no object yet.
pub fn fresh_presence(request: &SyncRequest, now: i64) -> Presence {
    let mut presence = Presence {
        device: request.device.clone(),
        at: now,
        gone: request.hidden,
        visits: Some(1),
        ..Presence::default()
    };
    fill(&mut presence, request.streams.iter().flat_map(|s| &s.events).map(|e| (e.name.as_str(), &e.props)));
    presence
}

/// The answer to a page that asked for nothing to be remembered yet: nothing is acknowledged, the agent keeps its events. Facts are folded
/// out of the request alone, as of now.
pub fn fresh_answer(
    request: &SyncRequest,
    program: &str,
    weights: &Weights,
    counts: &[Box<str>],
    now: i64,
) -> SyncAnswer {
    let facts = || {
        let mut part = Part::default();
        for (batch, event) in request.streams.iter().flat_map(|s| s.events.iter().map(move |e| (s, e))) {
            let (event, stamp) = count::core_event(&stored(&batch.id, request.epoch, event, now, 0));
            part.apply(&event, &stamp);
        }
        let weights = weights.into();
        let lens = Lens { now: Timestamp(now), weights: &weights, counts };
        Facts { visits: 1, ..part::facts(&facts_of([part].iter(), &lens)) }
    };
    SyncAnswer {
        v: PROTOCOL,
        now,
        program: program.into(),
        generation: request.generation,
        reset: false,
        acks: Vec::new(),
        facts: request.facts.then(facts),
        news: Vec::new(),
    }
}

/// Whether a request may be answered without an object: the page says it is fresh, and nothing but page views is in it.
pub fn is_fresh(request: &SyncRequest) -> bool {
    request.fresh && request.streams.iter().flat_map(|s| &s.events).all(|e| e.name == names::PAGE_VIEW)
}
