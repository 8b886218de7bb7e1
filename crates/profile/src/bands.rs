//! What a site weighs visitors by: recency, frequency and money in bands, and a score that fades.

use noren_event::{Duration, Timestamp};

use crate::days::{Days, day_of};

/// How a site weighs its visitors. Lists ascend.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// Days since the last order up to which recency is 5, 4, 3, 2; beyond the last it is 1.
    pub recency_days: [f64; 4],
    /// Orders from which frequency is 2, 3, 4, 5; fewer are 1.
    pub frequency: [f64; 4],
    /// Order value from which money is 2, 3, 4, 5, in the shop's currency; less is 1.
    pub money: [f64; 4],
    /// Points an event gives, by its name.
    pub points: Vec<(Box<str>, f64)>,
    /// Days after which a point is worth half.
    pub half_life_days: f64,
    /// Scores from which the band is 1, 2, 3...; below the first it is 0.
    pub bands: Vec<f64>,
}

impl Default for Weights {
    /// For a shop that sells in yen, until the site says otherwise: weeks and months for recency, a first, second and third order, an
    /// order of 5,000 and its multiples; a purchase weighs as much as twenty views.
    fn default() -> Weights {
        let points = [("view_item", 1.0), ("add_to_cart", 5.0), ("begin_checkout", 8.0), ("purchase", 20.0)];
        Weights {
            recency_days: [7.0, 30.0, 90.0, 180.0],
            frequency: [2.0, 3.0, 5.0, 10.0],
            money: [5_000.0, 15_000.0, 50_000.0, 150_000.0],
            points: points.map(|(name, points)| (name.into(), points)).into(),
            half_life_days: 14.0,
            bands: vec![10.0, 30.0, 60.0],
        }
    }
}

/// Recency, frequency and money, each 1 (worst) to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Rfm {
    pub recency: u8,
    pub frequency: u8,
    pub money: u8,
}

/// Whole days that have passed; 0 for the future.
pub fn days_between(from: Timestamp, now: Timestamp) -> i64 {
    ((now - from).0 / Duration::days(1).0).max(0)
}

/// The bands of somebody who has ordered.
pub fn rfm(weights: &Weights, last: Timestamp, orders: u64, value: f64, now: Timestamp) -> Rfm {
    let days = days_between(last, now) as f64;
    Rfm {
        recency: 1 + weights.recency_days.iter().filter(|limit| days <= **limit).count() as u8,
        frequency: 1 + reached(&weights.frequency, orders as f64) as u8,
        money: 1 + reached(&weights.money, value) as u8,
    }
}

/// The score as of `now`, to the hundredth, and its band. An event of a UTC day `n` days ago is worth its points times
/// 2^(-n / half-life); older than 90 days it is worth nothing.
pub fn score(weights: &Weights, days: &Days, now: Timestamp) -> (f64, u64) {
    let today = day_of(now);
    let mut sum = 0.0;
    for (name, points) in &weights.points {
        for (day, count) in days.0.get(name).into_iter().flatten() {
            let age = (today - day).max(0);
            if age < 90 {
                sum += points * *count as f64 * (-(age as f64) / weights.half_life_days.max(0.1)).exp2();
            }
        }
    }
    let score = (sum * 100.0).round() / 100.0;
    let score = if score.is_finite() { score } else { 0.0 };
    (score, reached(&weights.bands, score) as u64)
}

fn reached(limits: &[f64], n: f64) -> usize {
    limits.iter().filter(|limit| n >= **limit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn bands_close_where_the_table_says() {
        let now = Timestamp(1_000 * DAY);
        for (days, orders, value, expected) in [
            (0, 1, 0.0, [5, 1, 1]),
            (7, 2, 4_999.0, [5, 2, 1]),
            (8, 3, 5_000.0, [4, 3, 2]),
            (30, 4, 15_000.0, [4, 3, 3]),
            (31, 5, 50_000.0, [3, 4, 4]),
            (91, 9, 149_999.0, [2, 4, 4]),
            (181, 10, 150_000.0, [1, 5, 5]),
            (-1, 10, -5.0, [5, 5, 1]),
        ] {
            let rfm = rfm(&Weights::default(), Timestamp(now.0 - days * DAY), orders, value, now);
            assert_eq!([rfm.recency, rfm.frequency, rfm.money], expected, "{days} days, {orders} orders, {value}");
        }
    }

    #[test]
    fn a_score_halves_with_its_half_life_and_crosses_its_bands() {
        let mut days = Days::default();
        days.count("purchase", Timestamp(100 * DAY));
        for _ in 0..10 {
            days.count("view_item", Timestamp(100 * DAY + 5));
        }
        days.count("unscored", Timestamp(100 * DAY));
        let of = |day: i64| score(&Weights::default(), &days, Timestamp(day * DAY + 77));
        assert_eq!(of(100), (30.0, 2));
        assert_eq!(of(101), (28.55, 1));
        assert_eq!(of(114), (15.0, 1));
        assert_eq!(of(128), (7.5, 0));
        assert_eq!(of(189).1, 0);
        assert_eq!(of(190), (0.0, 0));
    }

    #[test]
    fn days_are_whole_and_never_negative() {
        let day = Timestamp(DAY);
        assert_eq!([DAY, 2 * DAY - 1, 2 * DAY, 0].map(|now| days_between(day, Timestamp(now))), [0, 0, 1, 0]);
    }
}
