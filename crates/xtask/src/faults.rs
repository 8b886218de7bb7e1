//! `faults`: the edge killed under traffic as often as one likes. What it proves is in `docs/faults.md`; the short form is a suite of its own.

use crate::build::build;
use crate::command::{command, run};
use crate::failure::Result;
use crate::options::Options;
use crate::progress::step;
use crate::room::Room;
use crate::suites::own_program;

/// `faults [--kills N] [--seed N] [--visitors N]`. Without a seed the clock gives one; it is printed.
///
/// # Errors
/// When anything acknowledged is missing or doubled; the seed is in what was printed.
pub fn faults(room: &Room, words: &[String]) -> Result<()> {
    let known = ["--kills", "--seed", "--visitors"];
    let options = Options::parse(words, &[], &known)?;
    build(room)?;
    step("faults", || {
        let mut node = command(room.npm_program("node"), &room.root);
        node.arg("--disable-warning=ExperimentalWarning").arg(room.at("tests/faults/run.ts"));
        for name in known {
            if let Some(value) = options.value(name) {
                node.args([name, value]);
            }
        }
        // What it starts is this very program.
        run(node.env("NOREN_XTASK", own_program()?))
    })
}
