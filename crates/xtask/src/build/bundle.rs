//! Bundling TypeScript with esbuild; what visitors load is then made smaller still by terser (6 per cent of agent.js as it travels).

use crate::command::{command, run_quietly};
use crate::failure::{Failure, Result};
use crate::room::Room;
use std::path::Path;

/// How a bundle is loaded.
#[derive(Clone, Copy)]
pub enum Format {
    /// A classic script, run once, that leaves no names behind.
    Script,
    /// An ES module.
    Module,
}

/// Bundles `entry` (a path in the repository) into the file `into`. `constants` are replaced by JSON values.
///
/// Properties that begin with `_` are private and get short names: to a bundle, or to all bundles that share the file `names`. What others
/// share must not begin with `_`. Modules that lie `beside` this one are imported when they are wanted, and not bundled.
pub fn bundle(
    room: &Room,
    entry: &str,
    into: &Path,
    format: Format,
    constants: &[(&str, String)],
    names: Option<&Path>,
    beside: &[&str],
) -> Result<()> {
    require(room, entry)?;
    let mut esbuild = command(room.npm_program("esbuild"), &room.root);
    esbuild.args([entry, "--bundle", "--minify", "--charset=utf8", "--legal-comments=none", "--log-level=warning"]);
    esbuild.args(["--mangle-props=^_[a-zA-Z]", "--tsconfig=tsconfig.json"]);
    if let Some(names) = names {
        esbuild.arg(format!("--mangle-cache={}", names.display()));
    }
    esbuild.args(beside.iter().map(|name| format!("--external:./{name}")));
    // The oldest browsers that matter have ES2020; the console may ask for a recent one.
    let (target, console) = if entry.starts_with("js/console/") { ("es2022", true) } else { ("es2020", false) };
    esbuild.arg(format!("--target={target}")).arg(match format {
        Format::Script => "--format=iife",
        Format::Module => "--format=esm",
    });
    if console {
        esbuild.args(["--define:process.env.NODE_ENV=\"production\"", "--jsx=automatic", "--jsx-import-source=preact"]);
    }
    for (name, value) in constants {
        esbuild.arg(format!("--define:{name}={value}"));
    }
    esbuild.arg(format!("--outfile={}", into.display()));
    run_quietly(&mut esbuild, &room.log("esbuild"))?;
    let visitors = ["js/loader/", "js/agent/", "js/widgets/"].iter().any(|folder| entry.starts_with(folder));
    if visitors { shrink(room, into, format) } else { Ok(()) }
}

fn shrink(room: &Room, file: &Path, format: Format) -> Result<()> {
    let mut terser = command(room.npm_program("terser"), &room.root);
    terser.arg(file).args(["--compress", "passes=3,ecma=2020,unsafe_arrows", "--mangle"]);
    if matches!(format, Format::Module) {
        terser.arg("--module");
    }
    terser.arg("--output").arg(file);
    run_quietly(&mut terser, &room.log("terser"))
}

/// Bundles a style sheet.
pub fn bundle_css(room: &Room, entry: &Path, into: &Path) -> Result<()> {
    let mut esbuild = command(room.npm_program("esbuild"), &room.root);
    esbuild.arg(entry).args(["--bundle", "--minify", "--charset=utf8", "--log-level=warning", "--target=es2022"]);
    esbuild.arg(format!("--outfile={}", into.display()));
    run_quietly(&mut esbuild, &room.log("esbuild"))
}

/// Says clearly which source is missing, instead of leaving it to the bundler.
pub fn require(room: &Room, path: &str) -> Result<()> {
    if room.at(path).exists() { Ok(()) } else { Err(Failure::new(format!("{path} is missing from the repository"))) }
}
