//! A site's object, and under another name the house: sessions and the list of sites.

use noren_edge::Result;
use noren_edge::site::{self, By, house, keys};
use noren_wire::admin::SettleSite;
use noren_wire::error::Code;
use noren_wire::stored::KeyDoc;
use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::sql::ObjectSql;
use super::{asked, end, read, say, unknown};
use crate::answer::{self, Readers};

/// The shell.
#[durable_object]
pub struct Site {
    sql: ObjectSql,
}

#[derive(Deserialize)]
struct Settle {
    site: String,
    settle: SettleSite,
    by: By,
}

#[derive(Deserialize)]
struct NewKey {
    key: KeyDoc,
    by: By,
}

#[derive(Deserialize)]
struct OldKey {
    id: String,
    by: By,
}

#[derive(Deserialize)]
struct PoolNote {
    pool: String,
    by: By,
}

#[derive(Deserialize)]
struct Session {
    session: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    once: Option<String>,
    #[serde(default)]
    now: i64,
}

impl DurableObject for Site {
    fn new(state: State, _env: Env) -> Self {
        Site { sql: ObjectSql::of(&state) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        end(say(&()))
    }
}

impl Site {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        let sql = &self.sql;
        match what.as_str() {
            "load" => say(&site::load(sql)?),
            "settle" => {
                let asked: Settle = read(&body)?;
                say(&site::settle(sql, &asked.site, &asked.settle, &asked.by)?)
            }
            "documents" => say(&site::documents(sql, read(&body)?)?),
            "commit" => say(&site::commit(sql, &read(&body)?)?),
            "blob" => {
                let found = site::blob(sql, &read::<String>(&body)?)?.ok_or(Code::NotFound)?;
                Ok(answer::bytes(found, answer::headers("application/octet-stream", "no-store", Readers::Own)?))
            }
            "versions" => say(&site::versions(sql)?),
            "audit" => say(&site::audit(sql)?),
            "pool" => {
                let asked: PoolNote = read(&body)?;
                say(&site::note_pool(sql, &asked.pool, &asked.by)?)
            }
            "keys/create" => {
                let asked: NewKey = read(&body)?;
                say(&keys::create(sql, &asked.key, &asked.by)?)
            }
            "keys/revoke" => {
                let asked: OldKey = read(&body)?;
                say(&keys::revoke(sql, &asked.id, &asked.by)?)
            }
            "house/open" => {
                let asked: Session = read(&body)?;
                say(&house::open(sql, &asked.session, &asked.name, asked.once.as_deref(), asked.now)?)
            }
            "house/who" => {
                let asked: Session = read(&body)?;
                say(&house::who(sql, &asked.session, asked.now)?)
            }
            "house/close" => say(&house::close(sql, &read::<Session>(&body)?.session)?),
            "house/add" => say(&house::add_site(sql, &read::<String>(&body)?)?),
            "house/sites" => say(&house::sites(sql)?),
            _ => Err(unknown(&what)),
        }
    }
}
