//! Messages and answers: JSON in, JSON out, whatever comes in.
//!
//! - `{"op":"check","campaigns":[...],"site":{...}}`: what `POST sites/SITE/check` answers; without `site`, a site that says nothing.
//! - `{"op":"try","campaigns":[...],"site":{...},"visitor":"v","events":[{"at","name","props"}],"until":ms}`: `{"decisions":[...]}`, or
//!   `campaigns_invalid` with the findings where the drafts have errors.
//! - `{"op":"schema"}`: the JSON Schema of a campaign.
//!
//! What is wrong is answered as everywhere on the edge: `{"code","message","path"}`.

use noren_wire::admin::{CheckRequest, document_texts};
use noren_wire::error::{Code, Problem, parse};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::check::site_text;
use crate::trial::{self, TrialEvent};

#[derive(Deserialize)]
struct Head {
    op: String,
}

#[derive(Deserialize)]
struct TryRequest {
    campaigns: Vec<Json>,
    #[serde(default)]
    site: Option<Json>,
    #[serde(default)]
    visitor: String,
    events: Vec<TrialEvent>,
    #[serde(default)]
    until: Option<i64>,
}

/// Answer one message.
pub fn answer(message: &[u8]) -> Vec<u8> {
    text(message).unwrap_or_else(|problem| write(&problem.body()).unwrap_or_default()).into_bytes()
}

fn text(message: &[u8]) -> Result<String, Problem> {
    match parse::<Head>(message)?.op.as_str() {
        "check" => write(&crate::check(&parse::<CheckRequest>(message)?)?),
        "try" => attempt(parse(message)?),
        "schema" => Ok(noren_rule::SCHEMA.into()),
        _ => Err(Problem::field("op", "check, try or schema")),
    }
}

fn attempt(asked: TryRequest) -> Result<String, Problem> {
    let read = crate::read(&site_text(asked.site.as_ref())?, &document_texts(&asked.campaigns)?);
    if read.findings.iter().any(|finding| finding.level == "error") {
        return Err(Problem { findings: Some(read.findings), ..Code::CampaignsInvalid.into() });
    }
    let decisions = trial::run(&read.site, &read.campaigns, &asked.visitor, asked.events, asked.until)?;
    write(&json!({ "decisions": decisions }))
}

fn write(answer: &impl Serialize) -> Result<String, Problem> {
    serde_json::to_string(answer).map_err(|_| Code::Internal.into())
}
