//! The language reference lists every finding's code, and no other.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

mod support;

use noren_engine::Host;
use noren_engine::condition::holds;
use noren_rule::condition::parse;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use support::value;

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            out.push(path);
        }
    }
}

#[test]
fn the_reference_lists_every_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("src"), &mut files);
    let call = regress::Regex::new(r#"\br\.(?:error|warning)\(\s*"([a-z_]+)""#).unwrap();
    let mut said = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        said.extend(call.find_iter(text).map(|m| text[m.group(1).unwrap()].to_string()));
    }
    assert!(said.len() > 40);
    let reference = std::fs::read_to_string(root.join("../../docs/rules.md")).unwrap();
    let table = reference.split("## Findings").nth(1).unwrap();
    let code = regress::Regex::new("`([a-z]+(?:_[a-z]+)+)`").unwrap();
    let listed: BTreeSet<String> = table
        .lines()
        .filter(|l| l.starts_with("| `"))
        .flat_map(|l| {
            let cell = l.split('|').nth(1).unwrap();
            code.find_iter(cell).map(|m| cell[m.group(1).unwrap()].to_string()).collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(said, listed);
}

#[test]
fn the_reference_lists_every_operator_and_attribute() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let reference = std::fs::read_to_string(root.join("../../docs/rules.md")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(noren_rule::SCHEMA).unwrap();
    for operator in schema["$defs"]["operators"]["properties"].as_object().unwrap().keys() {
        let cases = include_str!("../../../tests/conformance/conditions.json");
        assert!(reference.contains(operator.as_str()), "{operator}");
        assert!(cases.contains(&format!("\"{operator}\"")), "{operator} has no case");
    }
    for attribute in schema["$defs"]["condition"]["properties"].as_object().unwrap().keys() {
        let name = attribute.rsplit('.').next().unwrap();
        assert!(reference.contains(name), "{attribute}");
    }
}

/// Expressions by the same ECMAScript engine that checks them.
struct Native;

impl Host for Native {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let (pattern, subject) = (core::str::from_utf8(pattern).ok()?, core::str::from_utf8(subject).ok()?);
        let regex = regress::Regex::with_flags(pattern, if fold { "i" } else { "" }).ok()?;
        Some(regex.find(subject).is_some())
    }
}

fn json_of(text: &str) -> Json {
    serde_json::from_str(text.trim().trim_matches('`')).unwrap_or_else(|e| panic!("{e}: {text}"))
}

#[test]
fn every_operator_has_an_example_and_the_example_is_true() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let reference = std::fs::read_to_string(root.join("../../docs/rules.md")).unwrap();
    let section = reference.split("\n## Conditions\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let groups = value(&json_of(section.split("```json").nth(1).unwrap().split("```").next().unwrap()));
    let mut shown = BTreeSet::new();
    for row in section.lines().filter(|l| l.starts_with("| `$")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [operator, _, condition, passes, fails] = &cells[..] else { panic!("{row}") };
        let operator = operator.trim_matches('`');
        assert!(condition.contains(&format!("\"{operator}\"")), "{operator} is not in its own example");
        let condition = json_of(condition);
        let parsed = parse(&value(&condition), &groups);
        assert!(holds(&parsed, &value(&json_of(passes)), &Native), "{operator} holds for {passes}");
        assert!(!holds(&parsed, &value(&json_of(fails)), &Native), "{operator} does not hold for {fails}");
        // It is not only true but can be published.
        let document = json!({"id": "c", "audience": condition, "trigger": {"on": "x"},
            "caps": {"again": [{"after": "1d"}]}, "variants": [{"id": "a", "action": {"kind": "popup", "title": "x"}}]});
        let (_, findings) = noren_rule::check(&value(&document), &groups);
        assert!(findings.is_empty(), "{operator}: {findings:?}");
        assert!(shown.insert(operator.to_string()), "{operator} stands there twice");
    }
    let schema: Json = serde_json::from_str(noren_rule::SCHEMA).unwrap();
    let keys = |of: &str| schema["$defs"][of]["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let all: BTreeSet<String> =
        keys("operators").into_iter().chain(keys("condition")).filter(|k| k.starts_with('$')).collect();
    assert_eq!(shown, all);
}
