//! The part of Noren that runs in a visitor's browser: a pure step over the engine, spoken to in packed values.
//!
//! Everything a browser has (listeners, timers, storage, network, widgets) stays with the host, `js/agent`; what is decided, is decided
//! here. One message in, one answer out, both a single packed value ([`noren_event::packed`]), so the same step runs natively in tests
//! and under a fuzzer. Reading order: [`step`] (messages and answers), [`effects`] (the engine's words as the host's), `boundary` (the
//! functions the browser sees), `allocator`.

#[cfg(target_arch = "wasm32")]
mod allocator;
#[cfg(target_arch = "wasm32")]
mod boundary;
pub mod effects;
pub mod step;

pub use step::{Agent, Refusal};
