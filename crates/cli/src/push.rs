//! `push`: publish campaigns to an edge.

use crate::output::Output;
use crate::{End, Failure, documents};
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    /// Address of the edge, for example https://noren.example.com.
    #[arg(long)]
    url: String,
    /// A token that may publish; NOREN_TOKEN in the environment where it is left out.
    #[arg(long)]
    token: Option<String>,
    /// Site key.
    #[arg(long, default_value = "demo")]
    site: String,
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
    let token = match &args.token {
        Some(token) => token.clone(),
        None => std::env::var("NOREN_TOKEN").map_err(|_| Failure("no --token and no NOREN_TOKEN".into()))?,
    };
    if args.site.is_empty() || !args.site.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(Failure(format!("{:?} is not a site key", args.site)));
    }
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
    let address = format!("{}/noren/v1/admin/sites/{}/campaigns", args.url.trim_end_matches('/'), args.site);
    // Answers of every status are read: the body says what is wrong.
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build().into();
    let mut answer = agent
        .put(&address)
        .header("Authorization", format!("Bearer {token}"))
        .header("Content-Type", "application/json")
        .send(body.to_string())
        .map_err(|e| Failure(format!("{address}: {e}")))?;
    let status = answer.status().as_u16();
    let text = answer.body_mut().read_to_string().map_err(|e| Failure(format!("{address}: {e}")))?;
    let answer: Json = serde_json::from_str(&text).map_err(|_| {
        Failure(format!("{address} answered {status} with something that is not JSON; is it an edge of Noren?"))
    })?;
    print_findings(&answer["findings"], args.json)?;
    match status {
        200..=299 => {
            let version = &answer["version"];
            match args.json {
                true => println!("{answer}"),
                false => eprintln!("version {version} is live on {}", args.site),
            }
            Ok(End::Well)
        }
        422 => Ok(End::Findings),
        _ => {
            let say = |key: &str| answer[key].as_str().unwrap_or("").to_string();
            Err(Failure(format!("{address} answered {status}: {} ({})", say("message"), say("code"))))
        }
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
