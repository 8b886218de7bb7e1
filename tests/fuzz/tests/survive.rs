//! Every decoder gives a value or an error for every input, and what it gave can be worked with.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a helper of tests fails as a test does")]

use noren_engine::{Engine, Host, Input, Origin, WidgetNews};
use noren_event::{Timestamp, Value, packed};
use noren_fuzz::{Random, Subject};
use noren_program::{CapEvent, Image, Program, codec};
use noren_wire::sync::SyncRequest;
use noren_wire::value::from_json;
use serde_json::{Value as Json, json};
use std::cell::Cell;

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600_000;

/// Finds nothing in a pattern: which expressions a host can run is not what is tested.
struct NoExpressions;

impl Host for NoExpressions {
    fn regex(&self, _: &[u8], _: bool, _: &[u8]) -> Option<bool> {
        None
    }
}

fn examples() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/campaigns");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

/// All examples, and between them every kind of leaf that the language has.
fn program() -> Program {
    let mut texts = examples();
    for (i, trigger) in [
        json!({ "on": "view_item", "where": { "event.value": { "$gt": 10 } } }),
        json!({ "count": { "event": "view_item", "at_least": 3, "within": "10m" } }),
        json!({ "count": { "event": "view_item", "distinct": "item_id", "at_least": 2, "within": "session" } }),
        json!({ "sum": { "event": "add_to_cart", "of": "value", "at_least": 5000, "within": "1d" } }),
        json!({ "every": { "event": "page_view", "times": 3, "within": "visitor" } }),
        json!({ "sequence": { "steps": [{ "on": "search" }, { "on": "view_item" }], "within": "5m", "without": { "on": "purchase" } } }),
        json!({ "any": [{ "dwell": { "time": "30s", "clock": "active", "across": "session" } }, { "on": "exit_intent" }] }),
        json!({ "all": [{ "on": "search" }, { "not": { "on": "purchase" } }] }),
    ]
    .into_iter()
    .enumerate()
    {
        let action = json!({ "kind": "bar", "body": "Hello", "buttons": [{ "label": "Close", "action": "close" }] });
        let document = json!({ "id": format!("more-{i}"), "name": "More", "trigger": trigger, "control": 20,
            "variants": [{ "id": "a", "weight": 100, "action": action }], "goal": { "on": "purchase", "within": "7d" } });
        texts.push(document.to_string());
    }
    let campaigns = noren_editor::campaigns("", &texts).1;
    assert_eq!(campaigns.len(), texts.len(), "all of them compile");
    noren_rule::compile(&campaigns, Timestamp(START)).program
}

fn value(random: &mut Random, depth: u32) -> Value {
    match random.below(if depth == 0 { 5 } else { 8 }) {
        0 => Value::Null,
        1 => (random.below(2) == 0).into(),
        2 => Value::Num(f64::from_bits(random.bits())),
        3 => Value::Num(random.below(1_000) as f64),
        4 => Value::str(random.pick::<&str>(&["", "/products/kettle", "あ", "a\u{0}b", "returning"])),
        5 => Value::Bytes(random.bytes(9)),
        6 => Value::List((0..random.below(5)).map(|_| value(random, depth - 1)).collect()),
        _ => Value::Map((0..random.below(5)).map(|i| (format!("k{i}").into(), value(random, depth - 1))).collect()),
    }
}

fn input(random: &mut Random, image: &Image, now: Timestamp) -> Input {
    const NAMES: [&str; 7] =
        ["page_view", "view_item", "add_to_cart", "purchase", "search", "exit_intent", "something_else"];
    let id = |random: &mut Random| -> Box<str> {
        let c = random.below(image.campaigns().max(1) as usize);
        String::from_utf8_lossy(image.id(c as u32)).into()
    };
    match random.below(14) {
        0 => Input::Visible,
        1 => Input::Hidden,
        2 => Input::Active,
        3 => Input::Leave,
        4 => Input::Facts(value(random, 3)),
        5 => Input::Attributes((*random.pick(&["device", "geo", "page", "cart", "event"])).into(), value(random, 3)),
        6 => Input::Consent((random.below(2) == 0).then(|| vec!["marketing".into()])),
        7 => {
            let news = [WidgetNews::Closed, WidgetNews::Clicked, WidgetNews::Failed, WidgetNews::Retracted];
            Input::Widget(id(random), *random.pick(&news))
        }
        8 => {
            let what = [CapEvent::Shown, CapEvent::Closed, CapEvent::Clicked, CapEvent::Converted];
            Input::Record { campaign: id(random), what: *random.pick(&what), at: now }
        }
        9 => Input::Tick,
        _ => Input::Event {
            name: (*random.pick(&NAMES)).into(),
            props: value(random, 3),
            at: if random.below(9) == 0 { Timestamp(random.bits() as i64) } else { now },
            origin: *random.pick(&[Origin::Here, Origin::Here, Origin::Elsewhere]),
        },
    }
}

/// A visitor's time with an engine: steps of seconds, sometimes to the next deadline, sometimes anywhere.
fn live(engine: &mut Engine, random: &mut Random, steps: usize) {
    let mut now = engine.state().moment.now.0.max(START);
    for _ in 0..steps {
        now = match random.below(12) {
            0 => engine.next_deadline().map_or(now, |due| due.0),
            1 => random.bits() as i64,
            2 => now.saturating_add(86_400_000),
            _ => now.saturating_add(random.below(40_000) as i64),
        };
        let image = engine.image().clone();
        let input = input(random, &image, Timestamp(now));
        engine.step(Timestamp(now), input, &NoExpressions);
    }
    engine.trace(Timestamp(now), &NoExpressions);
}

#[test]
fn packed_values() {
    let survive = |bytes: &[u8]| {
        if let Ok(value) = packed::decode(bytes) {
            // Bytes rather than values: NaN is not equal to itself.
            let again = packed::encode(&value);
            assert_eq!(packed::encode(&packed::decode(&again).unwrap()), again);
        }
    };
    Subject::survives("packed", 40_000, |random| random.bytes(120), survive);
    let of_values = |random: &mut Random| {
        let [one, other] = [packed::encode(&value(random, 5)), packed::encode(&value(random, 2))];
        random.mutate(&one, &other)
    };
    Subject::survives("packed", 40_000, of_values, survive);
}

#[test]
fn programs() {
    let good = codec::encode(&program());
    let worked = Cell::new(0);
    let survive = |bytes: &[u8]| {
        // A browser reads no more than where the records lie, and meets what is wrong in them as it decides.
        if let Ok(image) = Image::load(bytes.into()) {
            worked.set(worked.get() + 1);
            live(&mut Engine::new(image, "visitor"), &mut Random::new(bytes.len() as u64), 30);
        }
        let Ok(program) = codec::decode(bytes) else { return };
        let again = codec::encode(&program);
        assert_eq!(codec::encode(&codec::decode(&again).unwrap()), again);
        live(&mut Engine::new(program.image(), "visitor"), &mut Random::new(bytes.len() as u64), 30);
    };
    Subject::survives("program", 25_000, |random| random.bytes(300), survive);
    let mutated = |random: &mut Random| {
        let other = random.bytes(40);
        random.mutate(&good, &other)
    };
    Subject::survives("program", 20_000, mutated, survive);
    assert!(worked.get() > 1_200, "only {} mutated programs could be worked with", worked.get());
}

#[test]
fn snapshots() {
    let image = program().image();
    let good: Vec<Vec<u8>> = (0..20)
        .map(|seed| {
            let mut engine = Engine::new(image.clone(), "visitor");
            live(&mut engine, &mut Random::new(seed), 120);
            engine.snapshot()
        })
        .collect();
    let worked = Cell::new(0);
    let survive = |bytes: &[u8]| {
        if let Ok((mut engine, _)) = Engine::restore(image.clone(), b"visitor", bytes, &NoExpressions) {
            worked.set(worked.get() + 1);
            live(&mut engine, &mut Random::new(bytes.len() as u64), 200);
            let kept = engine.snapshot();
            let again = Engine::restore(image.clone(), b"visitor", &kept, &NoExpressions);
            assert!(again.is_ok(), "its own snapshot: {:?}", again.err());
        }
    };
    Subject::survives("snapshot", 10_000, |random| random.bytes(300), survive);
    let mutated = |random: &mut Random| {
        let (one, other) = (random.pick(&good).clone(), random.pick(&good).clone());
        random.mutate(&one, &other)
    };
    Subject::survives("snapshot", 7_500, mutated, survive);
    assert!(worked.get() > 600, "only {} mutated snapshots could be worked with", worked.get());
}

#[test]
fn documents_of_sites() {
    let seeds = [
        r#"{"calendars":{"jp":["2026-12-31","2027-01-01"],"eu":["2026-12-25"]},"holdout":{"share":2.5,"seed":"2026"}}"#,
        r#"{"holdout":{"share":50}}"#,
    ];
    let closed = r#"{"id":"c","trigger":{"on":"x"},"schedule":{"zone":"Asia/Tokyo","calendar":{"closed":"jp"}},
        "variants":[{"id":"a","action":{"kind":"popup","title":"x"}}]}"#;
    let mutated = |random: &mut Random| {
        let (one, other) = (*random.pick(&seeds), *random.pick(&seeds));
        random.mutate(one.as_bytes(), other.as_bytes())
    };
    let survive = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let read = noren_editor::read(&text, &[closed.to_string()]);
        let program = noren_rule::compile_for(&read.site, &read.campaigns, Timestamp(START)).program;
        let bytes = codec::encode(&program);
        assert_eq!(codec::decode(&bytes).map(|program| codec::encode(&program)), Ok(bytes));
    };
    Subject::survives("site", 6_000, mutated, survive);
}

#[test]
fn campaign_documents() {
    let examples = examples();
    let mutated = |random: &mut Random| {
        let (one, other) = (random.pick(&examples).clone(), random.pick(&examples).clone());
        random.mutate(one.as_bytes(), other.as_bytes())
    };
    let survive = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let read = noren_editor::read("", &[text]);
        assert_eq!(read.outlines.len(), 1);
        let wrong = read.findings.iter().any(|finding| finding.level == "error");
        assert_eq!(read.campaigns.is_empty(), wrong, "a campaign or an error: {:?}", read.findings);
        let program = noren_rule::compile(&read.campaigns, Timestamp(START)).program;
        let bytes = codec::encode(&program);
        assert_eq!(codec::decode(&bytes).map(|program| codec::encode(&program)), Ok(bytes));
    };
    Subject::survives("document", 12_500, mutated, survive);
    let nested = |random: &mut Random| {
        let depth = random.below(300);
        let (open, close) = *random.pick(&[("[", "]"), (r#"{"$not":"#, "}"), (r#"{"all":["#, "]}")]);
        let deep = format!("{}1{}", open.repeat(depth), close.repeat(depth));
        let key = *random.pick(&["audience", "trigger", "variants", "cancel", "schedule"]);
        format!(r#"{{"id":"deep","name":"Deep","{key}":{deep}}}"#).into_bytes()
    };
    Subject::survives("document", 1_500, nested, survive);
    Subject::survives(
        "message",
        3_000,
        |random| {
            random.mutate(
                br#"{"op":"check","campaigns":[{"id":"x"}]}"#,
                br#""op":"try","events":[{"at":1e300,"name":"x"}],"until":-9"#,
            )
        },
        |bytes| {
            let answer: Json = serde_json::from_slice(&noren_editor::answer(bytes)).unwrap();
            assert!(answer.is_object());
        },
    );
}

#[test]
fn sync_bodies() {
    let stream = json!({ "id": "c".repeat(22), "from": 0, "done": false, "events": [
        { "n": 0, "at": START, "name": "page_view", "props": { "page_location": "https://shop.example/?q=茶" } },
        { "n": 1, "at": START + 5_000, "name": "purchase", "props": { "value": 1200, "transaction_id": "T-1" } }] });
    let good =
        json!({ "v": 1, "site": "demo", "device": "a".repeat(22), "key": "b".repeat(43), "epoch": 0, "generation": 0,
        "sent_at": START + 6_000, "program": "", "facts": true, "fresh": false, "streams": [stream] })
        .to_string();
    assert!(
        noren_wire::error::parse::<SyncRequest>(good.as_bytes())
            .is_ok_and(|request| noren_edge::device::sync::check(&request).is_ok())
    );
    let survive = |bytes: &[u8]| match noren_wire::error::parse::<SyncRequest>(bytes) {
        Ok(request) => {
            let checked = noren_edge::device::sync::check(&request);
            assert!(checked.is_ok() || checked.is_err_and(|problem| problem.code.status() < 500));
            let props = request.streams.iter().flat_map(|stream| &stream.events);
            props.for_each(|event| drop(packed::encode(&from_json(&serde_json::to_value(event).unwrap()))));
        }
        Err(problem) => assert_eq!(problem.code.status(), 400),
    };
    Subject::survives("sync", 25_000, |random| random.bytes(200), survive);
    Subject::survives("sync", 50_000, |random| random.mutate(good.as_bytes(), good.as_bytes()), survive);
}

#[test]
fn tracking_calls() {
    use noren_edge::ingest::{Arrival, Names, Trust, basic_user, batch, unpacked};
    use noren_edge::site::keys::Presented;
    use noren_wire::ingest::Body;
    let good = json!({ "sentAt": "2026-01-01T00:00:06.000Z", "writeKey": "demo", "batch": [
        { "type": "track", "event": "Order Completed", "userId": 7, "messageId": "m-1", "timestamp": "2026-01-01T00:00:05+09:00",
          "properties": { "order_id": 50314, "total": "27.50", "products": [{ "product_id": "507", "price": 19 }] } },
        { "type": "identify", "anonymousId": "茶", "userId": null, "traits": { "name": "花" }, "context": { "page": { "url": "/" } } },
        { "type": "alias", "previousId": "a", "anonymousId": "a", "userId": "b" },
        { "type": "page", "anonymousId": "a", "name": "Home", "properties": {}, "originalTimestamp": START }] })
    .to_string();
    let survive = |bytes: &[u8]| {
        let refused = |problem: noren_wire::error::Problem| {
            assert!((400..500).contains(&problem.code.status()), "{problem:?}");
        };
        let Ok(bytes) = unpacked(bytes, 100_000).map_err(refused) else { return };
        for (is_batch, kind) in [(true, None), (false, Some("track"))] {
            let Ok(body) = Body::read(&bytes, is_batch).map_err(refused) else { continue };
            for trust in [Trust::Public, Trust::Server] {
                let names = Names { client: &|called| (called.into(), called.into()), person: &|user| user.into() };
                let arrival = Arrival { site: "demo", trust, now: START, shards: 4, nonce: "nonce" };
                match batch(&body, kind, &arrival, &names) {
                    Ok((batch, _)) => {
                        // What is handed on is read by another object.
                        let text = serde_json::to_string(&batch).unwrap();
                        assert_eq!(serde_json::from_str::<noren_wire::inner::IntakeBatch>(&text).unwrap(), batch);
                    }
                    Err(noren_edge::Failure::Refused(problem)) => refused(problem),
                    Err(broken) => panic!("{broken:?}"),
                }
            }
        }
        if let Ok(text) = core::str::from_utf8(&bytes) {
            let _ = (basic_user(text), Presented::read(text));
        }
    };
    survive(good.as_bytes());
    Subject::survives("ingest", 25_000, |random| random.bytes(200), survive);
    Subject::survives("ingest", 50_000, |random| random.mutate(good.as_bytes(), good.as_bytes()), survive);
}

#[test]
fn small_requests_of_pages() {
    use noren_wire::chat::ChatClientFrame;
    use noren_wire::coupon::CouponRequest;
    let coupon = json!({ "v": 1, "site": "demo", "device": "a".repeat(22), "key": "b".repeat(43), "campaign": "linger", "pool": "welcome" });
    let frames = [
        json!({ "t": "hello", "since": 7 }),
        json!({ "t": "say", "cid": "c-1", "text": "花 \u{1f600}" }),
        json!({ "t": "read", "seq": 9 }),
        coupon,
    ];
    let texts: Vec<String> = frames.iter().map(Json::to_string).collect();
    let survive = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let length = bytes.len();
        noren_wire::surrogate::mend(&mut bytes);
        assert_eq!(bytes.len(), length);
        let once = bytes.clone();
        noren_wire::surrogate::mend(&mut bytes);
        assert_eq!(bytes, once, "mended is mended");
        let statuses = [
            noren_wire::error::parse::<ChatClientFrame>(&bytes).err(),
            noren_wire::error::parse::<CouponRequest>(&bytes).err(),
        ];
        assert!(statuses.into_iter().flatten().all(|problem| problem.code.status() == 400));
    };
    Subject::survives("small", 25_000, |random| random.bytes(200), survive);
    Subject::survives(
        "small",
        50_000,
        |random| {
            let text = random.pick(&texts).clone();
            random.mutate(text.as_bytes(), br"\ud83d\ude00\\")
        },
        survive,
    );
}

/// What the Worker and a device's object of another version may hand each other.
#[test]
fn wants_of_programs() {
    use noren_edge::goals::Goals;
    use noren_edge::wants::Wants;
    let good = codec::encode(&program());
    let packed = Wants::of(&good).unwrap().goals;
    let survive = |bytes: &[u8]| {
        if let Ok(wants) = Wants::of(bytes) {
            assert!(Goals::unpack(&wants.goals).is_ok());
        }
        if let Ok(goals) = Goals::unpack(bytes) {
            let _ = (goals.within("linger"), goals.may_hit("purchase"));
        }
    };
    survive(&packed);
    Subject::survives("wants", 25_000, |random| random.bytes(200), survive);
    Subject::survives("wants", 25_000, |random| random.mutate(&good, &packed), survive);
    Subject::survives("wants", 25_000, |random| random.mutate(&packed, &good), survive);
}

#[test]
fn proofs_and_addresses() {
    use noren_edge::origin::{decoded, is_loopback_origin, is_origin};
    use noren_edge::proof::{Proofs, secret, sign};
    let proofs = Proofs::new("mandatory", 1, "deployment", "demo");
    let good = sign(&secret("deployment", "demo", 1), "花子", START / 1_000 + 60);
    let survive = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        if let Err(noren_edge::Failure::Broken(words)) = proofs.check("花子", &text, START) {
            panic!("{words}");
        }
        let _ = (decoded(&text), is_origin(&text), is_loopback_origin(&text));
    };
    survive(good.as_bytes());
    Subject::survives("proofs", 25_000, |random| random.bytes(120), survive);
    Subject::survives("proofs", 25_000, |random| random.mutate(good.as_bytes(), b"http://[::1]:8787%E8%"), survive);
}
