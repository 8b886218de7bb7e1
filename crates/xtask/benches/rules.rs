//! What the engine costs as a site grows: reading a program, an event that no campaign listens to, an event that one of them does. The last
//! two must not depend on how many campaigns there are. Under `cargo test` everything runs once and nothing is timed.

use noren_engine::{Engine, Host, Input, Origin};
use noren_event::{Timestamp, Value};
use noren_program::codec;
use std::hint::black_box;
use std::time::{Duration, Instant};

const START: i64 = 1_767_225_600_000;
/// Long enough for a clock of microseconds to mean something.
const MEASURE_FOR: Duration = Duration::from_millis(300);

/// The campaigns below use no regular expression.
struct NoRegex;

impl Host for NoRegex {
    fn regex(&self, _pattern: &str, _fold: bool, _subject: &str) -> Option<bool> {
        None
    }
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn text(text: String) -> Value {
    Value::Str(text.into())
}

/// A campaign that waits for three events of its own.
fn campaign(number: usize) -> Value {
    let action = map(vec![("kind", text("popup".into())), ("title", text(format!("Offer {number}")))]);
    let variant = map(vec![("id", text("a".into())), ("weight", Value::Num(100.0)), ("action", action)]);
    let counted = map(vec![
        ("event", text(format!("event_{number}"))),
        ("at_least", Value::Num(3.0)),
        ("within", text("10m".into())),
    ]);
    map(vec![
        ("id", text(format!("campaign-{number}"))),
        ("audience", map(vec![("visitor.visits", map(vec![("$gte", Value::Num(2.0))]))])),
        ("trigger", map(vec![("count", counted)])),
        ("variants", Value::List(vec![variant])),
    ])
}

/// Nanoseconds one call takes; `None` when only trying out.
fn measure(timed: bool, mut call: impl FnMut()) -> Option<f64> {
    call();
    if !timed {
        return None;
    }
    let began = Instant::now();
    let mut calls = 0_u32;
    while began.elapsed() < MEASURE_FOR {
        call();
        calls += 1;
    }
    Some(began.elapsed().as_nanos() as f64 / f64::from(calls))
}

fn shown(nanoseconds: Option<f64>) -> String {
    nanoseconds.map_or_else(|| "ran".to_owned(), |n| format!("{:.2} us", n / 1000.0))
}

fn main() {
    let timed = std::env::args().any(|word| word == "--bench");
    println!(
        "{:>10} {:>12} {:>14} {:>16} {:>14}",
        "campaigns", "bytes each", "read program", "unheard event", "heard event"
    );
    for count in [10, 100, 1000] {
        let documents: Vec<Value> = (0..count).map(campaign).collect();
        let (checked, findings) = noren_rule::check_all(&documents, &Value::Null);
        assert_eq!(checked.len(), count, "all campaigns are good: {:?}", findings.first());
        let bytes = codec::encode(&noren_rule::compile(&checked, Timestamp(START)).program);
        let read = measure(timed, || {
            black_box(codec::decode(black_box(&bytes)).is_ok());
        });
        let program = codec::decode(&bytes).unwrap_or_else(|_| unreachable!("it was just encoded"));
        let mut engine = Engine::new(program, "unit");
        let mut now = START;
        let mut event = |name: &str| {
            now += 1000;
            let at = Timestamp(now);
            let input = Input::Event { name: name.into(), props: Value::Map(Vec::new()), at, origin: Origin::Here };
            black_box(engine.step(at, input, &NoRegex));
        };
        let unheard = measure(timed, || event("nobody_listens"));
        let heard = measure(timed, || event("event_7"));
        let each = bytes.len() / count;
        println!("{count:>10} {each:>12} {:>14} {:>16} {:>14}", shown(read), shown(unheard), shown(heard));
    }
}
