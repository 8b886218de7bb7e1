//! Erasing a person: every device that joined is told, and only the number of the erasure stays.

use std::collections::BTreeMap;

use noren_wire::inner::{Destination, Erased, Owed, Source};
use noren_wire::stored::PersonDoc;

use super::merge::contributed;
use super::{Kept, Place, kept, load, owe, own_shard, save};
use crate::Result;
use crate::device::count::rows;
use crate::sql::{Sql, has_table, whole};

/// Where the parts that are in came from.
///
/// # Errors
/// `Broken`.
pub fn sources(sql: &dyn Sql) -> Result<Vec<Source>> {
    let parts = kept(sql)?.into_iter().filter(|part| part.place == Place::In);
    Ok(parts
        .map(|part| Source { device: part.key.device.to_string(), epoch: part.key.epoch, object: part.sender })
        .collect())
}

/// Erase the person, or say how far the last erasure has come when nobody has joined since; `None` for somebody nobody ever was.
///
/// # Errors
/// `Broken`.
pub fn erase(sql: &dyn Sql, now: i64) -> Result<Option<Erased>> {
    if !has_table(sql, "part")? {
        return Ok(None);
    }
    whole(sql, || {
        let Some(mut doc) = load(sql)? else { return Ok(None) };
        let parts = kept(sql)?;
        if !parts.is_empty() {
            let mut devices: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            // What was sent on is of the same person, by the word of the site's server.
            let sent_on = doc.forward.is_some();
            let is_theirs = |part: &Kept| part.place == Place::In || (sent_on && part.place == Place::Left);
            for part in parts.into_iter().filter(is_theirs) {
                devices.entry(part.sender).or_default().push(part.key.epoch);
            }
            let rows = rows(&contributed(sql)?);
            sql.exec("DELETE FROM part", &[])?;
            sql.exec("DELETE FROM log", &[])?;
            let user = std::mem::take(&mut doc.user);
            doc = PersonDoc {
                schema: doc.schema,
                site: doc.site,
                person: doc.person,
                shards: doc.shards,
                keep: doc.keep,
                outbox_next: doc.outbox_next,
                generation: doc.generation.saturating_add(1),
                erased_at: now,
                erased_devices: devices.len() as u64,
                ..PersonDoc::default()
            };
            for (object, epochs) in devices.into_iter().filter(|(object, _)| !object.is_empty()) {
                let to = Destination { kind: "device".into(), site: doc.site.clone(), id: object };
                let person = doc.person.clone();
                owe(sql, &mut doc, to, &Owed::Erase { person, epochs })?;
            }
            let to = own_shard(&doc);
            if !rows.is_empty() {
                owe(sql, &mut doc, to.clone(), &Owed::Settled { rows })?;
            }
            let shards = doc.shards;
            owe(sql, &mut doc, to, &Owed::Forget { device: String::new(), user, shards })?;
            save(sql, &doc)?;
        }
        let pending = sql.exec("SELECT COUNT(*) FROM outbox", &[])?;
        let pending = pending.first().map_or(0, |row| row.int(0).max(0) as u64);
        let PersonDoc { generation, erased_at, erased_devices, .. } = doc;
        Ok((generation > 0).then_some(Erased { generation, at: erased_at, devices: erased_devices, pending }))
    })
}
