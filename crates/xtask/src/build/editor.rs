//! The console's WebAssembly: checking and explaining. A recent browser and a fast line are supposed, so the installed standard library will do.

use super::{Packages, remapped_paths, wasm_opt};
use crate::command::{cargo, run_quietly};
use crate::failure::{Context, Result};
use crate::progress::step;
use crate::room::Room;
use crate::stamp::unless_done;
use std::path::PathBuf;

const CARGO: [&str; 6] =
    ["+stable", "build", "--package=noren-editor", "--lib", "--profile=worker", "--target=wasm32-unknown-unknown"];
/// One quick pass: thorough ones take half a minute for a few per cent.
/// Features are named one by one: `--all-features` would let a newer optimizer emit what today's browsers do not know yet.
const WASM_OPT: [&str; 10] = [
    "--enable-mutable-globals",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-reference-types",
    "-O1",
    "--strip-debug",
    "--strip-producers",
];

/// Builds the editor's wasm when its sources changed, and returns where it is.
pub fn build(room: &Room, packages: &Packages) -> Result<PathBuf> {
    let target = room.out.join("cargo-editor");
    let raw = target.join("wasm32-unknown-unknown/worker/noren_editor.wasm");
    let wasm = room.out.join("editor.wasm");
    let flags = remapped_paths(room);
    let inputs =
        packages.inputs(room, "noren-editor", "stable")?.text(&flags).text(&CARGO.join(" ")).text(&WASM_OPT.join(" "));
    unless_done(room, "editor", inputs, &[&wasm], || {
        step("editor: compile to WebAssembly", || {
            let mut compile = cargo(&room.root);
            compile.args(CARGO).arg("--quiet").arg("--target-dir").arg(&target).env("RUSTFLAGS", &flags);
            run_quietly(&mut compile, &room.log("editor-cargo"))
        })?;
        let _ = std::fs::remove_file(&wasm);
        step("editor: strip", || {
            let mut optimize = wasm_opt(room);
            optimize.arg(&raw).args(WASM_OPT).arg("-o").arg(&wasm);
            run_quietly(&mut optimize, &room.log("editor-wasm-opt"))
        })?;
        std::fs::metadata(&wasm).map(|_| ()).context(|| format!("the build left no {}", wasm.display()))
    })?;
    Ok(wasm)
}
