//! The rule room, lent to the edge room: checking and sentences (by the editor's functions, so that the console finds the same by itself),
//! compiling, and the conditions of goals.

use noren_edge::Result;
use noren_edge::rules::{Checked, Compiled, Outline, Rules};
use noren_engine::Host;
use noren_event::{Timestamp, Value};
use noren_program::{Cond, codec};
use noren_wire::value::to_json;

use crate::answer::{self, Answer, Readers};

/// The JSON Schema of a campaign, for editors anywhere.
///
/// # Errors
/// `Broken`.
pub fn schema() -> Answer {
    let headers = answer::headers("application/schema+json", "public, max-age=300", Readers::Anybody)?;
    Ok(answer::bytes(noren_rule::SCHEMA.as_bytes().to_vec(), headers))
}

/// The rule room.
pub struct Rulebook;

impl Rules for Rulebook {
    fn check(&self, documents: &[String]) -> Checked {
        let read = noren_editor::read(documents);
        let outlines = read.outlines.into_iter().map(|o| Outline {
            id: o.id,
            name: o.name,
            status: o.status,
            sentence: o.sentence,
        });
        Checked { findings: read.findings, outlines: outlines.collect() }
    }

    fn compile(&self, documents: &[String], now: i64) -> Result<Compiled> {
        let compiled = noren_rule::compile(&noren_editor::campaigns(documents), Timestamp(now));
        Ok(Compiled {
            program: codec::encode(&compiled.program),
            contents: compiled
                .contents
                .into_iter()
                .map(|(hash, content)| (hash, to_json(&content).to_string()))
                .collect(),
        })
    }
}

/// Whether a condition holds over some attributes.
pub fn holds(cond: &Cond, attributes: &Value) -> bool {
    noren_engine::condition::holds(cond, attributes, &Expressions)
}

/// Regular expressions as ECMAScript has them.
struct Expressions;

impl Host for Expressions {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let (pattern, subject) = (core::str::from_utf8(pattern).ok()?, core::str::from_utf8(subject).ok()?);
        if !noren_engine::condition::is_searchable(subject) {
            return None;
        }
        let flags = if fold { "i" } else { "" };
        Some(regress::Regex::with_flags(pattern, flags).ok()?.find(subject).is_some())
    }
}
