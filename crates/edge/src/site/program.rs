//! The live program: written with each publish, and again by the object itself when campaigns reach their totals, when what it knows of zones
//! ends, and when code that has moved on can no longer read it.
//!
//! None of these is a new version: the documents are the same, and nobody who edits them is told of a conflict.

use noren_program::codec;
use noren_wire::bounds::BLOB_MAX_BYTES;
use noren_wire::error::Code;
use noren_wire::stored::{Due, SiteDoc};

use super::{By, blob, documents, ends, gone, load, must, note, put, put_as, save};
use crate::Result;
use crate::rules::{Compiled, Rules};
use crate::sql::{Sql, whole};

/// Who the audit names for what nobody asked for.
const ITSELF: &str = "noren";

/// Make a compiled set the live program: its blobs, what `doc` says of it (which the caller saves), and which campaigns end. Returns those
/// that have now ended, as sentences for the audit. Within a transaction.
pub(super) fn write(sql: &dyn Sql, doc: &mut SiteDoc, compiled: &Compiled, now: i64) -> Result<Vec<String>> {
    let sizes = compiled.contents.iter().map(|(_, text)| text.len());
    let programs = [Some(&compiled.program), compiled.counted.as_ref()].into_iter().flatten().map(Vec::len);
    if sizes.chain(programs).max().is_some_and(|size| size > BLOB_MAX_BYTES) {
        return Err(Code::BodyTooLarge.into());
    }
    for (hash, text) in &compiled.contents {
        put_as(sql, hash, text.as_bytes())?;
    }
    doc.program = put(sql, &compiled.program)?;
    doc.counted = compiled.counted.as_ref().map_or(Ok(String::new()), |body| put(sql, body))?;
    let stopped = ends::write(sql, &compiled.ends, now)?;
    let watched = compiled.ends.iter().any(|end| end.reached.is_none());
    // At once: the totals of a campaign that was just published, or whose rule was just lowered, may be there already.
    doc.due = Some(Due { renew: compiled.renew_at, totals: watched.then_some(now) });
    Ok(stopped)
}

/// Write down what the edge stopped by itself.
pub(super) fn note_stopped(sql: &dyn Sql, stopped: &[String], now: i64) -> Result<()> {
    let by = By { name: ITSELF.into(), now };
    stopped.iter().try_for_each(|what| note(sql, &by, "stop", what))
}

/// Compile what is live again and make it the live program. Documents that today's checker refuses were taken by an older one: they are
/// left out, and the audit names them.
pub(super) fn compile_again(sql: &dyn Sql, rules: &dyn Rules, now: i64) -> Result<(Compiled, Vec<String>)> {
    let set = documents(sql, None)?;
    let texts: Vec<String> = set.documents.into_iter().map(|(_, text)| text).collect();
    let errors = rules.check(&set.site, &texts).findings.into_iter().filter(|f| f.level == "error");
    let mut refused: Vec<String> = errors.map(|f| f.campaign).collect();
    refused.sort();
    refused.dedup();
    Ok((rules.compile(&set.site, &texts, &ends::known(sql)?, &gone::lately(sql, now)?, now)?, refused))
}

/// Compile the live program again if its time has come. Returns whether it had.
///
/// # Errors
/// `Broken`; nothing is changed then.
pub fn renew(sql: &dyn Sql, rules: &dyn Rules, now: i64) -> Result<bool> {
    let due = load(sql)?.and_then(|doc| doc.due?.renew).is_some_and(|at| at <= now);
    if due {
        again(sql, rules, now)?;
    }
    Ok(due)
}

/// Compile the live program again if this code cannot read it or it was written by code that did not say when to look after it. Returns
/// whether it was so. Costs reading the program: once in an object's waking life is enough.
///
/// # Errors
/// `Broken`; nothing is changed then.
pub fn mend(sql: &dyn Sql, rules: &dyn Rules, now: i64) -> Result<bool> {
    let Some(doc) = load(sql)?.filter(|doc| doc.version > 0) else { return Ok(false) };
    let readable =
        |hash: &str| -> Result<bool> { Ok(blob(sql, hash)?.is_some_and(|body| codec::decode(&body).is_ok())) };
    if doc.due.is_some() && readable(&doc.program)? && (doc.counted.is_empty() || readable(&doc.counted)?) {
        return Ok(false);
    }
    again(sql, rules, now)?;
    Ok(true)
}

fn again(sql: &dyn Sql, rules: &dyn Rules, now: i64) -> Result<()> {
    let (compiled, refused) = compile_again(sql, rules, now)?;
    whole(sql, || {
        super::create(sql)?;
        let mut doc = must(sql)?;
        let stopped = write(sql, &mut doc, &compiled, now)?;
        save(sql, &doc)?;
        let without = if refused.is_empty() { String::new() } else { format!(" without {}", refused.join(", ")) };
        note(sql, &By { name: ITSELF.into(), now }, "renew", &format!("version {}{without}", doc.version))?;
        note_stopped(sql, &stopped, now)
    })
}

#[cfg(test)]
mod tests;
