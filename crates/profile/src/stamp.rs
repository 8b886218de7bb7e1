//! The total order of one device's events.

use noren_event::Timestamp;

/// The stream of events that a server's key vouched for. Streams of pages are base64url, which has no tilde.
pub const SERVER_STREAM: &str = "~s";

/// The stream of events that clients of others reported under a public key.
pub const CLIENT_STREAM: &str = "~c";

/// The stream of events that a server reported of the person and that a device of theirs is told: they are part of what the device knows, and
/// counted where they were reported.
pub const TOLD_STREAM: &str = "~t";

/// Whether a stream is of others' clients: its events came by the tracking interface, not from a page of ours.
pub fn is_reported(stream: &str) -> bool {
    stream.starts_with('~')
}

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

impl Stamp {
    /// Whether a server vouched for it.
    pub fn is_server(&self) -> bool {
        &*self.stream == SERVER_STREAM || self.is_told()
    }

    /// Whether it was reported elsewhere and only told here.
    pub fn is_told(&self) -> bool {
        &*self.stream == TOLD_STREAM
    }
}
