//! What the engine borrows on a native machine.

use noren_engine::Host;
use regress::Regex;
use std::cell::RefCell;
use std::collections::HashMap;

/// ECMAScript expressions, each compiled once: plain, and ignoring case.
#[derive(Default)]
pub struct Native {
    compiled: [RefCell<HashMap<Box<str>, Option<Regex>>>; 2],
}

impl Host for Native {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let (pattern, subject) = (core::str::from_utf8(pattern).ok()?, core::str::from_utf8(subject).ok()?);
        let [plain, folding] = &self.compiled;
        let mut compiled = if fold { folding } else { plain }.borrow_mut();
        if !compiled.contains_key(pattern) {
            compiled.insert(pattern.into(), Regex::with_flags(pattern, if fold { "i" } else { "" }).ok());
        }
        Some(compiled.get(pattern)?.as_ref()?.find(subject).is_some())
    }
}
