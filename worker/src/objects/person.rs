//! A person's object.

use std::cell::Cell;

use noren_edge::name::person_id;
use noren_edge::{Result, outbox, person};
use noren_wire::inner::{Delivery, Owed};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::outbox::{DELIVER_AFTER_MS, deliver};
use super::sql::ObjectSql;
use super::{Memory, asked, end, read, say, unknown, wake_in};

/// The shell.
#[durable_object]
pub struct Person {
    state: State,
    env: Env,
    sql: ObjectSql,
    armed: Memory<Cell<bool>>,
}

impl DurableObject for Person {
    fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::of(&state);
        Person { state, env, sql, armed: Memory::default() }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(false);
        end(deliver(&self.state, &self.env, &self.sql).await.and_then(|()| say(&())))
    }
}

impl Person {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        match what.as_str() {
            "receive" => self.receive(&read(&body)?).await,
            "facts" => say(&person::facts(&self.sql, &read(&body)?)?),
            _ => Err(unknown(&what)),
        }
    }

    async fn receive(&self, delivery: &Delivery) -> Result<Response> {
        let site = match &delivery.owed {
            Owed::Alias { site, .. } => site.as_str(),
            _ => "",
        };
        let secret = self.env.var("NOREN_SECRET").map(|s| s.to_string()).unwrap_or_default();
        person::receive(&self.sql, delivery, &|user| person_id(&secret, site, user))?;
        if !outbox::is_empty(&self.sql)? && !self.armed.replace(true) {
            wake_in(&self.state.storage(), DELIVER_AFTER_MS).await?;
        }
        say(&())
    }
}
