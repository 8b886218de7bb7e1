//! What the edge borrows from the rule room to publish: checking and compiling, and how a list of documents comes together.

use noren_wire::admin::{Both, Finding, document_texts};
use noren_wire::bounds::CAMPAIGNS_MAX;
use noren_wire::error::Problem;
use noren_wire::inner::Total;
use serde_json::Value as Json;
use std::collections::BTreeMap;

use crate::Result;

/// What reading a document gave, as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Its id.
    pub id: String,
    /// For people.
    pub name: String,
    /// `live`, `paused`...
    pub status: String,
    /// The rule as a sentence.
    pub sentence: Both,
    /// The instant of its date to stop at, Unix ms.
    pub ends_at: Option<i64>,
}

/// What a check gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// Errors and warnings.
    pub findings: Vec<Finding>,
    /// One per document, in order.
    pub outlines: Vec<Outline>,
}

impl Checked {
    /// Whether anything forbids publishing.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|f| f.level == "error")
    }
}

/// A compiled set.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Compiled {
    /// The program's bytes.
    pub program: Vec<u8>,
    /// The same with the campaigns that have reached a total, where there are such: what happens after their last shows is still counted.
    pub counted: Option<Vec<u8>>,
    /// Contents by hash.
    pub contents: Vec<(String, String)>,
    /// When it must be compiled again, Unix ms.
    pub renew_at: Option<i64>,
    /// Its campaigns that stop at a total.
    pub ends: Vec<Ends>,
}

/// A live campaign that stops at a total.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Its id.
    pub campaign: String,
    /// Shows it stops at.
    pub shows: Option<u64>,
    /// Conversions it stops at.
    pub conversions: Option<u64>,
    /// The total it has reached: it is not in the program.
    pub reached: Option<Reached>,
}

/// Which total was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// So many shows were asked for.
    Shows(u64),
    /// So many conversions were asked for.
    Conversions(u64),
}

/// What is known of campaigns' totals, by id.
pub type Totals = BTreeMap<String, Total>;

/// The rule room, as the edge sees it. `site` is the site's document, empty for one that says nothing.
pub trait Rules {
    /// Check documents together.
    fn check(&self, site: &str, documents: &[String]) -> Checked;

    /// Compile documents; those with errors are left out, and those that have reached a total. Of `lately`, the ids of what was live not long
    /// ago, latest first, the program names those that are not live now.
    ///
    /// # Errors
    /// `Broken` when a checked set does not compile.
    fn compile(
        &self,
        site: &str,
        documents: &[String],
        totals: &Totals,
        lately: &[String],
        now: i64,
    ) -> Result<Compiled>;
}

/// The set that a publish asks for: what is live, with documents added or replaced by id, or the given list alone. Documents without a
/// usable id stay in the list for the check to find.
///
/// # Errors
/// `body_invalid` for too many or too long documents.
pub fn merge(live: &[(String, String)], given: &[Json], replace: bool) -> core::result::Result<Vec<String>, Problem> {
    let texts = document_texts(given)?;
    let ids: Vec<&str> = given.iter().filter_map(|doc| doc.get("id")?.as_str()).collect();
    let mut all: Vec<String> = Vec::new();
    if !replace {
        all.extend(live.iter().filter(|(id, _)| !ids.contains(&id.as_str())).map(|(_, text)| text.clone()));
    }
    all.extend(texts);
    if all.len() > CAMPAIGNS_MAX {
        return Err(Problem::field("campaigns", "at most 1,000 campaigns a site"));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn documents_are_added_or_replaced_by_id() {
        let live = [("a".to_string(), "old a".to_string()), ("b".to_string(), "old b".to_string())];
        let given = [json!({"id":"b","name":"new"}), json!({"id":"c"}), json!({"name":"no id"}), json!(7)];
        let merged = merge(&live, &given, false).unwrap();
        assert_eq!(merged, ["old a", r#"{"id":"b","name":"new"}"#, r#"{"id":"c"}"#, r#"{"name":"no id"}"#, "7"]);
        assert_eq!(merge(&live, &given[..1], true).unwrap().len(), 1);
        assert!(merge(&live, &[json!({"id":"x","text":"あ".repeat(50_000)})], false).is_err());
    }
}
