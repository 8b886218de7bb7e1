//! Campaigns and logs made for one bound each: what is kept is just full, one short of it or one over when the answer depends on it.

use super::{Random, START};
use noren_engine::{Input, Origin};
use noren_event::{Duration, Timestamp, Value};
use noren_program::{CapEvent, Cond, Order, StopAfter, Test, Whose, Window};
use noren_reference::Entry;
use noren_rule::ast::{Campaign, Occurs, Trigger};

type Log = Vec<(Timestamp, Entry)>;

fn event(name: &str, value: f64, id: u64, now: Timestamp) -> (Timestamp, Entry) {
    let id = format!("t{id}");
    let props = Value::map([("value", value.into()), ("transaction_id", id.as_str().into())]);
    (now, Entry::Input(Input::Event { name: name.into(), props, at: now, origin: Origin::Here }))
}

fn of(event: &str) -> Occurs {
    Occurs { event: event.into(), cond: None }
}

impl Random {
    /// A campaign that nothing but its trigger, its caps and its audience can hold back.
    fn bare(&mut self, trigger: Trigger) -> Campaign {
        let mut c = self.campaigns().remove(0);
        c.status = noren_rule::ast::Status::Live;
        (c.trigger, c.audience, c.cancel, c.consent) = (trigger, None, Vec::new(), "".into());
        (c.delay, c.wait, c.goal, c.control_bps) = (Duration::ZERO, Duration::ZERO, None, 10_000);
        c.caps = noren_program::Caps::default();
        c
    }

    /// A case for one of the bounds.
    pub fn full(&mut self) -> (Vec<Campaign>, Log, Timestamp) {
        let mut now = START;
        let mut log = Vec::new();
        let mut tick = |by: i64| {
            now = now + Duration(by);
            now
        };
        let campaign = match self.below(5) {
            0 => {
                // As many records as a cap may count to, in a window that is not everything.
                let what = self.pick(&[CapEvent::Shown, CapEvent::Closed, CapEvent::Clicked]);
                let trigger = Trigger::Count { of: of("search"), at_least: 1, window: Window::Session };
                let mut c = self.bare(trigger);
                let within = self.pick(&[Window::Session, Window::Last(Duration::minutes(10))]);
                c.caps.stop.push(StopAfter {
                    times: 20,
                    of: what,
                    within,
                    whose: self.pick(&[Whose::This, Whose::This, Whose::Any]),
                });
                log.push(event("page_view", 0.0, 0, tick(1)));
                for _ in 0..18 + self.below(5) {
                    let at = tick(500);
                    // Late ones too: the oldest make room.
                    let then = if self.chance(20) { at - Duration(1_700) } else { at };
                    log.push((at, Entry::Input(Input::Record { campaign: c.id.clone(), what, at: then })));
                }
                log.push(event("search", 0.0, 0, tick(500)));
                log.push(event("search", 0.0, 0, tick(594_000)));
                c
            }
            1 => {
                // The first step is about to be forgotten when the last one comes.
                let steps = vec![of("add_to_cart"), of("purchase"), of("search")];
                let without = self.chance(30).then(|| of("view_item"));
                let same = if self.chance(30) { "transaction_id" } else { "" };
                let c = self.bare(Trigger::Sequence {
                    steps,
                    within: Duration::hours(2),
                    without,
                    order: Order::Eventually,
                    same: same.into(),
                });
                log.push(event("add_to_cart", 1.0, 0, tick(1)));
                for _ in 0..60 + self.below(5) {
                    log.push(event("purchase", 1.0, 0, tick(1_000)));
                }
                log.push(event("search", 1.0, 0, tick(1_000)));
                c
            }
            2 => {
                // The first order comes again when it is about to be forgotten.
                let others = 13 + self.below(5);
                let mut c = self.bare(Trigger::Count { of: of("purchase"), at_least: 1, window: Window::Session });
                let orders = (others + self.below(3)) as f64;
                c.audience = Some(Cond::Attr { path: "visitor.purchases".into(), test: Test::Eq(orders.into()) });
                for id in (0..=others).chain([0]) {
                    log.push(event("purchase", 1.0, id, tick(1_000)));
                }
                c
            }
            3 => {
                // The sum is reached by all that is kept and by nothing less.
                let window = self.pick(&[Window::Visitor, Window::Session, Window::Last(Duration::hours(2))]);
                let at_least_cents = 30_000 - 100 * self.below(3) + 100 * self.below(2);
                let sum = Trigger::Sum { of: of("purchase"), property: "value".into(), at_least_cents, window };
                let c = self.bare(sum);
                for id in 0..98 + self.below(5) {
                    log.push(event("purchase", 3.0, id, tick(1_000)));
                }
                c
            }
            _ => {
                // A hundred values, the oldest of which may or may not be seen again.
                let window = self.pick(&[Window::Visitor, Window::Session, Window::Last(Duration::seconds(100))]);
                let at_least = self.pick(&[99, 100]);
                let c = self.bare(Trigger::Distinct {
                    of: of("purchase"),
                    property: "transaction_id".into(),
                    at_least,
                    window,
                });
                for id in 0..97 + self.below(5) {
                    let id = if self.chance(2) { 0 } else { id };
                    log.push(event("purchase", 3.0, id, tick(1_000)));
                }
                c
            }
        };
        let end = tick(60_000);
        (vec![campaign], log, end)
    }
}
