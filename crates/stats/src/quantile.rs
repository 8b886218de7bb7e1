//! Quantiles, from a library's tables where they are good.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

/// From here on the expansion below is as close to Student's t as a root found in floating point: both are off by about 1e-8.
const MANY: f64 = 1e3;

/// The standard normal's quantile for a probability within (0, 1).
pub fn normal(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

/// Student's t quantile for a probability within (0, 1); `None` for degrees of freedom that are not above zero.
pub fn student(probability: f64, freedom: f64) -> Option<f64> {
    if freedom >= MANY {
        // Cornish-Fisher, two terms.
        let z = normal(probability);
        let (z3, z5) = (z.powi(3), z.powi(5));
        let first = (z3 + z) / 4.0;
        let second = (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0;
        return Some(z + first / freedom + second / (freedom * freedom));
    }
    StudentsT::new(0.0, 1.0, freedom).ok().map(|t| t.inverse_cdf(probability)).filter(|q| q.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_expansion_meet() {
        for probability in [0.9, 0.95, 0.975, 0.995] {
            let below = student(probability, MANY - 1e-3).unwrap();
            let above = student(probability, MANY + 1e-3).unwrap();
            assert!((below - above).abs() < 1e-7, "{probability}: {below} {above}");
        }
    }

    #[test]
    fn printed_tables_agree() {
        // Two-sided 95 % of Student's t, to the three digits that textbooks print.
        for (freedom, expected) in [(1.0, 12.706), (2.0, 4.303), (5.0, 2.571), (30.0, 2.042), (120.0, 1.980)] {
            let got = student(0.975, freedom).unwrap();
            assert!((got - expected).abs() < 6e-4, "{freedom}: {got}");
        }
        assert!((normal(0.975) - 1.959963984540054).abs() < 1e-9);
        assert_eq!(student(0.975, 0.0), None);
        assert_eq!(student(0.975, f64::NAN), None);
    }
}
