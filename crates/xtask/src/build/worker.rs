//! The edge: the Worker crate as WebAssembly with the module the runtime starts. Built by nightly with a standard library that unwinds, so
//! that a panic becomes one failed request and its neighbours finish.
//!
//! No wasm-opt here: it takes half a minute to make the upload one per cent smaller. Function names stay in, for stacks in the log.

use super::{Packages, remapped_paths};
use crate::command::{cargo, command, run_quietly};
use crate::failure::{Context, Failure, Result};
use crate::progress::step;
use crate::room::Room;
use crate::stamp::{Inputs, unless_done, write};
use crate::wrangler::Wrangler;
use std::path::{Path, PathBuf};

/// Where the Worker's module and its wasm are put; wrangler.jsonc names the same folder.
pub const OUTPUT: &str = "worker/build";

const FLAGS: &str = "-Cpanic=unwind";
const CARGO: [&str; 8] = [
    "+nightly",
    "build",
    "--package=noren-worker",
    "--lib",
    "--profile=worker",
    "--target=wasm32-unknown-unknown",
    "-Zbuild-std=std,panic_unwind",
    "--quiet",
];
const ENTRY: &str = include_str!("../../js/entry.js");

/// Builds the Worker when its sources changed.
pub fn build(room: &Room, packages: &Packages) -> Result<()> {
    let target = room.out.join("cargo-worker");
    let folder = room.at(OUTPUT);
    let (module, wasm) = (folder.join("index.js"), folder.join("bindings_bg.wasm"));
    let flags = format!("{FLAGS} {}", remapped_paths(room));
    let inputs = packages.inputs(room, "noren-worker", "nightly")?.text(&flags).text(&CARGO.join(" "));
    let classes: Vec<String> = Wrangler::read(room)?.objects.into_iter().map(|(_, class)| class).collect();
    let inputs = inputs.text(ENTRY).text(&classes.join(" ")).file(&room.at("crates/xtask/src/bin/bindgen.rs"));
    unless_done(room, "worker", inputs, &[&module, &wasm], || {
        let bindgen = bindgen_tool(room)?;
        step("worker: compile to WebAssembly", || {
            let mut compile = cargo(&room.root);
            compile.args(CARGO).arg("--target-dir").arg(&target).env("RUSTFLAGS", &flags);
            // Lets the bindings use js-sys's own futures; worker-build sets the same.
            compile.env("WASM_BINDGEN_USE_JS_SYS", "1");
            run_quietly(&mut compile, &room.log("worker-cargo"))
        })?;
        let raw = target.join("wasm32-unknown-unknown/worker/noren_worker.wasm");
        let staging = room.out.join("worker-staging");
        let _ = std::fs::remove_dir_all(&staging);
        step("worker: bind to the runtime", || bind(room, &bindgen, &raw, &staging, &classes))?;
        for (from, to) in [("index.js", &module), ("bindings_bg.wasm", &wasm)] {
            write(to, &std::fs::read(staging.join(from)).context(|| format!("the build left no {from}"))?)?;
        }
        Ok(())
    })?;
    Ok(())
}

/// The program that writes the bindings; see `src/bin/bindgen.rs`.
fn bindgen_tool(room: &Room) -> Result<PathBuf> {
    let target = room.out.join("cargo-tools");
    let program = target.join("debug/bindgen");
    let inputs =
        Inputs::of(room).file(&room.at("crates/xtask/src/bin/bindgen.rs")).file(&room.at("crates/xtask/Cargo.toml"));
    unless_done(room, "bindgen", inputs, &[&program], || {
        step("tools: compile the bindings generator", || {
            let mut compile = cargo(&room.root);
            compile.args([
                "+stable",
                "build",
                "--quiet",
                "--package=xtask",
                "--features=bindgen",
                "--bin=bindgen",
                "--target-dir",
            ]);
            // Runs for a second and compiles in half the time when nothing in it is optimized.
            compile.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").arg(&target);
            run_quietly(&mut compile, &room.log("bindgen-cargo"))
        })
    })?;
    Ok(program)
}

/// Writes the bindings, the entry around them, and joins both into one module beside the wasm.
fn bind(room: &Room, bindgen: &Path, raw: &Path, staging: &Path, classes: &[String]) -> Result<()> {
    run_quietly(command(bindgen, &room.root).arg(raw).arg(staging), &room.log("worker-bindgen"))?;
    let bindings = staging.join("bindings.js");
    let bindings = std::fs::read_to_string(&bindings).context(|| format!("reading {}", bindings.display()))?;
    let mut entry = ENTRY.to_owned();
    for class in classes {
        if !bindings.contains(&format!("class {class} ")) {
            return Err(Failure::new(format!(
                "wrangler.jsonc names the Durable Object class {class}, which the Worker crate does not export"
            )));
        }
        entry.push_str(&format!("export const {class} = durable(bindings.{class});\n"));
    }
    write(&staging.join("entry.js"), entry.as_bytes())?;
    let mut esbuild = command(room.npm_program("esbuild"), staging);
    esbuild.args([
        "entry.js",
        "--bundle",
        "--minify-whitespace",
        "--minify-syntax",
        "--format=esm",
        "--outfile=index.js",
    ]);
    esbuild.args([
        "--external:./bindings_bg.wasm",
        "--external:cloudflare:*",
        "--log-level=warning",
        "--legal-comments=none",
    ]);
    run_quietly(&mut esbuild, &room.log("worker-esbuild"))?;
    // The bindings import the wasm in the source phase; the runtime gives the compiled module for a plain import.
    let index = staging.join("index.js");
    let text = std::fs::read_to_string(&index).context(|| format!("reading {}", index.display()))?;
    let changed = text.replacen("import source ", "import ", 1);
    if changed == text {
        return Err(Failure::new(
            "the bindings no longer import their wasm as expected; look at worker-staging/bindings.js",
        ));
    }
    write(&index, changed.as_bytes())
}
