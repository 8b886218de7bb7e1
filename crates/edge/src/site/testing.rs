//! A site under test, with the rule room that the Worker lends it.

use noren_event::Timestamp;
use noren_program::codec;
use noren_wire::admin::{PublishAnswer, SettleSite};
use noren_wire::inner::Total;
use serde_json::{Value as Json, json};

use super::publish::{Change, Publish, publish};
use super::{By, settle};
use crate::Result;
use crate::memory::Memory;
use crate::rules::{Checked, Compiled, Ends, Outline, Reached, Rules, Totals};

/// A moment at which sites of tests are published: 2026-11-22, noon UTC.
pub const NOON: i64 = 1_795_348_800_000;

pub fn by() -> By {
    By { name: "hana".into(), now: NOON }
}

pub fn site() -> Memory {
    let sql = Memory::new();
    settle(&sql, "demo", &SettleSite { origins: Some(vec!["loopback".into()]), ..SettleSite::default() }, &by())
        .unwrap();
    sql
}

/// A small campaign with members replaced.
pub fn campaign(id: &str, changes: Json) -> Json {
    let mut document = json!({
        "id": id,
        "trigger": {"on": "view_item"},
        "goal": {"on": "purchase"},
        "variants": [{"id": "a", "action": {"kind": "popup", "title": "Hello"}}],
        "caps": {"again": [{"after": "1d"}]}
    });
    for (key, value) in changes.as_object().unwrap() {
        document[key] = value.clone();
    }
    document
}

pub fn asked(base: Option<i64>, change: Change) -> Publish {
    Publish { base, change, note: "why".into(), by: by() }
}

/// Publish campaigns as the whole set.
pub fn put(sql: &Memory, campaigns: &[Json]) -> Result<PublishAnswer> {
    put_with(sql, campaigns, None)
}

/// Publish campaigns as the whole set, with the site's document.
pub fn put_with(sql: &Memory, campaigns: &[Json], site: Option<Json>) -> Result<PublishAnswer> {
    let change = Change::Campaigns { campaigns: campaigns.to_vec(), replace: true, site };
    publish(sql, &Room, &asked(None, change))
}

/// The rule room.
pub struct Room;

impl Rules for Room {
    fn check(&self, site: &str, documents: &[String]) -> Checked {
        let read = noren_editor::read(site, documents);
        let outlines = read.outlines.into_iter();
        let outlines =
            outlines.map(|o| Outline { id: o.id, name: o.name, status: o.status, sentence: o.sentence, ends_at: None });
        Checked { findings: read.findings, outlines: outlines.collect() }
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
        let program = |campaigns: &[_]| {
            let mut compiled = noren_rule::compile_for(&site, campaigns, Timestamp(now));
            noren_rule::remember(&mut compiled.program, lately.iter().map(String::as_str));
            compiled
        };
        let all = program(&campaigns);
        let mut ends = Vec::new();
        for campaign in campaigns.iter().filter(|c| c.status == noren_rule::ast::Status::Live) {
            let Some(stop) = campaign.stop.filter(|s| s.shows.or(s.conversions).is_some()) else { continue };
            let Total { shows, conversions, .. } = totals.get(&*campaign.id).cloned().unwrap_or_default();
            let reached = noren_rule::stopped(campaign, noren_rule::Totals { shows, conversions });
            let reached = reached.map(|reached| match reached {
                noren_rule::Reached::Shows(n) => Reached::Shows(n),
                noren_rule::Reached::Conversions(n) => Reached::Conversions(n),
            });
            ends.push(Ends {
                campaign: campaign.id.to_string(),
                shows: stop.shows,
                conversions: stop.conversions,
                reached,
            });
        }
        campaigns.retain(|c| !ends.iter().any(|end| end.reached.is_some() && *end.campaign == *c.id));
        let live = program(&campaigns);
        let contents = live.contents.iter().map(|(hash, _)| (hash.clone(), "{}".to_string())).collect();
        Ok(Compiled {
            counted: (live.program != all.program).then(|| codec::encode(&all.program)),
            renew_at: noren_rule::renew_at(&live.program).map(|at| at.0),
            program: codec::encode(&live.program),
            contents,
            ends,
        })
    }
}

/// Ids of the campaigns in a program.
pub fn ids(program: &[u8]) -> Vec<String> {
    codec::decode(program).unwrap().campaigns.iter().map(|c| c.id.to_string()).collect()
}
