//! A site's keys: listed, made, revoked.

use noren_edge::name::{base64url, key_digest};
use noren_edge::site::{By, keys};
use noren_edge::{Failure, Result};
use noren_wire::bounds::SMALL_BODY_MAX_BYTES;
use noren_wire::keys::{CreateKey, CreatedKey, KeyInfo};
use noren_wire::stored::{KeyDoc, SiteDoc};
use serde_json::json;
use worker::Request;

use super::session::random_token;
use crate::answer::{self, Answer};
use crate::edge::Edge;
use crate::{body, site_copy};

/// Random bytes of a key's id: 48 bits tell a site's fifty keys apart and say nothing of what opens.
const ID_BYTES: usize = 6;

/// `GET keys`.
///
/// # Errors
/// `Broken`.
pub fn list(doc: &SiteDoc) -> Answer {
    answer::json(&keys::list(doc))
}

/// `POST keys`: the key's text is in this answer and nowhere else.
///
/// # Errors
/// `body_invalid` with the field.
pub async fn create(mut request: Request, edge: &Edge, doc: &SiteDoc, by: By) -> Answer {
    let asked: CreateKey = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
    let (kind, scopes) = keys::check(&asked)?;
    let mut id = [0; ID_BYTES];
    getrandom::fill(&mut id).map_err(|e| Failure::Broken(format!("randomness: {e}")))?;
    let (id, secret) = (base64url(&id), random_token()?);
    let key = KeyDoc {
        name: asked.name.trim().into(),
        digest: key_digest(&edge.secret()?, &doc.site, &id, &secret),
        scopes,
        at: by.now,
        by: by.name.clone(),
        kind: kind.clone(),
        id: id.clone(),
    };
    let made: KeyInfo = edge.site(&doc.site)?.ask("keys/create", &json!({ "key": key, "by": by })).await?;
    site_copy::forget(&doc.site);
    answer::json(&CreatedKey { key: made, secret: keys::text(&kind, &doc.site, &id, &secret) })
}

/// `DELETE keys/ID`.
///
/// # Errors
/// `not_found`.
pub async fn revoke(edge: &Edge, doc: &SiteDoc, id: &str, by: By) -> Answer {
    let gone: Result<KeyInfo> = edge.site(&doc.site)?.ask("keys/revoke", &json!({ "id": id, "by": by })).await;
    site_copy::forget(&doc.site);
    answer::json(&gone?)
}
