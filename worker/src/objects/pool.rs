//! A coupon pool's object.

use std::cell::{Cell, RefCell};

use noren_edge::outbox::{self, delivered};
use noren_edge::pool::velocity::Velocity;
use noren_edge::pool::{self, lapse, make};
use noren_edge::{Result, schema};
use noren_wire::inner::{PoolClaim, PoolFill};
use serde::{Deserialize, Serialize};
use worker::{DurableObject, Env, Request, Response, State, console_error, durable_object};

use super::outbox::{AGAIN_AFTER_MS, DELIVER_AFTER_MS, again_after, deliver};
use super::sql::ObjectSql;
use super::{Memory, asked, end, measure, read, say, unknown, wake_at};
use crate::edge::{Edge, now};

/// The shell.
#[durable_object]
pub struct Pool {
    state: State,
    env: Env,
    sql: ObjectSql,
    ready: Memory<Cell<bool>>,
    /// When the next waking was arranged for, if one was since the object woke up.
    armed: Memory<Cell<Option<i64>>>,
    velocity: Memory<RefCell<Velocity>>,
}

/// A request about one of the site's pools: the object does not know which it is, and makes codes by that.
#[derive(Serialize, Deserialize)]
pub struct Named<T> {
    /// Site.
    pub site: String,
    /// Pool.
    pub pool: String,
    /// What is asked.
    pub ask: T,
}

impl DurableObject for Pool {
    fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::of(&state);
        let (ready, armed, velocity) = (Memory::default(), Memory::default(), Memory::default());
        Pool { state, env, sql, ready, armed, velocity }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(None);
        end(self.wake().await.and_then(|()| say(&())))
    }
}

impl Pool {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        let sql = &self.sql;
        self.ready()?;
        match what.as_str() {
            "fill" => {
                let asked: PoolFill = read(&body)?;
                let answer = pool::fill(sql, &asked, &self.secret(&asked.site, &asked.pool)?)?;
                self.arm().await?;
                say(&answer)
            }
            "state" => say(&pool::state(sql)?),
            "codes" => say(&pool::codes(sql, &read::<String>(&body)?)?),
            "claim" => {
                let asked: Named<PoolClaim> = read(&body)?;
                let secret = self.secret(&asked.site, &asked.pool)?;
                let answer = pool::claim(sql, &asked.ask, &mut self.velocity.borrow_mut(), &secret)?;
                self.arm().await?;
                say(&answer)
            }
            "redeem" | "release" => {
                let asked = read(&body)?;
                let answer = if what == "redeem" { pool::redeem(sql, &asked)? } else { pool::release(sql, &asked)? };
                self.arm().await?;
                say(&answer)
            }
            "measure" => measure(&self.state, sql).await,
            _ => Err(unknown(&what)),
        }
    }

    fn ready(&self) -> Result<()> {
        if !self.ready.get() {
            schema::open(&self.sql, &pool::KIND)?;
            self.ready.set(true);
        }
        Ok(())
    }

    fn secret(&self, site: &str, name: &str) -> Result<String> {
        Ok(make::secret(&Edge::inside(self.env.clone()).secret()?, site, name))
    }

    /// Wake up when the next code lapses, or soon where something is owed. What was arranged for earlier stands.
    async fn arm(&self) -> Result<()> {
        let now = now();
        let Some(due) = pool::due(&self.sql, now)? else { return Ok(()) };
        let at = due.max(now + DELIVER_AFTER_MS);
        if self.armed.get().is_some_and(|armed| armed <= at) {
            return Ok(());
        }
        self.armed.set(Some(at));
        wake_at(&self.state.storage(), at).await
    }

    /// Take back what lapsed, deliver what is owed. The runtime repeats an alarm whose handler did not return, so both may run twice.
    async fn wake(&self) -> Result<()> {
        self.ready()?;
        let Some(doc) = pool::load(&self.sql)? else { return Ok(()) };
        // A pool of the first schema, not settled since, has no codes that were made here, so no secret is asked for.
        let taken = lapse::sweep(&self.sql, &self.secret(&doc.site, &doc.pool)?, now());
        let answered =
            deliver(&self.state, &self.env, outbox::due(&self.sql)?, |row, _| delivered(&self.sql, row.n)).await?;
        if let Err(failure) = &taken {
            console_error!("taking codes back: {}", format!("{failure:?}"));
        }
        let Some(due) = pool::due(&self.sql, now())? else { return Ok(()) };
        let at_least = if taken.is_err() { AGAIN_AFTER_MS } else { again_after(answered) };
        let at = due.max(now() + at_least);
        self.armed.set(Some(at));
        wake_at(&self.state.storage(), at).await
    }
}
