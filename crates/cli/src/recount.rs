//! `recount`: have an edge count a site's totals again.

use crate::output::Output;
use crate::{End, Failure, edge};
use serde_json::{Value as Json, json};
use std::time::Duration;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    edge: edge::Options,
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
    let site = args.edge.site(TIMEOUT)?;
    let ask = |body: &Json| {
        let answer = site.post("recount", body)?;
        if answer.is_well() { Ok(answer.body) } else { Err(answer.refusal()) }
    };
    let mut answer = ask(&json!({ "restart": !args.resume }))?;
    while answer["done"] != json!(true) {
        eprintln!("{} of {} objects counted", answer["objects"], answer["of"]);
        answer = ask(&json!({}))?;
    }
    let differs = answer["differs"].as_array().cloned().unwrap_or_default();
    let mut out = Output::new();
    for row in &differs {
        out.line(&match args.json {
            true => row.to_string(),
            false => format!(
                "{} {} phase {} {} {}: shown, visitors, impressions, closed, clicked, converted, value are too high by {}",
                row["at"], row["id"], row["phase"], row["arm"], row["variant"], row["by"]
            ),
        })?;
    }
    out.finish()?;
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
        eprintln!("{} headings set right", ask(&json!({ "mend": true }))?["mended"]);
        return Ok(End::Well);
    }
    Ok(End::Findings)
}
