//! What the tests of this room share.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use noren_event::Value;
use serde_json::Value as Json;

/// A document as the checker takes it.
pub fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Num(n.as_f64().unwrap()),
        Json::String(s) => Value::str(s),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(pairs) => Value::Map(pairs.iter().map(|(k, v)| (k.as_str().into(), value(v))).collect()),
    }
}
