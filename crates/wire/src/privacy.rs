//! What a site's pages store, send and ask for, for the people who are told of it: `GET /noren/v1/privacy?site=SITE&as=json`.

use serde::{Deserialize, Serialize};

use crate::admin::Both;

/// The notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PrivacyNotice {
    /// Site key.
    pub site: String,
    /// For people.
    pub name: String,
    /// The site's mode of consent.
    pub consent: String,
    /// What that means.
    pub mode: Both,
    /// Who receives anything.
    pub recipients: Vec<Recipient>,
    /// Cookies: one, where the edge stands at an address of the site's own.
    pub cookies: Vec<StoredThing>,
    /// What stands in the browser's storage.
    pub storage: Vec<StoredThing>,
    /// Requests to the edge.
    pub requests: Vec<NoticedRequest>,
    /// How long what is kept, and what is never.
    pub kept: Vec<Both>,
}

/// Somebody who receives what is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct Recipient {
    /// By name.
    pub name: String,
    /// As what.
    pub role: Both,
}

/// A cookie, or a key of the browser's storage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct StoredThing {
    /// Its name; `*` for what differs.
    pub name: String,
    /// What is in it, and what for.
    pub what: Both,
}

/// A request that a page makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct NoticedRequest {
    /// `GET`, `POST` or `WebSocket`.
    pub method: String,
    /// Path on the edge; `*` for what differs.
    pub path: String,
    /// What is sent.
    pub sends: Both,
    /// What for.
    pub why: Both,
}

/// A trait that is kept apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SensitiveTrait {
    /// Its name.
    pub name: String,
    /// The last value said.
    #[cfg_attr(test, ts(type = "unknown"))]
    pub value: serde_json::Value,
    /// When, corrected, Unix ms.
    pub at: i64,
}

/// `GET sites/SITE/persons/ID/sensitive`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct SensitiveTraits {
    /// The last word on each, over all devices of the person, by name.
    pub traits: Vec<SensitiveTrait>,
}
