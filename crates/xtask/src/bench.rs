//! `bench`: measurements with the machine they were made on.

use crate::command::{cargo, run};
use crate::failure::{Failure, Result};
use crate::progress::step;
use crate::room::Room;

/// `bench rules`: the engine's cost, natively. `bench page` and `bench edge` say what they would need.
///
/// # Errors
/// When the measurement cannot run or the name is unknown.
pub fn bench(room: &Room, words: &[String]) -> Result<()> {
    match words.first().map(String::as_str) {
        Some("rules") => step("bench rules", || {
            run(cargo(&room.root).args([
                "run",
                "--quiet",
                "--release",
                "--package",
                "noren-engine",
                "--example",
                "bench",
            ]))
        }),
        Some(name @ ("page" | "edge")) => {
            Err(Failure::new(format!("bench {name} is not part of this version; `bench rules` is")))
        }
        _ => Err(Failure::new("bench rules: how long the engine takes to read a program and to apply an event")),
    }
}
