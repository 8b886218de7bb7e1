//! `bench backtest`: how many recorded events a second a core `noren backtest` decides about, beside the least that reading them costs, and
//! what memory it takes.
//!
//! The figure is lines by processor time of the whole program, all its threads together, user and system: what else the machine does
//! meanwhile hardly moves it, and no thread is left out.

use super::executable;
use crate::command::command;
use crate::failure::{Context, Failure, Result};
use crate::progress::step;
use crate::room::Room;
use crate::stamp::write;
use crate::sys::{self, Usage};
use serde_json::{Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Lines of the log, and days they are spread over.
const LINES: u64 = 1_000_000;
const DAYS: u64 = 14;
/// The long log: ten times as long, with as many visitors a day.
const LONGER: u64 = 10;
/// Each measurement is repeated so often; the least disturbed counts.
const REPEATED: usize = 3;
/// `--quick` shows that everything runs and that the counts are right.
const QUICK_LINES: u64 = 20_000;

/// What one run took.
struct Measured {
    usage: Usage,
    wall: Duration,
    said: String,
}

/// One line of the table.
struct Row {
    what: &'static str,
    lines: u64,
    best: Measured,
}

pub fn backtest(room: &Room, quick: bool) -> Result<()> {
    let noren = step("noren: compile", || executable(room, &["build", "--release", "--package=noren"], "noren"))?;
    let shop = step("shop: compile", || {
        executable(room, &["bench", "--no-run", "--package=xtask", "--bench=backtest"], "backtest")
    })?;
    let bench = Bench { room, noren, shop, folder: room.out.join("bench/backtest") };
    let (lines, repeated) = if quick { (QUICK_LINES, 1) } else { (LINES, REPEATED) };
    let files = step("shop: write the log", || bench.files(lines))?;
    for campaigns in [&files.plain, &files.varied] {
        step("the counts of replay", || bench.agrees(campaigns, &files.log))?;
    }
    let rows = step("bench backtest", || bench.rows(&files, lines, repeated))?;
    let memory = if quick { Vec::new() } else { step("memory", || bench.memory(&files))? };
    let report = report(&rows, &memory);
    write(&bench.folder.join("report.json"), report.to_string().as_bytes())?;
    print(&rows, &memory);
    Ok(())
}

struct Bench<'r> {
    room: &'r Room,
    noren: PathBuf,
    shop: PathBuf,
    folder: PathBuf,
}

struct Files {
    /// A hundred campaigns, and a hundred others.
    plain: PathBuf,
    varied: PathBuf,
    /// The first of the plain ones alone, and all others.
    draft: PathBuf,
    live: PathBuf,
    log: PathBuf,
}

impl Bench<'_> {
    fn files(&self, lines: u64) -> Result<Files> {
        let at = |name: &str| self.folder.join(name);
        let files = Files {
            plain: at("plain.json"),
            varied: at("varied.json"),
            draft: at("draft.json"),
            live: at("live.json"),
            log: at("log.ndjson"),
        };
        std::fs::create_dir_all(&self.folder).context(|| format!("creating {}", self.folder.display()))?;
        let campaigns = |which: &str| Ok(measured(command(&self.shop, &self.folder).arg(which))?.said);
        let plain = campaigns("plain")?;
        write(&files.plain, plain.as_bytes())?;
        write(&files.varied, campaigns("varied")?.as_bytes())?;
        let plain: Vec<Value> = serde_json::from_str(&plain).context(|| "reading the campaigns".into())?;
        let (draft, live) = plain.split_at(plain.len().min(1));
        write(&files.draft, Value::from(draft).to_string().as_bytes())?;
        write(&files.live, Value::from(live).to_string().as_bytes())?;
        let log = std::fs::File::create(&files.log).context(|| format!("creating {}", files.log.display()))?;
        let mut shop = self.shop_writes(lines, DAYS);
        let done = shop.stdout(log).status().context(|| "making a log".into())?;
        if done.success() { Ok(files) } else { Err(Failure::new(format!("making a log ended with {done}"))) }
    }

    fn shop_writes(&self, lines: u64, days: u64) -> Command {
        let mut shop = command(&self.shop, &self.folder);
        shop.args(["log", &lines.to_string(), &days.to_string()]);
        shop
    }

    fn noren(&self, words: &[&str], files: &[(&str, &Path)]) -> Command {
        let mut noren = command(&self.noren, &self.room.root);
        noren.args(words).stderr(Stdio::null());
        for (option, file) in files {
            noren.arg(option).arg(file);
        }
        noren
    }

    /// What a backtest counts of shows is what a replay of the same log decides.
    fn agrees(&self, campaigns: &Path, log: &Path) -> Result<()> {
        let words = [("--campaigns", campaigns), ("--events", log)];
        let decided = measured(&mut self.noren(&["replay"], &words))?.said;
        let told = measured(&mut self.noren(&["backtest", "--json"], &words))?.said;
        let told: Value = serde_json::from_str(&told).context(|| "reading the report".into())?;
        let drafts = told.get("drafts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let counted =
            |path: &str| -> u64 { drafts.iter().filter_map(|draft| draft.pointer(path).and_then(Value::as_u64)).sum() };
        let stopped = |draft: &Value| -> u64 {
            let gates = draft.get("suppressed").and_then(Value::as_object);
            gates.map_or(0, |gates| gates.values().filter_map(Value::as_u64).sum())
        };
        let of = |outcome: &str| -> u64 {
            let word = format!("\"outcome\":\"{outcome}\"");
            decided.lines().filter(|line| line.contains(&word)).count() as u64
        };
        let backtest = [counted("/shown/times"), counted("/control/times"), drafts.iter().map(stopped).sum()];
        let replay = [of("shown"), of("control"), of("suppressed")];
        if backtest == replay && backtest.iter().all(|n| *n > 0) {
            return Ok(());
        }
        Err(Failure::new(format!("shown, control, stopped: {backtest:?} by backtest, {replay:?} by replay")))
    }

    fn rows(&self, files: &Files, lines: u64, repeated: usize) -> Result<Vec<Row>> {
        let floor = |word: &str| {
            let mut shop = command(&self.shop, &self.folder);
            shop.arg(word).arg(&files.log);
            shop
        };
        let log = ("--events", &*files.log);
        let plain = [("--campaigns", &*files.plain), log];
        let varied = [("--campaigns", &*files.varied), log];
        let beside = [("--campaigns", &*files.draft), ("--live", &*files.live), log];
        let one = ["backtest", "--json", "--threads", "1"];
        let mut contenders = [
            ("reading, finding lines", floor("split")),
            ("the same, and reading them as JSON", floor("json")),
            ("100 plain campaigns", self.noren(&one, &plain)),
            ("100 plain campaigns, a thread a core", self.noren(&["backtest", "--json"], &plain)),
            ("1 draft beside 99 live ones", self.noren(&one, &beside)),
            ("100 varied campaigns", self.noren(&one, &varied)),
        ];
        let mut best: Vec<Option<Measured>> = contenders.iter().map(|_| None).collect();
        // In turn, so that what disturbs the machine for a while disturbs all of them.
        for _ in 0..repeated {
            for ((_, contender), best) in contenders.iter_mut().zip(&mut best) {
                let run = measured(contender)?;
                if best.as_ref().is_none_or(|best| run.usage.cpu < best.usage.cpu) {
                    *best = Some(run);
                }
            }
        }
        let rows = contenders.iter().zip(best);
        Ok(rows.filter_map(|((what, _), best)| Some(Row { what, lines, best: best? })).collect())
    }

    /// The same visitors a day for ten times as long, forgotten after two days' silence: memory follows who is in flight, not the log's length.
    fn memory(&self, files: &Files) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        for (what, remember, times) in [
            ("remembered for two days", Some("2d"), 1),
            ("remembered for two days, ten times as long", Some("2d"), LONGER),
            ("remembered throughout, ten times as long", None, LONGER),
        ] {
            let lines = LINES * times;
            let mut shop = self.shop_writes(lines, DAYS * times);
            let mut shop = shop.stdout(Stdio::piped()).spawn().context(|| "making a log".into())?;
            let log = shop.stdout.take().ok_or_else(|| Failure::new("a log that cannot be read".to_owned()))?;
            let mut noren = self.noren(
                &["backtest", "--json", "--threads", "1"],
                &[("--campaigns", &files.plain), ("--events", Path::new("-"))],
            );
            if let Some(time) = remember {
                noren.args(["--remember", time]);
            }
            let best = measured(noren.stdin(log))?;
            shop.wait().context(|| "making a log".into())?;
            rows.push(Row { what, lines, best });
        }
        Ok(rows)
    }
}

/// Runs a program to its end.
fn measured(command: &mut Command) -> Result<Measured> {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().context(|| "starting what is measured".into())?;
    let mut said = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_string(&mut said).context(|| "reading what it says".into())?;
    }
    let (status, usage) = sys::wait_with_usage(&child).context(|| "waiting for what is measured".into())?;
    if status.success() {
        return Ok(Measured { usage, wall: began.elapsed(), said });
    }
    Err(Failure::new(format!("{command:?} ended with {status}")))
}

impl Row {
    /// Lines by a second of processor time.
    fn rate(&self) -> f64 {
        self.lines as f64 / self.best.usage.cpu.as_secs_f64()
    }
}

const MB: f64 = 1e6;

fn print(rows: &[Row], memory: &[Row]) {
    println!("{:<46} {:>14} {:>9} {:>7} {:>8}", "", "events/s/core", "us/event", "s", "MB");
    for row in rows.iter().chain(memory) {
        println!(
            "{:<46} {:>14.0} {:>9.2} {:>7.1} {:>8.0}",
            row.what,
            row.rate(),
            1e6 / row.rate(),
            row.best.wall.as_secs_f64(),
            row.best.usage.peak_bytes as f64 / MB,
        );
    }
}

fn report(rows: &[Row], memory: &[Row]) -> Value {
    let row = |row: &Row| {
        json!({
            "what": row.what, "lines": row.lines, "cpu_s": row.best.usage.cpu.as_secs_f64(), "wall_s": row.best.wall.as_secs_f64(),
            "events_a_second_a_core": row.rate(), "peak_bytes": row.best.usage.peak_bytes,
        })
    };
    json!({ "rows": rows.iter().map(row).collect::<Vec<_>>(), "memory": memory.iter().map(row).collect::<Vec<_>>() })
}
