//! The questions of a survey, and where each leads. Ways lead onward only, so that every survey ends.

use super::Check;
use super::parts::said;
use crate::bounds::*;
use crate::members as m;
use crate::read::{self, Members, clip};
use crate::report::{Report, suggestion};
use noren_event::Value;

/// The place that ends a survey.
const END: &str = "end";

pub(super) fn check(c: &mut Check, value: &Value) -> Option<()> {
    let m = read::object(c.r, value, m::QUESTIONS)?;
    m.need(c.r, "id", read::id);
    m.need(c.r, "questions", |r, v| {
        let questions = read::some_of(r, v, QUESTIONS_MAX)?;
        let name = |v: &'_ Value| v.get("name").and_then(Value::as_str).map(str::to_owned);
        let names: Vec<Option<String>> = questions.iter().map(name).collect();
        let mut at = 0;
        r.each(questions, |r, v| {
            let (before, rest) = names.split_at(at.min(names.len()));
            let after: Vec<&str> = rest.iter().skip(1).flatten().map(String::as_str).collect();
            let before: Vec<&str> = before.iter().flatten().map(String::as_str).collect();
            at += 1;
            question(r, v, &before, &after)
        });
        Some(())
    })
}

/// One question; `before` and `after` are the names around it.
fn question(r: &mut Report, value: &Value, before: &[&str], after: &[&str]) -> Option<()> {
    let m = read::object(r, value, m::QUESTION)?;
    m.need(r, "name", |r, v| {
        let name = read::id(r, v)?;
        if name == END || before.contains(&name) {
            r.error(
                "id_taken",
                format!("\"{name}\" is taken. Give each question its own name; \"{END}\" is the end."),
                format!("「{name}」は使えません。質問ごとに別の名前にしてください({END} は終わりを表します)。"),
                "a name of its own",
            );
        }
        Some(())
    });
    let kind = m.need(r, "type", |r, v| read::word(r, v, m::QUESTION_TYPES));
    m.need(r, "ask", |r, v| said(r, v, ASK_MAX));
    m.read(r, "required", flag);
    m.read(r, "low", |r, v| said(r, v, LABEL_MAX));
    m.read(r, "high", |r, v| said(r, v, LABEL_MAX));
    m.read(r, "many", flag);
    let kind = kind?;
    let fits: &[&str] = match kind {
        "choice" => &["options", "many"],
        "text" => &[],
        _ => &["low", "high"],
    };
    for key in ["options", "many", "low", "high"] {
        if !fits.contains(&key) && m.get(key).is_some() {
            r.at(key, |r| {
                r.error(
                    "member_unknown",
                    format!("A question of type \"{kind}\" has no \"{key}\". Take it out."),
                    format!("type が {kind} の質問では「{key}」を使えません。消してください。"),
                    fits.join(" "),
                );
            });
        }
    }
    let values = if kind == "choice" { m.need(r, "options", options).unwrap_or_default() } else { Vec::new() };
    let question = Question { kind, values, before, after };
    m.read(r, "next", |r, v| {
        let ways = read::list(r, v, NEXT_MAX)?;
        r.each(ways, |r, v| question.way(r, v));
        Some(())
    })
}

fn flag(r: &mut Report, value: &Value) -> Option<()> {
    if value.as_bool().is_none() {
        read::wrong_type(r, value, "boolean");
    }
    Some(())
}

/// The options' values.
fn options<'v>(r: &mut Report, value: &'v Value) -> Option<Vec<&'v str>> {
    let items = read::some_of(r, value, OPTIONS_MAX)?;
    let mut values: Vec<&str> = Vec::new();
    r.each(items, |r, v| {
        let m = read::object(r, v, m::OPTION)?;
        m.need(r, "label", |r, v| said(r, v, ASK_MAX));
        m.need(r, "value", |r, v| {
            let value = read::id(r, v).filter(|id| short(r, id))?;
            if values.contains(&value) {
                r.error(
                    "id_taken",
                    format!("\"{value}\" is taken. Give each option its own value."),
                    format!("「{value}」はほかの選択肢で使われています。選択肢ごとに別の値にしてください。"),
                    "a value of its own",
                );
            }
            values.push(value);
            Some(())
        })
    });
    Some(values)
}

fn short(r: &mut Report, id: &str) -> bool {
    if id.len() > OPTION_MAX {
        r.error(
            "text_too_long",
            format!("{} characters; at most {OPTION_MAX} are possible.", id.len()),
            format!("{}文字あります。{OPTION_MAX}文字以内にしてください。", id.len()),
            format!("at most {OPTION_MAX} characters"),
        );
    }
    id.len() <= OPTION_MAX
}

/// What a way on is held against.
struct Question<'q> {
    kind: &'q str,
    values: Vec<&'q str>,
    before: &'q [&'q str],
    after: &'q [&'q str],
}

impl Question<'_> {
    fn way(&self, r: &mut Report, value: &Value) -> Option<()> {
        let m = read::object(r, value, m::NEXT)?;
        self.condition(r, &m);
        m.need(r, "go", |r, v| {
            let go = read::line(r, v, ID_MAX)?;
            if go == END || self.after.contains(&go) {
                return Some(());
            }
            let meant = suggestion(go, self.after);
            let (en, ja) = match meant {
                Some(meant) => (format!(" Did you mean \"{meant}\"?"), format!("「{meant}」のことですか。")),
                None => (String::new(), String::new()),
            };
            let (en, ja) = if self.before.contains(&go) {
                (
                    format!("\"{}\" comes earlier. A survey only goes onward.", clip(go)),
                    format!("「{}」は前の質問です。アンケートは先にしか進めません。", clip(go)),
                )
            } else {
                (
                    format!("There is no later question \"{}\".{en} Write one, or \"{END}\".", clip(go)),
                    format!(
                        "この後に「{}」という質問はありません。{ja}後の質問の名前か {END} を書いてください。",
                        clip(go)
                    ),
                )
            };
            let mut known = self.after.to_vec();
            known.push(END);
            r.error("question_unknown", en, ja, known.join(" "));
            None
        })
    }

    /// `is` is for options; `at_least` and `at_most` are for scales.
    fn condition(&self, r: &mut Report, m: &Members) {
        let misplaced = |r: &mut Report, key: &str| {
            r.error(
                "member_unknown",
                format!("\"{key}\" says nothing about a question of type \"{}\".", self.kind),
                format!("type が {} の質問では「{key}」を条件にできません。", self.kind),
                "is at_least at_most",
            );
        };
        m.read(r, "is", |r, v| {
            if self.kind != "choice" {
                misplaced(r, "is");
                return None;
            }
            read::word(r, v, &self.values)
        });
        let most = match self.kind {
            "nps" => 10,
            "ces" => 7,
            _ => 5,
        };
        for key in ["at_least", "at_most"] {
            m.read(r, key, |r, v| {
                if matches!(self.kind, "choice" | "text") {
                    misplaced(r, key);
                    return None;
                }
                read::whole(r, v, 0, most)
            });
        }
    }
}
