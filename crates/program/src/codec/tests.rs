use super::*;

fn occurs(event: &str) -> Occurs {
    Occurs { event: event.into(), cond: Some(CondId(0)) }
}

/// One of everything.
fn sample() -> Program {
    let test = Test::All(vec![
        Test::Not(Box::new(Test::Eq("a".into()))),
        Test::Ne(1.0.into()),
        Test::Lt(1.0.into()),
        Test::Lte(1.0.into()),
        Test::Gt(1.0.into()),
        Test::Gte(1.5.into()),
        Test::In { list: vec![1.0.into()], fold: false },
        Test::In { list: vec!["A".into()], fold: true },
        Test::NotIn { list: vec![], fold: false },
        Test::NotIn { list: vec![Value::Null], fold: true },
        Test::AllOf { tests: vec![Test::Eq(true.into())] },
        Test::Regex { pattern: "^/p/".into(), fold: true },
        Test::Exists(true),
        Test::Exists(false),
        Test::Type("string".into()),
        Test::Size(Box::new(Test::Gt(2.0.into()))),
        Test::ElemTest(Box::new(Test::Never)),
        Test::ElemCond(Box::new(Cond::Unknown)),
        Test::Version { op: VersionOp::Gte, key: version_key("v1.2.3").clone() },
        Test::Unknown,
    ]);
    Program {
        compiled_at: Timestamp(1_760_000_000_000),
        valid_until: Timestamp(1_794_560_000_000),
        zones: vec![Zone { offsets: vec![(Timestamp(-5), 540), (Timestamp(7), -90)] }],
        conds: vec![Cond::Any(vec![
            Cond::All(vec![]),
            Cond::Not(Box::new(Cond::Attr { path: "visitor.visits".into(), test })),
        ])],
        campaigns: vec![Campaign {
            id: "linger".into(),
            phase: 0xdead_beef,
            fingerprint: 7,
            priority: 999,
            surface: Surface::Slot("hero".into()),
            consent: "marketing".into(),
            schedule: Some(Schedule {
                from: Some(Timestamp(1)),
                until: Some(Timestamp(-1)),
                zone: 0,
                weekly: vec![(0, 60), (600, 10_080)],
            }),
            audience: Some(CondId(0)),
            trigger: Node::All(vec![Node::Any(vec![Node::Leaf(0), Node::Leaf(1)]), Node::Not(Box::new(Node::Leaf(2)))]),
            leaves: vec![
                Leaf::Count { of: occurs("view_item"), at_least: 3, window: Window::Last(Duration::minutes(10)) },
                Leaf::Dwell {
                    page: Some(CondId(0)),
                    time: Duration::seconds(30),
                    clock: Clock::Active,
                    reach: Reach::Session,
                },
                Leaf::Absent { after: occurs("add_to_cart"), event: occurs("purchase"), time: Duration::minutes(15) },
                Leaf::Sum {
                    of: occurs("purchase"),
                    property: "value".into(),
                    at_least_cents: 500_000,
                    window: Window::Visitor,
                },
                Leaf::Distinct {
                    of: occurs("view_item"),
                    property: "items.0.item_id".into(),
                    at_least: 3,
                    window: Window::Session,
                },
                Leaf::Every { of: occurs("page_view"), times: 5, window: Window::Page },
                Leaf::Sequence {
                    steps: vec![occurs("view_item"), occurs("add_to_cart")],
                    within: Duration::minutes(30),
                    without: Some(occurs("purchase")),
                    order: Order::Next,
                    same: "items.0.item_id".into(),
                },
            ],
            cancel: vec![
                Cancel { of: occurs("purchase"), hold: Hold::Session },
                Cancel { of: occurs("refund"), hold: Hold::For(Duration::days(1)) },
            ],
            delay: Duration::seconds(5),
            wait: Duration::minutes(1),
            caps: Caps {
                again: vec![ShowAgain { after: Window::Session, since: CapEvent::Closed, any_campaign: true }],
                stop: vec![StopAfter {
                    times: 20,
                    of: CapEvent::Converted,
                    within: Window::Visitor,
                    any_campaign: false,
                }],
            },
            control_bps: 1_000,
            seed: "linger".into(),
            variants: vec![Variant {
                id: "a".into(),
                weight_bps: 10_000,
                kind: "popup".into(),
                content: "0123456789abcdef".into(),
            }],
            goal: Some(Goal { of: occurs("purchase"), within: Duration::days(7), value: "value".into() }),
        }],
        inert: vec![],
    }
}

use crate::cond::version_key;

#[test]
fn what_goes_in_comes_out() {
    assert_eq!(decode(&encode(&sample())), Ok(sample()));
    assert_eq!(decode(&encode(&Program::default())), Ok(Program::default()));
}

#[test]
fn no_damage_makes_it_panic() {
    let bytes = encode(&sample());
    for n in 0..bytes.len() {
        assert!(decode(&bytes[..n]).is_err(), "cut at {n}");
        for flip in [1u8, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[n] ^= flip;
            // Anything but a panic is right: a flipped byte inside a text is still a program.
            let _ = decode(&damaged);
        }
    }
}

#[test]
fn a_construct_from_the_future_leaves_its_campaign_inert_and_the_rest_working() {
    let mut program = sample();
    let mut second = program.campaigns[0].clone();
    second.id = "other".into();
    program.campaigns.push(second);
    let bytes = encode(&program);
    // Somewhere in the first campaign's record stands a tag that becomes one nobody knows yet.
    let mut found = None;
    for i in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[i] = 0x7e;
        if let Ok(p) = decode(&changed)
            && p.inert.len() == 1
            && p.campaigns.len() == 1
            && *p.inert[0] == *"linger"
            && *p.campaigns[0].id == *"other"
        {
            found = Some(i);
            break;
        }
    }
    assert!(found.is_some());
}

#[test]
fn an_index_that_points_nowhere_leaves_the_campaign_inert() {
    let mut program = sample();
    program.campaigns[0].trigger = Node::Leaf(9);
    let decoded = decode(&encode(&program)).unwrap();
    assert!(decoded.campaigns.is_empty());
    assert_eq!(decoded.inert.len(), 1);
}

#[test]
fn another_format_version_is_refused() {
    let mut bytes = encode(&sample());
    bytes[3] = 2;
    assert_eq!(decode(&bytes), Err(Malformed::Unknown));
    assert_eq!(decode(b""), Err(Malformed::Truncated));
}
