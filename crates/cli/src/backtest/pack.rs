//! Properties of a line, packed while the line is read: what the needed paths lead to and nothing else, straight from the text to the bytes
//! that the engine reads, `{"items.0.item_id": "a"}`.

use super::needs::{Needs, OF_PAGE, Paths};
use super::tree::Tree;
use crate::replay::line::{AsText, Kind, Line, Properties, Says, parse_with};
use crate::replay::value::{self, TextSeed};
use noren_engine::page;
use noren_event::packed::{self, DEPTH_MAX, Item, Writer, view};
use noren_event::{Value, names};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// An object without members.
pub const EMPTY: &[u8] = &[6, 0];

/// What is needed of one line's properties.
#[derive(Default)]
pub struct Packed {
    /// What campaigns see of them.
    pub props: Vec<u8>,
    /// What they see of the page that begins with it, if one does.
    pub page: Vec<u8>,
    /// What both are made of.
    read: Vec<u8>,
}

/// Read a line and pack what is needed of its properties.
///
/// # Errors
/// What is wrong with the line, for a person.
pub fn parse<'l>(text: &'l str, needs: &Needs, packed: &mut Packed) -> Result<Line<'l, ()>, String> {
    packed.read.clear();
    match parse_with(text, &mut Reading { needs, out: &mut packed.read }) {
        Ok(line) => {
            quickly(&line, needs, packed);
            Ok(line)
        }
        // A line that is wrong, or one that cannot be packed in one go: a key comes twice, half of a surrogate pair...
        Err(_) => slowly(text, needs, packed),
    }
}

/// From the paths that were read to those that are seen.
fn quickly(line: &Line<'_, ()>, needs: &Needs, packed: &mut Packed) {
    let Packed { props, page, read } = packed;
    if read.is_empty() {
        read.extend_from_slice(EMPTY);
    }
    match Says::of(line.kind, &line.name) {
        Says::Event(names::PAGE_VIEW) => {
            parts(&needs.event(names::PAGE_VIEW).event, read, props);
            match (needs.of_line(Says::Event(names::PAGE_VIEW)), &needs.page) {
                (Some(tree), Paths::These(paths)) if !tree.is_all() => page_of(paths, read, page),
                (_, paths) => {
                    let all = packed::decode(read).map(|props| page::attributes(&props));
                    parts(paths, &packed::encode(&all.unwrap_or_default()), page);
                }
            }
        }
        _ => std::mem::swap(props, read),
    }
}

/// By values and not by bytes.
fn slowly<'l>(text: &'l str, needs: &Needs, packed: &mut Packed) -> Result<Line<'l, ()>, String> {
    let line = parse_with(text, &mut AsText)?;
    // Only an object holds properties.
    let all = match line.props {
        Some(text) if text.get().starts_with('{') => value::of(text.get()),
        _ => Value::Map(Vec::new()),
    };
    match Says::of(line.kind, &line.name) {
        Says::Event(name) => {
            parts(&needs.event(name).event, &packed::encode(&all), &mut packed.props);
            if name == names::PAGE_VIEW {
                parts(&needs.page, &packed::encode(&page::attributes(&all)), &mut packed.page);
            }
        }
        _ => packed.props = packed::encode(&all),
    }
    let Line { visitor, at, kind, name, device, .. } = line;
    Ok(Line { visitor, at, kind, name, device, props: Some(()) })
}

/// What some paths lead to in a packed object: an object with the paths as its keys.
fn parts(needed: &Paths, props: &[u8], out: &mut Vec<u8>) {
    out.clear();
    match needed {
        Paths::These(paths) => object(paths, out, |path, w| {
            packed::path(props, path.as_bytes()).map(|value| w.0.extend_from_slice(value)).is_some()
        }),
        Paths::All => out.extend_from_slice(props),
    }
}

/// What campaigns see of the page that a page view begins, of which what is needed for that has been read: the same as they would see of
/// [`page::attributes`].
fn page_of(paths: &[Box<str>], read: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let given = |key: &str| {
        let text = packed::get(read, key.as_bytes()).and_then(packed::text);
        text.and_then(|text| std::str::from_utf8(text).ok()).unwrap_or("")
    };
    object(paths, out, |path, w| {
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
            _ => match path.split_once('.') {
                Some(("query", rest)) => match page::query_of(given("page_location")).path(rest) {
                    Some(value) => w.value(value),
                    None => return false,
                },
                // The others are texts, which have no members.
                Some((made, _)) if OF_PAGE.iter().any(|(of_page, _)| *of_page == made) => return false,
                _ => match packed::get(read, path.as_bytes()) {
                    Some(own) => w.0.extend_from_slice(own),
                    None => return false,
                },
            },
        }
        true
    });
}

/// Write an object of the paths for which there is a value. `value` writes it, or nothing and says so.
fn object(paths: &[Box<str>], out: &mut Vec<u8>, value: impl Fn(&str, &mut Writer) -> bool) {
    let mut w = Writer(std::mem::take(out));
    let head = begin(&mut w);
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
    end(&mut w, head, count);
    *out = w.0;
}

/// Begin an object whose members are not counted yet; where its count stands.
fn begin(w: &mut Writer) -> usize {
    w.map(0);
    w.0.len() - 1
}

/// Write how many members or elements there were. Whether one byte was enough.
fn end(w: &mut Writer, head: usize, count: usize) -> bool {
    match (w.0.get_mut(head), u8::try_from(count)) {
        (Some(slot), Ok(short)) if count <= SHORT => {
            *slot = short;
            true
        }
        _ => false,
    }
}

/// Elements and members that one byte counts.
const SHORT: usize = 127;
/// Members of an object whose keys are compared with each other.
const FEW: usize = 32;

/// Packs the needed properties of a line.
struct Reading<'p> {
    needs: &'p Needs,
    out: &'p mut Vec<u8>,
}

impl<'l> Properties<'l> for Reading<'_> {
    type Made = ();

    fn make<D: Deserializer<'l>>(&mut self, kind: Kind, name: &str, json: D) -> Result<(), D::Error> {
        self.out.clear();
        let mut w = Writer(std::mem::take(self.out));
        let made = match self.needs.of_line(Says::of(kind, name)) {
            None => json.deserialize_ignored_any(IgnoredAny).map(drop),
            Some(tree) if tree.is_all() => Pack { depth: 0, w: &mut w }.deserialize(json),
            Some(tree) => {
                let head = begin(&mut w);
                let mut count = 0;
                let made = Walk { tree, depth: 0, w: &mut w, count: &mut count }.deserialize(json);
                made.and_then(|()| if end(&mut w, head, count) { Ok(()) } else { Err(D::Error::custom("many paths")) })
            }
        };
        *self.out = w.0;
        // Only an object holds properties.
        if !matches!(view(self.out), Item::Map(_)) {
            self.out.clear();
        }
        made
    }
}

/// Walks a value along the needed paths and packs what they lead to. Fails where reading all of it would find something else.
struct Walk<'p> {
    tree: &'p Tree,
    depth: u32,
    w: &'p mut Writer,
    /// Members written.
    count: &'p mut usize,
}

impl<'p> Walk<'p> {
    fn below<'w>(&'w mut self, tree: &'p Tree) -> Walk<'w>
    where
        'p: 'w,
    {
        Walk { tree, depth: self.depth + 1, w: &mut *self.w, count: &mut *self.count }
    }
}

impl<'l> DeserializeSeed<'l> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'l>>(self, json: D) -> Result<(), D::Error> {
        let Walk { tree, depth, w, count } = self;
        if depth > DEPTH_MAX {
            return Err(D::Error::custom("too deep"));
        }
        let Some(path) = tree.path() else { return json.deserialize_any(Walk { tree, depth, w, count }) };
        w.str(path);
        let from = w.0.len();
        Pack { depth, w: &mut *w }.deserialize(json)?;
        *count += 1;
        if tree.has_children() {
            // Needed as a whole and in parts.
            let whole = w.0.get(from..).unwrap_or_default().to_vec();
            tree.each_below(&mut |path, rest| {
                if let Some(part) = packed::path(&whole, rest.as_bytes()) {
                    w.str(path);
                    w.0.extend_from_slice(part);
                    *count += 1;
                }
            });
        }
        Ok(())
    }
}

impl<'l> Visitor<'l> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'l>>(mut self, mut items: A) -> Result<(), A::Error> {
        let tree = self.tree;
        for number in 0.. {
            // Only an object holds properties.
            let more = match tree.element(number).filter(|_| self.depth > 0) {
                Some(child) => items.next_element_seed(self.below(child))?.is_some(),
                None => items.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                break;
            }
        }
        Ok(())
    }
    fn visit_map<A: MapAccess<'l>>(mut self, mut members: A) -> Result<(), A::Error> {
        let tree = self.tree;
        let mut came = 0_u64;
        while let Some(key) = members.next_key_seed(TextSeed)? {
            match tree.child(&key) {
                Some((place, child)) => {
                    let bit = 1_u64.checked_shl(place).unwrap_or(0);
                    if came & bit != 0 {
                        return Err(A::Error::custom("a key twice"));
                    }
                    came |= bit;
                    members.next_value_seed(self.below(child))?;
                }
                // A member named like the rest of a path wins over descending.
                None if tree.is_rest(&key) => return Err(A::Error::custom("a path as a key")),
                None => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Packs a value as a whole. Fails where [`value::of`] would make something else of it than what stands there.
struct Pack<'p> {
    depth: u32,
    w: &'p mut Writer,
}

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
        let head = self.w.0.len() - 1;
        let mut count = 0;
        while items.next_element_seed(Pack { depth: self.depth + 1, w: &mut *self.w })?.is_some() {
            count += 1;
        }
        if end(self.w, head, count) { Ok(()) } else { Err(A::Error::custom("many elements")) }
    }
    fn visit_map<A: MapAccess<'l>>(self, mut members: A) -> Result<(), A::Error> {
        let head = begin(self.w);
        let mut keys = [(0, 0); FEW];
        let mut count = 0;
        while let Some(key) = members.next_key_seed(TextSeed)? {
            let written = keys.get(..count).unwrap_or_default();
            if written.iter().any(|(from, until)| self.w.0.get(*from..*until) == Some(key.as_bytes())) {
                return Err(A::Error::custom("a key twice"));
            }
            self.w.str(&key);
            let Some(slot) = keys.get_mut(count) else { return Err(A::Error::custom("many keys")) };
            *slot = (self.w.0.len() - key.len(), self.w.0.len());
            members.next_value_seed(Pack { depth: self.depth + 1, w: &mut *self.w })?;
            count += 1;
        }
        if end(self.w, head, count) { Ok(()) } else { Err(A::Error::custom("many members")) }
    }
}
