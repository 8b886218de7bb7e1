//! The edge's logic without its platform.
//!
//! Every function works on a small [`sql::Sql`] and says what else must happen as values: tests run it on SQLite in memory, the
//! Worker on its Durable Objects. It knows nothing of requests, sockets or bindings. Reading order: [`sql`], [`schema`] (versions of stored
//! state), [`name`] (which object is whose), [`proof`] (whose word is to be trusted), [`consent`] (what may be kept of it), [`cookie`] (what outlasts the browser's storage), [`bot`] (who is nobody), [`outbox`] (what one object owes another), [`orders`] (which several may report), [`device`], [`person`], [`shard`], [`site`], [`pool`], [`conversation`],
//! [`ingest`] (others' clients), [`intake`] and [`reports`] (on their way to devices),
//! [`reading`] (how totals may be read), [`goals`], [`offer`] (who may have a coupon), [`counts`], [`wants`] and [`rules`] (what is
//! borrowed from the rule room), [`origin`], [`privacy`] (what pages are said to do), [`serve`] (assets).

pub mod bot;
pub mod consent;
pub mod conversation;
pub mod cookie;
pub mod counts;
pub mod device;
pub mod failure;
pub mod goals;
pub mod ingest;
pub mod intake;
pub mod name;
pub mod offer;
pub mod orders;
pub mod origin;
pub mod outbox;
pub mod person;
pub mod pool;
pub mod privacy;
pub mod proof;
pub mod reading;
pub mod reports;
pub mod rules;
pub mod schema;
pub mod serve;
pub mod shard;
pub mod site;
pub mod sql;
pub mod wants;

pub use failure::{Failure, Result};

#[cfg(test)]
mod alias_tests;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod platform_tests;
#[cfg(test)]
mod recount_tests;
#[cfg(test)]
mod world;
#[cfg(test)]
mod world_tests;
