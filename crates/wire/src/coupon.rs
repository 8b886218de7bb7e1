//! Coupons: what a page claims, what a shop's server redeems, what a pool promises.

use serde::{Deserialize, Serialize};

/// `POST /noren/v1/coupon`: hand this visitor the code of this campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
        /// `pool_empty`, `pool_closed`, `pool_unknown` or `not_eligible`.
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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

/// `POST sites/SITE/redeem` and `release`, server to server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RedeemRequest {
    /// The code a customer typed.
    pub code: String,
    /// The shop's order number: the same order again is answered as before.
    #[serde(default)]
    pub order: String,
    /// The order's total, in the pool's currency.
    #[serde(default)]
    pub total: f64,
    /// Its currency, ISO 4217; the pool's where left out.
    #[serde(default)]
    pub currency: String,
    /// Public id of the browser it is used in. A pool that is bound needs this or `user`.
    #[serde(default)]
    pub visitor: String,
    /// Or the site's own id of who uses it: any browser that was identified as them counts.
    #[serde(default)]
    pub user: String,
}

/// Whether a code may be used. A refusal stands first: it may carry terms too, and is told by its code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(untagged)]
pub enum RedeemAnswer {
    /// It may not.
    Refused {
        /// Always false.
        ok: bool,
        /// `coupon_unknown`, `coupon_used`, `coupon_expired`, `coupon_not_yours`, `visitor_needed`, `minimum`, `currency`, `key_reused`, and of
        /// a release `coupon_not_used` and `order_other`.
        code: String,
        /// When it was used, or lapsed; Unix ms.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        at: Option<i64>,
        /// The order it was used in.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        order: Option<String>,
        /// With `minimum` and `currency`: what the pool asks for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(test, ts(optional))]
        terms: Option<Terms>,
    },
    /// It may, on these terms. A release is answered so too.
    Good {
        /// Always true.
        ok: bool,
        /// What it is worth.
        terms: Terms,
    },
}

impl RedeemAnswer {
    /// A refusal with its code.
    pub fn refused(code: &str) -> RedeemAnswer {
        RedeemAnswer::Refused { ok: false, code: code.into(), at: None, order: None, terms: None }
    }
}

/// `POST sites/SITE/pools/POOL`: create, fill, settle. What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
    /// How long a visitor may use a code once it was shown: `7d`, which it is unless said.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub expires_after: Option<String>,
    /// When the whole pool is over, Unix ms: no code is handed out from then on and none holds for longer. 0 for never.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub until: Option<i64>,
    /// Whether a code may be used by who was given it only; otherwise by whoever types it.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub bound: Option<bool>,
    /// Whether no more codes are handed out. What was handed out stays good.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub closed: Option<bool>,
    /// The stock at which it is low, 0 to 1,000; 0 for never.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub low: Option<u64>,
    /// How fast codes may go.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub rate: Option<PoolRate>,
}

/// How many codes of a pool may go to whom; 0 for as many as there are. A code shown again is not counted again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default)]
pub struct PoolRate {
    /// To one browser in 24 hours.
    pub device: u32,
    /// To one person in 24 hours, over their browsers.
    pub person: u32,
    /// To one network (an IPv4 address, an IPv6 /64) in 24 hours.
    pub network: u32,
    /// To everybody together in a minute.
    pub minute: u32,
}

impl Default for PoolRate {
    /// A browser meets one or two campaigns of a pool a day. Behind one address of a mobile carrier there may be hundreds of people.
    fn default() -> PoolRate {
        PoolRate { device: 3, person: 3, network: 200, minute: 0 }
    }
}

/// Codes to make.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Generate {
    /// How many.
    pub count: u32,
    /// What each begins with; at most 24 characters.
    #[serde(default)]
    pub prefix: String,
    /// How many letters follow, 8 to 24; 8 unless said.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub length: Option<u32>,
}

/// A pool's state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PoolAnswer {
    /// Its name.
    pub pool: String,
    /// Codes nobody holds.
    pub stock: u64,
    /// Codes held and not yet redeemed.
    pub claimed: u64,
    /// Codes used in an order.
    pub redeemed: u64,
    /// Made codes that lapsed unused and were replaced by others: they open nothing any more.
    pub lapsed: u64,
    /// What a code is worth.
    pub terms: Terms,
    /// How long a code is held once it was shown, in ms.
    pub expires_after_ms: i64,
    /// When all is over, Unix ms; 0 for never.
    pub until: i64,
    /// Whether only who was given a code may use it.
    pub bound: bool,
    /// Whether no more codes are handed out.
    pub closed: bool,
    /// The stock at which it is low; 0 for never.
    pub low: u64,
    /// Whether the stock is that low now.
    pub is_low: bool,
    /// How fast codes may go.
    pub rate: PoolRate,
    /// Codes this request has added.
    pub added: u64,
    /// Lines of this request (`codes`, from 1) with a code that was there before, in the pool or on an earlier line; the first 1,000.
    pub duplicates: Vec<u64>,
}

/// `GET sites/SITE/pools`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PoolList {
    /// In the order they were created.
    pub pools: Vec<PoolAnswer>,
}

/// `GET sites/SITE/pools/POOL/codes?after=CODE`: a page of codes in their own order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PoolCodes {
    /// At most 5,000.
    pub codes: Vec<PoolCode>,
    /// Ask again with `after` this; empty where these were the last.
    pub next: String,
}

/// One code of a pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PoolCode {
    /// The code.
    pub code: String,
    /// `free`, `claimed`, `redeemed` or `lapsed`.
    pub state: String,
    /// Public id of the browser that was given it.
    pub visitor: String,
    /// The campaign that revealed it.
    pub campaign: String,
    /// When it was last given or used, Unix ms; 0 for never.
    pub at: i64,
    /// Until when it is held, Unix ms; 0 for a free one.
    pub expires: i64,
    /// The order it was used in.
    pub order: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_that_names_terms_is_read_as_one() {
        let terms = Terms { kind: "amount".into(), value: 5.0, minimum: 9.0, currency: "JPY".into() };
        for answer in [
            RedeemAnswer::Good { ok: true, terms: terms.clone() },
            RedeemAnswer::refused("coupon_unknown"),
            RedeemAnswer::Refused {
                ok: false,
                code: "minimum".into(),
                at: None,
                order: None,
                terms: Some(terms.clone()),
            },
        ] {
            let text = serde_json::to_string(&answer).unwrap();
            assert_eq!(serde_json::from_str::<RedeemAnswer>(&text).unwrap(), answer, "{text}");
        }
    }

    #[test]
    fn a_discount_never_exceeds_the_order() {
        let amount = Terms { kind: "amount".into(), value: 500.0, ..Terms::default() };
        let percent = Terms { kind: "percent".into(), value: 15.0, ..Terms::default() };
        assert_eq!((amount.discount(3000.0), amount.discount(200.0), amount.discount(-5.0)), (500.0, 200.0, 0.0));
        assert_eq!((percent.discount(999.0), percent.discount(0.0)), (149.0, 0.0));
    }
}
