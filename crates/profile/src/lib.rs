//! What is remembered of a visitor: parts that events are folded into, their union, and every figure as a fold over them.
//!
//! Knows nothing of storage, requests or campaigns' rules. Every fold here is independent of the order in which events arrive: they
//! come late, in batches, from several tabs. Reading order: [`stamp`], [`session`], [`order`], [`touch`] (where from), [`affinity`]
//! (drawn to what), [`kept`] (answers and the cart), [`days`] (counts over long windows), [`part`], [`bands`] (what a site weighs visitors
//! by), [`trial`] (what tests are judged by), [`claim`] (orders that several
//! visitors report), [`tally`] (the counters that follow from it), [`profile`] (merge is union).

pub mod affinity;
pub mod bands;
pub mod claim;
pub mod days;
pub mod kept;
pub mod order;
pub mod part;
pub mod profile;
pub mod session;
pub mod stamp;
pub mod tally;
pub mod touch;
pub mod trial;

pub use bands::{Rfm, Weights};
pub use claim::{Claim, Claims, Counted};
pub use days::Windows;
pub use part::{CampaignCount, Named, Part};
pub use profile::{Facts, Lens, PartKey, Profile};
pub use stamp::Stamp;
pub use tally::{Arm, CounterKey, Counts, Hit, Record, RecordKind, Same, Tally};
pub use touch::Touch;
pub use trial::{First, Reached, Trials};

#[cfg(test)]
mod random;
