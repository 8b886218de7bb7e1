//! What the console and the command line ask. Every request is somebody's; every write of a browser comes from this Worker's own page.

mod campaigns;
mod erasure;
mod keys;
mod live;
mod persons;
pub mod pools;
mod recount;
mod session;

use noren_edge::name::Kind;
use noren_edge::site::By;
use noren_edge::{Result, reading, shard};
use noren_wire::admin::{
    AuditList, ConversationList, ConversationRow, FindingList, FindingRow, Numbers, NumbersRow, SettleSite, SiteInfo,
    VersionList,
};
use noren_wire::bounds::{ADMIN_BODY_MAX_BYTES, LIST_MAX, is_name};
use noren_wire::error::Code;
use noren_wire::stored::SiteDoc;
use serde_json::json;
use worker::{Context, Method, Request};

use self::session::Caller;
use crate::answer::{self, Answer};
use crate::edge::{Edge, now};
use crate::{body, rulebook, site_copy};

/// Answer a path below `/noren/v1/admin/`.
///
/// # Errors
/// `unauthorized` before anything else is said.
pub async fn answer(what: &str, request: Request, edge: &Edge, _context: &Context) -> Answer {
    if what == "session" {
        return session::answer(request, edge).await;
    }
    if what == "schema/campaign.json" {
        return rulebook::schema();
    }
    let caller = session::admit(&request, edge).await?;
    let by = By { name: caller.name().into(), now: now() };
    let method = request.method();
    let parts: Vec<&str> = what.split('/').collect();
    check_scope(&caller, &method, &parts)?;
    match (method, parts.as_slice()) {
        (Method::Get, ["sites"]) => answer::json(&edge.house()?.ask::<Vec<String>>("house/sites", &()).await?),
        (Method::Get, ["sites", site]) => {
            let doc = site_copy::settings(edge, site).await?;
            answer::json(&noren_edge::site::info(&doc, by.now))
        }
        (Method::Put, ["sites", site]) => settle(request, edge, site, &by).await,
        (_, ["sites", site, rest @ ..]) => {
            // Also creates the demo site on its first use.
            let doc = site_copy::settings(edge, site).await?;
            of_site(request, edge, &doc, rest, by).await
        }
        _ => Err(Code::NotFound.into()),
    }
}

/// A server's key opens what its scopes say, of its own site, and nothing else: not the site's settings, its keys, its audit or its visitors.
fn check_scope(caller: &Caller, method: &Method, parts: &[&str]) -> Result<()> {
    let Caller::Server { site, scopes, .. } = caller else { return Ok(()) };
    let needed = match parts {
        ["sites", of, rest @ ..] if of == site => match (method, rest) {
            // What is live, and the edge's clock: any key may ask whether it works.
            (Method::Get, []) => return Ok(()),
            (_, ["campaigns" | "document" | "check" | "rollback" | "versions", ..]) => "campaigns",
            (_, ["pools" | "redeem" | "release", ..]) => "coupons",
            (_, ["person"]) | (Method::Get, ["persons", _]) => "people",
            (Method::Get, ["persons", _, "sensitive"]) => "sensitive",
            (_, ["numbers"]) => "numbers",
            _ => return Err(Code::Forbidden.into()),
        },
        _ => return Err(Code::Forbidden.into()),
    };
    if scopes.iter().any(|scope| scope == needed) { Ok(()) } else { Err(Code::Forbidden.into()) }
}

async fn of_site(request: Request, edge: &Edge, doc: &SiteDoc, rest: &[&str], by: By) -> Answer {
    let site = &doc.site;
    match (request.method(), rest) {
        (Method::Get, ["campaigns"]) => campaigns::list(edge, site, by.now).await,
        (Method::Get, ["document"]) => campaigns::document(edge, site).await,
        (Method::Put, ["document"]) => campaigns::settle_document(request, edge, site, by).await,
        (Method::Put, ["campaigns"]) => campaigns::publish(request, edge, site, by).await,
        (Method::Delete, ["campaigns", id]) => campaigns::delete(edge, site, id, by).await,
        (Method::Post, ["check"]) => campaigns::check(request, edge, site).await,
        (Method::Post, ["rollback"]) => campaigns::rollback(request, edge, site, by).await,
        (Method::Get, ["versions"]) => {
            answer::json(&VersionList { versions: edge.site(site)?.ask("versions", &()).await? })
        }
        (Method::Get, ["audit"]) => answer::json(&AuditList { entries: edge.site(site)?.ask("audit", &()).await? }),
        (Method::Get, ["numbers"]) => numbers(edge, doc).await,
        (Method::Get, ["conversations"]) => conversations(edge, doc).await,
        (Method::Get, ["person"]) => persons::facts(edge, doc).await,
        (Method::Get, ["persons", user]) => persons::info(edge, doc, user).await,
        (Method::Post, ["persons", user, "undo"]) => persons::undo(request, edge, doc, user, &by).await,
        (Method::Post, ["persons", user, "unalias"]) => persons::unalias(edge, doc, user, &by).await,
        (Method::Get, ["persons", user, "export"]) => erasure::export(edge, doc, user, &by).await,
        (Method::Get, ["persons", user, "sensitive"]) => erasure::sensitive(edge, doc, user, &by).await,
        (Method::Post, ["persons", user, "erase"]) => erasure::person_erased(edge, doc, user, &by).await,
        (Method::Post, ["devices", device, "erase"]) => erasure::device(edge, doc, device, &by).await,
        (Method::Post, ["proof"]) => persons::proof(request, edge, doc, &by).await,
        (Method::Get, ["findings"]) => findings(edge, doc).await,
        (Method::Post, ["recount"]) => recount::step(request, edge, doc, &by).await,
        (Method::Get, ["measure"]) => persons::measure(edge, doc).await,
        (Method::Get, ["live"]) => live::visitors(&request, edge, doc).await,
        (Method::Get, ["chat"]) => live::chat(&request, edge, doc, &by.name).await,
        (Method::Post, ["pools", pool]) => pools::fill(request, edge, doc, pool, by).await,
        (Method::Get, ["pools", pool]) => pools::state(edge, doc, pool).await,
        (Method::Get, ["pools"]) => pools::list(edge, doc).await,
        (Method::Get, ["pools", pool, "codes"]) => pools::codes(edge, doc, pool, &by).await,
        (Method::Post, [what @ ("redeem" | "release")]) => pools::answer(request, edge, doc, what, by).await,
        (Method::Get, ["keys"]) => keys::list(doc),
        (Method::Post, ["keys"]) => keys::create(request, edge, doc, by).await,
        (Method::Delete, ["keys", id]) => keys::revoke(edge, doc, id, by).await,
        (
            _,
            [
                "campaigns" | "versions" | "audit" | "person" | "numbers" | "conversations" | "live" | "chat" | "check"
                | "document" | "rollback" | "redeem" | "release" | "pools" | "proof" | "findings" | "measure" | "keys"
                | "recount",
            ],
        )
        | (
            _,
            ["campaigns" | "pools" | "persons" | "keys", _]
            | ["persons", _, "undo" | "unalias" | "export" | "erase" | "sensitive"]
            | ["pools", _, "codes"]
            | ["devices", _, "erase"],
        ) => Err(Code::MethodNotAllowed.into()),
        _ => Err(Code::NotFound.into()),
    }
}

async fn settle(mut request: Request, edge: &Edge, site: &str, by: &By) -> Answer {
    if !is_name(site) {
        return Err(Code::SiteUnknown.into());
    }
    let settle: SettleSite = body::json(&mut request, ADMIN_BODY_MAX_BYTES).await?;
    edge.house()?.ask::<()>("house/add", &site).await?;
    let doc: SiteDoc = edge.site(site)?.ask("settle", &json!({ "site": site, "settle": settle, "by": by })).await?;
    site_copy::forget(site);
    let info: SiteInfo = noren_edge::site::info(&doc, by.now);
    answer::json(&info)
}

/// Totals, added up over the site's shards, and how they may be read.
async fn numbers(edge: &Edge, doc: &SiteDoc) -> Answer {
    let from: i64 = edge.query("from").parse().unwrap_or(0);
    let until: i64 = edge.query("until").parse().unwrap_or(i64::MAX);
    let shares: Vec<Vec<NumbersRow>> = of_all_shards(edge, doc, "numbers", &(from, until)).await?;
    answer::json(&Numbers { campaigns: reading::readable(shard::sum(shares)) })
}

/// What the edge noticed by itself, over all shards.
async fn findings(edge: &Edge, doc: &SiteDoc) -> Answer {
    let shares: Vec<Vec<FindingRow>> = of_all_shards(edge, doc, "findings", &()).await?;
    let mut findings: Vec<FindingRow> = shares.into_iter().flatten().collect();
    findings.sort_by_key(|finding| -finding.at);
    findings.truncate(LIST_MAX);
    answer::json(&FindingList { findings })
}

async fn conversations(edge: &Edge, doc: &SiteDoc) -> Answer {
    let shares: Vec<Vec<ConversationRow>> = of_all_shards(edge, doc, "conversations", &()).await?;
    let mut conversations: Vec<ConversationRow> = shares.into_iter().flatten().collect();
    conversations.sort_by_key(|c| -c.last.at);
    conversations.truncate(LIST_MAX);
    answer::json(&ConversationList { conversations })
}

/// Ask all shards at once.
async fn of_all_shards<T: serde::de::DeserializeOwned>(
    edge: &Edge,
    doc: &SiteDoc,
    what: &str,
    body: &impl serde::Serialize,
) -> Result<Vec<T>> {
    let asked = (0..doc.shards)
        .map(|k| async move { edge.object(Kind::Shard, &doc.site, &k.to_string())?.ask::<T>(what, body).await });
    futures_util::future::join_all(asked).await.into_iter().collect()
}
