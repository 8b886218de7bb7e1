//! The little SQL that objects need, so that the same statements run on a Durable Object and on SQLite in a test.

use crate::{Failure, Result};

/// A bound parameter.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub enum Param<'a> {
    Int(i64),
    Real(f64),
    Text(&'a str),
    Blob(&'a [u8]),
}

/// A value in a row. A host may give a whole `Real` as `Int`: use [`Row::num`] where either may come.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// A row of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Vec<Cell>);

impl Row {
    /// A column as a whole number; 0 for anything else.
    pub fn int(&self, column: usize) -> i64 {
        match self.0.get(column) {
            Some(Cell::Int(n)) => *n,
            Some(Cell::Real(n)) => *n as i64,
            _ => 0,
        }
    }

    /// A column as a number; 0 for anything else.
    pub fn num(&self, column: usize) -> f64 {
        match self.0.get(column) {
            Some(Cell::Int(n)) => *n as f64,
            Some(Cell::Real(n)) => *n,
            _ => 0.0,
        }
    }

    /// A column as text; empty for anything else.
    pub fn text(&self, column: usize) -> &str {
        match self.0.get(column) {
            Some(Cell::Text(s)) => s,
            _ => "",
        }
    }

    /// A column as bytes; empty for anything else.
    pub fn blob(&self, column: usize) -> &[u8] {
        match self.0.get(column) {
            Some(Cell::Blob(b)) => b,
            _ => &[],
        }
    }
}

/// One object's database.
pub trait Sql {
    /// Run one statement with `?` parameters and collect its rows.
    ///
    /// # Errors
    /// `Broken` with the database's words.
    fn exec(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>>;

    /// Run `work` so that all of its statements count or none: an error from it undoes them. Does not nest.
    ///
    /// # Errors
    /// Those of `work`, and `Broken` when the transaction itself fails.
    fn transaction(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<()>;
}

/// [`Sql::transaction`] with a result.
///
/// # Errors
/// As there.
pub fn whole<T>(sql: &dyn Sql, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let mut work = Some(work);
    let mut result = None;
    sql.transaction(&mut || {
        let once = work.take().ok_or_else(|| Failure::Broken("a transaction ran its work twice".into()))?;
        result = Some(once()?);
        Ok(())
    })?;
    result.ok_or_else(|| Failure::Broken("a transaction did not run its work".into()))
}

/// Whether a table exists. Reading an object that was never written must not write its tables.
///
/// # Errors
/// `Broken`.
pub fn has_table(sql: &dyn Sql, table: &str) -> Result<bool> {
    Ok(!sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", &[Param::Text(table)])?.is_empty())
}
