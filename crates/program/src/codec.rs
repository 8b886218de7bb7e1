//! The byte form of a program.
//!
//! `NRN`, a format version, the string table, zones, conditions, then each campaign behind its length. A reader that meets a
//! construct it does not know inside a campaign's record leaves that campaign inert and goes on with the next; the same inside a
//! condition makes that condition unknown (it then passes nowhere). What every reader must understand, the frame around the
//! records, changes only with the format version.

use crate::campaign::*;
use crate::cond::{Cond, CondId, Test, VersionOp};
use noren_event::packed::{Malformed, Reader, Writer};
use noren_event::{Duration, Timestamp, Value};

/// First bytes of every program: a name and the format version.
pub const MAGIC: [u8; 4] = *b"NRN\x01";
/// Most occurrences a count can ask for. The engine keeps one time (8 bytes) each, so a leaf costs at most 800 bytes.
pub const COUNT_MAX: u16 = 100;
/// Most times a cap can count to; the engine keeps that many times (8 bytes each) per campaign and kind.
pub const CAP_TIMES_MAX: u16 = 20;
/// Most steps of a sequence: one bit each in a byte of the engine's memory.
pub const STEPS_MAX: usize = 8;
/// Events a sequence remembers, the latest by their own time. 64 of at most 16 bytes are 1 KB a leaf; a visitor makes fewer relevant
/// events within the hour that sequences are written for.
pub const SEQUENCE_MEMORY: usize = 64;
/// How deep conditions and triggers may nest. A marketer's rule is under 6 deep; the bound keeps recursion small.
pub const NESTING_MAX: u32 = 16;

/// Strings seen so far, each once.
struct Strings {
    list: Vec<Box<str>>,
}

impl Strings {
    fn id(&mut self, text: &str) -> u64 {
        if let Some(i) = self.list.iter().position(|s| &**s == text) {
            return i as u64;
        }
        self.list.push(text.into());
        (self.list.len() - 1) as u64
    }
}

struct Encoder {
    strings: Strings,
    out: Writer,
}

/// A program as bytes. The same program always gives the same bytes.
pub fn encode(program: &Program) -> Vec<u8> {
    let mut e = Encoder { strings: Strings { list: Vec::new() }, out: Writer::default() };
    e.int(program.compiled_at.0);
    e.int(program.valid_until.0);
    e.uint(program.zones.len());
    for zone in &program.zones {
        e.uint(zone.offsets.len());
        for (from, minutes) in &zone.offsets {
            e.int(from.0);
            e.int(i64::from(*minutes));
        }
    }
    e.uint(program.conds.len());
    for cond in &program.conds {
        e.record(|e| e.cond(cond));
    }
    e.uint(program.campaigns.len());
    for campaign in &program.campaigns {
        e.text(&campaign.id);
        e.record(|e| e.campaign(campaign));
    }
    let mut head = Writer::default();
    head.0.extend_from_slice(&MAGIC);
    head.uint(e.strings.list.len() as u64);
    for s in &e.strings.list {
        head.str(s);
    }
    head.0.extend_from_slice(&e.out.0);
    head.0
}

impl Encoder {
    fn byte(&mut self, b: u8) {
        self.out.byte(b);
    }

    fn uint(&mut self, n: usize) {
        self.out.uint(n as u64);
    }

    fn int(&mut self, n: i64) {
        self.out.int(n);
    }

    fn text(&mut self, s: &str) {
        let id = self.strings.id(s);
        self.out.uint(id);
    }

    /// Write what `body` writes behind its length.
    fn record(&mut self, body: impl FnOnce(&mut Encoder)) {
        let outer = core::mem::take(&mut self.out);
        body(self);
        let inner = core::mem::replace(&mut self.out, outer);
        self.out.bytes(&inner.0);
    }

    fn value(&mut self, v: &Value) {
        self.out.value(v);
    }

    fn values(&mut self, list: &[Value]) {
        self.uint(list.len());
        for v in list {
            self.value(v);
        }
    }

    fn opt_cond(&mut self, id: Option<CondId>) {
        self.uint(id.map_or(0, |c| c.0 as usize + 1));
    }

    fn span(&mut self, d: Duration) {
        self.out.uint(d.0.max(0) as u64);
    }

    fn cond(&mut self, c: &Cond) {
        match c {
            Cond::All(list) | Cond::Any(list) => {
                self.byte(if matches!(c, Cond::All(_)) { 0 } else { 1 });
                self.uint(list.len());
                for inner in list {
                    self.cond(inner);
                }
            }
            Cond::Not(inner) => {
                self.byte(2);
                self.cond(inner);
            }
            Cond::Attr { path, test } => {
                self.byte(3);
                self.text(path);
                self.test(test);
            }
            Cond::Unknown => self.byte(4),
        }
    }

    fn test(&mut self, t: &Test) {
        match t {
            Test::All(list) | Test::AllOf { tests: list } => {
                self.byte(if matches!(t, Test::All(_)) { 0 } else { 1 });
                self.uint(list.len());
                for inner in list {
                    self.test(inner);
                }
            }
            Test::Not(inner) => {
                self.byte(2);
                self.test(inner);
            }
            Test::Eq(v) => self.tagged(3, v),
            Test::Ne(v) => self.tagged(4, v),
            Test::Lt(v) => self.tagged(5, v),
            Test::Lte(v) => self.tagged(6, v),
            Test::Gt(v) => self.tagged(7, v),
            Test::Gte(v) => self.tagged(8, v),
            Test::In { list, fold } => {
                self.byte(9 + u8::from(*fold));
                self.values(list);
            }
            Test::NotIn { list, fold } => {
                self.byte(11 + u8::from(*fold));
                self.values(list);
            }
            Test::Regex { pattern, fold } => {
                self.byte(13 + u8::from(*fold));
                self.text(pattern);
            }
            Test::Exists(yes) => self.byte(15 + u8::from(*yes)),
            Test::Type(name) => {
                self.byte(17);
                self.text(name);
            }
            Test::Size(inner) => {
                self.byte(18);
                self.test(inner);
            }
            Test::ElemTest(inner) => {
                self.byte(19);
                self.test(inner);
            }
            Test::ElemCond(inner) => {
                self.byte(20);
                self.cond(inner);
            }
            Test::Version { op, key } => {
                self.byte(21);
                self.byte(*op as u8);
                self.text(key);
            }
            Test::Never => self.byte(22),
            Test::Unknown => self.byte(23),
        }
    }

    fn tagged(&mut self, tag: u8, v: &Value) {
        self.byte(tag);
        self.value(v);
    }

    fn window(&mut self, w: Window) {
        match w {
            Window::Page => self.byte(0),
            Window::Session => self.byte(1),
            Window::Visitor => self.byte(2),
            Window::Last(d) => {
                self.byte(3);
                self.span(d);
            }
        }
    }

    fn occurs(&mut self, o: &Occurs) {
        self.text(&o.event);
        self.opt_cond(o.cond);
    }

    fn node(&mut self, n: &Node) {
        match n {
            Node::Leaf(i) => {
                self.byte(0);
                self.uint(usize::from(*i));
            }
            Node::All(list) | Node::Any(list) => {
                self.byte(if matches!(n, Node::All(_)) { 1 } else { 2 });
                self.uint(list.len());
                for inner in list {
                    self.node(inner);
                }
            }
            Node::Not(inner) => {
                self.byte(3);
                self.node(inner);
            }
        }
    }

    fn leaf(&mut self, leaf: &Leaf) {
        match leaf {
            Leaf::Count { of, at_least, window } => {
                self.byte(0);
                self.occurs(of);
                self.uint(usize::from(*at_least));
                self.window(*window);
            }
            Leaf::Dwell { page, time, clock, reach } => {
                self.byte(1);
                self.opt_cond(*page);
                self.span(*time);
                self.byte(u8::from(*clock == Clock::Active) | u8::from(*reach == Reach::Session) << 1);
            }
            Leaf::Absent { after, event, time } => {
                self.byte(2);
                self.occurs(after);
                self.occurs(event);
                self.span(*time);
            }
            Leaf::Sum { of, property, at_least_cents, window } => {
                self.byte(3);
                self.occurs(of);
                self.text(property);
                self.out.uint(*at_least_cents);
                self.window(*window);
            }
            Leaf::Distinct { of, property, at_least, window } => {
                self.byte(4);
                self.occurs(of);
                self.text(property);
                self.uint(usize::from(*at_least));
                self.window(*window);
            }
            Leaf::Every { of, times, window } => {
                self.byte(5);
                self.occurs(of);
                self.uint(usize::from(*times));
                self.window(*window);
            }
            Leaf::Sequence { steps, within, without, order, same } => {
                self.byte(6);
                self.uint(steps.len());
                for step in steps {
                    self.occurs(step);
                }
                self.span(*within);
                self.byte(u8::from(without.is_some()) | u8::from(*order == Order::Next) << 1);
                if let Some(without) = without {
                    self.occurs(without);
                }
                self.text(same);
            }
        }
    }

    fn campaign(&mut self, c: &Campaign) {
        self.out.uint(u64::from(c.phase));
        self.out.uint(u64::from(c.fingerprint));
        self.out.uint(u64::from(c.priority));
        match &c.surface {
            Surface::Modal => self.byte(0),
            Surface::Top => self.byte(1),
            Surface::Bottom => self.byte(2),
            Surface::Corner => self.byte(3),
            Surface::None => self.byte(4),
            Surface::Slot(name) => {
                self.byte(5);
                self.text(name);
            }
        }
        self.text(&c.consent);
        match &c.schedule {
            None => self.byte(0),
            Some(s) => {
                self.byte(1 | u8::from(s.from.is_some()) << 1 | u8::from(s.until.is_some()) << 2);
                for bound in [s.from, s.until].into_iter().flatten() {
                    self.int(bound.0);
                }
                self.out.uint(u64::from(s.zone));
                self.uint(s.weekly.len());
                let mut last = 0;
                for (from, until) in &s.weekly {
                    self.out.uint(u64::from(from.saturating_sub(last)));
                    self.out.uint(u64::from(until.saturating_sub(*from)));
                    last = *until;
                }
            }
        }
        self.opt_cond(c.audience);
        self.node(&c.trigger);
        self.uint(c.leaves.len());
        for leaf in &c.leaves {
            self.leaf(leaf);
        }
        self.uint(c.cancel.len());
        for cancel in &c.cancel {
            self.occurs(&cancel.of);
            match cancel.hold {
                Hold::Session => self.byte(0),
                Hold::Visitor => self.byte(1),
                Hold::For(d) => {
                    self.byte(2);
                    self.span(d);
                }
            }
        }
        self.span(c.delay);
        self.span(c.wait);
        self.uint(c.caps.again.len());
        for a in &c.caps.again {
            self.byte(a.since as u8 | u8::from(a.any_campaign) << 2);
            self.window(a.after);
        }
        self.uint(c.caps.stop.len());
        for s in &c.caps.stop {
            self.byte(s.of as u8 | u8::from(s.any_campaign) << 2);
            self.uint(usize::from(s.times));
            self.window(s.within);
        }
        self.out.uint(u64::from(c.control_bps));
        self.text(&c.seed);
        self.uint(c.variants.len());
        for v in &c.variants {
            self.text(&v.id);
            self.out.uint(u64::from(v.weight_bps));
            self.text(&v.kind);
            self.text(&v.content);
        }
        match &c.goal {
            None => self.byte(0),
            Some(g) => {
                self.byte(1);
                self.occurs(&g.of);
                self.span(g.within);
                self.text(&g.value);
            }
        }
    }
}

/// A program from bytes. Any byte string gives a program or an error; a campaign or condition that this version cannot read is inert
/// or unknown, the rest works.
///
/// # Errors
/// Any [`Malformed`]; another format version is `Unknown`.
pub fn decode(bytes: &[u8]) -> Result<Program, Malformed> {
    let mut r = Reader::new(bytes);
    if r.take(4) != MAGIC {
        r.fail(Malformed::Unknown);
    }
    let strings = r.list(Reader::str);
    let mut d = Decoder { strings: &strings, r };
    let mut program = Program { compiled_at: d.time(), valid_until: d.time(), ..Program::default() };
    program.zones = d.list(|d| Zone { offsets: d.list(|d| (d.time(), d.r.int() as i32)) });
    for _ in 0..d.r.count() {
        let mut inside = d.inside();
        let cond = inside.cond(0);
        program.conds.push(match inside.r.failed() {
            None => cond,
            Some(Malformed::Unknown) => Cond::Unknown,
            Some(why) => return Err(why),
        });
    }
    for _ in 0..d.r.count() {
        let id = d.text();
        let mut inside = d.inside();
        let campaign = inside.campaign(id);
        // Bytes left over are a field that a newer writer added and that matters to this campaign.
        match inside.r.finish() {
            Ok(()) if campaign.is_sound(&program) => program.campaigns.push(campaign),
            Err(why) if why != Malformed::Unknown && why != Malformed::OutOfRange => return Err(why),
            _ => program.inert.push(campaign.id),
        }
    }
    d.r.failed().map_or(Ok(program), Err)
}

impl Campaign {
    /// Every index it holds points at something and every number is in its range.
    fn is_sound(&self, program: &Program) -> bool {
        let cond = |c: Option<CondId>| c.is_none_or(|c| (c.0 as usize) < program.conds.len());
        let occurs = |o: &Occurs| cond(o.cond);
        cond(self.audience)
            && self.leaves.iter().all(|leaf| match leaf {
                Leaf::Count { of, at_least, .. } => occurs(of) && (1..=COUNT_MAX).contains(at_least),
                Leaf::Dwell { page, .. } => cond(*page),
                Leaf::Absent { after, event, .. } => occurs(after) && occurs(event),
                Leaf::Sum { of, at_least_cents, .. } => occurs(of) && *at_least_cents > 0,
                Leaf::Distinct { of, at_least, .. } => occurs(of) && (1..=COUNT_MAX).contains(at_least),
                Leaf::Every { of, times, .. } => occurs(of) && (2..=COUNT_MAX).contains(times),
                Leaf::Sequence { steps, without, .. } => {
                    (2..=STEPS_MAX).contains(&steps.len()) && steps.iter().all(occurs) && without.iter().all(occurs)
                }
            })
            && self.trigger.is_sound(self.leaves.len())
            && self.cancel.iter().all(|c| occurs(&c.of))
            && self.goal.iter().all(|g| occurs(&g.of))
            && self.caps.stop.iter().all(|s| (1..=CAP_TIMES_MAX).contains(&s.times))
            && self.control_bps <= 10_000
            && !self.variants.is_empty()
            && self.schedule.iter().all(|s| s.weekly.is_empty() || (s.zone as usize) < program.zones.len())
    }
}

impl Node {
    fn is_sound(&self, leaves: usize) -> bool {
        match self {
            Node::Leaf(i) => usize::from(*i) < leaves,
            Node::All(list) | Node::Any(list) => list.iter().all(|n| n.is_sound(leaves)),
            Node::Not(inner) => inner.is_sound(leaves),
        }
    }
}

struct Decoder<'a> {
    strings: &'a [&'a str],
    r: Reader<'a>,
}

impl<'a> Decoder<'a> {
    /// A reader of the record that comes next.
    fn inside(&mut self) -> Decoder<'a> {
        Decoder { strings: self.strings, r: Reader::new(self.r.bytes()) }
    }

    fn list<T>(&mut self, mut item: impl FnMut(&mut Decoder<'a>) -> T) -> Vec<T> {
        let mut items = Vec::new();
        for _ in 0..self.r.count() {
            items.push(item(self));
        }
        items
    }

    fn text(&mut self) -> Box<str> {
        let i = self.r.uint();
        match self.strings.get(i as usize) {
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
            0 => Cond::All(self.list(|d| d.cond(depth + 1))),
            1 => Cond::Any(self.list(|d| d.cond(depth + 1))),
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
            0 => Test::All(self.list(|d| d.test(depth + 1))),
            1 => Test::AllOf { tests: self.list(|d| d.test(depth + 1)) },
            2 => Test::Not(Box::new(self.test(depth + 1))),
            3 => Test::Eq(self.r.value()),
            4 => Test::Ne(self.r.value()),
            5 => Test::Lt(self.r.value()),
            6 => Test::Lte(self.r.value()),
            7 => Test::Gt(self.r.value()),
            8 => Test::Gte(self.r.value()),
            9 | 10 => Test::In { list: self.r.list(Reader::value), fold: tag == 10 },
            11 | 12 => Test::NotIn { list: self.r.list(Reader::value), fold: tag == 12 },
            13 | 14 => Test::Regex { pattern: self.text(), fold: tag == 14 },
            15 | 16 => Test::Exists(tag == 16),
            17 => Test::Type(self.text()),
            18 => Test::Size(Box::new(self.test(depth + 1))),
            19 => Test::ElemTest(Box::new(self.test(depth + 1))),
            20 => Test::ElemCond(Box::new(self.cond(depth + 1))),
            21 => {
                let op = match self.r.byte() {
                    0 => VersionOp::Eq,
                    1 => VersionOp::Ne,
                    2 => VersionOp::Lt,
                    3 => VersionOp::Lte,
                    4 => VersionOp::Gt,
                    5 => VersionOp::Gte,
                    _ => self.unknown(VersionOp::Eq),
                };
                Test::Version { op, key: self.text() }
            }
            22 => Test::Never,
            23 => Test::Unknown,
            _ => self.unknown(Test::Unknown),
        }
    }

    fn window(&mut self) -> Window {
        match self.r.byte() {
            0 => Window::Page,
            1 => Window::Session,
            2 => Window::Visitor,
            3 => Window::Last(self.span()),
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

    fn flags(&mut self, known: u8) -> u8 {
        let flags = self.r.byte();
        if flags & !known != 0 { self.unknown(0) } else { flags }
    }

    fn leaf(&mut self) -> Leaf {
        match self.r.byte() {
            0 => Leaf::Count { of: self.occurs(), at_least: self.r.u16(), window: self.window() },
            1 => {
                let page = self.opt_cond();
                let time = self.span();
                let flags = self.flags(3);
                let clock = if flags & 1 == 0 { Clock::Wall } else { Clock::Active };
                let reach = if flags & 2 == 0 { Reach::Page } else { Reach::Session };
                Leaf::Dwell { page, time, clock, reach }
            }
            2 => Leaf::Absent { after: self.occurs(), event: self.occurs(), time: self.span() },
            3 => Leaf::Sum {
                of: self.occurs(),
                property: self.text(),
                at_least_cents: self.r.uint(),
                window: self.window(),
            },
            4 => Leaf::Distinct {
                of: self.occurs(),
                property: self.text(),
                at_least: self.r.u16(),
                window: self.window(),
            },
            5 => Leaf::Every { of: self.occurs(), times: self.r.u16(), window: self.window() },
            6 => {
                let steps = self.list(Decoder::occurs);
                let within = self.span();
                let flags = self.flags(3);
                let without = if flags & 1 == 0 { None } else { Some(self.occurs()) };
                let order = if flags & 2 == 0 { Order::Eventually } else { Order::Next };
                Leaf::Sequence { steps, within, without, order, same: self.text() }
            }
            _ => self.unknown(Leaf::Every {
                of: Occurs { event: "".into(), cond: None },
                times: 0,
                window: Window::Page,
            }),
        }
    }

    fn cap_head(&mut self) -> (CapEvent, bool) {
        let b = self.flags(7);
        let event = match b & 3 {
            0 => CapEvent::Shown,
            1 => CapEvent::Closed,
            2 => CapEvent::Clicked,
            _ => CapEvent::Converted,
        };
        (event, b & 4 != 0)
    }

    fn schedule(&mut self) -> Option<Schedule> {
        let flags = self.flags(7);
        if flags & 1 == 0 {
            return None;
        }
        let mut s = Schedule::default();
        if flags & 2 != 0 {
            s.from = Some(self.time());
        }
        if flags & 4 != 0 {
            s.until = Some(self.time());
        }
        s.zone = self.r.u32();
        let mut last = 0u16;
        s.weekly = self.list(|d| {
            let from = last.saturating_add(d.r.u16());
            last = from.saturating_add(d.r.u16());
            (from, last)
        });
        Some(s)
    }

    fn campaign(&mut self, id: Box<str>) -> Campaign {
        Campaign {
            id,
            phase: self.r.u32(),
            fingerprint: self.r.u32(),
            priority: self.r.u16(),
            surface: match self.r.byte() {
                0 => Surface::Modal,
                1 => Surface::Top,
                2 => Surface::Bottom,
                3 => Surface::Corner,
                4 => Surface::None,
                5 => Surface::Slot(self.text()),
                _ => self.unknown(Surface::None),
            },
            consent: self.text(),
            schedule: self.schedule(),
            audience: self.opt_cond(),
            trigger: self.node(0),
            leaves: self.list(Decoder::leaf),
            cancel: self.list(|d| Cancel {
                of: d.occurs(),
                hold: match d.r.byte() {
                    0 => Hold::Session,
                    1 => Hold::Visitor,
                    2 => Hold::For(d.span()),
                    _ => d.unknown(Hold::Session),
                },
            }),
            delay: self.span(),
            wait: self.span(),
            caps: Caps {
                again: self.list(|d| {
                    let (since, any_campaign) = d.cap_head();
                    ShowAgain { after: d.window(), since, any_campaign }
                }),
                stop: self.list(|d| {
                    let (of, any_campaign) = d.cap_head();
                    StopAfter { times: d.r.u16(), of, within: d.window(), any_campaign }
                }),
            },
            control_bps: self.r.u16(),
            seed: self.text(),
            variants: self.list(|d| Variant { id: d.text(), weight_bps: d.r.u16(), kind: d.text(), content: d.text() }),
            goal: match self.r.byte() {
                0 => None,
                1 => Some(Goal { of: self.occurs(), within: self.span(), value: self.text() }),
                _ => self.unknown(None),
            },
        }
    }
}

#[cfg(test)]
mod tests;
