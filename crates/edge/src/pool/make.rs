//! Codes made here: out of the pool's own secret and a running number, so that none can be guessed from another and no two are alike.

use noren_wire::stored::PoolDoc;

use super::{Made, add};
use crate::Result;
use crate::name::hmac;
use crate::sql::Sql;

/// Letters of codes: none that are mistaken for one another when read aloud or typed from paper. 32, so that five bits are one.
pub const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// The pool's secret: HMAC of its name under the deployment's.
pub fn secret(deployment: &str, site: &str, pool: &str) -> String {
    crate::name::base64url(&hmac(deployment, &format!("coupon|{site}|{pool}")))
}

/// The `serial`th code's letters; at most 51, as many as a digest has bits for.
pub fn letters(secret: &str, serial: u64, length: u32) -> String {
    let digest = hmac(secret, &serial.to_string());
    let mut text = String::new();
    let (mut bits, mut held) = (0u32, 0);
    for byte in digest {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        while held >= 5 {
            if text.len() >= length as usize {
                return text;
            }
            held -= 5;
            let place = bits >> held & 31;
            text.push(ALPHABET.get(place as usize).map_or('A', |b| char::from(*b)));
        }
        bits &= (1 << held) - 1;
    }
    text
}

/// Make and add one more, as the pool's were made last. The caller saves the settings.
pub(super) fn another(sql: &dyn Sql, doc: &mut PoolDoc, secret: &str) -> Result<()> {
    loop {
        doc.serial += 1;
        let (prefix, length) = &doc.made;
        // One that was imported before is passed over.
        if add(sql, &format!("{prefix}{}", letters(secret, doc.serial, *length)), Made::Here)? {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn letters_are_even_and_differ_by_secret_and_number() {
        let key = secret("deployment", "demo", "welcome");
        assert_ne!(key, secret("deployment", "demo", "other"));
        assert_ne!(letters(&key, 1, 8), letters(&secret("deployment", "other", "welcome"), 1, 8));
        assert_eq!(letters(&key, 1, 8), letters(&key, 1, 8));
        assert_eq!(letters(&key, 1, 24).len(), 24);
        let mut all = BTreeSet::new();
        let mut counts = [0u32; 32];
        for serial in 0..20_000 {
            let text = letters(&key, serial, 8);
            for b in text.bytes() {
                counts[ALPHABET.iter().position(|a| *a == b).unwrap()] += 1;
            }
            all.insert(text);
        }
        assert_eq!(all.len(), 20_000);
        // 160,000 letters over 32: 5,000 each, with a standard deviation of 70.
        assert!(counts.iter().all(|n| (4_650..5_350).contains(n)), "{counts:?}");
        for look_alike in b"IO01" {
            assert!(!ALPHABET.contains(look_alike));
        }
    }
}
