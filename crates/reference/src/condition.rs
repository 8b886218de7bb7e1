//! Whether a condition holds, over trees of values: the plain twin of the engine's own, which reads bytes. Three-valued: `None` is "this version cannot tell", which `not` leaves as it is and which does not pass
//! in the end. Cost: the size of the condition times the depth of the attributes it names.

use core::cmp::Ordering;
use noren_engine::Host;
use noren_event::Value;
use noren_event::value::NULL;
use noren_program::cond::{VersionOp, version_key};
use noren_program::{Cond, Test};

/// Something that attribute paths can be looked up in.
pub trait Lookup {
    /// The value at a dotted path.
    fn lookup(&self, path: &str) -> Option<&Value>;
}

impl Lookup for Value {
    fn lookup(&self, path: &str) -> Option<&Value> {
        self.path(path)
    }
}

/// Whether a condition holds: the final answer, where "cannot tell" is no.
pub fn holds(cond: &Cond, attributes: &dyn Lookup, host: &dyn Host) -> bool {
    eval(cond, attributes, host) == Some(true)
}

/// Whether it cannot be told whether a condition holds.
pub fn is_unknown(cond: &Cond, attributes: &dyn Lookup, host: &dyn Host) -> bool {
    eval(cond, attributes, host).is_none()
}

/// How deep a condition nests; a single test is 1.
pub fn depth(cond: &Cond) -> u32 {
    match cond {
        Cond::All(list) | Cond::Any(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Cond::Not(inner) => 1 + depth(inner),
        Cond::Attr { test, .. } => 1 + test_depth(test),
        Cond::Unknown => 1,
    }
}

fn test_depth(test: &Test) -> u32 {
    match test {
        Test::All(list) | Test::AllOf { tests: list } => 1 + list.iter().map(test_depth).max().unwrap_or(0),
        Test::Not(inner) | Test::Size(inner) | Test::ElemTest(inner) => 1 + test_depth(inner),
        Test::ElemCond(inner) => 1 + depth(inner),
        // Written as the negation of its opposite.
        Test::Ne(value) => 2 + depth_of(value),
        Test::Eq(value) => 1 + depth_of(value),
        Test::In { list, .. } => 1 + list.iter().map(depth_of).max().unwrap_or(0),
        Test::NotIn { list, .. } => 2 + list.iter().map(depth_of).max().unwrap_or(0),
        _ => 1,
    }
}

/// How deep a value nests; a plain one is 0.
pub fn depth_of(value: &Value) -> u32 {
    match value {
        Value::List(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        Value::Map(members) => 1 + members.iter().map(|(_, v)| depth_of(v)).max().unwrap_or(0),
        _ => 0,
    }
}

/// A condition's three-valued truth.
pub fn eval(cond: &Cond, attributes: &dyn Lookup, host: &dyn Host) -> Option<bool> {
    match cond {
        Cond::All(list) => all(list.iter().map(|c| eval(c, attributes, host))),
        Cond::Any(list) if list.is_empty() => Some(true),
        Cond::Any(list) => not(all(list.iter().map(|c| not(eval(c, attributes, host))))),
        Cond::Not(inner) => not(eval(inner, attributes, host)),
        Cond::Attr { path, test } => check(test, attributes.lookup(path).unwrap_or(&NULL), host),
        Cond::Unknown => None,
    }
}

/// False decides; else unknown does.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut result = Some(true);
    for part in parts {
        match part {
            Some(false) => return Some(false),
            None => result = None,
            Some(true) => {}
        }
    }
    result
}

fn not(truth: Option<bool>) -> Option<bool> {
    truth.map(|t| !t)
}

fn any_true(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    not(all(parts.map(not)))
}

/// A test's three-valued truth for one value.
pub fn check(test: &Test, value: &Value, host: &dyn Host) -> Option<bool> {
    Some(match test {
        Test::All(list) => return all(list.iter().map(|t| check(t, value, host))),
        Test::Not(inner) => return not(check(inner, value, host)),
        Test::Eq(other) => value.same(other),
        Test::Ne(other) => !value.same(other),
        Test::Lt(other) => order(value, other) == Some(Ordering::Less),
        Test::Lte(other) => matches!(order(value, other), Some(Ordering::Less | Ordering::Equal)),
        Test::Gt(other) => order(value, other) == Some(Ordering::Greater),
        Test::Gte(other) => matches!(order(value, other), Some(Ordering::Greater | Ordering::Equal)),
        Test::In { list, fold } => is_in(value, list, *fold, host),
        Test::NotIn { list, fold } => !is_in(value, list, *fold, host),
        Test::AllOf { tests } => {
            let Some(items) = value.as_list() else { return Some(false) };
            return all(tests.iter().map(|t| any_true(items.iter().map(|i| check(t, i, host)))));
        }
        Test::Regex { pattern, fold } => match value {
            Value::Str(s) => return host.regex(pattern.as_bytes(), *fold, s.as_bytes()),
            _ => false,
        },
        Test::Exists(yes) => (*value != Value::Null) == *yes,
        Test::Type(name) => value.type_name() == &**name,
        Test::Size(inner) => match value.as_list() {
            Some(items) => return check(inner, &Value::Num(items.len() as f64), host),
            None => false,
        },
        Test::ElemTest(inner) => match value.as_list() {
            Some(items) => return any_true(elements(items).map(|i| check(inner, i, host))),
            None => false,
        },
        Test::ElemCond(inner) => match value.as_list() {
            Some(items) => return any_true(elements(items).map(|i| eval(inner, i, host))),
            None => false,
        },
        Test::Version { op, key } => match value {
            Value::Str(s) => {
                let order = utf16_order(&String::from_utf8_lossy(&version_key(s.as_bytes())), key);
                match op {
                    VersionOp::Eq => order.is_eq(),
                    VersionOp::Ne => order.is_ne(),
                    VersionOp::Lt => order.is_lt(),
                    VersionOp::Lte => order.is_le(),
                    VersionOp::Gt => order.is_gt(),
                    VersionOp::Gte => order.is_ge(),
                }
            }
            _ => *op == VersionOp::Ne,
        },
        Test::Never => false,
        Test::Unknown => return None,
    })
}

/// What `$elemMatch` looks at: null is no element.
fn elements(items: &[Value]) -> impl Iterator<Item = &Value> {
    items.iter().filter(|i| **i != Value::Null)
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Num(x), Value::Num(y)) => x.partial_cmp(y),
        (Value::Str(x), Value::Str(y)) => Some(utf16_order(x, y)),
        _ => None,
    }
}

/// The order of ECMAScript's `<`: by UTF-16 code units, which differs from Rust's above U+FFFF.
fn utf16_order(a: &str, b: &str) -> Ordering {
    a.encode_utf16().cmp(b.encode_utf16())
}

fn is_in(value: &Value, list: &[Value], fold: bool, host: &dyn Host) -> bool {
    match value {
        Value::List(items) => items.iter().any(|i| list.iter().any(|l| equal(i, l, fold, host))),
        _ => list.iter().any(|l| equal(value, l, fold, host)),
    }
}

fn equal(a: &Value, b: &Value, fold: bool, host: &dyn Host) -> bool {
    match (a, b) {
        (Value::Str(x), Value::Str(y)) if fold => x == y || host.lower(x.as_bytes()) == host.lower(y.as_bytes()),
        _ => a.same(b),
    }
}
