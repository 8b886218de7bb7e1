//! The gates between an opened decision and its outcome, each a plain question.

use crate::attributes::Scope;
use crate::condition::{Host, holds};
use crate::effect::Gate;
use crate::state::{CampaignState, Records, State};
use noren_event::{Timestamp, Value};
use noren_program::{Campaign, Program, Schedule};

/// Minutes in a week.
pub const WEEK_MINUTES: i64 = 7 * 24 * 60;
/// 1970-01-01 was a Thursday; a week of schedules starts Monday 00:00, three days earlier.
const EPOCH_WEEK_MINUTE: i64 = 3 * 24 * 60;

/// Whether a schedule is open at a moment. Weekly hours are read on the local clock of the schedule's zone, so they hold across
/// daylight-saving changes; beyond the known offsets a schedule with hours is closed.
pub fn is_open(schedule: &Schedule, program: &Program, at: Timestamp) -> bool {
    if schedule.from.is_some_and(|from| at < from) || schedule.until.is_some_and(|until| at >= until) {
        return false;
    }
    if schedule.weekly.is_empty() {
        return true;
    }
    if at >= program.valid_until {
        return false;
    }
    let Some(zone) = program.zones.get(schedule.zone as usize) else { return false };
    let local_minute = at.0.div_euclid(60_000) + i64::from(zone.offset_minutes(at));
    let minute = (local_minute + EPOCH_WEEK_MINUTE).rem_euclid(WEEK_MINUTES);
    schedule.weekly.iter().any(|(from, until)| (i64::from(*from)..i64::from(*until)).contains(&minute))
}

/// Schedule, consent and audience; the first that fails.
pub fn may_open(
    campaign: &Campaign,
    program: &Program,
    state: &State,
    event: Option<&Value>,
    host: &dyn Host,
) -> Option<Gate> {
    if campaign.schedule.as_ref().is_some_and(|s| !is_open(s, program, state.now)) {
        return Some(Gate::Schedule);
    }
    if !campaign.consent.is_empty()
        && state.consent.as_ref().is_some_and(|granted| !granted.contains(&campaign.consent))
    {
        return Some(Gate::Consent);
    }
    let scope = Scope { attributes: &state.attributes, event };
    if campaign.audience.is_some_and(|a| !holds(program.cond(a), &scope, host)) {
        return Some(Gate::Audience);
    }
    None
}

/// Whether the caps let it through.
pub fn caps_allow(campaign: &Campaign, of: &CampaignState, state: &State) -> bool {
    let page = state.page.as_ref().map(|p| p.started);
    let records = |any: bool| -> &Records { if any { &state.any } else { &of.records } };
    let session = state.session.started;
    campaign
        .caps
        .again
        .iter()
        .all(|a| records(a.any_campaign).of(a.since).within(a.after, state.now, page, session) == 0)
        && campaign.caps.stop.iter().all(|s| {
            let count = records(s.any_campaign).of(s.of).within(s.within, state.now, page, session);
            count < u32::from(s.times)
        })
}
