//! The browser engines that tests run in, where Debian has them, and which stories do not run in which.
//!
//! The stories of `tests/e2e` are written once. What an engine's driver cannot produce, and what no engine has a part in, stands here by name
//! with the reason; the runner says it before the suite and counts it in the table, so that nothing passes by not being there.

use crate::command::{command, find_program, run_quietly};
use crate::failure::{Failure, Result};
use crate::progress::step;
use crate::room::Room;
use crate::sys;
use std::path::{Path, PathBuf};

/// A browser engine with a driver in `tests/driver`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Chromium,
    Firefox,
    WebKit,
}

impl Engine {
    pub const ALL: [Self; 3] = [Self::Chromium, Self::Firefox, Self::WebKit];

    /// As `NOREN_BROWSER` and the names of suites have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::WebKit => "webkit",
        }
    }

    /// The variable that names the program to drive.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "NOREN_CHROMIUM",
            Self::Firefox => "NOREN_FIREFOX",
            Self::WebKit => "NOREN_WEBKIT",
        }
    }

    /// The program to drive, under the names it is found by.
    const fn programs(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"],
            Self::Firefox => &["firefox-esr", "firefox"],
            Self::WebKit => &["WebKitWebDriver"],
        }
    }

    /// Debian's packages. WebKit has no headless mode: it draws on a virtual screen.
    const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::Chromium => &["chromium"],
            Self::Firefox => &["firefox-esr"],
            Self::WebKit => &["webkit2gtk-driver", "xvfb"],
        }
    }

    fn found(self) -> Option<PathBuf> {
        if let Some(named) = std::env::var_os(self.variable()) {
            return Some(PathBuf::from(named));
        }
        if self == Self::WebKit {
            find_program(&["Xvfb"])?;
        }
        find_program(self.programs())
    }

    /// The program to drive.
    ///
    /// # Errors
    /// When there is none; the message says what to install.
    pub fn program(self) -> Result<PathBuf> {
        self.found().ok_or_else(|| {
            Failure::new(format!(
                "no {} found: install it (Debian: apt-get install {}) or name it in {}",
                self.name(),
                self.packages().join(" "),
                self.variable()
            ))
        })
    }
}

/// Installs what is missing of `engines` where this is root on Debian, all in one go; elsewhere does nothing. [`Engine::program`] tells what came of it.
pub fn install(room: &Room, engines: &[Engine]) {
    let missing: Vec<&str> = engines
        .iter()
        .filter(|engine| engine.found().is_none())
        .flat_map(|engine| engine.packages())
        .copied()
        .collect();
    if missing.is_empty() || !sys::is_root() || find_program(&["apt-get"]).is_none() {
        return;
    }
    // What failed is on the screen; the suites that miss a browser say so, the others run.
    let _ = step(&format!("Debian: install {}", missing.join(" ")), || {
        let apt = |arguments: &[&str]| {
            let mut apt = command("apt-get", Path::new("/"));
            apt.env("DEBIAN_FRONTEND", "noninteractive").args(["-o", "DPkg::Lock::Timeout=600"]).args(arguments);
            run_quietly(&mut apt, &room.log("apt"))
        };
        apt(&["update"])?;
        apt(&[&["install", "-y"], &missing[..]].concat())
    });
}

/// A story that an engine's suite leaves out.
pub struct LeftOut {
    engines: &'static [Engine],
    /// In `tests/e2e` or `tests/driver`.
    file: &'static str,
    /// The title as it stands in the file; none for all stories of the file.
    title: Option<&'static str>,
    why: &'static str,
}

const WEBKIT: &[Engine] = &[Engine::WebKit];
const BOTH: &[Engine] = &[Engine::Firefox, Engine::WebKit];

const fn left_out(
    engines: &'static [Engine],
    file: &'static str,
    title: Option<&'static str>,
    why: &'static str,
) -> LeftOut {
    LeftOut { engines, file, title, why }
}

/// Every story that does not run everywhere.
const LEFT_OUT: &[LeftOut] = &[
    left_out(
        BOTH,
        "badinput.test.ts",
        None,
        "its browser stories type a whole document at once into the console, as only `compose` does; the others have no browser in them",
    ),
    left_out(
        BOTH,
        "driver.test.ts",
        Some("points at what is inside closed shadow trees, with real input"),
        "roles and names are looked up inside of the page, which closed trees hide from",
    ),
    left_out(BOTH, "driver.test.ts", Some("composes as an input method does"), "WebDriver has no input method"),
    left_out(
        BOTH,
        "faults.test.ts",
        Some("killed three times in the middle of traffic, the edge loses no acknowledged event and counts none twice"),
        "no browser in it",
    ),
    left_out(WEBKIT, "driver.test.ts", Some("sees the console"), "WebKitWebDriver tells nothing of the console"),
    left_out(
        BOTH,
        "publish.test.ts",
        Some("a visible page that nobody touches has them within a minute"),
        "most of a minute of waiting for a timer, which engines have alike",
    ),
    left_out(
        WEBKIT,
        "driver.test.ts",
        Some("a visitor has a language, and asks for pages in it"),
        "the language is that of the system, whose others are not installed",
    ),
    left_out(
        WEBKIT,
        "csp.test.ts",
        Some("the browser itself has no more to say than that the policy was kept"),
        "WebKitWebDriver tells nothing of the console",
    ),
    left_out(
        WEBKIT,
        "faults.test.ts",
        Some("where the edge’s interface is blocked, nothing is thrown on the shop’s pages"),
        "WebKitWebDriver tells nothing of the console",
    ),
];

impl LeftOut {
    /// The expression for node's test runner that matches this story's names and no other's: what the title inserts may be anything.
    fn pattern(title: &str) -> String {
        let mut pattern = String::from("/^");
        let mut rest = title;
        while let Some((before, after)) = rest.split_once("${") {
            pattern.push_str(&escaped(before));
            pattern.push_str(".*");
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        pattern.push_str(&escaped(rest));
        pattern.push_str("$/");
        pattern
    }

    /// One line for the person who runs the suite.
    pub fn line(&self) -> String {
        let title = self.title.map_or_else(|| "all of it".to_owned(), |title| format!("“{title}”"));
        format!("not run there: {}, {title}: {}", self.file, self.why)
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if "\\^$.*+?()[]{}|/".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

/// What the suite of an engine runs of `files` (of `tests/e2e`), and what it leaves out.
pub struct Selection {
    pub files: Vec<PathBuf>,
    /// For `--test-skip-pattern`.
    pub skip: Vec<String>,
    pub left_out: Vec<&'static LeftOut>,
}

/// Chooses for `engine`.
pub fn select(engine: Engine, files: &[PathBuf]) -> Selection {
    let named = |file: &Path, wanted: &LeftOut| file.file_name().is_some_and(|name| name == wanted.file);
    let left_out: Vec<&LeftOut> = LEFT_OUT
        .iter()
        .filter(|one| one.engines.contains(&engine) && files.iter().any(|file| named(file, one)))
        .collect();
    let whole = |file: &PathBuf| left_out.iter().any(|one| one.title.is_none() && named(file, one));
    Selection {
        files: files.iter().filter(|file| !whole(file)).cloned().collect(),
        skip: left_out.iter().filter_map(|one| one.title.map(LeftOut::pattern)).collect(),
        left_out,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(room: &Room, file: &str) -> Option<String> {
        ["tests/e2e", "tests/driver"].iter().find_map(|folder| std::fs::read_to_string(room.at(folder).join(file)).ok())
    }

    #[test]
    fn every_story_that_is_left_out_is_still_there() {
        let room = Room::here();
        for LeftOut { file, title, why, engines } in LEFT_OUT {
            let source = source(&room, file).unwrap_or_else(|| panic!("{file} is listed and does not exist"));
            if let Some(title) = title {
                let there =
                    ['\'', '`', '"'].iter().any(|quote| source.contains(&format!("test({quote}{title}{quote},")));
                assert!(there, "{file} has no story “{title}”");
            }
            assert!(why.len() > 10 && !engines.is_empty() && !engines.contains(&Engine::Chromium), "{file}: {why}");
        }
    }

    #[test]
    fn an_engine_runs_what_is_not_listed_for_it_and_no_pattern_hides_more() {
        let room = Room::here();
        let mut files = crate::room::files_below(&room.at("tests/e2e"), &[]);
        files.retain(|file| file.to_string_lossy().ends_with(".test.ts"));
        assert_eq!(select(Engine::Chromium, &files).files, files);
        assert!(select(Engine::Chromium, &files).left_out.is_empty());
        for engine in BOTH {
            let selection = select(*engine, &files);
            assert!(selection.files.len() > files.len() / 2, "most files run in {}", engine.name());
            assert_eq!(selection.skip.len(), selection.left_out.iter().filter(|one| one.title.is_some()).count());
        }
    }

    #[test]
    fn a_title_becomes_an_expression_for_itself_alone() {
        assert_eq!(LeftOut::pattern("a (b) 1.5?"), r"/^a \(b\) 1\.5\?$/");
        assert_eq!(LeftOut::pattern("a ${kind} of ${x ? 'y' : 'z'}"), "/^a .* of .*$/");
    }
}
