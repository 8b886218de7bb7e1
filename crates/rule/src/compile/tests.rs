use super::*;
use crate::check::check_all;
use crate::testing::{campaign, value};
use noren_program::{Test, Window};
use serde_json::{Value as Json, json};

/// 2026-11-01T00:00:00Z.
const NOW: Timestamp = Timestamp(1_793_491_200_000);

fn compiled(documents: &[Json]) -> Compiled {
    let documents: Vec<Value> = documents.iter().map(value).collect();
    let (campaigns, findings) = check_all(&documents, &Value::Null);
    assert_eq!(campaigns.len(), documents.len(), "{findings:?}");
    compile(&campaigns, NOW)
}

fn one(changes: Json) -> Campaign {
    compiled(&[campaign(changes)]).program.campaigns.remove(0)
}

#[test]
fn live_campaigns_come_in_order_and_paused_ones_do_not() {
    let c = compiled(&[
        campaign(json!({"id": "b"})),
        campaign(json!({"id": "a"})),
        campaign(json!({"id": "c", "status": "paused"})),
    ]);
    let ids: Vec<&str> = c.program.campaigns.iter().map(|c| &*c.id).collect();
    assert_eq!(ids, ["a", "b"]);
    assert_eq!(c.contents.len(), 1, "equal contents are kept once");
    assert_eq!(&*c.program.campaigns[0].variants[0].content, c.contents[0].0);
    assert_eq!((c.program.compiled_at, c.program.valid_until), (NOW, NOW + Duration::days(400)));
}

#[test]
fn equal_conditions_are_kept_once() {
    let product = json!({"page.path": {"$regex": "^/p/"}});
    let c = compiled(&[
        campaign(json!({"id": "a", "audience": product, "trigger": {"dwell": {"time": "5s", "page": product}}})),
        campaign(json!({"id": "b", "audience": {"visitor.visits": 2}, "trigger": {"on": "x", "where": product}})),
    ]);
    assert_eq!(c.program.conds.len(), 2);
    let [a, b] = &c.program.campaigns[..] else { panic!() };
    // The trigger is compiled before the audience.
    assert_eq!((a.audience, b.audience), (Some(CondId(0)), Some(CondId(1))));
    assert!(matches!(&b.leaves[0], Leaf::Count { of: Occurs { cond: Some(CondId(0)), .. }, .. }));
    assert_eq!(c.program.cond(CondId(1)), &Cond::Attr { path: "visitor.visits".into(), test: Test::Eq(2.0.into()) });
}

#[test]
fn triggers_become_nodes_over_leaves() {
    let c = one(json!({"trigger": {"all": [
        {"count": {"event": "view_item", "at_least": 3, "within": "10m"}},
        {"not": {"on": "add_to_cart"}},
        {"any": [{"dwell": {"time": "30s", "clock": "active", "across": "session"}}, {"absent": {"event": "p", "for": "1m", "after": {"on": "q"}}}]}
    ]}}));
    assert_eq!(
        c.trigger,
        Node::All(vec![
            Node::Leaf(0),
            Node::Not(Box::new(Node::Leaf(1))),
            Node::Any(vec![Node::Leaf(2), Node::Leaf(3)])
        ])
    );
    assert_eq!(c.leaves.len(), 4);
    assert!(matches!(c.leaves[0], Leaf::Count { at_least: 3, window: Window::Last(Duration(600_000)), .. }));
}

#[test]
fn a_program_survives_its_bytes() {
    let c = compiled(&[
        campaign(json!({"id": "aa", "trigger": {"all": [
            {"sum": {"event": "add_to_cart", "of": "value", "at_least": 19.99, "within": "visitor"}},
            {"count": {"event": "view_item", "distinct": "item_id", "at_least": 3, "within": "10m"}},
            {"every": {"event": "search", "times": 3}},
            {"sequence": {"steps": [{"on": "view_item", "where": {"event.value": 1}}, {"on": "add_to_cart"}],
                "within": "5m", "without": {"on": "purchase"}, "order": "next", "same": "item_id"}}
        ]}})),
        campaign(
            json!({"id": "a", "schedule": {"zone": "America/New_York", "from": "2026-11-01T00:00", "hours": ["09:00-18:00"]}}),
        ),
        campaign(
            json!({"id": "b", "goal": {"on": "purchase", "value": "value"}, "cancel": [{"on": "purchase", "hold": "3d"}]}),
        ),
    ]);
    assert_eq!(codec::encode(&codec::decode(&codec::encode(&c.program)).unwrap()), codec::encode(&c.program));
    let sum = c.program.campaigns.iter().find(|c| &*c.id == "aa").unwrap();
    assert!(matches!(sum.leaves[0], Leaf::Sum { at_least_cents: 1_999, .. }), "{:?}", sum.leaves);
}

#[test]
fn the_phase_follows_what_is_compared_and_the_fingerprint_what_is_remembered() {
    let base = one(json!({}));
    let action = |title: &str| json!({"kind": "popup", "title": title});
    // What changes, whether the phase does, whether the fingerprint does.
    let rows = [
        (json!({"variants": [{"id": "a", "action": action("Other words")}]}), false, false),
        (json!({"name": "n", "priority": 1, "delay": "5s", "caps": {"again": [{"after": "2d"}]}}), false, false),
        (json!({"variants": [{"id": "b", "action": action("Hello")}]}), true, false),
        (
            json!({"variants": [{"id": "a", "weight": 50, "action": action("Hello")}, {"id": "b", "weight": 50, "action": action("x")}]}),
            true,
            false,
        ),
        (json!({"control": 20}), true, false),
        (json!({"seed": "other"}), true, false),
        (json!({"audience": {"visitor.visits": 1}}), true, false),
        (json!({"trigger": {"on": "view_item", "within": "page"}}), false, true),
        (json!({"trigger": {"on": "view_item", "where": {"event.value": 1}}}), false, true),
        (json!({"cancel": [{"on": "purchase"}]}), false, true),
    ];
    for (changes, phase, fingerprint) in rows {
        let c = one(changes.clone());
        assert_eq!((c.phase != base.phase, c.fingerprint != base.fingerprint), (phase, fingerprint), "{changes}");
    }
}

#[test]
fn another_campaign_changes_neither_phase_nor_fingerprint() {
    let mine =
        json!({"id": "m", "audience": {"visitor.visits": 1}, "trigger": {"on": "x", "where": {"event.value": 1}}});
    let alone = one(mine.clone());
    let other = campaign(json!({"id": "a", "audience": {"visitor.visits": 9}}));
    let beside = compiled(&[other, campaign(mine)]).program.campaigns.remove(1);
    assert_eq!((alone.phase, alone.fingerprint), (beside.phase, beside.fingerprint));
}

/// Minutes of the local day at an instant, by the compiled offsets.
fn local_minute(zone: &Zone, at: Timestamp) -> i64 {
    (at.0 / 60_000 + i64::from(zone.offset_minutes(at))).rem_euclid(1_440)
}

#[test]
fn schedules_are_right_across_clock_changes() {
    let c = compiled(&[campaign(json!({"schedule": {
        "zone": "America/New_York", "from": "2026-11-01T00:00", "until": "2027-03-14T02:30", "hours": ["09:00-18:00"]
    }}))]);
    let s = c.program.campaigns[0].schedule.clone().unwrap();
    // Midnight in New York is still daylight time (UTC-4) on the day the clocks go back.
    assert_eq!(s.from, Some(Timestamp(1_793_491_200_000 + 4 * 3_600_000)));
    // 02:30 on 14 March 2027 does not exist there; it is taken as 03:30 daylight time, 07:30 UTC.
    assert_eq!(s.until, Some(Timestamp(1_805_009_400_000)));
    let zone = &c.program.zones[s.zone as usize];
    let offsets: Vec<i32> = zone.offsets.iter().map(|(_, m)| *m).collect();
    assert_eq!(offsets, [-240, -300, -240, -300]);
    // The change is at 06:00 UTC on 1 November 2026: before and after it nine o'clock is another hour of UTC.
    assert_eq!(zone.offsets[1].0, Timestamp(1_793_512_800_000));
    assert_eq!(local_minute(zone, Timestamp(1_793_512_800_000 - 1)), 119);
    assert_eq!(local_minute(zone, Timestamp(1_793_512_800_000)), 60);
}

#[test]
fn zones_are_kept_once_and_only_where_hours_need_them() {
    let hours = json!({"zone": "Asia/Tokyo", "hours": ["09:00-18:00"]});
    let c = compiled(&[
        campaign(json!({"id": "a", "schedule": {"zone": "Europe/Paris", "from": "2026-11-01T00:00"}})),
        campaign(json!({"id": "b", "schedule": hours})),
        campaign(json!({"id": "c", "schedule": hours})),
    ]);
    assert_eq!(c.program.zones, [Zone { offsets: vec![(NOW, 540)] }]);
}

#[test]
fn a_content_is_named_by_what_it_says() {
    let a = value(&json!({"kind": "popup", "title": {"en": "x", "ja": "茶"}}));
    let b = value(&json!({"title": {"ja": "茶", "en": "x"}, "kind": "popup"}));
    assert_eq!(content_hash(&a), content_hash(&b));
    // printf '{"kind":"popup","title":{"en":"x","ja":"茶"}}' | sha256sum
    assert_eq!(content_hash(&a), "7bfe5bd9f3b73576");
}
