//! JSON text to values of the core.

use noren_event::Value;
use noren_event::packed::DEPTH_MAX;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A value from its text, which has been read once and so is sound JSON. What nests deeper than the core allows reads as null, as
/// everywhere; half of a surrogate pair as U+FFFD, as in the agent; a number beyond a double as infinite, as in JavaScript.
pub fn of(text: &str) -> Value {
    At(0).deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap_or_else(|_| leniently(text, 0))
}

/// What serde_json refuses to read, piece by piece. Cost: the text's length times its depth.
fn leniently(text: &str, depth: u32) -> Value {
    if depth > DEPTH_MAX {
        return Value::Null;
    }
    if let Ok(value) = At(depth).deserialize(&mut serde_json::Deserializer::from_str(text)) {
        return value;
    }
    match text.bytes().next() {
        Some(b'{') => {
            let members: Members<'_> = serde_json::from_str(text).unwrap_or_default();
            let mut map =
                members.0.into_iter().map(|(k, v)| (whole_text(k.get()), leniently(v.get(), depth + 1))).collect();
            once_each(&mut map);
            Value::Map(map)
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            Value::List(items.into_iter().map(|item| leniently(item.get(), depth + 1)).collect())
        }
        Some(b'"') => Value::Str(whole_text(text)),
        // The only numbers that serde_json refuses are too large.
        _ => Value::Num(text.parse().unwrap_or(f64::NAN)),
    }
}

/// A JSON text in which half of a surrogate pair may stand.
fn whole_text(json: &str) -> Box<str> {
    let mut whole = String::new();
    let mut rest = json;
    while let Some(place) = rest.find('\\') {
        let (before, escape) = rest.split_at(place);
        whole.push_str(before);
        let unit = |at: usize| {
            let digits = escape.get(at..)?.strip_prefix("\\u")?.get(..4)?;
            u16::from_str_radix(digits, 16).ok()
        };
        let length = match (unit(0), unit(6)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => 12,
            (Some(0xd800..=0xdfff), _) => 6,
            _ => 2,
        };
        let (kept, after) = escape.split_at_checked(length).unwrap_or((escape, ""));
        whole.push_str(if length == 6 { "\\ufffd" } else { kept });
        rest = after;
    }
    whole.push_str(rest);
    serde_json::from_str::<Box<str>>(&whole).unwrap_or_default()
}

/// The members of an object as their texts.
#[derive(Default)]
struct Members<'l>(Vec<(&'l RawValue, &'l RawValue)>);

impl<'l> serde::Deserialize<'l> for Members<'l> {
    fn deserialize<D: Deserializer<'l>>(json: D) -> Result<Members<'l>, D::Error> {
        json.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'l> Visitor<'l> for MembersVisitor {
    type Value = Members<'l>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'l>>(self, mut members: A) -> Result<Members<'l>, A::Error> {
        let mut list = Vec::new();
        while let Some(member) = members.next_entry()? {
            list.push(member);
        }
        Ok(Members(list))
    }
}

/// A text, borrowed where nothing in it is escaped.
pub struct TextSeed;

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

    #[test]
    fn sound_json_is_always_a_value() {
        let text = |s: &str| Value::from(s);
        for (json, expected) in [
            (
                r#"{"a":"x\ud800","b":"\ud83c\udf75","\udc00":1}"#,
                Value::map([("a", text("x\u{fffd}")), ("b", text("🍵")), ("\u{fffd}", 1.0.into())]),
            ),
            (
                r#"["\\ud800", "\ud800\n", "\udf75\ud83c\udf75"]"#,
                Value::List(vec![text("\\ud800"), text("\u{fffd}\n"), text("\u{fffd}🍵")]),
            ),
            (
                r#"{"a":{"b":[1e999,-1e999,2]}}"#,
                Value::map([(
                    "a",
                    Value::map([("b", Value::List(vec![f64::INFINITY.into(), f64::NEG_INFINITY.into(), 2.0.into()]))]),
                )]),
            ),
            (r#"{"a":1e999,"a":2}"#, Value::map([("a", 2.0.into())])),
        ] {
            assert_eq!(of(json), expected, "{json}");
        }
        let deep = |n: usize| format!("{}1e999{}", "[".repeat(n), "]".repeat(n));
        let mut expected = Value::Num(f64::INFINITY);
        (0..32).for_each(|_| expected = Value::List(vec![expected.clone()]));
        assert_eq!(of(&deep(32)), expected);
        let mut expected = Value::Null;
        (0..33).for_each(|_| expected = Value::List(vec![expected.clone()]));
        assert_eq!(of(&deep(40)), expected);
    }
}
