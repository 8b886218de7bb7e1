//! A device and its person: what it owes them, and what they tell it.
//!
//! ```text
//!            identify                     answer: crowded
//!   alone ──────────────▶ joined ──────────────────────────▶ refused ─┐
//!                          │  ▲ every growth: the whole part          │ until the epoch ends
//!                          │  └──────────────┐                        │
//!                          ├─ named another ─┘ (the old one: leave)   │
//!                          └─ undone ───────────────────────▶ parted ─┘
//! ```
//!
//! The device's object is the only one that ever folds its events, before the join and after it: (device, stream, number) is checked here and
//! nowhere else. What goes up is always the whole part as it now is, under a number that grows with every change, and the person keeps the latest.
//! So a join has no middle: whatever is lost, repeated or interrupted, the next part makes it whole, and taking the part out of the person undoes it.
//!
//! A person who is another answers with that one's name (`person::alias`), and the part goes there; what a device named stays as it was, so that
//! it can go back.
//!
//! What the person's other devices did comes down in the answer to a part, where a proof allows it: no page waits for that, and an object that
//! nobody visits is not written to.

use std::collections::BTreeMap;

use noren_event::names;
use noren_profile::stamp::is_reported;
use noren_profile::{Lens, Part, PartKey, Profile};
use noren_wire::bounds::ALIASES_MAX;
use noren_wire::inner::{Delivery, Destination, Owed, PartAnswer, PartWith, Sibling};
use noren_wire::part;
use noren_wire::stored::{DeviceDoc, EventDoc, ForwardDoc, JoinDoc, PartDoc, Standing};
use noren_wire::sync::{Facts, HeldCoupon};
use serde::{Deserialize, Serialize};

use super::sync::Surroundings;
use super::{When, owe, save};
use crate::name::content_hash;
use crate::outbox::{self, Due};
use crate::proof::Mode;
use crate::sql::{Param, Sql, whole};
use crate::{Failure, Result};

/// Parts of the person's other devices, each under the own epoch that may know it.
const SIBLINGS: &str = "CREATE TABLE IF NOT EXISTS sibling (epoch INTEGER NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL, \
                        PRIMARY KEY (epoch, key)) WITHOUT ROWID";

/// What is kept of a sibling.
#[derive(Serialize, Deserialize)]
struct SiblingDoc {
    part: PartDoc,
    coupons: Vec<HeldCoupon>,
}

/// Owe each person their part if it is not the one they were last sent. Part of the sync's transaction.
pub(super) fn tell(sql: &dyn Sql, doc: &mut DeviceDoc, new: &[EventDoc], at: &Surroundings) -> Result<Option<When>> {
    let mut owes = None;
    if at.proofs.mode() == Mode::Off && doc.joined.values().any(|joined| joined.siblings > 0) {
        let epochs: Vec<u32> = doc.joined.keys().copied().collect();
        epochs.into_iter().try_for_each(|epoch| forget_siblings(sql, doc, epoch))?;
    }
    let epochs: Vec<u32> = doc.parts.keys().copied().collect();
    for epoch in epochs {
        let events: Vec<&EventDoc> = new.iter().filter(|event| event.epoch == epoch).collect();
        owes = owes.max(tell_one(sql, doc, epoch, &events, at)?);
    }
    Ok(owes)
}

/// When a part should leave. Who may be told of the person's other devices asks for news with every page; of orders and names everybody should
/// hear at once; the rest of a page goes together.
fn when(joined: &JoinDoc, events: &[&EventDoc]) -> When {
    let urgent = |event: &&EventDoc| match event.name.as_str() {
        names::PURCHASE | names::REFUND | names::IDENTIFY => true,
        names::PAGE_VIEW => joined.trusted,
        _ => false,
    };
    if events.iter().any(urgent) { When::Soon } else { When::Later }
}

fn tell_one(
    sql: &dyn Sql,
    doc: &mut DeviceDoc,
    epoch: u32,
    events: &[&EventDoc],
    at: &Surroundings,
) -> Result<Option<When>> {
    let Some(part) = doc.parts.get(&epoch) else { return Ok(None) };
    let Some((named, user)) = &part.user else { return Ok(None) };
    if at.proofs.mode() == Mode::Mandatory && !part.proven {
        return Ok(None);
    }
    // What others' clients report is of devices that nobody reads: they are told nothing.
    let trusted = part.proven && at.proofs.mode() != Mode::Off && !is_reported(&named.1);
    let person = (at.person_id)(user);
    let coupons = coupons_of(doc, epoch);
    let digest = content_hash(serde_json::to_string(&(part, &coupons, trusted, at.keep))?.as_bytes());
    let mut owes = None;
    let mut joined = match doc.joined.get(&epoch) {
        Some(joined) if joined.named() == person => joined.clone(),
        before => {
            let before = before.cloned();
            if let Some(before) = before.filter(|joined| joined.standing == Standing::Joined) {
                // A word that arrived late, or a proof, names somebody else.
                forget_siblings(sql, doc, epoch)?;
                leave(sql, doc, epoch, &before)?;
                owes = Some(When::Soon);
            }
            JoinDoc { person, ..JoinDoc::default() }
        }
    };
    if joined.standing != Standing::Joined || joined.sent == digest {
        return Ok(owes);
    }
    doc.outbox_next += 1;
    (joined.sent, joined.row, joined.at, joined.trusted) = (digest, doc.outbox_next, at.now, trusted);
    owes = owes.max(Some(when(&joined, events)));
    doc.joined.insert(epoch, joined);
    Ok(owes)
}

fn coupons_of(doc: &DeviceDoc, epoch: u32) -> Vec<HeldCoupon> {
    doc.coupons.iter().filter(|(e, _)| *e == epoch).map(|(_, coupon)| coupon.clone()).collect()
}

/// The parts that persons have not answered yet, as they now are.
///
/// # Errors
/// `Broken`.
pub fn due(sql: &dyn Sql, doc: &DeviceDoc) -> Result<Vec<Due>> {
    let mut due = Vec::new();
    for (epoch, joined) in &doc.joined {
        let Some(part) = doc.parts.get(epoch) else { continue };
        if joined.row <= joined.acked || joined.standing != Standing::Joined {
            continue;
        }
        let mut knows = BTreeMap::new();
        if joined.siblings > 0 {
            let rows = sql.exec("SELECT key, n FROM sibling WHERE epoch = ?", &[Param::Int(i64::from(*epoch))])?;
            knows = rows.iter().map(|row| (row.text(0).to_string(), row.int(1) as u64)).collect();
        }
        let with = PartWith {
            now: joined.at,
            person: joined.person.clone(),
            site: doc.site.clone(),
            shards: doc.shards,
            keep: doc.keep,
            coupons: coupons_of(doc, *epoch),
            trusted: joined.trusted,
            knows,
            via: (!joined.path.is_empty()).then(|| joined.user.clone()),
            stays: joined.stays,
        };
        let to = Destination { kind: "person".into(), site: doc.site.clone(), id: joined.person.clone() };
        let (device, part) = (doc.device.clone(), Box::new(part.clone()));
        due.push(Due { n: joined.row, to, owed: Owed::Part { device, epoch: *epoch, part, with } });
    }
    Ok(due)
}

/// Something owed was delivered: its row goes, and what a person answered to a part is kept. That it was answered is written with whatever is
/// written next: a part that comes once more changes nothing.
///
/// # Errors
/// `Broken`.
pub fn heard(sql: &dyn Sql, known: &DeviceDoc, due: &Due, answer: Option<&PartAnswer>) -> Result<DeviceDoc> {
    let mut doc = known.clone();
    if let Owed::Part { epoch, with, .. } = &due.owed
        && let Some(joined) = doc.joined.get_mut(epoch).filter(|joined| joined.person == with.person)
    {
        joined.acked = joined.acked.max(due.n);
    }
    let noted = doc.clone();
    whole(sql, || {
        outbox::forget(sql, due.n)?;
        if let (Owed::Part { epoch, with, .. }, Some(answer)) = (&due.owed, answer) {
            let joined = doc.joined.get(epoch).filter(|j| j.person == with.person && j.standing == Standing::Joined);
            match (joined.cloned(), &answer.moved) {
                // Asked again meanwhile, it goes by what it is answered then.
                (Some(joined), Some(forward)) if joined.row == due.n => {
                    move_on(sql, &mut doc, *epoch, joined, forward)?
                }
                (Some(joined), None) => take_answer(sql, &mut doc, *epoch, joined, answer)?,
                _ => {}
            }
        }
        if doc != noted {
            save(sql, &doc)?;
        }
        Ok(doc)
    })
}

/// The person is another: the part goes there. In a ring it stays with the person whose word is the newest, so that all parts in it meet.
fn move_on(sql: &dyn Sql, doc: &mut DeviceDoc, epoch: u32, mut joined: JoinDoc, forward: &ForwardDoc) -> Result<()> {
    forget_siblings(sql, doc, epoch)?;
    joined.siblings = 0;
    joined.path.push((std::mem::replace(&mut joined.person, forward.person.clone()), forward.at));
    joined.user.clone_from(&forward.user);
    let ring = joined.path.iter().position(|(person, _)| *person == forward.person);
    let newest = ring.and_then(|from| joined.path.iter().skip(from).max_by_key(|(person, at)| (*at, person)));
    if let Some((person, _)) = newest.cloned() {
        (joined.person, joined.stays) = (person, true);
        joined.user.clear();
    } else if joined.path.len() >= ALIASES_MAX {
        joined.stays = true;
    }
    doc.outbox_next += 1;
    joined.row = doc.outbox_next;
    doc.joined.insert(epoch, joined);
    Ok(())
}

/// A person has another word on where parts belong: what it has, or sent on, begins again with whoever was named here.
fn ask_again(sql: &dyn Sql, doc: &mut DeviceDoc, person: &str, epochs: &[u32]) -> Result<()> {
    for epoch in epochs {
        let known =
            doc.joined.get(epoch).filter(|joined| joined.standing != Standing::Parted && joined.is_with(person));
        let Some(before) = known.cloned() else { continue };
        forget_siblings(sql, doc, *epoch)?;
        if !before.path.is_empty() {
            let (device, epoch) = (doc.device.clone(), *epoch);
            let to = Destination { kind: "person".into(), site: doc.site.clone(), id: before.person.clone() };
            owe(sql, doc, to, &Owed::Leave { device, epoch })?;
        }
        doc.outbox_next += 1;
        let person = before.named().to_string();
        let (row, sent, at, trusted, acked) = (doc.outbox_next, before.sent, before.at, before.trusted, before.acked);
        doc.joined.insert(*epoch, JoinDoc { person, row, sent, at, trusted, acked, news: true, ..JoinDoc::default() });
    }
    save(sql, doc)
}

/// The part is no longer of this person, nor of those who sent it there. Call inside a transaction.
pub(super) fn leave(sql: &dyn Sql, doc: &mut DeviceDoc, epoch: u32, joined: &JoinDoc) -> Result<()> {
    for person in joined.path.iter().map(|(person, _)| person).chain([&joined.person]) {
        let to = Destination { kind: "person".into(), site: doc.site.clone(), id: person.clone() };
        let device = doc.device.clone();
        owe(sql, doc, to, &Owed::Leave { device, epoch })?;
    }
    Ok(())
}

fn take_answer(sql: &dyn Sql, doc: &mut DeviceDoc, epoch: u32, mut joined: JoinDoc, answer: &PartAnswer) -> Result<()> {
    let others = match (&answer.others, answer.standing) {
        (Some(others), Standing::Joined) => others,
        (_, standing) => {
            forget_siblings(sql, doc, epoch)?;
            doc.joined.entry(epoch).and_modify(|joined| joined.standing = standing);
            return Ok(());
        }
    };
    let own = Param::Int(i64::from(epoch));
    let mut changed = false;
    if joined.siblings > 0 {
        for row in sql.exec("SELECT key FROM sibling WHERE epoch = ?", &[own])? {
            if !others.iter().any(|key| key == row.text(0)) {
                sql.exec("DELETE FROM sibling WHERE epoch = ? AND key = ?", &[own, Param::Text(row.text(0))])?;
                changed = true;
            }
        }
    }
    if !answer.news.is_empty() {
        sql.exec(SIBLINGS, &[])?;
    }
    for Sibling { key, n, part, coupons } in &answer.news {
        let body = serde_json::to_string(&SiblingDoc { part: (**part).clone(), coupons: coupons.clone() })?;
        let written = sql.exec(
            "INSERT INTO sibling (epoch, key, n, body) VALUES (?, ?, ?, ?) ON CONFLICT (epoch, key) DO UPDATE SET n = excluded.n, \
             body = excluded.body WHERE excluded.n > sibling.n RETURNING 1",
            &[own, Param::Text(key), Param::Int(*n as i64), Param::Text(&body)],
        )?;
        changed |= !written.is_empty();
    }
    if changed {
        let count = sql.exec("SELECT COUNT(*) FROM sibling WHERE epoch = ?", &[own])?;
        joined.siblings = count.first().map_or(0, |row| row.int(0) as u32);
        joined.news = true;
        doc.joined.insert(epoch, joined);
    }
    Ok(())
}

fn forget_siblings(sql: &dyn Sql, doc: &mut DeviceDoc, epoch: u32) -> Result<()> {
    let Some(joined) = doc.joined.get_mut(&epoch).filter(|joined| joined.siblings > 0) else { return Ok(()) };
    sql.exec("DELETE FROM sibling WHERE epoch = ?", &[Param::Int(i64::from(epoch))])?;
    joined.siblings = 0;
    joined.news = true;
    Ok(())
}

/// Apply a delivery to a device; one that was applied before changes nothing.
///
/// # Errors
/// `Broken` from storage, or when the delivery is not for a device.
pub fn receive(sql: &dyn Sql, known: Option<&DeviceDoc>, delivery: &Delivery) -> Result<Option<DeviceDoc>> {
    if !matches!(&delivery.owed, Owed::Parted { .. } | Owed::Erase { .. } | Owed::Again { .. }) {
        return Err(Failure::Broken("a device was sent what is not for one".into()));
    }
    // What has ended in the meantime has nothing to part from.
    let Some(known) = known else { return Ok(None) };
    let mut doc = known.clone();
    whole(sql, || {
        sql.exec(outbox::SENDERS, &[])?;
        if !outbox::is_new(sql, delivery)? {
            return Ok(());
        }
        match &delivery.owed {
            Owed::Parted { epoch, person } => part_from(sql, &mut doc, *epoch, person),
            Owed::Again { person, epochs } => ask_again(sql, &mut doc, person, epochs),
            Owed::Erase { person, epochs } => super::erase::person(sql, &mut doc, person, epochs),
            _ => Ok(()),
        }
    })?;
    Ok(Some(doc))
}

fn part_from(sql: &dyn Sql, doc: &mut DeviceDoc, epoch: u32, person: &str) -> Result<()> {
    if doc.joined.get(&epoch).is_none_or(|joined| joined.person != person) {
        return Ok(());
    }
    forget_siblings(sql, doc, epoch)?;
    if let Some(joined) = doc.joined.get_mut(&epoch) {
        joined.standing = Standing::Parted;
    }
    save(sql, doc)
}

/// Coupons by whose part they are in.
type CouponsOf = Vec<(PartKey, Vec<HeldCoupon>)>;

/// The parts that whoever uses the device in this epoch may know: their own, and those of the person's other devices.
fn known_parts(sql: &dyn Sql, doc: &DeviceDoc, epoch: u32) -> Result<(Profile, CouponsOf)> {
    let (mut profile, mut coupons) = (Profile::default(), Vec::new());
    let own = PartKey { device: doc.device.as_str().into(), epoch };
    coupons.push((own.clone(), coupons_of(doc, epoch)));
    if let Some(part) = doc.parts.get(&epoch) {
        profile.insert(own, Part::from(part));
    }
    if doc.joined.get(&epoch).is_some_and(|joined| joined.siblings > 0) {
        for row in sql.exec("SELECT key, body FROM sibling WHERE epoch = ?", &[Param::Int(i64::from(epoch))])? {
            let doc: SiblingDoc = serde_json::from_str(row.text(1))?;
            let Some(key) = part_key(row.text(0)) else { continue };
            profile.insert(key.clone(), Part::from(&doc.part));
            coupons.push((key, doc.coupons));
        }
    }
    Ok((profile, coupons))
}

/// A part's key as it travels.
pub fn key_text(device: &str, epoch: u32) -> String {
    format!("{device}/{epoch}")
}

fn part_key(text: &str) -> Option<PartKey> {
    let (device, epoch) = text.rsplit_once('/')?;
    Some(PartKey { device: device.into(), epoch: epoch.parse().ok()? })
}

/// Facts of an epoch, coupons with them. Where the site takes no proofs (any more), what came from other devices stays unseen.
pub(super) fn facts(sql: &dyn Sql, doc: &DeviceDoc, epoch: u32, lens: &Lens, at: &Surroundings) -> Result<Facts> {
    let own;
    let doc = if at.proofs.mode() == Mode::Off && doc.joined.get(&epoch).is_some_and(|joined| joined.siblings > 0) {
        own = DeviceDoc { joined: Default::default(), ..doc.clone() };
        &own
    } else {
        doc
    };
    known_facts(sql, doc, epoch, lens)
}

/// Facts of all that is known here under an epoch, without what is told with them only.
pub(super) fn known_facts(sql: &dyn Sql, doc: &DeviceDoc, epoch: u32, lens: &Lens) -> Result<Facts> {
    let (profile, coupons) = known_parts(sql, doc, epoch)?;
    let mut facts = part::facts(&profile.facts(lens));
    facts.coupons = united_coupons(coupons.into_iter().flat_map(|(_, coupons)| coupons), lens.now.0);
    Ok(facts)
}

/// Coupons of several devices, each code once, without those that have lapsed.
pub fn united_coupons(coupons: impl Iterator<Item = HeldCoupon>, now: i64) -> Vec<HeldCoupon> {
    let mut united: Vec<HeldCoupon> = Vec::new();
    for coupon in coupons.filter(|c| c.expires > now) {
        if !united.iter().any(|known| known.campaign == coupon.campaign && known.code == coupon.code) {
            united.push(coupon);
        }
    }
    united
}

/// The device that already holds a code of this campaign for whoever uses this one now: itself, or one of the person's others that it may
/// know of.
pub(super) fn holder(sql: &dyn Sql, doc: &DeviceDoc, epoch: u32, campaign: &str, now: i64) -> Result<Option<String>> {
    let (_, coupons) = known_parts(sql, doc, epoch)?;
    let holds = |list: &[HeldCoupon]| list.iter().any(|c| c.campaign == campaign && c.expires > now);
    Ok(coupons.into_iter().find(|(_, list)| holds(list)).map(|(key, _)| key.device.into()))
}
