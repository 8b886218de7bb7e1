//! What a variant shows: the kinds of widgets, each with its members.

use super::parts::{button, image, said, theme, url};
use super::{Check, schedule, survey};
use crate::bounds::*;
use crate::members as m;
use crate::read::{self, Members, clip};
use crate::report::Report;
use noren_event::Value;

/// The kind, if there is one that is known. The widget gets the document's `action` unchanged.
pub(super) fn check<'v>(c: &mut Check, value: &'v Value) -> Option<&'v str> {
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
    let members = read::object(c.r, value, members_of(kind))?;
    words(c, &members, kind);
    c.at(&members, "image", |c, v| image(c.r, v));
    c.at(&members, "buttons", |c, v| {
        let items = read::list(c.r, v, BUTTONS_MAX)?;
        Some(c.r.each(items, button))
    });
    c.at(&members, "theme", |c, v| theme(c.r, v));
    if let Some(places) = places(kind) {
        c.at(&members, "position", |c, v| read::word(c.r, v, places));
    }
    match kind {
        "coupon" => {
            c.need(&members, "coupon", |c, v| {
                let m = read::object(c.r, v, m::POOL)?;
                c.need(&m, "pool", |c, v| read::id(c.r, v))
            });
        }
        "survey" => {
            c.at(&members, "thanks", |c, v| said(c.r, v, BODY_MAX));
            c.at(&members, "tab", |c, v| said(c.r, v, LABEL_MAX));
            c.need(&members, "survey", survey::check);
        }
        "countdown" => {
            c.at(&members, "ended", |c, v| said(c.r, v, BODY_MAX));
            c.need(&members, "countdown", |c, v| clock(c.r, v));
        }
        "inline" => {
            c.need(&members, "slot", |c, v| slot(c.r, v));
        }
        "recommend" => recommend(c, &members),
        "html" => {
            place(c, &members);
            // The name of the frame, which nobody can read out of what is inside.
            if members.get("title").is_none() {
                c.need(&members, "title", |_, _| Some(()));
            }
            // Not filled: what a visitor is called must never become markup.
            c.need(&members, "html", |c, v| read::text(c.r, v, HTML_MAX));
            if members.get("position").and_then(Value::as_str) != Some("slot") {
                c.need(&members, "height", |c, v| read::whole(c.r, v, SLOT_MIN, SLOT_MAX));
            } else {
                c.at(&members, "height", |c, v| read::whole(c.r, v, SLOT_MIN, SLOT_MAX));
            }
        }
        "proof" => {
            place(c, &members);
            c.need(&members, "count", |c, v| {
                let m = read::object(c.r, v, m::PAGE_COUNT)?;
                c.need(&m, "from", |c, v| read::line(c.r, v, SELECTOR_MAX));
                c.need(&m, "minimum", |c, v| read::whole(c.r, v, 1, PROOF_MAX))
            });
        }
        _ => {}
    }
    Some(kind)
}

fn members_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "popup" => m::POPUP,
        "bar" => m::BAR,
        "coupon" => m::COUPON,
        "chat" => m::CHAT,
        "survey" => m::SURVEY,
        "countdown" => m::COUNTDOWN,
        "inline" => m::INLINE,
        "recommend" => m::RECOMMEND,
        "proof" => m::PROOF,
        "html" => m::HTML,
        _ => m::SLIDE,
    }
}

/// Where a widget that leaves the choice may stand; the first is where it stands without a word.
fn places(kind: &str) -> Option<&'static [&'static str]> {
    match kind {
        "bar" => Some(&["top", "bottom"]),
        "coupon" => Some(&["center", "corner"]),
        "survey" => Some(&["corner", "center", "tab"]),
        "countdown" => Some(&["top", "bottom", "corner"]),
        "html" => Some(&["center", "corner", "slot"]),
        "recommend" | "proof" => Some(&["corner", "slot"]),
        _ => None,
    }
}

/// Title and body. A survey speaks by its questions and a frame by what is in it; everything else has to say something.
fn words(c: &mut Check, members: &Members, kind: &str) {
    c.at(members, "title", |c, v| said(c.r, v, TITLE_MAX));
    c.at(members, "body", |c, v| said(c.r, v, BODY_MAX));
    if !matches!(kind, "survey" | "html") && members.get("title").is_none() && members.get("body").is_none() {
        c.r.error(
            "member_missing",
            "Write a \"title\" or a \"body\".",
            "「title」か「body」を書いてください。",
            "title",
        );
    }
}

/// One moment for everybody, or so many minutes from when each visitor first saw it.
fn clock(r: &mut Report, value: &Value) -> Option<()> {
    let m = read::object(r, value, m::CLOCK)?;
    let until = m.read(r, "until", moment);
    m.read(r, "minutes", |r, v| read::whole(r, v, 1, COUNTDOWN_MAX));
    let own = m.get("minutes").is_some();
    if own == m.get("until").is_some() {
        r.error(
            "countdown_either",
            "Write either \"until\" (one moment for everybody) or \"minutes\" (from when the visitor first saw it).",
            "「until」(全員に共通の終了日時)か「minutes」(訪問者が最初に見てからの分数)のどちらか一方を書いてください。",
            "until | minutes",
        );
    }
    // Without a name a reload could not find the deadline again, and a countdown that starts over tells an untruth.
    if own {
        m.need(r, "name", |r, v| read::id(r, v));
    } else {
        m.read(r, "name", |r, v| read::id(r, v));
    }
    until
}

/// A local time with its distance from UTC: `2026-12-31T23:59+09:00`, or `Z`.
fn moment(r: &mut Report, value: &Value) -> Option<()> {
    let Some(text) = value.as_str() else {
        read::wrong_type(r, value, "string");
        return None;
    };
    if !schedule::is_moment(text) {
        r.error(
            "date_invalid",
            format!(
                "\"{}\" is not a moment. Write it with its distance from UTC, like \"2026-12-31T23:59+09:00\".",
                clip(text)
            ),
            format!(
                "「{}」は日時として読めません。2026-12-31T23:59+09:00 のように、UTCとの時差を付けて書いてください。",
                clip(text)
            ),
            "2026-12-31T23:59+09:00",
        );
        return None;
    }
    Some(())
}

fn slot(r: &mut Report, value: &Value) -> Option<()> {
    let m = read::object(r, value, m::SLOT)?;
    m.need(r, "at", |r, v| read::line(r, v, SELECTOR_MAX));
    // Known before it stands, so that nothing of the page moves when it comes.
    m.need(r, "height", |r, v| read::whole(r, v, SLOT_MIN, SLOT_MAX));
    Some(())
}

/// What stands in a slot has to say in which.
fn place(c: &mut Check, members: &Members) {
    if members.get("position").and_then(Value::as_str) == Some("slot") {
        c.need(members, "slot", |c, v| slot(c.r, v));
    } else {
        c.at(members, "slot", |c, v| slot(c.r, v));
    }
}

fn recommend(c: &mut Check, members: &Members) {
    place(c, members);
    c.at(members, "from", |c, v| read::line(c.r, v, SELECTOR_MAX));
    c.at(members, "items", |c, v| {
        let items = read::some_of(c.r, v, ITEMS_MAX)?;
        Some(c.r.each(items, item))
    });
    if members.get("items").is_none() && members.get("from").is_none() {
        c.r.error(
            "member_missing",
            "Write \"items\", or \"from\" to take the page's own list.",
            "「items」を書くか、ページのリストを使う場合は「from」を書いてください。",
            "items",
        );
    }
}

fn item(r: &mut Report, value: &Value) -> Option<()> {
    let m = read::object(r, value, m::ITEM)?;
    m.read(r, "id", |r, v| read::line(r, v, ID_MAX));
    m.need(r, "title", |r, v| said(r, v, TITLE_MAX));
    m.need(r, "url", url);
    m.read(r, "image", image);
    m.read(r, "note", |r, v| said(r, v, LABEL_MAX));
    let price = m.read(r, "price", |r, v| {
        let found = v.as_num();
        if found.is_none() {
            read::wrong_type(r, v, "number");
        } else if !found.is_some_and(|n| (0.0..=PRICE_MAX).contains(&n)) {
            r.error(
                "number_out_of_range",
                format!("Write a price from 0 to {PRICE_MAX}."),
                format!("価格は0から{PRICE_MAX}までにしてください。"),
                format!("0 to {PRICE_MAX}"),
            );
        }
        found
    });
    let currency = |r: &mut Report, v| {
        let text = read::line(r, v, 3)?;
        if text.len() != 3 || !text.bytes().all(|b| b.is_ascii_uppercase()) {
            r.error(
                "currency_invalid",
                format!("\"{}\" is not a currency. Write its three letters, like \"JPY\".", clip(text)),
                format!("「{}」は通貨として読めません。JPY のように英大文字3つで書いてください。", clip(text)),
                "JPY",
            );
        }
        Some(())
    };
    if price.is_some() {
        m.need(r, "currency", currency);
    } else {
        m.read(r, "currency", currency);
    }
    Some(())
}
