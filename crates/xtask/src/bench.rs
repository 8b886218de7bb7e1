//! `bench`: measurements, printed with the machine they were made on.

mod backtest;
mod edge;
mod page;

use crate::build::build;
use crate::command::{cargo, command, output, run, run_quietly};
use crate::failure::{Context, Failure, Result};
use crate::options::Options;
use crate::progress::{say, step};
use crate::room::{Room, files_below};
use crate::stamp::{Inputs, unless_done, write};
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// `bench rules`: the engine beside what else a site could use; `bench backtest`: how fast a log is decided about; `bench edge`: a sync beside
/// the least it could cost; `bench cost`: what page views cost at the platform's prices; `bench page`: what a page feels of Noren and of its
/// peers. `docs/bench.md` tells of all.
/// `--quick` shows in half a minute that all is well and that what must agree does; its times mean little.
///
/// # Errors
/// When two contenders disagree, when the measurement cannot run, or the name is unknown.
pub fn bench(room: &Room, words: &[String]) -> Result<()> {
    let options = Options::parse(words, &["--quick", "--grow"], &["--laps", "--contenders"])?;
    match options.words.first().map(String::as_str) {
        Some("rules") => rules(room, options.has("--quick")),
        Some("backtest") => backtest::backtest(room, options.has("--quick")),
        Some("edge") => edge::edge(room, options.has("--quick"), options.has("--grow")),
        Some("cost") => edge::cost(room, options.has("--quick")),
        Some("page") => page::page(room, &options),
        _ => Err(Failure::new(
            "say what to measure: `bench rules [--quick]`, what an event costs in Noren and in what else a site could use, or \
             `bench backtest [--quick]`, how many recorded events a second are decided about, or `bench edge [--quick] [--grow]`, what a \
             sync costs beside the least it could, or `bench cost [--quick]`, what page views cost at the published prices, or \
             `bench page [--quick] [--laps N] [--contenders TEXT]`, what a page feels of Noren and of its peers",
        )),
    }
}

fn rules(room: &Room, quick: bool) -> Result<()> {
    build(room)?;
    let noren = step("noren: compile", || executable(room, &["build", "--package=noren"], "noren"))?;
    let driver = step("engine: compile the native driver", || {
        executable(room, &["bench", "--no-run", "--package=xtask", "--bench=rules"], "rules")
    })?;
    let packages = packages(room, "tests/bench", "packages")?;
    step("bench rules", || {
        let work = room.out.join("bench/run");
        let mut node = command(room.npm_program("node"), &room.root);
        // Collecting garbage on demand keeps one contender's out of the next one's time.
        node.args(["--expose-gc", "--disable-warning=ExperimentalWarning"]).arg(room.at("tests/bench/run.ts"));
        node.arg("--work").arg(work).arg("--noren").arg(&noren).arg("--driver").arg(&driver);
        node.arg("--wasm").arg(room.out.join("agent.wasm")).arg("--missing").arg(&packages.missing);
        for folder in &packages.folders {
            node.arg("--packages").arg(folder);
        }
        run(node.args(quick.then_some("--quick")))
    })
}

/// Builds with cargo and finds the program `name` among what it says it made.
fn executable(room: &Room, words: &[&str], name: &str) -> Result<PathBuf> {
    let mut build = cargo(&room.root);
    let said = output(build.args(words).args(["--quiet", "--message-format=json-render-diagnostics"]))?;
    let made = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs = made.filter(|message| message.pointer("/target/name").and_then(Value::as_str) == Some(name));
    let path = programs.find_map(|message| message.get("executable").and_then(Value::as_str).map(PathBuf::from));
    path.ok_or_else(|| Failure::new(format!("cargo made no program {name}")))
}

/// The peers' packages, as far as they could be installed.
struct Packages {
    /// Folders that hold them.
    folders: Vec<PathBuf>,
    /// A file that says which are missing, and why.
    missing: PathBuf,
}

/// Installs the peers as the folder `pins` pins them, below target/ under `name`. Where that fails as a whole, one by one, so that one that is not to be had takes no other with it.
fn packages(room: &Room, pins: &str, name: &str) -> Result<Packages> {
    let home = room.out.join("bench").join(name);
    let stamp = format!("bench-{name}");
    let (package, lock) = (room.at(&format!("{pins}/package.json")), room.at(&format!("{pins}/package-lock.json")));
    let missing = home.join("missing.json");
    let inputs = Inputs::of(room).file(&package).file(&lock);
    unless_done(room, &stamp, inputs, &[&missing, &home.join("node_modules")], || {
        // What an earlier attempt left behind is no one's any more.
        let _ = std::fs::remove_dir_all(&home);
        copy(&package, &home.join("package.json"))?;
        copy(&lock, &home.join("package-lock.json"))?;
        let whole = step("npm: install the peers", || install(room, &home));
        let reasons = if whole.is_ok() { Map::new() } else { one_by_one(room, &package, &home)? };
        write(&missing, Value::Object(reasons).to_string().as_bytes())
    })?;
    let mut folders = vec![home.join("node_modules")];
    let single = std::fs::read_dir(home.join("single")).into_iter().flatten().flatten();
    folders.extend(single.map(|entry| entry.path().join("node_modules")));
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    // An incomplete set is tried again at the next run.
    if std::fs::read_to_string(&missing).is_ok_and(|text| text != "{}") {
        let _ = std::fs::remove_file(room.out.join("stamps").join(&stamp));
    }
    Ok(Packages { folders, missing })
}

/// Each package in a folder of its own; those that failed, with the reason.
fn one_by_one(room: &Room, package: &Path, home: &Path) -> Result<Map<String, Value>> {
    let text = std::fs::read_to_string(package).context(|| format!("reading {}", package.display()))?;
    let listed: Value = serde_json::from_str(&text).context(|| format!("reading {}", package.display()))?;
    let mut reasons = Map::new();
    for (place, (name, version)) in
        listed.get("dependencies").and_then(Value::as_object).into_iter().flatten().enumerate()
    {
        let folder = home.join(format!("single/{place}"));
        let alone = serde_json::json!({ "private": true, "dependencies": { name: version } });
        write(&folder.join("package.json"), alone.to_string().as_bytes())?;
        let version = version.as_str().unwrap_or_default();
        if step(&format!("npm: install {name} {version}"), || install(room, &folder)).is_err() {
            say(&format!("{name} is left out"));
            let why = format!("npm could not install {name} {version}: {}", complaint(&room.log("npm-bench")));
            reasons.insert(name.clone(), Value::String(why));
        }
    }
    std::fs::create_dir_all(home.join("node_modules")).context(|| format!("creating {}", home.display()))?;
    Ok(reasons)
}

/// What npm said went wrong, in its own words: the first line of its log that is a sentence and not a code.
fn complaint(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.strip_prefix("npm error "));
    let mut sentences = lines.filter(|line| line.split(' ').count() > 2);
    sentences.next().unwrap_or("npm did not say why").to_owned()
}

fn install(room: &Room, folder: &Path) -> Result<()> {
    let mut npm = command("npm", folder);
    npm.args(["install", "--no-save", "--no-progress", "--no-audit", "--no-fund", "--ignore-scripts"]);
    run_quietly(npm.args(["--loglevel=error", "--fetch-retries=1"]), &room.log("npm-bench"))?;
    let found = files_below(&folder.join("node_modules"), &[]);
    if found.is_empty() { Err(Failure::new("npm installed nothing")) } else { Ok(()) }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    write(to, &std::fs::read(from).context(|| format!("reading {}", from.display()))?)
}
