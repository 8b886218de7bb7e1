//! What a live program wants of device objects.

use noren_event::packed::Malformed;
use noren_program::codec;

use crate::counts;
use crate::goals::Goals;

/// Goals to be counted, and events to be counted by the day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Its goals, packed; empty for none.
    pub goals: Vec<u8>,
    /// Names of events whose counts it asks for.
    pub counts: Vec<Box<str>>,
}

impl Wants {
    /// Of a program's bytes. Where they cannot be read (an older or newer Worker compiled them), a page's events are to be taken all the same,
    /// under wants that are empty: conversions that were reported stay, and what happens meanwhile is attributed when the device is next
    /// counted under a program that can be read.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn of(program: &[u8]) -> Result<Wants, Malformed> {
        let program = codec::decode(program)?;
        let counts = counts::asked_by(&program).into_iter().map(String::into_boxed_str).collect();
        Ok(Wants { goals: Goals::of(program).pack(), counts })
    }
}
