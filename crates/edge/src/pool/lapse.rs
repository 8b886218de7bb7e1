//! What was shown and not used in time goes back.

use noren_wire::bounds::IDEMPOTENCY_MS;
use noren_wire::stored::PoolDoc;

use super::{CLAIMED, FREE, LAPSED, load, make, save};
use crate::Result;
use crate::sql::{Param, Sql, whole};

/// Codes taken back in one transaction: some 2,500 rows.
pub const BATCH: i64 = 500;

/// Those who let a code lapse that are remembered with it, the latest: 22 characters each.
const FORMER_MAX: usize = 10;

/// How often idempotency keys that nobody needs any more are looked for.
const DEEDS_EVERY_MS: i64 = 86_400_000;

/// When the next code lapses.
///
/// # Errors
/// `Broken`.
pub fn next(sql: &dyn Sql) -> Result<Option<i64>> {
    // The state stands in the text, so that the index of just these serves.
    let rows = sql.exec("SELECT expires FROM code WHERE state = 1 ORDER BY expires LIMIT 1", &[])?;
    Ok(rows.first().map(|row| row.int(0)))
}

/// Take back what has lapsed, and let go of old idempotency keys. Returns how many codes; as many as [`BATCH`] means that there may be more.
///
/// # Errors
/// `Broken`; nothing is changed then.
pub fn sweep(sql: &dyn Sql, secret: &str, now: i64) -> Result<u64> {
    let Some(mut doc) = load(sql)? else { return Ok(0) };
    whole(sql, || {
        let count = take_back(sql, &mut doc, secret, now)?;
        if now - doc.swept_at >= DEEDS_EVERY_MS {
            sql.exec("DELETE FROM deed WHERE at <= ?", &[Param::Int(now - IDEMPOTENCY_MS)])?;
            doc.swept_at = now;
            save(sql, &doc)?;
        }
        Ok(count)
    })
}

/// As [`sweep`], inside a transaction; saves the settings where they changed.
pub(super) fn take_back(sql: &dyn Sql, doc: &mut PoolDoc, secret: &str, now: i64) -> Result<u64> {
    let lapsed = sql.exec(
        "SELECT code, visitor, campaign, made, former FROM code WHERE state = 1 AND expires <= ? ORDER BY expires LIMIT ?",
        &[Param::Int(now), Param::Int(BATCH)],
    )?;
    let serial = doc.serial;
    for row in &lapsed {
        let held = Held {
            code: row.text(0),
            visitor: row.text(1),
            campaign: row.text(2),
            made: row.int(3) != 0,
            former: row.text(4),
        };
        give_back(sql, doc, secret, &held)?;
    }
    if doc.serial != serial {
        save(sql, doc)?;
    }
    Ok(lapsed.len() as u64)
}

pub(super) struct Held<'a> {
    pub code: &'a str,
    pub visitor: &'a str,
    pub campaign: &'a str,
    pub made: bool,
    pub former: &'a str,
}

/// Take one back. The caller saves the settings where `serial` moved.
pub(super) fn give_back(sql: &dyn Sql, doc: &mut PoolDoc, secret: &str, held: &Held) -> Result<()> {
    sql.exec(
        "DELETE FROM claim WHERE visitor = ? AND campaign = ?",
        &[Param::Text(held.visitor), Param::Text(held.campaign)],
    )?;
    // In an open pool whoever knows a code may use it, and its former holder does.
    if held.made && !doc.bound {
        sql.exec(
            "UPDATE code SET state = ? WHERE code = ? AND state = ?",
            &[Param::Int(LAPSED), Param::Text(held.code), Param::Int(CLAIMED)],
        )?;
        return make::another(sql, doc, secret);
    }
    let mut former: Vec<&str> = held.former.split_whitespace().filter(|id| *id != held.visitor).collect();
    former.push(held.visitor);
    let former = former.get(former.len().saturating_sub(FORMER_MAX)..).unwrap_or_default().join(" ");
    sql.exec(
        "UPDATE code SET state = ?, visitor = '', campaign = '', expires = 0, released = '', former = ? WHERE code = ?",
        &[Param::Int(FREE), Param::Text(&former), Param::Text(held.code)],
    )?;
    sql.exec("INSERT INTO free (code) VALUES (?)", &[Param::Text(held.code)])?;
    Ok(())
}
