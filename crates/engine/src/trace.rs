//! Why something was, or was not, shown: every campaign's gates in order, passed or not, and what it waits for.

use crate::attributes::Attributes;
use crate::condition::{Host, Judge};
use crate::deadlines::NEVER;
use crate::effect::Gate;
use crate::engine::{Context, Engine};
use crate::gate::{limit, may_open};
use crate::state::{ALWAYS, Course, FIRST, LeafState, Moment, NONE, State, kind as record};
use crate::until::{caps_pass_at, opens_at};
use noren_event::packed::{self, Reader};
use noren_event::{Duration, Timestamp, Value};
use noren_program::Image;
use noren_program::codec::{NESTING_MAX, cap, kind};
use noren_program::image::{LeafView, OccursView, WindowView};

impl Engine {
    /// For each campaign an object: `campaign`, `trigger` (a list of its leaves with what they `have` of what they `need`, whether they
    /// are `true`, and `due` if time alone will do it), `armed`, `held`, `showing`, and `gates`: a list of `{gate, pass}` in order, with
    /// the values `seen` where a condition looked at some, the expressions that it `cannot_tell` where that stops it, and `until` where time
    /// alone will open it: for priority and surface that is how long a loser still waits. Paused campaigns come with `paused: true` alone,
    /// those that need a newer agent with `inert: true`. Cost: all campaigns; it is for people.
    pub fn trace(&self, now: Timestamp, host: &dyn Host) -> Value {
        let mut state = self.state.clone();
        state.moment.now = now.max(state.moment.now);
        let cx = Context { image: &self.image, host, event: None };
        let each = (0..self.image.campaigns()).map(|c| match state.courses.get(c as usize) {
            Some(of) if !self.image.is_inert(c) => trace_campaign(c, of, &self.unit, &state, &cx),
            _ => {
                let why = if self.image.is_paused(c) { "paused" } else { "inert" };
                Value::map([("campaign", text(self.image.id(c))), (why, true.into())])
            }
        });
        Value::List(each.collect())
    }
}

fn trace_campaign(c: u32, of: &Course, unit: &[u8], state: &State, cx: &Context) -> Value {
    let image = cx.image;
    let head = image.head(c);
    let m = &state.moment;
    let mut leaves = Vec::new();
    for i in image.leaves(c) {
        if let Some(s) = state.leaves.get(i as usize) {
            leaves.push(trace_leaf(&image.leaf(i), s, m, &state.attributes, cx));
        }
    }
    let mut result = Value::map([("campaign", text(image.id(c))), ("trigger", Value::List(leaves))]);
    match of.held {
        ALWAYS => result.set("held", "visitor".into()),
        _ if of.is_held_in(&state.session) => result.set("held", "session".into()),
        NONE => {}
        until => result.set("held", time(until)),
    }
    if of.is_armed() {
        let behind = Gate::awaited(of.behind).map_or("delay", Gate::word);
        result.set("armed", Value::map([("due", time(of.armed)), ("behind", behind.into())]));
    }
    if let Some(v) = of.showing.checked_sub(1).and_then(|v| image.variant_at(head.variants, v)) {
        result.set("showing", text(v.id));
    }
    let judge = cx.judge(&state.attributes);
    let stopped = may_open(&head, state, &judge);
    let mut gates = Vec::new();
    let inert = of.doubted > m.page.started;
    let mut entry = Value::map([("gate", Gate::Unknown.word().into()), ("pass", (!inert).into())]);
    if inert {
        let mut found = Vec::new();
        for cond in conditions(c, head.audience, head.cancel, head.goal, image) {
            untold(&mut Reader::new(image.cond(cond)), &judge, None, &mut found, 0);
        }
        entry.set("cannot_tell", Value::List(found));
    }
    gates.push(entry);
    for gate in [Gate::Schedule, Gate::Consent, Gate::Audience] {
        // `may_open` names the first that fails; what stands behind it was not asked.
        if stopped.is_some_and(|s| s < gate) {
            gates.push(Value::map([("gate", gate.word().into())]));
            continue;
        }
        let mut entry = Value::map([("gate", gate.word().into()), ("pass", (stopped != Some(gate)).into())]);
        if gate == Gate::Audience
            && let Some(id) = head.audience.checked_sub(1)
        {
            let mut seen = Value::Map(Vec::new());
            collect_seen(&mut Reader::new(image.cond(id)), &judge, &mut seen, 0);
            entry.set("seen", seen);
        }
        if gate == Gate::Schedule
            && stopped == Some(gate)
            && let Some(until) = opens_at(head.schedule, image, m.now)
        {
            entry.set("until", time(until));
        }
        gates.push(entry);
    }
    let count = |kind: u8| Value::Num(of.records.totals.get(usize::from(kind)).map_or(0.0, |n| f64::from(*n)));
    let stopped = limit(c, &head, unit, state, image);
    let mut last = None;
    for gate in places(head.caps) {
        let mut entry = Value::map([("gate", gate.word().into())]);
        // The first that stops it hides what stands behind it.
        if last.is_none() {
            entry.set("pass", (stopped != Some(gate)).into());
        }
        last = last.or(stopped.filter(|s| *s == gate));
        gates.push(entry);
    }
    let mut caps = Value::map([("gate", Gate::Caps.word().into())]);
    if last.is_none() {
        caps.set("pass", stopped.is_none().into());
    }
    if stopped == Some(Gate::Caps)
        && let Some(until) = caps_pass_at(c, &head, unit, state, image)
    {
        caps.set("until", time(until));
    }
    caps.set("shown", count(record::SHOWN));
    caps.set("closed", count(record::CLOSED));
    gates.push(caps);
    // Who is asked about at a moment when nothing opens has nobody to compete with, unless it waits behind a winner.
    let behind = of.is_armed().then(|| Gate::awaited(of.behind)).flatten();
    let mut priority = Value::map([
        ("gate", Gate::Priority.word().into()),
        ("pass", (behind != Some(Gate::Priority)).into()),
        ("priority", f64::from(head.priority).into()),
    ]);
    if behind == Some(Gate::Priority) {
        priority.set("until", time(of.armed));
    }
    gates.push(priority);
    let holder = state.on_screen.iter().find(|other| image.head(**other).surface == head.surface);
    let visible = state.visible && !state.left;
    let mut surface =
        Value::map([("gate", Gate::Surface.word().into()), ("pass", (holder.is_none() && visible).into())]);
    if let Some(other) = holder {
        surface.set("taken_by", text(image.id(*other)));
    }
    if behind == Some(Gate::Surface) {
        surface.set("until", time(of.armed));
    }
    gates.push(surface);
    result.set("gates", Value::List(gates));
    result
}

/// The gates of the places that a campaign keeps to; they stand before its caps.
fn places(caps: &[u8]) -> Vec<Gate> {
    let mut r = Reader::new(caps);
    let mut gates = Vec::new();
    loop {
        let flags = r.byte();
        if flags & cap::PLACE == 0 {
            return gates;
        }
        gates.push(if flags & cap::EXCLUSIVE != 0 { Gate::Exclusive } else { Gate::Holdout });
        // Seed, beginning and length.
        for _ in 0..3 {
            r.uint();
        }
    }
}

fn text(bytes: &[u8]) -> Value {
    Value::Str(String::from_utf8_lossy(bytes).into())
}

fn time(t: Timestamp) -> Value {
    Value::Num(t.0 as f64)
}

fn span(d: Duration) -> Value {
    Value::Num(d.0 as f64)
}

fn trace_leaf(leaf: &LeafView, s: &LeafState, m: &Moment, known: &Attributes, cx: &Context) -> Value {
    let mut events = leaf.events.clone();
    let mut names = Vec::new();
    while !events.is_empty() {
        names.push(text(cx.image.text(OccursView::read(&mut events).event)));
    }
    let first = names.first().cloned().unwrap_or_default();
    let number = |n: usize| Value::Num(n as f64);
    let need = Value::Num(leaf.number as f64);
    let (kind, what, have, need) = match leaf.kind {
        kind::COUNT => ("event", first, number(s.list.len()), need),
        kind::DISTINCT => ("distinct", first, number(s.list.len()), need),
        kind::SUM => {
            let have = s.list.iter().map(|(_, c)| *c as f64).sum::<f64>() / 100.0;
            ("sum", first, have.into(), (leaf.number as f64 / 100.0).into())
        }
        kind::EVERY => {
            let have = s.a.rem_euclid((leaf.number as i64).max(1));
            ("every", first, (have as f64).into(), need)
        }
        kind::SEQUENCE => {
            names.truncate(leaf.number as usize);
            ("sequence", Value::List(names), number(s.list.len()), need)
        }
        kind::DWELL => ("dwell", s.is(FIRST).into(), span(s.stayed(leaf, m)), span(leaf.window.span)),
        _ => {
            let have = if s.is(FIRST) { span(m.now - Timestamp(s.a)) } else { Value::Null };
            ("absent", names.pop().unwrap_or_default(), have, span(leaf.window.span))
        }
    };
    let truth = s.truth(leaf, m, known);
    let mut v = Value::map([(kind, what), ("have", have), ("need", need), ("true", truth.into())]);
    let due = s.deadline(leaf, m, known);
    if due != NEVER && truth == leaf.negated {
        v.set("due", time(due));
    }
    v
}

/// The conditions of a campaign, as numbers, each once: those of its audience, its pattern's events, its cancels and its goal.
fn conditions(c: u32, audience: u32, cancel: &[u8], goal: &[u8], image: &Image) -> Vec<u32> {
    let mut all = vec![audience];
    for i in image.leaves(c) {
        let mut events = image.leaf(i).events;
        while !events.is_empty() {
            all.push(OccursView::read(&mut events).cond);
        }
    }
    let mut cancel = Reader::new(cancel);
    while !cancel.is_empty() {
        all.push(OccursView::read(&mut cancel).cond);
        WindowView::read(&mut cancel);
    }
    all.push(OccursView::read(&mut Reader::new(goal)).cond);
    let mut all: Vec<u32> = all.into_iter().filter_map(|cond| cond.checked_sub(1)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The expressions of a condition that cannot be told here, each with the `path` it is asked of: by the value the path has now, or, of an event
/// that is over, by whether the host still uses the expression at all.
fn untold(r: &mut Reader, judge: &Judge, of: Option<&[u8]>, found: &mut Vec<Value>, depth: u32) {
    if depth > NESTING_MAX {
        return;
    }
    match (of, r.byte()) {
        (_, 0) | (_, 1) => {
            for _ in 0..r.count() {
                untold(&mut Reader::new(r.bytes()), judge, of, found, depth + 1);
            }
        }
        (_, 2) | (Some(_), 12 | 13) => untold(r, judge, of, found, depth + 1),
        (Some(_), 14) => untold(r, judge, None, found, depth + 1),
        (None, 3) => {
            let path = judge.image.text(r.u32());
            untold(r, judge, Some(path), found, depth + 1);
        }
        (Some(path), tag @ (7 | 8)) => {
            let expression = judge.image.text(r.u32());
            let subject = judge.attributes.path(path).and_then(packed::text).unwrap_or_default();
            if judge.host.regex(expression, tag == 8, subject).is_none() {
                found.push(Value::map([("path", text(path)), ("regex", text(expression))]));
            }
        }
        _ => {}
    }
}

/// The values that a condition's paths have now.
fn collect_seen(r: &mut Reader, judge: &Judge, seen: &mut Value, depth: u32) {
    match r.byte() {
        0..=2 if depth > NESTING_MAX => {}
        0 | 1 => {
            for _ in 0..r.count() {
                collect_seen(&mut Reader::new(r.bytes()), judge, seen, depth + 1);
            }
        }
        2 => collect_seen(r, judge, seen, depth + 1),
        3 => {
            let path = judge.image.text(r.u32());
            let value = judge.attributes.path(path).map_or(Value::Null, |v| Reader::new(v).value());
            seen.set(&String::from_utf8_lossy(path), value);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Input, Origin};
    use noren_program::{Campaign, CapEvent, Caps, Leaf, Node, Occurs, Place, PlaceKind, Program, StopAfter, Surface};
    use noren_program::{Cancel, Cond, CondId, Hold, Test, Whose, Window};

    struct NoRegex;

    impl Host for NoRegex {
        fn regex(&self, _: &[u8], _: bool, _: &[u8]) -> Option<bool> {
            None
        }
    }

    fn campaign(id: &str, places: Vec<Place>) -> Campaign {
        let of = Occurs { event: "search".into(), cond: None };
        let stop = StopAfter { times: 1, of: CapEvent::Shown, within: Window::Visitor, whose: Whose::Others };
        Campaign {
            id: id.into(),
            phase: 0,
            fingerprint: 0,
            priority: 500,
            surface: Surface::None,
            consent: "".into(),
            schedule: None,
            audience: None,
            trigger: Node::Leaf(0),
            leaves: vec![Leaf::Count { of, at_least: 1, window: Window::Session }],
            cancel: vec![],
            delay: Duration::ZERO,
            wait: Duration::ZERO,
            places,
            group: 1,
            caps: Caps { again: vec![], stop: vec![stop] },
            control_bps: 0,
            seed: id.into(),
            variants: vec![],
            goal: None,
        }
    }

    /// The gates between the audience and the surface, each with its answer.
    fn gates(engine: &Engine, place: usize) -> Vec<(String, Option<bool>)> {
        let trace = engine.trace(Timestamp(0), &NoRegex);
        let gates = trace.as_list().unwrap()[place].get("gates").unwrap().as_list().unwrap();
        let answer = |gate: &Value| {
            let pass = match gate.get("pass") {
                Some(Value::Bool(pass)) => Some(*pass),
                _ => None,
            };
            (gate.get("gate").unwrap().as_str().unwrap().to_string(), pass)
        };
        gates
            .iter()
            .map(answer)
            .filter(|(g, _)| !["unknown", "schedule", "consent", "audience", "priority", "surface"].contains(&&**g))
            .collect()
    }

    #[test]
    fn a_campaign_in_doubt_names_the_expressions_that_cannot_be_told() {
        let asks = |path: &str, test| Cond::Attr { path: path.into(), test };
        let regex = |pattern: &str| Test::Regex { pattern: pattern.into(), fold: false };
        let conds = vec![
            Cond::Any(vec![asks("page.path", Test::Not(Box::new(regex("^/slow"))))]),
            asks("event.items", Test::ElemCond(Box::new(asks("name", regex("tea"))))),
        ];
        let mut doubted = campaign("a", vec![]);
        doubted.audience = Some(CondId(0));
        doubted.cancel =
            vec![Cancel { of: Occurs { event: "search".into(), cond: Some(CondId(1)) }, hold: Hold::Session }];
        let campaigns = vec![doubted, campaign("b", vec![])];
        let mut engine = Engine::new(Program { campaigns, conds, ..Program::default() }.image(), "v1");
        let now = Timestamp(5);
        let event = |name: &str, props| Input::Event { name: name.into(), props, at: now, origin: Origin::Here };
        engine.step(now, event("page_view", Value::map([("page_path", "/slow".into())])), &NoRegex);
        let items = Value::List(vec![Value::map([("name", "tea".into())])]);
        engine.step(now, event("search", Value::map([("items", items)])), &NoRegex);
        let trace = engine.trace(now, &NoRegex);
        let gate = |c: usize| trace.as_list().unwrap()[c].get("gates").unwrap().as_list().unwrap()[0].clone();
        let expression = |path: &str, regex: &str| Value::map([("path", path.into()), ("regex", regex.into())]);
        let told = Value::List(vec![expression("page.path", "^/slow"), expression("name", "tea")]);
        let word = ("gate", "unknown".into());
        assert_eq!(gate(0), Value::map([word.clone(), ("pass", false.into()), ("cannot_tell", told)]));
        assert_eq!(gate(1), Value::map([word, ("pass", true.into())]));
    }

    #[test]
    fn places_are_gates_of_their_own_and_the_first_that_stops_hides_the_rest() {
        // The visitor's place is 4284 under the first seed and 9041 under the second.
        let place = |why, seed: &str, from, until| Place { why, seed: seed.into(), from, until };
        let inside = place(PlaceKind::Holdout, "__holdout:", 4_284, 10_000);
        let outside = place(PlaceKind::Holdout, "__holdout:", 4_285, 10_000);
        let others = place(PlaceKind::Exclusive, "__checkout", 0, 9_041);
        let campaigns = vec![
            campaign("a", vec![]),
            campaign("b", vec![inside.clone(), others.clone()]),
            campaign("c", vec![outside, others]),
            campaign("d", vec![inside]),
        ];
        let mut engine = Engine::new(Program { campaigns, ..Program::default() }.image(), "v1");
        let row = |gate: &str, pass| (gate.to_string(), pass);
        assert_eq!(gates(&engine, 0), [row("caps", Some(true))]);
        assert_eq!(gates(&engine, 1), [row("holdout", Some(true)), row("exclusive", Some(false)), row("caps", None)]);
        assert_eq!(gates(&engine, 2), [row("holdout", Some(false)), row("exclusive", None), row("caps", None)]);
        assert_eq!(gates(&engine, 3), [row("holdout", Some(true)), row("caps", Some(true))]);
        // What one of the group did, the others see, and it itself does not.
        engine.step(
            Timestamp(0),
            crate::input::Input::Record { campaign: "a".into(), what: CapEvent::Shown, at: Timestamp(0) },
            &NoRegex,
        );
        assert_eq!(gates(&engine, 0), [row("caps", Some(true))]);
        assert_eq!(gates(&engine, 3), [row("holdout", Some(true)), row("caps", Some(false))]);
    }
}
