//! The engine equals the naive evaluator over random campaigns and random logs, with snapshot and restore at random steps.
//!
//! A failure prints its seed; `NOREN_SEED=n` runs that one alone, `NOREN_ROUNDS=n` as many as wanted. Seeds that once failed stay in
//! `SEEDS`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod random;

use noren_engine::{Effect, Engine, Host, Input};
use noren_event::Timestamp;
use noren_program::{Image, codec};
use noren_reference::{Verdicts, decide};
use random::Random;

struct NoRegex;

impl Host for NoRegex {
    fn regex(&self, pattern: &[u8], _fold: bool, subject: &[u8]) -> Option<bool> {
        Some(pattern.is_empty() || subject.windows(pattern.len()).any(|w| w == pattern))
    }
}

/// Seeds that found a difference once.
const SEEDS: [u64; 0] = [];
/// Rounds of an ordinary run: about ten seconds on one slow core.
const ROUNDS: u64 = 4_000;

fn gather(verdicts: &mut Verdicts, now: Timestamp, effects: Vec<Effect>) {
    for effect in effects {
        match effect {
            Effect::Decision(d) => verdicts.decisions.push(d),
            Effect::Retract { campaign } => verdicts.retracted.push((now, campaign)),
            Effect::Converted { campaign } => verdicts.converted.push((now, campaign)),
            Effect::Show { .. } | Effect::Prefetch { .. } => {}
        }
    }
}

/// Runs one seed both ways.
fn check(seed: u64) -> Result<usize, String> {
    let mut random = Random::new(seed);
    let campaigns = random.campaigns();
    let compiled = noren_rule::compile(&campaigns, random::START);
    let bytes = codec::encode(&compiled.program);
    let program = codec::decode(&bytes).map_err(|e| format!("the program does not decode: {e:?}"))?;
    if codec::encode(&program) != bytes {
        return Err("the program changed on its way through bytes".into());
    }
    let image = Image::load(bytes).map_err(|e| format!("the program does not load: {e:?}"))?;
    let (log, end) = random.log(&campaigns);
    let unit = format!("visitor-{seed}");
    let expected = decide(&campaigns, &program, &unit, &log, end, &NoRegex);

    let mut engine = Engine::new(image.clone(), &unit);
    let mut found = Verdicts::default();
    for (now, input) in &log {
        let at = engine.state().moment.now.max(*now);
        let effects = engine.step(*now, input.clone(), &NoRegex);
        gather(&mut found, at, effects);
        if random.chance(10) {
            let snapshot = engine.snapshot();
            let (mut restored, ended) = Engine::restore(image.clone(), unit.as_bytes(), &snapshot, &NoRegex)
                .map_err(|e| format!("the snapshot does not restore: {e:?}"))?;
            if !ended.is_empty() || restored.snapshot() != snapshot {
                return Err(format!(
                    "seed {seed}: a restored engine differs
{:#?}
{:#?}",
                    restored.state(),
                    engine.state()
                ));
            }
            engine = restored;
        }
    }
    let effects = engine.step(end, Input::Tick, &NoRegex);
    gather(&mut found, end, effects);
    // Campaigns decide independently at one moment but for what arbitration orders; the order among them at that moment is not promised.
    let sorted = |mut v: Verdicts| {
        v.decisions.sort_by(|a, b| (a.at, &a.campaign).cmp(&(b.at, &b.campaign)));
        v.retracted.sort();
        v.converted.sort();
        v
    };
    let (expected, found) = (sorted(expected), sorted(found));
    if expected == found {
        return Ok(expected.decisions.len());
    }
    let mut report = format!("seed {seed}\n{campaigns:#?}\n");
    for (now, input) in &log {
        report += &format!("{} {input:?}\n", now.0);
    }
    report += &format!("end {}\n-- naive\n", end.0);
    for d in &expected.decisions {
        report += &format!("{d:?}\n");
    }
    report += &format!("{:?}\n{:?}\n-- engine\n", expected.retracted, expected.converted);
    for d in &found.decisions {
        report += &format!("{d:?}\n");
    }
    report += &format!("{:?}\n{:?}\n", found.retracted, found.converted);
    Err(report)
}

#[test]
fn the_engine_decides_as_the_naive_evaluator_does() {
    let number = |name: &str| std::env::var(name).ok().and_then(|v| v.parse::<u64>().ok());
    let seeds: Vec<u64> = match number("NOREN_SEED") {
        Some(seed) => vec![seed],
        None => SEEDS.into_iter().chain(0..number("NOREN_ROUNDS").unwrap_or(ROUNDS)).collect(),
    };
    let mut decisions = 0;
    for &seed in &seeds {
        decisions += check(seed).unwrap_or_else(|report| panic!("{report}"));
    }
    // Streams in which nothing ever happens would prove nothing.
    assert!(seeds.len() < 100 || decisions > seeds.len(), "only {decisions} decisions in {} rounds", seeds.len());
}
