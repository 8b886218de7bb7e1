//! `test`: named suites, each run to its end, their own closing lines left as they are, and a table of what passed.
//!
//! `rust`, `types` and `unit` need no build. Every other folder of tests/ that holds `*.test.ts` files is a suite of that name: it runs
//! against the real runtime, and mostly in a real browser, Chromium; where the folder has a file `needs`, its one line is a command that
//! must succeed first, and on a machine where it does not the suite is told as not run. `e2e-firefox` and `e2e-webkit` are the files of
//! tests/e2e and of tests/driver in these engines; without the browser they fail. `size` closes the list.

use crate::build::build;
use crate::command::{cargo, command, output, run};
use crate::engines::{self, Engine, LeftOut};
use crate::failure::{Context, Failure, Result};
use crate::options::Options;
use crate::progress::{elapsed, say, step};
use crate::room::{Room, files_below};
use crate::{size, tools};
use std::path::PathBuf;
use std::time::Instant;

/// How many browser or runtime test files run at once. Two cores are what we promise to work on.
const CONCURRENT_FILES: usize = 2;

enum Suite {
    Rust,
    Types,
    Unit(Vec<PathBuf>),
    Real(Engine, Vec<PathBuf>),
    Size,
}

/// `test [--only SUITE] [FILTER]`: FILTER is a part of a test's name.
///
/// # Errors
/// When any suite failed; all of them ran.
pub fn test(room: &Room, words: &[String]) -> Result<()> {
    let options = Options::parse(words, &["--list"], &["--only"])?;
    let mut suites = suites(room);
    if options.has("--list") {
        suites.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    }
    if let Some(only) = options.value("--only") {
        let names: Vec<String> = suites.iter().map(|(name, _)| name.clone()).collect();
        suites.retain(|(name, _)| name == only);
        if suites.is_empty() {
            return Err(Failure::new(format!("no suite {only}; there are: {}", names.join(" "))));
        }
    }
    let filter = options.words.first().map(String::as_str);
    if suites.iter().any(|(_, suite)| matches!(suite, Suite::Real(..) | Suite::Size)) {
        build(room)?;
    } else {
        tools::ensure(room)?;
    }
    let used = |engine: &Engine| suites.iter().any(|(_, suite)| matches!(suite, Suite::Real(of, _) if of == engine));
    engines::install(room, &Engine::ALL.into_iter().filter(used).collect::<Vec<_>>());
    let mut table = Vec::new();
    let mut not_run = Vec::new();
    for (name, suite) in &suites {
        if let Some(missing) = missing(room, name) {
            not_run.push((name, missing));
            continue;
        }
        let began = Instant::now();
        let outcome = step(&format!("suite {name}"), || match suite {
            Suite::Rust => rust(room, filter),
            Suite::Types => types(room),
            Suite::Unit(files) => node(room, files, &[], filter, None),
            Suite::Real(engine, files) => in_browser(room, *engine, files, filter),
            Suite::Size => size::check(room),
        });
        table.push((name, outcome, began.elapsed(), left_out(suite).len()));
    }
    eprintln!();
    for (name, outcome, took, left_out) in &table {
        let (word, why) = match outcome {
            Ok(()) if *left_out > 0 => ("passed", format!("  {left_out} entries not run there, told above")),
            Ok(()) => ("passed", String::new()),
            Err(failure) => ("FAILED", format!("  {}", failure.to_string().lines().next().unwrap_or_default())),
        };
        eprintln!("  {name:<11} {word}  {:>6.1} s{why}", took.as_secs_f64());
    }
    for (name, missing) in &not_run {
        eprintln!("  {name:<11} NOT RUN  this machine has no `{missing}`");
    }
    eprintln!();
    let failed = table.iter().filter(|(_, outcome, ..)| outcome.is_err()).count();
    if failed == 0 {
        let not_run = if not_run.is_empty() { String::new() } else { format!(", {} not run", not_run.len()) };
        say(&format!("all {} suites passed in {:.0} s{not_run}", table.len(), elapsed().as_secs_f64()));
        return Ok(());
    }
    Err(Failure::new(format!("{failed} of {} suites failed", table.len())))
}

/// The command a suite needs and this machine does not have.
fn missing(room: &Room, name: &str) -> Option<String> {
    let needs = std::fs::read_to_string(room.at(&format!("tests/{name}/needs"))).ok()?;
    let mut words = needs.split_whitespace();
    let mut needed = command(words.next()?, &room.root);
    match output(needed.args(words)) {
        Ok(_) => None,
        Err(_) => Some(needs.trim().to_owned()),
    }
}

fn suites(room: &Room) -> Vec<(String, Suite)> {
    let tests_in = |folder: &str| -> Vec<PathBuf> {
        let mut files = files_below(&room.at(folder), &["node_modules"]);
        files.retain(|file| [".test.ts", ".test.js"].iter().any(|ending| file.to_string_lossy().ends_with(ending)));
        files
    };
    let unit = ["js", "examples", "tests/unit"].iter().flat_map(|folder| tests_in(folder)).collect();
    let mut suites = vec![
        ("rust".to_owned(), Suite::Rust),
        ("types".to_owned(), Suite::Types),
        ("unit".to_owned(), Suite::Unit(unit)),
    ];
    let folders = std::fs::read_dir(room.at("tests")).into_iter().flatten().flatten();
    let mut names: Vec<String> = folders.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "unit");
    names.sort();
    for name in names {
        let files = tests_in(&format!("tests/{name}"));
        if !files.is_empty() {
            suites.push((name, Suite::Real(Engine::Chromium, files)));
        }
    }
    for engine in Engine::ALL.into_iter().filter(|engine| *engine != Engine::Chromium) {
        let files = ["tests/driver", "tests/e2e"].iter().flat_map(|folder| tests_in(folder)).collect();
        suites.push((format!("e2e-{}", engine.name()), Suite::Real(engine, files)));
    }
    suites.push(("size".to_owned(), Suite::Size));
    suites
}

fn rust(room: &Room, filter: Option<&str>) -> Result<()> {
    let mut test = cargo(&room.root);
    // The Worker runs only in its runtime; the suites of tests/ drive it there.
    run(test.args(["test", "--workspace", "--exclude", "noren-worker"]).args(filter))
}

/// The TypeScript check, shared with `lint`: the repository, then each example by its own settings.
///
/// # Errors
/// When a type is wrong.
pub fn types(room: &Room) -> Result<()> {
    let examples = std::fs::read_dir(room.at("examples")).into_iter().flatten().flatten();
    let mut projects: Vec<PathBuf> = examples.map(|example| example.path().join("tsconfig.json")).collect();
    projects.retain(|project| project.is_file());
    projects.insert(0, room.at("tsconfig.json"));
    let mut outcome = Ok(());
    for project in projects {
        let mut tsc = command(room.npm_program("node"), &room.root);
        let checked = run(tsc.arg(room.npm_program("tsc")).args(["--noEmit", "--project"]).arg(project));
        outcome = outcome.and(checked);
    }
    outcome
}

/// What the table of engines keeps from a suite.
fn left_out(suite: &Suite) -> Vec<&'static LeftOut> {
    match suite {
        Suite::Real(engine, files) => engines::select(*engine, files).left_out,
        _ => Vec::new(),
    }
}

fn in_browser(room: &Room, engine: Engine, files: &[PathBuf], filter: Option<&str>) -> Result<()> {
    let program = engine.program()?;
    let selection = engines::select(engine, files);
    for left_out in &selection.left_out {
        say(&left_out.line());
    }
    node(room, &selection.files, &selection.skip, filter, Some((engine, program)))
}

fn node(
    room: &Room,
    files: &[PathBuf],
    skip: &[String],
    filter: Option<&str>,
    browser: Option<(Engine, PathBuf)>,
) -> Result<()> {
    if files.is_empty() {
        return Err(Failure::new("no test files found"));
    }
    let mut node = command(room.npm_program("node"), &room.root);
    node.args(["--test", "--test-reporter=spec", "--disable-warning=ExperimentalWarning"]);
    // A file whose set-up failed half-way leaves a browser or an edge behind, and would wait for it for ever.
    node.args(["--test-force-exit", "--test-timeout=300000"]);
    node.arg(format!("--test-concurrency={CONCURRENT_FILES}"));
    node.args(skip.iter().map(|pattern| format!("--test-skip-pattern={pattern}")));
    if let Some(filter) = filter {
        node.arg(format!("--test-name-pattern={filter}"));
    }
    // What a test starts is this very program, and the browser found above.
    node.env("NOREN_XTASK", own_program()?);
    if let Some((engine, program)) = browser {
        node.env("NOREN_BROWSER", engine.name()).env(engine.variable(), program);
    }
    run(node.args(files))
}

/// Where this program lies. The Rust suite may have built it anew meanwhile; Linux then names the file that is running as deleted, though
/// the new one lies at the same place.
///
/// # Errors
/// When the system does not say.
pub fn own_program() -> Result<PathBuf> {
    let program = std::env::current_exe().context(|| "finding this program".into())?;
    match program.to_str().and_then(|path| path.strip_suffix(" (deleted)")) {
        Some(path) => Ok(PathBuf::from(path)),
        None => Ok(program),
    }
}
