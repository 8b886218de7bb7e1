//! Instants and spans. Two types, so that no number ever means both.

use core::ops::{Add, Sub};

/// An instant: Unix milliseconds, UTC. Arithmetic wraps and never panics; within [`Timestamp::MIN`] to [`Timestamp::MAX`], which every host
/// keeps to, no sum or difference of an instant and the spans of rules (at most 400 days) comes near the end of the type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// A span of time in milliseconds. Negative spans are possible as differences and never as settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

impl Timestamp {
    /// The earliest instant a host may name: 2^53 ms before 1970, as far as a double counts whole milliseconds.
    pub const MIN: Timestamp = Timestamp(-(1 << 53));
    /// The latest instant a host may name.
    pub const MAX: Timestamp = Timestamp(1 << 53);
}

impl Duration {
    /// No time at all.
    pub const ZERO: Duration = Duration(0);

    /// A span of whole seconds; saturates.
    pub const fn seconds(n: i64) -> Duration {
        Duration(n.saturating_mul(1_000))
    }

    /// A span of whole minutes; saturates.
    pub const fn minutes(n: i64) -> Duration {
        Duration::seconds(n.saturating_mul(60))
    }

    /// A span of whole hours; saturates.
    pub const fn hours(n: i64) -> Duration {
        Duration::minutes(n.saturating_mul(60))
    }

    /// A span of days of 24 hours (calendar days belong to schedules, which know a zone); saturates.
    pub const fn days(n: i64) -> Duration {
        Duration::hours(n.saturating_mul(24))
    }

    /// Read a span as rules write it: a whole number and one unit, `ms`, `s`, `m`, `h` or `d`, without spaces (`30s`, `10m`, `7d`).
    ///
    /// Returns `None` for anything else, for more than nine digits, and never overflows.
    pub fn parse(text: &str) -> Option<Duration> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 || digits > 9 {
            return None;
        }
        let (number, unit) = text.split_at(digits);
        let mut n: i64 = 0;
        for b in number.bytes() {
            n = n * 10 + i64::from(b - b'0');
        }
        let unit_ms = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        Some(Duration(n.saturating_mul(unit_ms)))
    }
}

impl Add<Duration> for Timestamp {
    type Output = Timestamp;
    fn add(self, rhs: Duration) -> Timestamp {
        Timestamp(self.0.wrapping_add(rhs.0))
    }
}

impl Sub<Duration> for Timestamp {
    type Output = Timestamp;
    fn sub(self, rhs: Duration) -> Timestamp {
        Timestamp(self.0.wrapping_sub(rhs.0))
    }
}

impl Sub for Timestamp {
    type Output = Duration;
    fn sub(self, rhs: Timestamp) -> Duration {
        Duration(self.0.wrapping_sub(rhs.0))
    }
}

impl Add for Duration {
    type Output = Duration;
    fn add(self, rhs: Duration) -> Duration {
        Duration(self.0.wrapping_add(rhs.0))
    }
}

impl Sub for Duration {
    type Output = Duration;
    fn sub(self, rhs: Duration) -> Duration {
        Duration(self.0.wrapping_sub(rhs.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_a_number_and_a_unit() {
        let cases = [
            ("30s", Some(30_000)),
            ("10m", Some(600_000)),
            ("250ms", Some(250)),
            ("24h", Some(86_400_000)),
            ("90d", Some(7_776_000_000)),
            ("0s", Some(0)),
            ("999999999d", Some(86_399_999_913_600_000)),
            ("", None),
            ("s", None),
            ("30", None),
            ("30 s", None),
            ("-30s", None),
            ("1.5h", None),
            ("1234567890s", None),
            ("３０s", None),
        ];
        for (text, expected) in cases {
            assert_eq!(Duration::parse(text), expected.map(Duration), "{text:?}");
        }
    }

    #[test]
    fn arithmetic_never_panics_and_is_exact_within_what_hosts_may_name() {
        let longest = Duration::days(400);
        for edge in [Timestamp::MIN, Timestamp::MAX] {
            assert_eq!((edge + longest) - longest, edge);
            assert_eq!((edge - longest) + longest, edge);
        }
        assert_eq!(Timestamp::MAX - Timestamp::MIN, Duration(1 << 54));
        let _ = Timestamp(i64::MAX) + Duration(1);
        let _ = Timestamp(i64::MIN) - Timestamp(1);
    }
}
