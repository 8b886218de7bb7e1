//! `noren`: campaign documents checked, explained, compiled, published and tried on recorded events.
//!
//! Exit codes: 0 well, 1 findings, 2 could not run. What a program would read goes to standard output, what a person wants to know
//! meanwhile to standard error. Reading order: [`documents`], then one module a command.

#![allow(
    clippy::indexing_slicing,
    reason = "JSON is indexed by keys: what is not there reads as null, and only objects made here are written to"
)]

mod backtest;
mod conformance;
mod documents;
mod edge;
mod explain;
mod import;
mod output;
mod push;
mod recount;
mod replay;

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(name = "noren", version, about = "Campaigns for Noren: check, explain, compile, publish, replay.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check campaign documents.
    Lint {
        /// JSON files: one campaign, a list, or {"campaigns": [...]}.
        #[arg(required_unless_present = "site_document")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        site: documents::SiteArg,
        /// One finding a line, as JSON.
        #[arg(long)]
        json: bool,
        /// Language of what people read.
        #[arg(long, value_enum, default_value_t = Language::En)]
        lang: Language,
        /// Warnings are findings too.
        #[arg(long)]
        strict: bool,
    },
    /// Say campaigns as sentences.
    Explain {
        /// JSON files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        site: documents::SiteArg,
        /// Language of the sentences.
        #[arg(long, value_enum, default_value_t = Language::En)]
        lang: Language,
        /// One {"campaign","sentence"} a line, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Compile campaigns to the program that agents read.
    Compile {
        /// JSON files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        site: documents::SiteArg,
        /// Where the program goes.
        #[arg(short, long)]
        output: PathBuf,
        /// Where each variant's content goes, as HASH.json.
        #[arg(long)]
        contents: Option<PathBuf>,
        /// The moment of compiling, Unix ms; now, where it is left out.
        #[arg(long)]
        now: Option<i64>,
        /// Findings as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Publish campaigns to an edge.
    Push(push::Args),
    /// Count a site's totals again from every object, and say by how much they differ.
    Recount(recount::Args),
    /// Run campaigns over recorded events.
    Replay(replay::Args),
    /// Hold a case file of GrowthBook's SDK specification against conditions and bucketing.
    Conformance {
        /// The case file, JSON.
        file: PathBuf,
        /// One section and one failed case a line, as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say what a draft would have done on a log, and taken from live campaigns.
    Backtest(backtest::Args),
    /// Turn public data sets into event lines.
    Import {
        /// Which data set.
        #[arg(value_enum)]
        kind: import::Kind,
        /// The file, plain or gzip.
        file: PathBuf,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Language {
    En,
    Ja,
}

/// How a command ended.
enum End {
    Well,
    Findings,
}

/// Why a command could not run, for a person.
struct Failure(String);

impl<E: std::fmt::Display> From<E> for Failure {
    fn from(e: E) -> Failure {
        Failure(e.to_string())
    }
}

/// Exit code for "findings"; "could not run" is 2, which is also clap's for wrong arguments.
const FINDINGS: u8 = 1;
const COULD_NOT_RUN: u8 = 2;

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Lint { files, site, json, lang, strict } => explain::lint(&files, &site, json, lang, strict),
        Command::Explain { files, site, lang, json } => explain::explain(&files, &site, lang, json),
        Command::Compile { files, site, output, contents, now, json } => {
            explain::compile(&files, &site, &output, contents.as_deref(), now, json)
        }
        Command::Push(args) => push::push(&args),
        Command::Recount(args) => recount::recount(&args),
        Command::Replay(args) => replay::replay(&args),
        Command::Conformance { file, json } => conformance::conformance(&file, json),
        Command::Backtest(args) => backtest::backtest(&args),
        Command::Import { kind, file } => import::import(kind, &file),
    };
    match result {
        Ok(End::Well) => ExitCode::SUCCESS,
        Ok(End::Findings) => ExitCode::from(FINDINGS),
        Err(Failure(why)) => {
            eprintln!("noren: {why}");
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}
