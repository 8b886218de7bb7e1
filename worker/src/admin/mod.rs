//! What the console and the command line ask. Every request is somebody's; every write of a browser comes from this Worker's own page.

mod campaigns;
mod erasure;
mod keys;
mod live;
mod persons;
pub mod pools;
mod recount;
pub mod session;

use noren_edge::name::Kind;
use noren_edge::site::By;
use noren_edge::{Result, reading, shard};
use noren_wire::admin::{
    AuditList, ConversationList, ConversationRow, FindingList, FindingRow, Numbers, NumbersRow, SettleSite, SiteInfo,
    VersionList,
};
use noren_wire::bounds::{ADMIN_BODY_MAX_BYTES, LIST_MAX, is_name};
use noren_wire::error::Code;
use noren_wire::routes::{Found, Needs, Route};
use noren_wire::stored::SiteDoc;
use serde_json::json;
use worker::Request;

use self::session::Caller;
use crate::answer::{self, Answer};
use crate::edge::{Edge, now};
use crate::{body, site_copy};

/// Answer what was found below `/noren/v1/admin/`, but for signing in.
///
/// # Errors
/// `unauthorized` before anything else is said.
pub async fn answer(found: Found<'_>, request: Request, edge: &Edge) -> Answer {
    let caller = session::admit(&request, edge).await?;
    let by = By { name: caller.name().into(), now: now() };
    let (route, taken) = match found {
        Found::Here(route, taken) => (route, taken),
        // A key is not told what there is beside what it opens.
        _ if matches!(caller, Caller::Server { .. }) => return Err(Code::Forbidden.into()),
        Found::OtherMethods => return Err(Code::MethodNotAllowed.into()),
        Found::Nothing => return Err(Code::NotFound.into()),
    };
    let mut taken = taken.into_iter();
    let (site, what) = (taken.next().unwrap_or_default(), taken.next().unwrap_or_default());
    check_scope(&caller, route, site)?;
    match route {
        Route::Sites => return answer::json(&edge.house()?.ask::<Vec<String>>("house/sites", &()).await?),
        Route::SiteSettle => return settle(request, edge, site, &by).await,
        _ => {}
    }
    // Also creates the demo site on its first use.
    let doc = site_copy::settings(edge, site).await?;
    of_site(route, request, edge, &doc, what, by).await
}

/// A server's key opens what its scopes say, of its own site, and nothing else: not the site's settings, its keys, its audit or its visitors.
fn check_scope(caller: &Caller, route: Route, site: &str) -> Result<()> {
    let Caller::Server { site: own, scopes, .. } = caller else { return Ok(()) };
    let opens = match route.needs() {
        // What is live, and the edge's clock: any key may ask whether it works.
        Needs::AnyKey => true,
        Needs::Scope(needed) => scopes.iter().any(|scope| scope == needed),
        Needs::Nothing | Needs::Person => false,
    };
    if opens && own == site { Ok(()) } else { Err(Code::Forbidden.into()) }
}

async fn of_site(route: Route, request: Request, edge: &Edge, doc: &SiteDoc, what: &str, by: By) -> Answer {
    let site = &doc.site;
    match route {
        Route::SiteLook => answer::json(&noren_edge::site::info(doc, by.now)),
        Route::Campaigns => campaigns::list(edge, site, by.now).await,
        Route::Document => campaigns::document(edge, site).await,
        Route::DocumentSettle => campaigns::settle_document(request, edge, site, by).await,
        Route::Publish => campaigns::publish(request, edge, site, by).await,
        Route::Unpublish => campaigns::delete(edge, site, what, by).await,
        Route::Check => campaigns::check(request, edge, site).await,
        Route::Rollback => campaigns::rollback(request, edge, site, by).await,
        Route::Versions => answer::json(&VersionList { versions: edge.site(site)?.ask("versions", &()).await? }),
        Route::Audit => answer::json(&AuditList { entries: edge.site(site)?.ask("audit", &()).await? }),
        Route::NumbersOf => numbers(edge, doc).await,
        Route::Conversations => conversations(edge, doc).await,
        Route::PersonFacts => persons::facts(edge, doc).await,
        Route::PersonLook => persons::info(edge, doc, what).await,
        Route::PersonUndo => persons::undo(request, edge, doc, what, &by).await,
        Route::PersonUnalias => persons::unalias(edge, doc, what, &by).await,
        Route::PersonSensitive => erasure::sensitive(edge, doc, what, &by).await,
        Route::PersonExported => erasure::export(edge, doc, what, &by).await,
        Route::PersonErase => erasure::person_erased(edge, doc, what, &by).await,
        Route::DeviceErase => erasure::device(edge, doc, what, &by).await,
        Route::Proof => persons::proof(request, edge, doc, &by).await,
        Route::Findings => findings(edge, doc).await,
        Route::Recount => recount::step(request, edge, doc, &by).await,
        Route::Measure => persons::measure(edge, doc).await,
        Route::Live => live::visitors(&request, edge, doc).await,
        Route::OperatorChat => live::chat(&request, edge, doc, &by.name).await,
        Route::Pools => pools::list(edge, doc).await,
        Route::PoolLook => pools::state(edge, doc, what).await,
        Route::PoolFill => pools::fill(request, edge, doc, what, by).await,
        Route::PoolExport => pools::codes(edge, doc, what, &by).await,
        Route::Redeem => pools::answer(request, edge, doc, "redeem", by).await,
        Route::Release => pools::answer(request, edge, doc, "release", by).await,
        Route::Keys => keys::list(doc),
        Route::KeyCreate => keys::create(request, edge, doc, by).await,
        Route::KeyRevoke => keys::revoke(edge, doc, what, by).await,
        // Answered before: what belongs to no site, or is no business of the admin's.
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
    let mut rows = shard::sum(shares);
    let unkept = shard::unkept(&mut rows);
    answer::json(&Numbers { campaigns: reading::readable(rows), unkept })
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
