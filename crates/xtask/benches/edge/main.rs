//! What a sync costs at the edge beside the floor, as `cargo xtask bench edge` measures it: both run already, and lap by lap each is asked the
//! same in turn. `--floor PORT:PID --noren PORT:PID --where WORD --report FILE [--quick] [--grow]`. Without them, as under `cargo test`, it
//! does nothing.

// A bench may stop where it stands.
#![allow(clippy::indexing_slicing, reason = "no visitor runs this")]

mod client;
mod load;

use load::{Lap, Side, Target, Who};
use serde_json::{Value, json};
use std::io;
use std::process::ExitCode;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// Objects that are asked, the same on both sides; and with `--quick`, which only shows that everything runs.
const OBJECTS: u64 = 1_000;
const QUICK_OBJECTS: u64 = 100;
/// Requests under way at once.
const CONNECTIONS: u64 = 16;
/// A lap, and how many there are; the first few are not looked at.
const LAP: Duration = Duration::from_millis(1_500);
const LAPS: usize = 16;
const WARM: usize = 3;
/// Whose memory is taken.
const NEW: u64 = 10_000;
/// How far objects grow.
const GROWN: [u64; 2] = [10_000, 100_000];
/// New visitors are sent in pieces, in turn.
const PIECES: u64 = 5;

struct Plan {
    floor: Target,
    noren: Target,
    word: String,
    quick: bool,
    grow: bool,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    let target = |name: &str, side: Side| {
        let (port, pid) = value(name)?.split_once(':')?;
        Some(Target { side, port: port.parse().ok()?, pid: pid.parse().ok()? })
    };
    let (Some(floor), Some(noren)) = (target("--floor", Side::Floor), target("--noren", Side::Noren)) else {
        return ExitCode::SUCCESS;
    };
    let has = |flag: &str| words.iter().any(|word| word == flag);
    let word = value("--where").cloned().unwrap_or_default();
    let plan = Plan { floor, noren, word, quick: has("--quick"), grow: has("--grow") };
    let done = measure(&plan).and_then(|report| match value("--report") {
        Some(file) => std::fs::write(file, report.to_string()),
        None => Ok(()),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(plan: &Plan) -> io::Result<Value> {
    let objects = if plan.quick { QUICK_OBJECTS } else { OBJECTS };
    println!("\n  {}: {objects} objects, {CONNECTIONS} connections, six events a request", plan.word);
    let first = newcomers(plan, 0, objects)?;
    let mut report = json!({ "where": plan.word, "newcomers_warming": first.said });
    report["sync"] = laps(plan, "sync", objects, false)?;
    report["sync_with_facts"] = laps(plan, "sync with facts", objects, true)?;
    let count = if plan.quick { QUICK_OBJECTS } else { NEW };
    let new = newcomers(plan, objects, objects + count)?;
    println!(
        "  new visitors            {:>6.0}/s  floor {:>6.0}/s  ratio {:.2}; memory of {count}: {:.0} MB, floor {:.0} MB",
        new.rates[1],
        new.rates[0],
        new.rates[1] / new.rates[0],
        new.megabytes[1],
        new.megabytes[0]
    );
    report["newcomers"] = new.said;
    if plan.grow {
        let mut known = objects + count;
        for many in GROWN {
            if many > known {
                newcomers(plan, known, many)?;
                known = many;
            }
            report[format!("sync_of_{many}")] = laps(plan, &format!("sync, {many} objects"), many, false)?;
        }
    }
    Ok(report)
}

/// Requests a second, 50th and 99th percentile in ms, processor time a request in us.
fn figures(laps: &[Lap]) -> [f64; 4] {
    let mut latencies: Vec<Duration> = laps.iter().flat_map(|lap| lap.latencies.iter().copied()).collect();
    latencies.sort_unstable();
    let at = |share: f64| {
        let place = (latencies.len() as f64 * share) as usize;
        latencies.get(place.min(latencies.len().saturating_sub(1))).map_or(0.0, |d| d.as_secs_f64() * 1_000.0)
    };
    let requests: u64 = laps.iter().map(|lap| lap.requests).sum();
    let took: f64 = laps.iter().map(|lap| lap.took.as_secs_f64()).sum();
    let cpu: f64 = laps.iter().map(|lap| lap.cpu.as_secs_f64()).sum();
    [requests as f64 / took, at(0.5), at(0.99), cpu / requests as f64 * 1e6]
}

fn median(mut list: Vec<f64>) -> f64 {
    list.sort_unstable_by(f64::total_cmp);
    list.get(list.len() / 2).copied().unwrap_or(0.0)
}

fn laps(plan: &Plan, what: &str, objects: u64, facts: bool) -> io::Result<Value> {
    let (laps, lap) = if plan.quick { (WARM + 2, LAP / 5) } else { (LAPS, LAP) };
    let mut taken = [Vec::new(), Vec::new()];
    for turn in 0..laps {
        // Who follows whom changes.
        let order = if turn % 2 == 0 { [0, 1] } else { [1, 0] };
        for place in order {
            let target = [plan.floor, plan.noren][place];
            let one = target.lap(Who::Known(objects), CONNECTIONS, lap, facts)?;
            if turn >= WARM {
                taken[place].push(one);
            }
        }
    }
    let ratios = |of: fn(&[Lap]) -> f64| -> f64 {
        let pairs = taken[0].iter().zip(&taken[1]);
        median(pairs.map(|(f, n)| of(std::slice::from_ref(n)) / of(std::slice::from_ref(f))).collect())
    };
    let throughput = ratios(|lap| figures(lap)[0]);
    let (half, slow) = (ratios(|lap| figures(lap)[1]), ratios(|lap| figures(lap)[2]));
    let (floor, noren) = (figures(&taken[0]), figures(&taken[1]));
    println!(
        "  {what:<22}  {:>6.0}/s  floor {:>6.0}/s  ratio {throughput:.2}; p50 {:.1} ms, {half:.2} times; p99 {:.1} ms, {slow:.2} times; processor {:.0} us, {:.2} times",
        noren[0],
        floor[0],
        noren[1],
        noren[2],
        noren[3],
        noren[3] / floor[3]
    );
    Ok(json!({ "ratio": throughput, "p50_times": half, "p99_times": slow, "noren": noren, "floor": floor }))
}

struct Newcomers {
    rates: [f64; 2],
    megabytes: [f64; 2],
    said: Value,
}

/// Visitors `from..until` come for the first time, on both sides.
fn newcomers(plan: &Plan, from: u64, until: u64) -> io::Result<Newcomers> {
    let targets = [plan.floor, plan.noren];
    let before = targets.map(|target| target.memory());
    let next = [AtomicU64::new(from), AtomicU64::new(from)];
    let mut taken = [Vec::new(), Vec::new()];
    for piece in 1..=PIECES {
        let end = from + (until - from) * piece / PIECES;
        for (place, target) in targets.iter().enumerate() {
            // The one that finds nobody left has taken a number.
            next[place].store(from + (until - from) * (piece - 1) / PIECES, std::sync::atomic::Ordering::Relaxed);
            taken[place].push(target.lap(Who::New(&next[place], end), CONNECTIONS, Duration::from_secs(600), false)?);
        }
    }
    let after = targets.map(|target| target.memory());
    let rates = [figures(&taken[0]), figures(&taken[1])].map(|figures| figures[0]);
    let megabytes = [0, 1].map(|place| (after[place] as f64 - before[place] as f64) / 1e6);
    Ok(Newcomers { rates, megabytes, said: json!({ "per_second": rates, "megabytes": megabytes }) })
}
