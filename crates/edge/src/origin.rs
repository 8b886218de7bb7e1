//! Addresses: whose page may speak for a site, what counts as this machine, what a query says.

/// Word in a site's list that stands for every origin of this machine, whatever the port: for development.
pub const LOOPBACK: &str = "loopback";

/// Whether a page of `origin` may speak for a site that lists `origins`. `null` and nothing may not.
pub fn allowed(origins: &[String], origin: &str) -> bool {
    origins.iter().any(|listed| if listed == LOOPBACK { is_loopback_origin(origin) } else { listed == origin })
}

/// Whether this is an origin as browsers send it: `scheme://host` with an optional port, http or https, nothing after.
pub fn is_origin(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    !rest.is_empty()
        && rest.len() <= 255
        && !rest.contains(['/', '?', '#', '@', ' ', '\\', '*', ','])
        && rest == rest.to_lowercase()
}

/// Whether an origin is of this machine.
pub fn is_loopback_origin(origin: &str) -> bool {
    origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).is_some_and(is_loopback_host)
}

/// Whether a Host header names this machine: `localhost`, `*.localhost`, `127.0.0.1` or `[::1]`, with any port.
pub fn is_loopback_host(host: &str) -> bool {
    let name = if let Some(v6) = host.strip_prefix('[') {
        let Some((address, rest)) = v6.split_once(']') else { return false };
        return address == "::1" && (rest.is_empty() || is_port(rest));
    } else {
        match host.split_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty() => name,
            Some(_) => return false,
            None => host,
        }
    };
    name == "127.0.0.1" || name == "localhost" || name.ends_with(".localhost")
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// A query's value as it was meant: `%XX` is a byte, `+` a space. What is not UTF-8 afterwards is replaced.
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => hex(*high).zip(hex(*low)).map(|(h, l)| h << 4 | l),
            _ => None,
        };
        bytes.push(escaped.unwrap_or(if *first == b'+' { b' ' } else { *first }));
        rest = if escaped.is_some() { after.get(2..).unwrap_or(&[]) } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|n| n as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_origins_speak_for_a_site() {
        let listed = ["https://shop.example".to_string()];
        assert!(allowed(&listed, "https://shop.example"));
        for origin in [
            "",
            "null",
            "http://shop.example",
            "https://shop.example:8443",
            "https://shop.example.evil.example",
            "http://localhost",
        ] {
            assert!(!allowed(&listed, origin), "{origin}");
        }
    }

    #[test]
    fn loopback_is_this_machine_and_nothing_that_looks_like_it() {
        let listed = [LOOPBACK.to_string()];
        for origin in [
            "http://127.0.0.1:8787",
            "http://localhost",
            "http://shop.localhost:1",
            "http://[::1]:8787",
            "https://localhost:1",
        ] {
            assert!(allowed(&listed, origin), "{origin}");
        }
        for origin in [
            "http://127.0.0.1.evil.example",
            "http://localhost.evil.example",
            "http://evil.example#localhost",
            "loopback",
            "http://127.0.0.1:8787@evil.example",
            "http://[::1]evil.example",
            "ftp://localhost",
        ] {
            assert!(!allowed(&listed, origin), "{origin}");
        }
    }

    #[test]
    fn a_query_is_decoded_whatever_it_holds() {
        for (text, expected) in [
            ("u%201+2", "u 1 2"),
            ("%E8%8A%B1", "花"),
            ("a%", "a%"),
            ("%zz%4", "%zz%4"),
            ("%FF", "\u{FFFD}"),
            ("", ""),
            ("a%40b.example", "a@b.example"),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }

    #[test]
    fn an_origin_has_no_path() {
        for good in ["https://shop.example", "http://10.0.0.1:8080"] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "https://shop.example/",
            "shop.example",
            "https://",
            "https://*.example",
            "https://Shop.example",
            "https://a,https://b",
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
