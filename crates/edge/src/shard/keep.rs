//! How long a shard keeps what. Once a day, when a visitor's news or silence wakes it:
//!
//! - Counters stand by the hour for 400 days, as long as single events may be kept, then by the day: the hours of a day go into its first one.
//!   Nothing is lost but the hour. A correction that comes later stands by its hour until the next day.
//! - What was counted of visitors of whom nothing is kept is forgotten after two days, the numbers of their orders after 90 (see
//!   [`super::passing`]).
//! - Orders that several may report are forgotten after 400 days (see [`super::orders`]).
//! - Numbers of senders that are in no register any more go after 30 days: what they sent cannot come again by then.

use noren_wire::bounds::EVENT_AGE_MAX_MS;
use noren_wire::stored::CounterRow;

use super::{add, orders, passing, recount};
use crate::Result;
use crate::sql::{Param, Sql, has_table, whole};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Days for which counters stand by the hour.
pub const HOURS_DAYS: i64 = 400;

/// Counters folded at once: each is two rows, and a request may take some seconds.
const FOLD_MAX: i64 = 5_000;

/// The first hour that still stands by itself at `now`.
pub(super) fn horizon(now: i64) -> i64 {
    now.saturating_sub(HOURS_DAYS * DAY_MS).div_euclid(DAY_MS).saturating_mul(24)
}

/// Let go what is old at `now`, at most once a day; `false` when there was nothing to do yet.
///
/// # Errors
/// `Broken`.
pub fn tidy(sql: &dyn Sql, now: i64) -> Result<bool> {
    if !has_table(sql, "state")? {
        return Ok(false);
    }
    let today = now.div_euclid(DAY_MS);
    let last = sql.exec("SELECT json_extract(body, '$.tidied') FROM state WHERE id = 0", &[])?;
    if last.first().is_some_and(|row| row.int(0) >= today) {
        return Ok(false);
    }
    whole(sql, || {
        for table in ["counter", "kept"] {
            fold(sql, table, horizon(now))?;
        }
        passing::forget(sql, now)?;
        sql.exec(
            "DELETE FROM sender WHERE n < ? AND name NOT IN (SELECT object FROM register)",
            &[Param::Int(now.saturating_sub(EVENT_AGE_MAX_MS))],
        )?;
        orders::tidy(sql, now)?;
        sql.exec("UPDATE state SET body = json_set(body, '$.tidied', ?) WHERE id = 0", &[Param::Int(today)])?;
        Ok(true)
    })
}

fn fold(sql: &dyn Sql, table: &str, horizon: i64) -> Result<()> {
    let old = format!("SELECT * FROM {table} WHERE hour < ? AND hour % 24 <> 0 LIMIT ?");
    let rows = sql.exec(&old, &[Param::Int(horizon), Param::Int(FOLD_MAX)])?;
    let rows: Vec<CounterRow> = rows.iter().map(recount::row_of).collect();
    let gone =
        format!("DELETE FROM {table} WHERE hour = ? AND campaign = ? AND phase = ? AND variant = ? AND control = ?");
    for row in rows {
        let key = [
            Param::Int(row.hour),
            Param::Text(&row.campaign),
            Param::Int(i64::from(row.phase)),
            Param::Text(&row.variant),
            Param::Int(i64::from(row.arm)),
        ];
        sql.exec(&gone, &key)?;
        let hour = row.hour.div_euclid(24).saturating_mul(24);
        add(sql, table, &CounterRow { hour, ..row }, 1.0)?;
    }
    Ok(())
}
