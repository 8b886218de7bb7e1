//! What shards' stored state went through. Steps are never changed once shipped.

use noren_wire::stored::SHARD_SCHEMA;

use crate::Result;
use crate::schema::Step;
use crate::sql::{Param, Sql};

/// The steps.
pub const STEPS: &[Step] = &[Step { to: 2, run: recountable }];

/// The row that says the version and how far a recount has come.
pub(super) fn state(sql: &dyn Sql) -> Result<()> {
    sql.exec("CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)", &[])?;
    let body = format!("{{\"schema\":{SHARD_SCHEMA}}}");
    sql.exec("INSERT INTO state (id, body) VALUES (0, ?) ON CONFLICT (id) DO NOTHING", &[Param::Text(&body)])?;
    Ok(())
}

/// 2: the register knows kinds, and what objects that are gone had contributed is kept apart.
///
/// What was contributed by objects that went before is in no register: a recount will say that the totals are higher by as much.
fn recountable(sql: &dyn Sql) -> Result<()> {
    for statement in [
        "ALTER TABLE register ADD COLUMN kind TEXT NOT NULL DEFAULT 'device'",
        "CREATE INDEX register_object ON register (object)",
        "CREATE TABLE kept (hour INTEGER NOT NULL, campaign TEXT NOT NULL, phase INTEGER NOT NULL, variant TEXT NOT NULL, control INTEGER NOT NULL, \
         shown REAL NOT NULL, visitors REAL NOT NULL, impressions REAL NOT NULL, closed REAL NOT NULL, clicked REAL NOT NULL, \
         converted REAL NOT NULL, value REAL NOT NULL, PRIMARY KEY (hour, campaign, phase, variant, control)) WITHOUT ROWID",
        "CREATE TABLE recount (hour INTEGER NOT NULL, campaign TEXT NOT NULL, phase INTEGER NOT NULL, variant TEXT NOT NULL, \
         control INTEGER NOT NULL, shown REAL NOT NULL, visitors REAL NOT NULL, impressions REAL NOT NULL, closed REAL NOT NULL, \
         clicked REAL NOT NULL, converted REAL NOT NULL, value REAL NOT NULL, PRIMARY KEY (hour, campaign, phase, variant, control)) \
         WITHOUT ROWID",
        "CREATE TABLE passing (stream TEXT PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS total (campaign TEXT PRIMARY KEY, shows REAL NOT NULL, conversions REAL NOT NULL) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS finding (code TEXT NOT NULL, what TEXT NOT NULL, at INTEGER NOT NULL, en TEXT NOT NULL, ja TEXT NOT NULL, \
         PRIMARY KEY (code, what)) WITHOUT ROWID",
        "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)",
        "INSERT INTO state (id, body) VALUES (0, '{\"schema\":2}')",
    ] {
        sql.exec(statement, &[])?;
    }
    Ok(())
}
