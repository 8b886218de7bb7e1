//! How often events happened, day by day: what long windows and the score are counted from.

use std::collections::BTreeMap;

use noren_event::{Duration, Timestamp};

/// Days kept, counted back from the newest: the longest window is 90 days, today's part of a day included.
pub const DAYS_KEPT: i64 = 91;

/// Names counted per part: those that live campaigns ask for by `visitor.counts.NAME`, and those that score. 32 names on 91 days of at most
/// 12 bytes each are 35 KB of a part.
pub const NAMES_MAX: usize = 32;

/// Windows told of: the day of the moment of asking and as many days before as make 7, 30 and 90. Days are UTC's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Windows {
    pub d7: u64,
    pub d30: u64,
    pub d90: u64,
}

/// Events by name and day since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days(pub BTreeMap<Box<str>, BTreeMap<i64, u64>>);

/// The day (UTC, since 1970) of a moment.
pub fn day_of(at: Timestamp) -> i64 {
    at.0.div_euclid(Duration::days(1).0)
}

impl Days {
    /// Count an event. What is more than [`DAYS_KEPT`] days older than the newest counted is not kept, in whatever order they come.
    pub fn count(&mut self, name: &str, at: Timestamp) {
        let day = day_of(at);
        let newest = self.newest();
        if newest.is_some_and(|newest| day <= newest - DAYS_KEPT) {
            return;
        }
        match self.0.get_mut(name) {
            Some(days) => *days.entry(day).or_default() += 1,
            None => {
                self.0.insert(name.into(), BTreeMap::from([(day, 1)]));
            }
        }
        if newest.is_some_and(|newest| day > newest) {
            self.0.values_mut().for_each(|days| *days = days.split_off(&(day - DAYS_KEPT + 1)));
            self.0.retain(|_, days| !days.is_empty());
        }
    }

    fn newest(&self) -> Option<i64> {
        self.0.values().filter_map(|days| days.keys().next_back().copied()).max()
    }

    /// Add another part's.
    pub fn unite(&mut self, other: &Days) {
        for (name, days) in &other.0 {
            let mine = self.0.entry(name.clone()).or_default();
            days.iter().for_each(|(day, count)| *mine.entry(*day).or_default() += count);
        }
    }

    /// Counts of an event as of `now`; an event from tomorrow counts as today's.
    pub fn windows(&self, name: &str, now: Timestamp) -> Windows {
        let today = day_of(now);
        let since = |days: i64| {
            let counted = self.0.get(name);
            counted.map_or(0, |by_day| by_day.range(today - days + 1..).map(|(_, count)| count).sum())
        };
        Windows { d7: since(7), d30: since(30), d90: since(90) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: i64) -> Timestamp {
        Timestamp(day * 86_400_000 + 5)
    }

    #[test]
    fn a_window_holds_today_and_the_days_before() {
        let mut days = Days::default();
        [100, 100, 94, 93, 71, 70, 11, 10, 101].iter().for_each(|day| days.count("e", on(*day)));
        assert_eq!(days.windows("e", on(100)), Windows { d7: 4, d30: 6, d90: 8 });
        assert_eq!(days.windows("other", on(100)), Windows::default());
    }

    #[test]
    fn old_days_go_whatever_the_order() {
        let days: Vec<i64> = (0..300).map(|i| i * 131 % 301).collect();
        let mut forward = Days::default();
        days.iter().for_each(|day| forward.count(if day % 3 == 0 { "a" } else { "b" }, on(*day)));
        let mut backward = Days::default();
        days.iter().rev().for_each(|day| backward.count(if day % 3 == 0 { "a" } else { "b" }, on(*day)));
        assert_eq!(forward, backward);
        let kept: usize = forward.0.values().map(BTreeMap::len).sum();
        assert_eq!(kept as i64, DAYS_KEPT);
    }
}
