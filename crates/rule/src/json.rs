//! Values as canonical JSON: no white space, keys in ascending byte order, a key written twice with its last value, numbers in their
//! shortest decimal form. The same value always gives the same text, whatever order it was written in.

use noren_event::Value;

/// Canonical JSON of a value. What JSON cannot say (NaN, infinities, bytes) is `null`.
pub fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write(&mut out, value);
    out
}

fn write(out: &mut String, value: &Value) {
    match value {
        Value::Null | Value::Bytes(_) => out.push_str("null"),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Num(n) if !n.is_finite() => out.push_str("null"),
        // Negative zero equals zero, so it is written like it.
        Value::Num(n) if *n == 0.0 => out.push('0'),
        Value::Num(n) => out.push_str(&n.to_string()),
        Value::Str(s) => text(out, s),
        Value::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write(out, item);
            }
            out.push(']');
        }
        Value::Map(pairs) => {
            let sorted: std::collections::BTreeMap<&str, &Value> = pairs.iter().map(|(k, v)| (&**k, v)).collect();
            out.push('{');
            for (i, (key, item)) in sorted.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                text(out, key);
                out.push(':');
                write(out, item);
            }
            out.push('}');
        }
    }
}

fn text(out: &mut String, s: &str) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_spelling_do_not_matter() {
        let a = Value::map([("b", 1.0.into()), ("a", Value::List(vec![true.into(), Value::Null, (-0.0).into()]))]);
        let b = Value::map([("a", Value::List(vec![true.into(), Value::Null, 0.0.into()])), ("b", 1.0.into())]);
        assert_eq!(canonical(&a), r#"{"a":[true,null,0],"b":1}"#);
        assert_eq!(canonical(&a), canonical(&b));
    }

    #[test]
    fn what_is_written_is_json_that_means_the_same() {
        let value = Value::map([
            ("\"\\/\u{1}\n", "茶 \u{1F375} </script>".into()),
            ("n", Value::List(vec![1.5.into(), 1e21.into(), (-7.0).into(), f64::NAN.into(), 1e-7.into()])),
        ]);
        let parsed: serde_json::Value = serde_json::from_str(&canonical(&value)).unwrap();
        assert_eq!(parsed["\"\\/\u{1}\n"], "茶 \u{1F375} </script>");
        assert_eq!(parsed["n"][0], 1.5);
        assert_eq!(parsed["n"][1].as_f64(), Some(1e21));
        assert_eq!(parsed["n"][3], serde_json::Value::Null);
        assert_eq!(parsed["n"][4], 1e-7);
    }
}
