//! A treated arm against its control.
//!
//! The spread of the estimate comes from the delta method, the quantile from Student's t with the degrees of freedom of Welch and
//! Satterthwaite. Both are for large counts: with a handful of conversions the interval is wide and only roughly right.

use crate::proportion::{Confidence, Estimate, Proportion};
use crate::quantile;

/// How much higher the treated rate is, as a share of the control's: 0.1 is ten percent more, -1 none left.
///
/// With rates `a` (control) and `b` (treated) the estimate is `(b - a) / a`, its variance by the delta method
/// `var(b) / a^2 + var(a) b^2 / a^4`.
///
/// `None` where there is nothing to divide by (no conversion in the control), where an arm has fewer than two visitors, and where no
/// variance can be estimated (nobody or everybody converted in the arms): an interval of no width would claim a certainty that is not there.
pub fn relative_lift(control: Proportion, treated: Proportion, confidence: Confidence) -> Option<Estimate> {
    let (a, b) = (control.share(), treated.share());
    if a <= 0.0 {
        return None;
    }
    let variance = treated.variance_of_share() / a.powi(2) + control.variance_of_share() * b.powi(2) / a.powi(4);
    around((b - a) / a, variance, control, treated, confidence)
}

/// How much higher the treated rate is, in points of the rate: 0.01 is one percentage point more.
///
/// `None` where an arm has fewer than two visitors or no variance can be estimated.
pub fn difference(control: Proportion, treated: Proportion, confidence: Confidence) -> Option<Estimate> {
    let variance = treated.variance_of_share() + control.variance_of_share();
    around(treated.share() - control.share(), variance, control, treated, confidence)
}

fn around(value: f64, variance: f64, a: Proportion, b: Proportion, confidence: Confidence) -> Option<Estimate> {
    let usable = variance > 0.0 && variance.is_finite() && a.of() >= 2.0 && b.of() >= 2.0;
    let freedom = usable.then(|| welch_satterthwaite(a, b))?;
    let half = variance.sqrt() * quantile::student(confidence.upper(), freedom)?;
    Some(Estimate { value, low: value - half, high: value + half })
}

fn welch_satterthwaite(a: Proportion, b: Proportion) -> f64 {
    let term = |arm: Proportion| arm.variance_of_share().powi(2) / (arm.of() - 1.0);
    (a.variance_of_share() + b.variance_of_share()).powi(2) / (term(a) + term(b))
}
