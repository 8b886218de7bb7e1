//! What the module around this wasm does in one call, because over the boundary it would take many. Its other half is
//! `crates/xtask/js/entry.js`.
//!
//! Profiled on the local runtime: of a sync's processor time three quarters were the runtime's own work for single calls (headers, streams,
//! promises), and a seventh was reading the answers of two objects piece by piece.

use noren_edge::{Failure, Result};
use worker::Env;
use worker::js_sys::{Array, Promise};
use worker::wasm_bindgen::prelude::*;
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = norenHost, js_name = ask, catch)]
    fn host_ask(
        env: &Env,
        binding: &str,
        name: &str,
        by_id: bool,
        address: &str,
        body: &str,
    ) -> core::result::Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = norenHost, js_name = exec, catch)]
    fn host_exec(storage: &JsValue, statement: &str, parameters: &Array) -> core::result::Result<Array, JsValue>;

    /// An alarm was set.
    #[wasm_bindgen(js_namespace = norenHost, js_name = armed)]
    pub fn armed();

    /// What the platform bills, counted since this isolate began, as JSON.
    #[wasm_bindgen(js_namespace = norenHost, js_name = counted)]
    pub fn counted() -> String;
}

/// The runtime's own words for what went wrong, for the log.
fn words(error: &JsValue) -> String {
    let of_error = error.dyn_ref::<worker::js_sys::Error>().map(|error| String::from(error.message()));
    of_error.or_else(|| error.as_string()).unwrap_or_else(|| "an error without words".into())
}

/// How an object is found.
#[derive(Clone, Debug)]
pub enum Which {
    /// By a name that its id follows from.
    Name(String),
    /// By its id.
    Id(String),
}

/// POST `body` to an object; the status and the text of its answer.
///
/// # Errors
/// `Broken` where there is no such binding or object, or it did not answer.
pub async fn ask(env: &Env, binding: &str, which: &Which, address: &str, body: &str) -> Result<(u16, String)> {
    let broken = |error: JsValue| Failure::Broken(format!("asking an object: {}", words(&error)));
    let (name, by_id) = match which {
        Which::Name(name) => (name, false),
        Which::Id(id) => (id, true),
    };
    let answered = host_ask(env, binding, name, by_id, address, body).map_err(broken)?;
    let answer: Array = JsFuture::from(answered).await.map_err(broken)?.unchecked_into();
    let status = answer.get(0).as_f64().unwrap_or(0.0) as u16;
    Ok((status, answer.get(1).as_string().unwrap_or_default()))
}

/// Run a statement on the database of `storage`: its rows, each an array, and how many rows were written.
///
/// # Errors
/// `Broken` with the database's words.
pub fn exec(storage: &JsValue, statement: &str, parameters: &Array) -> Result<(Array, u64)> {
    let rows = host_exec(storage, statement, parameters)
        .map_err(|error| Failure::Broken(format!("{}: {statement}", words(&error))))?;
    let written = rows.pop().as_f64().unwrap_or(0.0) as u64;
    Ok((rows, written))
}
