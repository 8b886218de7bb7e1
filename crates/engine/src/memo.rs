//! Which leaves, cancels and goals an event or a page means nothing to, remembered from one visitor to the next. For logs on native machines: there the
//! same pages and much the same properties come again and again, and most of what listens to a name asks for something else of it.
//!
//! What is remembered is a filter and nothing more. It leaves out only what would have looked at the event and stayed as it was, by conditions that
//! see the event and the page alone; who is left is asked as ever. So an engine decides the same with it and without.

use crate::condition::Judge;
use noren_event::packed::Reader;
use noren_program::codec::{self, kind};
use noren_program::image::{LeafView, OccursView, Role, WindowView};
use noren_program::{Cond, Image};
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// Events and pages that are remembered; past these it starts anew. Each takes about 200 bytes.
const REMEMBERED: usize = 16_384;
/// A name of which so many have come, and most of them new, is no longer remembered.
const TRIED: u32 = 4_096;

/// What is remembered for one program.
#[derive(Debug)]
pub struct Memo {
    /// By condition, whether it sees nothing but the event and the page.
    narrow: Vec<bool>,
    known: RefCell<Known>,
}

#[derive(Debug, Default)]
struct Known {
    roles: HashMap<Box<[u8]>, Rc<[Role]>, BuildHasherDefault<Words>>,
    /// By name, how many were known and how many new.
    tries: HashMap<u32, (u32, u32), BuildHasherDefault<Words>>,
    /// Room for a key.
    key: Vec<u8>,
}

/// The number under which pages are remembered; no text of a program has it.
const PAGES: u32 = u32::MAX - 1;

impl Memo {
    /// Nothing is remembered yet. Cost: decoding the program.
    pub fn new(image: &Image) -> Memo {
        let conds = codec::decode(image.bytes()).map(|program| program.conds).unwrap_or_default();
        Memo { narrow: conds.iter().map(is_narrow).collect(), known: RefCell::default() }
    }

    /// The roles among `all` that an event means something to; none where it does not pay to remember. `judge` sees the event, whose
    /// name has this number in the program.
    pub fn event(&self, name: u32, judge: &Judge, all: impl Iterator<Item = Role>) -> Option<Rc<[Role]>> {
        let (event, page) = (judge.event.unwrap_or_default(), judge.attributes.root(b"page").unwrap_or_default());
        self.remember(name, &[event, page], || all.filter(|role| self.may_mean(*role, name, judge)).collect())
    }

    /// The same for the start of a page; `judge` sees the page and no event.
    pub fn page(&self, judge: &Judge, all: impl Iterator<Item = Role>) -> Option<Rc<[Role]>> {
        let page = judge.attributes.root(b"page").unwrap_or_default();
        let begins = |role: &Role| {
            let leaf = leaf_of(judge.image, *role);
            let cond = OccursView::read(&mut leaf.events.clone()).cond;
            leaf.kind != kind::DWELL || self.may_hold(cond, judge)
        };
        self.remember(PAGES, &[page], || all.filter(begins).collect())
    }

    fn remember(&self, name: u32, parts: &[&[u8]], find: impl FnOnce() -> Rc<[Role]>) -> Option<Rc<[Role]>> {
        let known = &mut *self.known.borrow_mut();
        let tries = known.tries.entry(name).or_default();
        if tries.1 >= TRIED && tries.1 > tries.0 {
            return None;
        }
        known.key.clear();
        known.key.extend_from_slice(&name.to_le_bytes());
        for part in parts {
            known.key.extend_from_slice(&(part.len() as u32).to_le_bytes());
            known.key.extend_from_slice(part);
        }
        if let Some(roles) = known.roles.get(&*known.key) {
            tries.0 = tries.0.saturating_add(1);
            return Some(roles.clone());
        }
        tries.1 = tries.1.saturating_add(1);
        if known.roles.len() >= REMEMBERED {
            known.roles.clear();
        }
        let roles = find();
        known.roles.insert(known.key.as_slice().into(), roles.clone());
        Some(roles)
    }

    /// Whether a condition, as leaves name it, sees nothing but the event and the page.
    fn is_narrow(&self, cond: u32) -> bool {
        cond.checked_sub(1).is_some_and(|id| self.narrow.get(id as usize) == Some(&true))
    }

    /// Whether a condition might hold for somebody. What cannot be told might: whom it puts in doubt must hear of it.
    fn may_hold(&self, cond: u32, judge: &Judge) -> bool {
        !self.is_narrow(cond) || judge.truth(cond) != Some(false)
    }

    fn may_mean(&self, role: Role, name: u32, judge: &Judge) -> bool {
        let may_be = |of: OccursView| of.event == name && self.may_hold(of.cond, judge);
        let head = || judge.image.head(role.campaign);
        match role.what {
            Role::LEAF => {
                let leaf = leaf_of(judge.image, role);
                let next = leaf.kind == kind::SEQUENCE && leaf.flags & kind::NEXT != 0;
                let mut events = leaf.events.clone();
                next || (0..occurs_of(&leaf)).any(|_| may_be(OccursView::read(&mut events)))
            }
            Role::CANCEL => {
                let head = head();
                let mut r = Reader::new(head.cancel);
                for _ in 0..role.number {
                    OccursView::read(&mut r);
                    WindowView::read(&mut r);
                }
                may_be(OccursView::read(&mut r))
            }
            _ => may_be(OccursView::read(&mut Reader::new(head().goal))),
        }
    }
}

fn leaf_of(image: &Image, role: Role) -> LeafView<'_> {
    image.leaf(image.leaves(role.campaign).start.wrapping_add(role.number))
}

/// How many events a leaf is made of.
fn occurs_of(leaf: &LeafView) -> u64 {
    match leaf.kind {
        kind::SEQUENCE => leaf.number.min(8) + u64::from(leaf.flags & kind::WITHOUT != 0),
        kind::ABSENT => 2,
        _ => 1,
    }
}

fn is_narrow(cond: &Cond) -> bool {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.iter().all(is_narrow),
        Cond::Not(inner) => is_narrow(inner),
        Cond::Attr { path, .. } => path.starts_with("event.") || path.starts_with("page."),
        Cond::Unknown => false,
    }
}

/// Hashes eight bytes at once. Which keys share a place is of no consequence but for time.
#[derive(Debug, Default)]
struct Words(u64);

impl Words {
    fn add(&mut self, word: u64) {
        // The multiplier is that of Fx, the compiler's hash.
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

impl Hasher for Words {
    fn finish(&self) -> u64 {
        // The low bits choose the place, and only the high ones have seen all of the word.
        self.0 ^ self.0 >> 32
    }
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.add(u64::from_le_bytes(*word));
        }
        self.add(rest.iter().fold(1, |word, b| word << 8 | u64::from(*b)));
    }
    fn write_u32(&mut self, n: u32) {
        self.add(u64::from(n));
    }
}
