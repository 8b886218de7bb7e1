//! The naive evaluator: says a second time, as plainly as possible, what docs/rules.md means.
//!
//! It keeps nothing between moments but what has been decided. At every input, and at every moment between inputs at which time alone
//! could change something, it looks at the whole log again. It reads checked campaigns, not the compiled program, so that equality with
//! the engine proves the compiler too (of the program it takes only the schedule, whose zones were compiled to offsets). It shares
//! with the engine the evaluation of conditions and the keeping of attributes, each of which has tests of its own.
//!
//! Cost: inputs squared times campaigns. For tests and `noren replay --naive`.

mod decide;
mod history;
mod patterns;

pub use decide::{Verdicts, decide};
