//! Command-line words: `--name value`, `--flag` and plain words. Every task says which names it knows; the rest is refused.

use crate::failure::{Failure, Result};

/// The words behind a task's name.
pub struct Options {
    flags: Vec<String>,
    values: Vec<(String, String)>,
    /// Words that belong to no option.
    pub words: Vec<String>,
}

impl Options {
    /// Sorts `words` into options. `flags` stand alone, `valued` take the next word (or `--name=value`).
    ///
    /// # Errors
    /// At an unknown option or a missing value.
    pub fn parse(words: &[String], flags: &[&str], valued: &[&str]) -> Result<Self> {
        let mut options = Self { flags: Vec::new(), values: Vec::new(), words: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (name, attached) =
                word.split_once('=').map_or((word.as_str(), None), |(name, value)| (name, Some(value)));
            if !word.starts_with("--") {
                options.words.push(word.clone());
            } else if flags.contains(&word.as_str()) {
                options.flags.push(word.clone());
            } else if valued.contains(&name) {
                let value = attached.map(str::to_owned).or_else(|| words.next().cloned());
                let value = value.ok_or_else(|| Failure::new(format!("{name} needs a value")))?;
                options.values.push((name.to_owned(), value));
            } else {
                return Err(Failure::new(format!(
                    "unknown option {word}; known: {}",
                    [flags, valued].concat().join(" ")
                )));
            }
        }
        Ok(options)
    }

    /// Whether a flag was given.
    pub fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|given| given == flag)
    }

    /// The last value given for an option.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A port number, or `default`.
    ///
    /// # Errors
    /// When the value is not a number from 0 to 65535.
    pub fn port(&self, default: u16) -> Result<u16> {
        let Some(value) = self.value("--port") else { return Ok(default) };
        value.parse().map_err(|_| Failure::new(format!("--port {value}: a port is a number from 0 to 65535")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&words, &["--no-open"], &["--port", "--state"])
    }

    #[test]
    fn words_are_sorted() {
        let options = parse("filter --port 1 --no-open --port=99 --state dir").expect("all known");
        assert_eq!((options.port(8787).expect("a number"), options.value("--state")), (99, Some("dir")));
        assert!(options.has("--no-open"));
        assert_eq!(options.words, ["filter"]);
        assert_eq!(parse("").expect("empty").port(8787).expect("default"), 8787);
    }

    #[test]
    fn mistakes_are_refused() {
        for line in ["--prot 1", "--port", "--no-open=1"] {
            assert!(parse(line).is_err(), "{line}");
        }
        assert!(parse("--port 65536").expect("parses").port(1).is_err());
    }
}
