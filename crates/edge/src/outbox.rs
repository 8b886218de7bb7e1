//! What one object owes another: numbered rows, written with their cause, delivered in order, applied once.
//!
//! The sender numbers all its rows; a row is deleted when its receiver has answered. The receiver keeps, per sender, the highest
//! number it applied and applies only higher ones, in the same transaction as their effect. Rows for one destination leave in order,
//! so a repeated delivery (the answer was lost) changes nothing and none is skipped.

use noren_wire::inner::{Delivery, Destination, Owed};
use noren_wire::stored::CounterRow;

use crate::Result;
use crate::sql::{Param, Sql, has_table};

/// Rows delivered by one alarm; what is left keeps the alarm armed. Each is one request to another object, of which a request may make 1,000.
pub const BATCH: i64 = 100;

/// The sender's table.
pub const OUTBOX: &str = "CREATE TABLE IF NOT EXISTS outbox (n INTEGER PRIMARY KEY, kind TEXT NOT NULL, site TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL)";

/// The receiver's table.
pub const SENDERS: &str = "CREATE TABLE IF NOT EXISTS sender (name TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID";

/// A row to deliver.
#[derive(Clone, Debug, PartialEq)]
pub struct Due {
    /// Its number.
    pub n: u64,
    /// Where to.
    pub to: Destination,
    /// What.
    pub owed: Owed,
}

/// Write a row. Call inside the transaction of its cause.
///
/// # Errors
/// `Broken`.
pub fn push(sql: &dyn Sql, n: u64, to: &Destination, owed: &Owed) -> Result<()> {
    let body = serde_json::to_string(owed)?;
    sql.exec(
        "INSERT INTO outbox (n, kind, site, id, body) VALUES (?, ?, ?, ?, ?)",
        &[Param::Int(n as i64), Param::Text(&to.kind), Param::Text(&to.site), Param::Text(&to.id), Param::Text(&body)],
    )?;
    Ok(())
}

/// The next rows to deliver, in order; empty when the object never sent anything.
///
/// # Errors
/// `Broken`.
pub fn due(sql: &dyn Sql) -> Result<Vec<Due>> {
    if !has_table(sql, "outbox")? {
        return Ok(Vec::new());
    }
    let rows = sql.exec("SELECT n, kind, site, id, body FROM outbox ORDER BY n LIMIT ?", &[Param::Int(BATCH)])?;
    rows.iter()
        .map(|row| {
            let to = Destination { kind: row.text(1).into(), site: row.text(2).into(), id: row.text(3).into() };
            Ok(Due { n: row.int(0) as u64, to, owed: serde_json::from_str(row.text(4))? })
        })
        .collect()
}

/// What waits for a shard's totals: number, whether it is what the object gave up (else a correction), rows.
///
/// # Errors
/// `Broken`.
pub fn counters(sql: &dyn Sql) -> Result<Vec<(u64, bool, Vec<CounterRow>)>> {
    if !has_table(sql, "outbox")? {
        return Ok(Vec::new());
    }
    let rows = sql.exec("SELECT n, body FROM outbox WHERE kind = 'shard' ORDER BY n", &[])?;
    let mut counters = Vec::new();
    for row in rows {
        match serde_json::from_str(row.text(1))? {
            Owed::Counters { rows } => counters.push((row.int(0) as u64, false, rows)),
            Owed::Settled { rows } => counters.push((row.int(0) as u64, true, rows)),
            _ => {}
        }
    }
    Ok(counters)
}

/// A row was applied by its receiver, or a later one has made it pointless.
///
/// # Errors
/// `Broken`.
pub fn delivered(sql: &dyn Sql, n: u64) -> Result<()> {
    sql.exec("DELETE FROM outbox WHERE n = ?", &[Param::Int(n as i64)])?;
    Ok(())
}

/// As [`delivered`], where there may never have been an outbox.
///
/// # Errors
/// `Broken`.
pub fn forget(sql: &dyn Sql, n: u64) -> Result<()> {
    if has_table(sql, "outbox")? { delivered(sql, n) } else { Ok(()) }
}

/// Whether anything waits.
///
/// # Errors
/// `Broken`.
pub fn is_empty(sql: &dyn Sql) -> Result<bool> {
    Ok(!has_table(sql, "outbox")? || sql.exec("SELECT 1 FROM outbox LIMIT 1", &[])?.is_empty())
}

/// Whether a delivery was applied before; writes nothing.
///
/// # Errors
/// `Broken`.
pub fn was_applied(sql: &dyn Sql, delivery: &Delivery) -> Result<bool> {
    if !has_table(sql, "sender")? {
        return Ok(false);
    }
    let known = sql.exec("SELECT n FROM sender WHERE name = ?", &[Param::Text(&delivery.from)])?;
    Ok(known.first().is_some_and(|row| row.int(0) >= delivery.n as i64))
}

/// The highest number that was noted of a sender; 0 for none.
///
/// # Errors
/// `Broken`.
pub fn seen(sql: &dyn Sql, from: &str) -> Result<u64> {
    let known = sql.exec("SELECT n FROM sender WHERE name = ?", &[Param::Text(from)])?;
    Ok(known.first().map_or(0, |row| row.int(0).max(0) as u64))
}

/// Note a delivery. Call inside the transaction of its effect, after creating [`SENDERS`].
///
/// # Errors
/// `Broken`.
pub fn note(sql: &dyn Sql, delivery: &Delivery) -> Result<()> {
    sql.exec(
        "INSERT INTO sender (name, n) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET n = excluded.n WHERE excluded.n > sender.n",
        &[Param::Text(&delivery.from), Param::Int(delivery.n as i64)],
    )?;
    Ok(())
}

/// Note a delivery; `false` if it was applied before. As [`note`].
///
/// # Errors
/// `Broken`.
pub fn is_new(sql: &dyn Sql, delivery: &Delivery) -> Result<bool> {
    let new = delivery.n > seen(sql, &delivery.from)?;
    if new {
        note(sql, delivery)?;
    }
    Ok(new)
}
