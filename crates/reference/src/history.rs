//! The log so far, each entry with what was known at it.

use crate::attributes::Attributes;
use noren_engine::input::{Input, Origin};
use noren_event::{Duration, Timestamp, Value, names};

/// 30 minutes of silence end a session.
const SESSION_GAP: Duration = Duration::minutes(30);
/// Attention lasts 30 seconds after an input.
const ATTENTION: Duration = Duration::seconds(30);
/// Transaction ids remembered.
const ORDERS_KEPT: usize = 16;

/// An event that was taken in.
#[derive(Clone, Debug)]
pub struct Taken {
    pub name: Box<str>,
    pub props: Value,
    pub at: Timestamp,
    pub here: bool,
    /// It began a session.
    pub starts_session: bool,
}

/// An entry of the log.
#[derive(Clone, Debug)]
pub struct Entry {
    pub now: Timestamp,
    pub event: Option<Taken>,
    pub input: Input,
    /// The attributes after it.
    pub attributes: Attributes,
    /// Whether the document was visible after it.
    pub visible: bool,
}

/// A stretch on one page of this tab.
#[derive(Clone, Copy, Debug)]
pub struct Stay {
    /// The entry that began it.
    pub entry: usize,
    /// When it began, by the page view's own clock.
    pub started: Timestamp,
    /// The moment it ended, if it did.
    pub ended: Option<Timestamp>,
}

/// Everything up to now.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub entries: Vec<Entry>,
    orders: Vec<Box<str>>,
}

impl History {
    /// Take one more input in.
    pub fn push(&mut self, now: Timestamp, input: &Input) {
        let mut attributes = self.entries.last().map(|e| e.attributes.clone()).unwrap_or_default();
        let mut visible = self.entries.last().is_none_or(|e| e.visible);
        let mut taken = None;
        match input {
            Input::Event { name, props, at, origin } => {
                let at = (*at).clamp(Timestamp::MIN, now);
                let here = *origin == Origin::Here;
                let last = self.events().map(|(_, e)| e.at).max();
                let starts_session = last.is_none_or(|last| at >= last + SESSION_GAP);
                if starts_session {
                    let number = self.events().filter(|(_, e)| e.starts_session).count() as u32 + 1;
                    let days = last.map(|last| (at - last).0.div_euclid(86_400_000));
                    attributes.session_start(number, at, days);
                }
                if &**name == names::PAGE_VIEW {
                    let first = if starts_session { self.entries.len() } else { self.session_entry().unwrap_or(0) };
                    let views = self.events().filter(|(i, e)| *i >= first && &*e.name == names::PAGE_VIEW).count() + 1;
                    attributes.set("session", "page_views", (views as f64).into());
                    if here {
                        attributes.page_view(props);
                    }
                }
                let id = props.get("transaction_id").and_then(Value::as_str).filter(|_| &**name == names::PURCHASE);
                let is_new = id.is_none_or(|id| !self.orders.iter().rev().take(ORDERS_KEPT).any(|o| **o == *id));
                if let Some(id) = id.filter(|_| is_new) {
                    self.orders.push(id.into());
                }
                attributes.shop_event(name, props, at, is_new);
                taken = Some(Taken { name: name.clone(), props: props.clone(), at, here, starts_session });
            }
            Input::Visible => visible = true,
            Input::Hidden => visible = false,
            Input::Facts(facts) => attributes.facts(facts),
            Input::Attributes(root, value) => attributes.set_root(root, value.clone()),
            _ => {}
        }
        self.entries.push(Entry { now, event: taken, input: input.clone(), attributes, visible });
    }

    /// All events with the place of their entry.
    pub fn events(&self) -> impl Iterator<Item = (usize, &Taken)> {
        self.entries.iter().enumerate().filter_map(|(i, e)| e.event.as_ref().map(|e| (i, e)))
    }

    /// The entry that began the running session.
    pub fn session_entry(&self) -> Option<usize> {
        self.events().filter(|(_, e)| e.starts_session).map(|(i, _)| i).last()
    }

    /// When the running session began.
    pub fn session_started(&self) -> Timestamp {
        self.events().filter(|(_, e)| e.starts_session).map(|(_, e)| e.at).last().unwrap_or_default()
    }

    /// The page that is open, or every page so far with the open one last.
    pub fn stays(&self) -> Vec<Stay> {
        let mut stays: Vec<Stay> = Vec::new();
        for (i, entry) in self.entries.iter().enumerate() {
            let begins = entry.event.as_ref().filter(|e| e.here && &*e.name == names::PAGE_VIEW);
            if (begins.is_some() || ends_page(&entry.input))
                && let Some(open) = stays.last_mut().filter(|s| s.ended.is_none())
            {
                open.ended = Some(entry.now);
            }
            if let Some(e) = begins {
                stays.push(Stay { entry: i, started: e.at, ended: None });
            }
        }
        stays
    }

    /// The page open now.
    pub fn open_page(&self) -> Option<Stay> {
        self.stays().last().copied().filter(|s| s.ended.is_none())
    }

    /// Whether the last page was left and none has begun since.
    pub fn is_left(&self) -> bool {
        let leave = self.entries.iter().rposition(|e| e.input == Input::Leave);
        let begin = self.stays().last().map(|s| s.entry);
        leave.is_some_and(|l| begin.is_none_or(|b| b < l))
    }

    /// Stretches of attention on a page up to a moment: each input in a visible page gives 30 seconds, hiding ends them.
    pub fn attention(&self, stay: Stay, until: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        let end = stay.ended.unwrap_or(until).min(until);
        let mut stretches: Vec<(Timestamp, Timestamp)> = Vec::new();
        for (i, entry) in self.entries.iter().enumerate().skip(stay.entry) {
            if stay.ended.is_some_and(|e| entry.now > e) {
                break;
            }
            let ends_page = i > stay.entry
                && (ends_page(&entry.input)
                    || entry.event.as_ref().is_some_and(|e| e.here && &*e.name == names::PAGE_VIEW));
            if ends_page {
                break;
            }
            match entry.input {
                Input::Hidden => {
                    if let Some((_, to)) = stretches.last_mut() {
                        *to = (*to).min(entry.now);
                    }
                }
                Input::Visible | Input::Active if entry.visible => stretch(&mut stretches, entry.now),
                _ if i == stay.entry && entry.visible => stretch(&mut stretches, entry.now),
                _ => {}
            }
        }
        stretches.retain_mut(|(from, to)| {
            *to = (*to).min(end);
            *from < *to
        });
        stretches
    }
}

fn ends_page(input: &Input) -> bool {
    matches!(input, Input::Leave | Input::PageEnd)
}

fn stretch(list: &mut Vec<(Timestamp, Timestamp)>, now: Timestamp) {
    match list.last_mut() {
        Some((_, to)) if *to >= now => *to = now + ATTENTION,
        _ => list.push((now, now + ATTENTION)),
    }
}
