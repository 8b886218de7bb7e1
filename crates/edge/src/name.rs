//! Which object is whose: the one place where names are made, and the digests they are made of.

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use noren_wire::bounds::DEVICE_CHARS;
use sha2::{Digest, Sha256};

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Kind {
    Device,
    Person,
    Shard,
    Site,
    Pool,
    Conversation,
    /// Batches of others' clients, on their way to devices.
    Intake,
    /// Sessions and the list of sites: one per deployment.
    House,
}

impl Kind {
    /// The word in names.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Device => "device",
            Kind::Person => "person",
            Kind::Shard => "shard",
            Kind::Site => "site",
            Kind::Pool => "pool",
            Kind::Conversation => "conversation",
            Kind::Intake => "intake",
            Kind::House => "house",
        }
    }
}

/// Where a site's objects may live; chosen at creation. `""` is anywhere.
pub const ANYWHERE: &str = "";

/// An object's name. Parts are joined by `/`; sites cannot contain it and ids come last, so two different objects never share a name.
pub fn object(jurisdiction: &str, kind: Kind, site: &str, id: &str) -> String {
    format!("{jurisdiction}/{}/{site}/{id}", kind.word())
}

/// A device's id within its site: HMAC-SHA256 of site and key under the deployment's secret. Without the key the object cannot be named,
/// and neither name nor logs give the key away.
pub fn device_id(secret: &str, site: &str, key: &str) -> String {
    base64url(&hmac(secret, &format!("device|{site}|{key}")))
}

/// The public id of a device of others' clients: 128 bits, as a browser's.
pub fn client_public_id(secret: &str, site: &str, called: &str) -> String {
    let mut id = base64url(&hmac(secret, &format!("client|{site}|{called}")));
    id.truncate(DEVICE_CHARS);
    id
}

/// A person's id within its site: the site's user ids may be mail addresses, so they too are named by HMAC.
pub fn person_id(secret: &str, site: &str, user: &str) -> String {
    base64url(&hmac(secret, &format!("person|{site}|{user}")))
}

/// The network of an address, for one UTC day: HMAC of an IPv4 address, or of the first 64 bits of an IPv6 one, which is what a provider gives
/// one customer. Empty for what is no address.
pub fn network_id(secret: &str, site: &str, address: &str, now: i64) -> String {
    let network = match address.trim().parse() {
        Ok(IpAddr::V4(v4)) => v4.to_string(),
        Ok(IpAddr::V6(v6)) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => format!("{:x}", u128::from(v6) >> 64),
        },
        Err(_) => return String::new(),
    };
    let day = now.div_euclid(86_400_000);
    let mut id = base64url(&hmac(secret, &format!("network|{site}|{day}|{network}")));
    id.truncate(DEVICE_CHARS);
    id
}

/// What a site's key is stored as: HMAC of its secret part, bound to the site and the key's id.
pub fn key_digest(secret: &str, site: &str, id: &str, part: &str) -> String {
    base64url(&hmac(secret, &format!("key|{site}|{id}|{part}")))
}

/// Which of `shards` a public id belongs to.
pub fn shard_of(device: &str, shards: u32) -> u32 {
    let digest = Sha256::digest(device.as_bytes());
    let head = digest.iter().take(4).fold(0u32, |n, b| n << 8 | u32::from(*b));
    head % shards.max(1)
}

/// The first 16 hexadecimal digits of SHA-256: what contents and programs are named by.
pub fn content_hash(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(16);
    for b in Sha256::digest(bytes).iter().take(8) {
        hex.push_str(&format!("{b:02x}"));
    }
    hex
}

/// What a token is stored as.
pub fn token_digest(token: &str) -> String {
    base64url(&Sha256::digest(token.as_bytes()))
}

/// Whether two secrets are equal, in a time that tells nothing about where they differ: compared by digest, so their lengths do not
/// show either.
pub fn same_secret(a: &str, b: &str) -> bool {
    let (a, b) = (Sha256::digest(a.as_bytes()), Sha256::digest(b.as_bytes()));
    a.iter().zip(b.iter()).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

/// Base64url without padding.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// And back; `None` if it is not that.
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(crate) fn hmac(secret: &str, message: &str) -> [u8; 32] {
    // HMAC takes keys of any length, so there is no failure to report; an impossible one must not become a guessable name.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return Sha256::digest(secret).into() };
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_not_collide() {
        let mut names: Vec<String> = Vec::new();
        let kinds = [Kind::Device, Kind::Person, Kind::Shard, Kind::Site, Kind::Pool, Kind::Conversation];
        for kind in kinds.into_iter().chain([Kind::Intake, Kind::House]) {
            for (site, id) in [("a", "b"), ("ab", ""), ("", "ab"), ("a", "b/c"), ("a-b", "c")] {
                names.push(object(ANYWHERE, kind, site, id));
                names.push(object("eu", kind, site, id));
            }
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn a_device_is_named_by_secret_site_and_key() {
        let names = [
            device_id("s", "demo", "k"),
            device_id("t", "demo", "k"),
            device_id("s", "other", "k"),
            device_id("s", "demo", "l"),
        ];
        for (i, a) in names.iter().enumerate() {
            assert_eq!(a.len(), 43);
            assert!(names.iter().skip(i + 1).all(|b| a != b));
        }
        // RFC 4231, test case 2, through the same function.
        assert_eq!(
            hmac("Jefe", "what do ya want for nothing?").iter().map(|b| format!("{b:02x}")).collect::<String>(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_network_has_another_name_each_day_and_site() {
        const DAY: i64 = 86_400_000;
        let id = |address: &str, now| network_id("s", "demo", address, now);
        assert_eq!(id("192.0.2.1", 0), id("192.0.2.1", DAY - 1));
        assert_eq!(id("192.0.2.1", 0), id("::ffff:192.0.2.1", 0));
        assert_eq!(id("2001:db8:1:2::1", 0), id("2001:db8:1:2:ffff::9", 0));
        for other in [id("192.0.2.1", DAY), id("192.0.2.2", 0), network_id("s", "other", "192.0.2.1", 0)] {
            assert_ne!(id("192.0.2.1", 0), other);
        }
        assert_ne!(id("2001:db8:1:2::1", 0), id("2001:db8:1:3::1", 0));
        assert!(!id("192.0.2.1", 0).contains("192"));
        for none in ["", "unknown", "192.0.2.1, 10.0.0.1"] {
            assert_eq!(id(none, 0), "");
        }
    }

    #[test]
    fn visitors_spread_evenly_over_shards() {
        let mut counts = [0; 4];
        for i in 0..4_000 {
            counts[shard_of(&format!("visitor-{i}"), 4) as usize] += 1;
        }
        assert!(counts.iter().all(|n| (850..1_150).contains(n)), "{counts:?}");
    }

    #[test]
    fn secrets_are_compared_whole() {
        assert!(same_secret("abc", "abc"));
        for other in ["", "ab", "abcd", "abd"] {
            assert!(!same_secret("abc", other));
        }
    }
}
