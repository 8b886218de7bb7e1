//! Condition documents (GrowthBook's operators, SDK specification 0.12.0) to trees.
//!
//! One parser for two uses. [`parse`] takes anything, as the specification does: what it does not know becomes [`Cond::Unknown`] or
//! [`Test::Unknown`], what can never pass [`Test::Never`]. The checker runs it in strict mode, where the same places are findings.
//!
//! An object is a list of things that must all hold: `$and $or $nor $not $savedGroup`, or an attribute's path and what is asked of its
//! value. What is asked is a list of operators when the object is not empty and every key starts with `$`; anything else is equality.

use crate::attribute::{self, Kind};
use crate::bounds::{GROUP_DEPTH_MAX, LIST_MAX, LITERAL_MAX, NESTING_MAX, PATH_MAX};
use crate::read::{clip, wrong_type};
use crate::regex;
use crate::report::{Report, suggestion};
use noren_event::Value;
use noren_program::cond::{VersionOp, version_key};
use noren_program::{Cond, Test};

/// A condition as the specification reads it; never fails. `groups` is the table of saved groups: an object from id to a list, to
/// `{"type":"list","attributeKey","values"}` or to `{"type":"condition","condition"}`.
pub fn parse(condition: &Value, groups: &Value) -> Cond {
    let mut report = Report::new("");
    Parser { groups, strict: None, chain: Vec::new(), resolved: 0 }.cond(&mut report, condition)
}

/// Which attributes a condition may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All.
    All,
    /// Only `page.*`.
    Page,
}

/// A condition of a campaign; findings say what is wrong with it.
pub(crate) fn check(r: &mut Report, condition: &Value, groups: &Value, sight: Sight) -> Option<Cond> {
    let cond = Parser { groups, strict: Some(sight), chain: Vec::new(), resolved: 0 }.cond(r, condition);
    if cond_depth(&cond) > NESTING_MAX {
        r.error(
            "nesting_too_deep",
            format!("The condition nests deeper than {NESTING_MAX} levels."),
            format!("条件の入れ子は{NESTING_MAX}段までです。"),
            format!("at most {NESTING_MAX}"),
        );
        return None;
    }
    Some(cond)
}

/// How deep a condition nests, counted as the program's decoder counts.
fn cond_depth(cond: &Cond) -> u32 {
    match cond {
        Cond::All(list) | Cond::Any(list) => list.iter().map(|c| 1 + cond_depth(c)).max().unwrap_or(0),
        Cond::Not(inner) => 1 + cond_depth(inner),
        Cond::Attr { test, .. } => 1 + test_depth(test),
        Cond::Unknown => 0,
    }
}

fn test_depth(test: &Test) -> u32 {
    match test {
        Test::All(list) | Test::AllOf { tests: list } => list.iter().map(|t| 1 + test_depth(t)).max().unwrap_or(0),
        Test::Not(inner) | Test::Size(inner) | Test::ElemTest(inner) => 1 + test_depth(inner),
        Test::ElemCond(inner) => 1 + cond_depth(inner),
        _ => 0,
    }
}

/// Operators on a value.
pub(crate) const OPERATORS: [&str; 27] = [
    "$eq",
    "$ne",
    "$lt",
    "$lte",
    "$gt",
    "$gte",
    "$in",
    "$nin",
    "$ini",
    "$nini",
    "$all",
    "$alli",
    "$regex",
    "$regexi",
    "$exists",
    "$type",
    "$size",
    "$elemMatch",
    "$not",
    "$veq",
    "$vne",
    "$vlt",
    "$vlte",
    "$vgt",
    "$vgte",
    "$inGroup",
    "$notInGroup",
];
/// Keys that join conditions.
pub(crate) const JOINERS: [&str; 5] = ["$and", "$or", "$nor", "$not", "$savedGroup"];
const TYPES: [&str; 6] = ["null", "boolean", "number", "string", "array", "object"];

/// How deep segments may refer to each other in what was not checked: as deep as other implementations of the specification go.
const GROUP_DEPTH_LOOSE: usize = 128;
/// Segments put in place of references to them within one condition; each may hold many more, so depth alone bounds nothing.
const GROUPS_MAX: u32 = 4_096;

struct Parser<'g> {
    groups: &'g Value,
    /// What may be asked for, in strict mode.
    strict: Option<Sight>,
    /// Saved groups being resolved, to see a cycle.
    chain: Vec<Box<str>>,
    /// References resolved so far.
    resolved: u32,
}

/// A list that is one thing is that thing.
fn all_of(mut parts: Vec<Cond>) -> Cond {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, Some(last)) => {
            parts.push(last);
            Cond::All(parts)
        }
        (_, None) => Cond::All(parts),
    }
}

/// Holds for nobody, and its negation for everybody.
fn nobody() -> Cond {
    Cond::Not(Box::new(Cond::All(Vec::new())))
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}

/// What something can be one of: a list or object is only ever itself, so nothing else is equal to it.
fn members(mut list: Vec<Value>) -> Vec<Value> {
    list.retain(|v| !is_container(v));
    list
}

fn attr(path: &str, test: Test) -> Cond {
    Cond::Attr { path: path.into(), test }
}

impl Parser<'_> {
    fn cond(&mut self, r: &mut Report, value: &Value) -> Cond {
        let Some(pairs) = value.as_map() else {
            self.complain(|| wrong_type(r, value, "object"));
            return Cond::Unknown;
        };
        let mut parts = Vec::with_capacity(pairs.len());
        for (key, inner) in pairs {
            parts.push(r.at(key, |r| self.part(r, key, inner)));
        }
        all_of(parts)
    }

    /// One member of a condition.
    fn part(&mut self, r: &mut Report, key: &str, inner: &Value) -> Cond {
        match key {
            "$and" => match self.conds(r, inner) {
                Some(list) => all_of(list),
                None => Cond::Unknown,
            },
            "$or" => self.conds(r, inner).map_or(Cond::Unknown, Cond::Any),
            "$nor" => self.conds(r, inner).map_or(Cond::Unknown, |list| Cond::Not(Box::new(Cond::Any(list)))),
            "$not" => Cond::Not(Box::new(self.cond(r, inner))),
            "$savedGroup" => self.saved_group(r, inner),
            _ if self.strict.is_some() && key.starts_with('$') => {
                operator_unknown(
                    r,
                    key,
                    &JOINERS,
                    " Operators on a value stand inside an attribute.",
                    "値の演算子は属性の中に書きます。",
                );
                Cond::Unknown
            }
            path => {
                let kind = match self.strict {
                    Some(sight) => check_path(r, path, sight),
                    None => Kind::Any,
                };
                attr(path, self.test(r, inner, kind))
            }
        }
    }

    fn conds(&mut self, r: &mut Report, value: &Value) -> Option<Vec<Cond>> {
        let Some(items) = value.as_list() else {
            self.complain(|| wrong_type(r, value, "array"));
            return None;
        };
        if items.is_empty() {
            self.complain(|| {
                r.error("list_empty", "Write at least one condition.", "条件を1つ以上書いてください。", "at least one");
            });
        }
        Some(r.each(items, |r, item| self.cond(r, item)))
    }

    /// What is asked of a value.
    fn test(&mut self, r: &mut Report, value: &Value, kind: Kind) -> Test {
        let Some(pairs) = operators_of(value) else {
            if let Some(pairs) = value.as_map()
                && pairs.iter().any(|(k, _)| k.starts_with('$'))
            {
                self.complain(|| {
                    r.error(
                        "operator_mixed",
                        "Operators ($...) and other keys stand side by side. Keep the operators, or write {\"$eq\": ...} around the object.",
                        "演算子($...)とほかの項目が混ざっています。演算子だけにするか、全体を {\"$eq\": ...} で囲んでください。",
                        "operators only",
                    );
                });
            }
            self.literal(r, value, kind);
            return Test::Eq(value.clone());
        };
        let mut tests: Vec<Test> = Vec::with_capacity(pairs.len());
        for (op, operand) in pairs {
            tests.push(r.at(op, |r| self.operator(r, op, operand, kind)));
        }
        match (tests.len(), tests.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                tests.push(last);
                Test::All(tests)
            }
            (_, None) => Test::All(tests),
        }
    }

    fn operator(&mut self, r: &mut Report, op: &str, operand: &Value, kind: Kind) -> Test {
        match op {
            // By operator a list or object is only ever itself, so no other equals it; written without one it is compared by contents.
            "$eq" | "$ne" if is_container(operand) => {
                self.complain(|| {
                    r.warning(
                        "never_matches",
                        format!("{op} never finds a list or object equal. Write it without {op}."),
                        format!("{op} では配列やオブジェクトは一致しません。{op} を外して、そのまま書いてください。"),
                        "null, a boolean, a number or text",
                    );
                });
                if op == "$eq" { Test::Never } else { Test::Not(Box::new(Test::Never)) }
            }
            "$eq" => {
                self.literal(r, operand, kind);
                Test::Eq(operand.clone())
            }
            "$ne" => {
                self.literal(r, operand, kind);
                Test::Ne(operand.clone())
            }
            "$lt" | "$lte" | "$gt" | "$gte" => {
                if matches!(operand, Value::Num(_) | Value::Str(_)) {
                    self.literal(r, operand, kind);
                } else {
                    self.complain(|| operand_wrong(r, "a number or text", "数値か文字列"));
                }
                let operand = operand.clone();
                match op {
                    "$lt" => Test::Lt(operand),
                    "$lte" => Test::Lte(operand),
                    "$gt" => Test::Gt(operand),
                    _ => Test::Gte(operand),
                }
            }
            "$in" | "$nin" | "$ini" | "$nini" => {
                let fold = op.ends_with('i');
                let list = self.literals(r, operand, kind).map(members);
                match list {
                    Some(list) if op.starts_with("$n") => Test::NotIn { list, fold },
                    Some(list) => Test::In { list, fold },
                    None => Test::Never,
                }
            }
            "$all" => {
                let Some(items) = operand.as_list() else {
                    self.complain(|| wrong_type(r, operand, "array"));
                    return Test::Never;
                };
                Test::AllOf { tests: r.each(items, |r, item| self.test(r, item, Kind::Any)) }
            }
            "$alli" => match self.literals(r, operand, Kind::Any) {
                Some(list) => {
                    let test = |item: Value| match item {
                        // Only text has a case.
                        Value::Str(_) => Test::In { list: vec![item], fold: true },
                        _ => self.test(r, &item, Kind::Any),
                    };
                    Test::AllOf { tests: list.into_iter().map(test).collect() }
                }
                None => Test::Never,
            },
            "$regex" | "$regexi" => {
                let fold = op == "$regexi";
                let Some(pattern) = operand.as_str() else {
                    self.complain(|| wrong_type(r, operand, "string"));
                    return Test::Never;
                };
                if self.strict.is_some() {
                    never(r, kind, Kind::Text);
                    regex::check(r, operand, fold);
                }
                Test::Regex { pattern: pattern.into(), fold }
            }
            "$exists" => {
                if operand.as_bool().is_none() {
                    self.complain(|| wrong_type(r, operand, "boolean"));
                }
                Test::Exists(truthy(operand))
            }
            "$type" => match operand.as_str() {
                Some(name) => {
                    if self.strict.is_some() {
                        crate::read::word(r, operand, &TYPES);
                    }
                    Test::Type(name.into())
                }
                None => {
                    self.complain(|| wrong_type(r, operand, "string"));
                    Test::Never
                }
            },
            "$size" => Test::Size(Box::new(self.test(r, operand, Kind::Number))),
            "$elemMatch" => self.elem_match(r, operand),
            "$not" => Test::Not(Box::new(self.test(r, operand, kind))),
            "$veq" | "$vne" | "$vlt" | "$vlte" | "$vgt" | "$vgte" => {
                let op = match op {
                    "$veq" => VersionOp::Eq,
                    "$vne" => VersionOp::Ne,
                    "$vlt" => VersionOp::Lt,
                    "$vlte" => VersionOp::Lte,
                    "$vgt" => VersionOp::Gt,
                    _ => VersionOp::Gte,
                };
                match operand.as_str() {
                    Some(version) => {
                        Test::Version { op, key: String::from_utf8_lossy(&version_key(version.as_bytes())).into() }
                    }
                    None => {
                        self.complain(|| {
                            operand_wrong(
                                r,
                                "a version as text, like \"1.2.3\"",
                                "\"1.2.3\" のような文字列のバージョン",
                            )
                        });
                        // What is no version differs from every version.
                        if op == VersionOp::Ne { Test::Not(Box::new(Test::Never)) } else { Test::Never }
                    }
                }
            }
            "$inGroup" | "$notInGroup" => self.in_group(r, operand, op == "$notInGroup"),
            // Keys that join conditions do not ask anything of a value; they are known, and never match.
            "$and" | "$or" | "$nor" | "$savedGroup" => {
                self.complain(|| {
                    r.error(
                        "operator_misplaced",
                        format!("{op} joins whole conditions; write it outside of the attribute."),
                        format!("{op} は条件全体をつなぐものです。属性の外側に書いてください。"),
                        "an operator on a value",
                    );
                });
                Test::Never
            }
            _ => {
                self.complain(|| operator_unknown(r, op, &OPERATORS, "", ""));
                Test::Unknown
            }
        }
    }

    /// Elements are tested as values where only operators on values stand, and as objects of their own otherwise.
    fn elem_match(&mut self, r: &mut Report, operand: &Value) -> Test {
        let on_value = operators_of(operand).is_some_and(|pairs| !pairs.iter().any(|(key, _)| joins(key)));
        if on_value {
            return Test::ElemTest(Box::new(self.test(r, operand, Kind::Any)));
        }
        // Members of an element are no attributes: their names are the site's own.
        let strict = self.strict.take();
        let loose = self.cond(r, operand);
        self.strict = strict;
        if self.strict.is_some() && mentions_unknown(&loose) {
            operator_unknown(r, "...", &OPERATORS, "", "");
        }
        Test::ElemCond(Box::new(loose))
    }

    /// A reference to a segment. Where it leads nowhere nobody is in it; a kind of segment that is not known here cannot be told.
    fn saved_group(&mut self, r: &mut Report, operand: &Value) -> Cond {
        let key = operand.get("attributeKey");
        let (Some(id), None | Some(Value::Str(_))) = (operand.get("id").and_then(Value::as_str), key) else {
            self.complain(|| operand_wrong(r, "{\"id\": \"...\"}", "{\"id\": \"...\"}"));
            return nobody();
        };
        let depth = if self.strict.is_some() { GROUP_DEPTH_MAX } else { GROUP_DEPTH_LOOSE };
        if self.chain.iter().any(|c| &**c == id) || self.chain.len() >= depth || self.resolved >= GROUPS_MAX {
            self.complain(|| {
                r.error(
                    "group_cycle",
                    format!("The segment \"{}\" refers to itself.", clip(id)),
                    format!("セグメント「{}」が自分自身を参照しています。", clip(id)),
                    "no cycle",
                );
            });
            return nobody();
        }
        self.resolved += 1;
        let Some(group) = self.groups.get(id) else {
            self.complain(|| group_unknown(r, id));
            return nobody();
        };
        match group.get("type").and_then(Value::as_str) {
            Some("list") => {
                let key = key.or_else(|| group.get("attributeKey")).and_then(Value::as_str);
                match (key, group.get("values").and_then(Value::as_list)) {
                    (Some(path), Some(list)) => attr(path, Test::In { list: members(list.to_vec()), fold: false }),
                    _ => nobody(),
                }
            }
            Some("condition") => match group.get("condition") {
                Some(inner @ Value::Map(_)) => {
                    let inner = inner.clone();
                    self.chain.push(id.into());
                    let cond = self.cond(r, &inner);
                    self.chain.pop();
                    cond
                }
                _ => nobody(),
            },
            _ if group.as_map().is_some() => Cond::Unknown,
            _ => nobody(),
        }
    }

    fn in_group(&mut self, r: &mut Report, operand: &Value, negated: bool) -> Test {
        let Some(id) = operand.as_str() else {
            self.complain(|| wrong_type(r, operand, "string"));
            return Test::Never;
        };
        let list = match self.groups.get(id) {
            // A group nobody has defined has no members.
            None => {
                self.complain(|| group_unknown(r, id));
                Vec::new()
            }
            Some(Value::List(list)) => list.clone(),
            Some(group @ Value::Map(_)) => match group.get("type").and_then(Value::as_str) {
                Some("list") => match group.get("values").and_then(Value::as_list) {
                    Some(list) => list.to_vec(),
                    None => return Test::Never,
                },
                Some("condition") => return Test::Never,
                // A kind of segment that is not known here.
                _ => return Test::Unknown,
            },
            Some(_) => return Test::Never,
        };
        let list = members(list);
        if negated { Test::NotIn { list, fold: false } } else { Test::In { list, fold: false } }
    }

    fn literals(&mut self, r: &mut Report, operand: &Value, kind: Kind) -> Option<Vec<Value>> {
        let Some(items) = operand.as_list() else {
            self.complain(|| wrong_type(r, operand, "array"));
            return None;
        };
        if self.strict.is_some() {
            if items.len() > LIST_MAX {
                r.error(
                    "list_too_long",
                    format!("{} elements; at most {LIST_MAX} are possible here. Make it a segment.", items.len()),
                    format!("{}個あります。最大{LIST_MAX}個です。セグメントにしてください。", items.len()),
                    format!("at most {LIST_MAX}"),
                );
            }
            r.each(items, |r, item| self.literal(r, item, kind));
        }
        Some(items.to_vec())
    }

    /// A value that is compared with: short enough, and of a type that the attribute can have.
    fn literal(&mut self, r: &mut Report, value: &Value, kind: Kind) {
        if self.strict.is_none() {
            return;
        }
        if value.as_str().is_some_and(|s| s.chars().count() > LITERAL_MAX) {
            r.error(
                "text_too_long",
                format!("At most {LITERAL_MAX} characters are possible here."),
                format!("{LITERAL_MAX}文字以内にしてください。"),
                format!("at most {LITERAL_MAX} characters"),
            );
        }
        match value {
            Value::Num(_) => never(r, kind, Kind::Number),
            Value::Str(_) => never(r, kind, Kind::Text),
            Value::Bool(_) => never(r, kind, Kind::Flag),
            _ => {}
        }
    }

    fn complain(&self, say: impl FnOnce()) {
        if self.strict.is_some() {
            say();
        }
    }
}

/// Warn where a comparison cannot hold because values never change type. A list may hold anything.
fn never(r: &mut Report, attribute: Kind, literal: Kind) {
    if matches!(attribute, Kind::Any | Kind::List) || attribute == literal {
        return;
    }
    let (is, got) = (attribute.name(), literal.name());
    r.warning(
        "never_matches",
        format!(
            "This attribute is a {is}; compared with a {got} it never matches. Numbers stand without quotation marks."
        ),
        format!("この属性の値は {is} なので、{got} と比べても一致しません。数値は引用符なしで書きます。"),
        is,
    );
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(b) => *b,
        Value::Num(n) => *n != 0.0 && !n.is_nan(),
        Value::Str(s) => !s.is_empty(),
        _ => true,
    }
}

fn joins(key: &str) -> bool {
    matches!(key, "$and" | "$or" | "$nor" | "$savedGroup")
}

/// The members of an object of operators; `None` for anything else.
fn operators_of(value: &Value) -> Option<&[(Box<str>, Value)]> {
    value.as_map().filter(|pairs| !pairs.is_empty() && pairs.iter().all(|(k, _)| k.starts_with('$')))
}

fn mentions_unknown(cond: &Cond) -> bool {
    match cond {
        Cond::All(list) | Cond::Any(list) => list.iter().any(mentions_unknown),
        Cond::Not(inner) => mentions_unknown(inner),
        Cond::Attr { test, .. } => test_mentions_unknown(test),
        Cond::Unknown => true,
    }
}

fn test_mentions_unknown(test: &Test) -> bool {
    match test {
        Test::All(list) | Test::AllOf { tests: list } => list.iter().any(test_mentions_unknown),
        Test::Not(inner) | Test::Size(inner) | Test::ElemTest(inner) => test_mentions_unknown(inner),
        Test::ElemCond(inner) => mentions_unknown(inner),
        Test::Unknown => true,
        _ => false,
    }
}

fn operand_wrong(r: &mut Report, en: &str, ja: &str) {
    r.error("operand_wrong", format!("Write {en} here."), format!("ここには{ja}を書いてください。"), en);
}

fn group_unknown(r: &mut Report, id: &str) {
    r.error(
        "group_unknown",
        format!("There is no segment \"{}\".", clip(id)),
        format!("セグメント「{}」はありません。", clip(id)),
        "the id of a segment",
    );
}

fn operator_unknown(r: &mut Report, op: &str, known: &[&str], more_en: &str, more_ja: &str) {
    let (en, ja) = match suggestion(op, known) {
        Some(meant) => (format!(" Did you mean {meant}?"), format!("{meant} のことですか。")),
        None => (String::new(), String::new()),
    };
    r.error(
        "operator_unknown",
        format!("{} is not an operator.{en}{more_en}", clip(op)),
        format!("{} という演算子はありません。{ja}{more_ja}", clip(op)),
        known.join(" "),
    );
}

/// The kind of value at a path; findings where no such attribute can be seen here.
fn check_path(r: &mut Report, path: &str, sight: Sight) -> Kind {
    if path.chars().count() > PATH_MAX {
        r.error(
            "text_too_long",
            format!("An attribute's path has at most {PATH_MAX} characters."),
            format!("属性名は{PATH_MAX}文字以内です。"),
            format!("at most {PATH_MAX} characters"),
        );
        return Kind::Any;
    }
    let Some(kind) = attribute::kind(path) else {
        let names = attribute::KNOWN.map(|(name, _)| name);
        // People leave the root out: `visits` means `visitor.visits`.
        let rootless = names.iter().copied().find(|n| n.split_once('.').is_some_and(|(_, last)| last == path));
        let (en, ja) = match rootless.or_else(|| suggestion(path, &names)) {
            Some(meant) => (format!(" Did you mean \"{meant}\"?"), format!("「{meant}」のことですか。")),
            None => (
                " Attributes start with visitor. session. page. device. geo. cart. traits. or event., or are \"segments\".".into(),
                "属性は visitor. session. page. device. geo. cart. traits. event. のどれかで始まるか、segments です。".into(),
            ),
        };
        r.error(
            "attribute_unknown",
            format!("There is no attribute \"{path}\".{en}"),
            format!("「{path}」という属性はありません。{ja}"),
            "a known attribute",
        );
        return Kind::Any;
    };
    if sight == Sight::Page && !path.starts_with("page.") {
        r.error(
            "attribute_not_here",
            "Only page.* can be asked here: it is judged once, when the page starts. Put the rest into \"audience\".",
            "ここで使えるのは page.* だけです(ページの開始時に一度だけ判定します)。ほかは「audience」に書いてください。",
            "page.*",
        );
    }
    kind
}
