//! A site: its settings, campaigns, versions, and who changed what.
//!
//! Documents, programs and contents are blobs by hash, written once and never changed; a version is a list of hashes, so rolling back is
//! publishing an old list again. Reading order: this, [`publish`](mod@publish), [`program`] (what is live, and looking after it), [`ends`]
//! (campaigns that stop at a total), [`keep`] (how long what is not live), [`keys`] (who may speak for the site beside its pages), [`house`] (sessions and the list of sites, one object per deployment).

pub mod ends;
mod gone;
pub mod house;
pub mod keep;
pub mod keys;
pub mod program;
pub mod publish;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use noren_wire::admin::{AuditEntry, ProofRequest, SettleSite, SiteDocument, SiteInfo, Stopped, VersionEntry, Weights};
use noren_wire::bounds::{LIST_MAX, NAME_MAX_CHARS, ORIGINS_MAX, POOLS_MAX, SENSITIVE_MAX, SHARDS};
use noren_wire::error::{Code, Problem};
use noren_wire::inner::{Delivery, Owed};
use noren_wire::stored::{Keep, SCHEMA, SiteDoc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::counts::EACH_MAX;
use crate::name::content_hash;
use crate::origin::{LOOPBACK, is_origin};
use crate::proof::Mode;
use crate::schema::Kind;
use crate::sql::{Param, Sql, has_table, whole};
use crate::{Failure, Result, outbox};

/// Who does something, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct By {
    /// Name for the audit.
    pub name: String,
    /// The edge's clock.
    pub now: i64,
}

/// Sites' stored state.
pub const KIND: Kind = Kind { word: "site", marker: "settings", state: "settings", current: SCHEMA, steps: &[] };

fn create(sql: &dyn Sql) -> Result<()> {
    for table in [
        "CREATE TABLE IF NOT EXISTS settings (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS version (version INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL, \
         program TEXT NOT NULL, documents TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS blob (hash TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID",
        // A version that is not in here was published under a document that says nothing.
        "CREATE TABLE IF NOT EXISTS version_site (version INTEGER PRIMARY KEY, document TEXT NOT NULL)",
        ends::TABLE,
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
    if settle.proof.as_deref().is_some_and(|word| Mode::of(word).word() != word) {
        return Err(Problem::field("proof", "off, optional or mandatory").into());
    }
    if let Some(keep) = settle.keep {
        check_keep(keep)?;
    }
    if settle.signals.as_deref().is_some_and(|word| !matches!(word, "ignore" | "cookieless" | "off")) {
        return Err(Problem::field("signals", "ignore, cookieless or off").into());
    }
    if let Some(names) = &settle.sensitive {
        check_sensitive(names)?;
    }
    whole(sql, || {
        create(sql)?;
        let mut doc = load(sql)?.unwrap_or_else(|| SiteDoc {
            schema: SCHEMA,
            site: site.into(),
            name: site.into(),
            consent: "ask".into(),
            shards: SHARDS,
            swept: by.now,
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
        if let Some(proof) = &settle.proof {
            doc.proof.clone_from(proof);
            // The first secret comes with the first use.
            doc.proof_serial = doc.proof_serial.max(1);
        }
        doc.keep = settle.keep.unwrap_or(doc.keep);
        if let Some(signals) = &settle.signals {
            doc.signals.clone_from(signals);
        }
        if let Some(names) = &settle.sensitive {
            doc.sensitive.clone_from(names);
            doc.sensitive.sort_unstable();
            doc.sensitive.dedup();
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
        renews_at: doc.due.and_then(|due| due.renew),
        totals_at: doc.due.and_then(|due| due.totals),
        proof: Mode::of(&doc.proof).word().into(),
        keep: doc.keep,
        signals: if doc.signals.is_empty() { "ignore".into() } else { doc.signals.clone() },
        sensitive: doc.sensitive.clone(),
    }
}

/// When the object has to look after its program next: the earliest of all that is due.
///
/// # Errors
/// `Broken`.
pub fn wakes_at(sql: &dyn Sql) -> Result<Option<i64>> {
    let due = load(sql)?.and_then(|doc| doc.due).unwrap_or_default();
    Ok([due.renew, due.totals].into_iter().flatten().min())
}

/// When the object has to wake up next, for its program or for what has become old; `None` without a site.
///
/// # Errors
/// `Broken`.
pub fn due_at(sql: &dyn Sql) -> Result<Option<i64>> {
    let Some(doc) = load(sql)? else { return Ok(None) };
    Ok(wakes_at(sql)?.into_iter().chain([keep::due(&doc)]).min())
}

/// The consent mode that holds for one request: the site's, or a stricter one where its browser asks not to be followed (`Sec-GPC: 1` or
/// `DNT: 1`) and the site honours that.
pub fn mode_for(doc: &SiteDoc, signalled: bool) -> &str {
    match (doc.consent.as_str(), doc.signals.as_str()) {
        ("off", _) => "off",
        (_, stricter @ ("cookieless" | "off")) if signalled => stricter,
        (mode, _) => mode,
    }
}

/// # Errors
/// `body_invalid` with the name that is none.
fn check_sensitive(names: &[String]) -> core::result::Result<(), Problem> {
    if names.len() > SENSITIVE_MAX {
        return Err(Problem::field("sensitive", "at most 50 names"));
    }
    match names.iter().position(|name| name.is_empty() || name.chars().count() > NAME_MAX_CHARS) {
        Some(i) => Err(Problem::field(&format!("sensitive[{i}]"), "1 to 100 characters")),
        None => Ok(()),
    }
}

/// Events are refused when they are 30 days old, so they must be kept for longer: what is let go sooner could be sent again and counted twice
/// in a recount. Beyond 400 days of events and 1,000 of profiles nobody has said what for.
fn check_keep(keep: Keep) -> core::result::Result<(), Problem> {
    if !(31..=400).contains(&keep.events_days) {
        return Err(Problem::field("keep.events_days", "31 to 400"));
    }
    if !(keep.events_days..=1_000).contains(&keep.profile_days) {
        return Err(Problem::field("keep.profile_days", "as many as events_days, up to 1,000"));
    }
    Ok(())
}

/// Count another renewal of the secret that proofs are signed with, where asked; the first comes by itself.
///
/// # Errors
/// `site_unknown`.
pub fn renew_proof(sql: &dyn Sql, renew: &ProofRequest, by: &By) -> Result<u32> {
    whole(sql, || {
        let mut doc = must(sql)?;
        if renew.renew || doc.proof_serial == 0 {
            doc.proof_serial += 1;
            save(sql, &doc)?;
        }
        let what = format!("secret {} {}", doc.proof_serial, if renew.renew { "renewed" } else { "shown" });
        note(sql, by, "proof", &what)?;
        Ok(doc.proof_serial)
    })
}

/// Note what was done elsewhere in the site's name.
///
/// # Errors
/// `site_unknown`.
pub fn note_deed(sql: &dyn Sql, action: &str, what: &str, by: &By) -> Result<()> {
    whole(sql, || {
        must(sql)?;
        note(sql, by, action, what)
    })
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

/// What a version consists of, as written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Set {
    /// Which one.
    pub version: i64,
    /// The site's document; empty where it says nothing.
    pub site: String,
    /// Campaigns' documents by id.
    pub documents: Vec<(String, String)>,
}

/// A version's documents; those of the live one for `None`. Version 0 has none.
///
/// # Errors
/// `site_unknown`, `not_found` for a version that never was.
pub fn documents(sql: &dyn Sql, version: Option<i64>) -> Result<Set> {
    let doc = must(sql)?;
    let version = version.unwrap_or(doc.version);
    if version == 0 {
        return Ok(Set::default());
    }
    let rows = sql.exec("SELECT documents FROM version WHERE version = ?", &[Param::Int(version)])?;
    let Some(row) = rows.first() else { return Err(Code::NotFound.into()) };
    let list: Vec<(String, String)> = serde_json::from_str(row.text(0))?;
    let mut documents = Vec::new();
    for (id, hash) in list {
        documents.push((id, text(sql, &hash)?));
    }
    let site = match has_table(sql, "version_site")? {
        true => sql.exec("SELECT document FROM version_site WHERE version = ?", &[Param::Int(version)])?,
        false => Vec::new(),
    };
    let site = site.first().map_or(Ok(String::new()), |row| text(sql, row.text(0)))?;
    Ok(Set { version, site, documents })
}

/// The site's document as it is live; `{}` where it says nothing.
///
/// # Errors
/// `site_unknown`.
pub fn document(sql: &dyn Sql) -> Result<SiteDocument> {
    let doc = must(sql)?;
    let document = match doc.document.as_str() {
        "" => serde_json::json!({}),
        hash => serde_json::from_str(&text(sql, hash)?)?,
    };
    Ok(SiteDocument { version: doc.version, document })
}

/// What a list of campaigns is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The live version.
    pub set: Set,
    /// Those of its campaigns that have reached a total.
    pub stopped: BTreeMap<String, Stopped>,
}

/// What is live, and what of it is over.
///
/// # Errors
/// `site_unknown`.
pub fn listed(sql: &dyn Sql) -> Result<Listed> {
    Ok(Listed { set: documents(sql, None)?, stopped: ends::stopped(sql)? })
}

fn text(sql: &dyn Sql, hash: &str) -> Result<String> {
    match blob(sql, hash)? {
        Some(body) => Ok(String::from_utf8_lossy(&body).into_owned()),
        None => Err(Failure::Broken(format!("document {hash} is missing"))),
    }
}

/// Keep a blob, and return its hash.
fn put(sql: &dyn Sql, body: &[u8]) -> Result<String> {
    let hash = content_hash(body);
    put_as(sql, &hash, body)?;
    Ok(hash)
}

fn put_as(sql: &dyn Sql, hash: &str, body: &[u8]) -> Result<()> {
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

/// Note a pool and who filled or settled it.
///
/// # Errors
/// `body_invalid` for one more pool than a site may have; `site_unknown`.
pub fn note_pool(sql: &dyn Sql, pool: &str, by: &By) -> Result<()> {
    whole(sql, || {
        let mut doc = must(sql)?;
        if !doc.pools.iter().any(|p| p == pool) {
            if doc.pools.len() >= POOLS_MAX {
                return Err(Problem::field("pool", "at most 50 pools a site").into());
            }
            doc.pools.push(pool.into());
            save(sql, &doc)?;
        }
        note(sql, by, "pool", pool)
    })
}

/// Take what another object did in the site's name into the audit, once.
///
/// # Errors
/// `site_unknown`; `Broken`.
pub fn receive(sql: &dyn Sql, delivery: &Delivery) -> Result<()> {
    let Owed::Deed { at, by, action, what } = &delivery.owed else {
        return Err(Failure::Broken("a site takes deeds only".into()));
    };
    whole(sql, || {
        must(sql)?;
        sql.exec(outbox::SENDERS, &[])?;
        if outbox::is_new(sql, delivery)? {
            note(sql, &By { name: by.clone(), now: *at }, action, what)?;
        }
        Ok(())
    })
}
