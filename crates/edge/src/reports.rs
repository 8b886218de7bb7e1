//! What others' clients report, as events of a device.
//!
//! Reports come by outbox from intake objects, in order and each delivery once; which of them are new is decided here, by message id, for here
//! all ways of one device end: a client that was cut off may send the same call again in another batch. New ones are numbered in a stream
//! of this object's own making and applied as a page's sync is, so that a device of others' clients is a device in every respect. Its
//! stream is called `~s` where a server vouched for the event, `~t` where that is counted elsewhere and only told here, else `~c`; no page can
//! make a stream of such a name.

use std::collections::BTreeSet;

use noren_event::names;
use noren_profile::stamp::{CLIENT_STREAM, SERVER_STREAM, TOLD_STREAM};
use noren_wire::PROTOCOL;
use noren_wire::bounds::MESSAGE_MEMORY_MS;
use noren_wire::inner::{Delivery, Owed, ReportDoc};
use noren_wire::stored::{DeviceDoc, PartDoc};
use noren_wire::sync::{StreamBatch, SyncRequest, WireEvent};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use crate::device::After;
use crate::device::sync::{Surroundings, apply};
use crate::sql::{Param, Sql, has_table, whole};
use crate::{Failure, Result, outbox};

/// Message ids of the last seven days, one row a delivery: eight bytes each.
const SEEN: &str = "CREATE TABLE IF NOT EXISTS seen (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, ids BLOB NOT NULL)";

/// Bytes kept of a message id's digest: among the ten thousand messages of a busy week, two meet once in 10^11 weeks.
const ID_BYTES: usize = 8;

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    /// The state as the rows now have it.
    pub doc: Option<DeviceDoc>,
    /// What is left to do.
    pub after: After,
}

/// Apply a delivery; one that was applied before changes nothing, and neither does a message that was.
///
/// # Errors
/// `Broken` from storage, or when the delivery is not for a client's device. What was applied until then stays; the delivery comes again.
pub fn receive(sql: &dyn Sql, known: Option<&DeviceDoc>, delivery: &Delivery, at: &Surroundings) -> Result<Received> {
    let mut received = Received { doc: known.cloned(), after: After::default() };
    if outbox::was_applied(sql, delivery)? {
        return Ok(received);
    }
    let mut seen = seen_since(sql, at.now.saturating_sub(MESSAGE_MEMORY_MS))?;
    let mut is_new = |report: &&ReportDoc| seen.insert(digest(report));
    let renamed;
    let (site, device, runs) = match &delivery.owed {
        Owed::Reports { site, device, reports } => (site, device, runs(reports.iter().filter(is_new).collect(), known)),
        Owed::Alias { site, device, .. } => {
            renamed = Renamed::of(&delivery.owed, known);
            (site, device, renamed.iter().filter(|renamed| is_new(&&renamed.report)).map(Renamed::run).collect())
        }
        _ => return Err(Failure::Broken("a device was sent what is none of its".into())),
    };
    let last = runs.len();
    for (i, run) in runs.iter().enumerate() {
        let doc = received.doc.clone();
        let request = run.request(site, device, doc.as_ref(), at.now);
        let also = |sql: &dyn Sql| {
            sql.exec(SEEN, &[])?;
            sql.exec("DELETE FROM seen WHERE at <= ?", &[Param::Int(at.now.saturating_sub(MESSAGE_MEMORY_MS))])?;
            let ids: Vec<u8> = run.reports.iter().flat_map(|report| digest(report)).collect();
            sql.exec("INSERT INTO seen (at, ids) VALUES (?, ?)", &[Param::Int(at.now), Param::Blob(&ids)])?;
            // Only with its last run is the delivery done; until then a repetition is told from new by its message ids.
            if i + 1 == last { note(sql, delivery) } else { Ok(()) }
        };
        let applied = apply(sql, doc.as_ref(), &request, &Surroundings { also: Some(&also), ..*at })?;
        received.doc = applied.doc;
        received.after.deliver = received.after.deliver.max(applied.after.deliver);
        received.after.first |= applied.after.first;
    }
    if last == 0 {
        whole(sql, || note(sql, delivery))?;
    }
    Ok(received)
}

fn note(sql: &dyn Sql, delivery: &Delivery) -> Result<()> {
    sql.exec(outbox::SENDERS, &[])?;
    outbox::is_new(sql, delivery).map(drop)
}

/// What an `alias` says to a device: who it is, from the moment it was first called by the former id.
struct Renamed {
    epoch: u32,
    /// Whether a server's word, or a proof, had named it before; a browser's bare word does not become more by being renamed.
    proven: bool,
    report: ReportDoc,
}

impl Renamed {
    /// `None` where the device is somebody else's, or nobody of that id was ever here. An `anonymousId` is remembered before its first event:
    /// batches overtake each other.
    fn of(owed: &Owed, known: Option<&DeviceDoc>) -> Option<Renamed> {
        let Owed::Alias { anonymous, previous, user, at, .. } = owed else { return None };
        let (epoch, part) = known.and_then(|doc| doc.parts.last_key_value()).unzip();
        let naming = part.and_then(|part| part.user.as_ref().map(|(stamp, user)| (stamp.0, user, part.proven)));
        let (at, proven) = match naming {
            // The first word holds, so this one is put before it.
            Some((since, named, proven)) if named == previous => (since.saturating_sub(1), proven),
            Some(_) => return None,
            None if *anonymous => (*at, true),
            None => return None,
        };
        let report = ReportDoc {
            id: format!("alias|{previous}|{user}"),
            at,
            device_at: None,
            name: names::IDENTIFY.into(),
            props: json!({ "user_id": user }),
            user: Some(user.clone()),
            server: true,
            told: false,
        };
        Some(Renamed { epoch: epoch.copied().unwrap_or(0), proven, report })
    }

    fn run(&self) -> Run<'_> {
        let reports = vec![&self.report];
        Run { epoch: self.epoch, server: true, vouches: self.proven, told: false, off: 0, names: None, reports }
    }
}

/// A message id as it is remembered. What a public key says can never pass for what a server said already.
fn digest(report: &ReportDoc) -> [u8; ID_BYTES] {
    let trust: &[u8] = if report.server { b"s" } else { b"c" };
    let whole = Sha256::new().chain_update(trust).chain_update(report.id.as_bytes()).finalize();
    let mut head = [0; ID_BYTES];
    head.iter_mut().zip(whole).for_each(|(to, from)| *to = from);
    head
}

fn seen_since(sql: &dyn Sql, since: i64) -> Result<BTreeSet<[u8; ID_BYTES]>> {
    let mut seen = BTreeSet::new();
    if has_table(sql, "seen")? {
        for row in sql.exec("SELECT ids FROM seen WHERE at > ?", &[Param::Int(since)])? {
            seen.extend(row.blob(0).chunks_exact(ID_BYTES).filter_map(|id| <[u8; ID_BYTES]>::try_from(id).ok()));
        }
    }
    Ok(seen)
}

/// Reports that can be applied as one request: of one epoch, vouched for alike, by clocks that were wrong by as much.
struct Run<'a> {
    epoch: u32,
    server: bool,
    /// Whether who is named is thereby proven.
    vouches: bool,
    told: bool,
    off: i64,
    /// Whom the epoch is to be named for before its first event.
    names: Option<&'a str>,
    reports: Vec<&'a ReportDoc>,
}

/// Cut reports into runs. An epoch of a device is one person's: an event of another user begins the next.
fn runs<'a>(reports: Vec<&'a ReportDoc>, known: Option<&DeviceDoc>) -> Vec<Run<'a>> {
    let current = known.and_then(|doc| doc.parts.last_key_value());
    let mut epoch = current.map_or(0, |(epoch, _)| *epoch);
    let mut owner: Option<String> = current.and_then(|(_, part)| user_of(part)).map(Into::into);
    let mut runs: Vec<Run> = Vec::new();
    for report in reports {
        let mut names = None;
        // What a device is told is of whoever uses it now, or it would not be told.
        if let Some(user) = report.user.as_ref().filter(|_| !report.told)
            && owner.as_ref() != Some(user)
        {
            epoch += u32::from(owner.is_some());
            owner = Some(user.clone());
            names = Some(user.as_str()).filter(|_| report.name != names::IDENTIFY);
        }
        let off = report.device_at.map_or(0, |own| report.at.saturating_sub(own));
        match runs.last_mut() {
            Some(run) if names.is_none() && run.takes(epoch, report, off) => run.reports.push(report),
            _ => {
                let (server, told) = (report.server, report.told);
                runs.push(Run { epoch, server, vouches: server, told, off, names, reports: vec![report] });
            }
        }
    }
    runs
}

fn user_of(part: &PartDoc) -> Option<&str> {
    part.user.as_ref().map(|(_, user)| user.as_str())
}

impl Run<'_> {
    fn takes(&self, epoch: u32, report: &ReportDoc, off: i64) -> bool {
        (self.epoch, self.server, self.told, self.off) == (epoch, report.server, report.told, off)
    }

    /// The request a page would have sent of these events. The numbers go on where the stream stands.
    fn request(&self, site: &str, device: &str, doc: Option<&DeviceDoc>, now: i64) -> SyncRequest {
        let id = match (self.told, self.server) {
            (true, _) => TOLD_STREAM,
            (false, true) => SERVER_STREAM,
            (false, false) => CLIENT_STREAM,
        };
        let next = doc.and_then(|doc| doc.streams.get(id)).map_or(0, |stream| stream.next);
        let own = |report: &ReportDoc| report.device_at.unwrap_or(report.at);
        let named = self.names.zip(self.reports.first()).map(|(user, first)| {
            let props = self.vouched(json!({ "user_id": user }));
            WireEvent { n: 0, at: own(first), name: names::IDENTIFY.into(), props }
        });
        let events = self.reports.iter().map(|report| {
            let props = report.props.clone();
            let props = if report.name == names::IDENTIFY { self.vouched(props) } else { props };
            WireEvent { n: 0, at: own(report), name: report.name.clone(), props }
        });
        let numbered = named.into_iter().chain(events).zip(next..).map(|(event, n)| WireEvent { n, ..event });
        SyncRequest {
            v: PROTOCOL,
            site: site.into(),
            device: device.into(),
            key: String::new(),
            consent: None,
            epoch: self.epoch,
            generation: doc.map_or(0, |doc| doc.generation),
            sent_at: now.saturating_sub(self.off),
            program: String::new(),
            facts: false,
            fresh: false,
            raw: false,
            hidden: false,
            // Nobody reads the answer to it.
            streams: vec![StreamBatch { id: id.into(), from: next, done: true, events: numbered.collect() }],
        }
    }

    /// A server's word on who somebody is counts as proof.
    fn vouched(&self, mut props: Json) -> Json {
        if let (true, Some(props)) = (self.vouches, props.as_object_mut()) {
            props.insert("proven".into(), Json::Bool(true));
        }
        props
    }
}

#[cfg(test)]
mod tests;
