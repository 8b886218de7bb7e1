//! A Durable Object's database, as the edge room knows databases.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use noren_edge::sql::{Cell as SqlCell, Param, Row, Sql};
use noren_edge::{Failure, Result};
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{SqlStorage, SqlStorageValue, State, Storage};

use super::Memory;

/// The database of one object.
pub struct ObjectSql {
    sql: SqlStorage,
    raw: RawStorage,
    written: Memory<Rc<Cell<u64>>>,
}

#[wasm_bindgen]
extern "C" {
    #[derive(Clone)]
    type RawStorage;

    /// Runs the closure in a transaction: what it throws undoes it. The `worker` crate has no binding for it.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    fn transaction_sync(
        this: &RawStorage,
        work: &mut dyn FnMut() -> core::result::Result<(), JsValue>,
    ) -> core::result::Result<JsValue, JsValue>;
}

impl Clone for ObjectSql {
    fn clone(&self) -> ObjectSql {
        let written = AssertUnwindSafe(self.written.0.clone());
        ObjectSql { sql: self.sql.clone(), raw: self.raw.clone(), written }
    }
}

impl ObjectSql {
    /// Of an object.
    pub fn of(state: &State) -> ObjectSql {
        let storage: Storage = state.storage();
        let raw: &JsValue = storage.as_raw().as_ref();
        ObjectSql { sql: storage.sql(), raw: raw.clone().unchecked_into(), written: Memory::default() }
    }

    /// Rows written since the object woke up, alarms not among them.
    pub fn rows_written(&self) -> u64 {
        self.written.get()
    }

    /// The database's size.
    pub fn bytes(&self) -> usize {
        self.sql.database_size()
    }
}

impl Sql for ObjectSql {
    fn exec(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        let broken = |error: worker::Error| Failure::Broken(format!("{error}: {sql}"));
        let values: Vec<SqlStorageValue> = params
            .iter()
            .map(|param| match param {
                // Numbers cross as doubles: what is stored here is below 2^53, times and counts all.
                Param::Int(n) => SqlStorageValue::Integer(*n),
                Param::Real(n) => SqlStorageValue::Float(*n),
                Param::Text(text) => SqlStorageValue::String((*text).into()),
                Param::Blob(bytes) => SqlStorageValue::Blob(bytes.to_vec()),
            })
            .collect();
        let cursor = self.sql.exec(sql, values).map_err(broken)?;
        let rows = cursor
            .raw()
            .map(|row| {
                let cells = row.map_err(broken)?.into_iter().map(|value| match value {
                    SqlStorageValue::Null => SqlCell::Null,
                    SqlStorageValue::Boolean(b) => SqlCell::Int(i64::from(b)),
                    SqlStorageValue::Integer(n) => SqlCell::Int(n),
                    SqlStorageValue::Float(n) => SqlCell::Real(n),
                    SqlStorageValue::String(text) => SqlCell::Text(text),
                    SqlStorageValue::Blob(bytes) => SqlCell::Blob(bytes),
                });
                Ok(Row(cells.collect()))
            })
            .collect();
        self.written.set(self.written.get() + cursor.rows_written() as u64);
        rows
    }

    fn transaction(&self, work: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        let mut failed = None;
        // Should `work` panic, the transaction is undone and the request fails; neither of these is looked at again.
        let mut borrowed = AssertUnwindSafe((work, &mut failed));
        let outcome = self.raw.transaction_sync(&mut move || {
            let (work, failed) = &mut *borrowed;
            work().map_err(|failure| {
                **failed = Some(failure);
                JsValue::from_str("undone")
            })
        });
        match (outcome, failed) {
            (_, Some(failure)) => Err(failure),
            (Err(error), None) => Err(Failure::Broken(format!("transaction: {error:?}"))),
            (Ok(_), None) => Ok(()),
        }
    }
}
