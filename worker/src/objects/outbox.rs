//! Delivering what an object owes: from its alarm, in order, each row deleted once its receiver has answered.

use noren_edge::name::Kind;
use noren_edge::outbox::{delivered, due, is_empty};
use noren_edge::{Failure, Result};
use noren_wire::inner::{Delivery, Destination};
use worker::{Env, State, console_error};

use super::sql::ObjectSql;
use super::wake_in;
use crate::edge::{Object, object, object_by_id};

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
        // It gave its own id when it was heard from: the secret it is named by is nobody else's.
        "device" => return object_by_id(env, Kind::Device, &to.id),
        other => return Err(Failure::Broken(format!("an outbox row for {other}"))),
    };
    object(env, kind, &to.site, &to.id)
}

/// Deliver all that waits.
///
/// The runtime keeps an alarm until its handler has returned and repeats it when it fails or the machine dies, so the alarm is armed again only
/// for what is left: two rows written less in the ordinary case.
///
/// # Errors
/// `Broken` from the object's own storage.
pub async fn deliver(state: &State, env: &Env, sql: &ObjectSql) -> Result<()> {
    let from = state.id().to_string();
    let mut stuck: Vec<String> = Vec::new();
    for row in due(sql)? {
        let place = format!("{}/{}/{}", row.to.kind, row.to.site, row.to.id);
        // Rows for one receiver stay in order: behind one that did not arrive, the others wait.
        if stuck.contains(&place) {
            continue;
        }
        let delivery = Delivery { from: from.clone(), n: row.n, owed: row.owed };
        match receiver(env, &row.to)?.ask::<()>("receive", &delivery).await {
            Ok(()) => delivered(sql, row.n)?,
            Err(failure) => {
                console_error!("outbox: {}", format!("{failure:?}"));
                stuck.push(place);
            }
        }
    }
    if !is_empty(sql)? {
        wake_in(&state.storage(), if stuck.is_empty() { DELIVER_AFTER_MS } else { AGAIN_AFTER_MS }).await?;
    }
    Ok(())
}
