//! The engine natively, as one of the contenders of `cargo xtask bench rules`, which starts it with `--drive PROGRAM` and then writes one JSON
//! command a line:
//!
//! | command | answer |
//! | --- | --- |
//! | `{"inputs":[...],"timed_from":N}` | `{"ns":N,"opened":[[campaign, ...], ...]}`: how long those from the Nth on took, what each opened |
//! | `{"read":N}` | `{"decode_ns":[...],"start_ns":[...]}`: the program decoded N times, and an engine made of it |
//! | `{"memory":true}` | `{"bytes":N}`: resident memory; 0 where the system does not say |
//!
//! Inputs are those of `tests/bench/contender.ts`. Without `--drive`, as under `cargo test`, it tries the driver out and times nothing.

use noren_engine::{Effect, Engine, Gate, Host, Input, Origin};
use noren_event::{Timestamp, Value};
use noren_program::{Image, codec};
use serde_json::json;
use std::hint::black_box;
use std::io::{BufRead, Write};
use std::time::Instant;

const UNIT: &str = "AAAAAAAAAAAAAAAAAAAAAA";

/// The campaigns of the bench use no regular expression.
struct NoRegex;

impl Host for NoRegex {
    fn regex(&self, _pattern: &[u8], _fold: bool, _subject: &[u8]) -> Option<bool> {
        None
    }
}

/// An engine for a visitor never seen before.
fn engine(program: &[u8]) -> Result<Engine, String> {
    let image = Image::load(program.into()).map_err(|error| format!("the program cannot be read: {error:?}"))?;
    Ok(Engine::new(image, UNIT))
}

fn step(engine: &mut Engine, now: i64, input: Input) -> Vec<Effect> {
    engine.step(Timestamp(now), input, &NoRegex)
}

/// One moment of a visit, made ready before the clock runs.
enum Moment {
    /// Due deadlines before it, then the input.
    Before(i64, Input),
    /// Due deadlines up to it.
    Upto(i64),
}

/// Takes the moments as a host does that sets its timer by the engine's next deadline; the effects of each.
fn run(engine: &mut Engine, moments: Vec<Moment>) -> Vec<Vec<Effect>> {
    let mut taken = Vec::with_capacity(moments.len());
    for moment in moments {
        let (until, input) = match moment {
            Moment::Before(at, input) => (at - 1, Some((at, input))),
            Moment::Upto(at) => (at, None),
        };
        let mut effects = Vec::new();
        while let Some(deadline) = engine.next_deadline().filter(|deadline| deadline.0 <= until) {
            effects.append(&mut step(engine, deadline.0, Input::Tick));
        }
        if let Some((at, input)) = input {
            effects.append(&mut step(engine, at, input));
        }
        taken.push(effects);
    }
    taken
}

/// The campaigns whose decision opened and whose audience held, whatever became of it afterwards.
fn opened(effects: &[Effect]) -> Vec<u64> {
    let mut list: Vec<u64> = effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Decision(decision) if decision.gate != Some(Gate::Audience) => {
                decision.campaign.get(1..)?.parse().ok()
            }
            _ => None,
        })
        .collect();
    list.sort_unstable();
    list
}

fn value(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Bool(flag) => Value::Bool(*flag),
        serde_json::Value::Number(number) => number.as_f64().map_or(Value::Null, Value::Num),
        serde_json::Value::String(text) => Value::Str(text.as_str().into()),
        serde_json::Value::Array(list) => Value::List(list.iter().map(value).collect()),
        serde_json::Value::Object(members) => {
            Value::Map(members.iter().map(|(key, member)| (key.as_str().into(), value(member))).collect())
        }
        serde_json::Value::Null => Value::Null,
    }
}

fn moment(json: &serde_json::Value) -> Result<Moment, String> {
    let wrong = || format!("no input: {json}");
    let at = json.get("at").and_then(serde_json::Value::as_i64).ok_or_else(wrong)?;
    let text = |key: &str| json.get(key).and_then(serde_json::Value::as_str);
    Ok(match text("kind").ok_or_else(wrong)? {
        "event" => {
            let props = json.get("props").map_or(Value::Null, value);
            let name = text("name").ok_or_else(wrong)?.into();
            Moment::Before(at, Input::Event { name, props, at: Timestamp(at), origin: Origin::Here })
        }
        "stay" => Moment::Upto(at),
        "leave" => Moment::Before(at, Input::Leave),
        "facts" => Moment::Before(at, Input::Facts(json.get("facts").map_or(Value::Null, value))),
        "attributes" => {
            let root = text("root").ok_or_else(wrong)?.into();
            Moment::Before(at, Input::Attributes(root, json.get("value").map_or(Value::Null, value)))
        }
        "visible" => Moment::Before(at, Input::Visible),
        _ => return Err(wrong()),
    })
}

fn nanoseconds<T>(call: impl FnOnce() -> T) -> (u64, T) {
    let began = Instant::now();
    let result = call();
    (u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX), result)
}

fn resident_bytes() -> u64 {
    // The second number is the resident pages.
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
    pages.unwrap_or(0) * 4096
}

fn answer(engine: &mut Engine, program: &[u8], command: &serde_json::Value) -> Result<serde_json::Value, String> {
    if let Some(inputs) = command.get("inputs").and_then(serde_json::Value::as_array) {
        let from = command.get("timed_from").and_then(serde_json::Value::as_u64).unwrap_or(0);
        let mut before = inputs.iter().map(moment).collect::<Result<Vec<_>, _>>()?;
        let timed = before.split_off(before.len().min(usize::try_from(from).unwrap_or(usize::MAX)));
        let mut taken = run(engine, before);
        let (ns, mut rest) = nanoseconds(|| run(engine, timed));
        taken.append(&mut rest);
        let opened: Vec<Vec<u64>> = taken.iter().map(|effects| opened(effects)).collect();
        return Ok(json!({ "ns": ns, "opened": opened }));
    }
    if let Some(times) = command.get("read").and_then(serde_json::Value::as_u64) {
        let (mut decode, mut start) = (Vec::new(), Vec::new());
        for _ in 0..times {
            decode.push(nanoseconds(|| black_box(Image::load(black_box(program).into()).is_ok())).0);
            start.push(nanoseconds(|| black_box(self::engine(black_box(program)).is_ok())).0);
        }
        return Ok(json!({ "decode_ns": decode, "start_ns": start }));
    }
    if command.get("memory").is_some() {
        return Ok(json!({ "bytes": resident_bytes() }));
    }
    Err(format!("no command: {command}"))
}

fn drive(program: &[u8], commands: impl BufRead, mut answers: impl Write) -> Result<(), String> {
    let mut engine = engine(program)?;
    for line in commands.lines() {
        let line = line.map_err(|error| error.to_string())?;
        let command = serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))?;
        let answer = answer(&mut engine, program, &command)?;
        writeln!(answers, "{answer}").and_then(|()| answers.flush()).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// A campaign that wants three events and a stay of ten seconds that another waits for: what each input opens must come out at that input.
fn try_out() -> Result<(), String> {
    let text = |text: &str| Value::Str(text.into());
    let map = |entries: Vec<(&str, Value)>| Value::Map(entries.into_iter().map(|(k, v)| (k.into(), v)).collect());
    let campaign = |id: &str, trigger: Value| {
        let action = map(vec![("kind", text("popup")), ("title", text("Offer"))]);
        let variant = map(vec![("id", text("a")), ("weight", Value::Num(100.0)), ("action", action)]);
        map(vec![("id", text(id)), ("trigger", trigger), ("variants", Value::List(vec![variant]))])
    };
    let count = map(vec![("event", text("search")), ("at_least", Value::Num(2.0))]);
    let dwell = map(vec![("page", map(vec![])), ("time", text("10s"))]);
    let documents = [campaign("c0", map(vec![("count", count)])), campaign("c1", map(vec![("dwell", dwell)]))];
    let (checked, findings) = noren_rule::check_all(&documents, &Value::Null);
    if checked.len() != documents.len() {
        return Err(format!("{findings:?}"));
    }
    let program = codec::encode(&noren_rule::compile(&checked, Timestamp(0)).program);
    let commands = concat!(
        r#"{"inputs":[{"kind":"event","at":1000,"name":"page_view","props":{}},{"kind":"event","at":2000,"name":"search","props":{}},"#,
        r#"{"kind":"event","at":3000,"name":"search","props":{}},{"kind":"stay","at":11000,"ms":10000}]}"#,
        "\n{\"read\":1}\n{\"memory\":true}\n"
    );
    let mut answers = Vec::new();
    drive(&program, commands.as_bytes(), &mut answers)?;
    let answers = String::from_utf8(answers).map_err(|error| error.to_string())?;
    let expected = r#""opened":[[],[],[0],[1]]"#;
    if !answers.contains(expected) || answers.lines().count() != 3 {
        return Err(format!("expected {expected}, not {answers}"));
    }
    println!("the driver of `cargo xtask bench rules` works");
    Ok(())
}

fn main() -> Result<(), String> {
    let mut words = std::env::args().skip_while(|word| word != "--drive").skip(1);
    match words.next() {
        Some(path) => {
            let program = std::fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
            drive(&program, std::io::stdin().lock(), std::io::stdout().lock())
        }
        None => try_out(),
    }
}
