//! Visitors of whom nothing is kept: what they were shown and did with it counts, and is forgotten.
//!
//! A stream's records stay for two days, without a name or an id that outlives the page, so that a request that comes twice counts once and a
//! closing finds the exposure it follows. They are counted as reactions and as no visitor: who cannot be known again has no place in a test.

use noren_profile::tally::sum;
use noren_wire::bounds::{PASSING_MS, PASSING_RECORDS_MAX};
use noren_wire::inner::Passing;
use noren_wire::stored::EventDoc;

use super::{add, create, totals};
use crate::Result;
use crate::device::count::{reacted, rows};
use crate::sql::{Param, Sql, whole};

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS passing (stream TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID";

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
        Ok(())
    })
}
