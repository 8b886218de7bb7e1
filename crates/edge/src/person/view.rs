//! What is told of a person.

use noren_event::Timestamp;
use noren_profile::trial::judge;
use noren_profile::{Arm, Lens, Part, Profile, Weights};
use noren_wire::admin::{MergeEntry, PersonAlias, PersonInfo, PersonPart};
use noren_wire::bounds::LIST_MAX;
use noren_wire::inner::PersonAsk;
use noren_wire::part;
use noren_wire::sync::Facts;

use super::{Kept, Place, kept, load};
use crate::Result;
use crate::device::apart::hide;
use crate::device::join::united_coupons;
use crate::sql::{Param, Sql, has_table};

/// The person's facts. Counts are those of the events each device was asked to count when it was last heard of.
///
/// # Errors
/// `Broken`.
pub fn facts(sql: &dyn Sql, asked: &PersonAsk) -> Result<Facts> {
    Ok(facts_of(&kept(sql)?, asked))
}

fn facts_of(parts: &[Kept], asked: &PersonAsk) -> Facts {
    let counts: Vec<Box<str>> = asked.counts.iter().map(|name| name.as_str().into()).collect();
    let weights = Weights::from(&asked.weights);
    let mut profile = Profile::default();
    for part in parts.iter().filter(|part| part.place == Place::In) {
        profile.insert(part.key.clone(), Part::from(&part.doc));
    }
    let lens = Lens { now: Timestamp(asked.now), weights: &weights, counts: &counts };
    let mut facts = part::facts(&profile.facts(&lens));
    // What was sent before the site named it.
    hide(&mut facts, &asked.sensitive);
    facts.coupons = united_coupons(parts.iter().flat_map(|part| part.coupons.iter().cloned()), asked.now);
    facts
}

/// All there is to see of a person.
///
/// # Errors
/// `Broken`.
pub fn info(sql: &dyn Sql, asked: &PersonAsk) -> Result<PersonInfo> {
    let doc = load(sql)?.unwrap_or_default();
    let parts = kept(sql)?;
    let trials: Vec<_> =
        parts.iter().filter(|part| part.place == Place::In).map(|part| part::trials_of(&part.doc)).collect();
    let mut mixed: Vec<String> = judge(&trials)
        .counters
        .into_keys()
        .filter(|key| key.arm == Arm::Mixed)
        .map(|key| key.campaign.into())
        .collect();
    mixed.dedup();
    Ok(PersonInfo {
        alias: doc.forward.map(|forward| PersonAlias { user: forward.user, at: forward.at }),
        user: doc.user,
        facts: facts_of(&parts, asked),
        parts: parts
            .iter()
            .filter(|part| part.place != Place::Left)
            .map(|part| PersonPart {
                device: part.key.device.to_string(),
                epoch: part.key.epoch,
                events: part.doc.events,
                proven: part.doc.proven,
                parted: part.place == Place::Undone,
                at: part.at,
            })
            .collect(),
        log: log(sql)?,
        mixed,
        refused: doc.refused,
    })
}

/// The merge log, newest first.
fn log(sql: &dyn Sql) -> Result<Vec<MergeEntry>> {
    if !has_table(sql, "log")? {
        return Ok(Vec::new());
    }
    let rows = sql.exec(
        "SELECT at, action, device, epoch, who FROM log ORDER BY n DESC LIMIT ?",
        &[Param::Int(LIST_MAX as i64)],
    )?;
    Ok(rows
        .iter()
        .map(|row| MergeEntry {
            at: row.int(0),
            action: row.text(1).into(),
            device: row.text(2).into(),
            epoch: row.int(3) as u32,
            by: row.text(4).into(),
        })
        .collect())
}
