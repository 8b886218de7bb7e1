//! The English sentences.

use super::{Pages, clock, number, pages, parts, per_cent, title, weekly};
use crate::ast::{Campaign, Days, LocalTime, Occurs, Schedule, Status, Stop, Trigger, Variant};
use crate::bounds::PRIORITY_DEFAULT;
use crate::json;
use noren_event::{Duration, Value};
use noren_program::cond::VersionOp;
use noren_program::{CapEvent, Clock, Cond, Hold, Order, Reach, Test, Whose, Window};

pub(super) fn campaign(c: &Campaign) -> String {
    let mut out = String::new();
    if c.status == Status::Paused {
        out.push_str("(Paused) ");
    }
    out.push_str(&format!("When a visitor {}", trigger(&c.trigger)));
    let (inline, apart): (Vec<&Occurs>, Vec<&Occurs>) =
        c.cancel.iter().map(|x| &x.of).filter(|of| !already_said(&c.trigger, of)).partition(|of| {
            of.cond.is_none() && c.cancel.len() == 1 && !matches!(c.trigger, Trigger::All(_) | Trigger::Any(_))
        });
    if let Some(of) = inline.first() {
        out.push_str(&format!(" and has not {} meanwhile", event(&of.event).done));
    }
    out.push_str(", ");
    if c.delay > Duration::ZERO {
        out.push_str(&format!("wait {} and then ", span(c.delay)));
    }
    out.push_str(&format!("show {}", shown(&c.variants)));
    // A title that is a sentence has its own full stop, inside the quotation marks.
    if !out.ends_with(".”") && !out.ends_with("?”") {
        out.push('.');
    }
    let mut say = |sentence: String| {
        out.push(' ');
        out.push_str(&sentence);
    };
    if let Some(audience) = &c.audience {
        say(format!("Only for visitors who {}.", cond(audience)));
    }
    if !apart.is_empty() {
        let events: Vec<String> = apart.iter().map(|of| with(of, event(&of.event).does)).collect();
        say(format!("Called off when the visitor {}.", events.join(" or ")));
    }
    for cancel in &c.cancel {
        let does = with(&cancel.of, event(&cancel.of.event).does);
        match cancel.hold {
            Hold::Session => {}
            Hold::Visitor => say(format!("Never again once a visitor {does}.")),
            Hold::For(d) => say(format!("Not for {} after a visitor {does}.", span(d))),
        }
    }
    if let Some(s) = schedule(c.schedule.as_ref()) {
        say(s);
    }
    if let Some(s) = &c.schedule {
        // The zone is said once, by the sentence before where there is one.
        let zone = if schedule(Some(s)).is_some() { String::new() } else { format!(" ({})", s.zone) };
        if !s.closed.dates.is_empty() {
            say(format!("Rests on {}{zone}.", days(&s.closed)));
        }
        if !s.open.dates.is_empty() {
            say(format!("Also runs on {}, whatever the weekday.", days(&s.open)));
        }
    }
    if let Some(s) = &c.stop {
        say(stop(s, c.schedule.as_ref().map_or("UTC", |s| &*s.zone)));
    }
    if let Some(e) = &c.exclusive {
        let (from, until) = (per_cent(e.from), per_cent(e.until));
        say(format!(
            "Only for the visitors from {from}% to {until}% of “{}”, whom no other campaign of that name gets.",
            e.name
        ));
    }
    if !c.consent.is_empty() {
        say(format!("Only with consent to “{}”.", c.consent));
    }
    if c.control_bps > 0 {
        say(format!("{}% see nothing, for comparison.", per_cent(c.control_bps)));
    }
    for sentence in caps(c) {
        say(sentence);
    }
    if c.wait > Duration::ZERO {
        say(format!("If its place is taken, it waits up to {}.", span(c.wait)));
    }
    if c.priority != PRIORITY_DEFAULT {
        let word = if c.priority > PRIORITY_DEFAULT { "higher" } else { "lower" };
        say(format!("Its priority is {word} than usual: {}.", c.priority));
    }
    if let Some(goal) = &c.goal {
        say(format!("Success is {} within {}.", event(&goal.of.event).noun, span(goal.within)));
    }
    out
}

/// A cancel that the trigger's words say already is not repeated.
fn already_said(trigger: &Trigger, of: &Occurs) -> bool {
    match trigger {
        Trigger::Absent { event, .. } => event == of,
        Trigger::All(list) => list.iter().any(|t| already_said(t, of)),
        Trigger::Not(inner) => matches!(&**inner, Trigger::Count { of: inner, at_least: 1, .. } if inner == of),
        _ => false,
    }
}

fn shown(variants: &[Variant]) -> String {
    let widget = |kind: &str| match kind {
        "popup" => "the pop-up",
        "bar" => "the bar",
        "coupon" => "the coupon",
        "chat" => "the chat invitation",
        "slide" => "the card",
        "survey" => "the survey",
        "countdown" => "the countdown",
        "inline" => "the message in the page",
        "html" => "the site's own widget",
        "proof" => "the count",
        "recommend" => "the recommendations",
        _ => "the widget",
    };
    let one = |v: &Variant| match title(v, "en") {
        Some(title) => format!("{} “{title}”", widget(&v.kind)),
        None => widget(&v.kind).to_string(),
    };
    match variants {
        [only] => one(only),
        many => {
            let even = many.windows(2).all(|w| w.first().map(|v| v.weight_bps) == w.last().map(|v| v.weight_bps));
            let list: Vec<String> = many
                .iter()
                .map(|v| if even { one(v) } else { format!("{} ({}%)", one(v), per_cent(v.weight_bps)) })
                .collect();
            format!("{}{}", list.join(" or "), if even { ", in equal shares" } else { "" })
        }
    }
}

/// What the visitor does, in the third person.
fn trigger(t: &Trigger) -> String {
    match t {
        Trigger::Count { of, at_least, window } => {
            let does = with(of, event(&of.event).does);
            match (at_least, window) {
                (1, Window::Session) => does,
                (1, window) => format!("{does} {}", within(*window)),
                (n, window) => format!("{does} at least {n} times {}", within(*window)),
            }
        }
        Trigger::Dwell { page, time, clock, reach } => {
            let place = match (page, reach) {
                (Some(page), _) => format!("on {}", place(page)),
                (None, Reach::Page) => "on a page".into(),
                (None, Reach::Session) => "on the site".into(),
            };
            let stays = match clock {
                Clock::Wall => "stays",
                Clock::Active => "is active for",
            };
            let total = if *reach == Reach::Session { ", all pages together" } else { "" };
            format!("{stays} {} {place}{total}", span(*time))
        }
        Trigger::Sum { of, property, at_least_cents, window } => {
            let does = with(of, event(&of.event).does);
            let name = self::property(property, false);
            format!("{does} until the {name} adds up to at least {} {}", hundredths(*at_least_cents), within(*window))
        }
        Trigger::Distinct { of, property, at_least, window } => {
            let does = with(of, event(&of.event).does);
            format!("{does}, at least {at_least} different {} {}", self::property(property, true), within(*window))
        }
        Trigger::Every { of, times, window } => {
            let does = with(of, event(&of.event).does);
            let ordinal = match times % 100 {
                11..=13 => "th",
                _ => ["th", "st", "nd", "rd"].get(usize::from(times % 10)).copied().unwrap_or("th"),
            };
            format!("{does} (every {times}{ordinal} time {})", within(*window))
        }
        Trigger::Sequence { steps, within, without, order, same } => {
            let steps: Vec<String> = steps.iter().map(|s| with(s, event(&s.event).does)).collect();
            let then = if *order == Order::Next { ", right after that " } else { ", then " };
            let same =
                if same.is_empty() { String::new() } else { format!(" with the same {}", property(same, false)) };
            let without =
                without.as_ref().map(|w| format!(" and has not {} in between", with(w, event(&w.event).done)));
            format!("{}, within {}{same}{}", steps.join(then), span(*within), without.unwrap_or_default())
        }
        Trigger::Absent { after, event: missing, time } => {
            let does = with(after, event(&after.event).does);
            format!("{does} and then has not {} for {}", with(missing, event(&missing.event).done), span(*time))
        }
        Trigger::All(list) => join(list.iter().map(trigger).collect(), "and"),
        Trigger::Any(list) => join(list.iter().map(trigger).collect(), "or"),
        Trigger::Not(inner) => match &**inner {
            Trigger::Count { of, at_least: 1, window } => {
                let window = if *window == Window::Session { String::new() } else { format!(" {}", within(*window)) };
                format!("has not {}{window}", with(of, event(&of.event).done))
            }
            other => format!("is not someone who {}", trigger(other)),
        },
    }
}

/// Hundredths as people write them.
pub(super) fn hundredths(cents: u64) -> String {
    if cents.is_multiple_of(100) { (cents / 100).to_string() } else { format!("{}.{:02}", cents / 100, cents % 100) }
}

/// What people call an event's property, in the singular or the plural.
fn property(path: &str, plural: bool) -> String {
    let (one, many) = match path.rsplit('.').next().unwrap_or(path) {
        "value" => ("value", "values"),
        "item_id" => ("product", "products"),
        "item_category" => ("category", "categories"),
        "quantity" => ("quantity", "quantities"),
        "search_term" => ("search term", "search terms"),
        _ if plural => return format!("values of “{path}”"),
        _ => return format!("“{path}”"),
    };
    if plural { many.into() } else { one.into() }
}

fn within(window: Window) -> String {
    match window {
        Window::Page => "on the same page".into(),
        Window::Session => "in this visit".into(),
        Window::Visitor => "over all visits".into(),
        Window::Last(d) => format!("within {}", span(d)),
    }
}

/// An event's words with its condition behind.
fn with(of: &Occurs, form: String) -> String {
    match &of.cond {
        None => form,
        Some(c) => match pages(c) {
            Some(_) => format!("{form} on {}", place(c)),
            None => format!("{form} (where it {})", singular(c)),
        },
    }
}

fn join(mut parts: Vec<String>, word: &str) -> String {
    match parts.pop() {
        None => "anything".into(),
        Some(last) if parts.is_empty() => last,
        Some(last) => format!("{} {word} {last}", parts.join(", ")),
    }
}

struct EventWords {
    /// After "a visitor".
    does: String,
    /// After "has not".
    done: String,
    noun: String,
}

fn event(name: &str) -> EventWords {
    let (does, done, noun) = match name {
        "page_view" => ("opens a page", "opened a page", "a page view"),
        "view_item" => ("looks at a product", "looked at a product", "a product view"),
        "view_item_list" => ("looks at a list of products", "looked at a list of products", "a list view"),
        "select_item" => ("picks a product", "picked a product", "a picked product"),
        "add_to_cart" => ("puts something in the cart", "put anything in the cart", "something in the cart"),
        "remove_from_cart" => {
            ("takes something out of the cart", "taken anything out of the cart", "a removal from the cart")
        }
        "view_cart" => ("looks at the cart", "looked at the cart", "a look at the cart"),
        "add_to_wishlist" => ("saves a product", "saved a product", "a saved product"),
        "begin_checkout" => ("begins the checkout", "begun the checkout", "a begun checkout"),
        "purchase" => ("buys", "bought", "a purchase"),
        "refund" => ("returns an order", "returned an order", "a return"),
        "search" | "view_search_results" => ("searches the site", "searched the site", "a search"),
        "sign_up" => ("signs up", "signed up", "a sign-up"),
        "login" => ("signs in", "signed in", "a sign-in"),
        "generate_lead" => ("gets in touch", "got in touch", "an enquiry"),
        "scroll" => ("scrolls", "scrolled", "scrolling"),
        "exit_intent" => ("is about to leave", "been about to leave", "an intent to leave"),
        "idle" => ("pauses for a while", "paused", "a pause"),
        "tab_hidden" => ("turns to another tab", "turned to another tab", "a change of tab"),
        "click" => ("clicks", "clicked", "a click"),
        other => {
            return EventWords {
                does: format!("does “{other}”"),
                done: format!("done “{other}”"),
                noun: format!("“{other}”"),
            };
        }
    };
    EventWords { does: does.into(), done: done.into(), noun: noun.into() }
}

fn place(c: &Cond) -> String {
    let Some(list) = pages(c) else { return format!("a page that {}", singular(c)) };
    let names = list
        .into_iter()
        .map(|p| match p {
            Pages::Product => "a product page".into(),
            Pages::ProductList => "the list of products".into(),
            Pages::Cart => "the cart page".into(),
            Pages::Checkout => "the checkout page".into(),
            Pages::Home => "the home page".into(),
            Pages::Under(p) => format!("a page under {p}"),
            Pages::At(p) => format!("the page {p}"),
        })
        .collect();
    join(names, "or")
}

/// A condition on one thing: "it has ...".
fn singular(c: &Cond) -> String {
    let text = cond(c);
    match text.strip_prefix("have ").map(|rest| format!("has {rest}")) {
        Some(text) => text,
        None => match text.strip_prefix("are ") {
            Some(rest) => format!("is {rest}"),
            None => text,
        },
    }
}

/// What visitors are or have: stands after "visitors who".
fn cond(c: &Cond) -> String {
    match c {
        Cond::All(list) => join(list.iter().map(nested).collect(), "and"),
        Cond::Any(list) => join(list.iter().map(nested).collect(), "or"),
        Cond::Not(inner) => match &**inner {
            Cond::Any(list) if list.len() > 1 => join(list.iter().map(not).collect(), "and"),
            other => not(other),
        },
        Cond::Attr { path, test } => attribute(path, test, c),
        Cond::Unknown => "match something that cannot be told".into(),
    }
}

/// Brackets where “and” and “or” would run into each other.
fn nested(c: &Cond) -> String {
    match c {
        Cond::All(list) | Cond::Any(list) if list.len() > 1 => format!("({})", cond(c)),
        _ => cond(c),
    }
}

fn not(c: &Cond) -> String {
    let text = cond(c);
    if let Some(rest) = text
        .strip_prefix("have ")
        .filter(|r| !r.starts_with("visited") && !r.starts_with("bought") && !r.starts_with("seen"))
    {
        return format!("do not have {rest}");
    }
    match text.strip_prefix("are ").or(text.strip_prefix("have ")) {
        Some(rest) if text.starts_with("are ") => format!("are not {rest}"),
        Some(rest) => format!("have not {rest}"),
        None => format!("are not those who {text}"),
    }
}

fn attribute(path: &str, test: &Test, whole: &Cond) -> String {
    if let Test::All(tests) = test {
        return join(tests.iter().map(|t| attribute(path, t, whole)).collect(), "and");
    }
    let is = |v: &Value, n: f64| v.as_num() == Some(n);
    let quoted = |list: &[Value]| join(list.iter().map(|v| format!("“{}”", bare(v))).collect(), "or");
    match (path, test) {
        ("visitor.purchases", Test::Eq(v)) if is(v, 0.0) => "have not bought yet".into(),
        ("visitor.purchases", Test::Gt(v)) if is(v, 0.0) => "have bought before".into(),
        ("visitor.purchases", Test::Gte(v)) if is(v, 1.0) => "have bought before".into(),
        ("visitor.visits", Test::Eq(v)) if is(v, 1.0) => "are here for the first time".into(),
        ("visitor.visits", test) => match amount(test) {
            Some((n, one)) => format!("have visited {n} {}", if one { "time" } else { "times" }),
            None => generic(path, test),
        },
        ("visitor.purchases", test) => match amount(test) {
            Some((n, one)) => format!("have bought {n} {}", if one { "time" } else { "times" }),
            None => generic(path, test),
        },
        ("visitor.days_since_last_visit", test) => match amount(test) {
            Some((n, one)) => format!("were last here {n} {} ago", if one { "day" } else { "days" }),
            None => generic(path, test),
        },
        ("session.page_views", test) => match amount(test) {
            Some((n, one)) => format!("have seen {n} {} in this visit", if one { "page" } else { "pages" }),
            None => generic(path, test),
        },
        ("cart.quantity", test) => match amount(test) {
            Some((n, one)) => format!("have {n} {} in the cart", if one { "item" } else { "items" }),
            None => generic(path, test),
        },
        ("device.mobile", Test::Eq(Value::Bool(true))) => "are on a phone".into(),
        ("device.mobile", Test::Eq(Value::Bool(false))) => "are on a computer".into(),
        ("device.touch", Test::Eq(Value::Bool(true))) => "have a touch screen".into(),
        ("segments", Test::ElemTest(inner)) => match &**inner {
            Test::Eq(v) => format!("are in the segment “{}”", bare(v)),
            _ => generic(path, test),
        },
        ("segments", Test::In { list, .. }) => format!("are in the segment {}", quoted(list)),
        ("segments", Test::NotIn { list, .. }) => format!("are not in the segment {}", quoted(list)),
        ("page.path", _) if pages(whole).is_some() => format!("are on {}", place(whole)),
        _ => generic(path, test),
    }
}

/// A comparison with a number as words before a noun, and whether the noun is singular.
fn amount(test: &Test) -> Option<(String, bool)> {
    let (word, v) = match test {
        Test::Eq(v) => ("exactly", v),
        Test::Gte(v) => ("at least", v),
        Test::Gt(v) => ("more than", v),
        Test::Lte(v) => ("at most", v),
        Test::Lt(v) => ("fewer than", v),
        _ => return None,
    };
    let n = v.as_num()?;
    Some((format!("{word} {}", number(n)), n == 1.0))
}

fn name(path: &str) -> String {
    match path {
        "visitor.visits" => "number of visits".into(),
        "visitor.purchases" => "number of orders".into(),
        "visitor.lifetime_value" => "total order value".into(),
        "visitor.first_seen" => "first visit".into(),
        "visitor.last_seen" => "last visit".into(),
        "visitor.days_since_last_visit" => "days since the last visit".into(),
        "visitor.last_purchase" => "last order".into(),
        "visitor.coupons" => "coupons held".into(),
        "visitor.days_since_first_visit" => "days since the first visit".into(),
        "visitor.days_since_last_purchase" => "days since the last order".into(),
        "visitor.rfm.recency" => "recency (1 to 5)".into(),
        "visitor.rfm.frequency" => "frequency (1 to 5)".into(),
        "visitor.rfm.money" => "money (1 to 5)".into(),
        "visitor.affinity" => "favourite categories".into(),
        "visitor.score" => "score".into(),
        "visitor.score_band" => "score band".into(),
        "visitor.cart_items" => "items in the cart".into(),
        "device.type" => "device".into(),
        "device.hour" => "hour of the day".into(),
        "device.weekday" => "day of the week (0 is Sunday)".into(),
        "geo.city" => "city".into(),
        "geo.timezone" => "time zone".into(),
        "geo.organization" => "network".into(),
        "session.page_views" => "pages seen in this visit".into(),
        "session.number" => "visit number".into(),
        "session.started" => "start of the visit".into(),
        "page.url" => "page address".into(),
        "page.path" => "page path".into(),
        "page.title" => "page title".into(),
        "page.referrer" => "referrer".into(),
        "device.language" => "language".into(),
        "device.width" => "screen width".into(),
        "geo.country" => "country".into(),
        "geo.region" => "region".into(),
        "cart.value" => "cart value".into(),
        "cart.quantity" => "pieces in the cart".into(),
        "event.value" => "value".into(),
        "segments" => "segments".into(),
        other => match other.strip_prefix("page.query.") {
            Some(query) => format!("“{query}” in the address"),
            None => {
                fact(other).unwrap_or_else(|| format!("“{}”", other.split_once('.').map_or(other, |(_, rest)| rest)))
            }
        },
    }
}

/// Facts with a word of the site's in their name, and arrivals.
fn fact(path: &str) -> Option<String> {
    let rest = path.strip_prefix("visitor.")?;
    let (family, last) = rest.split_once('.')?;
    Some(match family {
        "first_touch" => format!("{last} of the first arrival"),
        "last_touch" => format!("{last} of the last arrival"),
        "affinity_scores" => format!("affinity to “{last}”"),
        "answers" => format!("answer to “{last}”"),
        "counts" => {
            let (event, days) = last.rsplit_once(".d")?;
            format!("number of “{event}” in {days} days")
        }
        _ => return None,
    })
}

fn generic(path: &str, test: &Test) -> String {
    let name = name(path);
    match test {
        Test::Eq(Value::Null) | Test::Exists(false) => format!("have no known {name}"),
        Test::Ne(Value::Null) | Test::Exists(true) => format!("have a known {name}"),
        other => format!("have {name} {}", asked(other)),
    }
}

/// What is asked of a value: stands after its name.
fn asked(test: &Test) -> String {
    let list = |list: &[Value]| join(list.iter().map(literal).collect(), "or");
    match test {
        Test::Eq(v) => literal(v),
        Test::Ne(v) => format!("other than {}", literal(v)),
        Test::Gte(v) => format!("of at least {}", literal(v)),
        Test::Lte(v) => format!("of at most {}", literal(v)),
        Test::Gt(v) => format!("above {}", literal(v)),
        Test::Lt(v) => format!("below {}", literal(v)),
        Test::In { list: l, .. } => list(l),
        Test::NotIn { list: l, .. } => format!("other than {}", list(l)),
        Test::Regex { pattern, .. } => format!("matching “{pattern}”"),
        Test::Exists(true) => "known".into(),
        Test::Exists(false) => "unknown".into(),
        Test::Type(t) => format!("of type {t}"),
        Test::Size(inner) => format!("with a count {}", asked(inner)),
        Test::ElemTest(inner) => format!("with an entry {}", asked(inner)),
        Test::ElemCond(inner) => format!("with an entry that {}", singular(inner)),
        Test::AllOf { tests } => {
            format!("with {}", join(tests.iter().map(|t| format!("an entry {}", asked(t))).collect(), "and"))
        }
        Test::Version { op, key } => {
            let version = super::ja::version(key);
            match op {
                VersionOp::Eq => format!("version {version}"),
                VersionOp::Ne => format!("other than version {version}"),
                VersionOp::Lt => format!("before version {version}"),
                VersionOp::Lte => format!("up to version {version}"),
                VersionOp::Gt => format!("after version {version}"),
                VersionOp::Gte => format!("from version {version}"),
            }
        }
        Test::Not(inner) => format!("not {}", asked(inner)),
        Test::All(tests) => join(tests.iter().map(asked).collect(), "and"),
        Test::Never | Test::Unknown => "that cannot be told".into(),
    }
}

fn literal(v: &Value) -> String {
    match v {
        Value::Str(s) => format!("“{}”", crate::read::clip(s)),
        Value::Bool(true) => "“yes”".into(),
        Value::Bool(false) => "“no”".into(),
        other => json::canonical(other),
    }
}

fn bare(v: &Value) -> String {
    match v {
        Value::Str(s) => crate::read::clip(s),
        other => json::canonical(other),
    }
}

fn span(d: Duration) -> String {
    let (n, unit) = parts(d);
    let unit = match unit {
        'd' => "day",
        'h' => "hour",
        'm' => "minute",
        's' => "second",
        _ => "millisecond",
    };
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

/// A date, and the time where it is not midnight. An end at midnight is the day before.
fn moment(t: LocalTime, end: bool) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let day = |t: LocalTime| {
        let month = usize::try_from(t.month - 1).ok().and_then(|i| MONTHS.get(i)).copied().unwrap_or("");
        format!("{} {month} {}", t.day, t.year)
    };
    match (t.hour == 0 && t.minute == 0, end) {
        (true, false) => day(t),
        (true, true) => super::schedule_day_before(t).map_or_else(|| day(t), day),
        _ => format!("{}, {}", day(t), clock(t.hour as u16 * 60 + t.minute as u16)),
    }
}

/// The first days of a list, or its name.
fn days(days: &Days) -> String {
    if !days.calendar.is_empty() {
        return format!("the days of “{}”", days.calendar);
    }
    let mut list: Vec<String> = days.dates.iter().take(super::DAYS_SAID).map(|d| moment(*d, false)).collect();
    match days.dates.len() - list.len() {
        0 => {}
        1 => list.push("one more day".into()),
        n => list.push(format!("{n} more days")),
    }
    join(list, "and")
}

fn stop(s: &Stop, zone: &str) -> String {
    let times = |n: u64| if n == 1 { "once".into() } else { format!("{n} times") };
    let ends = [
        s.at.map(|at| match (at.hour, at.minute) {
            (0, 0) => format!("after {} ({zone})", moment(at, true)),
            _ => format!("on {} ({zone})", moment(at, true)),
        }),
        s.shows.map(|n| format!("once it was shown {} on the whole site", times(n))),
        s.conversions.map(|n| format!("once it was successful {} on the whole site", times(n))),
    ];
    format!("Ends for good {}.", join(ends.into_iter().flatten().collect(), "or"))
}

fn schedule(s: Option<&Schedule>) -> Option<String> {
    let s = s?;
    let mut parts: Vec<String> = Vec::new();
    let show = moment;
    match (s.from, s.until) {
        (Some(a), Some(b)) => parts.push(format!("from {} to {}", show(a, false), show(b, true))),
        (Some(a), None) => parts.push(format!("from {}", show(a, false))),
        (None, Some(b)) => parts.push(format!("until {}", show(b, true))),
        (None, None) => {}
    }
    for hours in weekly(&s.weekly) {
        const DAYS: [&str; 7] = ["Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"];
        let days = match hours.days.as_slice() {
            [0, 1, 2, 3, 4] => "on weekdays".into(),
            [5, 6] => "on weekends".into(),
            [0, 1, 2, 3, 4, 5, 6] => "every day".into(),
            some => format!(
                "on {}",
                join(some.iter().filter_map(|d| DAYS.get(usize::from(*d))).map(|d| (*d).into()).collect(), "and")
            ),
        };
        let ranges: Vec<String> = hours
            .ranges
            .iter()
            .filter(|r| **r != (0, 1_440))
            .map(|(a, b)| format!("{}–{}", clock(*a), clock(*b)))
            .collect();
        parts.push(if ranges.is_empty() { days } else { format!("{days} {}", ranges.join(" and ")) });
    }
    (!parts.is_empty()).then(|| format!("Runs {} ({}).", parts.join(", "), s.zone))
}

fn caps(c: &Campaign) -> Vec<String> {
    let caps = &c.caps;
    let mut out = Vec::new();
    for a in &caps.again {
        let what = match a.since {
            CapEvent::Shown => "shown",
            CapEvent::Closed => "closed",
            CapEvent::Clicked => "clicked",
            CapEvent::Converted => "successful",
        };
        let what = match a.whose {
            Whose::This => what.into(),
            Whose::Any => format!("any campaign is {what}"),
            Whose::Group => format!("any campaign of “{}” is {what}", c.group),
            Whose::Others => format!("another campaign of “{}” is {what}", c.group),
        };
        let not_again = if a.whose == Whose::Others { "this one is not shown" } else { "not again" };
        out.push(match a.after {
            Window::Page => format!("Once {what}, {not_again} on the same page."),
            Window::Session => format!("Once {what}, {not_again} in the same visit."),
            Window::Visitor if a.whose == Whose::Others => format!("Once {what}, this one is never shown."),
            Window::Visitor => format!("Once {what}, never again."),
            Window::Last(d) => format!("Once {what}, {not_again} for {}.", span(d)),
        });
    }
    for s in &caps.stop {
        let what = match s.of {
            CapEvent::Shown => "shown",
            CapEvent::Closed => "closed",
            CapEvent::Clicked => "clicked",
            CapEvent::Converted => "successful",
        };
        let times = match s.times {
            1 => "once".to_string(),
            2 => "twice".into(),
            n => format!("{n} times"),
        };
        let whose = match s.whose {
            Whose::This => "being".into(),
            Whose::Any => "all campaigns together were".into(),
            Whose::Group => format!("the campaigns of “{}” together were", c.group),
            Whose::Others => format!("the other campaigns of “{}” together were", c.group),
        };
        out.push(match s.within {
            Window::Visitor => format!("Stops after {whose} {what} {times}."),
            Window::Last(d) => format!("Pauses after {whose} {what} {times} within {}.", span(d)),
            _ => format!("Pauses after {whose} {what} {times} in one visit."),
        });
    }
    out
}
