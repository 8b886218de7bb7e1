//! The committed vectors. GrowthBook's own case file is run by `noren conformance` and its test.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

use noren_assign::{bucket_ranges, choose_variation, hash, in_namespace};
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
