//! Campaign documents: checked, explained in two languages, compiled to a program.
//!
//! Reading order: [`ast`] (what a checked campaign is).

pub mod ast;
