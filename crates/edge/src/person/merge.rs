//! Parts come, go and are taken out; each change corrects the totals by what it changes in how the person is judged.

use noren_profile::tally::sum;
use noren_profile::trial::correction;
use noren_profile::{Claims, PartKey, Trials, claim};
use noren_wire::admin::{Both, FindingRow};
use noren_wire::bounds::{NEWS_MAX_BYTES, PERSON_DEVICES_MAX};
use noren_wire::inner::{Delivery, Destination, Owed, PartAnswer, PartWith, Sibling, Undo};
use noren_wire::part::{counter_of, trials_of};
use noren_wire::stored::{PERSON_SCHEMA, PartDoc, PersonDoc, Standing};

use super::{Kept, Place, alias, create, kept, load, news, note, owe, own_shard, save};
use crate::device::count::{Counters, rows};
use crate::device::join::key_text;
use crate::sql::{Param, Sql, has_table, whole};
use crate::{Failure, Result, orders, outbox};

/// What a delivery left to do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Received {
    /// For the sender.
    pub answer: PartAnswer,
    /// Rows wait in the outbox: wake up soon.
    pub deliver: bool,
    /// Something is stored here for the first time: wake up when its time is over.
    pub first: bool,
}

/// Apply a delivery; one that was applied before changes nothing, and is answered all the same.
///
/// # Errors
/// `Broken` from storage, or when the delivery is not for a person.
pub fn receive(sql: &dyn Sql, delivery: &Delivery) -> Result<Received> {
    match &delivery.owed {
        Owed::Part { device, epoch, part, with } => whole(sql, || take(sql, delivery, (device, *epoch), part, with)),
        Owed::Leave { device, epoch } => whole(sql, || {
            create(sql)?;
            let mut received = Received::default();
            let key = (device.as_str(), *epoch);
            let known = find(sql, key)?;
            let at = known.as_ref().map_or(0, |known| known.at);
            match known {
                // A part that was on its way may come after the word that it is gone; after an erasure its time tells.
                None if load(sql)?.is_some_and(|doc| doc.erased_at > 0) => {}
                None => put(sql, &gone(key, delivery, at))?,
                Some(known) if known.place == Place::In && is_later(sql, delivery, Some(&known))? => {
                    let mut doc = load(sql)?.unwrap_or_default();
                    received.deliver = change(sql, &mut doc, |sql| put(sql, &gone(key, delivery, at)))?;
                    note(sql, at, "leave", key, "")?;
                    save(sql, &doc)?;
                }
                Some(_) => {}
            }
            Ok(received)
        }),
        Owed::News { site, reports } => news::tell(sql, delivery, site, reports),
        Owed::Alias { site, previous, user, at, who: Some(who), .. } => {
            alias::forward(sql, delivery, &alias::Said { site, previous, user, at: *at, who })
        }
        Owed::Alias { site, .. } => news::rename(sql, delivery, site, &delivery.owed),
        _ => Err(Failure::Broken("a person was sent what is not for one".into())),
    }
}

/// The row of a part that names somebody else.
fn gone((device, epoch): (&str, u32), delivery: &Delivery, at: i64) -> Kept {
    Kept {
        key: PartKey { device: device.into(), epoch },
        doc: PartDoc::default(),
        n: delivery.n,
        sender: delivery.from.clone(),
        place: Place::Left,
        at,
        coupons: Vec::new(),
    }
}

/// Whether a device says this of a part for the first time. Each part goes by its own numbers: of two parts of one device the later state may
/// be delivered first. (Parts of the first schema have none of their own yet; then those of the sender hold.)
fn is_later(sql: &dyn Sql, delivery: &Delivery, known: Option<&Kept>) -> Result<bool> {
    let heard = match known {
        Some(known) if known.sender == delivery.from => known.n,
        Some(_) => outbox::seen(sql, &delivery.from)?,
        None => 0,
    };
    Ok(delivery.n > heard)
}

/// A new person's state.
pub(super) fn fresh(now: i64) -> PersonDoc {
    PersonDoc {
        schema: PERSON_SCHEMA,
        // As a device's: from the moment on, for this object may have been emptied before.
        outbox_next: now.max(0) as u64,
        // Its shard is to be told.
        ended: true,
        ..PersonDoc::default()
    }
}

fn take(sql: &dyn Sql, delivery: &Delivery, key: (&str, u32), part: &PartDoc, with: &PartWith) -> Result<Received> {
    create(sql)?;
    let before = load(sql)?;
    let mut received = Received { first: before.is_none(), ..Received::default() };
    let mut doc = before.unwrap_or_else(|| fresh(with.now));
    if doc.erased_at > 0 && with.now <= doc.erased_at {
        // It was on its way when the person was erased; its device is told, too.
        return Ok(received);
    }
    if !with.person.is_empty() {
        (doc.site, doc.person, doc.shards, doc.keep) = (with.site.clone(), with.person.clone(), with.shards, with.keep);
    }
    match (&with.via, &part.user) {
        (Some(user), _) if !user.is_empty() => doc.user.clone_from(user),
        (None, Some((_, user))) => doc.user.clone_from(user),
        _ => {}
    }
    if let Some(forward) = doc.forward.clone().filter(|_| !with.stays) {
        let known = find(sql, key)?;
        if known.as_ref().is_some_and(|known| known.place == Place::Undone) {
            received.answer.standing = Standing::Parted;
            return Ok(received);
        }
        if is_later(sql, delivery, known.as_ref())? {
            received.deliver = change(sql, &mut doc, |sql| put(sql, &gone(key, delivery, with.now)))?;
            if let Some(forward) = &mut doc.forward {
                forward.used = forward.used.max(with.now);
            }
            save(sql, &doc)?;
        }
        received.answer.moved = Some(forward);
        return Ok(received);
    }
    if doc.first.is_empty() && kept(sql)?.is_empty() {
        doc.first = key.0.into();
    }
    let known = find(sql, key)?;
    let new = is_later(sql, delivery, known.as_ref())?;
    let is_in = match known.as_ref().map(|known| known.place) {
        Some(Place::Undone) => {
            received.answer.standing = Standing::Parted;
            return Ok(received);
        }
        // What it said before it left is no longer true.
        Some(Place::Left) if !new => return Ok(received),
        place => place == Some(Place::In),
    };
    if !is_in && devices(sql, key.0)? >= PERSON_DEVICES_MAX {
        if outbox::is_new(sql, delivery)? {
            received.deliver |= refuse(sql, &mut doc, key, with.now)?;
            save(sql, &doc)?;
        }
        received.answer.standing = Standing::Crowded;
        return Ok(received);
    }
    if new {
        if doc.ended && !doc.person.is_empty() {
            doc.ended = false;
            let (to, id) = (own_shard(&doc), doc.person.clone());
            owe(sql, &mut doc, to, &Owed::Enter { id, of: "person".into() })?;
            received.deliver = true;
        }
        let row = Kept {
            key: PartKey { device: key.0.into(), epoch: key.1 },
            doc: part.clone(),
            n: delivery.n,
            sender: delivery.from.clone(),
            place: Place::In,
            at: with.now,
            coupons: with.coupons.clone(),
        };
        // What tests are judged by is compared first: of most visits it stays as it was.
        let judged = known.as_ref().filter(|_| is_in).map(|known| (&known.doc.firsts, &known.doc.hits));
        let same = judged == Some((&part.firsts, &part.hits));
        if same {
            put(sql, &row)?;
        } else {
            received.deliver |= change(sql, &mut doc, |sql| put(sql, &row))?;
        }
        if !is_in {
            note(sql, with.now, "join", key, "")?;
        }
        save(sql, &doc)?;
    }
    if with.trusted {
        tell(sql, key, with, &mut received.answer)?;
    }
    Ok(received)
}

/// What a device that is trusted is told of the others.
fn tell(sql: &dyn Sql, key: (&str, u32), with: &PartWith, answer: &mut PartAnswer) -> Result<()> {
    let own = key_text(key.0, key.1);
    let (mut others, mut wanted) = (Vec::new(), Vec::new());
    for row in sql.exec("SELECT device, epoch, n FROM part WHERE parted = 0 ORDER BY at DESC", &[])? {
        let (text, n) = (key_text(row.text(0), row.int(1) as u32), row.int(2) as u64);
        if text == own {
            continue;
        }
        if with.knows.get(&text).is_none_or(|known| *known < n) {
            wanted.push((row.text(0).to_string(), row.int(1) as u32));
        }
        others.push(text);
    }
    let mut room = NEWS_MAX_BYTES;
    for (device, epoch) in wanted {
        let Some(part) = find(sql, (&device, epoch))? else { continue };
        let size = serde_json::to_string(&part.doc)?.len();
        // The first goes in any case, or a large one would never be told.
        if size > room && room < NEWS_MAX_BYTES {
            continue;
        }
        room = room.saturating_sub(size);
        let key = key_text(&device, epoch);
        answer.news.push(Sibling { key, n: part.n, part: Box::new(part.doc), coupons: part.coupons });
    }
    answer.others = Some(others);
    Ok(())
}

/// Take a part out again, for good: what its device sends of it from now on is answered `parted`. `None` when there is no such part in.
///
/// # Errors
/// `Broken`.
pub fn undo(sql: &dyn Sql, undo: &Undo) -> Result<Option<Received>> {
    if !has_table(sql, "part")? {
        return Ok(None);
    }
    whole(sql, || {
        let key = (undo.device.as_str(), undo.epoch);
        let Some(mut doc) = load(sql)? else { return Ok(None) };
        let Some(part) = find(sql, key)?.filter(|part| part.place == Place::In) else { return Ok(None) };
        change(sql, &mut doc, |sql| {
            sql.exec(
                "UPDATE part SET parted = 1, events = 0, body = '{\"events\":0}', coupons = '[]', at = ? WHERE device = ? AND epoch = ?",
                &[Param::Int(undo.now), Param::Text(key.0), Param::Int(i64::from(key.1))],
            )?;
            Ok(())
        })?;
        if !part.sender.is_empty() {
            let to = Destination { kind: "device".into(), site: doc.site.clone(), id: part.sender };
            let person = doc.person.clone();
            owe(sql, &mut doc, to, &Owed::Parted { epoch: undo.epoch, person })?;
        }
        note(sql, undo.now, "undo", key, &undo.by)?;
        save(sql, &doc)?;
        Ok(Some(Received { deliver: true, ..Received::default() }))
    })
}

/// Change the parts, and owe the totals what that changes in how the person is judged. `true` when something is owed.
fn change(sql: &dyn Sql, doc: &mut PersonDoc, work: impl FnOnce(&dyn Sql) -> Result<()>) -> Result<bool> {
    let (before, claimed) = (judged(sql)?, claims(sql)?);
    work(sql)?;
    let change = sum(&judged(sql)?, &before, -1.0);
    let mut owes = false;
    if !change.is_empty() {
        let to = own_shard(doc);
        owe(sql, doc, to, &Owed::Counters { rows: rows(&change) })?;
        owes = true;
    }
    for (to, owed) in orders::owed(&doc.site, doc.shards, orders::changes(&claimed, &claims(sql)?, None)) {
        owe(sql, doc, to, &owed)?;
        owes = true;
    }
    Ok(owes)
}

/// What the person has counted for orders beyond its parts.
pub(crate) fn claims(sql: &dyn Sql) -> Result<Claims> {
    let parts: Vec<Kept> = kept(sql)?.into_iter().filter(|part| part.place == Place::In).collect();
    if parts.iter().all(|part| part.doc.hits.is_empty()) {
        return Ok(Claims::new());
    }
    let parts: Vec<(String, Trials)> =
        parts.iter().map(|part| (orders::holder(&part.sender, Some(part.key.epoch)), trials_of(&part.doc))).collect();
    Ok(claim::of_person(&parts.iter().map(|(name, trials)| (name.clone(), trials)).collect::<Vec<_>>()))
}

/// What joining has changed in the totals.
pub(super) fn judged(sql: &dyn Sql) -> Result<Counters> {
    let trials: Vec<_> =
        kept(sql)?.iter().filter(|part| part.place == Place::In).map(|part| trials_of(&part.doc)).collect();
    Ok(correction(&trials))
}

/// All that a person has changed in the totals: what a recount adds to what devices have contributed.
///
/// # Errors
/// `Broken`.
pub fn contributed(sql: &dyn Sql) -> Result<Counters> {
    let settled = load(sql)?.unwrap_or_default().settled;
    Ok(sum(&settled.iter().map(counter_of).collect(), &judged(sql)?, 1.0))
}

/// How many other devices are in. One's own epochs are one device.
fn devices(sql: &dyn Sql, device: &str) -> Result<usize> {
    let query = "SELECT COUNT(DISTINCT device) FROM part WHERE parted = 0 AND device <> ?";
    Ok(sql.exec(query, &[Param::Text(device)])?.first().map_or(0, |row| row.int(0).max(0) as usize))
}

/// Too many devices claim this id. The site's people are told once.
fn refuse(sql: &dyn Sql, doc: &mut PersonDoc, key: (&str, u32), now: i64) -> Result<bool> {
    doc.refused += 1;
    if doc.refused > 1 {
        return Ok(false);
    }
    note(sql, now, "refuse", key, "")?;
    let message = Both {
        en: format!(
            "More than {PERSON_DEVICES_MAX} devices claim to be this user. Further ones are not joined. Does a page call identify with a word that is nobody's id?"
        ),
        ja: format!(
            "{PERSON_DEVICES_MAX} 台を超える端末が、このユーザー ID を名乗っています。これ以降の端末は統合しません。ページが、誰の ID でもない文字列で identify を呼び出していないか確認してください。"
        ),
    };
    let row = FindingRow { at: now, code: "user_id_crowded".into(), what: doc.user.clone(), message };
    let to = own_shard(doc);
    owe(sql, doc, to, &Owed::Finding { row })?;
    Ok(true)
}

fn find(sql: &dyn Sql, (device, epoch): (&str, u32)) -> Result<Option<Kept>> {
    let query = format!("SELECT {} FROM part WHERE device = ? AND epoch = ?", Kept::COLUMNS);
    sql.exec(&query, &[Param::Text(device), Param::Int(i64::from(epoch))])?.first().map(Kept::of).transpose()
}

fn put(sql: &dyn Sql, part: &Kept) -> Result<()> {
    let (body, coupons) = (serde_json::to_string(&part.doc)?, serde_json::to_string(&part.coupons)?);
    sql.exec(
        "INSERT INTO part (device, epoch, events, body, n, sender, parted, at, coupons) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (device, epoch) DO UPDATE SET events = excluded.events, body = excluded.body, n = excluded.n, \
         sender = excluded.sender, parted = excluded.parted, at = excluded.at, coupons = excluded.coupons",
        &[
            Param::Text(&part.key.device),
            Param::Int(i64::from(part.key.epoch)),
            Param::Int(part.doc.events as i64),
            Param::Text(&body),
            Param::Int(part.n as i64),
            Param::Text(&part.sender),
            Param::Int(match part.place {
                Place::In => 0,
                Place::Undone => 1,
                Place::Left => 2,
            }),
            Param::Int(part.at),
            Param::Text(&coupons),
        ],
    )?;
    Ok(())
}

pub(super) fn remove(sql: &dyn Sql, (device, epoch): (&str, u32)) -> Result<()> {
    sql.exec("DELETE FROM part WHERE device = ? AND epoch = ?", &[Param::Text(device), Param::Int(i64::from(epoch))])?;
    Ok(())
}
