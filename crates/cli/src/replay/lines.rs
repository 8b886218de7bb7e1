//! Event lines to inputs.
//!
//! The text is kept as it came; an index of (visitor, at, line) sorts it, and a visitor's lines are read again when it is that visitor's
//! turn. So memory is the log's own size and 40 bytes a line, whatever the lines hold.

use crate::Failure;
use noren_engine::{Input, Origin, WidgetNews};
use noren_event::{Timestamp, Value, names};
use serde::de::IgnoredAny;
use serde_json::Value as Json;
use std::collections::HashMap;

/// A log, sorted by visitor and time.
pub struct Log {
    text: String,
    names: Vec<Box<str>>,
    rows: Vec<Row>,
    /// First and last instant.
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// Lines that could not be read.
    pub problems: Vec<Problem>,
    /// Lines of type `program`, which a replay passes over.
    pub programs: usize,
}

/// Where a line is. Rows compare as replay orders them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    visitor: u32,
    at: i64,
    line: u32,
    start: usize,
    end: usize,
}

/// A line that could not be read.
pub struct Problem {
    pub line: u32,
    pub what: String,
}

/// One visitor's part of the log.
pub struct Visitor<'l> {
    pub name: &'l str,
    /// What assignment hashes: the device where a line names one, else the visitor.
    pub unit: Box<str>,
    pub inputs: Vec<(Timestamp, Input)>,
}

#[derive(serde::Deserialize)]
struct Head {
    visitor: Json,
    at: Json,
    #[serde(default, rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    name: Option<Json>,
    #[serde(default)]
    #[allow(dead_code)]
    props: Option<IgnoredAny>,
}

impl Log {
    /// Read and sort a log. Lines that are wrong are left out and named.
    pub fn read(text: String) -> Result<Log, Failure> {
        let mut ids: HashMap<Box<str>, u32> = HashMap::new();
        let mut log = Log {
            text: String::new(),
            names: Vec::new(),
            rows: Vec::new(),
            first: None,
            last: None,
            problems: Vec::new(),
            programs: 0,
        };
        let mut start = 0;
        for (i, line) in text.split_inclusive('\n').enumerate() {
            let end = start + line.len();
            let number = u32::try_from(i + 1).map_err(|_| Failure("more than 4,294,967,295 lines".into()))?;
            if !line.trim().is_empty() {
                match head(line) {
                    Err(what) => log.problems.push(Problem { line: number, what }),
                    Ok((visitor, at, kind)) => {
                        let next = u32::try_from(log.names.len()).map_err(|_| Failure("too many visitors".into()))?;
                        let visitor = *ids.entry(visitor.clone()).or_insert_with(|| {
                            log.names.push(visitor);
                            next
                        });
                        log.programs += usize::from(kind == Kind::Program);
                        log.first = Some(log.first.map_or(Timestamp(at), |f| f.min(Timestamp(at))));
                        log.last = Some(log.last.map_or(Timestamp(at), |l| l.max(Timestamp(at))));
                        log.rows.push(Row { visitor, at, line: number, start, end });
                    }
                }
            }
            start = end;
        }
        log.rows.sort_unstable();
        log.text = text;
        Ok(log)
    }

    pub fn visitor_count(&self) -> usize {
        self.names.len()
    }

    pub fn line_count(&self) -> usize {
        self.rows.len()
    }

    /// The visitors, in the order of their first lines.
    pub fn visitors(&self) -> impl Iterator<Item = Visitor<'_>> {
        self.rows.chunk_by(|a, b| a.visitor == b.visitor).map(|rows| self.visitor(rows))
    }

    fn visitor(&self, rows: &[Row]) -> Visitor<'_> {
        let name = rows.first().and_then(|r| self.names.get(r.visitor as usize)).map_or("", |n| &**n);
        let mut visitor = Visitor { name, unit: name.into(), inputs: Vec::new() };
        let mut device_known = false;
        for row in rows {
            let Some(line) = self.text.get(row.start..row.end) else { continue };
            let Ok(json) = serde_json::from_str::<Json>(line) else { continue };
            if let Some(device) = json["device"].as_str().filter(|d| !device_known && !d.is_empty()) {
                visitor.unit = device.into();
                device_known = true;
            }
            let at = Timestamp(row.at);
            visitor.inputs.extend(inputs(&json, at).into_iter().map(|input| (at, input)));
        }
        visitor
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Event,
    Signal,
    Page,
    Facts,
    Consent,
    Program,
}

fn kind(word: Option<&str>) -> Option<Kind> {
    Some(match word {
        None | Some("event") => Kind::Event,
        Some("signal") => Kind::Signal,
        Some("page") => Kind::Page,
        Some("facts") => Kind::Facts,
        Some("consent") => Kind::Consent,
        Some("program") => Kind::Program,
        Some(_) => return None,
    })
}

/// Page news by name.
const PAGE_NEWS: [&str; 6] = ["start", "hidden", "visible", "active", "idle", "leave"];

/// Largest integer that every reader of JSON agrees on: 2^53.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

fn head(line: &str) -> Result<(Box<str>, i64, Kind), String> {
    let head: Head = serde_json::from_str(line).map_err(|e| format!("not an event line: {e}"))?;
    let visitor: Box<str> = match &head.visitor {
        Json::String(s) if !s.is_empty() => s.as_str().into(),
        Json::Number(n) => n.to_string().into(),
        _ => return Err("\"visitor\" must be text".into()),
    };
    let at = match head.at.as_f64() {
        Some(at) if at.fract() == 0.0 && at.abs() <= EXACT_MAX => at as i64,
        _ => return Err("\"at\" must be whole Unix milliseconds".into()),
    };
    let kind = kind(head.kind.as_deref())
        .ok_or_else(|| "\"type\" must be event, signal, facts, program, consent or page".to_string())?;
    let name = head.name.as_ref().and_then(Json::as_str).unwrap_or("");
    match kind {
        Kind::Event | Kind::Signal if name.is_empty() => Err("\"name\" must be text".into()),
        Kind::Page if !PAGE_NEWS.contains(&name) => {
            Err(format!("\"name\" of a page line must be one of {}", PAGE_NEWS.join(", ")))
        }
        _ => Ok((visitor, at, kind)),
    }
}

/// What a line that has passed [`head`] tells the engine.
fn inputs(line: &Json, at: Timestamp) -> Vec<Input> {
    let name = line["name"].as_str().unwrap_or("");
    let props = match &line["props"] {
        Json::Object(_) => noren_wire::value::from_json(&line["props"]),
        _ => Value::Map(Vec::new()),
    };
    match kind(line["type"].as_str()) {
        Some(Kind::Event) => event(name, props, at),
        Some(Kind::Signal) => match page_news(name) {
            Some(input) => vec![input],
            None => event(name, props, at),
        },
        Some(Kind::Page) => match page_news(name) {
            Some(input) => vec![input],
            None if name == "start" => event(names::PAGE_VIEW, props, at),
            None => Vec::new(),
        },
        Some(Kind::Facts) => facts(props),
        Some(Kind::Consent) => consent(&line["props"]),
        Some(Kind::Program) | None => Vec::new(),
    }
}

fn page_news(name: &str) -> Option<Input> {
    Some(match name {
        "hidden" => Input::Hidden,
        "visible" => Input::Visible,
        "active" => Input::Active,
        "leave" => Input::Leave,
        _ => return None,
    })
}

/// Noren's own records tell what became of a widget; its past decisions are decided anew and so passed over.
fn event(name: &str, props: Value, at: Timestamp) -> Vec<Input> {
    if names::is_record(name) {
        let news = match name {
            names::CLOSE => WidgetNews::Closed,
            names::WIDGET_CLICK => WidgetNews::Clicked,
            names::FAILED => WidgetNews::Failed,
            _ => return Vec::new(),
        };
        let campaign = props.get("campaign").and_then(Value::as_str);
        return campaign.map(|c| Input::Widget(c.into(), news)).into_iter().collect();
    }
    vec![Input::Event { name: name.into(), props, at, origin: Origin::Here }]
}

/// Roots of the attributes that the browser or the edge knows, and that a line of facts may carry along.
const HOST_ROOTS: [&str; 2] = ["device", "geo"];

fn facts(props: Value) -> Vec<Input> {
    let mut inputs: Vec<Input> = HOST_ROOTS
        .iter()
        .filter_map(|root| Some(Input::Attributes((*root).into(), props.get(root)?.clone())))
        .collect();
    inputs.push(Input::Facts(props));
    inputs
}

/// `{"granted": ["marketing"]}`; `{"granted": null}` where none is asked.
fn consent(props: &Json) -> Vec<Input> {
    match props.get("granted") {
        Some(Json::Null) => vec![Input::Consent(None)],
        Some(Json::Array(list)) => {
            vec![Input::Consent(Some(list.iter().filter_map(Json::as_str).map(Into::into).collect()))]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> Log {
        match Log::read(lines.join("\n")) {
            Ok(log) => log,
            Err(Failure(why)) => panic!("{why}"),
        }
    }

    #[test]
    fn lines_are_sorted_by_visitor_time_and_place() {
        let log = read(&[
            r#"{"visitor":"b","at":5,"name":"late"}"#,
            r#"{"visitor":"a","at":9,"name":"x"}"#,
            r#"{"visitor":"b","at":3,"name":"early"}"#,
            "",
            r#"{"visitor":"b","at":3,"name":"early again"}"#,
        ]);
        let names: Vec<Vec<String>> = log
            .visitors()
            .map(|v| {
                v.inputs
                    .iter()
                    .map(|(t, i)| match i {
                        Input::Event { name, .. } => format!("{} {} {name}", v.name, t.0),
                        other => panic!("{other:?}"),
                    })
                    .collect()
            })
            .collect();
        assert_eq!(names, [vec!["b 3 early", "b 3 early again", "b 5 late"], vec!["a 9 x"]]);
        assert_eq!((log.first, log.last), (Some(Timestamp(3)), Some(Timestamp(9))));
    }

    #[test]
    fn every_type_of_line_tells_the_engine_what_it_says() {
        let log = read(&[
            r#"{"visitor":"v","at":1,"type":"page","name":"start","props":{"page_path":"/x"},"device":"d1"}"#,
            r#"{"visitor":"v","at":2,"type":"page","name":"hidden"}"#,
            r#"{"visitor":"v","at":3,"type":"signal","name":"scroll","props":{"percent_scrolled":50},"device":"d2"}"#,
            r#"{"visitor":"v","at":4,"type":"consent","props":{"granted":["ads"]}}"#,
            r#"{"visitor":"v","at":5,"type":"facts","props":{"visits":2,"geo":{"country":"JP"}}}"#,
            r#"{"visitor":"v","at":6,"name":"noren_close","props":{"campaign":"c","how":"button"}}"#,
            r#"{"visitor":"v","at":7,"name":"noren_exposure","props":{"campaign":"c"}}"#,
            r#"{"visitor":"v","at":8,"type":"program","props":{}}"#,
            r#"{"visitor":"v","at":9,"type":"page","name":"leave"}"#,
        ]);
        assert!(log.problems.is_empty());
        assert_eq!(log.programs, 1);
        let v = log.visitors().next().unwrap();
        assert_eq!(&*v.unit, "d1");
        let inputs: Vec<Input> = v.inputs.into_iter().map(|(_, i)| i).collect();
        assert!(matches!(&inputs[0], Input::Event { name, .. } if &**name == "page_view"));
        assert_eq!(inputs[1], Input::Hidden);
        assert!(matches!(&inputs[2], Input::Event { name, .. } if &**name == "scroll"));
        assert_eq!(inputs[3], Input::Consent(Some(vec!["ads".into()])));
        assert!(matches!(&inputs[4], Input::Attributes(root, _) if &**root == "geo"));
        assert!(matches!(&inputs[5], Input::Facts(_)));
        assert_eq!(inputs[6], Input::Widget("c".into(), WidgetNews::Closed));
        assert_eq!(inputs[7..], [Input::Leave]);
    }

    #[test]
    fn wrong_lines_are_named_and_left_out() {
        let log = read(&[
            "not json",
            r#"{"at":1,"name":"x"}"#,
            r#"{"visitor":"v","at":1.5,"name":"x"}"#,
            r#"{"visitor":"v","at":1}"#,
            r#"{"visitor":"v","at":1,"type":"dream","name":"x"}"#,
            r#"{"visitor":"v","at":1,"type":"page","name":"explode"}"#,
            r#"{"visitor":"v","at":1,"name":"x","more":"is kept and not looked at"}"#,
        ]);
        let lines: Vec<u32> = log.problems.iter().map(|p| p.line).collect();
        assert_eq!(lines, [1, 2, 3, 4, 5, 6]);
        assert_eq!(log.line_count(), 1);
    }
}
