//! Whose line it is, without reading the line: the value of the outermost `visitor`.
//!
//! Only lines that are read well later count, so a broken line may go anywhere.

use crate::replay::line::parse;

/// The visitor of a line, as bytes; empty where none is found.
pub fn visitor_of(line: &[u8]) -> Whose<'_> {
    // As `noren import` and most exports write it.
    if let Some(rest) = line.strip_prefix(b"{\"visitor\":\"") {
        return simple(rest).map_or_else(|| slowly(line), Whose::Here);
    }
    match find(line) {
        Some(value) => match value.strip_prefix(b"\"") {
            Some(rest) => simple(rest).map_or_else(|| slowly(line), Whose::Here),
            None => slowly(line),
        },
        None => Whose::Here(b""),
    }
}

/// A visitor's name in a line, or one that had to be made.
pub enum Whose<'l> {
    Here(&'l [u8]),
    Made(String),
}

impl Whose<'_> {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Whose::Here(bytes) => bytes,
            Whose::Made(text) => text.as_bytes(),
        }
    }
}

/// Text up to its quotation mark, if nothing in it is escaped.
fn simple(rest: &[u8]) -> Option<&[u8]> {
    let end = rest.iter().position(|b| matches!(b, b'"' | b'\\'))?;
    rest.get(..end).filter(|_| rest.get(end) == Some(&b'"'))
}

/// Escaped names and numbers are read as the rest of the line will be.
fn slowly(line: &[u8]) -> Whose<'_> {
    let text = std::str::from_utf8(line).unwrap_or("");
    parse(text).map_or(Whose::Here(b""), |line| Whose::Made(line.visitor.into_owned()))
}

/// What stands after the outermost `"visitor":`.
fn find(line: &[u8]) -> Option<&[u8]> {
    let mut depth = 0_u32;
    let mut rest = line;
    while let Some((b, after)) = rest.split_first() {
        rest = after;
        match b {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let text = after;
                rest = end_of_text(after)?;
                let is_key = || skip_space(rest).strip_prefix(b":");
                let escaped = text.get(..text.len() - rest.len()).is_some_and(|text| text.contains(&b'\\'));
                if depth == 1
                    && let Some(value) = is_key()
                {
                    if text.starts_with(b"visitor\"") {
                        return Some(skip_space(value));
                    }
                    // A key that is escaped can be any key.
                    if escaped {
                        return Some(b"");
                    }
                }
            }
            _ => {}
        }
    }
    None
}

fn end_of_text(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let place = rest.iter().position(|b| matches!(b, b'"' | b'\\'))?;
        let escaped = rest.get(place) == Some(&b'\\');
        rest = rest.get(place + 1 + usize::from(escaped)..)?;
        if !escaped {
            return Some(rest);
        }
    }
}

fn skip_space(bytes: &[u8]) -> &[u8] {
    let space = bytes.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
    bytes.get(space..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_to_the_visitor_that_reading_it_finds() {
        for line in [
            r#"{"visitor":"v1","at":1,"name":"x"}"#,
            r#"{ "at" : 1, "name":"x" , "visitor" : "v1" }"#,
            r#"{"props":{"visitor":"no","a":["visitor",{"visitor":"no"}]},"at":1,"name":"\"visitor\":\"no\"","visitor":"v1"}"#,
            r#"{"name":"visitor","at":1,"visitor":"v1"}"#,
            r#"{"visitor":"v\u0031","at":1,"name":"x"}"#,
            r#"{"at":1,"name":"x","v\u0069sitor":"v1"}"#,
            r#"{"at":1,"name":"\\","visitor":"v1"}"#,
            r#"{"visitor":12,"at":1,"name":"x"}"#,
            r#"{"visitor":"茶","at":1,"name":"x"}"#,
        ] {
            let read = parse(line).unwrap();
            assert_eq!(visitor_of(line.as_bytes()).bytes(), read.visitor.as_bytes(), "{line}");
        }
    }

    #[test]
    fn broken_lines_go_somewhere() {
        for line in
            ["", "{", "nonsense", r#"{"visitor":"#, r#"{"visitor":"a"#, r#"{"a":"\"#, "[\"visitor\":1]", "\u{feff}{}"]
        {
            let _ = visitor_of(line.as_bytes());
        }
        let _ = visitor_of(&[0xff, b'"', 0xfe]);
    }
}
