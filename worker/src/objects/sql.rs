//! A Durable Object's database, as the edge room knows databases.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use noren_edge::sql::{Cell as SqlCell, Param, Row, Sql};
use noren_edge::{Failure, Result};
use worker::js_sys::{Array, ArrayBuffer, Number, Uint8Array};
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::{SqlStorage, State, Storage};

use super::Memory;
use crate::host;

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

/// A value as the runtime gives it. JavaScript does not tell 1.0 from 1.
fn cell(value: JsValue) -> SqlCell {
    if let Some(text) = value.as_string() {
        return SqlCell::Text(text);
    }
    match value.as_f64() {
        Some(n) if Number::is_safe_integer(&value) => SqlCell::Int(n as i64),
        Some(n) => SqlCell::Real(n),
        None if value.is_instance_of::<ArrayBuffer>() => SqlCell::Blob(Uint8Array::new(&value).to_vec()),
        None => SqlCell::Null,
    }
}

impl Sql for ObjectSql {
    fn exec(&self, sql: &str, params: &[Param]) -> Result<Vec<Row>> {
        let values: Array = params
            .iter()
            .map(|param| match param {
                // Numbers cross as doubles: what is stored here is below 2^53, times and counts all.
                Param::Int(n) => JsValue::from_f64(*n as f64),
                Param::Real(n) => JsValue::from_f64(*n),
                Param::Text(text) => JsValue::from_str(text),
                Param::Blob(bytes) => Uint8Array::from(*bytes).into(),
            })
            .collect();
        let (rows, written) = host::exec(&self.raw, sql, &values)?;
        self.written.set(self.written.get() + written);
        rows.iter().map(|row| Ok(Row(row.unchecked_into::<Array>().iter().map(cell).collect()))).collect()
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
