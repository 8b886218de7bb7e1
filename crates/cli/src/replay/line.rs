//! One event line to what the engine is told.
//!
//! A line is read once and without being copied: names and ids are borrowed from it. What becomes of its properties is up to the reader
//! ([`Properties`]), who is told whose they are: a replay keeps their text, a backtest packs those few that some campaign looks at.

use super::value::{self, TextSeed};
use memchr::memchr2_iter;
use noren_engine::{Input, Origin, WidgetNews};
use noren_event::{Timestamp, Value, names};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A line that is well formed.
pub struct Line<'l, P = Text<'l>> {
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
    /// What was made of its properties; nothing where it has none.
    pub props: Option<P>,
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

/// What a line says, besides its properties.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says<'n> {
    /// An event of this name.
    Event(&'n str),
    /// News of the page.
    Page(PageNews),
    /// What became of the widget of the `campaign` that the properties name.
    Record(WidgetNews),
    Facts,
    Consent,
    /// Nothing that replay listens to.
    Nothing,
}

/// What a page can tell without being an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageNews {
    Visible,
    Hidden,
    Active,
    Leave,
}

impl<'n> Says<'n> {
    /// What lines of a kind and name say.
    pub fn of(kind: Kind, name: &'n str) -> Says<'n> {
        match (kind, page_news(name)) {
            (Kind::Signal | Kind::Page, Some(news)) => Says::Page(news),
            (Kind::Page, None) if name == "start" => Says::Event(names::PAGE_VIEW),
            (Kind::Event | Kind::Signal, _) => match name {
                names::CLOSE => Says::Record(WidgetNews::Closed),
                names::WIDGET_CLICK => Says::Record(WidgetNews::Clicked),
                names::FAILED => Says::Record(WidgetNews::Failed),
                // What Noren decided then is decided anew.
                _ if names::is_record(name) => Says::Nothing,
                _ => Says::Event(name),
            },
            (Kind::Facts, _) => Says::Facts,
            (Kind::Consent, _) => Says::Consent,
            (Kind::Page | Kind::Program, _) => Says::Nothing,
        }
    }
}

fn page_news(name: &str) -> Option<PageNews> {
    Some(match name {
        "hidden" => PageNews::Hidden,
        "visible" => PageNews::Visible,
        "active" => PageNews::Active,
        "leave" => PageNews::Leave,
        _ => return None,
    })
}

/// Page news by name.
const PAGE_NEWS: [&str; 6] = ["start", "hidden", "visible", "active", "idle", "leave"];

/// Largest integer that every reader of JSON agrees on: 2^53.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Levels that a line may nest, its own among them: as many as serde_json reads into values.
const NESTED_AT_MOST: usize = 127;

/// Whether a text nests deeper than a line may. What is passed over unread, serde_json follows to any depth.
fn is_too_deep(text: &str) -> bool {
    // Every level opens a bracket and closes it, so short lines and those with few brackets need no closer look.
    if text.len() <= 2 * NESTED_AT_MOST || memchr2_iter(b'{', b'[', text.as_bytes()).count() <= NESTED_AT_MOST {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    text.bytes().any(|b| {
        match b {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'{' | b'[' if !in_text => depth += 1,
            b'}' | b']' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth > NESTED_AT_MOST
    })
}

/// Makes something of a line's properties.
pub trait Properties<'l> {
    /// What is made of them.
    type Made;

    /// Read the properties, whatever JSON they are, of a line of this kind and name.
    ///
    /// # Errors
    /// Those of reading JSON.
    fn make<D: Deserializer<'l>>(&mut self, kind: Kind, name: &str, json: D) -> Result<Self::Made, D::Error>;
}

/// Properties as text that is sound JSON.
pub type Text<'l> = &'l RawValue;

/// Leaves properties as they are.
pub struct AsText;

impl<'l> Properties<'l> for AsText {
    type Made = Text<'l>;

    fn make<D: Deserializer<'l>>(&mut self, _: Kind, _: &str, json: D) -> Result<Text<'l>, D::Error> {
        <&RawValue>::deserialize(json)
    }
}

/// Read a line, its properties as text.
///
/// # Errors
/// What is wrong with the line, for a person.
pub fn parse(text: &str) -> Result<Line<'_>, String> {
    parse_with(text, &mut AsText)
}

/// Read a line.
///
/// # Errors
/// What is wrong with the line, for a person.
pub fn parse_with<'l, P: Properties<'l>>(text: &'l str, props: &mut P) -> Result<Line<'l, P::Made>, String> {
    if is_too_deep(text) {
        return Err(format!("not an event line: more than {NESTED_AT_MOST} levels deep"));
    }
    let mut raw = read(text, None, props)?;
    if raw.too_soon {
        // The properties stand before the name or the type that says whose they are.
        let known = (raw.kind.unwrap_or(Kind::Event), raw.name.unwrap_or_default());
        raw = read(text, Some((known.0, &known.1)), props)?;
    }
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
    let kind = raw.kind.ok_or("\"type\" must be event, signal, facts, program, consent or page")?;
    let name = raw.name.unwrap_or_default();
    match kind {
        Kind::Event | Kind::Signal if name.is_empty() => return Err("\"name\" must be text".into()),
        Kind::Page if !PAGE_NEWS.contains(&&*name) => {
            return Err(format!("\"name\" of a page line must be one of {}", PAGE_NEWS.join(", ")));
        }
        _ => {}
    }
    Ok(Line { visitor, at, kind, name, device: raw.device, props: raw.props })
}

impl Line<'_> {
    /// What the line tells the engine, in order.
    pub fn tell(&self, mut tell: impl FnMut(Timestamp, Input)) {
        let at = Timestamp(self.at);
        let props = || match self.props.map(RawValue::get) {
            // Only an object holds properties.
            Some(text) if text.starts_with('{') => value::of(text),
            _ => Value::Map(Vec::new()),
        };
        match Says::of(self.kind, &self.name) {
            Says::Event(name) => {
                tell(at, Input::Event { name: name.into(), props: props(), at, origin: Origin::Here });
            }
            Says::Page(PageNews::Visible) => tell(at, Input::Visible),
            Says::Page(PageNews::Hidden) => tell(at, Input::Hidden),
            Says::Page(PageNews::Active) => tell(at, Input::Active),
            Says::Page(PageNews::Leave) => tell(at, Input::Leave),
            Says::Record(news) => {
                if let Some(campaign) = props().get("campaign").and_then(Value::as_str) {
                    tell(at, Input::Widget(campaign.into(), news));
                }
            }
            Says::Facts => {
                let facts = props();
                for root in HOST_ROOTS {
                    if let Some(value) = facts.get(root) {
                        tell(at, Input::Attributes(root.into(), value.clone()));
                    }
                }
                tell(at, Input::Facts(facts));
            }
            Says::Consent => match props().get("granted") {
                Some(Value::Null) => tell(at, Input::Consent(None)),
                Some(Value::List(list)) => {
                    let granted = list.iter().filter_map(Value::as_str).map(Into::into).collect();
                    tell(at, Input::Consent(Some(granted)));
                }
                _ => {}
            },
            Says::Nothing => {}
        }
    }
}

/// Roots of the attributes that the browser or the edge knows, and that a line of facts may carry along.
pub const HOST_ROOTS: [&str; 2] = ["device", "geo"];

/// The members of a line, before they are judged.
struct Raw<'l, M> {
    visitor: Scalar<'l>,
    at: Scalar<'l>,
    /// None for a word that is no kind.
    kind: Option<Kind>,
    name: Option<Cow<'l, str>>,
    device: Option<Cow<'l, str>>,
    props: Option<M>,
    /// The properties came before it was known whose they are.
    too_soon: bool,
}

/// Reads the members of a line.
struct Members<'p, P> {
    /// The line's kind and name, where it has been looked through before.
    known: Option<(Kind, &'p str)>,
    props: &'p mut P,
}

fn read<'l, P: Properties<'l>>(
    text: &'l str,
    known: Option<(Kind, &str)>,
    props: &mut P,
) -> Result<Raw<'l, P::Made>, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let raw = json.deserialize_map(Members { known, props }).and_then(|raw| json.end().map(|()| raw));
    raw.map_err(|e| format!("not an event line: {e}"))
}

impl<'l, P: Properties<'l>> Visitor<'l> for Members<'_, P> {
    type Value = Raw<'l, P::Made>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with \"visitor\", \"at\" and \"name\"")
    }

    fn visit_map<A: MapAccess<'l>>(self, mut members: A) -> Result<Raw<'l, P::Made>, A::Error> {
        let (mut visitor, mut at, mut device, mut props) = (None, None, None, None);
        // What decides must not stand there twice, whatever its value.
        let (mut kind, mut name, mut props_came) = (None, None, false);
        let mut assumed = Some(Kind::Event);
        while let Some(key) = members.next_key_seed(TextSeed)? {
            match &*key {
                "visitor" if visitor.is_some() => return Err(A::Error::duplicate_field("visitor")),
                "visitor" => visitor = Some(members.next_value_seed(ScalarSeed)?),
                "at" if at.is_some() => return Err(A::Error::duplicate_field("at")),
                "at" => at = Some(members.next_value_seed(ScalarSeed)?),
                "type" if kind.is_some() => return Err(A::Error::duplicate_field("type")),
                "type" => {
                    kind = Some(match members.next_value_seed(ScalarSeed)? {
                        Scalar::Text(word) => Kind::of(&word),
                        Scalar::Null => Some(Kind::Event),
                        _ => return Err(A::Error::custom("\"type\" must be text")),
                    });
                }
                "name" if name.is_some() => return Err(A::Error::duplicate_field("name")),
                "name" => name = Some(members.next_value_seed(ScalarSeed)?.text()),
                "props" if props_came => return Err(A::Error::duplicate_field("props")),
                "props" => {
                    props_came = true;
                    assumed = kind.unwrap_or(assumed);
                    let so_far = assumed.zip(name.as_ref().map(|name| name.as_deref().unwrap_or("")));
                    match self.known.or(so_far) {
                        Some((kind, name)) => {
                            props = Some(members.next_value_seed(Props { kind, name, props: &mut *self.props })?);
                        }
                        None => {
                            members.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                "device" => device = members.next_value_seed(ScalarSeed)?.text(),
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        let kind = kind.unwrap_or(Some(Kind::Event));
        Ok(Raw {
            visitor: visitor.ok_or_else(|| A::Error::missing_field("visitor"))?,
            at: at.ok_or_else(|| A::Error::missing_field("at"))?,
            kind,
            name: name.flatten(),
            device,
            too_soon: props_came && self.known.is_none() && (props.is_none() || kind != assumed),
            props,
        })
    }
}

/// Properties of a line of a kind and name.
struct Props<'p, P> {
    kind: Kind,
    name: &'p str,
    props: &'p mut P,
}

impl<'l, P: Properties<'l>> DeserializeSeed<'l> for Props<'_, P> {
    type Value = P::Made;
    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<P::Made, D::Error> {
        self.props.make(self.kind, self.name, json)
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    fn inputs(text: &str) -> Vec<Input> {
        let mut all = Vec::new();
        parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).tell(|_, input| all.push(input));
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
            match inputs(&line).as_slice() {
                [Input::Event { props, .. }] => assert_eq!(*props, expected, "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn properties_are_whose_the_line_says_wherever_it_says_so() {
        /// Keeps whose properties it was given.
        struct Whose(Vec<(Kind, String)>);
        impl<'l> Properties<'l> for Whose {
            type Made = &'l str;
            fn make<D: Deserializer<'l>>(&mut self, kind: Kind, name: &str, json: D) -> Result<&'l str, D::Error> {
                self.0.push((kind, name.to_string()));
                AsText.make(kind, name, json).map(RawValue::get)
            }
        }
        for (members, kind, name) in [
            (r#""name":"x","props":{"a":1}"#, Kind::Event, "x"),
            (r#""props":{"a":1},"name":"x""#, Kind::Event, "x"),
            (r#""name":"x","props":{"a":1},"type":"facts""#, Kind::Facts, "x"),
            (r#""name":"x","props":{"a":1},"type":"event""#, Kind::Event, "x"),
            (r#""props":{"a":1},"type":"consent""#, Kind::Consent, ""),
            (r#""type":"signal","name":"x","props":{"a":1}"#, Kind::Signal, "x"),
        ] {
            let line = format!(r#"{{"visitor":"v","at":1,{members}}}"#);
            let mut whose = Whose(Vec::new());
            let props = parse_with(&line, &mut whose).unwrap().props;
            assert_eq!((props, whose.0.last()), (Some(r#"{"a":1}"#), Some(&(kind, name.to_string()))), "{line}");
        }
    }

    #[test]
    fn what_decides_must_not_stand_there_twice() {
        for member in [r#""visitor":"v""#, r#""at":1"#, r#""name":"x""#, r#""props":{}"#, r#""type":null"#] {
            let line = format!(r#"{{"visitor":"v","at":1,"name":"x","props":{{}},"type":null,{member}}}"#);
            assert!(parse(&line).is_err(), "{line}");
        }
        assert!(parse(r#"{"visitor":"v","at":1,"name":"x"} trailing"#).is_err());
        assert!(parse(r#"["v",1,"event","x"]"#).is_err());
    }

    #[test]
    fn a_line_nested_without_end_is_no_line() {
        let line = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!(r#"{{"visitor":"v","at":1,"name":"x","props":{{"a":{open}{close},"b":[[],[],[]]}}}}"#)
        };
        // The line, its properties, and so many more.
        assert!(parse(&line(125)).is_ok());
        assert!(serde_json::from_str::<Json>(&line(125)).is_ok(), "as serde_json has it");
        for levels in [126, 100_000] {
            assert!(parse(&line(levels)).is_err(), "{levels}");
            assert!(serde_json::from_str::<Json>(&line(levels)).is_err(), "{levels}, as serde_json has it");
        }
        let brackets = format!(r#"{{"visitor":"v","at":1,"name":"x","props":{{"a":"\"{}"}}}}"#, "[{".repeat(500));
        assert!(parse(&brackets).is_ok(), "brackets of a text are no levels");
    }

    #[test]
    fn visitors_may_be_numbers_and_ids_may_be_escaped() {
        let who = |line: &str| parse(line).unwrap().visitor.into_owned();
        assert_eq!(who(r#"{"visitor":12,"at":1,"name":"x"}"#), "12");
        assert_eq!(who(r#"{"visitor":-1.5,"at":1,"name":"x"}"#), "-1.5");
        assert_eq!(who(r#"{"visitor":"a\u0062","at":1,"name":"x"}"#), "ab");
        for wrong in [r#""""#, "null", "true", "[]", "{}"] {
            assert!(parse(&format!(r#"{{"visitor":{wrong},"at":1,"name":"x"}}"#)).is_err(), "{wrong}");
        }
    }
}
