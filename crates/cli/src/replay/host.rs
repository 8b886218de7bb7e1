//! What the engine borrows on a native machine.

use noren_engine::Host;
use noren_engine::condition::is_searchable;
use regress::Regex;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// ECMAScript expressions, each compiled once: plain, and ignoring case.
#[derive(Default)]
pub struct Native {
    compiled: [RefCell<Quick<Expression>>; 2],
}

/// An expression, and what it has answered: a log asks the same of few pages again and again.
struct Expression {
    /// None where the pattern is no expression.
    regex: Option<Regex>,
    answers: Quick<bool>,
}

/// Answers that an expression keeps; past these it starts anew. A site's busy pages are fewer.
const ANSWERS: usize = 4_096;
/// Longer subjects are seldom the same twice.
const SUBJECT_BYTES: usize = 256;

impl Host for Native {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let (pattern, subject) = (core::str::from_utf8(pattern).ok()?, core::str::from_utf8(subject).ok()?);
        if !is_searchable(subject) {
            return None;
        }
        let [plain, folding] = &self.compiled;
        let mut compiled = if fold { folding } else { plain }.borrow_mut();
        if !compiled.contains_key(pattern) {
            let regex = Regex::with_flags(pattern, if fold { "i" } else { "" }).ok();
            compiled.insert(pattern.into(), Expression { regex, answers: Quick::default() });
        }
        let expression = compiled.get_mut(pattern)?;
        if let Some(answer) = expression.answers.get(subject) {
            return Some(*answer);
        }
        let answer = expression.regex.as_ref()?.find(subject).is_some();
        if subject.len() <= SUBJECT_BYTES {
            if expression.answers.len() >= ANSWERS {
                expression.answers.clear();
            }
            expression.answers.insert(subject.into(), answer);
        }
        Some(answer)
    }
}

/// Short texts, found quickly.
type Quick<V> = HashMap<Box<str>, V, BuildHasherDefault<Fnv>>;

/// FNV-1a: for a page's path several times as fast as a hash that withstands malice, of which the worst here is a slow run.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Fnv {
        Fnv(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_2048_utf_16_units_is_searched_and_a_longer_one_cannot_be_told() {
        let host = Native::default();
        let tea = |units: usize| "茶".repeat(units);
        assert_eq!(host.regex("茶$".as_bytes(), false, tea(2_048).as_bytes()), Some(true));
        assert_eq!(host.regex("茶$".as_bytes(), false, tea(2_049).as_bytes()), None);
        assert_eq!(host.regex(b".", false, "🍵".repeat(1_024).as_bytes()), Some(true));
        assert_eq!(host.regex(b".", false, "🍵".repeat(1_025).as_bytes()), None);
    }

    #[test]
    fn an_expression_answers_the_same_however_often_it_is_asked() {
        let host = Native::default();
        for round in 0..2 {
            assert_eq!(host.regex(b"^/tea/", false, b"/tea/1"), Some(true), "round {round}");
            assert_eq!(host.regex(b"^/tea/", false, b"/TEA/1"), Some(false));
            assert_eq!(host.regex(b"^/tea/", true, b"/TEA/1"), Some(true));
            assert_eq!(host.regex(b"(", false, b"x"), None);
        }
        for i in 0..2 * ANSWERS {
            assert_eq!(host.regex(b"7$", false, i.to_string().as_bytes()), Some(i % 10 == 7));
        }
    }
}
