//! `replay`: campaigns over recorded events, with the engine that decides in browsers or, with `--naive`, with the evaluator that proves
//! it. Reading order: [`value`], [`line`] (one line to inputs), [`lines`] (a log to inputs by visitor), [`drive`] (inputs to decisions), [`host`].

pub mod drive;
pub mod host;
pub mod line;
pub mod lines;
pub mod value;

use crate::explain::clock_ms;
use crate::output::Output;
use crate::{End, Failure, documents};
use drive::{Made, Mode, Plan};
use host::Native;
use lines::Log;
use noren_event::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

#[derive(clap::Args)]
pub struct Args {
    /// Campaign documents.
    #[arg(long, required = true, num_args = 1..)]
    campaigns: Vec<PathBuf>,
    #[command(flatten)]
    site: documents::SiteArg,
    /// Event lines; - for standard input.
    #[arg(long)]
    events: PathBuf,
    /// Add to each decision its campaign's trace as it stood right after.
    #[arg(long, conflicts_with = "naive")]
    trace: bool,
    /// Decide with the naive evaluator.
    #[arg(long)]
    naive: bool,
    /// A page without an end stays open to the log's last instant; else dwell on it ends at its visitor's last line.
    #[arg(long)]
    open_end: bool,
}

/// How often a long replay says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);

pub fn replay(args: &Args) -> Result<End, Failure> {
    let started = Instant::now();
    let documents = documents::read(&args.campaigns, &args.site)?;
    documents.complain(false);
    if documents.has_errors() {
        return Ok(End::Findings);
    }
    let log = Log::read(source(&args.events)?)?;
    for problem in &log.problems {
        eprintln!("{}:{}: {}", args.events.display(), problem.line, problem.what);
    }
    // Zones are compiled for the time of the log, so that its schedules are open when they were.
    let compiled_at = log.first.unwrap_or(Timestamp(clock_ms()));
    let compiled = noren_rule::compile_for(&documents.site, &documents.campaigns, compiled_at);
    if let Some(last) = log.last
        && last >= compiled.program.valid_until
    {
        eprintln!(
            "note: the log is longer than the 400 days a program is valid; scheduled campaigns are closed after that"
        );
    }
    let host = Native::default();
    let plan = Plan {
        host: &host,
        campaigns: &documents.campaigns,
        program: &compiled.program,
        image: &compiled.program.image(),
        end: log.last.unwrap_or(compiled_at),
        open_end: args.open_end,
        mode: match (args.naive, args.trace) {
            (true, _) => Mode::Naive,
            (false, true) => Mode::Traced,
            (false, false) => Mode::Engine,
        },
    };
    let mut decisions: Vec<Made> = Vec::new();
    let mut said = Instant::now();
    for (i, visitor) in log.visitors().enumerate() {
        plan.run(&visitor, &mut decisions);
        if said.elapsed() >= PROGRESS_EVERY {
            said = Instant::now();
            eprintln!("{:>5} s  visitor {} of {}", started.elapsed().as_secs(), i + 1, log.visitor_count());
        }
    }
    decisions.sort_by(|a, b| a.key().cmp(&b.key()));
    print(&decisions)?;
    summarize(&decisions, &log, started);
    Ok(if log.problems.is_empty() { End::Well } else { End::Findings })
}

fn source(events: &Path) -> Result<String, Failure> {
    let named = |e: std::io::Error| Failure(format!("{}: {e}", events.display()));
    let mut bytes = Vec::new();
    if events == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map_err(named)?;
    } else {
        bytes = std::fs::read(events).map_err(named)?;
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).map_err(named)?;
        bytes = plain;
    }
    String::from_utf8(bytes).map_err(|e| Failure(format!("{}: {e}", events.display())))
}

fn print(decisions: &[Made]) -> Result<(), Failure> {
    let mut out = Output::new();
    for made in decisions {
        let d = &made.decision;
        let mut line = json!({
            "at": d.at.0, "visitor": &*made.visitor, "campaign": d.campaign, "variant": d.variant,
            "outcome": d.outcome.word(), "gate": d.gate.map_or("", |g| g.word()),
        });
        if let Some(trace) = &made.trace {
            line["trace"] = noren_wire::value::to_json(trace);
        }
        if !out.line(&line.to_string())? {
            break;
        }
    }
    out.finish()
}

fn summarize(decisions: &[Made], log: &Log, started: Instant) {
    let mut counts: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for made in decisions {
        let d = &made.decision;
        let what = d.gate.map_or(&*d.variant, |g| g.word());
        *counts.entry((&d.campaign, d.outcome.word(), what)).or_default() += 1;
    }
    for ((campaign, outcome, what), n) in counts {
        eprintln!("{n:>8}  {campaign}  {outcome}  {what}");
    }
    if log.programs > 0 {
        eprintln!("note: {} program lines passed over; the campaigns given decide", log.programs);
    }
    eprintln!(
        "{} decisions from {} lines of {} visitors in {:.1} s",
        decisions.len(),
        log.line_count(),
        log.visitor_count(),
        started.elapsed().as_secs_f64()
    );
}
