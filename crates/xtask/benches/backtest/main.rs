//! What `cargo xtask bench backtest` gives `noren backtest` to do, and the least that any reader of the same log would have to do:
//!
//! | words | |
//! | --- | --- |
//! | `plain`, `varied` | a hundred campaigns, as a JSON list, to standard output |
//! | `log LINES DAYS` | event lines of a shop to standard output |
//! | `split FILE` | reads the file and finds its lines: the number of bytes and lines |
//! | `json FILE` | besides reads each line as JSON, and keeps nothing of it |
//!
//! Without words, as under `cargo test`, it tries itself out.

mod campaigns;
mod shop;

use serde::de::IgnoredAny;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, ErrorKind, Write};
use std::process::ExitCode;

/// Bytes read or written at once.
const AT_ONCE: usize = 1 << 20;

fn log(lines: u64, days: u64, out: impl Write) -> Result<(), String> {
    let mut out = BufWriter::with_capacity(AT_ONCE, out);
    let mut log = shop::Log::new(lines, days);
    let mut line = String::new();
    while log.line(&mut line) {
        match out.write_all(line.as_bytes()) {
            // Whoever reads has enough.
            Err(e) if e.kind() == ErrorKind::BrokenPipe => return Ok(()),
            done => done.map_err(|e| e.to_string())?,
        }
        line.clear();
    }
    out.flush().map_err(|e| e.to_string())
}

/// Every line of a file, one buffer for all: how many bytes and lines.
fn read(path: &str, mut look: impl FnMut(&[u8]) -> Result<(), String>) -> Result<String, String> {
    let named = |e: std::io::Error| format!("{path}: {e}");
    let mut file = BufReader::with_capacity(AT_ONCE, File::open(path).map_err(named)?);
    let (mut line, mut lines, mut bytes) = (Vec::new(), 0_u64, 0);
    while file.read_until(b'\n', &mut line).map_err(named)? > 0 {
        look(&line)?;
        lines += 1;
        bytes += line.len();
        line.clear();
    }
    Ok(format!("{bytes} bytes, {lines} lines"))
}

fn as_json(line: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<IgnoredAny>(line).map(|_| ()).map_err(|e| e.to_string())
}

fn try_out() -> Result<(), String> {
    let lines = |days| {
        let mut text = Vec::new();
        log(2_000, days, &mut text)?;
        String::from_utf8(text).map_err(|e| e.to_string())
    };
    let text = lines(14)?;
    let mut last = i64::MIN;
    for line in text.lines() {
        let line: serde_json::Value = serde_json::from_str(line).map_err(|e| format!("{e}: {line}"))?;
        let at = line.get("at").and_then(serde_json::Value::as_i64).ok_or("a line without a moment")?;
        if at < last {
            return Err(format!("{at} stands behind {last}"));
        }
        last = at;
    }
    if text.lines().count() != 2_000 || text != lines(14)? || text == lines(7)? {
        return Err("the log is not what was asked for, or not the same each time".into());
    }
    for campaigns in [campaigns::plain(), campaigns::varied()] {
        if campaigns.len() != 100 {
            return Err(format!("{} campaigns", campaigns.len()));
        }
    }
    println!("the log and the campaigns of `cargo xtask bench backtest` can be made");
    Ok(())
}

fn run() -> Result<(), String> {
    // Cargo adds a word of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |word: &str| word.parse().map_err(|_| format!("{word} is no number"));
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["plain"] => println!("{}", serde_json::Value::from(campaigns::plain())),
        ["varied"] => println!("{}", serde_json::Value::from(campaigns::varied())),
        ["log", lines, days] => log(number(lines)?, number(days)?, std::io::stdout().lock())?,
        ["split", path] => println!("{}", read(path, |_| Ok(()))?),
        ["json", path] => println!("{}", read(path, as_json)?),
        _ => try_out()?,
    }
    Ok(())
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
