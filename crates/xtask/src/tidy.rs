//! `lint`'s own rules over all files of the repository: no machine's paths, no registry's address, nothing left for later, no test set
//! aside, and no file so long that it hides a second idea.

use crate::command::{command, output};
use crate::failure::{Failure, Result};
use crate::progress::say;
use crate::room::Room;

/// Above this a file is looked at.
const LONG: usize = 500;
/// Above this a file is refused.
const TOO_LONG: usize = 800;

/// Files a program writes, and data.
const GENERATED: [&str; 5] =
    ["Cargo.lock", "package-lock.json", "js/shared/wire.ts", "tests/conformance/", "docs/pictures/"];

/// Phrases that must not stand anywhere, in two halves so that this file may name them.
const FORBIDDEN: [(&str, &str, &str); 10] = [
    ("/wo", "rk/", "a path of one machine"),
    ("/ro", "ot/", "a path of one machine"),
    ("/ho", "me/", "a path of one machine"),
    ("registry.", "npmjs", "a registry's address"),
    ("static.", "crates.io", "a registry's address"),
    ("TO", "DO", "work left for later: do it or write it into the documentation as a limit"),
    ("FIX", "ME", "work left for later"),
    ("#[ign", "ore", "a test set aside: assert what happens today instead"),
    ("test.s", "kip(", "a test set aside"),
    ("test.o", "nly(", "a test that hides the others"),
];

/// Checks every tracked or new text file.
///
/// # Errors
/// With one line a finding, `path:line: what`.
pub fn tidy(room: &Room) -> Result<()> {
    let listed =
        output(command("git", &room.root).args(["ls-files", "--cached", "--others", "--exclude-standard", "-z"]))?;
    let mut findings = Vec::new();
    let mut long = Vec::new();
    for path in listed.split('\0').filter(|path| !path.is_empty()) {
        // A file that is listed but gone was just deleted; one that is not UTF-8 is a picture.
        let Ok(text) = std::fs::read_to_string(room.at(path)) else { continue };
        let generated = GENERATED.iter().any(|start| path.starts_with(start));
        findings.extend(check(path, &text, generated));
        let lines = text.lines().count();
        if !generated && is_code(path) && lines > LONG {
            long.push(format!("{path} ({lines})"));
        }
    }
    if !long.is_empty() {
        say(&format!("files above {LONG} lines, look for the second idea: {}", long.join(", ")));
    }
    if findings.is_empty() { Ok(()) } else { Err(report(&findings)) }
}

fn report(findings: &[String]) -> Failure {
    findings.iter().for_each(|finding| eprintln!("{finding}"));
    Failure::new(format!("tidy: {} findings", findings.len()))
}

fn is_code(path: &str) -> bool {
    [".rs", ".ts", ".tsx", ".js", ".mjs", ".css"].iter().any(|ending| path.ends_with(ending))
}

fn check(path: &str, text: &str, generated: bool) -> Vec<String> {
    let mut findings = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        for (first, second, what) in FORBIDDEN {
            if line
                .match_indices(first)
                .any(|(at, _)| line.get(at + first.len()..).is_some_and(|rest| rest.starts_with(second)))
            {
                findings.push(format!("{path}:{number}: `{first}{second}`: {what}"));
            }
        }
        if !generated && line.ends_with([' ', '\t']) {
            findings.push(format!("{path}:{number}: space at the end of the line"));
        }
    }
    if !generated && !text.is_empty() && !text.ends_with('\n') {
        findings.push(format!("{path}: no line end at the end of the file"));
    }
    let lines = text.lines().count();
    if !generated && is_code(path) && lines > TOO_LONG {
        findings.push(format!("{path}: {lines} lines; above {TOO_LONG} there is a second idea in it"));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_finds_its_case_and_clean_text_passes() {
        assert!(check("a.rs", "fn main() {}\n", false).is_empty());
        for (first, second, _) in FORBIDDEN {
            let found = check("a.rs", &format!("x\n{first}{second}\n"), true);
            assert_eq!(found.len(), 1, "{first}{second}");
            assert!(found.iter().all(|finding| finding.starts_with("a.rs:2: ")));
        }
        assert_eq!(check("a.rs", "x \n", false).len(), 1, "space at the end");
        assert_eq!(check("a.rs", "x", false).len(), 1, "no line end");
        assert_eq!(check("a.rs", &"x\n".repeat(TOO_LONG + 1), false).len(), 1, "too long");
        assert!(check("a.md", &"x\n".repeat(TOO_LONG + 1), false).is_empty(), "prose may be long");
    }
}
