//! The third value of conditions, in the engine and in the naive evaluator alike.

use noren_engine::Host;
use noren_engine::condition::holds;
use noren_event::Value;
use noren_wire::value::from_json;
use serde_json::json;

/// A host that will not try.
struct Silent;

impl Host for Silent {
    fn regex(&self, _: &[u8], _: bool, _: &[u8]) -> Option<bool> {
        None
    }
}

#[test]
fn what_a_host_cannot_tell_passes_no_condition_and_its_negation_neither() {
    let attributes = from_json(&json!({"page": {"path": "/shop"}, "n": 1}));
    let cases = [
        (json!({"page.path": {"$regex": "shop"}}), false),
        (json!({"page.path": {"$not": {"$regex": "shop"}}}), false),
        (json!({"$not": {"page.path": {"$regexi": "shop"}}}), false),
        (json!({"$nor": [{"page.path": {"$regex": "shop"}}]}), false),
        (json!({"$or": [{"page.path": {"$regex": "shop"}}, {"n": 1}]}), true),
        (json!({"n": {"$regex": "1"}}), false),
        (json!({"n": {"$not": {"$regex": "1"}}}), true),
    ];
    for (condition, expected) in cases {
        let parsed = noren_rule::condition::parse(&from_json(&condition), &Value::Null);
        assert_eq!(holds(&parsed, &attributes, &Silent), expected, "{condition}");
        assert_eq!(noren_reference::condition::holds(&parsed, &attributes, &Silent), expected, "naive: {condition}");
    }
}
