//! The same visitor without and with the draft: which live campaigns lose which shows, and to what.

use super::tally::Live;
use noren_engine::state::CONTROL;
use noren_engine::{Act, Gate, Outcome, What};
use noren_event::Timestamp;

/// Where a lost show stands whose end the log does not tell: the campaign still waits at its end, or never opened again.
pub const UNDECIDED: &str = "undecided";

/// Shows of one visitor, by live campaign, that did not come when they would have and of which nothing is known yet.
pub type Missing = Vec<u64>;

/// A decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    pub at: Timestamp,
    pub outcome: Outcome,
    /// What stopped it.
    pub gate: Option<Gate>,
}

impl Decided {
    /// The decision that an act is, if it is one.
    pub fn of(act: &Act) -> Option<Decided> {
        let (outcome, gate) = match act.what {
            What::Suppressed(gate) => (Outcome::Suppressed, Some(gate)),
            What::Exposed if act.variant == CONTROL => (Outcome::Control, None),
            What::Exposed => (Outcome::Shown, None),
            _ => return None,
        };
        Some(Decided { at: act.at, outcome, gate })
    }
}

/// A decision about the live campaign at a place.
pub type Placed = (usize, Decided);

/// Count what differs between two runs over the same inputs. Both lists are consumed in order of time.
pub fn compare(mut without: Vec<Placed>, mut with: Vec<Placed>, missing: &mut Missing, live: &mut [Live]) {
    let key = |placed: &Placed| (placed.1.at, placed.0);
    without.sort_by_key(key);
    with.sort_by_key(key);
    let (mut a, mut b) = (without.as_slice(), with.as_slice());
    while let Some(at) = a.first().map(key).into_iter().chain(b.first().map(key)).min() {
        let (before, rest) = a.split_at(a.iter().take_while(|d| key(d) == at).count());
        let (after, others) = b.split_at(b.iter().take_while(|d| key(d) == at).count());
        (a, b) = (rest, others);
        if let (Some(missing), Some(live)) = (missing.get_mut(at.1), live.get_mut(at.1)) {
            moment(before, after, missing, live);
        }
    }
}

/// What became of one campaign at one moment.
fn moment(before: &[Placed], after: &[Placed], missing: &mut u64, live: &mut Live) {
    let shows = |list: &[Placed]| list.iter().filter(|d| d.1.outcome == Outcome::Shown).count() as u64;
    let (was, is) = (shows(before), shows(after));
    live.shows_without += was;
    live.shows_with += is;
    // Stops that were not there before; each answers for one show.
    let stopped = |list: &[Placed], gate| list.iter().filter(|d| d.1.gate == gate).count();
    let mut gates = after
        .iter()
        .filter(|d| d.1.gate.is_some() && stopped(after, d.1.gate) > stopped(before, d.1.gate))
        .filter_map(|d| d.1.gate);
    for _ in is..was {
        match gates.next() {
            Some(gate) => *live.lost.entry(gate.word()).or_default() += 1,
            None => *missing += 1,
        }
    }
    for _ in was..is {
        if *missing > 0 {
            *missing -= 1;
            live.later += 1;
        } else {
            live.gained += 1;
        }
    }
    for gate in gates {
        if *missing > 0 {
            *missing -= 1;
            *live.lost.entry(gate.word()).or_default() += 1;
        }
    }
}

/// A visitor's log is over: what is still missing stays lost.
pub fn settle(missing: &Missing, live: &mut [Live]) {
    for (n, live) in missing.iter().zip(live) {
        if *n > 0 {
            *live.lost.entry(UNDECIDED).or_default() += n;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(t: i64, gate: Option<Gate>) -> Placed {
        let outcome = if gate.is_some() { Outcome::Suppressed } else { Outcome::Shown };
        (0, Decided { at: Timestamp(t), outcome, gate })
    }

    fn check(without: &[(i64, Option<Gate>)], with: &[(i64, Option<Gate>)]) -> String {
        let of = |list: &[(i64, Option<Gate>)]| list.iter().map(|(t, g)| at(*t, *g)).collect();
        let mut live = vec![Live::default()];
        let mut missing = vec![0];
        compare(of(without), of(with), &mut missing, &mut live);
        settle(&missing, &mut live);
        let live = &live[0];
        let lost: u64 = live.lost.values().sum();
        assert_eq!(live.shows_with + lost, live.shows_without + live.gained, "every show is accounted for");
        format!("{:?} later {} gained {}", live.lost, live.later, live.gained)
    }

    #[test]
    fn every_lost_show_has_a_reason() {
        const SHOWN: Option<Gate> = None;
        let priority = Some(Gate::Priority);
        let caps = Some(Gate::Caps);
        let cases: [(&[_], &[_], &str); 8] = [
            (&[(1, SHOWN)], &[(1, SHOWN)], "{} later 0 gained 0"),
            (&[(1, SHOWN)], &[(1, priority)], r#"{"priority": 1} later 0 gained 0"#),
            (&[(1, SHOWN)], &[(5, SHOWN)], "{} later 1 gained 0"),
            (&[(1, SHOWN)], &[(5, Some(Gate::Surface))], r#"{"surface": 1} later 0 gained 0"#),
            (&[(1, SHOWN)], &[], r#"{"undecided": 1} later 0 gained 0"#),
            (&[(1, SHOWN), (2, caps)], &[(1, priority), (2, SHOWN)], r#"{"priority": 1} later 0 gained 1"#),
            (&[(1, caps)], &[(1, caps)], "{} later 0 gained 0"),
            (&[(1, SHOWN), (3, caps)], &[(3, caps), (4, caps)], r#"{"caps": 1} later 0 gained 0"#),
        ];
        for (without, with, expected) in cases {
            assert_eq!(check(without, with), expected, "{without:?} {with:?}");
        }
    }
}
