//! `import`: public data sets as event lines. One source event is one line; nothing is invented but what the source implies, and each
//! module says what that is.

mod ecom_stream;
mod otto;

use crate::output::Output;
use crate::{End, Failure};
use clap::ValueEnum;
use flate2::read::MultiGzDecoder;
use serde_json::Value as Json;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// OTTO session data: one JSON object a session.
    Otto,
    /// The demo shop of retentioneering: CSV.
    EcomStream,
}

pub fn import(kind: Kind, file: &Path) -> Result<End, Failure> {
    let named = |e: &dyn std::fmt::Display| Failure(format!("{}: {e}", file.display()));
    let mut raw = BufReader::new(File::open(file).map_err(|e| named(&e))?);
    // By its first bytes rather than its name: a file fetched by a browser may be unpacked already.
    let gzip = raw.fill_buf().map_err(|e| named(&e))?.starts_with(&[0x1f, 0x8b]);
    let plain: Box<dyn Read> = if gzip { Box::new(MultiGzDecoder::new(raw)) } else { Box::new(raw) };
    let mut out = Output::new();
    let mut lines = 0u64;
    let mut emit = |line: Json| {
        lines += 1;
        out.line(&line.to_string())
    };
    let read = match kind {
        Kind::Otto => otto::read(BufReader::new(plain), &mut emit),
        Kind::EcomStream => ecom_stream::read(plain, &mut emit),
    };
    read.map_err(|Failure(why)| named(&why))?;
    out.finish()?;
    eprintln!("{lines} event lines");
    Ok(End::Well)
}

/// Takes a line; false once nobody reads any more.
type Emit<'e> = dyn FnMut(Json) -> Result<bool, Failure> + 'e;
