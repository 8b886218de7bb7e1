//! Writes `docs/openapi.json` from the table of routes and the types, and fails when it was not fresh: run the tests again and commit what
//! changed. A route without a description does not compile.

use std::collections::BTreeMap;
use std::path::Path;

use schemars::generate::{Contract, SchemaSettings};
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value as Json, json};

use crate::bounds::{ADMIN_BODY_MAX_BYTES, INGEST_BODY_MAX_BYTES, SMALL_BODY_MAX_BYTES, SYNC_BODY_MAX_BYTES};
use crate::error::Code::{self, *};
use crate::routes::{Needs, Route};
use crate::{admin, chat, coupon, error, ingest, keys, privacy, sync};

const BODY: [Code; 3] = [BodyNotJson, BodyInvalid, BodyTooLarge];

/// Names of the calls under `/v1/`: the long ones, their short forms, and what a client says of itself.
const CALLS: [&str; 17] = [
    "batch", "b", "import", "track", "t", "page", "p", "screen", "s", "identify", "i", "group", "g", "alias", "a",
    "metrics", "m",
];

/// Schemas of requests stand where they are used: what may be left out there is always said in an answer, so one name would be two schemas.
struct Book {
    asked: SchemaGenerator,
    told: SchemaGenerator,
}

impl Book {
    fn new() -> Book {
        let settings = |contract| {
            SchemaSettings::draft2020_12().with(|s| {
                s.meta_schema = None;
                s.contract = contract;
                s.definitions_path = "/components/schemas".into();
            })
        };
        let asked = settings(Contract::Deserialize).with(|s| s.inline_subschemas = true);
        Book { asked: asked.into_generator(), told: settings(Contract::Serialize).into_generator() }
    }

    fn takes<T: JsonSchema>(&mut self) -> Json {
        self.asked.subschema_for::<T>().to_value()
    }

    fn tells<T: JsonSchema>(&mut self) -> Json {
        self.told.subschema_for::<T>().to_value()
    }
}

/// What a route takes and gives, beside what follows from the table.
#[derive(Default)]
struct Told {
    /// Schema of the body, and how many bytes it may have.
    body: Option<(Json, usize)>,
    /// Query: name, whether it must be there, what it is.
    query: Vec<(&'static str, bool, &'static str)>,
    /// Status of success, and what it carries: (content type, schema).
    gives: (u16, Vec<(&'static str, Json)>),
    /// Codes of its own.
    refuses: Vec<Code>,
    /// What the sentence of the table leaves out.
    more: &'static str,
}

const SITE: (&str, bool, &str) = ("site", true, "Site key.");

fn page(refuses: &[Code]) -> Told {
    Told { query: vec![SITE], refuses: [&[SiteUnknown], refuses].concat(), ..Told::default() }
}

fn told(route: Route, book: &mut Book) -> Told {
    use Route::*;
    let ok = |schema: Json| (200, vec![("application/json", schema)]);
    let anything = || json!({});
    let gives = |schema: Json| Told { gives: ok(schema), ..Told::default() };
    let takes = |body: Json, most: usize, schema: Json, refuses: &[Code]| Told {
        body: Some((body, most)),
        gives: ok(schema),
        refuses: [&BODY[..], refuses].concat(),
        ..Told::default()
    };
    let socket = |query, refuses: &[Code], more| Told {
        gives: (101, vec![]),
        query,
        refuses: [&[UpgradeRequired], refuses].concat(),
        more,
        ..Told::default()
    };
    let blob = |content_type| Told { gives: (200, vec![(content_type, anything())]), ..page(&[NotFound]) };
    let done = || json!({ "type": "object", "properties": { "ok": { "const": true } }, "required": ["ok"] });
    match route {
        Health => gives(done()),
        Site => Told { gives: ok(book.tells::<sync::SiteAnswer>()), ..page(&[]) },
        Privacy => {
            let mut told = page(&[]);
            told.query.push(("as", false, "`json` for a PrivacyNotice."));
            told.gives = (
                200,
                vec![
                    ("text/html", json!({ "type": "string" })),
                    ("application/json", book.tells::<privacy::PrivacyNotice>()),
                ],
            );
            told
        }
        Sync => Told {
            body: Some((book.takes::<sync::SyncRequest>(), SYNC_BODY_MAX_BYTES)),
            gives: ok(book.tells::<sync::SyncAnswer>()),
            more: "The origin is checked before the body is read. Sent as text/plain, so that a browser asks nothing first.",
            ..page(
                &[&BODY[..], &[OriginForbidden, KeyMismatch, ConsentOff, ConsentMissing, ProofInvalid, TooOld]]
                    .concat(),
            )
        },
        Coupon => Told {
            body: Some((book.takes::<coupon::CouponRequest>(), SMALL_BODY_MAX_BYTES)),
            gives: ok(book.tells::<coupon::CouponAnswer>()),
            ..page(&[&BODY[..], &[OriginForbidden, KeyMismatch, ConsentOff, ConsentMissing, TooManyRequests]].concat())
        },
        Chat => {
            book.tells::<chat::ChatServerFrame>();
            book.tells::<chat::ChatClientFrame>();
            socket(
                vec![SITE, ("device", true, "The device's public id.")],
                &[BodyInvalid, SiteUnknown, OriginForbidden, KeyMismatch, ConsentOff, TooOld],
                "Sec-WebSocket-Protocol is `noren.1, KEY`: the device's key never stands in an address. Frames to the edge are \
                 ChatClientFrame, frames from it ChatServerFrame; `ping` is answered `pong`.",
            )
        }
        CampaignSchema | AdminSchema => {
            Told { gives: (200, vec![("application/schema+json", anything())]), ..Told::default() }
        }
        Program => blob("application/octet-stream"),
        Content => blob("application/json"),
        Track => takes(
            json!({ "type": "object", "description": "One call, or `batch` with a list of them, as Segment's clients send them; plain or gzip." }),
            INGEST_BODY_MAX_BYTES,
            book.tells::<ingest::IngestAnswer>(),
            &[Unauthorized, Forbidden, OriginForbidden, NotFound, TooManyRequests],
        ),
        TrackPreflight => Told { gives: (204, vec![]), refuses: vec![NotFound], ..Told::default() },
        TrackSettings => gives(json!({ "type": "object" })),
        ShopCoupon | ShopRedeem => takes(
            json!({
                "type": "object",
                "properties": {
                    "code": { "type": "string" }, "order": { "type": "string" }, "total": { "type": ["number", "null"] },
                },
                "required": ["code"],
            }),
            SMALL_BODY_MAX_BYTES,
            json!({ "type": "object" }),
            &[NotFound],
        ),
        SessionWho => gives(book.tells::<admin::Session>()),
        SessionOpen => takes(
            book.takes::<admin::SignIn>(),
            SMALL_BODY_MAX_BYTES,
            book.tells::<admin::Session>(),
            &[Unauthorized, OriginForbidden],
        ),
        SessionClose => Told { refuses: vec![OriginForbidden], ..gives(done()) },
        Sites => gives(json!({ "type": "array", "items": { "type": "string" } })),
        SiteLook => gives(book.tells::<admin::SiteInfo>()),
        SiteSettle => {
            takes(book.takes::<admin::SettleSite>(), ADMIN_BODY_MAX_BYTES, book.tells::<admin::SiteInfo>(), &[])
        }
        Campaigns => gives(book.tells::<admin::CampaignList>()),
        Publish => takes(
            book.takes::<admin::PublishRequest>(),
            ADMIN_BODY_MAX_BYTES,
            book.tells::<admin::PublishAnswer>(),
            &[VersionConflict, CampaignsInvalid, SiteInvalid],
        ),
        Unpublish => Told {
            refuses: vec![NotFound, VersionConflict, CampaignsInvalid, SiteInvalid],
            ..gives(book.tells::<admin::PublishAnswer>())
        },
        Document => gives(book.tells::<admin::SiteDocument>()),
        DocumentSettle => takes(
            book.takes::<admin::SettleDocument>(),
            ADMIN_BODY_MAX_BYTES,
            book.tells::<admin::PublishAnswer>(),
            &[VersionConflict, CampaignsInvalid, SiteInvalid],
        ),
        Check => {
            takes(book.takes::<admin::CheckRequest>(), ADMIN_BODY_MAX_BYTES, book.tells::<admin::CheckAnswer>(), &[])
        }
        Rollback => takes(
            book.takes::<admin::RollbackRequest>(),
            ADMIN_BODY_MAX_BYTES,
            book.tells::<admin::PublishAnswer>(),
            &[NotFound, VersionConflict, CampaignsInvalid, SiteInvalid],
        ),
        Versions => gives(book.tells::<admin::VersionList>()),
        Audit => gives(book.tells::<admin::AuditList>()),
        NumbersOf => Told {
            query: vec![
                ("from", false, "First instant, Unix ms."),
                ("until", false, "First instant no longer, Unix ms."),
            ],
            ..gives(book.tells::<admin::Numbers>())
        },
        Conversations => gives(book.tells::<admin::ConversationList>()),
        PersonFacts => Told {
            query: vec![("user", true, "The site's own id of the person.")],
            refuses: vec![BodyInvalid],
            ..gives(book.tells::<sync::Facts>())
        },
        PersonLook => Told { refuses: vec![BodyInvalid, NotFound], ..gives(book.tells::<admin::PersonInfo>()) },
        PersonUndo => takes(
            book.takes::<admin::UndoRequest>(),
            SMALL_BODY_MAX_BYTES,
            book.tells::<admin::PersonInfo>(),
            &[NotFound],
        ),
        PersonExported => Told { refuses: vec![BodyInvalid, NotFound], ..gives(book.tells::<admin::PersonExport>()) },
        PersonUnalias => Told { refuses: vec![BodyInvalid, NotFound], ..gives(book.tells::<admin::PersonInfo>()) },
        PersonSensitive => {
            Told { refuses: vec![BodyInvalid, NotFound], ..gives(book.tells::<crate::privacy::SensitiveTraits>()) }
        }
        PersonErase => Told { refuses: vec![BodyInvalid, NotFound], ..gives(book.tells::<admin::Receipt>()) },
        DeviceErase => Told { refuses: vec![NotFound], ..gives(book.tells::<admin::Receipt>()) },
        Proof => {
            takes(book.takes::<admin::ProofRequest>(), SMALL_BODY_MAX_BYTES, book.tells::<admin::ProofSecret>(), &[])
        }
        Findings => gives(book.tells::<admin::FindingList>()),
        Recount => takes(
            book.takes::<admin::RecountRequest>(),
            SMALL_BODY_MAX_BYTES,
            book.tells::<admin::RecountAnswer>(),
            &[],
        ),
        Measure => Told {
            query: vec![
                ("device", false, "A device's public id."),
                ("user", false, "Or a user id."),
                ("shard", false, "Or a shard."),
            ],
            refuses: vec![NotFound],
            ..gives(json!({ "type": "object" }))
        },
        Live => {
            book.tells::<admin::LiveFrame>();
            socket(
                vec![("shard", true, "Which of the site's shards, from 0.")],
                &[BodyInvalid],
                "Frames are LiveFrame.",
            )
        }
        OperatorChat => socket(
            vec![("conversation", true, "Its id.")],
            &[NotFound],
            "Frames to the edge are ChatClientFrame, frames from it ChatServerFrame.",
        ),
        Pools => gives(book.tells::<coupon::PoolList>()),
        PoolLook => Told { refuses: vec![NotFound], ..gives(book.tells::<coupon::PoolAnswer>()) },
        PoolFill => takes(
            book.takes::<coupon::PoolRequest>(),
            ADMIN_BODY_MAX_BYTES,
            book.tells::<coupon::PoolAnswer>(),
            &[NotFound],
        ),
        PoolExport => Told {
            query: vec![("after", false, "What the page before gave as `next`.")],
            refuses: vec![NotFound],
            ..gives(book.tells::<coupon::PoolCodes>())
        },
        Redeem | Release => takes(
            book.takes::<coupon::RedeemRequest>(),
            SMALL_BODY_MAX_BYTES,
            book.tells::<coupon::RedeemAnswer>(),
            &[],
        ),
        Keys => gives(book.tells::<keys::KeyList>()),
        KeyCreate => {
            takes(book.takes::<keys::CreateKey>(), SMALL_BODY_MAX_BYTES, book.tells::<keys::CreatedKey>(), &[])
        }
        KeyRevoke => Told { refuses: vec![NotFound], ..gives(book.tells::<keys::KeyInfo>()) },
    }
}

/// The text of the braces of a path.
fn braces(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
}

fn operation(route: Route, book: &mut Book) -> Json {
    let Told { body, query, gives: (status, content), mut refuses, more } = told(route, book);
    refuses.push(Internal);
    let needs = route.needs();
    if needs != Needs::Nothing {
        refuses.extend([Unauthorized, Forbidden, OriginForbidden]);
    }
    if route.path().contains("{site}") {
        refuses.push(SiteUnknown);
    }
    let words = route.words().trim();
    let description = match needs {
        Needs::Nothing => more.to_owned(),
        Needs::AnyKey => format!("Opens to a session and to any server key of the site. {more}"),
        Needs::Scope(scope) => format!("Opens to a session and to a server key with the scope `{scope}`. {more}"),
        Needs::Person => format!("Opens to a session. {more}"),
    };
    let mut parameters: Vec<Json> = braces(route.path())
        .map(|name| {
            let schema = if name == "call" { json!({ "enum": CALLS }) } else { json!({ "type": "string" }) };
            json!({ "name": name, "in": "path", "required": true, "schema": schema })
        })
        .collect();
    parameters.extend(query.iter().map(|(name, required, what)| {
        json!({ "name": name, "in": "query", "required": required, "description": what, "schema": { "type": "string" } })
    }));
    let mut responses = serde_json::Map::new();
    let content: serde_json::Map<String, Json> =
        content.into_iter().map(|(kind, schema)| (kind.into(), json!({ "schema": schema }))).collect();
    let mut success = json!({ "description": words });
    if !content.is_empty() {
        success["content"] = content.into();
    }
    responses.insert(status.to_string(), success);
    responses.extend(refusals(&refuses, book));
    let mut operation = json!({
        "operationId": format!("{route:?}"),
        "summary": words,
        "description": description.trim(),
        "parameters": parameters,
        "responses": responses,
    });
    if let Some((schema, most)) = body {
        let limit = format!("JSON in UTF-8, at most {most} bytes; read as JSON whatever Content-Type says.");
        operation["requestBody"] =
            json!({ "required": true, "description": limit, "content": { "application/json": { "schema": schema } } });
    }
    operation["security"] = match needs {
        Needs::Nothing => json!([]),
        _ => json!([{ "session": [] }, { "token": [] }]),
    };
    operation
}

/// The answers to what is refused, by status.
fn refusals(codes: &[Code], book: &mut Book) -> serde_json::Map<String, Json> {
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for code in Code::ALL.into_iter().filter(|code| codes.contains(code)) {
        by_status.entry(code.status()).or_default().push(code.word());
    }
    let body = book.tells::<error::ErrorBody>();
    let answers = by_status.into_iter().map(|(status, words)| {
        let schema = json!({ "allOf": [body, { "properties": { "code": { "enum": words } } }] });
        let mut answer = json!({
            "description": format!("Refused: `{}`. Nothing was stored.", words.join("`, `")),
            "content": { "application/json": { "schema": schema } },
        });
        if status == TooManyRequests.status() {
            answer["headers"] = json!({ "Retry-After": { "required": true, "schema": { "type": "string" } } });
        }
        (status.to_string(), answer)
    });
    answers.collect()
}

/// A file that is served at a fixed address; all others carry a hash in their names or are pages.
fn file(words: &str, content_type: &str) -> Json {
    json!({ "get": { "operationId": words, "summary": words, "security": [], "parameters": [], "responses": {
        "200": { "description": words, "content": { (content_type): { "schema": {} } } },
        "304": { "description": "What `If-None-Match` names is still right." },
    } } })
}

fn document() -> Json {
    let mut book = Book::new();
    let mut paths = serde_json::Map::new();
    paths.insert("/tag.js".into(), file("The tag", "text/javascript"));
    paths.insert("/openapi.json".into(), file("This document", "application/json"));
    for route in Route::ALL {
        let operation = operation(*route, &mut book);
        let path = paths.entry(route.path()).or_insert_with(|| json!({}));
        path[route.method().to_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Noren",
            "version": crate::PROTOCOL.to_string(),
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
            "description": "Everything Noren says over HTTP. Times are Unix milliseconds. A method that is not described is answered 405 \
                `method_not_allowed`, an address that is not described 404 `not_found`, both with the body of every refusal. Answers may gain \
                members; what stands here stays.",
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": book.told.take_definitions(true),
            "securitySchemes": {
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-noren",
                    "description": "A browser's session. Writes and sockets must come from the edge's own pages." },
                "token": { "type": "http", "scheme": "bearer",
                    "description": "A session's value, or a server key of the site." },
            },
        },
    })
}

#[test]
fn the_description_of_the_interface_is_fresh() {
    let fresh = format!("{:#}\n", document());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    if known != fresh {
        std::fs::write(&file, &fresh).unwrap();
        panic!("docs/openapi.json was not fresh; it has been written again");
    }
}
