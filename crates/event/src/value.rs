//! The values that events, attributes and rule literals are made of: JSON's, with the order of object keys kept.

/// A JSON value. Numbers are IEEE doubles, as in every host of this code; NaN and infinities can only come from arithmetic and
/// equal nothing, themselves included.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`; what a missing attribute is taken for.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// Any number. Integers are exact up to 2^53.
    Num(f64),
    /// Text. An unpaired surrogate has become U+FFFD before it got here.
    Str(Box<str>),
    /// An array.
    List(Vec<Value>),
    /// An object, keys in the order they were written. Of a key written twice, which no host makes, the first counts.
    Map(Vec<(Box<str>, Value)>),
    /// Bytes: never from JSON, only between the agent and its host (a snapshot, a program).
    Bytes(Vec<u8>),
}

/// What a missing attribute reads as.
pub const NULL: Value = Value::Null;

impl Value {
    /// A text value.
    pub fn str(text: &str) -> Value {
        Value::Str(text.into())
    }

    /// An object from pairs.
    pub fn map<const N: usize>(pairs: [(&str, Value); N]) -> Value {
        // One copy of the code for every number of pairs.
        fn collect(pairs: &mut dyn Iterator<Item = (&str, Value)>) -> Value {
            let mut map = Vec::new();
            for (key, value) in pairs {
                map.push((key.into(), value));
            }
            Value::Map(map)
        }
        collect(&mut pairs.into_iter())
    }

    /// The member `key` of an object; `None` for other types and absent keys. Cost: the number of keys.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match self {
            Value::Map(pairs) => pairs.iter().find(|(k, _)| &**k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// Follow a dotted path through objects and, by number, lists (`items.0.item_id`). An object that has the rest of the path as one
    /// key, dots included, wins over descending.
    pub fn path(&self, path: &str) -> Option<&Value> {
        if let Some(found) = self.step(path) {
            return Some(found);
        }
        let (head, rest) = path.split_once('.')?;
        self.step(head)?.path(rest)
    }

    fn step(&self, key: &str) -> Option<&Value> {
        match self {
            Value::List(items) if key.len() <= 4 && key.bytes().all(|b| b.is_ascii_digit()) => {
                let index = key.bytes().fold(0usize, |n, b| n * 10 + usize::from(b - b'0'));
                // `00` is no index, as in JavaScript.
                if key.is_empty() || key.len() > 1 && key.starts_with('0') { None } else { items.get(index) }
            }
            _ => self.get(key),
        }
    }

    /// Set `key` of an object, replacing an earlier value; a value of another type becomes an object first.
    pub fn set(&mut self, key: &str, value: Value) {
        if !matches!(self, Value::Map(_)) {
            *self = Value::Map(Vec::new());
        }
        if let Value::Map(pairs) = self {
            match pairs.iter_mut().find(|(k, _)| &**k == key) {
                Some((_, slot)) => *slot = value,
                None => pairs.push((key.into(), value)),
            }
        }
    }

    /// The text, if this is text.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Str(s) => Some(s),
            _ => None,
        }
    }

    /// The number, if this is a number.
    pub fn as_num(&self) -> Option<f64> {
        match self {
            Value::Num(n) => Some(*n),
            _ => None,
        }
    }

    /// The truth value, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Value::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members, if this is an object.
    pub fn as_map(&self) -> Option<&[(Box<str>, Value)]> {
        match self {
            Value::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// JSON's name of the type: `null boolean number string array object` (`bytes` for bytes).
    pub fn type_name(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Num(_) => "number",
            Value::Str(_) => "string",
            Value::List(_) => "array",
            Value::Map(_) => "object",
            Value::Bytes(_) => "bytes",
        }
    }

    /// Equality by contents, which is what rules mean by "equal": lists and objects in order, as their JSON texts would be.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.same(y)),
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|((k, v), (l, w))| k == l && v.same(w))
            }
            _ => self == other,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::str(text)
    }
}

impl From<f64> for Value {
    fn from(n: f64) -> Value {
        Value::Num(n)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Value {
        Value::Bool(b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_prefers_the_whole_key_and_then_descends() {
        let v = Value::map([
            ("a.b", Value::Num(1.0)),
            ("a", Value::map([("b", Value::Num(2.0)), ("c", Value::map([("d", Value::Num(3.0))]))])),
        ]);
        assert_eq!(v.path("a.b"), Some(&Value::Num(1.0)));
        assert_eq!(v.path("a.c.d"), Some(&Value::Num(3.0)));
        assert_eq!(v.path("a.x.d"), None);
        assert_eq!(Value::Num(1.0).path("a"), None);
        let list = Value::map([("items", Value::List(vec![Value::map([("id", "a".into())])]))]);
        assert_eq!(list.path("items.0.id"), Some(&"a".into()));
        for absent in ["items.1.id", "items..id", "items.-1", "items.00000", "items.00.id", "items.x"] {
            assert_eq!(list.path(absent), None, "{absent}");
        }
    }

    #[test]
    fn equality_is_by_contents_in_order() {
        let a = Value::map([("x", 1.0.into()), ("y", "2".into())]);
        let b = Value::map([("y", "2".into()), ("x", 1.0.into())]);
        assert!(a.same(&a.clone()));
        assert!(!a.same(&b));
        assert!(!a.same(&Value::map([("x", 1.0.into())])));
        assert!(!Value::Num(5.0).same(&Value::str("5")));
        assert!(!Value::Num(f64::NAN).same(&Value::Num(f64::NAN)));
    }

    #[test]
    fn setting_replaces_and_makes_objects() {
        let mut v = Value::Null;
        v.set("a", 1.0.into());
        v.set("a", 2.0.into());
        assert_eq!(v, Value::map([("a", 2.0.into())]));
    }
}
