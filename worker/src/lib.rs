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
use noren_wire::routes::{self, Found, Route};
use worker::{Context, Env, Request, Response, event};

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

/// By the table of routes; what is not in it is a file or nothing. A known address with a wrong method says so.
async fn route(request: Request, edge: &Edge, context: &Context) -> Answer {
    let path = edge.path.clone();
    let method = request.method().to_string();
    let found = routes::find(&method, &path);
    if let Some(of_site) = path.strip_prefix("/noren/v1/admin/")
        && !matches!(of_site, "session" | "schema/campaign.json")
    {
        // Nothing is said, not even that there is no such address, before it is known who asks.
        return admin::answer(found, request, edge).await;
    }
    let (route, taken) = match found {
        Found::Here(route, taken) => (route, taken),
        Found::OtherMethods if path.starts_with("/v1/") => return ingest::other_methods(&path),
        Found::OtherMethods => return Err(Code::MethodNotAllowed.into()),
        Found::Nothing => {
            let ours = ["/noren/v1/", "/noren/p/", "/noren/c/", "/v1/", "/shop/api/"];
            return match path.as_str() {
                "/" => answer::redirect("/shop/"),
                path if ours.iter().any(|start| path.starts_with(start)) => Err(Code::NotFound.into()),
                _ => assets::answer(request, edge).await,
            };
        }
    };
    let text = taken.first().copied().unwrap_or_default();
    match route {
        Route::Health => answer::json(&serde_json::json!({ "ok": true })),
        Route::Site => page::site(request, edge).await,
        Route::Privacy => page::privacy(edge).await,
        Route::Sync => page::sync(request, edge, context).await,
        Route::Coupon => page::coupon(request, edge).await,
        Route::Chat => page::chat(request, edge).await,
        Route::CampaignSchema | Route::AdminSchema => rulebook::schema(),
        Route::Program => page::blob(edge, text, "application/octet-stream").await,
        Route::Content => page::blob(edge, text, "application/json").await,
        Route::Track => ingest::take(text, request, edge).await,
        Route::TrackPreflight => ingest::preflight(text),
        Route::TrackSettings => ingest::settings(text, edge),
        Route::ShopCoupon => shop::answer("coupon", request, edge).await,
        Route::ShopRedeem => shop::answer("redeem", request, edge).await,
        Route::SessionWho | Route::SessionOpen | Route::SessionClose => admin::session::answer(request, edge).await,
        // All that is left is below the admin's own address.
        _ => Err(Code::NotFound.into()),
    }
}
