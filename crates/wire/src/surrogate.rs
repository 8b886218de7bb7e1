//! Half characters. A page that cuts a text between the two halves of a character (an emoji, a rare kanji) hands over a text that JavaScript
//! takes for one and writes to JSON as `"\ud83d"`, and that no reader of UTF-8 can hold. Refusing it would refuse the whole request, and the
//! queue behind it, again and again. So halves become U+FFFD, as everywhere on the web where text becomes bytes.

/// Puts U+FFFD in the place of every half character that is written as an escape, in place; the rest, JSON or not, stays as it is.
pub fn mend(body: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = body.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == b'\\')) {
        at += found;
        match escaped(body, at) {
            Some(0xd800..=0xdbff) if matches!(escaped(body, at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                if let Some(digits) = body.get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(b"fffd");
                }
                at += 6;
            }
            Some(_) => at += 6,
            // A backslash takes the next byte with it, which may be another backslash.
            None => at += 2,
        }
    }
}

/// The unit that an escape at this place stands for.
fn escaped(body: &[u8], at: usize) -> Option<u32> {
    let digits = body.get(at..at + 6)?.strip_prefix(b"\\u")?;
    digits.iter().try_fold(0, |unit, digit| Some(unit << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_replaced_and_nothing_else_is_touched() {
        for (body, expected) in [
            (r#"{"a":"cut \ud83d"}"#, r#"{"a":"cut \ufffd"}"#),
            (r#"["\ude00\uD83D\ud83d\ude00"]"#, r#"["\ufffd\ufffd\ud83d\ude00"]"#),
            (r#"["\ud83d\u0041"]"#, r#"["\ufffd\u0041"]"#),
            (r#"["\\ud83d", "\\\ud83d"]"#, r#"["\\ud83d", "\\\ufffd"]"#),
            (r#"["\u00e9 \n é 😀"]"#, r#"["\u00e9 \n é 😀"]"#),
            (r"\ud8", r"\ud8"),
            (r"\ud83d\u", r"\ufffd\u"),
            (r"\", r"\"),
            ("", ""),
        ] {
            let mut bytes = body.as_bytes().to_vec();
            mend(&mut bytes);
            assert_eq!(String::from_utf8_lossy(&bytes), expected);
        }
    }

    /// Against the obvious model: what JavaScript's `toWellFormed` says, unit by unit.
    #[test]
    fn whatever_units_a_text_has_it_can_be_read_afterwards() {
        const UNITS: [u16; 7] = [0x41, 0xd83d, 0xde00, 0xdbff, 0xd800, 0xdfff, 0x3042];
        for seed in 0..7_usize.pow(5) {
            let units: Vec<u16> = (0..5).map(|i| UNITS[seed / 7_usize.pow(i) % 7]).collect();
            let escapes: String = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
            let mut body = format!("\"{escapes}\"").into_bytes();
            mend(&mut body);
            assert_eq!(serde_json::from_slice::<String>(&body).unwrap(), String::from_utf16_lossy(&units));
        }
    }
}
