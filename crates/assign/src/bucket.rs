//! From a place to a variation.

use crate::{BucketRange, hash, in_range};

/// `n` equal shares; none for zero or less.
pub fn equal_weights(n: i32) -> Vec<f64> {
    if n <= 0 {
        return Vec::new();
    }
    vec![1.0 / f64::from(n); n as usize]
}

/// How far the sum of weights may be from 1: writers of thirds stop at some decimal.
const SUM_TOLERANCE: f64 = 0.01;

/// One range a variation. `coverage` (clamped to `[0, 1]`) narrows each range from its upper end, so that raising it later moves nobody from one
/// variation to another. Weights that are missing, of another count, or whose sum is not about 1 are taken as equal.
pub fn bucket_ranges(variations: i32, coverage: f64, weights: Option<&[f64]>) -> Vec<BucketRange> {
    let coverage = if coverage.is_nan() { 1.0 } else { coverage.clamp(0.0, 1.0) };
    let usable = |w: &&[f64]| {
        let sum: f64 = w.iter().sum();
        w.len() as i64 == i64::from(variations) && (1.0 - SUM_TOLERANCE..=1.0 + SUM_TOLERANCE).contains(&sum)
    };
    let weights = weights.filter(usable).map_or_else(|| equal_weights(variations), <[f64]>::to_vec);
    let mut from = 0.0;
    let mut ranges = Vec::with_capacity(weights.len());
    for weight in weights {
        ranges.push((from, from + coverage * weight));
        from += weight;
    }
    ranges
}

/// The first range that holds a place; `None` where none does.
pub fn choose_variation(place: f64, ranges: &[BucketRange]) -> Option<usize> {
    ranges.iter().position(|range| in_range(place, *range))
}

/// Whether a value's place in a namespace lies in a range: experiments with disjoint ranges of one namespace exclude each other.
pub fn in_namespace(value: &str, namespace: &str, range: BucketRange) -> bool {
    let mut seed = String::with_capacity(namespace.len() + 2);
    seed.push_str("__");
    seed.push_str(namespace);
    // Namespaces keep hash version 1 in the specification, whatever the experiment uses.
    hash(&seed, value, 1).is_some_and(|place| in_range(place, range))
}
