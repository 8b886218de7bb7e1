//! What is remembered stays small: the numbers that `noren_engine::state` promises.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use noren_engine::state::{Course, NONE};
use noren_engine::{Engine, Host, Input, Origin};
use noren_event::{Duration, Timestamp, Value};
use noren_program::{CapEvent, codec};
use serde_json::{Value as Json, json};

const START: Timestamp = Timestamp(1_767_225_600_000);

struct NoRegex;

impl Host for NoRegex {
    fn regex(&self, _: &[u8], _: bool, _: &[u8]) -> Option<bool> {
        None
    }
}

fn engine(documents: &[Json]) -> Engine {
    let documents: Vec<Value> = documents.iter().map(noren_wire::value::from_json).collect();
    let (campaigns, findings) = noren_rule::check_all(&documents, &Value::Null);
    assert_eq!(campaigns.len(), documents.len(), "{findings:?}");
    let program = noren_rule::compile(&campaigns, START).program;
    Engine::new(noren_program::Image::load(codec::encode(&program)).expect("a program"), "0123456789abcdef")
}

fn tell(engine: &mut Engine, now: Timestamp, name: &str, props: Value) {
    engine.step(now, Input::Event { name: name.into(), props, at: now, origin: Origin::Here }, &NoRegex);
}

const EVENTS: [&str; 5] = ["view_item", "view_item_list", "select_item", "add_to_cart", "search"];

/// What a shop with very many campaigns runs: two thirds count, one third waits for a stay.
fn shop(number: usize) -> Json {
    let category = format!("category-{}", number % 24);
    let trigger = if number % 3 == 2 {
        json!({"dwell": {"page": {"page.path": format!("/shop/{category}")}, "time": "30s"}})
    } else {
        let within = ["session", "10m", "1d", "7d", "visitor"][number % 5];
        let at_least = [2, 3, 3, 5][number % 4];
        json!({"count": {"event": EVENTS[number % EVENTS.len()], "where": {"event.category": category}, "at_least": at_least, "within": within}})
    };
    json!({
        "id": format!("c{number:05}"), "trigger": trigger, "cancel": [{"on": "purchase"}],
        "caps": {"again": [{"after": "1d", "since": "closed"}], "stop": [{"times": 3, "of": "shown", "within": "visitor"}]},
        "delay": format!("{}s", 43_200 + number), "goal": {"on": "purchase"}, "control": 100,
        "variants": [{"id": "a", "weight": 60, "action": {"kind": "popup", "title": "t"}}, {"id": "b", "weight": 40, "action": {"kind": "popup", "title": "u"}}]
    })
}

#[test]
fn two_hundred_campaigns_with_a_full_history_are_written_in_16_kb() {
    let documents: Vec<Json> = (0..200).map(shop).collect();
    let mut engine = engine(&documents);
    let traits = Value::Map((0..13).map(|n| (format!("trait_{n}").into(), "a value of some length".into())).collect());
    engine.step(START, Input::Facts(Value::map([("traits", traits)])), &NoRegex);
    // Two hundred events in four visits, as the bench has them.
    let mut now = START;
    for visit in 0..4 {
        for n in 0..50_usize {
            now = now + Duration(137 + 1_000 * (n as i64 * 7 % 12));
            let category = format!("category-{}", (n * 5 + visit) % 24);
            let url = format!("https://shop.example/shop/{category}");
            match n % 7 {
                0 => tell(&mut engine, now, "page_view", Value::map([("page_location", url.as_str().into())])),
                _ => tell(
                    &mut engine,
                    now,
                    EVENTS[n % EVENTS.len()],
                    Value::map([("category", category.as_str().into())]),
                ),
            }
        }
        tell(&mut engine, now, "purchase", Value::map([("transaction_id", format!("t{visit}").as_str().into())]));
        engine.step(now, Input::Leave, &NoRegex);
        now = now + Duration::hours(3);
    }
    // Every campaign opens and, half a day later, is exposed. All are in control, because there is one surface for all of them.
    arm(&mut engine, &mut now);
    now = now + Duration::hours(13);
    engine.step(now, Input::Tick, &NoRegex);
    // Each has been shown, closed and clicked in other tabs, three times, on different days.
    for _ in 0..3 {
        now = now + Duration::days(1);
        for c in 0..engine.state().courses.len() {
            let id: Box<str> = format!("c{c:05}").into();
            now = now + Duration(977);
            for what in [CapEvent::Shown, CapEvent::Closed, CapEvent::Clicked] {
                engine.step(now, Input::Record { campaign: id.clone(), what, at: now }, &NoRegex);
            }
        }
    }
    arm(&mut engine, &mut now);
    // While it is armed, counting goes on from nothing.
    for category in 0..24 {
        for event in EVENTS {
            now = now + Duration(311);
            let category = format!("category-{category}");
            tell(&mut engine, now, event, Value::map([("category", category.as_str().into())]));
        }
    }
    let bytes = engine.snapshot().len();
    let s = engine.state();
    let of = |is: fn(&Course) -> bool| s.courses.iter().filter(|c| is(c)).count();
    assert_eq!(of(|c| c.is_armed() && c.records.times.len() >= 9), 200, "all are armed and have a record");
    assert!(of(|c| c.assigned > 0 && c.exposed != NONE) >= 195, "nearly all are assigned");
    assert!(s.leaves.iter().filter(|l| !l.list.is_empty()).count() >= 100, "most counts have begun");
    assert!(bytes <= 16_384, "{bytes} bytes");
}

/// Enough of every event in every category, and a stay on every page, for each campaign to open a decision.
fn arm(engine: &mut Engine, now: &mut Timestamp) {
    for number in 0..24 {
        let category = format!("category-{number}");
        for event in EVENTS {
            for _ in 0..6 {
                *now = *now + Duration(311);
                tell(engine, *now, event, Value::map([("category", category.as_str().into())]));
            }
        }
        let url = format!("https://shop.example/shop/{category}");
        tell(engine, *now, "page_view", Value::map([("page_location", url.as_str().into())]));
        *now = *now + Duration::seconds(31);
        engine.step(*now, Input::Tick, &NoRegex);
    }
}
