//! Who is asking: a browser session by cookie, a command by token, or a server by its key.

use noren_edge::name::{base64url, same_secret};
use noren_edge::site::keys::Presented;
use noren_edge::{Failure, Result};
use noren_wire::admin::{Session, SignIn};
use noren_wire::bounds::{SESSION_MS, SHARDS, SMALL_BODY_MAX_BYTES};
use noren_wire::error::Code;
use serde_json::json;
use worker::{Method, Request, Response};

use crate::answer::{self, Answer};
use crate::body;
use crate::edge::{Edge, broken, now};

/// `__Host-` binds the cookie to this host and to https; a browser refuses it over http, where only a development server is.
const COOKIE: &str = "__Host-noren";
const COOKIE_DEV: &str = "noren-dev";

fn cookie_name(edge: &Edge) -> &'static str {
    if edge.origin.starts_with("https://") { COOKIE } else { COOKIE_DEV }
}

fn cookie(request: &Request, edge: &Edge) -> Result<Option<String>> {
    let header = request.headers().get("cookie").map_err(broken("header"))?.unwrap_or_default();
    let name = cookie_name(edge);
    Ok(header.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name && !value.is_empty()).then(|| value.to_string())
    }))
}

fn bearer(request: &Request) -> Result<Option<String>> {
    let header = request.headers().get("authorization").map_err(broken("header"))?.unwrap_or_default();
    Ok(header.strip_prefix("Bearer ").map(str::trim).filter(|t| !t.is_empty()).map(Into::into))
}

/// Whether this is the development token, on a development server: the runtime's own address and the Host header both name this machine.
fn is_developer(edge: &Edge, token: &str) -> bool {
    edge.loopback && edge.text("NOREN_DEV_TOKEN").is_some_and(|known| same_secret(&known, token))
}

/// A browser tells where a request comes from: writes and sockets with a cookie must come from this Worker's own pages.
fn check_origin(request: &Request, edge: &Edge) -> Result<()> {
    let origin = request.headers().get("origin").map_err(broken("header"))?;
    let upgrade = request.headers().has("upgrade").map_err(broken("header"))?;
    let reads = matches!(request.method(), Method::Get | Method::Head) && !upgrade;
    match origin {
        Some(origin) if origin == edge.origin => Ok(()),
        None if reads => Ok(()),
        _ => Err(Code::OriginForbidden.into()),
    }
}

/// Who is asking.
pub enum Caller {
    /// A person who signed in, or a command of theirs: by name.
    Person(String),
    /// A server, by its key: the site it speaks for, its name for the audit, and what it may do.
    Server { site: String, name: String, scopes: Vec<String> },
}

impl Caller {
    /// The name that stands in the audit.
    pub fn name(&self) -> &str {
        match self {
            Caller::Person(name) | Caller::Server { name, .. } => name,
        }
    }
}

/// Who is asking.
///
/// # Errors
/// `unauthorized`; `origin_forbidden` for a browser's write from elsewhere.
pub async fn admit(request: &Request, edge: &Edge) -> Result<Caller> {
    if let Some(token) = bearer(request)? {
        if is_developer(edge, &token) {
            return Ok(Caller::Person("developer".into()));
        }
        if let Some(presented) = Presented::read(&token) {
            return server(edge, presented).await;
        }
        return who(edge, &token).await?.map(Caller::Person).ok_or_else(|| Code::Unauthorized.into());
    }
    let Some(session) = cookie(request, edge)? else { return Err(Code::Unauthorized.into()) };
    check_origin(request, edge)?;
    who(edge, &session).await?.map(Caller::Person).ok_or_else(|| Code::Unauthorized.into())
}

/// A server by its key. That a site does not exist is no more said than that a key is wrong.
async fn server(edge: &Edge, presented: Presented<'_>) -> Result<Caller> {
    let doc = match crate::site_copy::settings(edge, presented.site).await {
        Ok(doc) => doc,
        Err(Failure::Refused(_)) => return Err(Code::Unauthorized.into()),
        Err(broken) => return Err(broken),
    };
    match presented.of(&doc, &edge.secret()?) {
        Some(key) if key.kind == "server" => {
            Ok(Caller::Server { site: doc.site.clone(), name: format!("key {}", key.name), scopes: key.scopes.clone() })
        }
        _ => Err(Code::Unauthorized.into()),
    }
}

async fn who(edge: &Edge, session: &str) -> Result<Option<String>> {
    edge.house()?.ask("house/who", &json!({ "session": session, "now": now() })).await
}

async fn described(edge: &Edge, name: String) -> Result<Session> {
    let sites: Vec<String> = edge.house()?.ask("house/sites", &()).await?;
    Ok(Session { name, sites, shards: SHARDS })
}

/// `session`: sign in, who am I, sign out.
///
/// # Errors
/// `unauthorized`.
pub async fn answer(mut request: Request, edge: &Edge) -> Answer {
    match request.method() {
        Method::Get => match admit(&request, edge).await? {
            Caller::Person(name) => answer::json(&described(edge, name).await?),
            Caller::Server { site, name, .. } => answer::json(&Session { name, sites: vec![site], shards: SHARDS }),
        },
        Method::Post => {
            if request.headers().has("origin").map_err(broken("header"))? {
                check_origin(&request, edge)?;
            }
            let asked: SignIn = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
            sign_in(edge, &asked.token).await
        }
        Method::Delete => {
            if let Some(session) = cookie(&request, edge)? {
                check_origin(&request, edge)?;
                edge.house()?.ask::<()>("house/close", &json!({ "session": session })).await?;
            }
            with_cookie(answer::json(&json!({ "ok": true }))?, edge, "", 0)
        }
        _ => Err(Code::MethodNotAllowed.into()),
    }
}

async fn sign_in(edge: &Edge, token: &str) -> Answer {
    let (name, once) = if is_developer(edge, token) {
        // A development server has its demo site before anybody looks for it.
        crate::site_copy::settings(edge, crate::site_copy::DEMO).await?;
        ("developer", None)
    } else if edge.text("NOREN_OWNER_TOKEN").is_some_and(|known| same_secret(&known, token)) {
        ("owner", Some(token))
    } else {
        return Err(Code::Unauthorized.into());
    };
    let session = random_token()?;
    let opened: bool = edge
        .house()?
        .ask("house/open", &json!({ "session": session, "name": name, "once": once, "now": now() }))
        .await?;
    if !opened {
        return Err(Code::Unauthorized.into());
    }
    with_cookie(answer::json(&described(edge, name.into()).await?)?, edge, &session, SESSION_MS / 1_000)
}

fn with_cookie(response: Response, edge: &Edge, value: &str, age_s: i64) -> Answer {
    let secure = if edge.origin.starts_with("https://") { "; Secure" } else { "" };
    let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age_s}{secure}", cookie_name(edge));
    response.headers().set("set-cookie", &cookie).map_err(broken("header"))?;
    Ok(response)
}

/// 256 random bits.
pub fn random_token() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| Failure::Broken(format!("randomness: {e}")))?;
    Ok(base64url(&bytes))
}
