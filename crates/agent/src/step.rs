//! Messages in, answers out.
//!
//! A message is a list `[op, now, ...]`; `now` is the corrected time in Unix milliseconds.
//!
//! | op | arguments | |
//! | --- | --- | --- |
//! | 0 | program bytes or null, unit, snapshot bytes or null | start, or start again (a page restored from the back-forward cache) |
//! | 1 | program bytes | the live program changed |
//! | 2 | name, properties, at, elsewhere, page | something happened, here or in another tab; `page` is what `page.*` reads from a `page_view` on, null for other events |
//! | 3, 4, 5, 6 | | visible, hidden, active, left |
//! | 7 | facts | what is known of the visitor |
//! | 8 | root, value | attributes |
//! | 9 | list of categories or null | consent |
//! | 10 | campaign, news (0 closed, 1 clicked, 2 failed, 3 retracted) | a widget |
//! | 11 | campaign, what (0 shown, 1 closed, 2 clicked, 3 converted), at | another tab recorded something that caps count |
//! | 12 | | nothing but time |
//! | 13 | | answer with a snapshot as well |
//! | 14 | program bytes, unit, snapshot bytes | answer with the trace of what a snapshot holds; only in the module for `why` |
//!
//! The answer is a list `[deadline or null, effect...]`, the effects as [`crate::effects`] has them, or a [`Refusal`] as text. A snapshot or a
//! program that cannot be read is not refused: the agent starts afresh, or goes on with what it has, and says so with an effect.

use crate::effects::Effects;
use noren_engine::{Engine, Host, Told, WidgetNews};
use noren_event::Timestamp;
use noren_event::packed::{Item, Items, Reader, Writer, text, view};
use noren_program::Image;

/// Why a message was not taken. The agent's state is as before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes are no packed value.
    Malformed,
    /// An argument is missing or of the wrong type, or the operation is unknown.
    Invalid,
    /// Nothing was started yet.
    NotStarted,
}

impl Refusal {
    /// The text that crosses to the host.
    pub fn word(self) -> &'static str {
        match self {
            Refusal::Malformed => "malformed",
            Refusal::Invalid => "invalid",
            Refusal::NotStarted => "not_started",
        }
    }
}

/// One page's engine, once it was started.
#[derive(Default)]
pub struct Agent {
    engine: Option<Engine>,
}

impl Agent {
    /// An agent that was told nothing yet.
    pub const fn new() -> Agent {
        Agent { engine: None }
    }

    /// Takes one message and answers it. Never panics; cost: the message's size and what the engine does for it.
    pub fn step(&mut self, message: &[u8], host: &dyn Host) -> Vec<u8> {
        let mut w = Writer::default();
        match self.answer(message, host) {
            Ok(effects) => {
                match self.engine.as_ref().and_then(Engine::next_deadline) {
                    Some(deadline) => w.number(deadline.0 as f64),
                    None => w.byte(0),
                }
                effects.after(&w)
            }
            Err(refusal) => {
                w.text(refusal.word().as_bytes());
                w.0
            }
        }
    }

    fn answer(&mut self, message: &[u8], host: &dyn Host) -> Result<Effects, Refusal> {
        let mut whole = Reader::new(message);
        whole.skip();
        whole.finish().map_err(|_| Refusal::Malformed)?;
        let Item::List(items) = view(message) else { return Err(Refusal::Invalid) };
        let mut args = Args { items, failed: false };
        let op = args.number() as u8;
        let now = args.time();
        let mut out = Effects::default();
        if op == 0 {
            self.start(&mut args, host, &mut out)?;
            return Ok(out);
        }
        #[cfg(feature = "why")]
        if op == 14 {
            explain(&mut args, now, host, &mut out)?;
            return Ok(out);
        }
        let engine = self.engine.as_mut().ok_or(Refusal::NotStarted)?;
        let told = match op {
            1 => {
                let bytes = args.bytes().ok_or(Refusal::Invalid)?;
                match Image::load(bytes.into()) {
                    Ok(image) => {
                        let ended = engine.replace_program(image, host);
                        out.of_engine(ended, engine.image());
                    }
                    Err(_) => out.unreadable("program"),
                }
                Told::Time
            }
            2 => {
                let (name, props, at, elsewhere) = (args.text(), args.next(), args.time(), view(args.next()));
                if !matches!(elsewhere, Item::Bool(_)) {
                    args.fail(());
                }
                Told::Event { name, props, page: args.next(), at, here: !matches!(elsewhere, Item::Bool(true)) }
            }
            3 => Told::Visible,
            4 => Told::Hidden,
            5 => Told::Active,
            6 => Told::Leave,
            7 => Told::Facts(args.next()),
            8 => Told::Attributes(args.text(), args.next()),
            9 => {
                let granted = args.next();
                let valid = match view(granted) {
                    Item::Null => true,
                    Item::List(mut items) => items.all(|(_, item)| text(item).is_some()),
                    _ => false,
                };
                if !valid {
                    args.fail(());
                }
                Told::Consent(granted)
            }
            10 => Told::Widget(args.text(), WidgetNews::of(args.choice(4))),
            11 => Told::Record { campaign: args.text(), what: args.choice(4), at: args.time() },
            12 => Told::Time,
            13 => {
                out.snapshot(&engine.snapshot());
                return Ok(out);
            }
            _ => return Err(Refusal::Invalid),
        };
        args.check()?;
        let acts = engine.take(now, told, host);
        out.of_engine(acts, engine.image());
        Ok(out)
    }

    fn start(&mut self, args: &mut Args, host: &dyn Host, out: &mut Effects) -> Result<(), Refusal> {
        let (program, unit, snapshot) = (args.bytes(), args.text(), args.bytes());
        args.check()?;
        let image = match program.map(|bytes| Image::load(bytes.into())) {
            Some(Ok(image)) => image,
            failed => {
                if failed.is_some() {
                    out.unreadable("program");
                }
                Image::default()
            }
        };
        let restored = snapshot.map(|bytes| Engine::restore(image.clone(), unit, bytes, host));
        let failed = matches!(restored, Some(Err(_)));
        let engine = match restored {
            Some(Ok((mut engine, ended))) => {
                out.of_engine(ended, &image);
                // The page in a snapshot is one that was left, or another tab's. It ends at the snapshot's own moment, so that none of its
                // deadlines comes due here; what its end would open is not this page's to decide.
                let moment = engine.state().moment.now;
                engine.take(moment, Told::Leave, host);
                engine
            }
            _ => Engine::new(image, unit),
        };
        if failed {
            out.unreadable("snapshot");
        }
        self.engine = Some(engine);
        Ok(())
    }
}

/// The trace of what a snapshot holds. The agent itself carries no words for it: whoever asks why fetches a second module, once.
#[cfg(feature = "why")]
fn explain(args: &mut Args, now: Timestamp, host: &dyn Host, out: &mut Effects) -> Result<(), Refusal> {
    let (program, unit, snapshot) = (args.bytes(), args.text(), args.bytes());
    args.check()?;
    let image = Image::load(program.unwrap_or_default().into()).unwrap_or_default();
    let (engine, _) =
        Engine::restore(image, unit, snapshot.unwrap_or_default(), host).map_err(|_| Refusal::Malformed)?;
    out.trace(&engine.trace(now, host));
    Ok(())
}

/// The arguments of a message, taken in order. As with a reader, the first that is missing or of the wrong type is remembered, and asked for
/// once before anything is done.
struct Args<'a> {
    items: Items<'a>,
    failed: bool,
}

impl<'a> Args<'a> {
    fn next(&mut self) -> &'a [u8] {
        match self.items.next() {
            Some((_, value)) => value,
            None => self.fail(&[]),
        }
    }

    fn fail<T>(&mut self, instead: T) -> T {
        self.failed = true;
        instead
    }

    fn check(&self) -> Result<(), Refusal> {
        if self.failed { Err(Refusal::Invalid) } else { Ok(()) }
    }

    fn number(&mut self) -> f64 {
        match view(self.next()) {
            Item::Num(n) => n,
            _ => self.fail(0.0),
        }
    }

    /// A number below `end`.
    fn choice(&mut self, end: u8) -> u8 {
        let n = self.number() as u8;
        if n < end { n } else { self.fail(0) }
    }

    /// Fractions of a millisecond are cut off; what no clock can say (NaN, infinities) is refused.
    fn time(&mut self) -> Timestamp {
        let n = self.number();
        if n.is_finite() { Timestamp(n as i64) } else { self.fail(Timestamp(0)) }
    }

    fn text(&mut self) -> &'a [u8] {
        match view(self.next()) {
            Item::Str(text) => text,
            _ => self.fail(&[]),
        }
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        match view(self.next()) {
            Item::Bytes(bytes) => Some(bytes),
            Item::Null => None,
            _ => self.fail(None),
        }
    }
}

#[cfg(test)]
mod tests;
