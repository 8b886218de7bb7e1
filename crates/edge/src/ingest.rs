//! Calls of Segment's clients as events of devices and persons: who a call is of, what it means, whether its caller may say it.
//!
//! Whatever a client reports is of a device: its `anonymousId` is one, and what is said of a `userId` without one is kept as that of a device
//! which stands for the word of servers (or of public keys) on that user. So each source is a part of its person, can be taken out
//! again, and the objects know of one way only to become somebody's. Objects and public ids of these devices are made under the
//! deployment's secret: nobody can aim at a browser's object by choosing an id. With a `userId` beside it, an `anonymousId` belongs to that user
//! from then on. A public key speaks for the client's own device; only a server's key may say of two ids that they are one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::read::MultiGzDecoder;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use noren_event::{Value, names, segment};
use noren_wire::bounds::{
    CLOCK_TOLERANCE_MS, EVENT_AGE_MAX_MS, EVENT_AHEAD_MAX_MS, FOREIGN_ID_MAX_BYTES, NAME_MAX_CHARS, NEWS_MS,
};
use noren_wire::error::{Code, Problem};
use noren_wire::ingest::{Body, IngestAnswer, Message, PassedOver};
use noren_wire::inner::{AliasWho, Destination, Group, IntakeBatch, Owed, ReportDoc};
use noren_wire::surrogate::mend;
use noren_wire::value::{from_json, to_json};
use serde_json::{Value as Json, json};

use crate::Result;
use crate::name::token_digest;

/// Calls that were passed over, named in an answer.
const PASSED_OVER_MAX: usize = 100;

/// Who vouches for a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A key that everybody can read in a page or an application.
    Public,
    /// A server's key that may report events.
    Server,
}

/// The objects' names, which only the deployment can make.
pub struct Names<'a> {
    /// A client's device, by what it is called (see [`client`]): the id of its object, and its public id.
    pub client: &'a dyn Fn(&str) -> (String, String),
    /// A person's object.
    pub person: &'a dyn Fn(&str) -> String,
}

/// What a client's device is called. No browser's key can be such a text: those hold neither a bar nor anything but base64url.
fn client(anonymous: Option<&str>, user: &str, trust: Trust) -> String {
    match (anonymous, trust) {
        (Some(anonymous), _) => format!("anonymous|{anonymous}"),
        (None, Trust::Server) => format!("server|{user}"),
        (None, Trust::Public) => format!("public|{user}"),
    }
}

/// Whose request it is, and when it came.
pub struct Arrival<'a> {
    /// Site key.
    pub site: &'a str,
    /// Who vouches for it.
    pub trust: Trust,
    /// The edge's clock.
    pub now: i64,
    /// The site's shard count.
    pub shards: u32,
    /// Random text of this request: makes ids for calls that have none.
    pub nonce: &'a str,
}

/// The kind of call that an address below `/v1/` takes; `Some(None)` for a batch, whose calls say it themselves.
pub fn kind_of(address: &str) -> Option<Option<&'static str>> {
    Some(match address {
        "batch" | "b" | "import" => None,
        "track" | "t" => Some("track"),
        "page" | "p" => Some("page"),
        "screen" | "s" => Some("screen"),
        "identify" | "i" => Some("identify"),
        "group" | "g" => Some("group"),
        "alias" | "a" => Some("alias"),
        _ => return None,
    })
}

/// The user name of an `Authorization: Basic` header: everything before the colon. `None` for any other header.
pub fn basic_user(header: &str) -> Option<String> {
    let (scheme, credentials) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = STANDARD_NO_PAD.decode(credentials.trim().trim_end_matches('=')).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let user = text.split(':').next().unwrap_or_default();
    (!user.is_empty()).then(|| user.to_owned())
}

/// A body as it was before it was packed: clients pack with gzip, and not all of them say so. What is not packed is as it is.
///
/// # Errors
/// `body_too_large` as soon as more than `most` bytes come out, whatever is still packed; `body_not_json` for a broken archive.
pub fn unpacked(body: &[u8], most: usize) -> core::result::Result<Cow<'_, [u8]>, Problem> {
    // No JSON begins with these.
    if !body.starts_with(&[0x1f, 0x8b]) {
        return Ok(Cow::Borrowed(body));
    }
    let mut bytes = Vec::new();
    let mut reader = MultiGzDecoder::new(body).take(most as u64 + 1);
    reader.read_to_end(&mut bytes).map_err(|_| Problem::from(Code::BodyNotJson))?;
    mend(&mut bytes);
    if bytes.len() > most { Err(Code::BodyTooLarge.into()) } else { Ok(Cow::Owned(bytes)) }
}

/// Read a request's calls: all of them are as they must be, or none is taken.
///
/// # Errors
/// `body_invalid` with the field; `forbidden` where a public key speaks for two ids that are not its client's own.
pub fn batch(body: &Body, kind: Option<&str>, at: &Arrival, names: &Names) -> Result<(IntakeBatch, IngestAnswer)> {
    let mut sorted = Sorted { at, names, groups: Vec::new(), places: BTreeMap::new() };
    let mut answer = IngestAnswer { success: true, passed_over: Vec::new() };
    let mut ids: Option<Vec<String>> = Some(Vec::new());
    for i in 0..body.messages.len() {
        let message = body.message(i)?;
        match (&message.message_id, &mut ids) {
            (Some(id), Some(ids)) => ids.push(id.clone()),
            _ => ids = None,
        }
        let wrong = |field: &str, what: &str| Problem::field(&body.path(i, field), what);
        let (when, device_at) = moment(&message, body.sent_at.as_ref(), at.now)
            .map_err(|field| wrong(field, "a time such as 2026-11-22T09:30:00.000Z"))?;
        let code = match when {
            when if when < at.now.saturating_sub(EVENT_AGE_MAX_MS) => Some("event_too_old"),
            when if when > at.now.saturating_add(EVENT_AHEAD_MAX_MS) => Some("event_ahead"),
            _ => None,
        };
        let Some(kind) = kind.map(str::to_owned).or(message.kind.clone()) else {
            return Err(wrong("type", "track, page, screen, identify, group or alias").into());
        };
        let id = message.message_id.clone().unwrap_or_else(|| format!("{}.{i}", at.nonce));
        let call = Call { i, body, id, when, device_at, message };
        // A call that comes too late is checked like any other: what is wrong with it is worth knowing.
        let filed = call.read(&kind, at.trust)?;
        match code {
            None => filed.into_iter().for_each(|filed| sorted.put(filed)),
            Some(code) if answer.passed_over.len() < PASSED_OVER_MAX => {
                answer.passed_over.push(PassedOver { code: code.into(), path: body.path(i, "timestamp") });
            }
            Some(_) => {}
        }
    }
    let digest = ids.filter(|ids| !ids.is_empty()).map(|ids| token_digest(&ids.join("\n")));
    Ok((IntakeBatch { now: at.now, digest, groups: sorted.groups }, answer))
}

/// What a call comes to, before its receivers are named.
enum Filed {
    /// An event of a client's device, by what it is called.
    Event(String, ReportDoc),
    /// A server says that whoever was called by the first id is the user of the second.
    Alias(String, String, i64),
}

struct Call<'a> {
    i: usize,
    body: &'a Body<'a>,
    id: String,
    when: i64,
    device_at: Option<i64>,
    message: Message,
}

impl Call<'_> {
    fn wrong(&self, field: &str, what: &str) -> Problem {
        Problem::field(&self.body.path(self.i, field), what)
    }

    fn read(mut self, kind: &str, trust: Trust) -> core::result::Result<Option<Filed>, Problem> {
        let properties = from_json(&self.message.properties);
        let (name, props) = match kind {
            "track" => {
                let event = self.message.event.take().filter(|name| !name.is_empty());
                let Some(event) = event else { return Err(self.wrong("event", "the event's name")) };
                if event.chars().count() > NAME_MAX_CHARS {
                    return Err(self.wrong("event", "1 to 100 characters"));
                }
                if segment::is_reserved(&event) {
                    return Err(self.wrong("event", "a name that is not one of Noren's own"));
                }
                segment::track(&event, properties)
            }
            "page" => segment::page(self.message.name.as_deref(), properties, &from_json(&self.message.context)),
            "screen" => segment::screen(self.message.name.as_deref(), properties),
            "identify" => (names::IDENTIFY.into(), self.identify()),
            "group" => {
                let Some(group) = self.message.group_id.as_deref() else {
                    return Err(self.wrong("groupId", "the group's id"));
                };
                let props = json!({ "group_id": group, "traits": self.message.traits });
                (segment::JOIN_GROUP.into(), from_json(&props))
            }
            "alias" => return self.alias(trust),
            _ => return Err(self.wrong("type", "track, page, screen, identify, group or alias")),
        };
        self.file(&name, &props, trust).map(Some)
    }

    /// The properties of an `identify`: some clients send traits in the context only.
    fn identify(&self) -> Value {
        let own = Some(&self.message.traits).filter(|traits| traits.is_object());
        let traits = own.or(self.message.context.get("traits")).cloned().unwrap_or(Json::Null);
        let mut props = Value::Map(Vec::new());
        if let Some(user) = &self.message.user_id {
            props.set("user_id", Value::str(user));
        }
        if traits.is_object() {
            props.set("traits", from_json(&traits));
        }
        props
    }

    fn file(self, name: &str, props: &Value, trust: Trust) -> core::result::Result<Filed, Problem> {
        let (anonymous, user) = (self.message.anonymous_id.clone(), self.message.user_id.clone());
        if anonymous.is_none() && user.is_none() {
            return Err(self.wrong("userId", "userId, anonymousId or both"));
        }
        let called = client(anonymous.as_deref(), user.as_deref().unwrap_or_default(), trust);
        let report = ReportDoc {
            id: self.id,
            at: self.when,
            device_at: self.device_at,
            name: name.into(),
            props: to_json(props),
            user,
            server: trust == Trust::Server,
            told: false,
        };
        Ok(Filed::Event(called, report))
    }

    fn alias(self, trust: Trust) -> core::result::Result<Option<Filed>, Problem> {
        let Some(user) = self.message.user_id.clone() else {
            return Err(self.wrong("userId", "the id that stays"));
        };
        let own = self.message.anonymous_id.clone();
        let Some(previous) = self.message.previous_id.clone().or(own.clone()) else {
            return Err(self.wrong("previousId", "the id that was used before"));
        };
        if own.as_deref() == Some(previous.as_str()) {
            // The client says who it is: what `identify` says.
            let props = self.identify();
            return self.file(names::IDENTIFY, &props, trust).map(Some);
        }
        if trust == Trust::Public {
            return Err(Problem {
                path: Some(self.body.path(self.i, "previousId")),
                message: Some(
                    "a public key speaks for its own anonymousId only; a server's key may join other ids".into(),
                ),
                ..Code::Forbidden.into()
            });
        }
        // An id that is its own is joined already.
        Ok((previous != user).then_some(Filed::Alias(previous, user, self.when)))
    }
}

/// Calls sorted by receiver, in order of first mention.
struct Sorted<'a> {
    at: &'a Arrival<'a>,
    names: &'a Names<'a>,
    groups: Vec<Group>,
    places: BTreeMap<String, usize>,
}

impl Sorted<'_> {
    fn put(&mut self, filed: Filed) {
        let site = self.at.site.to_owned();
        match filed {
            Filed::Event(called, report) => {
                self.news(&report);
                let (object, device) = (self.names.client)(&called);
                let Some(group) = self.group("client", object) else { return };
                match group.owed.last_mut() {
                    Some(Owed::Reports { reports, .. }) => reports.push(report),
                    _ => group.owed.push(Owed::Reports { site, device, reports: vec![report] }),
                }
            }
            Filed::Alias(previous, user, at) => {
                // Which of these the former id was, they know themselves.
                let (id, device) = (self.names.client)(&client(Some(&previous), &previous, Trust::Server));
                let [person, is] = [&previous, &user].map(|user| (self.names.person)(user));
                let who = Some(AliasWho { person: person.clone(), is, shards: self.at.shards });
                for (kind, id, device, who) in [("client", id, device, None), ("person", person, String::new(), who)] {
                    let (site, previous, user, anonymous) =
                        (site.clone(), previous.clone(), user.clone(), who.is_none());
                    let owed = Owed::Alias { site, device, anonymous, previous, user, at, who };
                    if let Some(group) = self.group(kind, id) {
                        group.owed.push(owed);
                    }
                }
            }
        }
    }

    /// What a server reports of a person may decide something in a page they have open.
    fn news(&mut self, report: &ReportDoc) {
        let of_now = report.at > self.at.now.saturating_sub(NEWS_MS) && report.name != names::IDENTIFY;
        let Some(user) = report.user.as_ref().filter(|_| report.server && of_now) else { return };
        let (site, report) = (self.at.site.to_owned(), ReportDoc { told: true, ..report.clone() });
        let Some(group) = self.group("person", (self.names.person)(user)) else { return };
        match group.owed.last_mut() {
            Some(Owed::News { reports, .. }) => reports.push(report),
            _ => group.owed.push(Owed::News { site, reports: vec![report] }),
        }
    }

    fn group(&mut self, kind: &str, id: String) -> Option<&mut Group> {
        let count = self.groups.len();
        let place = *self.places.entry(format!("{kind}/{id}")).or_insert(count);
        if place == count {
            let to = Destination { kind: kind.into(), site: self.at.site.into(), id };
            self.groups.push(Group { to, owed: Vec::new() });
        }
        self.groups.get_mut(place)
    }
}

/// When a call happened, by the edge's clock, and by the client's where that differs. Clients say when they sent it, so that a wrong clock is
/// known for one; without a time of its own a call happened when it came.
fn moment(
    message: &Message,
    sent_at: Option<&Json>,
    now: i64,
) -> core::result::Result<(i64, Option<i64>), &'static str> {
    let read = |field: &'static str, value: &Json| match value {
        Json::Null => Ok(None),
        value => time(value).map(Some).ok_or(field),
    };
    let own = match read("timestamp", &message.timestamp)? {
        Some(at) => Some(at),
        None => read("originalTimestamp", &message.original_timestamp)?,
    };
    let sent = match sent_at {
        Some(sent) => read("sentAt", sent)?,
        None => read("sentAt", &message.sent_at)?,
    };
    let Some(own) = own else { return Ok((now, None)) };
    let off = sent.map_or(0, |sent| now.saturating_sub(sent));
    if off.abs() > CLOCK_TOLERANCE_MS { Ok((own.saturating_add(off), Some(own))) } else { Ok((own, None)) }
}

/// A time as clients write it: ISO 8601 with an offset, without one as UTC, or Unix milliseconds.
fn time(value: &Json) -> Option<i64> {
    match value {
        // 2^53: beyond it a double no longer tells one millisecond from the next.
        Json::Number(n) => n.as_f64().filter(|n| n.abs() <= 9_007_199_254_740_992.0).map(|n| n.floor() as i64),
        Json::String(text) if text.len() <= FOREIGN_ID_MAX_BYTES => {
            let with_offset = text.parse::<jiff::Timestamp>().ok();
            let without = || text.parse::<DateTime>().ok()?.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
            with_offset.or_else(without).map(|at| at.as_millisecond())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
