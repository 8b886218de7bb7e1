//! Any document ends in findings or in a campaign that compiles, reads and speaks: never in a panic. Documents are the examples with
//! random places replaced, moved or taken out; the seed of a failure is in its message.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

mod support;

use noren_event::{Timestamp, Value};
use noren_program::codec;
use noren_rule::{Lang, Level, check_all, compile, explain};
use serde_json::{Value as Json, json};
use support::value;

struct Random(u64);

impl Random {
    /// xorshift64* (Marsaglia 2003, Vigna 2016).
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

/// Pointers to every place of a document.
fn places(json: &Json, at: &str, out: &mut Vec<String>) {
    out.push(at.to_string());
    match json {
        Json::Array(items) => items.iter().enumerate().for_each(|(i, v)| places(v, &format!("{at}/{i}"), out)),
        Json::Object(pairs) => {
            let escape = |k: &str| k.replace('~', "~0").replace('/', "~1");
            pairs.iter().for_each(|(k, v)| places(v, &format!("{at}/{}", escape(k)), out));
        }
        _ => {}
    }
}

fn examples() -> Vec<Json> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/campaigns");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|p| serde_json::from_str(&std::fs::read_to_string(p).unwrap()).unwrap()).collect()
}

fn strange(r: &mut Random) -> Json {
    let all = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0.5),
        json!(1e308),
        json!(9_007_199_254_740_993_i64),
        json!(""),
        json!("\u{0}\u{202e}<script>{{x}}"),
        json!("茶".repeat(3_000)),
        json!("30s"),
        json!("session"),
        json!("visitor"),
        json!("99999999d"),
        json!([]),
        json!([[[[[[[[1]]]]]]]]),
        json!({}),
        json!({"": 1, "$": 2, "a/b~c": {"$not": {"$not": {"$elemMatch": {"$nor": [{}]}}}}}),
        json!({"on": "page_view"}),
        json!({"not": {"on": "x"}}),
        json!({"sum": {"event": "x", "of": "event.value", "at_least": 1e9}}),
        json!({"count": {"event": "x", "distinct": "a.b", "at_least": 100, "within": "90d"}}),
        json!({"every": {"event": "x", "times": 2}}),
        json!({"sequence": {"steps": [{"on": "x"}, {"on": "y"}], "within": "1s", "without": {"on": "z"}, "same": "i"}}),
        json!({"visitor.visits": {"$gt": 1e300, "$size": {"$in": [1]}}}),
        json!({"page.path": {"$regex": "^/(a|b)(c", "$not": {"$regexi": "[[[]"}}}),
        json!({"traits.a": {"$all": [{"$not": null}, []], "$alli": ["x", null], "$type": "object", "$vgt": ""}}),
        json!({"en": "x", "ja": "y"}),
        json!("2026-03-29T02:30"),
        json!("America/Sao_Paulo"),
    ];
    all[r.below(all.len())].clone()
}

#[test]
fn mutated_documents_end_well() {
    let examples = examples();
    let mut sound = 0;
    for seed in 1..=6_000_u64 {
        let mut r = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut document = examples[r.below(examples.len())].clone();
        for _ in 0..1 + r.below(3) {
            let mut all = Vec::new();
            places(&document, "", &mut all);
            let (to, from) = (&all[r.below(all.len())], &all[r.below(all.len())]);
            let new = if r.below(2) == 0 { strange(&mut r) } else { document.pointer(from).unwrap().clone() };
            if let Some(place) = document.pointer_mut(to).filter(|_| !to.is_empty()) {
                *place = new;
            }
        }
        let (campaigns, findings) = check_all(&[value(&document)], &Value::Null);
        let errors = findings.iter().any(|f| f.level == Level::Error);
        assert_eq!(campaigns.is_empty(), errors, "seed {seed}: {document}");
        for f in &findings {
            assert!(
                document.pointer(&f.path).is_some() || f.code == "member_missing",
                "seed {seed}: {} {}",
                f.code,
                f.path
            );
        }
        for campaign in &campaigns {
            sound += 1;
            for lang in [Lang::En, Lang::Ja] {
                assert!(explain(campaign, lang).len() > 20, "seed {seed}");
            }
        }
        let compiled = compile(&campaigns, Timestamp(1_793_491_200_000));
        let bytes = codec::encode(&compiled.program);
        assert_eq!(codec::encode(&codec::decode(&bytes).unwrap()), bytes, "seed {seed}: {document}");
        assert!(noren_program::Image::load(bytes).is_ok(), "seed {seed}: {document}");
    }
    assert!(sound > 500, "only {sound} of the documents were sound: the test has lost its meaning");
}

#[test]
fn the_ends_of_time_compile() {
    let document = json!({
        "id": "c", "trigger": {"on": "x"},
        "schedule": {"zone": "Europe/London", "from": "2000-01-01T00:00", "until": "2100-12-31T24:00", "hours": ["01:00-02:00"]},
        "variants": [{"id": "a", "action": {"kind": "popup", "title": "x"}}]
    });
    let (campaigns, _) = check_all(&[value(&document)], &Value::Null);
    for now in [i64::MIN, -1, 0, 253_402_300_799_999, i64::MAX] {
        let program = compile(&campaigns, Timestamp(now)).program;
        assert_eq!(program.campaigns.len(), 1);
        let bytes = codec::encode(&program);
        assert_eq!(codec::encode(&codec::decode(&bytes).unwrap()), bytes, "{now}");
    }
}

fn codes(audience: Json) -> Vec<&'static str> {
    let document = json!({"id": "c", "trigger": {"on": "x"}, "audience": audience, "control": 10,
        "caps": {"again": [{"after": "1d"}]}, "variants": [{"id": "a", "action": {"kind": "popup", "title": "x"}}]});
    check_all(&[value(&document)], &Value::Null).1.iter().map(|f| f.code).collect()
}

#[test]
fn expressions_are_published_up_to_their_limits_and_not_beyond() {
    let regex = |pattern: &str| codes(json!({"page.path": {"$regex": pattern}}));
    assert_eq!(regex(&"a".repeat(256)), [""; 0]);
    assert_eq!(regex(&"a".repeat(257)), ["regex_too_long"]);
    assert_eq!(regex(&"🍵".repeat(128)), [""; 0]);
    assert_eq!(regex(&"🍵".repeat(129)), ["regex_too_long"], "two UTF-16 units each");
    assert_eq!(regex("^(?:/[a-z]+)?$"), [""; 0]);
    assert_eq!(regex("^(?:/[a-z]+)+$"), ["regex_dangerous"]);
    assert_eq!(regex("(?:a{2,})*"), ["regex_dangerous"]);
    assert_eq!(regex(r"(a)\1"), ["regex_dangerous"]);
    assert_eq!(regex("("), ["regex_invalid"]);
}
