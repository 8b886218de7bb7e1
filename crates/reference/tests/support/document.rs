//! Campaigns and logs as `tests/conformance/rules` writes them. Only what random campaigns are made of.

use super::case::Case;
use noren_engine::{Input, Origin, WidgetNews};
use noren_event::{Duration, Timestamp, Value};
use noren_program::{CapEvent, Clock, Cond, Hold, Order, Reach, Surface, Test, Whose, Window};
use noren_reference::{Entry, Verdicts};
use noren_rule::ast::{Campaign, Occurs, Status, Trigger};
use serde_json::{Map, Value as Json, json};

fn plain(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(b) => json!(b),
        Value::Num(n) if n.fract() == 0.0 && n.abs() < 9e15 => json!(*n as i64),
        Value::Num(n) => json!(n),
        Value::Str(s) => json!(s),
        Value::Bytes(_) => panic!("JSON has no bytes"),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(members) => Json::Object(members.iter().map(|(k, v)| (k.to_string(), plain(v))).collect()),
    }
}

fn span(d: Duration) -> String {
    if d.0 % 1_000 == 0 { format!("{}s", d.0 / 1_000) } else { format!("{}ms", d.0) }
}

fn window(w: Window) -> String {
    match w {
        Window::Page => "page".into(),
        Window::Session => "session".into(),
        Window::Visitor => "visitor".into(),
        Window::Last(d) => span(d),
    }
}

fn cond(c: &Cond) -> Json {
    let Cond::Attr { path, test } = c else { panic!("no document for {c:?}") };
    let test = match test {
        Test::Eq(v) => return json!({ &**path: plain(v) }),
        Test::Ne(v) => json!({"$ne": plain(v)}),
        Test::Gt(v) => json!({"$gt": plain(v)}),
        Test::Gte(v) => json!({"$gte": plain(v)}),
        Test::Lt(v) => json!({"$lt": plain(v)}),
        Test::Lte(v) => json!({"$lte": plain(v)}),
        Test::Regex { pattern, fold: false } => json!({ "$regex": pattern }),
        Test::Exists(yes) => json!({"$exists": yes}),
        other => panic!("no document for {other:?}"),
    };
    json!({ &**path: test })
}

/// `key` and `where`, with what else the pattern has.
fn with(of: &Occurs, key: &str, more: Json) -> Json {
    let mut members = Map::new();
    members.insert(key.into(), json!(of.event));
    if let Some(c) = &of.cond {
        members.insert("where".into(), cond(c));
    }
    members.extend(more.as_object().cloned().unwrap_or_default());
    Json::Object(members)
}

fn on(of: &Occurs) -> Json {
    with(of, "on", json!({}))
}

fn pattern(t: &Trigger) -> Json {
    match t {
        Trigger::Count { of, at_least, window: w } => {
            json!({"count": with(of, "event", json!({"at_least": at_least, "within": window(*w)}))})
        }
        Trigger::Distinct { of, property, at_least, window: w } => {
            json!({"count": with(of, "event", json!({"distinct": property, "at_least": at_least, "within": window(*w)}))})
        }
        Trigger::Sum { of, property, at_least_cents, window: w } => {
            let amount = *at_least_cents as f64 / 100.0;
            json!({"sum": with(of, "event", json!({"of": property, "at_least": amount, "within": window(*w)}))})
        }
        Trigger::Every { of, times, window: w } => {
            json!({"every": with(of, "event", json!({"times": times, "within": window(*w)}))})
        }
        Trigger::Sequence { steps, within, without, order, same } => {
            let mut members = json!({
                "steps": steps.iter().map(on).collect::<Vec<_>>(), "within": span(*within),
                "order": if *order == Order::Next { "next" } else { "eventually" },
            });
            if let Some(without) = without {
                members["without"] = on(without);
            }
            if !same.is_empty() {
                members["same"] = json!(same);
            }
            json!({ "sequence": members })
        }
        Trigger::Absent { after, event, time } => {
            json!({"absent": with(event, "event", json!({"for": span(*time), "after": on(after)}))})
        }
        Trigger::Dwell { page, time, clock, reach } => {
            let mut members = json!({
                "time": span(*time), "clock": if *clock == Clock::Active { "active" } else { "wall" },
                "across": if *reach == Reach::Session { "session" } else { "page" },
            });
            if let Some(page) = page {
                members["page"] = cond(page);
            }
            json!({ "dwell": members })
        }
        Trigger::All(list) => json!({"all": list.iter().map(pattern).collect::<Vec<_>>()}),
        Trigger::Any(list) => json!({"any": list.iter().map(pattern).collect::<Vec<_>>()}),
        Trigger::Not(inner) => json!({"not": pattern(inner)}),
    }
}

fn cap_event(e: CapEvent) -> &'static str {
    match e {
        CapEvent::Shown => "shown",
        CapEvent::Closed => "closed",
        CapEvent::Clicked => "clicked",
        CapEvent::Converted => "converted",
    }
}

/// A campaign's document, but for its schedule, share and end, which a shrunk case gets by hand. A campaign without a surface has none; it is
/// written as one in the modal's place.
pub fn document(c: &Campaign) -> Json {
    let clock = |whose: Whose| match whose {
        Whose::This => "this",
        Whose::Any => "any",
        Whose::Group => "group",
        Whose::Others => "others",
    };
    let again = c
        .caps
        .again
        .iter()
        .map(|a| json!({"after": window(a.after), "since": cap_event(a.since), "clock": clock(a.whose)}));
    let stop =
        c.caps.stop.iter().map(
            |s| json!({"times": s.times, "of": cap_event(s.of), "within": window(s.within), "clock": clock(s.whose)}),
        );
    let cancel = c.cancel.iter().map(|x| {
        let hold = match x.hold {
            Hold::Session => "session".into(),
            Hold::Visitor => "visitor".into(),
            Hold::For(d) => span(d),
        };
        with(&x.of, "on", json!({ "hold": hold }))
    });
    let variants = c
        .variants
        .iter()
        .map(|v| json!({"id": v.id, "weight": f64::from(v.weight_bps) / 100.0, "action": plain(&v.action)}));
    let mut document = json!({"id": c.id, "trigger": pattern(&c.trigger)});
    if c.status == Status::Paused {
        document["status"] = json!("paused");
    }
    if let Some(audience) = &c.audience {
        document["audience"] = cond(audience);
    }
    if !c.cancel.is_empty() {
        document["cancel"] = cancel.collect();
    }
    for (key, d) in [("delay", c.delay), ("wait", c.wait)] {
        if d > Duration::ZERO {
            document[key] = json!(span(d));
        }
    }
    document["priority"] = json!(c.priority);
    if !c.group.is_empty() {
        document["group"] = json!(c.group);
    }
    document["surface"] = match c.surface {
        Surface::Top => json!("top"),
        Surface::Bottom => json!("bottom"),
        Surface::Corner => json!("corner"),
        _ => json!("modal"),
    };
    if !c.consent.is_empty() {
        document["consent"] = json!(c.consent);
    }
    document["control"] = json!(f64::from(c.control_bps) / 100.0);
    document["variants"] = variants.collect();
    if !c.caps.again.is_empty() || !c.caps.stop.is_empty() {
        document["caps"] = json!({"again": again.collect::<Vec<_>>(), "stop": stop.collect::<Vec<_>>()});
    }
    if let Some(goal) = &c.goal {
        document["goal"] = with(&goal.of, "on", json!({"within": span(goal.within), "value": goal.value}));
    }
    document
}

fn seconds(t: Timestamp) -> Json {
    let ms = (t - crate::random::START).0;
    if ms % 1_000 == 0 { json!(ms / 1_000) } else { json!(ms as f64 / 1_000.0) }
}

fn line(now: Timestamp, entry: &Entry) -> Json {
    let mut line = match entry {
        Entry::Program(number) => json!({ "program": number }),
        Entry::Input(Input::Event { name, props, at, origin }) => {
            let mut line = json!({"event": name, "props": plain(props)});
            if *at != now {
                line["happened"] = seconds(*at);
            }
            if *origin == Origin::Elsewhere {
                line["elsewhere"] = json!(true);
            }
            line
        }
        Entry::Input(Input::Facts(facts)) => json!({"facts": plain(facts)}),
        Entry::Input(Input::Attributes(root, value)) => json!({"root": [root, plain(value)]}),
        Entry::Input(Input::Consent(granted)) => json!({ "consent": granted }),
        Entry::Input(Input::Widget(campaign, news)) => {
            let word = match news {
                WidgetNews::Closed => "closed",
                WidgetNews::Clicked => "clicked",
                WidgetNews::Failed => "failed",
                WidgetNews::Retracted => "retracted",
            };
            json!({"widget": [campaign, word]})
        }
        Entry::Input(Input::Record { campaign, what, at }) => {
            json!({"record": [campaign, cap_event(*what)], "happened": seconds(*at)})
        }
        Entry::Input(Input::Tick) => json!({"input": "tick"}),
        Entry::Input(Input::Visible) => json!({"input": "visible"}),
        Entry::Input(Input::Hidden) => json!({"input": "hidden"}),
        Entry::Input(Input::Active) => json!({"input": "active"}),
        Entry::Input(Input::Leave) => json!({"input": "leave"}),
        Entry::Input(Input::PageEnd) => json!({"input": "page_end"}),
    };
    let mut members = Map::new();
    members.insert("at".into(), seconds(now));
    members.append(line.as_object_mut().expect("a line"));
    Json::Object(members)
}

/// A case for `tests/conformance/rules`, expecting what the naive evaluator says: to be read, named and corrected by whoever keeps it.
pub fn case(case: &Case, expect: &Verdicts) -> Json {
    let moments = |list: &[(Timestamp, Box<str>)]| {
        list.iter().map(|(t, c)| json!({"at": seconds(*t), "campaign": c})).collect::<Json>()
    };
    let decisions = expect.decisions.iter().map(|d| {
        let mut row = json!({"at": seconds(d.at), "campaign": d.campaign, "outcome": d.outcome.word()});
        if !d.variant.is_empty() {
            row["variant"] = json!(d.variant);
        }
        if let Some(gate) = d.gate {
            row["gate"] = json!(gate.word());
        }
        row
    });
    let program = |p: &Vec<Campaign>| p.iter().map(document).collect::<Json>();
    let mut log: Vec<Json> = case.log.iter().map(|(now, entry)| line(*now, entry)).collect();
    log.push(line(case.end, &Entry::Input(Input::Tick)));
    json!({
        "name": "...", "unit": case.unit, "campaigns": case.programs.first().map(program),
        "programs": case.programs.iter().skip(1).map(program).collect::<Json>(), "log": log,
        "expect": decisions.collect::<Json>(), "retracted": moments(&expect.retracted), "converted": moments(&expect.converted),
    })
}
