//! The published schema and the checker agree about the example campaigns: both take them, and both refuse what is broken in them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

mod support;

use noren_event::Value;
use noren_rule::{Level, SCHEMA, check};
use serde_json::{Value as Json, json};
use std::path::Path;
use support::value;

/// The part of JSON Schema 2020-12 that the schema uses. An unknown keyword fails the test, so that none is passed over.
fn valid(root: &Json, schema: &Json, instance: &Json) -> bool {
    schema.as_object().unwrap().iter().all(|(keyword, arg)| {
        let limit = || arg.as_f64().unwrap();
        let list = || arg.as_array().unwrap();
        match keyword.as_str() {
            "$schema" | "title" | "description" | "default" | "$defs" => true,
            "$ref" => {
                let target = root.pointer(arg.as_str().unwrap().trim_start_matches('#'));
                valid(root, target.unwrap_or_else(|| panic!("dangling {arg}")), instance)
            }
            "type" => match arg {
                Json::Array(types) => types.iter().any(|t| is_type(t, instance)),
                one => is_type(one, instance),
            },
            "enum" => list().contains(instance),
            "const" => arg == instance,
            "anyOf" => list().iter().any(|s| valid(root, s, instance)),
            "required" => {
                instance.as_object().is_none_or(|o| list().iter().all(|k| o.contains_key(k.as_str().unwrap())))
            }
            "properties" => {
                instance.as_object().is_none_or(|o| o.iter().all(|(k, v)| arg.get(k).is_none_or(|s| valid(root, s, v))))
            }
            "additionalProperties" => instance.as_object().is_none_or(|o| {
                let known = schema.get("properties");
                let mut others = o.iter().filter(|(k, _)| known.and_then(|p| p.get(k)).is_none());
                if arg == &json!(false) { others.next().is_none() } else { others.all(|(_, v)| valid(root, arg, v)) }
            }),
            "propertyNames" => instance.as_object().is_none_or(|o| o.keys().all(|k| valid(root, arg, &json!(k)))),
            "items" => instance.as_array().is_none_or(|l| l.iter().all(|v| valid(root, arg, v))),
            "minItems" => instance.as_array().is_none_or(|l| l.len() as f64 >= limit()),
            "maxItems" => instance.as_array().is_none_or(|l| l.len() as f64 <= limit()),
            "uniqueItems" => instance.as_array().is_none_or(|l| l.iter().enumerate().all(|(i, v)| !l[..i].contains(v))),
            "minProperties" => instance.as_object().is_none_or(|o| o.len() as f64 >= limit()),
            "maxProperties" => instance.as_object().is_none_or(|o| o.len() as f64 <= limit()),
            "minimum" => instance.as_f64().is_none_or(|n| n >= limit()),
            "maximum" => instance.as_f64().is_none_or(|n| n <= limit()),
            "minLength" => instance.as_str().is_none_or(|s| s.chars().count() as f64 >= limit()),
            "maxLength" => instance.as_str().is_none_or(|s| s.chars().count() as f64 <= limit()),
            "pattern" => {
                instance.as_str().is_none_or(|s| regress::Regex::new(arg.as_str().unwrap()).unwrap().find(s).is_some())
            }
            other => panic!("the schema uses {other}"),
        }
    })
}

fn is_type(name: &Json, instance: &Json) -> bool {
    match name.as_str().unwrap() {
        "null" => instance.is_null(),
        "boolean" => instance.is_boolean(),
        "number" => instance.is_number(),
        "integer" => instance.as_f64().is_some_and(|n| n.fract() == 0.0),
        "string" => instance.is_string(),
        "array" => instance.is_array(),
        "object" => instance.is_object(),
        other => panic!("{other}"),
    }
}

fn examples() -> Vec<(String, Json)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/campaigns");
    let mut list: Vec<(String, Json)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            (path.file_stem().unwrap().to_string_lossy().into_owned(), serde_json::from_str(&text).unwrap())
        })
        .collect();
    list.sort_by(|a, b| a.0.cmp(&b.0));
    list
}

fn both(document: &Json) -> (bool, bool) {
    let schema: Json = serde_json::from_str(SCHEMA).unwrap();
    let (_, findings) = check(&value(document), &Value::Null);
    (valid(&schema, &schema, document), findings.iter().all(|f| f.level != Level::Error))
}

#[test]
fn examples_are_valid_sound_and_named_after_their_id() {
    let examples = examples();
    assert!(examples.len() >= 5);
    for (name, document) in &examples {
        assert_eq!(document["id"], json!(name));
        assert_eq!(both(document), (true, true), "{name}: {:#?}", check(&value(document), &Value::Null).1);
    }
}

#[test]
fn schema_and_checker_refuse_the_same_changes() {
    let changes = [
        ("/priority", json!(1000)),
        ("/priority", json!(1.5)),
        ("/control", json!(105)),
        ("/trigger", json!({"dwell": {"time": "soon"}})),
        ("/trigger", json!({"wait": "30s"})),
        ("/trigger", json!({"count": {"event": "x", "at_least": 101}})),
        ("/variants", json!([])),
        ("/variants/0/action/kind", json!("fax")),
        ("/variants/0/action/title", json!({"English": "x"})),
        ("/caps", json!({"again": [{"after": "1d", "since": "seen"}]})),
        ("/caps", json!({"stop": [{"times": 0}]})),
        ("/schedule", json!({"weekdays": ["monday"]})),
        ("/goal", json!({"within": "7d"})),
        ("/audience", json!({"$or": []})),
        ("/status", json!("running")),
        ("/group", json!("Offers!")),
        ("/caps", json!({"again": [{"after": "1d", "clock": "groups"}]})),
        ("/exclusive", json!({"name": "x", "share": [0, 50, 100]})),
        ("/exclusive", json!({"name": "x", "share": [0, 101]})),
        ("/stop", json!({"shows": 1.5})),
        ("/stop", json!({"date": "tomorrow"})),
        ("/schedule", json!({"calendar": {"closed": ["31.12."]}})),
        ("/schedule", json!({"calendar": {"opened": ["2026-12-31"]}})),
        ("/id", json!("A B")),
        ("/cancle", json!([])),
    ];
    for (name, document) in examples() {
        for (pointer, change) in &changes {
            let mut broken = document.clone();
            match broken.pointer_mut(pointer) {
                Some(place) => *place = change.clone(),
                None => broken[pointer.trim_start_matches('/')] = change.clone(),
            }
            assert_eq!(both(&broken), (false, false), "{name} {pointer} {change}");
        }
    }
}
