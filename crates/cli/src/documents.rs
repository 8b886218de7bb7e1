//! Campaign documents from files: one campaign, a list of them, or `{"campaigns": [...]}` as the HTTP interface has it. And the site's own
//! document, under which they are read.

use crate::output::{self, Output};
use crate::{Failure, Language};
use noren_event::Value;
use noren_rule::ast::Campaign;
use noren_rule::{Finding, Level, Message, Site, check_all_of, check_site};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// The option of every command that reads campaigns.
#[derive(clap::Args)]
pub struct SiteArg {
    /// The site's document, JSON: its calendars and its holdout. Without it the site says nothing.
    #[arg(long, value_name = "FILE")]
    site_document: Option<PathBuf>,
}

/// A site's document.
pub struct SiteDocument {
    /// As written, where one was given.
    pub json: Option<Json>,
    /// What holds for all campaigns.
    pub site: Site,
    /// About which file, and what.
    pub findings: Vec<(PathBuf, Finding)>,
}

/// What the files hold.
pub struct Documents {
    /// As written.
    pub json: Vec<Json>,
    /// The site's document, as written, where one was given.
    pub site_json: Option<Json>,
    /// What holds for all campaigns.
    pub site: Site,
    /// Those without errors.
    pub campaigns: Vec<Campaign>,
    /// About which file, and what.
    pub findings: Vec<(PathBuf, Finding)>,
}

impl SiteArg {
    /// Read and check the site's document. A file that is not JSON is a finding; one that cannot be read stops everything.
    pub fn read(&self) -> Result<SiteDocument, Failure> {
        let nothing = SiteDocument { json: None, site: Site::default(), findings: Vec::new() };
        let Some(file) = &self.site_document else { return Ok(nothing) };
        let (json, site, findings) = match parse(file)? {
            Ok(json) => {
                let (site, findings) = check_site(&noren_wire::value::from_json(&json));
                (Some(json), site, findings)
            }
            Err(finding) => (None, Site::default(), vec![finding]),
        };
        Ok(SiteDocument { json, site, findings: findings.into_iter().map(|f| (file.clone(), f)).collect() })
    }
}

fn parse(file: &Path) -> Result<Result<Json, Finding>, Failure> {
    let text = std::fs::read_to_string(file).map_err(|e| Failure(format!("{}: {e}", file.display())))?;
    Ok(serde_json::from_str(&text).map_err(|e| not_json(&e)))
}

/// Read and check files under a site's document. A file that is not JSON is a finding; one that cannot be read stops everything.
pub fn read(files: &[PathBuf], site: &SiteArg) -> Result<Documents, Failure> {
    let SiteDocument { json: site_json, site, mut findings } = site.read()?;
    let documents = under(&site, files)?;
    findings.extend(documents.findings);
    Ok(Documents { site_json, findings, ..documents })
}

/// Read and check files under a site's document that was read before; its own findings are not among the result's.
pub fn under(site: &Site, files: &[PathBuf]) -> Result<Documents, Failure> {
    let mut json = Vec::new();
    let mut of_file: Vec<&Path> = Vec::new();
    let mut findings = Vec::new();
    for file in files {
        match parse(file)? {
            Ok(document) => {
                let documents = split(document);
                of_file.extend(std::iter::repeat_n(file.as_path(), documents.len()));
                json.extend(documents);
            }
            Err(finding) => findings.push((file.clone(), finding)),
        }
    }
    let values: Vec<Value> = json.iter().map(noren_wire::value::from_json).collect();
    let (campaigns, found) = check_all_of(site, &values, &Value::Null);
    for finding in found {
        // A campaign is known by its id, or by its place where it has none. An id used twice is blamed on the file that came second.
        let by_id = |v: &Value| v.get("id").and_then(Value::as_str) == Some(&finding.campaign);
        let place = match finding.code {
            "id_taken" if finding.path == "/id" => values.iter().rposition(by_id),
            _ => values.iter().position(by_id),
        };
        let place = place.or_else(|| finding.campaign.parse().ok());
        let file = place.and_then(|i| of_file.get(i)).map_or_else(PathBuf::new, |f| f.to_path_buf());
        findings.push((file, finding));
    }
    Ok(Documents { json, site_json: None, site: site.clone(), campaigns, findings })
}

fn split(document: Json) -> Vec<Json> {
    match document {
        Json::Array(list) => list,
        Json::Object(mut members) if members.len() == 1 && members.get("campaigns").is_some_and(Json::is_array) => {
            match members.remove("campaigns") {
                Some(Json::Array(list)) => list,
                _ => Vec::new(),
            }
        }
        one => vec![one],
    }
}

fn not_json(e: &serde_json::Error) -> Finding {
    Finding {
        level: Level::Error,
        code: "body_not_json",
        campaign: "".into(),
        path: String::new(),
        message: Message {
            en: format!("This is not JSON: {e}."),
            ja: format!("JSONとして読めません({}行目の{}文字目)。", e.line(), e.column()),
        },
        expected: "JSON".into(),
    }
}

impl Documents {
    /// Whether something is an error.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|(_, f)| f.level == Level::Error)
    }

    /// Write the findings to standard output.
    pub fn print(&self, json: bool, lang: Language) -> Result<(), Failure> {
        let mut out = Output::new();
        for (file, finding) in &self.findings {
            let line = if json {
                output::finding_json(file, finding).to_string()
            } else {
                output::finding_text(file, finding, lang)
            };
            out.line(&line)?;
        }
        out.finish()
    }

    /// Write the findings to standard error, for commands whose output is something else.
    pub fn complain(&self, json: bool) {
        for (file, finding) in &self.findings {
            match json {
                true => eprintln!("{}", output::finding_json(file, finding)),
                false => eprintln!("{}", output::finding_text(file, finding, Language::En)),
            }
        }
    }
}
