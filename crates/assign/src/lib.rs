//! Which variant a visitor gets: hashing, bucket ranges, namespaces, sticky buckets.
//!
//! The arithmetic is GrowthBook's (SDK specification 0.12.0), so that an experiment means the same in both: FNV-1a of 32 bits over the
//! UTF-16 code units of the text, two versions of the seed, ranges half-open. Everything here is pure and cheap: the cost of a hash is the
//! length of its text. Reading order: [`hash`](hash()), [`equal_weights`], [`bucket_ranges`], [`choose_variation`], [`in_namespace`],
//! [`query_string_override`], [`sticky_variation`].

mod bucket;
mod hash;
mod query;
mod sticky;

pub use bucket::{bucket_ranges, choose_variation, equal_weights, in_namespace};
pub use hash::{SLOTS, fnv1a32, hash, slot};
pub use query::query_string_override;
pub use sticky::{Assignment, Experiment, Sticky, remember, sticky_key, sticky_variation};

/// A half-open range `[from, until)` of places in `[0, 1]`.
pub type BucketRange = (f64, f64);

/// Whether a place lies in a range. The lower end belongs to it, the upper does not; an empty range holds nothing.
pub fn in_range(place: f64, range: BucketRange) -> bool {
    place >= range.0 && place < range.1
}
