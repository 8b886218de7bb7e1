//! Event lines to inputs.
//!
//! The text is kept as it came; an index of (visitor, at, line) sorts it, and a visitor's lines are read again when it is that visitor's
//! turn. So memory is the log's own size and 40 bytes a line, whatever the lines hold.

use super::line::{Kind, Line, parse};
use crate::Failure;
use noren_engine::Input;
use noren_event::Timestamp;
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
    /// The last line, whether it told anything or not.
    pub last: Timestamp,
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
                match parse(line) {
                    Err(what) => log.problems.push(Problem { line: number, what }),
                    Ok(Line { visitor, at, kind, .. }) => {
                        let next = u32::try_from(log.names.len()).map_err(|_| Failure("too many visitors".into()))?;
                        let visitor = match ids.get(&*visitor) {
                            Some(known) => *known,
                            None => {
                                ids.insert((*visitor).into(), next);
                                log.names.push((*visitor).into());
                                next
                            }
                        };
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
        let last = rows.last().map_or(Timestamp(0), |row| Timestamp(row.at));
        let mut visitor = Visitor { name, unit: name.into(), inputs: Vec::new(), last };
        let mut device_known = false;
        for row in rows {
            let Some(line) = self.text.get(row.start..row.end) else { continue };
            let Ok(line) = parse(line) else { continue };
            if let Some(device) = line.device.as_deref().filter(|d| !device_known && !d.is_empty()) {
                visitor.unit = device.into();
                device_known = true;
            }
            line.tell(|at, input| visitor.inputs.push((at, input)));
        }
        visitor
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use noren_engine::WidgetNews;

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
