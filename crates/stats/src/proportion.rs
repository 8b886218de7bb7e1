//! What is counted, and what is answered.

/// `hits` of `of` visitors. Built only from counts that can be a share of a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proportion {
    hits: f64,
    of: f64,
}

impl Proportion {
    /// `None` where nobody was counted, where there are more hits than visitors (figures cut out of a span of time can be like that: the
    /// exposure lies before it, the conversion in it), or where a number is negative or not finite.
    pub fn new(hits: f64, of: f64) -> Option<Self> {
        let sound = hits.is_finite() && of.is_finite() && of > 0.0 && (0.0..=of).contains(&hits);
        sound.then_some(Self { hits, of })
    }

    /// How many reached the goal.
    pub fn hits(&self) -> f64 {
        self.hits
    }

    /// How many were counted; above zero.
    pub fn of(&self) -> f64 {
        self.of
    }

    /// The share, from 0 to 1.
    pub fn share(&self) -> f64 {
        self.hits / self.of
    }

    /// Variance of one visitor's outcome, `p (1 - p)`.
    pub(crate) fn variance(&self) -> f64 {
        self.share() * (1.0 - self.share())
    }

    /// Variance of the share itself.
    pub(crate) fn variance_of_share(&self) -> f64 {
        self.variance() / self.of
    }
}

/// How often an interval made this way holds the true value, strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %: what the console shows.
    pub const NINETY_FIVE: Self = Self(0.95);

    /// `None` outside of (0, 1).
    pub fn new(confidence: f64) -> Option<Self> {
        (confidence > 0.0 && confidence < 1.0).then_some(Self(confidence))
    }

    /// The probability below the upper end of a two-sided interval: 0.975 for 95 %.
    pub(crate) fn upper(self) -> f64 {
        0.5 + self.0 / 2.0
    }
}

/// A figure and the interval it is to be read with; `low <= value <= high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// What was counted.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}
