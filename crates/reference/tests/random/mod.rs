//! Random campaigns and random logs: small vocabularies and round times, so that matches, ties and boundaries are common.

pub mod full;
pub mod log;

use noren_event::{Duration, Timestamp, Value};
use noren_program::{
    CapEvent, Caps, Clock, Cond, Hold, Order, Reach, ShowAgain, StopAfter, Surface, Test, Whose, Window,
};
use noren_rule::ast::{
    Campaign, Cancel, Days, Exclusive, Goal, LocalTime, Occurs, Schedule, Status, Stop, Text, Trigger, Variant,
};

/// Where every log starts: 2026-01-01T00:00:00Z.
pub const START: Timestamp = Timestamp(1_767_225_600_000);
const NEW_YEAR: LocalTime = LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0 };
const EVENTS: [&str; 4] = ["view_item", "add_to_cart", "purchase", "search"];
const PATHS: [&str; 3] = ["/", "/p/1", "/cart"];

/// A small generator (SplitMix64: Steele, Lea, Flood 2014), so that a seed means the same everywhere.
pub struct Random {
    state: u64,
    /// Long logs of few kinds of events, and rules that look far back: what is bounded overflows.
    pub is_flood: bool,
    /// Only what is the device's and not a tab's: no pages, no widgets, nothing that time alone makes true, nothing that cannot be told on a page.
    pub is_of_device: bool,
}

impl Random {
    pub fn new(seed: u64) -> Random {
        let state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d;
        Random { state, is_flood: false, is_of_device: false }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    /// True in so many of a hundred cases.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize].clone()
    }

    fn span(&mut self) -> Duration {
        self.pick(&[
            Duration::seconds(10),
            Duration::seconds(30),
            Duration::seconds(60),
            Duration::minutes(10),
            Duration::minutes(30),
            Duration::hours(2),
        ])
    }

    fn window(&mut self) -> Window {
        match self.below(4) {
            0 if !self.is_of_device => Window::Page,
            0 => Window::Visitor,
            1 => Window::Session,
            2 => Window::Visitor,
            _ => Window::Last(self.span()),
        }
    }

    fn occurs(&mut self) -> Occurs {
        let event = if self.chance(15) { "page_view" } else { self.pick(&EVENTS) };
        let cond = self.chance(25).then(|| {
            let all = [
                Cond::Attr { path: "event.value".into(), test: Test::Gte(2.0.into()) },
                Cond::Attr { path: "cart.quantity".into(), test: Test::Gt(0.0.into()) },
                slow("event.transaction_id", "slowt"),
                Cond::Attr { path: "page.path".into(), test: Test::Eq("/p/1".into()) },
            ];
            let most = all.len() as u64 - 2 * u64::from(self.is_of_device);
            all[self.below(most) as usize].clone()
        });
        Occurs { event: event.into(), cond }
    }

    /// How many: few, or in a flood about as many as are kept.
    fn many(&mut self) -> u16 {
        if self.is_flood && self.chance(70) { self.pick(&[20, 40, 99, 100]) } else { 1 + self.below(3) as u16 }
    }

    fn leaf(&mut self) -> Trigger {
        let kind = self.below(10);
        match kind {
            0..=3 => Trigger::Count { of: self.occurs(), at_least: self.many(), window: self.window() },
            4 => self.newer_leaf(),
            _ if self.is_of_device || (self.is_flood && self.chance(60)) => self.newer_leaf(),
            5..=7 => Trigger::Dwell {
                page: match self.below(10) {
                    0..=3 => None,
                    4 => Some(slow("page.path", "slow/")),
                    _ => Some(Cond::Attr { path: "page.path".into(), test: Test::Eq(self.pick(&PATHS).into()) }),
                },
                time: self.span(),
                clock: self.pick(&[Clock::Wall, Clock::Active]),
                reach: self.pick(&[Reach::Page, Reach::Session]),
            },
            _ => Trigger::Absent { after: self.occurs(), event: self.occurs(), time: self.span() },
        }
    }

    /// What time alone ends.
    fn passing(&mut self) -> Trigger {
        let (of, window) = (self.occurs(), Window::Last(self.span()));
        match self.below(3) {
            0 => Trigger::Count { of, at_least: self.many(), window },
            1 => Trigger::Sum { of, property: "value".into(), at_least_cents: 100 * (1 + self.below(6)), window },
            _ => {
                Trigger::Distinct { of, property: "transaction_id".into(), at_least: 1 + self.below(2) as u16, window }
            }
        }
    }

    /// A count that the edge counts too.
    fn long(&mut self) -> Trigger {
        let of = Occurs { event: self.pick(&EVENTS[..2]).into(), cond: None };
        let at_least = 1 + self.below(4) as u16;
        Trigger::Count { of, at_least, window: Window::Last(self.pick(&[Duration::days(7), Duration::days(30)])) }
    }

    fn newer_leaf(&mut self) -> Trigger {
        match self.below(6) {
            5 => self.long(),
            0 => Trigger::Sum {
                of: self.occurs(),
                property: "value".into(),
                at_least_cents: match self.is_flood {
                    true => self.pick(&[3_000, 14_000, 15_000, 16_000]),
                    false => 100 * (1 + self.below(6)),
                },
                window: self.window(),
            },
            1 => Trigger::Distinct {
                of: self.occurs(),
                property: "transaction_id".into(),
                at_least: self.many(),
                window: self.window(),
            },
            2 => Trigger::Every {
                of: self.occurs(),
                times: 2 + self.below(2) as u16,
                window: if self.is_of_device {
                    self.pick(&[Window::Session, Window::Visitor])
                } else {
                    self.pick(&[Window::Page, Window::Session, Window::Visitor])
                },
            },
            _ => Trigger::Sequence {
                steps: (0..2 + self.below(2)).map(|_| self.occurs()).collect(),
                within: if self.is_flood { Duration::hours(2) } else { self.span() },
                without: self.chance(40).then(|| self.occurs()),
                order: self.pick(&[Order::Eventually, Order::Eventually, Order::Next]),
                same: if self.chance(40) { "transaction_id".into() } else { "".into() },
            },
        }
    }

    fn trigger(&mut self, depth: u32) -> Trigger {
        match self.below(10) {
            0..=4 => self.leaf(),
            _ if depth == 0 => self.leaf(),
            5..=6 => Trigger::Any((0..2).map(|_| self.trigger(depth - 1)).filter(no_negation).collect::<Vec<_>>())
                .or_leaf(self),
            _ => {
                let mut list = vec![self.trigger(depth - 1)];
                if self.chance(50) {
                    list.push(self.trigger(depth - 1));
                }
                if self.chance(70) {
                    let leaf = if self.chance(30) { self.passing() } else { self.leaf() };
                    if !(self.is_of_device && changes_with_time(&leaf)) {
                        list.push(Trigger::Not(Box::new(leaf)));
                    }
                }
                Trigger::All(list)
            }
        }
    }

    /// A stop counts over everything but a page.
    fn stop_window(&mut self) -> Window {
        match self.window() {
            Window::Page => Window::Session,
            other => other,
        }
    }

    fn caps(&mut self, whose: &[Whose]) -> Caps {
        let kinds = [CapEvent::Shown, CapEvent::Closed, CapEvent::Clicked, CapEvent::Converted];
        let mut caps = Caps::default();
        if self.chance(if self.is_flood { 60 } else { 30 }) {
            caps.again.push(ShowAgain { after: self.window(), since: self.pick(&kinds), whose: self.pick(whose) });
        }
        if self.chance(if self.is_flood { 60 } else { 30 }) {
            caps.stop.push(StopAfter {
                times: if self.is_flood { self.pick(&[3, 19, 20]) } else { 1 + self.below(3) as u16 },
                of: self.pick(&kinds),
                within: self.stop_window(),
                whose: self.pick(whose),
            });
        }
        caps
    }

    /// The log begins where the year does in UTC and an hour before it does in the Azores, so days change while it runs.
    fn schedule(&mut self) -> Schedule {
        let eve = LocalTime { year: 2025, month: 12, day: 31, ..NEW_YEAR };
        let mut days = |dates: &[&[LocalTime]]| Days { calendar: "".into(), dates: self.pick(dates).to_vec() };
        let closed = days(&[&[], &[eve], &[NEW_YEAR]]);
        let open = days(&[&[], &[eve], &[NEW_YEAR], &[eve, NEW_YEAR]]);
        // Thursday is the first of January, Wednesday the day before.
        let (hours, weekly) = self.pick(&[
            (vec![], vec![]),
            (vec![], vec![(3 * 1_440, 4 * 1_440)]),
            (vec![(0, 10), (60, 1_440)], vec![(2 * 1_440, 2 * 1_440 + 10), (2 * 1_440 + 60, 3 * 1_440)]),
        ]);
        Schedule {
            zone: self.pick(&["UTC", "Atlantic/Azores"]).into(),
            from: self.pick(&[None, Some(LocalTime { minute: 5, ..NEW_YEAR })]),
            until: None,
            weekly,
            hours,
            closed,
            open,
        }
    }

    fn audience(&mut self) -> Option<Cond> {
        let all = [
            Cond::Attr { path: "visitor.purchases".into(), test: Test::Eq(Value::Null) },
            Cond::Attr { path: "visitor.visits".into(), test: Test::Lt(3.0.into()) },
            Cond::Attr { path: "event.value".into(), test: Test::Exists(true) },
            Cond::Attr { path: "event.value".into(), test: Test::Gte(1.0.into()) },
            Cond::Attr { path: "session.page_views".into(), test: Test::Lte(2.0.into()) },
            Cond::Attr { path: "traits.plan".into(), test: Test::Ne("gold".into()) },
            Cond::Attr { path: "visitor.lifetime_value".into(), test: Test::Gte(4.0.into()) },
            slow("event.transaction_id", "slowt"),
            Cond::Attr { path: "page.path".into(), test: Test::Ne("/cart".into()) },
            slow("page.path", "slow/"),
        ];
        let most = all.len() as u64 - 3 * u64::from(self.is_of_device);
        self.chance(30).then(|| all[self.below(most) as usize].clone())
    }

    fn cancel(&mut self) -> Vec<Cancel> {
        let holds = [Hold::Session, Hold::Visitor, Hold::For(Duration::minutes(10)), Hold::For(Duration::minutes(30))];
        let mut cancels = Vec::new();
        for _ in 0..2 {
            if self.chance(20) {
                cancels.push(Cancel { of: self.occurs(), hold: self.pick(&holds) });
            }
        }
        cancels
    }

    fn pause(&mut self) -> Duration {
        if !self.is_of_device && self.chance(25) { self.span() } else { Duration::ZERO }
    }

    fn campaign(&mut self, id: u64) -> Campaign {
        let id: Box<str> = format!("c{id}").into();
        let group: Box<str> = self.pick(&["", "offers", "offers", "news"]).into();
        let whose: &[Whose] = if group.is_empty() {
            &[Whose::This, Whose::This, Whose::Any]
        } else {
            &[Whose::This, Whose::Any, Whose::Group, Whose::Group, Whose::Others]
        };
        Campaign {
            name: Text { by_lang: vec![("".into(), id.clone())] },
            status: if self.chance(95) { Status::Live } else { Status::Paused },
            audience: self.audience(),
            trigger: self.trigger(2),
            cancel: self.cancel(),
            delay: self.pause(),
            wait: self.pause(),
            priority: self.pick(&[100, 500, 500, 900]),
            surface: match self.is_of_device {
                true => Surface::None,
                false => self.pick(&[Surface::Modal, Surface::Modal, Surface::Modal, Surface::Top, Surface::None]),
            },
            consent: if self.chance(10) { "marketing".into() } else { "".into() },
            schedule: if self.chance(20) { Some(self.schedule()) } else { None },
            control_bps: self.pick(&[0, 0, 1_000, 5_000, 10_000]),
            seed: id.clone(),
            variants: vec![self.variant("a", 7_000), self.variant("b", 3_000)],
            caps: self.caps(whose),
            group,
            exclusive: self.chance(15).then(|| {
                let from = self.pick(&[0, 2_500, 5_000]);
                Exclusive { name: "half".into(), from, until: from + 5_000 }
            }),
            stop: self.chance(10).then(|| Stop {
                at: Some(LocalTime { hour: self.pick(&[1, 4]), ..NEW_YEAR }),
                shows: None,
                conversions: None,
            }),
            goal: (!self.is_of_device && self.chance(30)).then(|| self.goal()),
            id,
        }
    }

    fn goal(&mut self) -> Goal {
        Goal { of: self.occurs(), within: self.span(), value: "value".into() }
    }

    fn variant(&mut self, id: &str, weight_bps: u16) -> Variant {
        Variant {
            id: id.into(),
            weight_bps,
            kind: "popup".into(),
            action: Value::map([("kind", "popup".into()), ("title", id.into())]),
        }
    }

    pub fn campaigns(&mut self) -> Vec<Campaign> {
        (0..1 + self.below(4)).map(|i| self.campaign(i)).collect()
    }

    /// The campaigns as they are published next: some edited, some gone, some new.
    pub fn edited(&mut self, campaigns: &[Campaign]) -> Vec<Campaign> {
        let mut next = Vec::new();
        for old in campaigns {
            let mut c = old.clone();
            match self.below(12) {
                0 => continue,
                1 => c.trigger = self.trigger(2),
                2 => c.cancel = self.cancel(),
                3 => c.audience = self.audience(),
                4 => c.control_bps = self.pick(&[0, 5_000, 10_000]),
                5 => c.status = if self.chance(50) { Status::Live } else { Status::Paused },
                6 => c.caps = self.caps(&[Whose::This, Whose::This, Whose::Any]),
                7 => {
                    (c.delay, c.wait, c.priority) = (self.pause(), self.pause(), self.pick(&[100, 900]));
                    c.surface = self.pick(&[Surface::Modal, Surface::Top]);
                    c.goal = self.chance(50).then(|| self.goal());
                }
                8 => c.variants = vec![self.variant("b", 2_000), self.variant("z", 8_000)],
                _ => {}
            }
            next.push(c);
        }
        if next.is_empty() || self.chance(30) {
            let id = 4 + self.below(3);
            next.retain(|c| *c.id != *format!("c{id}"));
            next.push(self.campaign(id));
        }
        next
    }
}

/// What the host of these tests cannot tell of every text.
fn slow(path: &str, pattern: &str) -> Cond {
    Cond::Attr { path: path.into(), test: Test::Regex { pattern: pattern.into(), fold: false } }
}

/// Whether time alone can end what stands under a `not`.
fn changes_with_time(t: &Trigger) -> bool {
    matches!(
        t,
        Trigger::Count { window: Window::Last(_), .. }
            | Trigger::Sum { window: Window::Last(_), .. }
            | Trigger::Distinct { window: Window::Last(_), .. }
    )
}

fn no_negation(t: &Trigger) -> bool {
    match t {
        Trigger::All(list) | Trigger::Any(list) => list.iter().all(no_negation),
        Trigger::Not(_) => false,
        _ => true,
    }
}

trait OrLeaf {
    fn or_leaf(self, random: &mut Random) -> Trigger;
}

impl OrLeaf for Trigger {
    /// An `any` of nothing is not a trigger.
    fn or_leaf(self, random: &mut Random) -> Trigger {
        match &self {
            Trigger::Any(list) if list.is_empty() => random.leaf(),
            _ => self,
        }
    }
}
