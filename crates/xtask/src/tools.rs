//! Everything the tasks need beside Rust, npm and a C compiler: found, or installed where that changes nothing outside the repository's
//! ignored folders. The exceptions are rustup's own components and, for root on Debian, the browsers of `engines.rs`.

use crate::command::{command, find_program, output, run_quietly};
use crate::failure::{Context, Failure, Result};
use crate::progress::{say, step};
use crate::room::Room;
use crate::stamp::{Inputs, unless_done};
use serde_json::Value;
use std::path::PathBuf;

/// Node from here on runs TypeScript files by itself.
const NODE_STRIPS_TYPES_SINCE: (u32, u32) = (22, 18);

/// Installs what a build needs: wasm target and library sources for both toolchains, npm packages.
///
/// # Errors
/// When something is missing that cannot be installed; the message says what to install.
pub fn ensure(room: &Room) -> Result<()> {
    ensure_rust(room)?;
    ensure_npm(room)
}

fn ensure_rust(room: &Room) -> Result<()> {
    if find_program(&["rustup"]).is_none() {
        return Err(Failure::new(
            "rustup is missing: install Rust as rustup.rs describes, with the stable and nightly toolchains",
        ));
    }
    for toolchain in ["stable", "nightly"] {
        let sysroot = command("rustup", &room.root);
        let sysroot = output({ sysroot }.args(["run", toolchain, "rustc", "--print", "sysroot"]));
        let Ok(sysroot) = sysroot.map(PathBuf::from) else {
            return Err(Failure::new(format!(
                "the {toolchain} toolchain is missing: rustup toolchain install {toolchain}"
            )));
        };
        // The agent and the Worker are built with their own standard library, hence the sources.
        let sources = sysroot.join("lib/rustlib/src/rust/library/Cargo.lock");
        let target = sysroot.join("lib/rustlib/wasm32-unknown-unknown/lib");
        if !sources.exists() {
            rustup(room, toolchain, &["component", "add", "rust-src"])?;
        }
        if !target.exists() {
            rustup(room, toolchain, &["target", "add", "wasm32-unknown-unknown"])?;
        }
    }
    Ok(())
}

fn rustup(room: &Room, toolchain: &str, arguments: &[&str]) -> Result<()> {
    step(&format!("Rust {toolchain}: {}", arguments.join(" ")), || {
        let mut rustup = command("rustup", &room.root);
        rustup.args(arguments).args(["--toolchain", toolchain]);
        run_quietly(&mut rustup, &room.log("rustup"))
    })
}

fn ensure_npm(room: &Room) -> Result<()> {
    let (package, lock) = (room.at("package.json"), room.at("package-lock.json"));
    let inputs = Inputs::of(room).file(&package).file(&lock);
    let node = room.npm_program("node");
    unless_done(room, "npm", inputs, &[&node], || {
        if !installed_as_locked(room) {
            if find_program(&["npm"]).is_none() {
                return Err(Failure::new("npm is missing: install Node 20 or newer with npm"));
            }
            // Not `npm ci`: it insists that the lock file names a package for every system in the world, also where a registry has
            // none, and it empties node_modules under whatever is running. What was installed is checked instead.
            step("npm: install the pinned packages", || {
                let mut npm = command("npm", &room.root);
                run_quietly(npm.args(["install", "--no-save", "--no-progress", "--loglevel=error"]), &room.log("npm"))
            })?;
            if !installed_as_locked(room) {
                return Err(Failure::new(
                    "npm did not install what package-lock.json names: delete node_modules and try again",
                ));
            }
        }
        check_node(room)
    })?;
    Ok(())
}

/// Whether node_modules already holds every package as the lock file names it. npm keeps its own record of what it put there.
fn installed_as_locked(room: &Room) -> bool {
    let read = |path: &str| -> Option<Value> { serde_json::from_slice(&std::fs::read(room.at(path)).ok()?).ok() };
    let (Some(wanted), Some(found)) = (read("package-lock.json"), read("node_modules/.package-lock.json")) else {
        return false;
    };
    let Some(wanted) = wanted.get("packages").and_then(Value::as_object) else { return false };
    wanted.iter().filter(|(place, _)| !place.is_empty()).all(|(place, package)| {
        let there = found.get("packages").and_then(|packages| packages.get(place));
        match there {
            Some(there) => there.get("integrity") == package.get("integrity"),
            // Packages for other systems are named in the lock file and not installed.
            None => package.get("optional").and_then(Value::as_bool).unwrap_or(false),
        }
    })
}

fn check_node(room: &Room) -> Result<()> {
    let version = output(command(room.npm_program("node"), &room.root).arg("--version"))?;
    let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < NODE_STRIPS_TYPES_SINCE {
        return Err(Failure::new(format!("the repository's own node is {version}; delete node_modules and try again")));
    }
    Ok(())
}

/// Opens `address` in the person's browser; where there is no screen, does nothing.
pub fn open_browser(room: &Room, address: &str) {
    let screen = std::env::var_os("DISPLAY").is_some()
        || std::env::var_os("WAYLAND_DISPLAY").is_some()
        || cfg!(target_os = "macos");
    let Some(opener) = find_program(&["xdg-open", "open"]).filter(|_| screen) else { return };
    let opened = command(opener, &room.root)
        .arg(address)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .context(|| "opening the browser".into());
    if let Err(failure) = opened {
        say(&failure.to_string());
    }
}
