//! `up` for people and `serve` for tests: the same runtime, started the same way.

use crate::build::build;
use crate::failure::{Failure, Result};
use crate::options::Options;
use crate::progress::{say, step};
use crate::room::Room;
use crate::runtime::{Runtime, check_faces, introduce, seed};
use crate::{sys, tools};
use serde_json::json;
use std::io::{Read, Write};
use std::path::PathBuf;

const PORT: u16 = 8787;

/// Builds what changed and serves until it is stopped. `--port N --state DIR --no-open`.
///
/// # Errors
/// When the build fails, the port is taken or the runtime ends by itself.
pub fn up(room: &Room, words: &[String]) -> Result<()> {
    let options = Options::parse(words, &["--no-open"], &["--port", "--state"])?;
    let port = options.port(PORT)?;
    build(room)?;
    let mut runtime = step("runtime: start", || Runtime::start(room, &state(room, &options), port))?;
    sys::serving();
    check_faces(&runtime)?;
    // An edge without the demo's campaigns is still worth looking at.
    if let Err(failure) = seed(room, &runtime) {
        say(&format!("demo site: not filled: {failure}"));
    }
    introduce(&runtime);
    if !options.has("--no-open") {
        tools::open_browser(room, &format!("{}/shop/", runtime.address()));
    }
    Err(runtime.wait())
}

/// Serves what was built before, for a test: prints one JSON line when it answers. With `--until-stdin-closes` it cannot outlive
/// the test that started it. `--port N --state DIR --no-seed`.
///
/// # Errors
/// As [`up`]; also when the demo site cannot be filled.
pub fn serve(room: &Room, words: &[String]) -> Result<()> {
    let options = Options::parse(words, &["--no-seed", "--until-stdin-closes"], &["--port", "--state"])?;
    let mut runtime = Runtime::start(room, &state(room, &options), options.port(0)?)?;
    sys::serving();
    if !options.has("--no-seed") {
        seed(room, &runtime)?;
    }
    let line = json!({ "url": runtime.address(), "port": runtime.port, "pid": runtime.pid(), "token": runtime.secrets.dev_token });
    println!("{line}");
    std::io::stdout().flush().map_err(|error| Failure::new(error.to_string()))?;
    if options.has("--until-stdin-closes") {
        std::thread::spawn(|| {
            let mut buffer = [0; 64];
            while std::io::stdin().read(&mut buffer).is_ok_and(|count| count > 0) {}
            sys::stop(0)
        });
    }
    Err(runtime.wait())
}

fn state(room: &Room, options: &Options) -> PathBuf {
    options.value("--state").map_or_else(|| room.at(".noren"), PathBuf::from)
}
