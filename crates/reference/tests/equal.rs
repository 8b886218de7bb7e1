//! The engine equals the naive evaluator over random campaigns and random logs: with late, early and repeated events, programs that change
//! while something is armed, snapshots at random steps or at every one, and logs long enough for everything bounded to overflow.
//!
//! A failure prints its seed and the smallest case it shrinks to, as `tests/conformance/rules` writes cases, to be kept there. `NOREN_SEED=n`
//! runs one seed alone, `NOREN_ROUNDS=n` as many as wanted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod random;
mod support;

use noren_event::Value;
use noren_rule::ast::Campaign;
use random::Random;
use support::case::Case;
use support::{document, shrink};

/// Rounds of an ordinary run: about ten seconds on one slow core.
const ROUNDS: u64 = 8_000;

/// What a seed stands for.
fn case(seed: u64) -> Case {
    let mut random = Random::new(seed);
    let unit = format!("visitor-{seed}");
    let remembers = seed.is_multiple_of(2);
    if seed % 25 == 24 {
        let (campaigns, log, end) = random.full();
        let restore_every = [0, 1, 11][random.below(3) as usize];
        let is_told_the_time = random.chance(50);
        return Case { unit, programs: vec![campaigns], log, end, restore_every, is_told_the_time, remembers };
    }
    random.is_flood = seed % 50 == 48;
    let mut programs = vec![random.campaigns()];
    if random.chance(30) {
        for _ in 0..1 + random.below(3) {
            let next = random.edited(programs.last().expect("one program"));
            programs.push(next);
        }
    }
    let (log, end) = random.log(&programs);
    let restore_every = [0, 0, 7, 3, 1][random.below(5) as usize];
    let is_told_the_time = random.chance(50);
    Case { unit, programs, log, end, restore_every, is_told_the_time, remembers }
}

/// Runs one seed both ways: how many decisions came of it.
fn check(seed: u64) -> usize {
    let case = case(seed);
    match case.run() {
        Ok(both) if both.naive == both.engine => return both.naive.decisions.len(),
        _ => {}
    }
    let case = shrink::shrink(case);
    let problem = case.problem().unwrap_or_default();
    let expect = case.run().map(|both| both.naive).unwrap_or_default();
    panic!(
        "seed {seed}, restored every {} entries, {} of its own deadlines\n{}\n{problem}",
        case.restore_every,
        if case.is_told_the_time { "told" } else { "not told" },
        document::case(&case, &expect),
    );
}

#[test]
fn the_engine_decides_as_the_naive_evaluator_does() {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let seeds = match number("NOREN_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("NOREN_ROUNDS").unwrap_or(ROUNDS),
    };
    let rounds = (seeds.end - seeds.start) as usize;
    let decisions: usize = seeds.map(check).sum();
    // Streams in which nothing ever happens would prove nothing.
    assert!(rounds < 100 || decisions > rounds, "only {decisions} decisions in {rounds} rounds");
}

#[test]
fn a_printed_case_says_what_was_run() {
    for seed in 0..200 {
        for campaigns in case(seed).programs {
            let documents: Vec<Value> =
                campaigns.iter().map(|c| noren_wire::value::from_json(&document::document(c))).collect();
            let (read, findings) = noren_rule::check_all(&documents, &Value::Null);
            let errors: Vec<_> = findings.iter().filter(|f| f.level == noren_rule::Level::Error).collect();
            assert!(errors.is_empty(), "seed {seed}: {errors:?}");
            // A document has no way to ask for no place at all; schedules, shares and ends are not written.
            let whole = |c: &&Campaign| {
                c.surface != noren_program::Surface::None
                    && c.schedule.is_none()
                    && c.exclusive.is_none()
                    && c.stop.is_none()
            };
            let placed = |list: &[Campaign]| -> Vec<Campaign> { list.iter().filter(whole).cloned().collect() };
            let read: Vec<Campaign> =
                read.into_iter().filter(|c| placed(&campaigns).iter().any(|p| p.id == c.id)).collect();
            assert_eq!(read, placed(&campaigns), "seed {seed}");
        }
    }
}
