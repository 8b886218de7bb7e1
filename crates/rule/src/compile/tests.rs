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

/// Whether a moment lies in ranges of minutes.
fn falls_into(ranges: &[(i64, i64)], at: Timestamp) -> bool {
    ranges.iter().any(|(a, b)| (*a * 60_000..*b * 60_000).contains(&at.0))
}

#[test]
fn days_of_a_calendar_are_the_zones_own_days_whatever_the_clock_does() {
    // Changes at midnight (Chile, Lebanon, Egypt), by half an hour (Lord Howe), at two (the others), and none.
    let zones = [
        "America/Santiago",
        "Asia/Beirut",
        "Africa/Cairo",
        "Australia/Lord_Howe",
        "America/New_York",
        "Europe/Lisbon",
        "Asia/Tokyo",
    ];
    for name in zones {
        let zone = TimeZoneDatabase::bundled().get(name).unwrap();
        let start = jiff::Timestamp::from_millisecond(NOW.0).unwrap();
        let mut changes: Vec<jiff::Timestamp> = zone.following(start).take(3).map(|t| t.timestamp()).collect();
        changes.push("2027-01-01T00:00:00Z".parse().unwrap());
        changes.retain(|t| t.as_millisecond() < (NOW + ZONE_AHEAD - Duration::days(3)).0);
        let date = |at: jiff::Timestamp| at.to_zoned(zone.clone()).date();
        let mut dates: Vec<_> = changes.iter().map(|at| date(*at)).collect();
        dates.dedup();
        let dates_written: Vec<String> = dates.iter().map(ToString::to_string).collect();
        let compiled = |calendar: Json| {
            let schedule = json!({"zone": name, "weekdays": ["mon"], "hours": ["00:00-01:30", "23:00-24:00"], "calendar": calendar});
            one(json!({"schedule": schedule})).schedule.unwrap()
        };
        let closed = compiled(json!({"closed": dates_written})).closed;
        let open = compiled(json!({"open": dates_written})).open;
        assert!(compiled(json!({"closed": dates_written})).open.is_empty());
        for change in &changes {
            for quarter in -200..200i64 {
                let at = Timestamp(change.as_millisecond() + quarter * 900_000);
                let local = jiff::Timestamp::from_millisecond(at.0).unwrap().to_zoned(zone.clone());
                let on_day = dates.contains(&local.date());
                let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
                let in_hours = (0..90).contains(&minute) || minute >= 23 * 60;
                assert_eq!(falls_into(&closed, at), on_day, "{name} {local}");
                assert_eq!(falls_into(&open, at), on_day && in_hours, "{name} {local}");
            }
        }
    }
}

#[test]
fn only_the_days_that_are_compiled_ahead_take_room() {
    let s =
        one(json!({"schedule": {"calendar": {"closed": ["2026-10-01", "2026-12-31", "2027-01-01", "2029-01-01"]}}}));
    let day = Timestamp(1_798_675_200_000).0 / 60_000;
    assert_eq!(s.schedule.unwrap().closed, [(day, day + 2 * 1_440)]);
}

#[test]
fn groups_that_no_cap_looks_at_are_nothing_to_the_engine() {
    let c = compiled(&[
        campaign(json!({"id": "a", "group": "offers"})),
        campaign(json!({"id": "b", "group": "offers", "caps": {"again": [{"after": "1d", "clock": "others"}]}})),
        campaign(json!({"id": "c", "group": "news"})),
        campaign(json!({"id": "d"})),
    ]);
    let groups: Vec<u32> = c.program.campaigns.iter().map(|c| c.group).collect();
    assert_eq!(groups, [1, 1, 0, 0]);
    let image = c.program.image();
    assert!(image.group(4).eq([0, 1]));
    assert_eq!(codec::decode(&codec::encode(&c.program)), Ok(c.program));
}

#[test]
fn a_holdout_stands_before_every_campaigns_own_share_and_ends_no_comparison() {
    let exclusive = json!({"id": "b", "exclusive": {"name": "checkout", "share": [12.5, 50]}});
    let documents: Vec<Value> = [campaign(json!({"id": "a"})), campaign(exclusive)].iter().map(value).collect();
    let (site, found) = crate::check_site(&value(&json!({"holdout": {"share": 5, "seed": "2026"}})));
    assert_eq!(found, []);
    let (campaigns, _) = crate::check_all_of(&site, &documents, &Value::Null);
    let with = compile_for(&site, &campaigns, NOW).program;
    let without = compile(&campaigns, NOW).program;
    let holdout = Place { why: PlaceKind::Holdout, seed: "__holdout:2026".into(), from: 500, until: 10_000 };
    let own = Place { why: PlaceKind::Exclusive, seed: "__checkout".into(), from: 1_250, until: 5_000 };
    assert_eq!(with.campaigns[0].places, std::slice::from_ref(&holdout));
    assert_eq!(with.campaigns[1].places, [holdout, own.clone()]);
    assert_eq!(without.campaigns[1].places, [own]);
    for (a, b) in with.campaigns.iter().zip(&without.campaigns) {
        assert_eq!((a.phase, a.fingerprint), (b.phase, b.fingerprint));
    }
}

#[test]
fn a_date_to_stop_at_ends_the_schedule_in_its_zone() {
    let until = |changes: Json| one(changes).schedule.unwrap().until;
    // Midnight in Tokyo is 15:00 UTC of the day before.
    let tokyo = Some(Timestamp(1_798_675_200_000 + 15 * 3_600_000));
    let schedule = json!({"zone": "Asia/Tokyo"});
    let stop = json!({"date": "2026-12-31T24:00"});
    assert_eq!(until(json!({"schedule": schedule, "stop": stop})), tokyo);
    assert_eq!(until(json!({"stop": stop})), Some(Timestamp(1_798_761_600_000)));
    let earlier = json!({"zone": "Asia/Tokyo", "until": "2026-12-31T24:00"});
    assert_eq!(until(json!({"schedule": earlier, "stop": {"date": "2027-02-01T00:00"}})), tokyo);
    assert!(one(json!({"stop": {"shows": 5}})).schedule.is_none());
}

#[test]
fn the_end_of_a_campaign_is_a_moment_in_its_zone() {
    let ends = |changes: Json| ends_at(&crate::check(&value(&campaign(changes)), &Value::Null).0.unwrap());
    let stop = json!({"date": "2026-12-31T24:00"});
    assert_eq!(ends(json!({"stop": stop})), Some(Timestamp(1_798_761_600_000)));
    let tokyo = json!({"zone": "Asia/Tokyo", "until": "2026-11-30T00:00"});
    assert_eq!(ends(json!({"stop": stop, "schedule": tokyo})), Some(Timestamp(1_798_761_600_000 - 9 * 3_600_000)));
    assert_eq!(ends(json!({"stop": {"shows": 5}})), None);
    assert_eq!(ends(json!({})), None);
}

#[test]
fn a_program_is_due_for_renewal_half_way_and_only_where_zones_matter() {
    let hours = compiled(&[campaign(json!({"schedule": {"hours": ["09:00-18:00"]}}))]).program;
    let last = NOW + Duration::days(200);
    assert!(!renew_due(&hours, NOW) && !renew_due(&hours, last));
    assert!(renew_due(&hours, last + Duration(1)));
    assert_eq!(renew_at(&hours), Some(last + Duration(1)));
    let calendar = compiled(&[campaign(json!({"schedule": {"calendar": {"closed": ["2026-12-31"]}}}))]).program;
    assert!(renew_due(&calendar, last + Duration(1)));
    // After all of its days, too: the next compilation may know more.
    let plain = compiled(&[campaign(json!({"schedule": {"until": "2030-01-01T00:00"}}))]).program;
    assert!(!renew_due(&plain, last + Duration::days(300)));
}
