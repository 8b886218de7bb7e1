//! Numbers as JavaScript has them: all of them doubles, whatever the file wrote.

use serde_json::Value as Json;

/// A whole number, also where the file wrote `2.0`.
pub fn whole(json: &Json) -> Option<i64> {
    // 2^53: beyond it a double no longer tells neighbours apart.
    json.as_f64().filter(|n| n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0).map(|n| n as i64)
}

/// Equal as JSON, numbers by value (`1` is `1.0`), objects in any order.
pub fn same(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(x), Json::Number(y)) => x.as_f64() == y.as_f64(),
        (Json::Array(x), Json::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(a, b)| same(a, b)),
        (Json::Object(x), Json::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(k, v)| y.get(k).is_some_and(|w| same(v, w)))
        }
        _ => a == b,
    }
}

/// A finite number's text as ECMAScript's `Number::toString` writes it: the shortest digits that read back as the same number, with an
/// exponent from 1e21 up and below 1e-6.
pub fn text(n: f64) -> String {
    // Rust's exponent form has the same shortest digits; only the layout differs.
    let form = format!("{:e}", n.abs());
    let (mantissa, exponent) = form.split_once('e').unwrap_or((&form, "0"));
    let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
    let count = digits.len() as i32;
    // Where the decimal point stands, counted from the first digit.
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
    let unsigned = if n == 0.0 {
        "0".into()
    } else if count <= point && point <= 21 {
        format!("{digits}{}", zeros(point - count))
    } else if 0 < point && point <= 21 {
        let (whole, rest) = digits.split_at(point.unsigned_abs() as usize);
        format!("{whole}.{rest}")
    } else if -6 < point && point <= 0 {
        format!("0.{}{digits}", zeros(-point))
    } else {
        format!("{mantissa}e{}{}", if point > 0 { "+" } else { "-" }, (point - 1).abs())
    };
    if n < 0.0 { format!("-{unsigned}") } else { unsigned }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_read_as_a_browser_writes_them() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (123.0, "123"),
            (-1.5, "-1.5"),
            (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.5e21, "1.5e+21"),
            (-1.25e-7, "-1.25e-7"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (123456789.125, "123456789.125"),
            (f64::MAX, "1.7976931348623157e+308"),
            (5e-324, "5e-324"),
        ];
        for (n, expected) in cases {
            assert_eq!(text(n), expected);
        }
    }

    #[test]
    fn a_number_is_its_value() {
        assert!(same(&json!({"a": [1, 2.5]}), &json!({"a": [1.0, 2.5]})));
        assert!(!same(&json!({"a": 1}), &json!({"a": "1"})));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": null})));
        assert_eq!(whole(&json!(2.0)), Some(2));
        assert_eq!(whole(&json!(2.5)), None);
        assert_eq!(whole(&json!(1e300)), None);
    }
}
