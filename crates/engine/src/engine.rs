//! The step: due deadlines, then the input, then the decisions that both opened.
//!
//! ```text
//!            event, page, time                    gates pass                 surface free
//! watching ───────────────────▶ opened ──▶ armed(delay) ──▶ contending ──▶ shown | control
//!     ▲                           │             │                │  ▲
//!     └────────── suppressed ◀────┴─────────────┴────────────────┘  └── armed(wait)
//! ```
//!
//! An event touches only the campaigns the program's lists name for it; time costs the height of a tree a deadline that moves.

mod arbiter;

use crate::attributes::Attributes;
use crate::condition::{Host, Judge};
use crate::deadlines::{Deadlines, NEVER};
use crate::effect::{Act, Gate, What};
use crate::gate::may_open;
use crate::input::{Told, WidgetNews};
#[cfg(not(target_family = "wasm"))]
use crate::listen::{begun, heard};
use crate::pattern::{Happening, LeafNews, formula, hash, is_meant, page_matches};
use crate::state::{Course, DELAY, Moment, NONE, ORDERS_KEPT, PREFETCH_AHEAD, Page, SESSION_GAP, State, insert, kind};
use noren_event::packed::{self, Item, Reader, view};
use noren_event::{Duration, Timestamp, names};
use noren_program::Image;
use noren_program::codec::kind as leaf_kind;
use noren_program::image::{OccursView, Role, WindowView};

/// Decides for one visitor on one device.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) image: Image,
    pub(crate) unit: Vec<u8>,
    pub(crate) state: State,
    due: Deadlines,
    prefetch: Deadlines,
}

/// What stays the same through one step.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub image: &'a Image,
    pub host: &'a dyn Host,
    /// The properties of the event being taken.
    pub event: Option<&'a [u8]>,
}

impl<'a> Context<'a> {
    pub(crate) fn judge(&self, attributes: &'a Attributes) -> Judge<'a> {
        Judge { image: self.image, attributes, event: self.event, host: self.host }
    }
}

/// A campaign whose decision is open at this moment.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    campaign: u32,
    /// Whether it has just opened. If not, its delay is over, or it waits.
    fresh: bool,
    /// Up to when it waits already, behind another; [`NONE`] if it does not.
    until: Timestamp,
    /// Once it contends, its campaign's priority.
    priority: u16,
}

/// What [`Engine::settle`] is to do: a trigger that is true opens a decision.
const OPEN: u8 = 1;
/// A delay or a wait may be over.
const DUE: u8 = 2;
/// Those that wait are asked once more, together with what has just opened.
const RETRY: u8 = 4;

impl Engine {
    /// An engine for a visitor never seen before. `unit` is what assignment hashes: the device's public id.
    pub fn new(image: Image, unit: impl AsRef<[u8]>) -> Engine {
        let state = State::new(&image);
        Engine::with_state(image, unit.as_ref().into(), state)
    }

    pub(crate) fn with_state(image: Image, unit: Vec<u8>, state: State) -> Engine {
        let n = image.campaigns();
        Engine { image, unit, state, due: Deadlines::new(n), prefetch: Deadlines::new(n) }
    }

    /// The program it decides by.
    pub fn image(&self) -> &Image {
        &self.image
    }

    /// What it remembers.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The next moment at which it wants to be told the time, if nothing else comes before.
    pub fn next_deadline(&self) -> Option<Timestamp> {
        let next = self.due.next().min(self.prefetch.next());
        (next != NEVER).then_some(next)
    }

    /// Take one input at a moment. A `now` before the last is taken as the last. Cost: the campaigns the input can change, and a
    /// logarithm for each deadline that moves.
    pub fn take(&mut self, now: Timestamp, told: Told, host: &dyn Host) -> Vec<Act> {
        let image = self.image.clone();
        let mut cx = Context { image: &image, host, event: None };
        let mut out = Vec::new();
        let now = now.max(self.state.moment.now).min(Timestamp::MAX);
        self.run_deadlines(now, &cx, &mut out);
        self.state.moment.now = now;
        match told {
            Told::Event { name, props, page, at, here } => {
                cx.event = Some(props);
                self.event(name, page, at.clamp(Timestamp::MIN, now), here, &cx, &mut out);
            }
            Told::Visible => {
                self.state.visible = true;
                self.wake(&cx);
                self.settle(Vec::new(), RETRY, &cx, &mut out);
            }
            Told::Hidden => {
                self.state.visible = false;
                self.state.moment.page.rest(now);
                self.schedule_active(&cx);
            }
            Told::Active => {
                if self.state.visible {
                    self.wake(&cx);
                }
            }
            Told::Leave => {
                self.state.left = true;
                for c in core::mem::take(&mut self.state.on_screen) {
                    if let Some(of) = self.course(c) {
                        of.showing = 0;
                    }
                }
                self.page_is_over(&cx, &mut out);
            }
            Told::PageEnd => self.page_is_over(&cx, &mut out),
            Told::Facts(facts) => {
                self.state.attributes.facts(facts);
                if let Some(caps) = packed::get(facts, b"caps") {
                    self.cap_facts(caps);
                }
                // What other devices have done completes nothing here: the device where something happened decides.
                if packed::get(facts, b"counts").is_some() {
                    self.settle((0..image.campaigns()).collect(), 0, &cx, &mut out);
                }
            }
            Told::Attributes(root, value) => self.state.attributes.set_root(root, value.into()),
            Told::Consent(granted) => self.state.consent = granted.into(),
            Told::Widget(campaign, news) => self.widget(campaign, news, &cx, &mut out),
            Told::Record { campaign, what, at } => {
                if let Some(c) = self.image.find(campaign) {
                    self.record(c, what, at.min(now));
                }
            }
            Told::Time => {}
        }
        self.prefetch_soon(&cx, &mut out);
        out
    }

    fn course(&mut self, c: u32) -> Option<&mut Course> {
        self.state.courses.get_mut(c as usize)
    }

    /// Let something happen to every leaf of a campaign.
    pub(crate) fn each_leaf(&mut self, c: u32, what: LeafNews, cx: &Context) {
        for i in cx.image.leaves(c) {
            self.one_leaf(c, i, what, cx);
        }
    }

    /// Let something happen to one of all leaves. Whether a page or a session changed it; a stay that begins is kept in mind for the page's end.
    fn one_leaf(&mut self, c: u32, i: u32, what: LeafNews, cx: &Context) -> bool {
        let State { leaves, attributes, moment, staying, .. } = &mut self.state;
        let Some(s) = leaves.get_mut(i as usize) else { return false };
        // Pages are judged without the event that began them.
        let judge = Context { event: None, ..*cx }.judge(attributes);
        let leaf = cx.image.leaf(i);
        let changed = s.news(&leaf, what, moment, &judge);
        if changed && leaf.kind == leaf_kind::DWELL {
            staying.push((c, i));
        }
        self.is_inert(c);
        changed
    }

    /// Whether a campaign opens nothing on this page, because one of its conditions could not be told there: the last one judged, or before.
    fn is_inert(&mut self, c: u32) -> bool {
        let Moment { now, page } = self.state.moment;
        let doubt = self.state.attributes.doubt.take();
        let Some(of) = self.course(c) else { return false };
        if doubt {
            of.doubted = now + Duration(1);
        }
        of.doubted > page.started
    }

    fn act(&self, what: What, c: u32, variant: u32, cx: &Context) -> Act {
        Act { what, at: self.state.moment.now, campaign: cx.image.id(c).into(), number: c, variant }
    }

    fn run_deadlines(&mut self, now: Timestamp, cx: &Context, out: &mut Vec<Act>) {
        // Never comes after every moment there is.
        while self.due.next() <= now {
            let t = self.due.next();
            let mut touched = Vec::new();
            while let Some(c) = self.due.take(t) {
                touched.push(c);
            }
            self.state.moment.now = self.state.moment.now.max(t);
            self.settle(touched, OPEN | DUE, cx, out);
        }
    }

    /// Look at what may have opened among the campaigns that were touched (ascending), decide, and work out when time will next change them.
    fn settle(&mut self, mut touched: Vec<u32>, how: u8, cx: &Context, out: &mut Vec<Act>) {
        let mut candidates = Vec::new();
        for &c in &touched {
            if self.rises(c, cx) && how & OPEN != 0 {
                candidates.push(Candidate { campaign: c, fresh: true, until: NONE, priority: 0 });
            }
            if how & DUE != 0 {
                self.armed_is_due(c, &mut candidates, cx, out);
            }
        }
        if how & RETRY != 0 {
            for c in core::mem::take(&mut self.state.waiting) {
                let Some(of) = self.course(c) else { continue };
                if of.is_armed() && of.behind != DELAY {
                    let until = core::mem::replace(&mut of.armed, NONE);
                    let place = candidates.partition_point(|other| other.campaign < c);
                    candidates.insert(place, Candidate { campaign: c, fresh: false, until, priority: 0 });
                    touch(&mut touched, c);
                }
            }
        }
        self.arbitrate(candidates, cx, out);
        for c in touched {
            self.schedule(c, cx);
        }
    }

    /// A delay that ends becomes a candidate, a wait that ends an outcome.
    fn armed_is_due(&mut self, c: u32, candidates: &mut Vec<Candidate>, cx: &Context, out: &mut Vec<Act>) {
        let now = self.state.moment.now;
        let Some(of) = self.course(c) else { return };
        if !of.is_armed() || of.armed > now {
            return;
        }
        of.armed = NONE;
        match Gate::awaited(of.behind) {
            None => candidates.push(Candidate { campaign: c, fresh: false, until: NONE, priority: 0 }),
            Some(gate) => self.suppress(c, gate, cx, out),
        }
    }

    fn suppress(&mut self, c: u32, gate: Gate, cx: &Context, out: &mut Vec<Act>) {
        if let Some(of) = self.course(c) {
            of.armed = NONE;
        }
        out.push(self.act(What::Suppressed(gate), c, 0, cx));
    }

    /// Whether the trigger is true at this moment and may open a decision. A true trigger is used up, whether it opens or is absorbed by
    /// a hold or an armed decision.
    fn rises(&mut self, c: u32, cx: &Context) -> bool {
        let m = &self.state.moment;
        let first = cx.image.leaves(c).start;
        let truth = |i: u32| {
            let i = first.wrapping_add(i);
            self.state.leaves.get(i as usize).is_some_and(|s| s.truth(&cx.image.leaf(i), m, &self.state.attributes))
        };
        if !formula(&mut Reader::new(cx.image.trigger(c)), false, &truth) {
            return false;
        }
        self.each_leaf(c, LeafNews::UsedUp, cx);
        let State { courses, session, moment, .. } = &self.state;
        courses.get(c as usize).is_some_and(|of| !of.is_armed() && !of.is_held(moment.now, session))
    }

    /// Work out anew when time will next change a campaign.
    pub(crate) fn schedule(&mut self, c: u32, cx: &Context) {
        let m = &self.state.moment;
        let mut due = NEVER;
        for i in cx.image.leaves(c) {
            let known = &self.state.attributes;
            let deadline = self.state.leaves.get(i as usize).map_or(NEVER, |s| s.deadline(&cx.image.leaf(i), m, known));
            // A moment that is past has been looked at; asking for it again would never end.
            if deadline > m.now {
                due = due.min(deadline);
            }
        }
        let Some(of) = self.state.courses.get(c as usize) else { return };
        let mut prefetch = NEVER;
        if of.is_armed() {
            due = due.min(of.armed);
        } else if due != NEVER && of.showing == 0 && !of.is_held(m.now, &self.state.session) {
            prefetch = due - PREFETCH_AHEAD;
        }
        self.due.set(c, due);
        self.prefetch.set(c, prefetch);
    }

    fn schedule_active(&mut self, cx: &Context) {
        for c in cx.image.active() {
            self.schedule(c, cx);
        }
    }

    /// Attention begins or goes on.
    fn wake(&mut self, cx: &Context) {
        self.state.moment.page.wake(self.state.moment.now);
        self.schedule_active(cx);
    }

    /// Name the campaigns whose content will be wanted within [`PREFETCH_AHEAD`].
    fn prefetch_soon(&mut self, cx: &Context, out: &mut Vec<Act>) {
        let cx = &Context { event: None, ..*cx };
        while let Some(c) = self.prefetch.take(self.state.moment.now) {
            let head = cx.image.head(c);
            let Some(of) = self.state.courses.get(c as usize) else { continue };
            if may_open(&head, &self.state, &cx.judge(&self.state.attributes)).is_none()
                && self.limit(c, &head, cx).is_none()
            {
                let chosen = self.variant_of(&head, of, cx);
                // For a visitor in the control share too: who listens on the line must not learn who is.
                let variant = if cx.image.variant_at(head.variants, chosen).is_some() { chosen } else { 0 };
                out.push(self.act(What::Prefetch, c, variant, cx));
            }
        }
        // A look ahead decides nothing.
        self.state.attributes.doubt.take();
    }

    fn event(&mut self, name: &[u8], page: &[u8], at: Timestamp, here: bool, cx: &Context, out: &mut Vec<Act>) {
        let mut touched = Vec::new();
        let props = cx.event.unwrap_or_default();
        if self.state.session.number == 0 || at >= self.state.session.last_event + SESSION_GAP {
            self.begin_session(at, cx, &mut touched);
        }
        let session = &mut self.state.session;
        session.last_event = session.last_event.max(at);
        let viewed = name == names::PAGE_VIEW.as_bytes();
        if viewed {
            session.page_views = session.page_views.saturating_add(1);
            self.state.attributes.set_number(b"session", b"page_views", f64::from(session.page_views));
            if here {
                self.begin_page(page, at, cx, out, &mut touched);
            }
        }
        self.shop(name, props, at);
        self.roles(name, props, at, here, cx, out, &mut touched);
        let how = if here && viewed {
            OPEN | RETRY
        } else if here {
            OPEN
        } else {
            0
        };
        self.settle(touched, how, cx, out);
    }

    fn begin_session(&mut self, at: Timestamp, cx: &Context, touched: &mut Vec<u32>) {
        let session = &mut self.state.session;
        let days = (session.number > 0).then(|| (at - session.last_event).0.div_euclid(86_400_000));
        session.number = session.number.saturating_add(1);
        session.started = at;
        session.page_views = 0;
        self.state.attributes.session_start(self.state.session.number, at, days);
        for c in cx.image.session() {
            for i in cx.image.leaves(c) {
                // Who counted nothing has nothing to forget.
                if self.state.leaves.get(i as usize).is_some_and(|s| !s.rests())
                    && self.one_leaf(c, i, LeafNews::Session, cx)
                {
                    touch(touched, c);
                }
            }
        }
    }

    fn end_page(&mut self, cx: &Context, touched: &mut Vec<u32>) {
        for (c, i) in core::mem::take(&mut self.state.staying) {
            self.one_leaf(c, i, LeafNews::PageEnd, cx);
            touch(touched, c);
        }
        self.state.moment.page = Page::CLOSED;
    }

    fn begin_page(&mut self, page: &[u8], at: Timestamp, cx: &Context, out: &mut Vec<Act>, touched: &mut Vec<u32>) {
        self.end_page(cx, touched);
        self.state.moment.page = Page { started: at, ..Page::CLOSED };
        if self.state.visible {
            self.state.moment.page.wake(self.state.moment.now);
        }
        self.state.left = false;
        self.state.attributes.set_root(b"page", page.into());
        #[cfg(target_family = "wasm")]
        let roles = cx.image.page(page);
        #[cfg(not(target_family = "wasm"))]
        let roles = begun(page, cx, &self.state.attributes);
        for Role { campaign: c, number, .. } in roles {
            // Others are as the end of the page before left them.
            if self.one_leaf(c, cx.image.leaves(c).start.wrapping_add(number), LeafNews::Page, cx) {
                touch(touched, c);
            }
        }
        let judge = Context { event: None, ..*cx }.judge(&self.state.attributes);
        for &c in &self.state.on_screen {
            let head = cx.image.head(c);
            let first = cx.image.leaves(c).start;
            let for_page = |i: u32| page_matches(&cx.image.leaf(first.wrapping_add(i)), &judge);
            if !(judge.holds(head.audience) && formula(&mut Reader::new(head.trigger), true, &for_page)) {
                out.push(self.act(What::Retract, c, 0, cx));
            }
        }
        // Whether a widget stays is no question of whether its campaign opens.
        self.state.attributes.doubt.take();
    }

    /// The end of a page can make a negated stay false, and so open something.
    fn page_is_over(&mut self, cx: &Context, out: &mut Vec<Act>) {
        let mut touched = Vec::new();
        self.end_page(cx, &mut touched);
        self.settle(touched, OPEN, cx, out);
    }

    fn shop(&mut self, name: &[u8], props: &[u8], at: Timestamp) {
        let mut is_new = true;
        if name == names::PURCHASE.as_bytes()
            && let Some(id) = packed::get(props, b"transaction_id")
            && packed::text(id).is_some()
        {
            let orders = &mut self.state.orders;
            let id = hash(id);
            is_new = !orders.iter().any(|(_, o)| *o == id);
            if is_new {
                insert(orders, self.state.moment.now, id, ORDERS_KEPT);
            }
        }
        self.state.attributes.shop_event(name, props, at, is_new);
    }

    /// Cancels, then leaves, then goals of the campaigns that the program names for an event.
    #[expect(clippy::too_many_arguments, reason = "one event's whole context, passed on once")]
    fn roles(
        &mut self,
        name: &[u8],
        props: &[u8],
        at: Timestamp,
        here: bool,
        cx: &Context,
        out: &mut Vec<Act>,
        touched: &mut Vec<u32>,
    ) {
        #[cfg(target_family = "wasm")]
        let (name, roles) = cx.image.event(name, props);
        #[cfg(not(target_family = "wasm"))]
        let (name, roles) = heard(name, props, cx, &self.state.attributes);
        let happening = Happening { name, props, at, here, session_started: self.state.session.started };
        for Role { what, campaign: c, number } in roles {
            match what {
                Role::LEAF => {
                    let i = cx.image.leaves(c).start.wrapping_add(number);
                    let State { leaves, attributes, .. } = &mut self.state;
                    // What an event means nothing to is as it was: time has been looked at before the event.
                    if let Some(s) = leaves.get_mut(i as usize)
                        && s.event(&cx.image.leaf(i), happening, &cx.judge(attributes))
                    {
                        touch(touched, c);
                    }
                }
                Role::CANCEL => {
                    let mut r = Reader::new(cx.image.head(c).cancel);
                    for _ in 0..number {
                        OccursView::read(&mut r);
                        WindowView::read(&mut r);
                    }
                    let of = OccursView::read(&mut r);
                    if is_meant(of, name, &cx.judge(&self.state.attributes)) {
                        self.cancel(c, WindowView::read(&mut r), cx, out);
                        touch(touched, c);
                    }
                }
                _ => self.goal(c, happening, cx, out),
            }
            self.is_inert(c);
        }
    }

    fn cancel(&mut self, c: u32, hold: WindowView, cx: &Context, out: &mut Vec<Act>) {
        let now = self.state.moment.now;
        self.each_leaf(c, LeafNews::UsedUp, cx);
        let State { courses, session, .. } = &mut self.state;
        let Some(of) = courses.get_mut(c as usize) else { return };
        of.hold(hold, now, session);
        let (was_armed, shows) = (of.is_armed(), of.showing != 0);
        if was_armed {
            self.suppress(c, Gate::Cancel, cx, out);
        }
        if shows {
            out.push(self.act(What::Retract, c, 0, cx));
        }
    }

    fn goal(&mut self, c: u32, e: Happening, cx: &Context, out: &mut Vec<Act>) {
        let Some(exposed) = self.course(c).map(|of| of.exposed) else { return };
        let mut r = Reader::new(cx.image.head(c).goal);
        let of = OccursView::read(&mut r);
        let within = Duration(r.uint() as i64);
        if exposed != NONE
            && e.at >= exposed
            && e.at < exposed + within
            && is_meant(of, e.name, &cx.judge(&self.state.attributes))
        {
            if let Some(of) = self.course(c) {
                of.exposed = NONE;
            }
            self.record(c, kind::CONVERTED, e.at);
            out.push(self.act(What::Converted, c, 0, cx));
        }
    }

    /// What campaigns did on this person's other devices.
    fn cap_facts(&mut self, caps: &[u8]) {
        const KEYS: [(&[u8], &[u8]); 4] = [
            (b"shown", b"last_shown"),
            (b"closed", b"last_closed"),
            (b"clicked", b"last_clicked"),
            (b"converted", b"last_converted"),
        ];
        let Item::Map(members) = view(caps) else { return };
        let now = self.state.moment.now;
        for (id, told) in members {
            let State { courses, any, .. } = &mut self.state;
            let Some(of) = self.image.find(id).and_then(|c| courses.get_mut(c as usize)) else { continue };
            let number = |key: &[u8]| packed::get(told, key).and_then(packed::number).unwrap_or(0.0);
            for (kind, (total, last)) in (0..).zip(KEYS) {
                let last = Timestamp(number(last) as i64).min(now);
                for records in [&mut of.records, any] {
                    if last.0 > 0 && records.of(kind).next_back().is_none_or(|t| t < last) {
                        records.add(kind, last);
                    }
                }
                let own = of.records.total(kind);
                *own = (*own).max(number(total) as u32);
            }
        }
    }

    fn widget(&mut self, id: &[u8], news: WidgetNews, cx: &Context, out: &mut Vec<Act>) {
        let Some(c) = self.image.find(id) else { return };
        match news {
            WidgetNews::Clicked => return self.record(c, kind::CLICKED, self.state.moment.now),
            WidgetNews::Closed => self.record(c, kind::CLOSED, self.state.moment.now),
            WidgetNews::Failed | WidgetNews::Retracted => {}
        }
        if let Some(of) = self.course(c) {
            of.showing = 0;
        }
        self.state.on_screen.retain(|other| *other != c);
        self.settle(Vec::new(), RETRY, cx, out);
        self.schedule(c, cx);
    }

    fn record(&mut self, c: u32, what: u8, at: Timestamp) {
        self.state.any.add(what, at);
        if let Some(of) = self.course(c) {
            of.records.add(what, at);
        }
    }
}

/// Put a number into an ascending list, once. Campaigns come in runs that ascend, so nearly always at the end or found.
pub(crate) fn touch(list: &mut Vec<u32>, n: u32) {
    if let Err(place) = list.binary_search(&n) {
        list.insert(place, n);
    }
}
