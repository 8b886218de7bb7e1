//! Campaigns that were live and are not: taken out, made drafts, or over. Devices keep their caps and variants for a while, so that one that comes
//! back neither shows again to who closed it nor changes who saw what.

use crate::Result;
use crate::sql::{Param, Sql};

/// How long devices keep what they remember of a campaign that is gone: as long as the longest window that a rule counts over.
const KEPT_MS: i64 = 90 * 86_400_000;

/// Versions looked at: an owner who publishes more often than this within the time kept loses the earliest. Their lists are read at each
/// publish: 50 of 100 campaigns are half a megabyte.
const VERSIONS_MAX: i64 = 50;

/// Ids of all campaigns of the versions of the last [`KEPT_MS`] and of the one before them, which was live within that time too: those of
/// the latest version first. What is still there is among them.
pub(super) fn lately(sql: &dyn Sql, now: i64) -> Result<Vec<String>> {
    let since = now.saturating_sub(KEPT_MS);
    let rows = sql.exec(
        "SELECT documents FROM version WHERE version >= (SELECT coalesce(max(version), 0) FROM version WHERE at <= ?) \
         ORDER BY version DESC LIMIT ?",
        &[Param::Int(since), Param::Int(VERSIONS_MAX)],
    )?;
    let mut all: Vec<String> = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for row in rows {
        let list: Vec<(String, String)> = serde_json::from_str(row.text(0))?;
        all.extend(list.into_iter().map(|(id, _)| id).filter(|id| seen.insert(id.clone())));
    }
    Ok(all)
}
