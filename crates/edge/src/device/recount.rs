//! What a recount is told of a device.

use noren_wire::inner::Contributed;
use noren_wire::stored::DeviceDoc;

use super::{count, events};
use crate::sql::Sql;
use crate::{Result, outbox};

/// All that the device has contributed to the totals, and which of it the shard may not have heard of.
///
/// # Errors
/// `Broken`.
pub fn contributed(sql: &dyn Sql, doc: Option<&DeviceDoc>) -> Result<Contributed> {
    let Some(doc) = doc else { return Ok(Contributed::default()) };
    let rows = if doc.ended { Vec::new() } else { count::rows(&count::contributed(doc, &events(sql)?)) };
    Ok(Contributed { n: doc.outbox_next, rows, pending: outbox::counters(sql)? })
}
