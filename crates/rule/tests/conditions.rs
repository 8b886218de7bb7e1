//! Conditions mean what they are said to mean: the committed cases, and, where `NOREN_CONFORMANCE_DIR` names a folder with GrowthBook's
//! case file, every case of it that is about conditions.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

mod support;

use noren_engine::condition::{Host, holds};
use noren_rule::condition::parse;
use serde_json::Value as Json;
use support::value;

/// Expressions by the same ECMAScript engine that checks them.
struct Native;

impl Host for Native {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let (pattern, subject) = (core::str::from_utf8(pattern).ok()?, core::str::from_utf8(subject).ok()?);
        // The specification knows no third value here: what is no expression does not match.
        let regex = regress::Regex::with_flags(pattern, if fold { "i" } else { "" }).ok();
        Some(regex.is_some_and(|r| r.find(subject).is_some()))
    }
}

fn holds_for(condition: &Json, groups: &Json, attributes: &Json) -> bool {
    holds(&parse(&value(condition), &value(groups)), &value(attributes), &Native)
}

#[test]
fn the_committed_cases_hold() {
    let file: Json = serde_json::from_str(include_str!("../../../tests/conformance/conditions.json")).unwrap();
    for c in file["cases"].as_array().unwrap() {
        let got = holds_for(&c["condition"], &c["groups"], &c["attributes"]);
        assert_eq!(Some(got), c["expected"].as_bool(), "{}", c["name"]);
    }
}

#[test]
fn growthbooks_cases_hold_where_they_are_at_hand() {
    let Some(folder) = std::env::var_os("NOREN_CONFORMANCE_DIR") else { return };
    let path = std::path::Path::new(&folder).join("growthbook-cases.json");
    let file: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let sections = [&file["evalCondition"], &file["savedGroupReferencesV2"]["evalCondition"]];
    let mut failed = Vec::new();
    for c in sections.into_iter().flat_map(|s| s.as_array().unwrap()) {
        let got = holds_for(&c[1], c.get(4).unwrap_or(&Json::Null), &c[2]);
        if Some(got) != c[3].as_bool() {
            failed.push(c[0].as_str().unwrap().to_string());
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
