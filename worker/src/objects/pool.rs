//! A coupon pool's object.

use noren_edge::{Result, pool};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::sql::ObjectSql;
use super::{asked, end, read, say, unknown};

/// The shell.
#[durable_object]
pub struct Pool {
    sql: ObjectSql,
}

impl DurableObject for Pool {
    fn new(state: State, _env: Env) -> Self {
        Pool { sql: ObjectSql::of(&state) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        end(say(&()))
    }
}

impl Pool {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        match what.as_str() {
            "fill" => say(&pool::fill(&self.sql, &read(&body)?)?),
            "state" => say(&pool::state(&self.sql)?),
            "claim" => say(&pool::claim(&self.sql, &read(&body)?)?),
            "redeem" => say(&pool::redeem(&self.sql, &read(&body)?)?),
            _ => Err(unknown(&what)),
        }
    }
}
