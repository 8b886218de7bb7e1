//! `bench page`: the demo shop with nothing, with Noren and with each peer, load by load in turn, in a real browser under a trace.

use super::packages;
use crate::build::build;
use crate::command::{command, run};
use crate::engines::{self, Engine};
use crate::failure::{Context, Result};
use crate::options::Options;
use crate::progress::step;
use crate::room::Room;
use crate::suites::own_program;

pub fn page(room: &Room, options: &Options) -> Result<()> {
    build(room)?;
    engines::install(room, &[Engine::Chromium]);
    let chromium = Engine::Chromium.program()?;
    let packages = packages(room, "tests/bench/page", "page-packages")?;
    let folder = room.out.join("bench/page");
    std::fs::create_dir_all(&folder).context(|| format!("creating {}", folder.display()))?;
    let report = folder.join(if options.has("--quick") { "report-quick.json" } else { "report-full.json" });
    step("bench page", || {
        let mut node = command(room.npm_program("node"), &room.root);
        node.arg("--disable-warning=ExperimentalWarning").arg(room.at("tests/bench/page/run.ts"));
        node.env(Engine::Chromium.variable(), &chromium).env("NOREN_XTASK", own_program()?);
        node.arg("--assets").arg(room.assets()).arg("--report").arg(&report).arg("--missing").arg(&packages.missing);
        for packages in &packages.folders {
            node.arg("--packages").arg(packages);
        }
        for name in ["--laps", "--contenders"] {
            node.args(options.value(name).map(|value| [name, value]).into_iter().flatten());
        }
        run(node.args(options.has("--quick").then_some("--quick")))
    })
}
