//! `noren conformance` as people and scripts use it: a line a section, failures by name, the exit code.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

mod support;

use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::{Duration, Instant};
use support::{Folder, code, noren, stderr, stdout};

fn run(file: &Path, more: &[&str]) -> Output {
    noren(&[&["conformance", file.to_str().unwrap()], more].concat())
}

/// The same over cases that are made here.
fn run_cases(text: &str, more: &[&str]) -> Output {
    let folder = Folder::new();
    noren(&[&["conformance", &folder.write("cases.json", text)], more].concat())
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

/// The sections of a report that failed, or were not run.
fn short_of(output: &Output) -> Vec<String> {
    let is_short = |l: &&str| !l.ends_with(" 0 failed") && !l.starts_with("not run: ");
    stdout(output).lines().filter(is_short).map(String::from).collect()
}

fn own() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/specification.json")
}

#[test]
fn the_committed_cases_pass_with_a_line_a_section() {
    let output = run(&own(), &[]);
    let expected = [
        "evalCondition: 4 passed, 0 failed",
        "savedGroupReferencesV2: 2 passed, 0 failed",
        "hash: 4 passed, 0 failed",
        "getBucketRange: 2 passed, 0 failed",
        "chooseVariation: 2 passed, 0 failed",
        "inNamespace: 2 passed, 0 failed",
        "getEqualWeights: 2 passed, 0 failed",
        "getQueryStringOverride: 2 passed, 0 failed",
        "stickyBucket: 19 passed, 0 failed",
    ];
    assert_eq!(lines(&stdout(&output)), expected);
    assert_eq!(code(&output), 0);
}

#[test]
fn growthbooks_cases_pass_where_they_are_at_hand() {
    let Some(folder) = std::env::var_os("NOREN_CONFORMANCE_DIR") else { return };
    let output = run(&Path::new(&folder).join("growthbook-cases.json"), &[]);
    assert_eq!(short_of(&output), [""; 0]);
    assert_eq!(code(&output), 0);
}

/// Every case of the committed file is worth something: with its expectation turned around, it fails.
#[test]
fn no_case_passes_whatever_is_expected() {
    let mut file: Json = serde_json::from_str(&std::fs::read_to_string(own()).unwrap()).unwrap();
    let turn = |expected: &mut Json| {
        *expected = match expected.take() {
            Json::Bool(b) => json!(!b),
            Json::Null => json!(1),
            Json::Number(n) => json!(n.as_f64().unwrap() + 0.5),
            Json::Array(mut list) => {
                list.push(json!([0.0, 0.0]));
                json!(list)
            }
            _ => Json::Null,
        }
    };
    let sections = file.as_object_mut().unwrap();
    let mut turned = 0;
    for (name, section) in sections.iter_mut() {
        let cases = if name == "savedGroupReferencesV2" { &mut section["evalCondition"] } else { section };
        for case in cases.as_array_mut().into_iter().flatten() {
            let fields = case.as_array_mut().unwrap();
            let place = match name.as_str() {
                "evalCondition" | "savedGroupReferencesV2" => 3,
                "stickyBucket" => 4,
                _ => fields.len() - 1,
            };
            turn(&mut fields[place]);
            turned += 1;
        }
    }
    let output = run_cases(&file.to_string(), &[]);
    assert_eq!(code(&output), 1);
    let failed = lines(&stdout(&output)).iter().filter(|l| l.starts_with("  failed: ")).count();
    assert_eq!(failed, turned, "{:#?}", lines(&stdout(&output)));
}

#[test]
fn a_failure_has_its_name_and_what_was_got_and_expected() {
    let file = json!({
        "evalCondition": [["vip or not", {"a": 1}, {"a": 2}, true], ["fine", {}, {}, true]],
        "hash": [["", "a", 2, 0.5], ["", "a", 1]],
        "stickyBucket": [["bare", {"features": {}}, [], "f", null, {"id||1": {}}]],
    });
    let output = run_cases(&file.to_string(), &[]);
    assert_eq!(code(&output), 1);
    let text = stdout(&output);
    let text = lines(&text);
    assert_eq!(text[0], "evalCondition: 1 passed, 1 failed");
    assert_eq!(text[1], "  failed: vip or not: got false, expected true");
    assert!(text.contains(&"hash: 0 passed, 2 failed"), "{text:#?}");
    assert!(text.contains(&"  failed: [\"\",\"a\",2]: got 0.0216, expected 0.5"), "{text:#?}");
    let misshapen = r#"  failed: ["","a"]: got ["","a",1], expected "a case as the specification lays it out""#;
    assert!(text.contains(&misshapen), "{text:#?}");
    let sticky =
        r#"  failed: bare: got {"result":null,"documents":{}}, expected {"result":null,"documents":{"id||1":{}}}"#;
    assert!(text.contains(&sticky), "{text:#?}");

    let json: Vec<Json> = support::lines(&run_cases(&file.to_string(), &["--json"]));
    assert_eq!(json[0], json!({"section": "evalCondition", "passed": 1, "failed": 1}));
    assert_eq!(json[1], json!({"section": "evalCondition", "case": "vip or not", "got": false, "expected": true}));
}

#[test]
fn what_is_missing_or_not_run_is_said() {
    let file = json!({
        "specVersion": "0.12.0",
        "evalCondition": 7,
        "feature": [["a", {}, "f", {}]],
        "savedGroupReferencesV2": {"run": []},
        "hash": [],
    });
    let output = run_cases(&file.to_string(), &[]);
    let text = stdout(&output);
    let text = lines(&text);
    assert_eq!(code(&output), 1);
    assert_eq!(text[0], "evalCondition: 0 passed, 1 failed");
    assert_eq!(text[2], "savedGroupReferencesV2: absent");
    assert_eq!(text[3], "hash: 0 passed, 0 failed");
    assert_eq!(text[9], "stickyBucket: absent");
    assert_eq!(text[10], "not run: feature, savedGroupReferencesV2.run");
}

#[test]
fn what_is_no_case_file_could_not_be_read() {
    let deep = format!("{{\"evalCondition\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000));
    for (name, text) in [("json", "{"), ("list", "[]"), ("other", "{\"a\": []}"), ("deep", &deep)] {
        let output = run_cases(text, &[]);
        assert_eq!(code(&output), 2, "{name}");
        assert!(output.stdout.is_empty(), "{name}");
        assert_eq!(lines(&stderr(&output)).len(), 1, "{name}");
    }
    assert_eq!(code(&run(Path::new("/nowhere/cases.json"), &[])), 2);
}

#[test]
fn a_catastrophic_expression_does_not_hang() {
    let subject = format!("{}!", "a".repeat(2_000));
    let file = json!({"evalCondition": [
        ["forever", {"a": {"$regex": "^(a+)+$"}}, {"a": subject}, false],
        ["after it", {"a": {"$regex": "^(a+)+$"}}, {"a": "aaa"}, true],
    ]});
    let begun = Instant::now();
    let output = run_cases(&file.to_string(), &[]);
    // One second is allowed; the rest is for a machine that is busy.
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(lines(&stdout(&output))[0], "evalCondition: 2 passed, 0 failed");
    let note = "evalCondition: forever: stopped an expression that ran too long; it counts as not matching";
    assert_eq!(lines(&stderr(&output)), [note]);
    assert_eq!(code(&output), 0);
}

/// Sizes and depths that would exhaust an evaluator without bounds.
#[test]
fn hostile_cases_end() {
    let mut chain = serde_json::Map::new();
    for i in 0..2_000 {
        let parents: Vec<Json> = (1..3).map(|step| json!({"id": format!("f{}", i + step)})).collect();
        chain.insert(format!("f{i}"), json!({"rules": [{"parentConditions": parents, "force": 1}]}));
    }
    let sticky = json!({"attributes": {"id": "1"}, "features": {"f": {"rules": [{
        "variations": [0, 1], "minBucketVersion": 9_007_199_254_740_991_u64, "meta": [{"key": "0"}, {"key": "1"}],
    }]}}});
    let mut nested = json!({"a": 1});
    for _ in 0..100 {
        nested = json!({"$not": nested});
    }
    // Segments that nest as deep as a file can, one inside the other.
    let mut groups = serde_json::Map::new();
    for i in 0..200 {
        let mut condition = json!({"$savedGroup": {"id": format!("g{}", i + 1)}});
        for _ in 0..35 {
            condition = json!({"$not": {"$or": [condition]}});
        }
        groups.insert(format!("g{i}"), json!({"type": "condition", "condition": condition}));
    }
    // Segments that name the next one twice, thirty deep: a thousand million when written out.
    for i in 0..30 {
        let next = json!({"$savedGroup": {"id": format!("w{}", i + 1)}});
        groups.insert(format!("w{i}"), json!({"type": "condition", "condition": {"$and": [next, next]}}));
    }
    let file = json!({
        "evalCondition": [
            ["deep", nested, {"a": 1}, true],
            ["wide segments", {"$savedGroup": {"id": "w0"}}, {}, false, groups],
            ["deep segments", {"$and": [{"$savedGroup": {"id": "g0"}}, {"a": 2}]}, {"a": 1}, false, groups],
        ],
        "getEqualWeights": [[2_000_000_000, []], [1e300, []], [-3, []]],
        "getBucketRange": [["many", [2_000_000_000, 1, null], []]],
        "stickyBucket": [
            ["prerequisites without end", {"features": chain}, [], "f0", null, {}],
            ["versions without end", sticky, [], "f", null, {}],
        ],
    });
    let output = run_cases(&file.to_string(), &[]);
    let text = stdout(&output);
    let text = lines(&text);
    assert_eq!(code(&output), 1);
    assert_eq!(text[0], "evalCondition: 3 passed, 0 failed");
    assert!(text.contains(&"getEqualWeights: 1 passed, 2 failed"), "{text:#?}");
    assert!(text.contains(&"stickyBucket: 1 passed, 1 failed"), "{text:#?}");
}
