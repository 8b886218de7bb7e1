//! ARCHITECTURE.md is true: every crate has its paragraph, every path it names exists, and crates depend on each other only as its table
//! allows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn map() -> String {
    std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md")
}

/// Crates of the workspace by folder name, each with the workspace crates it depends on outside of tests.
fn crates() -> BTreeMap<String, BTreeSet<String>> {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).expect("its JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let folder = |manifest: &str| -> String {
        let dir = Path::new(manifest).parent().expect("a folder");
        dir.file_name().expect("a name").to_string_lossy().into_owned()
    };
    let by_name: BTreeMap<&str, String> = packages
        .iter()
        .map(|p| (p["name"].as_str().expect("a name"), folder(p["manifest_path"].as_str().expect("a path"))))
        .collect();
    packages
        .iter()
        .map(|p| {
            let dependencies = p["dependencies"].as_array().expect("dependencies").iter();
            let ours = dependencies
                .filter(|d| d["kind"].is_null())
                .filter_map(|d| by_name.get(d["name"].as_str().expect("a name")).cloned())
                .collect();
            (by_name[p["name"].as_str().expect("a name")].clone(), ours)
        })
        .collect()
}

/// The table of allowed edges.
fn allowed() -> BTreeMap<String, BTreeSet<String>> {
    let text = map();
    let table = text.split("| crate | may depend on |").nth(1).expect("the table");
    table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let mut cells = line.trim_matches('|').split('|').map(str::trim);
            let name = cells.next().expect("a crate").to_owned();
            (name, cells.next().unwrap_or("").split_whitespace().map(str::to_owned).collect())
        })
        .collect()
}

/// Test-only members are free to see everything.
fn is_only_tests(name: &str) -> bool {
    !root().join("crates").join(name).exists() && name != "worker"
}

#[test]
fn crates_depend_on_each_other_only_as_the_table_allows() {
    let allowed = allowed();
    for (name, dependencies) in crates() {
        if is_only_tests(&name) {
            continue;
        }
        let may = allowed.get(&name).unwrap_or_else(|| panic!("the table has no line for {name}"));
        let extra: Vec<_> = dependencies.difference(may).collect();
        assert!(extra.is_empty(), "{name} depends on {extra:?}, which the table does not allow");
    }
}

#[test]
fn the_table_has_no_circle_and_no_ghost() {
    let allowed = allowed();
    let crates = crates();
    for (name, may) in &allowed {
        assert!(crates.contains_key(name), "{name} is in the table and not in the workspace");
        for other in may {
            assert!(allowed[other].iter().all(|back| back != name), "{name} and {other} may depend on each other");
        }
    }
}

#[test]
fn every_crate_has_its_paragraph_and_every_path_is_real() {
    let text = map();
    for name in crates().keys().filter(|name| !is_only_tests(name)) {
        let heading = if name == "worker" { "**`worker`**".to_owned() } else { format!("**`crates/{name}`**") };
        assert!(text.contains(&heading), "ARCHITECTURE.md has no paragraph that starts with {heading}");
    }
    let quoted = text.split('`').skip(1).step_by(2);
    let starts = ["crates/", "js/", "worker/", "tests/", "docs/", "examples/", "budgets.json"];
    let mut paths = 0;
    for path in quoted.filter(|q| starts.iter().any(|s| q.starts_with(s))) {
        assert!(root().join(path).exists(), "ARCHITECTURE.md names {path}, which does not exist");
        paths += 1;
    }
    assert!(paths > 20, "only {paths} paths were found");
}

#[test]
fn the_core_stays_a_core() {
    let banned = ["serde", "wasm-bindgen", "js-sys", "web-sys", "worker", "tokio", "rand", "getrandom", "chrono"];
    for name in ["event", "program", "assign", "rule", "engine", "reference", "profile", "stats"] {
        let manifest = std::fs::read_to_string(root().join("crates").join(name).join("Cargo.toml")).expect(name);
        let table = manifest.split("[dependencies]").nth(1).unwrap_or("");
        let table = table.split("\n[").next().unwrap_or("");
        for line in table.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let dependency = line.split([' ', '=', '.']).next().unwrap_or("");
            assert!(!banned.contains(&dependency), "{name} depends on {dependency}");
        }
    }
}
