//! A person: the parts that devices sent under one user id, and the facts folded out of them.
//!
//! Rows: `part` (one a device and epoch, kept whole as it was last sent; a part that is out stays as an empty row with the number it went by),
//! `log` (what became of parts), `state`, `sender`, `outbox`. Every figure is a fold over the parts that are in: joining is adding one, undoing
//! is taking one out. Reading order: [`merge`] (parts come and go), [`alias`] (who is another), [`view`] (what is told), `news` (what servers
//! say, for open pages), [`keep`] (how long), [`recount`], [`erase`], [`migrate`].

pub mod alias;
pub mod erase;
pub mod keep;
pub mod merge;
pub mod migrate;
mod news;
pub mod recount;
pub mod view;

#[cfg(test)]
mod tests;

use noren_profile::{Part, PartKey, Profile};
use noren_wire::inner::{Destination, Owed};
use noren_wire::stored::{PERSON_SCHEMA, PartDoc, PersonDoc};
use noren_wire::sync::HeldCoupon;

use crate::schema::Kind;
use crate::sql::{Param, Row, Sql, has_table};
use crate::{Result, outbox};

/// Persons' stored state.
pub const KIND: Kind =
    Kind { word: "person", marker: "part", state: "state", current: PERSON_SCHEMA, steps: migrate::STEPS };

fn create(sql: &dyn Sql) -> Result<()> {
    for table in [
        outbox::SENDERS,
        outbox::OUTBOX,
        "CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS part (device TEXT NOT NULL, epoch INTEGER NOT NULL, events INTEGER NOT NULL, body TEXT NOT NULL, \
         n INTEGER NOT NULL DEFAULT 0, sender TEXT NOT NULL DEFAULT '', parted INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL DEFAULT 0, \
         coupons TEXT NOT NULL DEFAULT '[]', PRIMARY KEY (device, epoch)) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, device TEXT NOT NULL, \
         epoch INTEGER NOT NULL, who TEXT NOT NULL)",
    ] {
        sql.exec(table, &[])?;
    }
    Ok(())
}

/// The state row; `None` where nobody ever joined.
///
/// # Errors
/// `Broken`.
pub fn load(sql: &dyn Sql) -> Result<Option<PersonDoc>> {
    if !has_table(sql, "state")? {
        return Ok(None);
    }
    let rows = sql.exec("SELECT body FROM state WHERE id = 0", &[])?;
    rows.first().map(|row| Ok(serde_json::from_str(row.text(0))?)).transpose()
}

fn save(sql: &dyn Sql, doc: &PersonDoc) -> Result<()> {
    let body = serde_json::to_string(doc)?;
    sql.exec(
        "INSERT INTO state (id, body) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body WHERE excluded.body <> state.body",
        &[Param::Text(&body)],
    )?;
    Ok(())
}

/// Whether a part counts. What does not leaves an empty row, whose number keeps out what comes late or twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is the person's.
    In,
    /// It was taken out, for good.
    Undone,
    /// It names somebody else; it may come back.
    Left,
}

impl Place {
    fn of(number: i64) -> Place {
        match number {
            0 => Place::In,
            2 => Place::Left,
            _ => Place::Undone,
        }
    }
}

/// One stored part.
#[derive(Clone, Debug)]
struct Kept {
    key: PartKey,
    doc: PartDoc,
    n: u64,
    sender: String,
    place: Place,
    at: i64,
    coupons: Vec<HeldCoupon>,
}

impl Kept {
    const COLUMNS: &'static str = "device, epoch, body, n, sender, parted, at, coupons";

    fn of(row: &Row) -> Result<Kept> {
        Ok(Kept {
            key: PartKey { device: row.text(0).into(), epoch: row.int(1) as u32 },
            doc: serde_json::from_str(row.text(2))?,
            n: row.int(3) as u64,
            sender: row.text(4).into(),
            place: Place::of(row.int(5)),
            at: row.int(6),
            coupons: serde_json::from_str(row.text(7))?,
        })
    }
}

/// All parts, those taken out included, in the order of their keys.
fn kept(sql: &dyn Sql) -> Result<Vec<Kept>> {
    if !has_table(sql, "part")? {
        return Ok(Vec::new());
    }
    let query = format!("SELECT {} FROM part ORDER BY device, epoch", Kept::COLUMNS);
    sql.exec(&query, &[])?.iter().map(Kept::of).collect()
}

/// The parts that are in.
///
/// # Errors
/// `Broken`.
pub fn profile(sql: &dyn Sql) -> Result<Profile> {
    let mut profile = Profile::default();
    for part in kept(sql)?.into_iter().filter(|part| part.place == Place::In) {
        profile.insert(part.key, Part::from(&part.doc));
    }
    Ok(profile)
}

/// Owe another object something. Call inside the transaction of its cause.
fn owe(sql: &dyn Sql, doc: &mut PersonDoc, to: Destination, owed: &Owed) -> Result<()> {
    doc.outbox_next += 1;
    outbox::push(sql, doc.outbox_next, &to, owed)
}

/// The shard that keeps what is counted and noticed of this person.
fn own_shard(doc: &PersonDoc) -> Destination {
    let id = crate::name::shard_of(&doc.person, doc.shards).to_string();
    Destination { kind: "shard".into(), site: doc.site.clone(), id }
}

fn note(sql: &dyn Sql, at: i64, action: &str, key: (&str, u32), who: &str) -> Result<()> {
    sql.exec(
        "INSERT INTO log (at, action, device, epoch, who) VALUES (?, ?, ?, ?, ?)",
        &[Param::Int(at), Param::Text(action), Param::Text(key.0), Param::Int(i64::from(key.1)), Param::Text(who)],
    )?;
    let most = noren_wire::bounds::MERGES_MAX as i64;
    sql.exec("DELETE FROM log WHERE n <= (SELECT MAX(n) FROM log) - ?", &[Param::Int(most)])?;
    Ok(())
}
