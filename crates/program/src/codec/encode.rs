//! A program to bytes.

use super::{MAGIC, PAUSED, cap, kind, mask, window};
use crate::campaign::*;
use crate::cond::{Cond, CondId, Test, VersionOp};
use noren_event::packed::{self, Writer};
use noren_event::{Duration, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Texts seen so far, each once.
#[derive(Default)]
struct Texts {
    list: Vec<Box<str>>,
    places: BTreeMap<Box<str>, usize>,
}

impl Texts {
    fn id(&mut self, text: &str) -> usize {
        if let Some(i) = self.places.get(text) {
            return *i;
        }
        self.places.insert(text.into(), self.list.len());
        self.list.push(text.into());
        self.list.len() - 1
    }
}

#[derive(Default)]
struct Encoder {
    texts: Texts,
    out: Writer,
}

/// A program as bytes. The same program always gives the same bytes.
pub fn encode(program: &Program) -> Vec<u8> {
    let mut e = Encoder::default();
    e.records(&program.zones, |e, zone| {
        for (from, minutes) in &zone.offsets {
            e.int(from.0);
            e.int(i64::from(*minutes));
        }
    });
    e.records(&program.conds, Encoder::cond);
    e.records(&program.merged(), |e, (id, campaign)| {
        e.text(id);
        match campaign {
            Some(campaign) => e.campaign(campaign),
            None => e.byte(PAUSED),
        }
    });
    let index = Index::of(program);
    let groups = groups(program);
    e.uint(usize::from(FIRST_GROUP) + groups.len());
    e.record(|e| e.roles(&[], &index.every, &[]));
    e.record(|e| {
        e.roles(&[], &as_list(&index.page.leaves), &[]);
        e.choices(index.page.choices());
    });
    for list in [&index.session, &index.active].into_iter().chain(&groups) {
        e.record(|e| e.steps(list));
    }
    let events: Vec<_> = index.events.iter().collect();
    e.records(&events, |e, (name, roles)| {
        e.text(name);
        let leaves: BTreeSet<_> = roles.leaves.union(&index.every.iter().copied().collect()).copied().collect();
        e.roles(&as_list(&roles.cancels), &as_list(&leaves), &as_list(&roles.goals));
        e.choices(roles.choices());
    });
    let mut head = Writer::default();
    head.0.extend_from_slice(&MAGIC);
    head.int(program.compiled_at.0);
    head.int(program.valid_until.0);
    head.uint(e.texts.list.len() as u64);
    for text in &e.texts.list {
        head.str(text);
    }
    head.0.extend_from_slice(&e.out.0);
    head.0
}

/// The list of the first group.
pub(super) const FIRST_GROUP: u8 = 4;

/// The campaigns of each group.
fn groups(program: &Program) -> Vec<Vec<u32>> {
    let most = program.campaigns.iter().map(|c| c.group).max().unwrap_or(0);
    let members = |group: u32| program.numbered().filter(|(_, c)| c.group == group).map(|(i, _)| i).collect();
    // No more groups than campaigns: numbers beyond are none's.
    (1..=most).take(program.campaigns.len()).map(members).collect()
}

/// Which reader a campaign needs.
pub(super) fn level(c: &Campaign) -> u8 {
    let grouped = |whose: Whose| matches!(whose, Whose::Group | Whose::Others);
    let newer = !c.places.is_empty()
        || c.caps.again.iter().any(|a| grouped(a.whose))
        || c.caps.stop.iter().any(|s| grouped(s.whose))
        || c.schedule.as_ref().is_some_and(has_calendar);
    1 + u8::from(newer)
}

fn has_calendar(s: &Schedule) -> bool {
    !(s.closed.is_empty() && s.open.is_empty())
}

/// A campaign and the number of one of its leaves or cancels.
type Role = (u32, u16);

fn as_list(set: &BTreeSet<Role>) -> Vec<Role> {
    set.iter().copied().collect()
}

/// What an event can be to campaigns.
#[derive(Default)]
struct Roles<'a> {
    cancels: BTreeSet<Role>,
    leaves: BTreeSet<Role>,
    goals: BTreeSet<Role>,
    /// Leaves that ask for certain values of properties.
    asking: Vec<(Role, Vec<Asked<'a>>)>,
}

/// A property, and the values of which a condition wants one.
type Asked<'a> = (&'a str, &'a [Value]);

/// Leaves that ask for certain values of a property, by the property and by the value as packed.
type Choices<'a> = BTreeMap<&'a str, BTreeMap<Vec<u8>, BTreeSet<Role>>>;

impl<'a> Roles<'a> {
    /// A leaf whose condition is `cond`: behind the values it asks for if it does, else among those that are always asked.
    fn leaf(&mut self, role: Role, cond: Option<&'a Cond>, root: &str) {
        let mut all = Vec::new();
        if let Some(cond) = cond {
            asked(cond, root, &mut all);
        }
        if all.is_empty() {
            self.leaves.insert(role);
        } else {
            self.asking.push((role, all));
        }
    }

    /// Each leaf behind the property that leaves it out most often: where few of the values that anybody asks for are its own.
    fn choices(&self) -> Choices<'a> {
        let mut values: BTreeMap<&str, BTreeSet<Vec<u8>>> = BTreeMap::new();
        for (property, own) in self.asking.iter().flat_map(|(_, all)| all) {
            values.entry(property).or_default().extend(own.iter().map(packed::encode));
        }
        let share = |(property, own): &Asked| {
            // One more for what nobody asks for.
            let of = 1 + values.get(property).map_or(0, BTreeSet::len);
            (own.len() * CHOICES_SCALE).div_ceil(of)
        };
        let mut choices = Choices::new();
        for (role, all) in &self.asking {
            if let Some((property, own)) = all.iter().min_by_key(|asked| share(asked)) {
                let choices = choices.entry(property).or_default();
                for value in *own {
                    choices.entry(packed::encode(value)).or_default().insert(*role);
                }
            }
        }
        choices
    }
}

/// What shares of values are rounded up to: finer than any two that matter.
const CHOICES_SCALE: usize = 1 << 16;

/// More values than this of one property are as well asked one after the other.
const CHOICES_MAX: usize = 16;

/// Adds the properties below `root`, and the values, of each of which a condition wants one.
fn asked<'a>(cond: &'a Cond, root: &str, all: &mut Vec<Asked<'a>>) {
    match cond {
        Cond::All(list) => list.iter().for_each(|inner| asked(inner, root, all)),
        Cond::Attr { path, test } => {
            // What has one form in bytes: text, truth, and whole numbers but for zero, which has two.
            let plain = |v: &Value| match v {
                Value::Str(_) | Value::Bool(_) => true,
                Value::Num(n) => n.fract() == 0.0 && *n != 0.0 && n.abs() < 4_503_599_627_370_496.0,
                _ => false,
            };
            if let (Some(property), Some(values)) = (path.strip_prefix(root), wanted(test))
                && (1..=CHOICES_MAX).contains(&values.len())
                && values.iter().all(plain)
            {
                all.push((property, values));
            }
        }
        _ => {}
    }
}

fn wanted(test: &Test) -> Option<&[Value]> {
    match test {
        Test::Eq(value) => Some(core::slice::from_ref(value)),
        Test::In { list, fold: false } => Some(list),
        Test::All(list) => list.iter().filter_map(wanted).min_by_key(|values| values.len()),
        _ => None,
    }
}

/// What an event, a page, a session or the active clock can change.
#[derive(Default)]
struct Index<'a> {
    events: BTreeMap<&'a str, Roles<'a>>,
    /// Sequences that allow nothing between their steps.
    every: Vec<Role>,
    page: Roles<'a>,
    session: Vec<u32>,
    active: Vec<u32>,
}

impl<'a> Index<'a> {
    fn of(program: &'a Program) -> Index<'a> {
        let mut index = Index::default();
        for (c, campaign) in program.numbered() {
            let (mut session, mut active) = (false, false);
            let cond = |id: &Option<CondId>| id.map(|id| program.cond(id));
            for (i, leaf) in (0u16..).zip(&campaign.leaves) {
                let mut names: Vec<&Occurs> = Vec::new();
                match leaf {
                    Leaf::Count { of, window, .. }
                    | Leaf::Sum { of, window, .. }
                    | Leaf::Distinct { of, window, .. }
                    | Leaf::Every { of, window, .. } => {
                        index.events.entry(&of.event).or_default().leaf((c, i), cond(&of.cond), "event.");
                        if *window == Window::Page {
                            index.page.leaves.insert((c, i));
                        }
                        session |= *window == Window::Session;
                    }
                    Leaf::Dwell { clock, reach, page, .. } => {
                        index.page.leaf((c, i), cond(page), "page.");
                        session |= *reach == Reach::Session;
                        active |= *clock == Clock::Active;
                    }
                    Leaf::Sequence { steps, without, order, .. } => {
                        session = true;
                        names.extend(steps.iter().chain(without));
                        if *order == Order::Next {
                            index.every.push((c, i));
                        }
                    }
                    Leaf::Absent { after, event, .. } => names.extend([after, event]),
                }
                for of in names {
                    index.events.entry(&of.event).or_default().leaves.insert((c, i));
                }
            }
            for (i, cancel) in (0u16..).zip(&campaign.cancel) {
                index.events.entry(&cancel.of.event).or_default().cancels.insert((c, i));
            }
            if let Some(goal) = &campaign.goal {
                index.events.entry(&goal.of.event).or_default().goals.insert((c, 0));
            }
            for (yes, list) in [(session, &mut index.session), (active, &mut index.active)] {
                if yes {
                    list.push(c);
                }
            }
        }
        index
    }
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
        let id = self.texts.id(s);
        self.uint(id);
    }

    /// What `body` writes, behind its length.
    fn record(&mut self, body: impl FnOnce(&mut Encoder)) {
        let outer = core::mem::take(&mut self.out);
        body(self);
        let inner = core::mem::replace(&mut self.out, outer);
        self.out.bytes(&inner.0);
    }

    fn records<T>(&mut self, list: &[T], mut body: impl FnMut(&mut Encoder, &T)) {
        self.uint(list.len());
        for item in list {
            self.record(|e| body(e, item));
        }
    }

    fn steps(&mut self, campaigns: &[u32]) {
        let mut last = 0;
        for c in campaigns {
            self.uint((*c - last) as usize);
            last = *c;
        }
    }

    fn roles(&mut self, cancels: &[Role], leaves: &[Role], goals: &[Role]) {
        for list in [cancels, leaves, goals] {
            self.list(list);
        }
    }

    fn list(&mut self, roles: &[Role]) {
        self.uint(roles.len());
        let mut last = 0;
        for (c, i) in roles {
            self.uint((*c - last) as usize);
            self.uint(usize::from(*i));
            last = *c;
        }
    }

    fn choices(&mut self, choices: Choices) {
        for (property, values) in choices {
            self.text(property);
            let all: BTreeSet<Role> = values.values().flatten().copied().collect();
            self.record(|e| e.list(&as_list(&all)));
            self.uint(values.len());
            for (value, roles) in values {
                self.out.0.extend_from_slice(&value);
                self.record(|e| e.list(&as_list(&roles)));
            }
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
                self.byte(u8::from(matches!(c, Cond::Any(_))));
                self.records(list, Encoder::cond);
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
                self.byte(u8::from(matches!(t, Test::AllOf { .. })));
                self.records(list, Encoder::test);
            }
            Test::Not(inner) => {
                self.byte(2);
                self.test(inner);
            }
            Test::Eq(v) => {
                self.byte(3);
                self.out.value(v);
            }
            Test::Ne(v) => {
                self.byte(2);
                self.test(&Test::Eq(v.clone()));
            }
            Test::Lt(v) => self.order(mask::LESS, v),
            Test::Lte(v) => self.order(mask::LESS | mask::EQUAL, v),
            Test::Gt(v) => self.order(mask::GREATER, v),
            Test::Gte(v) => self.order(mask::GREATER | mask::EQUAL, v),
            Test::In { list, fold } => self.one_of(list, *fold),
            Test::NotIn { list, fold } => {
                self.byte(2);
                self.one_of(list, *fold);
            }
            Test::Regex { pattern, fold } => {
                self.byte(7 + u8::from(*fold));
                self.text(pattern);
            }
            Test::Exists(yes) => self.byte(if *yes { 9 } else { 10 }),
            Test::Type(name) => match TYPES.iter().position(|t| *t == &**name) {
                Some(tag) => {
                    self.byte(11);
                    self.byte(tag as u8);
                }
                None => self.byte(16),
            },
            Test::Size(inner) => {
                self.byte(12);
                self.test(inner);
            }
            Test::ElemTest(inner) => {
                self.byte(13);
                self.test(inner);
            }
            Test::ElemCond(inner) => {
                self.byte(14);
                self.cond(inner);
            }
            Test::Version { op, key } => {
                self.byte(15);
                self.byte(match op {
                    VersionOp::Eq => mask::EQUAL,
                    VersionOp::Ne => mask::LESS | mask::GREATER,
                    VersionOp::Lt => mask::LESS,
                    VersionOp::Lte => mask::LESS | mask::EQUAL,
                    VersionOp::Gt => mask::GREATER,
                    VersionOp::Gte => mask::GREATER | mask::EQUAL,
                });
                self.text(key);
            }
            Test::Never => self.byte(16),
            Test::Unknown => self.byte(17),
        }
    }

    fn order(&mut self, mask: u8, v: &Value) {
        self.byte(4);
        self.byte(mask);
        self.out.value(v);
    }

    fn one_of(&mut self, list: &[Value], fold: bool) {
        self.byte(5 + u8::from(fold));
        self.uint(list.len());
        for v in list {
            self.out.value(v);
        }
    }

    fn window(&mut self, w: Window) {
        let (tag, span) = match w {
            Window::Page => (window::PAGE, Duration::ZERO),
            Window::Session => (window::SESSION, Duration::ZERO),
            Window::Visitor => (window::VISITOR, Duration::ZERO),
            Window::Last(d) => (window::LAST, d),
        };
        self.byte(tag);
        self.span(span);
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

    fn leaf(&mut self, leaf: &Leaf, negated: bool) {
        let told = leaf.told().unwrap_or_default();
        let (tag, flags, number, window, property): (u8, u8, u64, Window, &str) = match leaf {
            Leaf::Count { at_least, window, .. } => (kind::COUNT, 0, u64::from(*at_least), *window, &told),
            Leaf::Dwell { time, clock, reach, .. } => {
                let active = if *clock == Clock::Active { kind::ACTIVE } else { 0 };
                let reach = if *reach == Reach::Session { kind::SESSION_REACH } else { 0 };
                (kind::DWELL, active | reach, 0, Window::Last(*time), "")
            }
            Leaf::Absent { time, .. } => (kind::ABSENT, 0, 0, Window::Last(*time), ""),
            Leaf::Sum { property, at_least_cents, window, .. } => (kind::SUM, 0, *at_least_cents, *window, property),
            Leaf::Distinct { property, at_least, window, .. } => {
                (kind::DISTINCT, 0, u64::from(*at_least), *window, property)
            }
            Leaf::Every { times, window, .. } => (kind::EVERY, 0, u64::from(*times), *window, ""),
            Leaf::Sequence { steps, within, without, order, same } => {
                let without = if without.is_some() { kind::WITHOUT } else { 0 };
                let next = if *order == Order::Next { kind::NEXT } else { 0 };
                (kind::SEQUENCE, without | next, steps.len() as u64, Window::Last(*within), same)
            }
        };
        self.byte(tag | if negated { kind::NEGATED } else { 0 });
        self.byte(flags);
        self.out.uint(number);
        self.window(window);
        self.text(property);
        match leaf {
            Leaf::Count { of, .. } | Leaf::Sum { of, .. } | Leaf::Distinct { of, .. } | Leaf::Every { of, .. } => {
                self.occurs(of);
            }
            Leaf::Dwell { page, .. } => self.occurs(&Occurs { event: "".into(), cond: *page }),
            Leaf::Absent { after, event, .. } => {
                self.occurs(after);
                self.occurs(event);
            }
            Leaf::Sequence { steps, without, .. } => {
                for of in steps.iter().chain(without) {
                    self.occurs(of);
                }
            }
        }
    }

    /// What stands behind its id.
    fn campaign(&mut self, c: &Campaign) {
        self.byte(level(c));
        let mut negated = vec![false; c.leaves.len()];
        mark_negated(&c.trigger, false, &mut negated);
        let leaves: Vec<_> = c.leaves.iter().zip(negated).collect();
        self.records(&leaves, |e, (leaf, negated)| e.leaf(leaf, *negated));
        self.out.uint(u64::from(c.phase));
        self.out.uint(u64::from(c.fingerprint));
        self.out.uint(u64::from(c.priority));
        match &c.surface {
            Surface::Modal => self.text("modal"),
            Surface::Top => self.text("top"),
            Surface::Bottom => self.text("bottom"),
            Surface::Corner => self.text("corner"),
            Surface::None => self.text(""),
            Surface::Slot(name) => self.text(&format!("#{name}")),
        }
        self.text(&c.consent);
        self.opt_cond(c.audience);
        self.span(c.delay);
        self.span(c.wait);
        self.out.uint(u64::from(c.control_bps));
        self.text(&c.seed);
        self.record(|e| e.node(&c.trigger));
        self.record(|e| {
            for cancel in &c.cancel {
                e.occurs(&cancel.of);
                e.window(match cancel.hold {
                    Hold::Session => Window::Session,
                    Hold::Visitor => Window::Visitor,
                    Hold::For(d) => Window::Last(d),
                });
            }
        });
        self.record(|e| {
            for place in &c.places {
                let exclusive = if place.why == PlaceKind::Exclusive { cap::EXCLUSIVE } else { 0 };
                e.byte(cap::PLACE | exclusive);
                e.text(&place.seed);
                e.out.uint(u64::from(place.from));
                e.out.uint(u64::from(place.until.saturating_sub(place.from)));
            }
            for a in &c.caps.again {
                e.cap(a.since as u8, 1, a.after, a.whose, c.group);
            }
            for s in &c.caps.stop {
                e.cap(s.of as u8 | cap::STOP, s.times, s.within, s.whose, c.group);
            }
        });
        self.record(|e| {
            for v in &c.variants {
                e.text(&v.id);
                e.out.uint(u64::from(v.weight_bps));
                e.text(&v.kind);
                e.text(&v.content);
            }
        });
        self.record(|e| {
            if let Some(goal) = &c.goal {
                e.occurs(&goal.of);
                e.span(goal.within);
                e.text(&goal.value);
            }
        });
        self.record(|e| {
            let Some(s) = &c.schedule else { return };
            let calendar = if has_calendar(s) { cap::CALENDAR } else { 0 };
            e.byte(u8::from(s.from.is_some()) | u8::from(s.until.is_some()) << 1 | calendar);
            for bound in [s.from, s.until].into_iter().flatten() {
                e.int(bound.0);
            }
            e.out.uint(u64::from(s.zone));
            if calendar != 0 {
                e.record(|e| e.ranges(s.closed.iter().copied()));
                e.record(|e| e.ranges(s.open.iter().copied()));
            }
            e.ranges(s.weekly.iter().map(|(from, until)| (i64::from(*from), i64::from(*until))));
        });
    }

    /// Ascending ranges: each the step from the end of the one before, and its length.
    fn ranges(&mut self, list: impl Iterator<Item = (i64, i64)>) {
        let mut last = 0;
        for (from, until) in list {
            self.out.uint(from.saturating_sub(last).max(0) as u64);
            self.out.uint(until.saturating_sub(from).max(0) as u64);
            last = until;
        }
    }

    fn cap(&mut self, flags: u8, times: u16, window: Window, whose: Whose, group: u32) {
        let whose = match whose {
            Whose::This => 0,
            Whose::Any => cap::ANY,
            Whose::Group => cap::GROUP,
            Whose::Others => cap::GROUP | cap::OTHERS,
        };
        self.byte(flags | whose);
        self.uint(usize::from(times));
        self.window(window);
        if whose & cap::GROUP != 0 {
            // Of no group: no list has this number, so it counts nothing.
            let list = group.checked_sub(1).map_or(u32::MAX, |g| g.saturating_add(u32::from(FIRST_GROUP)));
            self.out.uint(u64::from(list));
        }
    }
}

/// Types by tag.
pub(super) const TYPES: [&str; 7] = ["null", "boolean", "number", "string", "array", "object", "bytes"];

/// Marks the leaves that stand under a `not`.
fn mark_negated(node: &Node, negated: bool, marks: &mut [bool]) {
    match node {
        Node::Leaf(i) => {
            if let Some(mark) = marks.get_mut(usize::from(*i)) {
                *mark = negated;
            }
        }
        Node::All(list) | Node::Any(list) => {
            for inner in list {
                mark_negated(inner, negated, marks);
            }
        }
        Node::Not(inner) => mark_negated(inner, !negated, marks),
    }
}
