//! What the console and the command line ask, under `/noren/v1/admin/`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::bounds::{CAMPAIGNS_MAX, DOCUMENT_MAX_BYTES};
use crate::error::Problem;

/// `POST session`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SignIn {
    /// A development token or an owner's one-time token.
    pub token: String,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Session {
    /// Name for the audit.
    pub name: String,
    /// Sites this person may see.
    pub sites: Vec<String>,
    /// Shards of a site's live list: `live?shard=0` up to this, exclusive.
    pub shards: u32,
}

/// `GET sites/SITE`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SiteInfo {
    /// Site key.
    pub site: String,
    /// For people.
    pub name: String,
    /// Exact origins, or the word `loopback` for any port of this machine.
    pub origins: Vec<String>,
    /// `open`, `ask`, `cookieless` or `off`.
    pub consent: String,
    /// Live version; 0 before the first publish.
    pub version: i64,
    /// Live program's hash, or empty.
    pub program: String,
    /// How many shards.
    pub shards: u32,
    /// The edge's clock, Unix ms.
    pub now: i64,
    /// How visitors are weighed.
    pub weights: Weights,
}

/// How a site weighs its visitors; what is left out is the default of a shop that sells in yen. Lists ascend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Weights {
    /// Days since the last order up to which recency is 5, 4, 3, 2; beyond the last it is 1.
    pub recency_days: [f64; 4],
    /// Orders from which frequency is 2, 3, 4, 5; fewer are 1.
    pub frequency: [f64; 4],
    /// Order value from which money is 2, 3, 4, 5, in the shop's currency; less is 1.
    pub money: [f64; 4],
    /// Points an event gives, by its name; at most 16 names.
    pub points: BTreeMap<String, f64>,
    /// Days after which a point is worth half: 1 to 30.
    pub half_life_days: f64,
    /// Scores from which the band is 1, 2, 3...; below the first it is 0. At most 10.
    pub bands: Vec<f64>,
}

impl Default for Weights {
    fn default() -> Weights {
        let core = noren_profile::Weights::default();
        Weights {
            recency_days: core.recency_days,
            frequency: core.frequency,
            money: core.money,
            points: core.points.into_iter().map(|(name, points)| (name.into(), points)).collect(),
            half_life_days: core.half_life_days,
            bands: core.bands,
        }
    }
}

impl From<&Weights> for noren_profile::Weights {
    fn from(doc: &Weights) -> noren_profile::Weights {
        noren_profile::Weights {
            recency_days: doc.recency_days,
            frequency: doc.frequency,
            money: doc.money,
            points: doc.points.iter().map(|(name, points)| (name.as_str().into(), *points)).collect(),
            half_life_days: doc.half_life_days,
            bands: doc.bands.clone(),
        }
    }
}

/// `PUT sites/SITE`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SettleSite {
    /// For people.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub name: Option<String>,
    /// See [`SiteInfo::origins`].
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub origins: Option<Vec<String>>,
    /// See [`SiteInfo::consent`].
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub consent: Option<String>,
    /// See [`SiteInfo::weights`]; all of them at once.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub weights: Option<Weights>,
}

/// A text in the console's two languages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Both {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// A diagnostic: the same at lint, at push and in the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Finding {
    /// `error` or `warning`.
    pub level: String,
    /// Stable.
    pub code: String,
    /// The campaign's id, or its place in the list.
    pub campaign: String,
    /// JSON Pointer into the document.
    pub path: String,
    /// For people.
    pub message: Both,
    /// What would have been right; empty when there is nothing to say.
    pub expected: String,
}

/// A campaign as the console lists it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CampaignEntry {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// `live`, `paused` or as the document says.
    pub status: String,
    /// The rule as a sentence.
    pub sentence: Both,
    /// The document as written.
    #[cfg_attr(test, ts(type = "unknown"))]
    pub document: Json,
}

/// `GET sites/SITE/campaigns`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CampaignList {
    /// Live version.
    pub version: i64,
    /// Its campaigns.
    pub campaigns: Vec<CampaignEntry>,
}

/// `POST sites/SITE/check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckRequest {
    /// Documents.
    #[cfg_attr(test, ts(type = "unknown[]"))]
    pub campaigns: Vec<Json>,
}

/// Documents given from outside, as the texts that are checked and stored.
///
/// # Errors
/// `body_invalid` for too many or too long ones.
pub fn document_texts(documents: &[Json]) -> Result<Vec<String>, Problem> {
    if documents.len() > CAMPAIGNS_MAX {
        return Err(Problem::field("campaigns", "at most 1,000 campaigns a site"));
    }
    let texts: Vec<String> = documents.iter().map(|document| document.to_string()).collect();
    match texts.iter().position(|text| text.len() > DOCUMENT_MAX_BYTES) {
        Some(i) => Err(Problem::field(&format!("campaigns[{i}]"), "at most 128 KB a campaign")),
        None => Ok(texts),
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckAnswer {
    /// Errors and warnings.
    pub findings: Vec<Finding>,
    /// Each campaign's sentence, as far as it could be read.
    pub campaigns: Vec<CheckedCampaign>,
}

/// A campaign that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckedCampaign {
    /// Its id.
    pub id: String,
    /// The rule as a sentence.
    pub sentence: Both,
}

/// `PUT sites/SITE/campaigns`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PublishRequest {
    /// The version the writer started from: a different live one is a conflict.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub base: Option<i64>,
    /// Documents to add or replace by id.
    #[cfg_attr(test, ts(type = "unknown[]"))]
    pub campaigns: Vec<Json>,
    /// The list is the whole set.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub replace: bool,
    /// Why, for the list of versions.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub note: String,
}

/// What is live now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PublishAnswer {
    /// The new version.
    pub version: i64,
    /// Its program.
    pub program: String,
    /// Warnings.
    pub findings: Vec<Finding>,
}

/// `POST sites/SITE/rollback`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RollbackRequest {
    /// Whose documents to publish again.
    pub version: i64,
}

/// `GET sites/SITE/versions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct VersionList {
    /// Newest first.
    pub versions: Vec<VersionEntry>,
}

/// One published version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct VersionEntry {
    /// Counts up from 1.
    pub version: i64,
    /// When, Unix ms.
    pub at: i64,
    /// By whom.
    pub by: String,
    /// Why.
    pub note: String,
    /// Program hash.
    pub program: String,
    /// Ids of its campaigns.
    pub campaigns: Vec<String>,
}

/// `GET sites/SITE/numbers`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Numbers {
    /// One row per (campaign, phase, variant, arm).
    pub campaigns: Vec<NumbersRow>,
}

/// A figure with the interval it is to be read with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Estimate {
    /// What was counted.
    pub value: f64,
    /// Lower end, 95 %.
    pub low: f64,
    /// Upper end, 95 %.
    pub high: f64,
}

/// Counted totals of one arm, and how they may be read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NumbersRow {
    /// Campaign.
    pub id: String,
    /// Variant.
    pub variant: String,
    /// `treated` or `control`.
    pub arm: String,
    /// Phase: a change of variants, weights or audience opens a new one.
    pub phase: i64,
    /// Exposures.
    pub shown: f64,
    /// Visitors, each at the first exposure: what conversions are to be divided by.
    pub visitors: f64,
    /// Widgets painted.
    pub impressions: f64,
    /// Widgets closed.
    pub closed: f64,
    /// Widgets followed.
    pub clicked: f64,
    /// Visitors who reached the goal within its window.
    pub converted: f64,
    /// What that was worth.
    pub value: f64,
    /// Converted of visitors, 0 to 1, with the interval of Wilson; `null` where nobody was counted, or where a span of time holds
    /// conversions of visitors who were counted before it.
    #[serde(default)]
    pub rate: Option<Estimate>,
    /// Of a treated arm: its rate over the control's of the same phase, less one (0.1 is ten percent more), with the interval of the
    /// delta method; `null` where there is nothing to compare with.
    #[serde(default)]
    pub lift: Option<Estimate>,
}

/// A visitor on the site now.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct VisitorRow {
    /// Public id.
    pub device: String,
    /// Path of the page.
    pub page: String,
    /// Its title.
    pub title: String,
    /// Name of the last event.
    pub last_event: String,
    /// When that was, Unix ms.
    pub at: i64,
    /// Since when on the site, Unix ms.
    pub since: i64,
    /// Sessions.
    pub visits: u64,
    /// Orders.
    pub purchases: u64,
    /// Conversation id, when there is one; else empty.
    pub conversation: String,
}

/// Frames of the live list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum LiveFrame {
    /// Who is there, at the start.
    Snapshot {
        /// At most 500.
        visitors: Vec<VisitorRow>,
        /// How many there are in truth.
        count: u64,
    },
    /// Somebody came or did something.
    Visitor {
        /// The whole row.
        visitor: VisitorRow,
        /// How many there are.
        count: u64,
    },
    /// Somebody left.
    Gone {
        /// Who.
        device: String,
        /// How many there are.
        count: u64,
    },
    /// A conversation has news.
    Conversation {
        /// Its row.
        conversation: ConversationRow,
    },
}

/// `GET sites/SITE/conversations`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ConversationList {
    /// Newest first.
    pub conversations: Vec<ConversationRow>,
}

/// A conversation in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ConversationRow {
    /// Its id.
    pub id: String,
    /// The visitor's public id.
    pub device: String,
    /// What was said last.
    pub last: LastMessage,
    /// Messages of the visitor that no operator has read.
    pub unread: u64,
}

/// The end of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LastMessage {
    /// When, Unix ms.
    pub at: i64,
    /// `visitor`, `operator` or `system`.
    pub who: String,
    /// The first 200 characters.
    pub text: String,
}

/// `GET sites/SITE/audit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AuditList {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
}

/// Who did what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AuditEntry {
    /// When, Unix ms.
    pub at: i64,
    /// Who.
    pub by: String,
    /// `publish`, `rollback`, `delete`, `settle`, `pool`, `key_create`, `key_revoke`.
    pub action: String,
    /// Of what.
    pub what: String,
}
