//! The section about sticky buckets: a whole feature is evaluated for somebody who may have been there before.

use super::feature::{Docs, Document, Visitor};
use super::regex::Bounded;
use super::{Verdict, number, verdict};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;

/// `[name, context, documents before, feature, result of the experiment or null, documents after]`
pub fn run(case: &[Json], regexes: &Bounded) -> Option<Verdict> {
    let [_, context, before, feature, result, after] = case else { return None };
    let mut visitor = Visitor::new(context, regexes);
    visitor.docs = stored(context, before.as_array()?, &visitor)?;
    let got = visitor.evaluate(feature.as_str()?).result.unwrap_or(Json::Null);
    let docs = written(&visitor.docs);
    let passed = number::same(&got, result) && number::same(&docs, after);
    let got = json!({"result": got, "documents": docs});
    Some(verdict(passed, got, json!({"result": result, "documents": after})))
}

/// What the visitor's storage holds: of all documents those under an attribute that some experiment assigns by, with the visitor's value
/// of it. Documents that the context brings along are the visitor's by definition.
fn stored(context: &Json, all: &[Json], visitor: &Visitor) -> Option<Docs> {
    let own: BTreeSet<String> = identifiers(context)
        .into_iter()
        .filter_map(|name| visitor.unit(&name, "").map(|unit| Document::key(&unit.attribute, &unit.text)))
        .collect();
    let mut docs = Docs::new();
    for doc in all {
        let doc = Document::read(doc)?;
        let key = Document::key(&doc.attribute, &doc.value);
        if own.contains(&key) {
            docs.insert(key, doc);
        }
    }
    for doc in context["stickyBucketAssignmentDocs"].as_object().into_iter().flat_map(Map::values) {
        let doc = Document::read(doc)?;
        docs.insert(Document::key(&doc.attribute, &doc.value), doc);
    }
    Some(docs)
}

/// The attributes that experiments assign by: those the context names, else those its features name.
fn identifiers(context: &Json) -> Vec<String> {
    if let Some(named) = context["stickyBucketIdentifierAttributes"].as_array() {
        return named.iter().filter_map(Json::as_str).map(String::from).collect();
    }
    let features = context["features"].as_object().into_iter().flat_map(Map::values);
    let rules = features.filter_map(|f| f["rules"].as_array()).flatten().filter(|r| r["variations"].is_array());
    rules
        .flat_map(|rule| [rule["hashAttribute"].as_str().or(Some("id")), rule["fallbackAttribute"].as_str()])
        .flatten()
        .map(String::from)
        .collect()
}

fn written(docs: &Docs) -> Json {
    let entries = docs.iter().map(|(key, doc)| {
        let assignments: Map<String, Json> = doc.assignments.iter().map(|(k, v)| (k.to_string(), json!(v))).collect();
        let json = json!({"attributeName": doc.attribute, "attributeValue": doc.value, "assignments": assignments});
        (key.clone(), json)
    });
    Json::Object(entries.collect())
}
