//! A person who is another, in a world where everything goes wrong that can.

use noren_profile::tally::sum;
use noren_wire::bounds::ALIASES_MAX;
use noren_wire::stored::Standing;
use noren_wire::sync::WireEvent;
use serde_json::{Value as Json, json};

use crate::device::count::Counters;
use crate::person::view;
use crate::world::{NOW, Rng, World, told};
use crate::world_tests::{Life, event, exposure, goals, identify, order, sync, total};

/// The same life in which whoever was called `v` is called `u` from the beginning.
fn renamed(world: &World, logs: &[Vec<Vec<WireEvent>>]) -> Vec<Vec<Vec<WireEvent>>> {
    let mut logs = logs.to_vec();
    for event in logs.iter_mut().flatten().flatten().filter(|event| event.name == "identify") {
        if event.props["user_id"] == "v" {
            event.props["user_id"] = json!("u");
            if event.props["proof"] != Json::Null {
                event.props["proof"] = json!(world.proof("u"));
            }
        }
    }
    logs
}

/// What a person's answer told a device comes down with the device's own next word.
fn ping(world: &mut World, devices: usize) {
    world.now += 1_000;
    for device in 0..devices {
        for epoch in 0..2 {
            let ping = event(100, NOW + 3_000_000, "ping", Json::Null);
            let request = world.request(device, epoch, Life::stream(device, epoch as usize), vec![ping]);
            world.sync(device, &request).unwrap();
        }
    }
    world.settle();
}

/// All that can be seen of persons and devices, apart from what differs by the mere time of a look.
fn same(one: &mut World, other: &mut World, life: &Life, why: &str) {
    one.now = one.now.max(other.now);
    other.now = one.now;
    assert_eq!(life.seen(one), life.seen(other), "{why}");
    assert_eq!(sum(&one.totals, &other.totals, -1.0), Counters::new(), "{why}: totals");
    assert_eq!(sum(&one.totals, &one.recount(), -1.0), Counters::new(), "{why}: a recount differs");
}

fn some(life: &mut Life, world: &mut World, steps: usize) {
    for _ in 0..steps {
        if life.rng.below(3) == 0 { life.some_sync(world, true) } else { life.some_delivery(world) }
    }
}

/// Whenever the word comes, and whatever fails, it is as if both had one name all along.
#[test]
fn an_alias_is_as_if_both_had_one_name() {
    for seed in 0..100 {
        let mut one = World::new(3, goals(), "optional");
        let own = Life::new(seed, 3, &one);
        let single = Life { rng: Rng(seed), logs: renamed(&one, &own.logs) };
        single.all(&mut one);
        one.settle();
        ping(&mut one, 3);

        let mut world = World::new(3, goals(), "optional");
        let mut life = Life::new(seed, 3, &world);
        let before = life.rng.below(25) as usize;
        some(&mut life, &mut world, before);
        world.alias("v", "u");
        some(&mut life, &mut world, 25);
        life.all(&mut world);
        world.settle();
        ping(&mut world, 3);
        world.repeat_all(&mut life.rng);
        world.settle();
        same(&mut world, &mut one, &life, &format!("seed {seed}"));
    }
}

/// Said and taken back is the same as never said, on both sides.
#[test]
fn undoing_an_alias_leaves_nothing_of_it() {
    for seed in 0..100 {
        let mut never = World::new(3, goals(), "optional");
        Life::new(seed, 3, &never).all(&mut never);
        never.settle();
        ping(&mut never, 3);

        let mut world = World::new(3, goals(), "optional");
        let mut life = Life::new(seed, 3, &world);
        let before = life.rng.below(25) as usize;
        some(&mut life, &mut world, before);
        world.alias("v", "u");
        some(&mut life, &mut world, 20);
        assert!(world.undo_alias("v"));
        assert!(!world.undo_alias("v"), "once");
        some(&mut life, &mut world, 20);
        life.all(&mut world);
        world.settle();
        ping(&mut world, 3);
        world.repeat_all(&mut life.rng);
        world.settle();
        same(&mut world, &mut never, &life, &format!("seed {seed}"));
    }
}

/// Who closes a ring changes nothing but where all are; every way round ends, at one person.
#[test]
fn rings_and_chains_end_at_one_person() {
    let rings: [&[(&str, &str)]; 6] = [
        &[("a", "a")],
        &[("a", "b"), ("b", "a")],
        &[("b", "c"), ("a", "b")],
        &[("a", "b"), ("b", "c"), ("c", "a")],
        &[("c", "a"), ("b", "c"), ("a", "b")],
        &[("a", "b"), ("b", "a"), ("a", "c")],
    ];
    for words in rings {
        for seed in 0..8 {
            let mut rng = Rng(seed);
            let mut world = World::new(3, goals(), "optional");
            for (device, user) in ["a", "b", "c"].iter().enumerate() {
                let who = identify(&world, 0, user, true, json!({}));
                sync(&mut world, device, 0, vec![who, order(1, NOW, &format!("T{device}"), 10)]);
                if rng.below(2) == 0 {
                    world.settle();
                }
            }
            for (previous, user) in words {
                world.alias(previous, user);
                if rng.below(2) == 0 {
                    world.settle();
                }
            }
            world.settle();
            let orders: Vec<u64> = ["a", "b", "c"].iter().map(|user| world.person(user).purchases).collect();
            let united: std::collections::BTreeSet<&str> = words
                .iter()
                .filter(|(previous, user)| previous != user)
                .flat_map(|(previous, user)| [*previous, *user])
                .collect();
            let mut expected = vec![1; 3 - united.len()];
            if !united.is_empty() {
                expected.push(united.len() as u64);
            }
            let mut held: Vec<u64> = orders.iter().copied().filter(|n| *n > 0).collect();
            held.sort_unstable();
            expected.sort_unstable();
            assert_eq!(held, expected, "{words:?} {orders:?}");
            assert_eq!(sum(&world.totals, &world.recount(), -1.0), Counters::new());
        }
    }
}

#[test]
fn a_chain_as_long_as_may_be_is_followed_and_a_longer_one_ends() {
    for (links, arrives) in [(ALIASES_MAX, true), (ALIASES_MAX + 1, false)] {
        let mut world = World::new(1, goals(), "optional");
        for n in (0..links).rev() {
            world.alias(&format!("u{n}"), &format!("u{}", n + 1));
        }
        let who = identify(&world, 0, "u0", true, json!({}));
        sync(&mut world, 0, 0, vec![who, order(1, NOW, "T", 10)]);
        world.settle();
        assert_eq!(world.person(&format!("u{links}")).purchases == 1, arrives, "{links}");
        assert_eq!(world.person(&format!("u{ALIASES_MAX}")).purchases, 1, "nowhere lost");
    }
}

#[test]
fn caps_coupons_and_traits_are_one_persons_and_come_down_where_proven() {
    let mut world = World::new(2, goals(), "optional");
    let [one, two] = ["new", "old"].map(|user| identify(&world, 0, user, true, json!({ user: 1 })));
    sync(&mut world, 0, 0, vec![one, exposure(1, NOW, "a", "treated"), order(2, NOW, "T", 10)]);
    sync(&mut world, 1, 0, vec![two, exposure(1, NOW + 1, "a", "treated"), order(2, NOW, "T", 10)]);
    world.hold_coupon(0, "TEA-1");
    world.settle();
    world.alias("old", "new");
    world.settle();
    let ping = event(3, NOW, "page_view", Json::Null);
    sync(&mut world, 1, 0, vec![ping.clone()]);
    world.settle();
    let facts = told(sync(&mut world, 1, 0, vec![WireEvent { n: 4, ..ping }]));
    assert_eq!((facts.purchases, facts.lifetime_value, facts.caps["c"].shown), (1, 10.0, 2));
    assert_eq!(json!(facts.traits), json!({"new": 1, "old": 1}));
    assert_eq!(facts.coupons.len(), 1);
    assert_eq!(total(&world.totals, "treated")[0], 1.0, "one person is one visitor of the test");
    assert_eq!(world.person("old").purchases, 0);
}

#[test]
fn it_is_in_the_log_and_a_browser_that_says_the_former_id_again_is_sent_on() {
    let mut world = World::new(1, goals(), "optional");
    world.alias("old", "new");
    let who = identify(&world, 0, "old", false, json!({}));
    sync(&mut world, 0, 3, vec![who]);
    world.settle();
    let asked = noren_wire::inner::PersonAsk {
        now: world.now,
        weights: Default::default(),
        counts: Vec::new(),
        sensitive: Vec::new(),
    };
    let old = view::info(&world.persons["person old"], &asked).unwrap();
    assert_eq!((old.alias.unwrap().user, old.log[0].action.as_str()), ("new".into(), "alias"));
    assert_eq!((old.log[0].device.as_str(), old.parts.len()), ("new", 0));
    let new = view::info(&world.persons["person new"], &asked).unwrap();
    assert_eq!((new.user.as_str(), new.parts[0].epoch, new.alias), ("new", 3, None));
    // A word of before changes nothing any more.
    let now = world.now;
    world.now = NOW - 1_000;
    world.alias("old", "somebody else");
    world.now = now;
    assert_eq!(view::info(&world.persons["person old"], &asked).unwrap().alias.unwrap().user, "new");
}

#[test]
fn who_was_taken_out_stays_out_and_an_erasure_reaches_who_was_sent_on() {
    let mut world = World::new(2, goals(), "optional");
    for device in 0..2 {
        let who = identify(&world, 0, "old", true, json!({"secret": "x"}));
        sync(&mut world, device, 0, vec![who]);
    }
    world.settle();
    assert!(world.undo("old", 0, 0));
    world.settle();
    world.alias("old", "new");
    world.settle();
    let standing = |world: &World, device: usize| world.devices[device].doc.as_ref().unwrap().joined.get(&0).cloned();
    assert_eq!(standing(&world, 0).unwrap().standing, Standing::Parted);
    assert_eq!(world.person("new").traits.len(), 1);
    assert_eq!(world.erase("old").unwrap().devices, 1);
    world.settle();
    assert_eq!(world.person("new").traits.len(), 0);
    assert!(world.devices[1].doc.as_ref().unwrap().parts.is_empty());
    assert!(!world.devices[0].doc.as_ref().unwrap().parts.is_empty(), "who was not theirs stays");
}
