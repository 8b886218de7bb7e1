//! How long a person's object keeps what: each part for the site's profile days after it was last heard of, and the object while it has any.

use noren_profile::tally::sum;
use noren_wire::bounds::HEADINGS_MAX;
use noren_wire::inner::Owed;
use noren_wire::stored::PersonDoc;

use super::merge::{judged, remove};
use super::{load, note, owe, own_shard, save};
use crate::Result;
use crate::device::count::{Counters, rows};
use crate::device::keep::end_of;
use crate::sql::{Sql, has_table, whole};

/// When the next part becomes old; `None` where there is none.
///
/// # Errors
/// `Broken`.
pub fn due(sql: &dyn Sql) -> Result<Option<i64>> {
    if !has_table(sql, "part")? {
        return Ok(None);
    }
    let doc = load(sql)?.unwrap_or_default();
    let days = doc.keep.profile_days;
    let oldest = sql.exec("SELECT MIN(at), COUNT(*) FROM part", &[])?;
    let part = oldest.first().filter(|row| row.int(1) > 0).map(|row| end_of(row.int(0), days));
    // The number of an erasure stays for as long as anything from before it might come.
    let erased = (doc.erased_at > 0).then(|| end_of(doc.erased_at, days));
    Ok([part.or(erased), forwards_until(&doc)].into_iter().flatten().min())
}

/// For how long the person is another: as long as a profile since that was said, or last held of anybody.
fn forwards_until(doc: &PersonDoc) -> Option<i64> {
    doc.forward.as_ref().map(|forward| end_of(forward.at.max(forward.used), doc.keep.profile_days))
}

/// Let go what is old at `now`. Totals are not touched. `true` when nothing is left but what is still owed.
///
/// # Errors
/// `Broken`.
pub fn sweep(sql: &dyn Sql, now: i64) -> Result<bool> {
    if !has_table(sql, "part")? {
        return Ok(true);
    }
    whole(sql, || {
        let Some(mut doc) = load(sql)? else { return Ok(true) };
        let (mut old, mut left) = (Vec::new(), 0);
        for row in sql.exec("SELECT device, epoch, at FROM part", &[])? {
            if now >= end_of(row.int(2), doc.keep.profile_days) {
                old.push((row.text(0).to_string(), row.int(1) as u32));
            } else {
                left += 1;
            }
        }
        let erased = doc.erased_at > 0 && now < end_of(doc.erased_at, doc.keep.profile_days);
        if forwards_until(&doc).is_some_and(|until| now >= until) {
            doc.forward = None;
            save(sql, &doc)?;
        }
        let erased = erased || doc.forward.is_some();
        if old.is_empty() {
            let over = left == 0 && !erased;
            if over {
                end(sql, &mut doc)?;
            }
            return Ok(over);
        }
        let before = judged(sql)?;
        for (device, epoch) in &old {
            remove(sql, (device, *epoch))?;
            note(sql, now, "expire", (device, *epoch), "")?;
        }
        let settled: Counters = doc.settled.iter().map(noren_wire::part::counter_of).collect();
        doc.settled = rows(&sum(&settled, &sum(&before, &judged(sql)?, -1.0), 1.0));
        if doc.settled.len() > HEADINGS_MAX {
            give_up(sql, &mut doc)?;
        }
        let over = left == 0 && !erased;
        if over {
            end(sql, &mut doc)?;
        }
        save(sql, &doc)?;
        Ok(over)
    })
}

/// The shard keeps what was settled here.
fn give_up(sql: &dyn Sql, doc: &mut PersonDoc) -> Result<()> {
    let (to, rows) = (own_shard(doc), std::mem::take(&mut doc.settled));
    if rows.is_empty() { Ok(()) } else { owe(sql, doc, to, &Owed::Settled { rows }) }
}

/// Nothing is left of the person: the shard is told, once.
fn end(sql: &dyn Sql, doc: &mut PersonDoc) -> Result<()> {
    if doc.ended || doc.person.is_empty() {
        return Ok(());
    }
    give_up(sql, doc)?;
    let (to, device) = (own_shard(doc), doc.person.clone());
    owe(sql, doc, to, &Owed::Unbind { device })?;
    doc.ended = true;
    save(sql, doc)
}
