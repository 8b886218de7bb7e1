//! The rule room, lent to the edge room: checking and sentences (by the editor's functions, so that the console finds the same by itself),
//! compiling, and the conditions of goals.

use noren_edge::Result;
use noren_edge::rules::{Checked, Compiled, Ends, Outline, Reached, Rules, Totals};
use noren_engine::Host;
use noren_event::{Timestamp, Value};
use noren_program::{Cond, codec};
use noren_wire::value::to_json;
use std::collections::BTreeMap;

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
    fn check(&self, site: &str, documents: &[String]) -> Checked {
        let read = noren_editor::read(site, documents);
        let ends: BTreeMap<&str, i64> =
            read.campaigns.iter().filter_map(|c| Some((&*c.id, noren_rule::ends_at(c)?.0))).collect();
        let outlines = read.outlines.into_iter().map(|o| Outline {
            ends_at: ends.get(o.id.as_str()).copied(),
            id: o.id,
            name: o.name,
            status: o.status,
            sentence: o.sentence,
        });
        Checked { outlines: outlines.collect(), findings: read.findings }
    }

    fn compile(
        &self,
        site: &str,
        documents: &[String],
        totals: &Totals,
        lately: &[String],
        now: i64,
    ) -> Result<Compiled> {
        let (site, campaigns) = noren_editor::campaigns(site, documents);
        let total = |id: &str| {
            totals.get(id).map_or_else(noren_rule::Totals::default, |total| noren_rule::Totals {
                shows: total.shows,
                conversions: total.conversions,
            })
        };
        let live = noren_rule::live(&site, &campaigns, total, lately, Timestamp(now));
        let program = live.compiled.program;
        let contents =
            live.compiled.contents.iter().map(|(hash, content)| (hash.clone(), to_json(content).to_string()));
        Ok(Compiled {
            counted: live.counted.as_ref().map(codec::encode),
            contents: contents.collect(),
            renew_at: noren_rule::renew_at(&program).map(|at| at.0),
            ends: live.ends.into_iter().map(ends).collect(),
            program: codec::encode(&program),
        })
    }
}

fn ends(end: noren_rule::Ends) -> Ends {
    let noren_rule::Ends { campaign, shows, conversions, reached } = end;
    let reached = reached.map(|reached| match reached {
        noren_rule::Reached::Shows(n) => Reached::Shows(n),
        noren_rule::Reached::Conversions(n) => Reached::Conversions(n),
    });
    Ends { campaign: campaign.into(), shows, conversions, reached }
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
