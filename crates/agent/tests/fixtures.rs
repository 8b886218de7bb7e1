//! Files that the Rust and the TypeScript side both read: what they say the same, they say in one place. `NOREN_UPDATE=1 cargo test -p
//! noren-agent` writes the bytes anew.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a file of ours that is wrong is a failing test")]

use noren_event::{Value, data_layer, packed};
use serde_json::{Value as Json, json};

fn read(path: &str) -> Vec<Json> {
    let text = std::fs::read_to_string(path).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn value_of(json: &Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Bool(b) => (*b).into(),
        Json::Number(n) => n.as_f64().unwrap().into(),
        Json::String(s) => s.as_str().into(),
        Json::Array(items) => Value::List(items.iter().map(value_of).collect()),
        Json::Object(members) => Value::Map(members.iter().map(|(k, v)| (k.as_str().into(), value_of(v))).collect()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

const PACKED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../js/agent/fixtures/packed.json");
const PAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../js/agent/fixtures/pages.json");
const PUSHES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../js/loader/fixtures/pushes.json");

/// An object's members by name: in which order they stand is no matter here.
fn sorted(object: &Value) -> Vec<(Box<str>, Value)> {
    let mut members = object.as_map().unwrap().to_vec();
    members.sort_by(|a, b| a.0.cmp(&b.0));
    members
}

#[test]
fn packed_values_are_the_bytes_that_the_browser_reads_and_writes() {
    let cases = read(PACKED);
    assert!(cases.len() > 20);
    if std::env::var("NOREN_UPDATE").is_ok() {
        let lines: Vec<String> = cases
            .iter()
            .map(|case| {
                json!({"value": case["value"], "hex": hex(&packed::encode(&value_of(&case["value"])))}).to_string()
            })
            .collect();
        std::fs::write(PACKED, format!("[\n  {}\n]\n", lines.join(",\n  "))).unwrap();
    }
    for case in read(PACKED) {
        let value = value_of(&case["value"]);
        assert_eq!(packed::decode(&unhex(case["hex"].as_str().unwrap())), Ok(value.clone()), "{case}");
        assert_eq!(hex(&packed::encode(&value)), case["hex"], "{case}");
    }
}

#[test]
fn a_push_means_here_what_it_means_in_the_tag() {
    for case in read(PUSHES) {
        let expected = match &case["event"] {
            Json::Array(parts) => Some((parts[0].as_str().unwrap().into(), value_of(&parts[1]))),
            _ => None,
        };
        let found = data_layer::event_of(&value_of(&case["push"]));
        match (&found, &expected) {
            (Some((name, props)), Some((other, others))) => {
                assert_eq!((name, sorted(props)), (other, sorted(others)), "{case}")
            }
            _ => assert_eq!(found, expected, "{case}"),
        }
    }
}

#[test]
fn a_page_view_says_of_its_page_what_it_says_in_a_browser() {
    let cases = read(PAGES);
    assert!(cases.len() >= 10);
    for case in cases {
        let (found, expected) = (noren_engine::page::attributes(&value_of(&case["props"])), value_of(&case["page"]));
        for ((key, a), (other, b)) in sorted(&found).iter().zip(sorted(&expected)) {
            assert_eq!(key, &other, "{case}");
            let same = if **key == *"query" { sorted(a) == sorted(&b) } else { *a == b };
            assert!(same, "{case}: {found:?}");
        }
        assert_eq!(found.as_map().unwrap().len(), expected.as_map().unwrap().len(), "{case}");
    }
}

#[test]
fn gates_have_the_words_by_which_the_browser_records_them() {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../js/agent/gates.ts")).unwrap();
    let words = source.split('\'').nth(1).unwrap();
    let expected: Vec<&str> = noren_engine::Gate::ALL.iter().map(|gate| gate.word()).collect();
    assert_eq!(words.split(' ').collect::<Vec<_>>(), expected);
    for (number, gate) in noren_engine::Gate::ALL.iter().enumerate() {
        assert_eq!(*gate as usize, number);
    }
}
