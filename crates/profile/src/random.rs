//! Random logs for the property tests: seeded, so that a failing seed is a test case.

use noren_event::{Event, Timestamp, Value};

use crate::stamp::Stamp;

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

/// One device's log of `n` events over some hours, three streams, few campaigns and orders so that they meet.
pub fn events(rng: &mut Rng, n: u64) -> Vec<(Event, Stamp)> {
    (0..n)
        .map(|i| {
            let at = Timestamp(rng.below(600) as i64 * 60_000);
            let pick = |rng: &mut Rng, words: &[&str]| Value::str(words[rng.below(words.len() as u64) as usize]);
            let campaign = pick(rng, &["linger", "cart", "welcome"]);
            let phase = Value::Num(rng.below(2) as f64);
            let (name, props) = match rng.below(9) {
                0 => (
                    "purchase",
                    Value::map([
                        ("transaction_id", pick(rng, &["A", "B", "C"])),
                        ("value", (100.0 * rng.below(9) as f64).into()),
                    ]),
                ),
                1 => ("purchase", Value::map([("value", (100.0 * rng.below(3) as f64).into())])),
                2 => ("refund", Value::map([("transaction_id", pick(rng, &["A", "B"]))])),
                3 => (
                    "identify",
                    Value::map([
                        ("user_id", pick(rng, &["u1", "u2"])),
                        ("traits", Value::map([("name", pick(rng, &["x", "y"]))])),
                    ]),
                ),
                4 => {
                    let arm = pick(rng, &["treated", "control"]);
                    (
                        "noren_exposure",
                        Value::map([
                            ("campaign", campaign),
                            ("phase", phase),
                            ("variant", pick(rng, &["a", "b"])),
                            ("arm", arm),
                        ]),
                    )
                }
                5 => ("noren_close", Value::map([("campaign", campaign), ("variant", "a".into())])),
                6 => ("noren_click", Value::map([("campaign", campaign), ("phase", phase)])),
                7 => ("noren_impression", Value::map([("campaign", campaign)])),
                _ => ("page_view", Value::map([])),
            };
            let stamp = Stamp { at, stream: format!("s{}", rng.below(3)).into(), n: i };
            (Event { name: name.into(), props, at }, stamp)
        })
        .collect()
}
