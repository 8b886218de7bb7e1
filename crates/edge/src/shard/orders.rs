//! Whose report of an order stands: the claims of all who have counted something for it, and what of that is taken back.
//!
//! Of each order the ruling over its claims is a correction of this shard's own counters; as the claims change, so does it. Nobody in the register
//! holds it, so it is kept at once. An order is known for 400 days after it was placed.

use std::collections::BTreeMap;

use noren_event::Duration;
use noren_profile::Claim;
use noren_profile::claim::ruling;
use noren_profile::tally::sum;
use noren_wire::part::claim_of;
use noren_wire::stored::ClaimDoc;

use super::{add, totals};
use crate::Result;
use crate::device::count::rows;
use crate::orders::holder;
use crate::sql::{Param, Sql, has_table};

/// How long an order is known after it was placed: as long as most sites keep a profile, longer than a thank-you page is opened again.
pub const KNOWN_FOR: Duration = Duration::days(400);

const TABLE: &str = "CREATE TABLE IF NOT EXISTS claim (ord TEXT NOT NULL, holder TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, \
     PRIMARY KEY (ord, holder)) WITHOUT ROWID";

/// Take an object's word on orders. Call inside a transaction.
///
/// # Errors
/// `Broken`.
pub(super) fn take(sql: &dyn Sql, from: &str, claims: &[ClaimDoc]) -> Result<()> {
    sql.exec(TABLE, &[])?;
    for claim in claims {
        let before = ruling(&known(sql, &claim.order)?);
        put(sql, &holder(from, claim.epoch), claim)?;
        for row in rows(&sum(&ruling(&known(sql, &claim.order)?), &before, -1.0)) {
            add(sql, "counter", &row, 1.0)?;
            add(sql, "kept", &row, 1.0)?;
            totals::add(sql, &row)?;
        }
    }
    Ok(())
}

fn put(sql: &dyn Sql, holder: &str, claim: &ClaimDoc) -> Result<()> {
    let key = [Param::Text(&claim.order), Param::Text(holder)];
    if claim_of(claim).is_nothing() {
        sql.exec("DELETE FROM claim WHERE ord = ? AND holder = ?", &key)?;
        return Ok(());
    }
    let body = serde_json::to_string(claim)?;
    let [order, holder] = key;
    sql.exec(
        "INSERT INTO claim (ord, holder, at, body) VALUES (?, ?, ?, ?) ON CONFLICT (ord, holder) DO UPDATE SET at = excluded.at, body = excluded.body",
        &[order, holder, Param::Int(claim.placed), Param::Text(&body)],
    )?;
    Ok(())
}

/// All claims on an order, by holder.
fn known(sql: &dyn Sql, order: &str) -> Result<BTreeMap<String, Claim>> {
    let rows = sql.exec("SELECT holder, body FROM claim WHERE ord = ?", &[Param::Text(order)])?;
    rows.iter().map(|row| Ok((row.text(0).into(), claim_of(&serde_json::from_str(row.text(1))?)))).collect()
}

/// Forget orders that were placed long ago. What they were corrected by stays. Call inside a transaction.
///
/// # Errors
/// `Broken`.
pub(super) fn tidy(sql: &dyn Sql, now: i64) -> Result<()> {
    if has_table(sql, "claim")? {
        sql.exec(
            "DELETE FROM claim WHERE ord IN (SELECT ord FROM claim GROUP BY ord HAVING MAX(at) < ?)",
            &[Param::Int(now.saturating_sub(KNOWN_FOR.0))],
        )?;
    }
    Ok(())
}
