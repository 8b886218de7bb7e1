//! A recount in a world that goes on meanwhile: with losses, repetitions, merges, undoing, erasure, withdrawal and retention it differs by nothing.

use noren_wire::inner::{Contributed, Visit};
use noren_wire::stored::CounterRow;
use serde_json::json;

use crate::device::recount as of_device;
use crate::person::recount as of_person;
use crate::shard::recount::{self, begin, found, next, take};
use crate::shard::{bind, receive, registered};
use crate::sql::Sql;
use crate::world::{NOW, Rng, World};
use crate::world_tests::{event, exposure, goals, identify, order};

const DAY: i64 = 86_400_000;
const USERS: [&str; 2] = ["u", "v"];

fn contributed(world: &World, object: &str) -> Contributed {
    match world.devices.iter().find(|device| device.id == object) {
        Some(device) => of_device::contributed(&device.sql, device.doc.as_ref()).unwrap(),
        None => world.persons.get(object).map_or_else(Contributed::default, |sql| of_person::contributed(sql).unwrap()),
    }
}

/// Anything that may happen between two words of a recount.
fn something(world: &mut World, rng: &mut Rng, n: &mut u64) {
    *n += 1;
    world.now += 60_000;
    let (device, now) = (rng.below(4) as usize, world.now);
    let user = USERS[rng.below(2) as usize];
    let generation = world.devices[device].doc.as_ref().map_or(0, |doc| doc.generation);
    let what = match rng.below(14) {
        0 => identify(world, *n, user, rng.below(2) == 0, json!({})),
        1..=3 => exposure(*n, now, ["a", "b"][rng.below(2) as usize], "treated"),
        4 => exposure(*n, now, "", "control"),
        5 | 6 => order(*n, now, &format!("T{}", rng.below(6)), 10),
        7 => event(*n, now, "noren_close", json!({"campaign":"c"})),
        8 => {
            world.undo(user, device, 0);
            return;
        }
        9 => {
            if rng.below(3) == 0 {
                world.erase(user);
            }
            return;
        }
        10 if rng.below(4) == 0 => event(*n, now, "consent", json!({"answer":"denied"})),
        11 => {
            world.repeat(rng);
            return;
        }
        _ => {
            for _ in 0..rng.below(5) {
                let lost = rng.below(4) == 0;
                if rng.below(3) == 0 {
                    world.shard.fail_in.set(Some(rng.below(12) as u32));
                }
                world.deliver(rng.below(4) as usize, lost, |_| ());
                world.deliver_of_person(USERS[rng.below(2) as usize], lost);
                world.shard.fail_in.set(None);
            }
            return;
        }
    };
    let mut request = world.request(device, rng.below(2) as u32, device, vec![what]);
    request.generation = generation;
    if rng.below(4) == 0 {
        world.devices[device].sql.fail_in.set(Some(rng.below(25) as u32));
    }
    let _ = world.sync(device, &request);
    world.devices[device].sql.fail_in.set(None);
}

/// A whole recount; `between` happens between any two of its steps.
fn recounted(world: &mut World, step: usize, mut between: impl FnMut(&mut World)) -> Vec<CounterRow> {
    begin(&world.shard, world.now).unwrap();
    for _ in 0..1_000 {
        between(world);
        let asked = next(&world.shard, step).unwrap();
        let mut visits = Vec::new();
        for one in asked {
            between(world);
            visits.push(Visit { contributed: contributed(world, &one.object), object: one.object });
        }
        between(world);
        if take(&world.shard, &visits, world.now).unwrap().done {
            return found(&world.shard, false).unwrap();
        }
    }
    panic!("the recount never ends")
}

#[test]
fn a_recount_differs_by_nothing_whatever_happens_meanwhile() {
    for seed in 0..60 {
        let (mut world, mut rng, mut n) = (World::new(4, goals(), "optional"), Rng(seed), 0);
        for round in 0..3 {
            for _ in 0..25 {
                something(&mut world, &mut rng, &mut n);
            }
            if round == 1 {
                // Some become old, and some of those come back later.
                world.settle();
                world.now += [91, 402][rng.below(2) as usize] * DAY;
                world.sweep();
            }
            let step = 1 + rng.below(3) as usize;
            let differs = recounted(&mut world, step, |world| {
                if rng.below(2) == 0 {
                    something(world, &mut rng, &mut n);
                }
            });
            assert_eq!(differs, [], "seed {seed}, round {round}");
        }
        world.settle();
        crate::shard::keep::tidy(&world.shard, world.now).unwrap();
        assert_eq!(recounted(&mut world, 100, |_| ()), [], "seed {seed}, at rest");
    }
}

#[test]
fn what_is_wrong_is_said_and_mended_on_request_only() {
    let mut world = World::new(2, goals(), "off");
    let request = world.request(0, 0, 1, vec![exposure(0, NOW, "a", "treated"), order(1, NOW + 1, "T", 5)]);
    world.sync(0, &request).unwrap();
    world.settle();
    world.shard.exec("UPDATE counter SET visitors = visitors + 2, value = value - 1.5", &[]).unwrap();
    let differs = recounted(&mut world, 1, |_| ());
    assert_eq!(differs.iter().map(|row| row.numbers).collect::<Vec<_>>(), [[0.0, 2.0, 0.0, 0.0, 0.0, 0.0, -1.5]]);
    assert_eq!(recounted(&mut world, 1, |_| ()), differs, "looking changes nothing");
    // Something is counted between looking and mending.
    let more = world.request(1, 0, 2, vec![exposure(0, NOW, "a", "treated")]);
    world.sync(1, &more).unwrap();
    world.settle();
    assert_eq!(found(&world.shard, true).unwrap(), differs);
    assert_eq!(found(&world.shard, true).unwrap(), [], "once");
    assert_eq!(recounted(&mut world, 1, |_| ()), []);
    let visitors =
        crate::shard::numbers(&world.shard, 0, i64::MAX).unwrap().iter().map(|row| row.visitors).sum::<f64>();
    assert_eq!(visitors, 2.0);
}

#[test]
fn whoever_holds_anything_stands_in_the_register_and_leaves_it_with_the_last() {
    let mut world = World::new(2, goals(), "off");
    let who = identify(&world, 0, "u", false, json!({"mail":"u@example.jp"}));
    let request = world.request(0, 0, 1, vec![who]);
    world.sync(0, &request).unwrap();
    world.settle();
    let device = world.devices[0].id.clone();
    assert_eq!(registered(&world.shard, &device).unwrap().as_deref(), Some(device.as_str()));
    assert_eq!(registered(&world.shard, "person u").unwrap().as_deref(), Some("person u"));
    assert_eq!(recount::registered(&world.shard).unwrap(), 2);
    world.now += 500 * DAY;
    world.sweep();
    assert!(world.persons.is_empty() && world.devices[0].doc.is_none());
    assert_eq!(recount::registered(&world.shard).unwrap(), 0);
    // Both come back, and what they say is heard though it was numbered before.
    let now = world.now;
    let who = identify(&world, 0, "u", false, json!({}));
    let request = world.request(0, 0, 2, vec![who, exposure(1, now, "a", "treated"), order(2, now + 1, "T", 5)]);
    world.sync(0, &request).unwrap();
    world.settle();
    assert_eq!(recount::registered(&world.shard).unwrap(), 2);
    assert_eq!(crate::shard::numbers(&world.shard, 0, i64::MAX).unwrap()[0].converted, 1.0);
    assert_eq!(recounted(&mut world, 1, |_| ()), []);
}

#[test]
fn a_shard_that_was_never_written_has_nothing_to_count() {
    let sql = crate::memory::Memory::new();
    assert!(begin(&sql, NOW).unwrap().done);
    assert_eq!((next(&sql, 5).unwrap(), found(&sql, true).unwrap()), (vec![], vec![]));
    assert!(take(&sql, &[], NOW).unwrap().done);
    assert_eq!(sql.changes(), 0);
}

#[test]
fn a_shard_of_the_first_version_is_counted_too() {
    let sql = crate::memory::Memory::new();
    sql.run(include_str!("../fixtures/shard-1.sql"));
    let before = crate::shard::numbers(&sql, 0, i64::MAX).unwrap();
    crate::schema::open(&sql, &crate::shard::KIND).unwrap();
    assert_eq!(crate::shard::numbers(&sql, 0, i64::MAX).unwrap(), before, "nothing is lost");
    let device = "AAAAAAAAAAAAAAAAAAAAAA";
    let object = registered(&sql, device).unwrap().unwrap();
    assert!(bind(&sql, &noren_wire::inner::Bind { device: device.into(), object: object.clone() }).unwrap());
    begin(&sql, NOW).unwrap();
    assert_eq!(
        next(&sql, 5).unwrap(),
        [noren_wire::inner::Registered { kind: "device".into(), object: object.clone() }]
    );
    // Its numbers go on where they stood.
    let late = noren_wire::inner::Delivery {
        from: object,
        n: 3,
        owed: noren_wire::inner::Owed::Counters { rows: vec![CounterRow { numbers: [1.0; 7], ..row() }] },
    };
    receive(&sql, &late).unwrap();
    assert_eq!(crate::shard::numbers(&sql, 0, i64::MAX).unwrap(), before, "3 was applied before");
    let newer = crate::memory::Memory::new();
    newer.run(include_str!("../fixtures/shard-1.sql"));
    crate::schema::open(&newer, &crate::shard::KIND).unwrap();
    newer.exec("UPDATE state SET body = json_set(body, '$.schema', 9)", &[]).unwrap();
    let body = || newer.exec("SELECT body FROM state", &[]).unwrap()[0].text(0).to_string();
    let left = body();
    assert!(crate::schema::open(&newer, &crate::shard::KIND).is_err());
    assert_eq!(body(), left, "state of a later version is left alone");
}

fn row() -> CounterRow {
    CounterRow { hour: 488_888, campaign: "c".into(), phase: 1, variant: "a".into(), arm: 0, numbers: [0.0; 7] }
}

#[test]
fn old_counters_stand_by_the_day_and_nothing_else_changes() {
    let sql = crate::memory::Memory::new();
    let today = NOW / 3_600_000;
    let old = (today - 500 * 24) / 24 * 24;
    for (n, hour) in [old, old + 1, old + 23, old + 24, today].into_iter().enumerate() {
        let rows = vec![CounterRow { hour, numbers: [1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.5], ..row() }];
        let owed = noren_wire::inner::Owed::Counters { rows };
        receive(&sql, &noren_wire::inner::Delivery { from: "x".into(), n: n as u64 + 1, owed }).unwrap();
    }
    let before = crate::shard::numbers(&sql, 0, i64::MAX).unwrap();
    assert!(crate::shard::keep::tidy(&sql, NOW).unwrap());
    assert!(!crate::shard::keep::tidy(&sql, NOW + 1).unwrap(), "once a day");
    assert_eq!(crate::shard::numbers(&sql, 0, i64::MAX).unwrap(), before);
    let hours = sql.exec("SELECT hour, shown FROM counter ORDER BY hour", &[]).unwrap();
    let hours: Vec<_> = hours.iter().map(|row| (row.int(0), row.num(1))).collect();
    assert_eq!(hours, [(old, 3.0), (old + 24, 1.0), (today, 1.0)]);
}
