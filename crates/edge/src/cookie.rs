//! The site's own cookie: it carries the device's key where script cannot read it, because some browsers forget what script stored after a week
//! without a visit. Only an edge at an address of the site's own sets it, and only with what is kept.
//!
//! Who else could make use of it: nobody. Other sites' pages cannot make a browser send it (`SameSite=Lax`: not with a request of a page's
//! script), pages of the same site that the site does not list are refused before the body is read, and the answer that names the key can be read by
//! the page of exactly the origin that was let in, whose own storage holds the same key. A neighbouring host name cannot plant one
//! (`__Host-`: set by this host alone, over TLS).

use noren_wire::bounds::{DEVICE_CHARS, KEY_CHARS, is_base64url};

/// How long a browser keeps the cookie after the last request: 400 days, which is as long as browsers allow and as a profile is kept by default.
pub const COOKIE_MAX_AGE_S: u32 = 400 * 86_400;

/// What a cookie says of a device: public id and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Public id.
    pub device: String,
    /// Secret key.
    pub key: String,
}

/// Whether the page that asks and this edge are of one site, as the browser itself says in `Sec-Fetch-Site`; a header that no script can set. Browsers
/// send it over TLS and to this machine; to any other address it is missing, and then there is no cookie.
pub fn is_own(sec_fetch_site: &str) -> bool {
    matches!(sec_fetch_site, "same-origin" | "same-site")
}

/// The cookie's name. Without TLS (a development server) the prefix would keep browsers from storing it.
pub fn name(site: &str, secure: bool) -> String {
    if secure { format!("__Host-noren.{site}") } else { format!("noren.{site}") }
}

/// What a `Cookie` header says of this site's device; `None` where it says nothing, or nothing that this code wrote.
pub fn read(header: &str, site: &str, secure: bool) -> Option<Known> {
    let name = name(site, secure);
    let values = header.split(';').filter_map(|pair| pair.trim().strip_prefix(&name)?.strip_prefix('='));
    let mut known = values.filter_map(|value| {
        let (device, key) = value.split_once('.')?;
        let valid = is_base64url(device, DEVICE_CHARS) && is_base64url(key, KEY_CHARS);
        valid.then(|| Known { device: device.into(), key: key.into() })
    });
    known.next()
}

/// The `Set-Cookie` header that has the browser remember a device.
pub fn remember(site: &str, known: &Known, secure: bool) -> String {
    let Known { device, key } = known;
    format!(
        "{}={device}.{key}; Path=/; Max-Age={COOKIE_MAX_AGE_S}; HttpOnly; SameSite=Lax{}",
        name(site, secure),
        tls(secure)
    )
}

/// The `Set-Cookie` header that has the browser forget it.
pub fn forget(site: &str, secure: bool) -> String {
    format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{}", name(site, secure), tls(secure))
}

fn tls(secure: bool) -> &'static str {
    if secure { "; Secure" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        Known { device: "d".repeat(DEVICE_CHARS), key: "k".repeat(KEY_CHARS) }
    }

    #[test]
    fn what_is_set_is_what_is_read_and_script_cannot() {
        for secure in [true, false] {
            let set = remember("demo", &known(), secure);
            let (pair, attributes) = set.split_once("; ").unwrap();
            assert_eq!(read(&format!("a=b; {pair}; c=d"), "demo", secure), Some(known()));
            assert_eq!(read(pair, "other", secure), None, "each site has its own");
            assert_eq!(read(pair, "demo", !secure), None);
            for attribute in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"] {
                assert!(attributes.contains(attribute), "{attribute}");
            }
            assert_eq!((attributes.contains("Secure"), set.starts_with("__Host-")), (secure, secure));
            assert!(!set.contains("Domain"));
        }
        assert!(forget("demo", true).starts_with("__Host-noren.demo=; Path=/; Max-Age=0"));
    }

    #[test]
    fn nothing_else_is_taken_for_one() {
        let (device, key) = (known().device, known().key);
        for value in [
            String::new(),
            device.clone(),
            format!("{device}{key}"),
            format!("{device}.{key}x"),
            format!("{device}.{}", "é".repeat(21)),
            format!("{key}.{device}"),
            format!("\"{device}.{key}\""),
        ] {
            assert_eq!(read(&format!("noren.demo={value}"), "demo", false), None, "{value}");
        }
        assert_eq!(read(&format!("xnoren.demo={device}.{key}; noren.demo2={device}.{key}"), "demo", false), None);
        let twice = format!("noren.demo=broken; noren.demo={device}.{key}");
        assert_eq!(read(&twice, "demo", false), Some(known()), "one that is broken hides none that is not");
    }

    #[test]
    fn only_the_site_itself_is_its_own() {
        for (word, expected) in
            [("same-origin", true), ("same-site", true), ("cross-site", false), ("none", false), ("", false)]
        {
            assert_eq!(is_own(word), expected, "{word}");
        }
    }
}
