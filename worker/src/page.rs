//! What visitors' pages ask. The origin is checked before a body is read.

use std::collections::BTreeMap;
use std::rc::Rc;

use noren_edge::bot::{Asker, is_bot};
use noren_edge::consent::{Allowed, allowed};
use noren_edge::cookie::{self, Known};
use noren_edge::device::sync::{
    check, fresh_answer, fresh_presence, is_fresh, passing_answer, passing_orders, passing_records,
};
use noren_edge::name::{Kind, network_id, shard_of};
use noren_edge::site::mode_for;
use noren_edge::{Failure, Result, origin};
use noren_wire::PROTOCOL;
use noren_wire::bounds::{DEVICE_CHARS, KEY_CHARS, SMALL_BODY_MAX_BYTES, SYNC_BODY_MAX_BYTES, is_base64url, is_name};
use noren_wire::coupon::{CouponAnswer, CouponRequest};
use noren_wire::error::{Code, Problem, parse};
use noren_wire::inner::{DeviceClaim, DeviceSync, DeviceSynced, Passing, Whoami};
use noren_wire::stored::SiteDoc;
use noren_wire::sync::{Geo, SiteAnswer, SyncAnswer, SyncRequest};
use serde_json::value::RawValue;
use worker::js_sys::Reflect;
use worker::wasm_bindgen::JsValue;
use worker::{Context, Request, Response};

use crate::answer::{self, Answer, Readers};
use crate::body;
use crate::edge::{Edge, broken, now};
use crate::presence;
use crate::site_copy;

/// The notice loads nothing and may stand in a site's own frame.
const NOTICE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// `GET /noren/v1/site`: enough to know whether to fetch a new program. Touches no object while the isolate's copy is fresh.
///
/// # Errors
/// `site_unknown`.
pub async fn site(request: Request, edge: &Edge) -> Answer {
    let doc = site_copy::settings(edge, edge.query("site")).await?;
    let answer = SiteAnswer {
        v: PROTOCOL,
        site: doc.site.clone(),
        program: doc.program.clone(),
        consent: mode_for(&doc, asks_not_to_be_followed(&request)?).into(),
        now: now(),
        cookie: is_own(&request)?,
    };
    answer::json_for(&answer, Readers::Anybody)
}

fn header(request: &Request, name: &str) -> Result<String> {
    Ok(request.headers().get(name).map_err(broken("header"))?.unwrap_or_default())
}

/// Whether the page that asks is of the site that this Worker's address is of (see [`cookie`]).
fn is_own(request: &Request) -> Result<bool> {
    Ok(cookie::is_own(&header(request, "sec-fetch-site")?))
}

/// `GET /noren/v1/privacy`: what the site's pages store and send, for people, or with `as=json` for whoever writes their own page of it.
///
/// # Errors
/// `site_unknown`.
pub async fn privacy(edge: &Edge) -> Answer {
    let doc = site_copy::settings(edge, edge.query("site")).await?;
    let (scheme, host) = edge.origin.split_once("://").unwrap_or_default();
    let notice = noren_edge::privacy::notice(&doc, host, scheme == "https");
    if edge.query("as") == "json" {
        return answer::json_for(&notice, Readers::Anybody);
    }
    let headers = answer::headers("text/html; charset=utf-8", "no-store", Readers::Anybody)?;
    headers.set("content-security-policy", NOTICE_POLICY).map_err(broken("header"))?;
    Ok(answer::bytes(noren_edge::privacy::page(&notice).into_bytes(), headers))
}

/// `GET /noren/p/HASH` and `/noren/c/HASH`.
///
/// # Errors
/// `site_unknown`, `not_found`.
pub async fn blob(edge: &Edge, hash: &str, content_type: &str) -> Answer {
    if !is_name(hash) {
        return Err(Code::NotFound.into());
    }
    let doc = site_copy::settings(edge, edge.query("site")).await?;
    let body = site_copy::blob(edge, &doc.site, hash).await?.ok_or(Code::NotFound)?;
    let headers = answer::headers(content_type, "public, max-age=31536000, immutable", Readers::Anybody)?;
    Ok(answer::bytes(body.to_vec(), headers))
}

/// Whether the browser asks not to be followed, by either of the two headers there are for it.
fn asks_not_to_be_followed(request: &Request) -> Result<bool> {
    let says = |name: &str| request.headers().get(name).map_err(broken("header"));
    Ok(says("sec-gpc")?.as_deref() == Some("1") || says("dnt")?.as_deref() == Some("1"))
}

/// A page that is let speak.
struct Admitted {
    doc: Rc<SiteDoc>,
    /// Its origin.
    page: String,
    /// The mode that holds for its browser.
    mode: String,
}

/// The origin of a page that may speak for the site, and that is let speak at all.
async fn admit(request: &Request, edge: &Edge, site: &str) -> Result<Admitted> {
    let doc = site_copy::settings(edge, site).await?;
    let page = request.headers().get("origin").map_err(broken("header"))?.unwrap_or_default();
    if !origin::allowed(&doc.origins, &page) {
        return Err(Code::OriginForbidden.into());
    }
    let mode = mode_for(&doc, asks_not_to_be_followed(request)?).to_string();
    if mode == "off" {
        return Err(Code::ConsentOff.into());
    }
    Ok(Admitted { doc, page, mode })
}

/// Whether who asks is a machine, of which nothing is kept. On a development server what drives a browser is a test.
fn is_machine(request: &Request, edge: &Edge) -> Result<bool> {
    let agent = request.headers().get("user-agent").map_err(broken("header"))?.unwrap_or_default();
    let inner = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let management = inner(&inner(request.inner(), "cf"), "botManagement");
    let score = if management.is_object() { inner(&management, "score").as_f64() } else { None };
    let tests = edge.loopback && edge.text("NOREN_DEV_TOKEN").is_some();
    Ok(is_bot(Asker { agent: &agent, score, tests }))
}

/// `POST /noren/v1/sync`.
///
/// At an address of the site's own, the site's cookie comes and goes with it. What forbids to keep anything takes the cookie away as well.
///
/// # Errors
/// Any of a page's codes; nothing is stored then.
pub async fn sync(request: Request, edge: &Edge, context: &Context) -> Answer {
    let own = is_own(&request)?;
    if !own {
        return Ok(taken(request, edge, context, None).await?.0);
    }
    let (page, secure, site) = (header(&request, "origin")?, edge.origin.starts_with("https:"), edge.query("site"));
    let brought = cookie::read(&header(&request, "cookie")?, site, secure);
    let brings = brought.is_some();
    let (response, remembers) = match taken(request, edge, context, Some(brought)).await {
        Ok(answered) => answered,
        Err(failure) => {
            let forbids = is_refused(&failure, &[Code::ConsentMissing, Code::ConsentOff]);
            let response = answer::failure_for(failure, Readers::Visitor(&page)).map_err(broken("answer"))?;
            (response, forbids.then_some(Remembers::Nobody))
        }
    };
    let set = match remembers {
        Some(Remembers::As(known)) => cookie::remember(site, &known, secure),
        Some(Remembers::Nobody) if brings => cookie::forget(site, secure),
        _ => return Ok(response),
    };
    response.headers().set("set-cookie", &set).map_err(broken("header"))?;
    Ok(response)
}

/// Counts what is counted of somebody of whom nothing is kept: records in the shard of the page's id, each order in the shard of its number, where
/// whoever else reports it finds it.
async fn count_passing(edge: &Edge, doc: &SiteDoc, asked: &SyncRequest) -> Result<()> {
    let mut shares: BTreeMap<u32, Passing> = BTreeMap::new();
    let share = || Passing { now: now(), streams: Vec::new(), orders: Vec::new() };
    let streams = passing_records(asked, now());
    if !streams.is_empty() {
        shares.entry(shard_of(&asked.device, doc.shards)).or_insert_with(share).streams = streams;
    }
    for order in passing_orders(asked, now()) {
        shares.entry(shard_of(&order.id, doc.shards)).or_insert_with(share).orders.push(order);
    }
    for (shard, passing) in shares {
        edge.object(Kind::Shard, &doc.site, &shard.to_string())?.ask::<()>("passing", &passing).await?;
    }
    Ok(())
}

fn is_refused(failure: &Failure, codes: &[Code]) -> bool {
    matches!(failure, Failure::Refused(problem) if codes.contains(&problem.code))
}

/// What the browser's cookie is to say from now on.
enum Remembers {
    As(Known),
    Nobody,
}

/// A sync's answer. `cookie` is there at an address of the site's own, with what the browser brought.
async fn taken(
    mut request: Request,
    edge: &Edge,
    context: &Context,
    cookie: Option<Option<Known>>,
) -> Result<(Response, Option<Remembers>)> {
    let Admitted { doc, page, mode } = admit(&request, edge, edge.query("site")).await?;
    let readers = if cookie.is_some() { Readers::Visitor(&page) } else { Readers::Origin(&page) };
    let body = body::read(&mut request, SYNC_BODY_MAX_BYTES).await?;
    let asked: SyncRequest = parse(&body)?;
    check(&asked)?;
    if asked.site != doc.site {
        return Err(Problem::field("site", "the same site as in the address").into());
    }
    let allowed = allowed(&mode, &asked)?;
    let wants = site_copy::wants(edge, &doc).await?;
    let machine = is_machine(&request, edge)?;
    if machine || allowed == Allowed::Passing {
        let mut answer = passing_answer(&asked, &doc.program, &doc.weights, &wants.counts, &doc.sensitive, now());
        if !machine {
            presence::tell(edge, context, &doc, fresh_presence(&asked, now()));
            count_passing(edge, &doc, &asked).await?;
            place(&mut answer, &request);
        }
        return Ok((answer::json_for(&answer, readers)?, Some(Remembers::Nobody)));
    }
    // Where the browser's storage was forgotten and its cookie was not, the cookie says who it is.
    let other = cookie.flatten().filter(|known| known.key != asked.key);
    if is_fresh(&asked) && allowed == Allowed::Kept && other.is_none() {
        presence::tell(edge, context, &doc, fresh_presence(&asked, now()));
        let mut answer = fresh_answer(&asked, &doc.program, &doc.weights, &wants.counts, now());
        place(&mut answer, &request);
        return Ok((answer::json_for(&answer, readers)?, None));
    }
    let text = core::str::from_utf8(&body).map_err(|_| Problem::from(Code::BodyNotJson))?;
    let raw: &RawValue = serde_json::from_str(text.trim())?;
    let mut handed = DeviceSync {
        now: now(),
        program: doc.program.clone(),
        shards: doc.shards,
        goals: wants.goals.clone(),
        counts: wants.counts.iter().map(|name| name.to_string()).collect(),
        weights: doc.weights.clone(),
        goals_mark: wants.goals_mark.clone(),
        proof: (doc.proof.clone(), doc.proof_serial),
        keep: doc.keep,
        sensitive: doc.sensitive.clone(),
        asks: allowed == Allowed::IfKnown,
        cookie: other.map(|known| (known.device, known.key)),
        body: raw,
    };
    let key = handed.cookie.as_ref().map_or(&asked.key, |(_, key)| key);
    let mut synced: Result<DeviceSynced> = edge.device(&doc.site, key)?.ask("sync", &handed).await;
    if handed.cookie.is_some() && synced.as_ref().is_err_and(|failure| is_refused(failure, &[Code::KeyMismatch])) {
        // A cookie that names nobody of this site's: the page is who it says, and gets a new one.
        handed.cookie = None;
        synced = edge.device(&doc.site, &asked.key)?.ask("sync", &handed).await;
    }
    let mut synced = synced?;
    presence::tell(edge, context, &doc, synced.presence);
    place(&mut synced.answer, &request);
    let (device, key) = handed.cookie.unwrap_or((asked.device, asked.key));
    let remembers =
        synced.remembers.map(|does| if does { Remembers::As(Known { device, key }) } else { Remembers::Nobody });
    Ok((answer::json_for(&synced.answer, readers)?, remembers))
}

/// Where the request came from goes down with the facts. It is taken from this one request and never stored, with or without an address;
/// a runtime that does not know it (a development server) says nothing.
fn place(answer: &mut SyncAnswer, request: &Request) {
    let Some(facts) = &mut answer.facts else { return };
    let cf = Reflect::get(request.inner(), &"cf".into()).unwrap_or_default();
    if !cf.is_object() {
        return;
    }
    // Read by name: the platform leaves out what it does not know, and its bindings take some of it for always there.
    let text = |name: &str| Reflect::get(&cf, &name.into()).ok()?.as_string().filter(|text| !text.is_empty());
    facts.geo = Some(Geo {
        country: text("country"),
        region: text("region"),
        city: text("city"),
        timezone: text("timezone"),
        organization: text("asOrganization"),
    });
}

/// `POST /noren/v1/coupon`.
///
/// # Errors
/// Any of a page's codes. A coupon that cannot be had is an answer, not an error.
pub async fn coupon(mut request: Request, edge: &Edge) -> Answer {
    let Admitted { doc, page, mode } = admit(&request, edge, edge.query("site")).await?;
    let asked: CouponRequest = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
    if asked.site != doc.site {
        return Err(Problem::field("site", "the same site as in the address").into());
    }
    check_device(&asked.device, &asked.key)?;
    if !is_name(&asked.campaign) {
        return Err(Problem::field("campaign", "a campaign's id").into());
    }
    if !is_name(&asked.pool) {
        return Err(Problem::field("pool", "a pool's name").into());
    }
    if mode == "cookieless" || is_machine(&request, edge)? {
        return answer::json_for(&CouponAnswer::refused("not_eligible"), Readers::Origin(&page));
    }
    let claim = DeviceClaim {
        now: now(),
        site: doc.site.clone(),
        shards: doc.shards,
        device: asked.device,
        campaign: asked.campaign,
        pool: asked.pool,
        network: network(&request, edge, &doc.site)?,
    };
    let answer: CouponAnswer =
        edge.device(&doc.site, &asked.key)?.ask(if mode == "ask" { "claim-known" } else { "claim" }, &claim).await?;
    answer::json_for(&answer, Readers::Origin(&page))
}

/// Where a claim comes from, as a keyed hash that is another one each day. The address itself goes no further than this function; the platform
/// sets the header and takes away what a client sends under its name. Empty where there is none (a development server).
fn network(request: &Request, edge: &Edge, site: &str) -> Result<String> {
    let address = request.headers().get("cf-connecting-ip").map_err(broken("header"))?.unwrap_or_default();
    Ok(network_id(&edge.secret()?, site, &address, now()))
}

fn check_device(device: &str, key: &str) -> Result<()> {
    if !is_base64url(device, DEVICE_CHARS) {
        return Err(Problem::field("device", "22 characters of base64url").into());
    }
    if !is_base64url(key, KEY_CHARS) {
        return Err(Problem::field("key", "43 characters of base64url").into());
    }
    Ok(())
}

/// `GET /noren/v1/chat`, upgraded. The key comes as the second subprotocol, for an address would be logged.
///
/// # Errors
/// `upgrade_required`, `origin_forbidden`, `key_mismatch`.
pub async fn chat(request: Request, edge: &Edge) -> Answer {
    let header = |name: &str| request.headers().get(name).map_err(broken("header")).map(Option::unwrap_or_default);
    if !header("upgrade")?.eq_ignore_ascii_case("websocket") {
        return Err(Code::UpgradeRequired.into());
    }
    let Admitted { doc, .. } = admit(&request, edge, edge.query("site")).await?;
    let protocols = header("sec-websocket-protocol")?;
    let mut protocols = protocols.split(',').map(str::trim);
    let (Some("noren.1"), Some(key)) = (protocols.next(), protocols.next()) else { return Err(Code::TooOld.into()) };
    let device = edge.query("device");
    check_device(device, key)?;
    let asked = Whoami { device: device.into(), site: doc.site.clone(), shards: doc.shards };
    edge.device(&doc.site, key)?.ask::<()>("whoami", &asked).await?;
    let conversation = edge.object(Kind::Conversation, &doc.site, device)?;
    let shards = doc.shards.to_string();
    let facts =
        [("noren-who", "visitor"), ("noren-site", &doc.site), ("noren-device", device), ("noren-shards", &shards)];
    conversation.upgrade(&facts).await
}
