//! Campaign documents: checked, explained in two languages, compiled to a program.
//!
//! Documents come in as [`noren_event::Value`]; this room knows nothing of files, HTTP, visitors or the present moment. Reading order:
//! [`ast`] (what a checked campaign is), [`check`](mod@check) (a document to that, with findings), [`condition`] (the operators),
//! [`compile`](mod@compile) (that to a program), [`explain`](mod@explain) (that to sentences).

pub mod ast;
mod attribute;
pub mod bounds;
pub mod check;
pub mod compile;
pub mod condition;
pub mod explain;
pub mod json;
mod members;
mod read;
mod regex;
mod report;
#[cfg(test)]
mod testing;

pub use check::{check, check_all};
pub use compile::{Compiled, compile, content_hash};
pub use explain::{Lang, explain};
pub use report::{Finding, Level, Message};

/// The JSON Schema (draft 2020-12) of a campaign document, for editors. The checker knows more: sums, orders, what excludes what.
pub const SCHEMA: &str = include_str!("campaign.schema.json");
