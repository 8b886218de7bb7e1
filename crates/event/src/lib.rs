//! What happens on a site: values, time, events and their standard names.
//!
//! The room every other room stands on. It knows nothing of rules, storage or browsers: no clock, no randomness, no I/O, no
//! serialization framework. Reading order: [`time`], [`value`], [`packed`], [`names`], [`data_layer`], [`segment`].

pub mod data_layer;
pub mod names;
pub mod packed;
pub mod segment;
pub mod time;
pub mod value;

pub use time::{Duration, Timestamp};
pub use value::Value;

/// Something that happened: a name, properties and the moment it happened.
///
/// `at` is the corrected time (the device's clock plus the offset to the edge's), in Unix milliseconds.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Standard (GA4 snake_case) or free name; at most [`names::NAME_MAX_CHARS`] characters.
    pub name: Box<str>,
    /// Properties; [`Value::Map`] or empty.
    pub props: Value,
    /// When it happened.
    pub at: Timestamp,
}
