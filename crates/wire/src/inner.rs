//! What objects and the Worker say to each other. Never seen outside.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::admin::{ConversationRow, VisitorRow, Weights};
use crate::coupon::{CouponAnswer, Terms};
use crate::stored::{CounterRow, PartDoc};
use crate::sync::SyncAnswer;

/// What the Worker hands a device object with a page's sync.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeviceSync<'a> {
    /// The edge's clock.
    pub now: i64,
    /// Live program's hash.
    pub program: String,
    /// The site's shard count.
    pub shards: u32,
    /// The live program's goals, packed (see `goals` in the edge room), base64; empty for none.
    pub goals: String,
    /// Names of events whose counts the live program asks for.
    #[serde(default)]
    pub counts: Vec<String>,
    /// How the site weighs visitors.
    #[serde(default)]
    pub weights: Weights,
    /// The body as the page sent it, already checked.
    #[serde(borrow)]
    pub body: &'a RawValue,
}

/// A device object's answer to a sync.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceSynced {
    /// For the page.
    pub answer: SyncAnswer,
    /// For the live list.
    pub presence: Presence,
}

/// Asks a shard to note which object a public id belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bind {
    /// Public id.
    pub device: String,
    /// Name of the object that asks.
    pub object: String,
}

/// Whether that object may use it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    /// It is the first, or the same as before.
    pub ok: bool,
}

/// News of one visitor for the live list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Presence {
    /// Public id.
    pub device: String,
    /// Edge time.
    pub at: i64,
    /// The tab went away.
    pub gone: bool,
    /// Path, when a page view was among the events.
    pub page: Option<String>,
    /// Title, likewise.
    pub title: Option<String>,
    /// Name of the last event, if any came.
    pub last_event: Option<String>,
    /// Sessions, where known.
    pub visits: Option<u64>,
    /// Orders, where known.
    pub purchases: Option<u64>,
}

/// One numbered outbox row on its way. The receiver applies it when `n` is higher than the highest it saw from `from`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Name of the sending object.
    pub from: String,
    /// Its number.
    pub n: u64,
    /// What is owed.
    pub owed: Owed,
}

/// Asks a person's object for facts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PersonAsk {
    /// The edge's clock.
    pub now: i64,
    /// How the site weighs visitors.
    pub weights: Weights,
    /// Names of events whose counts the live program asks for.
    pub counts: Vec<String>,
}

/// What one object owes another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Owed {
    /// To a shard: corrections of counters.
    Counters {
        /// Differences.
        rows: Vec<CounterRow>,
    },
    /// To a person: a device's part under an epoch, as it now is.
    Part {
        /// Public id.
        device: String,
        /// Epoch.
        epoch: u32,
        /// The whole part.
        part: Box<PartDoc>,
    },
    /// To a client's device: what others' clients and servers reported of it.
    Reports {
        /// Site.
        site: String,
        /// The device's public id.
        device: String,
        /// In the order they came.
        reports: Vec<ReportDoc>,
    },
    /// To a person: what servers reported of them, for the pages they may have open.
    News {
        /// Site.
        site: String,
        /// In the order they came.
        reports: Vec<ReportDoc>,
    },
    /// To a client's device or a person: a server says that they are this user.
    Alias {
        /// Site.
        site: String,
        /// The device's public id; empty for a person.
        #[serde(default)]
        device: String,
        /// The user id they were called by before, or a client's own id.
        previous: String,
        /// The user id.
        user: String,
        /// When, edge time.
        at: i64,
    },
    /// To a shard: how a conversation stands.
    Conversation {
        /// Its row in the list.
        row: ConversationRow,
    },
}

/// One event that a client of others reported, as it is handed on and kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportDoc {
    /// The client's message id, or one made here where there was none: each counts once.
    #[serde(rename = "i")]
    pub id: String,
    /// Corrected time.
    #[serde(rename = "t")]
    pub at: i64,
    /// The client's own time, where it differs.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub device_at: Option<i64>,
    /// Name, in GA4's words.
    #[serde(rename = "m")]
    pub name: String,
    /// Properties.
    #[serde(rename = "p", default, skip_serializing_if = "Json::is_null")]
    pub props: Json,
    /// Whom the client named with it.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whether a server key vouched for it.
    #[serde(rename = "s", default, skip_serializing_if = "std::ops::Not::not")]
    pub server: bool,
    /// Whether it is counted elsewhere and only told to this device.
    #[serde(rename = "o", default, skip_serializing_if = "std::ops::Not::not")]
    pub told: bool,
}

/// A batch on its way into an intake object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntakeBatch {
    /// The edge's clock.
    pub now: i64,
    /// Digest of its message ids, when each event has one: the same batch again is known by it.
    pub digest: Option<String>,
    /// What goes where, in order; each receiver once.
    pub groups: Vec<Group>,
}

/// What of a batch goes to one object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Where to.
    pub to: Destination,
    /// What.
    pub owed: Vec<Owed>,
}

/// Where an outbox row goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// `shard`, `person`, `client` (a device of others' clients, by its name), `device` (by its object's own id).
    pub kind: String,
    /// Site.
    pub site: String,
    /// Its id within the site.
    pub id: String,
}

/// Asks a device object whether a coupon may be claimed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeviceClaim {
    /// The edge's clock.
    pub now: i64,
    /// Site.
    pub site: String,
    /// Shard count.
    pub shards: u32,
    /// Public id.
    pub device: String,
    /// Campaign.
    pub campaign: String,
    /// Pool.
    pub pool: String,
}

/// Asks a pool for a visitor's code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolClaim {
    /// The edge's clock.
    pub now: i64,
    /// Public id.
    pub visitor: String,
    /// Campaign.
    pub campaign: String,
}

/// A pool's answer.
pub type PoolClaimed = CouponAnswer;

/// Fills a pool: codes already made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolFill {
    /// Codes to add.
    pub codes: Vec<String>,
    /// What they are worth.
    pub terms: Option<Terms>,
    /// How long a claimed code is held, in ms.
    pub expires_after_ms: Option<i64>,
}

/// Asks a pool about a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolRedeem {
    /// The edge's clock.
    pub now: i64,
    /// The code.
    pub code: String,
    /// The order, or empty to look only.
    pub order: String,
    /// The order's total, where known.
    pub total: Option<f64>,
}

/// Asks a device object who it is: chat opens only for the device's own key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Whoami {
    /// Public id claimed.
    pub device: String,
    /// Site.
    pub site: String,
    /// Shard count.
    pub shards: u32,
}

/// A visitor's row for the operator, with conversation.
pub type VisitorFacts = VisitorRow;
