//! The sections that are one call of `noren-assign` each. `None` is a case of another shape than the specification's.

use super::number::whole;
use super::regex::Bounded;
use super::{Verdict, equal, verdict};
use noren_assign::{BucketRange, bucket_ranges, choose_variation, equal_weights, in_namespace, query_string_override};
use serde_json::{Value as Json, json};

/// The specification compares shares and ranges to eight decimals, which is what the files print.
const DECIMALS: f64 = 1e-8;
/// More variations than any case has; a file may ask for as many as it likes, and each takes memory.
const VARIATIONS_MAX: i64 = 100_000;

/// `[seed, value, version, place or null]`
pub fn hash(case: &[Json], _: &Bounded) -> Option<Verdict> {
    let [seed, value, version, expected] = case else { return None };
    Some(equal(place(seed.as_str()?, value.as_str()?, whole(version)?), expected))
}

/// A hash under a version; `None` for one that does not exist.
pub fn place(seed: &str, value: &str, version: i64) -> Option<f64> {
    noren_assign::hash(seed, value, u8::try_from(version).ok()?)
}

/// `[name, [variations, coverage, weights or null], ranges]`
pub fn bucket_range(case: &[Json], _: &Bounded) -> Option<Verdict> {
    let [_, given, expected] = case else { return None };
    let [variations, coverage, weights] = given.as_array()?.as_slice() else { return None };
    let coverage = if coverage.is_null() { 1.0 } else { coverage.as_f64()? };
    let weights = if weights.is_null() { None } else { Some(numbers(weights)?) };
    let got = bucket_ranges(count(variations)?, coverage, weights.as_deref());
    let same = ranges(expected)?.len() == got.len()
        && ranges(expected)?.iter().zip(&got).all(|(a, b)| near(a.0, b.0) && near(a.1, b.1));
    Some(verdict(same, json!(got), expected.clone()))
}

/// `[name, place, ranges, index or -1]`
pub fn choose(case: &[Json], _: &Bounded) -> Option<Verdict> {
    let [_, place, given, expected] = case else { return None };
    let got = choose_variation(place.as_f64()?, &ranges(given)?);
    Some(equal(got.map_or(json!(-1), |i| json!(i)), expected))
}

/// `[name, id, [namespace, from, until], whether in it]`
pub fn namespace(case: &[Json], _: &Bounded) -> Option<Verdict> {
    let [_, id, namespace, expected] = case else { return None };
    Some(equal(within(id.as_str()?, namespace)?, expected))
}

/// Whether a value lies in a namespace's range, `[namespace, from, until]`.
pub fn within(value: &str, namespace: &Json) -> Option<bool> {
    let [name, from, until] = namespace.as_array()?.as_slice() else { return None };
    Some(in_namespace(value, name.as_str()?, (from.as_f64()?, until.as_f64()?)))
}

/// `[variations, weights]`
pub fn weights(case: &[Json], _: &Bounded) -> Option<Verdict> {
    let [variations, expected] = case else { return None };
    let (got, wanted) = (equal_weights(count(variations)?), numbers(expected)?);
    let same = got.len() == wanted.len() && got.iter().zip(&wanted).all(|(a, b)| near(*a, *b));
    Some(verdict(same, json!(got), expected.clone()))
}

/// `[name, key, address, variations, index or null]`
pub fn query(case: &[Json], _: &Bounded) -> Option<Verdict> {
    let [_, key, url, variations, expected] = case else { return None };
    let variations = usize::try_from(whole(variations)?).ok()?;
    Some(equal(query_string_override(key.as_str()?, url.as_str()?, variations), expected))
}

/// A list of numbers.
pub fn numbers(json: &Json) -> Option<Vec<f64>> {
    json.as_array()?.iter().map(Json::as_f64).collect()
}

/// A list of ranges, `[from, until]` each.
pub fn ranges(json: &Json) -> Option<Vec<BucketRange>> {
    json.as_array()?.iter().map(range).collect()
}

/// One range.
pub fn range(json: &Json) -> Option<BucketRange> {
    let [from, until] = json.as_array()?.as_slice() else { return None };
    Some((from.as_f64()?, until.as_f64()?))
}

fn count(json: &Json) -> Option<i32> {
    whole(json).filter(|n| *n <= VARIATIONS_MAX).and_then(|n| i32::try_from(n).ok())
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() < DECIMALS
}
