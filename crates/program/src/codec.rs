//! The byte form of a program, which [`crate::Image`] reads where it lies.
//!
//! ```text
//! "NRN" format   compiled_at valid_until   texts   zones   conditions   campaigns   lists   events
//! ```
//!
//! The tables are a count and then records behind their lengths; texts and conditions are named
//! by their number in a table. Numbers are the varints of [`noren_event::packed`].
//!
//! | record | content |
//! | --- | --- |
//! | zone | moment and minutes, each offset |
//! | condition | a node: 0 all, 1 any (records), 2 not (node), 3 path and test, 4 unknown |
//! | test | 0 all, 1 all of (records), 2 not (test), 3 equal (value), 4 order (mask, value), 5, 6 in (values; 6 ignores case), 7, 8 pattern (8 ignores case), 9 exists, 10 is absent, 11 type (tag), 12 size (test), 13 element (test), 14 element (node), 15 version (mask, key), 16 never, 17 unknown |
//! | campaign | id, level; unless it is [`PAUSED`] leaves (records), then [`crate::image::Head`] in its order: eight numbers and texts, seven records |
//! | leaf | kind (+128 under a `not`), flags, number, window, span, property (of a count, where facts tell of it), then events with their conditions |
//! | list | which leaves every event and which a page can change (as in events), which campaigns a session and the active clock can; then which campaigns each group holds |
//! | cap | flags, then for a place ([`cap::PLACE`]): seed, first place and how many, in ten-thousandths; for a count: times, window, and the group's list where it is a group's |
//! | schedule | bounds, the bounds, zone; with [`cap::CALENDAR`] what is closed and what is open (bytes: steps and lengths in minutes); weekly hours (steps and lengths) |
//! | event | name, then cancels, leaves, goals: a count, and campaign (as a step from the one before) and number each; then choices |
//! | choice | a property, all leaves that ask for one of its values, then the values, each with the leaves that ask for it |
//!
//! A mask says which orders pass: 1 less, 2 equal, 4 greater. Lists of events and campaigns are worked out here, once, and not by every visitor.
//! A campaign says which level of reader it needs; a reader of a lower level leaves it inert and goes on with the others. What every reader
//! must understand, the frame around the records, changes only with the format.

mod decode;
mod encode;

pub use decode::decode;
pub use encode::encode;

/// First bytes of every program: a name and the format version.
pub const MAGIC: [u8; 4] = *b"NRN\x02";
/// The constructs this version knows: each new one raises the level and is written with it, on the campaigns that use it.
///
/// 1: the first. 2: caps of groups, places of visitors, calendars.
pub const LEVEL: u8 = 2;
/// The level of a paused campaign, which no reader has: its record is id and level, and every reader leaves it inert.
pub const PAUSED: u8 = u8::MAX;
/// Most occurrences a count can ask for. The engine keeps one time (8 bytes) each, so a leaf costs at most 800 bytes.
pub const COUNT_MAX: u16 = 100;
/// Most times a cap can count to; the engine keeps that many times (8 bytes each) per campaign and kind.
pub const CAP_TIMES_MAX: u16 = 20;
/// Most steps of a sequence: one bit each in a byte of the engine's memory.
pub const STEPS_MAX: usize = 8;
/// Events a sequence remembers, the latest by their own time. 64 of at most 16 bytes are 1 KB a leaf; a visitor makes fewer relevant
/// events within the hour that sequences are written for.
pub const SEQUENCE_MEMORY: usize = 64;
/// How deep conditions and triggers may nest. A marketer's rule is under 6 deep; the bound keeps recursion small.
pub const NESTING_MAX: u32 = 16;

/// Bits of an order that passes.
pub(crate) mod mask {
    pub const LESS: u8 = 1;
    pub const EQUAL: u8 = 2;
    pub const GREATER: u8 = 4;
}

/// Kinds of leaves.
pub mod kind {
    #![allow(missing_docs)]
    pub const COUNT: u8 = 0;
    pub const DWELL: u8 = 1;
    pub const ABSENT: u8 = 2;
    pub const SUM: u8 = 3;
    pub const DISTINCT: u8 = 4;
    pub const EVERY: u8 = 5;
    pub const SEQUENCE: u8 = 6;
    /// Added to the kind of a leaf under a `not`.
    pub const NEGATED: u8 = 0x80;
    /// Flags of a dwell.
    pub const ACTIVE: u8 = 1;
    pub const SESSION_REACH: u8 = 2;
    /// Flags of a sequence.
    pub const WITHOUT: u8 = 1;
    pub const NEXT: u8 = 2;
}

/// Flags of caps and of a schedule's bounds. The two lowest bits of a cap are what it counts.
pub mod cap {
    #![allow(missing_docs)]
    pub const ANY: u8 = 4;
    pub const STOP: u8 = 8;
    pub const GROUP: u8 = 16;
    /// Beside [`GROUP`]: without itself.
    pub const OTHERS: u8 = 32;
    pub const PLACE: u8 = 64;
    /// Beside [`PLACE`]: others have the rest.
    pub const EXCLUSIVE: u8 = 128;
    /// Of a schedule: from, until, a calendar.
    pub const FROM: u8 = 1;
    pub const UNTIL: u8 = 2;
    pub const CALENDAR: u8 = 4;
}

/// How windows are written.
pub mod window {
    #![allow(missing_docs)]
    pub const PAGE: u8 = 0;
    pub const SESSION: u8 = 1;
    pub const VISITOR: u8 = 2;
    pub const LAST: u8 = 3;
}

#[cfg(test)]
mod tests;
