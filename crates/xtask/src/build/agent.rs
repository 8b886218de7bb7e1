//! The visitor's WebAssembly: size first, and the oldest instruction set, so that one build serves every browser that has WebAssembly at
//! all and can be turned into JavaScript for pages that forbid it.

use super::{Packages, remapped_paths, wasm_opt};
use crate::command::{cargo, run_quietly};
use crate::failure::{Context, Result};
use crate::progress::step;
use crate::room::Room;
use crate::stamp::unless_done;
use std::path::{Path, PathBuf};

/// The standard library is compiled again with the agent: for size, and with panics that are a single trap instruction. The target is `mvp`
/// (no reference types, so that binaryen can turn the module into JavaScript) with the three features that save bytes, that every
/// browser has had since 2021 (Safari 15 the last), and that binaryen can lower again. The
/// flags are unstable; `RUSTC_BOOTSTRAP` lets the stable compiler take them, so the agent does not depend on the day's nightly.
const FLAGS: &str = "-Ctarget-cpu=mvp -Ctarget-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint \
                     -Zunstable-options -Cpanic=immediate-abort";
const CARGO: [&str; 9] = [
    "+stable",
    "build",
    "--package=noren-agent",
    "--lib",
    "--profile=agent",
    "--target=wasm32-unknown-unknown",
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--quiet",
];
/// The module that every page loads has no words for why something was or was not shown; the one that `noren('why')` fetches has.
const MODULES: [(&str, Option<&str>); 2] = [("agent", Some("--no-default-features")), ("why", None)];
/// Flattening first and not inlining what is called once make the module larger and its compressed form, which is what travels, smaller.
const WASM_OPT: [&str; 16] = [
    "--enable-mutable-globals",
    "--enable-bulk-memory",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--flatten",
    "--rereloop",
    "-O4",
    "-Oz",
    "--converge",
    "-Oz",
    "--one-caller-inline-max-function-size=20",
    "--low-memory-unused",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "--strip-dwarf",
];

/// Where the two modules are.
pub struct Agent {
    /// What every page loads.
    pub wasm: PathBuf,
    /// What `noren('why')` fetches.
    pub why: PathBuf,
}

/// Builds the agent's modules when their sources changed.
pub fn build(room: &Room, packages: &Packages) -> Result<Agent> {
    let target = room.out.join("cargo-agent");
    let flags = format!("{FLAGS} {}", remapped_paths(room));
    let inputs =
        packages.inputs(room, "noren-agent", "stable")?.text(&flags).text(&CARGO.join(" ")).text(&WASM_OPT.join(" "));
    let built = Agent { wasm: room.out.join("agent.wasm"), why: room.out.join("why.wasm") };
    let inputs = inputs.text(&format!("{MODULES:?}"));
    unless_done(room, "agent", inputs, &[&built.wasm, &built.why], || {
        for (name, features) in MODULES {
            module(room, &target, &flags, name, features)?;
        }
        Ok(())
    })?;
    Ok(built)
}

fn module(room: &Room, target: &Path, flags: &str, name: &str, features: Option<&str>) -> Result<()> {
    let raw = target.join("wasm32-unknown-unknown/agent/noren_agent.wasm");
    let wasm = room.out.join(format!("{name}.wasm"));
    step(&format!("{name}: compile to WebAssembly"), || {
        let mut compile = cargo(&room.root);
        compile.args(CARGO).args(features).arg("--target-dir").arg(target);
        compile.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", flags);
        run_quietly(&mut compile, &room.log("agent-cargo"))
    })?;
    let _ = std::fs::remove_file(&wasm);
    step(&format!("{name}: optimize for size"), || {
        let mut optimize = wasm_opt(room);
        optimize.arg(&raw).args(WASM_OPT).arg("-o").arg(&wasm);
        run_quietly(&mut optimize, &room.log("agent-wasm-opt"))
    })?;
    std::fs::metadata(&wasm).map(|_| ()).context(|| format!("the build left no {}", wasm.display()))
}
