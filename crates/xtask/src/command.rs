//! Running other programs: quietly with their output kept for the case of failure, or with their output passed through.

use crate::failure::{Context, Failure, Result};
use crate::sys;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Variables that cargo and rustup set for the programs they run. A cargo started below would otherwise inherit this one's toolchain,
/// and the wasm builds would inherit flags meant for native code.
const INHERITED: [&str; 7] = [
    "CARGO",
    "RUSTUP_TOOLCHAIN",
    "RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MANIFEST_DIR",
    "CARGO_BUILD_TARGET",
    "LD_LIBRARY_PATH",
];

/// A command in `directory` that reads nothing from the terminal.
pub fn command(program: impl AsRef<OsStr>, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(directory).stdin(Stdio::null());
    command
}

/// A cargo command in `directory` that starts from a clean environment.
pub fn cargo(directory: &Path) -> Command {
    let mut cargo = command("cargo", directory);
    for name in INHERITED {
        cargo.env_remove(name);
    }
    cargo
}

fn describe(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}

fn start_and_wait(command: &mut Command) -> Result<ExitStatus> {
    let mut child = sys::spawn_grouped(command).context(|| format!("cannot start `{}`", describe(command)))?;
    let status = child.wait().context(|| format!("waiting for `{}`", describe(command)));
    sys::unless_stopping();
    sys::release(&child);
    status
}

/// Runs `command`; its output goes to `log` and is shown when it fails. Where `CI` is set the output is shown as it comes.
///
/// # Errors
/// When it cannot be started or ends with anything but 0.
pub fn run_quietly(command: &mut Command, log: &Path) -> Result<()> {
    if std::env::var_os("CI").is_some() {
        return run(command);
    }
    if let Some(folder) = log.parent() {
        std::fs::create_dir_all(folder).context(|| format!("creating {}", folder.display()))?;
    }
    let file = File::create(log).context(|| format!("creating {}", log.display()))?;
    let copy = file.try_clone().context(|| "duplicating a descriptor".into())?;
    command.stdout(file).stderr(copy);
    let status = start_and_wait(command)?;
    if status.success() {
        return Ok(());
    }
    let output = std::fs::read(log).unwrap_or_default();
    let mut terminal = std::io::stderr().lock();
    let _ = terminal.write_all(&output);
    Err(Failure::new(format!(
        "`{}` ended with {status}; its output is above and in {}",
        describe(command),
        log.display()
    )))
}

/// Runs `command` with its output passed through.
///
/// # Errors
/// When it cannot be started or ends with anything but 0.
pub fn run(command: &mut Command) -> Result<()> {
    let status = start_and_wait(command)?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{}` ended with {status}", describe(command)))) }
}

/// Runs `command` and returns what it wrote to standard output, trimmed.
///
/// # Errors
/// When it cannot be started, ends with anything but 0, or writes something that is not UTF-8.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().context(|| format!("cannot start `{}`", describe(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Failure::new(format!("`{}` ended with {}: {}", describe(command), output.status, said.trim())));
    }
    String::from_utf8(output.stdout).map(|text| text.trim().to_owned()).context(|| describe(command))
}

/// The first of `names` found on the search path.
pub fn find_program(names: &[&str]) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    names
        .iter()
        .flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)))
        .find(|file| file.is_file())
}
