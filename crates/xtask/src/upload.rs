//! What a deployment uploads, to the byte: the Worker's modules as wrangler bundled them, the served files, and what surrounds them.

use crate::failure::{Context, Result};
use crate::room::{Room, files_below};
use crate::stamp::{hex, write};
use crate::wrangler::without_comments;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;

/// Written by wrangler beside the modules for people; not uploaded.
const NOT_MODULES: [&str; 2] = ["README.md", ".map"];

/// Lists what lies in `bundle` (wrangler's output folder) and among the served files into `upload.json` of the output folder, and prints its
/// figures.
///
/// # Errors
/// When a file cannot be read or the list cannot be written.
pub fn list(room: &Room, bundle: &Path) -> Result<()> {
    let text = std::fs::read_to_string(room.at("worker/wrangler.jsonc")).context(|| "reading wrangler.jsonc".into())?;
    let settings: Value = serde_json::from_str(&without_comments(&text)).context(|| "worker/wrangler.jsonc".into())?;
    let modules = described(bundle, |name| !NOT_MODULES.iter().any(|end| name.ends_with(end)))?;
    let assets = described(&room.assets(), |_| true)?;
    let setting = |pointer: &str| settings.pointer(pointer).cloned().unwrap_or_default();
    let list = json!({
        "name": setting("/name"),
        "compatibility_date": setting("/compatibility_date"),
        "bindings": {
            "durable_objects": setting("/durable_objects/bindings"),
            "assets": setting("/assets/binding"),
            "secrets": ["NOREN_SECRET", "NOREN_OWNER_TOKEN"],
        },
        "migrations": setting("/migrations"),
        "modules": modules,
        "assets": assets,
    });
    let file = room.out.join("upload.json");
    write(&file, format!("{list:#}\n").as_bytes())?;
    let sum = |files: &[Value]| files.iter().filter_map(|file| file.get("bytes")?.as_u64()).sum::<u64>();
    println!("modules  {:>4} files {:>9} bytes", modules.len(), sum(&modules));
    println!("assets   {:>4} files {:>9} bytes", assets.len(), sum(&assets));
    println!("the list, with hashes, bindings and migrations: {}", file.display());
    Ok(())
}

/// The files of a folder that are meant, by name, with size and SHA-256.
fn described(folder: &Path, is_meant: impl Fn(&str) -> bool) -> Result<Vec<Value>> {
    let mut files: Vec<(String, std::path::PathBuf)> = files_below(folder, &[])
        .into_iter()
        .map(|path| (path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().into_owned(), path))
        .filter(|(name, _)| is_meant(name))
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|(name, path)| {
            let content = std::fs::read(&path).context(|| format!("reading {}", path.display()))?;
            Ok(json!({ "path": name, "bytes": content.len(), "sha256": hex(&Sha256::digest(&content)) }))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_meant_file_is_listed_with_size_and_hash_in_order() {
        let folder = std::env::temp_dir().join(format!("noren-upload-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        for (name, content) in [("b/index.js", &b"x"[..]), ("a.wasm", b""), ("README.md", b"for people")] {
            write(&folder.join(name), content).expect("writes");
        }
        let listed = described(&folder, |name| !name.ends_with(".md")).expect("lists");
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(listed[0], json!({ "path": "a.wasm", "bytes": 0, "sha256": empty }));
        assert_eq!((listed.len(), &listed[1]["path"], &listed[1]["bytes"]), (2, &json!("b/index.js"), &json!(1)));
    }
}
