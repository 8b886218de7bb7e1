//! What the edge borrows from the rule room to publish: checking and compiling, and how a list of documents comes together.

use noren_wire::admin::{Both, Finding, document_texts};
use noren_wire::bounds::CAMPAIGNS_MAX;
use noren_wire::error::Problem;
use serde_json::Value as Json;

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
    /// Contents by hash.
    pub contents: Vec<(String, String)>,
}

/// The rule room, as the edge sees it.
pub trait Rules {
    /// Check documents together.
    fn check(&self, documents: &[String]) -> Checked;

    /// Compile documents that [`Rules::check`] found no error in.
    ///
    /// # Errors
    /// `Broken` when a checked set does not compile.
    fn compile(&self, documents: &[String], now: i64) -> Result<Compiled>;
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
