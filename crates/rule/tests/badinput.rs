//! What no document should hold: each ends in a finding or in a value that is defined, and at once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

use noren_engine::Host;
use noren_engine::condition::holds;
use noren_event::{Timestamp, Value};
use noren_program::{Cond, Test, codec};
use noren_rule::condition::parse;
use noren_rule::{Level, check, check_all, compile};

struct NoRegex;

impl Host for NoRegex {
    fn regex(&self, _: &[u8], _: bool, _: &[u8]) -> Option<bool> {
        None
    }
}

fn map(pairs: &[(&str, Value)]) -> Value {
    Value::Map(pairs.iter().map(|(k, v)| ((*k).into(), v.clone())).collect())
}

fn list(items: &[Value]) -> Value {
    Value::List(items.to_vec())
}

/// A sound document with some members replaced.
fn document(changes: &[(&str, Value)]) -> Value {
    let action = map(&[("kind", "popup".into()), ("title", "x".into())]);
    let mut document = map(&[
        ("id", "c".into()),
        ("trigger", map(&[("on", "x".into())])),
        ("caps", map(&[("again", list(&[map(&[("after", "1d".into())])]))])),
        ("variants", list(&[map(&[("id", "a".into()), ("action", action)])])),
    ]);
    for (key, value) in changes {
        document.set(key, value.clone());
    }
    document
}

/// The codes of the errors; a document without any compiles to bytes that come back.
fn errors(changes: &[(&str, Value)], segments: &Value) -> Vec<&'static str> {
    let (campaign, findings) = check(&document(changes), segments);
    let errors: Vec<_> = findings.iter().filter(|f| f.level == Level::Error).map(|f| f.code).collect();
    assert_eq!(campaign.is_none(), !errors.is_empty());
    if let Some(campaign) = campaign {
        let bytes = codec::encode(&compile(&[campaign], Timestamp(1_793_491_200_000)).program);
        assert_eq!(codec::encode(&codec::decode(&bytes).unwrap()), bytes);
        assert!(noren_program::Image::load(bytes).is_ok());
    }
    errors
}

fn error(changes: &[(&str, Value)]) -> Vec<&'static str> {
    errors(changes, &Value::Null)
}

/// `inner` inside so many of `wrap`.
fn nested(depth: usize, inner: Value, wrap: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(inner, |inner, _| wrap(inner))
}

#[test]
fn a_hundred_levels_are_too_deep_wherever_they_are() {
    let on = map(&[("on", "x".into())]);
    let asks = map(&[("visitor.visits", 1.0.into())]);
    let cases: [(&str, Value, &str); 7] = [
        ("trigger", nested(100, on.clone(), |t| map(&[("all", list(&[t]))])), "nesting_too_deep"),
        ("trigger", nested(100, on, |t| map(&[("any", list(&[t]))])), "nesting_too_deep"),
        ("audience", nested(100, asks.clone(), |c| map(&[("$not", c)])), "nesting_too_deep"),
        ("audience", nested(100, asks, |c| map(&[("$or", list(&[c]))])), "nesting_too_deep"),
        (
            "audience",
            map(&[("traits.a", nested(100, map(&[("$gt", 1.0.into())]), |t| map(&[("$elemMatch", t)])))]),
            "nesting_too_deep",
        ),
        ("goal", nested(100, Value::Null, |v| list(&[v])), "type_wrong"),
        ("name", nested(100, "x".into(), |v| map(&[("en", v)])), "type_wrong"),
    ];
    for (key, value, code) in cases {
        let found = error(&[(key, value)]);
        assert!(found.contains(&code), "{key}: {found:?}");
    }
    // A value that is only compared with may nest as deep as what it is compared with.
    let deep = nested(100, 1.0.into(), |v| list(&[v]));
    let same = map(&[("traits", map(&[("a", deep.clone())]))]);
    let parsed = parse(&map(&[("traits.a", deep)]), &Value::Null);
    holds(&parsed, &same, &NoRegex);
}

#[test]
fn a_megabyte_of_text_is_too_long_wherever_it_is() {
    let long = || Value::str(&"茶".repeat(350_000));
    let action = |key: &str| {
        let mut action = map(&[("kind", "popup".into()), ("title", "x".into())]);
        action.set(key, long());
        list(&[map(&[("id", "a".into()), ("action", action)])])
    };
    let cases: [(&str, Value, &str); 10] = [
        ("id", long(), "id_invalid"),
        ("name", long(), "text_too_long"),
        ("seed", long(), "text_too_long"),
        ("trigger", map(&[("on", long())]), "text_too_long"),
        ("delay", long(), "duration_invalid"),
        ("audience", map(&[("page.path", long())]), "text_too_long"),
        ("audience", map(&[("page.path", map(&[("$regex", long())]))]), "regex_too_long"),
        ("audience", map(&[(&"traits.a".repeat(150_000), 1.0.into())]), "text_too_long"),
        ("variants", action("title"), "text_too_long"),
        ("schedule", map(&[("zone", long())]), "text_too_long"),
    ];
    for (key, value, code) in cases {
        let (campaign, findings) = check(&document(&[(key, value)]), &Value::Null);
        assert!(campaign.is_none());
        assert!(
            findings.iter().any(|f| f.code == code),
            "{key}: {:?}",
            findings.iter().map(|f| f.code).collect::<Vec<_>>()
        );
        let said: usize = findings.iter().map(|f| f.message.en.len() + f.message.ja.len()).sum();
        assert!(said < 10_000, "{key}: a finding repeats the text it is about");
    }
}

#[test]
fn a_number_that_is_none_is_refused_where_it_counts_and_never_matches_where_it_is_compared() {
    let count = |n: f64| map(&[("count", map(&[("event", "x".into()), ("at_least", n.into())]))]);
    let sum = |n: f64| map(&[("sum", map(&[("event", "x".into()), ("of", "value".into()), ("at_least", n.into())]))]);
    for n in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 9_007_199_254_740_993.0, 1e300, -1.0, 1e-300] {
        assert_eq!(error(&[("trigger", count(n))]), ["number_out_of_range"], "count {n}");
        assert_eq!(error(&[("trigger", sum(n))]), ["number_out_of_range"], "sum {n}");
        assert_eq!(error(&[("priority", n.into())]), ["number_out_of_range"], "priority {n}");
        // What is nearer to a hundredth of a per cent than a double can tell is that hundredth: here 0.
        assert_eq!(error(&[("control", n.into())]).is_empty(), n == 1e-300, "control {n}");
        assert_eq!(error(&[("audience", map(&[("cart.value", map(&[("$gt", n.into())]))]))]), [""; 0], "compared {n}");
    }
    let passes = |test: &str, n: f64, have: f64| {
        let condition = map(&[("cart.value", map(&[(test, n.into())]))]);
        holds(&parse(&condition, &Value::Null), &map(&[("cart", map(&[("value", have.into())]))]), &NoRegex)
    };
    for test in ["$eq", "$lt", "$lte", "$gt", "$gte"] {
        assert!(
            !passes(test, f64::NAN, 1.0) && !passes(test, 1.0, f64::NAN) && !passes(test, f64::NAN, f64::NAN),
            "{test}"
        );
    }
    assert!(passes("$lt", f64::INFINITY, 1e308) && passes("$gt", f64::NEG_INFINITY, -1e308));
    // Past 2^53 whole numbers are the nearest double, as in every JavaScript engine.
    assert!(passes("$eq", 9_007_199_254_740_993.0, 9_007_199_254_740_992.0));
    assert!(passes("$lt", 9_007_199_254_740_991.0, 9_007_199_254_740_990.0));
}

#[test]
fn text_that_is_no_unicode_does_not_come_this_far() {
    for text in [r#""\ud800""#, r#""\udc00\ud800""#, r#"{"id": "\udfff"}"#] {
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
    }
    assert_eq!(error(&[("id", "\u{FFFD}".into())]), ["id_invalid"]);
}

#[test]
fn dates_outside_the_century_are_refused() {
    let at = |key: &str, date: &str| error(&[("schedule", map(&[(key, date.into())]))]);
    for date in [
        "1999-12-31T23:59",
        "2101-01-01T00:00",
        "0000-01-01T00:00",
        "9999-12-31T24:00",
        "-001-01-01T00:00",
        "2026-02-30T00:00",
    ] {
        assert_eq!(at("from", date), ["date_invalid"], "{date}");
        assert_eq!(at("until", date), ["date_invalid"], "{date}");
    }
    assert_eq!(at("from", "2000-01-01T00:00"), [""; 0]);
    assert_eq!(at("from", "2100-12-31T23:59"), [""; 0]);
}

#[test]
fn ids_are_taken_once() {
    let (campaigns, findings) =
        check_all(&[document(&[]), document(&[]), document(&[("id", "d".into())])], &Value::Null);
    assert_eq!(campaigns.iter().map(|c| &*c.id).collect::<Vec<_>>(), ["c", "d"]);
    assert_eq!(findings.iter().filter(|f| f.level == Level::Error).map(|f| f.code).collect::<Vec<_>>(), ["id_taken"]);
    let action = map(&[("kind", "popup".into()), ("title", "x".into())]);
    let variant = map(&[("id", "a".into()), ("weight", 50.0.into()), ("action", action)]);
    assert_eq!(error(&[("variants", list(&[variant.clone(), variant]))]), ["id_taken"]);
}

#[test]
fn segments_in_a_circle_are_found_and_a_flood_of_them_ends() {
    let refers = |to: &str| map(&[("$savedGroup", map(&[("id", to.into())]))]);
    let group = |condition: Value| map(&[("type", "condition".into()), ("condition", condition)]);
    let own = map(&[("a", group(refers("a")))]);
    assert_eq!(errors(&[("audience", refers("a"))], &own), ["group_cycle"]);
    let pair = map(&[("a", group(refers("b"))), ("b", group(map(&[("$not", refers("a"))])))]);
    assert_eq!(errors(&[("audience", refers("a"))], &pair), ["group_cycle"]);
    // Ten references in each of fifteen segments: a million million ways, none of them a circle.
    let name = |n: usize| format!("g{n}");
    let mut pairs: Vec<(Box<str>, Value)> = (0..15)
        .map(|n| {
            let many = vec![refers(&name(n + 1)); 10];
            (name(n).into(), group(map(&[("$or", Value::List(many))])))
        })
        .collect();
    pairs.push((name(15).into(), group(map(&[("visitor.visits", 1.0.into())]))));
    let flood = Value::Map(pairs);
    assert!(errors(&[("audience", refers("g0"))], &flood).contains(&"group_cycle"));
    // What is not checked (a case file) is cut off in the same place and holds for nobody.
    let parsed = parse(&refers("a"), &own);
    assert!(!holds(&parsed, &map(&[]), &NoRegex));
    parse(&refers("g0"), &flood);
}

#[test]
fn an_objects_keys_keep_their_order_through_the_program() {
    let literal = map(&[("z", 1.0.into()), ("a", map(&[("y", 2.0.into()), ("b", 3.0.into())])), ("m", Value::Null)]);
    let audience = map(&[("traits.box", literal.clone())]);
    let (campaign, findings) = check(&document(&[("audience", audience)]), &Value::Null);
    assert!(findings.iter().all(|f| f.level != Level::Error), "{findings:?}");
    let program = compile(&[campaign.unwrap()], Timestamp(1_793_491_200_000)).program;
    let back = codec::decode(&codec::encode(&program)).unwrap();
    assert_eq!(back.conds, [Cond::Attr { path: "traits.box".into(), test: Test::Eq(literal.clone()) }]);
    // A list of members, so another order would be another value here.
    let other = map(&[("a", literal.get("a").unwrap().clone()), ("z", 1.0.into()), ("m", Value::Null)]);
    assert_ne!(literal, other);
}
