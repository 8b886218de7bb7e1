//! The parts that widgets of several kinds have.

use crate::ast::Text;
use crate::bounds::*;
use crate::members as m;
use crate::read::{self, Members, clip};
use crate::report::Report;
use noren_event::Value;

/// A text that a visitor reads: `{{traits.name|fallback}}` in it is filled in.
pub(super) fn said(r: &mut Report, value: &Value, max: usize) -> Option<Text> {
    let text = read::text(r, value, max)?;
    for (lang, words) in &text.by_lang {
        if lang.is_empty() {
            variables(r, words);
        } else {
            r.at(lang, |r| variables(r, words));
        }
    }
    Some(text)
}

fn variables(r: &mut Report, text: &str) {
    for part in text.split("{{").skip(1) {
        let Some((inside, _)) = part.split_once("}}") else { continue };
        let (name, fallback) = inside.split_once('|').map_or((inside, None), |(name, fallback)| (name, Some(fallback)));
        let name = name.trim();
        let known = name == "count" || name.split_once('.').is_some_and(|(root, _)| m::VARIABLES.contains(&root));
        if !known {
            r.warning(
                "variable_unknown",
                format!("\"{{{{{}}}}}\" is never filled in. Write {{{{traits.NAME|...}}}} or {{{{visitor.NAME|...}}}}.", clip(name)),
                format!("「{{{{{}}}}}」には何も入りません。{{{{traits.名前|...}}}} か {{{{visitor.名前|...}}}} と書いてください。", clip(name)),
                "traits.NAME visitor.NAME",
            );
        } else if fallback.is_none() && name != "count" {
            r.warning(
                "fallback_missing",
                format!(
                    "Of most visitors \"{name}\" is not known, and nothing stands there then. Write what to say instead: {{{{{name}|...}}}}."
                ),
                format!(
                    "多くの訪問者では「{name}」が分からず、空欄になります。{{{{{name}|お客様}}}} のように、代わりの言葉を書いてください。"
                ),
                format!("{{{{{name}|...}}}}"),
            );
        }
    }
}

pub(super) fn image(r: &mut Report, value: &Value) -> Option<()> {
    let m = read::object(r, value, m::IMAGE)?;
    m.need(r, "src", url);
    m.need(r, "alt", alt);
    // Known before the picture is there, so that nothing moves when it comes.
    m.need(r, "width", |r, v| read::whole(r, v, 1, IMAGE_MAX));
    m.need(r, "height", |r, v| read::whole(r, v, 1, IMAGE_MAX));
    Some(())
}

/// Alternative text may be empty: the picture is then decoration.
fn alt(r: &mut Report, value: &Value) -> Option<()> {
    let empty = |v: &Value| v.as_str() == Some("");
    if empty(value) || value.as_map().is_some_and(|pairs| !pairs.is_empty() && pairs.iter().all(|(_, v)| empty(v))) {
        return Some(());
    }
    said(r, value, ALT_MAX).map(|_| ())
}

pub(super) fn button(r: &mut Report, value: &Value) -> Option<()> {
    let m: Members = read::object(r, value, m::BUTTON)?;
    m.need(r, "label", |r, v| said(r, v, LABEL_MAX));
    let action = m.need(r, "action", |r, v| read::word(r, v, m::BUTTON_ACTIONS));
    if action == Some("link") {
        m.need(r, "url", url);
    } else {
        m.read(r, "url", url);
        if action.is_some() && m.get("url").is_some() {
            r.at("url", |r| {
                r.error(
                    "member_unknown",
                    "Only a button with \"action\": \"link\" leads somewhere. Change the action or take the url out.",
                    "リンク先を使うのは action が link のボタンだけです。action を変えるか、url を消してください。",
                    "action link",
                );
            });
        }
    }
    Some(())
}

pub(super) fn theme(r: &mut Report, value: &Value) -> Option<()> {
    let m = read::object(r, value, m::THEME)?;
    let [accent, background, text] = ["accent", "background", "text"].map(|key| m.read(r, key, colour));
    m.read(r, "radius", |r, v| read::whole(r, v, 0, RADIUS_MAX));
    if let Some(text) = text {
        // As the widget chooses where a theme names a text colour alone.
        let surface = background.unwrap_or(if contrast(text, LIGHT) >= CONTRAST_MIN { LIGHT } else { DARK });
        let ratio = contrast(text, surface);
        if ratio < CONTRAST_MIN {
            let ratio = two_decimals(ratio);
            r.at("text", |r| {
                r.warning(
                    "contrast_low",
                    format!(
                        "Text in this colour stands out {ratio}:1 from its background; {CONTRAST_MIN}:1 is needed to read it. Black or white is shown instead."
                    ),
                    format!(
                        "この文字色と背景色のコントラスト比は{ratio}:1です。読みやすさのために{CONTRAST_MIN}:1以上が必要なので、代わりに黒か白で表示されます。"
                    ),
                    format!("{CONTRAST_MIN}:1"),
                );
            });
        }
    }
    if let (Some(accent), Some(background)) = (accent, background)
        && contrast(accent, background) < CONTRAST_SHAPE_MIN
    {
        let ratio = two_decimals(contrast(accent, background));
        r.at("accent", |r| {
            r.warning(
                "contrast_low",
                format!(
                    "Buttons in this colour stand out {ratio}:1 from the background; {CONTRAST_SHAPE_MIN}:1 is needed to see their shape."
                ),
                format!(
                    "ボタンの色と背景色のコントラスト比は{ratio}:1です。形が見分けられるよう{CONTRAST_SHAPE_MIN}:1以上にしてください。"
                ),
                format!("{CONTRAST_SHAPE_MIN}:1"),
            );
        });
    }
    Some(())
}

/// Rounded down, so that a ratio that fails never reads as one that passes.
fn two_decimals(ratio: f64) -> f64 {
    (ratio * 100.0).floor() / 100.0
}

/// Red, green and blue.
type Rgb = [u8; 3];

/// The surfaces of a widget without a background of its own.
const LIGHT: Rgb = [255, 255, 255];
const DARK: Rgb = [30, 31, 35];

/// WCAG 2.2's contrast ratio, 1 to 21.
fn contrast(a: Rgb, b: Rgb) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    if a > b { a / b } else { b / a }
}

/// WCAG 2.2's relative luminance, 0 to 1.
fn luminance(colour: Rgb) -> f64 {
    let [r, g, b] = colour.map(|value| {
        let v = f64::from(value) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa`: nothing that a style sheet could be broken with. The alpha is dropped, as the widgets do.
fn colour(r: &mut Report, value: &Value) -> Option<Rgb> {
    let Some(text) = value.as_str() else {
        read::wrong_type(r, value, "string");
        return None;
    };
    let rgb = text.strip_prefix('#').and_then(read_colour);
    if rgb.is_none() {
        r.error(
            "colour_invalid",
            format!("\"{}\" is not a colour. Write it like \"#7a2e2e\".", clip(text)),
            format!("「{}」は色として読めません。#7a2e2e のように書いてください。", clip(text)),
            "#7a2e2e",
        );
    }
    rgb
}

fn read_colour(digits: &str) -> Option<Rgb> {
    let width = match digits.len() {
        3 | 4 => 1,
        6 | 8 => 2,
        _ => return None,
    };
    let nibbles: Vec<u8> =
        digits.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect::<Option<_>>()?;
    let mut channels = nibbles.chunks(width).map(|part| match part {
        [one] => one * 17,
        [high, low] => high * 16 + low,
        _ => 0,
    });
    Some([channels.next()?, channels.next()?, channels.next()?])
}

/// `http`, `https`, or relative to the page.
pub(super) fn url(r: &mut Report, value: &Value) -> Option<()> {
    let text = read::line(r, value, URL_MAX)?;
    if !is_safe_url(text) {
        r.error(
            "url_invalid",
            format!(
                "\"{}\" cannot be followed. Write an address with https://, http:// or one that starts with /.",
                clip(text)
            ),
            format!(
                "「{}」はリンク先にできません。https://、http://、または / で始まるアドレスを書いてください。",
                clip(text)
            ),
            "https://... or /...",
        );
        return None;
    }
    Some(())
}

/// Browsers skip white space and control characters inside a scheme and read `\` as `/`, so neither may stand anywhere.
fn is_safe_url(text: &str) -> bool {
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return false;
    }
    let head = text.split(['/', '?', '#']).next().unwrap_or("");
    match head.split_once(':') {
        None => true,
        Some((scheme, _)) => {
            let lower = scheme.to_ascii_lowercase();
            let after = text.get(scheme.len()..).unwrap_or("");
            (lower == "https" || lower == "http")
                && after.strip_prefix("://").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{contrast, is_safe_url, read_colour};

    #[test]
    fn contrast_agrees_with_published_values() {
        let ratio = |a, b| contrast(read_colour(a).unwrap(), read_colour(b).unwrap());
        assert!((ratio("000", "ffffff80") - 21.0).abs() < 1e-9);
        assert!((ratio("fff", "fff") - 1.0).abs() < 1e-9);
        // The grey that WCAG's examples name as the lightest with 4.5 on white, and the one after it.
        assert!(ratio("767676", "fff") >= 4.5 && ratio("777777", "fff") < 4.5);
        assert_eq!(read_colour("12a8"), Some([17, 34, 170]));
        assert_eq!([read_colour(""), read_colour("12345"), read_colour("ggg"), read_colour("あ")], [None; 4]);
    }

    #[test]
    fn a_link_leads_to_the_web_or_stays_on_the_site() {
        for good in [
            "https://shop.example/a?b=c#d",
            "http://x",
            "/shop/",
            "products/",
            "?q=a:b",
            "#top",
            "//cdn.example/x",
            "HTTPS://x/",
        ] {
            assert!(is_safe_url(good), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "JavaScript:x",
            "java\nscript:x",
            " javascript:x",
            "data:text/html,x",
            "mailto:a@b",
            "https:x",
            "https://",
            "https:///x",
            "\\\\evil",
            "x:y",
            "\u{1}javascript:x",
        ] {
            assert!(!is_safe_url(bad), "{bad:?}");
        }
    }
}
