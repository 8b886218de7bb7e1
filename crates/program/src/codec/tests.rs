use super::*;
use crate::campaign::*;
use crate::cond::{Cond, CondId, Test, VersionOp};
use crate::image::{Image, Role};
use noren_event::packed::{self, Malformed};
use noren_event::{Duration, Timestamp, Value};

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
        Test::Version { op: VersionOp::Gte, key: "1-2-3-~".into() },
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
        paused: vec![],
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
                closed: vec![(29_000_000, 29_001_440), (29_010_000, 29_011_500)],
                open: vec![(29_002_000, 29_002_060)],
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
            places: vec![
                Place { why: PlaceKind::Holdout, seed: "__holdout".into(), from: 500, until: 10_000 },
                Place { why: PlaceKind::Exclusive, seed: "__test".into(), from: 0, until: 5_000 },
            ],
            group: 1,
            caps: Caps {
                again: vec![ShowAgain { after: Window::Session, since: CapEvent::Closed, whose: Whose::Others }],
                stop: vec![StopAfter {
                    times: 20,
                    of: CapEvent::Converted,
                    within: Window::Visitor,
                    whose: Whose::Any,
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
    }
}

#[test]
fn what_goes_in_comes_out() {
    let program = sample();
    let bytes = encode(&program);
    let back = decode(&bytes).unwrap();
    // "Not equal" and "none of" come back as the negations they are; all else as it went.
    assert_eq!(encode(&back), bytes);
    assert_eq!(back.campaigns, program.campaigns);
    assert_eq!(back.zones, program.zones);
    assert_eq!(decode(&encode(&Program::default())), Ok(Program::default()));
}

#[test]
fn an_image_finds_what_was_written() {
    let image = sample().image();
    assert_eq!(image.campaigns(), 1);
    assert_eq!(image.find(b"linger"), Some(0));
    assert_eq!(image.find(b"other"), None);
    let head = image.head(0);
    assert_eq!((head.phase, head.fingerprint, head.priority, head.control_bps), (0xdead_beef, 7, 999, 1_000));
    assert_eq!((image.text(head.surface), head.consent, head.seed), (&b"#hero"[..], &b"marketing"[..], &b"linger"[..]));
    assert_eq!((head.audience, head.delay, head.wait), (1, Duration::seconds(5), Duration::minutes(1)));
    let variant = image.variant_at(head.variants, 0).unwrap();
    assert_eq!((variant.id, variant.kind, variant.content), (&b"a"[..], &b"popup"[..], &b"0123456789abcdef"[..]));
    assert!(image.variant_at(head.variants, 1).is_none());
    let kinds: Vec<_> = image.leaves(0).map(|i| (image.leaf(i).kind, image.leaf(i).negated)).collect();
    let expected = [(kind::COUNT, false), (kind::DWELL, false), (kind::ABSENT, true), (kind::SUM, false)];
    assert_eq!(kinds[..4], expected);
    assert_eq!(image.page(&[]).map(|role| role.number).collect::<Vec<_>>(), [1, 5]);
    assert_eq!(image.active().collect::<Vec<_>>(), [0]);
}

#[test]
fn an_event_names_what_it_can_change_and_strict_sequences_hear_all() {
    let image = sample().image();
    let roles = |name: &str| -> Vec<(u8, u32)> {
        image.event(name.as_bytes(), &[]).1.map(|role| (role.what, role.number)).collect()
    };
    assert_eq!(
        roles("purchase"),
        [(Role::CANCEL, 0), (Role::LEAF, 2), (Role::LEAF, 3), (Role::LEAF, 6), (Role::GOAL, 0)]
    );
    assert_eq!(roles("refund"), [(Role::CANCEL, 1), (Role::LEAF, 6)]);
    assert_eq!(roles("view_item"), [(Role::LEAF, 0), (Role::LEAF, 4), (Role::LEAF, 6)]);
    assert_eq!(roles("nobody_listens"), [(Role::LEAF, 6)]);
    assert_eq!(image.text(image.event(b"refund", &[]).0), b"refund");
    assert_eq!(image.event(b"nobody_listens", &[]).0, crate::image::NO_TEXT);
}

/// Reads everything an image can be asked for.
fn read_all(image: &Image) {
    for c in 0..image.campaigns() + 1 {
        let head = image.head(c);
        image.variant_at(head.variants, 3);
        for i in image.leaves(c) {
            image.leaf(i);
        }
        image.find(image.id(c));
    }
    for name in [&b"purchase"[..], b"", b"\xff"] {
        assert!(image.event(name, image.bytes()).1.count() <= image.bytes().len());
    }
    assert!(image.session().chain(image.active()).count() <= image.bytes().len());
    for list in 0..8 {
        assert!(image.group(list).count() <= image.bytes().len());
    }
    image.cond(0);
    image.zone(0);
}

#[test]
fn no_damage_makes_it_panic() {
    let bytes = encode(&sample());
    for n in 0..bytes.len() {
        assert!(decode(&bytes[..n]).is_err(), "cut at {n}");
        assert!(Image::load(bytes[..n].into()).is_err(), "cut at {n}");
        for flip in [1u8, 0x80, 0xff] {
            let mut damaged = bytes.clone();
            damaged[n] ^= flip;
            // Anything but a panic is right: a flipped byte inside a text is still a program.
            let _ = decode(&damaged);
            if let Ok(image) = Image::load(damaged) {
                read_all(&image);
            }
        }
    }
}

#[test]
fn a_campaign_of_a_higher_level_is_inert_and_the_rest_works() {
    let mut program = sample();
    let mut second = program.campaigns[0].clone();
    second.id = "other".into();
    program.campaigns.push(second);
    let bytes = encode(&program);
    // The level stands behind the id at the start of the first campaign's record: the one place whose change does only this.
    let mut found = 0;
    for i in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[i] = LEVEL + 1;
        if bytes[i] != LEVEL || decode(&changed).is_ok_and(|p| p.campaigns.len() != 1) {
            continue;
        }
        let Ok(image) = Image::load(changed) else { continue };
        if image.is_inert(0) && !image.is_inert(1) {
            found += 1;
            assert_eq!(image.id(0), b"linger");
            assert!(image.leaves(0).is_empty());
            assert!(image.event(b"purchase", &[]).1.all(|role| role.campaign == 1));
            assert!(image.page(&[]).all(|role| role.campaign == 1));
        }
    }
    assert_eq!(found, 1);
}

#[test]
fn paused_campaigns_are_ids_and_nothing_else() {
    let mut program = sample();
    let plain = program.image();
    let mut second = program.campaigns[0].clone();
    (second.id, second.group) = ("other".into(), 1);
    program.campaigns.push(second);
    program.paused = vec!["easter".into(), "nights".into(), "summer".into()];
    let bytes = encode(&program);
    let back = decode(&bytes).unwrap();
    assert_eq!((&back.paused, &back.campaigns), (&program.paused, &program.campaigns));
    assert_eq!(encode(&back), bytes);
    let image = Image::load(bytes).unwrap();
    let ids: Vec<_> = (0..image.campaigns()).map(|c| (image.id(c), image.is_inert(c), image.is_paused(c))).collect();
    let expected = [("easter", true), ("linger", false), ("nights", true), ("other", false), ("summer", true)];
    assert_eq!(ids, expected.map(|(id, paused)| (id.as_bytes(), paused, paused)));
    for (c, (id, ..)) in (0..).zip(&ids) {
        assert_eq!(image.find(id), Some(c));
    }
    // The lists name the live ones by the same numbers.
    assert_eq!(image.group(u32::from(encode::FIRST_GROUP)).collect::<Vec<_>>(), [1, 3]);
    assert_eq!(image.active().collect::<Vec<_>>(), [1, 3]);
    let roles =
        |image: &Image| image.event(b"purchase", &[]).1.map(|r| (r.campaign, r.what, r.number)).collect::<Vec<_>>();
    let of_first: Vec<_> = roles(&image).into_iter().filter(|(c, ..)| *c == 1).map(|(_, w, n)| (0, w, n)).collect();
    assert_eq!(of_first, roles(&plain));
}

#[test]
fn another_format_version_is_refused() {
    let mut bytes = encode(&sample());
    bytes[3] = 1;
    assert_eq!(decode(&bytes), Err(Malformed::Unknown));
    assert_eq!(Image::load(bytes).err(), Some(Malformed::Unknown));
    assert_eq!(decode(b""), Err(Malformed::Truncated));
    assert_eq!(Image::load(Vec::new()).err(), Some(Malformed::Truncated));
}

#[test]
fn only_campaigns_that_use_newer_constructs_ask_for_a_newer_reader() {
    let newest = sample().campaigns.remove(0);
    let schedule = Schedule { closed: vec![], open: vec![], ..newest.schedule.clone().unwrap() };
    let first = Campaign { schedule: Some(schedule), places: vec![], caps: Caps::default(), ..newest.clone() };
    assert_eq!(encode::level(&first), 1, "a group alone is nothing that a reader must know");
    assert_eq!(encode::level(&Campaign { schedule: newest.schedule.clone(), ..first.clone() }), LEVEL);
    assert_eq!(encode::level(&Campaign { places: newest.places.clone(), ..first.clone() }), LEVEL);
    assert_eq!(encode::level(&Campaign { caps: newest.caps.clone(), ..first }), LEVEL);
}

#[test]
fn leaves_that_ask_for_a_value_are_found_by_it() {
    let mut program = sample();
    let attr = |path: &str, test| Cond::Attr { path: path.into(), test };
    program.conds = vec![
        Cond::All(vec![
            attr("event.category", Test::In { list: vec!["tea".into(), "rice".into(), 5.0.into()], fold: false }),
            attr("event.kind", Test::All(vec![Test::Exists(true), Test::Eq("green".into())])),
        ]),
        attr("event.category", Test::In { list: vec!["tea".into(), "miso".into()], fold: false }),
        attr("page.type", Test::Eq("product".into())),
        // Zero has two forms, a list is no plain value, and ignoring case is more than the same bytes.
        attr("event.category", Test::Eq(0.0.into())),
        attr("event.category", Test::In { list: vec!["tea".into()], fold: true }),
    ];
    let count = |cond| Leaf::Count {
        of: Occurs { event: "view".into(), cond: Some(CondId(cond)) },
        at_least: 1,
        window: Window::Session,
    };
    let dwell =
        Leaf::Dwell { page: Some(CondId(2)), time: Duration::seconds(1), clock: Clock::Wall, reach: Reach::Page };
    program.campaigns[0].leaves = vec![count(0), count(1), dwell, count(3), count(4)];
    program.campaigns[0].audience = None;
    program.campaigns[0].cancel.clear();
    program.campaigns[0].goal = None;
    let image = program.image();
    let found = |props: &Value| -> Vec<u32> {
        image.event(b"view", &packed::encode(props)).1.map(|role| role.number).collect()
    };
    let of = |category: Value, kind: &str| Value::map([("category", category), ("kind", kind.into())]);
    assert_eq!(found(&of("tea".into(), "green")), [3, 4, 1, 0]);
    assert_eq!(found(&of("tea".into(), "black")), [3, 4, 1]);
    assert_eq!(found(&of("soy".into(), "green")), [3, 4, 0]);
    assert_eq!(found(&of("soy".into(), "black")), [3, 4]);
    assert_eq!(found(&of(Value::List(vec!["miso".into()]), "black")), [3, 4, 1]);
    assert_eq!(found(&Value::Null), [3, 4]);
    let pages = |kind: &str| image.page(&packed::encode(&Value::map([("type", kind.into())]))).count();
    assert_eq!((pages("product"), pages("cart")), (1, 0));
}
