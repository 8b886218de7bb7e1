//! When time alone will change something: one moment a campaign, the next of all at hand.
//!
//! A tournament: a complete binary tree whose every node is the earlier of its two children. To move a deadline costs the height of the tree,
//! to know the next one nothing. Memory: two moments (16 bytes) a campaign, rounded up to a power of two.

use noren_event::Timestamp;

/// What is never due.
pub const NEVER: Timestamp = Timestamp(i64::MAX);

/// The deadlines of all campaigns.
#[derive(Clone, Debug)]
pub struct Deadlines {
    tree: Vec<Timestamp>,
}

impl Deadlines {
    /// None is due.
    pub fn new(campaigns: u32) -> Deadlines {
        Deadlines { tree: vec![NEVER; 2 * (campaigns as usize).next_power_of_two()] }
    }

    fn get(&self, node: usize) -> Timestamp {
        self.tree.get(node).copied().unwrap_or(NEVER)
    }

    /// Set one; [`NEVER`] clears it.
    pub fn set(&mut self, campaign: u32, mut at: Timestamp) {
        let mut node = self.tree.len() / 2 + campaign as usize;
        while let Some(slot) = self.tree.get_mut(node)
            && *slot != at
        {
            *slot = at;
            at = at.min(self.get(node ^ 1));
            node /= 2;
        }
    }

    /// The earliest, or [`NEVER`].
    pub fn next(&self) -> Timestamp {
        self.get(1)
    }

    /// Clear one that is due at `now`, the campaign of the lowest number first.
    pub fn take(&mut self, now: Timestamp) -> Option<u32> {
        let leaves = self.tree.len() / 2;
        let mut node = 1;
        if now == NEVER || self.get(node) > now {
            return None;
        }
        while node < leaves {
            node *= 2;
            node += usize::from(self.get(node) > now);
        }
        let campaign = (node - leaves) as u32;
        self.set(campaign, NEVER);
        Some(campaign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_comes_first_and_what_is_moved_moves() {
        for n in [0u32, 1, 2, 3, 5, 8, 100] {
            let mut tree = Deadlines::new(n);
            let mut plain = vec![NEVER; n as usize];
            let mut seed = 7u64;
            for _ in 0..500 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if n > 0 {
                    let c = (seed >> 33) as u32 % n;
                    let at = (seed >> 20) as i64 % 50;
                    let at = if at > 5 { Timestamp(at) } else { NEVER };
                    tree.set(c, at);
                    plain[c as usize] = at;
                }
                assert_eq!(tree.next(), plain.iter().min().copied().unwrap_or(NEVER));
            }
            let mut taken = Vec::new();
            while let Some(c) = tree.take(Timestamp(30)) {
                taken.push(c);
            }
            let due = |c: &u32| plain[*c as usize] <= Timestamp(30);
            assert_eq!(taken, (0..n).filter(due).collect::<Vec<_>>());
            assert!(tree.next() > Timestamp(30));
        }
    }

    #[test]
    fn a_place_that_is_none_changes_nothing() {
        let mut tree = Deadlines::new(3);
        tree.set(99, Timestamp(1));
        assert_eq!(tree.next(), NEVER);
    }
}
