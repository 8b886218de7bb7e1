//! `lint` and `fmt`. Nothing here is advisory.

use crate::command::{cargo, command, run};
use crate::failure::{Failure, Result};
use crate::options::Options;
use crate::progress::step;
use crate::room::Room;
use crate::suites::types;
use crate::{tidy, tools};

/// `lint [--only CHECK]`: rustfmt, clippy, TypeScript, prettier, tidy. All of them run, all failures are listed.
///
/// # Errors
/// Names the checks that failed.
pub fn lint(room: &Room, words: &[String]) -> Result<()> {
    let options = Options::parse(words, &[], &["--only"])?;
    tools::ensure(room)?;
    let clippy = |arguments: &[&str]| {
        run(cargo(&room.root).args(["clippy", "--quiet"]).args(arguments).args(["--", "-D", "warnings"]))
    };
    let checks: [(&str, &dyn Fn() -> Result<()>); 6] = [
        ("rustfmt", &|| run(cargo(&room.root).args(["fmt", "--all", "--check"]))),
        ("clippy", &|| clippy(&["--workspace", "--exclude", "noren-worker", "--all-targets"])),
        ("clippy-worker", &|| clippy(&["--package", "noren-worker", "--target", "wasm32-unknown-unknown"])),
        ("types", &|| types(room)),
        ("prettier", &|| prettier(room, "--check")),
        ("tidy", &|| tidy::tidy(room)),
    ];
    let chosen = |name: &str| options.value("--only").is_none_or(|only| only == name);
    if !checks.iter().any(|(name, _)| chosen(name)) {
        let names: Vec<&str> = checks.iter().map(|(name, _)| *name).collect();
        return Err(Failure::new(format!("no such check; there are: {}", names.join(" "))));
    }
    let run = checks.iter().filter(|(name, _)| chosen(name));
    let failed: Vec<&str> = run.filter(|(name, check)| step(name, check).is_err()).map(|(name, _)| *name).collect();
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
