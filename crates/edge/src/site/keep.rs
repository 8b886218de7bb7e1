//! How long a site's object keeps what is not live: once a week, by the alarm that looks after the program too.
//!
//! - The audit stays for 400 days, as long as profiles do, and at most [`AUDIT_MAX`] entries of it.
//! - Versions stay for 90 days and the newest [`VERSIONS_KEPT`] for ever: any of them can be returned to.
//! - Documents stay with the versions that are made of them; programs and contents a week longer than they are live, for pages that
//!   are still open. A version that is returned to is compiled again, so its program need not be kept.

use std::collections::BTreeSet;

use noren_program::codec;
use noren_wire::stored::SiteDoc;

use super::{blob, load, must, save};
use crate::Result;
use crate::sql::{Param, Sql, has_table, whole};

const DAY_MS: i64 = 86_400_000;

/// How often it is looked for what may go: a week's growth is small beside what is kept.
pub const SWEEP_EVERY_MS: i64 = 7 * DAY_MS;

/// How long entries of the audit stay.
pub const AUDIT_MS: i64 = 400 * DAY_MS;

/// Entries of the audit that stay at most, the newest: 25 a day for 400 days, about 150 bytes each, 1.5 MB.
pub const AUDIT_MAX: i64 = 10_000;

/// How long every version stays: what campaigns were live within 90 days is read from them (see [`super::gone`]).
pub const VERSIONS_MS: i64 = 90 * DAY_MS;

/// Versions that stay however old they are, the newest: as many as are listed. One of 100 campaigns is a list of 3 KB, 600 KB together; their
/// documents are shared where they did not change.
pub const VERSIONS_KEPT: i64 = noren_wire::bounds::LIST_MAX as i64;

/// How long programs and contents stay after they were live: an open page asks once a minute what is, a device that slept asks first.
pub const PROGRAMS_MS: i64 = 7 * DAY_MS;

/// When to look next.
pub fn due(doc: &SiteDoc) -> i64 {
    doc.swept.saturating_add(SWEEP_EVERY_MS)
}

/// Let go what is old at `now`, if it is time to look; whether it was.
///
/// # Errors
/// `Broken`; nothing is changed then.
pub fn sweep(sql: &dyn Sql, now: i64) -> Result<bool> {
    if load(sql)?.is_none_or(|doc| due(&doc) > now) {
        return Ok(false);
    }
    whole(sql, || {
        super::create(sql)?;
        let mut doc = must(sql)?;
        sql.exec(
            "DELETE FROM audit WHERE at <= ? OR n <= (SELECT MAX(n) FROM audit) - ?",
            &[Param::Int(now.saturating_sub(AUDIT_MS)), Param::Int(AUDIT_MAX)],
        )?;
        for table in ["version_site", "version"] {
            sql.exec(
                &format!(
                    "DELETE FROM {table} WHERE version <= ? AND version IN (SELECT version FROM version WHERE at <= ?)"
                ),
                &[Param::Int(doc.version - VERSIONS_KEPT), Param::Int(now.saturating_sub(VERSIONS_MS))],
            )?;
        }
        if let Some(needed) = needed(sql, &doc, now)? {
            for row in sql.exec("SELECT hash FROM blob", &[])? {
                if !needed.contains(row.text(0)) {
                    sql.exec("DELETE FROM blob WHERE hash = ?", &[Param::Text(row.text(0))])?;
                }
            }
        }
        doc.swept = now;
        save(sql, &doc)?;
        Ok(true)
    })
}

/// Hashes of all that must stay; `None` where the live program cannot be read, which is mended before anything is let go.
fn needed(sql: &dyn Sql, doc: &SiteDoc, now: i64) -> Result<Option<BTreeSet<String>>> {
    let mut needed = BTreeSet::new();
    for program in [&doc.program, &doc.counted].into_iter().filter(|hash| !hash.is_empty()) {
        if !add_program(sql, program, &mut needed)? {
            return Ok(None);
        }
    }
    let mut until = now;
    for row in sql.exec("SELECT at, program, documents FROM version ORDER BY version DESC", &[])? {
        let list: Vec<(String, String)> = serde_json::from_str(row.text(2))?;
        needed.extend(list.into_iter().map(|(_, hash)| hash));
        // Live until the next version came. One that cannot be read any more is nobody's who asks for contents.
        if until > now.saturating_sub(PROGRAMS_MS) {
            add_program(sql, row.text(1), &mut needed)?;
        }
        until = row.int(0);
    }
    if has_table(sql, "version_site")? {
        needed.extend(sql.exec("SELECT document FROM version_site", &[])?.iter().map(|row| row.text(0).to_string()));
    }
    Ok(Some(needed))
}

/// Add a program and what its variants show; `false` where it cannot be read.
fn add_program(sql: &dyn Sql, hash: &str, needed: &mut BTreeSet<String>) -> Result<bool> {
    needed.insert(hash.into());
    let Some(body) = blob(sql, hash)? else { return Ok(false) };
    let Ok(program) = codec::decode(&body) else { return Ok(false) };
    let variants = program.campaigns.iter().flat_map(|campaign| &campaign.variants);
    needed.extend(variants.map(|variant| variant.content.to_string()));
    Ok(true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::site::publish::{Change, Publish, publish};
    use crate::site::testing::{NOON, Room, by, campaign, put, site};
    use crate::site::{By, audit, documents, note_deed, versions};

    fn at(now: i64) -> By {
        By { now, ..by() }
    }

    fn publish_at(sql: &crate::memory::Memory, title: &str, now: i64) {
        let action = json!({"variants": [{"id": "a", "action": {"kind": "popup", "title": title}}]});
        let change = Change::Campaigns { campaigns: vec![campaign("c", action)], replace: true, site: None };
        publish(sql, &Room, &Publish { base: None, change, note: String::new(), by: at(now) }).unwrap();
    }

    fn count(sql: &crate::memory::Memory, table: &str) -> i64 {
        sql.exec(&format!("SELECT COUNT(*) FROM {table}"), &[]).unwrap()[0].int(0)
    }

    #[test]
    fn it_is_looked_once_a_week() {
        let sql = site();
        assert!(!sweep(&sql, NOON + SWEEP_EVERY_MS - 1).unwrap());
        assert!(sweep(&sql, NOON + SWEEP_EVERY_MS).unwrap());
        assert!(!sweep(&sql, NOON + SWEEP_EVERY_MS).unwrap());
        assert!(!sweep(&crate::memory::Memory::new(), NOON).unwrap(), "no site");
    }

    #[test]
    fn the_audit_stays_for_its_time_and_no_longer() {
        let sql = site();
        note_deed(&sql, "export", "x", &at(NOON + 1)).unwrap();
        assert!(sweep(&sql, NOON + AUDIT_MS).unwrap());
        let entries = audit(&sql).unwrap();
        assert_eq!((entries.len(), entries[0].at), (1, NOON + 1), "a millisecond younger");
        let sql = site();
        for n in 0..AUDIT_MAX {
            note_deed(&sql, "export", &n.to_string(), &at(NOON)).unwrap();
        }
        assert!(sweep(&sql, NOON + SWEEP_EVERY_MS).unwrap());
        assert_eq!(count(&sql, "audit"), AUDIT_MAX, "the oldest, by which the site was made, is gone");
    }

    #[test]
    fn versions_go_by_age_and_the_newest_never() {
        let sql = site();
        for n in 0..VERSIONS_KEPT + 2 {
            publish_at(&sql, &format!("t{n}"), NOON + n);
        }
        assert!(sweep(&sql, NOON + VERSIONS_MS - 1).unwrap());
        assert_eq!(count(&sql, "version"), VERSIONS_KEPT + 2, "young enough");
        // Version 1 was published at noon, version 2 a millisecond later.
        assert!(sweep(&sql, NOON + VERSIONS_MS - 1 + SWEEP_EVERY_MS).unwrap());
        assert_eq!(count(&sql, "version"), VERSIONS_KEPT);
        assert_eq!(versions(&sql).unwrap().last().map(|v| v.version), Some(3));
        assert_eq!(documents(&sql, Some(2)), Err(noren_wire::error::Code::NotFound.into()));
        // A version that was kept can be returned to, and its page served.
        let back = Publish { base: None, change: Change::Rollback { version: 3 }, note: String::new(), by: at(NOON) };
        let live = publish(&sql, &Room, &back).unwrap();
        assert!(blob(&sql, &live.program).unwrap().is_some());
        assert!(documents(&sql, None).unwrap().documents[0].1.contains("\"t2\""));
    }

    #[test]
    fn what_is_live_and_what_open_pages_may_ask_for_stays() {
        let sql = site();
        publish_at(&sql, "old", NOON);
        let doc = |sql: &crate::memory::Memory| load(sql).unwrap().unwrap();
        let old = doc(&sql).program;
        let contents = |hash: &str| {
            let mut all = BTreeSet::new();
            assert!(add_program(&sql, hash, &mut all).unwrap());
            all
        };
        let (old_contents, replaced) = (contents(&old), NOON + SWEEP_EVERY_MS);
        publish_at(&sql, "new", replaced);
        assert_ne!(doc(&sql).program, old);
        assert!(sweep(&sql, replaced + PROGRAMS_MS - 1).unwrap());
        assert!(old_contents.iter().all(|hash| blob(&sql, hash).unwrap().is_some()), "still open somewhere");
        assert!(sweep(&sql, replaced + PROGRAMS_MS - 1 + SWEEP_EVERY_MS).unwrap());
        let live = contents(&doc(&sql).program);
        for hash in &old_contents {
            assert_eq!(blob(&sql, hash).unwrap().is_some(), live.contains(hash), "{hash}");
        }
        assert!(live.iter().all(|hash| blob(&sql, hash).unwrap().is_some()));
        assert_eq!(documents(&sql, Some(1)).unwrap().documents.len(), 1, "its documents are kept");
    }

    #[test]
    fn a_failure_at_any_statement_lets_nothing_go() {
        let sql = site();
        put(&sql, &[campaign("c", json!({}))]).unwrap();
        let before = (count(&sql, "blob"), count(&sql, "audit"), count(&sql, "version"));
        let later = NOON + 2 * AUDIT_MS;
        for n in 0.. {
            sql.fail_in.set(Some(n));
            let failed = sweep(&sql, later).is_err();
            let survived = sql.fail_in.take().is_some();
            if !failed && survived {
                break;
            }
            assert!(failed, "statement {n}");
            assert_eq!((count(&sql, "blob"), count(&sql, "audit"), count(&sql, "version")), before);
        }
        assert_eq!((count(&sql, "blob"), count(&sql, "audit"), count(&sql, "version")), (before.0, 0, 1));
    }
}
