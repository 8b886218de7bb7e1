//! The served files: precompressed at build time, picked here by what the browser takes, small ones kept in the isolate's memory.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use noren_edge::name::content_hash;
use noren_edge::serve::{self, Asset, Encoding};
use noren_edge::{Failure, Result};
use noren_wire::error::Code;
use worker::{EncodeBody, Method, Request, ResponseBuilder};

use crate::answer::{Answer, Readers, headers, redirect};
use crate::edge::{Edge, broken};

/// Files up to this size are kept in memory.
const SMALL_MAX_BYTES: usize = 256 * 1024;

/// Bytes kept in memory, of the 128 MB an isolate has.
const KEPT_MAX_BYTES: usize = 16 * 1024 * 1024;
const _: () = assert!(KEPT_MAX_BYTES <= noren_wire::platform::ISOLATE_MAX_BYTES / 4);

struct File {
    body: Vec<u8>,
    etag: String,
}

#[derive(Default)]
struct Memory {
    manifest: Option<Rc<BTreeMap<String, Asset>>>,
    files: BTreeMap<String, Rc<File>>,
    kept: usize,
}

thread_local! {
    static MEMORY: RefCell<Memory> = RefCell::default();
}

/// Answer a path with its file.
///
/// # Errors
/// `not_found`, `method_not_allowed`.
pub async fn answer(request: Request, edge: &Edge) -> Answer {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return Err(Code::MethodNotAllowed.into());
    }
    let manifest = manifest(edge).await?;
    let path = serve::file_of(&edge.path).ok_or(Code::NotFound)?;
    let Some(asset) = manifest.get(&path) else {
        // A folder without its slash: relative addresses on the page need it.
        return if manifest.contains_key(&format!("{path}/index.html")) {
            redirect(&format!("{path}/"))
        } else {
            Err(Code::NotFound.into())
        };
    };
    let header = |name: &str| request.headers().get(name).ok().flatten().unwrap_or_default();
    let encoding = serve::encoding(asset, &header("accept-encoding"));
    let file = file(edge, &format!("{path}{}", encoding.suffix())).await?;

    let readers = if serve::is_for_pages(&path) { Readers::Anybody } else { Readers::Own };
    let headers = headers(&asset.content_type, serve::cache_control(asset), readers)?;
    let set = |name: &str, value: &str| headers.set(name, value).map_err(broken("header"));
    set("etag", &file.etag)?;
    if asset.br || asset.gz {
        set("vary", "Accept-Encoding")?;
    }
    if path.starts_with("/noren/console/") && asset.content_type.starts_with("text/html") {
        set("content-security-policy", serve::CONSOLE_POLICY)?;
        set("referrer-policy", "no-referrer")?;
    }
    if serve::matches(&header("if-none-match"), &file.etag) {
        return Ok(ResponseBuilder::new().with_status(304).with_headers(headers).empty());
    }
    let mut builder = ResponseBuilder::new();
    if encoding != Encoding::Identity {
        set("content-encoding", encoding.word())?;
        builder = builder.with_encode_body(EncodeBody::Manual);
    }
    set("content-length", &file.body.len().to_string())?;
    let builder = builder.with_headers(headers);
    Ok(if request.method() == Method::Head { builder.empty() } else { builder.fixed(file.body.clone()) })
}

async fn manifest(edge: &Edge) -> Result<Rc<BTreeMap<String, Asset>>> {
    if let Some(known) = MEMORY.with_borrow(|m| m.manifest.clone()) {
        return Ok(known);
    }
    let file = file(edge, "/manifest.json").await?;
    let list: Vec<Asset> = serde_json::from_slice(&file.body)?;
    // The build names files relative to their folder; here they are addresses.
    let addressed =
        list.into_iter().map(|asset| Asset { path: format!("/{}", asset.path.trim_start_matches('/')), ..asset });
    let manifest = Rc::new(addressed.map(|asset| (asset.path.clone(), asset)).collect::<BTreeMap<_, _>>());
    MEMORY.with_borrow_mut(|m| m.manifest = Some(manifest.clone()));
    Ok(manifest)
}

async fn file(edge: &Edge, path: &str) -> Result<Rc<File>> {
    if let Some(known) = MEMORY.with_borrow(|m| m.files.get(path).cloned()) {
        return Ok(known);
    }
    let store = edge.env.assets("ASSETS").map_err(broken("assets"))?;
    let mut response = store.fetch(format!("https://assets{path}"), None).await.map_err(broken("assets"))?;
    if response.status_code() != 200 {
        return Err(Failure::Broken(format!("asset {path} is listed and answers {}", response.status_code())));
    }
    let body = response.bytes().await.map_err(broken("assets"))?;
    let etag = format!("\"{}\"", content_hash(&body));
    let file = Rc::new(File { body, etag });
    let size = file.body.len();
    if size <= SMALL_MAX_BYTES {
        MEMORY.with_borrow_mut(|m| {
            if m.kept + size > KEPT_MAX_BYTES {
                m.files.clear();
                m.kept = 0;
            }
            m.kept += size;
            m.files.insert(path.into(), file.clone());
        });
    }
    Ok(file)
}
