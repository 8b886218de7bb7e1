//! The language's own cases, `tests/conformance/rules/*.json`, put to the engine and to the naive evaluator alike.
//!
//! A case is a list of campaign documents (and what their `site` says), a log and what must come of it. Times are seconds after 2026-01-01T00:00:00Z. A log line is an
//! event (`event`, `props`, `happened` where it is late, `elsewhere` for another tab), an `input` (`tick visible hidden active leave page_end`), `facts`,
//! `consent`, news of a widget (`widget: [campaign, news]`), a `record` of another tab, a `root` of attributes (`root: [name, value]`), or from now on another `program` (its
//! place in the case's `programs`, from 1; 0 is `campaigns`). The log ends with its last line. `unit` is who is assigned.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use noren_engine::{Decision, Effect, Engine, Host, Input, Origin, WidgetNews};
use noren_event::{Timestamp, Value};
use noren_program::{CapEvent, Program, codec};
use noren_reference::{Entry, Verdicts, decide_through};
use noren_rule::ast::Campaign;
use std::path::Path;

const START: i64 = 1_767_225_600_000;

/// A program as it was written and as it was compiled.
type Published = (Vec<Campaign>, Program);

struct Native;

impl Host for Native {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let (pattern, subject) = (core::str::from_utf8(pattern).ok()?, core::str::from_utf8(subject).ok()?);
        let flags = if fold { "i" } else { "" };
        Some(regress::Regex::with_flags(pattern, flags).ok()?.find(subject).is_some())
    }
}

fn moment(value: Option<&Value>) -> Timestamp {
    let seconds = value.and_then(Value::as_num).expect("a time");
    Timestamp(START + (seconds * 1000.0).round() as i64)
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

fn pair(value: &Value) -> (Box<str>, &str) {
    let list = value.as_list().expect("a pair");
    (list[0].as_str().expect("a campaign").into(), list[1].as_str().expect("a word"))
}

fn entry(line: &Value) -> (Timestamp, Entry) {
    let now = moment(line.get("at"));
    if let Some(number) = line.get("program") {
        return (now, Entry::Program(number.as_num().expect("a number") as usize));
    }
    let input = if let Some(name) = line.get("event") {
        Input::Event {
            name: name.as_str().expect("a name").into(),
            props: line.get("props").cloned().unwrap_or(Value::Map(vec![])),
            at: line.get("happened").map_or(now, |v| moment(Some(v))),
            origin: if line.get("elsewhere").is_some() { Origin::Elsewhere } else { Origin::Here },
        }
    } else if let Some(facts) = line.get("facts") {
        Input::Facts(facts.clone())
    } else if let Some(granted) = line.get("consent") {
        let category = |c: &Value| c.as_str().expect("a category").into();
        Input::Consent(granted.as_list().map(|list| list.iter().map(category).collect()))
    } else if let Some(news) = line.get("widget") {
        let (campaign, word) = pair(news);
        let news = match word {
            "closed" => WidgetNews::Closed,
            "clicked" => WidgetNews::Clicked,
            "failed" => WidgetNews::Failed,
            "retracted" => WidgetNews::Retracted,
            other => panic!("news {other}"),
        };
        Input::Widget(campaign, news)
    } else if let Some(record) = line.get("record") {
        let (campaign, word) = pair(record);
        let what = match word {
            "shown" => CapEvent::Shown,
            "closed" => CapEvent::Closed,
            "clicked" => CapEvent::Clicked,
            "converted" => CapEvent::Converted,
            other => panic!("record {other}"),
        };
        Input::Record { campaign, what, at: line.get("happened").map_or(now, |v| moment(Some(v))) }
    } else if let Some([root, value]) = line.get("root").and_then(Value::as_list) {
        Input::Attributes(root.as_str().expect("a root").into(), value.clone())
    } else {
        match text(line, "input") {
            "tick" => Input::Tick,
            "visible" => Input::Visible,
            "hidden" => Input::Hidden,
            "active" => Input::Active,
            "leave" => Input::Leave,
            "page_end" => Input::PageEnd,
            other => panic!("input {other:?}"),
        }
    };
    (now, Entry::Input(input))
}

/// A decision as a case writes it.
fn row(d: &Decision) -> String {
    let gate = d.gate.map_or("", |g| g.word());
    format!("{} {} {} {} {gate}", d.at.0 - START, d.campaign, d.variant, d.outcome.word())
}

fn expected_row(v: &Value) -> String {
    let at = moment(v.get("at")).0 - START;
    format!("{at} {} {} {} {}", text(v, "campaign"), text(v, "variant"), text(v, "outcome"), text(v, "gate"))
}

fn rows(v: &Verdicts) -> (Vec<String>, Vec<String>, Vec<String>) {
    let mut decisions = v.decisions.clone();
    decisions.sort_by(|a, b| (a.at, &a.campaign).cmp(&(b.at, &b.campaign)));
    let moments = |list: &[(Timestamp, Box<str>)]| list.iter().map(|(at, c)| format!("{} {c}", at.0 - START)).collect();
    (decisions.iter().map(row).collect(), moments(&v.retracted), moments(&v.converted))
}

/// `restores` says whether the engine is written out and read back after every entry.
fn by_engine(programs: &[Published], unit: &str, log: &[(Timestamp, Entry)], restores: bool) -> Verdicts {
    let mut engine = Engine::new(programs[0].1.image(), unit);
    let mut verdicts = Verdicts::default();
    for (now, entry) in log {
        let effects = match entry {
            Entry::Input(input) => engine.step(*now, input.clone(), &Native),
            Entry::Program(number) => {
                let mut effects = engine.step(*now, Input::Tick, &Native);
                let ended = engine.replace_program(programs[*number].1.image(), &Native);
                effects.extend(engine.in_words(ended));
                effects
            }
        };
        for effect in effects {
            match effect {
                Effect::Decision(d) => verdicts.decisions.push(d),
                Effect::Retract { campaign } => verdicts.retracted.push((*now, campaign)),
                Effect::Converted { campaign } => verdicts.converted.push((*now, campaign)),
                Effect::Show { .. } | Effect::Prefetch { .. } => {}
            }
        }
        if restores {
            let (image, snapshot) = (engine.image().clone(), engine.snapshot());
            engine = Engine::restore(image, unit.as_bytes(), &snapshot, &Native).expect("a snapshot").0;
        }
    }
    verdicts
}

fn run(file: &str, case: &Value, failures: &mut Vec<String>) {
    let name = format!("{file}: {}", text(case, "name"));
    let list = |key: &str| case.get(key).and_then(Value::as_list).unwrap_or_default();
    let nothing = Value::Map(vec![]);
    let (site, wrong) = noren_rule::check_site(case.get("site").unwrap_or(&nothing));
    assert_eq!(wrong, [], "{name}");
    let mut programs = Vec::new();
    for documents in
        core::iter::once(list("campaigns")).chain(list("programs").iter().map(|p| p.as_list().expect("a list")))
    {
        let (campaigns, findings) = noren_rule::check_all_of(&site, documents, &Value::Null);
        let errors: Vec<_> = findings.iter().filter(|f| f.level == noren_rule::Level::Error).collect();
        if !errors.is_empty() {
            failures.push(format!("{name}: {errors:?}"));
            return;
        }
        let compiled = noren_rule::compile_for(&site, &campaigns, Timestamp(START));
        programs.push((campaigns, codec::decode(&codec::encode(&compiled.program)).expect("a program")));
    }
    let unit = case.get("unit").and_then(Value::as_str).unwrap_or("v1");
    let log: Vec<_> = list("log").iter().map(entry).collect();
    let end = log.last().expect("a log").0;
    let moments = |key: &str| -> Vec<String> {
        list(key).iter().map(|v| format!("{} {}", moment(v.get("at")).0 - START, text(v, "campaign"))).collect()
    };
    let expected: Vec<String> = list("expect").iter().map(expected_row).collect();
    let expected = (expected, moments("retracted"), moments("converted"));
    for (who, verdicts) in [
        ("engine", by_engine(&programs, unit, &log, false)),
        ("engine, restored at every step", by_engine(&programs, unit, &log, true)),
        ("naive", decide_through(&programs, unit, &log, end, &Native)),
    ] {
        let found = rows(&verdicts);
        // Retractions and conversions are listed where a case is about them.
        let ok = found.0 == expected.0
            && (case.get("retracted").is_none() || found.1 == expected.1)
            && (case.get("converted").is_none() || found.2 == expected.2);
        if !ok {
            failures.push(format!("{name} ({who})\n  expected {expected:?}\n  found    {found:?}"));
        }
    }
}

#[test]
fn the_language_means_what_its_cases_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/rules");
    let mut failures = Vec::new();
    let mut cases = 0;
    for entry in std::fs::read_dir(folder).expect("the cases") {
        let path = entry.expect("a file").path();
        let json = serde_json::from_str(&std::fs::read_to_string(&path).expect("text")).expect("JSON");
        let file = noren_wire::value::from_json(&json);
        assert_eq!(file.get("version"), Some(&Value::Num(1.0)), "{path:?}");
        for case in file.get("cases").and_then(Value::as_list).expect("cases") {
            cases += 1;
            run(&path.file_stem().expect("a name").to_string_lossy(), case, &mut failures);
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(cases >= 70, "only {cases} cases were found");
}
