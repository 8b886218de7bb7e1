//! Properties of a line, packed while the line is read: only the members that somebody looks at, straight from the text to the bytes that
//! the engine reads.

use super::needs::{Needs, OF_PAGE, Paths};
use crate::replay::line::{AsText, Kind, Line, Properties, Says, parse_with};
use crate::replay::value::{self, TextSeed};
use noren_engine::page;
use noren_event::Value;
use noren_event::packed::{self, DEPTH_MAX, Item, Writer, view};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// An object without members.
pub const EMPTY: &[u8] = &[6, 0];

/// Read a line; the properties that are needed of it are left in `props` as a packed object.
///
/// # Errors
/// What is wrong with the line, for a person.
pub fn parse<'l>(text: &'l str, needs: &Needs, props: &mut Vec<u8>) -> Result<Line<'l, ()>, String> {
    if let Ok(line) = parse_with(text, &mut Packed { needs, out: props }) {
        return Ok(line);
    }
    // A line that is wrong, or one that cannot be packed in one go: a key comes twice, half of a surrogate pair...
    let line = parse_with(text, &mut AsText)?;
    props.clear();
    match line.props {
        Some(text) if text.get().starts_with('{') => {
            let mut all = value::of(text.get());
            if let Value::Map(members) = &mut all {
                let needed = needs.of_line(Says::of(line.kind, &line.name));
                members.retain(|(key, _)| needed.has(key));
            }
            let mut w = Writer(std::mem::take(props));
            w.value(&all);
            *props = w.0;
        }
        _ => props.extend_from_slice(EMPTY),
    }
    let Line { visitor, at, kind, name, device, .. } = line;
    Ok(Line { visitor, at, kind, name, device, props: Some(()) })
}

/// Packs the needed properties.
struct Packed<'p> {
    needs: &'p Needs,
    out: &'p mut Vec<u8>,
}

impl<'l> Properties<'l> for Packed<'_> {
    type Made = ();

    fn make<D: Deserializer<'l>>(&mut self, kind: Kind, name: &str, json: D) -> Result<(), D::Error> {
        self.out.clear();
        match self.needs.of_line(Says::of(kind, name)) {
            needed if needed.is_empty() => {
                json.deserialize_ignored_any(IgnoredAny)?;
            }
            needed => {
                let mut w = Writer(std::mem::take(self.out));
                let packed = Pack { depth: 0, members: Some(needed), w: &mut w }.deserialize(json);
                *self.out = w.0;
                packed?;
            }
        }
        // Only an object holds properties.
        if !matches!(view(self.out), Item::Map(_)) {
            self.out.clear();
            self.out.extend_from_slice(EMPTY);
        }
        Ok(())
    }
}

/// Packs a value. Fails where [`value::of`] would make something else of it than what stands there.
struct Pack<'p> {
    depth: u32,
    /// Of the outermost object.
    members: Option<&'p Paths>,
    w: &'p mut Writer,
}

/// Elements and members that one byte counts.
const SHORT: usize = 127;
/// Members of an object whose keys are compared with each other.
const FEW: usize = 32;

impl<'l> DeserializeSeed<'l> for Pack<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<(), D::Error> {
        if self.depth > DEPTH_MAX {
            return Err(D::Error::custom("too deep"));
        }
        json.deserialize_any(self)
    }
}

impl<'l> Visitor<'l> for Pack<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.w.byte(0);
        Ok(())
    }
    fn visit_bool<E>(self, b: bool) -> Result<(), E> {
        self.w.byte(1 + u8::from(b));
        Ok(())
    }
    fn visit_u64<E>(self, n: u64) -> Result<(), E> {
        self.w.number(n as f64);
        Ok(())
    }
    fn visit_i64<E>(self, n: i64) -> Result<(), E> {
        self.w.number(n as f64);
        Ok(())
    }
    fn visit_f64<E>(self, n: f64) -> Result<(), E> {
        self.w.number(n);
        Ok(())
    }
    fn visit_str<E>(self, s: &str) -> Result<(), E> {
        self.w.text(s.as_bytes());
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'l>>(self, mut items: A) -> Result<(), A::Error> {
        self.w.list(0);
        let head = self.w.0.len();
        let mut count = 0;
        while items.next_element_seed(Pack { depth: self.depth + 1, members: None, w: &mut *self.w })?.is_some() {
            count += 1;
        }
        counted(self.w, head, count)
    }
    fn visit_map<A: MapAccess<'l>>(self, mut members: A) -> Result<(), A::Error> {
        self.w.map(0);
        let head = self.w.0.len();
        let mut keys = [(0, 0); FEW];
        let mut count = 0;
        while let Some(key) = members.next_key_seed(TextSeed)? {
            if self.members.is_some_and(|needed| !needed.has(&key)) {
                members.next_value::<IgnoredAny>()?;
                continue;
            }
            let written = keys.get(..count).unwrap_or_default();
            if written.iter().any(|(from, until)| self.w.0.get(*from..*until) == Some(key.as_bytes())) {
                return Err(A::Error::custom("a key twice"));
            }
            self.w.str(&key);
            let Some(slot) = keys.get_mut(count) else { return Err(A::Error::custom("many keys")) };
            *slot = (self.w.0.len() - key.len(), self.w.0.len());
            members.next_value_seed(Pack { depth: self.depth + 1, members: None, w: &mut *self.w })?;
            count += 1;
        }
        counted(self.w, head, count)
    }
}

/// Write how many there are before those that end here.
fn counted<E: Error>(w: &mut Writer, head: usize, count: usize) -> Result<(), E> {
    match (w.0.get_mut(head.wrapping_sub(1)), u8::try_from(count)) {
        (Some(slot), Ok(short)) if count <= SHORT => {
            *slot = short;
            Ok(())
        }
        _ => Err(E::custom("many parts")),
    }
}

/// Write what some paths lead to in a packed object: an object with the paths as its keys.
pub fn parts(needed: &Paths, props: &[u8], out: &mut Vec<u8>) {
    match needed {
        Paths::These(paths) if !paths.is_empty() => flat(paths, out, |path, w| {
            packed::path(props, path.as_bytes()).map(|value| w.0.extend_from_slice(value)).is_some()
        }),
        Paths::These(_) => out.extend_from_slice(EMPTY),
        Paths::All => out.extend_from_slice(props),
    }
}

/// Write what campaigns see of the page that a page view with these properties begins: what the paths lead to in [`page::attributes`].
pub fn page(needed: &Paths, props: &[u8], out: &mut Vec<u8>) {
    let Paths::These(paths) = needed else {
        let all = packed::decode(props).map(|props| page::attributes(&props));
        let mut w = Writer(std::mem::take(out));
        w.value(&all.unwrap_or_default());
        *out = w.0;
        return;
    };
    let given = |key: &str| {
        let text = packed::get(props, key.as_bytes()).and_then(packed::text);
        text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("")
    };
    flat(paths, out, |path, w| {
        match path {
            "url" => w.text(given("page_location").as_bytes()),
            "path" => match given("page_path") {
                "" => w.text(page::path_of(given("page_location")).as_bytes()),
                path => w.text(path.as_bytes()),
            },
            "title" => w.text(given("page_title").as_bytes()),
            "referrer" => w.text(given("page_referrer").as_bytes()),
            "query" => w.value(&page::query_of(given("page_location"))),
            // `page_location` and its like are not members of `page` by these names.
            _ if path.starts_with("page_") => return false,
            _ => match (packed::get(props, path.as_bytes()), path.split_once('.')) {
                (Some(own), _) => w.0.extend_from_slice(own),
                (None, Some(("query", rest))) => match page::query_of(given("page_location")).path(rest) {
                    Some(value) => w.value(value),
                    None => return false,
                },
                // The others are texts, which have no members.
                (None, Some((made, _))) if OF_PAGE.iter().any(|(of_page, _)| *of_page == made) => return false,
                _ => match packed::path(props, path.as_bytes()) {
                    Some(own) => w.0.extend_from_slice(own),
                    None => return false,
                },
            },
        }
        true
    });
}

/// Write an object of the paths for which there is a value. `value` writes it, or nothing and says so.
fn flat(paths: &[Box<str>], out: &mut Vec<u8>, value: impl Fn(&str, &mut Writer) -> bool) {
    let mut w = Writer(std::mem::take(out));
    w.map(0);
    let head = w.0.len();
    let mut count = 0;
    for path in paths {
        let before = w.0.len();
        w.str(path);
        if value(path, &mut w) {
            count += 1;
        } else {
            w.0.truncate(before);
        }
    }
    // There are never so many paths that one byte would not count them.
    if let (Some(slot), Ok(short)) = (w.0.get_mut(head.wrapping_sub(1)), u8::try_from(count)) {
        *slot = short;
    }
    *out = w.0;
}
