//! Every response that leaves: its headers, its errors.

use noren_edge::{Failure, Result};
use noren_wire::bounds::COME_AGAIN_S;
use noren_wire::error::Code;
use serde::Serialize;
use worker::{Headers, Response, ResponseBuilder, console_error};

use crate::edge::broken;

/// What every route gives.
pub type Answer = Result<Response>;

/// Whom an answer is for.
#[derive(Clone, Copy, Debug)]
pub enum Readers<'a> {
    /// This Worker's own pages.
    Own,
    /// A page of exactly this origin.
    Origin(&'a str),
    /// The same, of the site this Worker's address is of: its requests come with the site's cookie.
    Visitor(&'a str),
    /// Any page: nothing personal is said.
    Anybody,
}

/// Headers that every answer carries.
///
/// # Errors
/// `Broken` for a header that cannot be one.
pub fn headers(content_type: &str, cache: &str, readers: Readers) -> Result<Headers> {
    let headers = Headers::new();
    let mut list =
        vec![("content-type", content_type), ("cache-control", cache), ("x-content-type-options", "nosniff")];
    match readers {
        Readers::Own => list.push(("cross-origin-resource-policy", "same-origin")),
        Readers::Origin(origin) => list.extend([
            ("access-control-allow-origin", origin),
            ("vary", "Origin"),
            ("cross-origin-resource-policy", "cross-origin"),
        ]),
        Readers::Visitor(origin) => list.extend([
            ("access-control-allow-origin", origin),
            ("access-control-allow-credentials", "true"),
            ("vary", "Origin"),
            ("cross-origin-resource-policy", "same-site"),
        ]),
        Readers::Anybody => {
            list.extend([("access-control-allow-origin", "*"), ("cross-origin-resource-policy", "cross-origin")]);
        }
    }
    for (name, value) in list {
        headers.set(name, value).map_err(broken("header"))?;
    }
    Ok(headers)
}

/// Bytes under some headers.
pub fn bytes(body: Vec<u8>, headers: Headers) -> Response {
    ResponseBuilder::new().with_headers(headers).fixed(body)
}

/// JSON for this Worker's own pages, and for commands.
///
/// # Errors
/// `Broken`.
pub fn json(body: &impl Serialize) -> Answer {
    json_for(body, Readers::Own)
}

/// JSON that nobody keeps.
///
/// # Errors
/// `Broken`.
pub fn json_for(body: &impl Serialize, readers: Readers) -> Answer {
    let headers = headers("application/json", "no-store", readers)?;
    Ok(bytes(serde_json::to_vec(body)?, headers))
}

/// Somewhere else.
///
/// # Errors
/// `Broken`.
pub fn redirect(to: &str) -> Answer {
    let headers = headers("text/plain", "no-store", Readers::Own)?;
    headers.set("location", to).map_err(broken("header"))?;
    Ok(ResponseBuilder::new().with_status(302).with_headers(headers).empty())
}

/// A failure, told in its own words or, where it is ours, in none. A page may read why it was refused: the words name no person.
///
/// # Errors
/// When even that cannot be made.
pub fn failure(failure: Failure) -> worker::Result<Response> {
    failure_for(failure, Readers::Anybody)
}

/// The same for certain readers: a page that sends its cookie may read nothing that is for anybody.
///
/// # Errors
/// As [`failure`].
pub fn failure_for(failure: Failure, readers: Readers) -> worker::Result<Response> {
    if let Failure::Broken(words) = &failure {
        console_error!("{}", words);
    }
    let problem = failure.problem();
    let status = problem.code.status();
    let for_later = (problem.code == Code::TooManyRequests).then_some(problem.retry_after.unwrap_or(COME_AGAIN_S));
    let body = serde_json::to_vec(&problem.body())?;
    let headers =
        headers("application/json", "no-store", readers).map_err(|_| worker::Error::from(Code::Internal.word()))?;
    headers.set("access-control-expose-headers", "Retry-After")?;
    if let Some(seconds) = for_later {
        headers.set("retry-after", &seconds.to_string())?;
    }
    Ok(ResponseBuilder::new().with_status(status).with_headers(headers).fixed(body))
}
