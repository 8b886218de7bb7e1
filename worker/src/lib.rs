//! The Cloudflare Worker: routes, bindings and Durable Objects, thin shells over the edge room.
//!
//! Reading order: [`edge`] (this deployment: secret, objects, clock), [`host`] (the module around the wasm), [`answer`] (every response), [`body`] (reading requests),
//! [`site_copy`] (what an isolate remembers of sites), [`assets`], [`page`] (what visitors' pages ask), [`presence`] (news for the live list), [`ingest`] (what others' clients
//! report), [`admin`] (what the console asks), [`shop`] (the demo shop's own server), [`rulebook`] (the rule room lent to the edge room), [`objects`] (the Durable Objects).

mod admin;
mod answer;
mod assets;
mod body;
mod edge;
mod host;
mod ingest;
mod objects;
mod page;
mod presence;
mod rulebook;
mod shop;
mod site_copy;

use noren_wire::error::Code;
use worker::{Context, Env, Method, Request, Response, event};

use crate::answer::Answer;
use crate::edge::Edge;

#[event(fetch)]
async fn fetch(request: Request, env: Env, context: Context) -> worker::Result<Response> {
    let edge = Edge::of(env, &request)?;
    let answered = route(request, &edge, &context).await;
    match answered {
        Ok(response) => Ok(response),
        Err(failure) => answer::failure(failure),
    }
}

/// First by path, then by method: a known path with a wrong method says so.
async fn route(request: Request, edge: &Edge, context: &Context) -> Answer {
    let path = edge.path.clone();
    let Some(rest) = path.strip_prefix("/noren/") else {
        return match path.strip_prefix("/shop/api/") {
            Some(what) => shop::answer(what, request, edge).await,
            None if path == "/" => answer::redirect("/shop/"),
            None if path.starts_with("/v1/") => ingest::answer(path.trim_start_matches("/v1/"), request, edge).await,
            None => assets::answer(request, edge).await,
        };
    };
    match rest {
        "v1/health" => only(&request, Method::Get).and_then(|()| answer::json(&serde_json::json!({ "ok": true }))),
        "v1/site" => page::site(request, edge).await,
        "v1/privacy" => page::privacy(request, edge).await,
        "v1/sync" => page::sync(request, edge, context).await,
        "v1/coupon" => page::coupon(request, edge).await,
        "v1/chat" => page::chat(request, edge).await,
        "schema/campaign.json" => rulebook::schema(),
        _ => {
            if let Some(what) = rest.strip_prefix("v1/admin/") {
                admin::answer(what, request, edge, context).await
            } else if let Some(hash) = rest.strip_prefix("p/") {
                page::blob(request, edge, hash, "application/octet-stream").await
            } else if let Some(hash) = rest.strip_prefix("c/") {
                page::blob(request, edge, hash, "application/json").await
            } else if rest.starts_with("v1/") {
                Err(Code::NotFound.into())
            } else {
                assets::answer(request, edge).await
            }
        }
    }
}

/// Refuse other methods.
fn only(request: &Request, method: Method) -> noren_edge::Result<()> {
    if request.method() == method { Ok(()) } else { Err(Code::MethodNotAllowed.into()) }
}
