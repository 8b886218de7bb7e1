//! One event line to what the engine is told.
//!
//! A line is read without being copied: names, ids and the text of its properties are borrowed from it. The properties become values when
//! the engine is told, and those that nobody will ask for never do.

use noren_engine::{Input, Origin, WidgetNews};
use noren_event::packed::DEPTH_MAX;
use noren_event::{Timestamp, Value, names};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A line that is well formed.
pub struct Line<'l> {
    /// Who; never empty.
    pub visitor: Cow<'l, str>,
    /// When, Unix ms; a whole number to 2^53.
    pub at: i64,
    /// What kind of line.
    pub kind: Kind,
    /// The event's name, or what a page line tells; empty where the line has none.
    pub name: Cow<'l, str>,
    /// The device it names.
    pub device: Option<Cow<'l, str>>,
    /// Its properties as text, if there are any that were wanted.
    pub props: Option<&'l str>,
}

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Event,
    Signal,
    Page,
    Facts,
    Consent,
    Program,
}

impl Kind {
    fn of(word: &str) -> Option<Kind> {
        Some(match word {
            "event" => Kind::Event,
            "signal" => Kind::Signal,
            "page" => Kind::Page,
            "facts" => Kind::Facts,
            "consent" => Kind::Consent,
            "program" => Kind::Program,
            _ => return None,
        })
    }
}

/// Page news by name.
const PAGE_NEWS: [&str; 6] = ["start", "hidden", "visible", "active", "idle", "leave"];

/// Largest integer that every reader of JSON agrees on: 2^53.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Levels that serde_json reads at most.
const NESTED_AT_MOST: usize = 128;

/// Any JSON that does not nest deeper than that.
type Nested = serde_json::Value;

/// Read a line. `wants` says, by kind and name, whether its properties matter; where they do not, the line's inputs carry none.
///
/// # Errors
/// What is wrong with the line, for a person.
pub fn parse<'l>(text: &'l str, wants: impl Fn(Kind, &str) -> bool) -> Result<Line<'l>, String> {
    // Every level opens a bracket and closes it, so short lines and those with few brackets need no closer look.
    if text.len() >= 2 * NESTED_AT_MOST && text.bytes().filter(|b| matches!(b, b'{' | b'[')).count() >= NESTED_AT_MOST {
        serde_json::from_str::<Nested>(text).map_err(|e| format!("not an event line: {e}"))?;
    }
    let raw = read(text)?;
    let visitor = match raw.visitor {
        Scalar::Text(s) if !s.is_empty() => s,
        Scalar::Number(n) => Cow::Owned(n.to_string()),
        _ => return Err("\"visitor\" must be text".into()),
    };
    let at = match raw.at {
        Scalar::Number(n) => n.as_f64().filter(|at| at.fract() == 0.0 && at.abs() <= EXACT_MAX),
        _ => None,
    };
    let at = at.ok_or("\"at\" must be whole Unix milliseconds")? as i64;
    let kind = match &raw.kind {
        None => Kind::Event,
        Some(word) => Kind::of(word).ok_or("\"type\" must be event, signal, facts, program, consent or page")?,
    };
    let name = raw.name.unwrap_or_default();
    match kind {
        Kind::Event | Kind::Signal if name.is_empty() => return Err("\"name\" must be text".into()),
        Kind::Page if !PAGE_NEWS.contains(&&*name) => {
            return Err(format!("\"name\" of a page line must be one of {}", PAGE_NEWS.join(", ")));
        }
        _ => {}
    }
    let props = raw.props.map(RawValue::get).filter(|props| props.starts_with('{') && wants(kind, &name));
    Ok(Line { visitor, at, kind, name, device: raw.device, props })
}

impl Line<'_> {
    /// The name of the event the line tells of, if it tells of one.
    pub fn event_name(&self) -> Option<&str> {
        match self.kind {
            Kind::Event => Some(&self.name),
            Kind::Signal if page_news(&self.name).is_none() => Some(&self.name),
            Kind::Page if self.name == "start" => Some(names::PAGE_VIEW),
            _ => None,
        }
    }

    /// What the line tells the engine, in order.
    pub fn tell(&self, mut tell: impl FnMut(Timestamp, Input)) {
        let at = Timestamp(self.at);
        let props = self.props.map_or(Value::Map(Vec::new()), properties);
        match (self.kind, page_news(&self.name)) {
            (Kind::Signal | Kind::Page, Some(input)) => tell(at, input),
            (Kind::Page, None) if self.name != "start" => {}
            (Kind::Page, None) => tell(at, event(names::PAGE_VIEW, props, at)),
            (Kind::Event | Kind::Signal, _) if names::is_record(&self.name) => {
                if let Some(news) = record(&self.name, &props) {
                    tell(at, news);
                }
            }
            (Kind::Event | Kind::Signal, _) => tell(at, event(&self.name, props, at)),
            (Kind::Facts, _) => {
                for root in HOST_ROOTS {
                    if let Some(value) = props.get(root) {
                        tell(at, Input::Attributes(root.into(), value.clone()));
                    }
                }
                tell(at, Input::Facts(props));
            }
            (Kind::Consent, _) => {
                if let Some(input) = consent(&props) {
                    tell(at, input);
                }
            }
            (Kind::Program, _) => {}
        }
    }
}

/// Roots of the attributes that the browser or the edge knows, and that a line of facts may carry along.
const HOST_ROOTS: [&str; 2] = ["device", "geo"];

fn page_news(name: &str) -> Option<Input> {
    Some(match name {
        "hidden" => Input::Hidden,
        "visible" => Input::Visible,
        "active" => Input::Active,
        "leave" => Input::Leave,
        _ => return None,
    })
}

fn event(name: &str, props: Value, at: Timestamp) -> Input {
    Input::Event { name: name.into(), props, at, origin: Origin::Here }
}

/// Noren's own records tell what became of a widget; its past decisions are decided anew and so passed over.
fn record(name: &str, props: &Value) -> Option<Input> {
    let news = match name {
        names::CLOSE => WidgetNews::Closed,
        names::WIDGET_CLICK => WidgetNews::Clicked,
        names::FAILED => WidgetNews::Failed,
        _ => return None,
    };
    Some(Input::Widget(props.get("campaign")?.as_str()?.into(), news))
}

/// `{"granted": ["marketing"]}`; `{"granted": null}` where none is asked.
fn consent(props: &Value) -> Option<Input> {
    match props.get("granted")? {
        Value::Null => Some(Input::Consent(None)),
        Value::List(list) => {
            Some(Input::Consent(Some(list.iter().filter_map(Value::as_str).map(Into::into).collect())))
        }
        _ => None,
    }
}

/// Properties from their text, which has been read once and so is sound.
fn properties(text: &str) -> Value {
    At(0).deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap_or_default()
}

/// The members of a line, before they are judged.
struct Raw<'l> {
    visitor: Scalar<'l>,
    at: Scalar<'l>,
    kind: Option<Cow<'l, str>>,
    name: Option<Cow<'l, str>>,
    device: Option<Cow<'l, str>>,
    props: Option<&'l RawValue>,
}

fn read(text: &str) -> Result<Raw<'_>, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let raw = json.deserialize_map(RawVisitor).and_then(|raw| json.end().map(|()| raw));
    raw.map_err(|e| format!("not an event line: {e}"))
}

struct RawVisitor;

impl<'l> Visitor<'l> for RawVisitor {
    type Value = Raw<'l>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"visitor\", \"at\" and \"name\"")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut members: A) -> Result<Raw<'l>, A::Error> {
        let (mut visitor, mut at, mut kind, mut name, mut device, mut props) = (None, None, None, None, None, None);
        // Which members have come: what decides must not stand there twice, whatever its value.
        let (mut kind_came, mut name_came) = (false, false);
        while let Some(key) = members.next_key_seed(TextSeed)? {
            match &*key {
                "visitor" if visitor.is_some() => return Err(A::Error::duplicate_field("visitor")),
                "visitor" => visitor = Some(members.next_value_seed(ScalarSeed)?),
                "at" if at.is_some() => return Err(A::Error::duplicate_field("at")),
                "at" => at = Some(members.next_value_seed(ScalarSeed)?),
                "type" if kind_came => return Err(A::Error::duplicate_field("type")),
                "type" => {
                    kind_came = true;
                    kind = match members.next_value_seed(ScalarSeed)? {
                        Scalar::Text(s) => Some(s),
                        Scalar::Null => None,
                        _ => return Err(A::Error::custom("\"type\" must be text")),
                    };
                }
                "name" if name_came => return Err(A::Error::duplicate_field("name")),
                "name" => {
                    name_came = true;
                    name = members.next_value_seed(ScalarSeed)?.text();
                }
                "props" if props.is_some() => return Err(A::Error::duplicate_field("props")),
                "props" => props = Some(members.next_value::<&RawValue>()?),
                "device" => device = members.next_value_seed(ScalarSeed)?.text(),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Raw {
            visitor: visitor.ok_or_else(|| A::Error::missing_field("visitor"))?,
            at: at.ok_or_else(|| A::Error::missing_field("at"))?,
            kind,
            name,
            device,
            props,
        })
    }
}

/// A member that should be text or a number.
enum Scalar<'l> {
    Null,
    Text(Cow<'l, str>),
    Number(serde_json::Number),
    Other,
}

impl<'l> Scalar<'l> {
    fn text(self) -> Option<Cow<'l, str>> {
        match self {
            Scalar::Text(s) => Some(s),
            _ => None,
        }
    }
}

struct ScalarSeed;

impl<'l> DeserializeSeed<'l> for ScalarSeed {
    type Value = Scalar<'l>;
    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<Scalar<'l>, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'l> Visitor<'l> for ScalarSeed {
    type Value = Scalar<'l>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Scalar<'l>, E> {
        Ok(Scalar::Null)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Scalar<'l>, E> {
        Ok(Scalar::Other)
    }
    fn visit_u64<E>(self, n: u64) -> Result<Scalar<'l>, E> {
        Ok(Scalar::Number(n.into()))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Scalar<'l>, E> {
        Ok(Scalar::Number(n.into()))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Scalar<'l>, E> {
        Ok(serde_json::Number::from_f64(n).map_or(Scalar::Other, Scalar::Number))
    }
    fn visit_borrowed_str<E>(self, s: &'l str) -> Result<Scalar<'l>, E> {
        Ok(Scalar::Text(Cow::Borrowed(s)))
    }
    fn visit_str<E>(self, s: &str) -> Result<Scalar<'l>, E> {
        Ok(Scalar::Text(Cow::Owned(s.to_string())))
    }
    fn visit_seq<A: SeqAccess<'l>>(self, mut items: A) -> Result<Scalar<'l>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
    fn visit_map<A: MapAccess<'l>>(self, mut members: A) -> Result<Scalar<'l>, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

struct TextSeed;

impl<'l> DeserializeSeed<'l> for TextSeed {
    type Value = Cow<'l, str>;
    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<Cow<'l, str>, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'l> Visitor<'l> for TextSeed {
    type Value = Cow<'l, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }
    fn visit_borrowed_str<E>(self, s: &'l str) -> Result<Cow<'l, str>, E> {
        Ok(Cow::Borrowed(s))
    }
    fn visit_str<E>(self, s: &str) -> Result<Cow<'l, str>, E> {
        Ok(Cow::Owned(s.to_string()))
    }
}

/// A value of the core at a depth; what nests deeper than the core allows reads as null, as everywhere.
#[derive(Clone, Copy)]
struct At(u32);

impl<'l> DeserializeSeed<'l> for At {
    type Value = Value;
    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl At {
    fn keep(self, value: impl FnOnce() -> Value) -> Value {
        if self.0 > DEPTH_MAX { Value::Null } else { value() }
    }
}

impl<'l> Visitor<'l> for At {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, b: bool) -> Result<Value, E> {
        Ok(self.keep(|| Value::Bool(b)))
    }
    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(self.keep(|| Value::Num(n as f64)))
    }
    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(self.keep(|| Value::Num(n as f64)))
    }
    fn visit_f64<E>(self, n: f64) -> Result<Value, E> {
        Ok(self.keep(|| Value::Num(n)))
    }
    fn visit_str<E>(self, s: &str) -> Result<Value, E> {
        Ok(self.keep(|| Value::str(s)))
    }
    fn visit_seq<A: SeqAccess<'l>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(At(self.0 + 1))? {
            list.push(item);
        }
        Ok(self.keep(|| Value::List(list)))
    }
    fn visit_map<A: MapAccess<'l>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map: Vec<(Box<str>, Value)> = Vec::new();
        while let Some(key) = members.next_key_seed(TextSeed)? {
            let value = members.next_value_seed(At(self.0 + 1))?;
            map.push((key.into(), value));
        }
        once_each(&mut map);
        Ok(self.keep(|| Value::Map(map)))
    }
}

/// Objects up to this many members are looked through member by member; larger ones are sorted.
const SMALL_OBJECT: usize = 16;

/// A key written twice stands at its first place with its last value.
fn once_each(map: &mut Vec<(Box<str>, Value)>) {
    let twice = if map.len() <= SMALL_OBJECT {
        map.iter().enumerate().any(|(i, (key, _))| map.iter().take(i).any(|(other, _)| other == key))
    } else {
        let mut keys: Vec<&str> = map.iter().map(|(key, _)| &**key).collect();
        keys.sort_unstable();
        keys.iter().zip(keys.iter().skip(1)).any(|(a, b)| a == b)
    };
    if twice {
        let mut places: std::collections::HashMap<Box<str>, usize> = std::collections::HashMap::new();
        let mut kept: Vec<(Box<str>, Value)> = Vec::new();
        for (key, value) in map.drain(..) {
            let place = *places.entry(key.clone()).or_insert(kept.len());
            match kept.get_mut(place) {
                Some((_, slot)) => *slot = value,
                None => kept.push((key, value)),
            }
        }
        *map = kept;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    fn inputs(text: &str, wants: impl Fn(Kind, &str) -> bool) -> Vec<Input> {
        let mut all = Vec::new();
        parse(text, wants).unwrap_or_else(|e| panic!("{text}: {e}")).tell(|_, input| all.push(input));
        all
    }

    #[test]
    fn properties_are_those_that_a_reader_of_json_finds() {
        let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        for props in [
            r#"{"a":1,"b":[true,false,null,-7,1.5,1e3,9007199254740993,"é\u0000\"x"],"":{"c":{}}}"#.to_string(),
            r#"{"a":1,"b":2,"a":{"x":1,"x":2}}"#.to_string(),
            format!("{{{}\"k3\":-1}}", (0..40).map(|i| format!("\"k{i}\":{i},")).collect::<String>()),
            format!(r#"{{"a":{}}}"#, deep(31)),
            format!(r#"{{"a":{}}}"#, deep(40)),
            "[1]".to_string(),
            "null".to_string(),
        ] {
            let json: Json = serde_json::from_str(&props).unwrap();
            let expected = if json.is_object() { noren_wire::value::from_json(&json) } else { Value::Map(Vec::new()) };
            let line = format!(r#"{{"visitor":"v","at":1,"name":"x","props":{props}}}"#);
            match inputs(&line, |_, _| true).as_slice() {
                [Input::Event { props, .. }] => assert_eq!(*props, expected, "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn properties_nobody_wants_are_not_made_and_those_before_their_name_are() {
        let wants = |kind: Kind, name: &str| kind == Kind::Facts || name == "wanted";
        let props_of = |line: &str| match inputs(line, wants).as_slice() {
            [Input::Event { props, .. }] => props.clone(),
            other => panic!("{line}: {other:?}"),
        };
        let some = Value::map([("a", 1.0.into())]);
        let none = Value::Map(Vec::new());
        assert_eq!(props_of(r#"{"visitor":"v","at":1,"name":"other","props":{"a":1}}"#), none);
        assert_eq!(props_of(r#"{"visitor":"v","at":1,"name":"wanted","props":{"a":1}}"#), some);
        assert_eq!(props_of(r#"{"props":{"a":1},"name":"wanted","at":1,"visitor":"v"}"#), some);
        assert_eq!(
            inputs(r#"{"visitor":"v","at":1,"name":"other","props":{"a":1},"type":"facts"}"#, wants),
            [Input::Facts(some)]
        );
    }

    #[test]
    fn what_decides_must_not_stand_there_twice() {
        for member in [r#""visitor":"v""#, r#""at":1"#, r#""name":"x""#, r#""props":{}"#, r#""type":null"#] {
            let line = format!(r#"{{"visitor":"v","at":1,"name":"x","props":{{}},"type":null,{member}}}"#);
            assert!(parse(&line, |_, _| true).is_err(), "{line}");
        }
        assert!(parse(r#"{"visitor":"v","at":1,"name":"x"} trailing"#, |_, _| true).is_err());
        assert!(parse(r#"["v",1,"event","x"]"#, |_, _| true).is_err());
    }

    #[test]
    fn a_line_nested_without_end_is_no_line_whether_its_properties_matter_or_not() {
        let line = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!(r#"{{"visitor":"v","at":1,"name":"x","props":{{"a":{open}{close},"b":[[],[],[]]}}}}"#)
        };
        for wanted in [true, false] {
            assert!(parse(&line(120), |_, _| wanted).is_ok());
            for levels in [130, 100_000] {
                assert!(parse(&line(levels), |_, _| wanted).is_err(), "{levels}");
            }
        }
    }

    #[test]
    fn visitors_may_be_numbers_and_ids_may_be_escaped() {
        let who = |line: &str| parse(line, |_, _| false).unwrap().visitor.into_owned();
        assert_eq!(who(r#"{"visitor":12,"at":1,"name":"x"}"#), "12");
        assert_eq!(who(r#"{"visitor":-1.5,"at":1,"name":"x"}"#), "-1.5");
        assert_eq!(who(r#"{"visitor":"a\u0062","at":1,"name":"x"}"#), "ab");
        for wrong in [r#""""#, "null", "true", "[]", "{}"] {
            assert!(parse(&format!(r#"{{"visitor":{wrong},"at":1,"name":"x"}}"#), |_, _| false).is_err(), "{wrong}");
        }
    }
}
