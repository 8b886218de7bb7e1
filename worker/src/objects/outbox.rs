//! Delivering what an object owes: from its alarm, in order, each row deleted once its receiver has answered.

use noren_edge::name::Kind;
use noren_edge::outbox::Due;
use noren_edge::{Failure, Result};
use noren_wire::inner::{Delivery, Destination, PartAnswer};
use serde::{Deserialize, Serialize};
use worker::{Env, State, console_error};

use crate::edge::{Object, device_object, object};

/// Time from a row's writing to its delivery: long enough for the answer to leave first and for a burst to share one alarm.
pub const DELIVER_AFTER_MS: i64 = 200;

/// Time until what could not be delivered is tried again.
pub const AGAIN_AFTER_MS: i64 = 5_000;

/// The object a row goes to.
///
/// # Errors
/// `Broken` for a kind that receives nothing.
pub fn receiver(env: &Env, to: &Destination) -> Result<Object> {
    let kind = match to.kind.as_str() {
        "shard" => Kind::Shard,
        "person" => Kind::Person,
        "client" => Kind::Device,
        "conversation" => Kind::Conversation,
        "site" => Kind::Site,
        // It gave its own id when it was heard from: what it is named by is nobody else's.
        "device" => return device_object(env, &to.id),
        other => return Err(Failure::Broken(format!("an outbox row for {other}"))),
    };
    object(env, kind, &to.site, &to.id)
}

/// A delivery with the site it is for: a conversation does not know its own.
#[derive(Serialize, Deserialize)]
pub struct SiteDelivery {
    /// Site.
    pub site: String,
    /// What is delivered.
    #[serde(flatten)]
    pub delivery: Delivery,
}

/// Time to the delivery of a part that nobody waits for: the rest of an ordinary page goes with it, for one alarm and one row at the person.
pub const DELIVER_LATER_MS: i64 = 30_000;

/// Deliver these in order; `false` when some receiver did not answer.
///
/// `heard` is told of each row that its receiver has answered, with a person's answer to a part: it deletes the row.
///
/// The runtime keeps an alarm until its handler has returned and repeats it when it fails or the machine dies, so the alarm is armed again only
/// for what is left: two rows written less in the ordinary case.
///
/// # Errors
/// `Broken` from the object's own storage.
pub async fn deliver(
    state: &State,
    env: &Env,
    rows: Vec<Due>,
    heard: impl Fn(&Due, Option<&PartAnswer>) -> Result<()>,
) -> Result<bool> {
    let from = state.id().to_string();
    let mut stuck: Vec<String> = Vec::new();
    for row in rows {
        let place = format!("{}/{}/{}", row.to.kind, row.to.site, row.to.id);
        // Rows for one receiver stay in order: behind one that did not arrive, the others wait.
        if stuck.contains(&place) {
            continue;
        }
        let delivery = Delivery { from: from.clone(), n: row.n, owed: row.owed.clone() };
        let delivery = SiteDelivery { site: row.to.site.clone(), delivery };
        match receiver(env, &row.to)?.ask::<Option<PartAnswer>>("receive", &delivery).await {
            Ok(answer) => heard(&row, answer.as_ref())?,
            Err(failure) => {
                console_error!("outbox: {}", format!("{failure:?}"));
                stuck.push(place);
            }
        }
    }
    Ok(stuck.is_empty())
}

/// After how many milliseconds to come back, when something is left.
pub fn again_after(all_answered: bool) -> i64 {
    if all_answered { DELIVER_AFTER_MS } else { AGAIN_AFTER_MS }
}
