//! Applying a sync: every number once, stored before it is acknowledged.

use std::collections::{BTreeMap, BTreeSet};

use noren_event::{Timestamp, Value, names};
use noren_profile::order;
use noren_profile::profile::facts_of;
use noren_profile::stamp::{SERVER_STREAM, is_reported};
use noren_profile::tally::sum;
use noren_profile::{Lens, Part};
use noren_wire::admin::Weights;
use noren_wire::bounds::*;
use noren_wire::error::{Code, Problem};
use noren_wire::inner::{DeviceSynced, Owed, PassingOrder, Presence};
use noren_wire::part::counter_row;
use noren_wire::stored::{ChunkDoc, ClaimDoc, CounterRow, DeviceDoc, EventDoc, Keep, PartDoc, StreamDoc};
use noren_wire::sync::{Ack, Facts, SyncAnswer, SyncRequest, WireEvent};
use noren_wire::{PROTOCOL, PROTOCOL_OLDEST, part};
use serde_json::Value as Json;

use super::stream::{Verdict, pass_over, take};
use super::{
    After, When, apart, check_binding, count, create, events, fresh, join, news, owe, own_shard, save, settle_excess,
};
use crate::consent;
use crate::counts::counted;
use crate::goals::{Goals, Holds};
use crate::name::token_digest;
use crate::orders;
use crate::proof::{Proofs, Worth};
use crate::sql::{Param, Sql, whole};
use crate::{Failure, Result};

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
    /// Tells these goals from others.
    pub goals_mark: &'a str,
    /// Evaluates goals' conditions.
    pub holds: Holds<'a>,
    /// How the site takes proofs of identity.
    pub proofs: &'a Proofs,
    /// How long the site keeps what.
    pub keep: Keep,
    /// Traits that the site names as sensitive.
    pub sensitive: &'a [String],
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

/// Check every proof of identity in a request before any of it is applied.
///
/// # Errors
/// `proof_invalid` with the field.
fn check_proofs(request: &SyncRequest, at: &Surroundings) -> Result<()> {
    for (s, stream) in request.streams.iter().enumerate() {
        for (e, event) in stream.events.iter().enumerate() {
            worth(&event.name, &event.props, at).map_err(|failure| match failure {
                Failure::Refused(problem) => {
                    let path = Some(format!("streams[{s}].events[{e}].props.proof"));
                    Problem { path, ..problem }.into()
                }
                broken => broken,
            })?;
        }
    }
    Ok(())
}

/// What the proof of an `identify` is worth. A proof that is no text was not made by any server.
fn worth(name: &str, props: &Json, at: &Surroundings) -> Result<Worth> {
    if name != names::IDENTIFY {
        return Ok(Worth::Nothing);
    }
    let user = props.get("user_id").and_then(Json::as_str).unwrap_or_default();
    match props.get("proof") {
        None | Some(Json::Null) => Ok(Worth::Nothing),
        Some(Json::String(proof)) => at.proofs.check(user, proof, at.now),
        Some(_) => at.proofs.check(user, "?", at.now),
    }
}

/// Apply a checked request to a device's state and rows. Everything is written in one transaction; on an error nothing is, and the
/// state handed in is still what the rows say.
///
/// # Errors
/// `key_mismatch`, `proof_invalid`; `Broken` from storage.
pub fn apply(sql: &dyn Sql, known: Option<&DeviceDoc>, request: &SyncRequest, at: &Surroundings) -> Result<Applied> {
    let noted = known.and_then(|doc| noted_epoch(doc, request)).filter(|epoch| *epoch != request.epoch);
    match noted {
        Some(epoch) => apply_to(sql, known, &SyncRequest { epoch, ..request.clone() }, None, at),
        None => apply_to(sql, known, request, None, at),
    }
}

/// Apply the request of a page whose storage names another device than the site's cookie does: the cookie's (public id, key) goes before, and the
/// page is told. Its streams are of the epoch the device is in; which that was is noted with them, because what the page still holds says
/// otherwise. What the other device had of them is not this one's loss.
///
/// # Errors
/// As [`apply`].
pub fn apply_known(
    sql: &dyn Sql,
    known: Option<&DeviceDoc>,
    request: &SyncRequest,
    (device, key): (String, String),
    at: &Surroundings,
) -> Result<Applied> {
    let current = known.map_or(0, |doc| doc.parts.keys().last().copied().unwrap_or(0).max(doc.epoch));
    let noted = known.and_then(|doc| noted_epoch(doc, request));
    let epoch = noted.unwrap_or_else(|| current.saturating_add(request.epoch));
    let own = SyncRequest { device, key, epoch, fresh: false, ..request.clone() };
    let mut applied = apply_to(sql, known, &own, Some(epoch), at)?;
    // Who was erased is nobody to be.
    let answer = &mut applied.synced.answer;
    answer.identity = (!answer.reset).then(|| (own.device, own.key, epoch.saturating_sub(request.epoch)));
    Ok(applied)
}

/// The epoch of a request, where one of its streams is noted under one.
fn noted_epoch(doc: &DeviceDoc, request: &SyncRequest) -> Option<u32> {
    request.streams.iter().find_map(|batch| doc.streams.get(&batch.id)?.epoch)
}

/// `note`: the epoch to note with streams that are new.
fn apply_to(
    sql: &dyn Sql,
    known: Option<&DeviceDoc>,
    request: &SyncRequest,
    note: Option<u32>,
    at: &Surroundings,
) -> Result<Applied> {
    let mut doc = match known {
        Some(known) => {
            check_binding(known, &request.site, &request.device)?;
            known.clone()
        }
        None => fresh(&request.site, &request.device, at.now),
    };
    let mut answer = SyncAnswer {
        v: PROTOCOL,
        now: at.now,
        program: at.program.into(),
        generation: doc.generation,
        reset: request.generation < doc.generation,
        acks: Vec::new(),
        facts: None,
        identity: None,
        news: Vec::new(),
    };
    if answer.reset {
        let presence = Presence { device: request.device.clone(), at: at.now, gone: true, ..Presence::default() };
        let synced = DeviceSynced { answer, presence, remembers: Some(false) };
        return Ok(Applied { doc: known.cloned(), synced, after: After::default() });
    }
    check_proofs(request, at)?;

    doc.epoch = doc.epoch.max(request.epoch);
    let before = (doc.lost, doc.refused, doc.streams.values().map(|s| s.next).sum::<u64>());
    let (new, mut aside) = admit(&mut doc, request, note, at)?;
    if new.iter().any(|event| event.name == names::RESET) {
        doc.epoch = doc.epoch.max(request.epoch.saturating_add(1));
    }
    answer.acks = request
        .streams
        .iter()
        .map(|s| Ack { id: s.id.clone(), next: doc.streams.get(&s.id).map_or(0, |known| known.next) })
        .collect();

    news::keep(&mut doc, &new, at.now);
    answer.news = news::tell(&mut doc, known, request);
    let moved = before != (doc.lost, doc.refused, doc.streams.values().map(|s| s.next).sum::<u64>());
    let renamed = known.is_some() && doc.apart != apart::mark(at.sensitive);
    let refolds = is_stale(&doc, known.is_some(), at) || renamed;
    if renamed {
        aside.extend(apart::from_parts(&mut doc, at.sensitive));
    }
    let folded = refold(sql, &mut doc, known.is_some(), &new, at)?;
    let mut after = After::default();
    let writes = !new.is_empty() || moved || refolds || !answer.news.is_empty();
    if writes {
        doc.heard = at.now;
        (doc.shards, doc.keep, doc.apart) = (at.shards, at.keep, apart::mark(at.sensitive));
        after = whole(sql, || {
            if renamed {
                apart::strip(sql, at.sensitive)?;
            }
            apart::keep(sql, &aside)?;
            write(sql, known, &mut doc, &new, folded, at)
        })?;
        answer.generation = doc.generation;
    }
    let weights = (at.weights).into();
    let lens = Lens { now: Timestamp(at.now), weights: &weights, counts: at.counts };
    let news = doc.joined.get(&request.epoch).is_some_and(|joined| joined.news);
    if request.facts || news || !answer.news.is_empty() {
        answer.facts = Some(facts(sql, &doc, request, &lens, at)?);
    }
    if news && writes {
        // Written with the next state: told twice is no harm.
        doc.joined.entry(request.epoch).and_modify(|joined| joined.news = false);
    }
    let presence = presence(&doc, request, &new, &lens);
    let doc = if writes { Some(doc) } else { known.cloned() };
    let remembers = doc.as_ref().filter(|doc| !doc.ended).map(|doc| !consent::is_withdrawn(doc));
    Ok(Applied { doc, synced: DeviceSynced { answer, presence, remembers }, after })
}

/// Whether the parts were folded for another program, or by code that knew of less.
fn is_stale(doc: &DeviceDoc, stored: bool, at: &Surroundings) -> bool {
    stored
        && (doc.unjudged || doc.goals != at.goals_mark || doc.counted.as_ref() != Some(&counted(at.counts, at.weights)))
}

/// What a fold has changed for others.
struct Folded {
    /// What must be added to the totals.
    rows: Vec<CounterRow>,
    /// What is to be said of orders.
    claims: Vec<ClaimDoc>,
}

/// Fold the new events in, after folding again what was folded for another program.
fn refold(sql: &dyn Sql, doc: &mut DeviceDoc, stored: bool, new: &[EventDoc], at: &Surroundings) -> Result<Folded> {
    let names = counted(at.counts, at.weights);
    let records = count::has_records(new);
    let stale = is_stale(doc, stored, at);
    let mut old = if stored && (stale || records) { events(sql)? } else { Vec::new() };
    old.iter_mut().for_each(|event| drop(apart::relieve(event, at.sensitive)));
    let mut before = count::standing(doc);
    let claims = count::claims(doc);
    if stale {
        if doc.counted.is_none() {
            doc.parts.clear();
            fold(doc, &old, &names, at);
        } else if doc.counted.as_ref() != Some(&names) {
            count_days(doc, &old, &names);
        }
        if doc.unjudged || doc.goals != at.goals_mark {
            count::rejudge(doc, &old, at);
        }
        if doc.unjudged {
            // The totals have all this already: what was kept for it goes, and nothing is owed.
            doc.settled = count::rows(&sum(&count::settled(doc), &count::judged(doc), -1.0));
            doc.unjudged = false;
            before = count::standing(doc);
        }
    }
    fold(doc, new, &names, at);
    doc.counted = Some(names);
    doc.goals = at.goals_mark.into();
    // Before anything is let go: what was counted for it stays counted, and claimed.
    let claims = count::claimed(&claims, &count::claims(doc));
    count::settle(doc, |doc| {
        count::trim(doc);
        while doc.parts.len() > EPOCHS_KEPT_MAX {
            if let Some((epoch, _)) = doc.parts.pop_first() {
                doc.joined.remove(&epoch);
            }
        }
    });
    let mut change = sum(&count::standing(doc), &before, -1.0);
    if records {
        let mut all = old.clone();
        all.extend_from_slice(new);
        change = sum(&change, &sum(&count::reacted(&all), &count::reacted(&old), -1.0), 1.0);
    }
    let rows = change.iter().map(|(key, counts)| counter_row(key, counts)).collect();
    Ok(Folded { rows, claims })
}

/// Fold events into the parts of their epochs.
fn fold(doc: &mut DeviceDoc, new: &[EventDoc], names: &[String], at: &Surroundings) {
    let epochs: BTreeSet<u32> = new.iter().map(|e| e.epoch).collect();
    for epoch in epochs {
        let mut folded = doc.parts.get(&epoch).map(Part::from).unwrap_or_default();
        for stored in new.iter().filter(|e| e.epoch == epoch) {
            let (event, stamp) = count::core_event(stored);
            folded.apply(&event, &stamp);
            count::note(&mut folded.trials, &event, &stamp, at.goals, at.holds);
            if !stamp.is_told() && names.binary_search(&stored.name).is_ok() {
                folded.days.count(&stored.name, stamp.at);
            }
        }
        doc.parts.insert(epoch, PartDoc::from(&folded));
    }
}

/// How far a device's clock is off; nothing where it may be the way of the request.
fn offset(request: &SyncRequest, now: i64) -> i64 {
    let off = now.saturating_sub(request.sent_at);
    if off.saturating_abs() > CLOCK_TOLERANCE_MS { off } else { 0 }
}

/// Count days again, for other names. The rest of a part may rest on events that are no longer kept and stays as it is.
fn count_days(doc: &mut DeviceDoc, stored: &[EventDoc], names: &[String]) {
    for (epoch, doc) in &mut doc.parts {
        let mut part = Part::from(&*doc);
        part.days = Default::default();
        for event in stored.iter().filter(|e| e.epoch == *epoch && names.binary_search(&e.name).is_ok()) {
            part.days.count(&event.name, Timestamp(event.at));
        }
        *doc = PartDoc::from(&part);
    }
}

/// Sort out which events are new, note their numbers, correct their times.
fn admit(
    doc: &mut DeviceDoc,
    request: &SyncRequest,
    note: Option<u32>,
    at: &Surroundings,
) -> Result<(Vec<EventDoc>, Vec<apart::Apart>)> {
    let (surroundings, now) = (at, at.now);
    let off = offset(request, now);
    let (mut new, mut aside) = (Vec::new(), Vec::new());
    for batch in &request.streams {
        let unknown = !doc.streams.contains_key(&batch.id);
        let stream = doc.streams.entry(batch.id.clone()).or_default();
        stream.heard = now;
        if unknown && note.is_some() {
            (stream.epoch, stream.next) = (note, batch.from);
        }
        doc.lost += pass_over(stream, batch.from);
        // What others' clients sent was measured as it was sent; names that were made longer at the door lose no event.
        let most = if is_reported(&batch.id) { 2 * EVENT_MAX_BYTES } else { EVENT_MAX_BYTES };
        for event in &batch.events {
            match take(stream, event.n) {
                Verdict::Known | Verdict::Later => continue,
                Verdict::New => {}
            }
            let at = event.at.saturating_add(off);
            // How old a report may be was decided where it came in.
            let too_old = !is_reported(&batch.id)
                && (at < now.saturating_sub(EVENT_AGE_MAX_MS) || (unknown && at <= doc.forgotten_until));
            let too_large = weight(&event.props) > most;
            if too_large || too_old || at > now.saturating_add(EVENT_AHEAD_MAX_MS) {
                doc.refused += 1;
                continue;
            }
            let mut kept = stored(&batch.id, request.epoch, event, at, off);
            let worth = match is_vouched(&batch.id, &event.props) {
                true => Worth::Proven,
                false => worth(&event.name, &event.props, surroundings)?,
            };
            vouch(&mut kept, worth);
            aside.extend(apart::relieve(&mut kept, surroundings.sensitive));
            new.push(kept);
        }
    }
    forget(doc, now);
    Ok((new, aside))
}

/// Whether a server's key stands for who is named. No page can make a stream of that name.
fn is_vouched(stream: &str, props: &Json) -> bool {
    stream == SERVER_STREAM && props.get("proven") == Some(&Json::Bool(true))
}

/// What is stored of an `identify`: whether it was proven, never the proof, with which another page could prove the same.
fn vouch(event: &mut EventDoc, worth: Worth) {
    if event.name != names::IDENTIFY {
        return;
    }
    if let Json::Object(props) = &mut event.props {
        props.remove("proof");
        props.remove("proven");
        if worth == Worth::Proven {
            props.insert("proven".into(), Json::Bool(true));
        }
    }
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
fn write(
    sql: &dyn Sql,
    known: Option<&DeviceDoc>,
    doc: &mut DeviceDoc,
    new: &[EventDoc],
    folded: Folded,
    at: &Surroundings,
) -> Result<After> {
    let first = known.is_none();
    if first {
        create(sql)?;
    }
    if let Some(also) = at.also {
        also(sql)?;
    }
    let mut after = After { first: super::must_bind(known), ..After::default() };
    if doc.ended {
        super::keep::begin_again(sql, doc)?;
    }
    let Folded { rows, claims } = folded;
    if !rows.is_empty() {
        let to = own_shard(doc);
        owe(sql, doc, to, &Owed::Counters { rows })?;
        after.deliver = Some(When::Soon);
    }
    for (to, owed) in orders::owed(&doc.site, at.shards, claims) {
        owe(sql, doc, to, &owed)?;
        after.deliver = Some(When::Soon);
    }
    after.deliver = after.deliver.max(join::tell(sql, doc, new, at)?);
    for piece in pieces(new)? {
        let (first_at, last_at) = new.iter().fold((i64::MAX, i64::MIN), |(a, b), e| (a.min(e.at), b.max(e.at)));
        sql.exec(
            "INSERT INTO chunk (n, first_at, last_at, body) VALUES (?, ?, ?, ?)",
            &[Param::Int(doc.chunk_next as i64), Param::Int(first_at), Param::Int(last_at), Param::Text(&piece)],
        )?;
        doc.chunk_next += 1;
    }
    if consent::note(doc, new) {
        super::erase::withdraw(sql, doc)?;
        after.deliver = Some(When::Soon);
        return Ok(after);
    }
    if settle_excess(sql, doc)? {
        after.deliver = Some(When::Soon);
    }
    save(sql, doc)?;
    Ok(after)
}

/// Events as chunk rows: one, unless they are more than a row should hold.
fn pieces(new: &[EventDoc]) -> Result<Vec<String>> {
    let mut pieces = Vec::new();
    let (mut from, mut size) = (0, 0);
    for (i, event) in new.iter().enumerate() {
        // What surrounds an event in a chunk, its stream and times included, is at most 160 bytes.
        let own = weight(&event.props) + event.name.len() + 160;
        if i > from && size + own > CHUNK_MAX_BYTES {
            pieces.push(ChunkDoc::of(new.get(from..i).unwrap_or_default()));
            (from, size) = (i, 0);
        }
        size += own;
    }
    if from < new.len() {
        pieces.push(ChunkDoc::of(new.get(from..).unwrap_or_default()));
    }
    pieces.iter().map(|piece| Ok(serde_json::to_string(piece)?)).collect()
}

/// What is known of whoever uses the device now: the current epoch's part with its coupons, and what a proof lets it know of the person's
/// other devices.
///
/// # Errors
/// `Broken`.
pub fn facts(sql: &dyn Sql, doc: &DeviceDoc, request: &SyncRequest, lens: &Lens, at: &Surroundings) -> Result<Facts> {
    let mut facts = join::facts(sql, doc, request.epoch, lens, at)?;
    apart::hide(&mut facts, at.sensitive);
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
    facts.counted_until = Some(counted_until(request, at.now));
    Ok(facts)
}

/// The device sends all that has happened there, so its answer includes it all up to the request.
fn counted_until(request: &SyncRequest, now: i64) -> i64 {
    request.sent_at.saturating_add(offset(request, now))
}

/// News for the live list, out of the latest of the new events.
fn presence(doc: &DeviceDoc, request: &SyncRequest, new: &[EventDoc], lens: &Lens) -> Presence {
    let part = doc.parts.get(&request.epoch).map(Part::from);
    let facts = facts_of(part.iter(), lens);
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
        let counted_until = Some(counted_until(request, now));
        Facts { visits: 1, counted_until, ..part::facts(&facts_of([part].iter(), &lens)) }
    };
    SyncAnswer {
        v: PROTOCOL,
        now,
        program: program.into(),
        generation: request.generation,
        reset: false,
        acks: Vec::new(),
        facts: request.facts.then(facts),
        identity: None,
        news: Vec::new(),
    }
}

/// The answer to a page of whose visitor nothing is kept: all it sent is taken, and forgotten. Not even to itself is told what the site names
/// as sensitive, so that rules mean the same in every mode.
pub fn passing_answer(
    request: &SyncRequest,
    program: &str,
    weights: &Weights,
    counts: &[Box<str>],
    sensitive: &[String],
    now: i64,
) -> SyncAnswer {
    let mut answer = fresh_answer(request, program, weights, counts, now);
    answer.facts.iter_mut().for_each(|facts| apart::hide(facts, sensitive));
    answer.acks = request
        .streams
        .iter()
        .map(|batch| {
            let after = batch.events.iter().map(|event| event.n.saturating_add(1)).max().unwrap_or(0);
            Ack { id: batch.id.clone(), next: after.max(batch.from) }
        })
        .collect();
    answer
}

/// The records of a request that are counted though nothing of their visitor is kept, under corrected times. What is older than a page lives is
/// left out: by then its stream may be forgotten.
pub fn passing_records(request: &SyncRequest, now: i64) -> Vec<(String, Vec<EventDoc>)> {
    let off = offset(request, now);
    let streams = request.streams.iter().map(|batch| {
        let records =
            batch.events.iter().filter(|event| names::is_record(&event.name) && weight(&event.props) <= 1_024);
        let records = records.map(|event| stored(&batch.id, 0, event, event.at.saturating_add(off), 0));
        (batch.id.clone(), records.filter(|event| in_passing(event.at, now)).collect::<Vec<_>>())
    });
    streams.filter(|(_, records)| !records.is_empty()).collect()
}

/// The orders and refunds of a request of whose visitor nothing is kept, each under a digest of its transaction id. The same bounds of time hold
/// as for records; an order without an id counts once for its stream and number.
pub fn passing_orders(request: &SyncRequest, now: i64) -> Vec<PassingOrder> {
    let off = offset(request, now);
    let mut orders = Vec::new();
    for batch in &request.streams {
        for event in &batch.events {
            let sign = match event.name.as_str() {
                names::PURCHASE => 1.0,
                names::REFUND => -1.0,
                _ => continue,
            };
            let at = event.at.saturating_add(off);
            if !in_passing(at, now) || weight(&event.props) > EVENT_MAX_BYTES {
                continue;
            }
            let (core, _) = count::core_event(&stored(&batch.id, 0, event, at, 0));
            let number = match order::transaction_id(&core.props) {
                Some(id) => format!("{}|{id}", event.name),
                None => format!("{}|{}/{}", event.name, batch.id, event.n),
            };
            let value = core.props.get("value").and_then(Value::as_num).filter(|value| value.is_finite());
            orders.push(PassingOrder {
                id: token_digest(&number),
                at,
                orders: f64::max(sign, 0.0),
                value: sign * value.unwrap_or(0.0),
            });
        }
    }
    orders
}

fn in_passing(at: i64, now: i64) -> bool {
    (now.saturating_sub(PASSING_MS)..=now.saturating_add(CLOCK_TOLERANCE_MS)).contains(&at)
}

/// Whether a request may be answered without an object: the page says it is fresh, and nothing but page views is in it.
pub fn is_fresh(request: &SyncRequest) -> bool {
    request.fresh && only_looked(request)
}

/// Whether a page that was left before its agent was there, or that comes with a cookie of long ago, is somebody's first and shows nothing but that
/// they came. Only the device's object can tell; it stores nothing then, and the next page brings the events again.
pub fn is_passing(known: Option<&DeviceDoc>, request: &SyncRequest) -> bool {
    known.is_none() && (request.raw || request.fresh) && only_looked(request)
}

fn only_looked(request: &SyncRequest) -> bool {
    let mut events = request.streams.iter().flat_map(|s| &s.events);
    events.all(|e| e.name == names::PAGE_VIEW) && request.streams.iter().map(|s| s.events.len()).sum::<usize>() <= 1
}
