//! What lies in objects' rows. Every document carries the schema version it was written under; readers accept all older ones
//! (`#[serde(default)]` on what came later), so a migration happens when a document is next written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::admin::Weights;
use crate::sync::HeldCoupon;

/// The schema this code writes.
pub const SCHEMA: u32 = 1;

/// The one state row of a device object. Short names: it is written with every sync.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeviceDoc {
    /// Schema version.
    pub schema: u32,
    /// Site key.
    pub site: String,
    /// Public id bound to this key.
    pub device: String,
    /// Grows with each erasure.
    #[serde(default)]
    pub generation: u32,
    /// Streams not yet finished, by id.
    #[serde(default)]
    pub streams: BTreeMap<String, StreamDoc>,
    /// Parts by epoch.
    #[serde(default)]
    pub parts: BTreeMap<u32, PartDoc>,
    /// Per epoch, the person it was sent to and how many events that state held.
    #[serde(default)]
    pub sent: BTreeMap<u32, u64>,
    /// Counters as reported so far.
    #[serde(default)]
    pub reported: Vec<CounterRow>,
    /// Conversions by campaign: how many, when last.
    #[serde(default)]
    pub conversions: BTreeMap<String, (u64, i64)>,
    /// Whether any exposure was ever recorded: goals matter only then.
    #[serde(default)]
    pub exposed: bool,
    /// Coupons given, each under the epoch it was claimed in.
    #[serde(default)]
    pub coupons: Vec<(u32, HeldCoupon)>,
    /// Streams last heard of up to here were forgotten to make room: from streams unknown since, older events are passed over.
    #[serde(default)]
    pub forgotten_until: i64,
    /// Names whose events the parts count by day, ascending. `None`: the parts were folded by code that knew of less; they are folded
    /// again out of the stored events.
    #[serde(default)]
    pub counted: Option<Vec<String>>,
    /// Number of the next outbox row.
    #[serde(default)]
    pub outbox_next: u64,
    /// Number of the next chunk of events.
    #[serde(default)]
    pub chunk_next: u64,
    /// Events that never arrived and were passed over.
    #[serde(default)]
    pub lost: u64,
    /// Events refused for their age.
    #[serde(default)]
    pub refused: u64,
    /// What servers reported lately, for open pages: number and event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub news: Vec<(u64, EventDoc)>,
    /// Number of the last of them.
    #[serde(default, skip_serializing_if = "is_none")]
    pub news_last: u64,
    /// The highest that any page was told: later pages begin from what it left behind.
    #[serde(default, skip_serializing_if = "is_none")]
    pub news_told: u64,
}

/// Where one stream stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StreamDoc {
    /// Everything below was applied or passed over.
    #[serde(rename = "n")]
    pub next: u64,
    /// Applied ranges above `next`: half-open, ascending.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub above: Vec<(u64, u64)>,
    /// When it was last heard of, Unix ms.
    #[serde(rename = "t", default)]
    pub heard: i64,
    /// Number of the last news its page was told.
    #[serde(rename = "w", default, skip_serializing_if = "is_none")]
    pub told: u64,
}

/// One event in a stored chunk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventDoc {
    /// Stream.
    #[serde(rename = "s")]
    pub stream: String,
    /// Number.
    pub n: u64,
    /// Epoch it was made under.
    #[serde(rename = "e", default, skip_serializing_if = "is_zero")]
    pub epoch: u32,
    /// Corrected time.
    #[serde(rename = "t")]
    pub at: i64,
    /// The device's own time, where it differs.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub device_at: Option<i64>,
    /// Name.
    #[serde(rename = "m")]
    pub name: String,
    /// Properties.
    #[serde(rename = "p", default, skip_serializing_if = "Json::is_null")]
    pub props: Json,
}

fn is_none(n: &u64) -> bool {
    *n == 0
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// One heading of counters with its numbers, in the order of `Counts::numbers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CounterRow {
    /// Hours since 1970.
    #[serde(rename = "h")]
    pub hour: i64,
    /// Campaign.
    #[serde(rename = "c")]
    pub campaign: String,
    /// Phase.
    #[serde(rename = "p")]
    pub phase: u32,
    /// Variant.
    #[serde(rename = "v")]
    pub variant: String,
    /// Whether this is the control arm.
    #[serde(rename = "k", default, skip_serializing_if = "std::ops::Not::not")]
    pub control: bool,
    /// Shown, visitors, impressions, closed, clicked, converted, value.
    #[serde(rename = "n")]
    pub numbers: [f64; 7],
}

/// A stamp: time, stream, number.
pub type StampDoc = (i64, String, u64);

/// A profile part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PartDoc {
    /// Events folded in.
    pub events: u64,
    /// First and last event.
    #[serde(default)]
    pub seen: Option<(i64, i64)>,
    /// Sessions only counted, and up to when.
    #[serde(default)]
    pub closed: (u64, Option<i64>),
    /// Sessions as ranges.
    #[serde(default)]
    pub ranges: Vec<(i64, i64)>,
    /// Orders by transaction id.
    #[serde(default)]
    pub orders: BTreeMap<String, (StampDoc, Option<f64>)>,
    /// Of orders whose value was said by another report than the first: which.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub worth: BTreeMap<String, StampDoc>,
    /// Refunds by transaction id.
    #[serde(default)]
    pub refunds: BTreeMap<String, (StampDoc, Option<f64>)>,
    /// Orders without id: digest (text, for it does not fit a JSON number), value, reports.
    #[serde(default)]
    pub unnamed: Vec<(String, f64, Vec<i64>)>,
    /// Traits.
    #[serde(default)]
    pub traits: BTreeMap<String, (StampDoc, Json)>,
    /// Person named.
    #[serde(default)]
    pub user: Option<(StampDoc, String)>,
    /// Per campaign: shown, closed, clicked and their last times.
    #[serde(default)]
    pub campaigns: BTreeMap<String, ([u64; 3], [Option<i64>; 3])>,
    /// The first arrival.
    #[serde(default)]
    pub first: Option<(StampDoc, TouchDoc)>,
    /// The latest that were not direct; `true` for those with campaign parameters.
    #[serde(default)]
    pub arrivals: Vec<(StampDoc, TouchDoc, bool)>,
    /// Items viewed, by category.
    #[serde(default)]
    pub views: Vec<(i64, String)>,
    /// Answers.
    #[serde(default)]
    pub answers: BTreeMap<String, (StampDoc, Json)>,
    /// Items put in the cart or taken out.
    #[serde(default)]
    pub cart: BTreeMap<String, (StampDoc, bool)>,
    /// When the cart was last emptied or named as a whole.
    #[serde(default)]
    pub cleared: Option<StampDoc>,
    /// Counts by name and day since 1970.
    #[serde(default)]
    pub days: BTreeMap<String, Vec<(i64, u64)>>,
}

/// An arrival: source, medium, campaign, term, content, referrer, landing.
pub type TouchDoc = [String; 7];

/// The settings row of a site object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SiteDoc {
    /// Schema version.
    pub schema: u32,
    /// Site key.
    pub site: String,
    /// For people.
    pub name: String,
    /// Exact origins, or `loopback`.
    pub origins: Vec<String>,
    /// `open`, `ask`, `cookieless` or `off`.
    pub consent: String,
    /// Live version, 0 for none.
    pub version: i64,
    /// Live program's hash, or empty.
    pub program: String,
    /// How many shards.
    pub shards: u32,
    /// Coupon pools that exist.
    #[serde(default)]
    pub pools: Vec<String>,
    /// How visitors are weighed.
    #[serde(default)]
    pub weights: Weights,
    /// Keys that hold now; a revoked one is gone.
    #[serde(default)]
    pub keys: Vec<KeyDoc>,
}

/// A key of a site as it is kept: what opens is only here as a digest under the deployment's secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct KeyDoc {
    /// What it is listed and revoked by; part of the key's text.
    pub id: String,
    /// For people.
    pub name: String,
    /// `server` or `write`.
    pub kind: String,
    /// What a server key may do.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// HMAC-SHA256 of the key's secret part, base64url.
    pub digest: String,
    /// When, Unix ms.
    pub at: i64,
    /// By whom.
    pub by: String,
}
