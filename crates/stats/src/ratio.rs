//! Whether visitors came to the arms as the weights intend.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// Pearson's chi-square of observed visitors against intended weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampleRatio {
    /// The statistic; infinite when an arm that nobody should reach was reached.
    pub chi_square: f64,
    /// How often chance alone would stray at least this far, 0 to 1. Below 0.001 look for a cause before reading any other figure.
    pub p_value: f64,
}

/// Compare the visitors of each arm with its weight. Arms are `(visitors, weight)`; weights need not add up to 1. Arms of weight 0 that
/// nobody reached are left out.
///
/// `None` with fewer than two arms that may be reached, without any visitor, or with a number that is negative or not finite.
pub fn sample_ratio(arms: &[(f64, f64)]) -> Option<SampleRatio> {
    if arms.iter().any(|(seen, weight)| !(seen.is_finite() && weight.is_finite() && *seen >= 0.0 && *weight >= 0.0)) {
        return None;
    }
    if arms.iter().any(|(seen, weight)| *weight == 0.0 && *seen > 0.0) {
        return Some(SampleRatio { chi_square: f64::INFINITY, p_value: 0.0 });
    }
    let visitors: f64 = arms.iter().map(|(seen, _)| seen).sum();
    let weights: f64 = arms.iter().map(|(_, weight)| weight).sum();
    let open = arms.iter().filter(|(_, weight)| *weight > 0.0);
    let freedom = open.clone().count().checked_sub(1).filter(|freedom| *freedom > 0 && visitors > 0.0)?;
    let chi_square: f64 = open
        .map(|(seen, weight)| {
            let expected = visitors * weight / weights;
            (seen - expected).powi(2) / expected
        })
        .sum();
    let distribution = ChiSquared::new(freedom as f64).ok()?;
    let p_value = distribution.sf(chi_square);
    (chi_square.is_finite() && p_value.is_finite()).then_some(SampleRatio { chi_square, p_value })
}
