//! A person who turned out to be another: a server said so by `alias`.
//!
//! The former id's object keeps what it has and what still comes to it, and hands every part on to the person of the id that stays: there the
//! parts of both stand side by side, each once, as those of several devices do. Parts only grow, and only a part that grew is handed on, so
//! two ids that were each said to be the other end with the same parts and fall silent.

use noren_wire::inner::{Destination, Owed};
use noren_wire::stored::PartDoc;

use crate::sql::{Param, Sql, has_table};
use crate::{Result, outbox};

/// Ids one person may be handed on to. Somebody who is renamed is renamed once or twice; past it an alias changes nothing.
pub const ALIASES_MAX: i64 = 10;

fn create(sql: &dyn Sql) -> Result<()> {
    sql.exec(
        "CREATE TABLE IF NOT EXISTS alias (person TEXT PRIMARY KEY, site TEXT NOT NULL, user TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID",
        &[],
    )?;
    Ok(())
}

/// The number of a person's next outbox row. Numbers already used stay used when the outbox is empty: the receivers keep the highest.
///
/// # Errors
/// `Broken`.
pub fn next(sql: &dyn Sql) -> Result<u64> {
    sql.exec(outbox::OUTBOX, &[])?;
    sql.exec("CREATE TABLE IF NOT EXISTS owed (id INTEGER PRIMARY KEY CHECK (id = 0), n INTEGER NOT NULL)", &[])?;
    let n = sql.exec("SELECT n FROM owed WHERE id = 0", &[])?.first().map_or(0, |row| row.int(0)) + 1;
    sql.exec("INSERT INTO owed (id, n) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET n = excluded.n", &[Param::Int(n)])?;
    Ok(n as u64)
}

/// Note that this person is `user`, and hand on all parts there are. Call inside the transaction of the delivery.
///
/// # Errors
/// `Broken`.
pub fn note(
    sql: &dyn Sql,
    site: &str,
    user: &str,
    person: &str,
    at: i64,
    parts: Vec<(String, u32, PartDoc)>,
) -> Result<()> {
    create(sql)?;
    let known = sql.exec("SELECT person FROM alias", &[])?;
    if known.iter().any(|row| row.text(0) == person) || known.len() as i64 >= ALIASES_MAX {
        return Ok(());
    }
    sql.exec(
        "INSERT INTO alias (person, site, user, at) VALUES (?, ?, ?, ?)",
        &[Param::Text(person), Param::Text(site), Param::Text(user), Param::Int(at)],
    )?;
    for (device, epoch, part) in parts {
        owe(sql, site, person, &device, epoch, part)?;
    }
    Ok(())
}

/// A part is new or has grown: whoever this person is gets it too. Call inside the transaction that wrote it.
///
/// # Errors
/// `Broken`.
pub fn forward(sql: &dyn Sql, device: &str, epoch: u32, part: &PartDoc) -> Result<()> {
    if !has_table(sql, "alias")? {
        return Ok(());
    }
    for row in sql.exec("SELECT person, site FROM alias ORDER BY person", &[])? {
        owe(sql, row.text(1), row.text(0), device, epoch, part.clone())?;
    }
    Ok(())
}

fn owe(sql: &dyn Sql, site: &str, person: &str, device: &str, epoch: u32, part: PartDoc) -> Result<()> {
    let n = next(sql)?;
    let to = Destination { kind: "person".into(), site: site.into(), id: person.into() };
    outbox::push(sql, n, &to, &Owed::Part { device: device.into(), epoch, part: Box::new(part) })
}
