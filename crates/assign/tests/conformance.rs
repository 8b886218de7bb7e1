//! The committed vectors, and, where `NOREN_CONFORMANCE_DIR` names a folder with GrowthBook's case file, every case of it that is about
//! assignment.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

use noren_assign::{bucket_ranges, choose_variation, equal_weights, hash, in_namespace, query_string_override};
use serde_json::Value;

fn own() -> Value {
    serde_json::from_str(include_str!("../../../tests/conformance/assign.json")).unwrap()
}

fn close(a: f64, b: f64) -> bool {
    // The files print at most eight decimals.
    (a - b).abs() < 5e-9
}

fn numbers(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect()
}

fn ranges(v: &Value) -> Vec<(f64, f64)> {
    v.as_array().unwrap().iter().map(|r| (r[0].as_f64().unwrap(), r[1].as_f64().unwrap())).collect()
}

fn same_ranges(a: &[(f64, f64)], b: &[(f64, f64)]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| close(x.0, y.0) && close(x.1, y.1))
}

#[test]
fn the_committed_vectors_hold() {
    let file = own();
    let hashes = file["hash"].as_array().unwrap();
    assert!(hashes.len() >= 50);
    for c in hashes {
        let version = c["version"].as_u64().unwrap() as u8;
        let got = hash(c["seed"].as_str().unwrap(), c["value"].as_str().unwrap(), version);
        assert_eq!(got, c["expected"].as_f64(), "{c}");
    }
    for c in file["bucketRanges"].as_array().unwrap() {
        let weights = c["weights"].is_array().then(|| numbers(&c["weights"]));
        let got = bucket_ranges(
            c["variations"].as_i64().unwrap() as i32,
            c["coverage"].as_f64().unwrap(),
            weights.as_deref(),
        );
        assert!(same_ranges(&got, &ranges(&c["expected"])), "{c}: {got:?}");
    }
    for c in file["chooseVariation"].as_array().unwrap() {
        let got = choose_variation(c["place"].as_f64().unwrap(), &ranges(&c["ranges"]));
        assert_eq!(got.map(|i| i as u64), c["expected"].as_u64(), "{c}");
    }
    for c in file["inNamespace"].as_array().unwrap() {
        let range = (c["range"][0].as_f64().unwrap(), c["range"][1].as_f64().unwrap());
        let got = in_namespace(c["value"].as_str().unwrap(), c["namespace"].as_str().unwrap(), range);
        assert_eq!(Some(got), c["expected"].as_bool(), "{c}");
    }
}

#[test]
fn growthbooks_cases_hold_where_they_are_at_hand() {
    let Some(folder) = std::env::var_os("NOREN_CONFORMANCE_DIR") else { return };
    let path = std::path::Path::new(&folder).join("growthbook-cases.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let cases = |section: &str| file[section].as_array().unwrap().clone();
    for c in cases("hash") {
        let version = c[2].as_u64().unwrap() as u8;
        assert_eq!(hash(c[0].as_str().unwrap(), c[1].as_str().unwrap(), version), c[3].as_f64(), "{c}");
    }
    for c in cases("getBucketRange") {
        let weights = c[1][2].is_array().then(|| numbers(&c[1][2]));
        let got = bucket_ranges(c[1][0].as_i64().unwrap() as i32, c[1][1].as_f64().unwrap(), weights.as_deref());
        assert!(same_ranges(&got, &ranges(&c[2])), "{c}: {got:?}");
    }
    for c in cases("chooseVariation") {
        let got = choose_variation(c[1].as_f64().unwrap(), &ranges(&c[2]));
        assert_eq!(got.map_or(-1, |i| i as i64), c[3].as_i64().unwrap(), "{c}");
    }
    for c in cases("inNamespace") {
        let range = (c[2][1].as_f64().unwrap(), c[2][2].as_f64().unwrap());
        let got = in_namespace(c[1].as_str().unwrap(), c[2][0].as_str().unwrap(), range);
        assert_eq!(Some(got), c[3].as_bool(), "{c}");
    }
    for c in cases("getEqualWeights") {
        let got = equal_weights(c[0].as_i64().unwrap() as i32);
        let expected = numbers(&c[1]);
        assert!(got.len() == expected.len() && got.iter().zip(&expected).all(|(a, b)| close(*a, *b)), "{c}: {got:?}");
    }
    for c in cases("getQueryStringOverride") {
        let variations = c[3].as_u64().unwrap() as usize;
        let got = query_string_override(c[1].as_str().unwrap(), c[2].as_str().unwrap(), variations);
        assert_eq!(got.map(|i| i as u64), c[4].as_u64(), "{c}");
    }
}
