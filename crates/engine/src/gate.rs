//! The gates between an opened decision and its outcome, each a plain question.

use crate::condition::Judge;
use crate::effect::Gate;
use crate::state::{ALWAYS, NONE, State};
use noren_event::packed::{Item, Reader, text, view};
use noren_event::{Duration, Timestamp};
use noren_program::Image;
use noren_program::codec::{cap, window};
use noren_program::image::{Head, WindowView};

/// Minutes in a week.
pub(crate) const WEEK_MINUTES: i64 = 7 * 24 * 60;
/// 1970-01-01 was a Thursday; a week of schedules starts Monday 00:00, three days earlier.
pub(crate) const EPOCH_WEEK_MINUTE: i64 = 3 * 24 * 60;

/// Whether a schedule is open at a moment. Weekly hours are read on the local clock of the schedule's zone, so they hold across
/// daylight-saving changes; calendars come as plain ranges; beyond the known offsets a schedule with either is closed.
// What the words of `why` ask too: as a function of its own it costs every visitor's module 50 bytes.
#[inline(always)]
pub(crate) fn is_open(schedule: &[u8], image: &Image, at: Timestamp) -> bool {
    let mut r = Reader::new(schedule);
    if r.is_empty() {
        return true;
    }
    let bounds = r.byte();
    if (bounds & cap::FROM != 0 && at.0 < r.int()) || (bounds & cap::UNTIL != 0 && at.0 >= r.int()) {
        return false;
    }
    let zone = r.u32();
    if r.is_empty() {
        return true;
    }
    if at >= image.valid_until() {
        return false;
    }
    let minute = at.0.div_euclid(60_000);
    if bounds & cap::CALENDAR != 0 {
        if covers(Reader::new(r.bytes()), minute) {
            return false;
        }
        if covers(Reader::new(r.bytes()), minute) || r.is_empty() {
            return true;
        }
    }
    let local_minute = minute.wrapping_add(offset_minutes(image.zone(zone), at));
    covers(r, (local_minute + EPOCH_WEEK_MINUTE).rem_euclid(WEEK_MINUTES))
}

/// Whether a minute lies in one of some ascending ranges: steps and lengths.
fn covers(mut ranges: Reader, minute: i64) -> bool {
    let mut left = minute;
    while !ranges.is_empty() {
        left = left.wrapping_sub_unsigned(ranges.uint());
        if left < 0 {
            break;
        }
        left = left.wrapping_sub_unsigned(ranges.uint());
        if left < 0 {
            return true;
        }
    }
    false
}

/// Minutes to add to UTC: the latest offset that has begun, or the first.
pub(crate) fn offset_minutes(zone: &[u8], at: Timestamp) -> i64 {
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

/// Places and caps; the first that stops it.
pub fn limit(c: u32, head: &Head, unit: &[u8], state: &State, image: &Image) -> Option<Gate> {
    let mut r = Reader::new(head.caps);
    while !r.is_empty() {
        let flags = r.byte();
        if flags & cap::PLACE != 0 {
            let slot = noren_assign::slot(image.text(r.u32()), unit);
            // Below the first wraps to far beyond the last.
            if slot.wrapping_sub(r.u32()) >= r.u32() {
                return Some(if flags & cap::EXCLUSIVE != 0 { Gate::Exclusive } else { Gate::Holdout });
            }
            continue;
        }
        let times = r.u32();
        let window = WindowView::read(&mut r);
        // A sliding window is open at its start: what lies one millisecond later is the first in it.
        let since = match window.tag {
            window::VISITOR => NONE,
            window::PAGE if !state.moment.page.is_open() => ALWAYS,
            window::PAGE => state.moment.page.started,
            window::SESSION => state.session.started,
            _ => state.moment.now - window.span + Duration(1),
        };
        let (mut seen, mut alone, mut members) = (0u32, None, None);
        if flags & cap::ANY != 0 {
            seen = state.any.since(flags & 3, since);
        } else if flags & cap::GROUP != 0 {
            members = Some(image.group(r.u32()));
        } else {
            alone = Some(c);
        }
        while let Some(m) = alone.take().or_else(|| members.as_mut()?.next()) {
            if let Some(of) = state.courses.get(m as usize)
                && (flags & cap::OTHERS == 0 || m != c)
            {
                seen = seen.saturating_add(of.records.since(flags & 3, since));
            }
        }
        if seen >= times {
            return Some(Gate::Caps);
        }
    }
    None
}
