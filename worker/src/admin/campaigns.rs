//! Campaigns: listed, checked, published, rolled back. Publishing reads the live set, checks and compiles the new one here, and has the site's
//! object compare and write: what was published before stays live until that moment, and stays for good if anything is wrong.

use noren_edge::rules::{Rules, merge};
use noren_edge::site::{By, Commit};
use noren_edge::{Failure, Result};
use noren_wire::admin::{
    CampaignEntry, CampaignList, CheckAnswer, CheckRequest, CheckedCampaign, Finding, PublishAnswer, PublishRequest,
    RollbackRequest,
};
use noren_wire::bounds::ADMIN_BODY_MAX_BYTES;
use noren_wire::error::{Code, Problem};
use serde_json::Value as Json;
use worker::Request;

use crate::answer::{self, Answer};
use crate::body;
use crate::edge::Edge;
use crate::rulebook::Rulebook;
use crate::site_copy;

/// How often a publish without `base` starts over when somebody else published in between.
const ATTEMPTS: u32 = 3;

type Documents = Vec<(String, String)>;

async fn live(edge: &Edge, site: &str, version: Option<i64>) -> Result<(i64, Documents)> {
    edge.site(site)?.ask("documents", &version).await
}

/// `GET campaigns`.
///
/// # Errors
/// `site_unknown`.
pub async fn list(edge: &Edge, site: &str) -> Answer {
    let (version, documents) = live(edge, site, None).await?;
    let texts: Vec<String> = documents.into_iter().map(|(_, text)| text).collect();
    let campaigns = Rulebook
        .check(&texts)
        .outlines
        .into_iter()
        .zip(&texts)
        .map(|(outline, text)| {
            let document: Json = serde_json::from_str(text)?;
            Ok(CampaignEntry {
                id: outline.id,
                name: outline.name,
                status: outline.status,
                sentence: outline.sentence,
                document,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    answer::json(&CampaignList { version, campaigns })
}

/// `POST check`: the given documents among themselves; stores nothing. The console's own editor runs the same function.
///
/// # Errors
/// `body_invalid`.
pub async fn check(mut request: Request, _edge: &Edge, _site: &str) -> Answer {
    let asked: CheckRequest = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    answer::json(&noren_editor::check(&asked)?)
}

/// `PUT campaigns`.
///
/// # Errors
/// `campaigns_invalid` with findings, `version_conflict`.
pub async fn publish(mut request: Request, edge: &Edge, site: &str, by: By) -> Answer {
    let asked: PublishRequest = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    let change = |live: &Documents| Ok(merge(live, &asked.campaigns, asked.replace)?);
    make_live(edge, site, asked.base, &change, &asked.note, "publish", by).await
}

/// `DELETE campaigns/ID`.
///
/// # Errors
/// `not_found` if it is not live.
pub async fn delete(edge: &Edge, site: &str, id: &str, by: By) -> Answer {
    let change = |live: &Documents| {
        if !live.iter().any(|(known, _)| known == id) {
            return Err(Code::NotFound.into());
        }
        Ok(live.iter().filter(|(known, _)| known != id).map(|(_, text)| text.clone()).collect())
    };
    make_live(edge, site, None, &change, &format!("without {id}"), "delete", by).await
}

/// `POST rollback`: a new version with the documents of an old one.
///
/// # Errors
/// `not_found` for a version that never was.
pub async fn rollback(mut request: Request, edge: &Edge, site: &str, by: By) -> Answer {
    let asked: RollbackRequest = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    let (_, old) = live(edge, site, Some(asked.version)).await?;
    let change = |_: &Documents| Ok(old.iter().map(|(_, text)| text.clone()).collect());
    make_live(edge, site, None, &change, &format!("as version {}", asked.version), "rollback", by).await
}

type Change<'a> = &'a dyn Fn(&Documents) -> Result<Vec<String>>;

async fn make_live(
    edge: &Edge,
    site: &str,
    base: Option<i64>,
    change: Change<'_>,
    note: &str,
    action: &str,
    by: By,
) -> Answer {
    for attempt in 1.. {
        let (version, documents) = live(edge, site, None).await?;
        if base.is_some_and(|base| base != version) {
            return Err(Failure::Refused(Problem { version: Some(version), ..Code::VersionConflict.into() }));
        }
        let (commit, findings) = prepare(version, &change(&documents)?, note, action, &by)?;
        match edge.site(site)?.ask::<PublishAnswer>("commit", &commit).await {
            Ok(published) => {
                site_copy::forget(site);
                return answer::json(&PublishAnswer { findings, ..published });
            }
            Err(Failure::Refused(problem))
                if problem.code == Code::VersionConflict && base.is_none() && attempt < ATTEMPTS => {}
            Err(failure) => return Err(failure),
        }
    }
    Err(Code::VersionConflict.into())
}

fn prepare(version: i64, texts: &[String], note: &str, action: &str, by: &By) -> Result<(Commit, Vec<Finding>)> {
    let checked = Rulebook.check(texts);
    if checked.has_errors() {
        return Err(Failure::Refused(Problem { findings: Some(checked.findings), ..Code::CampaignsInvalid.into() }));
    }
    let compiled = Rulebook.compile(texts, by.now)?;
    let documents = checked.outlines.iter().map(|outline| outline.id.clone()).zip(texts.iter().cloned()).collect();
    Ok((Commit::new(version, documents, compiled, note, action, by.clone()), checked.findings))
}
