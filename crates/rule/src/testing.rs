//! What the tests of this room share.

use noren_event::Value;
use serde_json::{Value as Json, json};

/// JSON as a value.
pub(crate) fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Num(n.as_f64().unwrap()),
        Json::String(s) => Value::str(s),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(pairs) => Value::Map(pairs.iter().map(|(k, v)| (k.as_str().into(), value(v))).collect()),
    }
}

/// A small sound campaign with members replaced.
pub(crate) fn campaign(changes: Json) -> Json {
    let mut document = json!({
        "id": "c",
        "trigger": {"on": "view_item"},
        "variants": [{"id": "a", "action": {"kind": "popup", "title": "Hello"}}],
        "caps": {"again": [{"after": "1d"}]}
    });
    for (key, value) in changes.as_object().unwrap() {
        document[key] = value.clone();
    }
    document
}
