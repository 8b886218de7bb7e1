//! Random and mutated inputs, the same in every run, and what happens to one that fails.
//!
//! Each test of this crate names a subject. All inputs kept under `fixtures/SUBJECT` run first; an input that panics, or takes longer than
//! anybody should wait, is written there before the test fails. Commit it with the repair: from then on it is an ordinary case.

#![allow(clippy::indexing_slicing, reason = "only tests use it")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Past this an input counts as one that never ends. Ordinary ones take microseconds; a loaded machine is given its share.
const HANGS_AFTER: Duration = Duration::from_secs(60);

/// A small generator (SplitMix64: Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    /// The same numbers for the same seed, everywhere.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From 0 up to `n`, exclusive; 0 for 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n.max(1) as u64) as usize
    }

    /// One of a list that is not empty.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }

    /// Up to `most` random bytes; small ones, which are tags and lengths, more often.
    pub fn bytes(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| if self.below(2) == 0 { self.below(12) as u8 } else { self.bits() as u8 }).collect()
    }

    /// `bytes` with some places changed: flipped bits, other bytes, pieces taken out, doubled, cut off or taken from `other`.
    pub fn mutate(&mut self, bytes: &[u8], other: &[u8]) -> Vec<u8> {
        const TELLING: [u8; 8] = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, b'"'];
        let mut out = bytes.to_vec();
        for _ in 0..=self.below(6) {
            let at = self.below(out.len() + 1);
            let end = (at + 1 + self.below(8)).min(out.len());
            match self.below(8) {
                0..3 if at < out.len() => out[at] ^= 1 << self.below(8),
                3 if at < out.len() => out[at] = *self.pick(&TELLING),
                4 if at < end => drop(out.drain(at..end)),
                5 if at < end => {
                    let piece = out[at..end].to_vec();
                    drop(out.splice(at..at, piece));
                }
                6 if self.below(4) == 0 => out.truncate(at),
                _ if !other.is_empty() => {
                    let from = self.below(other.len());
                    let to = (from + self.below(24)).min(other.len());
                    drop(out.splice(at..at, other[from..to].iter().copied()));
                }
                _ => out.push(self.bits() as u8),
            }
        }
        out
    }
}

/// The input at work and since when.
type Work = (Instant, Vec<u8>);

/// What is tested, by the name of its folder of kept inputs.
pub struct Subject {
    folder: PathBuf,
    working: Arc<Mutex<Option<Work>>>,
}

impl Subject {
    /// Runs `survive` on every input kept of this subject, then on what `input` makes of numbers up to `times`.
    pub fn survives(name: &str, times: u64, mut input: impl FnMut(&mut Random) -> Vec<u8>, survive: impl Fn(&[u8])) {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
        let subject = Self { folder, working: Arc::default() };
        subject.watch();
        for kept in subject.kept() {
            subject.run(&kept, &survive);
        }
        for seed in 0..times {
            let bytes = input(&mut Random::new(seed));
            subject.run(&bytes, &survive);
        }
    }

    fn kept(&self) -> Vec<Vec<u8>> {
        let entries = std::fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
        paths.sort();
        paths.iter().map(|path| std::fs::read(path).unwrap_or_default()).collect()
    }

    fn run(&self, bytes: &[u8], survive: &impl Fn(&[u8])) {
        self.note(Some((Instant::now(), bytes.to_vec())));
        let outcome = catch_unwind(AssertUnwindSafe(|| survive(bytes)));
        self.note(None);
        if let Err(panic) = outcome {
            eprintln!("kept as {}", keep(&self.folder, bytes));
            resume_unwind(panic);
        }
    }

    fn note(&self, work: Option<Work>) {
        *self.working.lock().unwrap_or_else(PoisonError::into_inner) = work;
    }

    /// Nothing can end a thread that hangs but the end of its process.
    fn watch(&self) {
        let (working, folder) = (Arc::downgrade(&self.working), self.folder.clone());
        std::thread::spawn(move || {
            while let Some(working) = working.upgrade() {
                let now = working.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some((since, bytes)) = now
                    && since.elapsed() > HANGS_AFTER
                {
                    eprintln!("an input takes longer than {HANGS_AFTER:?}; kept as {}", keep(&folder, &bytes));
                    std::process::abort();
                }
                drop(working);
                std::thread::park_timeout(Duration::from_secs(1));
            }
        });
    }
}

/// Writes an input that failed; answers with its path, or why it could not be written.
fn keep(folder: &std::path::Path, bytes: &[u8]) -> String {
    // FNV-1a: a name, not a proof.
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    let path = folder.join(format!("{hash:016x}"));
    match std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, bytes)) {
        Ok(()) => path.display().to_string(),
        Err(error) => format!("nothing: {error}"),
    }
}
