//! `cargo xtask`: everything one does with this repository, the same on a laptop and in continuous integration.
//!
//! Built to be light: it must answer at once on a fresh machine, so it depends on little and starts what is heavy as programs of their own.

mod bench;
mod build;
mod command;
mod deploy;
mod engines;
mod failure;
mod faults;
mod lint;
mod options;
mod progress;
mod room;
mod runtime;
mod serve;
mod size;
mod stamp;
mod suites;
mod sys;
mod tidy;
mod tools;
mod upload;
mod wrangler;

use crate::failure::Failure;
use crate::progress::say;
use crate::room::Room;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask TASK

  up [--port N] [--state DIR] [--no-open]
                 build what changed and serve shop, console and edge on one address (port 8787, state in .noren)
  test [--only SUITE] [--list] [FILTER]
                 every test: Rust, TypeScript, real browsers against the real runtime (e2e in Chromium, e2e-firefox, e2e-webkit), sizes
  build          the agent, the pages and the Worker, into target/noren and worker/build
  lint [--only CHECK]
                 rustfmt, clippy, TypeScript, prettier and the repository's own rules
  fmt            format everything
  size           bytes as served against budgets.json
  bench rules|backtest|edge|cost|page [--quick]
                 what the engine costs beside what else a site could use; how fast a recorded log is decided about; what a sync costs at
                 the edge beside the least that it could; what page views cost there at the published prices; what a page feels of
                 Noren and of its peers
  faults [--kills N] [--seed N]
                 kill the edge under traffic (200 times) and compare what was acknowledged with what is stored and counted
  deploy [--dry-run] [--state DIR]
                 build, check and hand over to wrangler
  serve [--port N] [--state DIR] [--no-seed] [--until-stdin-closes]
                 what tests start: serves the last build, prints one JSON line

What is missing is installed: Rust components through rustup, everything else into node_modules and target. On Debian, for root, also
the browsers. A second run does only what changed.
";

fn main() -> ExitCode {
    progress::begin();
    if let Err(error) = sys::install_signal_handlers() {
        eprintln!("cannot handle signals: {error}");
        return ExitCode::FAILURE;
    }
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (task, rest) = words.split_first().map_or(("help", &[][..]), |(task, rest)| (task.as_str(), rest));
    let room = Room::here();
    let done = match task {
        "up" => serve::up(&room, rest),
        "serve" => serve::serve(&room, rest),
        "test" => suites::test(&room, rest),
        "build" => build::build(&room),
        "lint" => lint::lint(&room, rest),
        "fmt" => lint::fmt(&room),
        "size" => size::size(&room),
        "bench" => bench::bench(&room, rest),
        "faults" => faults::faults(&room, rest),
        "deploy" => deploy::deploy(&room, rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(Failure::new(format!("there is no task {other}; `cargo xtask` lists them"))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}
