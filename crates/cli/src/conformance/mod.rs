//! `noren conformance`: a case file of GrowthBook's SDK specification (0.12.0) held against this project's conditions and bucketing.
//!
//! A section is a list of cases, a case a list of fields in the order the specification gives them. Every section that is run prints one
//! line, `section: N passed, N failed`, and below it each failure with its name. What the file lacks is said to be absent, what it holds
//! beyond is named as not run: silence would look like success. Reading order: [`cases`], [`conditions`], [`sticky`], [`feature`].

mod cases;
mod conditions;
mod feature;
mod number;
mod regex;
mod sticky;

use crate::output::Output;
use crate::{End, Failure};
use regex::Bounded;
use serde_json::{Value as Json, json};
use std::path::Path;

/// What one case came to: nothing where it passed, else what was got and expected.
type Verdict = Result<(), Box<Mismatch>>;

/// Why a case failed.
struct Mismatch {
    got: Json,
    expected: Json,
}

/// One case: its fields, and the expressions of its conditions run under a bound.
type Run = fn(&[Json], &Bounded) -> Option<Verdict>;

/// A section that is run: what it is called in the report, where it stands in the file, whether its cases begin with a name, and what
/// runs one.
struct Section {
    name: &'static str,
    path: &'static [&'static str],
    named: bool,
    run: Run,
}

const SECTIONS: [Section; 9] = [
    Section { name: "evalCondition", path: &["evalCondition"], named: true, run: conditions::eval },
    Section {
        name: "savedGroupReferencesV2",
        path: &["savedGroupReferencesV2", "evalCondition"],
        named: true,
        run: conditions::eval,
    },
    Section { name: "hash", path: &["hash"], named: false, run: cases::hash },
    Section { name: "getBucketRange", path: &["getBucketRange"], named: true, run: cases::bucket_range },
    Section { name: "chooseVariation", path: &["chooseVariation"], named: true, run: cases::choose },
    Section { name: "inNamespace", path: &["inNamespace"], named: true, run: cases::namespace },
    Section { name: "getEqualWeights", path: &["getEqualWeights"], named: false, run: cases::weights },
    Section { name: "getQueryStringOverride", path: &["getQueryStringOverride"], named: true, run: cases::query },
    Section { name: "stickyBucket", path: &["stickyBucket"], named: true, run: sticky::run },
];

/// The stack for running cases. Conditions nest as deep as the JSON reader allows (128 levels), the segments they name once more each, and
/// both are followed by recursion. Memory is taken only as deep as a case really goes.
const STACK: usize = 256 << 20;

pub fn conformance(file: &Path, json: bool) -> Result<End, Failure> {
    std::thread::scope(|scope| {
        let running = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || run(file, json))?;
        running.join().unwrap_or_else(|_| Err(Failure("the run broke off".into())))
    })
}

fn run(file: &Path, json: bool) -> Result<End, Failure> {
    let fault = |why: &dyn std::fmt::Display| Failure(format!("{}: {why}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|e| fault(&e))?;
    let document: Json = serde_json::from_str(text.trim_start_matches('\u{FEFF}')).map_err(|e| fault(&e))?;
    let Some(members) = document.as_object() else {
        return Err(fault(&"no case file: an object of sections is needed"));
    };
    if !SECTIONS.iter().any(|s| find(&document, s.path).is_some()) {
        return Err(fault(&"no case file: it holds none of the sections that are run here"));
    }
    let mut out = Output::new();
    let regexes = Bounded::new();
    let mut clean = true;
    for section in &SECTIONS {
        let Some(found) = find(&document, section.path) else {
            let line = if json {
                json!({"section": section.name, "absent": true}).to_string()
            } else {
                format!("{}: absent", section.name)
            };
            out.line(&line)?;
            continue;
        };
        clean &= report(section, found, &regexes, &mut out, json)?;
    }
    let unknown: Vec<String> = members.iter().flat_map(|(name, value)| unknown(name, value)).collect();
    if json && !unknown.is_empty() {
        out.line(&json!({"not_run": unknown}).to_string())?;
    } else if !unknown.is_empty() {
        out.line(&format!("not run: {}", unknown.join(", ")))?;
    }
    out.finish()?;
    Ok(if clean { End::Well } else { End::Findings })
}

/// Run a section and say how it went; whether everything passed.
fn report(section: &Section, found: &Json, regexes: &Bounded, out: &mut Output, json: bool) -> Result<bool, Failure> {
    let mut failures: Vec<(String, Box<Mismatch>)> = Vec::new();
    let mut passed = 0_usize;
    match found.as_array() {
        Some(list) => {
            for (i, case) in list.iter().enumerate() {
                let verdict = case.as_array().and_then(|fields| (section.run)(fields, regexes));
                if regexes.take_stopped() {
                    let name = name(section, case, i);
                    eprintln!(
                        "{}: {name}: stopped an expression that ran too long; it counts as not matching",
                        section.name
                    );
                }
                match verdict {
                    Some(Ok(())) => passed += 1,
                    Some(Err(mismatch)) => failures.push((name(section, case, i), mismatch)),
                    None => failures.push((name(section, case, i), misshapen(case))),
                }
            }
        }
        None => failures.push(("the section".into(), misshapen(found))),
    }
    if json {
        out.line(&json!({"section": section.name, "passed": passed, "failed": failures.len()}).to_string())?;
    } else {
        out.line(&format!("{}: {passed} passed, {} failed", section.name, failures.len()))?;
    }
    for (name, mismatch) in &failures {
        let Mismatch { got, expected } = &**mismatch;
        let line = match json {
            true => json!({"section": section.name, "case": name, "got": got, "expected": expected}).to_string(),
            false => format!("  failed: {name}: got {got}, expected {expected}"),
        };
        out.line(&line)?;
    }
    Ok(failures.is_empty())
}

/// What a reader needs to find the case: its name, or, where the section's cases have none, all that it is given.
fn name(section: &Section, case: &Json, place: usize) -> String {
    match case.as_array().map(Vec::as_slice) {
        Some([Json::String(name), ..]) if section.named => name.clone(),
        Some([given @ .., _]) if !section.named => Json::Array(given.to_vec()).to_string(),
        _ => format!("case {place}"),
    }
}

fn misshapen(found: &Json) -> Box<Mismatch> {
    Box::new(Mismatch { got: found.clone(), expected: "a case as the specification lays it out".into() })
}

fn find<'j>(document: &'j Json, path: &[&str]) -> Option<&'j Json> {
    path.iter().try_fold(document, |at, member| at.as_object()?.get(*member))
}

/// The sections under a member of the file that nothing here runs. What is no list of cases is no section, like the version's name.
fn unknown(name: &str, value: &Json) -> Vec<String> {
    let run = |path: &[&str]| SECTIONS.iter().any(|s| s.path == path);
    match value {
        Json::Array(_) if !run(&[name]) => vec![name.into()],
        Json::Object(inner) => {
            let lists = inner.iter().filter(|(_, v)| v.is_array()).map(|(k, _)| k.as_str());
            lists.filter(|k| !run(&[name, k])).map(|k| format!("{name}.{k}")).collect()
        }
        _ => Vec::new(),
    }
}

/// Passed where got and expected are equal.
fn equal(got: impl Into<Json>, expected: &Json) -> Verdict {
    let got = got.into();
    verdict(number::same(&got, expected), got, expected.clone())
}

fn verdict(passed: bool, got: Json, expected: Json) -> Verdict {
    if passed { Ok(()) } else { Err(Box::new(Mismatch { got, expected })) }
}
