//! The Durable Objects: each reads a request, runs the edge room's function on its own database, and does what that says is left to do.
//!
//! Memory is a cache of storage and is dropped whenever a write fails. No borrow is held over an await. Requests between objects are POSTs
//! with JSON; nothing outside can reach an object but through this Worker.

pub mod conversation;
pub mod device;
pub mod intake;
pub mod outbox;
pub mod person;
pub mod pool;
pub mod shard;
pub mod site;
pub mod sql;

use std::panic::AssertUnwindSafe;

use noren_edge::{Failure, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::{Request, Response, ResponseBuilder, State, Storage};

use self::sql::ObjectSql;
use crate::answer;
use crate::edge::{broken, now};

/// What an object keeps in memory. A panic fails one request and leaves this as it is: every change to it is a single assignment, made after
/// the rows it mirrors were written, so there is no half of one to be met by the next request.
pub type Memory<T> = AssertUnwindSafe<T>;

/// What was asked: the last part of the address, and the body.
pub async fn asked(request: &mut Request) -> Result<(String, String)> {
    let address = request.inner().url();
    let what = address.strip_prefix("https://object/").unwrap_or_default().to_string();
    let body = request.text().await.map_err(broken("an object's request"))?;
    Ok((what, body))
}

/// The body as its type.
pub fn read<T: DeserializeOwned>(body: &str) -> Result<T> {
    Ok(serde_json::from_str(body)?)
}

/// An answer as JSON. Only this Worker reads it, so no header says so: each costs a call into the runtime.
pub fn say(body: &impl Serialize) -> Result<Response> {
    Ok(ResponseBuilder::new().fixed(serde_json::to_vec(body)?))
}

/// Nobody asks this.
pub fn unknown(what: &str) -> Failure {
    Failure::Broken(format!("an object was asked {what}"))
}

/// Any outcome as a response.
pub fn end(outcome: Result<Response>) -> worker::Result<Response> {
    outcome.or_else(answer::failure)
}

/// Wake up after this many milliseconds. An object has one alarm: this takes the place of any other, so whoever wakes up looks for all that
/// is due and sets it again for the rest.
pub async fn wake_in(storage: &Storage, after_ms: i64) -> Result<()> {
    crate::host::armed();
    storage.set_alarm(after_ms.max(0)).await.map_err(broken("alarm"))
}

/// Wake up at a moment, Unix ms.
pub async fn wake_at(storage: &Storage, at: i64) -> Result<()> {
    wake_in(storage, at.saturating_sub(now())).await
}

/// Nothing is left to remember: give everything back to the platform. Nobody is answered in between.
pub async fn empty(state: &State) -> Result<()> {
    let storage = state.storage();
    let emptied = state.block_concurrency_while(async move { storage.delete_all().await });
    emptied.await.map_err(broken("emptying"))
}

/// What an object has written since it woke up, and how large it is: asked by tests, which hold it to the budgets.
#[derive(Serialize)]
pub struct Measured {
    rows: u64,
    bytes: usize,
    alarm: Option<i64>,
}

/// Measure an object.
pub async fn measure(state: &State, sql: &ObjectSql) -> Result<Response> {
    let alarm = state.storage().get_alarm().await.map_err(broken("alarm"))?;
    say(&Measured { rows: sql.rows_written(), bytes: sql.bytes(), alarm })
}
