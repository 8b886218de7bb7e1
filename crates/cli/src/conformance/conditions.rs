//! The sections about audience conditions.

use super::regex::Bounded;
use super::{Verdict, equal};
use noren_event::Value;
use serde_json::Value as Json;

/// `[name, condition, attributes, whether it holds, saved groups?]`
pub fn eval(case: &[Json], regexes: &Bounded) -> Option<Verdict> {
    let (condition, attributes, expected, groups) = match case {
        [_, condition, attributes, expected] => (condition, attributes, expected, &Json::Null),
        [_, condition, attributes, expected, groups] => (condition, attributes, expected, groups),
        _ => return None,
    };
    Some(equal(holds(condition, attributes, groups, regexes), expected))
}

/// Whether a condition holds for attributes, with the segments that `groups` defines.
pub fn holds(condition: &Json, attributes: &Json, groups: &Json, regexes: &Bounded) -> bool {
    let condition = noren_rule::condition::parse(&value(condition), &value(groups));
    noren_engine::condition::holds(&condition, &value(attributes), regexes)
}

/// JSON as the core knows it, however deep it nests: unlike what comes over the wire, a case file is read whole (the JSON reader stops at
/// 128 levels).
fn value(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => Value::Num(n.as_f64().unwrap_or(f64::NAN)),
        Json::String(s) => Value::str(s),
        Json::Array(items) => Value::List(items.iter().map(value).collect()),
        Json::Object(pairs) => Value::Map(pairs.iter().map(|(k, v)| (k.as_str().into(), value(v))).collect()),
    }
}
