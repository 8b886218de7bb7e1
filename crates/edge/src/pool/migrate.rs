//! What a pool's stored state went through.

use noren_wire::coupon::Terms;
use noren_wire::stored::PoolDoc;

use super::{create, save};
use crate::Result;
use crate::schema::Step;
use crate::sql::Sql;

/// The steps, never changed once shipped.
pub const STEPS: &[Step] = &[Step { to: 2, run: settings }];

/// Settings become one document, codes learn where they come from and when they were given. Such a pool says nothing of low stock until it is
/// settled anew, and its codes, whose origin is not known, count as imported.
fn settings(sql: &dyn Sql) -> Result<()> {
    for column in [
        "made INTEGER NOT NULL DEFAULT 0",
        "at INTEGER NOT NULL DEFAULT 0",
        "former TEXT NOT NULL DEFAULT ''",
        "released TEXT NOT NULL DEFAULT ''",
    ] {
        sql.exec(&format!("ALTER TABLE code ADD COLUMN {column}"), &[])?;
    }
    create(sql)?;
    if let Some(row) = sql.exec("SELECT terms, expires_after FROM settings WHERE id = 0", &[])?.first() {
        let terms: Terms = serde_json::from_str(row.text(0))?;
        save(sql, &PoolDoc { schema: 2, terms, expires_after_ms: row.int(1), ..PoolDoc::default() })?;
    }
    sql.exec("DROP TABLE settings", &[])?;
    Ok(())
}
