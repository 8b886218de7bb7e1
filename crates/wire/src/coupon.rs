//! Coupons: what a page claims, what a shop's server redeems, what a pool promises.

use serde::{Deserialize, Serialize};

/// `POST /noren/v1/coupon`: hand this visitor the code of this campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CouponRequest {
    /// Protocol version.
    pub v: u32,
    /// Site key.
    pub site: String,
    /// Public id.
    pub device: String,
    /// Secret.
    pub key: String,
    /// Which campaign reveals it.
    pub campaign: String,
    /// From which pool.
    pub pool: String,
}

/// A code, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum CouponAnswer {
    /// The code is the visitor's.
    Held {
        /// Always true.
        ok: bool,
        /// The code.
        code: String,
        /// When it lapses, Unix ms.
        expires: i64,
        /// What it is worth.
        terms: Terms,
    },
    /// It could not be handed out.
    Refused {
        /// Always false.
        ok: bool,
        /// `pool_empty`, `pool_unknown` or `not_eligible`.
        code: String,
    },
}

impl CouponAnswer {
    /// A refusal with its code.
    pub fn refused(code: &str) -> CouponAnswer {
        CouponAnswer::Refused { ok: false, code: code.into() }
    }
}

/// What a coupon is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Terms {
    /// Smallest order it applies to, in `currency`.
    #[serde(default)]
    pub minimum: f64,
    /// `amount` (off the total) or `percent`.
    pub kind: String,
    /// How much of it.
    pub value: f64,
    /// ISO 4217.
    #[serde(default)]
    pub currency: String,
}

impl Terms {
    /// What comes off an order of `total`; never more than the total, never less than nothing. Percentages are rounded down to the
    /// whole unit: a shop never gives away more than it promised.
    pub fn discount(&self, total: f64) -> f64 {
        let off = if self.kind == "percent" { (total * self.value / 100.0).floor() } else { self.value };
        off.clamp(0.0, total.max(0.0))
    }
}

/// `POST sites/SITE/redeem`, server to server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RedeemRequest {
    /// The code a customer typed.
    pub code: String,
    /// The shop's order number: the same order again is answered as before.
    #[serde(default)]
    pub order: String,
    /// The order's total, in the pool's currency.
    #[serde(default)]
    pub total: f64,
}

/// Whether a code may be used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(untagged)]
pub enum RedeemAnswer {
    /// It may, on these terms.
    Good {
        /// Always true.
        ok: bool,
        /// What it is worth.
        terms: Terms,
    },
    /// It may not.
    Refused {
        /// Always false.
        ok: bool,
        /// `coupon_unknown`, `coupon_used`, `coupon_expired` or `minimum`.
        code: String,
    },
}

impl RedeemAnswer {
    /// A refusal with its code.
    pub fn refused(code: &str) -> RedeemAnswer {
        RedeemAnswer::Refused { ok: false, code: code.into() }
    }
}

/// `POST sites/SITE/pools/POOL`: create or fill.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PoolRequest {
    /// Codes to add; ones already there are left as they are.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Or make some.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub generate: Option<Generate>,
    /// What they are worth; needed at creation.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub terms: Option<Terms>,
    /// How long a visitor may use a code once it was shown: `7d`.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub expires_after: Option<String>,
}

/// Codes to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Generate {
    /// How many.
    pub count: u32,
    /// What each begins with.
    #[serde(default)]
    pub prefix: String,
}

/// A pool's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PoolAnswer {
    /// Codes nobody holds.
    pub stock: u64,
    /// Codes held and not yet redeemed.
    pub claimed: u64,
    /// Codes used in an order.
    pub redeemed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_discount_never_exceeds_the_order() {
        let amount = Terms { kind: "amount".into(), value: 500.0, ..Terms::default() };
        let percent = Terms { kind: "percent".into(), value: 15.0, ..Terms::default() };
        assert_eq!((amount.discount(3000.0), amount.discount(200.0), amount.discount(-5.0)), (500.0, 200.0, 0.0));
        assert_eq!((percent.discount(999.0), percent.discount(0.0)), (149.0, 0.0));
    }
}
