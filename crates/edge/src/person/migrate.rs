//! What persons' stored state went through. Steps are never changed once shipped.

use crate::schema::Step;
use crate::sql::Sql;
use crate::{Result, outbox};

/// The steps.
pub const STEPS: &[Step] = &[Step { to: 2, run: log_and_undo }];

/// 2: parts know who sent them and can be taken out again; there is a log, and a state row that knows the person.
///
/// Who sent a part is learned with its next state; until then an undo reaches its device with the answer to that.
fn log_and_undo(sql: &dyn Sql) -> Result<()> {
    for statement in [
        "ALTER TABLE part ADD COLUMN n INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE part ADD COLUMN sender TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE part ADD COLUMN parted INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE part ADD COLUMN at INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE part ADD COLUMN coupons TEXT NOT NULL DEFAULT '[]'",
        "UPDATE part SET at = coalesce(json_extract(body, '$.seen[1]'), 0)",
        "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)",
        "INSERT INTO state (id, body) SELECT 0, json_object('schema', 2, 'user', coalesce((SELECT json_extract(body, '$.user[1]') FROM part \
         LIMIT 1), ''))",
        "CREATE TABLE log (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, action TEXT NOT NULL, device TEXT NOT NULL, epoch INTEGER NOT NULL, \
         who TEXT NOT NULL)",
        outbox::OUTBOX,
    ] {
        sql.exec(statement, &[])?;
    }
    Ok(())
}
