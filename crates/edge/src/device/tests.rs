use std::collections::BTreeMap;

use noren_event::Duration;
use noren_program::{Campaign, Goal, Node, Occurs, Program, Surface};
use noren_wire::admin::Weights;
use noren_wire::bounds::*;
use noren_wire::error::Code;
use noren_wire::inner::Owed;
use noren_wire::stored::{CounterRow, DeviceDoc, Keep};
use noren_wire::sync::{StreamBatch, SyncRequest, WireEvent};
use serde_json::{Value as Json, json};

use super::sync::{Surroundings, apply, apply_known, check, is_fresh, is_passing};
use super::*;
use crate::goals::Goals;
use crate::memory::Memory;
use crate::outbox;
use crate::proof::Proofs;

pub(super) const NOW: i64 = 1_760_000_000_000;
pub(super) const DEVICE: &str = "AAAAAAAAAAAAAAAAAAAAAA";

pub(super) fn stream_id(n: usize) -> String {
    format!("{n:0>22}")
}

pub(super) fn event(n: u64, at: i64, name: &str, props: Json) -> WireEvent {
    WireEvent { n, at, name: name.into(), props }
}

pub(super) fn request(streams: Vec<StreamBatch>) -> SyncRequest {
    SyncRequest {
        v: 1,
        site: "demo".into(),
        device: DEVICE.into(),
        key: "K".repeat(KEY_CHARS),
        consent: None,
        epoch: 0,
        generation: 0,
        sent_at: NOW,
        program: String::new(),
        facts: true,
        fresh: false,
        raw: false,
        hidden: false,
        streams,
    }
}

pub(super) fn batch(id: usize, from: u64, events: Vec<WireEvent>) -> StreamBatch {
    StreamBatch { id: stream_id(id), from, done: false, events }
}

/// A program with one campaign whose goal is a purchase within an hour.
fn goals() -> Goals {
    let occurs = Occurs { event: "purchase".into(), cond: None };
    let goal = Goal { of: occurs, within: Duration::hours(1), value: "value".into() };
    let campaign = Campaign {
        id: "c".into(),
        phase: 1,
        fingerprint: 0,
        priority: 0,
        surface: Surface::Modal,
        consent: "".into(),
        schedule: None,
        audience: None,
        trigger: Node::All(vec![]),
        leaves: vec![],
        cancel: vec![],
        delay: Duration::ZERO,
        wait: Duration::ZERO,
        places: Vec::new(),
        group: 0,
        caps: Default::default(),
        control_bps: 0,
        seed: "c".into(),
        variants: vec![],
        goal: Some(goal),
    };
    let packed = Goals::of(Program { campaigns: vec![campaign], ..Program::default() }).pack();
    Goals::unpack(&packed).unwrap()
}

pub(super) struct Object {
    pub(super) sql: Memory,
    pub(super) doc: Option<DeviceDoc>,
    pub(super) now: i64,
    goals: Goals,
    pub(super) counts: Vec<Box<str>>,
    /// Stands for the goals' digest: another one means other goals.
    pub(super) mark: String,
    pub(super) proofs: Proofs,
    /// Traits the site names.
    pub(super) sensitive: Vec<String>,
}

impl Object {
    pub(super) fn new() -> Object {
        Object {
            sql: Memory::new(),
            doc: None,
            now: NOW,
            goals: goals(),
            counts: Vec::new(),
            mark: "c".into(),
            proofs: Proofs::default(),
            sensitive: Vec::new(),
        }
    }

    pub(super) fn sync(&mut self, request: &SyncRequest) -> crate::Result<noren_wire::sync::SyncAnswer> {
        Ok(self.synced(request, None)?.answer)
    }

    /// With the site's cookie, where it names another device than the request does.
    pub(super) fn synced(
        &mut self,
        request: &SyncRequest,
        cookie: Option<(String, String)>,
    ) -> crate::Result<noren_wire::inner::DeviceSynced> {
        check(request)?;
        let at = Surroundings {
            now: self.now,
            program: "p",
            shards: 4,
            weights: &Weights::default(),
            counts: &self.counts,
            goals: &self.goals,
            goals_mark: &self.mark,
            holds: &|_, _| true,
            proofs: &self.proofs,
            keep: Keep::default(),
            sensitive: &self.sensitive,
            person_id: &|user| format!("person of {user}"),
            also: None,
        };
        let applied = match cookie {
            Some(cookie) => apply_known(&self.sql, self.doc.as_ref(), request, cookie, &at),
            None => apply(&self.sql, self.doc.as_ref(), request, &at),
        }?;
        self.doc = applied.doc;
        Ok(applied.synced)
    }

    pub(super) fn restart(&mut self) {
        self.doc = load(&self.sql).unwrap();
    }

    /// Everything that is owed.
    fn owed(&self) -> Vec<outbox::Due> {
        let mut owed = outbox::due(&self.sql).unwrap();
        owed.extend(join::due(&self.sql, self.doc.as_ref().unwrap()).unwrap());
        owed
    }

    /// All counters reported so far, added up.
    fn totals(&self) -> BTreeMap<(String, u8), [f64; 7]> {
        let mut totals: BTreeMap<(String, u8), [f64; 7]> = BTreeMap::new();
        for due in outbox::due(&self.sql).unwrap() {
            let Owed::Counters { rows } = due.owed else { continue };
            for CounterRow { campaign, arm, numbers, .. } in rows {
                let sum = totals.entry((campaign, arm)).or_default();
                sum.iter_mut().zip(numbers).for_each(|(a, b)| *a += b);
            }
        }
        totals.retain(|_, sum| sum.iter().any(|n| *n != 0.0));
        totals
    }
}

#[test]
fn the_first_sync_binds_stores_and_acknowledges() {
    let mut object = Object::new();
    let events = vec![event(0, NOW - 10, "page_view", json!({"page_path":"/"})), event(1, NOW, "scroll", Json::Null)];
    let answer = object.sync(&request(vec![batch(1, 0, events)])).unwrap();
    assert_eq!(answer.acks[0].next, 2);
    let facts = answer.facts.unwrap();
    assert_eq!((facts.visits, facts.first_seen, facts.marks[&stream_id(1)]), (1, Some(NOW - 10), 2));
    assert_eq!(facts.counted_until, Some(NOW));
    object.restart();
    assert_eq!(super::events(&object.sql).unwrap().len(), 2);
    assert_eq!(object.doc.as_ref().unwrap().device, DEVICE);
}

#[test]
fn a_repeated_sync_changes_no_row() {
    let mut object = Object::new();
    let body = request(vec![batch(1, 0, vec![event(0, NOW, "page_view", Json::Null)])]);
    let first = object.sync(&body).unwrap();
    let before = object.sql.changes();
    let second = object.sync(&body).unwrap();
    assert_eq!((second.acks, object.sql.changes()), (first.acks, before));
}

#[test]
fn another_key_cannot_use_the_object_under_another_id() {
    let mut object = Object::new();
    object.sync(&request(vec![])).unwrap();
    object.sync(&request(vec![batch(1, 0, vec![event(0, NOW, "x", Json::Null)])])).unwrap();
    let forged = SyncRequest { device: "B".repeat(DEVICE_CHARS), ..request(vec![]) };
    assert_eq!(object.sync(&forged), Err(Code::KeyMismatch.into()));
}

#[test]
fn an_erased_device_is_told_to_start_over_and_nothing_is_stored() {
    let mut object = Object::new();
    object.sync(&request(vec![batch(1, 0, vec![event(0, NOW, "x", Json::Null)])])).unwrap();
    object.doc.as_mut().unwrap().generation = 2;
    let before = object.sql.changes();
    let answer = object.sync(&request(vec![batch(1, 1, vec![event(1, NOW, "x", Json::Null)])])).unwrap();
    assert!(answer.reset && answer.generation == 2 && answer.acks.is_empty());
    assert_eq!(object.sql.changes(), before);
}

#[test]
fn clocks_that_are_off_are_corrected_and_impossible_times_refused() {
    let mut object = Object::new();
    let year = 365 * 86_400_000;
    let mut body = request(vec![batch(1, 0, vec![event(0, NOW - year - 5_000, "x", Json::Null)])]);
    body.sent_at = NOW - year;
    let answer = Object::new().sync(&SyncRequest { facts: true, ..body.clone() }).unwrap();
    assert_eq!(answer.facts.unwrap().counted_until, Some(NOW), "by the corrected clock, as its events");
    object.sync(&body).unwrap();
    let stored = super::events(&object.sql).unwrap();
    assert_eq!((stored[0].at, stored[0].device_at), (NOW - 5_000, Some(NOW - year - 5_000)));
    let edge = [
        NOW - EVENT_AGE_MAX_MS - 1,
        NOW - EVENT_AGE_MAX_MS,
        NOW + EVENT_AHEAD_MAX_MS,
        NOW + EVENT_AHEAD_MAX_MS + 1,
        i64::MIN,
        i64::MAX,
    ];
    let events = edge.iter().enumerate().map(|(i, at)| event(i as u64 + 1, *at, "x", Json::Null)).collect();
    let answer = object.sync(&request(vec![batch(1, 1, events)])).unwrap();
    assert_eq!(answer.acks[0].next, 7, "what is refused is not asked for again");
    assert_eq!((super::events(&object.sql).unwrap().len(), object.doc.as_ref().unwrap().refused), (3, 4));
}

#[test]
fn a_conversion_reported_late_corrects_the_totals() {
    let mut object = Object::new();
    let exposure =
        |n, at, arm: &str| event(n, at, "noren_exposure", json!({"campaign":"c","variant":"a","arm":arm,"phase":1}));
    let order = |n, at| event(n, at, "purchase", json!({"transaction_id":"T","value":1000}));
    let key = ("c".to_string(), 0);
    // The order arrives before the exposure that led to it.
    object.sync(&request(vec![batch(2, 0, vec![order(0, NOW - 1_000)])])).unwrap();
    assert_eq!(object.totals(), BTreeMap::new());
    object.sync(&request(vec![batch(1, 0, vec![exposure(0, NOW - 60_000, "treated")])])).unwrap();
    assert_eq!(object.totals()[&key], [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1000.0]);
    // A reloaded thank-you page adds nothing.
    object.sync(&request(vec![batch(3, 0, vec![order(0, NOW)])])).unwrap();
    assert_eq!(object.totals()[&key], [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1000.0]);
    // An earlier exposure in control, out of a tab that was offline, moves visitor and conversion over.
    object.sync(&request(vec![batch(4, 0, vec![exposure(0, NOW - 90_000, "control")])])).unwrap();
    assert_eq!(object.totals()[&key], [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(object.totals()[&("c".to_string(), 1)], [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1000.0]);
    let facts = object.sync(&request(vec![])).unwrap().facts.unwrap();
    assert_eq!((facts.caps["c"].shown, facts.caps["c"].converted), (2, 1));
    // A stopped campaign keeps what it earned.
    (object.goals, object.mark) = (Goals::default(), String::new());
    object.sync(&request(vec![batch(5, 0, vec![exposure(0, NOW, "control")])])).unwrap();
    assert_eq!(object.totals()[&("c".to_string(), 1)], [2.0, 1.0, 0.0, 0.0, 0.0, 1.0, 1000.0]);
}

#[test]
fn an_identified_part_goes_to_the_person_and_only_when_it_grew() {
    let mut object = Object::new();
    object.sync(&request(vec![batch(1, 0, vec![event(0, NOW, "page_view", Json::Null)])])).unwrap();
    assert!(object.owed().is_empty());
    let body =
        request(vec![batch(1, 1, vec![event(1, NOW, "identify", json!({"user_id":"u1","traits":{"name":"花"}}))])]);
    let facts = object.sync(&body).unwrap().facts.unwrap();
    assert_eq!(facts.traits["name"], "花");
    object.sync(&body).unwrap();
    let due = object.owed();
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].to.kind.as_str(), due[0].to.id.as_str()), ("person", "person of u1"));
    assert!(matches!(&due[0].owed, Owed::Part { epoch: 0, part, .. } if part.events == 2));
}

#[test]
fn after_logout_the_facts_are_somebody_elses() {
    let mut object = Object::new();
    object
        .sync(&request(vec![batch(1, 0, vec![event(0, NOW, "purchase", json!({"transaction_id":"T","value":5}))])]))
        .unwrap();
    let next = SyncRequest { epoch: 1, ..request(vec![batch(1, 1, vec![event(1, NOW, "page_view", Json::Null)])]) };
    let facts = object.sync(&next).unwrap().facts.unwrap();
    assert_eq!((facts.purchases, facts.visits), (0, 1));
    // What was queued before the logout still belongs to the epoch before.
    let late = request(vec![batch(2, 0, vec![event(0, NOW, "page_view", Json::Null)])]);
    assert_eq!(object.sync(&late).unwrap().facts.unwrap().purchases, 1);
}

#[test]
fn two_rows_for_six_events_and_few_bytes_for_fifty() {
    let mut object = Object::new();
    let page = |s: usize| {
        let mut events = vec![event(
            0,
            NOW,
            "page_view",
            json!({"page_location":"https://shop.example/product/1","page_title":"Tea"}),
        )];
        events.extend((1..6).map(|n| event(n, NOW + n as i64, "scroll", json!({"percent_scrolled":25}))));
        request(vec![batch(s, 0, events)])
    };
    object.sync(&page(0)).unwrap();
    let before = object.sql.changes();
    object.sync(&page(1)).unwrap();
    assert_eq!(object.sql.changes() - before, 2, "a chunk and the state");
    (2..9).for_each(|s| {
        object.sync(&page(s)).unwrap();
    });
    let pages = object.sql.exec("PRAGMA page_count", &[]).unwrap()[0].int(0);
    let size = object.sql.exec("PRAGMA page_size", &[]).unwrap()[0].int(0);
    assert!(pages * size <= 24 * 1024, "{} bytes for 54 events", pages * size);
}

#[test]
fn a_failure_at_any_statement_stores_and_acknowledges_nothing() {
    let exposure = json!({"campaign":"c","variant":"a","arm":"treated","phase":1});
    let events = vec![event(0, NOW, "identify", json!({"user_id":"u"})), event(1, NOW, "noren_exposure", exposure)];
    let body = request(vec![batch(1, 0, events)]);
    for at in 0..20 {
        let mut object = Object::new();
        object.sql.fail_in.set(Some(at));
        let failed = object.sync(&body).is_err();
        object.sql.fail_in.set(None);
        object.restart();
        assert_eq!(super::events(&object.sql).unwrap().len(), if failed { 0 } else { 2 }, "statement {at}");
        assert_eq!(object.sync(&body).unwrap().acks[0].next, 2);
        assert_eq!(super::events(&object.sql).unwrap().len(), 2);
        assert_eq!(object.owed().len(), 2, "statement {at}");
    }
}

/// Whatever is lost, repeated, split and reordered between agent and edge: each event is applied once.
#[test]
fn any_delivery_of_a_log_stores_each_event_once() {
    for seed in 0..150u64 {
        let mut state = seed;
        let mut random = |n: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % n
        };
        let log: Vec<Vec<WireEvent>> = (0..3)
            .map(|s| {
                (0..6 + s)
                    .map(|n| match (n + s) % 5 {
                        0 => event(
                            n,
                            NOW - (n * 777) as i64,
                            "noren_exposure",
                            json!({"campaign":"c","variant":"a","arm":"treated","phase":n % 2}),
                        ),
                        1 => event(
                            n,
                            NOW - (n * 555) as i64,
                            "purchase",
                            json!({"transaction_id":format!("T{s}"),"value":10}),
                        ),
                        _ => event(n, NOW - (n * 333) as i64, "page_view", Json::Null),
                    })
                    .collect()
            })
            .collect();
        let whole: Vec<StreamBatch> = log.iter().enumerate().map(|(s, e)| batch(s, 0, e.clone())).collect();
        let mut straight = Object::new();
        straight.sync(&request(whole.clone())).unwrap();

        let mut object = Object::new();
        for _ in 0..random(25) {
            let s = random(3) as usize;
            let from = random(log[s].len() as u64) as usize;
            let upto = from + random((log[s].len() - from) as u64 + 1) as usize;
            let mut events = log[s][from..upto].to_vec();
            if random(2) == 0 {
                events.reverse();
            }
            object.now += random(10_000) as i64;
            let body = SyncRequest { sent_at: object.now, ..request(vec![batch(s, 0, events)]) };
            object.sync(&body).unwrap();
            if random(6) == 0 {
                object.restart();
            }
        }
        let answer = object.sync(&SyncRequest { sent_at: object.now, ..request(whole) }).unwrap();
        assert_eq!(answer.acks.iter().map(|a| a.next).collect::<Vec<_>>(), [6, 7, 8], "seed {seed}");
        let mut stored: Vec<(String, u64)> =
            super::events(&object.sql).unwrap().into_iter().map(|e| (e.stream, e.n)).collect();
        stored.sort();
        let mut expected: Vec<(String, u64)> =
            log.iter().enumerate().flat_map(|(s, e)| e.iter().map(move |e| (stream_id(s), e.n))).collect();
        expected.sort();
        assert_eq!(stored, expected, "seed {seed}");
        assert_eq!(object.totals(), straight.totals(), "seed {seed}");
        let (a, b) = (object.doc.unwrap(), straight.doc.unwrap());
        assert_eq!((a.parts, a.settled), (b.parts, b.settled), "seed {seed}");
    }
}

/// A page may say anything about itself: its state row must stay far under the 2 MB a row can hold, or it could never sync again.
#[test]
fn nothing_a_page_says_makes_its_state_outgrow_a_row() {
    let mut object = Object::new();
    for round in 0..60u32 {
        let mut events = Vec::new();
        for i in 0..80u64 {
            let (n, word) = (i, format!("{round}-{i}"));
            events.push(match i % 5 {
                0 => event(n, NOW, "noren_exposure", json!({"campaign":word,"variant":word,"arm":"treated","phase":i})),
                1 => event(n, NOW, "noren_close", json!({"campaign":"x".repeat(5_000),"variant":word})),
                2 => event(
                    n,
                    NOW,
                    "identify",
                    json!({"user_id":word,"traits":{word.clone():"t".repeat(900),"big":"t".repeat(2_000)}}),
                ),
                3 => event(n, NOW, "purchase", json!({"transaction_id":word.repeat(20),"value":1})),
                _ => event(n, NOW, "purchase", json!({"value":f64::from(round) * 1_000.0 + i as f64})),
            });
        }
        events.push(event(80, NOW, "page_view", json!({"page_title":"x".repeat(EVENT_MAX_BYTES)})));
        let body = SyncRequest { epoch: round / 2, ..request(vec![batch(round as usize, 0, events)]) };
        assert_eq!(object.sync(&body).unwrap().acks[0].next, 81);
    }
    let state = object.sql.exec("SELECT body FROM state", &[]).unwrap()[0].text(0).len();
    assert!(state < 1_500_000, "{state} bytes of state");
    assert_eq!(object.doc.as_ref().unwrap().refused, 60, "too large events are passed over");
    object.restart();
    assert_eq!(object.sync(&request(vec![])).unwrap().acks.len(), 0);
}

#[test]
fn forgotten_streams_cannot_be_counted_again() {
    let mut object = Object::new();
    for s in 0..STREAMS_KEPT_MAX + 50 {
        object.now += 1_000;
        let mut body = request(vec![batch(s, 0, vec![event(0, object.now, "page_view", Json::Null)])]);
        body.sent_at = object.now;
        object.sync(&body).unwrap();
    }
    assert_eq!(object.doc.as_ref().unwrap().streams.len(), STREAMS_KEPT_MAX);
    let before = super::events(&object.sql).unwrap().len();
    let mut again = request(vec![batch(3, 0, vec![event(0, NOW + 4_000, "page_view", Json::Null)])]);
    again.sent_at = object.now;
    assert_eq!(object.sync(&again).unwrap().acks[0].next, 1);
    assert_eq!(super::events(&object.sql).unwrap().len(), before);
}

#[test]
fn what_types_cannot_say_is_checked_with_the_field_named() {
    let one = |change: &dyn Fn(&mut SyncRequest)| {
        let mut body = request(vec![batch(1, 0, vec![event(0, NOW, "x", Json::Null)])]);
        change(&mut body);
        check(&body).unwrap_err()
    };
    let path = |change: &dyn Fn(&mut SyncRequest)| one(change).path.unwrap();
    assert_eq!(one(&|b| b.v = 0).code, Code::TooOld);
    assert_eq!(path(&|b| b.device = "short".into()), "device");
    assert_eq!(path(&|b| b.key = "é".repeat(22)), "key");
    assert_eq!(path(&|b| b.streams[0].id = String::new()), "streams[0].id");
    assert_eq!(path(&|b| b.streams[0].events[0].name = String::new()), "streams[0].events[0].name");
    assert_eq!(path(&|b| b.streams[0].events[0].name = "あ".repeat(101)), "streams[0].events[0].name");
    assert_eq!(path(&|b| b.streams[0].events[0].props = json!([1])), "streams[0].events[0].props");
    assert_eq!(path(&|b| b.streams[0].events[0].n = 1 << 53), "streams[0].events[0].n");
    assert_eq!(path(&|b| b.streams = vec![b.streams[0].clone(); 257]), "streams");
}

#[test]
fn only_page_views_are_fresh() {
    let view = request(vec![batch(1, 0, vec![event(0, NOW, "page_view", Json::Null)])]);
    let more =
        request(vec![batch(1, 0, vec![event(0, NOW, "page_view", Json::Null), event(1, NOW, "scroll", Json::Null)])]);
    assert!(is_fresh(&SyncRequest { fresh: true, ..view.clone() }));
    assert!(!is_fresh(&view));
    assert!(!is_fresh(&SyncRequest { fresh: true, ..more.clone() }));
    let twice = request(vec![batch(1, 0, view.streams[0].events.clone()), batch(2, 0, view.streams[0].events.clone())]);
    assert!(!is_fresh(&SyncRequest { fresh: true, ..twice }), "a second page is something");
    let raw = |body: &SyncRequest| SyncRequest { raw: true, ..body.clone() };
    let somebody = fresh("demo", DEVICE, NOW);
    assert!(is_passing(None, &raw(&view)));
    assert!(!is_passing(None, &view) && !is_passing(None, &raw(&more)) && !is_passing(Some(&somebody), &raw(&view)));
}

#[test]
fn a_control_visitor_claims_no_coupon() {
    use super::coupon::{may_claim, remember};
    use noren_wire::coupon::{CouponAnswer, Terms};
    use noren_wire::inner::DeviceClaim;
    let claim = DeviceClaim {
        now: NOW,
        site: "demo".into(),
        shards: 4,
        device: DEVICE.into(),
        campaign: "c".into(),
        pool: "p".into(),
        ..DeviceClaim::default()
    };
    let offer = crate::offer::testing::offer("c", 1);
    let terms = crate::offer::testing::terms(&offer);
    let may = |object: &Object, claim: &DeviceClaim| may_claim(&object.sql, object.doc.as_ref(), claim, &terms);
    let mut object = Object::new();
    assert_eq!(may(&object, &claim), Ok(None), "nobody was shown anything");
    let exposure = |n: u64, arm: &str, phase: u32| {
        event(n, NOW, "noren_exposure", json!({"campaign":"c","variant":"a","arm":arm,"phase":phase}))
    };
    object.sync(&request(vec![batch(1, 0, vec![exposure(0, "control", 1)])])).unwrap();
    assert_eq!(may(&object, &claim), Ok(None));
    object.sync(&request(vec![batch(1, 0, vec![exposure(1, "treated", 0)])])).unwrap();
    assert_eq!(may(&object, &claim), Ok(None), "what they are in now is what counts");
    let mut object = Object::new();
    object.sync(&request(vec![batch(1, 0, vec![exposure(0, "treated", 1)])])).unwrap();
    assert_eq!(may(&object, &claim).unwrap().as_deref(), Some(DEVICE));
    assert_eq!(may(&object, &DeviceClaim { campaign: "other".into(), ..claim.clone() }), Ok(None));
    let forged = DeviceClaim { device: "B".repeat(22), ..claim.clone() };
    assert_eq!(may(&object, &forged), Err(Code::KeyMismatch.into()));

    let answer = CouponAnswer::Held { ok: true, code: "TEA-1".into(), expires: NOW + 9, terms: Terms::default() };
    object.doc = remember(&object.sql, object.doc.as_ref(), &claim, &answer).unwrap();
    object.restart();
    let facts = object.sync(&request(vec![])).unwrap().facts.unwrap();
    assert_eq!((facts.coupons.len(), facts.coupons[0].code.as_str()), (1, "TEA-1"));
    object.now = NOW + 9;
    let facts = object.sync(&request(vec![])).unwrap().facts.unwrap();
    assert_eq!(facts.coupons, [], "a lapsed one is not held");
}

/// What code of the first schema wrote, found by this code: the same visitor, nothing counted again, the person told again.
#[test]
fn state_of_the_first_schema_is_read_and_nothing_is_counted_again() {
    for at in 0..12 {
        let mut object = Object::new();
        object.sql.run(include_str!("../../fixtures/device-1.sql"));
        let reported = object.totals();
        object.sql.fail_in.set(Some(at));
        let _ = load(&object.sql);
        object.sql.fail_in.set(None);
        object.restart();
        object.counts = vec!["view_item".into()];
        let answer = object.sync(&SyncRequest { epoch: 0, ..request(vec![batch(1, 0, vec![])]) }).unwrap();
        let facts = answer.facts.unwrap();
        assert_eq!((facts.purchases, facts.visits, answer.acks[0].next), (1, 1, 6));
        assert_eq!((facts.caps["c"].shown, facts.caps["c"].converted), (1, 1));
        assert_eq!((&facts.traits["name"], facts.first_touch.unwrap().source.as_deref()), (&json!("花"), Some("mail")));
        assert_eq!(object.totals(), reported, "statement {at}");
        let later = SyncRequest { epoch: 1, ..request(vec![batch(2, 3, vec![])]) };
        let facts = object.sync(&later).unwrap().facts.unwrap();
        assert_eq!((facts.purchases, facts.coupons[0].code.as_str()), (1, "TEA-1"));
        // A second order of the first epoch converts nobody a second time; one more exposure is one more.
        let exposure = json!({"campaign":"c","variant":"a","arm":"treated","phase":1});
        let more = vec![
            event(6, NOW - 5_850_000, "purchase", json!({"transaction_id":"T-2","value":5})),
            event(8, NOW, "noren_exposure", exposure),
        ];
        object.sync(&request(vec![batch(1, 0, more)])).unwrap();
        let totals = object.totals();
        let [shown, visitors, .., converted, value] = totals[&("c".to_string(), 0)];
        assert_eq!((shown, visitors, converted, value), (3.0, 1.0, 1.0, 1_205.0));
        let due = object.owed();
        assert!(due.iter().any(|d| matches!(&d.owed, Owed::Part { part, .. } if part.hits.len() == 2)), "{due:?}");
    }
}

#[test]
fn state_of_a_newer_schema_is_left_alone() {
    let mut object = Object::new();
    object.sync(&request(vec![])).unwrap();
    object.sync(&request(vec![batch(1, 0, vec![event(0, NOW, "x", Json::Null)])])).unwrap();
    object.sql.exec("UPDATE state SET body = json_set(body, '$.schema', 99)", &[]).unwrap();
    let before = object.sql.changes();
    assert!(matches!(load(&object.sql), Err(crate::Failure::Broken(_))));
    assert_eq!(object.sql.changes(), before);
}

/// The visit of tests/worker/budget.test.ts; the runtime adds a page of its own.
#[test]
fn fifty_events_of_a_shop_fit_their_pages() {
    let mut object = Object::new();
    for s in 0..9usize {
        object.now += 60_000;
        let view = json!({
            "page_location": format!("https://shop.example/products/sencha-{s}?utm_source=newsletter&utm_medium=mail"),
            "page_path": format!("/products/sencha-{s}"),
            "page_title": format!("Sencha no. {s} - The Tea Shop"),
        });
        let item = json!({"items":[{"item_id":format!("t-{s}"),"item_category":"tea","price":1200}],"value":1200});
        let click = json!({"link_url":format!("https://shop.example/cart?add={s}"),"link_text":"Add to cart"});
        let now = object.now;
        let mut events = vec![event(0, now, "page_view", view), event(1, now, "view_item", item)];
        events.extend((2..5).map(|n| event(n, now, "scroll", json!({"percent_scrolled":25 * n}))));
        events.push(event(5, now, "click", click));
        for upto in [1, 6] {
            let body = request(vec![batch(s, 0, events[..upto].to_vec())]);
            object.sync(&SyncRequest { sent_at: now, ..body }).unwrap();
        }
    }
    let count = |query: &str| object.sql.exec(query, &[]).unwrap()[0].int(0);
    let pages = count("PRAGMA page_count");
    let sizes = (count("SELECT length(body) FROM state"), count("SELECT SUM(length(body)) FROM chunk"));
    assert!(pages <= 5, "{pages} pages; state and chunks {sizes:?}");
}
