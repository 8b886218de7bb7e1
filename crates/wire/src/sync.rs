//! What a page sends and what comes back: `POST /noren/v1/sync`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;

/// A device's unsent events, by stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SyncRequest {
    /// Protocol version.
    pub v: u32,
    /// Site key.
    pub site: String,
    /// The device's public id: 22 base64url characters.
    pub device: String,
    /// The device's secret: 43 base64url characters.
    pub key: String,
    /// What the page goes by: the mode of consent (`open`, `ask` or `cookieless`; empty where only an answer is known) and the visitor's answer
    /// (`granted`, `denied` or categories with commas). An older agent says nothing.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<(String, Option<String>)>"))]
    pub consent: Option<(String, Option<String>)>,
    /// Counts logouts on this device; events belong to the epoch they were made under.
    #[serde(default)]
    pub epoch: u32,
    /// The generation the device last heard of; an erased device is told to start over.
    #[serde(default)]
    pub generation: u32,
    /// The device's clock when this was sent, Unix ms.
    #[serde(deserialize_with = "whole_ms")]
    #[cfg_attr(test, schemars(with = "f64"))]
    pub sent_at: i64,
    /// Hash of the program the agent runs, or empty.
    #[serde(default)]
    pub program: String,
    /// Whether facts are wanted in the answer.
    #[serde(default)]
    pub facts: bool,
    /// The key was minted on this page and nothing but `page_view` has happened.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub fresh: bool,
    /// Sent by tag.js before the agent was there.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub raw: bool,
    /// The tab is going away: the visitor leaves the live list.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub hidden: bool,
    /// One entry a page load that has something to say.
    pub streams: Vec<StreamBatch>,
}

/// Events of one page load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct StreamBatch {
    /// Random id made at page load: 22 base64url characters.
    pub id: String,
    /// The lowest number the device still holds; lower ones that never arrived are lost.
    #[serde(default)]
    pub from: u64,
    /// No more will come.
    #[serde(default)]
    pub done: bool,
    /// In any order.
    #[serde(default)]
    pub events: Vec<WireEvent>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct WireEvent {
    /// Its number within the stream, from 0.
    pub n: u64,
    /// The device's clock when it happened, Unix ms.
    #[serde(deserialize_with = "whole_ms")]
    #[cfg_attr(test, schemars(with = "f64"))]
    pub at: i64,
    /// GA4's name, a signal's, a record's, or a free one.
    pub name: String,
    /// Properties: an object, or left out.
    #[serde(default, skip_serializing_if = "Json::is_null")]
    #[cfg_attr(test, ts(type = "Record<string, unknown>", optional))]
    pub props: Json,
}

/// The edge's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SyncAnswer {
    /// Protocol version.
    pub v: u32,
    /// The edge's clock, Unix ms.
    pub now: i64,
    /// Hash of the live program; empty when nothing was ever published.
    pub program: String,
    /// The device's generation.
    pub generation: u32,
    /// Drop queue, key and snapshot.
    pub reset: bool,
    /// Per stream, what may be forgotten.
    pub acks: Vec<Ack>,
    /// What is known of the visitor, when asked for, and whenever there is news.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub facts: Option<Facts>,
    /// Public id, key and first epoch of the device that this browser is by the site's own cookie, where its storage said otherwise: from now on
    /// it is that device. Said to pages of the site's own origins only, with their own cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional, type = "[string, string, number]"))]
    pub identity: Option<(String, String, u32)>,
    /// What a server reported of this visitor meanwhile, once to each open page: name, properties and corrected time of each event. Rules
    /// see them as events of now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, type = "Array<[string, Record<string, unknown>, number]>"))]
    pub news: Vec<(String, Json, i64)>,
}

/// One stream's watermark.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Ack {
    /// The stream.
    pub id: String,
    /// The first number not yet applied: everything below may be forgotten.
    pub next: u64,
}

/// Long-range facts, folded at the edge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Facts {
    /// Sessions, this one included once it has an event.
    pub visits: u64,
    /// Orders, each counted once.
    pub purchases: u64,
    /// Sum of orders less refunds, in the shop's currency.
    pub lifetime_value: f64,
    /// First event, Unix ms.
    pub first_seen: Option<i64>,
    /// Last event, Unix ms.
    pub last_seen: Option<i64>,
    /// Last order, Unix ms.
    pub last_purchase: Option<i64>,
    /// Coupons held and not yet expired.
    pub coupons: Vec<HeldCoupon>,
    /// Segments the visitor is in.
    pub segments: Vec<String>,
    /// What `identify` said.
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    pub traits: serde_json::Map<String, Json>,
    /// Per campaign, what was spent.
    pub caps: BTreeMap<String, Caps>,
    /// Watermark of each stream the facts include.
    pub marks: BTreeMap<String, u64>,
    /// Up to when the asking device's own events are in them, by its own corrected clock; none where no device asked.
    #[serde(default)]
    pub counted_until: Option<i64>,
    /// Whole days since the first event, as of this answer.
    #[serde(default)]
    pub days_since_first_visit: Option<i64>,
    /// Whole days since the last order, as of this answer.
    #[serde(default)]
    pub days_since_last_purchase: Option<i64>,
    /// The first arrival, direct or not.
    #[serde(default)]
    pub first_touch: Option<Touch>,
    /// The last arrival that was not direct; the first without any.
    #[serde(default)]
    pub last_touch: Option<Touch>,
    /// Recency, frequency and money in bands; none before the first order.
    #[serde(default)]
    pub rfm: Option<Rfm>,
    /// Categories the visitor is drawn to, the strongest first, at most five.
    #[serde(default)]
    pub affinity: Vec<String>,
    /// Their scores, to the hundredth.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "Record<string, number>"))]
    pub affinity_scores: serde_json::Map<String, Json>,
    /// Points for what the visitor did, faded to the moment of this answer; to the hundredth.
    #[serde(default)]
    pub score: f64,
    /// How many of the site's bands the score has reached.
    #[serde(default)]
    pub score_band: u64,
    /// Ids of the items in the cart, the one put in first first.
    #[serde(default)]
    pub cart_items: Vec<String>,
    /// Last answer to each question.
    #[serde(default)]
    #[cfg_attr(test, ts(type = "Record<string, unknown>"))]
    pub answers: serde_json::Map<String, Json>,
    /// How often what live campaigns ask for has happened.
    #[serde(default)]
    pub counts: BTreeMap<String, Windows>,
    /// Where the request came from; never stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub geo: Option<Geo>,
}

/// One arrival on the site. What was not said is null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Touch {
    /// `utm_source`; else the referring host, the search engine's name, or `(direct)`.
    pub source: Option<String>,
    /// `utm_medium`; else `organic`, `referral` or `(none)`.
    pub medium: Option<String>,
    /// `utm_campaign`.
    pub campaign: Option<String>,
    /// `utm_term`.
    pub term: Option<String>,
    /// `utm_content`.
    pub content: Option<String>,
    /// Address of the referring page of another site, without its query.
    pub referrer: Option<String>,
    /// Path of the page that was reached.
    pub landing: Option<String>,
}

/// Recency, frequency and money, each 1 (worst) to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Rfm {
    /// Since the last order.
    pub recency: u8,
    /// Orders.
    pub frequency: u8,
    /// Their value.
    pub money: u8,
}

/// Counts over long windows: today (UTC) and the days before that make up 7, 30 and 90.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[allow(missing_docs)]
pub struct Windows {
    pub d7: u64,
    pub d30: u64,
    pub d90: u64,
}

/// Where a request came from, as the edge's network knows it. What it does not know is null.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Geo {
    /// Two letters (ISO 3166-1), for example `JP`.
    pub country: Option<String>,
    /// Name of the region, for example `Tokyo`.
    pub region: Option<String>,
    /// Name of the city.
    pub city: Option<String>,
    /// IANA name, for example `Asia/Tokyo`.
    pub timezone: Option<String>,
    /// Who runs the network the request came from: an employer, a school, a telephone company.
    pub organization: Option<String>,
}

/// A coupon this visitor was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct HeldCoupon {
    /// By which campaign.
    pub campaign: String,
    /// The code.
    pub code: String,
    /// When it lapses, Unix ms.
    pub expires: i64,
}

/// What one campaign has spent on one visitor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Caps {
    /// Exposures, control included: both arms spend alike.
    pub shown: u64,
    /// Closings.
    pub closed: u64,
    /// Clicks.
    pub clicked: u64,
    /// Conversions.
    pub converted: u64,
    /// Last exposure, Unix ms.
    pub last_shown: Option<i64>,
    /// Last closing, Unix ms.
    pub last_closed: Option<i64>,
    /// Last click, Unix ms.
    pub last_clicked: Option<i64>,
    /// Last conversion, Unix ms.
    pub last_converted: Option<i64>,
}

/// What `GET /noren/v1/site` says: enough to know whether to fetch a new program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SiteAnswer {
    /// Protocol version.
    pub v: u32,
    /// Site key.
    pub site: String,
    /// Hash of the live program, or empty.
    pub program: String,
    /// `open`, `ask`, `cookieless` or `off`.
    pub consent: String,
    /// The edge's clock, Unix ms.
    pub now: i64,
    /// The edge stands at an address of the site's own, as this browser sees it: a cookie may go with a sync.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cookie: bool,
}

/// Times from browsers may carry fractions (`performance.now()`); the whole millisecond is kept.
fn whole_ms<'de, D: Deserializer<'de>>(deserializer: D) -> Result<i64, D::Error> {
    let n = f64::deserialize(deserializer)?;
    // 2^53: beyond it a double no longer tells one millisecond from the next.
    if n.is_finite() && n.abs() <= 9_007_199_254_740_992.0 {
        Ok(n.floor() as i64)
    } else {
        Err(serde::de::Error::custom("expected Unix milliseconds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_left_out_is_left_out() {
        let body = r#"{"v":1,"site":"s","device":"d","key":"k","sent_at":12.7,"streams":[{"id":"x"}]}"#;
        let request: SyncRequest = serde_json::from_str(body).unwrap();
        assert_eq!((request.sent_at, request.epoch, request.facts, request.fresh), (12, 0, false, false));
        assert_eq!(request.streams[0], StreamBatch { id: "x".into(), from: 0, done: false, events: vec![] });
    }

    #[test]
    fn an_agent_newer_than_this_edge_is_understood() {
        let body = r#"{"v":1,"site":"s","device":"d","key":"k","sent_at":1,"streams":[],"shoe_size":43}"#;
        assert!(serde_json::from_str::<SyncRequest>(body).is_ok());
    }

    #[test]
    fn numbers_are_not_negative_and_times_are_finite() {
        for (at, n) in [("1", "-1"), ("1", "1.5"), ("1e300", "1"), ("\"now\"", "1")] {
            let body = format!(r#"{{"n":{n},"at":{at},"name":"a"}}"#);
            assert!(serde_json::from_str::<WireEvent>(&body).is_err(), "{body}");
        }
    }
}
