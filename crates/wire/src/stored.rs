//! What lies in objects' rows. Every document carries the schema version it was written under; readers accept all older ones
//! (`#[serde(default)]` on what came later), so a migration happens when a document is next written.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::admin::Weights;
use crate::coupon::{PoolRate, Terms};
use crate::sync::HeldCoupon;

/// The schema of a site's settings.
pub const SCHEMA: u32 = 1;

/// The schema of a device object that this code writes; its migrations are in the edge room (`device::migrate`).
pub const DEVICE_SCHEMA: u32 = 2;

/// The schema of a person's object that this code writes; its migrations are in the edge room (`person::migrate`).
pub const PERSON_SCHEMA: u32 = 3;

/// The schema of a shard's object that this code writes; its migrations are in the edge room (`shard::migrate`).
pub const SHARD_SCHEMA: u32 = 2;

/// The schema of a coupon pool that this code writes; its migrations are in the edge room (`pool`).
pub const POOL_SCHEMA: u32 = 2;

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
    /// The epoch the device is in, as far as was heard; a logout counts before anything was done after it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub epoch: u32,
    /// Parts by epoch.
    #[serde(default)]
    pub parts: BTreeMap<u32, PartDoc>,
    /// Per epoch, the person it was joined to.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub joined: BTreeMap<u32, JoinDoc>,
    /// What was reported for events, registers and parts that are no longer kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<CounterRow>,
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
    /// `settled` still holds what the parts' trials will say once they have been folded: a migration knows no goals.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unjudged: bool,
    /// The site's shard count, as last heard of.
    #[serde(default)]
    pub shards: u32,
    /// When the device was last heard of, Unix ms.
    #[serde(default)]
    pub heard: i64,
    /// By which goals the parts' trials were folded (see `goals` in the edge room).
    #[serde(default)]
    pub goals: String,
    /// Events up to here may have been let go.
    #[serde(default)]
    pub swept_until: i64,
    /// How long the site keeps what.
    #[serde(default)]
    pub keep: Keep,
    /// The profile's time was over: everything is gone but what is still owed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
    /// Number of the last outbox row.
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
    /// Mark of the names of traits that were last kept apart; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub apart: String,
    /// The visitor's answers to the question for consent, oldest first; the last ones. They outlast a withdrawal, for they are its proof.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerDoc>,
    /// The highest that any page was told: later pages begin from what it left behind.
    #[serde(default, skip_serializing_if = "is_none")]
    pub news_told: u64,
}

/// One answer of a visitor who was asked for consent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct AnswerDoc {
    /// When, corrected, Unix ms.
    pub at: i64,
    /// `granted`, `denied` or categories with commas; at most 200 characters of what the page said.
    pub answer: String,
    /// Which version of the question's text was answered, where the page said; at most 200 characters.
    #[serde(default)]
    pub text: String,
}

/// How an epoch of a device stands with the person it named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JoinDoc {
    /// The person's id within the site.
    pub person: String,
    /// Digest of the part as it was last owed to the person.
    #[serde(default)]
    pub sent: String,
    /// The number it is owed under; it is delivered as it then is, so it takes no row of its own.
    #[serde(default)]
    pub row: u64,
    /// The highest number the person has answered, as far as it was written: noted with whatever is written next.
    #[serde(default)]
    pub acked: u64,
    /// When it was owed, Unix ms.
    #[serde(default)]
    pub at: i64,
    /// What the person's other devices did may be told here.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub trusted: bool,
    /// What the person said of it.
    #[serde(default)]
    pub standing: Standing,
    /// Parts of the person's other devices that are kept here.
    #[serde(default)]
    pub siblings: u32,
    /// They changed since facts were last told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub news: bool,
    /// The persons that sent it on, from the one that was named here: each with the time of the word by which it is another.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<(String, i64)>,
    /// The site's own id of the person it was sent on to; empty where it was not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// The path would lead in a ring: it stays with this person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stays: bool,
}

impl JoinDoc {
    /// The person that was named here, wherever that one sent it.
    pub fn named(&self) -> &str {
        self.path.first().map_or(&self.person, |(person, _)| person)
    }

    /// Whether this person has it, or sent it on.
    pub fn is_with(&self, person: &str) -> bool {
        self.person == person || self.path.iter().any(|(sent_on, _)| sent_on == person)
    }
}

/// A person who is another: whatever names this one is sent on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ForwardDoc {
    /// The other's id within the site.
    pub person: String,
    /// The site's own id of the other.
    pub user: String,
    /// When that was said, Unix ms.
    pub at: i64,
    /// When anything was last sent on, Unix ms.
    #[serde(default)]
    pub used: i64,
}

/// What became of a part at its person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is one of the person's.
    #[default]
    Joined,
    /// Somebody took it out again: it stays out until the device begins another epoch.
    Parted,
    /// Too many devices claim the person's id.
    Crowded,
}

/// How long a site keeps what it knows of a visitor, in days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
#[serde(default)]
pub struct Keep {
    /// Single events: 31 to 400.
    pub events_days: u32,
    /// What was folded out of them, counted from when the visitor was last heard of: as long as events, at least, and up to 1,000.
    pub profile_days: u32,
}

impl Default for Keep {
    fn default() -> Keep {
        Keep { events_days: 90, profile_days: 400 }
    }
}

/// The one state row of a person's object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonDoc {
    /// Schema version.
    pub schema: u32,
    /// Site key.
    #[serde(default)]
    pub site: String,
    /// The person's id within the site: the object's own name.
    #[serde(default)]
    pub person: String,
    /// The site's own id of the person.
    #[serde(default)]
    pub user: String,
    /// The site's shard count, as last heard of.
    #[serde(default)]
    pub shards: u32,
    /// Public id of the device that named this person before anybody else did.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first: String,
    /// What was reported for parts that are no longer kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<CounterRow>,
    /// Devices that were refused because too many claim this id.
    #[serde(default)]
    pub refused: u64,
    /// Its shard has been told that the person is no more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ended: bool,
    /// Grows with each erasure.
    #[serde(default)]
    pub generation: u32,
    /// When the person was last erased, Unix ms; parts that were owed before are too late. 0 for never.
    #[serde(default)]
    pub erased_at: i64,
    /// Devices that were told of it.
    #[serde(default)]
    pub erased_devices: u64,
    /// How long the site keeps what.
    #[serde(default)]
    pub keep: Keep,
    /// Who this person is instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward: Option<ForwardDoc>,
    /// Number of the last outbox row.
    #[serde(default)]
    pub outbox_next: u64,
}

/// The one settings row of a coupon pool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PoolDoc {
    /// Schema version.
    pub schema: u32,
    /// Site key; empty for a pool that was last filled under the first schema.
    #[serde(default)]
    pub site: String,
    /// The pool's name.
    #[serde(default)]
    pub pool: String,
    /// What a code is worth.
    pub terms: Terms,
    /// How long a code is held once it was shown, in ms.
    pub expires_after_ms: i64,
    /// When all is over, Unix ms; 0 for never.
    #[serde(default)]
    pub until: i64,
    /// Only who was given a code may use it.
    #[serde(default)]
    pub bound: bool,
    /// No more codes are handed out.
    #[serde(default)]
    pub closed: bool,
    /// The stock at which it is low; 0 for never.
    #[serde(default)]
    pub low: u64,
    /// How fast codes may go.
    #[serde(default)]
    pub rate: PoolRate,
    /// How codes were made last: their beginning, their letters.
    #[serde(default)]
    pub made: (String, u32),
    /// Number of the last code made.
    #[serde(default)]
    pub serial: u64,
    /// It was said that the stock is low.
    #[serde(default)]
    pub warned: bool,
    /// Number of the last outbox row.
    #[serde(default)]
    pub outbox_next: u64,
    /// When idempotency keys were last let go, Unix ms.
    #[serde(default)]
    pub swept_at: i64,
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
    /// The epoch its events are of, where its page cannot know: it began before it was told which device it is on.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
}

/// What lies in a chunk row. The first schema wrote each event out whole; since the second those of one stream stand together, each a fourth
/// of its size smaller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ChunkDoc {
    /// As the first schema wrote them.
    Whole(Vec<EventDoc>),
    /// By stream and epoch, in the order they came.
    Grouped(Vec<GroupDoc>),
}

/// Events of one stream and epoch that came together: stream, epoch, the first one's time, the events.
pub type GroupDoc = (String, u32, i64, Vec<MemberDoc>);

/// An event of a group: number, corrected time less the group's, name, properties, the device's own time less the corrected where it differs.
pub type MemberDoc = (u64, i64, String, Json, Option<i64>);

impl ChunkDoc {
    /// Of events in the order they came.
    pub fn of(events: &[EventDoc]) -> ChunkDoc {
        let mut groups: Vec<GroupDoc> = Vec::new();
        for event in events {
            let fits =
                groups.last().is_some_and(|(stream, epoch, ..)| *stream == event.stream && *epoch == event.epoch);
            if !fits {
                groups.push((event.stream.clone(), event.epoch, event.at, Vec::new()));
            }
            if let Some((_, _, first, members)) = groups.last_mut() {
                let own = event.device_at.map(|at| at.wrapping_sub(event.at));
                members.push((event.n, event.at.wrapping_sub(*first), event.name.clone(), event.props.clone(), own));
            }
        }
        ChunkDoc::Grouped(groups)
    }

    /// The events.
    pub fn events(self) -> Vec<EventDoc> {
        let groups = match self {
            ChunkDoc::Whole(events) => return events,
            ChunkDoc::Grouped(groups) => groups,
        };
        let mut events = Vec::new();
        for (stream, epoch, first, members) in groups {
            for (n, after, name, props, own) in members {
                let at = first.wrapping_add(after);
                let device_at = own.map(|own| at.wrapping_add(own));
                events.push(EventDoc { stream: stream.clone(), n, epoch, at, device_at, name, props });
            }
        }
        events
    }
}

/// One event as it is stored.
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
    /// The arm: 0 treated, 1 control, 2 mixed.
    #[serde(rename = "k", default, skip_serializing_if = "is_treated", with = "arm")]
    pub arm: u8,
    /// Shown, visitors, impressions, closed, clicked, converted, value.
    #[serde(rename = "n")]
    pub numbers: [f64; 7],
}

/// What an object says it has counted for one order, beyond what others of the same person say. Saying nothing takes an earlier word back.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ClaimDoc {
    /// Digest of the transaction id.
    #[serde(rename = "o")]
    pub order: String,
    /// Of a device: the epoch it speaks for.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<u32>,
    /// The earliest report, Unix ms.
    #[serde(rename = "t")]
    pub placed: i64,
    /// Conversions and values by heading, each with how often the order was added.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub counted: Vec<(CounterRow, f64)>,
    /// What servers said that it is worth: campaign, when, value.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    pub fixed: Vec<(String, i64, f64)>,
    /// Of a person: who else's words on the order are of the same person.
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

fn is_treated(arm: &u8) -> bool {
    *arm == 0
}

/// Arms were written as a flag for control before there were three; the two of that time still are, so that either code reads them.
mod arm {
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Flag(bool),
        Number(u8),
    }

    pub fn serialize<S: Serializer>(arm: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        if *arm < 2 { serializer.serialize_bool(*arm == 1) } else { serializer.serialize_u8(*arm) }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
        Ok(match Written::deserialize(deserializer)? {
            Written::Flag(control) => u8::from(control),
            Written::Number(arm) => arm,
        })
    }
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
    /// Whether by a proof.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub proven: bool,
    /// First exposures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub firsts: Vec<FirstDoc>,
    /// What reached a goal: stamp, what makes two reports one (empty for nothing, `t:` and a transaction, `o:` and an order's digest), values by
    /// campaign.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hits: Vec<(StampDoc, String, BTreeMap<String, f64>)>,
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

/// A first exposure: campaign, phase, stamp, variant, arm (as in [`CounterRow`]), goal window in ms.
pub type FirstDoc = (String, u32, StampDoc, String, u8, Option<i64>);

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
    /// Hash of the site's document of the live version, or empty for one that says nothing.
    #[serde(default)]
    pub document: String,
    /// Hash of the program whose goals are counted: the live one with those campaigns that have reached their totals, whose visitors may still
    /// convert. Empty: the live one itself.
    #[serde(default)]
    pub counted: String,
    /// When to look after the live program. `None` with a program: it was compiled by code that knew of no such time.
    #[serde(default)]
    pub due: Option<Due>,
    /// What is asked of an `identify`: `off` (as good as empty), `optional` or `mandatory`.
    #[serde(default)]
    pub proof: String,
    /// Counts the renewals of the secret that proofs are signed with.
    #[serde(default)]
    pub proof_serial: u32,
    /// How long what is kept.
    #[serde(default)]
    pub keep: Keep,
    /// The mode for browsers that send `Sec-GPC` or `DNT`: `ignore` (as good as empty), `cookieless` or `off`.
    #[serde(default)]
    pub signals: String,
    /// Names of traits that are sensitive, ascending.
    #[serde(default)]
    pub sensitive: Vec<String>,
    /// When what is old was last let go, Unix ms.
    #[serde(default)]
    pub swept: i64,
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

/// When a site's object has to look after its live program, Unix ms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// To compile it again, because what it knows of zones and calendars ends.
    #[serde(default)]
    pub renew: Option<i64>,
    /// To compare totals with what campaigns stop at.
    #[serde(default)]
    pub totals: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_chunk_gives_back_its_events_in_either_form() {
        let event = |stream: &str, n, epoch, at, device_at| EventDoc {
            stream: stream.into(),
            n,
            epoch,
            at,
            device_at,
            name: "x".into(),
            props: if n == 0 { Json::Null } else { json!({"n": n}) },
        };
        let events = vec![
            event("a", 0, 0, 100, None),
            event("a", 2, 0, 90, Some(-5)),
            event("a", 3, 1, 90, None),
            event("b", 0, 0, i64::MIN, Some(i64::MAX)),
            event("a", 4, 0, 7, None),
        ];
        let grouped = serde_json::to_string(&ChunkDoc::of(&events)).unwrap();
        let whole = serde_json::to_string(&events).unwrap();
        for text in [grouped, whole, "[]".into()] {
            let read = serde_json::from_str::<ChunkDoc>(&text).unwrap().events();
            assert_eq!(read, if text == "[]" { vec![] } else { events.clone() }, "{text}");
        }
    }

    #[test]
    fn an_arm_is_read_as_either_code_wrote_it() {
        for (written, arm) in [("", 0), (r#","k":false"#, 0), (r#","k":true"#, 1), (r#","k":1"#, 1), (r#","k":2"#, 2)] {
            let text = format!(r#"{{"h":1,"c":"c","p":1,"v":"a"{written},"n":[1,0,0,0,0,0,0]}}"#);
            assert_eq!(serde_json::from_str::<CounterRow>(&text).unwrap().arm, arm, "{text}");
        }
    }
}
