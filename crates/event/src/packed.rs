//! Packed values: the compact bytes in which values cross into the agent's wasm and lie in programs and snapshots.
//!
//! A tag byte, then the content; lengths and integers are LEB128 varints.
//!
//! | tag | value | content |
//! | --- | --- | --- |
//! | 0 | null | |
//! | 1, 2 | false, true | |
//! | 3 | number | eight bytes, little endian |
//! | 4 | text | length in bytes, UTF-8 |
//! | 5 | list | count, values |
//! | 6 | map | count, then key (length, UTF-8) and value each |
//! | 7 | whole number | zigzag varint; used for integers within ±2^53 |
//! | 8 | bytes | length, bytes |
//!
//! Every byte string decodes to a value or an error; nothing is allocated that the input could not fill.

use crate::Value;

/// How deep lists and maps may nest. Browsers' own structures of interest (a GA4 push with items) are 4 deep; 32 leaves room and
/// keeps recursion to a few KB of a wasm stack of 1 MB.
pub const DEPTH_MAX: u32 = 32;

/// Why bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// The bytes end too early.
    Truncated,
    /// A tag or enumerator that this version does not know.
    Unknown,
    /// Text is not UTF-8.
    NotText,
    /// A number is too large for its place, or nesting is too deep.
    OutOfRange,
}

/// Writes primitives to a growing buffer.
#[derive(Debug, Default)]
pub struct Writer(pub Vec<u8>);

impl Writer {
    /// One byte.
    pub fn byte(&mut self, b: u8) {
        self.0.push(b);
    }

    /// An unsigned LEB128 varint.
    pub fn uint(&mut self, mut n: u64) {
        while n >= 0x80 {
            self.0.push(n as u8 | 0x80);
            n >>= 7;
        }
        self.0.push(n as u8);
    }

    /// A signed number, zigzag.
    pub fn int(&mut self, n: i64) {
        self.uint(((n << 1) ^ (n >> 63)) as u64);
    }

    /// A double.
    pub fn f64(&mut self, n: f64) {
        self.0.extend_from_slice(&n.to_le_bytes());
    }

    /// Length and bytes.
    pub fn bytes(&mut self, b: &[u8]) {
        self.uint(b.len() as u64);
        self.0.extend_from_slice(b);
    }

    /// Length and UTF-8.
    pub fn str(&mut self, s: &str) {
        self.bytes(s.as_bytes());
    }

    /// A number as a value.
    pub fn number(&mut self, n: f64) {
        let whole = n as i64;
        // Minus zero must come back as it went, so it takes the long form.
        if whole as f64 == n && whole.unsigned_abs() <= 1 << 53 && !(whole == 0 && n.is_sign_negative()) {
            self.byte(7);
            self.int(whole);
        } else {
            self.byte(3);
            self.f64(n);
        }
    }

    /// Text, given as UTF-8, as a value.
    pub fn text(&mut self, text: &[u8]) {
        self.byte(4);
        self.bytes(text);
    }

    /// The head of a list; as many values follow.
    pub fn list(&mut self, count: usize) {
        self.byte(5);
        self.uint(count as u64);
    }

    /// The head of an object; as many keys (length, UTF-8) and values follow.
    pub fn map(&mut self, count: usize) {
        self.byte(6);
        self.uint(count as u64);
    }

    /// A value with its tag.
    pub fn value(&mut self, v: &Value) {
        match v {
            Value::Null => self.byte(0),
            Value::Bool(b) => self.byte(1 + u8::from(*b)),
            Value::Num(n) => self.number(*n),
            Value::Str(s) => self.text(s.as_bytes()),
            Value::List(items) => {
                self.list(items.len());
                for item in items {
                    self.value(item);
                }
            }
            Value::Map(pairs) => {
                self.map(pairs.len());
                for (k, v) in pairs {
                    self.str(k);
                    self.value(v);
                }
            }
            Value::Bytes(b) => {
                self.byte(8);
                self.bytes(b);
            }
        }
    }
}

/// Reads primitives from a slice, in order. Reads are total: the first one that fails is remembered, it and all that follow give zero, empty
/// or null, and whoever reads asks at the end with [`Reader::finish`]. So a decoder is a plain list of reads, without a way out after each;
/// in the agent that is a third of the decoder's code.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    failed: Option<Malformed>,
}

impl<'a> Reader<'a> {
    /// Read from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes, failed: None }
    }

    /// What has not been read yet; empty after a failure.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether nothing is left to read.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Remember why this is not what it should be, unless something failed before, and read nothing more.
    pub fn fail(&mut self, why: Malformed) {
        self.rest = &[];
        if self.failed.is_none() {
            self.failed = Some(why);
        }
    }

    /// The first failure, if there was one.
    pub fn failed(&self) -> Option<Malformed> {
        self.failed
    }

    /// Whether all reads were good and everything was read.
    ///
    /// # Errors
    /// The first failure; bytes left over are `OutOfRange`.
    pub fn finish(&self) -> Result<(), Malformed> {
        match self.failed {
            Some(why) => Err(why),
            None if self.rest.is_empty() => Ok(()),
            None => Err(Malformed::OutOfRange),
        }
    }

    /// The next `n` bytes.
    #[cfg_attr(not(target_family = "wasm"), inline)]
    pub fn take(&mut self, n: usize) -> &'a [u8] {
        match self.rest.split_at_checked(n) {
            Some((head, tail)) => {
                self.rest = tail;
                head
            }
            None => {
                self.fail(Malformed::Truncated);
                &[]
            }
        }
    }

    /// One byte.
    #[cfg_attr(not(target_family = "wasm"), inline)]
    pub fn byte(&mut self) -> u8 {
        match self.rest.split_first() {
            Some((first, rest)) => {
                self.rest = rest;
                *first
            }
            None => {
                self.fail(Malformed::Truncated);
                0
            }
        }
    }

    /// An unsigned varint of at most 64 bits.
    #[cfg_attr(not(target_family = "wasm"), inline)]
    pub fn uint(&mut self) -> u64 {
        // Most are one byte long. In a browser the bytes of the shortcut weigh more than its time.
        if cfg!(not(target_family = "wasm"))
            && let Some((first, rest)) = self.rest.split_first()
            && *first < 0x80
        {
            self.rest = rest;
            return u64::from(*first);
        }
        self.long_uint()
    }

    fn long_uint(&mut self) -> u64 {
        let mut n = 0u64;
        let mut shift = 0u32;
        loop {
            let b = self.byte();
            let part = u64::from(b & 0x7f);
            if shift > 63 || (shift == 63 && part > 1) {
                self.fail(Malformed::OutOfRange);
                return 0;
            }
            n |= part << shift;
            if b & 0x80 == 0 {
                return n;
            }
            shift += 7;
        }
    }

    /// A signed zigzag varint.
    pub fn int(&mut self) -> i64 {
        let n = self.uint();
        (n >> 1) as i64 ^ -((n & 1) as i64)
    }

    /// A number that must fit 32 bits.
    #[cfg_attr(not(target_family = "wasm"), inline)]
    pub fn u32(&mut self) -> u32 {
        let n = self.uint();
        if n > u64::from(u32::MAX) {
            self.fail(Malformed::OutOfRange);
            return 0;
        }
        n as u32
    }

    /// A number that must fit 16 bits.
    pub fn u16(&mut self) -> u16 {
        let n = self.uint();
        if n > u64::from(u16::MAX) {
            self.fail(Malformed::OutOfRange);
            return 0;
        }
        n as u16
    }

    /// A count of things that take at least one byte each: larger than what is left is refused before anything is allocated.
    #[cfg_attr(not(target_family = "wasm"), inline)]
    pub fn count(&mut self) -> usize {
        let n = self.uint();
        if n > self.rest.len() as u64 {
            self.fail(Malformed::Truncated);
            return 0;
        }
        n as usize
    }

    /// A double.
    pub fn f64(&mut self) -> f64 {
        f64::from_bits(self.u64_le())
    }

    /// Eight bytes, little endian.
    pub fn u64_le(&mut self) -> u64 {
        self.take(8).iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
    }

    /// Length and bytes.
    #[cfg_attr(not(target_family = "wasm"), inline)]
    pub fn bytes(&mut self) -> &'a [u8] {
        let n = self.count();
        self.take(n)
    }

    /// Length and text.
    pub fn str(&mut self) -> &'a str {
        match core::str::from_utf8(self.bytes()) {
            Ok(text) => text,
            Err(_) => {
                self.fail(Malformed::NotText);
                ""
            }
        }
    }

    /// A list of things, each read by `item`.
    pub fn list<T>(&mut self, mut item: impl FnMut(&mut Reader<'a>) -> T) -> Vec<T> {
        let mut items = Vec::new();
        for _ in 0..self.count() {
            items.push(item(self));
        }
        items
    }

    /// A value with its tag.
    pub fn value(&mut self) -> Value {
        self.value_at(0)
    }

    fn value_at(&mut self, depth: u32) -> Value {
        if depth > DEPTH_MAX {
            self.fail(Malformed::OutOfRange);
        }
        match self.byte() {
            0 => Value::Null,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Num(self.f64()),
            4 => Value::Str(self.str().into()),
            5 => Value::List(self.list(|r| r.value_at(depth + 1))),
            6 => Value::Map(self.list(|r| (r.str().into(), r.value_at(depth + 1)))),
            7 => Value::Num(self.int() as f64),
            8 => Value::Bytes(self.bytes().to_vec()),
            _ => {
                self.fail(Malformed::Unknown);
                Value::Null
            }
        }
    }
}

impl<'a> Reader<'a> {
    /// Pass over one value, which is so known to be well formed. Cost: its size.
    pub fn skip(&mut self) {
        self.skip_at(0);
    }

    fn skip_at(&mut self, depth: u32) {
        if depth > DEPTH_MAX {
            self.fail(Malformed::OutOfRange);
        }
        match self.byte() {
            0..=2 => {}
            3 => {
                self.take(8);
            }
            4 | 8 => {
                self.bytes();
            }
            tag @ (5 | 6) => {
                for _ in 0..self.count() {
                    if tag == 6 {
                        self.bytes();
                    }
                    self.skip_at(depth + 1);
                }
            }
            7 => {
                self.uint();
            }
            _ => self.fail(Malformed::Unknown),
        }
    }

    /// The bytes of the value that comes next, exactly; empty after a failure.
    pub fn packed(&mut self) -> &'a [u8] {
        let from = self.rest;
        self.skip();
        from.get(..from.len() - self.rest.len()).filter(|_| self.failed.is_none()).unwrap_or_default()
    }
}

/// A value where it lies: only its head has been read.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// `null`; also what no bytes at all are taken for.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Num(f64),
    /// Text, meant to be UTF-8.
    Str(&'a [u8]),
    /// The elements of a list.
    List(Items<'a>),
    /// The members of an object.
    Map(Items<'a>),
    /// Bytes.
    Bytes(&'a [u8]),
}

/// Elements of a list, or members of an object with `key` read before each.
#[derive(Clone, Debug)]
pub struct Items<'a> {
    left: usize,
    keyed: bool,
    r: Reader<'a>,
}

impl<'a> Items<'a> {
    /// How many are left.
    pub fn left(&self) -> usize {
        self.left
    }
}

/// Keys (empty in a list) and values. Each value is the rest of the bytes from its first on.
impl<'a> Iterator for Items<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<(&'a [u8], &'a [u8])> {
        self.left = self.left.checked_sub(1)?;
        let key = if self.keyed { self.r.bytes() } else { &[] };
        Some((key, self.r.packed()))
    }
}

/// Look at a value.
#[cfg_attr(not(target_family = "wasm"), inline)]
pub fn view(value: &[u8]) -> Item<'_> {
    let mut r = Reader::new(value);
    match r.byte() {
        tag @ (1 | 2) => Item::Bool(tag == 2),
        3 => Item::Num(r.f64()),
        4 => Item::Str(r.bytes()),
        tag @ (5 | 6) => {
            let left = r.count();
            let items = Items { left, keyed: tag == 6, r };
            if tag == 6 { Item::Map(items) } else { Item::List(items) }
        }
        7 => Item::Num(r.int() as f64),
        8 => Item::Bytes(r.bytes()),
        _ => Item::Null,
    }
}

/// The number, if it is one.
pub fn number(value: &[u8]) -> Option<f64> {
    match view(value) {
        Item::Num(n) => Some(n),
        _ => None,
    }
}

/// The text, if it is one.
pub fn text(value: &[u8]) -> Option<&[u8]> {
    match view(value) {
        Item::Str(text) => Some(text),
        _ => None,
    }
}

/// The member of an object; none for other types and absent keys.
pub fn get<'a>(value: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    match view(value) {
        Item::Map(mut members) => members.find(|(k, _)| *k == key).map(|(_, v)| v),
        _ => None,
    }
}

/// [`Value::path`] where the value lies.
pub fn path<'a>(value: &'a [u8], path: &[u8]) -> Option<&'a [u8]> {
    if let Some(found) = step(value, path) {
        return Some(found);
    }
    let dot = path.iter().position(|b| *b == b'.')?;
    self::path(step(value, path.get(..dot)?)?, path.get(dot + 1..)?)
}

fn step<'a>(value: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    match view(value) {
        Item::List(mut items) if (1..=4).contains(&key.len()) && key.iter().all(u8::is_ascii_digit) => {
            let index = key.iter().fold(0, |n, b| n * 10 + usize::from(b - b'0'));
            // `00` is no index, as in JavaScript.
            let leading = key.len() > 1 && key.first() == Some(&b'0');
            items.nth(index).filter(|_| !leading).map(|(_, v)| v)
        }
        _ => get(value, key),
    }
}

/// [`Value::same`] where the values lie: a list or an object is the same bytes, because there is one way to write it.
pub fn same(a: &[u8], b: &[u8]) -> bool {
    match (view(a), view(b)) {
        (Item::Num(a), Item::Num(b)) => a == b,
        (Item::Null, Item::Null) => true,
        _ => a == b,
    }
}

/// The order of ECMAScript's `<` for texts: by UTF-16 code units. It differs from the order of the UTF-8 bytes only in that the characters
/// beyond U+FFFF (first byte F0 and up) come before those from U+E000 on (EE and EF).
pub fn utf16_order(a: &[u8], b: &[u8]) -> core::cmp::Ordering {
    let place = |b: u8| if matches!(b, 0xee | 0xef) { b + 0x10 } else { b };
    for (a, b) in a.iter().zip(b) {
        if a != b {
            return place(*a).cmp(&place(*b));
        }
    }
    a.len().cmp(&b.len())
}

/// A value as bytes.
pub fn encode(value: &Value) -> Vec<u8> {
    let mut w = Writer::default();
    w.value(value);
    w.0
}

/// A value from bytes; all of them must be used.
///
/// # Errors
/// Any [`Malformed`]; bytes left over are `OutOfRange`.
pub fn decode(bytes: &[u8]) -> Result<Value, Malformed> {
    let mut r = Reader::new(bytes);
    let value = r.value();
    r.finish().map(|()| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_where_it_lies_is_what_reading_it_all_gives() {
        let value = sample();
        let bytes = encode(&value);
        for path in [
            "null", "yes", "int", "frac", "text", "list", "list.0", "list.1", "list.2", "list.1.0", "absent", "text.x",
            "",
        ] {
            let found = super::path(&bytes, path.as_bytes());
            let read = found.map(|b| Reader::new(b).value());
            assert_eq!(read.as_ref(), value.path(path), "{path}");
        }
        let mut r = Reader::new(&bytes);
        assert_eq!(r.packed(), bytes);
        assert_eq!(r.finish(), Ok(()));
        assert!(same(&bytes, &bytes));
        let Value::Map(mut pairs) = value else { unreachable!() };
        pairs.reverse();
        assert!(!same(&bytes, &encode(&Value::Map(pairs.clone()))));
        pairs.pop();
        assert!(!same(&bytes, &encode(&Value::Map(pairs))));
        assert!(!same(&encode(&Value::Num(f64::NAN)), &encode(&Value::Num(f64::NAN))));
        assert!(same(&encode(&Value::Num(-0.0)), &encode(&Value::Num(0.0))));
    }

    #[test]
    fn texts_stand_in_the_order_of_their_utf16_units() {
        let texts =
            ["", "a", "ab", "é", "暖", "\u{d7ff}", "\u{e000}", "\u{ffff}", "\u{10000}", "🍵", "a🍵", "a\u{e000}"];
        for a in texts {
            for b in texts {
                let expected = a.encode_utf16().cmp(b.encode_utf16());
                assert_eq!(utf16_order(a.as_bytes(), b.as_bytes()), expected, "{a:?} {b:?}");
            }
        }
    }

    fn sample() -> Value {
        Value::map([
            ("null", Value::Null),
            ("yes", true.into()),
            ("no", false.into()),
            ("int", (-42.0).into()),
            ("big", 9_007_199_254_740_993.0.into()),
            ("frac", 0.1.into()),
            ("inf", f64::INFINITY.into()),
            ("text", "暖簾 🍵".into()),
            ("list", Value::List(vec![1.0.into(), Value::List(vec![])])),
            ("bytes", Value::Bytes(vec![0, 255])),
        ])
    }

    #[test]
    fn what_goes_in_comes_out() {
        assert_eq!(decode(&encode(&sample())), Ok(sample()));
        let minus_zero = decode(&encode(&Value::Num(-0.0))).unwrap();
        assert!(minus_zero.as_num().unwrap().is_sign_negative());
    }

    #[test]
    fn every_truncation_is_an_error_and_never_a_panic() {
        let bytes = encode(&sample());
        for n in 0..bytes.len() {
            assert!(decode(&bytes[..n]).is_err(), "cut at {n}");
        }
    }

    #[test]
    fn a_huge_count_allocates_nothing() {
        assert_eq!(decode(&[5, 0xff, 0xff, 0xff, 0xff, 0x0f]), Err(Malformed::Truncated));
        assert_eq!(decode(&[9]), Err(Malformed::Unknown));
        assert_eq!(decode(&[4, 1, 0xff]), Err(Malformed::NotText));
        assert_eq!(decode(&[0, 0]), Err(Malformed::OutOfRange));
        assert_eq!(decode(&[7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]), Err(Malformed::OutOfRange));
    }

    #[test]
    fn nesting_stops_at_the_limit() {
        let nested = |depth: usize| {
            let mut b = vec![];
            for _ in 0..depth {
                b.extend([5, 1]);
            }
            b.push(0);
            b
        };
        assert!(decode(&nested(DEPTH_MAX as usize)).is_ok());
        assert_eq!(decode(&nested(DEPTH_MAX as usize + 1)), Err(Malformed::OutOfRange));
    }
}
