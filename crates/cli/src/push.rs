//! `push`: publish campaigns to an edge.

use crate::output::Output;
use crate::{End, Failure, documents, edge};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    edge: edge::Options,
    /// The files are the whole set: what is live and not among them is unpublished.
    #[arg(long, requires = "files")]
    replace: bool,
    /// Publish only if this version is live.
    #[arg(long)]
    base: Option<i64>,
    /// For the list of versions.
    #[arg(long)]
    note: Option<String>,
    /// Findings, and the answer, as JSON.
    #[arg(long)]
    json: bool,
    /// JSON files.
    #[arg(required_unless_present = "site_document")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    site_document: documents::SiteArg,
}

/// An edge that does not answer for this long will not.
const TIMEOUT: Duration = Duration::from_secs(30);

pub fn push(args: &Args) -> Result<End, Failure> {
    let mut documents = documents::read(&args.files, &args.site_document)?;
    if documents.site_json.is_none() {
        // Which calendars the site has, only the edge knows then.
        documents.findings.retain(|(_, finding)| finding.code != "calendar_unknown");
    }
    if documents.has_errors() {
        documents.print(args.json, crate::Language::En)?;
        return Ok(End::Findings);
    }
    let site = args.edge.site(TIMEOUT)?;
    let mut body = json!({"campaigns": documents.json, "replace": args.replace});
    if let Some(site) = &documents.site_json {
        body["site"] = site.clone();
    }
    if let Some(base) = args.base {
        body["base"] = json!(base);
    }
    if let Some(note) = &args.note {
        body["note"] = json!(note);
    }
    let answer = site.put("campaigns", &body)?;
    print_findings(&answer.body["findings"], args.json)?;
    match answer.status {
        200..=299 => {
            match args.json {
                true => println!("{}", answer.body),
                false => eprintln!("version {} is live on {}", answer.body["version"], args.edge.site),
            }
            Ok(End::Well)
        }
        422 => Ok(End::Findings),
        _ => Err(answer.refusal()),
    }
}

fn print_findings(findings: &Json, json: bool) -> Result<(), Failure> {
    let mut out = Output::new();
    for f in findings.as_array().into_iter().flatten() {
        let say = |v: &Json| v.as_str().unwrap_or("").to_string();
        let line = if json {
            f.to_string()
        } else {
            format!(
                "{}{}: {}: {} [{}]",
                say(&f["campaign"]),
                say(&f["path"]),
                say(&f["level"]),
                say(&f["message"]["en"]),
                say(&f["code"])
            )
        };
        out.line(&line)?;
    }
    out.finish()
}
