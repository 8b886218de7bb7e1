//! A program where it lies: its bytes, and where each record begins.
//!
//! Nothing is taken apart in advance, so a thousand campaigns are ready in the time it takes to step over them, and a browser downloads no
//! code that could build trees. Reads are total: a number that points nowhere finds nothing, which then holds nowhere.

use crate::codec::{LEVEL, MAGIC, PAUSED, kind, window};
use core::ops::Range;
use noren_event::packed::{self, Item, Malformed, Reader, view};
use noren_event::{Duration, Timestamp};
use std::sync::Arc;

/// Where a record lies.
type Span = Range<u32>;

/// A loaded program. A copy shares the bytes.
#[derive(Clone, Debug)]
pub struct Image(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    bytes: Vec<u8>,
    valid_until: Timestamp,
    /// The tables in the order of the bytes, then all leaves.
    tables: [Vec<Span>; 7],
    campaigns: Vec<Place>,
    /// All leaves, taken apart once. A log asks for them millions of times; a browser so seldom that it is not worth the bytes.
    #[cfg(not(target_family = "wasm"))]
    leaves: Vec<Leaf>,
}

/// A [`LeafView`] that owns what it shows.
#[cfg(not(target_family = "wasm"))]
#[derive(Clone, Debug)]
struct Leaf {
    kind: u8,
    negated: bool,
    flags: u8,
    number: u64,
    window: WindowView,
    property: Box<[u8]>,
    events: Box<[u8]>,
}

#[cfg(not(target_family = "wasm"))]
impl Leaf {
    fn of(leaf: &LeafView) -> Leaf {
        let LeafView { kind, negated, flags, number, window, property, events } = leaf;
        Leaf {
            kind: *kind,
            negated: *negated,
            flags: *flags,
            number: *number,
            window: *window,
            property: (*property).into(),
            events: events.rest().into(),
        }
    }

    fn view(&self) -> LeafView<'_> {
        let Leaf { kind, negated, flags, number, window, property, events } = self;
        LeafView {
            kind: *kind,
            negated: *negated,
            flags: *flags,
            number: *number,
            window: *window,
            property,
            events: Reader::new(events),
        }
    }
}

const TEXTS: usize = 0;
const ZONES: usize = 1;
const CONDS: usize = 2;
const CAMPAIGNS: usize = 3;
const LISTS: usize = 4;
const EVENTS: usize = 5;
const LEAVES: usize = 6;

/// Places in the table of lists.
const EVERY: u32 = 0;
const PAGE: u32 = 1;
const SESSION: u32 = 2;
const ACTIVE: u32 = 3;

#[derive(Clone, Debug, Default)]
struct Place {
    id: u32,
    inert: bool,
    /// Its first leaf among all, and how many it has.
    leaves: Range<u32>,
    /// What follows the leaves.
    head: Span,
    trigger: Span,
}

/// A campaign's own numbers, texts and records.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// Changes whenever exposures must not be compared with earlier ones.
    pub phase: u32,
    /// Changes whenever the trigger or cancel list changes.
    pub fingerprint: u32,
    /// Higher wins.
    pub priority: u16,
    /// Number of the surface's text; the text is `modal`, `top`, `bottom`, `corner`, `#` and a slot's name, or empty for none.
    pub surface: u32,
    /// Consent category it needs; empty for none.
    pub consent: &'a [u8],
    /// Its audience; 0 for everybody, else one more than the condition's number.
    pub audience: u32,
    /// Time between the match and the second look at the gates.
    pub delay: Duration,
    /// How long a loser waits.
    pub wait: Duration,
    /// Share of visitors who see nothing, in hundredths of a per cent.
    pub control_bps: u32,
    /// What assignment hashes together with the visitor.
    pub seed: &'a [u8],
    /// The trigger's shape.
    pub trigger: &'a [u8],
    /// Cancels: events and holds.
    pub cancel: &'a [u8],
    /// Places of visitors, then caps: counts that must not be reached.
    pub caps: &'a [u8],
    /// Variants; see [`Image::variant`].
    pub variants: &'a [u8],
    /// The goal, or nothing.
    pub goal: &'a [u8],
    /// The schedule, or nothing.
    pub schedule: &'a [u8],
}

/// One thing that may be shown.
#[derive(Clone, Copy, Debug)]
pub struct VariantView<'a> {
    /// Its id.
    pub id: &'a [u8],
    /// Share among the treated, in hundredths of a per cent.
    pub weight_bps: u16,
    /// Which widget.
    pub kind: &'a [u8],
    /// Hash of its content.
    pub content: &'a [u8],
}

/// One leaf of a trigger; what the fields mean depends on the kind.
#[derive(Clone, Debug)]
pub struct LeafView<'a> {
    /// One of [`kind`].
    pub kind: u8,
    /// Whether it stands under a `not`.
    pub negated: bool,
    /// Flags of its kind.
    pub flags: u8,
    /// At least so many, hundredths, times or steps.
    pub number: u64,
    /// What it looks back over; the time of a dwell, an absence, a sequence.
    pub window: WindowView,
    /// A property's path, or for a count the path in facts of what the edge has counted; empty for none.
    pub property: &'a [u8],
    /// The events it is made of.
    pub events: Reader<'a>,
}

/// What a count looks back over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowView {
    /// One of [`window`].
    pub tag: u8,
    /// The length of a sliding one; zero for the others.
    pub span: Duration,
}

/// An event's name and a condition on it, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OccursView {
    /// Number of the name's text.
    pub event: u32,
    /// 0 for none, else one more than the condition's number.
    pub cond: u32,
}

/// What an event can be to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// [`Role::CANCEL`], [`Role::LEAF`] or [`Role::GOAL`].
    pub what: u8,
    /// The campaign.
    pub campaign: u32,
    /// Which of its cancels or leaves.
    pub number: u32,
}

#[allow(missing_docs)]
impl Role {
    pub const CANCEL: u8 = 0;
    pub const LEAF: u8 = 1;
    pub const GOAL: u8 = 2;
}

/// The number of no text.
pub const NO_TEXT: u32 = u32::MAX;

/// A reader of the bytes that says where it is.
struct Loader<'a> {
    whole: u32,
    r: Reader<'a>,
}

impl Loader<'_> {
    fn span(&mut self) -> Span {
        let length = self.r.bytes().len() as u32;
        let end = self.whole - self.r.rest().len() as u32;
        // After a failure nothing is left and nothing was read.
        end.saturating_sub(length)..end
    }

    fn table(&mut self) -> Vec<Span> {
        let mut spans = Vec::new();
        for _ in 0..self.r.count() {
            spans.push(self.span());
        }
        spans
    }
}

impl Default for Image {
    fn default() -> Image {
        Image(Arc::new(Inner { valid_until: Timestamp::MAX, ..Inner::default() }))
    }
}

impl Image {
    /// A program from its bytes. Cost: one step over each record.
    ///
    /// # Errors
    /// Any [`Malformed`]; another format is `Unknown`.
    pub fn load(bytes: Vec<u8>) -> Result<Image, Malformed> {
        let mut inner = Inner { bytes, ..Inner::default() };
        let [tables @ .., leaves] = &mut inner.tables;
        let mut l = Loader { whole: inner.bytes.len() as u32, r: Reader::new(&inner.bytes) };
        if l.r.take(4) != MAGIC {
            l.r.fail(Malformed::Unknown);
        }
        l.r.int();
        inner.valid_until = Timestamp(l.r.int());
        for table in &mut *tables {
            *table = l.table();
        }
        l.r.finish()?;
        for span in tables.get(CAMPAIGNS).into_iter().flatten() {
            let mut l = Loader { whole: span.end, r: Reader::new(slice(&inner.bytes, span)) };
            let id = l.r.u32();
            let first = leaves.len() as u32;
            let inert = l.r.byte() > LEVEL;
            if !inert {
                leaves.append(&mut l.table());
            }
            let head = span.end - l.r.rest().len() as u32..span.end;
            if !inert {
                for _ in 0..10 {
                    l.r.uint();
                }
            }
            let trigger = l.span();
            if !inert {
                for _ in 0..5 {
                    l.r.bytes();
                }
                if let Some(why) = l.r.failed() {
                    return Err(why);
                }
            }
            let leaves = first..leaves.len() as u32;
            inner.campaigns.push(Place { id, inert, leaves, head, trigger });
        }
        Ok(Image(Arc::new(inner)).prepared())
    }

    /// The same with its leaves taken apart.
    #[cfg(not(target_family = "wasm"))]
    fn prepared(mut self) -> Image {
        let leaves = (0..self.leaf_count()).map(|i| Leaf::of(&self.leaf(i))).collect();
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.leaves = leaves;
        }
        self
    }

    /// The same: a browser downloads no more than it needs.
    #[cfg(target_family = "wasm")]
    fn prepared(self) -> Image {
        self
    }

    fn at(&self, table: usize, i: u32) -> &[u8] {
        let span = self.0.tables.get(table).and_then(|table| table.get(i as usize));
        span.map_or(&[], |span| slice(&self.0.bytes, span))
    }

    fn place(&self, c: u32) -> Option<&Place> {
        self.0.campaigns.get(c as usize)
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// Up to when the zones' offsets are known; a schedule with weekly hours is closed from then on.
    pub fn valid_until(&self) -> Timestamp {
        self.0.valid_until
    }

    /// A text; empty where there is none of that number.
    pub fn text(&self, id: u32) -> &[u8] {
        self.at(TEXTS, id)
    }

    /// The offsets of a zone: moments and minutes, ascending; empty where there is no such zone.
    pub fn zone(&self, id: u32) -> &[u8] {
        self.at(ZONES, id)
    }

    /// A condition's node; empty, which holds nowhere, where there is none of that number.
    pub fn cond(&self, id: u32) -> &[u8] {
        self.at(CONDS, id)
    }

    /// How many campaigns there are.
    pub fn campaigns(&self) -> u32 {
        self.0.campaigns.len() as u32
    }

    /// How many leaves all of them have.
    pub fn leaf_count(&self) -> u32 {
        self.0.tables.get(LEAVES).map_or(0, Vec::len) as u32
    }

    /// A campaign's id.
    pub fn id(&self, c: u32) -> &[u8] {
        self.place(c).map_or(&[], |place| self.text(place.id))
    }

    /// Whether a campaign does nothing here: it is paused, or needs a newer reader than this.
    pub fn is_inert(&self, c: u32) -> bool {
        self.place(c).is_none_or(|place| place.inert)
    }

    /// Whether a campaign is paused; then it is inert as well.
    pub fn is_paused(&self, c: u32) -> bool {
        let mut r = Reader::new(self.at(CAMPAIGNS, c));
        r.u32();
        r.byte() == PAUSED
    }

    /// The campaign of this id. Cost: a binary search.
    pub fn find(&self, id: &[u8]) -> Option<u32> {
        let found = self.0.campaigns.binary_search_by(|place| self.text(place.id).cmp(id));
        found.ok().map(|c| c as u32)
    }

    /// The numbers of a campaign's leaves among all leaves.
    pub fn leaves(&self, c: u32) -> Range<u32> {
        self.place(c).map_or(0..0, |place| place.leaves.clone())
    }

    /// A trigger's shape.
    pub fn trigger(&self, c: u32) -> &[u8] {
        self.place(c).map_or(&[], |place| slice(&self.0.bytes, &place.trigger))
    }

    /// One of all leaves.
    pub fn leaf(&self, i: u32) -> LeafView<'_> {
        #[cfg(not(target_family = "wasm"))]
        if let Some(leaf) = self.0.leaves.get(i as usize) {
            return leaf.view();
        }
        let mut r = Reader::new(self.at(LEAVES, i));
        let tag = r.byte();
        LeafView {
            kind: tag & !kind::NEGATED,
            negated: tag & kind::NEGATED != 0,
            flags: r.byte(),
            number: r.uint(),
            window: WindowView::read(&mut r),
            property: self.text(r.u32()),
            events: r,
        }
    }

    /// A campaign's own part.
    pub fn head(&self, c: u32) -> Head<'_> {
        let mut r = Reader::new(self.place(c).map_or(&[], |place| slice(&self.0.bytes, &place.head)));
        Head {
            phase: r.u32(),
            fingerprint: r.u32(),
            priority: r.u16(),
            surface: r.u32(),
            consent: self.text(r.u32()),
            audience: r.u32(),
            delay: Duration(r.uint() as i64),
            wait: Duration(r.uint() as i64),
            control_bps: r.u32(),
            seed: self.text(r.u32()),
            trigger: r.bytes(),
            cancel: r.bytes(),
            caps: r.bytes(),
            variants: r.bytes(),
            goal: r.bytes(),
            schedule: r.bytes(),
        }
    }

    /// The next of a campaign's variants.
    pub fn variant<'a>(&'a self, r: &mut Reader) -> Option<VariantView<'a>> {
        if r.is_empty() {
            return None;
        }
        let id = self.text(r.u32());
        let weight_bps = r.u16();
        Some(VariantView { id, weight_bps, kind: self.text(r.u32()), content: self.text(r.u32()) })
    }

    /// One of a campaign's variants.
    pub fn variant_at(&self, variants: &[u8], i: u32) -> Option<VariantView<'_>> {
        let mut r = Reader::new(variants);
        for _ in 0..i {
            self.variant(&mut r)?;
        }
        self.variant(&mut r)
    }

    /// The number of an event's name, [`NO_TEXT`] if no campaign names it, and what it can be to campaigns: cancels, leaves, goals, then
    /// leaves that ask for a value that a property has. Campaigns ascend in each. Cost: a binary search, and each value asked for.
    pub fn event<'a>(&'a self, name: &[u8], props: &'a [u8]) -> (u32, Roles<'a>) {
        let events = self.0.tables.get(EVENTS).map_or(&[][..], |table| table);
        let found = events.binary_search_by(|span| {
            let id = Reader::new(slice(&self.0.bytes, span)).u32();
            self.text(id).cmp(name)
        });
        match found {
            Ok(i) => {
                let mut r = Reader::new(self.at(EVENTS, i as u32));
                (r.u32(), Roles::of(self, r, props))
            }
            Err(_) => (NO_TEXT, Roles::of(self, Reader::new(self.at(LISTS, EVERY)), props)),
        }
    }

    /// Leaves that the start of a page with these attributes can change.
    pub fn page<'a>(&'a self, attributes: &'a [u8]) -> Roles<'a> {
        Roles::of(self, Reader::new(self.at(LISTS, PAGE)), attributes)
    }

    /// Campaigns that a session's start can change.
    pub fn session(&self) -> Campaigns<'_> {
        self.list(SESSION)
    }

    /// Campaigns that the active clock can change.
    pub fn active(&self) -> Campaigns<'_> {
        self.list(ACTIVE)
    }

    /// Campaigns of a group, by its list's number.
    pub fn group(&self, list: u32) -> Campaigns<'_> {
        self.list(list)
    }

    fn list(&self, which: u32) -> Campaigns<'_> {
        Campaigns { image: self, r: Reader::new(self.at(LISTS, which)), last: 0 }
    }
}

fn slice<'a>(bytes: &'a [u8], span: &Span) -> &'a [u8] {
    bytes.get(span.start as usize..span.end as usize).unwrap_or_default()
}

impl WindowView {
    /// The window that comes next.
    pub fn read(r: &mut Reader) -> WindowView {
        WindowView { tag: r.byte(), span: Duration(r.uint() as i64) }
    }

    /// The length of a sliding one.
    pub fn sliding(self) -> Option<Duration> {
        (self.tag == window::LAST).then_some(self.span)
    }
}

impl OccursView {
    /// The event that comes next.
    pub fn read(r: &mut Reader) -> OccursView {
        OccursView { event: r.u32(), cond: r.u32() }
    }
}

/// What an event can be to campaigns, in order; inert campaigns are left out.
#[derive(Clone, Debug)]
pub struct Roles<'a> {
    image: &'a Image,
    /// The list that is being read.
    r: Reader<'a>,
    left: usize,
    next: Role,
    /// Choices that were not looked at yet, once the lists before them have been read.
    choices: Option<Reader<'a>>,
    /// What choices are made by.
    props: &'a [u8],
}

impl<'a> Roles<'a> {
    fn of(image: &'a Image, mut r: Reader<'a>, props: &'a [u8]) -> Roles<'a> {
        let left = r.count();
        Roles { image, r, left, next: Role { what: Role::CANCEL, campaign: 0, number: 0 }, choices: None, props }
    }

    /// Go on to the list of the next choice.
    fn choose(&mut self) -> Option<()> {
        let choices = self.choices.get_or_insert(self.r.clone());
        if choices.is_empty() {
            return None;
        }
        let value = packed::path(self.props, self.image.text(choices.u32())).unwrap_or_default();
        let all = choices.bytes();
        // A list has what any of its elements is; the leaves themselves know whether that will do.
        let mut found = if matches!(view(value), Item::List(_)) { all } else { &[] };
        for _ in 0..choices.count() {
            let asked = choices.packed();
            let roles = choices.bytes();
            if asked == value {
                found = roles;
            }
        }
        self.r = Reader::new(found);
        Some(())
    }
}

impl Iterator for Roles<'_> {
    type Item = Role;

    fn next(&mut self) -> Option<Role> {
        loop {
            while self.left == 0 {
                if self.next.what < Role::GOAL && self.choices.is_none() {
                    self.next.what += 1;
                } else {
                    self.choose()?;
                    self.next.what = Role::LEAF;
                }
                self.next.campaign = 0;
                self.left = self.r.count();
            }
            self.left -= 1;
            self.next.campaign = self.next.campaign.wrapping_add(self.r.u32());
            self.next.number = self.r.u32();
            if !self.image.is_inert(self.next.campaign) {
                return Some(self.next);
            }
        }
    }
}

/// Numbers of campaigns, ascending; inert ones are left out.
#[derive(Clone, Debug)]
pub struct Campaigns<'a> {
    image: &'a Image,
    r: Reader<'a>,
    last: u32,
}

impl Iterator for Campaigns<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        while !self.r.is_empty() {
            self.last = self.last.wrapping_add(self.r.u32());
            if !self.image.is_inert(self.last) {
                return Some(self.last);
            }
        }
        None
    }
}
