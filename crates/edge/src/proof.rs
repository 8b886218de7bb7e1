//! Signed proof that a page's visitor is who `identify` says: made by the site's server, checked here.
//!
//! A proof is `EXPIRES.SIGNATURE`: Unix seconds after which it is worth nothing, and the HMAC-SHA-256 of `EXPIRES.USER_ID` under the site's
//! secret, in hexadecimal. The expiry stands before the id and holds digits alone, so no other pair gives the same text.
//!
//! The secret is not stored: it follows from the deployment's secret, the site and the count of its renewals. The one before is taken too, so
//! that a renewal does not sign everybody out; renewing twice takes it away.

use noren_wire::bounds::PROOF_MAX_BYTES;
use noren_wire::error::Code;

use crate::name::{base64url, hmac, same_secret};
use crate::{Failure, Result};

/// What a site asks of an `identify`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Proofs are not looked at: nothing of a person ever comes down.
    #[default]
    Off,
    /// History goes up either way; with a proof, what the person's other devices did comes down.
    Optional,
    /// Without a proof nobody is joined.
    Mandatory,
}

impl Mode {
    /// Of its word; unknown ones are off.
    pub fn of(word: &str) -> Mode {
        match word {
            "optional" => Mode::Optional,
            "mandatory" => Mode::Mandatory,
            _ => Mode::Off,
        }
    }

    /// The word in settings.
    pub fn word(self) -> &'static str {
        match self {
            Mode::Off => "off",
            Mode::Optional => "optional",
            Mode::Mandatory => "mandatory",
        }
    }
}

/// What a proof is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// Nothing: there is none, its time is over, or the site takes none.
    Nothing,
    /// The site's server vouches for the visitor.
    Proven,
}

/// How one site takes proofs.
#[derive(Clone, Debug, Default)]
pub struct Proofs {
    mode: Mode,
    secrets: Vec<String>,
}

impl Proofs {
    /// Of a site with these settings; `deployment` is the deployment's own secret.
    pub fn new(mode: &str, serial: u32, deployment: &str, site: &str) -> Proofs {
        let mode = if serial == 0 { Mode::Off } else { Mode::of(mode) };
        let serials = match mode {
            Mode::Off => 1..1,
            _ => serial.saturating_sub(1).max(1)..serial.saturating_add(1),
        };
        Proofs { mode, secrets: serials.map(|serial| secret(deployment, site, serial)).collect() }
    }

    /// The mode.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What a proof of this user id is worth at `now` (Unix ms). An empty text is none.
    ///
    /// # Errors
    /// `proof_invalid` for what the site's server never made. One whose time is over is not held against the page: it may have waited on
    /// the device.
    pub fn check(&self, user: &str, proof: &str, now: i64) -> Result<Worth> {
        if self.mode == Mode::Off || proof.is_empty() {
            return Ok(Worth::Nothing);
        }
        let forged = || Failure::from(Code::ProofInvalid);
        if proof.len() > PROOF_MAX_BYTES {
            return Err(forged());
        }
        let (expires, signature) = proof.split_once('.').ok_or_else(forged)?;
        if expires.is_empty() || expires.len() > 12 || !expires.bytes().all(|b| b.is_ascii_digit()) {
            return Err(forged());
        }
        let signature = signature.to_ascii_lowercase();
        // All secrets are tried, whichever fits.
        let known = self.secrets.iter().map(|secret| same_secret(&signed(secret, expires, user), &signature));
        if !known.fold(false, |any, same| any | same) {
            return Err(forged());
        }
        let until = expires.parse::<i64>().map_err(|_| forged())?;
        Ok(if now < until.saturating_mul(1_000) { Worth::Proven } else { Worth::Nothing })
    }
}

/// The secret of a site's n-th renewal: 43 characters, used as they stand.
pub fn secret(deployment: &str, site: &str, serial: u32) -> String {
    base64url(&hmac(deployment, &format!("proof|{site}|{serial}")))
}

/// A proof, as a site's server makes it.
pub fn sign(secret: &str, user: &str, until_s: i64) -> String {
    let expires = until_s.to_string();
    format!("{expires}.{}", signed(secret, &expires, user))
}

fn signed(secret: &str, expires: &str, user: &str) -> String {
    hmac(secret, &format!("{expires}.{user}")).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_760_000_000_000;
    const LATER: i64 = 1_760_000_060;

    #[test]
    fn a_proof_vouches_for_one_user_of_one_site_for_a_time() {
        let good = sign(&secret("d", "demo", 3), "花@example.jp", LATER);
        let check = |mode: &str, serial, site: &str, user: &str, proof: &str, now| {
            Proofs::new(mode, serial, "d", site).check(user, proof, now)
        };
        let user = "花@example.jp";
        let forged = Err(Code::ProofInvalid.into());
        for (expected, got) in [
            (Ok(Worth::Proven), check("optional", 3, "demo", user, &good, NOW)),
            (Ok(Worth::Proven), check("mandatory", 3, "demo", user, &good.to_uppercase(), LATER * 1_000 - 1)),
            (Ok(Worth::Nothing), check("mandatory", 3, "demo", user, &good, LATER * 1_000)),
            (Ok(Worth::Proven), check("optional", 4, "demo", user, &good, NOW)),
            (forged.clone(), check("optional", 5, "demo", user, &good, NOW)),
            (forged.clone(), check("optional", 2, "demo", user, &good, NOW)),
            (forged.clone(), check("optional", 3, "other", user, &good, NOW)),
            (forged.clone(), check("optional", 3, "demo", "other", &good, NOW)),
            (Ok(Worth::Nothing), check("optional", 3, "demo", user, "", NOW)),
            (Ok(Worth::Nothing), check("off", 3, "demo", user, &good, NOW)),
            (Ok(Worth::Nothing), check("optional", 0, "demo", user, &good, NOW)),
        ] {
            assert_eq!(got, expected);
        }
    }

    #[test]
    fn what_no_server_made_is_forged() {
        let proofs = Proofs::new("optional", 1, "d", "demo");
        let good = sign(&secret("d", "demo", 1), "u", LATER);
        assert_eq!(proofs.check("u", &good, NOW), Ok(Worth::Proven));
        let moved = good.replacen('1', "9", 1);
        let signature = good.split_once('.').unwrap().1;
        let huge = format!("{}.{signature}", "9".repeat(12));
        for bad in [
            "x",
            ".",
            "1.",
            &format!(".{signature}"),
            &format!("-1.{signature}"),
            &format!("1e9.{signature}"),
            &moved,
            &huge,
            &good[..good.len() - 1],
            &format!("{good}0"),
            &"1".repeat(4_000),
            &format!(" {good}"),
            "1760000060.花",
        ] {
            assert_eq!(proofs.check("u", bad, NOW), Err(Code::ProofInvalid.into()), "{bad}");
        }
        // The id cannot take over a digit of the expiry.
        let split = sign(&secret("d", "demo", 1), "5.u", 1);
        assert!(proofs.check("u", &split.replacen("1.", "1.5.", 1), NOW).is_err());
    }

    /// The signature as other languages make it: `hash_hmac('sha256', "1760000060.u-1", 'key')`.
    #[test]
    fn the_signature_is_plain_hmac() {
        assert_eq!(
            sign("key", "u-1", LATER),
            "1760000060.7127e0c9c63d3db601ab7264da77919b8004318e7af35f018eda39a72ea77c2b"
        );
    }
}
