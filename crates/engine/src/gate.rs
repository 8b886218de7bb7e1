//! The gates between an opened decision and its outcome, each a plain question.

use crate::condition::Judge;
use crate::effect::Gate;
use crate::state::{Course, State};
use noren_event::Timestamp;
use noren_event::packed::{Item, Reader, text, view};
use noren_program::Image;
use noren_program::image::{Head, WindowView};

/// Minutes in a week.
const WEEK_MINUTES: i64 = 7 * 24 * 60;
/// 1970-01-01 was a Thursday; a week of schedules starts Monday 00:00, three days earlier.
const EPOCH_WEEK_MINUTE: i64 = 3 * 24 * 60;

/// Whether a schedule is open at a moment. Weekly hours are read on the local clock of the schedule's zone, so they hold across
/// daylight-saving changes; beyond the known offsets a schedule with hours is closed.
fn is_open(schedule: &[u8], image: &Image, at: Timestamp) -> bool {
    let mut r = Reader::new(schedule);
    if r.is_empty() {
        return true;
    }
    let bounds = r.byte();
    if (bounds & 1 != 0 && at.0 < r.int()) || (bounds & 2 != 0 && at.0 >= r.int()) {
        return false;
    }
    let zone = r.u32();
    if r.is_empty() {
        return true;
    }
    if at >= image.valid_until() {
        return false;
    }
    let local_minute = at.0.div_euclid(60_000).wrapping_add(offset_minutes(image.zone(zone), at));
    let minute = (local_minute + EPOCH_WEEK_MINUTE).rem_euclid(WEEK_MINUTES);
    let mut last = 0;
    while !r.is_empty() {
        let from = last + i64::from(r.u16());
        last = from + i64::from(r.u16());
        if (from..last).contains(&minute) {
            return true;
        }
    }
    false
}

/// Minutes to add to UTC: the latest offset that has begun, or the first.
fn offset_minutes(zone: &[u8], at: Timestamp) -> i64 {
    let mut r = Reader::new(zone);
    let mut minutes = None;
    while !r.is_empty() {
        let (from, offset) = (r.int(), r.int());
        if minutes.is_none() || from <= at.0 {
            minutes = Some(offset);
        }
    }
    // Further than a day from UTC is no zone's clock.
    minutes.unwrap_or(0).clamp(-1_440, 1_440)
}

/// Schedule, consent and audience; the first that fails.
pub fn may_open(head: &Head, state: &State, judge: &Judge) -> Option<Gate> {
    if !is_open(head.schedule, judge.image, state.moment.now) {
        return Some(Gate::Schedule);
    }
    if !head.consent.is_empty()
        && let Item::List(mut granted) = view(&state.consent)
        && !granted.any(|(_, category)| text(category) == Some(head.consent))
    {
        return Some(Gate::Consent);
    }
    (!judge.holds(head.audience)).then_some(Gate::Audience)
}

/// Whether the caps let it through: none of their counts is reached.
pub fn caps_allow(head: &Head, of: &Course, state: &State) -> bool {
    let mut r = Reader::new(head.caps);
    while !r.is_empty() {
        let flags = r.byte();
        let times = r.u32();
        let window = WindowView::read(&mut r);
        let records = if flags & 4 != 0 { &state.any } else { &of.records };
        let (page, session) = (state.moment.page.started, state.session.started);
        if records.within(flags & 3, window, state.moment.now, page, session) >= times {
            return false;
        }
    }
    true
}
