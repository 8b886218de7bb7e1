//! Which file answers a path, and under which headers.

use serde::Deserialize;

/// A served file, as the build lists it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Asset {
    /// As asked for, with a leading slash (the build's list has none).
    pub path: String,
    /// `Content-Type`.
    pub content_type: String,
    /// Its name holds a hash of its content.
    #[serde(default)]
    pub immutable: bool,
    /// A `.br` file lies beside it.
    #[serde(default)]
    pub br: bool,
    /// A `.gz` file lies beside it.
    #[serde(default)]
    pub gz: bool,
}

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// gzip.
    Gzip,
    /// Brotli.
    Brotli,
}

impl Encoding {
    /// The word in headers; empty for identity.
    pub fn word(self) -> &'static str {
        match self {
            Encoding::Identity => "",
            Encoding::Gzip => "gzip",
            Encoding::Brotli => "br",
        }
    }

    /// What the file's name ends in.
    pub fn suffix(self) -> &'static str {
        match self {
            Encoding::Identity => "",
            Encoding::Gzip => ".gz",
            Encoding::Brotli => ".br",
        }
    }
}

/// The path of the file that answers a request for `path`: a folder is answered by its `index.html`. `None` for paths that try to climb.
pub fn file_of(path: &str) -> Option<String> {
    if path.contains("..") || path.contains("//") || path.contains('\\') || path.contains('%') {
        return None;
    }
    Some(if path.ends_with('/') { format!("{path}index.html") } else { path.into() })
}

/// The best encoding that both sides know. `q=0` refuses one; other weights are no reason to send more bytes.
pub fn encoding(asset: &Asset, accept: &str) -> Encoding {
    let accepts = |word: &str| {
        accept.split(',').any(|item| {
            let mut parts = item.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(word));
            let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.trim().parse::<f32>() == Ok(0.0)));
            named && !refused
        })
    };
    if asset.br && accepts("br") {
        Encoding::Brotli
    } else if asset.gz && accepts("gzip") {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// `Cache-Control` of a file.
pub fn cache_control(asset: &Asset) -> &'static str {
    if asset.immutable {
        "public, max-age=31536000, immutable"
    } else if matches!(asset.path.as_str(), "/tag.js" | "/openapi.json") {
        "public, max-age=300"
    } else {
        "no-cache"
    }
}

/// The console's policy: only its own scripts, WebAssembly (the editor) and sockets, and no page may frame it.
pub const CONSOLE_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; \
    connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Whether other sites' pages load this: the tag, the agent, the widgets.
pub fn is_for_pages(path: &str) -> bool {
    path == "/tag.js"
        || path == "/openapi.json"
        || (path.starts_with("/tag.") && path.ends_with(".js"))
        || path.starts_with("/noren/a/")
        || path.starts_with("/noren/w/")
}

/// Whether an `If-None-Match` header names this tag.
pub fn matches(if_none_match: &str, etag: &str) -> bool {
    if_none_match.split(',').map(str::trim).any(|t| t == "*" || t.strip_prefix("W/").unwrap_or(t) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(path: &str, immutable: bool) -> Asset {
        Asset { path: path.into(), content_type: "text/javascript".into(), immutable, br: true, gz: true }
    }

    #[test]
    fn the_smallest_body_both_sides_know() {
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("gzip", Encoding::Gzip),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip),
            ("br;q=0.1,gzip;q=1.0", Encoding::Brotli),
            ("BR", Encoding::Brotli),
            ("", Encoding::Identity),
            ("identity", Encoding::Identity),
            ("brotli", Encoding::Identity),
        ] {
            assert_eq!(encoding(&asset("/x", true), accept), expected, "{accept}");
        }
        assert_eq!(encoding(&Asset { br: false, gz: false, ..asset("/x", true) }, "br, gzip"), Encoding::Identity);
    }

    #[test]
    fn folders_have_an_index_and_nobody_climbs() {
        assert_eq!(file_of("/shop/").as_deref(), Some("/shop/index.html"));
        assert_eq!(file_of("/tag.js").as_deref(), Some("/tag.js"));
        for bad in ["/../secret", "/shop//etc", "/a\\b", "/%2e%2e/x"] {
            assert_eq!(file_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_named_content_is_kept_for_ever() {
        assert!(cache_control(&asset("/noren/a/agent.0123456789abcdef.js", true)).contains("immutable"));
        assert!(cache_control(&asset("/tag.js", false)).contains("max-age=300"));
        assert_eq!(cache_control(&asset("/shop/index.html", false)), "no-cache");
    }

    #[test]
    fn a_known_tag_needs_no_body() {
        for (header, yes) in
            [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false), ("a", false)]
        {
            assert_eq!(matches(header, "\"a\""), yes, "{header}");
        }
    }
}
