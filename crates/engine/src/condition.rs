//! Whether a condition holds, read where it lies. Three-valued: `None` is "this version cannot tell", which `not` leaves as it is and which
//! does not pass in the end. Cost: the size of the condition times the size of the attributes it names.

use crate::attributes::Attributes;
use core::cmp::Ordering;
use noren_event::packed::{self, Item, Items, Reader, same, utf16_order, view};
use noren_event::{Value, packed::Writer};
use noren_program::codec::NESTING_MAX;
use noren_program::cond::version_key;
use noren_program::{Cond, Image, Program};

/// What the engine borrows from the place it runs in. Texts are UTF-8.
pub trait Host {
    /// Whether an ECMAScript regular expression finds a match; `None` if the host cannot tell: the pattern is none here, the subject is
    /// too long ([`is_searchable`]), or the expression too slow. What cannot be told passes no condition, and its negation neither.
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool>;

    /// Text in lower case, as ECMAScript's `toLowerCase` has it. A browser lends its own: the tables weigh more than all of this room.
    fn lower(&self, text: &[u8]) -> Vec<u8> {
        String::from_utf8_lossy(text).to_lowercase().into_bytes()
    }

    /// Where what events and pages mean nothing to is remembered, of the one program that is decided by. Nowhere, unless a host says so.
    #[cfg(not(target_family = "wasm"))]
    fn memo(&self) -> Option<&crate::memo::Memo> {
        None
    }

    /// A version prepared for comparison, as [`version_key`] has it, which a browser has fewer words for.
    fn version(&self, text: &[u8]) -> Vec<u8> {
        version_key(text)
    }
}

/// UTF-16 units of a text that expressions of published conditions are tried on.
pub const SUBJECT_MAX: usize = 2_048;

/// Whether hosts try a published condition's expressions on a text: it has at most [`SUBJECT_MAX`] UTF-16 units.
pub fn is_searchable(subject: &str) -> bool {
    subject.encode_utf16().nth(SUBJECT_MAX).is_none()
}

/// What conditions are judged by: a program's table, and what is known.
#[derive(Clone, Copy)]
pub struct Judge<'a> {
    /// The program whose conditions are meant.
    pub image: &'a Image,
    /// Everything but the event.
    pub attributes: &'a Attributes,
    /// The properties of the event being judged, seen as `event.*`.
    pub event: Option<&'a [u8]>,
    /// Regular expressions and lower case.
    pub host: &'a dyn Host,
}

/// Whether a condition holds over one object, in which a member `event` is the event. For the edge and for conformance; cost: writing both out.
pub fn holds(cond: &Cond, over: &Value, host: &dyn Host) -> bool {
    let program = Program { conds: vec![cond.clone()], ..Program::default() };
    let image = program.image();
    let attributes = Attributes::default();
    let mut w = Writer::default();
    w.value(over);
    let judge = Judge { image: &image, attributes: &attributes, event: None, host };
    judge.eval(&mut Reader::new(image.cond(0)), Some(&w.0), 0) == Some(true)
}

impl Judge<'_> {
    /// Whether a condition holds, where 0 is none and holds, and others are one more than their number: the final answer, where "cannot tell"
    /// is no.
    pub fn holds(&self, cond: u32) -> bool {
        let truth = self.truth(cond);
        if truth.is_none() {
            self.attributes.doubt.set(true);
        }
        truth == Some(true)
    }

    /// The same for who only wants to know: `None` where it cannot be told, and nobody is in doubt for it.
    #[inline(always)]
    pub fn truth(&self, cond: u32) -> Option<bool> {
        match cond.checked_sub(1) {
            None => Some(true),
            Some(id) => self.eval(&mut Reader::new(self.image.cond(id)), None, 0),
        }
    }

    /// A node's truth, over an element of a list where one is given.
    fn eval(&self, r: &mut Reader, element: Option<&[u8]>, depth: u32) -> Option<bool> {
        if depth > NESTING_MAX {
            return None;
        }
        match r.byte() {
            // A record that is empty reads as 0 too, and then holds nothing to be true.
            0 if r.is_empty() => None,
            tag @ (0 | 1) => {
                let count = r.count();
                // Any of nothing holds, as GrowthBook has it.
                let any = tag == 1 && count > 0;
                combine(any, count, &mut || self.eval(&mut Reader::new(r.bytes()), element, depth + 1))
            }
            2 => self.eval(r, element, depth + 1).map(|t| !t),
            3 => {
                let path = self.image.text(r.u32());
                let value = match (element, path.strip_prefix(b"event.")) {
                    (Some(element), _) => packed::path(element, path),
                    (None, Some(rest)) => self.event.and_then(|event| packed::path(event, rest)),
                    (None, None) => self.attributes.path(path),
                };
                self.check(r, value.unwrap_or_default(), depth + 1)
            }
            _ => None,
        }
    }

    /// A test's truth for one value.
    fn check(&self, r: &mut Reader, value: &[u8], depth: u32) -> Option<bool> {
        if depth > NESTING_MAX {
            return None;
        }
        let list = || match view(value) {
            Item::List(items) => Some(items),
            _ => None,
        };
        Some(match r.byte() {
            0 => {
                let count = r.count();
                return combine(false, count, &mut || self.check(&mut Reader::new(r.bytes()), value, depth + 1));
            }
            1 => {
                let Some(items) = list() else { return Some(false) };
                let count = r.count();
                return combine(false, count, &mut || {
                    let test = Reader::new(r.bytes());
                    self.some(items.clone(), &mut |item| self.check(&mut test.clone(), item, depth + 1))
                });
            }
            2 => return self.check(r, value, depth + 1).map(|t| !t),
            3 => same(value, r.packed()),
            4 => {
                let mask = r.byte();
                let order = match (view(value), view(r.packed())) {
                    (Item::Num(x), Item::Num(y)) => x.partial_cmp(&y),
                    (Item::Str(x), Item::Str(y)) => Some(utf16_order(x, y)),
                    _ => None,
                };
                passes(mask, order)
            }
            tag @ (5 | 6) => {
                let candidates = r.clone();
                let one_of = |value: &[u8]| {
                    let mut r = candidates.clone();
                    (0..r.count()).any(|_| self.equal(value, r.packed(), tag == 6))
                };
                match list() {
                    Some(mut items) => items.any(|(_, item)| one_of(item)),
                    None => one_of(value),
                }
            }
            tag @ (7 | 8) => match view(value) {
                Item::Str(s) => return self.host.regex(self.image.text(r.u32()), tag == 8, s),
                _ => false,
            },
            tag @ (9 | 10) => (tag == 9) != matches!(view(value), Item::Null),
            11 => type_tag(value) == r.byte(),
            12 => match list() {
                Some(items) => {
                    let mut w = Writer::default();
                    w.number(items.left() as f64);
                    return self.check(r, &w.0, depth + 1);
                }
                None => false,
            },
            tag @ (13 | 14) => match list() {
                Some(items) => {
                    return self.some(items, &mut |item| {
                        let r = &mut r.clone();
                        // Null is no element.
                        if matches!(view(item), Item::Null) {
                            return Some(false);
                        }
                        if tag == 13 { self.check(r, item, depth + 1) } else { self.eval(r, Some(item), depth + 1) }
                    });
                }
                None => false,
            },
            15 => {
                let mask = r.byte();
                let key = self.image.text(r.u32());
                match view(value) {
                    Item::Str(s) => passes(mask, Some(utf16_order(&self.host.version(s), key))),
                    // Only text is a version; whatever else is there is another one.
                    _ => mask == 5,
                }
            }
            16 => false,
            _ => return None,
        })
    }

    /// Whether a test is true of some element.
    fn some(&self, mut items: Items, test: &mut dyn FnMut(&[u8]) -> Option<bool>) -> Option<bool> {
        combine(true, items.left(), &mut || test(items.next().map_or(&[], |(_, item)| item)))
    }

    fn equal(&self, a: &[u8], b: &[u8], fold: bool) -> bool {
        match (view(a), view(b)) {
            (Item::Str(x), Item::Str(y)) if fold => x == y || self.host.lower(x) == self.host.lower(y),
            _ => same(a, b),
        }
    }
}

/// All or any of some truths: false decides for all and true for any; else unknown does.
fn combine(any: bool, count: usize, part: &mut dyn FnMut() -> Option<bool>) -> Option<bool> {
    let mut result = Some(!any);
    for _ in 0..count {
        match part() {
            Some(part) if part == any => return Some(any),
            None => result = None,
            Some(_) => {}
        }
    }
    result
}

/// Whether an order is among those of a mask: 1 less, 2 equal, 4 greater.
fn passes(mask: u8, order: Option<Ordering>) -> bool {
    order.is_some_and(|order| mask >> (order as i8 + 1) & 1 == 1)
}

/// The number of a value's type: null, boolean, number, string, array, object, bytes.
fn type_tag(value: &[u8]) -> u8 {
    match view(value) {
        Item::Null => 0,
        Item::Bool(_) => 1,
        Item::Num(_) => 2,
        Item::Str(_) => 3,
        Item::List(_) => 4,
        Item::Map(_) => 5,
        Item::Bytes(_) => 6,
    }
}
