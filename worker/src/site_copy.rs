//! What an isolate remembers of sites: settings for at most ten seconds, programs and contents by hash for as long as there is room.
//!
//! Nothing of any visitor. A revoked origin or a new program is seen by every isolate within [`SITE_COPY_MAX_MS`]; the isolate that made
//! the change forgets its copy at once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use noren_edge::Result;
use noren_edge::name::content_hash;
use noren_edge::offer::Offer;
use noren_edge::site::By;
use noren_edge::wants::Wants;
use noren_program::codec;
use noren_wire::admin::SettleSite;
use noren_wire::bounds::{SITE_COPY_MAX_MS, is_name};
use noren_wire::error::Code;
use noren_wire::stored::SiteDoc;
use serde_json::{Value as Json, json};
use worker::console_error;

use crate::edge::{Edge, now};

/// Sites remembered; past it all are forgotten and fetched again. About 1 KB each.
const SITES_MAX: usize = 1_000;

/// Bytes of programs and contents remembered, of the 128 MB an isolate has.
const BLOBS_MAX_BYTES: usize = 16 * 1024 * 1024;
const _: () = assert!(BLOBS_MAX_BYTES <= noren_wire::platform::ISOLATE_MAX_BYTES / 4);

/// The demo site: there on a development server without anybody creating it.
pub const DEMO: &str = "demo";

#[derive(Default)]
struct Memory {
    sites: BTreeMap<String, (i64, Option<Rc<SiteDoc>>)>,
    blobs: BTreeMap<String, Rc<Vec<u8>>>,
    blob_bytes: usize,
    wants: BTreeMap<String, Rc<Handed>>,
    /// Offers by program, campaign and pool.
    offers: BTreeMap<String, Rc<Offer>>,
}

/// What a live program wants of device objects, ready to be handed on.
#[derive(Default)]
pub struct Handed {
    /// Its goals, packed and in base64; empty where there is no program.
    pub goals: String,
    /// Tells one set of goals from another.
    pub goals_mark: String,
    /// Names of events whose counts it asks for.
    pub counts: Vec<Box<str>>,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// A site's settings, at most ten seconds old. Unknown sites are remembered as unknown.
///
/// # Errors
/// `site_unknown`; `Broken`.
pub async fn settings(edge: &Edge, site: &str) -> Result<Rc<SiteDoc>> {
    if !is_name(site) {
        return Err(Code::SiteUnknown.into());
    }
    let known = MEMORY
        .with_borrow(|m| m.sites.get(site).filter(|(at, _)| now() - at < SITE_COPY_MAX_MS).map(|(_, doc)| doc.clone()));
    let doc = match known {
        Some(doc) => doc,
        None => {
            let doc: Option<SiteDoc> = edge.site(site)?.ask("load", &()).await?;
            let doc = match doc {
                None if site == DEMO && edge.loopback => Some(create_demo(edge).await?),
                doc => doc,
            };
            let doc = doc.map(Rc::new);
            MEMORY.with_borrow_mut(|m| {
                if m.sites.len() >= SITES_MAX {
                    m.sites.clear();
                }
                m.sites.insert(site.into(), (now(), doc.clone()));
            });
            doc
        }
    };
    doc.ok_or_else(|| Code::SiteUnknown.into())
}

/// Forget a site's settings: they were just changed here.
pub fn forget(site: &str) {
    MEMORY.with_borrow_mut(|m| m.sites.remove(site));
}

async fn create_demo(edge: &Edge) -> Result<SiteDoc> {
    let settle = SettleSite {
        name: Some("Demo shop".into()),
        origins: Some(vec![noren_edge::origin::LOOPBACK.into()]),
        consent: Some("open".into()),
        ..SettleSite::default()
    };
    let by = By { name: "noren".into(), now: now() };
    edge.house()?.ask::<()>("house/add", &DEMO).await?;
    edge.site(DEMO)?.ask("settle", &json!({ "site": DEMO, "settle": settle, "by": by })).await
}

/// A program or content by hash; `None` if the site has none of that name.
///
/// # Errors
/// `Broken`.
pub async fn blob(edge: &Edge, site: &str, hash: &str) -> Result<Option<Rc<Vec<u8>>>> {
    let place = format!("{site}/{hash}");
    if let Some(known) = MEMORY.with_borrow(|m| m.blobs.get(&place).cloned()) {
        return Ok(Some(known));
    }
    let body = match edge.site(site)?.ask_bytes("blob", &hash).await {
        Ok(body) => Rc::new(body),
        Err(noren_edge::Failure::Refused(problem)) if problem.code == Code::NotFound => return Ok(None),
        Err(failure) => return Err(failure),
    };
    MEMORY.with_borrow_mut(|m| {
        if m.blob_bytes + body.len() > BLOBS_MAX_BYTES {
            m.blobs.clear();
            m.blob_bytes = 0;
        }
        m.blob_bytes += body.len();
        m.blobs.insert(place, body.clone());
    });
    Ok(Some(body))
}

/// What the live program wants of device objects: nothing where it is missing or cannot be read, because what visitors did must be taken all
/// the same. The site's object compiles such a program again as soon as it looks at it.
///
/// # Errors
/// `Broken` when the site's object does not answer.
pub async fn wants(edge: &Edge, doc: &SiteDoc) -> Result<Rc<Handed>> {
    let hash = if doc.counted.is_empty() { &doc.program } else { &doc.counted };
    if hash.is_empty() {
        return Ok(Rc::default());
    }
    let place = format!("{}/{hash}", doc.site);
    if let Some(known) = MEMORY.with_borrow(|m| m.wants.get(&place).cloned()) {
        return Ok(known);
    }
    let Some(body) = blob(edge, &doc.site, hash).await? else {
        console_error!("program {} is missing: no goals are counted", place);
        return Ok(Rc::default());
    };
    let wants = Wants::of(&body).unwrap_or_else(|why| {
        console_error!("program {} cannot be read: no goals are counted ({})", place, format!("{why:?}"));
        Wants::default()
    });
    let goals_mark = if wants.goals.is_empty() { String::new() } else { content_hash(&wants.goals) };
    let handed = Rc::new(Handed { goals: STANDARD.encode(wants.goals), goals_mark, counts: wants.counts });
    MEMORY.with_borrow_mut(|m| {
        if m.wants.len() >= SITES_MAX {
            m.wants.clear();
        }
        m.wants.insert(place, handed.clone());
    });
    Ok(handed)
}

/// What is live of a campaign, if one of its variants hands out codes of this pool.
///
/// # Errors
/// `Broken` when the site's object does not answer.
pub async fn offer(edge: &Edge, doc: &SiteDoc, campaign: &str, pool: &str) -> Result<Option<Rc<Offer>>> {
    if doc.program.is_empty() {
        return Ok(None);
    }
    // Names of campaigns and pools hold no slash.
    let place = format!("{}/{}/{campaign}/{pool}", doc.site, doc.program);
    if let Some(known) = MEMORY.with_borrow(|m| m.offers.get(&place).cloned()) {
        return Ok(Some(known));
    }
    let Some(program) = blob(edge, &doc.site, &doc.program).await? else { return Ok(None) };
    // One that cannot be read is compiled again as soon as the site's object looks at it; until then nothing is given away by it.
    let Some(offer) = codec::decode(&program).ok().and_then(|program| Offer::of(&program, campaign)) else {
        return Ok(None);
    };
    let mut hands_out = false;
    for hash in offer.contents() {
        let content = blob(edge, &doc.site, hash).await?;
        let content: Option<Json> = content.and_then(|content| serde_json::from_slice(&content).ok());
        hands_out |= content.is_some_and(|content| content.pointer("/coupon/pool") == Some(&Json::from(pool)));
    }
    // Only what there is: what nobody offers is asked for by whoever likes.
    let offer = hands_out.then(|| Rc::new(offer));
    if let Some(offer) = &offer {
        MEMORY.with_borrow_mut(|m| {
            if m.offers.len() >= SITES_MAX {
                m.offers.clear();
            }
            m.offers.insert(place, offer.clone());
        });
    }
    Ok(offer)
}
