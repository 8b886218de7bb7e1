//! What one device contributes to a visitor under one epoch.

use std::collections::BTreeMap;

use noren_event::packed::Writer;
use noren_event::{Event, Timestamp, Value, names};

use crate::affinity::Views;
use crate::days::Days;
use crate::kept::{Cart, Kept, answer};
use crate::order::Orders;
use crate::session::Sessions;
use crate::stamp::Stamp;
use crate::touch::Touches;
use crate::trial::Trials;

/// Campaigns counted per part; past it new campaigns are not counted. Some 100 bytes each.
pub const CAMPAIGNS_MAX: usize = 500;

/// Traits kept per part; past it new names are dropped.
pub const TRAITS_MAX: usize = 100;

/// Largest trait kept, packed: a mail address, a name, a short list. Larger ones are dropped, so a part's traits stay under 100 KB.
pub const TRAIT_MAX_BYTES: usize = 1_024;

/// Longest id of a person, in bytes: a mail address has at most 254.
pub const USER_MAX_BYTES: usize = 256;

/// What a page says as a user id when it knows none: words of programming languages, and what systems call somebody who is not signed in.
/// Whoever they name, thousands of strangers would be one person.
const NOBODY: [&str; 14] = [
    "0",
    "-1",
    "anonymous",
    "false",
    "guest",
    "nan",
    "nil",
    "none",
    "null",
    "[object object]",
    "true",
    "undefined",
    "unknown",
    "{}",
];

/// Whether a text can be a person's id: not empty, not longer than [`USER_MAX_BYTES`], and none of the words that stand for nobody.
pub fn may_name_a_person(id: &str) -> bool {
    let word = id.trim();
    !word.is_empty() && id.len() <= USER_MAX_BYTES && !NOBODY.iter().any(|nobody| nobody.eq_ignore_ascii_case(word))
}

/// A device's events of one epoch, folded. The fold takes each event once (the caller sees to that by stream and number) and does not
/// depend on their order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Part {
    /// Events folded in. A device only ever adds, so of two states of one part the one with more events contains the other.
    pub events: u64,
    /// First event.
    pub first_seen: Option<Timestamp>,
    /// Last event.
    pub last_seen: Option<Timestamp>,
    /// Visits.
    pub sessions: Sessions,
    /// Orders and refunds.
    pub orders: Orders,
    /// What `identify` said; per name the latest word stands.
    pub traits: BTreeMap<Box<str>, (Stamp, Value)>,
    /// Whom `identify` named in this epoch.
    pub user: Option<Named>,
    /// What each campaign spent.
    pub campaigns: BTreeMap<Box<str>, CampaignCount>,
    /// Arrivals.
    pub touches: Touches,
    /// Items viewed, by category.
    pub views: Views,
    /// Answers to the site's questions.
    pub answers: Kept<Value>,
    /// Items in the cart.
    pub cart: Cart,
    /// Counts by day. [`Part::apply`] leaves them alone: which names are counted is for the caller to say, by [`Days::count`].
    pub days: Days,
    /// What tests are judged by. [`Part::apply`] leaves it alone: what a goal is, is for the caller to say.
    pub trials: Trials,
}

/// A person named by `identify`. An epoch belongs to one person: the first that was named with a proof, else the first that was named.
/// Another name without `reset` in between joins nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Whether the site's server has signed for it.
    pub proven: bool,
    /// When.
    pub stamp: Stamp,
    /// The site's own id of the person.
    pub id: Box<str>,
}

/// What one campaign spent on a visitor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CampaignCount {
    /// Exposures, in either arm.
    pub shown: u64,
    /// Closings.
    pub closed: u64,
    /// Clicks.
    pub clicked: u64,
    /// Last exposure.
    pub last_shown: Option<Timestamp>,
    /// Last closing.
    pub last_closed: Option<Timestamp>,
    /// Last click.
    pub last_clicked: Option<Timestamp>,
}

impl CampaignCount {
    /// Add another part's.
    pub fn unite(&mut self, other: &CampaignCount) {
        self.shown += other.shown;
        self.closed += other.closed;
        self.clicked += other.clicked;
        self.last_shown = self.last_shown.max(other.last_shown);
        self.last_closed = self.last_closed.max(other.last_closed);
        self.last_clicked = self.last_clicked.max(other.last_clicked);
    }
}

impl Part {
    /// Fold one event in. Cost: logarithmic in orders and campaigns, linear in at most 256 sessions.
    pub fn apply(&mut self, event: &Event, stamp: &Stamp) {
        self.events += 1;
        if stamp.is_told() {
            return self.told(event, stamp);
        }
        self.first_seen = Some(self.first_seen.map_or(stamp.at, |t| t.min(stamp.at)));
        self.last_seen = self.last_seen.max(Some(stamp.at));
        if !stamp.is_server() {
            // What a server reports is no visit: nobody was on the site.
            self.sessions.insert(stamp.at);
        }
        match &*event.name {
            names::PAGE_VIEW => self.touches.page_view(&event.props, stamp),
            names::VIEW_ITEM => self.views.view_item(&event.props, stamp.at),
            names::ANSWER => answer(&mut self.answers, &event.props, stamp),
            names::ADD_TO_CART => self.cart.change(&event.props, stamp, true),
            names::REMOVE_FROM_CART => self.cart.change(&event.props, stamp, false),
            names::VIEW_CART if event.props.get("items").is_some() => {
                self.cart.clear(stamp);
                self.cart.change(&event.props, stamp, true);
            }
            names::PURCHASE => {
                self.orders.purchase(&event.props, stamp);
                self.cart.clear(stamp);
            }
            names::REFUND => self.orders.refund(&event.props, stamp),
            names::IDENTIFY => self.identify(&event.props, stamp),
            names::EXPOSURE => self.campaign(&event.props, |c| {
                c.shown += 1;
                c.last_shown = c.last_shown.max(Some(stamp.at));
            }),
            names::CLOSE => self.campaign(&event.props, |c| {
                c.closed += 1;
                c.last_closed = c.last_closed.max(Some(stamp.at));
            }),
            names::WIDGET_CLICK => self.campaign(&event.props, |c| {
                c.clicked += 1;
                c.last_clicked = c.last_clicked.max(Some(stamp.at));
            }),
            _ => {}
        }
    }

    /// What happened elsewhere: of it only what is one whoever reports it, an order, and that the cart is empty now.
    fn told(&mut self, event: &Event, stamp: &Stamp) {
        match &*event.name {
            names::PURCHASE => {
                self.orders.purchase(&event.props, stamp);
                self.cart.clear(stamp);
            }
            names::REFUND => self.orders.refund(&event.props, stamp),
            _ => {}
        }
    }

    fn campaign(&mut self, props: &Value, change: impl FnOnce(&mut CampaignCount)) {
        let Some(id) = props.get("campaign").and_then(Value::as_str) else { return };
        if self.campaigns.contains_key(id) || self.campaigns.len() < CAMPAIGNS_MAX {
            change(self.campaigns.entry(id.into()).or_default());
        }
    }

    fn identify(&mut self, props: &Value, stamp: &Stamp) {
        if let Some(id) = props.get("user_id").and_then(Value::as_str).filter(|id| may_name_a_person(id)) {
            let proven = props.get("proven") == Some(&Value::Bool(true));
            let named = Named { proven, stamp: stamp.clone(), id: id.into() };
            let rank = |named: &Named| (!named.proven, named.stamp.clone());
            if self.user.as_ref().is_none_or(|known| rank(&named) < rank(known)) {
                self.user = Some(named);
            }
        }
        let Some(traits) = props.get("traits").and_then(Value::as_map) else { return };
        for (name, value) in traits {
            let full = !self.traits.contains_key(name) && self.traits.len() >= TRAITS_MAX;
            let mut packed = Writer::default();
            packed.str(name);
            packed.value(value);
            if full || packed.0.len() > TRAIT_MAX_BYTES {
                continue;
            }
            let slot = self.traits.entry(name.clone()).or_default();
            if slot.0 <= *stamp {
                *slot = (stamp.clone(), value.clone());
            }
        }
    }
}
