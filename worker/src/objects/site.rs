//! A site's object, and under another name the house: sessions and the list of sites.
//!
//! One alarm serves what is due: renewing the program, and comparing totals with what campaigns stop at.

use std::cell::Cell;

use noren_edge::name::Kind;
use noren_edge::shard::totals;
use noren_edge::site::{self, By, ends, house, keys, program, publish};
use noren_edge::{Result, schema};
use noren_wire::admin::{ProofRequest, SettleSite};
use noren_wire::error::Code;
use noren_wire::inner::Total;
use noren_wire::stored::{KeyDoc, SiteDoc};
use serde::Deserialize;
use worker::{DurableObject, Env, Request, Response, State, console_error, durable_object};

use super::sql::ObjectSql;
use super::{Memory, asked, end, read, say, unknown, wake_in};
use crate::answer::{self, Readers};
use crate::edge::{now, object};
use crate::rulebook::Rulebook;

/// Until what could not be done is tried again.
const AGAIN_AFTER_MS: i64 = 60_000;

/// The shell.
#[durable_object]
pub struct Site {
    state: State,
    env: Env,
    sql: ObjectSql,
    /// Whether the live program was looked at since this object woke.
    looked: Memory<Cell<bool>>,
    /// Whether the stored state was brought to this code's version.
    ready: Memory<Cell<bool>>,
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
struct Renew {
    renew: ProofRequest,
    by: By,
}

#[derive(Deserialize)]
struct Deed {
    action: String,
    what: String,
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
    fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::of(&state);
        Site { state, env, sql, looked: Memory::default(), ready: Memory::default() }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        // Armed again before anything else: whatever happens to this run, there will be another.
        end(match self.wake_up(AGAIN_AFTER_MS).await {
            Ok(()) => self.tend().await.and_then(|()| say(&())),
            Err(failure) => Err(failure),
        })
    }
}

impl Site {
    /// Do what is due. What fails is logged and tried again.
    async fn tend(&self) -> Result<()> {
        let mut at_least_ms = 0;
        let renewed = program::renew(&self.sql, &Rulebook, now()).map(|_| ());
        for outcome in [renewed, self.count().await, site::keep::sweep(&self.sql, now()).map(|_| ())] {
            if let Err(failure) = outcome {
                console_error!("looking after the site: {}", format!("{failure:?}"));
                at_least_ms = AGAIN_AFTER_MS;
            }
        }
        self.wake_up(at_least_ms).await
    }

    /// Arm the alarm for what is due next, if anything is.
    async fn wake_up(&self, at_least_ms: i64) -> Result<()> {
        match site::due_at(&self.sql)? {
            Some(at) => wake_in(&self.state.storage(), (at - now()).max(at_least_ms)).await,
            None => Ok(()),
        }
    }

    /// Ask all shards for the totals of the campaigns that stop at one. A sum of some shards would be no total: one that does not answer
    /// leaves everything as it is.
    async fn count(&self) -> Result<()> {
        let Some(doc) = site::load(&self.sql)? else { return Ok(()) };
        if doc.due.and_then(|due| due.totals).is_none_or(|at| at > now()) {
            return Ok(());
        }
        let watched = ends::watched(&self.sql)?;
        let shares = self.totals(&doc, &watched).await?;
        ends::count(&self.sql, &Rulebook, &totals::sum(shares), now())
    }

    async fn totals(&self, doc: &SiteDoc, campaigns: &[String]) -> Result<Vec<Vec<Total>>> {
        let asked = (0..doc.shards).map(|shard| async move {
            object(&self.env, Kind::Shard, &doc.site, &shard.to_string())?.ask("totals", &campaigns).await
        });
        futures_util::future::join_all(asked).await.into_iter().collect()
    }

    /// See that the live program can be read by this code, once while the object is awake: a new Worker meets programs of the old one.
    async fn look_at_program(&self) -> Result<()> {
        if self.looked.replace(true) {
            return Ok(());
        }
        let mended = program::mend(&self.sql, &Rulebook, now()).unwrap_or_else(|failure| {
            console_error!("the live program cannot be compiled again: {}", format!("{failure:?}"));
            false
        });
        if mended {
            console_error!("the live program was of another Worker and has been compiled again");
        }
        // An alarm that was lost with a restored database, or never set because the platform failed, is not waited for.
        let overdue = site::due_at(&self.sql)?.is_some_and(|at| at <= now());
        if mended || overdue { self.wake_up(0).await } else { Ok(()) }
    }

    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        let sql = &self.sql;
        if !self.ready.get() {
            schema::open(sql, &site::KIND)?;
            self.ready.set(true);
        }
        match what.as_str() {
            "load" => {
                self.look_at_program().await?;
                say(&site::load(sql)?)
            }
            "settle" => {
                let asked: Settle = read(&body)?;
                say(&site::settle(sql, &asked.site, &asked.settle, &asked.by)?)
            }
            "listed" => say(&site::listed(sql)?),
            "document" => say(&site::document(sql)?),
            "publish" => {
                let published = publish::publish(sql, &Rulebook, &read(&body)?)?;
                // It is live whether or not the alarm could be set; the next look at the program would set it.
                if let Err(failure) = self.wake_up(0).await {
                    self.looked.set(false);
                    console_error!("alarm: {}", format!("{failure:?}"));
                }
                say(&published)
            }
            "blob" => {
                let found = site::blob(sql, &read::<String>(&body)?)?.ok_or(Code::NotFound)?;
                Ok(answer::bytes(found, answer::headers("application/octet-stream", "no-store", Readers::Own)?))
            }
            "versions" => say(&site::versions(sql)?),
            "audit" => say(&site::audit(sql)?),
            "proof" => {
                let asked: Renew = read(&body)?;
                say(&site::renew_proof(sql, &asked.renew, &asked.by)?)
            }
            "receive" => say(&site::receive(sql, &read(&body)?)?),
            "note" => {
                let asked: Deed = read(&body)?;
                say(&site::note_deed(sql, &asked.action, &asked.what, &asked.by)?)
            }
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
