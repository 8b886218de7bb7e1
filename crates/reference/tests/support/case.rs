//! One log under one or more programs, run by the engine and by the naive evaluator.

use noren_engine::memo::Memo;
use noren_engine::{Effect, Engine, Host, Input};
use noren_event::Timestamp;
use noren_program::{Image, Program, codec};
use noren_reference::{Entry, Verdicts, decide_through};
use noren_rule::ast::Campaign;

/// A subject matches a pattern that it contains. What comes after `slow` cannot be told of a subject with a `2` or a `c` in it.
pub struct Contains;

impl Host for Contains {
    fn regex(&self, pattern: &[u8], _fold: bool, subject: &[u8]) -> Option<bool> {
        let pattern = match pattern.strip_prefix(b"slow") {
            Some(_) if subject.iter().any(|b| b"2c".contains(b)) => return None,
            Some(rest) => rest,
            None => pattern,
        };
        Some(pattern.is_empty() || subject.windows(pattern.len()).any(|w| w == pattern))
    }
}

/// The same, and it remembers what events of one program mean nothing to.
struct Remembers(Memo);

impl Host for Remembers {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        Contains.regex(pattern, fold, subject)
    }
    fn memo(&self) -> Option<&Memo> {
        Some(&self.0)
    }
}

/// A host for a program.
fn host(image: &Image, remembers: bool) -> Box<dyn Host> {
    if remembers { Box::new(Remembers(Memo::new(image))) } else { Box::new(Contains) }
}

/// Everything that decides what comes of a run.
#[derive(Clone, Debug)]
pub struct Case {
    pub unit: String,
    /// The log begins under the first.
    pub programs: Vec<Vec<Campaign>>,
    pub log: Vec<(Timestamp, Entry)>,
    /// Up to when deadlines run.
    pub end: Timestamp,
    /// The engine is written out and read back after every so-manyth entry; never for 0.
    pub restore_every: usize,
    /// Whether the engine is told of each deadline of its own when it comes, as in a browser, or of inputs only.
    pub is_told_the_time: bool,
    /// Whether the engine's host remembers what events mean nothing to.
    pub remembers: bool,
}

/// What both make of a case.
pub struct Both {
    pub naive: Verdicts,
    pub engine: Verdicts,
}

/// Campaigns of one moment decide independently but for what arbitration orders; the order among them is not promised.
fn in_order(mut v: Verdicts) -> Verdicts {
    v.decisions.sort_by(|a, b| (a.at, &a.campaign).cmp(&(b.at, &b.campaign)));
    v.retracted.sort();
    v.converted.sort();
    v
}

/// A program that has gone through bytes, and those bytes.
fn compiled(campaigns: &[Campaign]) -> Result<(Program, Image), String> {
    let bytes = codec::encode(&noren_rule::compile(campaigns, crate::random::START).program);
    let program = codec::decode(&bytes).map_err(|e| format!("the program does not decode: {e:?}"))?;
    if codec::encode(&program) != bytes {
        return Err("the program changed on its way through bytes".into());
    }
    let image = Image::load(bytes).map_err(|e| format!("the program does not load: {e:?}"))?;
    Ok((program, image))
}

/// The engine under way.
struct Run {
    engine: Engine,
    host: Box<dyn Host>,
    found: Verdicts,
}

impl Run {
    fn gather(&mut self, now: Timestamp, effects: Vec<Effect>) -> Result<(), String> {
        for effect in effects {
            match effect {
                Effect::Decision(d) => self.found.decisions.push(d),
                Effect::Retract { campaign } => self.found.retracted.push((now, campaign)),
                Effect::Converted { campaign } => self.found.converted.push((now, campaign)),
                Effect::Show { .. } => {}
                Effect::Prefetch { campaign, .. } => {
                    let place = self.engine.image().find(campaign.as_bytes());
                    let of = place.and_then(|c| self.engine.state().courses.get(c as usize));
                    let session = &self.engine.state().session;
                    let may_show = |of: &noren_engine::state::Course| {
                        !of.is_held(now, session) && !of.is_armed() && of.showing == 0
                    };
                    if !of.is_some_and(may_show) {
                        return Err(format!("content of {campaign} is fetched at {} and cannot be shown", now.0));
                    }
                }
            }
        }
        Ok(())
    }

    fn step(&mut self, now: Timestamp, input: Input) -> Result<(), String> {
        let at = self.engine.state().moment.now.max(now);
        let effects = self.engine.step(now, input, &*self.host);
        self.gather(at, effects)
    }

    /// Tell it of its own deadlines up to a moment; each must bring it further.
    fn tell_the_time(&mut self, until: Timestamp) -> Result<(), String> {
        while let Some(due) = self.engine.next_deadline().filter(|due| *due <= until) {
            self.step(due, Input::Tick)?;
            if self.engine.next_deadline() == Some(due) {
                return Err(format!("the deadline at {} never passes", due.0));
            }
        }
        Ok(())
    }

    fn restore(&mut self, unit: &str) -> Result<(), String> {
        let snapshot = self.engine.snapshot();
        let image = self.engine.image().clone();
        let (mut restored, ended) = Engine::restore(image, unit.as_bytes(), &snapshot, &*self.host)
            .map_err(|e| format!("the snapshot does not restore: {e:?}"))?;
        if !ended.is_empty() || restored.snapshot() != snapshot {
            return Err("a restored engine remembers something else".into());
        }
        self.engine = restored;
        Ok(())
    }
}

impl Case {
    /// Run it both ways.
    ///
    /// # Errors
    /// What can be said without the naive evaluator: bytes that do not come back, an engine that differs after a restore, content fetched
    /// for what cannot be shown.
    pub fn run(&self) -> Result<Both, String> {
        let mut programs = Vec::new();
        let mut images = Vec::new();
        for campaigns in &self.programs {
            let (program, image) = compiled(campaigns)?;
            programs.push((campaigns.clone(), program));
            images.push(image);
        }
        let naive = decide_through(&programs, &self.unit, &self.log, self.end, &Contains);
        let image = images.first().ok_or("no program")?.clone();
        let host = |image: &Image| host(image, self.remembers);
        let mut run = Run { host: host(&image), engine: Engine::new(image, &self.unit), found: Verdicts::default() };
        for (i, (now, entry)) in self.log.iter().enumerate() {
            if self.is_told_the_time {
                run.tell_the_time(*now)?;
            }
            match entry {
                Entry::Input(input) => run.step(*now, input.clone())?,
                Entry::Program(number) => {
                    run.step(*now, Input::Tick)?;
                    if let Some(image) = images.get(*number) {
                        run.host = host(image);
                        let ended = run.engine.replace_program(image.clone(), &*run.host);
                        let now = run.engine.state().moment.now;
                        run.gather(now, run.engine.in_words(ended))?;
                    }
                }
            }
            if self.restore_every > 0 && i % self.restore_every == 0 {
                run.restore(&self.unit)?;
            }
        }
        if self.is_told_the_time {
            run.tell_the_time(self.end)?;
        }
        run.step(self.end, Input::Tick)?;
        Ok(Both { naive: in_order(naive), engine: in_order(run.found) })
    }

    /// What is wrong with it; nothing where both agree.
    pub fn problem(&self) -> Option<String> {
        match self.run() {
            Err(problem) => Some(problem),
            Ok(both) if both.naive == both.engine => None,
            Ok(both) => Some(format!("naive  {:#?}\nengine {:#?}", both.naive, both.engine)),
        }
    }
}
