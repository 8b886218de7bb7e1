//! A backtest counts what a replay decides, whatever the campaigns look at and however the log writes it: random campaigns over random logs.
//! A backtest keeps of a line only what some campaign looks at, in another form; a replay reads everything, and the naive evaluator knows
//! nothing of either.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

mod support;

use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use support::{Dice, Folder, code, lines, noren, stderr};

const START: i64 = 1_760_000_000_000;
const NAMES: [&str; 8] =
    ["page_view", "view_item", "add_to_cart", "purchase", "search", "scroll", "remove_from_cart", "unheard"];

/// A condition that one of the events below can pass.
fn of_event(dice: &mut Dice) -> Json {
    match dice.below(14) {
        0 => json!({"event.items.0.item_id": *dice.one(&["a", "b", "茶"])}),
        1 => json!({"event.items": {"$elemMatch": {"price": {"$gte": dice.below(900)}}}}),
        2 => json!({"event.value": {"$gte": dice.below(900)}}),
        3 => json!({"event.tags": {"$in": ["new", "half \u{fffd}"]}}),
        4 => json!({"event.a.b": dice.below(3)}),
        5 => json!({"event.note": {"$regex": "^(half|plain)"}}),
        6 => json!({"event.deep.er.still": {"$exists": dice.below(2) == 0}}),
        7 => json!({"event.huge": {"$gt": 1e300}}),
        8 => json!({"$or": [{"event.twice": 2}, {"event.items.1.item_id": "b"}]}),
        9 => json!({"event.items": {"$size": 2}}),
        10 => json!({"page.path": {"$regex": "^/tea"}, "event.value": {"$exists": true}}),
        11 => json!({"visitor.visits": {"$lt": 3}, "event.value": {"$exists": true}}),
        12 => json!({"cart.quantity": {"$gte": 1}}),
        _ => json!({"$not": {"event.template": "list"}}),
    }
}

fn of_page(dice: &mut Dice) -> Json {
    match dice.below(9) {
        0 => json!({"page.path": *dice.one(&["/", "/tea/1", "/cart"])}),
        1 => json!({"page.path": {"$regex": *dice.one(&["^/tea/", "1$", "(?=/c)"])}}),
        2 => json!({"page.query.utm_source": *dice.one(&["a b", "mail"])}),
        3 => json!({"page.title": {"$exists": true}}),
        4 => json!({"page.template": "list"}),
        5 => json!({"page.meta.kind": {"$in": ["tea", "cup"]}}),
        6 => json!({"page.referrer": {"$regex": "google"}}),
        7 => json!({"page.url": {"$regex": "shop"}, "page.query.a": {"$ne": "2"}}),
        _ => json!({"page.page_title": {"$exists": false}, "page.title.length": {"$exists": false}}),
    }
}

fn audience(dice: &mut Dice) -> Json {
    match dice.below(13) {
        0 => json!({"visitor.visits": {"$gte": 2}}),
        1 => json!({"visitor.purchases": {"$lt": 2}}),
        2 => json!({"cart.quantity": {"$gte": 1}}),
        3 => json!({"cart.value": {"$lt": 800}}),
        4 => json!({"session.page_views": {"$gte": 2}}),
        5 => json!({"visitor.lifetime_value": {"$gte": 300}}),
        6 => json!({"device.mobile": {"$ne": true}}),
        7 => json!({"traits.plan": {"$ne": "pro"}}),
        8 => json!({"segments": {"$nin": ["vip"]}}),
        9 => json!({"geo.country": {"$in": ["JP", null]}}),
        10 => of_page(dice),
        11 => of_event(dice),
        _ => json!({}),
    }
}

fn on(dice: &mut Dice) -> Json {
    let mut on = json!({"on": *dice.one(&NAMES)});
    if dice.below(2) == 0 {
        on["where"] = of_event(dice);
    }
    on
}

/// A count over some events, with what else is asked of them.
fn counted(dice: &mut Dice, more: &Json) -> Json {
    let window = *dice.one(&["page", "session", "visitor", "10m", "1d"]);
    let mut all = json!({"event": *dice.one(&NAMES), "within": window, "at_least": 1 + dice.below(3)});
    if dice.below(2) == 0 {
        all["where"] = of_event(dice);
    }
    more.as_object().unwrap().iter().for_each(|(key, value)| all[key] = value.clone());
    all
}

fn trigger(dice: &mut Dice) -> Json {
    match dice.below(8) {
        0 => json!({"count": counted(dice, &json!({}))}),
        1 => json!({"count": counted(dice, &json!({"distinct": "items.0.item_id"}))}),
        2 => json!({"sum": counted(dice, &json!({"of": "items.0.price", "at_least": 500}))}),
        3 => {
            let (time, clock) = (*dice.one(&["5s", "30s"]), *dice.one(&["wall", "active"]));
            json!({"dwell": {"page": of_page(dice), "time": time, "clock": clock, "across": *dice.one(&["page", "session"])}})
        }
        4 => {
            let steps = [on(dice), on(dice)];
            json!({"sequence": {"steps": steps, "within": "30m", "same": *dice.one(&["items.0.item_id", "a.b"])}})
        }
        5 => {
            let (after, unless) = (on(dice), of_event(dice));
            json!({"absent": {"event": *dice.one(&NAMES), "where": unless, "for": *dice.one(&["1m", "15m"]), "after": after}})
        }
        6 => json!({"all": [on(dice), {"not": on(dice)}]}),
        _ => json!({"any": [on(dice), {"every": {"event": *dice.one(&NAMES), "times": 2, "within": "session"}}]}),
    }
}

fn campaigns(dice: &mut Dice) -> Json {
    let one = |i: u64, dice: &mut Dice| {
        json!({
            "id": format!("c{i}"), "audience": audience(dice), "trigger": trigger(dice),
            "cancel": if dice.below(2) == 0 { json!([on(dice)]) } else { json!([]) },
            "goal": on(dice), "control": 20, "priority": dice.below(1_000),
            "wait": *dice.one(&["0s", "5m"]), "delay": *dice.one(&["0s", "0s", "3s"]),
            "variants": [{"id": "a", "action": {"kind": *dice.one(&["popup", "bar", "slide"]), "title": "Hello"}}],
            "caps": match dice.below(3) {
                0 => json!({"again": [{"after": "page"}], "stop": [{"times": 1, "of": "converted"}]}),
                n => json!({"again": [{"after": if n == 1 { "page" } else { "1h" }}]}),
            },
        })
    };
    // Of a few campaigns each looks at something that no other does.
    (0..*dice.one(&[1, 3, 12])).map(|i| one(i, dice)).collect()
}

/// Properties as a log may write them, JSON that is sound and no more.
fn props(dice: &mut Dice) -> String {
    let id = *dice.one(&["\"a\"", "\"b\"", "\"\\u8336\"", "7", "null"]);
    let item = format!(r#"{{"item_id":{id},"price":{},"quantity":{}}}"#, dice.below(900), 1 + dice.below(2));
    let mut members = Vec::new();
    for _ in 0..dice.below(7) {
        members.push(match dice.below(18) {
            0 => format!(r#""items":[{item}]"#),
            1 => format!(r#""items":[{item},{{"item_id":"b","price":1e2}}]"#),
            2 => format!(r#""value":{}"#, dice.below(900)),
            3 => r#""value":"12""#.into(),
            4 => r#""tags":["old","half \ud800"]"#.into(),
            5 => r#""note":"half \ud83c"#.to_string() + "\"",
            6 => r#""note":"plain \ud83c\udf75""#.into(),
            7 => format!(r#""a":{{"b":{}}},"a.b":{}"#, dice.below(3), dice.below(3)),
            8 => format!(r#""\u0061":{{"b":{},"c":[]}}"#, dice.below(3)),
            9 => r#""twice":1,"twice":2"#.into(),
            10 => r#""huge":1e999"#.into(),
            11 => format!(r#""deep":{{"er":{{"still":{}1{}}}}}"#, "[".repeat(40), "]".repeat(40)),
            12 => (0..40).map(|i| format!(r#""k{i}":{i},"#)).collect::<String>() + r#""template":"list""#,
            13 => format!(
                r#""page_location":"https://shop.example{}?utm_source={}&a={}""#,
                dice.one(&["/", "/tea/1", "/cart", ""]),
                dice.one(&["a+b", "mail", "%zz"]),
                dice.below(3)
            ),
            14 => r#""page_path":"/tea/9","page_title":"Tea","page_referrer":"https://www.google.com/""#.into(),
            15 => r#""meta":{"kind":"tea"},"template":"list""#.into(),
            16 => r#""meta.kind":"cup","query":{"a":"own"},"query.a":"2""#.into(),
            _ => r#""unread":{"a":[1,2,{"b":null}],"c":"\u0000"}"#.into(),
        });
    }
    format!("{{{}}}", members.join(","))
}

fn facts(dice: &mut Dice) -> String {
    let visits = dice.below(5);
    let facts = match dice.below(5) {
        0 => json!({"visits": visits, "geo": {"country": "US"}}),
        1 => json!({"traits": {"plan": "pro"}, "segments": ["vip"]}),
        2 => json!({"device": {"mobile": true}, "purchases": 3, "lifetime_value": 900}),
        3 => json!({"caps": {"c1": {"shown": 2, "last_shown": START}}}),
        _ => json!({"segments": [], "traits": {}}),
    };
    facts.to_string()
}

fn line(dice: &mut Dice, visitor: u64, at: i64) -> String {
    let mut members = vec![format!(r#""visitor":"visitor \u002d {visitor}""#), format!(r#""at":{at}"#)];
    match dice.below(20) {
        0 => members.extend([r#""type":"facts""#.into(), format!(r#""props":{}"#, facts(dice))]),
        1 => members.extend([
            r#""type":"page""#.into(),
            format!(r#""name":"{}""#, dice.one(&["leave", "hidden", "visible", "active", "idle"])),
        ]),
        2 => members.extend([r#""type":"page","name":"start""#.into(), format!(r#""props":{}"#, props(dice))]),
        3 => members.extend([
            format!(r#""name":"noren_{}""#, dice.one(&["close", "click", "failed", "exposure"])),
            format!(r#""props":{{"campaign":"c{}"}}"#, dice.below(12)),
        ]),
        4 => members.extend([
            r#""type":"consent""#.into(),
            format!(r#""props":{{"granted":{}}}"#, dice.one(&["null", "[]", "[\"marketing\",1]"])),
        ]),
        5 => members.extend([
            format!(r#""name":"{}""#, dice.one(&NAMES)),
            format!(r#""props":{}"#, dice.one(&["[1]", "null", "7", "\"x\""])),
        ]),
        n => {
            let name = if n < 12 { "page_view" } else { *dice.one(&NAMES) };
            members.push(format!(r#""name":"{name}""#));
            members.push(format!(r#""props":{}"#, props(dice)));
            members.push(format!(r#""type":"{}""#, dice.one(&["event", "signal"])));
        }
    }
    if visitor.is_multiple_of(3) {
        members.push(format!(r#""device":"device-{visitor}""#));
    }
    // Members of a line come in any order.
    for i in (1..members.len()).rev() {
        members.swap(i, dice.below(i as u64 + 1) as usize);
    }
    format!("{{{}}}\n", members.join(","))
}

/// Visits of some visitors, in order of time; the first has so many lines.
fn log(dice: &mut Dice, visitors: u64, busy: u64) -> String {
    let mut lines = Vec::new();
    for visitor in 0..visitors {
        let mut at = START + dice.below(20 * 60_000) as i64;
        for _ in 0..if visitor == 0 { busy } else { dice.below(50) } {
            lines.push((at, line(dice, visitor, at)));
            at += *dice.one(&[0, 0, 700, 5_000, 31_000, 240_000, 2_400_000]);
        }
    }
    lines.sort_by_key(|(at, _)| *at);
    lines.into_iter().map(|(_, line)| line).collect()
}

type Counts = BTreeMap<(String, String), u64>;

fn of_replay(decisions: &[Json]) -> Counts {
    let mut counts = Counts::new();
    for d in decisions {
        let word = |key: &str| d[key].as_str().unwrap().to_string();
        let what = if d["gate"] == "" { word("outcome") } else { word("gate") };
        *counts.entry((word("campaign"), what)).or_default() += 1;
    }
    counts
}

fn of_backtest(report: &Json) -> Counts {
    let mut counts = Counts::new();
    for draft in report["drafts"].as_array().unwrap() {
        let id = draft["campaign"].as_str().unwrap();
        let mut count = |what: &str, n: &Json| {
            if n.as_u64().unwrap() > 0 {
                counts.insert((id.into(), what.into()), n.as_u64().unwrap());
            }
        };
        count("shown", &draft["shown"]["times"]);
        count("control", &draft["control"]["times"]);
        draft["suppressed"].as_object().unwrap().iter().for_each(|(gate, n)| count(gate, n));
    }
    counts
}

#[test]
fn a_backtest_counts_what_a_replay_decides() {
    let folder = Folder::new();
    let mut decided = 0;
    for seed in 1..=64 {
        let mut dice = Dice(seed);
        // The naive evaluator's time grows with the square of a visitor's lines, and a backtest decides about many in parts.
        let naive_too = seed <= 3;
        let (visitors, busy) = if naive_too { (10, 60) } else { (20, 700) };
        let documents = folder.json("c.json", &campaigns(&mut dice));
        let log = folder.write("log.ndjson", log(&mut dice, visitors, busy));
        let args = ["--campaigns", &documents, "--events", &log];
        let replay = noren(&[&["replay"], &args[..]].concat());
        assert_eq!(code(&replay), 0, "seed {seed}: {}", stderr(&replay));
        let backtest = noren(&[&["backtest", "--json"], &args[..]].concat());
        assert_eq!(code(&backtest), 0, "seed {seed}: {}", stderr(&backtest));
        let (counted, decisions) = (of_backtest(&lines(&backtest)[0]), lines(&replay));
        assert_eq!(counted, of_replay(&decisions), "seed {seed}");
        decided += decisions.len();
        if naive_too {
            let naive = noren(&[&["replay", "--naive"], &args[..]].concat());
            assert!(naive.stdout == replay.stdout, "seed {seed}: the naive evaluator decides otherwise");
        }
    }
    assert!(decided > 4_000, "the logs must say something: {decided} decisions");
}
