//! Checking, explaining and trying campaigns, spoken to in JSON.
//!
//! The console loads this as WebAssembly, so that a check while somebody types needs no network; the Worker links the same functions, so
//! that both give the same findings for the same documents. Reading order: [`check`](mod@check), [`trial`] (a visitor's events through
//! drafts), [`request`] (messages and answers), `boundary` (the functions the browser sees).

#[cfg(target_arch = "wasm32")]
mod boundary;
pub mod check;
pub mod request;
pub mod trial;

pub use check::{Outline, Read, campaigns, check, read};
pub use request::answer;
