//! A rate with its interval.

use crate::proportion::{Confidence, Estimate, Proportion};
use crate::quantile;

/// The score interval of Wilson (1927), without continuity correction: it holds at few visitors and at rates near 0 and 1, where the
/// textbook interval leaves the range or shrinks to nothing. No hits among n still has an upper end above zero.
pub fn wilson(rate: Proportion, confidence: Confidence) -> Estimate {
    let (p, n) = (rate.share(), rate.of());
    let z2 = quantile::normal(confidence.upper()).powi(2);
    let centre = (p + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = (z2 * (rate.variance_of_share() + z2 / (4.0 * n * n))).sqrt() / (1.0 + z2 / n);
    // Rounding may carry an end past the value or out of the range by the last bit.
    Estimate { value: p, low: (centre - half).clamp(0.0, p), high: (centre + half).clamp(p, 1.0) }
}
