//! Where things are: the repository and the ignored folders that builds write to.

use std::path::{Path, PathBuf};

/// The paths tasks work with. Everything under `out` can be deleted at any time.
#[derive(Clone)]
pub struct Room {
    /// The repository.
    pub root: PathBuf,
    /// `target/noren`: what is built, logs, stamps.
    pub out: PathBuf,
}

impl Room {
    /// The repository this program was compiled from.
    pub fn here() -> Self {
        // crates/xtask is two folders below the root.
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.ancestors().nth(2).unwrap_or(manifest).to_path_buf();
        let out = root.join("target/noren");
        Self { root, out }
    }

    /// A path in the repository.
    pub fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The log of one step.
    pub fn log(&self, step: &str) -> PathBuf {
        self.out.join("logs").join(format!("{step}.log"))
    }

    /// The served files, laid out exactly as their addresses.
    pub fn assets(&self) -> PathBuf {
        self.out.join("assets")
    }

    /// A program installed by npm.
    pub fn npm_program(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }
}

/// All files below `folder`, sorted, without hidden folders and without folders named in `skip`.
pub fn files_below(folder: &Path, skip: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => {
                    if !name.starts_with('.') && !skip.contains(&name.as_ref()) {
                        open.push(entry.path());
                    }
                }
                Ok(_) => found.push(entry.path()),
                Err(_) => {}
            }
        }
    }
    found.sort();
    found
}
