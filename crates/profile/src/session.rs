//! Sessions: stretches of activity with less than thirty minutes between one event and the next.

use noren_event::{Duration, Timestamp};

/// A session has ended when this much time has passed since its last event; an event exactly then begins the next one.
pub const SESSION_GAP: Duration = Duration::minutes(30);

/// Sessions kept as ranges. Older ones are only counted: events more than 30 days old are refused, and 256 sessions within 30 days
/// are eight a day. 16 bytes each, 4 KB at most.
pub const RANGES_MAX: usize = 256;

/// The sessions of one part, whatever the order its events arrived in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sessions {
    /// Sessions that are only counted.
    pub closed: u64,
    /// Last event of the last session that is only counted; events up to a gap after it belong to a counted session.
    pub closed_until: Option<Timestamp>,
    /// First and last event of each session, ascending, at least a gap apart.
    pub ranges: Vec<(Timestamp, Timestamp)>,
}

impl Sessions {
    /// Take note of an event.
    pub fn insert(&mut self, at: Timestamp) {
        if self.closed_until.is_some_and(|until| at - until < SESSION_GAP) {
            return;
        }
        let mut joined = (at, at);
        self.ranges.retain(|&(first, last)| {
            let apart = at - last >= SESSION_GAP || first - at >= SESSION_GAP;
            if !apart {
                joined = (joined.0.min(first), joined.1.max(last));
            }
            apart
        });
        let place = self.ranges.partition_point(|&(first, _)| first < joined.0);
        self.ranges.insert(place, joined);
        if self.ranges.len() > RANGES_MAX {
            let (_, last) = self.ranges.remove(0);
            self.closed += 1;
            self.closed_until = Some(last);
        }
    }

    /// Whether a session begins with the event of this moment. Of sessions that are only counted it is not known and taken for true.
    pub fn begins(&self, at: Timestamp) -> bool {
        self.closed_until.is_some_and(|until| at <= until) || self.ranges.iter().any(|(first, _)| *first == at)
    }

    /// How many sessions there were.
    pub fn count(&self) -> u64 {
        self.closed + self.ranges.len() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions(minutes: &[i64]) -> Sessions {
        let mut s = Sessions::default();
        minutes.iter().for_each(|m| s.insert(Timestamp(m * 60_000)));
        s
    }

    #[test]
    fn thirty_minutes_of_silence_end_a_session() {
        for (minutes, count) in [
            (&[0][..], 1),
            (&[0, 29], 1),
            (&[0, 30], 2),
            (&[0, 29, 58], 1),
            (&[0, 58, 29], 1),
            (&[0, 0, 0], 1),
            (&[], 0),
        ] {
            assert_eq!(sessions(minutes).count(), count, "{minutes:?}");
        }
    }

    #[test]
    fn a_late_event_joins_two_sessions_into_one() {
        let mut s = sessions(&[0, 40]);
        assert_eq!(s.count(), 2);
        s.insert(Timestamp(20 * 60_000));
        assert_eq!(s, sessions(&[0, 20, 40]));
        assert_eq!(s.count(), 1);
    }

    #[test]
    fn old_sessions_are_counted_and_not_kept() {
        let minutes: Vec<i64> = (0..1_000).map(|i| i * 60).collect();
        let s = sessions(&minutes);
        assert_eq!((s.count(), s.ranges.len()), (1_000, RANGES_MAX));
    }
}
