//! Messages in, answers out.
//!
//! A message is a list `[op, now, ...]`; `now` is the corrected time in Unix milliseconds.
//!
//! | op | arguments | |
//! | --- | --- | --- |
//! | 0 | program bytes or null, unit, snapshot bytes or null | start, or start again (a page restored from the back-forward cache) |
//! | 1 | program bytes | the live program changed |
//! | 2 | name, properties, at, elsewhere | something happened, here or in another tab |
//! | 3, 4, 5, 6 | | visible, hidden, active, left |
//! | 7 | facts | what is known of the visitor |
//! | 8 | root, value | attributes |
//! | 9 | list of categories or null | consent |
//! | 10 | campaign, news (0 closed, 1 clicked, 2 failed, 3 retracted) | a widget |
//! | 11 | campaign, what (0 shown, 1 closed, 2 clicked, 3 converted), at | another tab recorded something that caps count |
//! | 12 | | nothing but time |
//! | 13 | | answer with a snapshot as well |
//! | 14 | | answer with the trace as well |
//!
//! The answer is a list `[deadline or null, effect...]`, the effects as [`crate::effects`] has them, or a [`Refusal`] as text. A snapshot or a
//! program that cannot be read is not refused: the agent starts afresh, or goes on with what it has, and says so with an effect.

use crate::effects::{self, Effects};
use noren_engine::{Engine, Host, Input, Origin, WidgetNews};
use noren_event::packed::{self, Malformed};
use noren_event::{Timestamp, Value};
use noren_program::{CapEvent, Program, codec};

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

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Refusal {
        Refusal::Malformed
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
        let answer = match self.answer(message, host) {
            Ok(effects) => {
                let deadline = self.engine.as_ref().and_then(Engine::next_deadline);
                let mut list = vec![deadline.map_or(Value::Null, effects::time)];
                list.extend(effects.0);
                Value::List(list)
            }
            Err(refusal) => Value::str(refusal.word()),
        };
        packed::encode(&answer)
    }

    fn answer(&mut self, message: &[u8], host: &dyn Host) -> Result<Effects, Refusal> {
        let Value::List(message) = packed::decode(message)? else { return Err(Refusal::Invalid) };
        let mut args = Args(message.into_iter());
        let op = args.number()? as u8;
        let now = args.time()?;
        let mut out = Effects::default();
        if op == 0 {
            self.start(&mut args, host, &mut out)?;
            return Ok(out);
        }
        let engine = self.engine.as_mut().ok_or(Refusal::NotStarted)?;
        let input = match op {
            1 => {
                match codec::decode(&args.bytes()?) {
                    Ok(program) => {
                        let ended = engine.replace_program(program, host);
                        out.of_engine(ended, engine);
                    }
                    Err(_) => out.unreadable("program"),
                }
                Input::Tick
            }
            2 => Input::Event {
                name: args.text()?,
                props: args.next()?,
                at: args.time()?,
                origin: if args.next()?.as_bool().ok_or(Refusal::Invalid)? { Origin::Elsewhere } else { Origin::Here },
            },
            3 => Input::Visible,
            4 => Input::Hidden,
            5 => Input::Active,
            6 => Input::Leave,
            7 => Input::Facts(args.next()?),
            8 => Input::Attributes(args.text()?, args.next()?),
            9 => Input::Consent(args.categories()?),
            10 => Input::Widget(args.text()?, args.news()?),
            11 => Input::Record { campaign: args.text()?, what: args.cap_event()?, at: args.time()? },
            12 => Input::Tick,
            13 => {
                out.snapshot(engine.snapshot());
                return Ok(out);
            }
            14 => {
                out.trace(engine.trace(now, host));
                return Ok(out);
            }
            _ => return Err(Refusal::Invalid),
        };
        let effects = engine.step(now, input, host);
        out.of_engine(effects, engine);
        Ok(out)
    }

    fn start(&mut self, args: &mut Args, host: &dyn Host, out: &mut Effects) -> Result<(), Refusal> {
        let program = args.optional_bytes()?;
        let unit = args.text()?;
        let snapshot = args.optional_bytes()?;
        let decoded = |out: &mut Effects| match program.as_deref().map(codec::decode) {
            Some(Ok(program)) => program,
            Some(Err(_)) => {
                out.unreadable("program");
                Program::default()
            }
            None => Program::default(),
        };
        let restored = snapshot.map(|bytes| Engine::restore(decoded(out), &unit, &bytes, host));
        let engine = match restored {
            Some(Ok((mut engine, ended))) => {
                out.of_engine(ended, &engine);
                // The page in a snapshot is one that was left, or another tab's. It ends at the snapshot's own moment, so that none of its
                // deadlines comes due here; what its end would open is not this page's to decide.
                let moment = engine.state().now;
                engine.step(moment, Input::Leave, host);
                engine
            }
            // Decoding a second time, where a snapshot is of another version, costs less than the code that could copy a program.
            failed => {
                if failed.is_some() {
                    out.unreadable("snapshot");
                }
                Engine::new(decoded(out), &unit)
            }
        };
        self.engine = Some(engine);
        Ok(())
    }
}

/// The arguments of a message, taken in order.
struct Args(std::vec::IntoIter<Value>);

impl Args {
    fn next(&mut self) -> Result<Value, Refusal> {
        self.0.next().ok_or(Refusal::Invalid)
    }

    fn number(&mut self) -> Result<f64, Refusal> {
        self.next()?.as_num().ok_or(Refusal::Invalid)
    }

    /// Fractions of a millisecond are cut off; what no clock can say (NaN, infinities) is refused.
    fn time(&mut self) -> Result<Timestamp, Refusal> {
        let n = self.number()?;
        if n.is_finite() { Ok(Timestamp(n as i64)) } else { Err(Refusal::Invalid) }
    }

    fn text(&mut self) -> Result<Box<str>, Refusal> {
        match self.next()? {
            Value::Str(text) => Ok(text),
            _ => Err(Refusal::Invalid),
        }
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Refusal> {
        self.optional_bytes()?.ok_or(Refusal::Invalid)
    }

    fn optional_bytes(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        match self.next()? {
            Value::Bytes(bytes) => Ok(Some(bytes)),
            Value::Null => Ok(None),
            _ => Err(Refusal::Invalid),
        }
    }

    fn categories(&mut self) -> Result<Option<Vec<Box<str>>>, Refusal> {
        match self.next()? {
            Value::Null => Ok(None),
            Value::List(items) => {
                let mut granted = Vec::new();
                for item in items {
                    match item {
                        Value::Str(text) => granted.push(text),
                        _ => return Err(Refusal::Invalid),
                    }
                }
                Ok(Some(granted))
            }
            _ => Err(Refusal::Invalid),
        }
    }

    fn news(&mut self) -> Result<WidgetNews, Refusal> {
        match self.number()? as u8 {
            0 => Ok(WidgetNews::Closed),
            1 => Ok(WidgetNews::Clicked),
            2 => Ok(WidgetNews::Failed),
            3 => Ok(WidgetNews::Retracted),
            _ => Err(Refusal::Invalid),
        }
    }

    fn cap_event(&mut self) -> Result<CapEvent, Refusal> {
        match self.number()? as u8 {
            0 => Ok(CapEvent::Shown),
            1 => Ok(CapEvent::Closed),
            2 => Ok(CapEvent::Clicked),
            3 => Ok(CapEvent::Converted),
            _ => Err(Refusal::Invalid),
        }
    }
}

#[cfg(test)]
mod tests;
