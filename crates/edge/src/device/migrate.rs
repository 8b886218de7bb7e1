//! What devices' stored state went through. Steps are never changed once shipped: each reads rows as JSON, not as today's types.

use noren_profile::tally::sum;
use noren_wire::part::counter_of;
use noren_wire::stored::{CounterRow, EventDoc};
use serde_json::{Map, Value as Json};

use super::count::{reacted, rows};
use crate::Result;
use crate::schema::Step;
use crate::sql::{Param, Sql};

/// The steps.
pub const STEPS: &[Step] = &[Step { to: 2, run: join_and_judge }];

/// 2: a part carries its first exposures and goals to its person, and only what can no longer be folded is kept as reported.
///
/// Parts are folded again out of the events by the next sync, which knows the goals; until then all that was reported, apart from what the
/// events still say, is settled.
fn join_and_judge(sql: &dyn Sql) -> Result<()> {
    let stored = sql.exec("SELECT body FROM state WHERE id = 0", &[])?;
    let Some(row) = stored.first() else { return Ok(()) };
    let mut doc: Map<String, Json> = serde_json::from_str(row.text(0))?;
    let mut events: Vec<EventDoc> = Vec::new();
    for row in sql.exec("SELECT body FROM chunk ORDER BY n", &[])? {
        events.extend(serde_json::from_str::<Vec<EventDoc>>(row.text(0))?);
    }
    let reported: Vec<CounterRow> = match doc.remove("reported") {
        Some(reported) => serde_json::from_value(reported)?,
        None => Vec::new(),
    };
    let settled = sum(&reported.iter().map(counter_of).collect(), &reacted(&events), -1.0);
    doc.insert("settled".into(), serde_json::to_value(rows(&settled))?);
    doc.insert("unjudged".into(), Json::Bool(true));
    // Whom an epoch was sent to is sent the part again, as it is.
    for gone in ["sent", "conversions", "exposed"] {
        doc.remove(gone);
    }
    let heard = events.iter().map(|event| event.at).max().unwrap_or_default();
    doc.insert("heard".into(), heard.into());
    let body = serde_json::to_string(&doc)?;
    sql.exec("UPDATE state SET body = ? WHERE id = 0", &[Param::Text(&body)])?;
    Ok(())
}
