//! From a seed and a value to a place in `[0, 1)`.

/// FNV-1a with 32 bits over UTF-16 code units: each unit is one step, whatever its size, as in every JavaScript implementation that
/// GrowthBook's vectors come from. For ASCII it is the usual FNV-1a over bytes.
///
/// ```
/// assert_eq!(noren_assign::fnv1a32(""), 0x811c_9dc5);
/// assert_eq!(noren_assign::fnv1a32("a"), 0xe40c_292c);
/// ```
pub fn fnv1a32(text: &str) -> u32 {
    extend(OFFSET, text.encode_utf16())
}

/// The published start and factor of 32-bit FNV (Fowler, Noll, Vo: "FNV Hash", section "Parameters").
const OFFSET: u32 = 0x811c_9dc5;
const PRIME: u32 = 0x0100_0193;

/// The hash of a text that follows what `state` has seen.
fn extend(state: u32, units: impl Iterator<Item = u16>) -> u32 {
    units.fold(state, |hash, unit| (hash ^ u32::from(unit)).wrapping_mul(PRIME))
}

/// A place in `[0, 1)` for a value under a seed; `None` for a version other than 1 and 2.
///
/// Version 1 has 1,000 places and hashes the value before the seed; version 2 has 10,000 and hashes the decimal text of a first hash, which
/// removes the correlation that version 1 shows between experiments with similar seeds. New experiments use 2.
///
/// ```
/// assert_eq!(noren_assign::hash("seed", "a", 2), Some(0.0505));
/// assert_eq!(noren_assign::hash("", "b", 1), Some(0.077));
/// ```
pub fn hash(seed: &str, value: &str, version: u8) -> Option<f64> {
    match version {
        1 => Some(f64::from(extend(fnv1a32(value), seed.encode_utf16()) % 1_000) / 1_000.0),
        2 => {
            let first = extend(fnv1a32(seed), value.encode_utf16());
            Some(f64::from(slot_of(first)) / f64::from(SLOTS))
        }
        _ => None,
    }
}

/// How many places [`slot`] and version 2 of [`hash`] have.
pub const SLOTS: u32 = 10_000;

/// [`hash`] version 2 as a whole number below [`SLOTS`], over UTF-8 that nobody has checked, as it lies in a browser's memory; what is no
/// UTF-8 gives some place too.
///
/// ```
/// let slot = noren_assign::slot("暖".as_bytes(), "🍵".as_bytes());
/// assert_eq!(f64::from(slot) / 10_000.0, noren_assign::hash("暖", "🍵", 2).unwrap());
/// ```
pub fn slot(seed: &[u8], value: &[u8]) -> u32 {
    slot_of(extend(extend(OFFSET, Units::of(seed)), Units::of(value)))
}

fn slot_of(first: u32) -> u32 {
    fnv1a32_decimal(first) % SLOTS
}

/// UTF-16 code units of UTF-8, without a check.
struct Units<'a> {
    bytes: core::slice::Iter<'a, u8>,
    low: u16,
}

impl Units<'_> {
    fn of(text: &[u8]) -> Units<'_> {
        Units { bytes: text.iter(), low: 0 }
    }
}

impl Iterator for Units<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if self.low != 0 {
            return Some(core::mem::take(&mut self.low));
        }
        let first = u32::from(*self.bytes.next()?);
        // The first byte's leading ones say how many follow, each with six bits.
        let more = (first as u8).leading_ones().saturating_sub(1).min(3);
        let mut code = if more == 0 { first } else { first & (0x3f >> more) };
        for _ in 0..more {
            code = code << 6 | u32::from(*self.bytes.next()?) & 0x3f;
        }
        match code.checked_sub(0x1_0000) {
            None => Some(code as u16),
            Some(beyond) => {
                self.low = 0xdc00 | (beyond & 0x3ff) as u16;
                Some(0xd800 | (beyond >> 10) as u16)
            }
        }
    }
}

/// The hash of a number's decimal text, without making the text: the agent has no number formatting.
fn fnv1a32_decimal(mut number: u32) -> u32 {
    // 2^32 has ten decimal digits.
    let mut digits = [0u8; 10];
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + (number % 10) as u8;
        number /= 10;
        used += 1;
        if number == 0 {
            break;
        }
    }
    digits.iter().skip(10 - used).fold(OFFSET, |hash, digit| (hash ^ u32::from(*digit)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decimal_shortcut_hashes_what_the_text_would() {
        for n in [0, 7, 10, 99, 100, 4_294_967_295, 1_000_000_000, 305_419_896] {
            assert_eq!(fnv1a32_decimal(n), fnv1a32(&n.to_string()), "{n}");
        }
    }

    #[test]
    fn unchecked_text_falls_where_checked_text_does() {
        let place = |slot: u32| Some(f64::from(slot) / f64::from(SLOTS));
        for text in ["", "a", "é", "暖簾", "🍵🍵", "a🍵é暖", "\u{ffff}\u{10000}\u{10ffff}"] {
            assert_eq!(place(slot(text.as_bytes(), b"v")), hash(text, "v", 2), "{text}");
            assert_eq!(place(slot(b"s", text.as_bytes())), hash("s", text, 2), "{text}");
        }
        for broken in [&[0xffu8][..], &[0xe3, 0x81], &[0xf0], &[0x80]] {
            assert!(slot(b"s", broken) < SLOTS);
        }
    }

    #[test]
    fn places_are_spread_evenly_and_stay_put() {
        // 100,000 visitors over ten tenths: a fair share is 10,000 with a standard deviation of 95; five of them is 475.
        for version in [1, 2] {
            let mut tenths = [0u32; 10];
            for i in 0..100_000 {
                let place = hash("spread", &format!("visitor-{i}"), version).unwrap();
                assert!((0.0..1.0).contains(&place));
                tenths[(place * 10.0) as usize] += 1;
            }
            for n in tenths {
                assert!((9_525..=10_475).contains(&n), "version {version}: {tenths:?}");
            }
        }
    }
}
