//! How long a device's object keeps what: single events for the site's days, then the profile folded out of them, then nothing.

use noren_event::Duration;
use noren_profile::tally::sum;
use noren_wire::inner::{Destination, Owed};
use noren_wire::stored::{DEVICE_SCHEMA, DeviceDoc, Keep};

use super::{apart, count, events, fresh, owe, own_shard, save, settle_excess};
use crate::Result;
use crate::sql::{Param, Sql, has_table, whole};

const DAY_MS: i64 = Duration::days(1).0;

/// The end of a span of days that began at `from`, at the next midnight (UTC): one waking a day lets go what became old in it.
pub fn end_of(from: i64, days: u32) -> i64 {
    let end = from.saturating_add(i64::from(days) * DAY_MS);
    end.div_euclid(DAY_MS).saturating_add(1).saturating_mul(DAY_MS)
}

/// When something of a new device becomes old.
pub fn first_due(now: i64, keep: Keep) -> i64 {
    end_of(now, keep.events_days)
}

/// When the next thing becomes old; `None` where nothing is kept.
///
/// # Errors
/// `Broken`.
pub fn due(sql: &dyn Sql, doc: &DeviceDoc) -> Result<Option<i64>> {
    if doc.ended {
        return Ok(None);
    }
    let profile = end_of(doc.heard, doc.keep.profile_days);
    let oldest = sql.exec("SELECT MIN(last_at), COUNT(*) FROM chunk", &[])?;
    let events = oldest.first().filter(|row| row.int(1) > 0).map(|row| end_of(row.int(0), doc.keep.events_days));
    Ok(Some(events.map_or(profile, |events| events.min(profile))))
}

/// Let go what is old at `now`. Totals are not touched: what was counted stays counted. At the end of the profile's time everything goes,
/// its conversation with it, and the shard is told what it had contributed and that the device is no more; the last row delivered, the object can be emptied ([`DeviceDoc::ended`]).
///
/// # Errors
/// `Broken`.
pub fn sweep(sql: &dyn Sql, known: &DeviceDoc, now: i64) -> Result<DeviceDoc> {
    let mut doc = known.clone();
    if doc.ended {
        return Ok(doc);
    }
    whole(sql, || {
        if now >= end_of(doc.heard, doc.keep.profile_days) {
            let rows = count::rows(&count::contributed(&doc, &events(sql)?));
            sql.exec("DELETE FROM chunk", &[])?;
            apart::forget(sql, None)?;
            if has_table(sql, "sibling")? {
                sql.exec("DELETE FROM sibling", &[])?;
            }
            let to = own_shard(&doc);
            let device = doc.device.clone();
            doc = ended(&doc);
            if !rows.is_empty() {
                owe(sql, &mut doc, to.clone(), &Owed::Settled { rows })?;
            }
            let conversation =
                Destination { kind: "conversation".into(), site: doc.site.clone(), id: doc.device.clone() };
            let forget = Owed::Forget { device: device.clone(), user: String::new(), shards: doc.shards };
            owe(sql, &mut doc, conversation, &forget)?;
            owe(sql, &mut doc, to, &Owed::Unbind { device })?;
            save(sql, &doc)?;
            return Ok(doc);
        }
        let cut = now.saturating_sub(i64::from(doc.keep.events_days) * DAY_MS);
        let before = count::reacted(&events(sql)?);
        let gone = sql.exec("DELETE FROM chunk WHERE last_at < ? RETURNING last_at", &[Param::Int(cut)])?;
        if let Some(until) = gone.iter().map(|row| row.int(0)).max() {
            let lost = sum(&before, &count::reacted(&events(sql)?), -1.0);
            doc.settled = count::rows(&sum(&count::settled(&doc), &lost, 1.0));
            settle_excess(sql, &mut doc)?;
            doc.swept_until = doc.swept_until.max(until);
            save(sql, &doc)?;
        }
        Ok(doc)
    })
}

/// What is left of a device whose time was over, while it still owes something.
fn ended(doc: &DeviceDoc) -> DeviceDoc {
    DeviceDoc {
        schema: DEVICE_SCHEMA,
        generation: doc.generation,
        shards: doc.shards,
        keep: doc.keep,
        outbox_next: doc.outbox_next,
        ended: true,
        ..fresh(&doc.site, &doc.device, doc.heard)
    }
}

/// The visitor came back before the object was emptied: it is bound anew by who asks, and the shard is not to be told.
pub(super) fn begin_again(sql: &dyn Sql, doc: &mut DeviceDoc) -> Result<()> {
    sql.exec(crate::outbox::OUTBOX, &[])?;
    sql.exec("DELETE FROM outbox WHERE kind = 'shard' AND json_extract(body, '$.kind') = 'unbind'", &[])?;
    doc.ended = false;
    Ok(())
}
