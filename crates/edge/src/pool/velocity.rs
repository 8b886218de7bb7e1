//! How fast codes go, and to whom: in memory, for a day, and nowhere else.
//!
//! A network is known by a hash under the deployment's secret that is another one each day. What is counted here ends with the object's time
//! in memory, which an owner's limit is no promise against: it slows down who collects codes, the stock is what holds.

use std::collections::BTreeMap;

use noren_wire::bounds::VELOCITY_MAX;
use noren_wire::coupon::PoolRate;
use noren_wire::inner::PoolClaim;

const DAY_MS: i64 = 86_400_000;
const MINUTE_MS: i64 = 60_000;

/// Whose claims are counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Device(Box<str>),
    Person(Box<str>),
    Network(Box<str>),
}

/// Claims since a moment.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    since: i64,
    count: u32,
}

impl Span {
    /// Seconds until there is room again; `None` where there is. A limit of 0 is none.
    fn wait(self, most: u32, length_ms: i64, now: i64) -> Option<u32> {
        let left_ms = self.since + length_ms - now;
        if most == 0 || self.count < most || left_ms <= 0 {
            return None;
        }
        // Rounded up, so that who waits as long is not too early.
        u32::try_from(left_ms.saturating_add(999) / 1_000).ok()
    }

    fn add(&mut self, length_ms: i64, now: i64) {
        if now - self.since >= length_ms {
            *self = Span { since: now, count: 0 };
        }
        self.count = self.count.saturating_add(1);
    }
}

/// What one pool remembers of its claims.
#[derive(Clone, Debug, Default)]
pub struct Velocity {
    of: BTreeMap<Who, Span>,
    all: Span,
}

impl Velocity {
    /// Seconds this claim has to wait, the longest of what its device, person, network and all together ask for; `None` for not at all.
    pub fn wait(&self, claim: &PoolClaim, rate: &PoolRate) -> Option<u32> {
        let each = who(claim).into_iter().flatten().filter_map(|who| {
            let most = match &who {
                Who::Device(_) => rate.device,
                Who::Person(_) => rate.person,
                Who::Network(_) => rate.network,
            };
            self.of.get(&who)?.wait(most, DAY_MS, claim.now)
        });
        each.chain(self.all.wait(rate.minute, MINUTE_MS, claim.now)).max()
    }

    /// A code was handed out.
    pub fn count(&mut self, claim: &PoolClaim) {
        let now = claim.now;
        self.all.add(MINUTE_MS, now);
        if self.of.len() + 3 > VELOCITY_MAX {
            self.make_room(now);
        }
        for who in who(claim).into_iter().flatten() {
            self.of.entry(who).or_default().add(DAY_MS, now);
        }
    }

    /// Those of yesterday go; where that is not enough, the older half: who collects codes is counted again from one.
    fn make_room(&mut self, now: i64) {
        self.of.retain(|_, span| now - span.since < DAY_MS);
        if self.of.len() + 3 > VELOCITY_MAX {
            let mut since: Vec<i64> = self.of.values().map(|span| span.since).collect();
            since.sort_unstable();
            let middle = since.get(since.len() / 2).copied().unwrap_or(now);
            self.of.retain(|_, span| span.since > middle);
        }
    }
}

fn who(claim: &PoolClaim) -> [Option<Who>; 3] {
    let named = |id: &str, who: fn(Box<str>) -> Who| (!id.is_empty()).then(|| who(id.into()));
    [named(&claim.visitor, Who::Device), named(&claim.person, Who::Person), named(&claim.network, Who::Network)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(now: i64, visitor: &str, person: &str, network: &str) -> PoolClaim {
        PoolClaim { now, visitor: visitor.into(), person: person.into(), network: network.into(), campaign: "c".into() }
    }

    const RATE: PoolRate = PoolRate { device: 2, person: 3, network: 4, minute: 0 };

    /// Claims in order; each waits as long as is said, or gets a code.
    fn check(rate: &PoolRate, rows: &[(i64, &str, &str, &str, Option<u32>)]) {
        let mut velocity = Velocity::default();
        for (i, (now, visitor, person, network, expected)) in rows.iter().enumerate() {
            let claim = claim(*now, visitor, person, network);
            let wait = velocity.wait(&claim, rate);
            assert_eq!(wait, *expected, "row {i}");
            if wait.is_none() {
                velocity.count(&claim);
            }
        }
    }

    #[test]
    fn each_has_its_own_limit_for_a_day() {
        check(
            &RATE,
            &[
                (0, "a", "p", "n", None),
                (1_000, "a", "p", "n", None),
                (2_000, "a", "p", "n", Some(86_398)),
                (2_000, "b", "p", "n", None),
                (3_000, "c", "p", "n", Some(86_397)),
                (3_000, "c", "q", "n", None),
                (4_000, "d", "", "n", Some(86_396)),
                (4_000, "d", "", "", None),
                (DAY_MS - 1, "a", "", "", Some(1)),
                (DAY_MS, "a", "p", "n", None),
            ],
        );
    }

    #[test]
    fn all_together_have_one_for_a_minute_and_zero_is_none() {
        let rate = PoolRate { device: 0, person: 0, network: 0, minute: 2 };
        check(
            &rate,
            &[
                (0, "a", "", "", None),
                (500, "a", "", "", None),
                (600, "b", "", "", Some(60)),
                (60_000, "b", "", "", None),
            ],
        );
        let rate = PoolRate { minute: 0, ..rate };
        check(&rate, &[(0, "a", "", "", None); 20]);
    }

    #[test]
    fn memory_is_bounded() {
        let mut velocity = Velocity::default();
        for i in 0..2 * VELOCITY_MAX as i64 {
            velocity.count(&claim(i, &format!("v{i}"), "", "n"));
            assert!(velocity.of.len() <= VELOCITY_MAX);
        }
        // Who claimed last is still known.
        let last = claim(2 * VELOCITY_MAX as i64, &format!("v{}", 2 * VELOCITY_MAX - 1), "", "");
        assert!(velocity.wait(&last, &PoolRate { device: 1, ..RATE }).is_some());
    }
}
