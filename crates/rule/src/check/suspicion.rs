//! What a sound document should perhaps not say. Warnings only: the document is taken.

use crate::ast::{Campaign, Trigger};
use crate::report::Report;
use noren_event::{Duration, Value, names};
use noren_program::campaign::TOLD_DAYS;
use noren_program::{Cond, Surface, Test, Window};

pub(super) fn look(r: &mut Report, campaign: &Campaign) {
    let unlimited = campaign.caps.again.is_empty() && campaign.caps.stop.is_empty();
    if unlimited && opens_by(&campaign.trigger, names::PAGE_VIEW) {
        r.at("trigger", |r| {
            r.warning(
                "fires_every_page",
                "This can open on every page view, and no cap limits it. Add \"caps\".",
                "ページを見るたびに表示される可能性があります。「caps」で回数や間隔を決めてください。",
                r#""caps": {"again": [{"after": "1d", "since": "shown"}]}"#,
            );
        });
    } else if unlimited && campaign.surface == Surface::Modal {
        r.warning(
            "no_caps",
            "Nothing limits how often this covers the page for the same visitor. Add \"caps\".",
            "同じ方に何度でも画面を覆って表示されます。「caps」で回数や間隔を決めてください。",
            r#""caps": {"again": [{"after": "1d", "since": "closed"}]}"#,
        );
    }
    for (i, cancel) in campaign.cancel.iter().enumerate() {
        if cancel.of.cond.is_none() && needs(&campaign.trigger, &cancel.of.event) {
            let event = &cancel.of.event;
            r.at("cancel", |r| {
                r.at(&i.to_string(), |r| {
                    r.warning(
                        "cancels_itself",
                        format!("The trigger needs \"{event}\", and \"{event}\" cancels it: it can never open."),
                        format!(
                            "「{event}」がきっかけに必要なのに、同じ「{event}」で取りやめになるため、一度も動きません。"
                        ),
                        "another event",
                    );
                });
            });
        }
    }
    if let Some(event) = counts_here(&campaign.trigger) {
        r.at("trigger", |r| {
            r.warning(
                "counted_here",
                format!(
                    "\"{event}\" is counted by each browser for itself. For all of a visitor's devices, count it without \"where\" over 7d, \
                     30d or 90d, or ask for visitor.counts.{event}.d30 (or visitor.lifetime_value, visitor.score) in the audience."
                ),
                format!(
                    "「{event}」はブラウザごとに数えます。同じ方のほかの端末も合わせるには、「where」なしの「count」を7d・30d・90dで書くか、\
                     対象者の条件で visitor.counts.{event}.d30(または visitor.lifetime_value、visitor.score)を使ってください。"
                ),
                r#""count": {"event": ..., "at_least": ..., "within": "30d"}"#,
            );
        });
    }
    if let Some(audience) = &campaign.audience
        && contradicts(audience)
    {
        r.at("audience", |r| {
            r.warning(
                "never_matches",
                "No visitor can match this: two of its parts contradict each other.",
                "条件どうしが矛盾しているため、当てはまる方はいません。",
                "conditions that can hold together",
            );
        });
    }
    if campaign.control_bps == 0 {
        r.at("control", |r| {
            r.warning(
                "no_control",
                "Without a control share nobody can tell what this campaign earns.",
                "何も見せないグループ(control)がないと、効果を測れません。",
                "\"control\": 10",
            );
        });
    }
}

/// The first event that is counted over a week or longer by the browser alone, because the edge has no such figure.
fn counts_here(trigger: &Trigger) -> Option<&str> {
    match trigger {
        Trigger::All(list) | Trigger::Any(list) => list.iter().find_map(counts_here),
        Trigger::Not(inner) => counts_here(inner),
        Trigger::Count { of, window: Window::Last(span), .. }
        | Trigger::Sum { of, window: Window::Last(span), .. }
        | Trigger::Distinct { of, window: Window::Last(span), .. }
            if *span >= Duration::days(7) =>
        {
            let plain = matches!(trigger, Trigger::Count { .. }) && of.cond.is_none();
            let told = plain && TOLD_DAYS.iter().any(|(days, _)| *span == Duration::days(*days));
            (!told).then_some(&of.event)
        }
        _ => None,
    }
}

/// Whether one event of this name, whatever its properties, is enough.
fn opens_by(trigger: &Trigger, event: &str) -> bool {
    match trigger {
        Trigger::Count { of, at_least, .. } => *of.event == *event && of.cond.is_none() && *at_least == 1,
        Trigger::Any(list) => list.iter().any(|t| opens_by(t, event)),
        Trigger::All(list) => list.iter().all(|t| matches!(t, Trigger::Not(_)) || opens_by(t, event)),
        _ => false,
    }
}

/// Whether the trigger cannot become true without an event of this name.
fn needs(trigger: &Trigger, event: &str) -> bool {
    match trigger {
        Trigger::Count { of, .. }
        | Trigger::Sum { of, .. }
        | Trigger::Distinct { of, .. }
        | Trigger::Every { of, .. } => *of.event == *event,
        Trigger::Sequence { steps, .. } => steps.iter().any(|s| *s.event == *event),
        Trigger::Absent { after, .. } => *after.event == *event,
        Trigger::All(list) => list.iter().any(|t| needs(t, event)),
        Trigger::Any(list) => list.iter().all(|t| needs(t, event)),
        Trigger::Dwell { .. } | Trigger::Not(_) => false,
    }
}

/// Whether two things asked of one attribute exclude each other. Sees what stands side by side, not every contradiction there is.
fn contradicts(cond: &Cond) -> bool {
    let mut asked: Vec<(&str, &Test)> = Vec::new();
    gather(cond, &mut asked);
    asked.iter().enumerate().any(|(i, (path, test))| {
        matches!(test, Test::Never)
            || asked.iter().skip(i + 1).any(|(other, against)| path == other && excludes(test, against))
    }) || match cond {
        Cond::All(list) => list.iter().any(contradicts),
        Cond::Any(list) => !list.is_empty() && list.iter().all(contradicts),
        _ => false,
    }
}

fn gather<'c>(cond: &'c Cond, out: &mut Vec<(&'c str, &'c Test)>) {
    match cond {
        Cond::All(list) => list.iter().for_each(|c| gather(c, out)),
        Cond::Attr { path, test: Test::All(tests) } => out.extend(tests.iter().map(|t| (&**path, t))),
        Cond::Attr { path, test } => out.push((path, test)),
        _ => {}
    }
}

fn excludes(a: &Test, b: &Test) -> bool {
    match (a, b) {
        (Test::Eq(x), Test::Eq(y)) => !x.same(y),
        (Test::Eq(x), Test::Ne(y)) | (Test::Ne(y), Test::Eq(x)) => x.same(y),
        (Test::Eq(x), Test::In { list, fold: false }) | (Test::In { list, fold: false }, Test::Eq(x)) => {
            !matches!(x, Value::List(_)) && !list.iter().any(|y| x.same(y))
        }
        (Test::Exists(x), Test::Exists(y)) => x != y,
        _ => match (range(a), range(b)) {
            (Some(x), Some(y)) => {
                let (low, high) = (if y.0 > x.0 { y.0 } else { x.0 }, if y.1 < x.1 { y.1 } else { x.1 });
                low.0 > high.0 || (low.0 == high.0 && (low.1 || !high.1))
            }
            _ => false,
        },
    }
}

/// The numbers that pass: lower end and whether it is left out, upper end and whether it is included.
fn range(test: &Test) -> Option<((f64, bool), (f64, bool))> {
    let (least, most) = ((f64::NEG_INFINITY, false), (f64::INFINITY, true));
    match test {
        Test::Eq(Value::Num(n)) => Some(((*n, false), (*n, true))),
        Test::Gt(Value::Num(n)) => Some(((*n, true), most)),
        Test::Gte(Value::Num(n)) => Some(((*n, false), most)),
        Test::Lt(Value::Num(n)) => Some((least, (*n, false))),
        Test::Lte(Value::Num(n)) => Some((least, (*n, true))),
        _ => None,
    }
}
