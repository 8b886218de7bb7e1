//! Links for quality assurance: `?experiment=1` forces a variation.

/// The variation that an address asks for by `?id=n`; `None` where it asks for none or for one that does not exist. The first parameter of that
/// name decides; digits after which something else follows count up to there, as `parseInt` has it.
pub fn query_string_override(id: &str, url: &str, variations: usize) -> Option<usize> {
    let query = url.split('?').nth(1)?.split('#').next()?;
    let value = query.split('&').find_map(|pair| match pair.split_once('=') {
        Some((key, value)) if key == id => Some(value),
        None if pair == id => Some(""),
        _ => None,
    })?;
    let digits = value.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|n| *n < variations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_names_a_variation_that_exists() {
        let cases = [
            ("https://s.example/?t=1", Some(1)),
            ("https://s.example/?t=1#t=0", Some(1)),
            ("https://s.example/#?t=1", Some(1)),
            ("https://s.example/?t=2", None),
            ("https://s.example/?t=-1", None),
            ("https://s.example/?t", None),
            ("https://s.example/?t=", None),
            ("https://s.example/?t=99999999999999999999999", None),
            ("https://s.example/?t=0&t=1", Some(0)),
            ("https://s.example/?tt=1", None),
            ("", None),
        ];
        for (url, expected) in cases {
            assert_eq!(query_string_override("t", url, 2), expected, "{url}");
        }
    }
}
