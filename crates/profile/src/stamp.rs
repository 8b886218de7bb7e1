//! The total order of one device's events.

use noren_event::Timestamp;

/// When an event happened, and where it stands among those of the same millisecond. "First" and "last" everywhere in this room mean
/// by stamp, never by arrival.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp {
    /// Corrected time.
    pub at: Timestamp,
    /// The stream (page load) it was made in.
    pub stream: Box<str>,
    /// Its number in the stream.
    pub n: u64,
}
