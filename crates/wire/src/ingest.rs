//! What the clients of Segment's tracking interface send: `/v1/batch`, `/v1/track` and the others. Their fields are theirs; unknown ones are passed
//! over. Ids may be text, numbers or null; times ISO 8601 or Unix milliseconds.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::bounds::{EVENT_MAX_BYTES, FOREIGN_ID_MAX_BYTES, INGEST_EVENTS_MAX};
use crate::error::{Code, Problem, parse};

/// A request's body: one call, or a batch of them.
#[derive(Debug)]
pub struct Body<'a> {
    /// Where the key was not in a header.
    pub write_key: Option<String>,
    /// The client's clock when it sent this, as written.
    pub sent_at: Option<Json>,
    /// The calls, each as it was written.
    pub messages: Vec<&'a RawValue>,
    /// Whether it is a batch: problems then name the place in it.
    pub is_batch: bool,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    batch: Option<&'a RawValue>,
    #[serde(rename = "writeKey", default)]
    write_key: Json,
    #[serde(rename = "sentAt", default)]
    sent_at: Json,
}

impl<'a> Body<'a> {
    /// Read a body as far as it must be known whose it is and how much there is in it.
    ///
    /// # Errors
    /// `body_not_json`; `body_invalid` at `batch`, also for more than [`INGEST_EVENTS_MAX`] calls; `body_too_large` at a call of more than
    /// [`EVENT_MAX_BYTES`].
    pub fn read(body: &'a [u8], is_batch: bool) -> Result<Body<'a>, Problem> {
        let whole: &RawValue = serde_json::from_slice(body).map_err(|_| Problem::from(Code::BodyNotJson))?;
        if !whole.get().starts_with('{') {
            return Err(Problem::field("", "an object"));
        }
        let envelope: Envelope = serde_json::from_str(whole.get()).map_err(|e| Problem::field("", &e.to_string()))?;
        let messages = if is_batch {
            let batch = envelope.batch.ok_or_else(|| Problem::field("batch", "a list of calls"))?;
            serde_json::from_str(batch.get()).map_err(|_| Problem::field("batch", "a list of calls"))?
        } else {
            vec![whole]
        };
        if messages.len() > INGEST_EVENTS_MAX {
            return Err(Problem::field("batch", "at most 2,500 events in one batch"));
        }
        let read = Body {
            write_key: envelope.write_key.as_str().map(Into::into),
            sent_at: Some(envelope.sent_at).filter(|at| !at.is_null()),
            messages,
            is_batch,
        };
        match read.messages.iter().position(|message| message.get().len() > EVENT_MAX_BYTES) {
            Some(i) => Err(Problem {
                message: Some("an event is at most 32 KB".into()),
                path: Some(read.path(i, "")),
                ..Code::BodyTooLarge.into()
            }),
            None => Ok(read),
        }
    }

    /// The path of a field of the `i`-th call.
    pub fn path(&self, i: usize, field: &str) -> String {
        match (self.is_batch, field.is_empty()) {
            (true, true) => format!("batch[{i}]"),
            (true, false) => format!("batch[{i}].{field}"),
            (false, _) => field.into(),
        }
    }

    /// The `i`-th call.
    ///
    /// # Errors
    /// `body_invalid` with the field.
    pub fn message(&self, i: usize) -> Result<Message, Problem> {
        let Some(raw) = self.messages.get(i) else { return Err(Problem::field(&self.path(i, ""), "a call")) };
        parse(raw.get().as_bytes()).map_err(|problem| {
            let field = problem.path.as_deref().filter(|path| *path != ".").unwrap_or("");
            Problem { path: Some(self.path(i, field)), ..problem }
        })
    }
}

/// One call.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Message {
    /// `track`, `page`, `identify`...: needed in a batch, given by the address else.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The site's own id of the person.
    #[serde(deserialize_with = "id")]
    pub user_id: Option<String>,
    /// The client's own id of the browser or application.
    #[serde(deserialize_with = "id")]
    pub anonymous_id: Option<String>,
    /// Of `alias`: the id that becomes `user_id`.
    #[serde(deserialize_with = "id")]
    pub previous_id: Option<String>,
    /// Of `group`.
    #[serde(deserialize_with = "id")]
    pub group_id: Option<String>,
    /// Made by the client, once a call: a repetition carries the same.
    #[serde(deserialize_with = "id")]
    pub message_id: Option<String>,
    /// Of `track`.
    pub event: Option<String>,
    /// Of `page` and `screen`.
    pub name: Option<String>,
    /// Of `track`, `page` and `screen`.
    pub properties: Json,
    /// Of `identify` and `group`.
    pub traits: Json,
    /// Where and how.
    pub context: Json,
    /// When it happened, by the client's clock.
    pub timestamp: Json,
    /// The same in other clients.
    pub original_timestamp: Json,
    /// When this call was sent, where the batch does not say.
    pub sent_at: Json,
}

/// An id: text or a whole number; null and empty text are none.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = match Json::deserialize(deserializer)? {
        Json::Null => return Ok(None),
        Json::String(text) => text,
        Json::Number(n) if n.is_i64() || n.is_u64() => n.to_string(),
        _ => return Err(D::Error::custom("expected text or a whole number")),
    };
    if text.len() > FOREIGN_ID_MAX_BYTES {
        return Err(D::Error::custom("at most 256 bytes"));
    }
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// The answer to what was stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct IngestAnswer {
    /// Always true.
    pub success: bool,
    /// Calls that were passed over for their time, at most the first 100 of them; left out when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, ts(optional, as = "Option<Vec<PassedOver>>"))]
    pub passed_over: Vec<PassedOver>,
}

/// A call that was understood and not taken, so that it is not sent for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct PassedOver {
    /// `event_too_old` (over 30 days) or `event_ahead` (over 24 hours).
    pub code: String,
    /// The field to blame.
    pub path: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(body: &str, is_batch: bool) -> String {
        let read = Body::read(body.as_bytes(), is_batch)
            .and_then(|b| (0..b.messages.len()).try_for_each(|i| b.message(i).map(drop)));
        let problem = read.unwrap_err();
        format!("{} {}", problem.code.word(), problem.path.unwrap_or_default())
    }

    #[test]
    fn ids_may_be_text_numbers_or_null() {
        let body = br#"{"userId":7,"anonymousId":null,"groupId":"","messageId":"m","event":"x","unknown":[]}"#;
        let message = Body::read(body, false).unwrap().message(0).unwrap();
        assert_eq!(message.user_id.as_deref(), Some("7"));
        assert_eq!((message.anonymous_id, message.group_id), (None, None));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        for (body, is_batch, expected) in [
            ("{", true, "body_not_json "),
            ("[]", true, "body_invalid "),
            ("null", false, "body_invalid "),
            (r#"{"batch":{}}"#, true, "body_invalid batch"),
            (r#"{}"#, true, "body_invalid batch"),
            (r#"{"batch":[7]}"#, true, "body_invalid batch[0]"),
            (r#"{"batch":[{},{"userId":true}]}"#, true, "body_invalid batch[1].userId"),
            (r#"{"event":[]}"#, false, "body_invalid event"),
            (r#"{"userId":1.5}"#, false, "body_invalid userId"),
        ] {
            assert_eq!(field(body, is_batch), expected, "{body}");
        }
        let long = format!(r#"{{"userId":"{}"}}"#, "u".repeat(FOREIGN_ID_MAX_BYTES + 1));
        assert_eq!(field(&long, false), "body_invalid userId");
    }

    #[test]
    fn a_batch_ends_at_2500_and_an_event_at_32_kilobytes() {
        let batch = |n: usize| format!(r#"{{"batch":[{}]}}"#, vec!["{}"; n].join(","));
        assert_eq!(Body::read(batch(INGEST_EVENTS_MAX).as_bytes(), true).unwrap().messages.len(), INGEST_EVENTS_MAX);
        assert_eq!(
            Body::read(batch(INGEST_EVENTS_MAX + 1).as_bytes(), true).unwrap_err().path.as_deref(),
            Some("batch")
        );
        let event = |bytes: usize| format!(r#"{{"batch":[{{}},{{"name":"{}"}}]}}"#, "x".repeat(bytes - 11));
        assert!(Body::read(event(EVENT_MAX_BYTES).as_bytes(), true).is_ok());
        let problem = Body::read(event(EVENT_MAX_BYTES + 1).as_bytes(), true).unwrap_err();
        assert_eq!((problem.code, problem.path.as_deref()), (Code::BodyTooLarge, Some("batch[1]")));
    }
}
