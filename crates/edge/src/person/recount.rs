//! What a recount is told of a person: what joining has changed in how devices are judged.

use noren_wire::inner::Contributed;

use super::{load, merge};
use crate::device::count::rows;
use crate::sql::Sql;
use crate::{Result, outbox};

/// All that the person has contributed to the totals, and which of it the shard may not have heard of.
///
/// # Errors
/// `Broken`.
pub fn contributed(sql: &dyn Sql) -> Result<Contributed> {
    let Some(doc) = load(sql)? else { return Ok(Contributed::default()) };
    Ok(Contributed { n: doc.outbox_next, rows: rows(&merge::contributed(sql)?), pending: outbox::counters(sql)? })
}
