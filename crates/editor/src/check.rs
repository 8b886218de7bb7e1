//! Documents to findings and sentences.

use noren_event::Value;
use noren_rule::ast::Campaign;
use noren_rule::{Finding, Lang, Site};
use noren_wire::admin::{Both, CheckAnswer, CheckRequest, CheckedCampaign, Finding as WireFinding, document_texts};
use noren_wire::error::Problem;
use noren_wire::value::from_json;
use serde_json::Value as Json;

/// What a list says of a document, be it right or wrong.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Its id; empty where it has none that is text.
    pub id: String,
    /// For people: the name, else the id.
    pub name: String,
    /// `live`, `paused` or as the document says.
    pub status: String,
    /// The rule as a sentence; empty where it could not be read.
    pub sentence: Both,
}

/// What reading some documents together gave.
#[derive(Clone, Debug, Default)]
pub struct Read {
    /// What holds for all of them.
    pub site: Site,
    /// Those that may be compiled.
    pub campaigns: Vec<Campaign>,
    /// Errors and warnings, as they travel.
    pub findings: Vec<WireFinding>,
    /// One per document, in order.
    pub outlines: Vec<Outline>,
}

/// The whole of `POST sites/SITE/check`.
///
/// # Errors
/// `body_invalid` for too many or too long documents.
pub fn check(request: &CheckRequest) -> Result<CheckAnswer, Problem> {
    let read = read(&site_text(request.site.as_ref())?, &document_texts(&request.campaigns)?);
    let campaigns = read.outlines.into_iter().map(|o| CheckedCampaign { id: o.id, sentence: o.sentence }).collect();
    Ok(CheckAnswer { findings: read.findings, campaigns })
}

/// The site's document of a request as the text that [`read`] takes; none says nothing.
///
/// # Errors
/// `body_invalid` for a too long one.
pub(crate) fn site_text(document: Option<&Json>) -> Result<String, Problem> {
    document.map_or(Ok(String::new()), |document| noren_wire::admin::site_text(document, "site"))
}

/// Read documents as they are stored, under the site's own (empty: it says nothing). A text that is not JSON reads as null, which the checker
/// names. Findings about the site's document come first; they name no campaign.
pub fn read(site: &str, texts: &[String]) -> Read {
    let (site, mut found) = read_site(site);
    let documents: Vec<Value> = texts.iter().map(|text| value(text)).collect();
    let (campaigns, of_campaigns) = noren_rule::check_all_of(&site, &documents, &Value::Null);
    found.extend(of_campaigns);
    Read {
        campaigns,
        findings: found.iter().map(wire_finding).collect(),
        outlines: documents.iter().map(|document| outline(&site, document)).collect(),
        site,
    }
}

/// What was checked before, for compiling; what has errors is left out.
pub fn campaigns(site: &str, texts: &[String]) -> (Site, Vec<Campaign>) {
    let (site, _) = read_site(site);
    let documents: Vec<Value> = texts.iter().map(|text| value(text)).collect();
    let campaigns = noren_rule::check_all_of(&site, &documents, &Value::Null).0;
    (site, campaigns)
}

fn read_site(text: &str) -> (Site, Vec<Finding>) {
    if text.is_empty() { Default::default() } else { noren_rule::check_site(&value(text)) }
}

fn value(text: &str) -> Value {
    serde_json::from_str::<Json>(text).map_or(Value::Null, |json| from_json(&json))
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

fn outline(site: &Site, document: &Value) -> Outline {
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
    let read = noren_rule::check_all_of(site, core::slice::from_ref(document), &Value::Null).0;
    let sentence = read.first().map_or_else(Both::default, |campaign| Both {
        en: noren_rule::explain(campaign, Lang::En),
        ja: noren_rule::explain(campaign, Lang::Ja),
    });
    Outline { id, name, status, sentence }
}
