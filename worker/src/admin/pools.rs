//! Coupon pools: filled from here, redeemed by a shop's server.

use noren_edge::name::Kind;
use noren_edge::site::By;
use noren_edge::{Failure, Result};
use noren_event::Duration;
use noren_wire::bounds::{ADMIN_BODY_MAX_BYTES, CODES_MAX, SMALL_BODY_MAX_BYTES, is_name};
use noren_wire::coupon::{PoolAnswer, PoolRequest, RedeemAnswer, RedeemRequest};
use noren_wire::error::{Code, Problem};
use noren_wire::inner::{PoolFill, PoolRedeem};
use noren_wire::stored::SiteDoc;
use serde_json::json;
use worker::Request;

use crate::answer::{self, Answer};
use crate::edge::{Edge, now};
use crate::{body, site_copy};

/// Letters of generated codes: none that are mistaken for one another when read aloud or typed from paper.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Letters after the prefix: 40 bits, so that guessing one of 10,000 codes takes 100 million trials.
const LETTERS: usize = 8;

/// `POST pools/POOL`.
///
/// # Errors
/// `body_invalid`.
pub async fn fill(mut request: Request, edge: &Edge, doc: &SiteDoc, pool: &str, by: By) -> Answer {
    if !is_name(pool) {
        return Err(Code::NotFound.into());
    }
    let asked: PoolRequest = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    let expires_after_ms = match asked.expires_after.as_deref().map(Duration::parse) {
        Some(None) => return Err(Problem::field("expires_after", "a time such as 7d").into()),
        Some(Some(time)) => Some(time.0),
        None => None,
    };
    let mut codes = asked.codes;
    let wanted = asked.generate.as_ref().map_or(0, |g| g.count as usize);
    if codes.len() + wanted > CODES_MAX {
        return Err(Problem::field(
            if wanted > 0 { "generate.count" } else { "codes" },
            "at most 10,000 codes at once",
        )
        .into());
    }
    if let Some(generate) = &asked.generate {
        for _ in 0..generate.count {
            codes.push(format!("{}{}", generate.prefix, random_letters()?));
        }
    }
    let fill = PoolFill { codes, terms: asked.terms, expires_after_ms };
    let state: PoolAnswer = edge.object(Kind::Pool, &doc.site, pool).ask("fill", &fill).await?;
    edge.site(&doc.site).ask::<()>("pool", &json!({ "pool": pool, "by": by })).await?;
    site_copy::forget(&doc.site);
    answer::json(&state)
}

/// `GET pools/POOL`.
///
/// # Errors
/// `not_found`.
pub async fn state(edge: &Edge, doc: &SiteDoc, pool: &str) -> Answer {
    let state: Option<PoolAnswer> = edge.object(Kind::Pool, &doc.site, pool).ask("state", &()).await?;
    answer::json(&state.ok_or(Code::NotFound)?)
}

/// `POST redeem`.
///
/// # Errors
/// `body_invalid` without an order.
pub async fn answer(mut request: Request, edge: &Edge, doc: &SiteDoc) -> Answer {
    let asked: RedeemRequest = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
    if asked.order.is_empty() {
        return Err(Problem::field("order", "the order's number").into());
    }
    answer::json(&redeem(edge, doc, &asked.code, &asked.order, Some(asked.total), now()).await?)
}

/// Look a code up in the site's pools and, with an order, use it. A site has few pools, and one of them answers.
///
/// # Errors
/// `Broken`.
pub async fn redeem(
    edge: &Edge,
    doc: &SiteDoc,
    code: &str,
    order: &str,
    total: Option<f64>,
    now: i64,
) -> Result<RedeemAnswer> {
    let asked = PoolRedeem { now, code: code.into(), order: order.into(), total };
    for pool in &doc.pools {
        let answer: Option<RedeemAnswer> = edge.object(Kind::Pool, &doc.site, pool).ask("redeem", &asked).await?;
        if let Some(answer) = answer {
            return Ok(answer);
        }
    }
    Ok(RedeemAnswer::refused("coupon_unknown"))
}

fn random_letters() -> Result<String> {
    let mut bytes = [0; LETTERS];
    getrandom::fill(&mut bytes).map_err(|e| Failure::Broken(format!("randomness: {e}")))?;
    Ok(bytes.iter().filter_map(|b| ALPHABET.get(usize::from(b % 32))).map(|b| char::from(*b)).collect())
}
