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
        let (site, campaigns) = noren_editor::campaigns(site, documents);
        let total = |id: &str| {
            let Total { shows, conversions, .. } = totals.get(id).cloned().unwrap_or_default();
            noren_rule::Totals { shows, conversions }
        };
        let live = noren_rule::live(&site, &campaigns, total, lately, Timestamp(now));
        let ends = live.ends.into_iter().map(|end| Ends {
            campaign: end.campaign.into(),
            shows: end.shows,
            conversions: end.conversions,
            reached: end.reached.map(|reached| match reached {
                noren_rule::Reached::Shows(n) => Reached::Shows(n),
                noren_rule::Reached::Conversions(n) => Reached::Conversions(n),
            }),
        });
        let contents = live.compiled.contents.iter().map(|(hash, _)| (hash.clone(), "{}".to_string())).collect();
        Ok(Compiled {
            counted: live.counted.as_ref().map(codec::encode),
            renew_at: noren_rule::renew_at(&live.compiled.program).map(|at| at.0),
            program: codec::encode(&live.compiled.program),
            contents,
            ends: ends.collect(),
        })
    }
}

/// Ids of the campaigns in a program.
pub fn ids(program: &[u8]) -> Vec<String> {
    codec::decode(program).unwrap().campaigns.iter().map(|c| c.id.to_string()).collect()
}
