use noren_wire::admin::{ConversationRow, LastMessage, LiveFrame};
use noren_wire::bounds::PRESENCE_SILENCE_MS;
use noren_wire::inner::{Bind, Delivery, Owed, Presence as News, Total};
use noren_wire::stored::CounterRow;

use super::presence::Presence;
use super::*;
use crate::memory::Memory;

fn counters(from: &str, n: u64, hour: i64, shown: f64) -> Delivery {
    let numbers = [shown, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5];
    let row = CounterRow { hour, campaign: "c".into(), phase: 1, variant: "a".into(), arm: 0, numbers };
    Delivery { from: from.into(), n, owed: Owed::Counters { rows: vec![row] } }
}

#[test]
fn a_delivery_counts_once_however_often_it_comes() {
    let sql = Memory::new();
    assert_eq!(numbers(&sql, 0, i64::MAX).unwrap(), []);
    for delivery in [
        counters("x", 1, 5, 2.0),
        counters("x", 1, 5, 2.0),
        counters("y", 1, 5, 1.0),
        counters("x", 2, 6, -1.0),
        counters("x", 1, 5, 2.0),
    ] {
        receive(&sql, &delivery).unwrap();
    }
    let rows = numbers(&sql, 0, i64::MAX).unwrap();
    assert_eq!((rows.len(), rows[0].shown, rows[0].value, rows[0].arm.as_str()), (1, 2.0, 1.5, "treated"));
    assert_eq!(numbers(&sql, 5 * 3_600_000, 6 * 3_600_000).unwrap()[0].shown, 3.0, "half-open range of hours");
}

#[test]
fn a_failure_at_any_statement_leaves_all_or_nothing() {
    for at in 0..16 {
        let sql = Memory::new();
        sql.fail_in.set(Some(at));
        let failed = receive(&sql, &counters("x", 1, 5, 2.0)).is_err();
        sql.fail_in.set(None);
        receive(&sql, &counters("x", 1, 5, 2.0)).unwrap();
        assert_eq!(numbers(&sql, 0, i64::MAX).unwrap()[0].shown, 2.0, "statement {at}, failed {failed}");
    }
}

#[test]
fn a_public_id_belongs_to_the_first_object_that_used_it() {
    let sql = Memory::new();
    let ask = |object: &str| bind(&sql, &Bind { device: "d".into(), object: object.into() }).unwrap();
    assert!(ask("mine"));
    assert!(ask("mine"));
    assert!(!ask("forged"));
    assert!(ask("mine"));
}

#[test]
fn shards_add_up() {
    let row =
        |id: &str, arm: &str, shown: f64| NumbersRow { id: id.into(), arm: arm.into(), shown, ..NumbersRow::default() };
    let total =
        sum(vec![vec![row("b", "control", 1.0), row("a", "treated", 2.0)], vec![], vec![row("a", "treated", 3.0)]]);
    assert_eq!(total.iter().map(|r| (r.id.as_str(), r.shown)).collect::<Vec<_>>(), [("a", 5.0), ("b", 1.0)]);
}

#[test]
fn conversations_are_listed_newest_first() {
    let sql = Memory::new();
    for (n, id, at, unread) in [(1, "p", 10, 1), (2, "q", 20, 2), (3, "p", 30, 0)] {
        let row = ConversationRow {
            id: id.into(),
            device: id.into(),
            last: LastMessage { at, ..LastMessage::default() },
            unread,
        };
        receive(&sql, &Delivery { from: id.into(), n, owed: Owed::Conversation { row } }).unwrap();
    }
    let list: Vec<_> = conversations(&sql).unwrap().into_iter().map(|c| (c.id, c.unread)).collect();
    assert_eq!(list, [("p".to_string(), 0), ("q".to_string(), 2)]);
    assert!(has_conversation(&sql, "p").unwrap() && !has_conversation(&sql, "r").unwrap());
}

fn news(device: &str, at: i64) -> News {
    News {
        device: device.into(),
        at,
        page: Some(format!("/{at}")),
        last_event: Some("page_view".into()),
        ..News::default()
    }
}

#[test]
fn visitors_enter_move_and_leave() {
    let mut presence = Presence::default();
    presence.update(&news("a", 0), false);
    presence.update(&news("b", 10), true);
    let Some(LiveFrame::Visitor { visitor, count }) =
        presence.update(&News { last_event: Some("scroll".into()), page: None, ..news("a", 20) }, false)
    else {
        panic!("a visitor frame")
    };
    assert_eq!((visitor.page.as_str(), visitor.last_event.as_str(), visitor.since, count), ("/0", "scroll", 0, 2));
    assert_eq!(presence.sweep(9 + PRESENCE_SILENCE_MS), []);
    assert_eq!(presence.sweep(10 + PRESENCE_SILENCE_MS), [LiveFrame::Gone { device: "b".into(), count: 1 }]);
    assert_eq!(
        presence.update(&News { gone: true, ..news("a", 30) }, false),
        Some(LiveFrame::Gone { device: "a".into(), count: 0 })
    );
    assert_eq!(presence.update(&News { gone: true, ..news("a", 30) }, false), None);
    assert_eq!(presence.next_sweep(), None);
}

#[test]
fn the_list_survives_sleep() {
    let sql = Memory::new();
    let mut presence = Presence::default();
    presence.update(&news("a", 0), false);
    presence.update(&news("b", 100_000), false);
    presence.save(&sql).unwrap();
    assert_eq!(Presence::load(&sql, 200_000).unwrap(), presence);
    let later = Presence::load(&sql, PRESENCE_SILENCE_MS + 5).unwrap();
    assert!(later.knows("b") && !later.knows("a"));
}

#[test]
fn totals_are_what_the_counters_say_from_the_first_asking_on() {
    let sql = Memory::new();
    let ask = |campaigns: &[&str]| {
        let campaigns: Vec<String> = campaigns.iter().map(|id| id.to_string()).collect();
        let totals = totals::totals(&sql, &campaigns).unwrap();
        totals.into_iter().map(|t| (t.campaign, t.shows, t.conversions)).collect::<Vec<_>>()
    };
    assert_eq!(ask(&["c"]), [("c".into(), 0, 0)], "a shard that has counted nothing");
    assert_eq!(sql.changes(), 0, "is left unwritten");

    let send = |n: u64, hour: i64, phase: u32, control: bool, shown: f64, converted: f64| {
        let numbers = [shown, 0.0, 0.0, 0.0, 0.0, converted, 0.0];
        let row = CounterRow { hour, campaign: "c".into(), phase, variant: "a".into(), arm: control.into(), numbers };
        receive(&sql, &Delivery { from: "x".into(), n, owed: Owed::Counters { rows: vec![row] } }).unwrap();
    };
    send(1, 5, 1, false, 2.0, 1.0);
    send(2, 9, 2, false, 3.0, 0.0);
    send(3, 9, 2, true, 9.0, 9.0);
    let unwatched = sql.changes();
    send(4, 9, 2, false, 1.0, 0.0);
    let each = sql.changes() - unwatched;
    assert_eq!(ask(&["c", "d"]), [("c".into(), 6, 1), ("d".into(), 0, 0)], "all phases and hours, not control");

    let watched = sql.changes();
    send(5, 9, 2, false, 4.0, 2.0);
    assert_eq!(sql.changes() - watched, each + 1, "a watched campaign costs one row more, the others none");
    send(6, 9, 2, true, 1.0, 1.0);
    send(7, 5, 1, false, -1.0, -1.0);
    assert_eq!(ask(&["c"]), [("c".into(), 9, 2)], "corrections and late ones are in it");
    let still = sql.changes();
    assert_eq!(ask(&["c"]), [("c".into(), 9, 2)]);
    assert_eq!(sql.changes(), still, "asking again writes nothing");
    assert_eq!(ask(&["d"]), [("d".into(), 0, 0)]);
    assert_eq!(ask(&["c"]), [("c".into(), 9, 2)], "forgotten and added up anew");
}

#[test]
fn totals_of_shards_add_up() {
    let total = |id: &str, shows, conversions| Total { campaign: id.into(), shows, conversions };
    let sums = totals::sum(vec![vec![total("b", 1, 0), total("a", 2, 1)], vec![total("a", 3, 1), total("b", 0, 0)]]);
    assert_eq!(sums, [total("a", 5, 2), total("b", 1, 0)]);
}

#[test]
fn an_order_of_nobody_counts_once_for_ninety_days() {
    use noren_wire::bounds::PASSING_ORDER_MS;
    use noren_wire::inner::{Passing, PassingOrder};
    const NOW: i64 = 1_760_000_000_000;
    let sql = Memory::new();
    let tell = |now: i64, id: &str, orders: f64, value: f64| {
        let order = PassingOrder { id: id.into(), at: now, orders, value };
        passing::count(&sql, &Passing { now, streams: Vec::new(), orders: vec![order] }).unwrap();
        let mut rows = numbers(&sql, 0, i64::MAX).unwrap();
        let unkept = unkept(&mut rows);
        assert!(rows.is_empty(), "no campaign's");
        (unkept.orders, unkept.value)
    };
    assert_eq!(tell(NOW, "a", 1.0, 500.0), (1.0, 500.0));
    assert_eq!(tell(NOW + 1, "a", 1.0, 500.0), (1.0, 500.0));
    assert_eq!(tell(NOW, "refund of a", 0.0, -200.0), (1.0, 300.0));
    assert_eq!(tell(NOW, "b", 1.0, 10.0), (2.0, 310.0));
    assert!(keep::tidy(&sql, NOW + PASSING_ORDER_MS - 1).unwrap());
    assert_eq!(tell(NOW + PASSING_ORDER_MS - 1, "a", 1.0, 500.0), (2.0, 310.0), "still known");
    let day = 86_400_000;
    assert!(keep::tidy(&sql, NOW + PASSING_ORDER_MS + day).unwrap());
    assert_eq!(tell(NOW + PASSING_ORDER_MS + day, "a", 1.0, 500.0), (3.0, 810.0), "and forgotten");
}
