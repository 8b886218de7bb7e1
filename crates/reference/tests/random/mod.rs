//! Random campaigns and random logs: small vocabularies and round times, so that matches, ties and boundaries are common.

use noren_engine::{Input, Origin, WidgetNews};
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
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
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
            0 => Window::Page,
            1 => Window::Session,
            2 => Window::Visitor,
            _ => Window::Last(self.span()),
        }
    }

    fn occurs(&mut self) -> Occurs {
        let event = if self.chance(15) { "page_view" } else { self.pick(&EVENTS) };
        let cond = self.chance(25).then(|| {
            self.pick(&[
                Cond::Attr { path: "event.value".into(), test: Test::Gte(2.0.into()) },
                Cond::Attr { path: "page.path".into(), test: Test::Eq("/p/1".into()) },
                Cond::Attr { path: "cart.quantity".into(), test: Test::Gt(0.0.into()) },
            ])
        });
        Occurs { event: event.into(), cond }
    }

    fn leaf(&mut self) -> Trigger {
        match self.below(10) {
            0..=3 => Trigger::Count { of: self.occurs(), at_least: 1 + self.below(3) as u16, window: self.window() },
            4 => self.newer_leaf(),
            5..=7 => Trigger::Dwell {
                page: self
                    .chance(60)
                    .then(|| Cond::Attr { path: "page.path".into(), test: Test::Eq(self.pick(&PATHS).into()) }),
                time: self.span(),
                clock: self.pick(&[Clock::Wall, Clock::Active]),
                reach: self.pick(&[Reach::Page, Reach::Session]),
            },
            _ => Trigger::Absent { after: self.occurs(), event: self.occurs(), time: self.span() },
        }
    }

    fn newer_leaf(&mut self) -> Trigger {
        match self.below(5) {
            0 => Trigger::Sum {
                of: self.occurs(),
                property: "value".into(),
                at_least_cents: 100 * (1 + self.below(6)),
                window: self.window(),
            },
            1 => Trigger::Distinct {
                of: self.occurs(),
                property: "transaction_id".into(),
                at_least: 1 + self.below(3) as u16,
                window: self.window(),
            },
            2 => Trigger::Every {
                of: self.occurs(),
                times: 2 + self.below(2) as u16,
                window: self.pick(&[Window::Page, Window::Session, Window::Visitor]),
            },
            _ => Trigger::Sequence {
                steps: (0..2 + self.below(2)).map(|_| self.occurs()).collect(),
                within: self.span(),
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
                    list.push(Trigger::Not(Box::new(self.leaf())));
                }
                Trigger::All(list)
            }
        }
    }

    fn caps(&mut self, whose: &[Whose]) -> Caps {
        let kinds = [CapEvent::Shown, CapEvent::Closed, CapEvent::Clicked, CapEvent::Converted];
        let mut caps = Caps::default();
        if self.chance(30) {
            caps.again.push(ShowAgain { after: self.window(), since: self.pick(&kinds), whose: self.pick(whose) });
        }
        if self.chance(30) {
            caps.stop.push(StopAfter {
                times: 1 + self.below(3) as u16,
                of: self.pick(&kinds),
                within: self.window(),
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

    fn campaign(&mut self, id: u64) -> Campaign {
        let id: Box<str> = format!("c{id}").into();
        let group: Box<str> = self.pick(&["", "offers", "offers", "news"]).into();
        let whose: &[Whose] = if group.is_empty() {
            &[Whose::This, Whose::This, Whose::Any]
        } else {
            &[Whose::This, Whose::Any, Whose::Group, Whose::Group, Whose::Others]
        };
        let holds = [Hold::Session, Hold::Visitor, Hold::For(Duration::minutes(10))];
        Campaign {
            name: Text { by_lang: vec![("".into(), id.clone())] },
            status: if self.chance(95) { Status::Live } else { Status::Paused },
            audience: self.chance(30).then(|| {
                self.pick(&[
                    Cond::Attr { path: "visitor.purchases".into(), test: Test::Eq(Value::Null) },
                    Cond::Attr { path: "visitor.visits".into(), test: Test::Lt(3.0.into()) },
                    Cond::Attr { path: "page.path".into(), test: Test::Ne("/cart".into()) },
                    Cond::Attr { path: "event.value".into(), test: Test::Exists(true) },
                    Cond::Attr { path: "session.page_views".into(), test: Test::Lte(2.0.into()) },
                ])
            }),
            trigger: self.trigger(2),
            cancel: if self.chance(30) { vec![Cancel { of: self.occurs(), hold: self.pick(&holds) }] } else { vec![] },
            delay: if self.chance(25) { self.span() } else { Duration::ZERO },
            wait: if self.chance(25) { self.span() } else { Duration::ZERO },
            priority: self.pick(&[100, 500, 500, 900]),
            surface: self.pick(&[Surface::Modal, Surface::Modal, Surface::Top, Surface::None]),
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
            goal: self.chance(30).then(|| Goal { of: self.occurs(), within: self.span(), value: "value".into() }),
            id,
        }
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

    fn input(&mut self, now: Timestamp, campaigns: &[Campaign]) -> Input {
        let campaign = self.pick(campaigns).id;
        match self.below(40) {
            0..=17 => {
                let late = if self.chance(10) { self.span() } else { Duration::ZERO };
                let early = if self.chance(3) { self.span() } else { Duration::ZERO };
                Input::Event {
                    name: self.pick(&EVENTS).into(),
                    props: Value::map([
                        ("value", (self.below(4) as f64).into()),
                        ("transaction_id", self.pick(&["t1", "t2", "t3"]).into()),
                    ]),
                    at: now - late + early,
                    origin: if self.chance(15) { Origin::Elsewhere } else { Origin::Here },
                }
            }
            18..=24 => Input::Event {
                name: "page_view".into(),
                props: Value::map([(
                    "page_location",
                    format!("https://shop.example{}", self.pick(&PATHS)).as_str().into(),
                )]),
                at: now - if self.chance(10) { Duration::seconds(5) } else { Duration::ZERO },
                origin: if self.chance(15) { Origin::Elsewhere } else { Origin::Here },
            },
            25 => Input::Hidden,
            26 | 27 => Input::Visible,
            28..=31 => Input::Active,
            32 => self.pick(&[Input::Leave, Input::PageEnd]),
            33 => Input::Consent(self.pick(&[None, Some(vec![]), Some(vec!["marketing".into()])])),
            34 => Input::Facts(Value::map([
                ("visits", (self.below(4) as f64).into()),
                (
                    "caps",
                    Value::map([(
                        &*campaign,
                        Value::map([
                            ("shown", (self.below(3) as f64).into()),
                            ("last_shown", ((now.0 - 20_000) as f64).into()),
                        ]),
                    )]),
                ),
            ])),
            35 => Input::Record {
                campaign,
                what: self.pick(&[CapEvent::Shown, CapEvent::Closed, CapEvent::Clicked]),
                at: now - Duration::seconds(5),
            },
            36..=38 => Input::Widget(
                campaign,
                self.pick(&[WidgetNews::Closed, WidgetNews::Clicked, WidgetNews::Failed, WidgetNews::Retracted]),
            ),
            _ => Input::Tick,
        }
    }

    /// A log and the moment it ends.
    pub fn log(&mut self, campaigns: &[Campaign]) -> (Vec<(Timestamp, Input)>, Timestamp) {
        let mut now = START;
        let mut log = Vec::new();
        for _ in 0..5 + self.below(40) {
            let steps = [
                Duration::ZERO,
                Duration::seconds(1),
                Duration::seconds(10),
                Duration::seconds(10),
                Duration::seconds(20),
                Duration::seconds(30),
                Duration::minutes(1),
                Duration::minutes(10),
                Duration::minutes(29),
                Duration::minutes(30),
                Duration::hours(3),
            ];
            let most = if self.chance(80) { 7 } else { steps.len() as u64 };
            now = now + steps[self.below(most) as usize];
            log.push((now, self.input(now, campaigns)));
        }
        (log, now + self.span())
    }
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
