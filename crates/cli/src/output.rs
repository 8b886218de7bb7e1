//! Writing lines to standard output. A reader that stops reading (`noren ... | head`) is no failure.

use crate::{Failure, Language};
use noren_rule::{Finding, Level};
use serde_json::{Value as Json, json};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

/// Standard output, buffered.
pub struct Output {
    out: BufWriter<io::Stdout>,
    closed: bool,
}

impl Output {
    pub fn new() -> Output {
        Output { out: BufWriter::new(io::stdout()), closed: false }
    }

    /// Write one line; false once nobody reads any more.
    pub fn line(&mut self, text: &str) -> Result<bool, Failure> {
        if !self.closed {
            let written = writeln!(self.out, "{text}");
            self.check(written)?;
        }
        Ok(!self.closed)
    }

    /// Everything written is out.
    pub fn finish(mut self) -> Result<(), Failure> {
        let flushed = self.out.flush();
        self.check(flushed)
    }

    fn check(&mut self, result: io::Result<()>) -> Result<(), Failure> {
        match result {
            Err(e) if e.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            other => other.map_err(|e| Failure(format!("standard output: {e}"))),
        }
    }
}

/// A finding as the HTTP interface words it, with the file it is about.
pub fn finding_json(file: &Path, f: &Finding) -> Json {
    json!({
        "level": f.level.word(), "code": f.code, "campaign": f.campaign, "path": f.path,
        "message": {"en": f.message.en, "ja": f.message.ja}, "expected": f.expected, "file": file.display().to_string(),
    })
}

/// A finding for people: `file: campaign/path: error: message [code]`.
pub fn finding_text(file: &Path, f: &Finding, lang: Language) -> String {
    let (level, message) = match (lang, f.level) {
        (Language::En, Level::Error) => ("error", &f.message.en),
        (Language::En, Level::Warning) => ("warning", &f.message.en),
        (Language::Ja, Level::Error) => ("エラー", &f.message.ja),
        (Language::Ja, Level::Warning) => ("注意", &f.message.ja),
    };
    format!("{}: {}{}: {level}: {message} [{}]", file.display(), f.campaign, f.path, f.code)
}
