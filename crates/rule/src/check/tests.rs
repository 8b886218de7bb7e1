use super::{Holdout, check, check_all, check_all_of, check_site};
use crate::ast::{LocalTime, Status, Trigger};
use crate::members;
use crate::report::Level;
use crate::testing::{campaign, value};
use noren_event::{Duration, Value};
use noren_program::{CapEvent, Surface, Window};
use serde_json::{Value as Json, json};

/// The findings for a campaign with some members replaced, as `level code path`.
pub(super) fn findings(changes: Json) -> Vec<String> {
    let (_, found) = check(&value(&campaign(changes)), &Value::Null);
    found.iter().map(|f| format!("{} {} {}", f.level.word(), f.code, f.path)).collect()
}

#[test]
fn a_sound_document_has_no_findings_and_all_defaults() {
    let (checked, found) = check(&value(&campaign(json!({}))), &Value::Null);
    assert_eq!(found, []);
    let c = checked.unwrap();
    assert_eq!((&*c.id, c.name.get("ja"), c.status), ("c", "c", Status::Live));
    assert_eq!((c.priority, c.control_bps, &*c.seed), (500, 1_000, "c"));
    assert_eq!((c.delay, c.wait), (Duration::ZERO, Duration::ZERO));
    assert_eq!(c.surface, Surface::Modal);
    assert!(c.schedule.is_none() && c.goal.is_none() && c.audience.is_none() && c.cancel.is_empty());
    assert_eq!(c.caps.again[0].since, CapEvent::Shown);
}

#[test]
fn every_mistake_has_a_code_and_a_place() {
    let rows: &[(Json, &[&str])] = &[
        (json!({"cancle": []}), &["error member_unknown /cancle"]),
        (json!({"id": "Über"}), &["error id_invalid /id"]),
        (json!({"id": 7}), &["error type_wrong /id"]),
        (json!({"id": null}), &["error type_wrong /id"]),
        (json!({"trigger": {}}), &["error pattern_unknown /trigger"]),
        (json!({"trigger": {"onn": "x"}}), &["error pattern_unknown /trigger"]),
        (json!({"status": "lvie"}), &["error value_unknown /status"]),
        (json!({"priority": 1000}), &["error number_out_of_range /priority"]),
        (json!({"priority": 1.5}), &["error number_out_of_range /priority"]),
        (json!({"priority": "1"}), &["error type_wrong /priority"]),
        (json!({"control": 101}), &["error number_out_of_range /control"]),
        (json!({"control": 0.123}), &["error number_out_of_range /control"]),
        (json!({"control": 0}), &["warning no_control /control"]),
        (json!({"delay": "25h"}), &["error duration_out_of_range /delay"]),
        (json!({"delay": "soon"}), &["error duration_invalid /delay"]),
        (json!({"wait": 5}), &["error type_wrong /wait"]),
        (json!({"surface": "modul"}), &["error value_unknown /surface"]),
        (json!({"consent": "Ads!"}), &["error id_invalid /consent"]),
        (json!({"name": {"english": "x"}}), &["error language_unknown /name/english"]),
        (json!({"name": {}}), &["error text_empty /name"]),
        (json!({"name": " "}), &["error text_empty /name"]),
        (json!({"name": "x".repeat(101)}), &["error text_too_long /name"]),
        // Conditions.
        (
            json!({"audience": {"visitor.visits": {"$gtt": 1}}}),
            &["error operator_unknown /audience/visitor.visits/$gtt"],
        ),
        (json!({"audience": {"$xor": []}}), &["error operator_unknown /audience/$xor"]),
        (json!({"audience": {"visits": 1}}), &["error attribute_unknown /audience/visits"]),
        (json!({"audience": {"visitor.visist": 1}}), &["error attribute_unknown /audience/visitor.visist"]),
        (json!({"audience": []}), &["error type_wrong /audience"]),
        (json!({"audience": {"$or": {"page.path": "/"}}}), &["error type_wrong /audience/$or"]),
        (json!({"audience": {"$or": []}}), &["error list_empty /audience/$or"]),
        (
            json!({"audience": {"visitor.visits": {"$gt": 1, "x": 2}}}),
            &["error operator_mixed /audience/visitor.visits"],
        ),
        (
            json!({"audience": {"visitor.visits": {"$or": []}}}),
            &["error operator_misplaced /audience/visitor.visits/$or"],
        ),
        (json!({"audience": {"visitor.visits": {"$gt": true}}}), &["error operand_wrong /audience/visitor.visits/$gt"]),
        (json!({"audience": {"visitor.visits": "2"}}), &["warning never_matches /audience/visitor.visits"]),
        (json!({"audience": {"geo.country": {"$in": "JP"}}}), &["error type_wrong /audience/geo.country/$in"]),
        (json!({"audience": {"page.path": {"$regex": "("}}}), &["error regex_invalid /audience/page.path/$regex"]),
        (
            json!({"audience": {"page.path": {"$regex": "(a+)+$"}}}),
            &["error regex_dangerous /audience/page.path/$regex"],
        ),
        (
            json!({"audience": {"page.path": {"$regex": "a".repeat(257)}}}),
            &["error regex_too_long /audience/page.path/$regex"],
        ),
        (json!({"audience": {"traits.a": {"$type": "text"}}}), &["error value_unknown /audience/traits.a/$type"]),
        (json!({"audience": {"traits.app": {"$vgt": 2}}}), &["error operand_wrong /audience/traits.app/$vgt"]),
        (json!({"audience": {"$savedGroup": {"id": "vip"}}}), &["error group_unknown /audience/$savedGroup"]),
        (
            json!({"audience": {"event.items": {"$elemMatch": {"price": {"$about": 1}}}}}),
            &["error operator_unknown /audience/event.items/$elemMatch"],
        ),
        (json!({"audience": {"visitor.visits": {"$gt": 5, "$lt": 3}}}), &["warning never_matches /audience"]),
        (
            json!({"audience": {"visitor.visits": {"$gt": 5}, "$and": [{"visitor.visits": {"$lte": 5}}]}}),
            &["warning never_matches /audience"],
        ),
        (json!({"audience": {"visitor.visits": {"$gte": 5, "$lte": 5}}}), &[]),
        // Triggers.
        (json!({"trigger": {"on": ""}}), &["error text_empty /trigger/on"]),
        (json!({"trigger": {"on": "x", "witin": "1m"}}), &["error member_unknown /trigger/witin"]),
        (json!({"trigger": {"on": "x", "within": "91d"}}), &["error duration_out_of_range /trigger/within"]),
        (
            json!({"trigger": {"count": {"event": "x", "at_least": 0}}}),
            &["error number_out_of_range /trigger/count/at_least"],
        ),
        (
            json!({"trigger": {"count": {"event": "x", "at_least": 101}}}),
            &["error number_out_of_range /trigger/count/at_least"],
        ),
        (json!({"trigger": {"count": {"event": "x"}}}), &["error member_missing /trigger/count"]),
        (
            json!({"trigger": {"count": {"event": "x", "at_least": 2}, "on": "y"}}),
            &["error member_unknown /trigger/count"],
        ),
        (
            json!({"trigger": {"count": {"event": "x", "at_least": 2, "distinct": "a..b"}}}),
            &["error path_invalid /trigger/count/distinct"],
        ),
        (
            json!({"trigger": {"sum": {"event": "x", "of": "value", "at_least": 0}}}),
            &["error number_out_of_range /trigger/sum/at_least"],
        ),
        (json!({"trigger": {"sum": {"event": "x", "at_least": 5}}}), &["error member_missing /trigger/sum"]),
        (
            json!({"trigger": {"every": {"event": "x", "times": 1}}}),
            &["error number_out_of_range /trigger/every/times"],
        ),
        (
            json!({"trigger": {"every": {"event": "x", "times": 2, "within": "1h"}}}),
            &["error value_unknown /trigger/every/within"],
        ),
        (
            json!({"trigger": {"sequence": {"steps": [{"on": "x"}], "within": "5m"}}}),
            &["error list_too_short /trigger/sequence/steps"],
        ),
        (
            json!({"trigger": {"sequence": {"steps": [{"on": "x"}, {"on": "y", "hold": "session"}], "within": "25h"}}}),
            &[
                "error member_unknown /trigger/sequence/steps/1/hold",
                "error duration_out_of_range /trigger/sequence/within",
            ],
        ),
        (
            json!({"trigger": {"sequence": {"steps": [{"on": "x"}, {"on": "y"}], "within": "5m", "order": "later"}}}),
            &["error value_unknown /trigger/sequence/order"],
        ),
        (json!({"trigger": {"dwell": {"time": "13h"}}}), &["error duration_out_of_range /trigger/dwell/time"]),
        (
            json!({"trigger": {"dwell": {"time": "30s", "page": {"visitor.visits": 1}}}}),
            &["error attribute_not_here /trigger/dwell/page/visitor.visits"],
        ),
        (json!({"trigger": {"absent": {"event": "p", "for": "15m"}}}), &["error member_missing /trigger/absent"]),
        (json!({"trigger": {"not": {"on": "x"}}}), &["error not_without_anchor /trigger"]),
        (json!({"trigger": {"all": [{"not": {"on": "x"}}]}}), &["error not_without_anchor /trigger/all"]),
        (json!({"trigger": {"any": [{"on": "y"}, {"not": {"on": "x"}}]}}), &["error not_inside_any /trigger/any/1"]),
        (
            json!({"trigger": {"any": [{"all": [{"on": "y"}, {"not": {"on": "x"}}]}]}}),
            &["error not_inside_any /trigger/any/0/all/1"],
        ),
        (json!({"trigger": {"all": []}}), &["error list_empty /trigger/all"]),
        (
            json!({"trigger": {"all": [{"on": "a"}, {"on": 1}, {"bad": 1}]}}),
            &["error type_wrong /trigger/all/1/on", "error pattern_unknown /trigger/all/2"],
        ),
        (json!({"trigger": {"on": "page_view"}, "caps": {}}), &["warning fires_every_page /trigger"]),
        (json!({"caps": {}}), &["warning no_caps "]),
        (json!({"cancel": [{"on": "view_item"}]}), &["warning cancels_itself /cancel/0"]),
        (json!({"cancel": [{"on": "purchase", "hold": "forever"}]}), &["error duration_invalid /cancel/0/hold"]),
        // Schedule.
        (json!({"schedule": {"zone": "Tokyo"}}), &["error zone_unknown /schedule/zone"]),
        (json!({"schedule": {"from": "2026-02-30T00:00"}}), &["error date_invalid /schedule/from"]),
        (json!({"schedule": {"from": "2026-11-01"}}), &["error date_invalid /schedule/from"]),
        (
            json!({"schedule": {"from": "2026-11-02T00:00", "until": "2026-11-01T24:00"}}),
            &["error schedule_never /schedule"],
        ),
        (json!({"schedule": {"weekdays": ["monday"]}}), &["error value_unknown /schedule/weekdays/0"]),
        (json!({"schedule": {"weekdays": ["mon", "mon"]}}), &["error day_twice /schedule/weekdays"]),
        (json!({"schedule": {"hours": ["18:00-09:00"]}}), &["error hours_inverted /schedule/hours/0"]),
        (json!({"schedule": {"hours": ["09:00-12:00", "11:59-13:00"]}}), &["error hours_overlap /schedule/hours"]),
        (json!({"schedule": {"hours": ["9-12"]}}), &["error hours_invalid /schedule/hours/0"]),
        // 2026-11-07 is a Saturday.
        (
            json!({"schedule": {"from": "2026-11-07T00:00", "until": "2026-11-08T24:00", "weekdays": ["mon"]}}),
            &["error schedule_never /schedule"],
        ),
        (json!({"schedule": {"from": "2026-11-07T00:00", "until": "2026-11-09T00:01", "weekdays": ["mon"]}}), &[]),
        (
            json!({"schedule": {"from": "2026-11-07T00:00", "until": "2026-11-08T24:00", "weekdays": ["mon"], "calendar": {"open": ["2026-11-07"]}}}),
            &[],
        ),
        (json!({"schedule": {"calendar": {"close": []}}}), &["error member_unknown /schedule/calendar/close"]),
        (json!({"schedule": {"calendar": {"closed": []}}}), &["error list_empty /schedule/calendar/closed"]),
        (
            json!({"schedule": {"calendar": {"closed": ["2026-12-31", "31.12.2026", "2026-02-29"]}}}),
            &["error date_invalid /schedule/calendar/closed/1", "error date_invalid /schedule/calendar/closed/2"],
        ),
        (
            json!({"schedule": {"calendar": {"closed": ["2026-12-31", "2026-12-31"]}}}),
            &["error day_twice /schedule/calendar/closed"],
        ),
        (
            json!({"schedule": {"weekdays": ["mon"], "calendar": {"closed": ["2026-12-31"], "open": ["2026-12-30", "2026-12-31"]}}}),
            &["error day_twice /schedule/calendar"],
        ),
        (json!({"schedule": {"calendar": {"closed": "jp"}}}), &["error calendar_unknown /schedule/calendar/closed"]),
        (
            json!({"schedule": {"hours": ["09:00-18:00"], "calendar": {"open": ["2026-12-31"]}}}),
            &["warning open_needless /schedule/calendar/open"],
        ),
        // Groups, shares, ends.
        (json!({"group": "A"}), &["error id_invalid /group"]),
        (json!({"caps": {"again": [{"after": "1d", "clock": "group"}]}}), &["error group_missing /caps"]),
        (json!({"caps": {"stop": [{"times": 1, "clock": "others"}]}}), &["error group_missing /caps"]),
        (json!({"group": "offers", "caps": {"stop": [{"times": 1, "clock": "others"}]}}), &[]),
        (json!({"exclusive": {"share": [0, 50]}}), &["error member_missing /exclusive"]),
        (json!({"exclusive": {"name": "x", "share": [50]}}), &["error share_invalid /exclusive/share"]),
        (json!({"exclusive": {"name": "x", "share": [50, 50]}}), &["error share_invalid /exclusive/share"]),
        (json!({"exclusive": {"name": "x", "share": [0, 101]}}), &["error number_out_of_range /exclusive/share/1"]),
        (json!({"exclusive": {"name": "x", "share": [0, 33.33]}}), &[]),
        (json!({"stop": {"shows": 0}}), &["error number_out_of_range /stop/shows"]),
        (json!({"stop": {"conversions": "many"}}), &["error type_wrong /stop/conversions"]),
        (json!({"stop": {"date": "2026-12-31"}}), &["error date_invalid /stop/date"]),
        (
            json!({"stop": {"date": "2026-12-31T00:00"}, "schedule": {"from": "2027-01-01T00:00"}}),
            &["error schedule_never /stop/date"],
        ),
        // Caps and goal.
        (json!({"caps": {"again": [{"since": "shown"}]}}), &["error member_missing /caps/again/0"]),
        (json!({"caps": {"again": [{"after": "1d", "since": "seen"}]}}), &["error value_unknown /caps/again/0/since"]),
        (json!({"caps": {"stop": [{"times": 21}]}}), &["error number_out_of_range /caps/stop/0/times"]),
        (json!({"caps": {"stop": [{"times": 1, "within": "page"}]}}), &["error duration_invalid /caps/stop/0/within"]),
        (json!({"goal": {"within": "7d"}}), &["error member_missing /goal"]),
    ];
    for (changes, expected) in rows {
        assert_eq!(findings(changes.clone()), *expected, "{changes}");
    }
}

#[test]
fn findings_name_the_campaign_and_say_both_languages() {
    let mut documents = vec![value(&json!(3)), value(&campaign(json!({"priority": -1})))];
    documents.push(value(&campaign(json!({}))));
    documents.push(value(&campaign(json!({}))));
    let (campaigns, found) = check_all(&documents, &Value::Null);
    let places: Vec<_> = found.iter().map(|f| (&*f.campaign, f.code)).collect();
    assert_eq!(places, [("0", "type_wrong"), ("c", "number_out_of_range"), ("c", "id_taken")]);
    assert_eq!(campaigns.len(), 1);
    assert_eq!(found[0].path, "");
    for f in found {
        assert!(f.message.en.is_ascii() && !f.message.ja.is_ascii(), "{f:?}");
    }
}

#[test]
fn a_misspelt_word_is_answered_with_the_right_one() {
    let (_, found) = check(&value(&campaign(json!({"cancle": []}))), &Value::Null);
    assert!(found[0].message.en.contains("\"cancel\"") && found[0].message.ja.contains("「cancel」"));
    let (_, found) = check(&value(&campaign(json!({"schedule": {"zone": "tokyo"}}))), &Value::Null);
    assert!(found[0].message.en.contains("Asia/Tokyo"));
    let (_, found) = check(&value(&campaign(json!({"audience": {"visits": 1}}))), &Value::Null);
    assert!(found[0].message.en.contains("visitor.visits"));
}

#[test]
fn schedules_become_minutes_of_a_local_week() {
    let schedule =
        |s: Json| check(&value(&campaign(json!({"schedule": s}))), &Value::Null).0.unwrap().schedule.unwrap();
    assert_eq!(schedule(json!({"weekdays": ["tue", "mon"]})).weekly, [(0, 2_880)]);
    assert_eq!(
        schedule(json!({"hours": ["09:00-12:00", "13:00-24:00"], "weekdays": ["sun"]})).weekly,
        [(9_180, 9_360), (9_420, 10_080)]
    );
    assert_eq!(schedule(json!({"hours": ["00:00-24:00"]})).weekly, []);
    assert_eq!(
        schedule(json!({"hours": ["22:00-24:00", "00:00-05:00"], "weekdays": ["mon", "tue"]})).weekly,
        [(0, 300), (1_320, 1_740), (2_760, 2_880)]
    );
    let s = schedule(json!({"zone": "Asia/Tokyo", "until": "2026-12-31T24:00"}));
    assert_eq!(s.until, Some(LocalTime { year: 2027, month: 1, day: 1, hour: 0, minute: 0 }));
    assert_eq!(&*s.zone, "Asia/Tokyo");
}

#[test]
fn on_is_a_count_of_one_in_the_session() {
    let c = check(&value(&campaign(json!({}))), &Value::Null).0.unwrap();
    assert!(matches!(c.trigger, Trigger::Count { at_least: 1, window: Window::Session, .. }));
}

#[test]
fn a_hostile_document_ends_in_findings() {
    let mut deep = json!({"visitor.visits": 1});
    for _ in 0..30 {
        deep = json!({"$not": deep});
    }
    assert_eq!(findings(json!({"audience": deep})), ["error nesting_too_deep /audience"]);
    let mut deep = json!({"on": "x"});
    for _ in 0..30 {
        deep = json!({"all": [deep]});
    }
    let found = findings(json!({"trigger": deep}));
    assert!(found.len() == 1 && found[0].starts_with("error nesting_too_deep"), "{found:?}");
    let many: serde_json::Map<String, Json> = (0..1_000).map(|i| (format!("key{i}"), json!(1))).collect();
    let (_, found) = check(&value(&Json::Object(many)), &Value::Null);
    assert_eq!(found.len(), crate::bounds::FINDINGS_MAX);
    assert!(found.iter().all(|f| f.level == Level::Error));
    let cycle = value(&json!({"a": {"type": "condition", "condition": {"$savedGroup": {"id": "a"}}}}));
    let document = campaign(json!({"audience": {"$savedGroup": {"id": "a"}}}));
    assert_eq!(check(&value(&document), &cycle).1[0].code, "group_cycle");
}

#[test]
fn what_the_checker_knows_and_what_the_schema_knows_are_the_same() {
    let schema: Json = serde_json::from_str(crate::SCHEMA).unwrap();
    for (name, known) in members::ALL {
        let of_schema: Vec<&str> = match schema["$defs"][name]["properties"].as_object() {
            Some(properties) => properties.keys().map(String::as_str).collect(),
            None => panic!("the schema has no {name}"),
        };
        let (mut a, mut b) = (of_schema, known.to_vec());
        a.sort_unstable();
        b.sort_unstable();
        assert_eq!(a, b, "{name}");
        assert_eq!(schema["$defs"][name]["additionalProperties"], json!(false), "{name}");
    }
    let enumerated = |pointer: &str| -> Vec<String> {
        let list = schema.pointer(pointer).unwrap_or_else(|| panic!("{pointer}")).as_array().unwrap();
        list.iter().map(|v| v.as_str().unwrap().to_string()).collect()
    };
    assert_eq!(enumerated("/$defs/campaign/properties/surface/enum"), members::SURFACES);
    assert_eq!(enumerated("/$defs/capEvent/enum"), members::CAP_EVENTS);
    assert_eq!(enumerated("/$defs/capClock/enum"), members::CAP_CLOCKS);
    assert_eq!(enumerated("/$defs/schedule/properties/weekdays/items/enum"), members::WEEKDAYS);
    assert_eq!(enumerated("/$defs/button/properties/action/enum"), members::BUTTON_ACTIONS);
    let operators: Vec<&String> = schema["$defs"]["operators"]["properties"].as_object().unwrap().keys().collect();
    assert_eq!(operators, crate::condition::OPERATORS);
}

#[test]
fn the_schema_names_the_checkers_bounds() {
    use crate::bounds::*;
    let schema: Json = serde_json::from_str(crate::SCHEMA).unwrap();
    let rows = [
        ("/$defs/campaign/properties/priority/maximum", u64::from(PRIORITY_MAX)),
        ("/$defs/campaign/properties/control/maximum", u64::from(CONTROL_MAX)),
        ("/$defs/campaign/properties/control/default", u64::from(CONTROL_DEFAULT)),
        ("/$defs/campaign/properties/variants/maxItems", VARIANTS_MAX as u64),
        ("/$defs/campaign/properties/cancel/maxItems", CANCEL_MAX as u64),
        ("/$defs/count/properties/at_least/maximum", u64::from(COUNT_MAX)),
        ("/$defs/stop/properties/times/maximum", u64::from(CAP_TIMES_MAX)),
        ("/$defs/caps/properties/again/maxItems", CAPS_MAX as u64),
        ("/$defs/schedule/properties/hours/maxItems", HOURS_MAX as u64),
        ("/$defs/popup/properties/buttons/maxItems", BUTTONS_MAX as u64),
        ("/$defs/questions/properties/questions/maxItems", QUESTIONS_MAX as u64),
        ("/$defs/question/properties/options/maxItems", OPTIONS_MAX as u64),
        ("/$defs/question/properties/next/maxItems", NEXT_MAX as u64),
        ("/$defs/clock/properties/minutes/maximum", u64::from(COUNTDOWN_MAX)),
        ("/$defs/slot/properties/height/maximum", u64::from(SLOT_MAX)),
        ("/$defs/slot/properties/at/maxLength", SELECTOR_MAX as u64),
        ("/$defs/recommend/properties/items/maxItems", ITEMS_MAX as u64),
        ("/$defs/pageCount/properties/minimum/maximum", u64::from(PROOF_MAX)),
        ("/$defs/theme/properties/radius/maximum", u64::from(RADIUS_MAX)),
        ("/$defs/image/properties/width/maximum", u64::from(IMAGE_MAX)),
        ("/$defs/url/maxLength", URL_MAX as u64),
        ("/$defs/regex/maxLength", REGEX_MAX as u64),
        ("/$defs/sequence/properties/steps/maxItems", STEPS_MAX as u64),
        ("/$defs/every/properties/times/maximum", u64::from(COUNT_MAX)),
        ("/$defs/sum/properties/at_least/maximum", SUM_MAX as u64),
        ("/$defs/event/maxLength", EVENT_MAX as u64),
    ];
    for (pointer, expected) in rows {
        assert_eq!(schema.pointer(pointer).and_then(Json::as_u64), Some(expected), "{pointer}");
    }
}

#[test]
fn a_sites_calendars_and_holdout_are_checked_and_known_by_name() {
    let (site, found) = check_site(&value(&json!({
        "calendars": {"jp": ["2027-01-01", "2026-12-31"]}, "holdout": {"share": 2.5}
    })));
    assert_eq!(found, []);
    assert_eq!(site.holdout, Some(Holdout { share_bps: 250, seed: "".into() }));
    let document = value(&campaign(json!({"schedule": {"calendar": {"closed": "jp"}}})));
    let (campaigns, found) = check_all_of(&site, &[document], &Value::Null);
    assert_eq!(found, []);
    let closed = &campaigns[0].schedule.as_ref().unwrap().closed;
    let days: Vec<_> = closed.dates.iter().map(|d| (d.year, d.month, d.day)).collect();
    assert_eq!((&*closed.calendar, &days[..]), ("jp", &[(2026, 12, 31), (2027, 1, 1)][..]));

    let near = value(&campaign(json!({"schedule": {"calendar": {"closed": "jpp"}}})));
    let (_, found) = check_all_of(&site, &[near], &Value::Null);
    assert!(found[0].message.en.contains("\"jp\"") && found[0].message.ja.contains("「jp」"), "{found:?}");

    let wrong = [
        (json!([]), "type_wrong "),
        (json!({"calender": {}}), "member_unknown /calender"),
        (json!({"calendars": []}), "type_wrong /calendars"),
        (json!({"calendars": {"JP": ["2026-12-31"]}}), "id_invalid /calendars/JP"),
        (json!({"calendars": {"jp": ["soon"]}}), "date_invalid /calendars/jp/0"),
        (json!({"holdout": {}}), "member_missing /holdout"),
        (json!({"holdout": {"share": 51}}), "number_out_of_range /holdout/share"),
    ];
    for (document, expected) in wrong {
        let (_, found) = check_site(&value(&document));
        let found: Vec<_> = found.iter().map(|f| format!("{} {}", f.code, f.path)).collect();
        assert_eq!(found, [expected], "{document}");
    }
}

/// The findings for several campaigns as `code campaign path`.
fn together(documents: &[Json]) -> Vec<String> {
    let documents: Vec<Value> = documents.iter().map(|changes| value(&campaign(changes.clone()))).collect();
    let (_, found) = check_all(&documents, &Value::Null);
    found.iter().map(|f| format!("{} {} {}", f.code, f.campaign, f.path)).collect()
}

#[test]
fn no_two_campaigns_get_the_same_visitors_for_their_own() {
    let share = |id: &str, name: &str, from: f64, until: f64| json!({"id": id, "exclusive": {"name": name, "share": [from, until]}});
    assert_eq!(together(&[share("a", "x", 0.0, 50.0), share("b", "x", 50.0, 100.0)]), [""; 0]);
    assert_eq!(together(&[share("a", "x", 50.0, 100.0), share("b", "x", 0.0, 50.0)]), [""; 0]);
    assert_eq!(together(&[share("a", "x", 0.0, 50.0), share("b", "y", 0.0, 50.0)]), [""; 0]);
    let taken = ["share_taken b /exclusive/share"];
    assert_eq!(together(&[share("a", "x", 0.0, 50.01), share("b", "x", 50.0, 100.0)]), taken);
    // Who is paused keeps its share, so that pausing moves nobody.
    let mut paused = share("a", "x", 0.0, 50.01);
    paused["status"] = json!("paused");
    assert_eq!(together(&[paused, share("b", "x", 50.0, 100.0)]), taken);
}

#[test]
fn a_campaign_that_always_loses_is_warned_about() {
    // The winner has no caps, which is a warning of its own.
    let pair = |winner: Json, loser: Json| -> bool {
        let mut a = json!({"id": "a", "priority": 900, "caps": {}});
        let mut b = json!({"id": "b"});
        for (document, changes) in [(&mut a, &winner), (&mut b, &loser)] {
            for (key, value) in changes.as_object().unwrap() {
                document[key] = value.clone();
            }
        }
        let found = together(&[b, a]);
        assert!(found.iter().all(|f| f.starts_with("no_caps") || f == "always_loses b /priority"), "{found:?}");
        found.iter().any(|f| f.starts_with("always_loses"))
    };
    let vip = json!({"visitor.visits": {"$gte": 5}});
    let vip_at_cart = json!({"visitor.visits": {"$gte": 5}, "page.path": "/cart"});
    let dear = json!({"on": "view_item", "where": {"event.value": {"$gte": 100}}});
    let always = [
        (json!({}), json!({})),
        (json!({}), json!({"audience": vip, "trigger": dear})),
        (json!({"audience": vip}), json!({"audience": vip_at_cart})),
        (json!({"priority": 500}), json!({})),
        (json!({"trigger": {"any": [{"on": "search"}, {"on": "view_item"}]}}), json!({})),
        (json!({"trigger": {"dwell": {"time": "5s"}}}), json!({"trigger": {"dwell": {"time": "5s"}}})),
    ];
    for (winner, loser) in always {
        assert!(pair(winner.clone(), loser.clone()), "{winner} {loser}");
    }
    let sometimes = [
        (json!({"caps": {"again": [{"after": "1d"}]}}), json!({})),
        (json!({"priority": 400}), json!({})),
        (json!({"surface": "top"}), json!({})),
        (json!({"status": "paused"}), json!({})),
        (json!({"audience": vip_at_cart}), json!({"audience": vip})),
        (json!({"trigger": dear}), json!({})),
        (json!({"trigger": {"count": {"event": "view_item", "at_least": 2}}}), json!({})),
        (json!({}), json!({"trigger": {"on": "view_item", "within": "visitor"}})),
        (json!({}), json!({"wait": "1m"})),
        (json!({"delay": "1s"}), json!({})),
        (json!({"schedule": {"hours": ["09:00-18:00"]}}), json!({})),
        (json!({"consent": "ads"}), json!({})),
        (json!({"cancel": [{"on": "purchase"}]}), json!({})),
        (json!({"stop": {"shows": 10}}), json!({})),
        (json!({"exclusive": {"name": "x", "share": [0, 99]}}), json!({})),
    ];
    for (winner, loser) in sometimes {
        assert!(!pair(winner.clone(), loser.clone()), "{winner} {loser}");
    }
}
