//! Campaigns and the site's document: listed, checked, published, rolled back. The site's object does the publishing: what was live before
//! stays live until it has written the new version, and stays for good if anything is wrong.

use noren_edge::Result;
use noren_edge::rules::{Outline, Rules};
use noren_edge::site::publish::{Change, Publish};
use noren_edge::site::{By, Listed};
use noren_wire::admin::{
    CampaignEntry, CampaignList, CheckRequest, PublishAnswer, PublishRequest, RollbackRequest, SettleDocument,
    SiteDocument, Stopped,
};
use noren_wire::bounds::ADMIN_BODY_MAX_BYTES;
use serde_json::{Value as Json, json};
use worker::Request;

use crate::answer::{self, Answer};
use crate::body;
use crate::edge::Edge;
use crate::rulebook::Rulebook;
use crate::site_copy;

/// `GET campaigns`, as of `now`.
///
/// # Errors
/// `site_unknown`.
pub async fn list(edge: &Edge, site: &str, now: i64) -> Answer {
    let mut listed: Listed = edge.site(site)?.ask("listed", &()).await?;
    let texts: Vec<String> = listed.set.documents.into_iter().map(|(_, text)| text).collect();
    let outlines = Rulebook.check(&listed.set.site, &texts).outlines;
    let campaigns = outlines.into_iter().zip(&texts).map(|(outline, text)| {
        let document: Json = serde_json::from_str(text)?;
        let stopped = listed.stopped.remove(&outline.id).or_else(|| ended(&outline, now));
        Ok(CampaignEntry {
            id: outline.id,
            name: outline.name,
            status: outline.status,
            sentence: outline.sentence,
            document,
            stopped,
        })
    });
    let campaigns = campaigns.collect::<Result<Vec<_>>>()?;
    let document = match listed.set.site.as_str() {
        "" => json!({}),
        text => serde_json::from_str(text)?,
    };
    answer::json(&CampaignList { version: listed.set.version, site: document, campaigns })
}

/// That a live campaign's date has passed.
fn ended(outline: &Outline, now: i64) -> Option<Stopped> {
    let at = outline.ends_at.filter(|at| *at <= now && outline.status == "live")?;
    Some(Stopped { at, why: "date".into(), limit: None, total: None })
}

/// `POST check`: the given documents among themselves, under the given document of the site or the live one; stores nothing. The console's
/// own editor runs the same function.
///
/// # Errors
/// `body_invalid`.
pub async fn check(mut request: Request, edge: &Edge, site: &str) -> Answer {
    let mut asked: CheckRequest = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    if asked.site.is_none() {
        asked.site = Some(live_document(edge, site).await?.document);
    }
    answer::json(&noren_editor::check(&asked)?)
}

async fn live_document(edge: &Edge, site: &str) -> Result<SiteDocument> {
    edge.site(site)?.ask("document", &()).await
}

/// `GET document`.
///
/// # Errors
/// `site_unknown`.
pub async fn document(edge: &Edge, site: &str) -> Answer {
    answer::json(&live_document(edge, site).await?)
}

/// `PUT document`.
///
/// # Errors
/// `site_invalid` with findings, `version_conflict`.
pub async fn settle_document(mut request: Request, edge: &Edge, site: &str, by: By) -> Answer {
    let asked: SettleDocument = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    let change = Change::Document { document: asked.document };
    make_live(edge, site, &Publish { base: asked.base, change, note: asked.note, by }).await
}

/// `PUT campaigns`.
///
/// # Errors
/// `campaigns_invalid` with findings, `version_conflict`.
pub async fn publish(mut request: Request, edge: &Edge, site: &str, by: By) -> Answer {
    let asked: PublishRequest = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    let change = Change::Campaigns { campaigns: asked.campaigns, replace: asked.replace, site: asked.site };
    make_live(edge, site, &Publish { base: asked.base, change, note: asked.note, by }).await
}

/// `DELETE campaigns/ID`.
///
/// # Errors
/// `not_found` if it is not live.
pub async fn delete(edge: &Edge, site: &str, id: &str, by: By) -> Answer {
    let change = Change::Delete { id: id.into() };
    make_live(edge, site, &Publish { base: None, change, note: format!("without {id}"), by }).await
}

/// `POST rollback`: a new version with the documents of an old one, the site's too.
///
/// # Errors
/// `not_found` for a version that never was.
pub async fn rollback(mut request: Request, edge: &Edge, site: &str, by: By) -> Answer {
    let RollbackRequest { version } = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    let change = Change::Rollback { version };
    make_live(edge, site, &Publish { base: None, change, note: format!("as version {version}"), by }).await
}

async fn make_live(edge: &Edge, site: &str, asked: &Publish) -> Answer {
    let published: PublishAnswer = edge.site(site)?.ask("publish", asked).await?;
    site_copy::forget(site);
    answer::json(&published)
}
