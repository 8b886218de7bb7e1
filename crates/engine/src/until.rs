//! Until when a gate stays shut, for those who ask why. What decides needs only the answer of the moment, so no page loads this.

use crate::gate::{EPOCH_WEEK_MINUTE, WEEK_MINUTES, is_open, limit, offset_minutes};
use crate::state::{Records, State};
use noren_event::packed::Reader;
use noren_event::{Duration, Timestamp};
use noren_program::Image;
use noren_program::codec::cap;
use noren_program::image::{Head, WindowView};

const MINUTE: i64 = 60_000;

/// Changes of a schedule looked at: 400 days, as far as a program knows its zones, of ten a day.
const CHANGES_MAX: usize = 4_000;

/// The next moment at which a schedule that is closed now is open; `None` if there is none before it ends, or before what the program knows of
/// its zone does. Cost: the schedule's size for each of its changes until then.
pub fn opens_at(schedule: &[u8], image: &Image, now: Timestamp) -> Option<Timestamp> {
    let mut at = now;
    for _ in 0..CHANGES_MAX {
        at = next_change(schedule, image, at)?;
        if is_open(schedule, image, at) {
            return Some(at);
        }
    }
    None
}

/// The next moment at which anything that a schedule is made of begins or ends.
fn next_change(schedule: &[u8], image: &Image, at: Timestamp) -> Option<Timestamp> {
    let mut next: Option<i64> = None;
    let mut change = |t: i64| {
        if t > at.0 && next.is_none_or(|n| t < n) {
            next = Some(t);
        }
    };
    let mut r = Reader::new(schedule);
    let bounds = r.byte();
    if bounds & cap::FROM != 0 {
        change(r.int());
    }
    if bounds & cap::UNTIL != 0 && at.0 >= r.int() {
        return None;
    }
    let zone = image.zone(r.u32());
    if !r.is_empty() {
        if at >= image.valid_until() {
            return None;
        }
        let minute = at.0.div_euclid(MINUTE);
        if bounds & cap::CALENDAR != 0 {
            for list in [r.bytes(), r.bytes()] {
                each_edge(Reader::new(list), &mut |edge| change(edge.saturating_mul(MINUTE)));
            }
        }
        // Local minutes are counted by the offset of now; where that changes before, the change itself comes first.
        let mut offsets = Reader::new(zone);
        while !offsets.is_empty() {
            change(offsets.int());
            offsets.int();
        }
        let week_minute = (minute + offset_minutes(zone, at) + EPOCH_WEEK_MINUTE).rem_euclid(WEEK_MINUTES);
        each_edge(r, &mut |edge| {
            let ahead = (edge - week_minute).rem_euclid(WEEK_MINUTES);
            change((minute + if ahead == 0 { WEEK_MINUTES } else { ahead }) * MINUTE);
        });
    }
    next.map(Timestamp)
}

/// The beginnings and ends of ranges: steps and lengths.
fn each_edge(mut ranges: Reader, edge: &mut dyn FnMut(i64)) {
    let mut minute = 0i64;
    while !ranges.is_empty() {
        minute = minute.saturating_add_unsigned(ranges.uint());
        edge(minute);
    }
}

/// The next moment at which caps that stop a campaign now let it through, if time alone does it and nothing more is recorded. Cost: the caps, for
/// each moment recorded that they count.
pub fn caps_pass_at(c: u32, head: &Head, unit: &[u8], state: &State, image: &Image) -> Option<Timestamp> {
    let mut moments = Vec::new();
    let mut leaves_at = |of: &Records, span: Duration| moments.extend(of.times.iter().map(|(t, _)| *t + span));
    let mut r = Reader::new(head.caps);
    while !r.is_empty() {
        let flags = r.byte();
        if flags & cap::PLACE != 0 {
            // Seed, beginning and length.
            for _ in 0..3 {
                r.uint();
            }
            continue;
        }
        r.uint();
        let span = WindowView::read(&mut r).sliding();
        let group = (flags & (cap::GROUP | cap::ANY) == cap::GROUP).then(|| r.u32());
        let Some(span) = span else { continue };
        if flags & cap::ANY != 0 {
            leaves_at(&state.any, span);
        }
        let members = group.into_iter().flat_map(|list| image.group(list));
        for member in members.chain([c]) {
            if let Some(of) = state.courses.get(member as usize) {
                leaves_at(&of.records, span);
            }
        }
    }
    moments.sort_unstable();
    moments.dedup();
    let mut then = state.clone();
    moments.into_iter().filter(|t| *t > state.moment.now).find(|t| {
        then.moment.now = *t;
        limit(c, head, unit, &then, image).is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::condition::Host;
    use crate::engine::Engine;
    use crate::input::Input;
    use noren_event::Value;
    use noren_program::{
        Campaign, CapEvent, Caps, Leaf, Node, Occurs, Program, Schedule, ShowAgain, StopAfter, Surface, Whose, Window,
        Zone,
    };

    struct NoRegex;

    impl Host for NoRegex {
        fn regex(&self, _: &[u8], _: bool, _: &[u8]) -> Option<bool> {
            None
        }
    }

    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    /// A Monday, 00:00 in UTC.
    const MONDAY: i64 = 20_458 * DAY + 3 * DAY;

    fn campaign(id: &str, schedule: Option<Schedule>, caps: Caps) -> Campaign {
        let of = Occurs { event: "search".into(), cond: None };
        Campaign {
            id: id.into(),
            phase: 0,
            fingerprint: 0,
            priority: 500,
            surface: Surface::None,
            consent: "".into(),
            schedule,
            audience: None,
            trigger: Node::Leaf(0),
            leaves: vec![Leaf::Count { of, at_least: 1, window: Window::Session }],
            cancel: vec![],
            delay: Duration::ZERO,
            wait: Duration::ZERO,
            places: vec![],
            group: 1,
            caps,
            control_bps: 0,
            seed: id.into(),
            variants: vec![],
            goal: None,
        }
    }

    fn always() -> Schedule {
        Schedule { from: None, until: None, zone: 0, weekly: vec![], closed: vec![], open: vec![] }
    }

    fn image(schedule: Schedule) -> Image {
        // An hour is skipped in the middle of Wednesday.
        let changes = vec![(Timestamp(0), 540), (Timestamp(MONDAY + 2 * DAY + 2 * HOUR), 600)];
        Program {
            valid_until: Timestamp(MONDAY + 30 * DAY),
            zones: vec![Zone { offsets: changes }],
            campaigns: vec![campaign("a", Some(schedule), Caps::default())],
            ..Program::default()
        }
        .image()
    }

    fn answer(schedule: &Schedule, now: i64) -> Option<i64> {
        let image = image(schedule.clone());
        opens_at(image.head(0).schedule, &image, Timestamp(now)).map(|t| t.0)
    }

    #[test]
    fn a_schedule_opens_where_looking_at_each_minute_finds_it_open() {
        let minute = |t: i64| t / MINUTE;
        let hours =
            vec![(9 * 60, 12 * 60), (2 * 24 * 60 + 12 * 60 + 30, 2 * 24 * 60 + 15 * 60), (6 * 24 * 60, 7 * 24 * 60)];
        let closed =
            vec![(minute(MONDAY), minute(MONDAY + 5 * HOUR)), (minute(MONDAY + 6 * DAY), minute(MONDAY + 8 * DAY))];
        let open = vec![(minute(MONDAY + 20 * HOUR), minute(MONDAY + 21 * HOUR))];
        let schedules = [
            Schedule { weekly: hours.clone(), ..always() },
            Schedule { weekly: hours.clone(), closed: closed.clone(), ..always() },
            Schedule { weekly: hours.clone(), closed, open: open.clone(), ..always() },
            Schedule { weekly: hours, open, from: Some(Timestamp(MONDAY + DAY + 7)), ..always() },
        ];
        for schedule in &schedules {
            let image = image(schedule.clone());
            let bytes = image.head(0).schedule;
            for hour in (0..24 * 12).step_by(5) {
                let now = MONDAY + hour * HOUR + 1_234;
                if is_open(bytes, &image, Timestamp(now)) {
                    continue;
                }
                // By the minute, and at the one bound that is none.
                let each = (0..20 * 24 * 60).map(|n| (now / MINUTE + 1 + n) * MINUTE);
                let naive =
                    each.chain([MONDAY + DAY + 7]).filter(|t| *t > now && is_open(bytes, &image, Timestamp(*t))).min();
                assert_eq!(answer(schedule, now), naive, "{schedule:?} at hour {hour}");
                assert!(naive.is_some(), "each of them opens again");
            }
        }
    }

    #[test]
    fn what_is_over_never_opens() {
        let day = |n: i64| Some(Timestamp(MONDAY + n * DAY));
        assert_eq!(answer(&Schedule { from: day(2), ..always() }, MONDAY), Some(MONDAY + 2 * DAY));
        assert_eq!(answer(&Schedule { from: day(2), until: day(2), ..always() }, MONDAY), None);
        assert_eq!(answer(&Schedule { until: day(-1), ..always() }, MONDAY), None);
        let monday = Schedule { weekly: vec![(9 * 60, 10 * 60)], ..always() };
        assert_eq!(answer(&Schedule { until: day(1), ..monday.clone() }, MONDAY + DAY / 2), None);
        assert_eq!(answer(&monday, MONDAY + 29 * DAY), None, "beyond what is known of the zone");
        assert_eq!(answer(&always(), MONDAY), None, "nothing of it ever changes");
    }

    fn shown(engine: &mut Engine, campaign: &str, at: i64) {
        let (at, what) = (Timestamp(at), CapEvent::Shown);
        engine.step(at, Input::Record { campaign: campaign.into(), what, at }, &NoRegex);
    }

    /// The `until` of a campaign's caps.
    fn until(engine: &Engine, place: usize, now: i64) -> Option<i64> {
        let trace = engine.trace(Timestamp(now), &NoRegex);
        let gates = trace.as_list().unwrap()[place].get("gates").unwrap().as_list().unwrap();
        let caps = gates.iter().find(|gate| gate.get("gate") == Some(&"caps".into())).unwrap();
        match caps.get("until") {
            Some(Value::Num(n)) => Some(*n as i64),
            _ => None,
        }
    }

    #[test]
    fn caps_pass_when_enough_has_left_their_windows() {
        let within = |times, within, whose| StopAfter { times, of: CapEvent::Shown, within, whose };
        let last = |ms| Window::Last(Duration(ms));
        let caps = |stop| Caps { again: vec![], stop };
        let campaigns = vec![
            campaign("a", None, caps(vec![within(2, last(DAY), Whose::This)])),
            campaign("b", None, caps(vec![within(1, last(HOUR), Whose::Others)])),
            campaign(
                "c",
                None,
                caps(vec![within(1, last(3 * HOUR), Whose::Any), within(1, Window::Visitor, Whose::This)]),
            ),
            campaign(
                "d",
                None,
                Caps {
                    again: vec![ShowAgain { after: last(2 * HOUR), since: CapEvent::Shown, whose: Whose::Group }],
                    stop: vec![],
                },
            ),
        ];
        let mut engine = Engine::new(Program { campaigns, ..Program::default() }.image(), "v1");
        assert_eq!((0..4).map(|c| until(&engine, c, 0)).collect::<Vec<_>>(), [None; 4]);
        shown(&mut engine, "a", 1_000);
        shown(&mut engine, "a", 5_000);
        // The first of two leaves a day's window; of the others of its group the latest must; whose cap is for any, all.
        let all = |engine: &Engine| (0..4).map(|c| until(engine, c, 6_000)).collect::<Vec<_>>();
        assert_eq!(
            all(&engine),
            [Some(1_000 + DAY), Some(5_000 + HOUR), Some(5_000 + 3 * HOUR), Some(5_000 + 2 * HOUR)]
        );
        shown(&mut engine, "c", 5_500);
        assert_eq!(all(&engine)[2], None, "once, ever");
        for (c, at) in [(0, 1_000 + DAY), (1, 5_500 + HOUR), (3, 5_500 + 2 * HOUR)] {
            assert_eq!(all(&engine)[c], Some(at));
            assert_eq!(until(&engine, c, at), None, "then it is open");
            assert_eq!(until(&engine, c, at - 1), Some(at));
        }
    }
}
