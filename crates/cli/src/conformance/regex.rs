//! Expressions of a case file, which refuses none: nested repetition and back-references run here, and some of them would run for years.
//!
//! The matching engine backtracks and cannot be told to stop, so each expression runs on a thread of its own and is waited for
//! [`LIMIT`]. One that is not done by then counts as not matching; its thread is left behind and ends with the process. After
//! [`STOPPED_MAX`] of those the machine is busy enough: the time allowed shrinks to [`LATE_LIMIT`], so that a file of a thousand
//! catastrophic expressions takes two minutes and not a quarter of an hour.

use noren_engine::Host;
use regress::Regex;
use std::cell::Cell;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long an expression may run.
const LIMIT: Duration = Duration::from_secs(1);
/// How long once [`STOPPED_MAX`] have been given up.
const LATE_LIMIT: Duration = Duration::from_millis(100);
/// How many may take the whole of [`LIMIT`].
const STOPPED_MAX: u32 = 8;
/// The stack of a thread that matches. The engine keeps its own; compiling deep nesting is what needs some.
const STACK: usize = 8 << 20;

/// The host of conditions in case files.
pub struct Bounded {
    /// Whether one was given up since the last look.
    stopped: Cell<bool>,
    /// Given up in all.
    ever: Cell<u32>,
}

impl Bounded {
    pub fn new() -> Bounded {
        Bounded { stopped: Cell::new(false), ever: Cell::new(0) }
    }

    /// Whether an expression was given up since this was last asked.
    pub fn take_stopped(&self) -> bool {
        self.stopped.take()
    }

    /// Whether an expression finds a match; `None` if it is none, or was given up.
    fn search(&self, pattern: &str, fold: bool, subject: &str) -> Option<bool> {
        let (pattern, subject): (String, Vec<u16>) = (pattern.into(), subject.encode_utf16().collect());
        let (send, receive) = mpsc::channel();
        let matching = move || {
            // Without the `u` flag an expression sees code units: a dot is half of an emoji.
            let regex = Regex::with_flags(&pattern, if fold { "i" } else { "" }).ok();
            // The receiver may have stopped waiting.
            let _ = send.send(regex.map(|r| r.find_from_ucs2(&subject, 0).next().is_some()));
        };
        thread::Builder::new().stack_size(STACK).spawn(matching).ok()?;
        match receive.recv_timeout(if self.ever.get() < STOPPED_MAX { LIMIT } else { LATE_LIMIT }) {
            Ok(answer) => answer,
            Err(_) => {
                self.stopped.set(true);
                self.ever.set(self.ever.get() + 1);
                None
            }
        }
    }
}

impl Host for Bounded {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let found = self.search(core::str::from_utf8(pattern).ok()?, fold, core::str::from_utf8(subject).ok()?);
        // The specification knows no third value here: what is no expression does not match.
        Some(found.unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_mean_what_they_mean_in_a_browser() {
        let host = Bounded::new();
        let cases = [
            ("(a+)+$", false, "aaa", Some(true)),
            (r"^(a+)\1$", false, "aaaa", Some(true)),
            (r"^(a+)\1$", false, "aaa", Some(false)),
            ("(?<=¥)\\d+", false, "¥120", Some(true)),
            ("ÉTÉ", true, "été", Some(true)),
            ("^.$", false, "\u{1F375}", Some(false)),
            ("^..$", false, "\u{1F375}", Some(true)),
            ("(", false, "(", None),
        ];
        for (pattern, fold, subject, expected) in cases {
            assert_eq!(host.search(pattern, fold, subject), expected, "{pattern}");
        }
        assert!(!host.take_stopped());
    }

    #[test]
    fn an_expression_that_would_run_for_years_is_given_up() {
        let host = Bounded::new();
        assert_eq!(host.search("^(a+)+$", false, &format!("{}!", "a".repeat(200))), None);
        assert!(host.take_stopped());
        assert!(!host.take_stopped());
        assert_eq!(host.search("a$", false, "aaa"), Some(true));
    }
}
