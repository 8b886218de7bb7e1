//! News for the live list, on their way to the shards. No page waits for them, and losing them loses nothing that is counted.
//!
//! What comes within a moment goes to a shard in one request: a request between objects costs about as much as the whole rest of a sync, and on
//! a busy site a shard would be asked once an event. So news lie in the isolate's memory for [`GATHER_MS`], the only thing of visitors that does:
//! plain values that the live list is about to show, and they leave by the request that came first.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use noren_edge::name::{Kind, shard_of};
use noren_wire::inner::Presence;
use noren_wire::stored::SiteDoc;
use worker::{Context, Delay, console_error};

use crate::edge::{Edge, now, object};

/// How long news wait for others: a tenth of the second within which an operator is to see them.
const GATHER_MS: i64 = 100;

/// So many leave at once without waiting further: 400 bytes each, 200 KB.
const GATHERED_MAX: usize = 500;

/// When the request that was to take news along died, the next one does.
const LOST_AFTER_MS: i64 = 2_000;

#[derive(Default)]
struct Waiting {
    since: i64,
    news: Vec<Presence>,
}

thread_local! {
    /// By site and shard.
    static WAITING: RefCell<BTreeMap<(String, u32), Waiting>> = RefCell::default();
}

/// How long the caller's news have to wait until the caller takes all along; `None` where another request will.
fn add(place: &(String, u32), news: Presence, now: i64) -> Option<i64> {
    WAITING.with_borrow_mut(|waiting| {
        let gathered = waiting.entry(place.clone()).or_default();
        gathered.news.push(news);
        if gathered.news.len() >= GATHERED_MAX {
            return Some(0);
        }
        let first = gathered.news.len() == 1 || now - gathered.since > LOST_AFTER_MS;
        first.then(|| {
            gathered.since = now;
            GATHER_MS
        })
    })
}

/// Tell a visitor's shard, in a moment.
pub fn tell(edge: &Edge, context: &Context, doc: &SiteDoc, news: Presence) {
    let place = (doc.site.clone(), shard_of(&news.device, doc.shards));
    let Some(wait) = add(&place, news, now()) else { return };
    let shard = match object(&edge.env, Kind::Shard, &place.0, &place.1.to_string()) {
        Ok(shard) => shard,
        Err(failure) => return console_error!("presence: {}", format!("{failure:?}")),
    };
    context.wait_until(async move {
        if wait > 0 {
            Delay::from(Duration::from_millis(wait as u64)).await;
        }
        let gathered = WAITING.with_borrow_mut(|waiting| waiting.remove(&place)).unwrap_or_default();
        if gathered.news.is_empty() {
            return;
        }
        if let Err(failure) = shard.ask::<()>("presences", &gathered.news).await {
            console_error!("presence: {}", format!("{failure:?}"));
        }
    });
}
