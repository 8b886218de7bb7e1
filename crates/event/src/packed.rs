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

    /// A value with its tag.
    pub fn value(&mut self, v: &Value) {
        match v {
            Value::Null => self.byte(0),
            Value::Bool(b) => self.byte(1 + u8::from(*b)),
            Value::Num(n) => {
                let whole = *n as i64;
                // Minus zero must come back as it went, so it takes the long form.
                if whole as f64 == *n && whole.unsigned_abs() <= 1 << 53 && !(whole == 0 && n.is_sign_negative()) {
                    self.byte(7);
                    self.int(whole);
                } else {
                    self.byte(3);
                    self.f64(*n);
                }
            }
            Value::Str(s) => {
                self.byte(4);
                self.str(s);
            }
            Value::List(items) => {
                self.byte(5);
                self.uint(items.len() as u64);
                for item in items {
                    self.value(item);
                }
            }
            Value::Map(pairs) => {
                self.byte(6);
                self.uint(pairs.len() as u64);
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
    pub fn uint(&mut self) -> u64 {
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
