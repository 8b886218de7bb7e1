//! The sections about audience conditions.

use super::regex::Bounded;
use super::{Verdict, equal};
use noren_event::Value;
use noren_program::codec::NESTING_MAX;
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
    let attributes = value(attributes);
    // What nests deeper than anything that can be published is left to the evaluator without a limit.
    let depth = noren_reference::condition::depth(&condition).max(noren_reference::condition::depth_of(&attributes));
    if depth > NESTING_MAX {
        noren_reference::condition::holds(&condition, &attributes, regexes)
    } else {
        noren_engine::condition::holds(&condition, &attributes, regexes)
    }
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
        Json::Object(members) => {
            let mut pairs: Vec<_> = members.iter().map(|(k, v)| (k.as_str().into(), value(v))).collect();
            pairs.sort_by_key(|(key, _): &(Box<str>, Value)| index(key).unwrap_or(u32::MAX));
            Value::Map(pairs)
        }
    }
}

/// A key that JavaScript takes for an index. Its objects have those first, in order, and the others as they were written; two objects are
/// equal when they are in the same order.
fn index(key: &str) -> Option<u32> {
    let canonical = key == "0" || key.starts_with(|c: char| ('1'..='9').contains(&c));
    if canonical && key.bytes().all(|b| b.is_ascii_digit()) { key.parse().ok().filter(|n| *n < u32::MAX) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_are_in_the_order_that_javascript_gives_them() {
        let json: Json = serde_json::from_str(r#"{"b":1,"10":2,"01":3,"2":4,"a":5,"-1":6,"4294967295":7}"#).unwrap();
        let Value::Map(pairs) = value(&json) else { panic!("an object") };
        let keys: Vec<&str> = pairs.iter().map(|(k, _)| &**k).collect();
        assert_eq!(keys, ["2", "10", "b", "01", "a", "-1", "4294967295"]);
    }
}
