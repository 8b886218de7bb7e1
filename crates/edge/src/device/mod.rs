//! A browser's memory at the edge: one object, named by its key.
//!
//! Rows: `state` (one, rewritten by each sync that brings something), `chunk` (the events of one sync, as they came), `outbox`, `apart` (see
//! [`apart`]), and `sibling` (parts of the same person's other devices, where a proof allows to know them). So a sync with new events writes two rows, three more where
//! it owes another object something. Reading order: [`stream`] (which numbers are new), [`sync`], [`count`] (counters out of events), [`join`]
//! (the person), [`apart`] (sensitive traits), [`recount`], [`coupon`], [`news`] (what servers report, for open pages), [`keep`] (how long what is kept), [`erase`], [`migrate`].

pub mod apart;
pub mod count;
pub mod coupon;
pub mod erase;
pub mod join;
pub mod keep;
pub mod migrate;
pub mod news;
pub mod recount;
pub mod stream;
pub mod sync;

#[cfg(test)]
mod apart_tests;
#[cfg(test)]
mod cookie_tests;
#[cfg(test)]
mod facts_tests;
#[cfg(test)]
mod tests;

use noren_wire::error::Code;
use noren_wire::inner::Whoami;
use noren_wire::inner::{Destination, Owed};
use noren_wire::stored::{ChunkDoc, DEVICE_SCHEMA, DeviceDoc, EventDoc};

use crate::schema::Kind;
use crate::sql::{Param, Sql, has_table};
use crate::{Result, outbox};

/// Devices' stored state.
pub const KIND: Kind =
    Kind { word: "device", marker: "state", state: "state", current: DEVICE_SCHEMA, steps: migrate::STEPS };

/// What an object must do after its rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// Something is owed.
    pub deliver: Option<When>,
    /// Something is stored here for the first time: wake up when its time is over.
    pub first: bool,
}

/// When what is owed should leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// Nobody waits for it: what the next syncs bring may go with it.
    Later,
    /// At once.
    Soon,
}

/// The object's state, or `None` if it was never written.
///
/// # Errors
/// `Broken` when the state cannot be read, or was written by a newer schema than this code knows.
pub fn load(sql: &dyn Sql) -> Result<Option<DeviceDoc>> {
    crate::schema::open(sql, &KIND)?;
    if !has_table(sql, "state")? {
        return Ok(None);
    }
    let rows = sql.exec("SELECT body FROM state WHERE id = 0", &[])?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some(serde_json::from_str(row.text(0))?))
}

/// A new device's state; nothing is written yet.
///
/// Its rows are numbered from the moment on: an object that was emptied and is used again must be heard by those who remember its numbers.
pub fn fresh(site: &str, device: &str, now: i64) -> DeviceDoc {
    let outbox_next = now.max(0) as u64;
    DeviceDoc { schema: DEVICE_SCHEMA, site: site.into(), device: device.into(), outbox_next, ..DeviceDoc::default() }
}

/// Whether the public id is the one bound to this object's key.
///
/// # Errors
/// `key_mismatch`.
pub fn check_binding(doc: &DeviceDoc, site: &str, device: &str) -> Result<()> {
    if doc.device == device && doc.site == site { Ok(()) } else { Err(Code::KeyMismatch.into()) }
}

/// Answer to who this object belongs to, without writing.
///
/// # Errors
/// `key_mismatch` when a different public id is bound.
pub fn whoami(doc: Option<&DeviceDoc>, asked: &Whoami) -> Result<()> {
    doc.map_or(Ok(()), |doc| check_binding(doc, &asked.site, &asked.device))
}

/// Whether the public id must be bound to this object before anything is stored: at first sight, and after its time was over.
pub fn must_bind(doc: Option<&DeviceDoc>) -> bool {
    doc.is_none_or(|doc| doc.ended)
}

/// Create the tables; part of the first write. The outbox comes with its first row: most devices never owe anything, and a table is a page of
/// 4 KB.
fn create(sql: &dyn Sql) -> Result<()> {
    sql.exec("CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)", &[])?;
    sql.exec(
        "CREATE TABLE IF NOT EXISTS chunk (n INTEGER PRIMARY KEY, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, body TEXT NOT NULL)",
        &[],
    )?;
    Ok(())
}

/// Write the state row.
fn save(sql: &dyn Sql, doc: &DeviceDoc) -> Result<()> {
    let body = serde_json::to_string(doc)?;
    sql.exec(
        "INSERT INTO state (id, body) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        &[Param::Text(&body)],
    )?;
    Ok(())
}

/// Owe another object something. Call inside the transaction of its cause; the number is in the state that is saved with it.
fn owe(sql: &dyn Sql, doc: &mut DeviceDoc, to: Destination, owed: &Owed) -> Result<()> {
    // Receivers start from "nothing applied" as 0, so the first number is 1.
    sql.exec(outbox::OUTBOX, &[])?;
    doc.outbox_next += 1;
    outbox::push(sql, doc.outbox_next, &to, owed)
}

/// What is settled past the bound of a state row moves to the shard, so that a recount misses nothing. Call inside a transaction, before saving;
/// `true` when something is owed.
fn settle_excess(sql: &dyn Sql, doc: &mut DeviceDoc) -> Result<bool> {
    if doc.settled.len() <= noren_wire::bounds::HEADINGS_MAX {
        return Ok(false);
    }
    let (to, rows) = (own_shard(doc), std::mem::take(&mut doc.settled));
    owe(sql, doc, to, &Owed::Settled { rows })?;
    Ok(true)
}

/// The shard of a device's public id.
fn own_shard(doc: &DeviceDoc) -> Destination {
    let id = crate::name::shard_of(&doc.device, doc.shards).to_string();
    Destination { kind: "shard".into(), site: doc.site.clone(), id }
}

/// All stored events, in the order they came.
///
/// # Errors
/// `Broken`.
pub fn events(sql: &dyn Sql) -> Result<Vec<EventDoc>> {
    if !has_table(sql, "chunk")? {
        return Ok(Vec::new());
    }
    let mut all = Vec::new();
    for row in sql.exec("SELECT body FROM chunk ORDER BY n", &[])? {
        all.extend(serde_json::from_str::<ChunkDoc>(row.text(0))?.events());
    }
    Ok(all)
}
