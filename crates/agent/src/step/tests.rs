use super::*;
use noren_engine::Gate;
use noren_event::{Duration, Value, packed};
use noren_program::{
    Campaign, Cancel, CapEvent, Caps, Clock, Cond, CondId, Hold, Leaf, Node, Occurs, Program, Reach, ShowAgain,
    Surface, Test, Variant, Whose, Window, codec,
};

/// The least a host can be: patterns are plain beginnings.
struct Plain;

impl Host for Plain {
    fn regex(&self, pattern: &[u8], _fold: bool, subject: &[u8]) -> Option<bool> {
        pattern.strip_prefix(b"^").map(|start| subject.starts_with(start))
    }
}

const T: i64 = 1_760_000_000_000;

/// Fifteen seconds on a product page, unless something was bought; closed is not again for a day.
fn linger(control_bps: u16) -> Campaign {
    Campaign {
        id: "linger".into(),
        phase: 3,
        fingerprint: 1,
        priority: 500,
        surface: Surface::Modal,
        consent: "marketing".into(),
        schedule: None,
        audience: Some(CondId(0)),
        trigger: Node::Leaf(0),
        leaves: vec![Leaf::Dwell {
            page: Some(CondId(1)),
            time: Duration::seconds(15),
            clock: Clock::Wall,
            reach: Reach::Page,
        }],
        cancel: vec![Cancel { of: Occurs { event: "purchase".into(), cond: None }, hold: Hold::Session }],
        delay: Duration::ZERO,
        wait: Duration::ZERO,
        places: vec![],
        group: 0,
        caps: Caps {
            again: vec![ShowAgain {
                after: Window::Last(Duration::days(1)),
                since: CapEvent::Closed,
                whose: Whose::This,
            }],
            stop: vec![],
        },
        control_bps,
        seed: "linger".into(),
        variants: vec![Variant { id: "a".into(), weight_bps: 10_000, kind: "coupon".into(), content: "c0ffee".into() }],
        goal: None,
    }
}

fn program(campaigns: Vec<Campaign>) -> Value {
    let attr = |path: &str, test| Cond::Attr { path: path.into(), test };
    let program = Program {
        compiled_at: Timestamp(T),
        valid_until: Timestamp(T + Duration::days(365).0),
        zones: vec![],
        conds: vec![
            attr("visitor.purchases", Test::Eq(0.0.into())),
            attr("page.path", Test::Regex { pattern: "^/product".into(), fold: false }),
        ],
        campaigns,
        paused: vec![],
    };
    Value::Bytes(codec::encode(&program))
}

fn at(ms: i64) -> Value {
    Value::Num((T + ms) as f64)
}

/// One message; the answer as a list, or the refusal's word.
fn tell(agent: &mut Agent, op: f64, ms: i64, args: Vec<Value>) -> Result<Vec<Value>, String> {
    let mut message = vec![op.into(), at(ms)];
    message.extend(args);
    match packed::decode(&agent.step(&packed::encode(&Value::List(message)), &Plain)).unwrap() {
        Value::List(answer) => Ok(answer),
        Value::Str(word) => Err(word.into()),
        other => panic!("{other:?}"),
    }
}

fn started(campaigns: Vec<Campaign>) -> Agent {
    let mut agent = Agent::new();
    tell(&mut agent, 0.0, 0, vec![program(campaigns), "unit".into(), Value::Null]).unwrap();
    tell(&mut agent, 7.0, 0, vec![Value::map([("purchases", 0.0.into())])]).unwrap();
    tell(&mut agent, 3.0, 0, vec![]).unwrap();
    agent
}

fn event(agent: &mut Agent, ms: i64, name: &str, props: Value) -> Vec<Value> {
    tell(agent, 2.0, ms, vec![name.into(), props, at(ms), false.into(), Value::Null]).unwrap()
}

fn product_page(agent: &mut Agent, ms: i64) -> Vec<Value> {
    let props = Value::map([("page_location", "https://shop.example/product/1".into())]);
    let page = Value::map([("path", "/product/1".into())]);
    tell(agent, 2.0, ms, vec!["page_view".into(), props, at(ms), false.into(), page]).unwrap()
}

/// What the module for `why` answers about an agent's snapshot.
fn why(agent: &mut Agent, ms: i64, campaigns: Vec<Campaign>) -> Vec<Value> {
    let answer = tell(agent, 13.0, ms, vec![]).unwrap();
    let snapshot = answer[1].as_list().unwrap()[1].clone();
    tell(&mut Agent::new(), 14.0, ms, vec![program(campaigns), "unit".into(), snapshot]).unwrap()
}

fn list(values: Vec<Value>) -> Value {
    Value::List(values)
}

#[test]
fn lingering_prefetches_records_and_shows() {
    let mut agent = started(vec![linger(0)]);
    // The next deadline is the prefetch, ten seconds before the time is up.
    assert_eq!(product_page(&mut agent, 0), vec![at(5_000)]);
    assert_eq!(
        tell(&mut agent, 12.0, 5_000, vec![]).unwrap(),
        vec![at(15_000), list(vec![3.0.into(), "coupon".into(), "c0ffee".into()])]
    );
    assert_eq!(
        tell(&mut agent, 12.0, 15_000, vec![]).unwrap(),
        vec![
            Value::Null,
            list(vec![0.0.into(), at(15_000), "linger".into(), "a".into(), 3.0.into()]),
            list(vec![1.0.into(), "linger".into(), "a".into(), "coupon".into(), "c0ffee".into(), "modal".into()]),
        ]
    );
    // A purchase takes it down again.
    assert_eq!(
        event(&mut agent, 16_000, "purchase", Value::Null).get(1),
        Some(&list(vec![2.0.into(), "linger".into()]))
    );
}

#[test]
fn control_is_recorded_and_shows_nothing() {
    let mut agent = started(vec![linger(10_000)]);
    product_page(&mut agent, 0);
    let answer = tell(&mut agent, 12.0, 15_000, vec![]).unwrap();
    assert_eq!(answer[1..], [list(vec![0.0.into(), at(15_000), "linger".into(), Value::Null, 3.0.into()])]);
}

#[test]
fn a_gate_that_stops_is_a_record() {
    let mut agent = started(vec![linger(0)]);
    tell(&mut agent, 9.0, 0, vec![list(vec!["analytics".into()])]).unwrap();
    product_page(&mut agent, 0);
    let answer = tell(&mut agent, 12.0, 15_000, vec![]).unwrap();
    assert_eq!(answer[1], list(vec![0.0.into(), at(15_000), "linger".into(), stopped_by(Gate::Consent)]));
}

/// What a decision became that a gate stopped.
fn stopped_by(gate: Gate) -> Value {
    f64::from(gate as u8).into()
}

#[test]
fn closed_here_or_in_another_tab_is_not_shown_again() {
    for op in [(10.0, vec!["linger".into(), 0.0.into()]), (11.0, vec!["linger".into(), 1.0.into(), at(16_000)])] {
        let mut agent = started(vec![linger(0)]);
        product_page(&mut agent, 0);
        assert_eq!(tell(&mut agent, 12.0, 15_000, vec![]).unwrap().len(), 3);
        tell(&mut agent, op.0, 16_000, op.1).unwrap();
        tell(&mut agent, 6.0, 17_000, vec![]).unwrap();
        product_page(&mut agent, 17_000);
        let answer = tell(&mut agent, 12.0, 40_000, vec![]).unwrap();
        assert_eq!(answer[1].as_list().unwrap()[3], stopped_by(Gate::Caps), "{answer:?}");
    }
}

#[test]
fn what_happened_elsewhere_counts_and_decides_nothing_here() {
    let mut campaign = linger(0);
    campaign.audience = None;
    campaign.leaves =
        vec![Leaf::Count { of: Occurs { event: "search".into(), cond: None }, at_least: 2, window: Window::Session }];
    let mut agent = started(vec![campaign]);
    product_page(&mut agent, 0);
    let elsewhere = vec!["search".into(), Value::Null, at(10), true.into(), Value::Null];
    assert_eq!(tell(&mut agent, 2.0, 10, elsewhere).unwrap(), vec![Value::Null]);
    assert_eq!(event(&mut agent, 20, "search", Value::Null).len(), 3);
}

#[test]
fn a_snapshot_carries_over_and_its_page_does_not() {
    let mut agent = started(vec![linger(0)]);
    product_page(&mut agent, 0);
    let answer = tell(&mut agent, 13.0, 3_000, vec![]).unwrap();
    let [Value::Num(5.0), snapshot @ Value::Bytes(_)] = answer[1].as_list().unwrap() else { panic!("{answer:?}") };

    // Another tab restores it ten minutes later: the time on a page that is not its own opens nothing there.
    let mut other = Agent::new();
    let answer =
        tell(&mut other, 0.0, 600_000, vec![program(vec![linger(0)]), "unit".into(), snapshot.clone()]).unwrap();
    assert_eq!(answer, vec![Value::Null]);
    assert_eq!(tell(&mut other, 12.0, 600_000, vec![]).unwrap(), vec![Value::Null]);
    let trace = why(&mut other, 600_000, vec![linger(0)]);
    let seen = trace[1].as_list().unwrap()[1].as_list().unwrap()[0].get("gates").unwrap().as_list().unwrap();
    let audience = seen.iter().find(|g| g.get("gate") == Some(&"audience".into())).unwrap();
    assert_eq!(audience.get("seen").unwrap().get("visitor.purchases"), Some(&0.0.into()));
}

#[test]
fn a_snapshot_or_program_of_another_version_is_named_and_survived() {
    let mut agent = Agent::new();
    let bytes = Value::Bytes(vec![255, 1, 2]);
    let answer = tell(&mut agent, 0.0, 0, vec![program(vec![linger(0)]), "unit".into(), bytes.clone()]).unwrap();
    assert_eq!(answer, vec![Value::Null, list(vec![7.0.into(), "snapshot".into()])]);
    assert_eq!(product_page(&mut agent, 0), vec![at(5_000)]);
    // What ran goes on running.
    let answer = tell(&mut agent, 1.0, 1, vec![bytes.clone()]).unwrap();
    assert_eq!(answer, vec![at(5_000), list(vec![7.0.into(), "program".into()])]);
    assert_eq!(
        tell(&mut agent, 0.0, 0, vec![bytes, "unit".into(), Value::Null]).unwrap(),
        vec![Value::Null, list(vec![7.0.into(), "program".into()])]
    );
}

#[test]
fn a_new_program_takes_effect() {
    let mut agent = started(vec![]);
    assert_eq!(product_page(&mut agent, 0), vec![Value::Null]);
    tell(&mut agent, 1.0, 1_000, vec![program(vec![linger(0)])]).unwrap();
    let trace = why(&mut agent, 1_000, vec![linger(0)]);
    let campaigns = trace[1].as_list().unwrap()[1].as_list().unwrap();
    assert_eq!(campaigns[0].get("campaign"), Some(&"linger".into()));
}

#[test]
fn what_is_not_a_message_is_refused_and_changes_nothing() {
    let mut agent = Agent::new();
    assert_eq!(tell(&mut agent, 12.0, 0, vec![]), Err("not_started".into()));
    let mut agent = started(vec![linger(0)]);
    product_page(&mut agent, 0);
    let cases: Vec<(f64, Vec<Value>)> = vec![
        (0.0, vec![]),
        (0.0, vec![1.0.into(), "unit".into(), Value::Null]),
        (1.0, vec![Value::Null]),
        (2.0, vec![5.0.into(), Value::Null, at(0), false.into(), Value::Null]),
        (2.0, vec!["a".into(), Value::Null, "soon".into(), false.into(), Value::Null]),
        (2.0, vec!["a".into(), Value::Null, f64::NAN.into(), false.into(), Value::Null]),
        (2.0, vec!["a".into(), Value::Null, at(0), 0.0.into(), Value::Null]),
        (2.0, vec!["a".into(), Value::Null, at(0), false.into()]),
        (8.0, vec![Value::Null]),
        (9.0, vec!["all".into()]),
        (9.0, vec![list(vec![1.0.into()])]),
        (10.0, vec!["linger".into(), 4.0.into()]),
        (11.0, vec!["linger".into(), 9.0.into(), at(0)]),
        (15.0, vec![]),
        (-1.0, vec![]),
    ];
    for (op, args) in cases {
        if op == -1.0 {
            // Saturates to 0, which wants arguments.
            assert_eq!(tell(&mut agent, op, 0, args), Err("invalid".into()));
            continue;
        }
        assert_eq!(tell(&mut agent, op, 0, args.clone()), Err("invalid".into()), "{op} {args:?}");
    }
    assert_eq!(packed::decode(&agent.step(b"\xff", &Plain)), Ok("malformed".into()));
    assert_eq!(packed::decode(&agent.step(&packed::encode(&Value::Null), &Plain)), Ok("invalid".into()));
    assert_eq!(tell(&mut agent, 12.0, 5_000, vec![]).unwrap().len(), 2);
}

/// A small generator (xorshift), so that a failure can be repeated.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut bytes = Vec::new();
    for _ in 0..len {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        bytes.push(x as u8);
    }
    bytes
}

#[test]
fn hostile_bytes_are_answered() {
    let mut agent = started(vec![linger(0)]);
    let real = packed::encode(&list(vec![
        2.0.into(),
        at(0),
        "page_view".into(),
        Value::Map(vec![]),
        at(0),
        false.into(),
        Value::Null,
    ]));
    let snapshot = match &tell(&mut agent, 13.0, 0, vec![]).unwrap()[1] {
        Value::List(parts) => parts[1].clone(),
        other => panic!("{other:?}"),
    };
    let start = packed::encode(&list(vec![0.0.into(), at(0), program(vec![linger(0)]), "unit".into(), snapshot]));
    for seed in 1..3_000 {
        for whole in [&real, &start] {
            let noise = noise(seed, 6);
            let mut bytes = whole.clone();
            for pair in noise.chunks(2) {
                let i = usize::from(pair[0]) * 7 % bytes.len();
                bytes[i] = pair[1];
            }
            let answer = packed::decode(&agent.step(&bytes, &Plain));
            assert!(matches!(answer, Ok(Value::List(_) | Value::Str(_))), "{bytes:?}");
        }
        agent.step(&noise(seed, seed as usize % 60), &Plain);
    }
}
