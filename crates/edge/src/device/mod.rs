//! A browser's memory at the edge: one object, named by its key.
//!
//! Rows: `state` (one, rewritten by each sync that brings something), `chunk` (the events of one sync, as they came), `outbox`. So a sync
//! with new events writes three rows, and one more to arm the alarm. Reading order: [`stream`] (which numbers are new), [`sync`], [`count`]
//! (counters out of events), [`coupon`], [`news`] (what
//! servers report, for open pages).

pub mod count;
pub mod coupon;
pub mod news;
pub mod stream;
pub mod sync;

#[cfg(test)]
mod facts_tests;
#[cfg(test)]
mod tests;

use noren_wire::error::Code;
use noren_wire::inner::Whoami;
use noren_wire::stored::{DeviceDoc, EventDoc, SCHEMA};

use crate::sql::{Param, Sql, has_table};
use crate::{Failure, Result, outbox};

/// What an object must do after its rows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct After {
    /// Rows wait in the outbox: arm the alarm.
    pub deliver: bool,
}

/// The object's state, or `None` if it was never written.
///
/// # Errors
/// `Broken` when the state cannot be read, or was written by a newer schema than this code knows.
pub fn load(sql: &dyn Sql) -> Result<Option<DeviceDoc>> {
    if !has_table(sql, "state")? {
        return Ok(None);
    }
    let rows = sql.exec("SELECT body FROM state WHERE id = 0", &[])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let doc: DeviceDoc = serde_json::from_str(row.text(0))?;
    if doc.schema > SCHEMA {
        return Err(Failure::Broken(format!("device state of schema {} is newer than {SCHEMA}", doc.schema)));
    }
    Ok(Some(doc))
}

/// A new device's state; nothing is written yet.
pub fn fresh(site: &str, device: &str) -> DeviceDoc {
    DeviceDoc { schema: SCHEMA, site: site.into(), device: device.into(), ..DeviceDoc::default() }
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

/// Create the tables; part of the first write.
fn create(sql: &dyn Sql) -> Result<()> {
    sql.exec("CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)", &[])?;
    sql.exec(
        "CREATE TABLE IF NOT EXISTS chunk (n INTEGER PRIMARY KEY, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, body TEXT NOT NULL)",
        &[],
    )?;
    sql.exec(outbox::OUTBOX, &[])?;
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
        all.extend(serde_json::from_str::<Vec<EventDoc>>(row.text(0))?);
    }
    Ok(all)
}
