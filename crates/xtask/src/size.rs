//! `size`: the bytes that `up` serves, against budgets.json. Raising a number there is a commit of its own, with its reason.

use crate::build::{Asset, WORKER_OUTPUT, build, built_assets};
use crate::command::{command, output};
use crate::failure::{Context, Failure, Result};
use crate::room::Room;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Sizes in bytes: as is, gzip, brotli.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Sizes([u64; 3]);

const FORMS: [&str; 3] = ["raw", "gzip", "brotli"];

/// Builds, then checks.
///
/// # Errors
/// When something is above its budget or has none.
pub fn size(room: &Room) -> Result<()> {
    build(room)?;
    check(room)
}

/// Checks what was built.
///
/// # Errors
/// When something is above its budget or has none.
pub fn check(room: &Room) -> Result<()> {
    let path = room.at("budgets.json");
    let text = std::fs::read_to_string(&path).context(|| format!("reading {}", path.display()))?;
    let budgets: Value = serde_json::from_str(&text).context(|| "budgets.json".into())?;
    let mut sizes: BTreeMap<String, Sizes> = built_assets(room)?.iter().filter_map(artefact).collect();
    sizes.insert("worker".into(), worker(room)?);
    let (table, failures) = compare(&sizes, &budgets);
    print!("{table}");
    if failures.is_empty() { Ok(()) } else { Err(Failure::new(failures.join("\n"))) }
}

/// What a visitor loads, under a name without its hash; the console and the shop are not counted.
fn artefact(asset: &Asset) -> Option<(String, Sizes)> {
    let name = if let Some(name) = asset.path.strip_prefix("noren/w/") {
        format!("widget {}", name.split_once('/')?.1.split('.').next()?)
    } else if let Some(name) = asset.path.strip_prefix("noren/a/") {
        let name = name.rsplit('/').next()?;
        let mut parts = name.split('.');
        format!("{}.{}", parts.next()?, parts.next_back()?)
    } else if asset.path == "tag.js" {
        "tag.js".to_owned()
    } else {
        return None;
    };
    let sizes = [asset.raw, asset.gzip.unwrap_or(asset.raw), asset.brotli.unwrap_or(asset.raw)];
    Some((name, Sizes(sizes)))
}

/// The Worker is not served but uploaded, gzipped, and a plan limits that size.
fn worker(room: &Room) -> Result<Sizes> {
    let files = ["index.js", "bindings_bg.wasm"].map(|name| room.at(WORKER_OUTPUT).join(name));
    let script = "const {readFileSync}=require('node:fs'),z=require('node:zlib');let s=[0,0,0];for(const f of process.argv.slice(1)){const b=readFileSync(f);\
                  s[0]+=b.length;s[1]+=z.gzipSync(b,{level:9}).length;s[2]+=z.brotliCompressSync(b,{params:{[z.constants.BROTLI_PARAM_QUALITY]:9}}).length}\
                  console.log(s.join(' '))";
    let text = output(command(room.npm_program("node"), &room.root).args(["-e", script, "--"]).args(files))?;
    let mut numbers = text.split(' ').filter_map(|number| number.parse().ok());
    let mut next = || numbers.next().unwrap_or_default();
    Ok(Sizes([next(), next(), next()]))
}

/// The table to print and what is wrong.
fn compare(sizes: &BTreeMap<String, Sizes>, budgets: &Value) -> (String, Vec<String>) {
    let mut table = format!("{:<34} {:>19} {:>19} {:>19}\n", "bytes (room left)", "raw", "gzip", "brotli");
    let mut failures = Vec::new();
    let empty = Map::new();
    let section = |name: &str| budgets.get(name).and_then(Value::as_object).unwrap_or(&empty);
    let mut row = |name: &str, found: Sizes, budget: &Value| {
        table.push_str(&format!("{name:<34}"));
        for (form, bytes) in FORMS.iter().zip(found.0) {
            let cell = match budget.get(form).and_then(Value::as_u64) {
                Some(limit) if bytes > limit => {
                    failures.push(format!("{name}: {bytes} bytes {form}, budget {limit}"));
                    format!("{bytes} (-{})", bytes - limit)
                }
                Some(limit) => format!("{bytes} (+{})", limit - bytes),
                None => bytes.to_string(),
            };
            table.push_str(&format!(" {cell:>19}"));
        }
        table.push('\n');
    };
    let mut unknown = Vec::new();
    for (name, found) in sizes {
        // A widget without a budget of its own has the common one.
        let common = if name.starts_with("widget ") { section("artefacts").get("widget *") } else { None };
        match section("artefacts").get(name).or(common) {
            Some(budget) => row(name, *found, budget),
            None => unknown.push(format!("{name}: no budget in budgets.json")),
        }
    }
    for (name, sum) in section("sums") {
        let parts = sum.get("of").and_then(Value::as_array).cloned().unwrap_or_default();
        let mut total = Sizes::default();
        for part in parts.iter().filter_map(Value::as_str) {
            match sizes.get(part) {
                Some(part) => total.0.iter_mut().zip(part.0).for_each(|(total, part)| *total += part),
                None => unknown.push(format!("{name}: there is no artefact {part}")),
            }
        }
        row(name, total, sum);
    }
    failures.extend(unknown);
    (table, failures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sizes() -> BTreeMap<String, Sizes> {
        BTreeMap::from([("tag.js".to_owned(), Sizes([100, 60, 50])), ("widget bar".to_owned(), Sizes([10, 10, 10]))])
    }

    #[test]
    fn above_a_budget_fails_and_names_what() {
        let budgets = json!({ "artefacts": { "tag.js": { "brotli": 49 }, "widget *": { "brotli": 10 } } });
        assert_eq!(compare(&sizes(), &budgets).1, ["tag.js: 50 bytes brotli, budget 49"]);
        let budgets = json!({ "artefacts": { "tag.js": { "brotli": 50 }, "widget *": { "brotli": 10 } } });
        assert!(compare(&sizes(), &budgets).1.is_empty(), "the budget itself is allowed");
    }

    #[test]
    fn sums_count_and_nothing_goes_unbudgeted() {
        let artefacts = json!({ "tag.js": {}, "widget *": {} });
        let budgets =
            json!({ "artefacts": artefacts, "sums": { "all": { "of": ["tag.js", "widget bar"], "brotli": 59 } } });
        assert_eq!(compare(&sizes(), &budgets).1, ["all: 60 bytes brotli, budget 59"]);
        assert_eq!(compare(&sizes(), &json!({})).1.len(), 2);
        let gone = json!({ "artefacts": artefacts, "sums": { "all": { "of": ["agent.js"], "brotli": 1 } } });
        assert_eq!(compare(&sizes(), &gone).1, ["all: there is no artefact agent.js"]);
    }

    #[test]
    fn names_lose_their_hash() {
        let named = |path: &str| {
            artefact(&Asset { path: path.into(), raw: 1, gzip: None, brotli: None })
                .map(|(name, sizes)| (name, sizes.0))
        };
        assert_eq!(named("noren/a/agent.0123456789abcdef.wasm"), Some(("agent.wasm".into(), [1, 1, 1])));
        assert_eq!(named("noren/a/0123456789abcdef/agent.js"), Some(("agent.js".into(), [1, 1, 1])));
        assert_eq!(named("noren/w/0123456789abcdef/popup.js"), Some(("widget popup".into(), [1, 1, 1])));
        assert_eq!(named("tag.0123456789abcdef.js"), None, "the same bytes as tag.js");
        assert_eq!(named("shop/index.html"), None);
    }
}
