//! A site's keys, as the console and the command line list, make and revoke them.

use serde::{Deserialize, Serialize};

/// What a key may be: a server's secret, or public in an application.
pub const KEY_KINDS: [&str; 2] = ["server", "write"];

/// What a server key may be allowed: to report events of anybody, publish campaigns, redeem and fill coupons, read people, read totals,
/// read what the site names as sensitive of people.
pub const KEY_SCOPES: [&str; 6] = ["events", "campaigns", "coupons", "people", "numbers", "sensitive"];

/// `GET sites/SITE/keys`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct KeyList {
    /// The write key that every site has: its own name. Pages of the site's origins may use it.
    pub public: String,
    /// Keys that hold now, the newest first.
    pub keys: Vec<KeyInfo>,
}

/// A key, without what opens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct KeyInfo {
    /// What it is revoked by.
    pub id: String,
    /// For people.
    pub name: String,
    /// `server` (secret: may speak for anybody) or `write` (public: for applications, which have no origin).
    pub kind: String,
    /// What a server key may do: see [`KEY_SCOPES`]. Empty for a write key.
    pub scopes: Vec<String>,
    /// When it was made, Unix ms.
    pub at: i64,
    /// By whom.
    pub by: String,
}

/// `POST sites/SITE/keys`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CreateKey {
    /// For people: 1 to 100 characters.
    pub name: String,
    /// `server` unless said.
    #[serde(default)]
    #[cfg_attr(test, ts(optional))]
    pub kind: Option<String>,
    /// What a server key may do; at least one.
    #[serde(default)]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<String>>"))]
    pub scopes: Vec<String>,
}

/// A key that was just made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct CreatedKey {
    /// How it is listed from now on.
    pub key: KeyInfo,
    /// The key itself. It is shown this once: what is kept cannot be turned back into it.
    pub secret: String,
}
