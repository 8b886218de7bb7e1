//! A campaign as sentences, the way a marketer would tell a colleague: what has to happen, who it is for, what is shown, how often.
//!
//! What is at its default is left unsaid. Japanese and English are written side by side, each in its own order; this module holds what they
//! share: what a pattern says about pages, and how a schedule's hours read.

mod en;
mod ja;
#[cfg(test)]
mod tests;

use crate::ast::{Campaign, Variant};
use noren_event::{Duration, Value};
use noren_program::{Cond, Test};

/// A language that campaigns are explained in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// Japanese.
    Ja,
}

impl Lang {
    /// By language tag; regions do not matter (`ja-JP`).
    pub fn parse(tag: &str) -> Option<Lang> {
        match tag.split('-').next() {
            Some("en") => Some(Lang::En),
            Some("ja") => Some(Lang::Ja),
            _ => None,
        }
    }
}

/// The campaign in words. Never empty. Cost: the size of the campaign.
pub fn explain(campaign: &Campaign, lang: Lang) -> String {
    match lang {
        Lang::En => en::campaign(campaign),
        Lang::Ja => ja::campaign(campaign),
    }
}

/// The title of a variant in a language, or what stands in for it.
fn title(variant: &Variant, lang: &str) -> Option<String> {
    ["title", "body"].into_iter().find_map(|key| {
        let text = variant.action.get(key)?;
        let text = match text {
            Value::Str(s) => s,
            other => [lang, "en"]
                .into_iter()
                .find_map(|l| other.get(l))
                .or_else(|| other.as_map()?.first().map(|(_, v)| v))
                .and_then(|v| match v {
                    Value::Str(s) => Some(s),
                    _ => None,
                })?,
        };
        Some(crate::read::clip(text))
    })
}

/// What a condition says about the page, where it says only that.
enum Pages {
    Product,
    ProductList,
    Cart,
    Checkout,
    Home,
    /// Paths that begin with this.
    Under(String),
    /// Exactly this path.
    At(String),
}

/// Read a condition on the page's path: equality, or a regular expression that is a plain beginning, possibly with alternatives.
fn pages(cond: &Cond) -> Option<Vec<Pages>> {
    let Cond::Attr { path, test } = cond else { return None };
    if &**path != "page.path" {
        return None;
    }
    match test {
        Test::Eq(Value::Str(path)) => Some(vec![known_page(path).unwrap_or_else(|| Pages::At(path.to_string()))]),
        Test::In { list, fold: false } => {
            list.iter().map(|v| v.as_str().map(|p| known_page(p).unwrap_or_else(|| Pages::At(p.to_string())))).collect()
        }
        Test::Regex { pattern, .. } => {
            let prefixes = plain_prefixes(pattern.strip_prefix('^')?)?;
            Some(prefixes.into_iter().map(|p| known_page(&p).unwrap_or(Pages::Under(p))).collect())
        }
        _ => None,
    }
}

/// Pages that shops call by a name.
fn known_page(path: &str) -> Option<Pages> {
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    match last {
        "product" | "item" | "goods" => Some(Pages::Product),
        "products" | "items" | "category" | "categories" => Some(Pages::ProductList),
        "cart" | "basket" => Some(Pages::Cart),
        "checkout" => Some(Pages::Checkout),
        "" if path == "/" => Some(Pages::Home),
        _ => None,
    }
}

/// The literal beginnings that a pattern stands for: plain characters and at most one group of plain alternatives.
fn plain_prefixes(pattern: &str) -> Option<Vec<String>> {
    let plain = |s: &str| -> Option<String> {
        let s = s.replace("\\/", "/").replace("\\.", ".").replace("\\-", "-");
        (!s.contains(['\\', '^', '$', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|'])).then_some(s)
    };
    match pattern.split_once('(') {
        None => Some(vec![plain(pattern)?]),
        Some((head, rest)) => {
            let (inside, tail) = rest.split_once(')')?;
            let inside = inside.strip_prefix("?:").unwrap_or(inside);
            let (head, tail) = (plain(head)?, plain(tail)?);
            inside.split('|').map(|part| Some(format!("{head}{}{tail}", plain(part)?))).collect()
        }
    }
}

/// Number and unit of a span: the largest unit that is whole.
fn parts(span: Duration) -> (i64, char) {
    let units = [(86_400_000, 'd'), (3_600_000, 'h'), (60_000, 'm'), (1_000, 's')];
    units.iter().find(|(ms, _)| span.0 >= *ms && span.0 % ms == 0).map_or((span.0, 'x'), |(ms, u)| (span.0 / ms, *u))
}

/// A weekly schedule: each run of days that share the same hours.
struct Hours {
    /// Days from Monday = 0, ascending.
    days: Vec<u16>,
    /// Minutes of a day.
    ranges: Vec<(u16, u16)>,
}

fn weekly(ranges: &[(u16, u16)]) -> Vec<Hours> {
    const DAY: u16 = 1_440;
    let mut list: Vec<Hours> = Vec::new();
    for day in 0..7u16 {
        let (start, end) = (day * DAY, (day + 1) * DAY);
        let today: Vec<(u16, u16)> = ranges
            .iter()
            .filter(|(from, until)| *from < end && *until > start)
            .map(|(from, until)| (from.max(&start) - start, until.min(&end) - start))
            .collect();
        if today.is_empty() {
            continue;
        }
        match list.iter_mut().find(|h| h.ranges == today) {
            Some(hours) => hours.days.push(day),
            None => list.push(Hours { days: vec![day], ranges: today }),
        }
    }
    list
}

fn clock(minute: u16) -> String {
    format!("{}:{:02}", minute / 60, minute % 60)
}

/// A number as people write it.
fn number(n: f64) -> String {
    n.to_string()
}

/// Hundredths of a per cent as per cent.
fn per_cent(bps: u16) -> String {
    number(f64::from(bps) / 100.0)
}

/// Days of a calendar that are said one by one.
const DAYS_SAID: usize = 3;

/// The day before a midnight; `None` where there is none.
fn schedule_day_before(t: crate::ast::LocalTime) -> Option<crate::ast::LocalTime> {
    let day = jiff::civil::Date::new(t.year, t.month, t.day).ok()?.yesterday().ok()?;
    Some(crate::ast::LocalTime { year: day.year(), month: day.month(), day: day.day(), hour: 0, minute: 0 })
}
