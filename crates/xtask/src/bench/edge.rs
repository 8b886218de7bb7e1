//! `bench edge`: a sync beside the floor (a Worker by hand that writes the same rows), on the same runtime, lap by lap in turn; and how soon an
//! operator sees an event. Once with the objects on the disk, once in memory where the system has a folder for that.

use super::executable;
use crate::build::build;
use crate::command::{command, run};
use crate::failure::{Context, Result};
use crate::progress::{say, step};
use crate::room::Room;
use crate::runtime::Runtime;
use std::path::{Path, PathBuf};

/// Where files are kept in memory, if anywhere.
const MEMORY: &str = "/dev/shm";

pub fn edge(room: &Room, quick: bool, grow: bool) -> Result<()> {
    build(room)?;
    let driver = step("driver: compile", || {
        executable(room, &["bench", "--no-run", "--package=xtask", "--bench=edge"], "edge")
    })?;
    let bench = Bench { room, driver, quick, grow };
    let folder = room.out.join("bench/edge");
    step("bench edge on disk", || bench.sides("disk", &folder.join("disk")))?;
    if Path::new(MEMORY).is_dir() {
        let folder = Path::new(MEMORY).join(format!("noren-bench-{}", std::process::id()));
        let done = step("bench edge in memory", || bench.sides("memory", &folder));
        let _ = std::fs::remove_dir_all(&folder);
        done?;
    } else {
        say(&format!("there is no {MEMORY}: nothing is measured in memory"));
    }
    step("bench edge, an operator's screen", || bench.screen(&folder.join("screen")))
}

/// `bench cost`: what page views cost at the edge, counted on the runtime and set beside the published prices.
pub fn cost(room: &Room, quick: bool) -> Result<()> {
    build(room)?;
    let folder = room.out.join("bench/cost");
    step("bench cost", || drive(room, &folder, "tests/bench/edge/cost.ts", quick))
}

/// Runs a script of tests/bench against a runtime of its own that remembers nothing.
fn drive(room: &Room, folder: &Path, script: &str, quick: bool) -> Result<()> {
    let _ = std::fs::remove_dir_all(folder);
    let noren = Runtime::start(room, folder, 0)?;
    let mut node = command(room.npm_program("node"), &room.root);
    node.arg("--disable-warning=ExperimentalWarning").arg(room.at(script));
    node.arg(noren.address()).arg(&noren.secrets.dev_token);
    let done = run(node.args(quick.then_some("--quick")));
    drop(noren);
    let _ = std::fs::remove_dir_all(folder);
    done
}

struct Bench<'r> {
    room: &'r Room,
    driver: PathBuf,
    quick: bool,
    grow: bool,
}

impl Bench<'_> {
    fn sides(&self, word: &str, folder: &Path) -> Result<()> {
        let _ = std::fs::remove_dir_all(folder);
        let report = self.room.out.join(format!("bench/edge/report-{word}.json"));
        std::fs::create_dir_all(self.room.out.join("bench/edge")).context(|| "creating bench/edge".into())?;
        let floor = self.room.at("tests/bench/edge/floor.js");
        let floor = Runtime::start_script(self.room, &folder.join("floor"), &floor, "Floor")?;
        let noren = Runtime::start(self.room, &folder.join("noren"), 0)?;
        let mut driver = command(&self.driver, &self.room.root);
        driver.arg("--floor").arg(format!("{}:{}", floor.port, floor.pid()));
        driver.arg("--noren").arg(format!("{}:{}", noren.port, noren.pid()));
        driver.args(["--where", word]).arg("--report").arg(report);
        let done = run(driver.args(self.quick.then_some("--quick")).args(self.grow.then_some("--grow")));
        drop((noren, floor));
        let _ = std::fs::remove_dir_all(folder);
        done
    }

    fn screen(&self, folder: &Path) -> Result<()> {
        drive(self.room, folder, "tests/bench/edge/screen.ts", self.quick)
    }
}
