//! Campaigns that stop at a total of the whole site: what they stop at, what was counted last, and since when they are over.
//!
//! Totals are only ever known late, and a stop may be lifted by a higher number: so a row stays when its campaign goes, and a campaign that
//! comes back is over at once if its total is.

use noren_wire::admin::Stopped;
use noren_wire::bounds::TOTALS_EVERY_MS;
use noren_wire::inner::Total;
use std::collections::BTreeMap;

use super::{load, must, program, save};
use crate::Result;
use crate::rules::{Ends, Reached, Rules, Totals};
use crate::sql::{Param, Row, Sql, has_table, whole};

/// `most_` are what a campaign of the live version stops at, 0 for nothing; `at` is 0 while it runs.
pub(super) const TABLE: &str = "CREATE TABLE IF NOT EXISTS ends (campaign TEXT PRIMARY KEY, shows INTEGER NOT NULL, \
     conversions INTEGER NOT NULL, most_shows INTEGER NOT NULL, most_conversions INTEGER NOT NULL, at INTEGER NOT NULL, \
     why TEXT NOT NULL) WITHOUT ROWID";

#[derive(Clone, Debug, Default, PartialEq)]
struct Known {
    total: Total,
    most: [u64; 2],
    at: i64,
    why: String,
}

impl Known {
    fn of(row: &Row) -> Known {
        let count = |column| row.int(column).max(0).unsigned_abs();
        Known {
            total: Total { campaign: row.text(0).into(), shows: count(1), conversions: count(2) },
            most: [count(3), count(4)],
            at: row.int(5),
            why: row.text(6).into(),
        }
    }

    fn runs(&self) -> bool {
        self.at == 0 && self.most != [0, 0]
    }

    /// Whether compiling again would leave it out.
    fn is_over(&self) -> bool {
        let reached = |most: u64, n: u64| most > 0 && n >= most;
        reached(self.most[0], self.total.shows) || reached(self.most[1], self.total.conversions)
    }

    fn stopped(&self) -> Option<Stopped> {
        let (limit, total) = match self.why.as_str() {
            "shows" => (self.most[0], self.total.shows),
            _ => (self.most[1], self.total.conversions),
        };
        (self.at != 0).then(|| Stopped { at: self.at, why: self.why.clone(), limit: Some(limit), total: Some(total) })
    }
}

fn rows(sql: &dyn Sql) -> Result<BTreeMap<String, Known>> {
    if !has_table(sql, "ends")? {
        return Ok(BTreeMap::new());
    }
    let rows = sql.exec("SELECT campaign, shows, conversions, most_shows, most_conversions, at, why FROM ends", &[])?;
    Ok(rows.iter().map(|row| (row.text(0).to_string(), Known::of(row))).collect())
}

fn keep(sql: &dyn Sql, known: &Known) -> Result<()> {
    let count = |n: u64| Param::Int(i64::try_from(n).unwrap_or(i64::MAX));
    sql.exec(
        "INSERT INTO ends (campaign, shows, conversions, most_shows, most_conversions, at, why) VALUES (?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (campaign) DO UPDATE SET shows = excluded.shows, conversions = excluded.conversions, \
         most_shows = excluded.most_shows, most_conversions = excluded.most_conversions, at = excluded.at, why = excluded.why",
        &[
            Param::Text(&known.total.campaign),
            count(known.total.shows),
            count(known.total.conversions),
            count(known.most[0]),
            count(known.most[1]),
            Param::Int(known.at),
            Param::Text(&known.why),
        ],
    )?;
    Ok(())
}

/// Totals as they were last counted.
///
/// # Errors
/// `Broken`.
pub fn known(sql: &dyn Sql) -> Result<Totals> {
    Ok(rows(sql)?.into_iter().map(|(id, known)| (id, known.total)).collect())
}

/// Live campaigns that are over because they have reached a total, by id.
///
/// # Errors
/// `Broken`.
pub fn stopped(sql: &dyn Sql) -> Result<BTreeMap<String, Stopped>> {
    Ok(rows(sql)?.into_iter().filter_map(|(id, known)| Some((id, known.stopped()?))).collect())
}

/// Campaigns whose totals are to be asked for.
///
/// # Errors
/// `Broken`.
pub fn watched(sql: &dyn Sql) -> Result<Vec<String>> {
    Ok(rows(sql)?.into_iter().filter(|(_, known)| known.runs()).map(|(id, _)| id).collect())
}

/// Note what the campaigns of a program that was just compiled stop at. Returns those that are over now and were not before.
pub(super) fn write(sql: &dyn Sql, ends: &[Ends], now: i64) -> Result<Vec<String>> {
    let mut stopped = Vec::new();
    let mut before = rows(sql)?;
    for end in ends {
        let known = before.remove(&end.campaign).unwrap_or_default();
        let (why, most) = match end.reached {
            None => ("", 0),
            Some(Reached::Shows(most)) => ("shows", most),
            Some(Reached::Conversions(most)) => ("conversions", most),
        };
        let at = if why.is_empty() {
            0
        } else if known.at == 0 {
            now
        } else {
            known.at
        };
        if at != 0 && known.at == 0 {
            stopped.push(format!("{} at {most} {why}", end.campaign));
        }
        let next = Known {
            total: Total { campaign: end.campaign.clone(), ..known.total.clone() },
            most: [end.shows.unwrap_or(0), end.conversions.unwrap_or(0)],
            at,
            why: why.into(),
        };
        if next != known {
            keep(sql, &next)?;
        }
    }
    for gone in before.into_values().filter(|known| known.at != 0 || known.runs()) {
        keep(sql, &Known { total: gone.total, ..Known::default() })?;
    }
    Ok(stopped)
}

/// Take in the totals that all shards together have counted, stop what has reached its own, and say when to ask again.
///
/// # Errors
/// `Broken`; nothing is changed then.
pub fn count(sql: &dyn Sql, rules: &dyn Rules, totals: &[Total], now: i64) -> Result<()> {
    if load(sql)?.is_none() {
        return Ok(());
    }
    whole(sql, || {
        super::create(sql)?;
        let mut doc = must(sql)?;
        let mut known = rows(sql)?;
        for total in totals {
            // What nobody watches any more was unpublished while the shards were asked.
            let Some(known) = known.get_mut(&total.campaign).filter(|known| known.total != *total) else { continue };
            known.total = total.clone();
            keep(sql, known)?;
        }
        let mut stopped = Vec::new();
        if known.values().any(|known| known.runs() && known.is_over()) {
            let (compiled, _) = program::compile_again(sql, rules, now)?;
            stopped = program::write(sql, &mut doc, &compiled, now)?;
        }
        let mut due = doc.due.unwrap_or_default();
        due.totals = (!watched(sql)?.is_empty()).then_some(now + TOTALS_EVERY_MS);
        doc.due = Some(due);
        save(sql, &doc)?;
        program::note_stopped(sql, &stopped, now)
    })
}

#[cfg(test)]
mod tests;
