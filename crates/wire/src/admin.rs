//! What the console and the command line ask, under `/noren/v1/admin/`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::bounds::{CAMPAIGNS_MAX, DOCUMENT_MAX_BYTES, SITE_DOCUMENT_MAX_BYTES};
use crate::chat::ChatMessage;
use crate::error::Problem;
use crate::privacy::SensitiveTrait;
use crate::stored::{AnswerDoc, Keep};
use crate::sync::{Facts, HeldCoupon};

/// `POST session`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SignIn {
    /// A development token or an owner's one-time token.
    pub token: String,
}

/// Who is signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
    /// When the live program will be compiled again by itself, Unix ms; null where no campaign has hours or calendars.
    pub renews_at: Option<i64>,
    /// When totals are next compared with the campaigns' `stop`, Unix ms; null where no running campaign stops at a total.
    pub totals_at: Option<i64>,
    /// What is asked of an `identify`: `off`, `optional` or `mandatory`.
    pub proof: String,
    /// How long what is kept.
    pub keep: Keep,
    /// What becomes of browsers that send `Sec-GPC` or `DNT`: `ignore`, `cookieless` or `off`.
    pub signals: String,
    /// Names of traits that are kept apart, told to no page, rule or list, and read only with a right; ascending.
    pub sensitive: Vec<String>,
}

/// How a site weighs its visitors; what is left out is the default of a shop that sells in yen. Lists ascend.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
    /// See [`SiteInfo::proof`].
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub proof: Option<String>,
    /// See [`SiteInfo::keep`]; both of it at once.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub keep: Option<Keep>,
    /// See [`SiteInfo::signals`].
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub signals: Option<String>,
    /// See [`SiteInfo::sensitive`]; all of them at once, at most 50 of 1 to 100 characters.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub sensitive: Option<Vec<String>>,
}

/// `POST sites/SITE/proof`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ProofRequest {
    /// Make another secret first. The one before is taken until the next renewal.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub renew: bool,
}

/// The secret that the site's server signs proofs of identity with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ProofSecret {
    /// 43 characters; used as they stand.
    pub secret: String,
    /// Counts the renewals.
    pub serial: u32,
}

/// `GET sites/SITE/persons/USER`: a person as the union of their devices.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PersonInfo {
    /// Who this person is instead, by the word of a server: what names this one is of that one. Null for most.
    pub alias: Option<PersonAlias>,
    /// The site's own id.
    pub user: String,
    /// Folded over all parts.
    pub facts: Facts,
    /// The parts, those taken out included.
    pub parts: Vec<PersonPart>,
    /// What became of parts, newest first.
    pub log: Vec<MergeEntry>,
    /// Campaigns of which different devices met different variants.
    pub mixed: Vec<String>,
    /// Devices that were refused because too many claim this id.
    pub refused: u64,
}

/// One part of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PersonPart {
    /// The device's public id.
    pub device: String,
    /// Counts logouts on it.
    pub epoch: u32,
    /// Events folded in.
    pub events: u64,
    /// Whether the site's server has signed for it.
    pub proven: bool,
    /// Whether it was taken out again.
    pub parted: bool,
    /// When it was last heard of, Unix ms.
    pub at: i64,
}

/// An entry of a person's merge log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct MergeEntry {
    /// When, Unix ms.
    pub at: i64,
    /// `join`, `leave` (it named somebody else after all), `undo`, `refuse`, `expire`.
    pub action: String,
    /// The device's public id.
    pub device: String,
    /// Its epoch.
    pub epoch: u32,
    /// Who did it, where somebody did.
    pub by: String,
}

/// `POST sites/SITE/persons/USER/undo`: take a part out again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct UndoRequest {
    /// The device's public id.
    pub device: String,
    /// Its epoch.
    pub epoch: u32,
}

/// `POST sites/SITE/persons/USER/erase` and `POST sites/SITE/devices/DEVICE/erase`: the receipt. Ask again to see that nothing is pending.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Receipt {
    /// What was erased, by the digest it is audited under.
    pub of: String,
    /// Grows with each erasure: all that is left of it.
    pub generation: u32,
    /// When, Unix ms.
    pub at: i64,
    /// Devices whose memory of it goes, their browsers' with their next visit.
    pub devices: u64,
    /// Objects that have not been reached yet.
    pub pending: u64,
    /// What stays, and why.
    pub stays: Vec<Both>,
}

/// `GET sites/SITE/persons/USER/export`: all that is stored of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PersonExport {
    /// When, Unix ms.
    pub at: i64,
    /// As it is looked at.
    pub person: PersonInfo,
    /// Each part's source.
    pub sources: Vec<SourceExport>,
}

/// Who a person is instead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PersonAlias {
    /// The site's own id of the other.
    pub user: String,
    /// When that was said, Unix ms.
    pub at: i64,
}

/// What one device has of a person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SourceExport {
    /// The device's public id.
    pub device: String,
    /// Its epoch.
    pub epoch: u32,
    /// Its events, in the order they came.
    pub events: Vec<ExportedEvent>,
    /// Coupons it was given.
    pub coupons: Vec<HeldCoupon>,
    /// What was said in its conversation.
    pub messages: Vec<ChatMessage>,
    /// What its visitor answered when asked for consent.
    pub answers: Vec<AnswerDoc>,
    /// Traits that the site names as sensitive.
    pub sensitive: Vec<SensitiveTrait>,
}

/// `POST sites/SITE/recount`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RecountRequest {
    /// Begin anew, whatever is under way.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub restart: bool,
    /// When all was counted: set the totals to what was counted.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<bool>"))]
    pub mend: bool,
}

/// How far a recount has come, and what it found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RecountAnswer {
    /// Objects counted so far.
    pub objects: u64,
    /// Objects in the register.
    pub of: u64,
    /// All were counted. Until then ask again.
    pub done: bool,
    /// Where the totals differ from what was counted, and by how much more they say: by hour, the first 200.
    pub differs: Vec<DifferenceRow>,
    /// Headings that were set right.
    pub mended: u64,
}

/// One heading whose total differs from what a recount says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct DifferenceRow {
    /// The hour's first instant, Unix ms.
    pub at: i64,
    /// Campaign.
    pub id: String,
    /// Phase.
    pub phase: u32,
    /// Variant; empty in control.
    pub variant: String,
    /// `treated`, `control` or `mixed`.
    pub arm: String,
    /// How much more the totals say: shown, visitors, impressions, closed, clicked, converted, value.
    pub by: [f64; 7],
}

/// One stored event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ExportedEvent {
    /// Corrected time, Unix ms.
    pub at: i64,
    /// Name.
    pub name: String,
    /// Properties.
    #[cfg_attr(test, ts(type = "unknown"))]
    pub props: Json,
}

/// `GET sites/SITE/findings`: what the site's people should look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct FindingList {
    /// Newest first.
    pub findings: Vec<FindingRow>,
}

/// Something the edge noticed by itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct FindingRow {
    /// When first, Unix ms.
    pub at: i64,
    /// `user_id_crowded`: too many devices claim one user id.
    pub code: String,
    /// Of what: the user id.
    pub what: String,
    /// For people.
    pub message: Both,
}

/// A text in the console's two languages.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Both {
    /// English.
    pub en: String,
    /// Japanese.
    pub ja: String,
}

/// A diagnostic: the same at lint, at push and in the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
    /// That it is over, by its own `stop`, although its document says `live`.
    pub stopped: Option<Stopped>,
}

/// What ended a campaign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Stopped {
    /// Since when, Unix ms.
    pub at: i64,
    /// `shows`, `conversions` or `date`.
    pub why: String,
    /// The number it stops at; null for a date.
    pub limit: Option<u64>,
    /// The total that was counted when it was stopped; null for a date.
    pub total: Option<u64>,
}

/// `GET sites/SITE/campaigns`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CampaignList {
    /// Live version.
    pub version: i64,
    /// The site's document, under which they were published; `{}` where it says nothing.
    #[cfg_attr(test, ts(type = "unknown"))]
    pub site: Json,
    /// Its campaigns.
    pub campaigns: Vec<CampaignEntry>,
}

/// `GET sites/SITE/document`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SiteDocument {
    /// Live version.
    pub version: i64,
    /// What the site says for all of its campaigns; `{}` where it says nothing.
    #[cfg_attr(test, ts(type = "unknown"))]
    pub document: Json,
}

/// `PUT sites/SITE/document`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SettleDocument {
    /// See [`PublishRequest::base`].
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub base: Option<i64>,
    /// The whole document.
    #[cfg_attr(test, ts(type = "unknown"))]
    pub document: Json,
    /// Why, for the list of versions.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub note: String,
}

/// `POST sites/SITE/check`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CheckRequest {
    /// Documents.
    #[cfg_attr(test, ts(type = "unknown[]"))]
    pub campaigns: Vec<Json>,
    /// The site's document to check them under. Left out: at the edge the live one, in the editor one that says nothing.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, type = "unknown"))]
    pub site: Option<Json>,
}

/// A site's document given from outside, as the text that is checked and stored. One that says nothing is the empty text.
///
/// # Errors
/// `body_invalid` at `path` for a too long one.
pub fn site_text(document: &Json, path: &str) -> Result<String, Problem> {
    if document.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(String::new());
    }
    let text = document.to_string();
    if text.len() > SITE_DOCUMENT_MAX_BYTES { Err(Problem::field(path, "at most 640 KB")) } else { Ok(text) }
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CheckAnswer {
    /// Errors and warnings.
    pub findings: Vec<Finding>,
    /// Each campaign's sentence, as far as it could be read.
    pub campaigns: Vec<CheckedCampaign>,
}

/// A campaign that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CheckedCampaign {
    /// Its id.
    pub id: String,
    /// The rule as a sentence.
    pub sentence: Both,
}

/// `PUT sites/SITE/campaigns`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
    /// The site's document, to be published with them; left out, it stays as it is.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, type = "unknown"))]
    pub site: Option<Json>,
    /// Why, for the list of versions.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<String>"))]
    pub note: String,
}

/// What is live now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct RollbackRequest {
    /// Whose documents to publish again.
    pub version: i64,
}

/// `GET sites/SITE/versions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct VersionList {
    /// Newest first.
    pub versions: Vec<VersionEntry>,
}

/// One published version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Numbers {
    /// One row per (campaign, phase, variant, arm).
    pub campaigns: Vec<NumbersRow>,
    /// Orders of visitors of whom nothing is kept (`cookieless`), each once by its transaction id. They are in nobody's profile and in no
    /// campaign's conversions.
    pub unkept: Orders,
}

/// Orders that were counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Orders {
    /// How many.
    pub orders: f64,
    /// Their value less refunds, in the shop's currency.
    pub value: f64,
}

/// A figure with the interval it is to be read with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct NumbersRow {
    /// Campaign.
    pub id: String,
    /// Variant.
    pub variant: String,
    /// `treated`, `control`, or `mixed`: people whose devices met different variants, compared with nobody.
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ConversationList {
    /// Newest first.
    pub conversations: Vec<ConversationRow>,
}

/// A conversation in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
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
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AuditList {
    /// Newest first.
    pub entries: Vec<AuditEntry>,
}

/// Who did what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AuditEntry {
    /// When, Unix ms.
    pub at: i64,
    /// Who.
    pub by: String,
    /// `publish`, `rollback`, `delete`, `document`, `settle`, `pool`, `proof`, `undo`, `export`, `erase`, `key_create`, `key_revoke`; by the edge itself: `stop`, `renew`.
    pub action: String,
    /// Of what.
    pub what: String,
}
