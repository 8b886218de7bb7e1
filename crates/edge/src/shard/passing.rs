//! Visitors of whom nothing is kept: what they were shown and did with it counts, and is forgotten.
//!
//! A stream's records stay for two days, without a name or an id that outlives the page, so that a request that comes twice counts once and a
//! closing finds the exposure it follows. They are counted as reactions and as no visitor: who cannot be known again has no place in a test.
//! Their orders count for the site, each once by a digest of its transaction id, which is remembered for 90 days; they stand among the counters
//! under [`NO_CAMPAIGN`].

use noren_profile::tally::sum;
use noren_wire::bounds::{PASSING_MS, PASSING_ORDER_MS, PASSING_RECORDS_MAX};
use noren_wire::inner::{Passing, PassingOrder};
use noren_wire::stored::{CounterRow, EventDoc};

use super::{add, create, totals};
use crate::Result;
use crate::device::count::{reacted, rows};
use crate::sql::{Param, Sql, has_table, whole};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS passing (stream TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID";

/// Where orders that are of no campaign stand among the counters: no campaign has this id.
pub const NO_CAMPAIGN: &str = "";

/// Orders that were counted; made when there is one.
const ORDERS: &str =
    "CREATE TABLE IF NOT EXISTS passing_order (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID";

fn count_order(sql: &dyn Sql, order: &PassingOrder, now: i64) -> Result<()> {
    sql.exec(ORDERS, &[])?;
    let new = sql.exec(
        "INSERT INTO passing_order (id, at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING RETURNING 1",
        &[Param::Text(&order.id), Param::Int(now)],
    )?;
    if new.is_empty() {
        return Ok(());
    }
    let numbers = [0.0, 0.0, 0.0, 0.0, 0.0, order.orders, order.value];
    let hour = order.at.div_euclid(3_600_000);
    let (campaign, variant) = (NO_CAMPAIGN.into(), String::new());
    let row = CounterRow { hour, campaign, phase: 0, variant, arm: 0, numbers };
    add(sql, "counter", &row, 1.0)?;
    add(sql, "kept", &row, 1.0)
}

/// Forget the orders of so long ago that nobody tells of them again.
pub(super) fn forget(sql: &dyn Sql, now: i64) -> Result<()> {
    sql.exec("DELETE FROM passing WHERE at <= ?", &[Param::Int(now.saturating_sub(2 * PASSING_MS))])?;
    if has_table(sql, "passing_order")? {
        sql.exec("DELETE FROM passing_order WHERE at <= ?", &[Param::Int(now.saturating_sub(PASSING_ORDER_MS))])?;
    }
    Ok(())
}

/// Count records that were not counted before. Nobody is asked for them in a recount, so they are kept at once.
///
/// # Errors
/// `Broken`.
pub fn count(sql: &dyn Sql, passing: &Passing) -> Result<()> {
    whole(sql, || {
        create(sql)?;
        sql.exec("DELETE FROM passing WHERE at <= ?", &[Param::Int(passing.now.saturating_sub(2 * PASSING_MS))])?;
        for (stream, records) in &passing.streams {
            let known = sql.exec("SELECT body FROM passing WHERE stream = ?", &[Param::Text(stream)])?;
            let before: Vec<EventDoc> =
                known.first().map_or(Ok(Vec::new()), |row| serde_json::from_str(row.text(0)))?;
            let mut after = before.clone();
            for record in records {
                if after.len() < PASSING_RECORDS_MAX && !after.iter().any(|known| known.n == record.n) {
                    after.push(record.clone());
                }
            }
            if after.len() == before.len() {
                continue;
            }
            for row in rows(&sum(&reacted(&after), &reacted(&before), -1.0)) {
                add(sql, "counter", &row, 1.0)?;
                add(sql, "kept", &row, 1.0)?;
                totals::add(sql, &row)?;
            }
            let body = serde_json::to_string(&after)?;
            sql.exec(
                "INSERT INTO passing (stream, at, body) VALUES (?, ?, ?) ON CONFLICT (stream) DO UPDATE SET body = excluded.body, at = excluded.at",
                &[Param::Text(stream), Param::Int(passing.now), Param::Text(&body)],
            )?;
        }
        passing.orders.iter().try_for_each(|order| count_order(sql, order, passing.now))
    })
}
