//! SQLite in memory for tests, with failures on demand, and with the platform's limits, which SQLite by itself does not have.

use std::cell::Cell as Counter;

use noren_wire::platform::{BOUND_PARAMETERS_MAX, ROW_MAX_BYTES, STATEMENT_MAX_BYTES};

use rusqlite::types::{ToSqlOutput, Value as SqliteValue, ValueRef};

use crate::sql::{Cell, Param, Row, Sql};
use crate::{Failure, Result};

/// A database that can be told to fail at its n-th statement.
pub struct Memory {
    db: rusqlite::Connection,
    /// Statements until the next failure; `None` for never.
    pub fail_in: Counter<Option<u32>>,
    /// Statements run.
    pub ran: Counter<u32>,
}

impl Memory {
    pub fn new() -> Memory {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        Memory { db, fail_in: Counter::new(None), ran: Counter::new(0) }
    }

    /// Run a script: how a test begins with what older code has stored.
    pub fn run(&self, script: &str) {
        self.db.execute_batch(script).unwrap();
    }

    /// Rows changed since the database was opened.
    pub fn changes(&self) -> u64 {
        self.db.total_changes()
    }
}

impl rusqlite::ToSql for Param<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Param::Int(n) => ToSqlOutput::Owned(SqliteValue::Integer(*n)),
            Param::Real(n) => ToSqlOutput::Owned(SqliteValue::Real(*n)),
            Param::Text(s) => ToSqlOutput::Borrowed(ValueRef::Text(s.as_bytes())),
            Param::Blob(b) => ToSqlOutput::Borrowed(ValueRef::Blob(b)),
        })
    }
}

impl Sql for Memory {
    fn exec(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        self.ran.set(self.ran.get() + 1);
        match self.fail_in.get() {
            Some(0) => {
                self.fail_in.set(None);
                return Err(Failure::Broken("disk full".into()));
            }
            Some(n) => self.fail_in.set(Some(n - 1)),
            None => {}
        }
        let sizes = params.iter().map(|param| match param {
            Param::Int(_) | Param::Real(_) => 8,
            Param::Text(text) => text.len(),
            Param::Blob(bytes) => bytes.len(),
        });
        if sql.len() > STATEMENT_MAX_BYTES
            || params.len() > BOUND_PARAMETERS_MAX
            || sizes.sum::<usize>() > ROW_MAX_BYTES
        {
            return Err(Failure::Broken(format!("more than the platform takes: {sql}")));
        }
        let broken = |e: rusqlite::Error| Failure::Broken(format!("{e}: {sql}"));
        let mut statement = self.db.prepare(sql).map_err(broken)?;
        let columns = statement.column_count();
        let rows = statement
            .query_map(rusqlite::params_from_iter(params), |row| {
                (0..columns)
                    .map(|i| {
                        Ok(match row.get_ref(i)? {
                            ValueRef::Null => Cell::Null,
                            ValueRef::Integer(n) => Cell::Int(n),
                            // As a Durable Object gives it: JavaScript does not tell 1.0 from 1.
                            ValueRef::Real(n) if n.fract() == 0.0 => Cell::Int(n as i64),
                            ValueRef::Real(n) => Cell::Real(n),
                            ValueRef::Text(s) => Cell::Text(String::from_utf8_lossy(s).into_owned()),
                            ValueRef::Blob(b) => Cell::Blob(b.to_vec()),
                        })
                    })
                    .collect::<rusqlite::Result<Vec<_>>>()
                    .map(Row)
            })
            .map_err(broken)?;
        rows.collect::<rusqlite::Result<Vec<_>>>().map_err(broken)
    }

    fn transaction(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let transaction = self.db.unchecked_transaction().unwrap();
        work()?;
        transaction.commit().unwrap();
        Ok(())
    }
}

#[test]
fn what_the_platform_would_refuse_is_refused_here() {
    let sql = Memory::new();
    let exec = |statement: &str, params: &[Param]| sql.exec(statement, params).is_ok();
    sql.run("CREATE TABLE t (a)");
    let marks = |n: usize| format!("INSERT INTO t VALUES {}", vec!["(?)"; n].join(","));
    let params = vec![Param::Int(1); BOUND_PARAMETERS_MAX + 1];
    assert!(exec(&marks(BOUND_PARAMETERS_MAX), &params[1..]) && !exec(&marks(BOUND_PARAMETERS_MAX + 1), &params));
    let text = "x".repeat(ROW_MAX_BYTES + 1);
    assert!(exec(&marks(1), &[Param::Text(&text[1..])]) && !exec(&marks(1), &[Param::Text(&text)]));
    let padded = |bytes: usize| "SELECT 1".to_string() + &" ".repeat(bytes - 8);
    assert!(exec(&padded(STATEMENT_MAX_BYTES), &[]) && !exec(&padded(STATEMENT_MAX_BYTES + 1), &[]));
}
