//! Skipping steps whose inputs did not change: a stamp file holds a hash over everything the step read.

use crate::failure::{Context, Result};
use crate::room::Room;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// A hash over the inputs of a step, by content: checking out a branch and back rebuilds nothing.
pub struct Inputs {
    hash: Sha256,
    root: PathBuf,
}

impl Inputs {
    /// Nothing read yet; paths are hashed relative to the repository.
    pub fn of(room: &Room) -> Self {
        Self { hash: Sha256::new(), root: room.root.clone() }
    }

    /// Adds a text: flags, versions.
    pub fn text(mut self, text: &str) -> Self {
        self.add(text.as_bytes());
        self
    }

    /// Adds a file, its name and its content; a missing file counts as such.
    pub fn file(mut self, path: &Path) -> Self {
        let name = path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().into_owned();
        self.add(name.as_bytes());
        match std::fs::read(path) {
            Ok(content) => self.add(&content),
            Err(_) => self.add(b"(missing)"),
        }
        self
    }

    /// Adds several files.
    pub fn files(self, paths: &[PathBuf]) -> Self {
        paths.iter().fold(self, |inputs, path| inputs.file(path))
    }

    /// Each part is preceded by its length, so that no two different sequences hash alike.
    fn add(&mut self, bytes: &[u8]) {
        self.hash.update((bytes.len() as u64).to_le_bytes());
        self.hash.update(bytes);
    }

    fn hex(self) -> String {
        hex(&self.hash.finalize())
    }
}

/// Does `work` unless the stamp `name` says that it was already done for the same inputs and all `outputs` are still there.
/// Returns whether it worked.
///
/// # Errors
/// Those of `work`; the stamp is then left out and the next call works again.
pub fn unless_done(
    room: &Room,
    name: &str,
    inputs: Inputs,
    outputs: &[&Path],
    work: impl FnOnce() -> Result<()>,
) -> Result<bool> {
    let stamp = room.out.join("stamps").join(name);
    let wanted = inputs.hex();
    let done = std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted);
    if done && outputs.iter().all(|path| path.exists()) {
        return Ok(false);
    }
    let _ = std::fs::remove_file(&stamp);
    work()?;
    write(&stamp, wanted.as_bytes())?;
    Ok(true)
}

/// Writes a file and the folders above it.
///
/// # Errors
/// When the disk refuses; the message names the file.
pub fn write(path: &Path, content: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).context(|| format!("creating {}", folder.display()))?;
    }
    std::fs::write(path, content).context(|| format!("writing {}", path.display()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The part of a file's name that says what is in it: the first 16 hexadecimal digits of its SHA-256.
pub fn content_name(content: &[u8]) -> String {
    hex(&Sha256::digest(content)).chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> Room {
        let root = std::env::temp_dir().join(format!("noren-stamp-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&root);
        std::fs::create_dir_all(&root).expect("scratch folder");
        Room { out: root.join("out"), root }
    }

    /// Runs one step over `inputs` and says whether it worked.
    fn worked(room: &Room, output: &Path) -> bool {
        let inputs = Inputs::of(room).text("flags").file(&room.at("a")).file(&room.at("b"));
        unless_done(room, "step", inputs, &[output], || write(output, b"x")).expect("the step works")
    }

    #[test]
    fn a_step_works_again_only_when_something_changed() {
        let room = scratch("change");
        let output = room.at("output");
        write(&room.at("a"), b"1").expect("writes");
        assert!(worked(&room, &output), "first time");
        assert!(!worked(&room, &output), "nothing changed");
        write(&room.at("a"), b"2").expect("writes");
        assert!(worked(&room, &output), "content changed");
        write(&room.at("b"), b"").expect("writes");
        assert!(worked(&room, &output), "a file appeared, though empty");
        std::fs::remove_file(&output).expect("removes");
        assert!(worked(&room, &output), "the output was deleted");
    }

    #[test]
    fn a_failed_step_is_not_done() {
        let room = scratch("failed");
        let output = room.at("output");
        assert!(worked(&room, &output));
        write(&room.at("a"), b"new").expect("writes");
        let inputs = Inputs::of(&room).text("flags").file(&room.at("a")).file(&room.at("b"));
        let failed = unless_done(&room, "step", inputs, &[&output], || Err(crate::failure::Failure::new("no")));
        assert!(failed.is_err());
        assert!(worked(&room, &output), "works again after a failure");
    }

    #[test]
    fn the_name_of_a_content_is_the_start_of_its_sha256() {
        assert_eq!(content_name(b""), "e3b0c44298fc1c14");
    }
}
