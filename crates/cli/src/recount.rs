//! `recount`: have an edge count a site's totals again.

use crate::{End, Failure};
use serde_json::{Value as Json, json};
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    /// Address of the edge, for example https://noren.example.com.
    #[arg(long)]
    url: String,
    /// An owner's session token; NOREN_TOKEN in the environment where it is left out.
    #[arg(long)]
    token: Option<String>,
    /// Site key.
    #[arg(long, default_value = "demo")]
    site: String,
    /// Go on with a recount that was interrupted, instead of beginning anew.
    #[arg(long)]
    resume: bool,
    /// Set the totals to what was counted.
    #[arg(long)]
    mend: bool,
    /// One difference a line, as JSON.
    #[arg(long)]
    json: bool,
}

/// A step asks a hundred objects; one that takes longer will not end.
const TIMEOUT: Duration = Duration::from_secs(60);

pub fn recount(args: &Args) -> Result<End, Failure> {
    let token = match &args.token {
        Some(token) => token.clone(),
        None => std::env::var("NOREN_TOKEN").map_err(|_| Failure("no --token and no NOREN_TOKEN".into()))?,
    };
    if args.site.is_empty() || !args.site.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(Failure(format!("{:?} is not a site key", args.site)));
    }
    let address = format!("{}/noren/v1/admin/sites/{}/recount", args.url.trim_end_matches('/'), args.site);
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).build().into();
    let ask = |body: Json| -> Result<Json, Failure> {
        let mut answer = agent
            .post(&address)
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", "application/json")
            .send(body.to_string())
            .map_err(|e| Failure(format!("{address}: {e}")))?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().map_err(|e| Failure(format!("{address}: {e}")))?;
        let answer: Json = serde_json::from_str(&text).map_err(|_| {
            Failure(format!("{address} answered {status} with something that is not JSON; is it an edge of Noren?"))
        })?;
        match status {
            200..=299 => Ok(answer),
            _ => Err(Failure(format!("{address} answered {status}: {}", answer["message"].as_str().unwrap_or("")))),
        }
    };
    let mut answer = ask(json!({ "restart": !args.resume }))?;
    while answer["done"] != json!(true) {
        eprintln!("{} of {} objects counted", answer["objects"], answer["of"]);
        answer = ask(json!({}))?;
    }
    let differs = answer["differs"].as_array().cloned().unwrap_or_default();
    for row in &differs {
        match args.json {
            true => println!("{row}"),
            false => println!(
                "{} {} phase {} {} {}: shown, visitors, impressions, closed, clicked, converted, value are too high by {}",
                row["at"], row["id"], row["phase"], row["arm"], row["variant"], row["by"]
            ),
        }
    }
    eprintln!(
        "{} objects counted: {}",
        answer["objects"],
        match differs.len() {
            0 => "nothing differs".into(),
            n => format!("{n} headings differ"),
        }
    );
    if differs.is_empty() {
        return Ok(End::Well);
    }
    if args.mend {
        eprintln!("{} headings set right", ask(json!({ "mend": true }))?["mended"]);
        return Ok(End::Well);
    }
    Ok(End::Findings)
}
