//! The served files: bundles, console and shop, laid out as their addresses, each compressed once at build time, and a manifest of them.
//!
//! What a page loads by itself carries its hash in the name, so it can be kept for a year; names are therefore decided from the inside
//! out: wasm and widgets, then agent.js that names them, then tag.js that names agent.js.

use super::agent::Agent;
use super::bundle::{Format, bundle, bundle_css, require};
use crate::command::{command, run_quietly};
use crate::failure::{Context, Failure, Result};
use crate::progress::step;
use crate::room::{Room, files_below};
use crate::stamp::{Inputs, content_name, unless_done, write};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One served file, as the manifest has it. Sizes are bytes.
pub struct Asset {
    /// Address without the leading slash.
    pub path: String,
    /// Size as it is.
    pub raw: u64,
    /// Size as served to a client that takes gzip; `None` when not worth it.
    pub gzip: Option<u64>,
    /// Size as served to a client that takes brotli; `None` when not worth it.
    pub brotli: Option<u64>,
}

/// The description of the HTTP interface, served as it lies here.
const OPENAPI: &str = "docs/openapi.json";

const COMPRESS: &str = "crates/xtask/js/compress.ts";

/// Builds the assets folder when any of its sources changed.
pub fn build(room: &Room, agent: &Agent, editor: &Path) -> Result<()> {
    for source in ["js/loader/tag.ts", "js/agent/main.ts", "js/console/index.html", "examples/shop/public"] {
        require(room, source)?;
    }
    let mut sources = files_below(&room.at("js"), &["node_modules", "test", "tests"]);
    sources.retain(|path| !path.to_string_lossy().contains(".test."));
    sources.extend(files_below(&room.at("examples/shop"), &["test", "tests"]));
    let inputs = Inputs::of(room).text(include_str!("assets.rs")).text(include_str!("bundle.rs")).files(&sources);
    let inputs = inputs
        .file(&agent.wasm)
        .file(&agent.why)
        .file(editor)
        .file(&room.at("package-lock.json"))
        .file(&room.at(OPENAPI))
        .file(&room.at(COMPRESS));
    let manifest = room.assets().join("manifest.json");
    unless_done(room, "assets", inputs, &[&manifest], || {
        let mut tree = BTreeMap::new();
        step("pages: bundle tag, agent, widgets, console, shop", || collect(room, agent, editor, &mut tree))?;
        step("pages: compress", || publish(room, tree))
    })?;
    Ok(())
}

/// Files by address.
type Tree = BTreeMap<String, Vec<u8>>;

fn collect(room: &Room, agent: &Agent, editor: &Path, tree: &mut Tree) -> Result<()> {
    let staging = room.out.join("bundles");
    let _ = std::fs::remove_dir_all(&staging);
    let hashed = |tree: &mut Tree, folder: &str, name: &str, extension: &str, content: Vec<u8>| {
        let path = format!("{folder}{name}.{}.{extension}", content_name(&content));
        tree.insert(path.clone(), content);
        format!("/{path}")
    };

    let wasm = hashed(tree, "noren/a/", "agent", "wasm", read(&agent.wasm)?);
    let widgets = widgets(room, &staging, tree)?;
    let agent_js = host(room, agent, &widgets, &staging, tree)?;
    let tag = staging.join("tag.js");
    let constants = [("__AGENT_JS__", json!(agent_js).to_string()), ("__AGENT_WASM__", json!(wasm).to_string())];
    bundle(room, "js/loader/tag.ts", &tag, Format::Script, &constants, None, &[])?;
    let tag = read(&tag)?;
    hashed(tree, "", "tag", "js", tag.clone());
    tree.insert("tag.js".into(), tag);
    tree.insert("openapi.json".into(), read(&room.at(OPENAPI))?);

    let editor = hashed(tree, "noren/console/", "editor", "wasm", read(editor)?);
    console(room, &staging.join("console"), &editor, tree)?;
    shop(room, &staging.join("shop"), tree)
}

/// agent.js and what it fetches when it is wanted, in a folder named by the content of all, so that agent.js finds them beside itself and carries
/// no address of theirs. Returns the address of agent.js.
fn host(room: &Room, agent: &Agent, widgets: &str, staging: &Path, tree: &mut Tree) -> Result<String> {
    // One program in several bundles: they share the short names of private properties.
    let names = staging.join("names.json");
    write(&names, b"{}")?;
    let later: Vec<String> = LATER.iter().map(|name| format!("{name}.js")).collect();
    let later: Vec<&str> = later.iter().map(String::as_str).collect();
    let constants = [("__WIDGETS__", json!(widgets).to_string())];
    let mut files = vec![("why.wasm".to_owned(), read(&agent.why)?)];
    for (name, entry) in LATER.iter().map(|name| (*name, *name)).chain([("agent", "main")]) {
        let file = staging.join(format!("{name}.js"));
        let constants = if name == "surfaces" { &constants[..] } else { &[] };
        bundle(room, &format!("js/agent/{entry}.ts"), &file, Format::Module, constants, Some(&names), &later)?;
        files.push((format!("{name}.js"), read(&file)?));
    }
    Ok(format!("{}agent.js", folder("noren/a/", files, tree)))
}

/// What of the agent's host is a file of its own: what shows widgets, and what `noren('why')` needs.
const LATER: [&str; 2] = ["surfaces", "why"];

/// Puts files into a folder that is named by the names and contents of all; returns its address, which ends with a slash.
fn folder(within: &str, files: Vec<(String, Vec<u8>)>, tree: &mut Tree) -> String {
    let all: Vec<u8> = files.iter().flat_map(|(name, content)| [name.as_bytes(), content].concat()).collect();
    let folder = format!("{within}{}/", content_name(&all));
    for (name, content) in files {
        tree.insert(format!("{folder}{name}"), content);
    }
    format!("/{folder}")
}

/// Each widget under its own name, in a folder named by what is in all of them: so the agent carries one name, whatever their number. A
/// change of one fetches the others anew, which is at most what a visitor has met.
fn widgets(room: &Room, staging: &Path, tree: &mut Tree) -> Result<String> {
    let mut files = Vec::new();
    for name in widget_names(room) {
        let file = staging.join(format!("{name}.js"));
        bundle(room, &format!("js/widgets/{name}/main.ts"), &file, Format::Module, &[], None, &[])?;
        files.push((format!("{name}.js"), read(&file)?));
    }
    Ok(folder("noren/w/", files, tree))
}

/// A widget is a folder with a main.ts; the folder's name is the widget's.
fn widget_names(room: &Room) -> Vec<String> {
    let entries = std::fs::read_dir(room.at("js/widgets")).into_iter().flatten().flatten();
    let folders = entries.filter(|entry| entry.path().join("main.ts").is_file());
    let mut names: Vec<String> = folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// index.html as it is, main.ts(x) bundled to main.js with the address of the editor's wasm, each style sheet of the top folder bundled under its name, pictures copied.
fn console(room: &Room, staging: &Path, editor: &str, tree: &mut Tree) -> Result<()> {
    let source = room.at("js/console");
    let entry = ["main.tsx", "main.ts"].into_iter().find(|name| source.join(name).is_file());
    let entry = entry.ok_or_else(|| Failure::new("js/console has neither main.ts nor main.tsx"))?;
    let constants = [("__EDITOR_WASM__", json!(editor).to_string())];
    bundle(room, &format!("js/console/{entry}"), &staging.join("main.js"), Format::Module, &constants, None, &[])?;
    let entries = std::fs::read_dir(&source).context(|| "reading js/console".into())?;
    for file in entries.flatten().map(|entry| entry.path()) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match extension(&name) {
            "css" if !staging.join(&name).exists() => bundle_css(room, &file, &staging.join(&name))?,
            "html" | "svg" | "png" | "webmanifest" | "ico" => write(&staging.join(&name), &read(&file)?)?,
            _ => {}
        }
    }
    copy_tree(staging, "noren/console/", tree)
}

/// examples/shop/public as it is; a main.ts beside it is bundled.
fn shop(room: &Room, staging: &Path, tree: &mut Tree) -> Result<()> {
    copy_tree(&room.at("examples/shop/public"), "shop/", tree)?;
    if room.at("examples/shop/main.ts").is_file() {
        bundle(room, "examples/shop/main.ts", &staging.join("main.js"), Format::Module, &[], None, &[])?;
        copy_tree(staging, "shop/", tree)?;
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &str, tree: &mut Tree) -> Result<()> {
    for file in files_below(from, &[]) {
        let name = file.strip_prefix(from).unwrap_or(&file).to_string_lossy().into_owned();
        tree.insert(format!("{to}{name}"), read(&file)?);
    }
    Ok(())
}

/// Writes the tree, compresses it, removes what is no longer in it, and writes the manifest last.
fn publish(room: &Room, tree: Tree) -> Result<()> {
    let folder = room.assets();
    let mut list = Vec::new();
    for (path, content) in &tree {
        write(&folder.join(path), content)?;
        list.push(json!({
            "path": path,
            "content_type": content_type(path),
            "immutable": is_hashed(path),
            "raw_bytes": content.len(),
        }));
    }
    let listed = room.out.join("assets-list.json");
    write(&listed, Value::from(list).to_string().as_bytes())?;
    // Adds the compressed files and their sizes, and writes manifest.json.
    let mut compress = command(room.npm_program("node"), &room.root);
    compress.args(["--disable-warning=ExperimentalWarning", COMPRESS]).arg(&listed).arg(&folder);
    run_quietly(&mut compress, &room.log("compress"))?;
    let keep: BTreeSet<PathBuf> =
        read_manifest(room)?.iter().flat_map(|asset| variants(&folder, &asset.path)).collect();
    for file in files_below(&folder, &[]) {
        if !keep.contains(&file) && !file.ends_with("manifest.json") {
            let _ = std::fs::remove_file(file);
        }
    }
    Ok(())
}

fn variants(folder: &Path, path: &str) -> [PathBuf; 3] {
    ["", ".br", ".gz"].map(|suffix| folder.join(format!("{path}{suffix}")))
}

/// Whether the name carries a content hash, as `hashed` and `widgets` above make them.
fn is_hashed(path: &str) -> bool {
    let is_hash = |part: &str| part.len() == 16 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let below = path.strip_prefix("noren/w/").or_else(|| path.strip_prefix("noren/a/"));
    if let Some((folder, _)) = below.and_then(|below| below.split_once('/')) {
        return is_hash(folder);
    }
    let mut parts = path.rsplit('/').next().unwrap_or_default().rsplit('.').skip(1);
    let at_edge = path.starts_with("noren/a/") || path.starts_with("tag.");
    let at_edge = at_edge || path.starts_with("noren/console/editor.");
    at_edge && parts.next().is_some_and(is_hash)
}

/// Reads what the last build wrote.
pub fn read_manifest(room: &Room) -> Result<Vec<Asset>> {
    let path = room.assets().join("manifest.json");
    let text = std::fs::read(&path).context(|| format!("{}: build first", path.display()))?;
    let value: Value = serde_json::from_slice(&text).context(|| format!("reading {}", path.display()))?;
    let entries = value.as_array().cloned().unwrap_or_default();
    Ok(entries
        .iter()
        .map(|entry| {
            let size = |key: &str| entry.get(key).and_then(Value::as_u64);
            Asset {
                path: entry.get("path").and_then(Value::as_str).unwrap_or_default().to_owned(),
                raw: size("raw_bytes").unwrap_or_default(),
                gzip: size("gzip_bytes"),
                brotli: size("brotli_bytes"),
            }
        })
        .collect())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).context(|| format!("reading {}", path.display()))
}

fn extension(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, extension)| extension)
}

fn content_type(path: &str) -> &'static str {
    match extension(path) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_immutable() {
        for (path, expected) in [
            ("tag.js", false),
            ("tag.0123456789abcdef.js", true),
            ("noren/a/agent.0123456789abcdef.wasm", true),
            ("noren/w/0123456789abcdef/popup.js", true),
            ("noren/a/0123456789abcdef/agent.js", true),
            ("noren/a/agent.js", false),
            ("noren/w/popup.js", false),
            ("noren/w/popup/main.js", false),
            ("noren/console/main.js", false),
            ("noren/console/editor.0123456789abcdef.wasm", true),
            ("shop/photo.0123456789abcdef.js", false),
        ] {
            assert_eq!(is_hashed(path), expected, "{path}");
        }
    }
}
