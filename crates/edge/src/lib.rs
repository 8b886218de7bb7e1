//! The edge's logic without its platform.
//!
//! Every function works on a small [`sql::Sql`] and says what else must happen as values: tests run it on SQLite in memory, the
//! Worker on its Durable Objects. It knows nothing of requests, sockets or bindings. Reading order: [`sql`], [`name`] (which object is
//! whose), [`outbox`] (what one object owes another), [`device`], [`person`] with [`alias`] and [`news`], [`shard`], [`site`], [`pool`], [`conversation`],
//! [`ingest`] (others' clients), [`intake`] and [`reports`] (on their way to devices),
//! [`reading`] (how totals may be read), [`goals`], [`counts`] and [`rules`] (what is
//! borrowed from the rule room), [`origin`], [`serve`] (assets).

pub mod alias;
pub mod conversation;
pub mod counts;
pub mod device;
pub mod failure;
pub mod goals;
pub mod ingest;
pub mod intake;
pub mod name;
pub mod news;
pub mod origin;
pub mod outbox;
pub mod person;
pub mod pool;
pub mod reading;
pub mod reports;
pub mod rules;
pub mod serve;
pub mod shard;
pub mod site;
pub mod sql;

pub use failure::{Failure, Result};

#[cfg(test)]
mod memory;
