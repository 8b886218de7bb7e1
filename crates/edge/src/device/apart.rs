//! Traits that the site names as sensitive: kept apart from all that is folded, and nowhere but here.
//!
//! An `identify` is relieved of them before it is stored, folded or told, so that neither an event, a part, the person's object nor another
//! device ever has them: what is not handed on needs no undoing, and goes with the device. Who may read them asks the sources of a person one by
//! one. What was stored before the site named a trait is moved by the device's next sync that brings anything; until then it is left out of what is
//! told ([`hide`]).
//!
//! Rows: `apart`, one for each epoch and trait, the last word said.

use noren_event::names;
use noren_profile::part::TRAIT_MAX_BYTES;
use noren_profile::stamp::TOLD_STREAM;
use noren_wire::bounds::APART_MAX;
use noren_wire::privacy::SensitiveTrait;
use noren_wire::stored::{ChunkDoc, DeviceDoc, EventDoc, StampDoc};
use noren_wire::sync::Facts;
use serde_json::Value as Json;

use super::sync::weight;
use crate::Result;
use crate::name::content_hash;
use crate::sql::{Param, Sql, has_table};

const APART: &str = "CREATE TABLE IF NOT EXISTS apart (epoch INTEGER NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, stream TEXT NOT NULL, \
                     n INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (epoch, name)) WITHOUT ROWID";

/// A trait on its way to its row.
#[derive(Clone, Debug, PartialEq)]
pub struct Apart {
    epoch: u32,
    name: String,
    stamp: StampDoc,
    value: Json,
}

/// Tells one list of names from another; empty for none.
pub fn mark(names: &[String]) -> String {
    if names.is_empty() { String::new() } else { content_hash(names.join("\n").as_bytes()) }
}

/// Leave sensitive traits out of what is told.
pub fn hide(facts: &mut Facts, names: &[String]) {
    facts.traits.retain(|name, _| !names.contains(name));
}

/// Relieve an event of its sensitive traits. One that was told of elsewhere is kept where it was reported.
pub(super) fn relieve(event: &mut EventDoc, names: &[String]) -> Vec<Apart> {
    if names.is_empty() || event.name != names::IDENTIFY {
        return Vec::new();
    }
    let mut apart = Vec::new();
    if let Some(Json::Object(traits)) = event.props.get_mut("traits") {
        for name in names {
            let Some(value) = traits.remove(name) else { continue };
            if event.stream != TOLD_STREAM && weight(&value) <= TRAIT_MAX_BYTES {
                let stamp = (event.at, event.stream.clone(), event.n);
                apart.push(Apart { epoch: event.epoch, name: name.clone(), stamp, value });
            }
        }
    }
    apart
}

/// Take out of the parts what was folded into them before it was named.
pub(super) fn from_parts(doc: &mut DeviceDoc, names: &[String]) -> Vec<Apart> {
    let mut apart = Vec::new();
    for (epoch, part) in &mut doc.parts {
        for name in names {
            if let Some((stamp, value)) = part.traits.remove(name) {
                apart.push(Apart { epoch: *epoch, name: name.clone(), stamp, value });
            }
        }
    }
    apart
}

/// Rewrite the stored events without them. Call inside a transaction.
pub(super) fn strip(sql: &dyn Sql, names: &[String]) -> Result<()> {
    for row in sql.exec("SELECT n, body FROM chunk WHERE body LIKE '%\"identify\"%'", &[])? {
        let mut events = serde_json::from_str::<ChunkDoc>(row.text(1))?.events();
        let before = events.clone();
        events.iter_mut().for_each(|event| drop(relieve(event, names)));
        if events != before {
            let body = serde_json::to_string(&ChunkDoc::of(&events))?;
            sql.exec("UPDATE chunk SET body = ? WHERE n = ?", &[Param::Text(&body), Param::Int(row.int(0))])?;
        }
    }
    Ok(())
}

/// Keep them: of each trait the latest word. Call inside a transaction.
pub(super) fn keep(sql: &dyn Sql, apart: &[Apart]) -> Result<()> {
    if apart.is_empty() {
        return Ok(());
    }
    sql.exec(APART, &[])?;
    for Apart { epoch, name, stamp, value } in apart {
        let value = serde_json::to_string(value)?;
        sql.exec(
            "INSERT INTO apart (epoch, name, at, stream, n, value) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (epoch, name) DO UPDATE \
             SET at = excluded.at, stream = excluded.stream, n = excluded.n, value = excluded.value \
             WHERE (excluded.at, excluded.stream, excluded.n) >= (apart.at, apart.stream, apart.n)",
            &[
                Param::Int(i64::from(*epoch)),
                Param::Text(name),
                Param::Int(stamp.0),
                Param::Text(&stamp.1),
                Param::Int(stamp.2 as i64),
                Param::Text(&value),
            ],
        )?;
    }
    let most = Param::Int(APART_MAX as i64);
    sql.exec(
        "DELETE FROM apart WHERE (epoch, name) NOT IN (SELECT epoch, name FROM apart ORDER BY epoch DESC, at DESC LIMIT ?)",
        &[most],
    )?;
    Ok(())
}

/// What is kept apart of one epoch, by name. For who has the right to read it.
///
/// # Errors
/// `Broken`.
pub fn read(sql: &dyn Sql, epoch: u32) -> Result<Vec<SensitiveTrait>> {
    if !has_table(sql, "apart")? {
        return Ok(Vec::new());
    }
    let rows =
        sql.exec("SELECT name, value, at FROM apart WHERE epoch = ? ORDER BY name", &[Param::Int(i64::from(epoch))])?;
    rows.iter()
        .map(|row| {
            let value = serde_json::from_str(row.text(1))?;
            Ok(SensitiveTrait { name: row.text(0).into(), value, at: row.int(2) })
        })
        .collect()
}

/// Forget those of one epoch, or all. Call inside a transaction.
pub(super) fn forget(sql: &dyn Sql, epoch: Option<u32>) -> Result<()> {
    if !has_table(sql, "apart")? {
        return Ok(());
    }
    match epoch {
        Some(epoch) => sql.exec("DELETE FROM apart WHERE epoch = ?", &[Param::Int(i64::from(epoch))])?,
        None => sql.exec("DELETE FROM apart", &[])?,
    };
    Ok(())
}

/// The last word on each trait, over all sources of a person, by name.
pub fn united(sources: impl IntoIterator<Item = Vec<SensitiveTrait>>) -> Vec<SensitiveTrait> {
    let mut united: std::collections::BTreeMap<String, SensitiveTrait> = Default::default();
    for said in sources.into_iter().flatten() {
        match united.get(&said.name) {
            Some(known) if known.at >= said.at => {}
            _ => drop(united.insert(said.name.clone(), said)),
        }
    }
    united.into_values().collect()
}
