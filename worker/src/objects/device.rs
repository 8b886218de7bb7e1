//! A browser's object.

use std::cell::{Cell, RefCell};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use noren_edge::device::{self, When, join, keep, sync};
use noren_edge::goals::Goals;
use noren_edge::name::{Kind, person_id, shard_of};
use noren_edge::offer::Offered;
use noren_edge::outbox::{Due, delivered, due};
use noren_edge::proof::Proofs;
use noren_edge::sql::whole;
use noren_edge::{Failure, Result, consent, reports};
use noren_wire::coupon::CouponAnswer;
use noren_wire::error::Code;
use noren_wire::inner::{
    Bind, Bound, Delivery, DeviceClaim, DeviceSync, DeviceSynced, Owed, PartAnswer, PoolClaim, Whoami,
};
use noren_wire::stored::{DeviceDoc, Keep};
use noren_wire::sync::SyncRequest;
use worker::{DurableObject, Env, Request, Response, State, console_error, durable_object};

use super::outbox::{DELIVER_AFTER_MS, DELIVER_LATER_MS, again_after, deliver};
use super::pool::Named;
use super::sql::ObjectSql;
use super::{Memory, asked, empty, end, measure, read, say, unknown, wake_at};
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
    /// When the next delivery was arranged for, if one was since the object woke up.
    armed: Memory<Cell<Option<i64>>>,
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
        self.armed.set(None);
        end(self.wake().await.and_then(|()| say(&())))
    }
}

impl Device {
    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        match what.as_str() {
            "sync" => self.sync(&body).await,
            "receive" => self.receive(&read(&body)?).await,
            "claim" => self.claim(&read(&body)?, false).await,
            "claim-known" => self.claim(&read(&body)?, true).await,
            "contributed" => say(&device::recount::contributed(&self.sql, self.doc()?.as_ref())?),
            "apart" => say(&device::apart::read(&self.sql, read(&body)?)?),
            "export" => say(&device::erase::export(&self.sql, self.doc()?.as_ref(), read(&body)?)?),
            "erase" => {
                let Some(mut doc) = self.doc()?.filter(|doc| !doc.ended) else { return say(&None::<u32>) };
                let erased = whole(&self.sql, || device::erase::whole(&self.sql, &mut doc));
                let doc = self.wrote(erased.map(|()| doc), |doc| Some(doc.clone()))?;
                self.deliver(When::Soon).await?;
                say(&Some(doc.generation))
            }
            "measure" => measure(&self.state, &self.sql).await,
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
        if !device::must_bind(self.doc()?.as_ref()) {
            return Ok(());
        }
        self.register(site, device, shards).await
    }

    async fn register(&self, site: &str, device: &str, shards: u32) -> Result<()> {
        let shard = shard_of(device, shards).to_string();
        let asked = Bind { device: device.into(), object: self.state.id().to_string() };
        let bound: Bound = object(&self.env, Kind::Shard, site, &shard)?.ask("bind", &asked).await?;
        if bound.ok { Ok(()) } else { Err(Code::KeyMismatch.into()) }
    }

    async fn sync(&self, body: &str) -> Result<Response> {
        let handed: DeviceSync = serde_json::from_str(body)?;
        let asked: SyncRequest = serde_json::from_str(handed.body.get())?;
        if handed.asks {
            consent::check_known(self.doc()?.as_ref())?;
        }
        let counts: Vec<Box<str>> = handed.counts.iter().map(|name| name.as_str().into()).collect();
        if sync::is_passing(self.doc()?.as_ref(), &asked) {
            let answer = sync::fresh_answer(&asked, &handed.program, &handed.weights, &counts, handed.now);
            let presence = sync::fresh_presence(&asked, handed.now);
            return say(&DeviceSynced { answer, presence, remembers: None });
        }
        let device = handed.cookie.as_ref().map_or(&asked.device, |(device, _)| device);
        self.bind(&asked.site, device, handed.shards).await?;
        let packed = STANDARD.decode(&handed.goals).map_err(|e| Failure::Broken(format!("goals: {e}")))?;
        // While a deployment rolls out, the Worker and this object may be of different versions.
        let goals = Goals::unpack(&packed).unwrap_or_else(|e| {
            console_error!("goals cannot be read and are not counted for now: {}", format!("{e:?}"));
            Goals::default()
        });
        let secret = self.env.var("NOREN_SECRET").map(|s| s.to_string()).unwrap_or_default();
        let person = |user: &str| person_id(&secret, &asked.site, user);
        let at = sync::Surroundings {
            now: handed.now,
            program: &handed.program,
            shards: handed.shards,
            weights: &handed.weights,
            counts: &counts,
            goals: &goals,
            goals_mark: &handed.goals_mark,
            holds: &holds,
            proofs: &Proofs::new(&handed.proof.0, handed.proof.1, &secret, &asked.site),
            keep: handed.keep,
            sensitive: &handed.sensitive,
            person_id: &person,
            also: None,
        };
        let known = self.doc()?;
        let applied = match handed.cookie {
            Some(cookie) => sync::apply_known(&self.sql, known.as_ref(), &asked, cookie, &at),
            None => sync::apply(&self.sql, known.as_ref(), &asked, &at),
        };
        let applied = self.wrote(applied, |applied| applied.doc.clone())?;
        // The alarm is set in one go with the rows that call for it, so neither is ever there without the other.
        if let Some(when) = applied.after.deliver {
            self.deliver(when).await?;
        } else if applied.after.first {
            wake_at(&self.state.storage(), keep::first_due(handed.now, handed.keep)).await?;
        }
        say(&applied.synced)
    }

    /// What another object owes this one.
    async fn receive(&self, delivery: &Delivery) -> Result<Response> {
        if let Owed::Reports { site, device, .. } | Owed::Alias { site, device, .. } = &delivery.owed {
            return self.report(site, device, delivery).await;
        }
        let known = self.doc()?;
        self.wrote(device::join::receive(&self.sql, known.as_ref(), delivery), Clone::clone)?;
        self.deliver(When::Soon).await?;
        say(&())
    }

    /// What others' clients and servers reported of this device.
    async fn report(&self, site: &str, device: &str, delivery: &Delivery) -> Result<Response> {
        let edge = Edge::inside(self.env.clone());
        let doc = site_copy::settings(&edge, site).await?;
        let wants = site_copy::wants(&edge, &doc).await?;
        self.bind(site, device, doc.shards).await?;
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
            goals_mark: &wants.goals_mark,
            holds: &holds,
            proofs: &Proofs::new(&doc.proof, doc.proof_serial, &secret, site),
            keep: doc.keep,
            sensitive: &doc.sensitive,
            person_id: &|user| person_id(&secret, site, user),
            also: None,
        };
        let known = self.doc()?;
        let received = self.wrote(reports::receive(&self.sql, known.as_ref(), delivery, &at), |r| r.doc.clone())?;
        if let Some(when) = received.after.deliver {
            self.deliver(when).await?;
        } else if received.after.first {
            wake_at(&self.state.storage(), keep::first_due(at.now, doc.keep)).await?;
        }
        say(&())
    }

    async fn deliver(&self, when: When) -> Result<()> {
        let at = now() + if when == When::Soon { DELIVER_AFTER_MS } else { DELIVER_LATER_MS };
        if self.armed.get().is_some_and(|armed| armed <= at) {
            return Ok(());
        }
        self.armed.set(Some(at));
        wake_at(&self.state.storage(), at).await
    }

    /// What is owed: rows, then parts.
    fn owed(&self) -> Result<Vec<Due>> {
        let mut owed = due(&self.sql)?;
        if let Some(doc) = self.doc()? {
            owed.extend(join::due(&self.sql, &doc)?);
        }
        Ok(owed)
    }

    /// All that is due: what is owed, then what is too old.
    async fn wake(&self) -> Result<()> {
        let left = Cell::new(false);
        let heard = |row: &Due, answer: Option<&PartAnswer>| {
            left.set(left.get() || matches!(row.owed, Owed::Unbind { .. }));
            match self.doc()? {
                Some(known) => {
                    self.wrote(join::heard(&self.sql, &known, row, answer), |doc| Some(doc.clone())).map(|_| ())
                }
                None => delivered(&self.sql, row.n),
            }
        };
        let answered = deliver(&self.state, &self.env, self.owed()?, heard).await?;
        let Some(mut doc) = self.doc()? else { return Ok(()) };
        // The visitor came back while the shard was being told that the device is no more.
        if !doc.ended && left.get() {
            self.register(&doc.site, &doc.device, doc.shards).await?;
        }
        if keep::due(&self.sql, &doc)?.is_some_and(|due| due <= now()) {
            doc = self.wrote(keep::sweep(&self.sql, &doc, now()), |doc| Some(doc.clone()))?;
        }
        let again = if self.owed()?.is_empty() { None } else { Some(now() + again_after(answered)) };
        if doc.ended && again.is_none() {
            *self.doc.borrow_mut() = None;
            return empty(&self.state).await;
        }
        self.armed.set(again);
        match again.into_iter().chain(keep::due(&self.sql, &doc)?).min() {
            Some(due) => wake_at(&self.state.storage(), due).await,
            None => Ok(()),
        }
    }

    async fn claim(&self, claim: &DeviceClaim, asks: bool) -> Result<Response> {
        consent::check_claim(self.doc()?.as_ref(), asks)?;
        self.bind(&claim.site, &claim.device, claim.shards).await?;
        let edge = Edge::inside(self.env.clone());
        let settings = site_copy::settings(&edge, &claim.site).await?;
        let wants = site_copy::wants(&edge, &settings).await?;
        let offer = site_copy::offer(&edge, &settings, &claim.campaign, &claim.pool).await?;
        let offered = Offered {
            offer: offer.as_deref(),
            weights: &settings.weights,
            counts: &wants.counts,
            sensitive: &settings.sensitive,
            holds: &holds,
        };
        let Some(visitor) = device::coupon::may_claim(&self.sql, self.doc()?.as_ref(), claim, &offered)? else {
            return say(&CouponAnswer::refused("not_eligible"));
        };
        let ask = PoolClaim {
            now: claim.now,
            visitor,
            campaign: claim.campaign.clone(),
            person: device::coupon::person_of(self.doc()?.as_ref()),
            network: claim.network.clone(),
        };
        let asked = Named { site: claim.site.clone(), pool: claim.pool.clone(), ask };
        let pool = object(&self.env, Kind::Pool, &claim.site, &claim.pool)?;
        let answer: CouponAnswer = pool.ask("claim", &asked).await?;
        // The pool knows whose code it is; should this not be written, the next claim brings the same code again.
        let known = self.doc()?;
        let remembered =
            self.wrote(device::coupon::remember(&self.sql, known.as_ref(), claim, &answer), Clone::clone)?;
        if device::must_bind(known.as_ref()) && remembered.is_some() {
            wake_at(&self.state.storage(), keep::first_due(claim.now, Keep::default())).await?;
        }
        say(&answer)
    }
}
