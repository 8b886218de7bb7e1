//! What the tests of the command share: a folder, the command itself, what it says.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "a helper of tests fails as a test does, and not each test needs each"
)]

use serde_json::{Value as Json, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// A folder of its own for one test, removed at its end.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("noren-test-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// A file of the folder: its path.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    pub fn json(&self, name: &str, json: &Json) -> String {
        self.write(name, json.to_string())
    }

    /// An event log.
    pub fn log(&self, lines: &[Json]) -> String {
        self.write("log.ndjson", text_of(lines))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The command with some arguments, run to its end.
pub fn noren(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_noren")).args(args).env_remove("NOREN_TOKEN").output().unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What stands on standard output, one JSON value a line.
pub fn lines(output: &Output) -> Vec<Json> {
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Values as lines.
pub fn text_of(lines: &[Json]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// One of the example campaigns: its path.
pub fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/campaigns").join(name).display().to_string()
}

/// A plain campaign that opens at `view_item` once a session, with some members changed.
pub fn campaign(id: &str, changes: Json) -> Json {
    let mut document = json!({
        "id": id, "control": 0, "trigger": {"on": "view_item"},
        "variants": [{"id": "a", "action": {"kind": "popup", "title": "Hello"}}],
        "caps": {"again": [{"after": "session"}]}
    });
    for (key, value) in changes.as_object().into_iter().flatten() {
        document[key] = value.clone();
    }
    document
}

/// Numbers that look random and are the same in every run (Knuth's MMIX generator).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len() as u64) as usize]
    }
}
