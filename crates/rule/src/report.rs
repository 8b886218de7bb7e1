//! What the checker says: findings, and the list it writes them to while it walks a document.

use crate::bounds::FINDINGS_MAX;
use noren_event::Value;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The document is refused.
    Error,
    /// The document is taken; a person should look.
    Warning,
}

impl Level {
    /// The word of findings on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
        }
    }
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Message {
    pub en: String,
    pub ja: String,
}

/// One thing to say about a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub level: Level,
    /// Stable; docs/rules.md lists all.
    pub code: &'static str,
    /// The campaign's id, or its place in the list where it has no usable id.
    pub campaign: Box<str>,
    /// JSON Pointer (RFC 6901) into that campaign's document; empty for the whole of it.
    pub path: String,
    /// What is wrong and what to write instead.
    pub message: Message,
    /// What was expected, short, in English or as an example; may be empty.
    pub expected: String,
}

/// Findings of one campaign, and where in it the checker stands.
#[derive(Debug)]
pub(crate) struct Report {
    campaign: Box<str>,
    path: String,
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn new(campaign: &str) -> Report {
        Report { campaign: campaign.into(), path: String::new(), findings: Vec::new() }
    }

    /// Look at a member.
    pub fn at<T>(&mut self, key: &str, look: impl FnOnce(&mut Report) -> T) -> T {
        let outer = self.path.len();
        self.path.push('/');
        for c in key.chars() {
            match c {
                '~' => self.path.push_str("~0"),
                '/' => self.path.push_str("~1"),
                c => self.path.push(c),
            }
        }
        let result = look(self);
        self.path.truncate(outer);
        result
    }

    /// Look at each element of a list.
    pub fn each<'v, T>(&mut self, items: &'v [Value], mut look: impl FnMut(&mut Report, &'v Value) -> T) -> Vec<T> {
        items.iter().enumerate().map(|(i, v)| self.at(&i.to_string(), |r| look(r, v))).collect()
    }

    pub fn error(
        &mut self,
        code: &'static str,
        en: impl Into<String>,
        ja: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.add(Level::Error, code, en.into(), ja.into(), expected.into());
    }

    pub fn warning(
        &mut self,
        code: &'static str,
        en: impl Into<String>,
        ja: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.add(Level::Warning, code, en.into(), ja.into(), expected.into());
    }

    fn add(&mut self, level: Level, code: &'static str, en: String, ja: String, expected: String) {
        if self.findings.len() < FINDINGS_MAX {
            let message = Message { en, ja };
            let (campaign, path) = (self.campaign.clone(), self.path.clone());
            self.findings.push(Finding { level, code, campaign, path, message, expected });
        }
    }

    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|f| f.level == Level::Error)
    }
}

/// The candidate that a word was probably meant to be: a case or separator apart, or at most a third of its letters wrong.
pub(crate) fn suggestion<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    candidates.iter().map(|c| (edits(&word.to_lowercase(), c), *c)).filter(|(n, _)| *n <= allowed).min().map(|(_, c)| c)
}

/// Edits (insert, remove, replace, swap neighbours) between two words. Both are bounded by the callers' lists and lengths.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let get = |r: &[usize], k: usize| r.get(k).copied().unwrap_or(usize::MAX / 2);
            let mut best = (get(&row, j) + usize::from(x != y)).min(get(&row, j + 1) + 1).min(get(&next, j) + 1);
            if i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x) {
                best = best.min(get(&before, j - 1) + 1);
            }
            next.push(best);
        }
        before = core::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_the_word() {
        let words = ["cancel", "trigger", "audience", "priority", "wait"];
        let cases = [
            ("cancle", Some("cancel")),
            ("Trigger", Some("trigger")),
            ("audiance", Some("audience")),
            ("prio", None),
            ("x", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(suggestion(word, &words), expected, "{word}");
        }
    }

    #[test]
    fn pointers_escape_what_pointers_must() {
        let mut r = Report::new("c");
        r.at("a/b~c", |r| r.at("x", |r| r.error("code", "", "", "")));
        assert_eq!(r.findings[0].path, "/a~1b~0c/x");
    }
}
