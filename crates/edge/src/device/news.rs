//! What servers reported of a visitor, for the pages they have open: told with the next sync of each, once.
//!
//! A page's engine goes on from what the pages before it left behind, so a page that begins after others were told is told only what came
//! since. A page that is going away is told nothing: it could not act on it, and another may.

use noren_event::names;
use noren_profile::stamp::TOLD_STREAM;
use noren_wire::bounds::{NEWS_EVENT_MAX_BYTES, NEWS_MAX, NEWS_MS};
use noren_wire::stored::{DeviceDoc, EventDoc};
use noren_wire::sync::SyncRequest;
use serde_json::Value as Json;

use super::sync::weight;

/// Take in what a device was told; call it before the events are folded. An order that the device reported itself is no news to its pages: a
/// server's word on it changes what it is worth, and must not be a second purchase to the rules.
pub fn keep(doc: &mut DeviceDoc, new: &[EventDoc], now: i64) {
    let told = |event: &&EventDoc| event.stream == TOLD_STREAM && weight(&event.props) <= NEWS_EVENT_MAX_BYTES;
    for event in new.iter().filter(told) {
        let order = event.props.get("transaction_id").and_then(Json::as_str).filter(|_| event.name == names::PURCHASE);
        if order.is_some_and(|id| doc.parts.values().any(|part| part.orders.contains_key(id))) {
            continue;
        }
        doc.news_last += 1;
        doc.news.push((doc.news_last, event.clone()));
    }
    doc.news.retain(|(_, event)| event.at > now.saturating_sub(NEWS_MS));
    let over = doc.news.len().saturating_sub(NEWS_MAX);
    doc.news.drain(..over);
}

/// What the page that asks has not heard yet; it is noted as told. `known` is the state before the request.
pub fn tell(doc: &mut DeviceDoc, known: Option<&DeviceDoc>, request: &SyncRequest) -> Vec<(String, Json, i64)> {
    let Some(page) = request.streams.last().filter(|stream| !stream.done && !request.hidden) else { return Vec::new() };
    let last = doc.news_last;
    // A page that is heard of for the first time begins where the pages before it had come to.
    let mark = known.and_then(|doc| doc.streams.get(&page.id)).map_or(doc.news_told, |stream| stream.told);
    let Some(stream) = doc.streams.get_mut(&page.id) else { return Vec::new() };
    stream.told = last;
    doc.news_told = doc.news_told.max(last);
    let unheard = doc.news.iter().filter(|(n, _)| *n > mark);
    unheard.map(|(_, event)| (event.name.clone(), event.props.clone(), event.at)).collect()
}
