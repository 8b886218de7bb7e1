use noren_wire::bounds::PERSON_DEVICES_MAX;
use noren_wire::inner::{Delivery, Owed, PartWith, PersonAsk, Undo};
use noren_wire::stored::{PartDoc, Standing};

use super::merge::{receive, undo};
use super::view::{facts, info};
use super::*;
use crate::memory::Memory;

fn asked() -> PersonAsk {
    PersonAsk { now: 0, weights: Default::default(), counts: Vec::new(), sensitive: Vec::new() }
}

fn delivery(device: &str, n: u64, events: u64, visits: i64) -> Delivery {
    let ranges = (0..visits).map(|i| (i * 3_600_000, i * 3_600_000)).collect();
    let part = PartDoc { events, ranges, user: Some(((0, "s".into(), 0), "u".into())), ..PartDoc::default() };
    let with = PartWith { now: 7, person: "p".into(), site: "demo".into(), shards: 4, ..PartWith::default() };
    Delivery {
        from: device.into(),
        n,
        owed: Owed::Part { device: device.into(), epoch: 0, part: Box::new(part), with },
    }
}

#[test]
fn parts_of_two_devices_add_up_and_repeats_change_nothing() {
    let sql = Memory::new();
    assert_eq!(facts(&sql, &asked()).unwrap().visits, 0);
    for d in [
        delivery("a", 1, 1, 1),
        delivery("a", 2, 4, 2),
        delivery("b", 1, 1, 1),
        delivery("a", 2, 4, 2),
        delivery("a", 1, 1, 1),
    ] {
        receive(&sql, &d).unwrap();
    }
    assert_eq!(facts(&sql, &asked()).unwrap().visits, 3);
    assert_eq!(facts(&sql, &asked()).unwrap().segments, ["returning"]);
}

#[test]
fn a_failure_half_way_leaves_nothing() {
    for at in 0..20 {
        let sql = Memory::new();
        sql.fail_in.set(Some(at));
        let failed = receive(&sql, &delivery("a", 1, 1, 1)).is_err();
        sql.fail_in.set(None);
        assert_eq!(facts(&sql, &asked()).unwrap().visits, u64::from(!failed), "statement {at}");
        receive(&sql, &delivery("a", 1, 1, 1)).unwrap();
        assert_eq!(facts(&sql, &asked()).unwrap().visits, 1);
        assert_eq!(info(&sql, &asked()).unwrap().log.len(), 1, "statement {at}");
    }
}

#[test]
fn more_devices_than_a_person_has_are_refused_and_reported_once() {
    let sql = Memory::new();
    for device in 0..PERSON_DEVICES_MAX {
        let answer = receive(&sql, &delivery(&format!("d{device}"), 1, 1, 1)).unwrap();
        assert_eq!(answer.answer.standing, Standing::Joined, "device {device}");
    }
    for extra in 0..3 {
        let received = receive(&sql, &delivery(&format!("x{extra}"), 1, 1, 1)).unwrap();
        assert_eq!((received.answer.standing, received.deliver), (Standing::Crowded, extra == 0));
    }
    // Those that are in go on.
    assert_eq!(receive(&sql, &delivery("d0", 2, 2, 2)).unwrap().answer.standing, Standing::Joined);
    let seen = info(&sql, &asked()).unwrap();
    assert_eq!(
        (seen.parts.len(), seen.refused, seen.facts.visits),
        (PERSON_DEVICES_MAX, 3, PERSON_DEVICES_MAX as u64 + 1)
    );
    use crate::outbox::Due;
    let due = crate::outbox::due(&sql).unwrap();
    assert!(
        matches!(&due[..], [Due { owed: Owed::Enter { .. }, .. }, one] if matches!(&one.owed, Owed::Finding { row } if row.what == "u")),
        "{due:?}"
    );
    // One that is taken out makes room.
    undo(&sql, &Undo { now: 9, by: "owner".into(), device: "d1".into(), epoch: 0 }).unwrap().unwrap();
    assert_eq!(receive(&sql, &delivery("x9", 1, 1, 1)).unwrap().answer.standing, Standing::Joined);
}

#[test]
fn only_what_is_there_can_be_taken_out_and_it_stays_out() {
    let sql = Memory::new();
    let take_out = |device: &str, epoch| undo(&sql, &Undo { now: 9, by: "花".into(), device: device.into(), epoch });
    assert_eq!(take_out("a", 0), Ok(None), "nobody");
    receive(&sql, &delivery("a", 1, 1, 1)).unwrap();
    assert_eq!(take_out("b", 0), Ok(None));
    assert_eq!(take_out("a", 1), Ok(None));
    assert!(take_out("a", 0).unwrap().is_some());
    assert_eq!(take_out("a", 0), Ok(None), "once");
    assert_eq!(receive(&sql, &delivery("a", 2, 5, 3)).unwrap().answer.standing, Standing::Parted);
    let seen = info(&sql, &asked()).unwrap();
    assert_eq!((seen.facts.visits, seen.parts[0].parted, seen.parts[0].events), (0, true, 0));
    let log: Vec<_> = seen.log.iter().map(|entry| (entry.action.as_str(), entry.by.as_str())).collect();
    assert_eq!(log, [("undo", "花"), ("join", "")]);
}

#[test]
fn parts_go_when_their_time_is_over_and_then_the_person() {
    const DAY: i64 = 86_400_000;
    let sql = Memory::new();
    let heard = |device: &str, n, now| {
        let mut delivery = delivery(device, n, 1, 1);
        let Owed::Part { with, .. } = &mut delivery.owed else { unreachable!() };
        with.now = now;
        delivery
    };
    receive(&sql, &heard("a", 1, 0)).unwrap();
    receive(&sql, &heard("b", 1, 50 * DAY)).unwrap();
    assert_eq!(keep::due(&sql).unwrap(), Some(401 * DAY));
    assert!(!keep::sweep(&sql, 401 * DAY - 1).unwrap());
    assert_eq!(facts(&sql, &asked()).unwrap().visits, 2);
    assert!(!keep::sweep(&sql, 401 * DAY).unwrap());
    assert_eq!(facts(&sql, &asked()).unwrap().visits, 1);
    assert_eq!(keep::due(&sql).unwrap(), Some(451 * DAY));
    assert!(keep::sweep(&sql, 451 * DAY).unwrap());
    assert_eq!(keep::due(&sql).unwrap(), None);
}

#[test]
fn state_of_the_first_schema_is_read_joined_and_undone() {
    for at in 0..30 {
        let sql = Memory::new();
        sql.run(include_str!("../../fixtures/person-1.sql"));
        sql.fail_in.set(Some(at));
        let _ = crate::schema::open(&sql, &KIND);
        sql.fail_in.set(None);
        crate::schema::open(&sql, &KIND).unwrap();
        let seen = info(&sql, &PersonAsk { now: 1_760_000_000_000, ..asked() }).unwrap();
        assert_eq!((seen.user.as_str(), seen.parts.len(), seen.facts.purchases), ("u-1", 1, 1));
        assert_eq!(seen.facts.traits["name"], "花");
        // The device's next delivery goes on from the number it had.
        let mut next = delivery("AAAAAAAAAAAAAAAAAAAAAA", 2, 9, 2);
        next.from = "0f".repeat(32);
        receive(&sql, &next).unwrap();
        assert_eq!(facts(&sql, &asked()).unwrap().purchases, 1, "a repeated one changes nothing");
        next.n = 4;
        receive(&sql, &next).unwrap();
        assert_eq!(facts(&sql, &asked()).unwrap().visits, 2);
        let taken = Undo { now: 9, by: "owner".into(), device: "AAAAAAAAAAAAAAAAAAAAAA".into(), epoch: 0 };
        undo(&sql, &taken).unwrap().unwrap();
        assert_eq!(facts(&sql, &asked()).unwrap().visits, 0);
    }
}
