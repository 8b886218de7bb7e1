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

/// One device's log of `n` events over some hours, three streams of pages and what servers reported, few campaigns and orders so that they meet.
pub fn events(rng: &mut Rng, n: u64) -> Vec<(Event, Stamp)> {
    (0..n)
        .map(|i| {
            let at = Timestamp(rng.below(600) as i64 * 60_000);
            let pick = |rng: &mut Rng, words: &[&str]| Value::str(words[rng.below(words.len() as u64) as usize]);
            let campaign = pick(rng, &["linger", "cart", "welcome"]);
            let phase = Value::Num(rng.below(2) as f64);
            let (name, props) = match rng.below(14) {
                0 => (
                    "purchase",
                    Value::map([
                        ("transaction_id", pick(rng, &["A", "B", "C"])),
                        // Some reports say nothing of the value.
                        ("value", if rng.below(4) == 0 { Value::Null } else { (100.0 * rng.below(9) as f64).into() }),
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
                8 => {
                    let items = Value::List(vec![Value::map([(
                        "item_category",
                        pick(rng, &["tea", "cup", "pot", "tin", "jam", "rug"]),
                    )])]);
                    ("view_item", Value::map([("items", items)]))
                }
                9 => {
                    let answer = pick(rng, &["green", "black"]);
                    ("noren_answer", Value::map([("name", pick(rng, &["taste", "age"])), ("value", answer)]))
                }
                10 | 11 => {
                    let items = Value::List(vec![Value::map([("item_id", pick(rng, &["i1", "i2", "i3"]))])]);
                    let name = ["add_to_cart", "add_to_cart", "remove_from_cart", "view_cart"][rng.below(4) as usize];
                    (name, Value::map([("items", items)]))
                }
                12 => {
                    let location = pick(
                        rng,
                        &[
                            "https://s.example/",
                            "https://s.example/?utm_source=mail",
                            "https://s.example/?utm_source=ad",
                        ],
                    );
                    let referrer =
                        pick(rng, &["", "https://s.example/", "https://blog.example/", "https://www.google.com/"]);
                    ("page_view", Value::map([("page_location", location), ("page_referrer", referrer)]))
                }
                _ => ("page_view", Value::map([])),
            };
            let stream = match rng.below(4) {
                3 => crate::stamp::SERVER_STREAM.into(),
                page => format!("s{page}").into(),
            };
            let stamp = Stamp { at, stream, n: i };
            (Event { name: name.into(), props, at }, stamp)
        })
        .collect()
}
