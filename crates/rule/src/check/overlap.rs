//! Campaigns that never show because another always goes first. Warnings only: the documents are taken.

use crate::ast::{Campaign, Status, Trigger};
use crate::report::{Finding, Report};
use noren_event::Duration;
use noren_program::{Cond, Surface};
use std::collections::BTreeMap;

/// Looks at campaigns on the same surface, the strongest first. Only the few that could beat everything (no cap, no cancel, no limit of any
/// kind) are compared with the others, so the cost is theirs times the campaigns.
pub(super) fn look(campaigns: &[Campaign]) -> Vec<Finding> {
    let mut by_surface: BTreeMap<&Surface, Vec<&Campaign>> = BTreeMap::new();
    for c in campaigns.iter().filter(|c| c.status == Status::Live && c.surface != Surface::None) {
        by_surface.entry(&c.surface).or_default().push(c);
    }
    let mut findings = Vec::new();
    for mut rivals in by_surface.into_values() {
        rivals.sort_by(|a, b| b.priority.cmp(&a.priority).then(a.id.cmp(&b.id)));
        let mut strong: Vec<&Campaign> = Vec::new();
        for c in rivals {
            if let Some(winner) = strong.iter().find(|winner| always_beats(winner, c)) {
                findings.extend(finding(c, winner));
            } else if is_unlimited(c) && strong.len() < STRONG_MAX {
                strong.push(c);
            }
        }
    }
    findings
}

/// Unlimited campaigns that others are compared with, a surface. Each is warned about already; with more, the site has greater worries.
const STRONG_MAX: usize = 64;

/// Whether nothing but its trigger, audience, consent and schedule holds a campaign back.
fn is_unlimited(c: &Campaign) -> bool {
    c.caps.again.is_empty()
        && c.caps.stop.is_empty()
        && c.cancel.is_empty()
        && c.exclusive.is_none()
        && c.stop.is_none()
}

/// Whether `winner`, which comes first in the order of priority and is unlimited, opens whenever `loser` does.
fn always_beats(winner: &Campaign, loser: &Campaign) -> bool {
    // What waits is asked again when the winner has gone.
    let waits = loser.wait > Duration::ZERO;
    let together = winner.delay == loser.delay
        && (winner.trigger == loser.trigger
            || (winner.delay == Duration::ZERO && covers(&winner.trigger, &loser.trigger)));
    !waits
        && together
        && winner.audience.as_ref().is_none_or(|a| loser.audience.as_ref().is_some_and(|b| implies(b, a)))
        && (winner.consent.is_empty() || winner.consent == loser.consent)
        && (winner.schedule.is_none() || winner.schedule == loser.schedule)
}

/// Whether whoever matches `narrow` matches `wide`, as far as their shapes tell.
fn implies(narrow: &Cond, wide: &Cond) -> bool {
    narrow == wide
        || match (narrow, wide) {
            (_, Cond::All(parts)) => parts.iter().all(|part| implies(narrow, part)),
            (Cond::All(parts), _) => parts.iter().any(|part| implies(part, wide)),
            _ => false,
        }
}

/// Whether `wide` opens at every event at which `narrow` does. A trigger that one event is enough for opens anew with each.
fn covers(wide: &Trigger, narrow: &Trigger) -> bool {
    match (wide, narrow) {
        (Trigger::Any(list), _) => list.iter().all(is_single) && list.iter().any(|w| covers(w, narrow)),
        (_, Trigger::Any(list)) => list.iter().all(|n| covers(wide, n)),
        (Trigger::Count { of: a, at_least: 1, window: over }, Trigger::Count { of: b, window, .. }) => {
            let wider = a.cond.is_none() || a.cond == b.cond;
            a.event == b.event && wider && over == window
        }
        _ => false,
    }
}

fn is_single(t: &Trigger) -> bool {
    matches!(t, Trigger::Count { at_least: 1, .. })
}

fn finding(loser: &Campaign, winner: &Campaign) -> Option<Finding> {
    let mut r = Report::new(&loser.id);
    r.at("priority", |r| {
        r.warning(
            "always_loses",
            format!(
                "\"{}\" opens whenever this does, in the same place, goes first and nothing limits it: this never shows. Raise \"priority\", or give \"{}\" caps.",
                winner.id, winner.id
            ),
            format!(
                "「{}」がいつも同時に、同じ場所で優先して表示されるため、これは一度も表示されません。「priority」を上げるか、「{}」に「caps」をつけてください。",
                winner.id, winner.id
            ),
            format!("more than {}", winner.priority),
        );
    });
    r.findings.pop()
}
