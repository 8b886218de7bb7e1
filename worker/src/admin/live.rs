//! Sockets of the console: visitors on the site now, and conversations.

use noren_edge::name::Kind;
use noren_wire::bounds::{DEVICE_CHARS, is_base64url};
use noren_wire::error::{Code, Problem};
use noren_wire::stored::SiteDoc;
use worker::Request;

use crate::answer::Answer;
use crate::edge::{Edge, broken};

fn upgrade(request: &Request) -> noren_edge::Result<()> {
    let header = request.headers().get("upgrade").map_err(broken("header"))?.unwrap_or_default();
    if header.eq_ignore_ascii_case("websocket") { Ok(()) } else { Err(Code::UpgradeRequired.into()) }
}

/// `GET live?shard=K`.
///
/// # Errors
/// `upgrade_required`, `body_invalid` for a shard that is none.
pub async fn visitors(request: &Request, edge: &Edge, doc: &SiteDoc) -> Answer {
    upgrade(request)?;
    let shard: u32 = edge
        .query("shard")
        .parse()
        .ok()
        .filter(|k| *k < doc.shards)
        .ok_or_else(|| Problem::field("shard", "one of the site's shards"))?;
    edge.object(Kind::Shard, &doc.site, &shard.to_string())?.upgrade(&[]).await
}

/// `GET chat?conversation=ID`.
///
/// # Errors
/// `upgrade_required`, `not_found`.
pub async fn chat(request: &Request, edge: &Edge, doc: &SiteDoc, name: &str) -> Answer {
    upgrade(request)?;
    let device = edge.query("conversation");
    if !is_base64url(device, DEVICE_CHARS) {
        return Err(Code::NotFound.into());
    }
    let shards = doc.shards.to_string();
    let facts = [
        ("noren-who", "operator"),
        ("noren-name", name),
        ("noren-site", &doc.site),
        ("noren-device", device),
        ("noren-shards", &shards),
    ];
    edge.object(Kind::Conversation, &doc.site, device)?.upgrade(&facts).await
}
