//! Totals of the few campaigns that stop at one: kept as sums, because counters lie by the hour and a year of them is too much to add up every
//! minute. A campaign that nobody asks for has no row here, so that what it counts costs no write more.

use noren_wire::inner::Total;
use noren_wire::stored::CounterRow;
use std::collections::BTreeSet;

use crate::Result;
use crate::sql::{Param, Sql, has_table, whole};

/// The arm that sees nothing, as counters write it.
const CONTROL: u8 = 1;

pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS total (campaign TEXT PRIMARY KEY, shows REAL NOT NULL, \
     conversions REAL NOT NULL) WITHOUT ROWID";

/// Add a correction of counters to the sums, where there is one for its campaign. Control sees nothing and is not counted; who met different
/// variants on different devices is, for they may have seen it.
pub(super) fn add(sql: &dyn Sql, row: &CounterRow) -> Result<()> {
    let [shown, .., converted, _] = row.numbers;
    if row.arm == CONTROL || (shown == 0.0 && converted == 0.0) {
        return Ok(());
    }
    sql.exec(
        "UPDATE total SET shows = shows + ?, conversions = conversions + ? WHERE campaign = ?",
        &[Param::Real(shown), Param::Real(converted), Param::Text(&row.campaign)],
    )?;
    Ok(())
}

/// This shard's share of some campaigns' totals. What is asked for the first time is added up from the counters once; what is no longer asked
/// for is forgotten.
///
/// # Errors
/// `Broken`.
pub fn totals(sql: &dyn Sql, campaigns: &[String]) -> Result<Vec<Total>> {
    // A shard that has counted nothing yet is left unwritten.
    if !has_table(sql, "counter")? {
        return Ok(campaigns.iter().map(|id| Total { campaign: id.clone(), ..Total::default() }).collect());
    }
    whole(sql, || {
        super::create(sql)?;
        let known = sql.exec("SELECT campaign FROM total", &[])?;
        let known: BTreeSet<&str> = known.iter().map(|row| row.text(0)).collect();
        let asked: BTreeSet<&str> = campaigns.iter().map(String::as_str).collect();
        for gone in known.difference(&asked) {
            sql.exec("DELETE FROM total WHERE campaign = ?", &[Param::Text(gone)])?;
        }
        for new in asked.difference(&known) {
            sql.exec(
                "INSERT INTO total (campaign, shows, conversions) \
                 SELECT ?, COALESCE(SUM(shown), 0), COALESCE(SUM(converted), 0) FROM counter WHERE campaign = ? AND control <> 1",
                &[Param::Text(new), Param::Text(new)],
            )?;
        }
        let rows = sql.exec("SELECT campaign, shows, conversions FROM total", &[])?;
        Ok(rows
            .iter()
            .map(|row| Total {
                campaign: row.text(0).into(),
                shows: whole_number(row.num(1)),
                conversions: whole_number(row.num(2)),
            })
            .collect())
    })
}

/// Counters take corrections and may for a moment be below nothing.
fn whole_number(n: f64) -> u64 {
    n.max(0.0) as u64
}

/// Add the shares of several shards up, by campaign.
pub fn sum(shares: Vec<Vec<Total>>) -> Vec<Total> {
    let mut sums: std::collections::BTreeMap<String, Total> = Default::default();
    for share in shares.into_iter().flatten() {
        let sum = sums.entry(share.campaign.clone()).or_default();
        sum.campaign = share.campaign;
        sum.shows += share.shows;
        sum.conversions += share.conversions;
    }
    sums.into_values().collect()
}
