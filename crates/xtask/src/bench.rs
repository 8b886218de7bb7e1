//! `bench`: measurements, printed with the machine they were made on.

use crate::command::{cargo, run};
use crate::failure::{Failure, Result};
use crate::progress::step;
use crate::room::Room;

/// `bench rules`: the engine's cost, natively.
///
/// # Errors
/// When the measurement cannot run or the name is unknown; `page` and `edge` are names without a measurement yet.
pub fn bench(room: &Room, words: &[String]) -> Result<()> {
    match words.first().map(String::as_str) {
        Some("rules") => step("bench rules", || {
            run(cargo(&room.root).args(["bench", "--quiet", "--package=xtask", "--bench=rules"]))
        }),
        Some(name @ ("page" | "edge")) => {
            Err(Failure::new(format!("bench {name} does not exist yet; `bench rules` does")))
        }
        _ => Err(Failure::new(
            "say what to measure: `bench rules`, how long the engine takes to read a program and to apply an event",
        )),
    }
}
