//! As much of the specification's feature evaluation as sticky buckets need: forced rules, roll-outs, filters, namespaces, prerequisites
//! and experiments. What it reports of an experiment is the specification's result object.
//!
//! A rule's members mean what the specification says; one of another type counts as left out.

use super::cases::{numbers, place, range, ranges, within};
use super::conditions::holds;
use super::number;
use super::regex::Bounded;
use noren_assign::{
    Assignment, Experiment, Sticky, bucket_ranges, choose_variation, in_range, query_string_override, remember,
    sticky_variation,
};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

/// Features asked for while one is evaluated; beyond it prerequisites count as going round in circles.
const EVALUATIONS_MAX: u32 = 10_000;
/// How long a chain of prerequisites may be, for the same reason.
const CHAIN_MAX: usize = 100;

/// Assignments remembered for one value of one attribute.
pub struct Document {
    pub attribute: String,
    pub value: String,
    pub assignments: Vec<Assignment>,
}

/// Documents by [`Document::key`].
pub type Docs = BTreeMap<String, Document>;

impl Document {
    pub fn key(attribute: &str, value: &str) -> String {
        format!("{attribute}||{value}")
    }

    pub fn read(json: &Json) -> Option<Document> {
        let assignments = json["assignments"].as_object()?;
        Some(Document {
            attribute: json["attributeName"].as_str()?.into(),
            value: json["attributeValue"].as_str()?.into(),
            assignments: assignments
                .iter()
                .filter_map(|(k, v)| Some((k.as_str().into(), v.as_str()?.into())))
                .collect(),
        })
    }
}

/// What somebody is assigned by: an attribute, its value as it stands there, and the text that is hashed.
pub struct Unit {
    pub attribute: String,
    pub value: Json,
    pub text: String,
}

/// What a feature came to.
pub struct Outcome {
    /// Its value; null where it has none.
    pub value: Json,
    /// The experiment that gave the value, if one did.
    pub result: Option<Json>,
    /// It depends on itself.
    cyclic: bool,
}

impl Outcome {
    fn value(value: &Json) -> Outcome {
        Outcome { value: value.clone(), result: None, cyclic: false }
    }

    fn cyclic() -> Outcome {
        Outcome { value: Json::Null, result: None, cyclic: true }
    }
}

/// How the prerequisites of a rule stand.
enum Parents {
    Met,
    /// The next rule's turn.
    Skip,
    /// The feature as a whole has no value.
    Block,
    Cyclic,
}

/// Somebody for whom features are evaluated.
pub struct Visitor<'c> {
    context: &'c Json,
    regexes: &'c Bounded,
    /// What was assigned before, and since.
    pub docs: Docs,
    left: u32,
}

impl<'c> Visitor<'c> {
    pub fn new(context: &'c Json, regexes: &'c Bounded) -> Visitor<'c> {
        Visitor { context, regexes, docs: Docs::new(), left: EVALUATIONS_MAX }
    }

    pub fn evaluate(&mut self, feature: &str) -> Outcome {
        self.feature(feature, &mut Vec::new())
    }

    fn feature(&mut self, id: &str, chain: &mut Vec<String>) -> Outcome {
        if self.left == 0 || chain.len() >= CHAIN_MAX || chain.iter().any(|above| above == id) {
            return Outcome::cyclic();
        }
        self.left -= 1;
        let context = self.context;
        let Some(feature) = context["features"].get(id) else { return Outcome::value(&Json::Null) };
        chain.push(id.into());
        let outcome = feature["rules"].as_array().into_iter().flatten().find_map(|rule| self.rule(rule, id, chain));
        chain.pop();
        outcome.unwrap_or_else(|| Outcome::value(&feature["defaultValue"]))
    }

    /// What a rule gives; `None` where it is the next one's turn.
    fn rule(&mut self, rule: &Json, id: &str, chain: &mut Vec<String>) -> Option<Outcome> {
        match self.parents(rule, chain) {
            Parents::Met => {}
            Parents::Skip => return None,
            Parents::Block => return Some(Outcome::value(&Json::Null)),
            Parents::Cyclic => return Some(Outcome::cyclic()),
        }
        if rule["filters"].as_array().is_some_and(|filters| !filters.iter().all(|f| self.passes_filter(f))) {
            return None;
        }
        if let Some(forced) = rule.get("force") {
            return (self.passes_condition(rule) && self.in_rollout(rule, id)).then(|| Outcome::value(forced));
        }
        let result = self.experiment(rule, id)?;
        // Somebody kept out of a holdout goes on to the rules after it.
        let stays = result["passthrough"] != true;
        stays.then(|| Outcome { value: result["value"].clone(), result: Some(result), cyclic: false })
    }

    fn parents(&mut self, rule: &Json, chain: &mut Vec<String>) -> Parents {
        for parent in rule["parentConditions"].as_array().into_iter().flatten() {
            let outcome = self.feature(parent["id"].as_str().unwrap_or(""), chain);
            if outcome.cyclic {
                return Parents::Cyclic;
            }
            let condition = if parent["condition"].is_null() { &json!({}) } else { &parent["condition"] };
            if !holds(condition, &json!({"value": outcome.value}), &Json::Null, self.regexes) {
                return if parent["gate"] == true { Parents::Block } else { Parents::Skip };
            }
        }
        Parents::Met
    }

    fn passes_condition(&self, rule: &Json) -> bool {
        let condition = &rule["condition"];
        condition.is_null() || holds(condition, &self.context["attributes"], &self.context["savedGroups"], self.regexes)
    }

    fn passes_filter(&self, filter: &Json) -> bool {
        let at = || {
            let unit = self.unit(filter["attribute"].as_str().unwrap_or(""), "")?;
            place(filter["seed"].as_str()?, &unit.text, version(&filter["hashVersion"], 2))
        };
        at().is_some_and(|n| ranges(&filter["ranges"]).is_some_and(|list| list.iter().any(|r| in_range(n, *r))))
    }

    fn in_rollout(&self, rule: &Json, id: &str) -> bool {
        let (range, coverage) = (range(&rule["range"]), rule["coverage"].as_f64());
        if range.is_none() && coverage.is_none() {
            return true;
        }
        let at = || {
            let unit = self.unit(text(&rule["hashAttribute"]), fallback(rule))?;
            place(or(text(&rule["seed"]), id), &unit.text, version(&rule["hashVersion"], 1))
        };
        at().is_some_and(|n| in_range(n, range.unwrap_or((0.0, coverage.unwrap_or(0.0)))))
    }

    /// The result of an experiment for somebody who is in it.
    fn experiment(&mut self, rule: &Json, id: &str) -> Option<Json> {
        let context = self.context;
        let variations = rule["variations"].as_array()?;
        if variations.len() < 2 || context["enabled"] == false {
            return None;
        }
        let key = or(text(&rule["key"]), id);
        let by_link = query_string_override(key, text(&context["url"]), variations.len());
        let forced =
            context["forcedVariations"].get(key).map(|n| number::whole(n).and_then(|n| usize::try_from(n).ok()));
        if let Some(index) = by_link.map(Some).or(forced) {
            return self.result(rule, id, index?, None);
        }
        let unit = self.unit(text(&rule["hashAttribute"]), fallback(rule))?;
        let sticky = if keeps(rule) { self.sticky(rule, key) } else { Sticky::Free };
        // Who was in once stays in: neither the namespace nor the condition is asked again.
        let admitted = matches!(sticky, Sticky::Kept(_))
            || self.passes_namespace(rule, &unit.text)? && self.passes_condition(rule);
        let n = place(or(text(&rule["seed"]), key), &unit.text, version(&rule["hashVersion"], 1))?;
        let index = match sticky {
            Sticky::Blocked => None,
            Sticky::Kept(index) => Some(index),
            Sticky::Free => choose_variation(n, &buckets(rule, variations.len())?),
        }?;
        if !admitted || context["qaMode"] == true {
            return None;
        }
        let result = self.result(rule, id, index, Some((n, sticky != Sticky::Free)))?;
        if keeps(rule) {
            let doc = self.docs.entry(Document::key(&unit.attribute, &unit.text)).or_insert_with(|| Document {
                attribute: unit.attribute,
                value: unit.text,
                assignments: Vec::new(),
            });
            remember(&mut doc.assignments, key, count(&rule["bucketVersion"]), text(&result["key"]));
        }
        Some(result)
    }

    /// Filters, where a rule has some, take the place of its namespace.
    fn passes_namespace(&self, rule: &Json, unit: &str) -> Option<bool> {
        let asked = !rule["filters"].is_array() && !rule["namespace"].is_null();
        if asked { within(unit, &rule["namespace"]) } else { Some(true) }
    }

    fn sticky(&self, rule: &Json, key: &str) -> Sticky {
        let meta = rule["meta"].as_array().map(Vec::as_slice).unwrap_or_default();
        let variations: Vec<Box<str>> = meta.iter().map(|m| text(&m["key"]).into()).collect();
        let experiment = Experiment {
            key,
            version: count(&rule["bucketVersion"]),
            min_version: count(&rule["minBucketVersion"]),
            variations: &variations,
        };
        let given = |attribute: &str| {
            let unit = self.unit(attribute, "")?;
            Some(self.docs.get(&Document::key(&unit.attribute, &unit.text))?.assignments.as_slice())
        };
        let own = given(text(&rule["hashAttribute"])).unwrap_or_default();
        let before = if fallback(rule).is_empty() { None } else { given(fallback(rule)) };
        sticky_variation(&experiment, own, before.unwrap_or_default())
    }

    /// The specification's account of an assignment. `hashed` has the place in `[0, 1)` and whether an earlier assignment was kept.
    fn result(&self, rule: &Json, id: &str, index: usize, hashed: Option<(f64, bool)>) -> Option<Json> {
        let value = rule["variations"].get(index)?;
        let meta = &rule["meta"][index];
        let key = or(text(&meta["key"]), &index.to_string()).to_string();
        let unit = self.unit(text(&rule["hashAttribute"]), fallback(rule));
        let (attribute, hash_value) = match unit {
            Some(unit) => (unit.attribute, unit.value),
            None => (or(text(&rule["hashAttribute"]), "id").into(), json!("")),
        };
        let mut result = Map::new();
        let mut put = |name: &str, value: Json| result.insert(name.into(), value);
        put("key", json!(key));
        put("featureId", json!(id));
        put("inExperiment", json!(true));
        put("hashUsed", json!(hashed.is_some()));
        put("variationId", json!(index));
        put("value", value.clone());
        put("hashAttribute", json!(attribute));
        put("hashValue", hash_value);
        put("stickyBucketUsed", json!(hashed.is_some_and(|(_, kept)| kept)));
        if let Some((place, _)) = hashed {
            put("bucket", json!(place));
        }
        if let Some(name) = meta["name"].as_str() {
            put("name", json!(name));
        }
        if meta["passthrough"] == true {
            put("passthrough", json!(true));
        }
        Some(Json::Object(result))
    }

    /// What somebody is assigned by: the attribute (`id` where it is left out), else the fallback. Text that is not empty and numbers
    /// other than 0 identify somebody; nothing else does.
    pub fn unit(&self, attribute: &str, fallback: &str) -> Option<Unit> {
        let of = |attribute: &str| {
            let value = self.attribute(attribute)?;
            let text = match value {
                Json::String(text) => text.clone(),
                Json::Number(n) => n.as_f64().filter(|n| n.is_finite() && *n != 0.0).map(number::text)?,
                _ => return None,
            };
            (!text.is_empty()).then(|| Unit { attribute: attribute.into(), value: value.clone(), text })
        };
        of(or(attribute, "id")).or_else(|| if fallback.is_empty() { None } else { of(fallback) })
    }

    /// An attribute by its name, or, where there is none, by the path that the name spells.
    fn attribute(&self, name: &str) -> Option<&'c Json> {
        let attributes = &self.context["attributes"];
        attributes.get(name).or_else(|| name.split('.').try_fold(attributes, |at, member| at.get(member)))
    }
}

/// Whether assignments of a rule are kept.
fn keeps(rule: &Json) -> bool {
    rule["disableStickyBucketing"] != true
}

/// The attribute that stands in for the rule's own. It would assign people anew once they sign in, so it counts only while assignments
/// are kept.
fn fallback(rule: &Json) -> &str {
    if keeps(rule) { text(&rule["fallbackAttribute"]) } else { "" }
}

fn buckets(rule: &Json, variations: usize) -> Option<Vec<noren_assign::BucketRange>> {
    if rule["ranges"].is_array() {
        return ranges(&rule["ranges"]);
    }
    let weights = numbers(&rule["weights"]);
    Some(bucket_ranges(i32::try_from(variations).ok()?, rule["coverage"].as_f64().unwrap_or(1.0), weights.as_deref()))
}

/// A text, or an empty one.
fn text(json: &Json) -> &str {
    json.as_str().unwrap_or("")
}

/// A text, or another where it is empty.
fn or<'a>(text: &'a str, other: &'a str) -> &'a str {
    if text.is_empty() { other } else { text }
}

/// A count, 0 where there is none.
fn count(json: &Json) -> u64 {
    number::whole(json).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
}

/// A hash version, another where there is none.
fn version(json: &Json, otherwise: i64) -> i64 {
    match json {
        Json::Null => otherwise,
        _ => number::whole(json).map_or(-1, |n| if n == 0 { otherwise } else { n }),
    }
}
