//! Persons: what is known of them, what joined them, taking a device out again, and the secret that proofs of identity are signed with.

use noren_edge::Result;
use noren_edge::name::{Kind, person_id, shard_of};
use noren_edge::origin::decoded;
use noren_edge::proof;
use noren_edge::site::By;
use noren_wire::admin::{PersonInfo, ProofRequest, ProofSecret, UndoRequest};
use noren_wire::bounds::{DEVICE_CHARS, SMALL_BODY_MAX_BYTES, is_base64url};
use noren_wire::error::{Code, Problem};
use noren_wire::inner::{PersonAsk, Undo};
use noren_wire::stored::SiteDoc;
use noren_wire::sync::Facts;
use serde_json::{Value as Json, json};
use worker::Request;

use crate::answer::{self, Answer};
use crate::edge::{Edge, Object, device_object, now};
use crate::{body, site_copy};

/// A person's object and the id it is named by, from the site's own id as it stands in an address.
pub fn person(edge: &Edge, doc: &SiteDoc, user: &str) -> Result<(Object, String)> {
    let user = decoded(user);
    if user.is_empty() {
        return Err(Problem::field("user", "the site's own id of the person").into());
    }
    named(edge, doc, &user)
}

/// A person's object from the site's own id as it is.
pub fn named(edge: &Edge, doc: &SiteDoc, user: &str) -> Result<(Object, String)> {
    let id = person_id(&edge.secret()?, &doc.site, user);
    Ok((edge.object(Kind::Person, &doc.site, &id)?, id))
}

pub async fn asked(edge: &Edge, doc: &SiteDoc) -> Result<PersonAsk> {
    let wants = site_copy::wants(edge, doc).await?;
    let counts = wants.counts.iter().map(|name| name.to_string()).collect();
    Ok(PersonAsk { now: now(), weights: doc.weights.clone(), counts, sensitive: doc.sensitive.clone() })
}

/// `GET person?user=ID`: what is known of a person, over all devices that were identified as them.
///
/// # Errors
/// `body_invalid` without an id.
pub async fn facts(edge: &Edge, doc: &SiteDoc) -> Answer {
    let (object, _) = person(edge, doc, edge.query("user"))?;
    answer::json(&object.ask::<Facts>("facts", &asked(edge, doc).await?).await?)
}

/// `GET persons/ID`.
///
/// # Errors
/// `not_found` for somebody nobody ever was.
pub async fn info(edge: &Edge, doc: &SiteDoc, user: &str) -> Answer {
    let (object, _) = person(edge, doc, user)?;
    let info: PersonInfo = object.ask("info", &asked(edge, doc).await?).await?;
    if info.log.is_empty() && info.parts.is_empty() { Err(Code::NotFound.into()) } else { answer::json(&info) }
}

/// `POST persons/ID/undo`.
///
/// # Errors
/// `not_found` when no such part is in; `body_invalid`.
pub async fn undo(mut request: Request, edge: &Edge, doc: &SiteDoc, user: &str, by: &By) -> Answer {
    let (object, id) = person(edge, doc, user)?;
    let asked_for: UndoRequest = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
    let UndoRequest { device, epoch } = asked_for;
    // The audit names the person as objects are named: it outlives an erasure.
    let what = format!("{device}/{epoch} of {id}");
    let undo = Undo { now: by.now, by: by.name.clone(), device, epoch };
    if !object.ask::<bool>("undo", &undo).await? {
        return Err(Code::NotFound.into());
    }
    edge.site(&doc.site)?.ask::<()>("note", &json!({ "action": "undo", "what": what, "by": by })).await?;
    answer::json(&object.ask::<PersonInfo>("info", &asked(edge, doc).await?).await?)
}

/// `POST persons/ID/unalias`: the person is nobody else after all.
///
/// # Errors
/// `not_found` for who is nobody else.
pub async fn unalias(edge: &Edge, doc: &SiteDoc, user: &str, by: &By) -> Answer {
    let (object, id) = person(edge, doc, user)?;
    if !object.ask::<bool>("unalias", &(by.now, &by.name)).await? {
        return Err(Code::NotFound.into());
    }
    edge.site(&doc.site)?.ask::<()>("note", &json!({ "action": "unalias", "what": id, "by": by })).await?;
    answer::json(&object.ask::<PersonInfo>("info", &asked(edge, doc).await?).await?)
}

/// `POST proof`: the secret that proofs are signed with; every look at it is audited.
///
/// # Errors
/// `body_invalid`.
pub async fn proof(mut request: Request, edge: &Edge, doc: &SiteDoc, by: &By) -> Answer {
    let renew: ProofRequest = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
    let serial: u32 = edge.site(&doc.site)?.ask("proof", &json!({ "renew": renew, "by": by })).await?;
    site_copy::forget(&doc.site);
    answer::json(&ProofSecret { secret: proof::secret(&edge.secret()?, &doc.site, serial), serial })
}

/// The object that a public id belongs to, by its shard's register.
///
/// # Errors
/// `not_found`.
pub async fn registered(edge: &Edge, doc: &SiteDoc, device: &str) -> Result<Object> {
    if !is_base64url(device, DEVICE_CHARS) {
        return Err(Code::NotFound.into());
    }
    let shard = edge.object(Kind::Shard, &doc.site, &shard_of(device, doc.shards).to_string())?;
    let id: Option<String> = shard.ask("registered", &device).await?;
    device_object(&edge.env, &id.ok_or(Code::NotFound)?)
}

/// `GET measure?device=ID`, `?user=ID` or `?shard=K`: what an object has written since it woke up; without any, what the platform would have billed
/// since the server began. A development server's own business: tests hold it to the budgets.
///
/// # Errors
/// `not_found`, anywhere else too.
pub async fn measure(edge: &Edge, doc: &SiteDoc) -> Answer {
    if !edge.loopback || edge.text("NOREN_DEV_TOKEN").is_none() {
        return Err(Code::NotFound.into());
    }
    let (device, user, shard) = (edge.query("device"), edge.query("user"), edge.query("shard"));
    let object = if !device.is_empty() {
        registered(edge, doc, device).await?
    } else if !user.is_empty() {
        person(edge, doc, user)?.0
    } else if shard.parse().is_ok_and(|k: u32| k < doc.shards) {
        edge.object(Kind::Shard, &doc.site, shard)?
    } else if [device, user, shard].iter().all(|which| which.is_empty()) {
        return answer::json(&serde_json::from_str::<Json>(&crate::host::counted())?);
    } else {
        return Err(Code::NotFound.into());
    };
    answer::json(&object.ask::<Json>("measure", &()).await?)
}
