//! The language reference lists every finding's code, and no other.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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
