//! One share of a site's visitors: their counters, the register of their objects, who is there now, and their conversations' list.
//!
//! Counters and the register are rows, and [`totals`] sums of them; presence is memory (see [`presence`]). What objects that are gone had
//! contributed is in `kept`, so that counters are at any time what the registered objects hold and what is kept: [`recount`] says so. Reading
//! order beyond: [`passing`] (visitors of whom nothing is kept), [`orders`] (which several may report), [`keep`] (how long what is kept), [`migrate`]. Which shard is a function of the public id, so no object
//! ever sees every event of a busy site.

pub mod keep;
pub mod migrate;
pub mod orders;
pub mod passing;
pub mod presence;
pub mod recount;
pub mod totals;

#[cfg(test)]
mod tests;

use noren_wire::admin::{Both, ConversationRow, FindingRow, LastMessage, NumbersRow, Orders};
use noren_wire::bounds::LIST_MAX;
use noren_wire::inner::{Bind, Delivery, Owed};
use noren_wire::part::arm_of;
use noren_wire::stored::{CounterRow, SHARD_SCHEMA};

use crate::schema::Kind;
use crate::sql::{Param, Sql, has_table, whole};
use crate::{Failure, Result, outbox};

/// Shards' stored state.
pub const KIND: Kind =
    Kind { word: "shard", marker: "counter", state: "state", current: SHARD_SCHEMA, steps: migrate::STEPS };

/// A table of counters: those that are read, what of them is kept for objects that are gone, and what a recount has added up so far.
fn headings(table: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {table} (hour INTEGER NOT NULL, campaign TEXT NOT NULL, phase INTEGER NOT NULL, variant TEXT NOT NULL, \
         control INTEGER NOT NULL, shown REAL NOT NULL, visitors REAL NOT NULL, impressions REAL NOT NULL, closed REAL NOT NULL, \
         clicked REAL NOT NULL, converted REAL NOT NULL, value REAL NOT NULL, \
         PRIMARY KEY (hour, campaign, phase, variant, control)) WITHOUT ROWID"
    )
}

/// Create the tables, of which all are there where the last is.
fn create(sql: &dyn Sql) -> Result<()> {
    sql.exec(outbox::SENDERS, &[])?;
    if has_table(sql, "state")? {
        return Ok(());
    }
    sql.exec(
        "CREATE TABLE IF NOT EXISTS register (device TEXT PRIMARY KEY, object TEXT NOT NULL, kind TEXT NOT NULL DEFAULT 'device') WITHOUT ROWID",
        &[],
    )?;
    // A recount walks the register in the order of objects.
    sql.exec("CREATE INDEX IF NOT EXISTS register_object ON register (object)", &[])?;
    for table in ["counter", "kept", "recount"] {
        sql.exec(&headings(table), &[])?;
    }
    sql.exec(passing::TABLE, &[])?;
    sql.exec(totals::TABLE, &[])?;
    sql.exec(
        "CREATE TABLE IF NOT EXISTS conversation (id TEXT PRIMARY KEY, device TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, \
         text TEXT NOT NULL, unread INTEGER NOT NULL) WITHOUT ROWID",
        &[],
    )?;
    sql.exec(
        "CREATE TABLE IF NOT EXISTS finding (code TEXT NOT NULL, what TEXT NOT NULL, at INTEGER NOT NULL, en TEXT NOT NULL, ja TEXT NOT NULL, \
         PRIMARY KEY (code, what)) WITHOUT ROWID",
        &[],
    )?;
    migrate::state(sql)
}

/// Note which object a public id belongs to, at the device's first write; `false` if it is another's. With it, nobody who has only seen
/// a public id can speak under it, though objects are named by keys.
///
/// # Errors
/// `Broken`.
pub fn bind(sql: &dyn Sql, bind: &Bind) -> Result<bool> {
    whole(sql, || {
        create(sql)?;
        let known = sql.exec("SELECT object FROM register WHERE device = ?", &[Param::Text(&bind.device)])?;
        match known.first() {
            Some(row) => Ok(row.text(0) == bind.object),
            None => register(sql, &bind.device, &bind.object, "device").map(|()| true),
        }
    })
}

fn register(sql: &dyn Sql, id: &str, object: &str, kind: &str) -> Result<()> {
    sql.exec(
        "INSERT INTO register (device, object, kind) VALUES (?, ?, ?) ON CONFLICT (device) DO NOTHING",
        &[Param::Text(id), Param::Text(object), Param::Text(kind)],
    )?;
    Ok(())
}

/// The object that a public id belongs to.
///
/// # Errors
/// `Broken`.
pub fn registered(sql: &dyn Sql, device: &str) -> Result<Option<String>> {
    if !has_table(sql, "register")? {
        return Ok(None);
    }
    let rows = sql.exec("SELECT object FROM register WHERE device = ?", &[Param::Text(device)])?;
    Ok(rows.first().map(|row| row.text(0).to_string()))
}

/// Apply a delivery; one that was applied before changes nothing. Returns the conversation to tell watchers of, if it was one.
///
/// # Errors
/// `Broken` from storage, or when the delivery is not for a shard.
pub fn receive(sql: &dyn Sql, delivery: &Delivery) -> Result<Option<ConversationRow>> {
    whole(sql, || {
        create(sql)?;
        if !outbox::is_new(sql, delivery)? {
            return Ok(None);
        }
        match &delivery.owed {
            Owed::Counters { rows } => {
                for row in rows {
                    add(sql, "counter", row, 1.0)?;
                    totals::add(sql, row)?;
                }
                recount::heard(sql, &delivery.from, rows, 1.0)?;
                Ok(None)
            }
            Owed::Settled { rows } => {
                rows.iter().try_for_each(|row| add(sql, "kept", row, 1.0))?;
                recount::heard(sql, &delivery.from, rows, -1.0)?;
                Ok(None)
            }
            Owed::Claims { claims } => {
                orders::take(sql, &delivery.from, claims)?;
                Ok(None)
            }
            Owed::Enter { id, of } => {
                register(sql, id, &delivery.from, of)?;
                Ok(None)
            }
            Owed::Conversation { row } => {
                list(sql, row)?;
                Ok(Some(row.clone()))
            }
            Owed::Finding { row } => {
                find(sql, row)?;
                Ok(None)
            }
            Owed::Unbind { device } => {
                let row = [Param::Text(device), Param::Text(&delivery.from)];
                sql.exec("DELETE FROM register WHERE device = ? AND object = ?", &row)?;
                Ok(None)
            }
            Owed::Forget { device, user, .. } => {
                sql.exec("DELETE FROM conversation WHERE device = ?", &[Param::Text(device)])?;
                sql.exec("DELETE FROM finding WHERE what = ? AND what <> ''", &[Param::Text(user)])?;
                Ok(None)
            }
            Owed::Part { .. }
            | Owed::Leave { .. }
            | Owed::Parted { .. }
            | Owed::Erase { .. }
            | Owed::Reports { .. }
            | Owed::News { .. }
            | Owed::Deed { .. }
            | Owed::Again { .. }
            | Owed::Alias { .. } => Err(Failure::Broken("a shard was sent what is not for one".into())),
        }
    })
}

/// Add a correction to a table of counters, or with -1 take it out of it.
fn add(sql: &dyn Sql, table: &str, row: &CounterRow, sign: f64) -> Result<()> {
    let [shown, visitors, impressions, closed, clicked, converted, value] = row.numbers.map(|n| Param::Real(sign * n));
    let add = format!(
        "INSERT INTO {table} (hour, campaign, phase, variant, control, shown, visitors, impressions, closed, clicked, converted, value) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hour, campaign, phase, variant, control) DO UPDATE SET \
         shown = {table}.shown + excluded.shown, visitors = {table}.visitors + excluded.visitors, impressions = {table}.impressions + excluded.impressions, \
         closed = {table}.closed + excluded.closed, clicked = {table}.clicked + excluded.clicked, converted = {table}.converted + excluded.converted, \
         value = {table}.value + excluded.value"
    );
    sql.exec(
        &add,
        &[
            Param::Int(row.hour),
            Param::Text(&row.campaign),
            Param::Int(i64::from(row.phase)),
            Param::Text(&row.variant),
            Param::Int(i64::from(row.arm)),
            shown,
            visitors,
            impressions,
            closed,
            clicked,
            converted,
            value,
        ],
    )?;
    Ok(())
}

/// Findings kept, the newest: more than anybody reads.
const FINDINGS_MAX: i64 = 200;

fn find(sql: &dyn Sql, row: &FindingRow) -> Result<()> {
    sql.exec(
        "INSERT INTO finding (code, what, at, en, ja) VALUES (?, ?, ?, ?, ?) ON CONFLICT (code, what) DO UPDATE \
         SET at = MAX(at, excluded.at), en = excluded.en, ja = excluded.ja",
        &[
            Param::Text(&row.code),
            Param::Text(&row.what),
            Param::Int(row.at),
            Param::Text(&row.message.en),
            Param::Text(&row.message.ja),
        ],
    )?;
    sql.exec(
        "DELETE FROM finding WHERE (code, what) NOT IN (SELECT code, what FROM finding ORDER BY at DESC LIMIT ?)",
        &[Param::Int(FINDINGS_MAX)],
    )?;
    Ok(())
}

/// What was noticed of this shard's visitors and persons, newest first.
///
/// # Errors
/// `Broken`.
pub fn findings(sql: &dyn Sql) -> Result<Vec<FindingRow>> {
    if !has_table(sql, "finding")? {
        return Ok(Vec::new());
    }
    let rows = sql.exec("SELECT code, what, at, en, ja FROM finding ORDER BY at DESC", &[])?;
    Ok(rows
        .iter()
        .map(|row| FindingRow {
            at: row.int(2),
            code: row.text(0).into(),
            what: row.text(1).into(),
            message: Both { en: row.text(3).into(), ja: row.text(4).into() },
        })
        .collect())
}

fn list(sql: &dyn Sql, row: &ConversationRow) -> Result<()> {
    sql.exec(
        "INSERT INTO conversation (id, device, at, who, text, unread) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET \
         at = excluded.at, who = excluded.who, text = excluded.text, unread = excluded.unread",
        &[
            Param::Text(&row.id),
            Param::Text(&row.device),
            Param::Int(row.last.at),
            Param::Text(&row.last.who),
            Param::Text(&row.last.text),
            Param::Int(row.unread as i64),
        ],
    )?;
    Ok(())
}

/// This shard's share of the totals over the hours that begin in `[from, until)`, Unix ms.
///
/// # Errors
/// `Broken`.
pub fn numbers(sql: &dyn Sql, from: i64, until: i64) -> Result<Vec<NumbersRow>> {
    if !has_table(sql, "counter")? {
        return Ok(Vec::new());
    }
    let hour = 3_600_000;
    let rows = sql.exec(
        "SELECT campaign, variant, control, phase, SUM(shown), SUM(visitors), SUM(impressions), SUM(closed), SUM(clicked), SUM(converted), \
         SUM(value) FROM counter WHERE hour >= ? AND hour < ? GROUP BY campaign, phase, variant, control ORDER BY campaign, phase, control, variant",
        // Rounded up at both ends: an hour belongs to the range its first instant is in.
        &[Param::Int(from.saturating_add(hour - 1).div_euclid(hour)), Param::Int(until.saturating_add(hour - 1).div_euclid(hour))],
    )?;
    Ok(rows
        .iter()
        .map(|row| NumbersRow {
            id: row.text(0).into(),
            variant: row.text(1).into(),
            arm: arm_of(row.int(2) as u8).word().into(),
            phase: row.int(3),
            shown: row.num(4),
            visitors: row.num(5),
            impressions: row.num(6),
            closed: row.num(7),
            clicked: row.num(8),
            converted: row.num(9),
            value: row.num(10),
            ..NumbersRow::default()
        })
        .collect())
}

/// Take the orders of visitors of whom nothing is kept out of summed rows: what is left are campaigns'.
pub fn unkept(rows: &mut Vec<NumbersRow>) -> Orders {
    let orders = rows.iter().filter(|row| row.id == passing::NO_CAMPAIGN);
    let orders = orders.fold(Orders::default(), |sum, row| Orders {
        orders: sum.orders + row.converted,
        value: sum.value + row.value,
    });
    rows.retain(|row| row.id != passing::NO_CAMPAIGN);
    orders
}

/// Add the shares of several shards up. Order: campaign, phase, arm, variant.
pub fn sum(shares: Vec<Vec<NumbersRow>>) -> Vec<NumbersRow> {
    let mut total: std::collections::BTreeMap<(String, i64, u8, String), NumbersRow> = Default::default();
    for row in shares.into_iter().flatten() {
        let arm = ["treated", "control"].iter().position(|arm| *arm == row.arm).unwrap_or(2) as u8;
        let key = (row.id.clone(), row.phase, arm, row.variant.clone());
        match total.get_mut(&key) {
            None => {
                total.insert(key, row);
            }
            Some(sum) => {
                sum.shown += row.shown;
                sum.visitors += row.visitors;
                sum.impressions += row.impressions;
                sum.closed += row.closed;
                sum.clicked += row.clicked;
                sum.converted += row.converted;
                sum.value += row.value;
            }
        }
    }
    total.into_values().collect()
}

/// This shard's conversations, newest first.
///
/// # Errors
/// `Broken`.
pub fn conversations(sql: &dyn Sql) -> Result<Vec<ConversationRow>> {
    if !has_table(sql, "conversation")? {
        return Ok(Vec::new());
    }
    let rows = sql.exec(
        "SELECT id, device, at, who, text, unread FROM conversation ORDER BY at DESC LIMIT ?",
        &[Param::Int(LIST_MAX as i64)],
    )?;
    Ok(rows
        .iter()
        .map(|row| ConversationRow {
            id: row.text(0).into(),
            device: row.text(1).into(),
            last: LastMessage { at: row.int(2), who: row.text(3).into(), text: row.text(4).into() },
            unread: row.int(5).max(0) as u64,
        })
        .collect())
}

/// Whether a visitor has a conversation.
///
/// # Errors
/// `Broken`.
pub fn has_conversation(sql: &dyn Sql, device: &str) -> Result<bool> {
    Ok(has_table(sql, "conversation")?
        && !sql.exec("SELECT 1 FROM conversation WHERE id = ?", &[Param::Text(device)])?.is_empty())
}
