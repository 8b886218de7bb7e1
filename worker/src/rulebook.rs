//! The rule room, lent to the edge room: checking and sentences (by the editor's functions, so that the console finds the same by itself),
//! compiling, and the conditions of goals.

use noren_edge::Result;
use noren_edge::rules::{Checked, Compiled, Ends, Outline, Reached, Rules, Totals};
use noren_engine::Host;
use noren_event::{Timestamp, Value};
use noren_program::{Cond, codec};
use noren_rule::ast::{Campaign, Status};
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
        let (site, mut campaigns) = noren_editor::campaigns(site, documents);
        let ends: Vec<Ends> = campaigns.iter().filter_map(|campaign| ends(campaign, totals)).collect();
        let program = |campaigns: &[Campaign]| {
            let mut compiled = noren_rule::compile_for(&site, campaigns, Timestamp(now));
            noren_rule::remember(&mut compiled.program, lately.iter().map(String::as_str));
            compiled
        };
        let mut counted = None;
        if ends.iter().any(|end| end.reached.is_some()) {
            counted = Some(codec::encode(&program(&campaigns).program));
            campaigns.retain(|c| !ends.iter().any(|end| end.reached.is_some() && *end.campaign == *c.id));
        }
        let live = program(&campaigns);
        let contents = live.contents.iter().map(|(hash, content)| (hash.clone(), to_json(content).to_string()));
        Ok(Compiled {
            program: codec::encode(&live.program),
            counted,
            contents: contents.collect(),
            renew_at: noren_rule::renew_at(&live.program).map(|at| at.0),
            ends,
        })
    }
}

/// What a live campaign stops at, if that is a total.
fn ends(campaign: &Campaign, totals: &Totals) -> Option<Ends> {
    let stop = campaign.stop.filter(|stop| stop.shows.or(stop.conversions).is_some())?;
    if campaign.status != Status::Live {
        return None;
    }
    let total = totals.get(&*campaign.id).cloned().unwrap_or_default();
    let totals = noren_rule::Totals { shows: total.shows, conversions: total.conversions };
    let reached = noren_rule::stopped(campaign, totals).map(|reached| match reached {
        noren_rule::Reached::Shows(n) => Reached::Shows(n),
        noren_rule::Reached::Conversions(n) => Reached::Conversions(n),
    });
    Some(Ends { campaign: campaign.id.to_string(), shows: stop.shows, conversions: stop.conversions, reached })
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
