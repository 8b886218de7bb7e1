//! A recount of a shard's totals: every object of the register says what it has contributed, and the sum is held against the counters.
//!
//! ```text
//!   begin ──▶ next: some objects ──▶ (somebody asks them) ──▶ take: their answers ──▶ next ... ──▶ done: differences
//! ```
//!
//! Traffic goes on meanwhile, and the sum is right all the same. Objects are visited in the order of their own ids, so whether one was is known
//! by the cursor alone. The sum takes of a visited object what the counters have of it: what it has contributed, less the corrections it owes
//! and this shard has not applied yet. From then on each correction of it that is applied to the counters goes to the sum as well, and what it
//! gives up goes out of it. An object that wrote more since it answered, and was already heard, is asked again. Whoever enters the register
//! behind the cursor had contributed nothing before.

use noren_wire::admin::DifferenceRow;
use noren_wire::inner::{Registered, Visit, Walk};
use noren_wire::part::arm_of;
use noren_wire::stored::CounterRow;

use super::{add, keep, totals};
use crate::Result;
use crate::outbox;
use crate::sql::{Param, Row, Sql, has_table, whole};

/// Sums of the same values in another order differ in their last bits: less than this of a value is no difference.
const TOLERANCE: f64 = 1e-6;

/// How far the recount has come; none in a shard that was never written.
///
/// # Errors
/// `Broken`.
pub fn walk(sql: &dyn Sql) -> Result<Walk> {
    if !has_table(sql, "state")? {
        return Ok(Walk { done: true, ..Walk::default() });
    }
    let rows = sql.exec("SELECT json_extract(body, '$.walk') FROM state WHERE id = 0", &[])?;
    Ok(rows.first().and_then(|row| serde_json::from_str(row.text(0)).ok()).unwrap_or_default())
}

fn save(sql: &dyn Sql, walk: &Walk) -> Result<()> {
    let body = serde_json::to_string(walk)?;
    sql.exec("UPDATE state SET body = json_set(body, '$.walk', json(?)) WHERE id = 0", &[Param::Text(&body)])?;
    Ok(())
}

/// Begin anew.
///
/// # Errors
/// `Broken`.
pub fn begin(sql: &dyn Sql, now: i64) -> Result<Walk> {
    if !has_table(sql, "state")? {
        return walk(sql);
    }
    whole(sql, || {
        sql.exec("DELETE FROM recount", &[])?;
        let walk = Walk { began: now.max(1), ..Walk::default() };
        save(sql, &walk)?;
        Ok(walk)
    })
}

/// The objects to be asked next, at most `most`; none when all were.
///
/// # Errors
/// `Broken`.
pub fn next(sql: &dyn Sql, most: usize) -> Result<Vec<Registered>> {
    let walk = walk(sql)?;
    if walk.done || walk.began == 0 {
        return Ok(Vec::new());
    }
    let rows = sql.exec(
        "SELECT DISTINCT object, kind FROM register WHERE object > ? ORDER BY object LIMIT ?",
        &[Param::Text(&walk.cursor), Param::Int(most as i64)],
    )?;
    Ok(rows.iter().map(|row| Registered { object: row.text(0).into(), kind: row.text(1).into() }).collect())
}

/// Take the answers of the objects that [`next`] named, in the same order. An answer that is older than what was heard meanwhile ends the step:
/// the next begins with that object. No answers at all mean that there was nobody left to ask: then the differences take the sum's place.
///
/// # Errors
/// `Broken`.
pub fn take(sql: &dyn Sql, visits: &[Visit], now: i64) -> Result<Walk> {
    whole(sql, || {
        let mut walk = walk(sql)?;
        if walk.done || walk.began == 0 {
            return Ok(walk);
        }
        for Visit { object, contributed } in
            visits.iter().filter(|visit| visit.object > walk.cursor).collect::<Vec<_>>()
        {
            let heard = outbox::seen(sql, object)?;
            if heard > contributed.n {
                break;
            }
            contributed.rows.iter().try_for_each(|row| add(sql, "recount", row, 1.0))?;
            for (_, settled, rows) in contributed.pending.iter().filter(|(n, ..)| *n > heard) {
                // What was given up is no longer in the object's own sum, and not kept here yet.
                let sign = if *settled { 1.0 } else { -1.0 };
                rows.iter().try_for_each(|row| add(sql, "recount", row, sign))?;
            }
            walk.cursor.clone_from(object);
            walk.objects += 1;
        }
        if visits.is_empty() {
            walk.done = true;
            let differences = differences(sql, keep::horizon(now))?;
            sql.exec("DELETE FROM recount", &[])?;
            differences.iter().try_for_each(|row| add(sql, "recount", row, 1.0))?;
        }
        save(sql, &walk)?;
        Ok(walk)
    })
}

/// Corrections of an object that were just applied to the counters, or with -1 what it gave up: they change the sum if the object was visited.
pub(super) fn heard(sql: &dyn Sql, from: &str, rows: &[CounterRow], sign: f64) -> Result<()> {
    let walk = walk(sql)?;
    if walk.began > 0 && !walk.done && from <= walk.cursor.as_str() {
        rows.iter().try_for_each(|row| add(sql, "recount", row, sign))?;
    }
    Ok(())
}

/// Objects in the register.
///
/// # Errors
/// `Broken`.
pub fn registered(sql: &dyn Sql) -> Result<u64> {
    if !has_table(sql, "register")? {
        return Ok(0);
    }
    let rows = sql.exec("SELECT COUNT(DISTINCT object) FROM register", &[])?;
    Ok(rows.first().map_or(0, |row| row.int(0).max(0) as u64))
}

/// By how much the counters say more than what was counted.
fn differences(sql: &dyn Sql, horizon: i64) -> Result<Vec<CounterRow>> {
    const NUMBERS: [&str; 7] = ["shown", "visitors", "impressions", "closed", "clicked", "converted", "value"];
    let of = |table: &str, sign: &str| {
        let numbers = NUMBERS.map(|name| format!("{sign}{name} AS {name}")).join(", ");
        // What is old stands by the day in one table and by the hour in another.
        let hour = format!("CASE WHEN hour < {horizon} THEN hour - hour % 24 ELSE hour END AS hour");
        format!("SELECT {hour}, campaign, phase, variant, control, {numbers} FROM {table}")
    };
    let sums = NUMBERS.map(|name| format!("SUM({name}) AS {name}")).join(", ");
    let off = NUMBERS.map(|name| format!("ABS({name}) > {TOLERANCE}")).join(" OR ");
    let query = format!(
        "SELECT * FROM (SELECT hour, campaign, phase, variant, control, {sums} FROM ({} UNION ALL {} UNION ALL {}) \
         GROUP BY hour, campaign, phase, variant, control) WHERE {off} ORDER BY hour, campaign, phase, control, variant",
        of("counter", ""),
        of("kept", "-"),
        of("recount", "-"),
    );
    Ok(sql.exec(&query, &[])?.iter().map(row_of).collect())
}

pub(crate) fn row_of(row: &Row) -> CounterRow {
    CounterRow {
        hour: row.int(0),
        campaign: row.text(1).into(),
        phase: row.int(2).max(0) as u32,
        variant: row.text(3).into(),
        arm: row.int(4).clamp(0, 2) as u8,
        numbers: [5, 6, 7, 8, 9, 10, 11].map(|column| row.num(column)),
    }
}

/// What the last recount found; nothing while one is under way. With `mend` the counters are set right by it, once: differences are corrections like
/// any other, so it does not matter what was counted since.
///
/// # Errors
/// `Broken`.
pub fn found(sql: &dyn Sql, mend: bool) -> Result<Vec<CounterRow>> {
    if !walk(sql)?.done || !has_table(sql, "recount")? {
        return Ok(Vec::new());
    }
    whole(sql, || {
        let rows = sql.exec("SELECT * FROM recount ORDER BY hour, campaign, phase, control, variant", &[])?;
        let found: Vec<CounterRow> = rows.iter().map(row_of).collect();
        if mend {
            for row in &found {
                add(sql, "counter", row, -1.0)?;
                totals::add(sql, &CounterRow { numbers: row.numbers.map(|n| -n), ..row.clone() })?;
            }
            sql.exec("DELETE FROM recount", &[])?;
        }
        Ok(found)
    })
}

/// A difference as it is told.
pub fn told(row: &CounterRow) -> DifferenceRow {
    DifferenceRow {
        at: row.hour.saturating_mul(3_600_000),
        id: row.campaign.clone(),
        phase: row.phase,
        variant: row.variant.clone(),
        arm: arm_of(row.arm).word().into(),
        by: row.numbers,
    }
}
