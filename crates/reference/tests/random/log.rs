//! Random logs.

use super::{EVENTS, PATHS, Random, START};
use noren_engine::{Input, Origin, WidgetNews};
use noren_event::{Duration, Timestamp, Value};
use noren_program::{CapEvent, Window};
use noren_reference::Entry;
use noren_rule::ast::{Campaign, Trigger};

/// Whether a campaign's trigger is a count over such a window and nothing else: what waits for a clock would wait for days.
fn counts_long(c: &Campaign) -> bool {
    matches!(c.trigger, Trigger::Count { window: Window::Last(span), .. } if span >= Duration::days(7))
}

const CAP_EVENTS: [CapEvent; 4] = [CapEvent::Shown, CapEvent::Closed, CapEvent::Clicked, CapEvent::Converted];

impl Random {
    /// When an event happened: mostly now; late, from the future, or at a moment that is no clock's.
    fn happened(&mut self, now: Timestamp) -> Timestamp {
        match self.below(100) {
            0..=9 => now - self.span(),
            10..=12 => now + self.span(),
            13 => now - Duration::days(2),
            14 => self.pick(&[Timestamp(i64::MIN), Timestamp(i64::MAX), Timestamp(0), START]),
            _ => now,
        }
    }

    fn origin(&mut self) -> Origin {
        if self.chance(15) { Origin::Elsewhere } else { Origin::Here }
    }

    fn event(&mut self, now: Timestamp) -> Input {
        let ids = if self.is_flood { 130 } else { 3 };
        let amount = match self.below(40) {
            0 => self.pick(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -2.0, 1e300, 9_007_199_254_740_993.0, 0.005]),
            _ => self.below(4) as f64,
        };
        let mut props = vec![("value".into(), Value::Num(amount))];
        // Missing, null, and of another type than usual.
        match self.below(20) {
            0 => {}
            1 => props.push(("transaction_id".into(), Value::Null)),
            2 => props.push(("transaction_id".into(), Value::Num(1.0))),
            _ => props.push(("transaction_id".into(), format!("t{}", self.below(ids)).as_str().into())),
        }
        if self.chance(20) {
            let item = Value::map([("price", 1.5.into()), ("quantity", (self.below(3) as f64).into())]);
            props.push(("items".into(), Value::List(vec![item])));
        }
        let name = if self.is_flood && self.chance(60) { EVENTS[0] } else { self.pick(&EVENTS) };
        Input::Event { name: name.into(), props: Value::Map(props), at: self.happened(now), origin: self.origin() }
    }

    fn page_view(&mut self, now: Timestamp) -> Input {
        let url = format!("https://shop.example{}", self.pick(&PATHS));
        let at = if self.chance(90) { now } else { now - Duration::seconds(5) };
        let mut props = vec![("page_location".into(), url.as_str().into())];
        if self.chance(50) {
            props.push(("value".into(), Value::Num(2.0)));
        }
        Input::Event { name: "page_view".into(), props: Value::Map(props), at, origin: self.origin() }
    }

    fn facts(&mut self, now: Timestamp, campaigns: &[Campaign]) -> Input {
        let mut facts = vec![("visits".into(), Value::Num(self.below(4) as f64))];
        if self.chance(30) {
            facts.push(("traits".into(), Value::map([("plan", self.pick(&["gold", "free"]).into())])));
        }
        if self.chance(30) {
            facts.push(("lifetime_value".into(), Value::Num(self.below(8) as f64)));
            facts.push(("purchases".into(), Value::Num(self.below(2) as f64)));
        }
        if self.chance(50) {
            let windows = |r: &mut Random| {
                let count = |r: &mut Random| r.pick(&[0.0, 1.0, 1.0, 2.0, 3.0, -1.0, 1.5, f64::NAN]).into();
                Value::map([("d7", count(r)), ("d30", count(r))])
            };
            let names = EVENTS[..2].iter().map(|name| ((*name).into(), windows(self))).collect();
            facts.push(("counts".into(), Value::Map(names)));
            if self.chance(70) {
                let until = self.pick(&[now, now, now - Duration::seconds(15), now + Duration::seconds(5), START]);
                facts.push(("counted_until".into(), Value::Num(until.0 as f64)));
            }
        }
        let mut caps = Vec::new();
        for campaign in campaigns {
            if self.chance(60) {
                let mut told = Vec::new();
                for (total, last) in [
                    ("shown", "last_shown"),
                    ("closed", "last_closed"),
                    ("clicked", "last_clicked"),
                    ("converted", "last_converted"),
                ] {
                    if self.chance(40) {
                        told.push((total.into(), Value::Num(self.pick(&[0.0, 1.0, 2.0, 19.0, 20.0, -1.0]))));
                        let at = (now - self.span()).0 as f64;
                        told.push((last.into(), Value::Num(self.pick(&[at, at, now.0 as f64 + 5e6, 0.0, -1.0]))));
                    }
                }
                let place = self.below(caps.len() as u64 + 1) as usize;
                caps.insert(place, (campaign.id.clone(), Value::Map(told)));
            }
        }
        facts.push(("caps".into(), Value::Map(caps)));
        Input::Facts(Value::Map(facts))
    }

    fn input(&mut self, now: Timestamp, campaigns: &[Campaign]) -> Input {
        if self.is_flood && self.chance(70) {
            return match self.below(10) {
                0 => Input::Record {
                    campaign: self.pick(campaigns).id,
                    what: self.pick(&CAP_EVENTS),
                    at: self.happened(now),
                },
                1 => Input::Widget(self.pick(campaigns).id, self.pick(&[WidgetNews::Clicked, WidgetNews::Closed])),
                _ => self.event(now),
            };
        }
        match self.below(41) {
            0..=17 => self.event(now),
            18..=24 => self.page_view(now),
            25 => Input::Hidden,
            26 | 27 => Input::Visible,
            28..=31 => Input::Active,
            32 => self.pick(&[Input::Leave, Input::PageEnd]),
            33 => Input::Consent(self.pick(&[None, Some(vec![]), Some(vec!["marketing".into()])])),
            34 => self.facts(now, campaigns),
            35 => Input::Record {
                campaign: self.pick(campaigns).id,
                what: self.pick(&CAP_EVENTS),
                at: now - Duration::seconds(5),
            },
            36..=38 => Input::Widget(
                self.pick(campaigns).id,
                self.pick(&[WidgetNews::Closed, WidgetNews::Clicked, WidgetNews::Failed, WidgetNews::Retracted]),
            ),
            39 => Input::Attributes("traits".into(), Value::map([("plan", self.pick(&["gold", "free"]).into())])),
            _ => Input::Tick,
        }
    }

    /// Only what every tab of a device learns of.
    fn device_input(&mut self, now: Timestamp) -> Input {
        match (self.event(now), self.chance(20)) {
            (_, true) => {
                let props = Value::map([("page_location", "https://shop.example/".into())]);
                Input::Event { name: "page_view".into(), props, at: now, origin: Origin::Here }
            }
            (Input::Event { name, props, at, .. }, _) => Input::Event { name, props, at, origin: Origin::Here },
            (other, _) => other,
        }
    }

    /// A log over programs, and the moment it ends.
    pub fn log(&mut self, programs: &[Vec<Campaign>]) -> (Vec<(Timestamp, Entry)>, Timestamp) {
        let mut now = START;
        let mut program = 0;
        let mut log: Vec<(Timestamp, Entry)> = Vec::new();
        let length = if self.is_flood { 110 + self.below(90) } else { 5 + self.below(40) };
        for _ in 0..length {
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
            let often = if self.is_flood { 98 } else { 80 };
            let most = if self.chance(often) { 7 } else { steps.len() as u64 };
            now = now + steps[self.below(most) as usize];
            // As far as windows reach that the edge counts over; rarely, because the naive evaluator stops at every moment between.
            if programs.iter().flatten().any(counts_long) && self.chance(5) {
                now = now + self.pick(&[Duration::days(7), Duration::days(30)]);
            }
            if self.chance(4) && programs.len() > 1 {
                program = self.below(programs.len() as u64) as usize;
                log.push((now, Entry::Program(program)));
            }
            // A clock that goes back is one that stands still.
            let told = if self.chance(4) { now - self.span() } else { now };
            let entry = match log.last() {
                Some((_, last @ Entry::Input(_))) if self.chance(4) => last.clone(),
                _ if self.is_of_device => Entry::Input(self.device_input(now)),
                _ => Entry::Input(self.input(now, &programs[program])),
            };
            log.push((told, entry));
        }
        (log, now + self.span())
    }
}
