//! Inputs of a visitor in flight, in the bytes in which the engine takes them: deciding about them reads no line anew.
//!
//! One buffer a visitor instead of many small values. An input is its distance in time from the one before it, a tag and what the tag wants:
//! about six bytes for an event whose properties no campaign looks at, and nothing to the allocator.

use super::needs::Needs;
use super::pack::{EMPTY, Packed};
use crate::replay::line::{HOST_ROOTS, Line, PageNews, Says};
use noren_engine::{Told, WidgetNews};
use noren_event::packed::{self, Item, Reader, Writer, view};
use noren_event::{Duration, Timestamp, names};

/// An event: its name's number, its properties.
const EVENT: u8 = 0;
/// A page view: its properties, the attributes of its page.
const PAGE_VIEW: u8 = 1;
const VISIBLE: u8 = 2;
const HIDDEN: u8 = 3;
const ACTIVE: u8 = 4;
const LEAVE: u8 = 5;
const FACTS: u8 = 6;
const CONSENT: u8 = 7;
/// Added to a root's number among [`HOST_ROOTS`]: its value.
const ATTRIBUTES: u8 = 16;
/// Added to a number of [`WidgetNews::of`]: a campaign's id.
const WIDGET: u8 = 32;

/// Room for the first inputs of a visitor: about ten. Most visitors have no more.
const AT_FIRST: usize = 128;

/// Inputs in the order they came.
#[derive(Default)]
pub struct Kept {
    bytes: Vec<u8>,
    count: usize,
    latest: Timestamp,
}

/// Inputs in order of time.
#[derive(Default)]
pub struct Sorted {
    bytes: Vec<u8>,
    /// Moments, and where the input stands from its tag on.
    places: Vec<(Timestamp, usize)>,
}

/// An input where it is kept.
#[derive(Clone, Copy)]
pub struct Input<'k> {
    pub at: Timestamp,
    tag: u8,
    number: u32,
    value: &'k [u8],
    page: &'k [u8],
}

impl Kept {
    /// Keep what a line tells. `packed` is what is needed of its properties.
    pub fn push(&mut self, needs: &Needs, line: &Line<'_, ()>, packed: &Packed) {
        if self.bytes.capacity() == 0 {
            self.bytes.reserve(AT_FIRST);
        }
        let at = Timestamp(line.at);
        let props = &*packed.props;
        let unless_empty = if props == EMPTY { &[] } else { props };
        match Says::of(line.kind, &line.name) {
            Says::Event(names::PAGE_VIEW) => self.input(at, PAGE_VIEW, |w| {
                w.bytes(unless_empty);
                w.bytes(&packed.page);
            }),
            Says::Event(name) => self.input(at, EVENT, |w| {
                w.uint(u64::from(needs.event(name).number));
                w.bytes(unless_empty);
            }),
            Says::Page(PageNews::Visible) => self.input(at, VISIBLE, |_| {}),
            Says::Page(PageNews::Hidden) => self.input(at, HIDDEN, |_| {}),
            Says::Page(PageNews::Active) => self.input(at, ACTIVE, |_| {}),
            Says::Page(PageNews::Leave) => self.input(at, LEAVE, |_| {}),
            Says::Record(news) => {
                let number = match news {
                    WidgetNews::Closed => 0,
                    WidgetNews::Clicked => 1,
                    WidgetNews::Failed => 2,
                    WidgetNews::Retracted => 3,
                };
                if let Some(campaign) = packed::get(props, b"campaign").and_then(packed::text) {
                    self.input(at, WIDGET + number, |w| w.bytes(campaign));
                }
            }
            Says::Facts => {
                for (number, root) in (0..).zip(HOST_ROOTS) {
                    if let Some(value) = packed::get(props, root.as_bytes()) {
                        self.input(at, ATTRIBUTES + number, |w| w.bytes(value));
                    }
                }
                self.input(at, FACTS, |w| w.bytes(props));
            }
            Says::Consent => {
                let granted = packed::get(props, b"granted");
                if let Some(granted) = granted.filter(|g| matches!(view(g), Item::Null | Item::List(_))) {
                    self.input(at, CONSENT, |w| w.bytes(granted));
                }
            }
            Says::Nothing => {}
        }
    }

    fn input(&mut self, at: Timestamp, tag: u8, value: impl FnOnce(&mut Writer)) {
        let mut w = Writer(std::mem::take(&mut self.bytes));
        w.int((at - self.latest).0);
        w.byte(tag);
        value(&mut w);
        self.bytes = w.0;
        self.latest = at;
        self.count += 1;
    }

    /// How many inputs.
    pub fn len(&self) -> usize {
        self.count
    }

    /// All inputs, sorted stably by time; nothing is kept.
    pub fn take(&mut self) -> Sorted {
        let kept = std::mem::take(self);
        let mut places = Vec::with_capacity(kept.count);
        let mut r = Reader::new(&kept.bytes);
        let mut at = Timestamp(0);
        while !r.is_empty() {
            at = at + Duration(r.int());
            places.push((at, kept.bytes.len() - r.rest().len()));
            Input::read(at, &mut r);
        }
        places.sort_by_key(|(at, _)| *at);
        Sorted { bytes: kept.bytes, places }
    }

    /// The inputs before a moment, and at least `at_least` of the earliest; the others are kept.
    pub fn take_before(&mut self, until: Timestamp, at_least: usize) -> Sorted {
        let mut sorted = self.take();
        let ready = sorted.places.partition_point(|(at, _)| *at < until).max(at_least).min(sorted.places.len());
        for (at, place) in sorted.places.split_off(ready) {
            let mut r = Reader::new(sorted.bytes.get(place..).unwrap_or_default());
            let whole = r.rest();
            Input::read(at, &mut r);
            let (tag, value) =
                whole.get(..whole.len() - r.rest().len()).and_then(<[u8]>::split_first).unwrap_or((&LEAVE, &[]));
            self.input(at, *tag, |w| w.0.extend_from_slice(value));
        }
        sorted
    }
}

impl Sorted {
    /// The inputs, from the earliest to the latest.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Input<'_>> {
        let input = |(at, place): &(Timestamp, usize)| {
            Input::read(*at, &mut Reader::new(self.bytes.get(*place..).unwrap_or_default()))
        };
        self.places.iter().map(input)
    }

    /// The moment of the latest.
    pub fn last(&self) -> Option<Timestamp> {
        self.places.last().map(|(at, _)| *at)
    }
}

impl<'k> Input<'k> {
    fn read(at: Timestamp, r: &mut Reader<'k>) -> Input<'k> {
        let tag = r.byte();
        let mut input = Input { at, tag, number: 0, value: &[], page: &[] };
        match tag {
            EVENT => {
                input.number = r.u32();
                input.value = r.bytes();
            }
            PAGE_VIEW => {
                input.value = r.bytes();
                input.page = r.bytes();
            }
            VISIBLE..=LEAVE => {}
            _ => input.value = r.bytes(),
        }
        input
    }

    /// As the engine takes it.
    pub fn told(&self, needs: &'k Needs) -> Told<'k> {
        let Input { at, tag, number, value, page } = *self;
        let props = if value.is_empty() { EMPTY } else { value };
        match tag {
            EVENT => Told::Event { name: needs.name(number).as_bytes(), props, page: &[], at, here: true },
            PAGE_VIEW => Told::Event { name: names::PAGE_VIEW.as_bytes(), props, page, at, here: true },
            VISIBLE => Told::Visible,
            HIDDEN => Told::Hidden,
            ACTIVE => Told::Active,
            LEAVE => Told::Leave,
            FACTS => Told::Facts(value),
            CONSENT => Told::Consent(value),
            ATTRIBUTES..WIDGET => {
                let root = HOST_ROOTS.get(usize::from(tag - ATTRIBUTES)).copied().unwrap_or_default();
                Told::Attributes(root.as_bytes(), value)
            }
            _ => Told::Widget(value, WidgetNews::of(tag - WIDGET)),
        }
    }

    /// Whether it is the event of a number of [`Needs`].
    pub fn is(&self, number: u32) -> bool {
        self.tag == EVENT && self.number == number
    }

    /// Whether a page begins with it.
    pub fn begins_page(&self) -> bool {
        self.tag == PAGE_VIEW
    }

    /// Whether the page is left with it.
    pub fn leaves_page(&self) -> bool {
        self.tag == LEAVE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backtest::pack::parse;
    use crate::replay::line;

    /// What the engine is told, as text.
    fn told(sorted: &Sorted, needs: &Needs) -> Vec<String> {
        sorted.iter().map(|input| format!("{} {:?}", input.at.0, input.told(needs))).collect()
    }

    #[test]
    fn kept_lines_tell_what_they_told_in_order_of_time() {
        let texts = [
            r#"{"visitor":"v","at":30,"name":"purchase","props":{"value":[1,"茶"]}}"#,
            r#"{"visitor":"v","at":10,"type":"page","name":"leave"}"#,
            r#"{"visitor":"v","at":20,"type":"facts","props":{"visits":2,"geo":{"country":"JP"}}}"#,
            r#"{"visitor":"v","at":10,"type":"consent","props":{"granted":null}}"#,
            r#"{"visitor":"v","at":25,"name":"noren_close","props":{"campaign":"c"}}"#,
            r#"{"visitor":"v","at":5,"name":"page_view","props":{"page_location":"https://e.x/tea?a=1","size":3}}"#,
        ];
        let needs = Needs::all();
        let mut expected: Vec<(i64, String)> = Vec::new();
        for text in texts {
            line::parse(text).unwrap().tell(|at, input| {
                expected.push((at.0, input.told(|told| format!("{} {told:?}", at.0))));
            });
        }
        expected.sort_by_key(|(at, _)| *at);
        let expected: Vec<String> = expected.into_iter().map(|(_, told)| told).collect();

        let mut kept = Kept::default();
        let keep = |kept: &mut Kept| {
            let mut packed = Packed::default();
            for text in texts {
                let line = parse(text, &needs, &mut packed).unwrap();
                kept.push(&needs, &line, &packed);
            }
        };
        keep(&mut kept);
        assert_eq!((kept.len(), told(&kept.take(), &needs)), (7, expected.clone()));
        assert_eq!((kept.len(), told(&kept.take(), &needs)), (0, Vec::new()));

        keep(&mut kept);
        assert_eq!(told(&kept.take_before(Timestamp(20), 0), &needs), expected[..3]);
        assert_eq!(told(&kept.take_before(Timestamp(0), 1), &needs), expected[3..4]);
        assert_eq!(told(&kept.take(), &needs), expected[4..]);
    }
}
