//! Visitors in flight, and when each is done.
//!
//! A log is cut by visitor into a fixed number of shards, so that what a shard sees, and with it every answer, does not depend on how many
//! threads work. A shard takes lines in one of two orders and finds out which:
//!
//! ```text
//! by time      no line lies more than a minute behind the latest     a visitor is done after long silence
//! by visitor   a visitor's lines stand together                      a visitor is done when the next one comes
//! ```

use super::pack::{self, Packed};
use super::plan::Plan;
use super::tally::Tally;
use super::visitor::{Done, Hosts, SORTED_WITHIN, Visitor};
use crate::replay::line::Kind;
use noren_event::Timestamp;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

/// Into how many parts visitors are divided, whatever the number of threads.
pub const SHARDS: u64 = 64;
/// Wrong lines that are named one by one.
pub const NAMED: usize = 100;
/// Lines after which silent visitors are looked for, beyond as many as there are visitors: so the search costs each line a constant.
const SWEEP_AFTER: usize = 4_096;

/// The hash that divides visitors and tells them apart. SipHash with fixed keys: among 100 million visitors two share one with a probability
/// of 3 in 10,000, and nobody can make ids that do.
pub fn hash(visitor: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(visitor);
    hasher.finish()
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
    pub hosts: &'b Hosts,
    pub tally: Tally,
    pub wrong: Wrong,
    /// The first line, by number, that is in no order a shard can follow.
    pub disorder: Option<Disorder>,
    /// What is needed of the line that is being taken.
    pub packed: Packed,
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
    visitors: HashMap<u64, Visitor<'h>, BuildHasherDefault<AsIs>>,
    /// The visitor of the latest line.
    current: Option<u64>,
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
    waiting: Vec<Visitor<'h>>,
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
        let line = match pack::parse(text, plan.needs, &mut bench.packed) {
            Ok(line) => line,
            Err(what) => return bench.wrong.add(number, what),
        };
        let at = Timestamp(line.at);
        if let Err(why) = self.in_order(at, hash, bench) {
            let disorder = Disorder { line: number, why };
            bench.disorder = Some(bench.disorder.map_or(disorder, |other| other.min(disorder)));
            return;
        }
        bench.tally.lines += 1;
        bench.tally.programs += u64::from(line.kind == Kind::Program);
        let visitor = self.visitors.entry(hash).or_insert_with(|| Visitor::new(&line.visitor, at));
        visitor.keep(plan, &line, &bench.packed);
        if visitor.is_full() {
            visitor.relieve(plan, bench.hosts, &mut bench.tally);
        }
        self.lines += 1;
        if self.lines > self.visitors.len() + SWEEP_AFTER {
            self.lines = 0;
            self.sweep(bench);
        }
    }

    /// Find the order of the log, close visitors that it shows to be done, and keep to it.
    fn in_order(&mut self, at: Timestamp, hash: u64, bench: &mut Bench<'b>) -> Result<(), Why> {
        let latest = *self.latest.get_or_insert(at);
        let is_current = self.current == Some(hash);
        let known = self.visitors.get(&hash).map(|visitor| (visitor.last, visitor.decided));
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
            let ours = self.visitors.remove_entry(&hash);
            for (other, visitor) in std::mem::take(&mut self.visitors) {
                self.over.insert(other);
                self.close(visitor, bench);
            }
            self.visitors.extend(ours);
        }
        if self.by_visitor && !is_current {
            // Where the order has just become known, all others are closed already.
            if let Some(previous) = self.current.take()
                && let Some(visitor) = self.visitors.remove(&previous)
            {
                self.over.insert(previous);
                self.close(visitor, bench);
            }
            if self.over.contains(&hash) {
                return Err(Why::Apart);
            }
        } else if let Some((last, _)) = known
            && at > last + bench.plan.remember
            && let Some(visitor) = self.visitors.remove(&hash)
        {
            // So long away that nothing is remembered, whether a sweep has come by or not.
            self.close(visitor, bench);
        }
        self.current = Some(hash);
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.latest = Some(latest.max(at));
        Ok(())
    }

    /// Close visitors who have been silent for so long that nothing of them can matter, and those for whom time is up.
    fn sweep(&mut self, bench: &mut Bench<'b>) {
        let Some(latest) = self.latest else { return };
        if !self.by_visitor {
            let silent = |visitor: &Visitor<'b>| latest > visitor.last + bench.plan.remember;
            let silent: Vec<Visitor<'b>> =
                self.visitors.extract_if(|_, visitor| silent(visitor)).map(|(_, v)| v).collect();
            for visitor in silent {
                self.close(visitor, bench);
            }
        }
        for visitor in std::mem::take(&mut self.waiting) {
            self.close(visitor, bench);
        }
    }

    fn close(&mut self, mut visitor: Visitor<'b>, bench: &mut Bench<'b>) {
        let known = self.latest.unwrap_or(visitor.last);
        if visitor.close(bench.plan, bench.hosts, known, &mut bench.tally) == Done::NotYet {
            self.waiting.push(visitor);
        }
    }

    /// The log is over; it reached to `end`.
    pub fn finish(self, end: Timestamp, bench: &mut Bench<'b>) {
        for mut visitor in self.visitors.into_values().chain(self.waiting) {
            if visitor.close(bench.plan, bench.hosts, end, &mut bench.tally) == Done::NotYet {
                visitor.finish(bench.plan, bench.hosts, end, &mut bench.tally);
            }
        }
    }
}
