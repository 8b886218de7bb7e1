//! A recount of a site's totals, in steps that one request can take.

use noren_edge::Result;
use noren_edge::name::Kind;
use noren_edge::shard::recount;
use noren_edge::site::By;
use noren_wire::admin::{RecountAnswer, RecountRequest};
use noren_wire::bounds::{LIST_MAX, RECOUNT_STEP, SMALL_BODY_MAX_BYTES};
use noren_wire::inner::{Registered, Visit, Walk};
use noren_wire::stored::{CounterRow, SiteDoc};
use serde_json::json;
use worker::Request;

use crate::answer::{self, Answer};
use crate::body;
use crate::edge::{Edge, Object, device_object, person_object};

/// `POST recount`: go on with the recount under way, or begin one. Each step asks at most [`RECOUNT_STEP`] objects.
///
/// # Errors
/// `body_invalid`; `Broken` when an object does not answer: the next request goes on where this one came to.
pub async fn step(mut request: Request, edge: &Edge, doc: &SiteDoc, by: &By) -> Answer {
    let asked: RecountRequest = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
    let shards: Vec<Object> =
        (0..doc.shards).map(|shard| edge.object(Kind::Shard, &doc.site, &shard.to_string())).collect::<Result<_>>()?;
    let mut walks: Vec<(Walk, u64)> = Vec::new();
    for shard in &shards {
        walks.push(shard.ask("recount/walk", &()).await?);
    }
    // Once all are done, the next request that does not mend begins anew.
    let over = walks.iter().all(|(walk, _)| walk.done);
    let none = walks.iter().all(|(walk, _)| walk.began == 0);
    if asked.restart || none || (over && !asked.mend) {
        note(edge, doc, "recount", by).await?;
        for (shard, (walk, _)) in shards.iter().zip(&mut walks) {
            *walk = shard.ask("recount/begin", &()).await?;
        }
    }
    let mut room = RECOUNT_STEP;
    for (shard, (walk, _)) in shards.iter().zip(&mut walks) {
        while !walk.done && room > 0 {
            let next: Vec<Registered> = shard.ask("recount/next", &room).await?;
            let visits = futures_util::future::join_all(next.iter().map(|one| visit(edge, one))).await;
            let visits: Vec<Visit> = visits.into_iter().collect::<Result<_>>()?;
            room = room.saturating_sub(visits.len().max(1));
            *walk = shard.ask("recount/take", &visits).await?;
        }
    }
    let done = walks.iter().all(|(walk, _)| walk.done);
    let mut found: Vec<CounterRow> = Vec::new();
    if done {
        for shard in &shards {
            found.extend(shard.ask::<Vec<CounterRow>>("recount/found", &asked.mend).await?);
        }
    }
    let mended = if asked.mend && done { found.len() as u64 } else { 0 };
    if mended > 0 {
        note(edge, doc, "mend", by).await?;
    }
    found.sort_by(|a, b| (a.hour, &a.campaign).cmp(&(b.hour, &b.campaign)));
    answer::json(&RecountAnswer {
        objects: walks.iter().map(|(walk, _)| walk.objects).sum(),
        of: walks.iter().map(|(_, of)| of).sum(),
        done,
        differs: found.iter().take(LIST_MAX).map(recount::told).collect(),
        mended,
    })
}

async fn visit(edge: &Edge, one: &Registered) -> Result<Visit> {
    let object = match one.kind.as_str() {
        "person" => person_object(&edge.env, &one.object)?,
        _ => device_object(&edge.env, &one.object)?,
    };
    Ok(Visit { object: one.object.clone(), contributed: object.ask("contributed", &()).await? })
}

async fn note(edge: &Edge, doc: &SiteDoc, action: &str, by: &By) -> Result<()> {
    edge.site(&doc.site)?.ask("note", &json!({ "action": action, "what": doc.site, "by": by })).await
}
