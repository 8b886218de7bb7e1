//! What a visitor's consent lets the edge do with what a page sends.
//!
//! | the page goes by | its visitor said | what is sent is |
//! | --- | --- | --- |
//! | `open` | nothing, or yes | kept |
//! | `ask` | yes | kept |
//! | `ask` | nothing | refused |
//! | `cookieless` | not no | counted and forgotten |
//! | any | no | refused, unless the no is in it: then the device is let go |
//!
//! A page's tag may name another mode than the site's and its word holds, for it is the site's own page that says it; `off` holds whatever a
//! page says and is decided before. An agent of before requests said what they go by is held to the site's mode: where that asks, the answer
//! must be in the request or known at the device's object.

use noren_event::names;
use noren_wire::bounds::{ANSWER_MAX_CHARS, ANSWERS_MAX};
use noren_wire::error::Code;
use noren_wire::stored::{AnswerDoc, DeviceDoc, EventDoc};
use noren_wire::sync::SyncRequest;
use serde_json::Value as Json;

use crate::{Failure, Result};

/// The answer that forbids everything.
const DENIED: &str = "denied";

/// What may become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It is kept.
    Kept,
    /// It is kept if the device's object knows of an answer that allows it.
    IfKnown,
    /// Its records count, and nothing of it is kept.
    Passing,
}

/// What is allowed under the site's mode (see `site::mode_for`).
///
/// # Errors
/// `consent_missing`.
pub fn allowed(mode: &str, request: &SyncRequest) -> Result<Allowed> {
    let (page, said) = match &request.consent {
        Some((page, said)) => (page.as_str(), said.as_deref()),
        None => ("", None),
    };
    // A page that knows an answer but not yet the mode goes by the site's.
    let page = if matches!(page, "open" | "ask" | "cookieless") { page } else { mode };
    // Storage holds the word `open` where a page of that mode was never asked anything.
    let said = said.filter(|said| !said.is_empty() && *said != "open");
    let within = last_answer(request);
    let denies = within.as_deref().or(said) == Some(DENIED);
    match (page, within.is_some(), denies) {
        ("cookieless", _, false) => Ok(Allowed::Passing),
        // The no itself is heard, or nobody could take an agreement back.
        ("open" | "ask", true, _) => Ok(Allowed::Kept),
        ("open", _, false) => Ok(Allowed::Kept),
        ("ask", _, false) if said.is_some() => Ok(Allowed::Kept),
        ("ask", _, false) if request.consent.is_none() => Ok(Allowed::IfKnown),
        _ => Err(Code::ConsentMissing.into()),
    }
}

/// Whether a coupon may be bound to this device; what a page goes by is not in its request, so `asks` says whether its site asks.
///
/// # Errors
/// `consent_missing`.
pub fn check_claim(known: Option<&DeviceDoc>, asks: bool) -> Result<()> {
    let unknown = known.is_none_or(|doc| doc.ended || doc.heard == 0);
    let refused = known.is_some_and(is_withdrawn) || (asks && unknown);
    if refused { Err(Failure::from(Code::ConsentMissing)) } else { Ok(()) }
}

/// Whether the object knows of an answer that allows to keep what this request brings.
///
/// # Errors
/// `consent_missing`.
pub fn check_known(known: Option<&DeviceDoc>) -> Result<()> {
    let agreed = known.and_then(|doc| doc.answers.last()).is_some_and(|last| last.answer != DENIED);
    if agreed { Ok(()) } else { Err(Failure::from(Code::ConsentMissing)) }
}

/// Whether the visitor's last word was no.
pub fn is_withdrawn(doc: &DeviceDoc) -> bool {
    doc.answers.last().is_some_and(|last| last.answer == DENIED)
}

fn last_answer(request: &SyncRequest) -> Option<String> {
    let answers = request.streams.iter().flat_map(|stream| &stream.events).filter(|event| event.name == names::CONSENT);
    answers.max_by_key(|event| (event.at, event.n)).map(|event| text(&event.props, "answer"))
}

/// Take note of the answers among new events, in the order they were given. `true` when one of them takes all agreement back.
pub fn note(doc: &mut DeviceDoc, new: &[EventDoc]) -> bool {
    let before = doc.answers.len();
    for event in new.iter().filter(|event| event.name == names::CONSENT) {
        let answer = AnswerDoc { at: event.at, answer: text(&event.props, "answer"), text: text(&event.props, "text") };
        doc.answers.push(answer);
    }
    let told = doc.answers.len() > before;
    doc.answers.sort_by_key(|answer| answer.at);
    let excess = doc.answers.len().saturating_sub(ANSWERS_MAX);
    doc.answers.drain(..excess);
    told && is_withdrawn(doc)
}

/// A text or a list of texts, joined; anything else is no answer and stands as nothing.
fn text(props: &Json, key: &str) -> String {
    let all = match props.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Array(list)) if list.is_empty() && key == "answer" => DENIED.into(),
        Some(Json::Array(list)) => list.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(","),
        _ => String::new(),
    };
    all.chars().take(ANSWER_MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use noren_wire::sync::{StreamBatch, WireEvent};
    use serde_json::json;

    /// What a page states: its mode and the visitor's answer.
    type Said<'a> = Option<(&'a str, Option<&'a str>)>;

    fn request(consent: Said, answers: &[Json]) -> SyncRequest {
        let events = answers.iter().enumerate().map(|(n, answer)| WireEvent {
            n: n as u64,
            at: n as i64,
            name: "consent".into(),
            props: json!({ "answer": answer }),
        });
        SyncRequest {
            v: 1,
            site: "demo".into(),
            device: String::new(),
            key: String::new(),
            consent: consent.map(|(mode, said)| (mode.into(), said.map(Into::into))),
            epoch: 0,
            generation: 0,
            sent_at: 0,
            program: String::new(),
            facts: false,
            fresh: false,
            raw: false,
            hidden: false,
            streams: vec![StreamBatch { id: String::new(), from: 0, done: false, events: events.collect() }],
        }
    }

    #[test]
    fn each_mode_takes_what_it_may() {
        use Allowed::*;
        let no = json!("denied");
        let rows: [(&str, Said, &[Json], Option<Allowed>); 22] = [
            ("open", None, &[], Some(Kept)),
            ("open", Some(("open", None)), &[], Some(Kept)),
            ("open", Some(("open", Some("open"))), &[], Some(Kept)),
            ("open", Some(("open", Some("denied"))), &[], None),
            ("open", Some(("open", None)), std::slice::from_ref(&no), Some(Kept)),
            ("open", Some(("cookieless", None)), &[], Some(Passing)),
            ("open", Some(("ask", None)), &[], None),
            ("ask", None, &[], Some(IfKnown)),
            ("ask", None, &[json!("granted")], Some(Kept)),
            ("ask", None, &[json!(["analytics"])], Some(Kept)),
            ("ask", Some(("ask", None)), &[], None),
            ("ask", Some(("ask", Some(""))), &[], None),
            ("ask", Some(("ask", Some("granted"))), &[], Some(Kept)),
            ("ask", Some(("ask", Some("analytics,marketing"))), &[], Some(Kept)),
            ("ask", Some(("ask", Some("denied"))), &[], None),
            ("ask", Some(("ask", Some("granted"))), std::slice::from_ref(&no), Some(Kept)),
            ("ask", Some(("", Some("granted"))), &[], Some(Kept)),
            ("ask", Some(("open", None)), &[], Some(Kept)),
            ("cookieless", None, &[], Some(Passing)),
            ("cookieless", Some(("", None)), &[], Some(Passing)),
            ("cookieless", Some(("cookieless", Some("denied"))), &[], None),
            ("cookieless", None, std::slice::from_ref(&no), None),
        ];
        for (mode, consent, answers, expected) in rows {
            let found = allowed(mode, &request(consent, answers));
            assert_eq!(found.as_ref().ok(), expected.as_ref(), "{mode} {consent:?} {answers:?}");
            if expected.is_none() {
                assert_eq!(found.unwrap_err().problem().code, Code::ConsentMissing);
            }
        }
    }

    #[test]
    fn a_coupon_is_bound_to_nobody_who_did_not_agree() {
        let heard = DeviceDoc { heard: 1, ..DeviceDoc::default() };
        let answers = vec![AnswerDoc { answer: "denied".into(), ..AnswerDoc::default() }];
        let withdrawn = DeviceDoc { answers, ..heard.clone() };
        let rows = [(None, true, false), (Some(&heard), true, true), (Some(&withdrawn), false, false)];
        for (known, open, ask) in rows {
            assert_eq!((check_claim(known, false).is_ok(), check_claim(known, true).is_ok()), (open, ask));
        }
    }

    #[test]
    fn answers_are_kept_in_the_order_they_were_given_and_only_the_last() {
        let event = |at: i64, answer: Json, text: Json| EventDoc {
            stream: "s".into(),
            n: at as u64,
            epoch: 0,
            at,
            device_at: None,
            name: "consent".into(),
            props: json!({ "answer": answer, "text": text }),
        };
        let mut doc = DeviceDoc::default();
        assert!(!note(&mut doc, &[]));
        assert!(!note(&mut doc, &[event(5, json!("granted"), json!("v2"))]));
        assert!(!note(&mut doc, &[event(1, json!([]), Json::Null)]), "an older no that comes late");
        assert!(check_known(Some(&doc)).is_ok() && check_known(None).is_err());
        assert_eq!(doc.answers[1], AnswerDoc { at: 5, answer: "granted".into(), text: "v2".into() });
        assert!(note(&mut doc, &[event(9, json!("denied"), json!(7))]));
        assert!(check_known(Some(&doc)).is_err());
        let long = "花".repeat(ANSWER_MAX_CHARS + 1);
        note(&mut doc, &(10..60).map(|at| event(at, json!(long), json!(["a", "b"]))).collect::<Vec<_>>());
        assert_eq!((doc.answers.len(), doc.answers[0].at), (ANSWERS_MAX, 40));
        assert_eq!((doc.answers[0].answer.chars().count(), doc.answers[0].text.as_str()), (ANSWER_MAX_CHARS, "a,b"));
    }
}
