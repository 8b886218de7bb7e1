//! What is counted. Tallies of parts of a log add up to the tally of the whole, in any order.

use std::collections::BTreeMap;

/// Hours of a day.
const HOURS: usize = 24;
/// Shows a visitor that are told apart; the last stands for so many or more.
pub const OFTEN: usize = 5;

/// What a log says about drafts and live campaigns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Lines that were read well.
    pub lines: u64,
    /// Visitors; one who was forgotten and came back counts again.
    pub visitors: u64,
    /// Visitors with a purchase.
    pub buyers: u64,
    /// Lines of type `program`.
    pub programs: u64,
    /// Visitors whose device was first named after they had been decided about.
    pub late_devices: u64,
    pub drafts: Vec<Draft>,
    pub live: Vec<Live>,
}

/// What would have become of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// Who would have seen it, and who would have been kept from it as control.
    pub shown: Arm,
    pub control: Arm,
    /// Opened decisions that a gate stopped, by gate.
    pub suppressed: BTreeMap<&'static str, u64>,
    /// Visitors by how often it would have been shown to them: once, twice, ..., [`OFTEN`] times or more.
    pub often: [u64; OFTEN],
    /// Most shows to one visitor.
    pub most: u64,
    /// Shows by hour of day.
    pub hours: [u64; HOURS],
    /// Shows by day, counted from 1970-01-01 in the report's zone.
    pub days: BTreeMap<i64, u64>,
}

/// One of the two groups of a draft.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arm {
    /// How often.
    pub times: u64,
    /// How many visitors.
    pub visitors: u64,
    /// How many of them bought within the goal's window after the first time.
    pub bought_after: u64,
    /// How many of them bought at all, before or after.
    pub bought_ever: u64,
    /// How many of them reached the campaign's own goal.
    pub reached_goal: u64,
}

/// What a live campaign would have lost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    pub shows_without: u64,
    pub shows_with: u64,
    /// Shows lost, by the gate that stopped them.
    pub lost: BTreeMap<&'static str, u64>,
    /// Shows that came at a later moment instead.
    pub later: u64,
    /// Shows that there would not have been without the draft.
    pub gained: u64,
}

impl Tally {
    pub fn new(drafts: usize, live: usize) -> Tally {
        Tally { drafts: vec![Draft::default(); drafts], live: vec![Live::default(); live], ..Tally::default() }
    }

    /// Add another part's tally.
    pub fn add(&mut self, other: &Tally) {
        self.lines += other.lines;
        self.visitors += other.visitors;
        self.buyers += other.buyers;
        self.programs += other.programs;
        self.late_devices += other.late_devices;
        for (mine, other) in self.drafts.iter_mut().zip(&other.drafts) {
            mine.shown.add(&other.shown);
            mine.control.add(&other.control);
            add_all(&mut mine.suppressed, &other.suppressed);
            mine.often.iter_mut().zip(other.often).for_each(|(n, m)| *n += m);
            mine.most = mine.most.max(other.most);
            mine.hours.iter_mut().zip(other.hours).for_each(|(n, m)| *n += m);
            add_all(&mut mine.days, &other.days);
        }
        for (mine, other) in self.live.iter_mut().zip(&other.live) {
            mine.shows_without += other.shows_without;
            mine.shows_with += other.shows_with;
            add_all(&mut mine.lost, &other.lost);
            mine.later += other.later;
            mine.gained += other.gained;
        }
    }
}

impl Arm {
    fn add(&mut self, other: &Arm) {
        self.times += other.times;
        self.visitors += other.visitors;
        self.bought_after += other.bought_after;
        self.bought_ever += other.bought_ever;
        self.reached_goal += other.reached_goal;
    }
}

fn add_all<K: Ord + Copy>(mine: &mut BTreeMap<K, u64>, other: &BTreeMap<K, u64>) {
    for (key, n) in other {
        *mine.entry(*key).or_default() += n;
    }
}
