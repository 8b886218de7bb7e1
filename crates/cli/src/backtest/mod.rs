//! `backtest`: what a draft would have done on a recorded log, and what it would have taken from the campaigns that run today.
//!
//! The log streams: nothing of it is kept but what visitors in flight need. Reading order: [`needs`] (what campaigns look at), [`reach`] (and for
//! how long), [`plan`], [`flow`] (bytes to threads), [`route`], [`shard`] (visitors in flight), [`tree`] and [`pack`] (a line to bytes), [`kept`] (and to inputs),
//! [`visitor`] (one visitor's decisions), [`compare`], [`tally`], [`report`] and [`table`].

mod compare;
mod flow;
mod kept;
mod needs;
mod pack;
mod plan;
mod reach;
mod report;
mod route;
mod shard;
mod table;
mod tally;
mod tree;
mod visitor;

use crate::documents::{self, Documents};
use crate::explain::clock_ms;
use crate::output::Output;
use crate::replay::line::parse;
use crate::{End, Failure, Language};
use flow::Outcome;
use noren_event::{Duration, Timestamp};
use plan::{Clock, Plan, Programs, Wishes};
use shard::{Disorder, NAMED, Why};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(clap::Args)]
pub struct Args {
    /// Drafts: campaign documents. They are tried together.
    #[arg(long, required = true, num_args = 1..)]
    campaigns: Vec<PathBuf>,
    /// Event lines in order of time or grouped by visitor, plain or gzip; - for standard input.
    #[arg(long)]
    events: PathBuf,
    /// The campaigns that run today: what would the drafts take from them?
    #[arg(long, num_args = 1..)]
    live: Vec<PathBuf>,
    #[command(flatten)]
    site: documents::SiteArg,
    /// The report as one JSON object.
    #[arg(long)]
    json: bool,
    /// Language of the report.
    #[arg(long, value_enum, default_value_t = Language::En)]
    lang: Language,
    /// Zone of days and hours, by its IANA name.
    #[arg(long, default_value = "UTC")]
    zone: String,
    /// How many threads decide; one a core, where it is left out. The answer is the same.
    #[arg(long)]
    threads: Option<NonZeroUsize>,
    /// Forget a visitor who is silent for so long, as 7d; as long as the campaigns look back, where it is left out.
    #[arg(long, value_parser = time)]
    remember: Option<Duration>,
    /// A page without an end stays open to the log's last instant; else dwell on it ends at its visitor's last line.
    #[arg(long)]
    open_end: bool,
}

fn time(text: &str) -> Result<Duration, String> {
    // Less than a session, and a visitor would be two.
    let shortest = noren_engine::state::SESSION_GAP;
    let time = Duration::parse(text).ok_or("not a time like 7d or 12h")?;
    if time < shortest { Err("at least 30m, the length of a session's pause".into()) } else { Ok(time) }
}

/// Bytes read from a log at once.
const READ_AHEAD: usize = 1 << 20;

pub fn backtest(args: &Args) -> Result<End, Failure> {
    let started = Instant::now();
    let clock = Clock::of(&args.zone)?;
    let site = args.site.read()?;
    let mut drafts = documents::under(&site.site, &args.campaigns)?;
    let live = documents::under(&site.site, &args.live)?;
    // Said once, before what is said of campaigns.
    drafts.findings.splice(0..0, site.findings);
    if drafts.has_errors() || live.has_errors() {
        for documents in [&drafts, &live] {
            documents.print(args.json, args.lang)?;
        }
        return Ok(End::Findings);
    }
    drafts.complain(args.json);
    let mut log = open(&args.events)?;
    let (read, first) = begin(&mut *log)?;
    let programs =
        Programs::compile(&site.site, &drafts.campaigns, &live.campaigns, first.unwrap_or(Timestamp(clock_ms())));
    let wishes = Wishes { remember: args.remember, open_end: args.open_end, clock };
    let plan = Plan::new(&programs, &drafts, &live, wishes);
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
    let outcome = flow::run(&plan, &mut *log, read, threads)?;
    if let Some(disorder) = outcome.disorder {
        return Err(out_of_order(&args.events, disorder));
    }
    notes(args, &programs, &drafts, &live, &outcome);
    let mut out = Output::new();
    if args.json {
        out.line(&report::json(&plan, &outcome).to_string())?;
    } else {
        for line in table::lines(&plan, &outcome, args.lang) {
            out.line(&line)?;
        }
    }
    out.finish()?;
    let seconds = started.elapsed().as_secs_f64();
    eprintln!("{} lines of {} visitors in {seconds:.1} s", outcome.tally.lines, outcome.tally.visitors);
    Ok(if outcome.wrong.count == 0 { End::Well } else { End::Findings })
}

fn open(events: &Path) -> Result<Box<dyn BufRead>, Failure> {
    let named = |e: std::io::Error| Failure(format!("{}: {e}", events.display()));
    let raw: Box<dyn Read> = if events == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(events).map_err(named)?)
    };
    let mut raw = BufReader::with_capacity(READ_AHEAD, raw);
    // By its first bytes rather than its name, as everywhere.
    let gzip = raw.fill_buf().map_err(named)?.starts_with(&[0x1f, 0x8b]);
    Ok(if gzip {
        Box::new(BufReader::with_capacity(READ_AHEAD, flate2::read::MultiGzDecoder::new(raw)))
    } else {
        Box::new(raw)
    })
}

/// Lines up to the first that can be read, and its moment: schedules are compiled for the time of the log.
fn begin(log: &mut dyn BufRead) -> Result<(Vec<Vec<u8>>, Option<Timestamp>), Failure> {
    let mut lines = Vec::new();
    loop {
        let mut line = Vec::new();
        if log.read_until(b'\n', &mut line)? == 0 {
            return Ok((lines, None));
        }
        let at = std::str::from_utf8(&line).ok().and_then(|text| parse(text).ok()).map(|line| line.at);
        lines.push(line);
        if let Some(at) = at {
            return Ok((lines, Some(Timestamp(at))));
        }
    }
}

fn out_of_order(events: &Path, disorder: Disorder) -> Failure {
    let Disorder { line, why } = disorder;
    let what = match why {
        Why::Behind(ms) => format!("lies {:.1} s behind a line before it", ms as f64 / 1_000.0),
        Why::Apart => "belongs to a visitor whose lines seemed over: the log goes back in time, and visitors do not stand together".into(),
    };
    Failure(format!(
        "{}:{line}: {what}. Sort the log by time (a minute of disorder is allowed) or group it by visitor, each visitor's lines by time",
        events.display()
    ))
}

/// What a person should know of how the figures came about.
fn notes(args: &Args, programs: &Programs, drafts: &Documents, live: &Documents, outcome: &Outcome) {
    for (line, what) in &outcome.wrong.first {
        eprintln!("{}:{line}: {what}", args.events.display());
    }
    if outcome.wrong.count > NAMED as u64 {
        eprintln!("note: {} lines in all could not be read; the first {NAMED} are named", outcome.wrong.count);
    }
    let scheduled = || drafts.campaigns.iter().chain(&live.campaigns).any(|c| c.schedule.is_some());
    if outcome.span.is_some_and(|(_, last)| last >= programs.with.valid_until()) && scheduled() {
        eprintln!("note: campaigns with hours are closed from 300 days after the log's first line on");
    }
    if outcome.tally.late_devices > 0 {
        eprintln!(
            "note: {} visitors named their device after they had been decided about; their variant goes by the visitor's name",
            outcome.tally.late_devices
        );
    }
    if outcome.tally.programs > 0 {
        eprintln!("note: {} program lines passed over; the campaigns given decide", outcome.tally.programs);
    }
}
