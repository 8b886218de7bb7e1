//! Which categories somebody is drawn to, by the rule Adobe publishes for Target ("Category affinity", section "Category affinity
//! algorithm", read 2026-11-22): ten points for the first category viewed, five for every later view; a category not on the list takes one
//! from each that is; a sixth drops the lowest; all are halved at the end of a session.
//!
//! The rule depends on the order of views, so the views themselves are kept and the rule is run over them when it is asked for.

use std::collections::VecDeque;

use noren_event::{Timestamp, Value};

use crate::session::SESSION_GAP;
use crate::touch::cut;

/// Views kept per part: of more, only the latest. A view 64 views ago would have come down to nothing after a few sessions. About 50 bytes
/// each, 3 KB.
pub const VIEWS_MAX: usize = 64;

/// Longest category kept, in bytes; longer ones are cut.
pub const CATEGORY_MAX_BYTES: usize = 64;

/// Categories that compete.
pub const CATEGORIES_MAX: usize = 5;

/// Session ends that matter: after 40 halvings nothing is left of any score.
const HALVINGS_MAX: usize = 40;

/// The latest views of items of a category.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Views {
    /// Ascending by time, then by category.
    pub latest: VecDeque<(Timestamp, Box<str>)>,
}

impl Views {
    /// Take note of a `view_item`: the `item_category` of its first item, or its own. Without one it says nothing.
    pub fn view_item(&mut self, props: &Value, at: Timestamp) {
        let named = props.path("items.0.item_category").or_else(|| props.get("item_category"));
        let Some(category) = named.and_then(Value::as_str).filter(|c| !c.is_empty()) else { return };
        let view = (at, cut(category, CATEGORY_MAX_BYTES));
        let place = self.latest.partition_point(|known| *known < view);
        self.latest.insert(place, view);
        if self.latest.len() > VIEWS_MAX {
            self.latest.pop_front();
        }
    }
}

/// The categories with a score above zero, highest first (of equals the one viewed last), after `views` and `sessions` (first and last
/// event), both ascending, as of `now`. Cost: views times sessions.
pub fn affinity(
    views: &[(Timestamp, &str)],
    sessions: &[(Timestamp, Timestamp)],
    now: Timestamp,
) -> Vec<(Box<str>, f64)> {
    // Ascending by last view.
    let mut scores: Vec<(&str, f64)> = Vec::new();
    let mut before: Option<Timestamp> = None;
    let halve = |scores: &mut Vec<(&str, f64)>, ends: usize| {
        let factor = 0.5_f64.powi(ends.min(HALVINGS_MAX) as i32);
        scores.iter_mut().for_each(|(_, score)| *score *= factor);
    };
    for &(at, category) in views {
        if let Some(before) = before {
            halve(&mut scores, sessions.iter().filter(|(first, _)| before < *first && *first <= at).count());
        }
        before = Some(at);
        let known = scores.iter().position(|(known, _)| *known == category).map(|place| scores.remove(place).1);
        let score = match known {
            Some(score) => score + 5.0,
            None => {
                let points = if scores.is_empty() { 10.0 } else { 5.0 };
                if scores.len() >= CATEGORIES_MAX
                    && let Some(lowest) =
                        (0..scores.len()).min_by(|a, b| score_at(&scores, *a).total_cmp(&score_at(&scores, *b)))
                {
                    scores.remove(lowest);
                }
                scores.iter_mut().for_each(|(_, score)| *score -= 1.0);
                points
            }
        };
        scores.push((category, score));
    }
    if let Some(before) = before {
        let later = sessions.iter().filter(|(first, _)| before < *first).count();
        let over = sessions.last().is_none_or(|(_, last)| now - *last >= SESSION_GAP);
        halve(&mut scores, later + usize::from(over));
    }
    scores.retain(|(_, score)| *score > 0.0);
    scores.reverse();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    scores.into_iter().map(|(category, score)| (category.into(), score)).collect()
}

fn score_at(scores: &[(&str, f64)], place: usize) -> f64 {
    scores.get(place).map_or(0.0, |(_, score)| *score)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(n: i64) -> Timestamp {
        Timestamp(n * 60_000)
    }

    /// Views at minutes, in sessions given by their minutes, as of a minute.
    fn run(views: &[(i64, &str)], sessions: &[(i64, i64)], now: i64) -> Vec<(String, f64)> {
        let views: Vec<_> = views.iter().map(|(at, c)| (minute(*at), *c)).collect();
        let sessions: Vec<_> = sessions.iter().map(|(a, b)| (minute(*a), minute(*b))).collect();
        affinity(&views, &sessions, minute(now)).into_iter().map(|(c, s)| (c.to_string(), s)).collect()
    }

    fn expected(list: &[(&str, f64)]) -> Vec<(String, f64)> {
        list.iter().map(|(c, s)| (c.to_string(), *s)).collect()
    }

    /// The example on the page the rule comes from.
    #[test]
    fn the_published_example() {
        let views = [(0, "mens-clothing"), (1, "accessories"), (2, "jewelry"), (3, "accessories")];
        let during = [("accessories", 9.0), ("mens-clothing", 8.0), ("jewelry", 5.0)];
        assert_eq!(run(&views, &[(0, 3)], 32), expected(&during));
        let after = [("accessories", 4.5), ("mens-clothing", 4.0), ("jewelry", 2.5)];
        assert_eq!(run(&views, &[(0, 3)], 33), expected(&after), "the session has ended");
        assert_eq!(run(&views, &[(0, 3), (60, 61)], 70), expected(&after), "once, and the next has not");
        let twice = [("accessories", 2.25), ("mens-clothing", 2.0), ("jewelry", 1.25)];
        assert_eq!(run(&views, &[(0, 3), (60, 61)], 91), expected(&twice));
    }

    #[test]
    fn a_sixth_category_drops_the_lowest() {
        let views = [(0, "a"), (1, "b"), (2, "c"), (3, "d"), (4, "e"), (5, "b"), (6, "f")];
        // a 10-4, b 5-3+5, c 5-2, d 5-1, e 5: c goes before f takes one from each.
        let scores = [("b", 6.0), ("a", 5.0), ("f", 5.0), ("e", 4.0), ("d", 3.0)];
        let mut got = run(&views, &[(0, 6)], 7);
        got.sort_by(|x, y| y.1.total_cmp(&x.1).then(x.0.cmp(&y.0)));
        assert_eq!(got, expected(&scores));
    }

    #[test]
    fn what_is_used_up_is_not_told() {
        // 5, halved to 2.5, and three new categories later below zero.
        let views = [(0, "z"), (1, "a"), (100, "b"), (101, "c"), (102, "d")];
        let names: Vec<String> = run(&views, &[(0, 1), (100, 102)], 103).into_iter().map(|(c, _)| c).collect();
        assert_eq!(names, ["d", "c", "b", "z"]);
    }

    #[test]
    fn only_items_with_a_category_count() {
        let mut views = Views::default();
        let item = |v: Value| Value::map([("items", Value::List(vec![Value::map([("item_category", v)])]))]);
        views.view_item(&item("tea".into()), minute(2));
        views.view_item(&Value::map([("item_category", "cup".into())]), minute(1));
        views.view_item(&item(5.0.into()), minute(1));
        views.view_item(&Value::Null, minute(1));
        assert_eq!(views.latest, [(minute(1), "cup".into()), (minute(2), "tea".into())]);
        for i in 0..100 {
            views.view_item(&item(format!("c{i}").as_str().into()), minute(i));
        }
        assert_eq!((views.latest.len(), views.latest[0].0), (VIEWS_MAX, minute(36)));
    }
}
