//! A small world for tests: devices, persons and a shard, each on its own database, and a network between them that loses answers, repeats
//! deliveries and meets objects that fail half way. Time is virtual, chance is seeded.
//!
//! The steps are those of the shells: a sync is one request; an alarm takes one row at a time, so that anything may happen between a row's
//! delivery, its answer and what the sender makes of it.

use std::collections::BTreeMap;

use noren_event::Duration;
use noren_profile::claim::ruling;
use noren_profile::tally::sum;
use noren_profile::{Claim, Claims};
use noren_wire::admin::Weights;
use noren_wire::bounds::KEY_CHARS;
use noren_wire::inner::{Bind, Delivery, Owed, PartAnswer, PersonAsk, Undo};
use noren_wire::part::counter_of;
use noren_wire::stored::{DeviceDoc, Keep};
use noren_wire::sync::{Facts, HeldCoupon, StreamBatch, SyncAnswer, SyncRequest, WireEvent};

use crate::device::count::Counters;
use crate::device::sync::{Surroundings, apply, check};
use crate::device::{self, join};
use crate::goals::Goals;
use crate::memory::Memory;
use crate::outbox::{self, Due};
use crate::person::{merge, view};
use crate::proof::{Proofs, secret, sign};
use crate::sql::Sql;
use crate::{Result, person};

pub const NOW: i64 = 1_760_000_000_000;
pub const DEPLOYMENT: &str = "deployment";

/// SplitMix64.
pub struct Rng(pub u64);

impl Rng {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

pub struct Device {
    pub id: String,
    pub sql: Memory,
    pub doc: Option<DeviceDoc>,
}

impl Device {
    fn restart(&mut self) {
        self.doc = device::load(&self.sql).unwrap();
    }
}

pub struct World {
    pub now: i64,
    pub devices: Vec<Device>,
    pub persons: BTreeMap<String, Memory>,
    /// Everything shards were told, added up, and who told it up to which number.
    pub totals: Counters,
    told: BTreeMap<String, u64>,
    pub findings: usize,
    /// The one shard there is, as it is.
    pub shard: Memory,
    /// What shards were told to forget.
    pub forgotten: Vec<String>,
    /// Every delivery so far to a person or a device: any may come again, however late.
    sent: Vec<(String, Due)>,
    pub goals: Goals,
    pub proofs: Proofs,
}

impl World {
    pub fn new(devices: usize, goals: Goals, mode: &str) -> World {
        let devices = (0..devices).map(|i| Device { id: format!("{i:0>22}"), sql: Memory::new(), doc: None }).collect();
        World {
            now: NOW,
            devices,
            persons: BTreeMap::new(),
            totals: Counters::new(),
            told: BTreeMap::new(),
            findings: 0,
            shard: Memory::new(),
            forgotten: Vec::new(),
            sent: Vec::new(),
            goals,
            proofs: Proofs::new(mode, 1, DEPLOYMENT, "demo"),
        }
    }

    pub fn proof(&self, user: &str) -> String {
        sign(&secret(DEPLOYMENT, "demo", 1), user, self.now / 1_000 + 3_600)
    }

    pub fn request(&self, device: usize, epoch: u32, stream: usize, events: Vec<WireEvent>) -> SyncRequest {
        SyncRequest {
            v: 1,
            site: "demo".into(),
            device: self.devices[device].id.clone(),
            key: "K".repeat(KEY_CHARS),
            consent: None,
            epoch,
            generation: 0,
            sent_at: self.now,
            program: String::new(),
            facts: true,
            fresh: false,
            raw: false,
            hidden: false,
            streams: vec![StreamBatch { id: format!("{stream:0>22}"), from: 0, done: false, events }],
        }
    }

    pub fn sync(&mut self, device: usize, request: &SyncRequest) -> Result<SyncAnswer> {
        check(request)?;
        if device::must_bind(self.devices[device].doc.as_ref()) {
            let id = self.devices[device].id.clone();
            crate::shard::bind(&self.shard, &Bind { device: id.clone(), object: id })?;
        }
        let at = Surroundings {
            now: self.now,
            program: "p",
            shards: 4,
            weights: &Weights::default(),
            counts: &[],
            goals: &self.goals,
            goals_mark: "g",
            holds: &|_, _| true,
            proofs: &self.proofs,
            keep: Keep::default(),
            sensitive: &[],
            person_id: &|user| format!("person {user}"),
            also: None,
        };
        let own = &mut self.devices[device];
        match apply(&own.sql, own.doc.as_ref(), request, &at) {
            Ok(applied) => {
                own.doc = applied.doc;
                Ok(applied.synced.answer)
            }
            Err(failure) => {
                // As the shell does: what was in memory is forgotten with a failure.
                own.sql.fail_in.set(None);
                own.restart();
                Err(failure)
            }
        }
    }

    /// What a device delivers next, without taking it: its rows, then its parts.
    fn next_of_device(&self, device: usize) -> Option<Due> {
        let own = &self.devices[device];
        let doc = own.doc.as_ref()?;
        outbox::due(&own.sql).unwrap().into_iter().chain(join::due(&own.sql, doc).unwrap()).next()
    }

    /// One delivery of long ago comes once more; nobody waits for its answer.
    pub fn repeat(&mut self, rng: &mut Rng) {
        if !self.sent.is_empty() {
            let (from, due) = self.sent[rng.below(self.sent.len() as u64) as usize].clone();
            let _ = self.hand_over(&from, &due);
            self.sent.pop();
        }
    }

    /// Every delivery there ever was comes once more, in any order.
    pub fn repeat_all(&mut self, rng: &mut Rng) {
        for _ in 0..2 * self.sent.len() {
            self.repeat(rng);
        }
    }

    /// Hand one row over; the answer, or the receiver's failure.
    fn hand_over(&mut self, from: &str, due: &Due) -> Result<Option<PartAnswer>> {
        self.sent.push((from.into(), due.clone()));
        let delivery = Delivery { from: from.into(), n: due.n, owed: due.owed.clone() };
        match due.to.kind.as_str() {
            "shard" => {
                crate::shard::receive(&self.shard, &delivery)?;
                let told = self.told.entry(from.into()).or_default();
                if delivery.n > *told {
                    *told = delivery.n;
                    match &delivery.owed {
                        Owed::Counters { rows } => {
                            let rows = rows.iter().map(noren_wire::part::counter_of).collect();
                            self.totals = sum(&self.totals, &rows, 1.0);
                        }
                        Owed::Finding { .. } => self.findings += 1,
                        Owed::Forget { device, user, .. } => self.forgotten.push(format!("{device}{user}")),
                        _ => {}
                    }
                }
                Ok(None)
            }
            "conversation" => {
                crate::conversation::receive(&Memory::new(), "demo", &delivery)?;
                Ok(None)
            }
            "person" => {
                let person = self.persons.entry(due.to.id.clone()).or_insert_with(Memory::new);
                let received = merge::receive(person, &delivery);
                person.fail_in.set(None);
                received.map(|received| Some(received.answer))
            }
            _ => {
                let device = self.devices.iter_mut().find(|device| device.id == due.to.id).unwrap();
                let received = join::receive(&device.sql, device.doc.as_ref(), &delivery);
                device.sql.fail_in.set(None);
                match received {
                    Ok(doc) => device.doc = doc,
                    Err(failure) => {
                        device.restart();
                        return Err(failure);
                    }
                }
                Ok(None)
            }
        }
    }

    /// One row of a device on its way. `between` happens after the receiver answered and before the sender hears it; with `lost` the answer
    /// never arrives.
    pub fn deliver(&mut self, device: usize, lost: bool, between: impl FnOnce(&mut World)) -> bool {
        let Some(due) = self.next_of_device(device) else { return false };
        let from = self.devices[device].id.clone();
        let answer = self.hand_over(&from, &due);
        between(self);
        let own = &mut self.devices[device];
        let (Ok(answer), false) = (answer, lost) else {
            own.sql.fail_in.set(None);
            return true;
        };
        let heard = join::heard(&own.sql, own.doc.as_ref().unwrap(), &due, answer.as_ref());
        own.sql.fail_in.set(None);
        match heard {
            Ok(doc) => own.doc = Some(doc),
            Err(_) => own.restart(),
        }
        true
    }

    /// One row of a person on its way.
    pub fn deliver_of_person(&mut self, user: &str, lost: bool) -> bool {
        let id = format!("person {user}");
        let Some(due) = self.persons.get(&id).and_then(|sql| outbox::due(sql).unwrap().into_iter().next()) else {
            return false;
        };
        if self.hand_over(&id, &due).is_ok() && !lost {
            let _ = outbox::delivered(&self.persons[&id], due.n);
            self.persons[&id].fail_in.set(None);
        }
        true
    }

    /// Let everything arrive that is owed.
    pub fn settle(&mut self) {
        for device in &self.devices {
            device.sql.fail_in.set(None);
        }
        loop {
            let users: Vec<String> = self.persons.keys().map(|id| id.replace("person ", "")).collect();
            let mut moved = false;
            for device in 0..self.devices.len() {
                while self.deliver(device, false, |_| ()) {
                    moved = true;
                }
            }
            for user in &users {
                while self.deliver_of_person(user, false) {
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    pub fn person(&self, user: &str) -> Facts {
        let asked = PersonAsk { now: self.now, weights: Weights::default(), counts: Vec::new(), sensitive: Vec::new() };
        let none = Memory::new();
        view::facts(self.persons.get(&format!("person {user}")).unwrap_or(&none), &asked).unwrap()
    }

    pub fn undo(&mut self, user: &str, device: usize, epoch: u32) -> bool {
        let undo = Undo { now: self.now, by: "owner".into(), device: self.devices[device].id.clone(), epoch };
        let Some(sql) = self.persons.get(&format!("person {user}")) else { return false };
        matches!(merge::undo(sql, &undo), Ok(Some(_)))
    }

    /// A server says that who is called `previous` is `user`.
    pub fn alias(&mut self, previous: &str, user: &str) {
        self.now += 1;
        let [person, is] = [previous, user].map(|user| format!("person {user}"));
        let sql = self.persons.entry(person.clone()).or_insert_with(Memory::new);
        sql.fail_in.set(None);
        let who = Some(noren_wire::inner::AliasWho { person, is, shards: 4 });
        let (site, previous, user) = ("demo".into(), previous.into(), user.into());
        let owed = Owed::Alias { site, device: String::new(), anonymous: false, previous, user, at: self.now, who };
        let delivery = Delivery { from: "intake".into(), n: self.now as u64, owed };
        for _ in 0..2 {
            merge::receive(sql, &delivery).unwrap();
        }
    }

    pub fn undo_alias(&mut self, user: &str) -> bool {
        let Some(sql) = self.persons.get(&format!("person {user}")) else { return false };
        sql.fail_in.set(None);
        person::alias::undo(sql, self.now, "owner").unwrap().is_some()
    }

    pub fn erase(&mut self, user: &str) -> Option<noren_wire::inner::Erased> {
        let sql = self.persons.get(&format!("person {user}"))?;
        sql.fail_in.set(None);
        person::erase::erase(sql, self.now).unwrap()
    }

    /// Let go what is old, and give back what is empty. Call when everything owed was delivered.
    pub fn sweep(&mut self) {
        for own in &mut self.devices {
            let Some(doc) = own.doc.clone() else { continue };
            own.doc = Some(device::keep::sweep(&own.sql, &doc, self.now).unwrap());
        }
        for sql in self.persons.values() {
            person::keep::sweep(sql, self.now).unwrap();
        }
        self.settle();
        for own in &mut self.devices {
            if own.doc.as_ref().is_some_and(|doc| doc.ended) {
                (own.sql, own.doc) = (Memory::new(), None);
            }
        }
        let now = self.now;
        self.persons.retain(|_, sql| !person::keep::sweep(sql, now).unwrap());
    }

    /// What devices, each by itself, and persons have contributed: a recount.
    pub fn recount(&self) -> Counters {
        let mut all = Counters::new();
        for device in &self.devices {
            if let Some(doc) = &device.doc {
                let stored = device::events(&device.sql).unwrap();
                all = sum(&all, &device::count::contributed(doc, &stored), 1.0);
            }
        }
        for sql in self.persons.values() {
            all = sum(&all, &merge::contributed(sql).unwrap(), 1.0);
        }
        all
    }

    /// What all claims on orders are corrected by, read off what devices and persons know now.
    pub fn rulings(&self) -> Counters {
        let mut orders: BTreeMap<Box<str>, BTreeMap<String, Claim>> = BTreeMap::new();
        let mut note = |name: String, claims: Claims| {
            for (id, claim) in claims {
                orders.entry(id).or_default().insert(name.clone(), claim);
            }
        };
        for device in &self.devices {
            for (epoch, claims) in device.doc.iter().flat_map(device::count::claims) {
                note(crate::orders::holder(&device.id, Some(epoch)), claims);
            }
        }
        for (name, sql) in &self.persons {
            note(name.clone(), merge::claims(sql).unwrap());
        }
        orders.values().fold(Counters::new(), |all, claims| sum(&all, &ruling(claims), 1.0))
    }

    /// The site's totals as its shard has them.
    pub fn counters(&self) -> Counters {
        let rows = self.shard.exec("SELECT * FROM counter", &[]).unwrap();
        let rows = rows.iter().map(|row| counter_of(&crate::shard::recount::row_of(row)));
        sum(&Counters::new(), &rows.collect(), 1.0)
    }

    pub fn hold_coupon(&mut self, device: usize, code: &str) {
        use noren_wire::coupon::{CouponAnswer, Terms};
        let own = &mut self.devices[device];
        let claim = noren_wire::inner::DeviceClaim {
            now: self.now,
            site: "demo".into(),
            shards: 4,
            device: own.id.clone(),
            campaign: "c".into(),
            pool: "p".into(),
            ..Default::default()
        };
        let expires = self.now + Duration::days(7).0;
        let answer = CouponAnswer::Held { ok: true, code: code.into(), expires, terms: Terms::default() };
        own.doc = device::coupon::remember(&own.sql, own.doc.as_ref(), &claim, &answer).unwrap();
    }
}

/// Facts without what differs between two tellings of the same: marks, and the order of coupons.
pub fn told(mut facts: Facts) -> Facts {
    facts.marks.clear();
    facts.coupons.sort_by(|a: &HeldCoupon, b| a.code.cmp(&b.code));
    facts
}

pub fn is_person(world: &World, user: &str) -> bool {
    world.persons.get(&format!("person {user}")).is_some_and(|sql| !person::profile(sql).unwrap().parts.is_empty())
}
