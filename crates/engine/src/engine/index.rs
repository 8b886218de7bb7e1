//! What an event, a page, a session or time can change, worked out once per program.

use crate::pattern::mark_negated;
use noren_program::{Clock, Hold, Leaf, Order, Program, Reach, Window};

/// What an event can be to a campaign. The order is the order of effect: cancels before leaves before goals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It may disarm it.
    Cancel(u16),
    /// It may change a leaf.
    Leaf(u16),
    /// It may be its goal.
    Goal,
}

/// Campaigns and what an event can be to each.
pub type Entries = Vec<(u32, Role)>;

/// The index of a program.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// By event name, ascending: the campaigns it can change and how, by role and then campaign.
    by_event: Vec<(Box<str>, Entries)>,
    /// What every event can change, whatever its name: sequences that allow nothing between their steps.
    pub every_event: Entries,
    /// Campaigns that a page's start or end can change.
    pub page: Vec<u32>,
    /// Campaigns that a session's start can change.
    pub session: Vec<u32>,
    /// Campaigns that the active clock can change.
    pub active: Vec<u32>,
    /// Campaigns that time alone can open.
    pub timed: Vec<u32>,
    /// For each campaign, which of its leaves stand under a `not`.
    pub negated: Vec<Vec<bool>>,
}

impl Index {
    /// Work it out. Cost: the size of the program, and its sort.
    pub fn of(program: &Program) -> Index {
        let mut index = Index::default();
        let mut entries: Vec<(&str, Role, u32)> = Vec::new();
        for (c, campaign) in program.campaigns.iter().enumerate() {
            let c = c as u32;
            let mut marks = vec![false; campaign.leaves.len()];
            mark_negated(&campaign.trigger, false, &mut marks);
            index.negated.push(marks);
            let (mut page, mut session, mut active, mut timed) = (false, false, false, false);
            for (i, leaf) in campaign.leaves.iter().enumerate() {
                let role = Role::Leaf(i as u16);
                match leaf {
                    Leaf::Count { of, window, .. }
                    | Leaf::Sum { of, window, .. }
                    | Leaf::Distinct { of, window, .. }
                    | Leaf::Every { of, window, .. } => {
                        entries.push((&of.event, role, c));
                        page |= *window == Window::Page;
                        session |= *window == Window::Session;
                    }
                    Leaf::Dwell { clock, reach, .. } => {
                        page = true;
                        timed = true;
                        session |= *reach == Reach::Session;
                        active |= *clock == Clock::Active;
                    }
                    Leaf::Sequence { steps, without, order, .. } => {
                        session = true;
                        for step in steps.iter().chain(without) {
                            entries.push((&step.event, role, c));
                        }
                        if *order == Order::Next {
                            index.every_event.push((c, role));
                        }
                    }
                    Leaf::Absent { after, event, .. } => {
                        timed = true;
                        entries.push((&after.event, role, c));
                        entries.push((&event.event, role, c));
                    }
                }
            }
            for (i, cancel) in campaign.cancel.iter().enumerate() {
                entries.push((&cancel.of.event, Role::Cancel(i as u16), c));
                session |= cancel.hold == Hold::Session;
            }
            if let Some(goal) = &campaign.goal {
                entries.push((&goal.of.event, Role::Goal, c));
            }
            for (yes, list) in [
                (page, &mut index.page),
                (session, &mut index.session),
                (active, &mut index.active),
                (timed, &mut index.timed),
            ] {
                if yes {
                    list.push(c);
                }
            }
        }
        entries.sort_unstable();
        entries.dedup();
        for (name, role, c) in entries {
            match index.by_event.last_mut() {
                Some((last, list)) if **last == *name => list.push((c, role)),
                _ => index.by_event.push((name.into(), vec![(c, role)])),
            }
        }
        index
    }

    /// What an event of this name can change. Cost: a binary search over the names the program uses.
    pub fn entries(&self, name: &str) -> Option<&[(u32, Role)]> {
        let i = self.by_event.binary_search_by(|(n, _)| (**n).cmp(name)).ok()?;
        self.by_event.get(i).map(|(_, list)| list.as_slice())
    }
}
