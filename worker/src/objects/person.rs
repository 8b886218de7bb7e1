//! A person's object.

use std::cell::Cell;

use noren_edge::outbox::{delivered, due, is_empty};
use noren_edge::person::{self, alias, erase, keep, merge, view};
use noren_edge::{Result, schema};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::outbox::{DELIVER_AFTER_MS, again_after, deliver};
use super::sql::ObjectSql;
use super::{Memory, asked, empty, end, measure, read, say, unknown, wake_at, wake_in};
use crate::edge::now;

/// The shell.
#[durable_object]
pub struct Person {
    state: State,
    env: Env,
    sql: ObjectSql,
    /// Whether the stored state was brought to this code's version.
    ready: Memory<Cell<bool>>,
    armed: Memory<Cell<bool>>,
}

impl DurableObject for Person {
    fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::of(&state);
        Person { state, env, sql, ready: Memory::default(), armed: Memory::default() }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(false);
        end(self.wake().await.and_then(|()| say(&())))
    }
}

impl Person {
    fn ready(&self) -> Result<()> {
        if !self.ready.get() {
            schema::open(&self.sql, &person::KIND)?;
            self.ready.set(true);
        }
        Ok(())
    }

    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        self.ready()?;
        let sql = &self.sql;
        match what.as_str() {
            "receive" => {
                let received = merge::receive(sql, &read(&body)?)?;
                if received.deliver {
                    self.deliver_soon().await?;
                } else if received.first
                    && let Some(due) = keep::due(sql)?
                {
                    wake_at(&self.state.storage(), due).await?;
                }
                say(&received.answer)
            }
            "undo" => {
                let undone = merge::undo(sql, &read(&body)?)?;
                if undone.is_some() {
                    self.deliver_soon().await?;
                }
                say(&undone.is_some())
            }
            "unalias" => {
                let (now, by): (i64, String) = read(&body)?;
                let undone = alias::undo(sql, now, &by)?;
                if undone.is_some() {
                    self.deliver_soon().await?;
                }
                say(&undone.is_some())
            }
            "sources" => say(&erase::sources(sql)?),
            "erase" => {
                let erased = erase::erase(sql, read(&body)?)?;
                if erased.as_ref().is_some_and(|erased| erased.pending > 0) {
                    self.deliver_soon().await?;
                }
                say(&erased)
            }
            "facts" => say(&view::facts(sql, &read(&body)?)?),
            "info" => say(&view::info(sql, &read(&body)?)?),
            "contributed" => say(&person::recount::contributed(sql)?),
            "measure" => measure(&self.state, sql).await,
            _ => Err(unknown(&what)),
        }
    }

    async fn deliver_soon(&self) -> Result<()> {
        if self.armed.replace(true) { Ok(()) } else { wake_in(&self.state.storage(), DELIVER_AFTER_MS).await }
    }

    /// All that is due: what is owed, then what is too old.
    async fn wake(&self) -> Result<()> {
        self.ready()?;
        let sql = &self.sql;
        let answered = deliver(&self.state, &self.env, due(sql)?, |row, _| delivered(sql, row.n)).await?;
        let nobody = keep::sweep(sql, now())?;
        if nobody && is_empty(sql)? {
            self.ready.set(false);
            return empty(&self.state).await;
        }
        let again = if is_empty(sql)? { None } else { Some(now() + again_after(answered)) };
        match again.into_iter().chain(keep::due(sql)?).min() {
            Some(due) => wake_at(&self.state.storage(), due).await,
            None => Ok(()),
        }
    }
}
