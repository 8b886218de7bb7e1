//! The core's values to and from JSON.

use noren_event::Value;
use noren_event::packed::DEPTH_MAX;
use serde_json::{Map, Number, Value as Json};

/// JSON as the core knows it. Deeper nesting than the core allows reads as null (serde_json itself stops at 128).
pub fn from_json(json: &Json) -> Value {
    from_json_at(json, 0)
}

fn from_json_at(json: &Json, depth: u32) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Num(n.as_f64().unwrap_or(f64::NAN)),
        Json::String(s) => Value::str(s),
        Json::Array(items) => Value::List(items.iter().map(|v| from_json_at(v, depth + 1)).collect()),
        Json::Object(pairs) => {
            Value::Map(pairs.iter().map(|(k, v)| (k.as_str().into(), from_json_at(v, depth + 1))).collect())
        }
    }
}

/// The core's value as JSON: whole numbers without a fraction, NaN and infinities as null, bytes as null.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Bytes(_) => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Num(n) => number(*n),
        Value::Str(s) => Json::String(s.to_string()),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(pairs) => {
            Json::Object(pairs.iter().map(|(k, v)| (k.to_string(), to_json(v))).collect::<Map<_, _>>())
        }
    }
}

/// A number as people write it.
pub fn number(n: f64) -> Json {
    // 2^53: whole numbers up to here are exact.
    if n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0 {
        Json::Number(Number::from(n as i64))
    } else {
        Number::from_f64(n).map_or(Json::Null, Json::Number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_survives_the_way_there_and_back() {
        for text in [
            r#"null"#,
            r#"{"b":1,"a":[true,false,null,"x",1.5,-7,9007199254740992],"":{"é":"\u0000 <b>&"}}"#,
            r#"[[],{},""]"#,
        ] {
            let json: Json = serde_json::from_str(text).unwrap();
            assert_eq!(to_json(&from_json(&json)), json);
        }
    }

    #[test]
    fn what_json_cannot_say_is_null() {
        assert_eq!(
            to_json(&Value::List(vec![Value::Num(f64::NAN), Value::Num(f64::INFINITY)])),
            serde_json::json!([null, null])
        );
    }
}
