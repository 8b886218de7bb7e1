//! What the tests that compare the engine with the naive evaluator share.

pub mod case;
pub mod document;
pub mod shrink;
mod tabs;
