//! Joins and undoings in a world where everything goes wrong that can.

use noren_event::Duration;
use noren_profile::tally::sum;
use noren_program::{Campaign, Goal, Node, Occurs, Program, Surface};
use noren_wire::error::Code;
use noren_wire::sync::{StreamBatch, WireEvent};
use serde_json::{Value as Json, json};

use crate::device::count::Counters;
use crate::goals::Goals;
use crate::sql::Sql;
use crate::world::{NOW, Rng, World, is_person, told};

pub(crate) fn goals() -> Goals {
    let occurs = Occurs { event: "purchase".into(), cond: None };
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
        goal: Some(Goal { of: occurs, within: Duration::hours(1), value: "value".into() }),
    };
    Goals::unpack(&Goals::of(Program { campaigns: vec![campaign], ..Program::default() }).pack()).unwrap()
}

pub(crate) fn event(n: u64, at: i64, name: &str, props: Json) -> WireEvent {
    WireEvent { n, at, name: name.into(), props }
}

pub(crate) fn exposure(n: u64, at: i64, variant: &str, arm: &str) -> WireEvent {
    event(n, at, "noren_exposure", json!({"campaign":"c","variant":variant,"arm":arm,"phase":1}))
}

pub(crate) fn order(n: u64, at: i64, id: &str, value: i64) -> WireEvent {
    event(n, at, "purchase", json!({"transaction_id":id,"value":value}))
}

pub(crate) fn identify(world: &World, n: u64, user: &str, proven: bool, traits: Json) -> WireEvent {
    let proof = if proven { json!(world.proof(user)) } else { Json::Null };
    event(n, world.now, "identify", json!({"user_id":user,"traits":traits,"proof":proof}))
}

pub(crate) fn total(counters: &Counters, arm: &str) -> [f64; 3] {
    counters
        .iter()
        .filter(|(key, _)| key.arm.word() == arm)
        .fold([0.0; 3], |[v, c, w], (_, counts)| [v + counts.visitors, c + counts.converted, w + counts.value])
}

/// One sync of a device in its own stream, all its events so far at once.
pub(crate) fn sync(world: &mut World, device: usize, epoch: u32, events: Vec<WireEvent>) -> noren_wire::sync::Facts {
    let request = world.request(device, epoch, 100 * device + epoch as usize, events);
    world.sync(device, &request).unwrap().facts.unwrap()
}

#[test]
fn without_a_proof_history_goes_up_and_nothing_comes_down() {
    for mode in ["off", "optional"] {
        let mut world = World::new(2, goals(), mode);
        let owner = identify(&world, 0, "u", true, json!({"plan":"gold"}));
        sync(&mut world, 0, 0, vec![owner, order(1, NOW, "T", 900), exposure(2, NOW, "a", "treated")]);
        world.hold_coupon(0, "TEA-1");
        sync(&mut world, 0, 0, vec![event(3, NOW, "page_view", Json::Null)]);
        world.settle();
        let thief = identify(&world, 0, "u", false, json!({"mood":"sly"}));
        sync(&mut world, 1, 0, vec![thief]);
        world.settle();
        let facts = sync(&mut world, 1, 0, vec![event(1, NOW, "page_view", Json::Null)]);
        assert_eq!((facts.purchases, facts.visits, facts.coupons.len(), facts.caps.len()), (0, 1, 0, 0), "{mode}");
        assert_eq!(json!(facts.traits), json!({"mood":"sly"}), "its own word comes back");
        world.settle();
        let person = world.person("u");
        assert_eq!((person.visits, person.purchases, person.coupons[0].code.as_str()), (2, 1, "TEA-1"));
    }
}

#[test]
fn with_a_proof_the_other_devices_come_down() {
    let mut world = World::new(3, goals(), "optional");
    let first = identify(&world, 0, "u", false, json!({"plan":"gold"}));
    sync(&mut world, 0, 0, vec![first, order(1, NOW, "T", 900), exposure(2, NOW, "a", "treated")]);
    world.hold_coupon(0, "TEA-1");
    sync(&mut world, 0, 0, vec![event(3, NOW, "page_view", Json::Null)]);
    world.settle();
    let proven = identify(&world, 0, "u", true, json!({"name":"花"}));
    sync(&mut world, 1, 0, vec![proven, order(1, NOW + 1, "T", 900)]);
    world.settle();
    // Nobody asks for facts, but there is news.
    let quiet = world.request(1, 0, 100, vec![event(2, NOW, "scroll", Json::Null)]);
    let answer = world.sync(1, &noren_wire::sync::SyncRequest { facts: false, ..quiet.clone() }).unwrap();
    let facts = answer.facts.expect("news is told unasked");
    assert_eq!(json!(facts.traits), json!({"plan":"gold","name":"花"}));
    assert_eq!((facts.visits, facts.purchases, facts.lifetime_value), (2, 1, 900.0), "one order, seen by both");
    assert_eq!((facts.caps["c"].shown, facts.caps["c"].converted), (1, 1), "caps are united");
    assert_eq!(facts.coupons[0].code, "TEA-1");
    let claim = noren_wire::inner::DeviceClaim {
        now: NOW,
        site: "demo".into(),
        shards: 4,
        device: world.devices[1].id.clone(),
        campaign: "c".into(),
        pool: "p".into(),
        ..Default::default()
    };
    let own = &world.devices[1];
    let offer = crate::offer::testing::offer("c", 1);
    let terms = crate::offer::testing::terms(&offer);
    let visitor = crate::device::coupon::may_claim(&own.sql, own.doc.as_ref(), &claim, &terms).unwrap();
    assert_eq!(visitor.as_deref(), Some(world.devices[0].id.as_str()), "the same person is given the same code");
    // The same facts again are told once only.
    world.settle();
    let again = noren_wire::sync::SyncRequest { facts: false, ..world.request(1, 0, 100, vec![]) };
    sync(&mut world, 1, 0, vec![event(3, NOW, "scroll", Json::Null)]);
    assert_eq!(world.sync(1, &again).unwrap().facts, None);
    // A logout leaves all of it behind.
    let facts = sync(&mut world, 1, 1, vec![event(0, NOW, "page_view", Json::Null)]);
    assert_eq!((facts.visits, facts.purchases, facts.traits.len(), facts.coupons.len()), (1, 0, 0, 0));
    // Taking the setting back hides it at once.
    world.proofs = Default::default();
    assert_eq!(sync(&mut world, 1, 0, vec![]).purchases, 1, "its own report of the order");
    assert_eq!(sync(&mut world, 1, 0, vec![]).traits.len(), 1);
}

#[test]
fn where_a_proof_is_mandatory_nobody_joins_without_one() {
    let mut world = World::new(1, goals(), "mandatory");
    let unproven = identify(&world, 0, "u", false, json!({"a":1}));
    let facts = sync(&mut world, 0, 0, vec![unproven]);
    assert_eq!(json!(facts.traits), json!({"a":1}));
    world.settle();
    assert!(!is_person(&world, "u"));
    // Another name, proven: the whole epoch is theirs, whoever was named before.
    let proven = identify(&world, 1, "v", true, Json::Null);
    sync(&mut world, 0, 0, vec![proven]);
    world.settle();
    assert!(is_person(&world, "v") && !is_person(&world, "u"));
    assert_eq!(world.person("v").traits.len(), 1);
}

#[test]
fn a_forged_proof_is_refused_and_nothing_of_its_request_is_stored() {
    let mut world = World::new(1, goals(), "optional");
    for proof in [json!("1.2"), json!(7), json!({"a":1}), json!(world.proof("somebody else"))] {
        let forged = event(1, NOW, "identify", json!({"user_id":"u","proof":proof}));
        let request = world.request(0, 0, 1, vec![event(0, NOW, "page_view", Json::Null), forged]);
        let failure = world.sync(0, &request).unwrap_err().problem();
        assert_eq!(
            (failure.code, failure.path.as_deref()),
            (Code::ProofInvalid, Some("streams[0].events[1].props.proof"))
        );
        assert_eq!(world.devices[0].sql.changes(), 0);
    }
    // What is stored of a good one can prove nothing to anybody.
    let good = identify(&world, 0, "u", true, Json::Null);
    sync(&mut world, 0, 0, vec![good]);
    let stored = crate::device::events(&world.devices[0].sql).unwrap();
    assert_eq!(stored[0].props, json!({"user_id":"u","traits":null,"proven":true}));
    let claimed = event(1, NOW, "identify", json!({"user_id":"u","proven":true}));
    sync(&mut world, 0, 1, vec![claimed]);
    assert_eq!(crate::device::events(&world.devices[0].sql).unwrap()[1].props, json!({"user_id":"u"}));
}

#[test]
fn a_person_who_met_two_variants_is_counted_once_and_apart() {
    let mut world = World::new(2, goals(), "off");
    for (device, variant) in [(0, "a"), (1, "b")] {
        let who = identify(&world, 0, "u", false, Json::Null);
        sync(
            &mut world,
            device,
            0,
            vec![who, exposure(1, NOW + device as i64, variant, "treated"), order(2, NOW + 10, "T", 5)],
        );
    }
    world.settle();
    assert_eq!(total(&world.totals, "treated"), [0.0, 0.0, 0.0]);
    assert_eq!(total(&world.totals, "mixed"), [1.0, 1.0, 5.0]);
    assert!(world.undo("u", 1, 0));
    world.settle();
    assert_eq!(total(&world.totals, "treated"), [2.0, 2.0, 10.0]);
    assert_eq!(total(&world.totals, "mixed"), [0.0, 0.0, 0.0]);
}

#[test]
fn who_is_named_earlier_by_a_late_event_gets_the_whole_part() {
    let mut world = World::new(1, goals(), "off");
    let late = identify(&world, 0, "first", false, Json::Null);
    world.now += 1_000;
    let early = identify(&world, 1, "second", false, Json::Null);
    sync(&mut world, 0, 0, vec![early, order(2, NOW, "T", 5)]);
    world.settle();
    assert_eq!(world.person("second").purchases, 1);
    sync(&mut world, 0, 0, vec![late]);
    world.settle();
    assert_eq!((world.person("second").purchases, world.person("first").purchases), (0, 1));
    assert!(!is_person(&world, "second"));
}

#[test]
fn words_that_are_nobody_join_nobody() {
    let mut world = World::new(1, goals(), "off");
    for (epoch, word) in
        ["", " ", "undefined", "NULL", "[object Object]", "guest", &"x".repeat(257)].into_iter().enumerate()
    {
        let who = identify(&world, 0, word, false, json!({"a":1}));
        let facts = sync(&mut world, 0, epoch as u32, vec![who]);
        assert_eq!(facts.traits.len(), 1, "the traits are the device's own");
    }
    world.settle();
    assert!(world.persons.is_empty());
}

/// A random life of some devices, cut into syncs that a network spoils.
pub(crate) struct Life {
    pub(crate) rng: Rng,
    pub(crate) logs: Vec<Vec<Vec<WireEvent>>>,
}

pub(crate) const USERS: [&str; 2] = ["u", "v"];

impl Life {
    /// Per device and epoch the events of one stream.
    pub(crate) fn new(seed: u64, devices: usize, world: &World) -> Life {
        let mut rng = Rng(seed);
        let mut logs = Vec::new();
        for device in 0..devices {
            let mut epochs = Vec::new();
            for epoch in 0..2u64 {
                let count = 4 + rng.below(6);
                // Some are named twice, and not always the same.
                let named = [rng.below(count), rng.below(count)];
                let events = (0..count)
                    .map(|n| {
                        let at = NOW + (epoch * 3_600_000 + rng.below(3_000_000)) as i64;
                        match (named.contains(&n), rng.below(5)) {
                            (true, _) => {
                                let user = USERS[rng.below(2) as usize];
                                let proof = if rng.below(2) == 0 { json!(world.proof(user)) } else { Json::Null };
                                event(n, at, "identify", json!({"user_id":user,"traits":{"d":device},"proof":proof}))
                            }
                            (_, 0) => exposure(n, at, ["a", "b"][rng.below(2) as usize], "treated"),
                            (_, 1) => exposure(n, at, "", "control"),
                            (_, 2) => order(n, at, ["A", "B", "C"][rng.below(3) as usize], 10),
                            (_, 3) => event(n, at, "noren_close", json!({"campaign":"c"})),
                            _ => event(n, at, "page_view", Json::Null),
                        }
                    })
                    .collect();
                epochs.push(events);
            }
            logs.push(epochs);
        }
        Life { rng, logs }
    }

    pub(crate) fn stream(device: usize, epoch: usize) -> usize {
        10 * device + epoch
    }

    pub(crate) fn some_sync(&mut self, world: &mut World, fails: bool) {
        let (device, epoch) = (self.rng.below(self.logs.len() as u64) as usize, self.rng.below(2) as usize);
        let log = &self.logs[device][epoch];
        let from = self.rng.below(log.len() as u64) as usize;
        let upto = from + self.rng.below((log.len() - from) as u64 + 1) as usize;
        let request = world.request(device, epoch as u32, Life::stream(device, epoch), log[from..upto].to_vec());
        if fails && self.rng.below(3) == 0 {
            world.devices[device].sql.fail_in.set(Some(self.rng.below(25) as u32));
        }
        let _ = world.sync(device, &request);
        world.devices[device].sql.fail_in.set(None);
    }

    pub(crate) fn some_delivery(&mut self, world: &mut World) {
        let device = self.rng.below(self.logs.len() as u64) as usize;
        let lost = self.rng.below(3) == 0;
        let (receiver, sender) = (self.rng.below(4), self.rng.below(4));
        if receiver == 0 {
            for sql in world.persons.values() {
                sql.fail_in.set(Some(self.rng.below(25) as u32));
            }
        }
        let busy = self.rng.below(2) == 0;
        world.deliver(device, lost, |world| {
            if busy {
                self.some_sync(world, true);
            }
            if sender == 0 {
                world.devices[device].sql.fail_in.set(Some(self.rng.below(10) as u32));
            }
        });
        for sql in world.persons.values() {
            sql.fail_in.set(None);
        }
        let user = USERS[self.rng.below(2) as usize];
        let lost = self.rng.below(3) == 0;
        world.deliver_of_person(user, lost);
        if self.rng.below(3) == 0 {
            world.repeat(&mut self.rng);
        }
    }

    /// Everything that was not heard of, in order, so that every world ends with the same log.
    pub(crate) fn all(&self, world: &mut World) {
        for (device, epochs) in self.logs.iter().enumerate() {
            for (epoch, log) in epochs.iter().enumerate() {
                let request = world.request(device, epoch as u32, Life::stream(device, epoch), log.clone());
                world.sync(device, &request).unwrap();
            }
        }
    }

    pub(crate) fn seen(&self, world: &mut World) -> Vec<String> {
        let mut seen: Vec<String> = USERS.iter().map(|user| json!(told(world.person(user))).to_string()).collect();
        for device in 0..self.logs.len() {
            for epoch in 0..2 {
                let mut request = world.request(device, epoch, 0, vec![]);
                request.streams = Vec::<StreamBatch>::new();
                let facts = world.sync(device, &request).unwrap().facts.unwrap();
                seen.push(json!(told(facts)).to_string());
            }
        }
        seen
    }
}

/// A join interrupted everywhere, with events arriving by all ways meanwhile, ends as if nothing had gone wrong.
#[test]
fn whatever_fails_between_device_and_person_it_ends_right() {
    for seed in 0..120 {
        let mut straight = World::new(3, goals(), "optional");
        let life = Life::new(seed, 3, &straight);
        life.all(&mut straight);
        straight.settle();

        let mut world = World::new(3, goals(), "optional");
        let mut life = Life::new(seed, 3, &world);
        for _ in 0..30 {
            if life.rng.below(3) == 0 {
                life.some_sync(&mut world, true);
            } else {
                life.some_delivery(&mut world);
            }
        }
        life.all(&mut world);
        world.settle();
        // A person's answer reaches a device with the device's own next word.
        for world in [&mut straight, &mut world] {
            world.now += 1_000;
            for device in 0..3 {
                for epoch in 0..2 {
                    let ping = event(100, NOW + 3_000_000, "ping", Json::Null);
                    let request = world.request(device, epoch, Life::stream(device, epoch as usize), vec![ping]);
                    world.sync(device, &request).unwrap();
                }
            }
            world.settle();
        }
        world.repeat_all(&mut life.rng);
        world.settle();
        assert_eq!(life.seen(&mut world), life.seen(&mut straight), "seed {seed}");
        assert_eq!(sum(&world.totals, &straight.totals, -1.0), Counters::new(), "seed {seed}");
        assert_eq!(sum(&world.totals, &world.recount(), -1.0), Counters::new(), "seed {seed}: a recount differs");
        let expected = sum(&world.recount(), &world.rulings(), 1.0);
        assert_eq!(sum(&world.counters(), &expected, -1.0), Counters::new(), "seed {seed}: orders");
        let worth: f64 = expected.values().map(|counts| counts.value).sum();
        assert!(worth <= 30.0, "seed {seed}: three orders of 10 are worth {worth}");
    }
}

#[test]
fn an_order_counts_once_though_its_buyer_is_known_by_two_names() {
    let mut world = World::new(3, goals(), "off");
    // A guest buys; their browser was never told who they are.
    let bought = vec![exposure(0, NOW, "a", "treated"), order(1, NOW + 10, "T", 5)];
    sync(&mut world, 0, 0, bought.clone());
    world.settle();
    assert_eq!(total(&world.counters(), "treated"), [1.0, 1.0, 5.0]);
    // A customer, on whose own device the campaign was shown too, opens the same thank-you page out of a mail.
    let who = identify(&world, 2, "u", false, json!({}));
    sync(&mut world, 1, 0, vec![exposure(0, NOW + 1, "a", "treated"), order(1, NOW + 20, "T", 5), who]);
    world.settle();
    assert_eq!(total(&world.counters(), "treated"), [2.0, 1.0, 5.0]);
    // And the guest again, on a device of theirs.
    sync(&mut world, 2, 0, bought);
    world.settle();
    assert_eq!(total(&world.counters(), "treated"), [3.0, 1.0, 5.0]);
    assert_eq!(total(&world.recount(), "treated"), [3.0, 3.0, 15.0], "each holds what it was told");
}

/// Which epochs of device 1 were taken out of whom.
#[derive(Default)]
struct Taken(Vec<(u32, &'static str)>);

impl Taken {
    fn take(&mut self, world: &mut World, epoch: u32) {
        for user in USERS {
            if world.undo(user, 1, epoch) {
                assert!(!self.0.contains(&(epoch, user)), "what was taken out stays out");
                self.0.push((epoch, user));
            }
        }
    }
}

/// Joined and taken out again is the same as never joined, whatever happens before, between and after.
#[test]
fn undoing_a_join_leaves_nothing_of_it() {
    for seed in 0..100 {
        let mut never = World::new(2, goals(), "optional");
        let whole = Life::new(seed, 2, &never);
        // Device 1 says the same, and names nobody.
        let mut alone = Life::new(seed, 2, &never);
        for log in &mut alone.logs[1] {
            for event in log.iter_mut().filter(|event| event.name == "identify") {
                event.props = json!({"traits": event.props["traits"]});
            }
        }
        alone.all(&mut never);
        never.settle();

        let mut world = World::new(2, goals(), "optional");
        let mut life = Life { rng: Rng(seed), logs: whole.logs };
        let mut out = Taken::default();
        for _ in 0..30 {
            match life.rng.below(4) {
                0 => life.some_sync(&mut world, true),
                1 => {
                    let epoch = life.rng.below(2) as usize;
                    out.take(&mut world, epoch as u32);
                }
                _ => life.some_delivery(&mut world),
            }
        }
        life.all(&mut world);
        for _ in 0..3 {
            world.settle();
            (0..2).for_each(|epoch| out.take(&mut world, epoch));
        }
        // Both sides go on afterwards.
        for world in [&mut never, &mut world] {
            for round in 0..2 {
                world.now += 1_000;
                for device in 0..2 {
                    for epoch in 0..2 {
                        let more = order(100 + round, NOW + 3_000_000, &format!("later {device} {epoch}"), 7);
                        let request = world.request(device, epoch, Life::stream(device, epoch as usize), vec![more]);
                        world.sync(device, &request).unwrap();
                    }
                }
                world.settle();
            }
        }
        world.repeat_all(&mut life.rng);
        world.settle();
        assert!((0..2).all(|epoch| out.0.iter().any(|(taken, _)| *taken == epoch)), "seed {seed}");
        assert_eq!(life.seen(&mut world), life.seen(&mut never), "seed {seed}");
        assert_eq!(sum(&world.totals, &never.totals, -1.0), Counters::new(), "seed {seed}");
    }
}

/// Old things go without changing what was counted, and the visitor who comes back is new.
#[test]
fn what_is_old_goes_and_totals_stay() {
    const DAY: i64 = 86_400_000;
    let mut world = World::new(1, goals(), "off");
    let log = vec![
        exposure(0, NOW, "a", "treated"),
        event(1, NOW + 1, "noren_close", json!({"campaign":"c"})),
        order(2, NOW + 2, "T", 5),
    ];
    sync(&mut world, 0, 0, log);
    world.settle();
    let before = world.totals.clone();
    let sweep = |world: &mut World| {
        let own = &mut world.devices[0];
        let doc = own.doc.clone().unwrap();
        let due = crate::device::keep::due(&own.sql, &doc).unwrap();
        own.doc = Some(crate::device::keep::sweep(&own.sql, &doc, world.now).unwrap());
        due
    };
    assert_eq!(sweep(&mut world), Some(crate::device::keep::end_of(NOW + 2, 90)));
    world.now = NOW + 60 * DAY;
    let now = world.now;
    sync(&mut world, 0, 0, vec![event(3, now, "page_view", Json::Null)]);
    world.now = crate::device::keep::end_of(NOW + 2, 90) - 1;
    sweep(&mut world);
    assert_eq!(crate::device::events(&world.devices[0].sql).unwrap().len(), 1, "old by its own days");
    world.settle();
    assert_eq!(world.totals, before);
    assert_eq!(sum(&world.recount(), &before, -1.0), Counters::new(), "and a recount says the same");
    let facts = sync(&mut world, 0, 0, vec![]);
    assert_eq!((facts.purchases, facts.caps["c"].converted), (1, 1), "the profile keeps what it was folded into");
    // The same order reported again, and a new goal: neither counts what is gone anew.
    let now = world.now;
    sync(&mut world, 0, 0, vec![order(4, now, "T", 5), exposure(5, now, "a", "treated")]);
    world.settle();
    assert_eq!(total(&world.totals, "treated"), [1.0, 1.0, 5.0]);
    // Then the profile.
    let before = world.totals.clone();
    world.now += 402 * DAY;
    sweep(&mut world);
    assert!(world.devices[0].doc.as_ref().unwrap().ended);
    assert!(crate::device::must_bind(world.devices[0].doc.as_ref()));
    assert_eq!(crate::device::keep::due(&world.devices[0].sql, world.devices[0].doc.as_ref().unwrap()).unwrap(), None);
    let now = world.now;
    let facts = sync(&mut world, 0, 0, vec![event(6, now, "page_view", Json::Null)]);
    assert_eq!((facts.visits, facts.purchases, facts.caps.len()), (1, 0, 0));
    world.settle();
    assert_eq!(world.totals, before);
}

#[test]
fn an_erased_person_leaves_a_number_and_the_totals() {
    let mut world = World::new(3, goals(), "optional");
    for device in 0..2 {
        let who = identify(&world, 0, "u", true, json!({"mail":"u@example.jp"}));
        sync(&mut world, device, 0, vec![who, exposure(1, NOW, "a", "treated"), order(2, NOW + 1, "T", 5)]);
    }
    let other = identify(&world, 0, "v", true, json!({"mail":"v@example.jp"}));
    sync(&mut world, 2, 0, vec![other]);
    world.settle();
    let totals = world.totals.clone();
    world.now += 1_000;
    // Device 1 has something on its way when the word comes.
    let now = world.now;
    sync(&mut world, 1, 0, vec![event(3, now, "page_view", json!({"page_title":"secret"}))]);
    world.now += 1_000;
    assert_eq!(world.erase("nobody"), None);
    let receipt = world.erase("u").unwrap();
    assert_eq!((receipt.generation, receipt.devices, receipt.pending > 0), (1, 2, true));
    let now = world.now;
    sync(&mut world, 0, 0, vec![event(3, now, "page_view", Json::Null)]);
    world.settle();
    let again = world.erase("u").unwrap();
    assert_eq!((again.generation, again.devices, again.pending), (1, 2, 0), "asking again says how far it has come");
    for device in 0..2 {
        let own = &world.devices[device];
        assert!(crate::device::events(&own.sql).unwrap().is_empty());
        let state = own.sql.exec("SELECT body FROM state", &[]).unwrap()[0].text(0).to_string();
        assert!(!state.contains("example.jp") && state.len() < 400, "{state}");
        let request = world.request(device, 0, 100, vec![event(9, NOW, "page_view", Json::Null)]);
        let answer = world.sync(device, &request).unwrap();
        assert!(answer.reset && answer.acks.is_empty());
    }
    assert!(!is_person(&world, "u"));
    assert_eq!(world.person("u"), world.person("nobody"));
    assert_eq!(world.person("v").traits.len(), 1, "nobody else is touched");
    assert_eq!(world.totals, totals);
    world.forgotten.sort();
    assert_eq!(world.forgotten, ["0000000000000000000000", "0000000000000000000001", "u"].map(String::from));
    // The same user may come again, in a browser that has started over.
    world.now += 1_000;
    let who = identify(&world, 0, "u", true, Json::Null);
    let mut anew = world.request(0, 0, 7, vec![who]);
    anew.generation = 1;
    world.sync(0, &anew).unwrap();
    world.settle();
    assert_eq!(world.person("u").visits, 1);
}

#[test]
fn who_shares_a_device_with_an_erased_person_stays() {
    let mut world = World::new(1, goals(), "off");
    let first = identify(&world, 0, "u", false, json!({"mail":"u@example.jp"}));
    sync(&mut world, 0, 0, vec![first, exposure(1, NOW, "a", "treated"), order(2, NOW + 1, "T", 5)]);
    let second = identify(&world, 0, "v", false, json!({"mail":"v@example.jp"}));
    sync(&mut world, 0, 1, vec![second, order(1, NOW + 1, "S", 7)]);
    world.settle();
    let totals = world.totals.clone();
    world.now += 1_000;
    world.erase("u").unwrap();
    world.settle();
    let facts = sync(&mut world, 0, 1, vec![event(2, NOW, "page_view", Json::Null)]);
    assert_eq!((facts.purchases, json!(facts.traits)), (1, json!({"mail":"v@example.jp"})));
    assert_eq!(sync(&mut world, 0, 0, vec![]).purchases, 0);
    let stored = crate::device::events(&world.devices[0].sql).unwrap();
    assert!(stored.iter().all(|event| event.epoch == 1));
    world.settle();
    assert_eq!((world.person("v").purchases, is_person(&world, "u")), (1, false));
    assert_eq!(world.totals, totals);
    assert_eq!(sum(&world.recount(), &totals, -1.0), Counters::new());
}
