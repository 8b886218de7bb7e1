//! Coupon pools: filled and settled from here, redeemed by a shop's server.

use noren_edge::Result;
use noren_edge::name::Kind;
use noren_edge::origin::decoded;
use noren_edge::pool::redeem::check;
use noren_edge::site::By;
use noren_event::Duration;
use noren_wire::admin::PersonInfo;
use noren_wire::bounds::{ADMIN_BODY_MAX_BYTES, POOLS_MAX, SMALL_BODY_MAX_BYTES, is_name};
use noren_wire::coupon::{PoolAnswer, PoolCodes, PoolList, PoolRequest, RedeemAnswer, RedeemRequest};
use noren_wire::error::{Code, Problem};
use noren_wire::inner::{PoolFill, PoolRedeem};
use noren_wire::stored::SiteDoc;
use serde_json::json;
use worker::Request;

use super::persons;
use crate::answer::{self, Answer};
use crate::edge::{Edge, broken, now};
use crate::{body, site_copy};

/// `POST pools/POOL`.
///
/// # Errors
/// `body_invalid`.
pub async fn fill(mut request: Request, edge: &Edge, doc: &SiteDoc, pool: &str, by: By) -> Answer {
    if !is_name(pool) {
        return Err(Code::NotFound.into());
    }
    let asked: PoolRequest = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    if doc.pools.len() >= POOLS_MAX && !doc.pools.iter().any(|known| known == pool) {
        return Err(Problem::field("pool", "at most 50 pools a site").into());
    }
    let expires_after_ms = match asked.expires_after.as_deref().map(Duration::parse) {
        Some(None) => return Err(Problem::field("expires_after", "a time such as 7d").into()),
        Some(Some(time)) => Some(time.0),
        None => None,
    };
    let fill = PoolFill {
        site: doc.site.clone(),
        pool: pool.into(),
        codes: asked.codes,
        generate: asked.generate,
        terms: asked.terms,
        expires_after_ms,
        until: asked.until,
        bound: asked.bound,
        closed: asked.closed,
        low: asked.low,
        rate: asked.rate,
    };
    let state: PoolAnswer = edge.object(Kind::Pool, &doc.site, pool)?.ask("fill", &fill).await?;
    edge.site(&doc.site)?.ask::<()>("pool", &json!({ "pool": pool, "by": by })).await?;
    site_copy::forget(&doc.site);
    answer::json(&state)
}

/// `GET pools`.
///
/// # Errors
/// `Broken`.
pub async fn list(edge: &Edge, doc: &SiteDoc) -> Answer {
    let asked = doc.pools.iter().map(|pool| state_of(edge, doc, pool));
    let states: Vec<Option<PoolAnswer>> =
        futures_util::future::join_all(asked).await.into_iter().collect::<Result<_>>()?;
    answer::json(&PoolList { pools: states.into_iter().flatten().collect() })
}

async fn state_of(edge: &Edge, doc: &SiteDoc, pool: &str) -> Result<Option<PoolAnswer>> {
    let state: Option<PoolAnswer> = edge.object(Kind::Pool, &doc.site, pool)?.ask("state", &()).await?;
    // One that was last filled under the first schema does not know its name.
    Ok(state.map(|state| PoolAnswer { pool: pool.into(), ..state }))
}

/// `GET pools/POOL`.
///
/// # Errors
/// `not_found`.
pub async fn state(edge: &Edge, doc: &SiteDoc, pool: &str) -> Answer {
    if !is_name(pool) {
        return Err(Code::NotFound.into());
    }
    answer::json(&state_of(edge, doc, pool).await?.ok_or(Code::NotFound)?)
}

/// `GET pools/POOL/codes`: noted once, with the first page.
///
/// # Errors
/// `not_found`.
pub async fn codes(edge: &Edge, doc: &SiteDoc, pool: &str, by: &By) -> Answer {
    if !is_name(pool) {
        return Err(Code::NotFound.into());
    }
    let after = decoded(edge.query("after"));
    let codes: PoolCodes = edge.object(Kind::Pool, &doc.site, pool)?.ask("codes", &after).await?;
    if after.is_empty() {
        let note = json!({ "action": "pool_export", "what": pool, "by": by });
        edge.site(&doc.site)?.ask::<()>("note", &note).await?;
    }
    answer::json(&codes)
}

/// `POST redeem` and `POST release`, each with an `Idempotency-Key` or without.
///
/// # Errors
/// `body_invalid` without an order.
pub async fn answer(mut request: Request, edge: &Edge, doc: &SiteDoc, what: &str, by: By) -> Answer {
    let key = request.headers().get("idempotency-key").map_err(broken("header"))?.unwrap_or_default();
    let asked: RedeemRequest = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
    if asked.order.is_empty() {
        return Err(Problem::field("order", "the order's number").into());
    }
    let mut visitors: Vec<String> = Vec::new();
    if !asked.user.is_empty() {
        let (object, _) = persons::named(edge, doc, &asked.user)?;
        let info: PersonInfo = object.ask("info", &persons::asked(edge, doc).await?).await?;
        // A device that was taken out again is somebody else's.
        visitors.extend(info.parts.into_iter().filter(|part| !part.parted).map(|part| part.device));
        // Said, but nobody known: it is not the holder's then.
        if visitors.is_empty() {
            visitors.push(String::new());
        }
    }
    visitors.extend(Some(asked.visitor).filter(|visitor| !visitor.is_empty()));
    let asked = PoolRedeem {
        now: now(),
        by: by.name,
        key,
        code: asked.code,
        order: asked.order,
        total: (what == "redeem").then_some(asked.total),
        currency: asked.currency,
        visitors,
    };
    answer::json(&ask(edge, doc, what, &asked).await?)
}

/// Look a code up in the site's pools and, with an order, use it. A site has few pools, and one of them answers.
///
/// # Errors
/// `body_invalid`; `Broken`.
pub async fn ask(edge: &Edge, doc: &SiteDoc, what: &str, asked: &PoolRedeem) -> Result<RedeemAnswer> {
    check(asked)?;
    for pool in &doc.pools {
        let answer: Option<RedeemAnswer> = edge.object(Kind::Pool, &doc.site, pool)?.ask(what, asked).await?;
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
    Ok(RedeemAnswer::refused("coupon_unknown"))
}
