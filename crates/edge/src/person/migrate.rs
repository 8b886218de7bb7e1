//! What persons' stored state went through. Steps are never changed once shipped.

use noren_wire::inner::{Destination, Owed};
use serde_json::{Map, Value as Json};

use crate::name::shard_of;
use crate::schema::Step;
use crate::sql::{Param, Sql};
use crate::{Result, outbox};

/// The steps.
pub const STEPS: &[Step] = &[Step { to: 2, run: log_and_undo }, Step { to: 3, run: enter }];

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

/// 3: persons stand in their shard's register. Who is not heard from is listed when its object next wakes up.
fn enter(sql: &dyn Sql) -> Result<()> {
    let stored = sql.exec("SELECT body FROM state WHERE id = 0", &[])?;
    let Some(row) = stored.first() else { return Ok(()) };
    let mut doc: Map<String, Json> = serde_json::from_str(row.text(0))?;
    let text = |key: &str| doc.get(key).and_then(Json::as_str).unwrap_or_default().to_string();
    let number = |key: &str| doc.get(key).and_then(Json::as_u64).unwrap_or_default();
    let (site, id) = (text("site"), text("person"));
    let (n, shards) = (number("outbox_next") + 1, u32::try_from(number("shards")).unwrap_or_default());
    if id.is_empty() {
        // It does not know yet whose it is: its next part says so, and lists it.
        doc.insert("ended".into(), Json::Bool(true));
    } else {
        let to = Destination { kind: "shard".into(), site, id: shard_of(&id, shards).to_string() };
        outbox::push(sql, n, &to, &Owed::Enter { id, of: "person".into() })?;
        doc.insert("outbox_next".into(), n.into());
    }
    let body = serde_json::to_string(&doc)?;
    sql.exec("UPDATE state SET body = ? WHERE id = 0", &[Param::Text(&body)])?;
    Ok(())
}
