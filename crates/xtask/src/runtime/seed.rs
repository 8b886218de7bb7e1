//! Filling the demo site of a fresh state folder the way a marketer would: through the administration interface, with the documents of
//! examples/campaigns, one campaign a file, and the coupon pools of examples/pools.json, which maps each to what `POST .../pools/POOL` takes.

use super::Runtime;
use super::http::{Answer, get, request};
use crate::failure::{Context, Failure, Result};
use crate::progress::say;
use crate::room::Room;
use serde_json::{Value, json};
use std::path::PathBuf;

const SITE: &str = "/noren/v1/admin/sites/demo";
const POOLS: &str = "examples/pools.json";

/// Publishes the example campaigns when the demo site has none.
///
/// # Errors
/// When the edge refuses; its findings are in the message.
pub fn seed(room: &Room, runtime: &Runtime) -> Result<()> {
    let folder = room.at("examples/campaigns");
    let ask = |method: &str, path: &str, body: Option<&Value>| -> Result<Answer> {
        let answer = request(runtime.port, method, path, Some(&runtime.secrets.dev_token), body)?;
        if answer.status == 200 {
            Ok(answer)
        } else {
            Err(Failure::new(format!("{method} {path}: {} {}", answer.status, answer.body)))
        }
    };
    let live = ask("GET", &format!("{SITE}/campaigns"), None)?.json();
    if live.get("campaigns").and_then(Value::as_array).is_some_and(|campaigns| !campaigns.is_empty()) {
        return Ok(());
    }
    let read = |path: PathBuf| -> Result<Value> {
        let text = std::fs::read_to_string(&path).context(|| format!("reading {}", path.display()))?;
        serde_json::from_str(&text).context(|| path.display().to_string())
    };
    let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".json"));
    names.sort();
    for (pool, body) in read(room.at(POOLS))?.as_object().into_iter().flatten() {
        ask("POST", &format!("{SITE}/pools/{pool}"), Some(body))?;
    }
    let campaigns: Vec<Value> = names.iter().map(|name| read(folder.join(name))).collect::<Result<_>>()?;
    if campaigns.is_empty() {
        say("demo site: examples/campaigns has no campaign to publish");
        return Ok(());
    }
    ask(
        "PUT",
        &format!("{SITE}/campaigns"),
        Some(&json!({ "campaigns": campaigns, "note": "The demo shop's first campaigns" })),
    )?;
    say(&format!("demo site: {} campaigns published", campaigns.len()));
    Ok(())
}

/// Asks the edge for every kind of page a first visitor or marketer loads, so that a broken build shows here and not in a browser.
///
/// # Errors
/// Names the first address that is not answered with 200.
pub fn check_faces(runtime: &Runtime) -> Result<()> {
    for path in ["/tag.js", "/shop/", "/noren/console/"] {
        let answer = get(runtime.port, path)?;
        if answer.status != 200 {
            return Err(Failure::new(format!("GET {path} answers {}", answer.status)));
        }
    }
    Ok(())
}
