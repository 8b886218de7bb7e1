//! A site: its settings, campaigns, versions, and who changed what.
//!
//! Documents, programs and contents are blobs by hash, written once and never changed; a version is a list of hashes, so rolling back is
//! publishing an old list again. Reading order: this, [`keys`] (who may speak for the site beside its pages), [`house`] (sessions and the list of sites,
//! one object per deployment).

pub mod house;
pub mod keys;

#[cfg(test)]
mod tests;

use noren_wire::admin::{AuditEntry, PublishAnswer, SettleSite, SiteInfo, VersionEntry, Weights};
use noren_wire::bounds::{BLOB_MAX_BYTES, LIST_MAX, NAME_MAX_CHARS, ORIGINS_MAX, SHARDS};
use noren_wire::error::{Code, Problem};
use noren_wire::stored::{SCHEMA, SiteDoc};
use serde::{Deserialize, Serialize};

use crate::counts::EACH_MAX;
use crate::name::content_hash;
use crate::origin::{LOOPBACK, is_origin};
use crate::rules::Compiled;
use crate::sql::{Param, Sql, has_table, whole};
use crate::{Failure, Result};

/// Who does something, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct By {
    /// Name for the audit.
    pub name: String,
    /// The edge's clock.
    pub now: i64,
}

/// A publish, all made ready: only to be compared and written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// The version it was made from.
    pub base: i64,
    /// Ids and documents, the whole set.
    pub documents: Vec<(String, String)>,
    /// The compiled program.
    pub program: Vec<u8>,
    /// Contents by hash.
    pub contents: Vec<(String, String)>,
    /// Why.
    pub note: String,
    /// `publish`, `rollback`, `delete`.
    pub action: String,
    /// By whom, when.
    pub by: By,
}

impl Commit {
    /// Put a compiled set in.
    pub fn new(
        base: i64,
        documents: Vec<(String, String)>,
        compiled: Compiled,
        note: &str,
        action: &str,
        by: By,
    ) -> Commit {
        let Compiled { program, contents } = compiled;
        Commit { base, documents, program, contents, note: note.into(), action: action.into(), by }
    }
}

fn create(sql: &dyn Sql) -> Result<()> {
    for table in [
        "CREATE TABLE IF NOT EXISTS settings (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS version (version INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL, \
         program TEXT NOT NULL, documents TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS blob (hash TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS audit (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, what TEXT NOT NULL)",
    ] {
        sql.exec(table, &[])?;
    }
    Ok(())
}

/// The site's settings, or `None` where there is no site.
///
/// # Errors
/// `Broken`.
pub fn load(sql: &dyn Sql) -> Result<Option<SiteDoc>> {
    if !has_table(sql, "settings")? {
        return Ok(None);
    }
    match sql.exec("SELECT body FROM settings WHERE id = 0", &[])?.first() {
        Some(row) => Ok(Some(serde_json::from_str(row.text(0))?)),
        None => Ok(None),
    }
}

fn must(sql: &dyn Sql) -> Result<SiteDoc> {
    load(sql)?.ok_or_else(|| Code::SiteUnknown.into())
}

fn save(sql: &dyn Sql, doc: &SiteDoc) -> Result<()> {
    let body = serde_json::to_string(doc)?;
    sql.exec(
        "INSERT INTO settings (id, body) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        &[Param::Text(&body)],
    )?;
    Ok(())
}

fn note(sql: &dyn Sql, by: &By, action: &str, what: &str) -> Result<()> {
    sql.exec(
        "INSERT INTO audit (at, who, action, what) VALUES (?, ?, ?, ?)",
        &[Param::Int(by.now), Param::Text(&by.name), Param::Text(action), Param::Text(what)],
    )?;
    Ok(())
}

/// Create a site or change its settings. A new site asks for consent.
///
/// # Errors
/// `body_invalid` for origins that are none, or an unknown consent mode.
pub fn settle(sql: &dyn Sql, site: &str, settle: &SettleSite, by: &By) -> Result<SiteDoc> {
    if let Some(origins) = &settle.origins {
        if origins.len() > ORIGINS_MAX {
            return Err(Problem::field("origins", "at most 50 origins").into());
        }
        if let Some(i) = origins.iter().position(|o| o != LOOPBACK && !is_origin(o)) {
            return Err(Problem::field(
                &format!("origins[{i}]"),
                "an origin such as https://shop.example, or loopback",
            )
            .into());
        }
    }
    if settle.consent.as_deref().is_some_and(|c| !matches!(c, "open" | "ask" | "cookieless" | "off")) {
        return Err(Problem::field("consent", "open, ask, cookieless or off").into());
    }
    if settle.name.as_deref().is_some_and(|n| n.is_empty() || n.chars().count() > 100) {
        return Err(Problem::field("name", "1 to 100 characters").into());
    }
    if let Some(weights) = &settle.weights {
        check_weights(weights)?;
    }
    whole(sql, || {
        create(sql)?;
        let mut doc = load(sql)?.unwrap_or_else(|| SiteDoc {
            schema: SCHEMA,
            site: site.into(),
            name: site.into(),
            consent: "ask".into(),
            shards: SHARDS,
            ..SiteDoc::default()
        });
        if let Some(name) = &settle.name {
            doc.name.clone_from(name);
        }
        if let Some(origins) = &settle.origins {
            doc.origins.clone_from(origins);
        }
        if let Some(consent) = &settle.consent {
            doc.consent.clone_from(consent);
        }
        if let Some(weights) = &settle.weights {
            doc.weights.clone_from(weights);
        }
        save(sql, &doc)?;
        note(sql, by, "settle", site)?;
        Ok(doc)
    })
}

/// Settings as the console sees them.
pub fn info(doc: &SiteDoc, now: i64) -> SiteInfo {
    SiteInfo {
        site: doc.site.clone(),
        name: doc.name.clone(),
        origins: doc.origins.clone(),
        consent: doc.consent.clone(),
        version: doc.version,
        program: doc.program.clone(),
        shards: doc.shards,
        now,
        weights: doc.weights.clone(),
    }
}

/// Bands of a score: eleven are more than anybody tells apart.
const BANDS_MAX: usize = 10;

fn check_weights(weights: &Weights) -> core::result::Result<(), Problem> {
    let ascends = |list: &[f64]| list.iter().all(|n| n.is_finite()) && list.is_sorted_by(|a, b| a < b);
    let lists: [(&str, &[f64]); 4] = [
        ("recency_days", &weights.recency_days),
        ("frequency", &weights.frequency),
        ("money", &weights.money),
        ("bands", &weights.bands),
    ];
    for (field, list) in lists {
        if !ascends(list) || list.len() > BANDS_MAX {
            return Err(Problem::field(&format!("weights.{field}"), "ascending numbers"));
        }
    }
    let points = weights
        .points
        .iter()
        .all(|(name, points)| !name.is_empty() && name.chars().count() <= NAME_MAX_CHARS && points.abs() <= POINTS_MAX);
    if !points || weights.points.len() > EACH_MAX {
        return Err(Problem::field("weights.points", "at most 16 names of events with points up to 1,000,000"));
    }
    // Older than 90 days nothing counts: with a half-life of 30 days an eighth of the points is cut off there.
    if !(1.0..=30.0).contains(&weights.half_life_days) {
        return Err(Problem::field("weights.half_life_days", "1 to 30"));
    }
    Ok(())
}

/// Points of one event.
const POINTS_MAX: f64 = 1e6;

/// The documents of a version, by id; of the live one for `None`. Version 0 has none.
///
/// # Errors
/// `site_unknown`, `not_found` for a version that never was.
pub fn documents(sql: &dyn Sql, version: Option<i64>) -> Result<(i64, Vec<(String, String)>)> {
    let doc = must(sql)?;
    let version = version.unwrap_or(doc.version);
    if version == 0 {
        return Ok((0, Vec::new()));
    }
    let rows = sql.exec("SELECT documents FROM version WHERE version = ?", &[Param::Int(version)])?;
    let Some(row) = rows.first() else { return Err(Code::NotFound.into()) };
    let list: Vec<(String, String)> = serde_json::from_str(row.text(0))?;
    let mut documents = Vec::new();
    for (id, hash) in list {
        let Some(body) = blob(sql, &hash)? else { return Err(Failure::Broken(format!("document {hash} is missing"))) };
        documents.push((id, String::from_utf8_lossy(&body).into_owned()));
    }
    Ok((version, documents))
}

/// Make a set live, if what it was made from still is.
///
/// # Errors
/// `version_conflict` with the live version, `body_too_large`, `site_unknown`; nothing is changed then.
pub fn commit(sql: &dyn Sql, commit: &Commit) -> Result<PublishAnswer> {
    let sizes = commit.contents.iter().map(|(_, text)| text.len()).chain([commit.program.len()]);
    if sizes.max().is_some_and(|size| size > BLOB_MAX_BYTES) {
        return Err(Code::BodyTooLarge.into());
    }
    whole(sql, || {
        let mut doc = must(sql)?;
        if doc.version != commit.base {
            return Err(Problem { version: Some(doc.version), ..Code::VersionConflict.into() }.into());
        }
        let mut list = Vec::new();
        for (id, text) in &commit.documents {
            let hash = content_hash(text.as_bytes());
            put(sql, &hash, text.as_bytes())?;
            list.push((id, hash));
        }
        for (hash, text) in &commit.contents {
            put(sql, hash, text.as_bytes())?;
        }
        let program = content_hash(&commit.program);
        put(sql, &program, &commit.program)?;
        doc.version += 1;
        doc.program.clone_from(&program);
        let list = serde_json::to_string(&list)?;
        sql.exec(
            "INSERT INTO version (version, at, who, note, program, documents) VALUES (?, ?, ?, ?, ?, ?)",
            &[
                Param::Int(doc.version),
                Param::Int(commit.by.now),
                Param::Text(&commit.by.name),
                Param::Text(&commit.note),
                Param::Text(&program),
                Param::Text(&list),
            ],
        )?;
        save(sql, &doc)?;
        note(sql, &commit.by, &commit.action, &format!("version {}", doc.version))?;
        Ok(PublishAnswer { version: doc.version, program, findings: Vec::new() })
    })
}

fn put(sql: &dyn Sql, hash: &str, body: &[u8]) -> Result<()> {
    sql.exec(
        "INSERT INTO blob (hash, body) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING",
        &[Param::Text(hash), Param::Blob(body)],
    )?;
    Ok(())
}

/// A program, content or document by its hash.
///
/// # Errors
/// `Broken`.
pub fn blob(sql: &dyn Sql, hash: &str) -> Result<Option<Vec<u8>>> {
    if !has_table(sql, "blob")? {
        return Ok(None);
    }
    Ok(sql.exec("SELECT body FROM blob WHERE hash = ?", &[Param::Text(hash)])?.first().map(|row| row.blob(0).to_vec()))
}

/// Published versions, newest first.
///
/// # Errors
/// `site_unknown`.
pub fn versions(sql: &dyn Sql) -> Result<Vec<VersionEntry>> {
    must(sql)?;
    let rows = sql.exec(
        "SELECT version, at, who, note, program, documents FROM version ORDER BY version DESC LIMIT ?",
        &[Param::Int(LIST_MAX as i64)],
    )?;
    rows.iter()
        .map(|row| {
            let list: Vec<(String, String)> = serde_json::from_str(row.text(5))?;
            Ok(VersionEntry {
                version: row.int(0),
                at: row.int(1),
                by: row.text(2).into(),
                note: row.text(3).into(),
                program: row.text(4).into(),
                campaigns: list.into_iter().map(|(id, _)| id).collect(),
            })
        })
        .collect()
}

/// Who did what, newest first.
///
/// # Errors
/// `site_unknown`.
pub fn audit(sql: &dyn Sql) -> Result<Vec<AuditEntry>> {
    must(sql)?;
    let rows =
        sql.exec("SELECT at, who, action, what FROM audit ORDER BY n DESC LIMIT ?", &[Param::Int(LIST_MAX as i64)])?;
    Ok(rows
        .iter()
        .map(|row| AuditEntry {
            at: row.int(0),
            by: row.text(1).into(),
            action: row.text(2).into(),
            what: row.text(3).into(),
        })
        .collect())
}

/// Note that a pool was created or filled.
///
/// # Errors
/// `site_unknown`.
pub fn note_pool(sql: &dyn Sql, pool: &str, by: &By) -> Result<()> {
    whole(sql, || {
        let mut doc = must(sql)?;
        if !doc.pools.iter().any(|p| p == pool) {
            doc.pools.push(pool.into());
            save(sql, &doc)?;
        }
        note(sql, by, "pool", pool)
    })
}
