//! Campaign documents: checked, explained in two languages, compiled to a program.
//!
//! Documents come in as [`noren_event::Value`]; this room knows nothing of files, HTTP, visitors or the present moment. Reading order:
//! [`ast`] (what a checked campaign is), [`check`](mod@check) (a document to that, with findings), [`condition`] (the operators),
//! [`compile`](mod@compile) (that to a program), [`live`] (which of a site's are in it), [`explain`](mod@explain) (that to sentences).

pub mod ast;
mod attribute;
pub mod bounds;
pub mod check;
pub mod compile;
pub mod condition;
pub mod explain;
pub mod json;
mod live;
mod members;
mod read;
mod regex;
mod report;
#[cfg(test)]
mod testing;

pub use check::{Holdout, Site, check, check_all, check_all_of, check_site};
pub use compile::{Compiled, compile, compile_for, content_hash, ends_at, renew_at, renew_due};
pub use explain::{Lang, explain};
pub use live::{Ends, Live, Reached, Totals, live};
pub use report::{Finding, Level, Message};

/// The JSON Schema (draft 2020-12) of a campaign document, for editors. The checker knows more: sums, orders, what excludes what.
pub const SCHEMA: &str = include_str!("campaign.schema.json");
