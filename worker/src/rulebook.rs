//! The rule room, lent to the edge room: checking, sentences, compiling, and the conditions of goals.

use noren_edge::Result;
use noren_edge::rules::{Checked, Compiled, Outline, Rules};
use noren_engine::Host;
use noren_event::{Timestamp, Value};
use noren_program::{Cond, codec};
use noren_rule::Finding;
use noren_wire::admin::{Both, Finding as WireFinding};
use noren_wire::value::{from_json, to_json};
use serde_json::Value as Json;

use crate::answer::{self, Answer, Readers};

/// The JSON Schema of a campaign, for editors anywhere.
///
/// # Errors
/// `Broken`.
pub fn schema() -> Answer {
    let headers = answer::headers("application/schema+json", "public, max-age=300", Readers::Anybody)?;
    Ok(answer::bytes(noren_rule::SCHEMA.as_bytes().to_vec(), headers))
}

/// The rule room.
pub struct Rulebook;

impl Rules for Rulebook {
    fn check(&self, documents: &[String]) -> Checked {
        let documents = values(documents);
        let (_, findings) = noren_rule::check_all(&documents, &Value::Null);
        Checked {
            findings: findings.iter().map(wire_finding).collect(),
            outlines: documents.iter().map(outline).collect(),
        }
    }

    fn compile(&self, documents: &[String], now: i64) -> Result<Compiled> {
        let (campaigns, _) = noren_rule::check_all(&values(documents), &Value::Null);
        let compiled = noren_rule::compile(&campaigns, Timestamp(now));
        Ok(Compiled {
            program: codec::encode(&compiled.program),
            contents: compiled
                .contents
                .into_iter()
                .map(|(hash, content)| (hash, to_json(&content).to_string()))
                .collect(),
        })
    }
}

fn values(documents: &[String]) -> Vec<Value> {
    documents
        .iter()
        .map(|text| serde_json::from_str::<Json>(text).map_or(Value::Null, |json| from_json(&json)))
        .collect()
}

fn wire_finding(finding: &Finding) -> WireFinding {
    WireFinding {
        level: finding.level.word().into(),
        code: finding.code.into(),
        campaign: finding.campaign.to_string(),
        path: finding.path.clone(),
        message: Both { en: finding.message.en.clone(), ja: finding.message.ja.clone() },
        expected: finding.expected.clone(),
    }
}

/// What a list says of a document, be it right or wrong.
fn outline(document: &Value) -> Outline {
    let text = |key: &str| document.get(key).and_then(Value::as_str).unwrap_or_default().to_string();
    let id = text("id");
    let name = match text("name") {
        name if name.is_empty() => id.clone(),
        name => name,
    };
    let status = match text("status") {
        status if status.is_empty() => "live".into(),
        status => status,
    };
    let sentence = match noren_rule::check(document, &Value::Null).0 {
        Some(campaign) => Both {
            en: noren_rule::explain(&campaign, noren_rule::Lang::En),
            ja: noren_rule::explain(&campaign, noren_rule::Lang::Ja),
        },
        None => Both::default(),
    };
    Outline { id, name, status, sentence }
}

/// Whether a condition holds over some attributes.
pub fn holds(cond: &Cond, attributes: &Value) -> bool {
    noren_engine::condition::holds(cond, attributes, &Expressions)
}

/// Regular expressions as ECMAScript has them.
struct Expressions;

impl Host for Expressions {
    fn regex(&self, pattern: &str, fold: bool, subject: &str) -> Option<bool> {
        let flags = if fold { "i" } else { "" };
        Some(regress::Regex::with_flags(pattern, flags).ok()?.find(subject).is_some())
    }
}
