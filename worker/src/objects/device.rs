//! A browser's object.

use std::cell::{Cell, RefCell};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use noren_edge::device::{self, sync};
use noren_edge::goals::Goals;
use noren_edge::name::{Kind, person_id, shard_of};
use noren_edge::{Failure, Result, reports};
use noren_wire::coupon::CouponAnswer;
use noren_wire::error::Code;
use noren_wire::inner::{Bind, Bound, Delivery, DeviceClaim, DeviceSync, Owed, PoolClaim, Whoami};
use noren_wire::stored::DeviceDoc;
use noren_wire::sync::SyncRequest;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::outbox::{DELIVER_AFTER_MS, deliver};
use super::sql::ObjectSql;
use super::{Memory, asked, end, read, say, unknown, wake_in};
use crate::edge::{Edge, now, object};
use crate::rulebook::holds;
use crate::site_copy;

/// The shell.
#[durable_object]
pub struct Device {
    state: State,
    env: Env,
    sql: ObjectSql,
    /// The state row as last read or written; `None` when it must be read again.
    doc: Memory<RefCell<Option<Option<DeviceDoc>>>>,
    armed: Memory<Cell<bool>>,
}

impl DurableObject for Device {
    fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::of(&state);
        Device { state, env, sql, doc: Memory::default(), armed: Memory::default() }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(false);
        end(deliver(&self.state, &self.env, &self.sql).await.and_then(|()| say(&())))
    }
}

impl Device {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        match what.as_str() {
            "sync" => self.sync(&body).await,
            "receive" => self.receive(&read(&body)?).await,
            "claim" => self.claim(&read(&body)?).await,
            "whoami" => {
                let asked: Whoami = read(&body)?;
                device::whoami(self.doc()?.as_ref(), &asked)?;
                self.bind(&asked.site, &asked.device, asked.shards).await?;
                say(&())
            }
            _ => Err(unknown(&what)),
        }
    }

    fn doc(&self) -> Result<Option<DeviceDoc>> {
        if let Some(known) = &*self.doc.borrow() {
            return Ok(known.clone());
        }
        let doc = device::load(&self.sql)?;
        *self.doc.borrow_mut() = Some(doc.clone());
        Ok(doc)
    }

    /// Remember what was written, or nothing at all when writing failed.
    fn wrote<T>(&self, outcome: Result<T>, doc: impl FnOnce(&T) -> Option<DeviceDoc>) -> Result<T> {
        *self.doc.borrow_mut() = outcome.as_ref().ok().map(doc);
        outcome
    }

    /// At first sight, have the public id's shard note that it belongs to this object. The one time a page waits for that.
    async fn bind(&self, site: &str, device: &str, shards: u32) -> Result<()> {
        if self.doc()?.is_some() {
            return Ok(());
        }
        let shard = shard_of(device, shards).to_string();
        let asked = Bind { device: device.into(), object: self.state.id().to_string() };
        let bound: Bound = object(&self.env, Kind::Shard, site, &shard)?.ask("bind", &asked).await?;
        if bound.ok { Ok(()) } else { Err(Code::KeyMismatch.into()) }
    }

    async fn sync(&self, body: &str) -> Result<Response> {
        let handed: DeviceSync = serde_json::from_str(body)?;
        let asked: SyncRequest = serde_json::from_str(handed.body.get())?;
        self.bind(&asked.site, &asked.device, handed.shards).await?;
        let packed = STANDARD.decode(&handed.goals).map_err(|e| Failure::Broken(format!("goals: {e}")))?;
        let goals = Goals::unpack(&packed).map_err(|e| Failure::Broken(format!("goals: {e:?}")))?;
        let secret = self.env.var("NOREN_SECRET").map(|s| s.to_string()).unwrap_or_default();
        let person = |user: &str| person_id(&secret, &asked.site, user);
        let counts: Vec<Box<str>> = handed.counts.iter().map(|name| name.as_str().into()).collect();
        let at = sync::Surroundings {
            now: handed.now,
            program: &handed.program,
            shards: handed.shards,
            weights: &handed.weights,
            counts: &counts,
            goals: &goals,
            holds: &holds,
            person_id: &person,
            also: None,
        };
        let known = self.doc()?;
        let applied = self.wrote(sync::apply(&self.sql, known.as_ref(), &asked, &at), |applied| applied.doc.clone())?;
        if applied.after.deliver && !self.armed.replace(true) {
            wake_in(&self.state.storage(), DELIVER_AFTER_MS).await?;
        }
        say(&applied.synced)
    }

    /// What others' clients reported of this device, from an intake object.
    async fn receive(&self, delivery: &Delivery) -> Result<Response> {
        let site = match &delivery.owed {
            Owed::Reports { site, .. } | Owed::Alias { site, .. } => site,
            _ => return Err(Failure::Broken("a device was sent what is none of its".into())),
        };
        let edge = Edge::inside(self.env.clone());
        let doc = site_copy::settings(&edge, site).await?;
        let wants = site_copy::wants(&edge, &doc).await?;
        if let Owed::Reports { device, .. } | Owed::Alias { device, .. } = &delivery.owed {
            self.bind(site, device, doc.shards).await?;
        }
        let packed = STANDARD.decode(&wants.goals).map_err(|e| Failure::Broken(format!("goals: {e}")))?;
        let goals = Goals::unpack(&packed).map_err(|e| Failure::Broken(format!("goals: {e:?}")))?;
        let secret = edge.secret()?;
        let at = sync::Surroundings {
            now: now(),
            program: &doc.program,
            shards: doc.shards,
            weights: &doc.weights,
            counts: &wants.counts,
            goals: &goals,
            holds: &holds,
            person_id: &|user| person_id(&secret, site, user),
            also: None,
        };
        let known = self.doc()?;
        let received = self.wrote(reports::receive(&self.sql, known.as_ref(), delivery, &at), |r| r.doc.clone())?;
        if received.after.deliver && !self.armed.replace(true) {
            wake_in(&self.state.storage(), DELIVER_AFTER_MS).await?;
        }
        say(&())
    }

    async fn claim(&self, claim: &DeviceClaim) -> Result<Response> {
        self.bind(&claim.site, &claim.device, claim.shards).await?;
        if !device::coupon::may_claim(self.doc()?.as_ref(), claim)? {
            return say(&CouponAnswer::refused("not_eligible"));
        }
        let pool = object(&self.env, Kind::Pool, &claim.site, &claim.pool)?;
        let asked = PoolClaim { now: claim.now, visitor: claim.device.clone(), campaign: claim.campaign.clone() };
        let answer: CouponAnswer = pool.ask("claim", &asked).await?;
        // The pool knows whose code it is; should this not be written, the next claim brings the same code again.
        let known = self.doc()?;
        self.wrote(device::coupon::remember(&self.sql, known.as_ref(), claim, &answer), Clone::clone)?;
        say(&answer)
    }
}
