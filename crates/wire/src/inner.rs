//! What objects and the Worker say to each other. Never seen outside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::admin::{ConversationRow, FindingRow, VisitorRow, Weights};
use crate::coupon::{CouponAnswer, Generate, PoolRate, Terms};
use crate::privacy::SensitiveTrait;
use crate::stored::{AnswerDoc, ClaimDoc, CounterRow, EventDoc, ForwardDoc, Keep, PartDoc, Standing};
use crate::sync::{HeldCoupon, SyncAnswer};

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
    /// Tells one set of goals from another.
    #[serde(default)]
    pub goals_mark: String,
    /// How the site takes proofs of identity: its mode and the serial of its secret.
    #[serde(default)]
    pub proof: (String, u32),
    /// How long the site keeps what.
    #[serde(default)]
    pub keep: Keep,
    /// Traits that the site names as sensitive.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// The site asks for consent and the page did not say that it was given: it must be known here.
    #[serde(default)]
    pub asks: bool,
    /// Public id and key of this object's device, by the site's cookie, where the page's storage says otherwise: the request is taken as this
    /// device's.
    #[serde(default)]
    pub cookie: Option<(String, String)>,
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
    /// Whether the browser may go on remembering who it is: `false` once the visitor is erased or has taken consent back; none where
    /// nothing is kept.
    #[serde(default)]
    pub remembers: Option<bool>,
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
    /// Traits that the site names as sensitive.
    #[serde(default)]
    pub sensitive: Vec<String>,
}

/// What a campaign did on a shard, or on the whole site: its treated arm over all phases and times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// Its id.
    pub campaign: String,
    /// Exposures that showed something.
    pub shows: u64,
    /// Conversions that followed.
    pub conversions: u64,
}

/// Records of visitors of whom nothing is kept, for the totals: each stream with what the page has shown and what was done with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passing {
    /// The edge's clock.
    pub now: i64,
    /// By stream.
    pub streams: Vec<(String, Vec<EventDoc>)>,
    /// Orders whose numbers belong to this shard.
    #[serde(default)]
    pub orders: Vec<PassingOrder>,
}

/// An order, or a refund, of somebody of whom nothing is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassingOrder {
    /// Digest of what tells it from others: its transaction id; without one, its stream and number.
    pub id: String,
    /// When, corrected, Unix ms.
    pub at: i64,
    /// Orders: 1, of a refund 0.
    pub orders: f64,
    /// What it was worth; of a refund below zero.
    pub value: f64,
}

/// What an object has contributed to the totals of its shard, for a recount.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Contributed {
    /// Number of the last row it has written for anybody.
    pub n: u64,
    /// All of it, what its shard has not heard of yet included.
    pub rows: Vec<CounterRow>,
    /// What its shard may not have heard of: number, whether it is what the object gave up (else a correction), rows.
    pub pending: Vec<(u64, bool, Vec<CounterRow>)>,
}

/// One object of a register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// `device` or `person`.
    pub kind: String,
    /// The object by its own id.
    pub object: String,
}

/// An object's answer in a recount.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// The object by its own id.
    pub object: String,
    /// What it said.
    pub contributed: Contributed,
}

/// How far the recount of a shard has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Walk {
    /// When it began, Unix ms; 0 for never.
    pub began: i64,
    /// Objects asked so far.
    pub objects: u64,
    /// The last of them by its own id.
    pub cursor: String,
    /// All were asked.
    pub done: bool,
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
        /// What only a device's object knows of itself.
        #[serde(default)]
        with: PartWith,
    },
    /// To a person: this part names somebody else after all.
    Leave {
        /// Public id.
        device: String,
        /// Epoch.
        epoch: u32,
    },
    /// To a device: its part was taken out of this person again.
    Parted {
        /// Which epoch.
        epoch: u32,
        /// Of which person.
        person: String,
    },
    /// To a device: this person was erased.
    Erase {
        /// Of which person.
        person: String,
        /// Under which epochs.
        epochs: Vec<u32>,
    },
    /// To a shard or a conversation: nothing is to be left of these. Empty for none.
    Forget {
        /// Public id.
        device: String,
        /// The site's own id of a person.
        user: String,
        /// The site's shard count: a conversation has its shard forget its row after what it owed before.
        shards: u32,
    },
    /// To a shard: something the site's people should look at.
    Finding {
        /// What.
        row: FindingRow,
    },
    /// To a shard: this object holds something of a person from now on.
    Enter {
        /// What it is listed by.
        id: String,
        /// `person`: devices are listed before their first row.
        of: String,
    },
    /// To a shard: what this object had contributed to the totals and no longer holds. The totals stay as they are.
    Settled {
        /// What.
        rows: Vec<CounterRow>,
    },
    /// To the shard of an order: what was counted for it here, as it now is.
    Claims {
        /// Each of another order, or of another epoch.
        claims: Vec<ClaimDoc>,
    },
    /// To a shard: this device or person is no more.
    Unbind {
        /// Public id.
        device: String,
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
    /// To a device or a person: a server says that they are this user.
    Alias {
        /// Site.
        site: String,
        /// The device's public id; empty for a person.
        #[serde(default)]
        device: String,
        /// Whether the device is called by that id itself, as the `anonymousId` of a client.
        #[serde(default)]
        anonymous: bool,
        /// The user id they were called by before, or a client's own id.
        previous: String,
        /// The user id.
        user: String,
        /// When, edge time.
        at: i64,
        /// For a person. Left out by older code, which had the browsers name the other instead.
        #[serde(default)]
        who: Option<AliasWho>,
    },
    /// To a device: this person has another word on where its parts belong; ask it again.
    Again {
        /// Which person.
        person: String,
        /// Under which epochs.
        epochs: Vec<u32>,
    },
    /// To a site: what was done in its name by another object, for its audit.
    Deed {
        /// When, edge time.
        at: i64,
        /// Who did it, by name.
        by: String,
        /// A word of the audit.
        action: String,
        /// To what.
        what: String,
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

/// Who is who in an alias of two persons.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasWho {
    /// The former person's id within the site.
    pub person: String,
    /// The other's.
    pub is: String,
    /// The site's shard count.
    pub shards: u32,
}

/// What travels with a part beside the part itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PartWith {
    /// The edge's clock when it was owed.
    pub now: i64,
    /// The person's id within the site.
    pub person: String,
    /// Site.
    pub site: String,
    /// The site's shard count.
    pub shards: u32,
    /// How long the site keeps what.
    #[serde(default)]
    pub keep: Keep,
    /// Coupons the device holds in this epoch.
    #[serde(default)]
    pub coupons: Vec<HeldCoupon>,
    /// The site takes proofs and the person was proven here: what the person's other devices did may be told.
    #[serde(default)]
    pub trusted: bool,
    /// Parts of those that are known here, by key, each with the number it was known by.
    #[serde(default)]
    pub knows: BTreeMap<String, u64>,
    /// Another person sent it here: the site's own id by which it came, empty where it came round.
    #[serde(default)]
    pub via: Option<String>,
    /// It came round in a ring: it is to be kept, wherever this person would send it.
    #[serde(default)]
    pub stays: bool,
}

/// A person's answer to a part.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PartAnswer {
    /// What became of it.
    pub standing: Standing,
    /// All parts of other devices that the person has, by key; `None` for who may not know.
    #[serde(default)]
    pub others: Option<Vec<String>>,
    /// Those of them that the device did not know in this state.
    #[serde(default)]
    pub news: Vec<Sibling>,
    /// It belongs to another person.
    #[serde(default)]
    pub moved: Option<ForwardDoc>,
}

/// A part of another device of the same person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sibling {
    /// `DEVICE/EPOCH`.
    pub key: String,
    /// Grows with every change of it.
    pub n: u64,
    /// The part.
    pub part: Box<PartDoc>,
    /// Its coupons.
    #[serde(default)]
    pub coupons: Vec<HeldCoupon>,
}

/// Asks a person to take a part out again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Undo {
    /// The edge's clock.
    pub now: i64,
    /// By whom.
    pub by: String,
    /// Public id.
    pub device: String,
    /// Epoch.
    pub epoch: u32,
}

/// How far the erasure of a person has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Erased {
    /// Grows with each erasure.
    pub generation: u32,
    /// When, Unix ms.
    pub at: i64,
    /// Devices whose memory of the person goes.
    pub devices: u64,
    /// Objects that have not been reached yet.
    pub pending: u64,
}

/// Where a part of a person came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Source {
    /// Public id.
    pub device: String,
    /// Epoch.
    pub epoch: u32,
    /// The device's object by its own id; empty where it is not known yet.
    pub object: String,
}

/// What a device's object holds of one epoch.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DeviceExport {
    /// The stored events, in the order they came.
    pub events: Vec<EventDoc>,
    /// Coupons.
    pub coupons: Vec<HeldCoupon>,
    /// What its visitor answered when asked for consent.
    #[serde(default)]
    pub answers: Vec<AnswerDoc>,
    /// Traits kept apart.
    #[serde(default)]
    pub sensitive: Vec<SensitiveTrait>,
}

/// Where an outbox row goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// `shard`, `person`, `conversation`, `client` (a device of others' clients, by its name); `device` is named by the object itself.
    pub kind: String,
    /// Site.
    pub site: String,
    /// Its id within the site.
    pub id: String,
}

/// Asks a device object whether a coupon may be claimed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    /// Keyed hash of the network it comes from, different each day; empty where none is known. Never stored.
    #[serde(default)]
    pub network: String,
}

/// Asks a pool for a visitor's code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PoolClaim {
    /// The edge's clock.
    pub now: i64,
    /// Public id.
    pub visitor: String,
    /// Campaign.
    pub campaign: String,
    /// The person's id within the site, where the visitor has one.
    #[serde(default)]
    pub person: String,
    /// See [`DeviceClaim::network`].
    #[serde(default)]
    pub network: String,
}

/// A pool's answer.
pub type PoolClaimed = CouponAnswer;

/// Fills or settles a pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PoolFill {
    /// The site.
    pub site: String,
    /// The pool's name.
    pub pool: String,
    /// Codes to add.
    pub codes: Vec<String>,
    /// Codes to make.
    pub generate: Option<Generate>,
    /// What they are worth.
    pub terms: Option<Terms>,
    /// How long a claimed code is held, in ms.
    pub expires_after_ms: Option<i64>,
    /// See [`crate::coupon::PoolRequest::until`].
    pub until: Option<i64>,
    /// See [`crate::coupon::PoolRequest::bound`].
    pub bound: Option<bool>,
    /// See [`crate::coupon::PoolRequest::closed`].
    pub closed: Option<bool>,
    /// See [`crate::coupon::PoolRequest::low`].
    pub low: Option<u64>,
    /// See [`crate::coupon::PoolRequest::rate`].
    pub rate: Option<PoolRate>,
}

/// Asks a pool about a code.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PoolRedeem {
    /// The edge's clock.
    pub now: i64,
    /// Who asks, for the audit.
    #[serde(default)]
    pub by: String,
    /// Idempotency key; empty for none.
    #[serde(default)]
    pub key: String,
    /// The code.
    pub code: String,
    /// The order, or empty to look only.
    pub order: String,
    /// The order's total, where known.
    pub total: Option<f64>,
    /// The order's currency, where said.
    #[serde(default)]
    pub currency: String,
    /// Public ids of the devices of whoever uses it, where said.
    #[serde(default)]
    pub visitors: Vec<String>,
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
