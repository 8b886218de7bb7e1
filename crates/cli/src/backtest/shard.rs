//! Visitors in flight, and when each is done.
//!
//! A log is cut by visitor into a fixed number of shards, so that what a shard sees, and with it every answer, does not depend on how many
//! threads work. A shard takes lines in one of two orders and finds out which:
//!
//! ```text
//! by time      no line lies more than a minute behind the latest     a visitor is done after long silence
//! by visitor   a visitor's lines stand together                      a visitor is done when the next one comes
//! ```

use super::plan::Plan;
use super::tally::Tally;
use super::visitor::{Done, SORTED_WITHIN, Visitor};
use crate::replay::host::Native;
use crate::replay::line::{Kind, parse};
use noren_event::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Into how many parts visitors are divided, whatever the number of threads.
pub const SHARDS: u64 = 64;
/// Wrong lines that are named one by one.
pub const NAMED: usize = 100;
/// Lines after which silent visitors are looked for, beyond as many as there are visitors: so the search costs each line a constant.
const SWEEP_AFTER: usize = 4_096;

/// The hash that divides visitors and tells them apart where only that is kept. FNV-1a, 64 bits, then a mix that spreads it over the high bits.
pub fn hash(visitor: &[u8]) -> u64 {
    let fnv = visitor.iter().fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    (fnv ^ fnv >> 32).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The shard of a visitor.
pub fn shard_of(hash: u64) -> usize {
    usize::try_from(hash >> 32 & (SHARDS - 1)).unwrap_or(0)
}

/// A hasher of what is a hash already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {}
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

/// What the shards of one thread share.
pub struct Bench<'b> {
    pub plan: &'b Plan<'b>,
    pub host: &'b Native,
    pub tally: Tally,
    pub wrong: Wrong,
    /// The first line, by number, that is in no order a shard can follow.
    pub disorder: Option<Disorder>,
}

/// Lines that could not be read.
#[derive(Clone, Debug, Default)]
pub struct Wrong {
    pub count: u64,
    /// The first [`NAMED`], by line.
    pub first: BTreeMap<u64, String>,
}

impl Wrong {
    pub fn add(&mut self, line: u64, what: String) {
        self.count += 1;
        self.name(line, what);
    }

    pub fn merge(&mut self, other: Wrong) {
        self.count += other.count;
        other.first.into_iter().for_each(|(line, what)| self.name(line, what));
    }

    fn name(&mut self, line: u64, what: String) {
        self.first.insert(line, what);
        if self.first.len() > NAMED {
            self.first.pop_last();
        }
    }
}

/// A line that cannot be sorted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disorder {
    pub line: u64,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// So long behind a line before it, in ms.
    Behind(i64),
    /// Its visitor's lines were over.
    Apart,
}

/// Visitors of one shard.
#[derive(Default)]
pub struct Shard<'h> {
    visitors: HashMap<Box<str>, Visitor<'h>>,
    /// The visitor of the latest line.
    current: Option<(u64, Box<str>)>,
    /// Some visitor's lines do not stand together.
    interleaved: bool,
    /// Lines come by visitor.
    by_visitor: bool,
    first: Option<Timestamp>,
    latest: Option<Timestamp>,
    lines: usize,
    /// Visitors whose lines are over, in a log by visitor.
    over: HashSet<u64, BuildHasherDefault<AsIs>>,
    /// Visitors whose lines are over, and for whom time still runs.
    waiting: Vec<(Box<str>, Visitor<'h>)>,
}

impl<'b> Shard<'b> {
    /// Visitors that take memory.
    pub fn in_flight(&self) -> usize {
        self.visitors.len() + self.waiting.len()
    }

    /// The first and the last moment of the lines taken.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        self.first.zip(self.latest)
    }

    /// Take a line of the log. `hash` is its visitor's.
    pub fn line(&mut self, number: u64, text: &str, hash: u64, bench: &mut Bench<'b>) {
        let plan = bench.plan;
        let line = match parse(text, |kind, name| plan.events.wants(kind, name)) {
            Ok(line) => line,
            Err(what) => return bench.wrong.add(number, what),
        };
        let at = Timestamp(line.at);
        if let Err(why) = self.in_order(at, hash, &line.visitor, bench) {
            let disorder = Disorder { line: number, why };
            bench.disorder = Some(bench.disorder.map_or(disorder, |other| other.min(disorder)));
            return;
        }
        bench.tally.lines += 1;
        bench.tally.programs += u64::from(line.kind == Kind::Program);
        if !self.visitors.contains_key(&*line.visitor) {
            self.visitors.insert((*line.visitor).into(), Visitor::new(at));
        }
        let Some(visitor) = self.visitors.get_mut(&*line.visitor) else { return };
        if let Some(device) = &line.device {
            visitor.name_device(device);
        }
        visitor.note(plan, at, line.event_name());
        let name = line.visitor.clone();
        line.tell(|at, input| visitor.push(at, input));
        if visitor.is_full() {
            visitor.relieve(plan, &name, bench.host, &mut bench.tally);
        }
        self.lines += 1;
        if self.lines > self.visitors.len() + SWEEP_AFTER {
            self.lines = 0;
            self.sweep(bench);
        }
    }

    /// Find the order of the log, close visitors that it shows to be done, and keep to it.
    fn in_order(&mut self, at: Timestamp, hash: u64, name: &str, bench: &mut Bench<'b>) -> Result<(), Why> {
        let latest = *self.latest.get_or_insert(at);
        let is_current = self.current.as_ref().is_some_and(|(current, _)| *current == hash);
        let known = self.visitors.get(name).map(|visitor| (visitor.last, visitor.decided));
        if let Some((last, decided)) = known {
            if at < last - SORTED_WITHIN || at < decided {
                return Err(Why::Behind((last - at).0));
            }
            self.interleaved |= !is_current;
        }
        if at < latest - SORTED_WITHIN && !self.by_visitor {
            if self.interleaved {
                return Err(Why::Behind((latest - at).0));
            }
            self.by_visitor = true;
            let ours = self.visitors.remove_entry(name);
            for (name, visitor) in std::mem::take(&mut self.visitors) {
                self.over.insert(self::hash(name.as_bytes()));
                self.close(name, visitor, bench);
            }
            self.visitors.extend(ours);
        }
        if self.by_visitor && !is_current {
            // Where the order has just become known, all others are closed already.
            if let Some((previous, name)) = self.current.take()
                && let Some(visitor) = self.visitors.remove(&name)
            {
                self.over.insert(previous);
                self.close(name, visitor, bench);
            }
            if self.over.contains(&hash) {
                return Err(Why::Apart);
            }
        } else if let Some((last, _)) = known
            && at > last + bench.plan.remember
            && let Some(visitor) = self.visitors.remove(name)
        {
            // So long away that nothing is remembered, whether a sweep has come by or not.
            self.close(name.into(), visitor, bench);
        }
        if !is_current {
            self.current = Some((hash, name.into()));
        }
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.latest = Some(latest.max(at));
        Ok(())
    }

    /// Close visitors who have been silent for so long that nothing of them can matter, and those for whom time is up.
    fn sweep(&mut self, bench: &mut Bench<'b>) {
        let Some(latest) = self.latest else { return };
        if !self.by_visitor {
            let silent = |visitor: &Visitor<'b>| latest > visitor.last + bench.plan.remember;
            let names: Vec<Box<str>> =
                self.visitors.iter().filter(|(_, v)| silent(v)).map(|(name, _)| name.clone()).collect();
            for name in names {
                if let Some(visitor) = self.visitors.remove(&name) {
                    self.close(name, visitor, bench);
                }
            }
        }
        for (name, visitor) in std::mem::take(&mut self.waiting) {
            self.close(name, visitor, bench);
        }
    }

    fn close(&mut self, name: Box<str>, mut visitor: Visitor<'b>, bench: &mut Bench<'b>) {
        let known = self.latest.unwrap_or(visitor.last);
        if visitor.close(bench.plan, &name, bench.host, known, &mut bench.tally) == Done::NotYet {
            self.waiting.push((name, visitor));
        }
    }

    /// The log is over; it reached to `end`.
    pub fn finish(self, end: Timestamp, bench: &mut Bench<'b>) {
        for (name, mut visitor) in self.visitors.into_iter().chain(self.waiting) {
            if visitor.close(bench.plan, &name, bench.host, end, &mut bench.tally) == Done::NotYet {
                visitor.finish(bench.plan, &name, bench.host, end, &mut bench.tally);
            }
        }
    }
}
