//! An intake object: stores batches, hands them on from its alarm.

use std::cell::Cell;

use futures_util::future::join_all;
use noren_edge::Result;
use noren_edge::intake::{self, AT_ONCE, Handed, RUN_MAX};
use noren_edge::outbox::{delivered, due, is_empty};
use noren_wire::inner::{Delivery, IntakeBatch, PartAnswer};
use worker::{DurableObject, Env, Request, Response, State, console_error, durable_object};

use super::outbox::{AGAIN_AFTER_MS, SiteDelivery, deliver, receiver};
use super::sql::ObjectSql;
use super::{Memory, asked, end, read, say, unknown, wake_in};
use crate::edge::now;

/// The shell.
#[durable_object]
pub struct Intake {
    state: State,
    env: Env,
    sql: ObjectSql,
    armed: Memory<Cell<bool>>,
}

impl DurableObject for Intake {
    fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::of(&state);
        Intake { state, env, sql, armed: Memory::default() }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(false);
        end(self.hand_on().await.and_then(|()| say(&())))
    }
}

impl Intake {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        match what.as_str() {
            "accept" => {
                let batch: IntakeBatch = read(&body)?;
                if intake::accept(&self.sql, &batch)? && !self.armed.replace(true) {
                    // At once: whoever is waiting for it in an open page has a second.
                    wake_in(&self.state.storage(), 0).await?;
                }
                say(&())
            }
            _ => Err(unknown(&what)),
        }
    }

    /// First those who could not be reached before, then the batches in their order.
    async fn hand_on(&self) -> Result<()> {
        deliver(&self.state, &self.env, due(&self.sql)?, |row, _| delivered(&self.sql, row.n)).await?;
        let mut room = RUN_MAX;
        while room > 0
            && let Some(mut batch) = intake::current(&self.sql)?
        {
            while room > 0 && !batch.left.is_empty() {
                let some: Vec<Handed> = batch.left.iter().take(AT_ONCE.min(room)).cloned().collect();
                let unreached: Vec<Handed> =
                    join_all(some.iter().map(|handed| self.hand(handed))).await.into_iter().flatten().collect();
                intake::advance(&self.sql, &mut batch, some.len(), &unreached)?;
                room -= some.len();
            }
        }
        let now = now();
        intake::forget(&self.sql, now)?;
        let storage = self.state.storage();
        if intake::current(&self.sql)?.is_some() {
            wake_in(&storage, 0).await
        } else if !is_empty(&self.sql)? {
            wake_in(&storage, AGAIN_AFTER_MS).await
        } else if let Some(at) = intake::forgets_at(&self.sql)? {
            wake_in(&storage, at - now).await
        } else {
            Ok(())
        }
    }

    /// Hand on to one object, in order; what did not arrive comes back.
    async fn hand(&self, handed: &Handed) -> Option<Handed> {
        match self.try_hand(handed).await {
            (_, Ok(())) => None,
            (arrived, Err(failure)) => {
                console_error!("intake: {}", format!("{failure:?}"));
                Some(Handed { to: handed.to.clone(), owed: handed.owed.iter().skip(arrived).cloned().collect() })
            }
        }
    }

    async fn try_hand(&self, handed: &Handed) -> (usize, Result<()>) {
        let from = self.state.id().to_string();
        match intake::waits(&self.sql, &handed.to) {
            Ok(false) => {}
            // Behind what did not arrive, the rest waits.
            Ok(true) => return (0, Err(noren_edge::Failure::Broken("earlier events still wait".into()))),
            Err(failure) => return (0, Err(failure)),
        }
        for (arrived, (n, owed)) in handed.owed.iter().enumerate() {
            let delivery = Delivery { from: from.clone(), n: *n, owed: owed.clone() };
            let delivery = SiteDelivery { site: handed.to.site.clone(), delivery };
            let told = match receiver(&self.env, &handed.to) {
                Ok(object) => object.ask::<Option<PartAnswer>>("receive", &delivery).await.map(drop),
                Err(failure) => Err(failure),
            };
            if told.is_err() {
                return (arrived, told);
            }
        }
        (handed.owed.len(), Ok(()))
    }
}
