//! Variants and what they show.

use super::Check;
use crate::ast::Variant;
use crate::bounds::*;
use crate::members as m;
use crate::read::{self, Members, clip};
use crate::report::Report;
use noren_event::Value;
use noren_program::Surface;

/// All shares together, in hundredths of a per cent.
const WHOLE: u32 = 10_000;

pub(super) fn check(c: &mut Check, value: &Value) -> Option<Vec<Variant>> {
    let items = read::some_of(c.r, value, VARIANTS_MAX)?;
    let alone = items.len() == 1;
    let mut ids: Vec<&str> = Vec::new();
    let variants = c.each(items, |c, item| variant(c, item, alone, &mut ids));
    let variants: Vec<Variant> = variants.into_iter().collect::<Option<_>>()?;
    let sum: u32 = variants.iter().map(|v| u32::from(v.weight_bps)).sum();
    if sum != WHOLE {
        let (whole, cents) = (sum / 100, sum % 100);
        let sum = if cents == 0 { whole.to_string() } else { format!("{whole}.{cents:02}") };
        c.r.error(
            "weights_sum",
            format!("The weights add up to {sum}; they must add up to 100."),
            format!("配分(weight)の合計が{sum}です。100になるようにしてください。"),
            "100",
        );
    }
    Some(variants)
}

fn variant<'v>(c: &mut Check, value: &'v Value, alone: bool, ids: &mut Vec<&'v str>) -> Option<Variant> {
    let m = read::object(c.r, value, m::VARIANT)?;
    let id = c.need(&m, "id", |c, v| {
        let id = read::id(c.r, v)?;
        if id == "control" || ids.contains(&id) {
            c.r.error(
                "id_taken",
                format!("\"{id}\" is taken. Give each variant its own id; \"control\" names those who see nothing."),
                format!(
                    "「{id}」は使えません。ほかと重ならないIDにしてください(control は何も見せないグループの名前です)。"
                ),
                "an id of its own",
            );
            return None;
        }
        ids.push(id);
        Some(id)
    });
    let weight = |c: &mut Check, v: &'v Value| read::per_cent(c.r, v, 100);
    let weight_bps = if alone && m.get("weight").is_none() { Some(10_000) } else { c.need(&m, "weight", weight) };
    let kind = c.need(&m, "action", action);
    let action = m.get("action").cloned().unwrap_or_default();
    Some(Variant { id: id?.into(), weight_bps: weight_bps?, kind: kind?.into(), action })
}

/// The place of a campaign that names none: where its first variant stands.
pub(super) fn surface(variants: &[Variant]) -> Surface {
    let Some(first) = variants.first() else { return Surface::None };
    match (&*first.kind, first.action.get("position").and_then(Value::as_str)) {
        ("bar", Some("bottom")) => Surface::Bottom,
        ("bar", _) => Surface::Top,
        ("coupon", Some("corner")) | ("chat" | "slide", _) => Surface::Corner,
        _ => Surface::Modal,
    }
}

fn action<'v>(c: &mut Check, value: &'v Value) -> Option<&'v str> {
    if value.as_map().is_none() {
        read::wrong_type(c.r, value, "object");
        return None;
    }
    let kind = match value.get("kind") {
        Some(kind) => c.r.at("kind", |r| read::word(r, kind, m::KINDS))?,
        None => {
            c.r.error(
                "member_missing",
                format!("\"kind\" is missing; write one of {}.", m::KINDS.join(", ")),
                format!("「kind」がありません。{} のどれかを書いてください。", m::KINDS.join("、")),
                m::KINDS.join(" "),
            );
            return None;
        }
    };
    let known = match kind {
        "popup" => m::POPUP,
        "bar" => m::BAR,
        "coupon" => m::COUPON,
        "chat" => m::CHAT,
        _ => m::SLIDE,
    };
    let members = read::object(c.r, value, known)?;
    let title = c.at(&members, "title", |c, v| read::text(c.r, v, TITLE_MAX));
    let body = c.at(&members, "body", |c, v| read::text(c.r, v, BODY_MAX));
    if title.is_none() && body.is_none() && members.get("title").is_none() && members.get("body").is_none() {
        c.r.error(
            "member_missing",
            "Write a \"title\" or a \"body\".",
            "「title」か「body」を書いてください。",
            "title",
        );
    }
    c.at(&members, "image", |c, v| image(c.r, v));
    c.at(&members, "buttons", |c, v| {
        let items = read::list(c.r, v, BUTTONS_MAX)?;
        Some(c.r.each(items, button))
    });
    c.at(&members, "theme", |c, v| theme(c.r, v));
    match kind {
        "bar" => c.at(&members, "position", |c, v| read::word(c.r, v, &["top", "bottom"])),
        "coupon" => c.at(&members, "position", |c, v| read::word(c.r, v, &["center", "corner"])),
        _ => None,
    };
    if kind == "coupon" {
        c.need(&members, "coupon", |c, v| {
            let m = read::object(c.r, v, m::POOL)?;
            c.need(&m, "pool", |c, v| read::id(c.r, v))
        });
    }
    Some(kind)
}

fn image(r: &mut Report, value: &Value) -> Option<()> {
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
    read::text(r, value, ALT_MAX).map(|_| ())
}

fn button(r: &mut Report, value: &Value) -> Option<()> {
    let m: Members = read::object(r, value, m::BUTTON)?;
    m.need(r, "label", |r, v| read::text(r, v, LABEL_MAX));
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

fn theme(r: &mut Report, value: &Value) -> Option<()> {
    let m = read::object(r, value, m::THEME)?;
    for key in ["accent", "background", "text"] {
        m.read(r, key, colour);
    }
    m.read(r, "radius", |r, v| read::whole(r, v, 0, RADIUS_MAX));
    Some(())
}

/// `#rgb`, `#rgba`, `#rrggbb` or `#rrggbbaa`: nothing that a style sheet could be broken with.
fn colour(r: &mut Report, value: &Value) -> Option<()> {
    let Some(text) = value.as_str() else {
        read::wrong_type(r, value, "string");
        return None;
    };
    let digits = text.strip_prefix('#').unwrap_or("");
    if !matches!(digits.len(), 3 | 4 | 6 | 8) || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        r.error(
            "colour_invalid",
            format!("\"{}\" is not a colour. Write it like \"#7a2e2e\".", clip(text)),
            format!("「{}」は色として読めません。#7a2e2e のように書いてください。", clip(text)),
            "#7a2e2e",
        );
        return None;
    }
    Some(())
}

/// `http`, `https`, or relative to the page.
fn url(r: &mut Report, value: &Value) -> Option<()> {
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
    use super::is_safe_url;

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
