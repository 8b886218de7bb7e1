//! The naive evaluator: says a second time, as plainly as possible, what docs/rules.md means.
//!
//! It keeps nothing between moments but what has been decided. At every input, and at every moment between inputs at which time alone
//! could change something, it looks at the whole log again. It reads checked campaigns, not the compiled program, so that equality with
//! the engine proves the compiler and the byte form too (of the program it takes only the schedule, whose zones were compiled to offsets). It
//! evaluates conditions and keeps attributes as trees of values, where the engine reads bytes.
//!
//! Cost: inputs squared times campaigns. For tests and `noren replay --naive`.

pub mod attributes;
pub mod condition;
mod decide;
mod history;
mod patterns;
mod republish;
mod schedule;

pub use decide::{Verdicts, decide};
pub use republish::{Entry, decide_through};
