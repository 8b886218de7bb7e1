//! What counted figures may be read as: the interval of a rate, the lift of a treated arm over its control, and whether visitors came to
//! the arms in the intended ratio.
//!
//! Knows counts and nothing else: no campaigns, no time, no words. Everything gives `None` rather than a number that means nothing, and
//! nothing panics. Reading order: [`proportion`] (what is counted, what is answered), [`rate`], [`lift`], [`ratio`]; `quantile` keeps the
//! tables.

pub mod lift;
pub mod proportion;
mod quantile;
pub mod rate;
pub mod ratio;

pub use lift::{difference, relative_lift};
pub use proportion::{Confidence, Estimate, Proportion};
pub use rate::wilson;
pub use ratio::{SampleRatio, sample_ratio};
