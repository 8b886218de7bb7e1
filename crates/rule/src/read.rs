//! Reading members of a document: each function takes a value, says what is wrong with it and gives what can be used of it.

use crate::ast::Text;
use crate::bounds::{ID_MAX, LANGUAGES_MAX};
use crate::report::{Report, suggestion};
use noren_event::{Duration, Value};

/// An object's members.
#[derive(Clone, Copy)]
pub(crate) struct Members<'v> {
    pairs: &'v [(Box<str>, Value)],
}

impl<'v> Members<'v> {
    /// The value of a member; the last where it is written twice.
    pub fn get(&self, key: &str) -> Option<&'v Value> {
        self.pairs.iter().rev().find(|(k, _)| &**k == key).map(|(_, v)| v)
    }

    /// Look at a member if it is there.
    pub fn read<T>(
        &self,
        r: &mut Report,
        key: &str,
        look: impl FnOnce(&mut Report, &'v Value) -> Option<T>,
    ) -> Option<T> {
        let value = self.get(key)?;
        r.at(key, |r| look(r, value))
    }

    /// Look at a member that must be there.
    pub fn need<T>(
        &self,
        r: &mut Report,
        key: &str,
        look: impl FnOnce(&mut Report, &'v Value) -> Option<T>,
    ) -> Option<T> {
        if self.get(key).is_none() {
            r.error("member_missing", format!("\"{key}\" is missing."), format!("「{key}」がありません。"), key);
        }
        self.read(r, key, look)
    }
}

/// An object with no members but the known ones.
pub(crate) fn object<'v>(r: &mut Report, value: &'v Value, known: &[&str]) -> Option<Members<'v>> {
    let Some(pairs) = value.as_map() else {
        wrong_type(r, value, "object");
        return None;
    };
    for (i, (key, _)) in pairs.iter().enumerate() {
        if !known.contains(&&**key) {
            let (en, ja) = match suggestion(key, known) {
                Some(meant) => (format!(" Did you mean \"{meant}\"?"), format!("「{meant}」のことですか。")),
                None => (
                    format!(" Known here: {}.", known.join(", ")),
                    format!("ここで使えるのは {} です。", known.join("、")),
                ),
            };
            r.at(key, |r| {
                r.error(
                    "member_unknown",
                    format!("\"{key}\" is not known here.{en}"),
                    format!("「{key}」という項目はありません。{ja}"),
                    known.join(" "),
                );
            });
        }
        if pairs.iter().take(i).any(|(k, _)| k == key) {
            r.at(key, |r| {
                r.error(
                    "member_twice",
                    format!("\"{key}\" is written twice. Keep one."),
                    format!("「{key}」が2回書かれています。1つにしてください。"),
                    "once",
                );
            });
        }
    }
    Some(Members { pairs })
}

fn type_ja(name: &str) -> &str {
    match name {
        "boolean" => "true または false",
        "number" => "数値",
        "string" => "文字列",
        "array" => "配列",
        "object" => "オブジェクト",
        other => other,
    }
}

/// Say that a value has the wrong type.
pub(crate) fn wrong_type(r: &mut Report, value: &Value, expected: &'static str) {
    let found = value.type_name();
    r.error(
        "type_wrong",
        format!("This is {found}; write {expected} here."),
        format!("ここには{}を書いてください(今は {found} です)。", type_ja(expected)),
        expected,
    );
}

/// A list of at least one and at most `max` elements.
pub(crate) fn list<'v>(r: &mut Report, value: &'v Value, max: usize) -> Option<&'v [Value]> {
    let Some(items) = value.as_list() else {
        wrong_type(r, value, "array");
        return None;
    };
    if items.len() > max {
        r.error(
            "list_too_long",
            format!("{} elements; at most {max} are possible.", items.len()),
            format!("{}個あります。最大{max}個です。", items.len()),
            format!("at most {max}"),
        );
        return None;
    }
    Some(items)
}

/// A list that must not be empty.
pub(crate) fn some_of<'v>(r: &mut Report, value: &'v Value, max: usize) -> Option<&'v [Value]> {
    let items = list(r, value, max)?;
    if items.is_empty() {
        r.error(
            "list_empty",
            "The list is empty; write at least one element.",
            "空です。1つ以上書いてください。",
            "at least one",
        );
        return None;
    }
    Some(items)
}

/// Text of 1 to `max` characters on one or several lines.
pub(crate) fn line<'v>(r: &mut Report, value: &'v Value, max: usize) -> Option<&'v str> {
    let Some(text) = value.as_str() else {
        wrong_type(r, value, "string");
        return None;
    };
    let length = text.chars().count();
    if text.trim().is_empty() {
        r.error("text_empty", "The text is empty.", "文字が入っていません。", "text");
        return None;
    }
    if length > max {
        r.error(
            "text_too_long",
            format!("{length} characters; at most {max} are possible."),
            format!("{length}文字あります。{max}文字以内にしてください。"),
            format!("at most {max} characters"),
        );
        return None;
    }
    Some(text)
}

/// Text for people: a string, or an object from language to string.
pub(crate) fn text(r: &mut Report, value: &Value, max: usize) -> Option<Text> {
    let Some(pairs) = value.as_map() else {
        let text = line(r, value, max)?;
        return Some(Text { by_lang: vec![("".into(), text.into())] });
    };
    if pairs.is_empty() || pairs.len() > LANGUAGES_MAX {
        r.error(
            "text_empty",
            format!("Write the text in 1 to {LANGUAGES_MAX} languages."),
            format!("1〜{LANGUAGES_MAX}の言語で書いてください。"),
            r#"{"en": "...", "ja": "..."}"#,
        );
        return None;
    }
    let mut by_lang = Vec::new();
    for (lang, value) in pairs {
        r.at(lang, |r| {
            if !is_language(lang) {
                r.error(
                    "language_unknown",
                    format!("\"{lang}\" is not a language tag. Write one like \"en\", \"ja\" or \"pt-BR\"."),
                    format!("「{lang}」は言語の記号ではありません。en、ja、pt-BR のように書いてください。"),
                    "en",
                );
            }
            if let Some(text) = line(r, value, max) {
                by_lang.push((lang.clone(), text.into()));
            }
        });
    }
    Some(Text { by_lang })
}

/// The shape of a BCP 47 tag: a language of 2-3 letters and parts of 2-8 letters or digits.
fn is_language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let language = parts.next().unwrap_or("");
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && parts.all(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// An id: `[a-z0-9][a-z0-9_-]{0,63}`.
pub(crate) fn id<'v>(r: &mut Report, value: &'v Value) -> Option<&'v str> {
    let Some(text) = value.as_str() else {
        wrong_type(r, value, "string");
        return None;
    };
    if !is_id(text) {
        r.error(
            "id_invalid",
            format!("An id is 1 to {ID_MAX} of a-z, 0-9, - and _, and starts with a letter or digit."),
            format!("IDは小文字の英字・数字・「-」「_」で{ID_MAX}文字まで、先頭は英字か数字にしてください。"),
            "[a-z0-9][a-z0-9_-]{0,63}",
        );
        return None;
    }
    Some(text)
}

/// Whether a text can be an id.
pub(crate) fn is_id(text: &str) -> bool {
    let lower = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= ID_MAX
        && text.bytes().next().is_some_and(lower)
        && text.bytes().all(|b| lower(b) || b == b'-' || b == b'_')
}

/// A whole number in a range, both ends included.
pub(crate) fn whole(r: &mut Report, value: &Value, min: u16, max: u16) -> Option<u16> {
    let Some(n) = value.as_num() else {
        wrong_type(r, value, "number");
        return None;
    };
    if n.fract() != 0.0 || !(f64::from(min)..=f64::from(max)).contains(&n) {
        r.error(
            "number_out_of_range",
            format!("Write a whole number from {min} to {max}."),
            format!("{min}から{max}までの整数を書いてください。"),
            format!("{min} to {max}"),
        );
        return None;
    }
    Some(n as u16)
}

/// Per cent with at most two decimals, as hundredths of a per cent.
pub(crate) fn per_cent(r: &mut Report, value: &Value, max: u16) -> Option<u16> {
    let Some(n) = value.as_num() else {
        wrong_type(r, value, "number");
        return None;
    };
    let bps = n * 100.0;
    let rounded = (bps + 0.5).floor();
    if !(0.0..=f64::from(max)).contains(&n) || (bps - rounded).abs() > 1e-6 {
        r.error(
            "number_out_of_range",
            format!("Write per cent from 0 to {max} with at most two decimals."),
            format!("0から{max}までのパーセント(小数2桁まで)を書いてください。"),
            format!("0 to {max}"),
        );
        return None;
    }
    Some(rounded as u16)
}

/// A span of time, both ends included.
pub(crate) fn span(r: &mut Report, value: &Value, min: Duration, max: Duration) -> Option<Duration> {
    let Some(text) = value.as_str() else {
        wrong_type(r, value, "string");
        return None;
    };
    let Some(span) = Duration::parse(text) else {
        r.error(
            "duration_invalid",
            format!(
                "\"{}\" is not a time. Write a whole number and ms, s, m, h or d, like \"30s\" or \"7d\".",
                clip(text)
            ),
            format!(
                "「{}」は時間として読めません。30s、10m、7d のように、整数と単位(ms・s・m・h・d)で書いてください。",
                clip(text)
            ),
            "30s",
        );
        return None;
    };
    if span < min || span > max {
        let (from, to) = (unit(min), unit(max));
        r.error(
            "duration_out_of_range",
            format!("Write a time from {from} to {to}."),
            format!("{from}から{to}までの時間を書いてください。"),
            format!("{from} to {to}"),
        );
        return None;
    }
    Some(span)
}

/// A span as rules write it, in the largest unit that is whole.
pub(crate) fn unit(span: Duration) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")];
    match units.iter().find(|(ms, _)| span.0 != 0 && span.0 % ms == 0) {
        Some((ms, name)) => format!("{}{name}", span.0 / ms),
        None if span.0 == 0 => "0s".into(),
        None => format!("{}ms", span.0),
    }
}

/// One of some words.
pub(crate) fn word<'v>(r: &mut Report, value: &'v Value, words: &[&str]) -> Option<&'v str> {
    let Some(text) = value.as_str() else {
        wrong_type(r, value, "string");
        return None;
    };
    if !words.contains(&text) {
        let (en, ja) = match suggestion(text, words) {
            Some(meant) => (format!(" Did you mean \"{meant}\"?"), format!("「{meant}」のことですか。")),
            None => (String::new(), String::new()),
        };
        r.error(
            "value_unknown",
            format!("\"{}\" is not possible here; write one of {}.{en}", clip(text), words.join(", ")),
            format!("「{}」は使えません。{} のどれかにしてください。{ja}", clip(text), words.join("、")),
            words.join(" "),
        );
        return None;
    }
    Some(text)
}

/// Text short enough to be quoted in a message.
pub(crate) fn clip(text: &str) -> String {
    const QUOTED_MAX: usize = 60;
    match text.char_indices().nth(QUOTED_MAX) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or("")),
        None => text.into(),
    }
}
