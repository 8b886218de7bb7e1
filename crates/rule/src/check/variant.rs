//! Variants and what they show.

use super::{Check, content};
use crate::ast::Variant;
use crate::bounds::*;
use crate::members as m;
use crate::read;
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
    let kind = c.need(&m, "action", content::check);
    let action = m.get("action").cloned().unwrap_or_default();
    Some(Variant { id: id?.into(), weight_bps: weight_bps?, kind: kind?.into(), action })
}

/// The place of a campaign that names none: where its first variant stands.
pub(super) fn surface(variants: &[Variant]) -> Surface {
    let Some(first) = variants.first() else { return Surface::None };
    match (&*first.kind, first.action.get("position").and_then(Value::as_str)) {
        ("bar", Some("bottom")) => Surface::Bottom,
        ("bar", _) => Surface::Top,
        ("countdown", Some("bottom")) => Surface::Bottom,
        ("countdown" | "coupon" | "html", Some("corner")) => Surface::Corner,
        ("countdown", _) => Surface::Top,
        ("survey", Some("center")) => Surface::Modal,
        ("survey", Some("tab")) => Surface::Slot(TAB.into()),
        ("inline", _) | ("recommend" | "proof" | "html", Some("slot")) => Surface::Slot(slot(&first.action).into()),
        ("chat" | "slide" | "survey" | "recommend" | "proof", _) => Surface::Corner,
        _ => Surface::Modal,
    }
}

/// The name of the place where a feedback tab stands: no selector, so that no slot is ever the same.
const TAB: &str = "(tab)";

/// A slot's name is its selector: two campaigns for the same place of a page wait for each other.
fn slot(action: &Value) -> &str {
    action.get("slot").and_then(|slot| slot.get("at")).and_then(Value::as_str).unwrap_or_default()
}
