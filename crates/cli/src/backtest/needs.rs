//! Which of a log's properties campaigns look at, by the programs they were compiled to. All others are never kept, so most lines of a
//! log cost little more than being read, and memory holds what decides and nothing else.
//!
//! What is looked at is a path, and is kept under the whole of it: `{"items.0.item_id": "a"}`. A member named like the rest of a path wins over
//! descending ([`noren_event::packed::path`]), so whoever asks for the path finds the same, and at once.

use super::tree::Tree;
use crate::replay::host::Fnv;
use crate::replay::line::Says;
use noren_event::names;
use noren_program::{Cond, CondId, Leaf, Node, Occurs, Program};
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

/// Events that fill the cart and the visitor's orders, and what the engine reads of them by itself.
const SHOP: [&str; 5] =
    [names::PURCHASE, names::ADD_TO_CART, names::REMOVE_FROM_CART, names::VIEW_CART, "begin_checkout"];
const SHOP_READS: [&str; 3] = ["transaction_id", "value", "items"];
/// Members of `page` that are made of an event's properties, and what they are made of.
pub const OF_PAGE: [(&str, &[&str]); 5] = [
    ("url", &["page_location"]),
    ("path", &["page_path", "page_location"]),
    ("title", &["page_title"]),
    ("referrer", &["page_referrer"]),
    ("query", &["page_location"]),
];

/// Paths that are looked for one by one; where campaigns name more, everything is kept.
const MANY: usize = 64;

/// Parts of an object, by their paths.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Paths {
    All,
    These(Vec<Box<str>>),
}

/// What is needed of the events of one name.
#[derive(Clone, Debug)]
pub struct Need {
    /// Its place in [`Needs::name`]; 0 for all that no campaign names.
    pub number: u32,
    /// Whether one of them can open a decision.
    pub opens: bool,
    /// What campaigns see of it.
    pub event: Paths,
    /// What is to be read of its properties for that, and for what `page` is made of; nothing where no properties are needed.
    read: Option<Tree>,
}

/// What is needed of a log.
#[derive(Debug)]
pub struct Needs {
    places: HashMap<Box<str>, usize, BuildHasherDefault<Fnv>>,
    list: Vec<Need>,
    names: Vec<Box<str>>,
    /// What campaigns see of pages.
    pub page: Paths,
    everything: Tree,
}

impl Paths {
    const NONE: Paths = Paths::These(Vec::new());

    /// Whether exactly this one is among them.
    fn has(&self, path: &str) -> bool {
        match self {
            Paths::All => true,
            Paths::These(paths) => paths.iter().any(|p| **p == *path),
        }
    }

    fn add(&mut self, path: &str) {
        if !path.is_empty()
            && !self.has(path)
            && let Paths::These(paths) = self
        {
            paths.push(path.into());
            if paths.len() > MANY {
                *self = Paths::All;
            }
        }
    }

    fn add_all(&mut self, other: &Paths) {
        match other {
            Paths::All => *self = Paths::All,
            Paths::These(paths) => paths.iter().for_each(|path| self.add(path)),
        }
    }

    /// The same as a tree; none where there are none.
    fn tree(&self) -> Option<Tree> {
        match self {
            Paths::All => Some(Tree::all()),
            Paths::These(paths) if paths.is_empty() => None,
            Paths::These(paths) => Some(Tree::of(paths.iter().map(|path| &**path))),
        }
    }
}

impl Needs {
    /// Everything there is, for tests.
    #[cfg(test)]
    pub fn all() -> Needs {
        let mut needs = Needs::of(&[]);
        needs.page = Paths::All;
        for need in &mut needs.list {
            (need.event, need.read) = (Paths::All, Some(Tree::all()));
        }
        needs
    }

    /// What some programs look at.
    pub fn of(programs: &[&Program]) -> Needs {
        // The first stands for all names that no campaign knows.
        let unknown = NOTHING.clone();
        let mut needs = Needs {
            places: HashMap::default(),
            list: vec![unknown],
            names: vec!["".into()],
            page: Paths::NONE,
            everything: Tree::all(),
        };
        needs.at(names::PAGE_VIEW);
        for name in SHOP {
            needs.at(name);
        }
        // An audience can look at any event, because any can open a decision.
        let mut of_all = Paths::NONE;
        let mut reads_shop = false;
        for program in programs {
            for path in program.conds.iter().flat_map(paths) {
                match path.split_once('.') {
                    Some(("page", rest)) => needs.page.add(rest),
                    None if path == "page" => needs.page = Paths::All,
                    _ => {}
                }
                reads_shop |= ["cart", "visitor"].contains(&path.split('.').next().unwrap_or(""));
            }
            for campaign in &program.campaigns {
                let audience = campaign.audience.map(|id| of_event(program, id));
                of_all.add_all(&audience.unwrap_or(Paths::NONE));
                for leaf in &campaign.leaves {
                    needs.leaf(program, leaf);
                }
                needs.open(&campaign.trigger, &campaign.leaves);
                let others = campaign.cancel.iter().map(|c| &c.of).chain(campaign.goal.iter().map(|goal| &goal.of));
                for of in others {
                    needs.occurs(program, of);
                }
            }
        }
        for name in SHOP.into_iter().filter(|_| reads_shop) {
            SHOP_READS.into_iter().for_each(|key| needs.at(name).event.add(key));
        }
        for need in &mut needs.list {
            need.event.add_all(&of_all);
            need.read = need.event.tree();
        }
        let mut made_of = needs.event(names::PAGE_VIEW).event.clone();
        match &needs.page {
            Paths::All => made_of = Paths::All,
            Paths::These(paths) => {
                for path in paths {
                    made_of.add(path);
                    let made = OF_PAGE.iter().filter(|(made, _)| path.split('.').next() == Some(made));
                    made.flat_map(|(_, of)| *of).for_each(|member| made_of.add(member));
                }
            }
        }
        needs.at(names::PAGE_VIEW).read = made_of.tree();
        needs
    }

    /// What is needed of the events of a name.
    pub fn event(&self, name: &str) -> &Need {
        self.list.get(self.places.get(name).copied().unwrap_or(0)).unwrap_or(&NOTHING)
    }

    /// What is to be read of a line's properties.
    pub fn of_line(&self, says: Says<'_>) -> Option<&Tree> {
        match says {
            Says::Event(name) => self.event(name).read.as_ref(),
            Says::Facts | Says::Consent | Says::Record(_) => Some(&self.everything),
            Says::Page(_) | Says::Nothing => None,
        }
    }

    /// The name of a number; empty for 0, which stands for all names that no campaign knows.
    pub fn name(&self, number: u32) -> &str {
        self.names.get(number as usize).map_or("", |name| name)
    }

    fn at(&mut self, name: &str) -> &mut Need {
        let place = match self.places.get(name) {
            Some(place) => *place,
            None => {
                let number = u32::try_from(self.list.len()).unwrap_or(0);
                self.places.insert(name.into(), self.list.len());
                self.names.push(name.into());
                self.list.push(Need { number, opens: false, event: Paths::NONE, read: None });
                self.list.len() - 1
            }
        };
        &mut self.list[place]
    }

    fn occurs(&mut self, program: &Program, of: &Occurs) -> &mut Need {
        let seen = of.cond.map_or(Paths::NONE, |id| of_event(program, id));
        let need = self.at(&of.event);
        need.event.add_all(&seen);
        need
    }

    fn leaf(&mut self, program: &Program, leaf: &Leaf) {
        match leaf {
            Leaf::Count { of, .. } | Leaf::Every { of, .. } => {
                self.occurs(program, of);
            }
            Leaf::Sum { of, property, .. } | Leaf::Distinct { of, property, .. } => {
                self.occurs(program, of).event.add(property);
            }
            Leaf::Dwell { .. } => {}
            Leaf::Sequence { steps, without, same, .. } => {
                for of in steps.iter().chain(without) {
                    self.occurs(program, of).event.add(same);
                }
            }
            Leaf::Absent { after, event, .. } => {
                self.occurs(program, after);
                self.occurs(program, event);
            }
        }
    }

    /// The events of a trigger's patterns that are not negated. What is negated needs something beside it that is not.
    fn open(&mut self, trigger: &Node, leaves: &[Leaf]) {
        match trigger {
            Node::All(list) | Node::Any(list) => list.iter().for_each(|node| self.open(node, leaves)),
            Node::Not(_) => {}
            Node::Leaf(place) => {
                let mut opens = |of: &Occurs| self.at(&of.event).opens = true;
                match leaves.get(usize::from(*place)) {
                    Some(Leaf::Count { of, .. } | Leaf::Every { of, .. })
                    | Some(Leaf::Sum { of, .. } | Leaf::Distinct { of, .. }) => opens(of),
                    Some(Leaf::Sequence { steps, .. }) => steps.iter().for_each(opens),
                    Some(Leaf::Absent { after, .. }) => opens(after),
                    Some(Leaf::Dwell { .. }) => self.at(names::PAGE_VIEW).opens = true,
                    None => {}
                }
            }
        }
    }
}

/// What is needed where nothing is.
static NOTHING: Need = Need { number: 0, opens: false, event: Paths::NONE, read: None };

/// What a condition can see of an event.
fn of_event(program: &Program, id: CondId) -> Paths {
    let mut seen = Paths::NONE;
    for path in paths(program.cond(id)) {
        if let Some(rest) = path.strip_prefix("event.") {
            seen.add(rest);
        }
    }
    seen
}

/// The paths that a condition asks for. What it asks of a list's elements lies below them.
fn paths(cond: &Cond) -> Vec<&str> {
    match cond {
        Cond::All(parts) | Cond::Any(parts) => parts.iter().flat_map(paths).collect(),
        Cond::Not(inner) => paths(inner),
        Cond::Attr { path, .. } => vec![path],
        Cond::Unknown => Vec::new(),
    }
}
