//! Segment's e-commerce calls in GA4's names: our own cases, and the published vocabularies where `NOREN_ECOMMERCE_CASES` names a file of
//! them (sections `ga4.events`, `segment.events`, `item_mapping_segment_to_ga4`, `segment_events_without_ga4_default`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use noren_event::segment::{EVENTS, track};
use noren_wire::value::{from_json, to_json};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::path::Path;

fn mapped(event: &str, properties: &Json) -> (String, Json) {
    let (name, props) = track(event, from_json(properties));
    (name.into(), to_json(&props))
}

#[test]
fn every_case_holds_and_every_event_has_one() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/ecommerce.json");
    let file: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert_eq!(file["version"], 1);
    let mut seen = BTreeSet::new();
    for case in file["cases"].as_array().unwrap() {
        let event = case["event"].as_str().unwrap();
        seen.insert(event.to_owned());
        let (name, props) = mapped(event, &case["properties"]);
        assert_eq!((name.as_str(), &props), (case["is"].as_str().unwrap(), &case["props"]), "{}", case["name"]);
    }
    let missing: Vec<_> = EVENTS.iter().filter(|(theirs, _)| !seen.contains(*theirs)).collect();
    assert!(missing.is_empty(), "no case for {missing:?}");
}

/// A value of the type a vocabulary names.
fn example(of: &str) -> Json {
    match of {
        "Number" => json!(3),
        kind if kind.starts_with("Array") => json!([]),
        _ => json!("x"),
    }
}

/// Properties with every field that the vocabulary lists for an event, its products among them.
fn all_fields(fields: &Map<String, Json>) -> Json {
    let mut properties = Map::new();
    for (field, of) in fields {
        let of = of.as_str().unwrap();
        match field.split_once(".$.") {
            None => {
                properties.entry(field.clone()).or_insert_with(|| example(of));
            }
            Some((list, inner)) => {
                let list = properties.entry(list.to_owned()).or_insert_with(|| json!([{}]));
                if list.as_array().unwrap().is_empty() {
                    *list = json!([{}]);
                }
                list[0][inner] = example(of);
            }
        }
    }
    Json::Object(properties)
}

#[test]
fn the_published_vocabularies_are_met() {
    let Some(file) = std::env::var_os("NOREN_ECOMMERCE_CASES") else {
        eprintln!("NOREN_ECOMMERCE_CASES is not set: only our own cases were run");
        return;
    };
    let file: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let theirs = file["segment"]["events"].as_object().unwrap();
    let without: Vec<&str> =
        file["segment_events_without_ga4_default"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    let mut checked = 0;
    for (ga4, rules) in file["ga4"]["events"].as_object().unwrap() {
        let Some(event) = rules["segment_event"].as_str() else { continue };
        let empty = Map::new();
        let fields = theirs.get(event).and_then(Json::as_object).unwrap_or(&empty);
        let given = all_fields(fields);
        let (name, props) = mapped(event, &given);
        assert_eq!(&name, ga4, "{event}");
        for field in rules["required"].as_array().unwrap().iter().filter_map(Json::as_str) {
            // A field that the call has no source for cannot be there; everything it has a source for must be.
            let source = match field {
                "items" => given.get("products").or(given.get("product_id")),
                "transaction_id" => given.get("order_id"),
                "search_term" => given.get("query"),
                other => given.get(other),
            };
            assert_eq!(props.get(field).is_some(), source.is_some(), "{event}: {field} in {props}");
        }
        if let Some(item) = props.get("items").and_then(|items| items.get(0)) {
            for (from, to) in file["item_mapping_segment_to_ga4"].as_object().unwrap() {
                let to = to.as_str().unwrap().split(' ').next().unwrap();
                let product = given["products"].get(0).unwrap_or(&given);
                assert_eq!(item.get(to), product.get(from), "{event}: {from} as {to}");
            }
            assert!(item.get("item_id").is_some() || item.get("item_name").is_some(), "{event}: {item}");
        }
        checked += 1;
    }
    for event in without {
        assert_eq!(mapped(event, &json!({"total": "5"})), (event.to_owned(), json!({"total": "5"})), "stays as it is");
    }
    assert!(checked >= 15, "{checked}");
}
