//! What a `page_view` says about its page, for hosts that are no browser; a browser has its own URL parser and builds the same.

use noren_event::Value;

/// `url path title referrer query`, and the event's own properties that do not begin with `page_`.
pub fn attributes(props: &Value) -> Value {
    let text = |key: &str| props.get(key).and_then(Value::as_str).unwrap_or("");
    let url = text("page_location");
    let path = match text("page_path") {
        "" => path_of(url),
        given => given,
    };
    let mut page = Value::Map(Vec::new());
    for (key, value) in props.as_map().unwrap_or_default() {
        if !key.starts_with("page_") {
            page.set(key, value.clone());
        }
    }
    page.set("url", url.into());
    page.set("path", path.into());
    page.set("title", text("page_title").into());
    page.set("referrer", text("page_referrer").into());
    page.set("query", query_of(url));
    page
}

/// The path of a URL: from the first `/` after the host to `?` or `#`; a text without a scheme is taken as a path already.
pub fn path_of(url: &str) -> &str {
    let rest = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|i| rest.get(i..)).unwrap_or("/"),
        None => url,
    };
    rest.split(['?', '#']).next().unwrap_or("")
}

/// The query of a URL as an object of texts; of a repeated name the first stands, as `URLSearchParams.get` has it.
pub fn query_of(url: &str) -> Value {
    let mut query = Value::Map(Vec::new());
    let whole = url.split('#').next().unwrap_or("");
    let Some((_, pairs)) = whole.split_once('?') else { return query };
    for pair in pairs.split('&').filter(|p| !p.is_empty()).take(QUERY_MAX) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = unescape(name);
        if query.get(&name).is_none() {
            query.set(&name, Value::Str(unescape(value)));
        }
    }
    query
}

/// Query parameters read from one URL. Advertising click URLs carry under 20; a hostile one costs at most this many short scans.
const QUERY_MAX: usize = 64;

/// Undo form encoding: `+` and `%41`. What is not valid UTF-8 afterwards becomes U+FFFD.
fn unescape(text: &str) -> Box<str> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&b, tail)) = rest.split_first() {
        rest = tail;
        match (b, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [h, l, after @ ..]) => match (hex(*h), hex(*l)) {
                (Some(h), Some(l)) => {
                    bytes.push(h << 4 | l);
                    rest = after;
                }
                _ => bytes.push(b),
            },
            _ => bytes.push(b),
        }
    }
    String::from_utf8_lossy(&bytes).into()
}

fn hex(b: u8) -> Option<u8> {
    match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        b'A'..=b'F' => Some(b - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gives_path_and_query() {
        let cases = [
            ("https://shop.example/p/1?a=1&b=%E8%8C%B6+x&a=2#top", "/p/1", "{a:1,b:茶 x}"),
            ("https://shop.example", "/", "{}"),
            ("/cart?x", "/cart", "{x:}"),
            ("https://e.x/?q=%zz&%41=%", "/", "{q:%zz,A:%}"),
            ("", "", "{}"),
        ];
        for (url, path, query) in cases {
            let page = attributes(&Value::map([("page_location", url.into())]));
            assert_eq!(page.get("path").unwrap().as_str(), Some(path), "{url}");
            let pairs: Vec<String> = page
                .get("query")
                .unwrap()
                .as_map()
                .unwrap()
                .iter()
                .map(|(k, v)| format!("{k}:{}", v.as_str().unwrap()))
                .collect();
            assert_eq!(format!("{{{}}}", pairs.join(",")), query, "{url}");
        }
    }
}
