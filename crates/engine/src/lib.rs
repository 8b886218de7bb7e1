//! The rule engine: a program, a state and an input at a moment give decisions.
//!
//! A pure step: no clock, no randomness, no I/O, no panic on any input. The same engine decides in the visitor's browser, at the edge
//! and in `noren replay`. It reads programs, attributes and events where they lie, as packed bytes, and builds no trees of them. Reading order:
//! [`input`] and [`effect`] (what goes in and comes out), [`engine`] (the step), [`pattern`] and [`sequence`] (leaves of triggers), [`gate`]
//! (from an opened decision to its outcome), [`state`], [`deadlines`], [`snapshot`], [`condition`], [`attributes`], [`trace`]; [`log`],
//! [`page`] and [`memo`] are for hosts that are no browser.
//!
//! docs/rules.md says what every part means; the naive evaluator in `noren-reference` says the same a second time, over the whole log.

pub mod attributes;
pub mod condition;
pub mod deadlines;
pub mod effect;
pub mod engine;
pub mod gate;
pub mod input;
#[cfg(not(target_family = "wasm"))]
mod listen;
pub mod log;
#[cfg(not(target_family = "wasm"))]
pub mod memo;
pub mod page;
pub mod pattern;
pub mod sequence;
pub mod snapshot;
pub mod state;
pub mod trace;
mod until;

pub use condition::Host;
pub use effect::{Act, Decision, Effect, Gate, Outcome, What};
pub use engine::Engine;
pub use input::{Input, Origin, Told, WidgetNews};
