//! A shard's object: counters and register in rows, presence in memory, watchers on hibernating sockets.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use noren_edge::shard::presence::{Presence, SAVE_AFTER_MS};
use noren_edge::shard::recount;
use noren_edge::{Result, schema, shard};
use noren_wire::admin::LiveFrame;
use noren_wire::inner::{Bind, Bound, Delivery, Owed, Presence as News, Visit};
use worker::{
    Delay, DurableObject, Env, Error, Request, Response, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair, console_error, durable_object,
};

use super::sql::ObjectSql;
use super::{Memory, asked, end, measure, read, say, unknown, wake_in};
use crate::edge::{broken, now};

/// The shell.
#[durable_object]
pub struct Shard {
    state: State,
    sql: ObjectSql,
    presence: Memory<Rc<RefCell<Option<Presence>>>>,
    saving: Memory<Rc<Cell<bool>>>,
    armed: Memory<Cell<bool>>,
    ready: Memory<Cell<bool>>,
}

impl DurableObject for Shard {
    fn new(state: State, _env: Env) -> Self {
        let sql = ObjectSql::of(&state);
        if let Ok(pair) = WebSocketRequestResponsePair::new("ping", "pong") {
            state.set_websocket_auto_response(&pair);
        }
        let (saving, armed, ready) = (Memory::default(), Memory::default(), Memory::default());
        Shard { state, sql, presence: Memory::default(), saving, armed, ready }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(false);
        end(self.sweep().await.and_then(|()| say(&())))
    }

    async fn websocket_message(&self, _ws: WebSocket, _message: WebSocketIncomingMessage) -> worker::Result<()> {
        Ok(())
    }

    async fn websocket_close(&self, ws: WebSocket, code: usize, _reason: String, _clean: bool) -> worker::Result<()> {
        super::conversation::close_back(&ws, code);
        Ok(())
    }

    async fn websocket_error(&self, _ws: WebSocket, _error: Error) -> worker::Result<()> {
        Ok(())
    }
}

impl Shard {
    /// Bring the stored state to this code's version.
    fn ready(&self) -> Result<()> {
        if !self.ready.get() {
            schema::open(&self.sql, &shard::KIND)?;
            self.ready.set(true);
        }
        Ok(())
    }

    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        self.ready()?;
        let sql = &self.sql;
        match what.as_str() {
            "bind" => say(&Bound { ok: shard::bind(sql, &read::<Bind>(&body)?)? }),
            "receive" => {
                let delivery: Delivery = read(&body)?;
                if let Owed::Forget { device, .. } = &delivery.owed {
                    let gone = News { device: device.clone(), gone: true, ..News::default() };
                    let frame = self.with_presence(|p| p.update(&gone, false))?;
                    self.broadcast(frame);
                    self.save_soon();
                }
                if let Some(conversation) = shard::receive(sql, &delivery)? {
                    let frame = self.with_presence(|p| p.converses(&conversation.device))?;
                    self.broadcast(frame.into_iter().chain([LiveFrame::Conversation { conversation }]));
                }
                say(&())
            }
            // One by one, as Workers of before send them while a deployment rolls out.
            "presence" => {
                self.news(&[read(&body)?]).await?;
                say(&())
            }
            "presences" => {
                self.news(&read::<Vec<News>>(&body)?).await?;
                say(&())
            }
            "visitor" => say(&self.with_presence(|p| p.visitor(&read::<String>(&body).unwrap_or_default()).cloned())?),
            "numbers" => {
                let (from, until) = read(&body)?;
                say(&shard::numbers(sql, from, until)?)
            }
            "totals" => say(&shard::totals::totals(sql, &read::<Vec<String>>(&body)?)?),
            "conversations" => say(&shard::conversations(sql)?),
            "findings" => say(&shard::findings(sql)?),
            "registered" => say(&shard::registered(sql, &read::<String>(&body)?)?),
            "passing" => {
                shard::passing::count(sql, &read(&body)?)?;
                say(&())
            }
            "recount/walk" => say(&(recount::walk(sql)?, recount::registered(sql)?)),
            "recount/begin" => say(&recount::begin(sql, now())?),
            "recount/next" => say(&recount::next(sql, read(&body)?)?),
            "recount/take" => say(&recount::take(sql, &read::<Vec<Visit>>(&body)?, now())?),
            "recount/found" => say(&recount::found(sql, read(&body)?)?),
            "measure" => measure(&self.state, sql).await,
            "socket" => self.watch(),
            _ => Err(unknown(&what)),
        }
    }

    fn with_presence<T>(&self, work: impl FnOnce(&mut Presence) -> T) -> Result<T> {
        let mut slot = self.presence.borrow_mut();
        if slot.is_none() {
            *slot = Some(Presence::load(&self.sql, now())?);
        }
        Ok(work(slot.get_or_insert_default()))
    }

    async fn news(&self, list: &[News]) -> Result<()> {
        let mut frames = Vec::new();
        for news in list {
            let known = self.with_presence(|p| p.knows(&news.device))?;
            let conversation = !known && !news.gone && shard::has_conversation(&self.sql, &news.device)?;
            frames.extend(self.with_presence(|p| p.update(news, conversation))?);
        }
        self.broadcast(frames);
        self.save_soon();
        self.sweep_later().await
    }

    /// Those silent for too long leave.
    async fn sweep(&self) -> Result<()> {
        self.ready()?;
        shard::keep::tidy(&self.sql, now())?;
        let gone = self.with_presence(|p| p.sweep(now()))?;
        if !gone.is_empty() {
            self.broadcast(gone);
            self.save_soon();
        }
        self.sweep_later().await
    }

    async fn sweep_later(&self) -> Result<()> {
        match self.with_presence(|p| p.next_sweep())? {
            Some(at) if !self.armed.replace(true) => wake_in(&self.state.storage(), at - now() + 100).await,
            _ => Ok(()),
        }
    }

    /// One row, a few seconds from now, for all changes until then.
    fn save_soon(&self) {
        if self.saving.replace(true) {
            return;
        }
        let (presence, saving, sql) = (self.presence.0.clone(), self.saving.0.clone(), self.sql.clone());
        self.state.wait_until(async move {
            Delay::from(Duration::from_millis(SAVE_AFTER_MS as u64)).await;
            saving.set(false);
            let outcome = presence.borrow().as_ref().map_or(Ok(()), |p| p.save(&sql));
            if let Err(failure) = outcome {
                console_error!("presence: {}", format!("{failure:?}"));
            }
        });
    }

    fn watch(&self) -> Result<Response> {
        let pair = WebSocketPair::new().map_err(broken("socket"))?;
        self.state.accept_web_socket(&pair.server);
        let snapshot = self.with_presence(|p| {
            p.sweep(now());
            p.snapshot()
        })?;
        pair.server.send(&snapshot).map_err(broken("socket"))?;
        Response::from_websocket(pair.client).map_err(broken("socket"))
    }

    fn broadcast(&self, frames: impl IntoIterator<Item = LiveFrame>) {
        let mut watchers = None;
        for frame in frames {
            for watcher in watchers.get_or_insert_with(|| self.state.get_websockets()) {
                // A watcher who is just leaving misses nothing that the next snapshot does not say.
                let _ = watcher.send(&frame);
            }
        }
    }
}
