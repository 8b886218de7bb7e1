//! A conversation's object: messages in rows, both sides on hibernating sockets.

use std::cell::Cell;

use noren_edge::conversation::{self, Place, Who};
use noren_edge::name::{Kind, shard_of};
use noren_edge::outbox::{delivered, due, is_empty};
use noren_edge::{Failure, Result};
use noren_wire::admin::VisitorRow;
use noren_wire::bounds::FRAME_MAX_BYTES;
use noren_wire::chat::{ChatClientFrame, ChatServerFrame};
use noren_wire::error::{Code, Problem};
use serde::{Deserialize, Serialize};
use worker::{
    DurableObject, Env, Error, Headers, Request, Response, State, WebSocket, WebSocketIncomingMessage, WebSocketPair,
    WebSocketRequestResponsePair, console_error, durable_object,
};

use super::outbox::SiteDelivery;
use super::outbox::{again_after, deliver};
use super::sql::ObjectSql;
use super::{Memory, asked, empty, end, read, say, unknown, wake_in};
use crate::edge::{broken, now, object};

/// The shell.
#[durable_object]
pub struct Conversation {
    state: State,
    env: Env,
    sql: ObjectSql,
    armed: Memory<Cell<bool>>,
}

/// What a socket remembers through hibernation.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Seat {
    /// Version of this attachment.
    v: u32,
    operator: bool,
    name: String,
    site: String,
    device: String,
    shards: u32,
}

impl Seat {
    fn who(&self) -> Who {
        if self.operator { Who::Operator } else { Who::Visitor }
    }

    fn place(&self) -> Place<'_> {
        Place { site: &self.site, device: &self.device, shards: self.shards }
    }
}

impl DurableObject for Conversation {
    fn new(state: State, env: Env) -> Self {
        let sql = ObjectSql::of(&state);
        if let Ok(pair) = WebSocketRequestResponsePair::new("ping", "pong") {
            state.set_websocket_auto_response(&pair);
        }
        Conversation { state, env, sql, armed: Memory::default() }
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        if request.inner().url().ends_with("/socket") {
            return end(self.seat(&request));
        }
        end(self.answer(&mut request).await)
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.armed.set(false);
        end(self.wake().await.and_then(|()| say(&())))
    }

    async fn websocket_message(&self, ws: WebSocket, message: WebSocketIncomingMessage) -> worker::Result<()> {
        if let Err(failure) = self.hear(&ws, message).await {
            if let Failure::Broken(words) = &failure {
                console_error!("{}", words);
            }
            let body = failure.problem().body();
            ws.send(&ChatServerFrame::Error { code: body.code, message: body.message })?;
        }
        Ok(())
    }

    async fn websocket_close(&self, ws: WebSocket, code: usize, _reason: String, _clean: bool) -> worker::Result<()> {
        close_back(&ws, code);
        Ok(())
    }

    async fn websocket_error(&self, _ws: WebSocket, _error: Error) -> worker::Result<()> {
        Ok(())
    }
}

/// Complete the closing handshake. Codes a peer may not send (1005, 1006) are answered with the ordinary one.
pub fn close_back(ws: &WebSocket, code: usize) {
    let code = u16::try_from(code).ok().filter(|c| *c == 1000 || (3000..5000).contains(c)).unwrap_or(1000);
    // It may be closed already: then there is nothing to complete.
    let _ = ws.close(Some(code), Some(""));
}

impl Conversation {
    async fn wake(&self) -> Result<()> {
        let answered = deliver(&self.state, &self.env, due(&self.sql)?, |row, _| delivered(&self.sql, row.n)).await?;
        if is_empty(&self.sql)? {
            // Nothing was said since all was forgotten.
            if conversation::is_over(&self.sql)? {
                return empty(&self.state).await;
            }
            return Ok(());
        }
        wake_in(&self.state.storage(), again_after(answered)).await
    }

    async fn answer(&self, request: &mut Request) -> Result<Response> {
        let (what, body) = asked(request).await?;
        match what.as_str() {
            "receive" => {
                let delivery: SiteDelivery = read(&body)?;
                if conversation::receive(&self.sql, &delivery.site, &delivery.delivery)? {
                    self.deliver_soon().await?;
                }
                say(&())
            }
            "export" => say(&conversation::history(&self.sql, 0)?),
            _ => Err(unknown(&what)),
        }
    }

    fn seat(&self, request: &Request) -> Result<Response> {
        let header = |name: &str| request.headers().get(name).map_err(broken("header")).map(Option::unwrap_or_default);
        let seat = Seat {
            v: 1,
            operator: header("noren-who")? == "operator",
            name: header("noren-name")?,
            site: header("noren-site")?,
            device: header("noren-device")?,
            shards: header("noren-shards")?.parse().map_err(|_| unknown("without a shard count"))?,
        };
        let pair = WebSocketPair::new().map_err(broken("socket"))?;
        self.state.accept_web_socket(&pair.server);
        pair.server.serialize_attachment(&seat).map_err(broken("socket"))?;
        let response = Response::from_websocket(pair.client).map_err(broken("socket"))?;
        if seat.operator {
            return Ok(response);
        }
        let headers = Headers::new();
        headers.set("sec-websocket-protocol", "noren.1").map_err(broken("header"))?;
        Ok(response.with_headers(headers))
    }

    async fn hear(&self, ws: &WebSocket, message: WebSocketIncomingMessage) -> Result<()> {
        let WebSocketIncomingMessage::String(text) = message else { return Err(Code::BodyNotJson.into()) };
        if text.len() > FRAME_MAX_BYTES {
            return Err(Code::BodyTooLarge.into());
        }
        let mut frame = text.into_bytes();
        noren_wire::surrogate::mend(&mut frame);
        let frame: ChatClientFrame = noren_wire::error::parse(&frame)?;
        let seat: Option<Seat> = ws.deserialize_attachment().map_err(broken("socket"))?;
        let seat = seat.ok_or_else(|| Failure::from(Problem::from(Code::Internal)))?;
        match frame {
            ChatClientFrame::Hello { since } => self.hello(ws, &seat, since).await,
            ChatClientFrame::Say { cid, text } => self.say(ws, &seat, &cid, &text).await,
            ChatClientFrame::Typing => {
                let frame = ChatServerFrame::Typing { who: seat.who().word().into() };
                self.tell_others(ws, &frame, |other| other.operator != seat.operator);
                Ok(())
            }
            ChatClientFrame::Read { seq } => {
                if seat.operator && conversation::read(&self.sql, seat.place(), seq)? {
                    self.deliver_soon().await?;
                }
                Ok(())
            }
        }
    }

    async fn hello(&self, ws: &WebSocket, seat: &Seat, since: u64) -> Result<()> {
        let visitor = if seat.operator { Some(self.visitor(seat).await) } else { None };
        let messages = conversation::history(&self.sql, since)?;
        let frame = ChatServerFrame::History { messages, hours: true, visitor };
        ws.send(&frame).map_err(broken("socket"))
    }

    /// The visitor's row of the live list; for one who is not there, or cannot be looked up now, an empty one: an operator can answer anyway.
    async fn visitor(&self, seat: &Seat) -> VisitorRow {
        let shard = shard_of(&seat.device, seat.shards).to_string();
        let found = match object(&self.env, Kind::Shard, &seat.site, &shard) {
            Ok(shard) => shard.ask::<Option<VisitorRow>>("visitor", &seat.device).await.ok().flatten(),
            Err(_) => None,
        };
        found.unwrap_or_else(|| VisitorRow {
            device: seat.device.clone(),
            conversation: seat.device.clone(),
            ..VisitorRow::default()
        })
    }

    async fn say(&self, ws: &WebSocket, seat: &Seat, cid: &str, text: &str) -> Result<()> {
        let said = conversation::say(&self.sql, seat.place(), seat.who(), &seat.name, cid, text, now())?;
        // The runtime holds these frames back until the rows are on disk: what is acknowledged is stored.
        ws.send(&ChatServerFrame::Ack { cid: cid.into(), seq: said.message.seq }).map_err(broken("socket"))?;
        if said.new {
            self.tell_others(ws, &ChatServerFrame::Message { message: said.message }, |_| true);
            self.deliver_soon().await?;
        }
        Ok(())
    }

    fn tell_others(&self, from: &WebSocket, frame: &ChatServerFrame, wanted: impl Fn(&Seat) -> bool) {
        for other in self.state.get_websockets() {
            if &other == from {
                continue;
            }
            let seat: Option<Seat> = other.deserialize_attachment().ok().flatten();
            if seat.is_some_and(|seat| wanted(&seat)) {
                // One who is just leaving reads it from the history when back.
                let _ = other.send(frame);
            }
        }
    }

    async fn deliver_soon(&self) -> Result<()> {
        if self.armed.replace(true) { Ok(()) } else { wake_in(&self.state.storage(), 0).await }
    }
}
