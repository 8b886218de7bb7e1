//! The step: due deadlines, then the input, then the decisions that both opened.
//!
//! ```text
//!            event, page, time                    gates pass                 surface free
//! watching ───────────────────▶ opened ──▶ armed(delay) ──▶ contending ──▶ shown | control
//!     ▲                           │             │                │  ▲
//!     └────────── suppressed ◀────┴─────────────┴────────────────┘  └── armed(wait)
//! ```
//!
//! An event touches only the campaigns the index names for it; time costs one heap entry a campaign that waits for it.

mod arbiter;
mod index;

use crate::attributes::Scope;
use crate::condition::{Host, holds};
use crate::effect::{Decision, Effect, Gate, Outcome};
use crate::gate::{caps_allow, may_open};
use crate::input::{Input, Origin, WidgetNews};
use crate::pattern::{Happening, Moment, fits_page, formula, is_meant};
use crate::state::{Armed, CONTROL, CampaignState, Held, ORDERS_KEPT, PREFETCH_AHEAD, Page, SESSION_GAP, State};
use core::cmp::Reverse;
use index::{Index, Role};
use noren_event::{Timestamp, Value, names};
use noren_program::{Campaign, CapEvent, Hold, Leaf, Program};
use std::collections::BinaryHeap;

/// Decides for one visitor on one device.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) program: Program,
    pub(crate) unit: Box<str>,
    pub(crate) state: State,
    index: Index,
    wakes: Wakes,
}

/// When time alone will change something. Entries of the heap that no longer agree with the lists are stale and skipped.
#[derive(Clone, Debug, Default)]
struct Wakes {
    heap: BinaryHeap<Reverse<(Timestamp, u32, Wake)>>,
    due: Vec<Option<Timestamp>>,
    prefetch: Vec<Option<Timestamp>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Wake {
    Prefetch,
    Due,
}

/// A campaign whose decision is open at this moment.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    campaign: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Just opened.
    Fresh,
    /// Its delay is over.
    Delayed,
    /// It waits behind another up to the moment given.
    Waiting(Timestamp),
}

impl Engine {
    /// An engine for a visitor never seen before. `unit` is what assignment hashes: the device's public id.
    pub fn new(program: Program, unit: &str) -> Engine {
        let state = State::new(&program);
        Engine::with_state(program, unit, state)
    }

    pub(crate) fn with_state(program: Program, unit: &str, state: State) -> Engine {
        let index = Index::of(&program);
        let n = program.campaigns.len();
        let wakes = Wakes { heap: BinaryHeap::new(), due: vec![None; n], prefetch: vec![None; n] };
        let mut engine = Engine { program, unit: unit.into(), state, index, wakes };
        for c in 0..n as u32 {
            engine.schedule(c);
        }
        engine
    }

    /// The program it decides by.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What it remembers.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The next moment at which it wants a [`Input::Tick`], if no other input comes before.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let due = self.wakes.due.iter().flatten().min();
        let prefetch = self.wakes.prefetch.iter().flatten().min();
        due.into_iter().chain(prefetch).min().copied()
    }

    /// Take one input at a moment. A `now` before the last is taken as the last. Cost: the campaigns the input can change, and a
    /// logarithm for each deadline that moves.
    pub fn step(&mut self, now: Timestamp, input: Input, host: &dyn Host) -> Vec<Effect> {
        let mut out = Vec::new();
        let now = now.max(self.state.now).min(Timestamp::MAX);
        self.run_deadlines(now, host, &mut out);
        self.state.now = now;
        match input {
            Input::Event { name, props, at, origin } => {
                self.event(&name, &props, at.clamp(Timestamp::MIN, now), origin == Origin::Here, host, &mut out);
            }
            Input::Visible => {
                self.state.visible = true;
                if let Some(page) = &mut self.state.page {
                    page.wake(now);
                }
                self.schedule_active();
                self.retry_waiting(Vec::new(), None, host, &mut out);
            }
            Input::Hidden => {
                self.state.visible = false;
                if let Some(page) = &mut self.state.page {
                    page.rest(now);
                }
                self.schedule_active();
            }
            Input::Active => {
                if self.state.visible
                    && let Some(page) = &mut self.state.page
                {
                    page.wake(now);
                    self.schedule_active();
                }
            }
            Input::Leave => {
                self.state.left = true;
                for of in &mut self.state.campaigns {
                    of.showing = None;
                }
                self.page_is_over(host, &mut out);
            }
            Input::PageEnd => self.page_is_over(host, &mut out),
            Input::Facts(facts) => self.facts(&facts),
            Input::Attributes(root, value) => self.state.attributes.set_root(&root, value),
            Input::Consent(granted) => self.state.consent = granted,
            Input::Widget(campaign, news) => self.widget(&campaign, news, host, &mut out),
            Input::Record { campaign, what, at } => self.record(&campaign, what, at.min(now)),
            Input::Tick => {}
        }
        self.prefetch_soon(host, &mut out);
        out
    }

    fn campaign_count(&self) -> u32 {
        self.program.campaigns.len() as u32
    }

    /// A campaign and what is remembered of it.
    fn pair(&mut self, c: u32) -> Option<(&Campaign, &mut CampaignState)> {
        Some((self.program.campaigns.get(c as usize)?, self.state.campaigns.get_mut(c as usize)?))
    }

    fn find(&self, id: &str) -> Option<u32> {
        self.program.campaigns.binary_search_by(|c| (*c.id).cmp(id)).ok().map(|i| i as u32)
    }

    fn run_deadlines(&mut self, now: Timestamp, host: &dyn Host, out: &mut Vec<Effect>) {
        while let Some(Reverse((t, _, _))) = self.wakes.heap.peek().copied() {
            if t > now {
                break;
            }
            let mut candidates = Vec::new();
            let mut touched = Vec::new();
            while let Some(Reverse((at, c, wake))) = self.wakes.heap.peek().copied() {
                if at != t {
                    break;
                }
                self.wakes.heap.pop();
                match wake {
                    // Left in place: `prefetch_soon` sees that its time has come.
                    Wake::Prefetch => {}
                    Wake::Due => {
                        let slot = self.wakes.due.get_mut(c as usize);
                        if let Some(slot) = slot
                            && *slot == Some(t)
                        {
                            *slot = None;
                            touched.push(c);
                        }
                    }
                }
            }
            if touched.is_empty() {
                continue;
            }
            self.state.now = self.state.now.max(t);
            for &c in &touched {
                if self.rises(c) {
                    candidates.push(Candidate { campaign: c, stage: Stage::Fresh });
                }
                self.armed_is_due(c, &mut candidates, out);
            }
            self.arbitrate(candidates, None, host, out);
            for c in touched {
                self.schedule(c);
            }
        }
    }

    /// A delay that ends becomes a candidate, a wait that ends an outcome.
    fn armed_is_due(&mut self, c: u32, candidates: &mut Vec<Candidate>, out: &mut Vec<Effect>) {
        let now = self.state.now;
        let Some((_, of)) = self.pair(c) else { return };
        let Some(armed) = of.armed else { return };
        if armed.due > now {
            return;
        }
        of.armed = None;
        match armed.behind {
            None => candidates.push(Candidate { campaign: c, stage: Stage::Delayed }),
            Some(gate) => self.suppress(c, gate, out),
        }
    }

    fn suppress(&mut self, c: u32, gate: Gate, out: &mut Vec<Effect>) {
        let at = self.state.now;
        let Some((campaign, of)) = self.pair(c) else { return };
        of.armed = None;
        out.push(Effect::Decision(Decision {
            at,
            campaign: campaign.id.clone(),
            variant: "".into(),
            outcome: Outcome::Suppressed,
            gate: Some(gate),
            phase: campaign.phase,
        }));
    }

    /// Whether the trigger is true at this moment and may open a decision. A true trigger is used up, whether it opens or is absorbed by
    /// a hold or an armed decision.
    fn rises(&mut self, c: u32) -> bool {
        let now = self.state.now;
        let m = Moment { now, page: self.state.page.as_ref() };
        let (Some(campaign), Some(of), Some(negated)) = (
            self.program.campaigns.get(c as usize),
            self.state.campaigns.get_mut(c as usize),
            self.index.negated.get(c as usize),
        ) else {
            return false;
        };
        let truth = |i: u16| {
            let i = usize::from(i);
            campaign.leaves.get(i).zip(of.leaves.get(i)).is_some_and(|(leaf, s)| s.truth(leaf, m))
        };
        if !formula(&campaign.trigger, &truth) {
            return false;
        }
        use_up(campaign, of, negated);
        of.armed.is_none() && !of.is_held(now)
    }

    /// Work out anew when time will next change a campaign.
    fn schedule(&mut self, c: u32) {
        let m = Moment { now: self.state.now, page: self.state.page.as_ref() };
        let i = c as usize;
        let (Some(campaign), Some(of), Some(negated)) =
            (self.program.campaigns.get(i), self.state.campaigns.get(i), self.index.negated.get(i))
        else {
            return;
        };
        let leaves = campaign.leaves.iter().zip(&of.leaves).zip(negated);
        // A moment that is past has been looked at; asking for it again would never end.
        let deadlines = leaves.filter_map(|((leaf, s), negated)| s.deadline(leaf, *negated, m));
        let by_time = deadlines.filter(|t| *t > m.now).min();
        let due = by_time.into_iter().chain(of.armed.map(|a| a.due)).min();
        let free = of.armed.is_none() && of.showing.is_none() && !of.is_held(m.now);
        let prefetch = by_time.filter(|_| free).map(|t| t - PREFETCH_AHEAD);
        set_wake(&mut self.wakes.due, &mut self.wakes.heap, due, c, Wake::Due);
        set_wake(&mut self.wakes.prefetch, &mut self.wakes.heap, prefetch, c, Wake::Prefetch);
    }

    fn schedule_active(&mut self) {
        for c in self.index.active.clone() {
            self.schedule(c);
        }
    }

    /// Name the campaigns whose content will be wanted within [`PREFETCH_AHEAD`].
    fn prefetch_soon(&mut self, host: &dyn Host, out: &mut Vec<Effect>) {
        for c in self.index.timed.clone() {
            let Some(slot) = self.wakes.prefetch.get_mut(c as usize) else { continue };
            if slot.is_none_or(|t| t > self.state.now) {
                continue;
            }
            *slot = None;
            let (Some(campaign), Some(of)) =
                (self.program.campaigns.get(c as usize), self.state.campaigns.get(c as usize))
            else {
                continue;
            };
            if may_open(campaign, &self.program, &self.state, None, host).is_none()
                && caps_allow(campaign, of, &self.state)
                && let variant = self.variant_of(campaign, of)
                && let Some(variant) = campaign.variants.get(usize::from(variant)).or(campaign.variants.first())
            {
                out.push(Effect::Prefetch { campaign: campaign.id.clone(), variant: variant.id.clone() });
            }
        }
    }

    fn event(&mut self, name: &str, props: &Value, at: Timestamp, here: bool, host: &dyn Host, out: &mut Vec<Effect>) {
        let mut touched = Vec::new();
        if self.state.session.number == 0 || at >= self.state.session.last_event + SESSION_GAP {
            self.begin_session(at, &mut touched);
        }
        self.state.session.last_event = self.state.session.last_event.max(at);
        if name == names::PAGE_VIEW {
            self.state.session.page_views = self.state.session.page_views.saturating_add(1);
            let views = f64::from(self.state.session.page_views);
            self.state.attributes.set("session", "page_views", views.into());
            if here {
                self.begin_page(props, at, host, out, &mut touched);
            }
        }
        self.shop(name, props, at);
        self.index_event(name, props, at, here, host, out, &mut touched);
        touched.sort_unstable();
        touched.dedup();
        let mut candidates = Vec::new();
        for &c in &touched {
            if self.rises(c) && here {
                candidates.push(Candidate { campaign: c, stage: Stage::Fresh });
            }
        }
        if here && name == names::PAGE_VIEW {
            self.retry_waiting(candidates, Some(props), host, out);
        } else {
            self.arbitrate(candidates, Some(props), host, out);
        }
        for c in touched {
            self.schedule(c);
        }
    }

    fn begin_session(&mut self, at: Timestamp, touched: &mut Vec<u32>) {
        let before = self.state.session.clone();
        self.state.session.number = before.number.saturating_add(1);
        self.state.session.started = at;
        self.state.session.page_views = 0;
        let days = (before.number > 0).then(|| (at - before.last_event).0.div_euclid(86_400_000));
        self.state.attributes.session_start(self.state.session.number, at, days);
        let m = Moment { now: self.state.now, page: self.state.page.as_ref() };
        for &c in &self.index.session {
            let (Some(campaign), Some(of)) =
                (self.program.campaigns.get(c as usize), self.state.campaigns.get_mut(c as usize))
            else {
                continue;
            };
            for (leaf, s) in campaign.leaves.iter().zip(&mut of.leaves) {
                s.session_start(leaf, m);
            }
            if of.held == Held::Session {
                of.held = Held::No;
            }
            touched.push(c);
        }
    }

    fn end_page(&mut self) {
        let m = Moment { now: self.state.now, page: self.state.page.as_ref() };
        for &c in &self.index.page {
            let (Some(campaign), Some(of)) =
                (self.program.campaigns.get(c as usize), self.state.campaigns.get_mut(c as usize))
            else {
                continue;
            };
            for (leaf, s) in campaign.leaves.iter().zip(&mut of.leaves) {
                s.page_end(leaf, m);
            }
        }
        self.state.page = None;
    }

    fn begin_page(
        &mut self,
        props: &Value,
        at: Timestamp,
        host: &dyn Host,
        out: &mut Vec<Effect>,
        touched: &mut Vec<u32>,
    ) {
        self.end_page();
        let now = self.state.now;
        let mut page =
            Page { started: at, active: Default::default(), active_since: None, active_until: Timestamp::default() };
        if self.state.visible {
            page.wake(now);
        }
        self.state.page = Some(page);
        self.state.left = false;
        self.state.attributes.page_view(props);
        for &c in &self.index.page {
            let (Some(campaign), Some(of)) =
                (self.program.campaigns.get(c as usize), self.state.campaigns.get_mut(c as usize))
            else {
                continue;
            };
            for (leaf, s) in campaign.leaves.iter().zip(&mut of.leaves) {
                let matching = page_matches(leaf, &self.program, &self.state.attributes, host);
                s.page_start(leaf, matching);
            }
            touched.push(c);
        }
        for (campaign, of) in self.program.campaigns.iter().zip(&self.state.campaigns) {
            if of.showing.is_none() {
                continue;
            }
            let scope = Scope { attributes: &self.state.attributes, event: None };
            let for_page = |i: u16| match campaign.leaves.get(usize::from(i)) {
                Some(leaf) => page_matches(leaf, &self.program, &self.state.attributes, host),
                None => true,
            };
            let stays = campaign.audience.is_none_or(|a| holds(self.program.cond(a), &scope, host))
                && fits_page(&campaign.trigger, &for_page);
            if !stays {
                out.push(Effect::Retract { campaign: campaign.id.clone() });
            }
        }
    }

    /// The end of a page can make a negated stay false, and so open something.
    fn page_is_over(&mut self, host: &dyn Host, out: &mut Vec<Effect>) {
        self.end_page();
        let touched = self.index.page.clone();
        let mut candidates = Vec::new();
        for &c in &touched {
            if self.rises(c) {
                candidates.push(Candidate { campaign: c, stage: Stage::Fresh });
            }
        }
        self.arbitrate(candidates, None, host, out);
        for c in touched {
            self.schedule(c);
        }
    }

    fn shop(&mut self, name: &str, props: &Value, at: Timestamp) {
        let mut is_new = true;
        if name == names::PURCHASE
            && let Some(id) = props.get("transaction_id").and_then(Value::as_str)
        {
            is_new = !self.state.orders.iter().any(|o| **o == *id);
            if is_new {
                self.state.orders.push(id.into());
                if self.state.orders.len() > ORDERS_KEPT {
                    self.state.orders.remove(0);
                }
            }
        }
        self.state.attributes.shop_event(name, props, at, is_new);
    }

    /// Cancels, then leaves, then goals of the campaigns that the index names for an event.
    #[expect(clippy::too_many_arguments, reason = "one event's whole context, passed on once")]
    fn index_event(
        &mut self,
        name: &str,
        props: &Value,
        at: Timestamp,
        here: bool,
        host: &dyn Host,
        out: &mut Vec<Effect>,
        touched: &mut Vec<u32>,
    ) {
        let Engine { program, state, index, .. } = self;
        let named = index.entries(name).unwrap_or_default();
        // A strict sequence that names this event has it among the named already.
        let others = index.every_event.iter().filter(|entry| !named.contains(entry));
        let State { campaigns, attributes, any, now, session, .. } = state;
        let scope = Scope { attributes, event: Some(props) };
        let happening = Happening { name, props, at, here, session_started: session.started };
        for &(c, role) in named.iter().chain(others) {
            let (Some(campaign), Some(of), Some(negated)) =
                (program.campaigns.get(c as usize), campaigns.get_mut(c as usize), index.negated.get(c as usize))
            else {
                continue;
            };
            match role {
                Role::Cancel(i) => {
                    let Some(cancel) = campaign.cancel.get(usize::from(i)) else { continue };
                    if !is_meant(&cancel.of, name, program, &scope, host) {
                        continue;
                    }
                    use_up(campaign, of, negated);
                    of.held = longer(of.held, cancel.hold, *now);
                    touched.push(c);
                    if of.armed.take().is_some() {
                        out.push(Effect::Decision(Decision {
                            at: *now,
                            campaign: campaign.id.clone(),
                            variant: "".into(),
                            outcome: Outcome::Suppressed,
                            gate: Some(Gate::Cancel),
                            phase: campaign.phase,
                        }));
                    }
                    if of.showing.is_some() {
                        out.push(Effect::Retract { campaign: campaign.id.clone() });
                    }
                }
                Role::Leaf(i) => {
                    let i = usize::from(i);
                    if let Some((leaf, s)) = campaign.leaves.get(i).zip(of.leaves.get_mut(i)) {
                        s.event(leaf, happening, program, &scope, host);
                        touched.push(c);
                    }
                }
                Role::Goal => {
                    let (Some(goal), Some(exposed)) = (&campaign.goal, of.exposed_at) else { continue };
                    if at >= exposed && at < exposed + goal.within && is_meant(&goal.of, name, program, &scope, host) {
                        of.exposed_at = None;
                        of.records.of_mut(CapEvent::Converted).add(at);
                        any.of_mut(CapEvent::Converted).add(at);
                        out.push(Effect::Converted { campaign: campaign.id.clone() });
                    }
                }
            }
        }
    }

    fn facts(&mut self, facts: &Value) {
        self.state.attributes.facts(facts);
        if let Some(caps) = facts.get("caps") {
            self.cap_facts(caps);
        }
    }

    /// What campaigns did on this person's other devices.
    fn cap_facts(&mut self, caps: &Value) {
        for (campaign, of) in self.program.campaigns.iter().zip(&mut self.state.campaigns) {
            let Some(told) = caps.get(&campaign.id) else { continue };
            for (kind, total, last) in [
                (CapEvent::Shown, "shown", "last_shown"),
                (CapEvent::Closed, "closed", "last_closed"),
                (CapEvent::Clicked, "clicked", "last_clicked"),
                (CapEvent::Converted, "converted", "last_converted"),
            ] {
                let number = |key: &str| told.get(key).and_then(Value::as_num).unwrap_or(0.0);
                for records in [&mut of.records, &mut self.state.any] {
                    let record = records.of_mut(kind);
                    let last = Timestamp(number(last) as i64).min(self.state.now);
                    if last.0 > 0 && record.times.last().is_none_or(|t| *t < last) {
                        record.add(last);
                    }
                }
                let record = of.records.of_mut(kind);
                record.total = record.total.max(number(total) as u32);
            }
        }
    }

    fn widget(&mut self, id: &str, news: WidgetNews, host: &dyn Host, out: &mut Vec<Effect>) {
        let Some(c) = self.find(id) else { return };
        let now = self.state.now;
        match news {
            WidgetNews::Clicked => self.record(id, CapEvent::Clicked, now),
            WidgetNews::Closed => self.record(id, CapEvent::Closed, now),
            WidgetNews::Failed | WidgetNews::Retracted => {}
        }
        if news != WidgetNews::Clicked {
            if let Some((_, of)) = self.pair(c) {
                of.showing = None;
            }
            self.retry_waiting(Vec::new(), None, host, out);
            self.schedule(c);
        }
    }

    fn record(&mut self, id: &str, what: CapEvent, at: Timestamp) {
        let Some(c) = self.find(id) else { return };
        if let Some((_, of)) = self.pair(c) {
            of.records.of_mut(what).add(at);
        }
        self.state.any.of_mut(what).add(at);
    }

    /// Ask those that wait once more, together with what has just opened.
    fn retry_waiting(
        &mut self,
        mut candidates: Vec<Candidate>,
        event: Option<&Value>,
        host: &dyn Host,
        out: &mut Vec<Effect>,
    ) {
        let fresh: Vec<u32> = candidates.iter().map(|c| c.campaign).collect();
        for c in 0..self.campaign_count() {
            if fresh.contains(&c) {
                continue;
            }
            let Some((_, of)) = self.pair(c) else { continue };
            if let Some(Armed { due, behind: Some(_) }) = of.armed {
                of.armed = None;
                candidates.push(Candidate { campaign: c, stage: Stage::Waiting(due) });
            }
        }
        let asked: Vec<u32> = candidates.iter().map(|c| c.campaign).collect();
        self.arbitrate(candidates, event, host, out);
        for c in asked {
            self.schedule(c);
        }
    }
}

fn set_wake(
    list: &mut [Option<Timestamp>],
    heap: &mut BinaryHeap<Reverse<(Timestamp, u32, Wake)>>,
    at: Option<Timestamp>,
    c: u32,
    wake: Wake,
) {
    let Some(slot) = list.get_mut(c as usize) else { return };
    if *slot != at {
        *slot = at;
        if let Some(at) = at {
            heap.push(Reverse((at, c, wake)));
        }
    }
}

fn use_up(campaign: &Campaign, of: &mut CampaignState, negated: &[bool]) {
    for ((s, leaf), negated) in of.leaves.iter_mut().zip(&campaign.leaves).zip(negated) {
        if !negated {
            s.use_up(leaf);
        }
    }
}

/// The longer of two holds: for good beats a time, a later time an earlier one, any time the session.
fn longer(held: Held, hold: Hold, now: Timestamp) -> Held {
    match (held, hold) {
        (Held::Always, _) | (_, Hold::Visitor) => Held::Always,
        (Held::Until(end), Hold::For(d)) => Held::Until(end.max(now + d)),
        (_, Hold::For(d)) => Held::Until(now + d),
        (Held::Until(end), Hold::Session) if now < end => held,
        (_, Hold::Session) => Held::Session,
    }
}

pub(crate) fn page_matches(
    leaf: &Leaf,
    program: &Program,
    attributes: &crate::attributes::Attributes,
    host: &dyn Host,
) -> bool {
    match leaf {
        Leaf::Dwell { page, .. } => {
            page.is_none_or(|c| holds(program.cond(c), &Scope { attributes, event: None }, host))
        }
        _ => true,
    }
}

/// Whether a variant number means that nothing is shown.
fn is_control(variant: u16) -> bool {
    variant == CONTROL
}
