//! Bytes to a program, as a tree: for the edge, which keeps a program's goals, and for tests. Engines read [`crate::Image`].

use super::encode::{FIRST_GROUP, TYPES};
use super::{LEVEL, MAGIC, NESTING_MAX, PAUSED, cap, kind, mask, window};
use crate::campaign::*;
use crate::cond::{Cond, CondId, Test, VersionOp};
use noren_event::packed::{Malformed, Reader};
use noren_event::{Duration, Timestamp};

/// A program from bytes. Any byte string gives a program or an error; a campaign of a higher level is left out. Tests that mean the same come
/// back as one: "not equal" as the negation of "equal".
///
/// # Errors
/// Any [`Malformed`]; another format is `Unknown`.
pub fn decode(bytes: &[u8]) -> Result<Program, Malformed> {
    let mut r = Reader::new(bytes);
    if r.take(4) != MAGIC {
        r.fail(Malformed::Unknown);
    }
    let mut program =
        Program { compiled_at: Timestamp(r.int()), valid_until: Timestamp(r.int()), ..Program::default() };
    let texts = r.list(Reader::str);
    let mut d = Decoder { texts: &texts, r };
    program.zones = d.records(|d| {
        let mut offsets = Vec::new();
        while !d.r.is_empty() {
            offsets.push((d.time(), d.r.int() as i32));
        }
        Zone { offsets }
    })?;
    program.conds = d.records(|d| d.cond(0))?;
    let mut paused = Vec::new();
    let mut campaigns = d.records(|d| d.campaign(&mut paused))?;
    program.paused = paused;
    // What events, pages and sessions can change follows from the campaigns; which groups they are in does not.
    let lists = d.records(|d| {
        let rest = d.r.rest();
        d.r.take(rest.len());
        rest
    })?;
    for (group, list) in (1..).zip(lists.into_iter().skip(usize::from(FIRST_GROUP))) {
        let mut r = Reader::new(list);
        let mut place = 0u32;
        while !r.is_empty() {
            place = place.wrapping_add(r.u32());
            if let Some(Some(c)) = campaigns.get_mut(place as usize) {
                c.group = group;
            }
        }
        if let Some(why) = r.failed() {
            return Err(why);
        }
    }
    program.campaigns = campaigns.into_iter().flatten().collect();
    d.records(|d| d.r.take(d.r.rest().len()))?;
    d.r.finish().map(|()| program)
}

struct Decoder<'a> {
    texts: &'a [&'a str],
    r: Reader<'a>,
}

impl<'a> Decoder<'a> {
    /// A reader of the record that comes next.
    fn inside(&mut self) -> Decoder<'a> {
        Decoder { texts: self.texts, r: Reader::new(self.r.bytes()) }
    }

    fn records<T>(&mut self, mut item: impl FnMut(&mut Decoder<'a>) -> T) -> Result<Vec<T>, Malformed> {
        let mut items = Vec::new();
        for _ in 0..self.r.count() {
            let mut inside = self.inside();
            items.push(item(&mut inside));
            inside.r.finish()?;
        }
        self.r.failed().map_or(Ok(items), Err)
    }

    /// Records inside a record: what fails in one fails the whole.
    fn inner<T>(&mut self, item: impl FnMut(&mut Decoder<'a>) -> T) -> Vec<T> {
        self.records(item).unwrap_or_else(|why| {
            self.r.fail(why);
            Vec::new()
        })
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Decoder<'a>) -> T) -> Vec<T> {
        let mut items = Vec::new();
        for _ in 0..self.r.count() {
            items.push(item(self));
        }
        items
    }

    /// As many as the next record holds.
    fn all<T>(&mut self, mut item: impl FnMut(&mut Decoder<'a>) -> T) -> Vec<T> {
        let mut inside = self.inside();
        let mut items = Vec::new();
        while !inside.r.is_empty() {
            items.push(item(&mut inside));
        }
        if let Some(why) = inside.r.failed() {
            self.r.fail(why);
        }
        items
    }

    fn text(&mut self) -> Box<str> {
        let i = self.r.uint();
        match self.texts.get(i as usize) {
            Some(text) => (*text).into(),
            None => {
                self.r.fail(Malformed::OutOfRange);
                "".into()
            }
        }
    }

    fn time(&mut self) -> Timestamp {
        Timestamp(self.r.int())
    }

    fn span(&mut self) -> Duration {
        Duration(self.r.uint().min(i64::MAX as u64) as i64)
    }

    fn unknown<T>(&mut self, instead: T) -> T {
        self.r.fail(Malformed::Unknown);
        instead
    }

    fn opt_cond(&mut self) -> Option<CondId> {
        self.r.u32().checked_sub(1).map(CondId)
    }

    fn cond(&mut self, depth: u32) -> Cond {
        if depth > NESTING_MAX {
            self.r.fail(Malformed::OutOfRange);
        }
        match self.r.byte() {
            0 => Cond::All(self.inner(|d| d.cond(depth + 1))),
            1 => Cond::Any(self.inner(|d| d.cond(depth + 1))),
            2 => Cond::Not(Box::new(self.cond(depth + 1))),
            3 => Cond::Attr { path: self.text(), test: self.test(depth + 1) },
            4 => Cond::Unknown,
            _ => self.unknown(Cond::Unknown),
        }
    }

    fn test(&mut self, depth: u32) -> Test {
        if depth > NESTING_MAX {
            self.r.fail(Malformed::OutOfRange);
        }
        let tag = self.r.byte();
        match tag {
            0 => Test::All(self.inner(|d| d.test(depth + 1))),
            1 => Test::AllOf { tests: self.inner(|d| d.test(depth + 1)) },
            2 => Test::Not(Box::new(self.test(depth + 1))),
            3 => Test::Eq(self.r.value()),
            4 => {
                let mask = self.r.byte();
                let value = self.r.value();
                match mask {
                    mask::LESS => Test::Lt(value),
                    mask::GREATER => Test::Gt(value),
                    m if m == mask::LESS | mask::EQUAL => Test::Lte(value),
                    m if m == mask::GREATER | mask::EQUAL => Test::Gte(value),
                    _ => self.unknown(Test::Unknown),
                }
            }
            5 | 6 => Test::In { list: self.r.list(Reader::value), fold: tag == 6 },
            7 | 8 => Test::Regex { pattern: self.text(), fold: tag == 8 },
            9 | 10 => Test::Exists(tag == 9),
            11 => match TYPES.get(usize::from(self.r.byte())) {
                Some(name) => Test::Type((*name).into()),
                None => self.unknown(Test::Unknown),
            },
            12 => Test::Size(Box::new(self.test(depth + 1))),
            13 => Test::ElemTest(Box::new(self.test(depth + 1))),
            14 => Test::ElemCond(Box::new(self.cond(depth + 1))),
            15 => {
                let op = match self.r.byte() {
                    mask::EQUAL => VersionOp::Eq,
                    mask::LESS => VersionOp::Lt,
                    mask::GREATER => VersionOp::Gt,
                    m if m == mask::LESS | mask::EQUAL => VersionOp::Lte,
                    m if m == mask::GREATER | mask::EQUAL => VersionOp::Gte,
                    m if m == mask::LESS | mask::GREATER => VersionOp::Ne,
                    _ => self.unknown(VersionOp::Eq),
                };
                Test::Version { op, key: self.text() }
            }
            16 => Test::Never,
            17 => Test::Unknown,
            _ => self.unknown(Test::Unknown),
        }
    }

    fn window(&mut self) -> Window {
        let tag = self.r.byte();
        let span = self.span();
        match tag {
            window::PAGE => Window::Page,
            window::SESSION => Window::Session,
            window::VISITOR => Window::Visitor,
            window::LAST => Window::Last(span),
            _ => self.unknown(Window::Page),
        }
    }

    fn occurs(&mut self) -> Occurs {
        Occurs { event: self.text(), cond: self.opt_cond() }
    }

    fn node(&mut self, depth: u32) -> Node {
        if depth > NESTING_MAX {
            self.r.fail(Malformed::OutOfRange);
        }
        match self.r.byte() {
            0 => Node::Leaf(self.r.u16()),
            1 => Node::All(self.list(|d| d.node(depth + 1))),
            2 => Node::Any(self.list(|d| d.node(depth + 1))),
            3 => Node::Not(Box::new(self.node(depth + 1))),
            _ => self.unknown(Node::Leaf(0)),
        }
    }

    fn leaf(&mut self) -> Leaf {
        let tag = self.r.byte() & !kind::NEGATED;
        let flags = self.r.byte();
        let number = self.r.uint();
        let window = self.window();
        let property = self.text();
        let small = number.min(u64::from(u16::MAX)) as u16;
        let span = match window {
            Window::Last(span) => span,
            _ => Duration::ZERO,
        };
        match tag {
            kind::COUNT => Leaf::Count { of: self.occurs(), at_least: small, window },
            kind::DWELL => {
                let page = self.occurs().cond;
                let clock = if flags & kind::ACTIVE == 0 { Clock::Wall } else { Clock::Active };
                let reach = if flags & kind::SESSION_REACH == 0 { Reach::Page } else { Reach::Session };
                Leaf::Dwell { page, time: span, clock, reach }
            }
            kind::ABSENT => Leaf::Absent { after: self.occurs(), event: self.occurs(), time: span },
            kind::SUM => Leaf::Sum { of: self.occurs(), property, at_least_cents: number, window },
            kind::DISTINCT => Leaf::Distinct { of: self.occurs(), property, at_least: small, window },
            kind::EVERY => Leaf::Every { of: self.occurs(), times: small, window },
            kind::SEQUENCE => {
                let mut steps = Vec::new();
                while !self.r.is_empty() {
                    steps.push(self.occurs());
                }
                let without = if flags & kind::WITHOUT == 0 { None } else { steps.pop() };
                let order = if flags & kind::NEXT == 0 { Order::Eventually } else { Order::Next };
                Leaf::Sequence { steps, within: span, without, order, same: property }
            }
            _ => self.unknown(Leaf::Every { of: self.nothing(), times: 0, window }),
        }
    }

    fn nothing(&self) -> Occurs {
        Occurs { event: "".into(), cond: None }
    }

    fn caps(&mut self) -> (Vec<Place>, Caps) {
        let (mut places, mut caps) = (Vec::new(), Caps::default());
        let mut inside = self.inside();
        while !inside.r.is_empty() {
            let flags = inside.r.byte();
            if flags & cap::PLACE != 0 {
                let why = if flags & cap::EXCLUSIVE == 0 { PlaceKind::Holdout } else { PlaceKind::Exclusive };
                let (seed, from, length) = (inside.text(), inside.r.u16(), inside.r.u16());
                places.push(Place { why, seed, from, until: from.saturating_add(length) });
                continue;
            }
            let times = inside.r.u16();
            let window = inside.window();
            let event = match flags & 3 {
                0 => CapEvent::Shown,
                1 => CapEvent::Closed,
                2 => CapEvent::Clicked,
                _ => CapEvent::Converted,
            };
            let whose = match flags & (cap::ANY | cap::GROUP | cap::OTHERS) {
                0 => Whose::This,
                cap::ANY => Whose::Any,
                cap::GROUP => Whose::Group,
                _ => Whose::Others,
            };
            if flags & cap::GROUP != 0 {
                inside.r.u32();
            }
            if flags & cap::STOP == 0 {
                caps.again.push(ShowAgain { after: window, since: event, whose });
            } else {
                caps.stop.push(StopAfter { times, of: event, within: window, whose });
            }
        }
        if let Some(why) = inside.r.failed() {
            self.r.fail(why);
        }
        (places, caps)
    }

    fn schedule(&mut self) -> Option<Schedule> {
        let flags = self.r.byte();
        let mut s = Schedule::default();
        if flags & cap::FROM != 0 {
            s.from = Some(self.time());
        }
        if flags & cap::UNTIL != 0 {
            s.until = Some(self.time());
        }
        s.zone = self.r.u32();
        if flags & cap::CALENDAR != 0 {
            s.closed = self.inside_ranges();
            s.open = self.inside_ranges();
        }
        let minute = |n: i64| n.clamp(0, i64::from(u16::MAX)) as u16;
        s.weekly = ranges(&mut self.r).into_iter().map(|(from, until)| (minute(from), minute(until))).collect();
        Some(s)
    }

    fn inside_ranges(&mut self) -> Vec<(i64, i64)> {
        let mut r = Reader::new(self.r.bytes());
        let list = ranges(&mut r);
        if let Some(why) = r.failed() {
            self.r.fail(why);
        }
        list
    }

    fn campaign(&mut self, paused: &mut Vec<Box<str>>) -> Option<Campaign> {
        let id = self.text();
        let level = self.r.byte();
        if level == PAUSED {
            paused.push(id);
            return None;
        }
        if level > LEVEL {
            self.r.take(self.r.rest().len());
            return None;
        }
        let leaves = self.inner(Decoder::leaf);
        let mut campaign = Campaign {
            id,
            leaves,
            places: Vec::new(),
            group: 0,
            caps: Caps::default(),
            phase: self.r.u32(),
            fingerprint: self.r.u32(),
            priority: self.r.u16(),
            surface: match &*self.text() {
                "modal" => Surface::Modal,
                "top" => Surface::Top,
                "bottom" => Surface::Bottom,
                "corner" => Surface::Corner,
                other => other.strip_prefix('#').map_or(Surface::None, |name| Surface::Slot(name.into())),
            },
            consent: self.text(),
            audience: self.opt_cond(),
            delay: self.span(),
            wait: self.span(),
            control_bps: self.r.u16(),
            seed: self.text(),
            trigger: {
                let mut inside = self.inside();
                let node = inside.node(0);
                if let Err(why) = inside.r.finish() {
                    self.r.fail(why);
                }
                node
            },
            cancel: self.all(|d| {
                let of = d.occurs();
                let hold = match d.window() {
                    Window::Last(d) => Hold::For(d),
                    Window::Visitor => Hold::Visitor,
                    Window::Session | Window::Page => Hold::Session,
                };
                Cancel { of, hold }
            }),
            variants: Vec::new(),
            goal: None,
            schedule: None,
        };
        (campaign.places, campaign.caps) = self.caps();
        campaign.variants =
            self.all(|d| Variant { id: d.text(), weight_bps: d.r.u16(), kind: d.text(), content: d.text() });
        campaign.goal = self.all(|d| Goal { of: d.occurs(), within: d.span(), value: d.text() }).pop();
        campaign.schedule = self.all(Decoder::schedule).pop().flatten();
        Some(campaign)
    }
}

/// Ascending ranges to the end of a reader.
fn ranges(r: &mut Reader) -> Vec<(i64, i64)> {
    let mut list = Vec::new();
    let mut last = 0i64;
    while !r.is_empty() {
        let from = last.saturating_add_unsigned(r.uint());
        last = from.saturating_add_unsigned(r.uint());
        list.push((from, last));
    }
    list
}
