//! Erasing: what a device has of a person, or all it has.

use std::collections::BTreeSet;

use noren_profile::tally::sum;
use noren_wire::inner::{Destination, DeviceExport, Owed};
use noren_wire::stored::{ChunkDoc, DEVICE_SCHEMA, DeviceDoc, Standing};

use super::{apart, count, events, fresh, join, owe, own_shard, save, settle_excess};
use crate::sql::{Param, Sql, has_table};
use crate::{Result, outbox};

/// All that is stored of one epoch.
///
/// # Errors
/// `Broken`.
pub fn export(sql: &dyn Sql, doc: Option<&DeviceDoc>, epoch: u32) -> Result<DeviceExport> {
    let Some(doc) = doc else { return Ok(DeviceExport::default()) };
    let events = events(sql)?.into_iter().filter(|event| event.epoch == epoch).collect();
    let coupons = doc.coupons.iter().filter(|(e, _)| *e == epoch).map(|(_, coupon)| coupon.clone()).collect();
    Ok(DeviceExport { events, coupons, answers: doc.answers.clone(), sensitive: apart::read(sql, epoch)? })
}

/// A person who was joined here under these epochs is erased. Where nobody else is joined, the whole device is; else what the others did
/// stays. Call inside a transaction.
pub(super) fn person(sql: &dyn Sql, doc: &mut DeviceDoc, person: &str, epochs: &[u32]) -> Result<()> {
    let others = doc.joined.values().any(|joined| joined.standing == Standing::Joined && !joined.is_with(person));
    // What names somebody else by now is theirs.
    let is_theirs = |epoch: &&u32| doc.joined.get(*epoch).is_none_or(|joined| joined.is_with(person));
    let epochs: Vec<u32> = epochs.iter().filter(is_theirs).copied().collect();
    if others { epochs_alone(sql, doc, &epochs) } else { whole(sql, doc) }
}

/// Everything goes but the generation: a page that carries an older one is told to start over, and what it still sends is not taken. Totals
/// stay. Call inside a transaction.
///
/// # Errors
/// `Broken`.
pub fn whole(sql: &dyn Sql, doc: &mut DeviceDoc) -> Result<()> {
    let rows = count::rows(&count::contributed(doc, &events(sql)?));
    sql.exec("DELETE FROM chunk", &[])?;
    apart::forget(sql, None)?;
    if has_table(sql, "sibling")? {
        sql.exec("DELETE FROM sibling", &[])?;
    }
    // What is owed to a shard are totals; what is owed to persons ends here.
    sql.exec(outbox::OUTBOX, &[])?;
    sql.exec("DELETE FROM outbox WHERE kind = 'person'", &[])?;
    let before = doc.clone();
    *doc = DeviceDoc {
        schema: DEVICE_SCHEMA,
        generation: before.generation.saturating_add(1),
        shards: before.shards,
        keep: before.keep,
        apart: before.apart.clone(),
        heard: before.heard,
        outbox_next: before.outbox_next,
        chunk_next: before.chunk_next,
        ..fresh(&before.site, &before.device, before.heard)
    };
    if !rows.is_empty() {
        let to = own_shard(doc);
        owe(sql, doc, to, &Owed::Settled { rows })?;
    }
    for (epoch, joined) in before.joined.into_iter().filter(|(_, joined)| joined.standing == Standing::Joined) {
        // A part that was on its way when the person was erased goes as well.
        join::leave(sql, doc, epoch, &joined)?;
    }
    let conversation = Destination { kind: "conversation".into(), site: doc.site.clone(), id: doc.device.clone() };
    for to in [own_shard(doc), conversation] {
        let forget = Owed::Forget { device: doc.device.clone(), user: String::new(), shards: doc.shards };
        owe(sql, doc, to, &forget)?;
    }
    save(sql, doc)
}

/// The visitor has taken the agreement back: everything goes as with an erasure, and the answers stay, for they are the proof that it was asked
/// for. Call inside a transaction.
pub(super) fn withdraw(sql: &dyn Sql, doc: &mut DeviceDoc) -> Result<()> {
    let answers = doc.answers.clone();
    whole(sql, doc)?;
    doc.answers = answers;
    save(sql, doc)
}

/// What was done in some epochs goes; what it contributed to the totals is settled.
fn epochs_alone(sql: &dyn Sql, doc: &mut DeviceDoc, epochs: &[u32]) -> Result<()> {
    let gone: BTreeSet<u32> = epochs.iter().copied().collect();
    doc.news.clear();
    let before = count::contributed(doc, &events(sql)?);
    for row in sql.exec("SELECT n, body FROM chunk", &[])? {
        let mut left = serde_json::from_str::<ChunkDoc>(row.text(1))?.events();
        let before = left.len();
        left.retain(|event| !gone.contains(&event.epoch));
        let n = Param::Int(row.int(0));
        if left.is_empty() {
            sql.exec("DELETE FROM chunk WHERE n = ?", &[n])?;
        } else if left.len() < before {
            let body = serde_json::to_string(&ChunkDoc::of(&left))?;
            sql.exec("UPDATE chunk SET body = ? WHERE n = ?", &[Param::Text(&body), n])?;
        }
    }
    for epoch in &gone {
        doc.parts.remove(epoch);
        apart::forget(sql, Some(*epoch))?;
        if let Some(joined) = doc.joined.remove(epoch) {
            join::leave(sql, doc, *epoch, &joined)?;
        }
        if has_table(sql, "sibling")? {
            sql.exec("DELETE FROM sibling WHERE epoch = ?", &[Param::Int(i64::from(*epoch))])?;
        }
    }
    doc.coupons.retain(|(epoch, _)| !gone.contains(epoch));
    let lost = sum(&before, &count::contributed(doc, &events(sql)?), -1.0);
    doc.settled = count::rows(&sum(&count::settled(doc), &lost, 1.0));
    settle_excess(sql, doc)?;
    save(sql, doc)
}
