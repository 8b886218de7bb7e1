//! `build`: from sources to what a browser and the runtime load. Two chains share nothing and run side by side:
//!
//! ```text
//! agent, editor (wasm) -> widgets, agent.js, tag.js, console, shop (esbuild) -> target/noren/assets
//! bindgen tool, worker (wasm) -> worker/build
//! ```

mod agent;
mod assets;
mod bundle;
mod editor;
mod worker;

pub use assets::Asset;
pub use worker::OUTPUT as WORKER_OUTPUT;

use crate::command::{cargo, output};
use crate::failure::{Context, Failure, Result};
use crate::progress::say;
use crate::room::{Room, files_below};
use crate::stamp::Inputs;
use crate::{sys, tools};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Builds everything whose inputs changed.
///
/// # Errors
/// The first failure of each chain; the other chain still finishes, so that its work is not lost.
pub fn build(room: &Room) -> Result<()> {
    let _lock = lock(room)?;
    tools::ensure(room)?;
    let packages = Packages::read(room)?;
    let (assets, worker) = std::thread::scope(|scope| {
        let worker = scope.spawn(|| worker::build(room, &packages));
        let wasm = agent::build(room, &packages).and_then(|agent| Ok((agent, editor::build(room, &packages)?)));
        let assets = wasm.and_then(|(agent, editor)| assets::build(room, &agent, &editor));
        (assets, worker.join().unwrap_or_else(|_| Err(Failure::new("the Worker's build thread panicked"))))
    });
    match (assets, worker) {
        (Err(first), Err(second)) => Err(Failure::new(format!("{first}\n{second}"))),
        (Err(failure), _) | (_, Err(failure)) => Err(failure),
        _ => Ok(()),
    }
}

/// What the assets folder holds, as the build wrote it down.
///
/// # Errors
/// When nothing was built yet.
pub fn built_assets(room: &Room) -> Result<Vec<Asset>> {
    assets::read_manifest(room)
}

/// One build at a time: two would write the same files.
fn lock(room: &Room) -> Result<std::fs::File> {
    std::fs::create_dir_all(&room.out).context(|| format!("creating {}", room.out.display()))?;
    let path = room.out.join("build.lock");
    let file = std::fs::File::create(&path).context(|| format!("creating {}", path.display()))?;
    sys::lock_exclusive(&file, || say("waiting for another build to finish"))
        .context(|| format!("locking {}", path.display()))?;
    Ok(file)
}

/// The workspace's own crates, as cargo sees them.
struct Packages(Vec<Value>);

impl Packages {
    fn read(room: &Room) -> Result<Self> {
        let text = output(cargo(&room.root).args(["metadata", "--format-version=1", "--no-deps"]))?;
        let metadata: Value = serde_json::from_str(&text).context(|| "reading cargo metadata".into())?;
        Ok(Self(metadata.get("packages").and_then(Value::as_array).cloned().unwrap_or_default()))
    }

    /// Everything a wasm build of `name` reads: the sources of the crate and of all workspace crates below it, manifests, lock file and the
    /// compiler's version.
    fn inputs(&self, room: &Room, name: &str, toolchain: &str) -> Result<Inputs> {
        let mut seen = BTreeSet::new();
        let mut open = vec![name.to_owned()];
        let mut files = Vec::new();
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
            let package = self.0.iter().find(|package| text(package, "name").as_ref() == Some(&name));
            let package = package.ok_or_else(|| Failure::new(format!("the workspace has no crate {name}")))?;
            let manifest = PathBuf::from(text(package, "manifest_path").unwrap_or_default());
            if let Some(folder) = manifest.parent() {
                files.extend(files_below(folder, &["build", "target", "tests", "benches", "fuzz"]));
            }
            for dependency in package.get("dependencies").and_then(Value::as_array).into_iter().flatten() {
                let used = dependency.get("kind").is_none_or(|kind| kind.as_str() != Some("dev"));
                if used && dependency.get("path").is_some() {
                    open.extend(text(dependency, "name"));
                }
            }
        }
        files.sort();
        let compiler = output(cargo(&room.root).args([&format!("+{toolchain}"), "--version"]))?;
        let inputs = Inputs::of(room).text(&compiler).file(&room.at("Cargo.toml")).file(&room.at("Cargo.lock"));
        Ok(inputs.files(&files))
    }
}

/// Compiler flags that keep this machine's folders out of what is shipped, and make two machines build the same bytes.
fn remapped_paths(room: &Room) -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    let cargo_home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    let rustup_home = std::env::var("RUSTUP_HOME").unwrap_or_else(|_| format!("{home}/.rustup"));
    format!(
        "--remap-path-prefix={}=noren --remap-path-prefix={cargo_home}=cargo --remap-path-prefix={rustup_home}=rustup",
        room.root.display()
    )
}

/// wasm-opt from npm is a script, and it runs under the repository's own node.
fn wasm_opt(room: &Room) -> std::process::Command {
    let mut command = crate::command::command(room.npm_program("node"), &room.root);
    command.arg(room.npm_program("wasm-opt"));
    command
}
