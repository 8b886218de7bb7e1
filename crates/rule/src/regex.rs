//! Which regular expressions may be published: ECMAScript's, short, and without what makes a backtracking engine take forever.

use crate::bounds::REGEX_MAX;
use crate::report::Report;
use noren_event::Value;

/// Check a pattern. Patterns run on visitors' machines over text that visitors control, so what can take exponential time is refused:
/// a repeated group that itself repeats, and back-references.
pub(crate) fn check(r: &mut Report, value: &Value, fold: bool) -> Option<Box<str>> {
    let pattern = value.as_str()?;
    if pattern.encode_utf16().count() > REGEX_MAX {
        r.error(
            "regex_too_long",
            format!("The pattern is longer than {REGEX_MAX} characters. Split it with $or."),
            format!("正規表現は{REGEX_MAX}文字までです。$or で分けてください。"),
            format!("at most {REGEX_MAX}"),
        );
        return None;
    }
    if let Err(problem) = regress::Regex::with_flags(pattern, if fold { "i" } else { "" }) {
        r.error(
            "regex_invalid",
            format!("This is not a regular expression: {problem}."),
            format!("正規表現として読めません({problem})。"),
            "^/shop/product/",
        );
        return None;
    }
    if let Some(danger) = danger(pattern) {
        let (en, ja) = match danger {
            Danger::Nested => (
                "A repeated group repeats inside, which can take forever on some texts. Repeat only one of the two.",
                "繰り返しの中に繰り返しがあり、文字列によっては終わらなくなります。繰り返しはどちらか一方にしてください。",
            ),
            Danger::Back => (
                "Back-references can take forever on some texts. Write the alternatives out.",
                "後方参照は、文字列によっては終わらなくなります。使わずに書いてください。",
            ),
        };
        r.error("regex_dangerous", en, ja, "no nested repetition, no back-reference");
        return None;
    }
    Some(pattern.into())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Danger {
    Nested,
    Back,
}

/// Look for a group with repetition inside that is repeated itself, and for back-references. `?` repeats nothing twice and is harmless;
/// so are counted repetitions without an open end up to 10.
fn danger(pattern: &str) -> Option<Danger> {
    let chars: Vec<char> = pattern.chars().collect();
    // For each open group: whether something inside repeats.
    let mut groups = vec![false];
    let mut closed_repeats = false;
    let mut in_class = false;
    let mut i = 0;
    while let Some(c) = chars.get(i) {
        let mut just_closed = false;
        match c {
            '\\' => {
                let next = chars.get(i + 1);
                if !in_class && next.is_some_and(|n| ('1'..='9').contains(n) || *n == 'k') {
                    return Some(Danger::Back);
                }
                i += 1;
            }
            ']' if in_class => in_class = false,
            _ if in_class => {}
            '[' => in_class = true,
            '(' => groups.push(false),
            ')' => {
                closed_repeats = groups.pop().unwrap_or(false);
                just_closed = true;
                if closed_repeats && let Some(outer) = groups.last_mut() {
                    *outer = true;
                }
            }
            _ => {}
        }
        i += 1;
        if in_class {
            continue;
        }
        if repeats(&chars, i) {
            if just_closed && closed_repeats {
                return Some(Danger::Nested);
            }
            if let Some(group) = groups.last_mut() {
                *group = true;
            }
        }
    }
    None
}

/// Whether an open or long repetition stands at a place.
fn repeats(chars: &[char], at: usize) -> bool {
    match chars.get(at) {
        Some('*' | '+') => true,
        Some('{') => {
            let inside: String = chars.iter().skip(at + 1).take_while(|c| **c != '}').collect();
            match inside.split_once(',') {
                None => inside.parse::<u32>().is_ok_and(|n| n > 10),
                Some((_, "")) => true,
                Some((_, most)) => most.parse::<u32>().is_ok_and(|n| n > 10),
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_take_forever_is_found() {
        let cases = [
            ("^/shop/product/", None),
            ("(Mobile|Tablet)", None),
            ("a+b+c*", None),
            ("(ab+)?c", None),
            ("(?:/[a-z]+){1,3}$", None),
            ("[(a+)+]", None),
            (r"\(a+\)+", None),
            ("(a|b)+", None),
            ("(a+)+", Some(Danger::Nested)),
            ("((a*)b)*", Some(Danger::Nested)),
            ("(a{2,}){3,}", Some(Danger::Nested)),
            ("(?:x+y)*", Some(Danger::Nested)),
            (r"(a)\1", Some(Danger::Back)),
            (r"(?<n>a)\k<n>", Some(Danger::Back)),
        ];
        for (pattern, expected) in cases {
            assert_eq!(danger(pattern), expected, "{pattern}");
        }
    }
}
