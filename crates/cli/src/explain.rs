//! `lint`, `explain` and `compile`: what needs nothing but the documents.

use crate::documents::SiteArg;
use crate::output::Output;
use crate::{End, Failure, Language, documents};
use noren_event::Timestamp;
use noren_program::codec;
use noren_rule::{Lang, compile_for};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

pub fn lint(files: &[PathBuf], site: &SiteArg, json: bool, lang: Language, strict: bool) -> Result<End, Failure> {
    let documents = documents::read(files, site)?;
    documents.print(json, lang)?;
    if !json {
        let (errors, warnings) = (
            documents.findings.iter().filter(|(_, f)| f.level == noren_rule::Level::Error).count(),
            documents.findings.iter().filter(|(_, f)| f.level == noren_rule::Level::Warning).count(),
        );
        eprintln!("{} campaigns, {errors} errors, {warnings} warnings", documents.json.len());
    }
    Ok(if documents.has_errors() || strict && !documents.findings.is_empty() { End::Findings } else { End::Well })
}

pub fn explain(files: &[PathBuf], site: &SiteArg, lang: Language, json: bool) -> Result<End, Failure> {
    let documents = documents::read(files, site)?;
    let mut out = Output::new();
    let lang = match lang {
        Language::En => Lang::En,
        Language::Ja => Lang::Ja,
    };
    let several = documents.json.len() > 1;
    for campaign in &documents.campaigns {
        let sentence = noren_rule::explain(campaign, lang);
        let line = match (json, several) {
            (true, _) => json!({"campaign": campaign.id, "sentence": sentence}).to_string(),
            (false, true) => format!("{}: {sentence}", campaign.id),
            (false, false) => sentence,
        };
        out.line(&line)?;
    }
    out.finish()?;
    if documents.has_errors() {
        documents.complain(json);
        return Ok(End::Findings);
    }
    Ok(End::Well)
}

pub fn compile(
    files: &[PathBuf],
    site: &SiteArg,
    output: &Path,
    contents: Option<&Path>,
    now: Option<i64>,
    json: bool,
) -> Result<End, Failure> {
    let documents = documents::read(files, site)?;
    documents.print(json, Language::En)?;
    if documents.has_errors() {
        return Ok(End::Findings);
    }
    let compiled = compile_for(&documents.site, &documents.campaigns, Timestamp(now.unwrap_or_else(clock_ms)));
    let bytes = codec::encode(&compiled.program);
    write(output, &bytes)?;
    if let Some(folder) = contents {
        std::fs::create_dir_all(folder).map_err(|e| Failure(format!("{}: {e}", folder.display())))?;
        for (hash, content) in &compiled.contents {
            write(&folder.join(format!("{hash}.json")), noren_rule::json::canonical(content).as_bytes())?;
        }
    }
    eprintln!(
        "{} campaigns, {} conditions, {} bytes, valid for 400 days",
        compiled.program.campaigns.len(),
        compiled.program.conds.len(),
        bytes.len()
    );
    Ok(End::Well)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|e| Failure(format!("{}: {e}", path.display())))
}

/// The machine's clock, Unix ms.
pub fn clock_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
}
