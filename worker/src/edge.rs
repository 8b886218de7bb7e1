//! This deployment, as one request sees it: its secret, its objects, its clock, its address.

use noren_edge::name::{self, Kind};
use noren_edge::{Failure, Result};
use noren_wire::error::{Code, ErrorBody, Problem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use worker::wasm_bindgen::JsValue;
use worker::{Date, Env, Headers, Method, Request, RequestInit, Response, Stub};

use crate::host::{self, Which};

/// What a request needs of its surroundings.
pub struct Edge {
    /// Bindings.
    pub env: Env,
    /// Path of the request.
    pub path: String,
    /// `scheme://host` of the request: this Worker's own origin.
    pub origin: String,
    /// Whether the request came to this machine's own address.
    pub loopback: bool,
    query: String,
}

impl Edge {
    /// From a request.
    pub fn of(env: Env, request: &Request) -> worker::Result<Edge> {
        let address = request.inner().url();
        // The runtime has parsed and normalized the address already; what is left is cutting it.
        let (scheme, rest) = address.split_once("://").unwrap_or(("https", ""));
        let cut = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, rest) = rest.split_at(cut);
        let rest = rest.split('#').next().unwrap_or("");
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let loopback = noren_edge::origin::is_loopback_host(host)
            && request.headers().get("host")?.is_none_or(|h| noren_edge::origin::is_loopback_host(&h));
        Ok(Edge { env, path: path.into(), origin: format!("{scheme}://{host}"), loopback, query: query.into() })
    }

    /// As an object sees it, whom no outside request reaches.
    pub fn inside(env: Env) -> Edge {
        Edge { env, path: String::new(), origin: String::new(), loopback: false, query: String::new() }
    }

    /// One value of the query, as written: names, hashes and numbers need no decoding.
    pub fn query(&self, key: &str) -> &str {
        self.query.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('=')).unwrap_or("")
    }

    /// A text binding, if it is set and not empty.
    pub fn text(&self, binding: &str) -> Option<String> {
        self.env.var(binding).ok().map(|text| text.to_string()).filter(|text| !text.is_empty())
    }

    /// The deployment's secret.
    ///
    /// # Errors
    /// `Broken` without one: names of objects would be guessable.
    pub fn secret(&self) -> Result<String> {
        self.text("NOREN_SECRET").ok_or_else(|| Failure::Broken("NOREN_SECRET is not set".into()))
    }

    /// A device's object.
    ///
    /// # Errors
    /// `Broken`.
    pub fn device(&self, site: &str, key: &str) -> Result<Object> {
        object(&self.env, Kind::Device, site, &name::device_id(&self.secret()?, site, key))
    }

    /// Any other object by its id within the site.
    ///
    /// # Errors
    /// As [`object`].
    pub fn object(&self, kind: Kind, site: &str, id: &str) -> Result<Object> {
        object(&self.env, kind, site, id)
    }

    /// A site's object.
    ///
    /// # Errors
    /// As [`object`].
    pub fn site(&self, site: &str) -> Result<Object> {
        object(&self.env, Kind::Site, site, "")
    }

    /// The object of sessions and sites.
    ///
    /// # Errors
    /// As [`object`].
    pub fn house(&self) -> Result<Object> {
        object(&self.env, Kind::House, "", "")
    }
}

/// The edge's clock, Unix ms.
pub fn now() -> i64 {
    Date::now().as_millis() as i64
}

/// A path of `what` failed.
pub fn broken(what: &'static str) -> impl Fn(worker::Error) -> Failure {
    move |error| Failure::Broken(format!("{what}: {error}"))
}

/// A Durable Object that can be asked.
pub struct Object {
    env: Env,
    binding: &'static str,
    which: Which,
}

/// The object of a kind, site and id.
///
/// # Errors
/// None now: a binding that is missing is found out when the object is asked.
pub fn object(env: &Env, kind: Kind, site: &str, id: &str) -> Result<Object> {
    let which = Which::Name(name::object(name::ANYWHERE, kind, site, id));
    Ok(Object { env: env.clone(), binding: binding(kind), which })
}

/// A device's object by its own id: what the register and deliveries know it by, for its name follows from a key that only the device has.
///
/// # Errors
/// None now: an id that is none is found out when the object is asked.
pub fn device_object(env: &Env, id: &str) -> Result<Object> {
    by_id(env, Kind::Device, id)
}

/// A person's object by its own id, as the register knows it.
///
/// # Errors
/// As [`device_object`].
pub fn person_object(env: &Env, id: &str) -> Result<Object> {
    by_id(env, Kind::Person, id)
}

fn by_id(env: &Env, kind: Kind, id: &str) -> Result<Object> {
    Ok(Object { env: env.clone(), binding: binding(kind), which: Which::Id(id.into()) })
}

fn binding(kind: Kind) -> &'static str {
    match kind {
        Kind::Device => "DEVICE",
        Kind::Person => "PERSON",
        Kind::Shard => "SHARD",
        Kind::Site | Kind::House => "SITE",
        Kind::Pool => "POOL",
        Kind::Conversation => "CONVERSATION",
        Kind::Intake => "INTAKE",
    }
}

fn address(what: &str) -> String {
    format!("https://object/{what}")
}

/// An object's refusal comes back as it is; what failed inside it was logged there.
fn refusal(what: &str, text: &str) -> Failure {
    match serde_json::from_str::<ErrorBody>(text) {
        Ok(body) if body.code != Code::Internal.word() => Failure::Refused(Problem::from(body)),
        _ => Failure::Broken(format!("an object failed at {what}")),
    }
}

impl Object {
    /// Ask with a JSON body; the object's refusals come back as they are.
    ///
    /// # Errors
    /// What the object refused, or `Broken`.
    pub async fn ask<A: DeserializeOwned>(&self, what: &str, body: &impl Serialize) -> Result<A> {
        let body = serde_json::to_string(body)?;
        self.ask_text(what, &body).await
    }

    /// Ask with a body that is JSON already.
    ///
    /// # Errors
    /// As [`Object::ask`].
    pub async fn ask_text<A: DeserializeOwned>(&self, what: &str, body: &str) -> Result<A> {
        let (status, text) = host::ask(&self.env, self.binding, &self.which, &address(what), body).await?;
        if status == 200 { Ok(serde_json::from_str(&text)?) } else { Err(refusal(what, &text)) }
    }

    /// Ask for bytes.
    ///
    /// # Errors
    /// As [`Object::ask`].
    pub async fn ask_bytes(&self, what: &str, body: &impl Serialize) -> Result<Vec<u8>> {
        let mut init = RequestInit::new();
        init.with_method(Method::Post).with_body(Some(JsValue::from_str(&serde_json::to_string(body)?)));
        let request = Request::new_with_init(&address(what), &init).map_err(broken("request"))?;
        let mut response = self.stub()?.fetch_with_request(request).await.map_err(broken("asking an object"))?;
        if response.status_code() != 200 {
            return Err(refusal(what, &response.text().await.map_err(broken("reading an object's refusal"))?));
        }
        response.bytes().await.map_err(broken("reading an object's bytes"))
    }

    fn stub(&self) -> Result<Stub> {
        let namespace = self.env.durable_object(self.binding).map_err(broken("binding"))?;
        match &self.which {
            Which::Name(name) => namespace.get_by_name(name),
            Which::Id(id) => namespace.id_from_string(id).and_then(|id| id.get_stub()),
        }
        .map_err(broken("object"))
    }

    /// Hand a WebSocket handshake on, with what the object must know as headers.
    ///
    /// # Errors
    /// `Broken`.
    pub async fn upgrade(&self, facts: &[(&str, &str)]) -> Result<Response> {
        let headers = Headers::new();
        let set = |name: &str, value: &str| headers.set(name, value).map_err(broken("header"));
        set("upgrade", "websocket")?;
        for (name, value) in facts {
            set(name, value)?;
        }
        let mut init = RequestInit::new();
        init.with_headers(headers);
        let request = Request::new_with_init("https://object/socket", &init).map_err(broken("request"))?;
        self.stub()?.fetch_with_request(request).await.map_err(broken("opening an object's socket"))
    }
}
