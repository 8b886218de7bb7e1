//! A person's object.

use noren_edge::{Result, person};
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::sql::ObjectSql;
use super::{asked, end, read, say, unknown};

/// The shell.
#[durable_object]
pub struct Person {
    sql: ObjectSql,
}

impl DurableObject for Person {
    fn new(state: State, _env: Env) -> Self {
        Person { sql: ObjectSql::of(&state) }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        end(say(&()))
    }
}

impl Person {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        match what.as_str() {
            "receive" => say(&person::receive(&self.sql, &read(&body)?)?),
            "facts" => say(&person::facts(&self.sql, &read(&body)?)?),
            _ => Err(unknown(&what)),
        }
    }
}
