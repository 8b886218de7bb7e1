//! The editor's messages, as the console sends them.

#![allow(clippy::unwrap_used, reason = "a helper of tests fails as a test does")]

use serde_json::{Value, json};
use std::path::Path;

fn answer(message: &Value) -> Value {
    serde_json::from_slice(&noren_editor::answer(message.to_string().as_bytes())).unwrap()
}

fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/campaigns").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_good_campaign_has_a_sentence_in_both_languages_and_no_error() {
    let checked = answer(&json!({ "op": "check", "campaigns": [example("cart-abandon.json")] }));
    let errors = checked["findings"].as_array().unwrap().iter().filter(|f| f["level"] == "error").count();
    assert_eq!(errors, 0, "{checked}");
    let campaign = &checked["campaigns"][0];
    assert_eq!(campaign["id"], example("cart-abandon.json")["id"]);
    let [en, ja] = ["en", "ja"].map(|lang| campaign["sentence"][lang].as_str().unwrap());
    assert!(en.contains("15 minutes") && en.contains("a purchase"), "{en}");
    assert!(ja.contains("15") && ja.contains("購入"), "{ja}");
}

#[test]
fn a_wrong_campaign_is_told_with_code_and_path() {
    let mut document = example("cart-abandon.json");
    document["audience"] = json!({ "visitor.visits": { "$gtt": 2 } });
    let checked = answer(&json!({ "op": "check", "campaigns": [document] }));
    let finding = &checked["findings"][0];
    assert_eq!(finding["code"], "operator_unknown", "{checked}");
    assert_eq!(finding["path"], "/audience/visitor.visits/$gtt");
    assert!(finding["message"]["ja"].as_str().is_some_and(|text| !text.is_ascii()));
}

#[test]
fn the_schema_is_the_published_one() {
    assert_eq!(noren_editor::answer(br#"{"op":"schema"}"#), noren_rule::SCHEMA.as_bytes());
}

#[test]
fn a_trial_says_when_the_moment_came() {
    let minute = 60_000;
    let at = 1_760_000_000_000_i64;
    let events = json!([
        { "at": at, "name": "page_view", "props": { "page_location": "https://shop.example/shop/products/kettle" } },
        { "at": at + 1_000, "name": "add_to_cart", "props": { "value": 1200 } },
    ]);
    let document = json!({
        "id": "reminder", "name": "Reminder", "trigger": { "on": "add_to_cart" }, "control": 0,
        "variants": [{ "id": "a", "weight": 100, "action": { "kind": "bar", "body": "Hello",
            "buttons": [{ "label": "Close", "action": "close" }] } }],
        "goal": { "on": "purchase", "within": "7d" },
    });
    let message =
        |until: i64| json!({ "op": "try", "campaigns": [document], "visitor": "v", "events": events, "until": until });
    let tried = answer(&message(at + 30 * minute));
    let decision = json!({ "at": at + 1_000, "campaign": "reminder", "variant": "a", "outcome": "shown", "gate": "" });
    assert_eq!(tried, json!({ "decisions": [decision] }));
}

#[test]
fn a_sites_calendars_and_holdout_are_known_where_its_document_is_given() {
    let mut document = example("cart-abandon.json");
    document["schedule"] = json!({ "zone": "Asia/Tokyo", "calendar": { "closed": "jp" } });
    let check = |site: Value| answer(&json!({ "op": "check", "campaigns": [document], "site": site }));
    let errors = |checked: &Value| -> Vec<String> {
        let errors = checked["findings"].as_array().unwrap().iter().filter(|f| f["level"] == "error");
        errors.map(|f| format!("{}{} {}", f["campaign"], f["path"], f["code"]).replace('"', "")).collect()
    };
    let known = check(json!({ "calendars": { "jp": ["2026-12-31"] } }));
    assert_eq!(errors(&known), [""; 0]);
    assert!(known["campaigns"][0]["sentence"]["ja"].as_str().is_some_and(|text| text.contains("jp")), "{known}");
    assert_eq!(errors(&check(json!({}))), ["cart-abandon/schedule/calendar/closed calendar_unknown"]);
    assert_eq!(errors(&check(Value::Null)), errors(&check(json!({}))));
    let wrong = check(json!({ "calendars": { "jp": ["soon"] }, "holdout": { "share": 90 } }));
    assert_eq!(errors(&wrong)[..2], ["/calendars/jp/0 date_invalid", "/holdout/share number_out_of_range"]);
    let long: Vec<String> = (0..60_000).map(|_| "2026-12-31".into()).collect();
    let refused = check(json!({ "calendars": { "jp": long } }));
    assert_eq!((&refused["code"], &refused["path"]), (&json!("body_invalid"), &json!("site")));

    let events = json!([{ "at": 1_760_000_000_000_i64, "name": "add_to_cart" }]);
    let mut all_shown = document.clone();
    all_shown["trigger"] = json!({ "on": "add_to_cart" });
    all_shown["control"] = json!(0);
    all_shown.as_object_mut().unwrap().retain(|key, _| !["delay", "cancel", "audience"].contains(&key.as_str()));
    let attempt = |share: u32| {
        let site = json!({ "calendars": { "jp": ["2026-12-31"] }, "holdout": { "share": share, "seed": "3" } });
        let visitors = (0..40).map(|n| format!("v{n}"));
        let tries = visitors.map(|visitor| {
            answer(
                &json!({ "op": "try", "campaigns": [all_shown], "site": site, "visitor": visitor, "events": events }),
            )
        });
        tries.filter(|tried| tried["decisions"][0]["gate"] == "holdout").count()
    };
    assert_eq!(attempt(0), 0);
    assert!((8..32).contains(&attempt(50)));
}

#[test]
fn drafts_with_errors_are_not_tried() {
    let tried = answer(&json!({ "op": "try", "campaigns": [{}], "events": [] }));
    assert_eq!(tried["code"], "campaigns_invalid");
    assert!(!tried["findings"].as_array().unwrap().is_empty());
}

#[test]
fn what_is_no_message_is_answered_like_everywhere() {
    for (message, code) in [
        ("", "body_not_json"),
        ("{", "body_not_json"),
        ("[]", "body_invalid"),
        (r#"{"op":7}"#, "body_invalid"),
        (r#"{"op":"fly"}"#, "body_invalid"),
        (r#"{"op":"check"}"#, "body_invalid"),
        (r#"{"op":"try","campaigns":[],"events":[{"at":"noon","name":"x"}]}"#, "body_invalid"),
    ] {
        let said: Value = serde_json::from_slice(&noren_editor::answer(message.as_bytes())).unwrap();
        assert_eq!(said["code"], code, "{message}: {said}");
    }
    assert_eq!(noren_editor::answer(b"\xff\xfe\x00").first(), Some(&b'{'));
    let long = json!({ "op": "check", "campaigns": [{ "id": "x", "name": "あ".repeat(50_000) }] });
    assert_eq!((&answer(&long)["code"], &answer(&long)["path"]), (&json!("body_invalid"), &json!("campaigns[0]")));
}
