//! Whether a schedule is open, from the tree.

use noren_event::Timestamp;
use noren_program::{Program, Schedule};

/// Minutes in a week.
const WEEK_MINUTES: i64 = 7 * 24 * 60;
/// Minutes from the Monday before 1970-01-01, a Thursday.
const EPOCH_WEEK_MINUTE: i64 = 3 * 24 * 60;

/// Weekly hours are read on the local clock; beyond the known offsets a schedule with hours is closed.
pub fn is_open(schedule: &Schedule, program: &Program, at: Timestamp) -> bool {
    if schedule.from.is_some_and(|from| at < from) || schedule.until.is_some_and(|until| at >= until) {
        return false;
    }
    if !schedule.has_hours() {
        return true;
    }
    let falls_into = |ranges: &[(i64, i64)]| {
        let instant = |minutes: i64| Timestamp(minutes * 60_000);
        ranges.iter().any(|(from, until)| at >= instant(*from) && at < instant(*until))
    };
    if at >= program.valid_until || falls_into(&schedule.closed) {
        return false;
    }
    if schedule.weekly.is_empty() || falls_into(&schedule.open) {
        return true;
    }
    let Some(zone) = program.zones.get(schedule.zone as usize) else {
        return false;
    };
    let local_minute = at.0.div_euclid(60_000) + i64::from(zone.offset_minutes(at));
    let minute = (local_minute + EPOCH_WEEK_MINUTE).rem_euclid(WEEK_MINUTES);
    schedule.weekly.iter().any(|(from, until)| (i64::from(*from)..i64::from(*until)).contains(&minute))
}
