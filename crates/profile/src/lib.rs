//! What is remembered of a visitor: parts that events are folded into, their union, and every figure as a fold over them.
//!
//! Knows nothing of storage, requests or campaigns' rules. Every fold here is independent of the order in which events arrive: they
//! come late, in batches, from several tabs. Reading order: [`stamp`], [`session`], [`order`], [`part`], [`profile`] (merge is
//! union), [`tally`] (who was converted, and the counters that follow from it).

pub mod order;
pub mod part;
pub mod profile;
pub mod session;
pub mod stamp;
pub mod tally;

pub use part::{CampaignCount, Part};
pub use profile::{Facts, PartKey, Profile};
pub use stamp::Stamp;
pub use tally::{Arm, CounterKey, Counts, Hit, Record, RecordKind, Same, Tally};

#[cfg(test)]
mod random;
