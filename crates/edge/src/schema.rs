//! Stored state and its versions: per kind of object, the steps that bring what older code wrote to what this code reads.
//!
//! A step is never changed once it was shipped. All steps that are due run in one transaction with the new version's number, so an
//! interrupted migration is as if it had not begun. State of a newer version than this code knows is left alone and fails the request:
//! whoever asks asks again, and after the way forward nothing is lost.

use crate::sql::{Sql, has_table, whole};
use crate::{Failure, Result};

/// One step.
pub struct Step {
    /// The version it leads to, from the one before.
    pub to: u32,
    /// What it does, inside a transaction.
    pub run: fn(&dyn Sql) -> Result<()>,
}

/// A kind of objects and what its stored state went through.
pub struct Kind {
    /// Its word (see `name`).
    pub word: &'static str,
    /// A table that objects of this kind have had in every version.
    pub marker: &'static str,
    /// The table of the one row that says the version in its body's `schema`.
    pub state: &'static str,
    /// The version this code writes.
    pub current: u32,
    /// The steps, ascending, from version 1.
    pub steps: &'static [Step],
}

/// All kinds whose state went through anything. Conversations and the house are at their first version; their tables only ever grew.
pub const KINDS: [&Kind; 5] =
    [&crate::device::KIND, &crate::person::KIND, &crate::shard::KIND, &crate::site::KIND, &crate::pool::KIND];

/// Bring an object's state to this code's version. Nothing is written where nothing was ever stored, or where it is current.
///
/// # Errors
/// `Broken` from storage, from a step, or for a newer version than this code's.
pub fn open(sql: &dyn Sql, kind: &Kind) -> Result<()> {
    if !has_table(sql, kind.marker)? {
        return Ok(());
    }
    let version = version(sql, kind)?;
    if version > kind.current {
        return Err(Failure::Broken(format!(
            "{} state of version {version} is newer than {}",
            kind.word, kind.current
        )));
    }
    if version == kind.current {
        return Ok(());
    }
    whole(sql, || {
        for step in kind.steps.iter().filter(|step| step.to > version) {
            (step.run)(sql)?;
        }
        let stamp =
            format!("UPDATE {} SET body = json_set(body, '$.schema', {}) WHERE id = 0", kind.state, kind.current);
        sql.exec(&stamp, &[])?;
        Ok(())
    })
}

/// State without a version's row is of the time before there was one.
fn version(sql: &dyn Sql, kind: &Kind) -> Result<u32> {
    if !has_table(sql, kind.state)? {
        return Ok(1);
    }
    let rows = sql.exec(&format!("SELECT json_extract(body, '$.schema') FROM {} WHERE id = 0", kind.state), &[])?;
    Ok(rows.first().map_or(kind.current, |row| row.int(0).max(1) as u32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    #[test]
    fn steps_lead_from_the_first_version_to_the_current_one() {
        for kind in KINDS {
            let to: Vec<u32> = kind.steps.iter().map(|step| step.to).collect();
            assert_eq!(to, (2..=kind.current).collect::<Vec<_>>(), "{}", kind.word);
        }
    }

    fn one(sql: &dyn Sql) -> Result<()> {
        sql.exec(
            "UPDATE state SET body = json_set(body, '$.log', coalesce(json_extract(body, '$.log'), '') || 'a')",
            &[],
        )?;
        Ok(())
    }

    fn two(sql: &dyn Sql) -> Result<()> {
        sql.exec(
            "UPDATE state SET body = json_set(body, '$.log', coalesce(json_extract(body, '$.log'), '') || 'b')",
            &[],
        )?;
        sql.exec("CREATE TABLE extra (n INTEGER)", &[])?;
        Ok(())
    }

    const KIND: Kind = Kind {
        word: "test",
        marker: "state",
        state: "state",
        current: 3,
        steps: &[Step { to: 2, run: one }, Step { to: 3, run: two }],
    };

    fn stored(version: u32) -> Memory {
        let sql = Memory::new();
        sql.exec("CREATE TABLE state (id INTEGER PRIMARY KEY, body TEXT NOT NULL)", &[]).unwrap();
        sql.exec(&format!("INSERT INTO state VALUES (0, '{{\"schema\":{version}}}')"), &[]).unwrap();
        sql
    }

    fn body(sql: &Memory) -> String {
        sql.exec("SELECT body FROM state", &[]).unwrap()[0].text(0).into()
    }

    #[test]
    fn only_what_is_due_runs_and_only_once() {
        for (from, expected) in
            [(1, r#"{"schema":3,"log":"ab"}"#), (2, r#"{"schema":3,"log":"b"}"#), (3, r#"{"schema":3}"#)]
        {
            let sql = stored(from);
            open(&sql, &KIND).unwrap();
            open(&sql, &KIND).unwrap();
            assert_eq!(body(&sql), expected);
        }
        let empty = Memory::new();
        open(&empty, &KIND).unwrap();
        assert_eq!(empty.changes(), 0);
        let newer = stored(4);
        assert!(matches!(open(&newer, &KIND), Err(Failure::Broken(_))));
        assert_eq!(body(&newer), r#"{"schema":4}"#, "left as it was");
    }

    #[test]
    fn an_interrupted_migration_is_as_if_it_had_not_begun() {
        for at in 0..8 {
            let sql = stored(1);
            sql.fail_in.set(Some(at));
            let failed = open(&sql, &KIND).is_err();
            sql.fail_in.set(None);
            assert_eq!(
                body(&sql),
                if failed { r#"{"schema":1}"# } else { r#"{"schema":3,"log":"ab"}"# },
                "statement {at}"
            );
            open(&sql, &KIND).unwrap();
            assert_eq!(body(&sql), r#"{"schema":3,"log":"ab"}"#);
        }
    }
}
