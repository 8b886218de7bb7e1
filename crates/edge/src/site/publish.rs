//! Publishing: what is live, changed, checked, compiled, and then written as a new version, or not at all.
//!
//! All of it happens in the site's object, between two requests: nothing can be published, and no campaign can reach a total, between reading
//! what is live and writing what shall be.

use noren_wire::admin::{Finding, PublishAnswer, site_text};
use noren_wire::error::{Code, Problem};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{By, Set, documents, ends, gone, must, note, program, put, save};
use crate::rules::{Compiled, Rules, merge};
use crate::sql::{Param, Sql, whole};
use crate::{Failure, Result};

/// What somebody wants to be live.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Change {
    /// Documents added or replaced by id, or the list as the whole set.
    Campaigns {
        /// Documents.
        campaigns: Vec<Json>,
        /// The list is the whole set.
        replace: bool,
        /// The site's document, where it changes too.
        site: Option<Json>,
    },
    /// The site's document alone.
    Document {
        /// The whole of it.
        document: Json,
    },
    /// One campaign less.
    Delete {
        /// Its id.
        id: String,
    },
    /// All documents of an older version, the site's too.
    Rollback {
        /// Which one.
        version: i64,
    },
}

/// A publish as it is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publish {
    /// The version it was made from, where that matters.
    pub base: Option<i64>,
    /// What changes.
    pub change: Change,
    /// Why, for the list of versions.
    pub note: String,
    /// By whom, when.
    pub by: By,
}

/// Publish, if what it was made from is still live and nothing has errors.
///
/// # Errors
/// `site_unknown`, `version_conflict` with the live version, `not_found` for a campaign or version that is not there, `body_invalid`,
/// `body_too_large`, `campaigns_invalid` and, where only the site's document was to change, `site_invalid`, both with findings; nothing is
/// changed then.
pub fn publish(sql: &dyn Sql, rules: &dyn Rules, asked: &Publish) -> Result<PublishAnswer> {
    let live = documents(sql, None)?;
    if asked.base.is_some_and(|base| base != live.version) {
        return Err(Problem { version: Some(live.version), ..Code::VersionConflict.into() }.into());
    }
    let (site, texts) = changed(sql, &live, &asked.change)?;
    let checked = rules.check(&site, &texts);
    if checked.has_errors() {
        let code = if asked.change.is_document() { Code::SiteInvalid } else { Code::CampaignsInvalid };
        return Err(Failure::Refused(Problem { findings: Some(checked.findings), ..code.into() }));
    }
    let compiled = rules.compile(&site, &texts, &ends::known(sql)?, &gone::lately(sql, asked.by.now)?, asked.by.now)?;
    let documents = checked.outlines.iter().map(|outline| outline.id.clone()).zip(texts).collect();
    let set = Set { version: live.version + 1, site, documents };
    commit(sql, &set, &compiled, asked, checked.findings)
}

impl Change {
    fn is_document(&self) -> bool {
        matches!(self, Change::Document { .. })
    }

    /// The word of the audit.
    fn action(&self) -> &'static str {
        match self {
            Change::Campaigns { .. } => "publish",
            Change::Document { .. } => "document",
            Change::Delete { .. } => "delete",
            Change::Rollback { .. } => "rollback",
        }
    }
}

/// The site's document and the campaigns' as they shall be.
fn changed(sql: &dyn Sql, live: &Set, change: &Change) -> Result<(String, Vec<String>)> {
    let texts = |set: &Set| set.documents.iter().map(|(_, text)| text.clone()).collect();
    Ok(match change {
        Change::Campaigns { campaigns, replace, site } => {
            let site = site.as_ref().map_or(Ok(live.site.clone()), |site| site_text(site, "site"))?;
            (site, merge(&live.documents, campaigns, *replace)?)
        }
        Change::Document { document } => (site_text(document, "document")?, texts(live)),
        Change::Delete { id } => {
            if !live.documents.iter().any(|(known, _)| known == id) {
                return Err(Code::NotFound.into());
            }
            let others = live.documents.iter().filter(|(known, _)| known != id);
            (live.site.clone(), others.map(|(_, text)| text.clone()).collect())
        }
        Change::Rollback { version } => {
            let old = documents(sql, Some(*version))?;
            (old.site.clone(), texts(&old))
        }
    })
}

fn commit(
    sql: &dyn Sql,
    set: &Set,
    compiled: &Compiled,
    asked: &Publish,
    findings: Vec<Finding>,
) -> Result<PublishAnswer> {
    let by = &asked.by;
    whole(sql, || {
        let mut doc = must(sql)?;
        super::create(sql)?;
        let mut list = Vec::new();
        for (id, text) in &set.documents {
            list.push((id, put(sql, text.as_bytes())?));
        }
        doc.version = set.version;
        doc.document.clear();
        if !set.site.is_empty() {
            doc.document = put(sql, set.site.as_bytes())?;
            sql.exec(
                "INSERT INTO version_site (version, document) VALUES (?, ?)",
                &[Param::Int(doc.version), Param::Text(&doc.document)],
            )?;
        }
        let stopped = program::write(sql, &mut doc, compiled, by.now)?;
        let list = serde_json::to_string(&list)?;
        sql.exec(
            "INSERT INTO version (version, at, who, note, program, documents) VALUES (?, ?, ?, ?, ?, ?)",
            &[
                Param::Int(doc.version),
                Param::Int(by.now),
                Param::Text(&by.name),
                Param::Text(&asked.note),
                Param::Text(&doc.program),
                Param::Text(&list),
            ],
        )?;
        save(sql, &doc)?;
        note(sql, by, asked.change.action(), &format!("version {}", doc.version))?;
        program::note_stopped(sql, &stopped, by.now)?;
        Ok(PublishAnswer { version: doc.version, program: doc.program, findings })
    })
}

#[cfg(test)]
mod tests;
