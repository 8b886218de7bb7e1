//! Ten thousand visitors for a thousand codes, with failures wherever a claim can stop: in the pool's storage, on the way back to the device,
//! in the device's storage, on the way back to the page. Who got no answer asks again.

use std::collections::{BTreeMap, BTreeSet};

use noren_wire::coupon::{CouponAnswer, Generate, PoolRate, Terms};
use noren_wire::inner::{DeviceClaim, PoolClaim, PoolFill};
use noren_wire::stored::DeviceDoc;

use super::velocity::Velocity;
use super::{claim, fill, lapse, state};
use crate::device::{self, coupon};
use crate::memory::Memory;
use crate::world::Rng;

const VISITORS: usize = 10_000;
const CODES: u32 = 1_000;
const SECRET: &str = "secret";

struct Visitor {
    id: String,
    sql: Memory,
    doc: Option<DeviceDoc>,
    /// The answer its page has at last.
    answer: Option<CouponAnswer>,
}

/// One try of a page, as the shells go: device, pool, device, page. `true` when the page has an answer.
fn ask(pool: &Memory, visitor: &mut Visitor, now: i64, rng: &mut Rng) -> bool {
    let fails = |rng: &mut Rng| rng.below(10) == 0;
    let asked = DeviceClaim {
        now,
        site: "demo".into(),
        shards: 4,
        device: visitor.id.clone(),
        campaign: "c".into(),
        pool: "p".into(),
        ..DeviceClaim::default()
    };
    let asked_of_pool = PoolClaim { now, visitor: visitor.id.clone(), campaign: "c".into(), ..PoolClaim::default() };
    if fails(rng) {
        pool.fail_in.set(Some(rng.below(12) as u32));
    }
    let answer = claim(pool, &asked_of_pool, &mut Velocity::default(), SECRET);
    pool.fail_in.set(None);
    let Ok(answer) = answer else { return false };
    if fails(rng) {
        return false;
    }
    if fails(rng) {
        visitor.sql.fail_in.set(Some(rng.below(4) as u32));
    }
    let remembered = coupon::remember(&visitor.sql, visitor.doc.as_ref(), &asked, &answer);
    visitor.sql.fail_in.set(None);
    match remembered {
        Ok(doc) => visitor.doc = doc,
        Err(_) => {
            visitor.doc = device::load(&visitor.sql).unwrap();
            return false;
        }
    }
    if fails(rng) {
        return false;
    }
    visitor.answer = Some(answer);
    true
}

#[test]
fn ten_thousand_claims_for_a_thousand_codes_give_exactly_a_thousand_each_once() {
    for seed in 0..3 {
        let mut rng = Rng(seed);
        let pool = Memory::new();
        let terms = Terms { kind: "percent".into(), value: 10.0, ..Terms::default() };
        let settings = PoolFill {
            site: "demo".into(),
            pool: "p".into(),
            generate: Some(Generate { count: CODES, prefix: "TEA-".into(), length: None }),
            terms: Some(terms),
            rate: Some(PoolRate { device: 0, person: 0, network: 0, minute: 0 }),
            ..PoolFill::default()
        };
        fill(&pool, &settings, SECRET).unwrap();
        let mut waiting: Vec<usize> = (0..VISITORS).collect();
        let mut visitors: BTreeMap<usize, Visitor> = BTreeMap::new();
        let mut given = BTreeSet::new();
        let mut empty = 0;
        while !waiting.is_empty() {
            let place = rng.below(waiting.len() as u64) as usize;
            let who = waiting[place];
            let visitor = visitors.entry(who).or_insert_with(|| Visitor {
                id: format!("{who:0>22}"),
                sql: Memory::new(),
                doc: None,
                answer: None,
            });
            if !ask(&pool, visitor, 0, &mut rng) {
                continue;
            }
            waiting.swap_remove(place);
            let visitor = visitors.remove(&who).unwrap();
            match visitor.answer {
                Some(CouponAnswer::Held { code, .. }) => {
                    assert_eq!(visitor.doc.unwrap().coupons[0].1.code, code, "what was shown is remembered");
                    assert!(given.insert(code.clone()), "{code} was given twice");
                }
                Some(CouponAnswer::Refused { code, .. }) => {
                    assert_eq!(code, "pool_empty");
                    empty += 1;
                }
                None => panic!("no answer"),
            }
        }
        assert_eq!((given.len(), empty), (CODES as usize, VISITORS - CODES as usize), "seed {seed}");
        let now = state(&pool).unwrap().unwrap();
        assert_eq!((now.stock, now.claimed), (0, u64::from(CODES)));
        // And all of them come back in time, in bounded steps.
        let mut back = 0;
        loop {
            match lapse::sweep(&pool, SECRET, super::EXPIRES_AFTER_DEFAULT_MS).unwrap() {
                0 => break,
                n => back += n,
            }
        }
        assert_eq!((back, state(&pool).unwrap().unwrap().stock), (u64::from(CODES), u64::from(CODES)));
    }
}
