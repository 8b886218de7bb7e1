//! The third value of conditions, in the engine and in the naive evaluator alike.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use noren_engine::condition::holds;
use noren_engine::{Decision, Effect, Engine, Host, Input, Origin};
use noren_event::{Timestamp, Value};
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

/// Cannot tell of a text with an `x` in it; else a subject matches a pattern that it contains.
struct Puzzled;

impl Host for Puzzled {
    fn regex(&self, pattern: &[u8], _: bool, subject: &[u8]) -> Option<bool> {
        (!subject.contains(&b'x')).then(|| subject.windows(pattern.len()).any(|w| w == pattern))
    }
}

const START: i64 = 1_767_225_600_000;

fn event(at: i64, name: &str, text: &str) -> (Timestamp, Input) {
    let key = if name == "page_view" { "page_path" } else { "text" };
    let (props, at) = (Value::map([(key, text.into())]), Timestamp(START + at * 1_000));
    (at, Input::Event { name: name.into(), props, at, origin: Origin::Here })
}

/// What comes of a log for a visitor in the control share (so that nothing stands in the way), as `seconds outcome gate`: the engine's word, which is the naive evaluator's too.
fn decide(changes: serde_json::Value, log: &[(Timestamp, Input)]) -> Vec<String> {
    let mut document =
        json!({"id": "c", "control": 100, "variants": [{"id": "a", "action": {"kind": "popup", "title": "t"}}]});
    document.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    let (campaigns, findings) = noren_rule::check_all(&[from_json(&document)], &Value::Null);
    assert_eq!(campaigns.len(), 1, "{findings:?}");
    let program = noren_rule::compile(&campaigns, Timestamp(START)).program;
    let end = log.last().unwrap().0;
    let naive = noren_reference::decide(&campaigns, &program, "v1", log, end, &Puzzled).decisions;
    let mut engine = Engine::new(program.image(), "v1");
    let mut decisions = Vec::new();
    for (now, input) in log {
        let effects = engine.step(*now, input.clone(), &Puzzled);
        decisions.extend(effects.into_iter().filter_map(|e| match e {
            Effect::Decision(d) => Some(d),
            _ => None,
        }));
        let snapshot = engine.snapshot();
        engine = Engine::restore(program.image(), b"v1", &snapshot, &Puzzled).unwrap().0;
    }
    let row = |d: &Decision| {
        let words = [d.outcome.word(), d.gate.map_or("", |g| g.word())];
        format!("{} {}", (d.at.0 - START) / 1_000, words.join(" ").trim())
    };
    assert_eq!(decisions, naive);
    decisions.iter().map(row).collect()
}

#[test]
fn a_campaign_of_which_something_cannot_be_told_opens_nothing_until_the_next_page() {
    let told = |key: &str| json!({"event.text": {"$regex": key}});
    let page = json!({"page.path": {"$regex": "/p"}});
    let log = |then: (Timestamp, Input)| {
        vec![
            event(0, "page_view", "/p/1"),
            event(1, "search", "tea"),
            then,
            event(3, "search", "tea"),
            event(10, "page_view", "/p/2"),
            event(11, "search", "tea"),
        ]
    };
    let silent_on_the_first = ["1 control", "3 suppressed unknown", "11 control"];
    let on = |place: &str| (place.to_string(), event(2, "look", "x"));
    let cases = [
        // An event that a pattern under a `not` may or may not mean: without it, a guess.
        (json!({"trigger": {"all": [{"on": "search"}, {"not": {"on": "look", "where": told("no")}}]}}), on("not")),
        (
            json!({"trigger": {"any": [{"on": "search"}, {"count": {"event": "look", "where": told("tea"), "at_least": 9}}]}}),
            on("count"),
        ),
        (json!({"trigger": {"on": "search"}, "cancel": [{"on": "look", "where": told("buy")}]}), on("cancel")),
        (json!({"trigger": {"on": "search"}, "goal": {"on": "look", "where": told("buy")}}), on("goal")),
    ];
    for (document, (place, then)) in cases {
        assert_eq!(decide(document, &log(then)), silent_on_the_first, "{place}");
    }
    let audience = json!({"trigger": {"on": "search"}, "audience": {"event.text": {"$regex": "t"}}});
    let asked = log(event(2, "search", "x"));
    assert_eq!(decide(audience, &asked), ["1 control", "2 suppressed unknown", "3 suppressed unknown", "11 control"]);
    let stay = json!({"trigger": {"any": [{"on": "search"}, {"dwell": {"page": page, "time": "1h"}}]}});
    let pages = [
        event(0, "page_view", "/p/x"),
        event(1, "search", "tea"),
        event(10, "page_view", "/p/2"),
        event(11, "search", "tea"),
    ];
    assert_eq!(decide(stay, &pages), ["1 suppressed unknown", "11 control"]);
    // What can be told all the same is told.
    let either = json!({"trigger": {"on": "search"}, "audience": {"$or": [{"event.text": {"$regex": "t"}}, {"page.path": "/p/1"}]}});
    assert_eq!(decide(either, &asked)[..3], ["1 control", "2 control", "3 control"]);
}
