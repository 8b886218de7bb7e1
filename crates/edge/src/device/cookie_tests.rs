//! A browser whose storage was forgotten, or is another's, and whose cookie was not: it is who the cookie says.

use noren_wire::bounds::{DEVICE_CHARS, KEY_CHARS};
use noren_wire::sync::{SyncAnswer, SyncRequest};
use serde_json::{Value as Json, json};

use super::tests::{DEVICE, NOW, Object, batch, event, request, stream_id};

/// The key of the cookie's device.
fn key() -> String {
    "K".repeat(KEY_CHARS)
}

/// A request of a page that has just minted another identity.
fn minted(streams: Vec<noren_wire::sync::StreamBatch>) -> SyncRequest {
    SyncRequest { device: "M".repeat(DEVICE_CHARS), key: "M".repeat(KEY_CHARS), ..request(streams) }
}

impl Object {
    fn by_cookie(&mut self, request: &SyncRequest) -> SyncAnswer {
        let synced = self.synced(request, Some((DEVICE.into(), key()))).unwrap();
        assert_eq!(synced.remembers, Some(!synced.answer.reset));
        synced.answer
    }

    fn epochs(&self) -> Vec<(String, u32)> {
        super::events(&self.sql).unwrap().into_iter().map(|event| (event.name, event.epoch)).collect()
    }
}

fn page(stream: usize, from: u64, names: &[&str]) -> noren_wire::sync::StreamBatch {
    let events = names.iter().zip(from..).map(|(name, n)| event(n, NOW, name, Json::Null)).collect();
    batch(stream, from, events)
}

#[test]
fn what_a_page_sends_under_a_new_id_is_the_known_devices() {
    let mut object = Object::new();
    object.sync(&request(vec![page(1, 0, &["view_item"])])).unwrap();
    let answer = object.by_cookie(&minted(vec![page(2, 0, &["page_view"])]));
    assert_eq!(answer.identity, Some((DEVICE.into(), key(), 0)));
    assert_eq!((answer.acks[0].next, answer.facts.unwrap().marks.len()), (1, 2));
    let next = object.sync(&request(vec![page(2, 1, &["scroll"])])).unwrap();
    assert_eq!((next.identity, next.acks[0].next), (None, 2), "once is enough");
    assert_eq!(object.epochs().len(), 3);
    assert_eq!(object.doc.as_ref().unwrap().device, DEVICE);
}

#[test]
fn an_answer_that_is_lost_doubles_nothing() {
    let mut object = Object::new();
    object.sync(&request(vec![page(1, 0, &["view_item"])])).unwrap();
    let body = minted(vec![page(2, 0, &["page_view", "scroll"])]);
    let first = object.by_cookie(&body);
    object.restart();
    let again = object.by_cookie(&body);
    assert_eq!((first.acks, first.identity), (again.acks, again.identity));
    assert_eq!(object.epochs().len(), 3);
}

/// Two logouts ago somebody else used the device. A page that knows of none is the present one's, and stays so for all it still holds.
#[test]
fn a_page_without_memory_is_of_the_epoch_the_device_is_in() {
    let mut object = Object::new();
    let identify = |n, user: &str| event(n, NOW, "identify", json!({ "user_id": user, "traits": { "who": user } }));
    object.sync(&request(vec![batch(1, 0, vec![identify(0, "first"), event(1, NOW, "reset", Json::Null)])])).unwrap();
    object.restart();
    assert_eq!(object.doc.as_ref().unwrap().epoch, 1, "a logout counts before anything was done after it");
    let answer = object.by_cookie(&minted(vec![page(2, 0, &["page_view"])]));
    assert_eq!(answer.identity, Some((DEVICE.into(), key(), 1)));
    assert!(answer.facts.unwrap().traits.is_empty(), "nothing of who was here before");
    // What the page queued before it was told still goes under the number it had then.
    object.restart();
    let rest = object.sync(&request(vec![page(2, 1, &["scroll"])])).unwrap();
    assert!(rest.facts.unwrap().traits.is_empty());
    // And a stream of before the logout is still of then.
    object.sync(&request(vec![page(3, 0, &["late"])])).unwrap();
    let mut epochs = object.epochs();
    epochs.retain(|(name, _)| matches!(name.as_str(), "page_view" | "scroll" | "late"));
    assert_eq!(epochs, [("page_view".into(), 1), ("scroll".into(), 1), ("late".into(), 0)]);
    // A logout that the page made under its own count goes on from there.
    let out = SyncRequest { epoch: 1, ..minted(vec![page(4, 0, &["page_view"])]) };
    assert_eq!(object.by_cookie(&out).identity, Some((DEVICE.into(), key(), 1)), "as the page counts on from 1");
    assert_eq!(object.doc.as_ref().unwrap().epoch, 2);
}

#[test]
fn what_another_device_had_of_a_stream_is_not_lost_here() {
    let mut object = Object::new();
    object.sync(&request(vec![page(1, 0, &["view_item"])])).unwrap();
    let answer = object.by_cookie(&minted(vec![page(2, 40, &["scroll"])]));
    let doc = object.doc.as_ref().unwrap();
    assert_eq!((answer.acks[0].next, doc.lost, doc.streams[&stream_id(2)].next), (41, 0, 41));
}

#[test]
fn who_was_erased_is_not_remembered_by_a_cookie() {
    let mut object = Object::new();
    object.sync(&request(vec![page(1, 0, &["view_item"])])).unwrap();
    object.doc.as_mut().unwrap().generation = 1;
    let answer = object.by_cookie(&minted(vec![page(2, 0, &["page_view"])]));
    assert!(answer.reset && answer.acks.is_empty() && answer.identity.is_none());
    let mut object = Object::new();
    object.sync(&request(vec![page(1, 0, &["view_item"])])).unwrap();
    let no = event(1, NOW, "consent", json!({ "answer": "denied" }));
    let synced = object.synced(&request(vec![batch(1, 1, vec![no])]), None).unwrap();
    assert_eq!(synced.remembers, Some(false), "consent was taken back");
}

#[test]
fn a_cookie_of_somebody_the_edge_forgot_begins_that_device_again() {
    let mut object = Object::new();
    let answer = object.by_cookie(&minted(vec![page(2, 0, &["page_view", "scroll"])]));
    assert_eq!((answer.identity, answer.acks[0].next), (Some((DEVICE.into(), key(), 0)), 2));
    assert_eq!(object.doc.as_ref().unwrap().device, DEVICE);
}
