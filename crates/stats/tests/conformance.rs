//! The committed cases, and, where `NOREN_CONFORMANCE_DIR` names a folder with a larger case file, those of its cases that this room
//! answers.

use noren_stats::{Confidence, Estimate, Proportion, difference, relative_lift, sample_ratio, wilson};
use serde_json::Value;

fn num(value: &Value) -> f64 {
    // What is no number fails the comparison.
    value.as_f64().unwrap_or(f64::NAN)
}

fn close(got: f64, expected: f64) -> bool {
    (got - expected).abs() <= 1e-9 + 1e-6 * expected.abs()
}

fn arm(value: &Value) -> Option<Proportion> {
    Proportion::new(num(&value["x"]), num(&value["n"]))
}

fn same(got: Option<Estimate>, expected: Option<[f64; 3]>, case: &Value) {
    let got = got.map(|e| [e.value, e.low, e.high]);
    let agree = match (got, expected) {
        (None, None) => true,
        (Some(got), Some(expected)) => got.iter().zip(expected).all(|(g, e)| close(*g, e)),
        _ => false,
    };
    assert!(agree, "{case}: got {got:?}");
}

#[test]
fn the_committed_cases_hold() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/conformance/stats.json")).unwrap();
    let cases = file["cases"].as_array().unwrap();
    let mut kinds = std::collections::BTreeMap::<&str, usize>::new();
    for case in cases {
        let kind = case["kind"].as_str().unwrap();
        *kinds.entry(kind).or_default() += 1;
        let expected = &case["expected"];
        if kind == "sample_ratio" {
            let arms: Vec<(f64, f64)> = case["seen"]
                .as_array()
                .unwrap()
                .iter()
                .zip(case["weights"].as_array().unwrap())
                .map(|(seen, weight)| (num(seen), num(weight)))
                .collect();
            match sample_ratio(&arms) {
                None => assert!(expected.is_null(), "{case}"),
                Some(got) => {
                    assert!(close(got.chi_square, num(&expected["chi_square"])), "{case}: {got:?}");
                    assert!(close(got.p_value, num(&expected["p_value"])), "{case}: {got:?}");
                }
            }
            continue;
        }
        let confidence = Confidence::new(num(&case["confidence"])).unwrap();
        let expected = (!expected.is_null()).then(|| ["value", "low", "high"].map(|key| num(&expected[key])));
        let got = match kind {
            "wilson" => arm(case).map(|rate| wilson(rate, confidence)),
            "relative_lift" => {
                relative_lift(arm(&case["control"]).unwrap(), arm(&case["treated"]).unwrap(), confidence)
            }
            "difference" => difference(arm(&case["control"]).unwrap(), arm(&case["treated"]).unwrap(), confidence),
            _ => panic!("no such kind: {case}"),
        };
        same(got, expected, case);
    }
    assert!(kinds.len() == 4 && kinds.values().all(|n| *n >= 3), "{kinds:?}");
}

#[test]
fn a_larger_file_agrees_where_it_is_at_hand() {
    let Some(folder) = std::env::var_os("NOREN_CONFORMANCE_DIR") else { return };
    let path = std::path::Path::new(&folder).join("stats-cases.json");
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut answered = 0;
    for case in file["cases"].as_array().unwrap() {
        let (input, expected) = (&case["input"], &case["expected"]);
        let confidence = || Confidence::new(1.0 - num(&input["alpha"])).unwrap();
        let ends = |ci: &Value| [num(&ci[0]), num(&ci[1])];
        match case["kind"].as_str().unwrap() {
            "proportion_ci" => {
                let rate = arm(input).unwrap();
                let [low, high] = ends(&expected["wilson"]);
                same(Some(wilson(rate, confidence())), Some([rate.share(), low, high]), case);
            }
            "lift_proportion" => {
                let (a, b) = (arm(&input["a"]).unwrap(), arm(&input["b"]).unwrap());
                let got = match input["difference"].as_str() {
                    Some("relative") => relative_lift(a, b, confidence()),
                    _ => difference(a, b, confidence()),
                };
                let [low, high] = ends(&expected["ci"]);
                same(got, Some([num(&expected["estimate"]), low, high]), case);
            }
            "srm" => {
                let list = |key: &str| input[key].as_array().unwrap().iter().map(num).collect::<Vec<_>>();
                let arms: Vec<_> = list("users").into_iter().zip(list("weights")).collect();
                let got = sample_ratio(&arms).unwrap();
                assert!(close(got.chi_square, num(&expected["chi2"])), "{case}: {got:?}");
                assert!(close(got.p_value, num(&expected["p_value"])), "{case}: {got:?}");
            }
            // The rest of the file is about methods this room does not have.
            _ => continue,
        }
        answered += 1;
    }
    assert!(answered > 0, "the file has no case that this room answers");
}

#[test]
fn an_arm_that_nobody_should_reach_is_certainly_wrong() {
    let got = sample_ratio(&[(50.0, 1.0), (50.0, 1.0), (1.0, 0.0)]).unwrap();
    assert_eq!((got.chi_square, got.p_value), (f64::INFINITY, 0.0));
}

#[test]
fn intervals_hold_their_value_and_stay_numbers_over_a_grid_of_counts() {
    let counts = [0.0, 1.0, 2.0, 3.0, 10.0, 99.0, 1_000.0, 1e6, 1e12];
    let arms: Vec<Proportion> =
        counts.iter().flat_map(|of| counts.iter().filter_map(|hits| Proportion::new(*hits, *of))).collect();
    assert!(arms.len() > 40);
    for confidence in [0.5, 0.95, 0.999_999].map(|c| Confidence::new(c).unwrap()) {
        for a in &arms {
            let rate = wilson(*a, confidence);
            assert!(0.0 <= rate.low && rate.low <= rate.value && rate.value <= rate.high && rate.high <= 1.0, "{a:?}");
            assert!(rate.high > rate.low, "an interval has width: {a:?} {rate:?}");
            for b in &arms {
                for lift in [relative_lift(*a, *b, confidence), difference(*a, *b, confidence)].into_iter().flatten() {
                    assert!(lift.low < lift.value && lift.value < lift.high, "{a:?} {b:?} {lift:?}");
                }
            }
        }
    }
    assert_eq!(Confidence::new(1.0), None);
    assert_eq!(Confidence::new(f64::NAN), None);
}
