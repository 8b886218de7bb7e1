//! Segment's tracking interface, `/v1/`: any client that speaks it reports here. Who may say what is decided by the key; a batch is answered when
//! one intake object has stored it whole.

use noren_edge::ingest::{Arrival, Names, Trust, batch, kind_of, unpacked};
use noren_edge::name::{Kind, base64url, client_public_id, device_id, person_id, shard_of};
use noren_edge::site::keys::Presented;
use noren_edge::{Failure, Result, origin};
use noren_wire::bounds::{INGEST_BODY_MAX_BYTES, INTAKES, is_name};
use noren_wire::error::{Code, Problem};
use noren_wire::ingest::Body;
use noren_wire::stored::SiteDoc;
use serde_json::json;
use std::rc::Rc;
use worker::{Request, ResponseBuilder};

use crate::answer::{self, Answer, Readers};
use crate::edge::{Edge, broken, now};
use crate::{body, site_copy};

/// What browsers may send: Segment's clients name the first three, RudderStack's the last two.
const HEADERS: &str = "authorization, content-type, x-retry-count, content-encoding, anonymousid";

/// What a call's name in the address means: no kind of its own for a batch.
///
/// # Errors
/// `not_found` for what is no call.
fn named(call: &str) -> Result<Named> {
    match call {
        "m" | "metrics" => Ok(Named::OwnFigures),
        _ => kind_of(call).map(Named::Calls).ok_or_else(|| Code::NotFound.into()),
    }
}

enum Named {
    /// How a client itself is doing, for its maker.
    OwnFigures,
    Calls(Option<&'static str>),
}

/// A call with a method that is none of it; what is no call has none.
///
/// # Errors
/// Always.
pub fn other_methods(path: &str) -> Answer {
    let is_call = path.strip_prefix("/v1/").is_none_or(|call| call.contains('/') || named(call).is_ok());
    Err(if is_call { Code::MethodNotAllowed } else { Code::NotFound }.into())
}

/// What a page's browser asks before it sends a header of its own. Nothing is known of the key yet, so nothing depends on it.
///
/// # Errors
/// `not_found` for what is no call.
pub fn preflight(call: &str) -> Answer {
    named(call)?;
    let headers = answer::headers("text/plain", "no-store", Readers::Anybody)?;
    for (name, value) in [
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-allow-headers", HEADERS),
        ("access-control-max-age", "86400"),
    ] {
        headers.set(name, value).map_err(broken("header"))?;
    }
    Ok(ResponseBuilder::new().with_status(204).with_headers(headers).empty())
}

/// Segment's browser client asks for this first: where to send, and that there is nothing else to load. It says nothing that the asker did not.
///
/// # Errors
/// `Broken`.
pub fn settings(key: &str, edge: &Edge) -> Answer {
    let (protocol, host) = edge.origin.split_once("://").unwrap_or(("https", ""));
    let segment = json!({ "apiKey": origin::decoded(key), "apiHost": format!("{host}/v1"), "protocol": protocol });
    answer::json_for(&json!({ "integrations": { "Segment.io": segment } }), Readers::Anybody)
}

/// `POST /v1/CALL`.
///
/// # Errors
/// `not_found`, `unauthorized`, `forbidden`, `origin_forbidden`; those of a body; `too_many_requests`. Nothing is stored then.
pub async fn take(call: &str, mut request: Request, edge: &Edge) -> Answer {
    let kind = match named(call)? {
        // Dropped unread. A refusal would stand in the page's console every half minute.
        Named::OwnFigures => return answer::json_for(&json!({ "success": true }), Readers::Anybody),
        Named::Calls(kind) => kind,
    };
    let page = request.headers().get("origin").map_err(broken("header"))?;
    // A key in a header is asked before a byte of the body is read. Where it stands in the body, that is read up to its limit.
    let mut admitted = match basic(&request)? {
        Some(key) => Some(admit(&key, page.as_deref(), edge).await?),
        None => None,
    };
    let sent = body::read(&mut request, INGEST_BODY_MAX_BYTES).await?;
    let bytes = unpacked(&sent, INGEST_BODY_MAX_BYTES)?;
    let calls = Body::read(&bytes, kind.is_none())?;
    if admitted.is_none() {
        let key = calls.write_key.as_deref().ok_or_else(no_key)?;
        admitted = Some(admit(key, page.as_deref(), edge).await?);
    }
    let Some((doc, trust)) = admitted else { return Err(no_key().into()) };

    let secret = edge.secret()?;
    let mut nonce = [0; 12];
    getrandom::fill(&mut nonce).map_err(|e| Failure::Broken(format!("randomness: {e}")))?;
    let nonce = base64url(&nonce);
    let arrival = Arrival { site: &doc.site, trust, now: now(), shards: doc.shards, nonce: &nonce };
    let names = Names {
        client: &|called| (device_id(&secret, &doc.site, called), client_public_id(&secret, &doc.site, called)),
        person: &|user| person_id(&secret, &doc.site, user),
    };
    let (batch, answered) = batch(&calls, kind, &arrival, &names)?;
    if !batch.groups.is_empty() {
        let intake = shard_of(batch.digest.as_deref().unwrap_or(&nonce), INTAKES).to_string();
        edge.object(Kind::Intake, &doc.site, &intake)?.ask::<()>("accept", &batch).await?;
    }
    let readers = page.as_deref().map_or(Readers::Anybody, Readers::Origin);
    let response = answer::json_for(&answered, readers)?;
    response.headers().set("access-control-expose-headers", "Retry-After").map_err(broken("header"))?;
    Ok(response)
}

fn no_key() -> Problem {
    Problem {
        message: Some("a write key or server key is needed that is one of a site's".into()),
        ..Code::Unauthorized.into()
    }
}

/// The user name of HTTP's basic authentication; clients leave the password empty.
fn basic(request: &Request) -> Result<Option<String>> {
    let header = request.headers().get("authorization").map_err(broken("header"))?.unwrap_or_default();
    Ok(noren_edge::ingest::basic_user(&header))
}

/// Whose key this is, and what it vouches for.
///
/// # Errors
/// `unauthorized` for what is no site's key, whether or not there is such a site; `forbidden` for a server key that may do other things;
/// `origin_forbidden`.
async fn admit(key: &str, page: Option<&str>, edge: &Edge) -> Result<(Rc<SiteDoc>, Trust)> {
    let presented = Presented::read(key);
    let site = presented.map_or(key, |presented| presented.site);
    if !is_name(site) {
        return Err(no_key().into());
    }
    let doc = match site_copy::settings(edge, site).await {
        Ok(doc) => doc,
        Err(Failure::Refused(_)) => return Err(no_key().into()),
        Err(broken) => return Err(broken),
    };
    let Some(presented) = presented else {
        // The site's own name, which every page shows: only its own pages use it. This machine may, where the site lists it.
        let here = page.is_none() && edge.loopback && doc.origins.iter().any(|o| o == origin::LOOPBACK);
        let may = here || page.is_some_and(|page| origin::allowed(&doc.origins, page));
        return if may { Ok((doc, Trust::Public)) } else { Err(Code::OriginForbidden.into()) };
    };
    let known = presented.of(&doc, &edge.secret()?).cloned().ok_or_else(no_key)?;
    if known.kind == "server" {
        let may = known.scopes.iter().any(|scope| scope == "events");
        return if may { Ok((doc, Trust::Server)) } else { Err(Code::Forbidden.into()) };
    }
    // Applications have no origin; a page that has one must be the site's.
    match page {
        Some(page) if page != "null" && !origin::allowed(&doc.origins, page) => Err(Code::OriginForbidden.into()),
        _ => Ok((doc, Trust::Public)),
    }
}
