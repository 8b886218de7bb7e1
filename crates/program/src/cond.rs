//! Conditions on attributes, as trees. The operators and their strict, three-valued meaning are GrowthBook's (SDK specification
//! 0.12.0); [`Cond::Unknown`] and [`Test::Unknown`] carry the third value: what this version cannot evaluate is neither true nor
//! false, `not` leaves it so, and at the end it does not pass.

use noren_event::Value;

/// Where a condition stands in a program's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CondId(pub u32);

/// A condition on a set of attributes.
#[derive(Clone, Debug, PartialEq)]
pub enum Cond {
    /// All hold; an empty list holds.
    All(Vec<Cond>),
    /// At least one holds; an empty list holds (as GrowthBook has it).
    Any(Vec<Cond>),
    /// The inner one does not hold.
    Not(Box<Cond>),
    /// The value at a dotted path passes a test; a missing value is null.
    Attr {
        /// Dotted path from the root of all attributes.
        path: Box<str>,
        /// What is asked of the value.
        test: Test,
    },
    /// Something this version cannot evaluate.
    Unknown,
}

/// A test of one value. No test coerces: `5` is not `"5"`, `true` is not `1`.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// All pass.
    All(Vec<Test>),
    /// The inner one does not pass.
    Not(Box<Test>),
    /// Equal, lists and objects in order.
    Eq(Value),
    /// Not equal.
    Ne(Value),
    /// Less; numbers with numbers, text with text (by UTF-16 code units), nothing else.
    Lt(Value),
    /// Less or equal.
    Lte(Value),
    /// Greater.
    Gt(Value),
    /// Greater or equal.
    Gte(Value),
    /// One of these; a list passes when it shares an element. `fold` ignores case of text.
    In {
        /// The candidates.
        list: Vec<Value>,
        /// Compare text without regard to case.
        fold: bool,
    },
    /// None of these.
    NotIn {
        /// The candidates.
        list: Vec<Value>,
        /// Compare text without regard to case.
        fold: bool,
    },
    /// A list in which each of these passes for some element.
    AllOf {
        /// What each must be matched by some element.
        tests: Vec<Test>,
    },
    /// An ECMAScript regular expression finds a match in the text.
    Regex {
        /// The pattern, without slashes.
        pattern: Box<str>,
        /// The `i` flag.
        fold: bool,
    },
    /// Present and not null (`true`), or absent or null (`false`).
    Exists(bool),
    /// JSON's type name equals this.
    Type(Box<str>),
    /// A list whose length passes.
    Size(Box<Test>),
    /// A list with an element other than null that passes.
    ElemTest(Box<Test>),
    /// A list with an element other than null whose members satisfy a condition.
    ElemCond(Box<Cond>),
    /// Versions compared; only text is a version.
    Version {
        /// Which orderings pass.
        op: VersionOp,
        /// The other version, prepared for comparison by [`version_key`].
        key: Box<str>,
    },
    /// Never passes and is known to.
    Never,
    /// An operator this version does not know.
    Unknown,
}

/// How versions may stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum VersionOp {
    Eq,
    Ne,
    Lt,
    Lte,
    Gt,
    Gte,
}

/// A version as text that compares by code units in version order: a leading `v` and build metadata are dropped, parts are split at
/// `.` and `-`, a release sorts after its pre-releases (`~` is added to three numeric parts), numeric parts are padded to five
/// places; empty text is version 0. The scheme is GrowthBook's, so that a condition means the same in both. Both texts are UTF-8.
pub fn version_key(version: &[u8]) -> Vec<u8> {
    let version = if version.is_empty() { b"0" } else { version };
    let bare = version.strip_prefix(b"v").unwrap_or(version);
    let bare = bare.split(|b| *b == b'+').next().unwrap_or_default();
    let mut parts = 0;
    let mut key = Vec::new();
    for part in bare.split(|b| matches!(b, b'-' | b'.')) {
        if parts > 0 {
            key.push(b'-');
        }
        parts += 1;
        if !part.is_empty() && part.iter().all(u8::is_ascii_digit) {
            key.extend_from_slice(b"     ".get(part.len()..).unwrap_or_default());
        }
        key.extend_from_slice(part);
    }
    if parts == 3 {
        key.extend_from_slice(b"-~");
    }
    key
}
