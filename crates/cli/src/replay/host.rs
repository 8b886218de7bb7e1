//! What the engine borrows on a native machine.

use noren_engine::Host;
use regress::Regex;
use std::cell::RefCell;
use std::collections::HashMap;

/// A pattern and whether it ignores case.
type Pattern = (Box<str>, bool);

/// ECMAScript expressions, each compiled once.
#[derive(Default)]
pub struct Native {
    compiled: RefCell<HashMap<Pattern, Option<Regex>>>,
}

impl Host for Native {
    fn regex(&self, pattern: &str, fold: bool, subject: &str) -> Option<bool> {
        let mut compiled = self.compiled.borrow_mut();
        let regex = compiled
            .entry((pattern.into(), fold))
            .or_insert_with(|| Regex::with_flags(pattern, if fold { "i" } else { "" }).ok());
        Some(regex.as_ref()?.find(subject).is_some())
    }
}
