//! `lint` and `fmt`. Nothing here is advisory.

use crate::command::{cargo, command, run};
use crate::failure::{Failure, Result};
use crate::progress::step;
use crate::room::Room;
use crate::suites::types;
use crate::{tidy, tools};

/// rustfmt, clippy, TypeScript, prettier, tidy: all of them run, all failures are listed.
///
/// # Errors
/// Names the checks that failed.
pub fn lint(room: &Room) -> Result<()> {
    tools::ensure(room)?;
    let clippy = |arguments: &[&str]| {
        run(cargo(&room.root).args(["clippy", "--quiet"]).args(arguments).args(["--", "-D", "warnings"]))
    };
    let checks: [(&str, &dyn Fn() -> Result<()>); 6] = [
        ("rustfmt", &|| run(cargo(&room.root).args(["fmt", "--all", "--check"]))),
        ("clippy", &|| clippy(&["--workspace", "--exclude", "noren-worker", "--all-targets"])),
        ("clippy of the Worker", &|| clippy(&["--package", "noren-worker", "--target", "wasm32-unknown-unknown"])),
        ("TypeScript", &|| types(room)),
        ("prettier", &|| prettier(room, "--check")),
        ("tidy", &|| tidy::tidy(room)),
    ];
    let failed: Vec<&str> =
        checks.iter().filter(|(name, check)| step(name, check).is_err()).map(|(name, _)| *name).collect();
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("lint failed: {}", failed.join(", ")))) }
}

/// Formats everything.
///
/// # Errors
/// When a file cannot be parsed.
pub fn fmt(room: &Room) -> Result<()> {
    tools::ensure(room)?;
    step("rustfmt", || run(cargo(&room.root).args(["fmt", "--all"])))?;
    step("prettier", || prettier(room, "--write"))
}

fn prettier(room: &Room, mode: &str) -> Result<()> {
    let mut prettier = command(room.npm_program("node"), &room.root);
    run(prettier.arg(room.npm_program("prettier")).args([mode, "--log-level=warn", "."]))
}
