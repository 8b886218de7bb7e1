//! What the engine borrows on a native machine.

use noren_engine::Host;
use noren_engine::condition::is_searchable;
use noren_engine::memo::Memo;
use noren_program::Image;
use regress::Regex;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// ECMAScript expressions, each compiled once, and what they answered: a log asks the same of few pages again and again, and all
/// campaigns of a site ask of one page after another.
#[derive(Default)]
pub struct Native {
    expressions: RefCell<Expressions>,
    memo: Option<Memo>,
}

impl Native {
    /// A host that also remembers which events mean nothing to this program's campaigns, for a log of many visitors. It is of use to no
    /// other program.
    pub fn remembering(image: &Image) -> Native {
        Native { memo: Some(Memo::new(image)), ..Native::default() }
    }
}

#[derive(Default)]
struct Expressions {
    list: Vec<Expression>,
    /// Places of expressions, by where their pattern lies in memory.
    places: HashMap<usize, usize, BuildHasherDefault<Fnv>>,
    subjects: HashMap<Box<[u8]>, usize, BuildHasherDefault<Fnv>>,
    /// For each subject, by its number, what each expression answered.
    answers: Vec<Vec<Option<Option<bool>>>>,
    /// The latest subject and its number.
    latest: (Vec<u8>, usize),
}

struct Expression {
    pattern: Box<[u8]>,
    fold: bool,
    /// None where the pattern is no expression.
    regex: Option<Regex>,
}

/// Subjects whose answers are kept; past these it starts anew. A site's busy pages are fewer.
const SUBJECTS: usize = 4_096;
/// Longer subjects are seldom the same twice.
const SUBJECT_BYTES: usize = 256;

impl Host for Native {
    fn regex(&self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        self.expressions.borrow_mut().answer(pattern, fold, subject)
    }

    fn memo(&self) -> Option<&Memo> {
        self.memo.as_ref()
    }
}

impl Expressions {
    fn answer(&mut self, pattern: &[u8], fold: bool, subject: &[u8]) -> Option<bool> {
        let expression = self.expression(pattern, fold);
        if subject.len() > SUBJECT_BYTES {
            return self.search(expression, subject);
        }
        let number = self.subject(subject);
        if let Some(Some(answer)) = self.answers.get(number).and_then(|of| of.get(expression)) {
            return *answer;
        }
        let answer = self.search(expression, subject);
        if let Some(of) = self.answers.get_mut(number) {
            of.resize(self.list.len().max(of.len()), None);
            if let Some(slot) = of.get_mut(expression) {
                *slot = Some(answer);
            }
        }
        answer
    }

    /// The place of an expression.
    fn expression(&mut self, pattern: &[u8], fold: bool) -> usize {
        // A program's patterns stay where they are. Should another come to lie there, its text tells.
        let address = pattern.as_ptr() as usize;
        let is_it = |e: &Expression| e.fold == fold && *e.pattern == *pattern;
        if let Some(place) = self.places.get(&address)
            && self.list.get(*place).is_some_and(is_it)
        {
            return *place;
        }
        let place = self.list.iter().position(is_it).unwrap_or_else(|| {
            let text = core::str::from_utf8(pattern).ok();
            let regex = text.and_then(|text| Regex::with_flags(text, if fold { "i" } else { "" }).ok());
            self.list.push(Expression { pattern: pattern.into(), fold, regex });
            self.list.len() - 1
        });
        self.places.insert(address, place);
        place
    }

    /// The number of a subject.
    fn subject(&mut self, subject: &[u8]) -> usize {
        let (latest, number) = &self.latest;
        if **latest == *subject && *number < self.answers.len() {
            return *number;
        }
        if self.subjects.len() >= SUBJECTS {
            self.subjects.clear();
            self.answers.clear();
        }
        let number = match self.subjects.get(subject) {
            Some(number) => *number,
            None => {
                self.subjects.insert(subject.into(), self.answers.len());
                self.answers.push(Vec::new());
                self.answers.len() - 1
            }
        };
        self.latest.0.clear();
        self.latest.0.extend_from_slice(subject);
        self.latest.1 = number;
        number
    }

    fn search(&self, expression: usize, subject: &[u8]) -> Option<bool> {
        let subject = core::str::from_utf8(subject).ok().filter(|subject| is_searchable(subject))?;
        let regex = self.list.get(expression)?.regex.as_ref()?;
        Some(regex.find(subject).is_some())
    }
}

/// FNV-1a: for a page's path several times as fast as a hash that withstands malice, of which the worst here is a slow run.
pub struct Fnv(u64);

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
    fn an_expression_is_known_by_its_text_wherever_that_lies() {
        let host = Native::default();
        let mut pattern = *b"tea";
        assert_eq!(host.regex(&pattern, false, b"a tea"), Some(true));
        assert_eq!(host.regex(b"tea", false, b"a tea"), Some(true));
        pattern = *b"cup";
        assert_eq!(host.regex(&pattern, false, b"a tea"), Some(false));
        assert_eq!(host.regex(&pattern, true, b"a CUP"), Some(true));
        assert_eq!(host.regex(&pattern, false, b"a CUP"), Some(false));
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
        for i in 0..2 * SUBJECTS {
            let subject = i.to_string();
            assert_eq!(host.regex(b"7$", false, subject.as_bytes()), Some(i % 10 == 7));
            assert_eq!(host.regex(b"1", false, subject.as_bytes()), Some(subject.contains('1')));
        }
    }
}
