use super::velocity::Velocity;
use super::*;
use crate::Failure;
use crate::memory::Memory;
use crate::outbox::due as owed;
use noren_wire::coupon::{CouponAnswer, PoolRate, RedeemAnswer};
use noren_wire::inner::{PoolClaim, PoolRedeem};
use std::collections::BTreeSet;

const SECRET: &str = "secret";

fn terms() -> Terms {
    Terms { kind: "amount".into(), value: 500.0, minimum: 3000.0, currency: "JPY".into() }
}

/// How a pool of tests begins: codes are held for a second.
fn settings() -> PoolFill {
    PoolFill {
        site: "demo".into(),
        pool: "tea".into(),
        terms: Some(terms()),
        expires_after_ms: Some(1_000),
        low: Some(0),
        ..PoolFill::default()
    }
}

fn filled(with: PoolFill) -> Memory {
    let sql = Memory::new();
    fill(&sql, &with, SECRET).unwrap();
    sql
}

fn imported(codes: usize) -> PoolFill {
    PoolFill { codes: (0..codes).map(|i| format!("TEA-{i}")).collect(), ..settings() }
}

fn pool(codes: usize) -> Memory {
    filled(imported(codes))
}

fn claim_of(visitor: &str, now: i64) -> PoolClaim {
    PoolClaim { now, visitor: visitor.into(), campaign: "c".into(), ..PoolClaim::default() }
}

/// A code, or the word of a refusal.
fn ask(sql: &Memory, visitor: &str, now: i64) -> core::result::Result<String, String> {
    match claim(sql, &claim_of(visitor, now), &mut Velocity::default(), SECRET).unwrap() {
        CouponAnswer::Held { code, .. } => Ok(code),
        CouponAnswer::Refused { code, .. } => Err(code),
    }
}

fn deed(code: &str, order: &str, now: i64) -> PoolRedeem {
    PoolRedeem {
        now,
        by: "shop".into(),
        code: code.into(),
        order: order.into(),
        total: Some(5_000.0),
        ..PoolRedeem::default()
    }
}

fn said(answer: Option<RedeemAnswer>) -> String {
    match answer {
        None => "not here".into(),
        Some(RedeemAnswer::Good { .. }) => "ok".into(),
        Some(RedeemAnswer::Refused { code, .. }) => code,
    }
}

fn use_it(sql: &Memory, code: &str, order: &str, now: i64) -> String {
    said(redeem(sql, &deed(code, order, now)).unwrap())
}

fn counts(sql: &Memory) -> (u64, u64, u64, u64) {
    let state = state(sql).unwrap().unwrap();
    (state.stock, state.claimed, state.redeemed, state.lapsed)
}

#[test]
fn a_stock_of_n_serves_exactly_n_and_the_same_visitor_the_same_code() {
    let sql = pool(100);
    let mut given = BTreeSet::new();
    for i in 0..300 {
        let visitor = format!("v{i}");
        let code = ask(&sql, &visitor, 0);
        assert_eq!(ask(&sql, &visitor, 1), code, "asked twice");
        given.extend(code);
    }
    assert_eq!(given.len(), 100);
    assert_eq!(counts(&sql), (0, 100, 0, 0));
    assert_eq!(ask(&Memory::new(), "a", 0), Err("pool_unknown".into()));
}

#[test]
fn a_lapsed_code_returns_and_a_redeemed_one_does_not() {
    let sql = pool(2);
    let (a, b) = (ask(&sql, "a", 0).unwrap(), ask(&sql, "b", 0).unwrap());
    assert_eq!(use_it(&sql, &a, "order", 500), "ok");
    assert_eq!(ask(&sql, "c", 999), Err("pool_empty".into()));
    assert_eq!(ask(&sql, "c", 1_000), Ok(b.clone()));
    assert_eq!(ask(&sql, "d", 1_500), Err("pool_empty".into()));
    assert_eq!(ask(&sql, "a", 5_000), Ok(a), "what was used is still shown to who used it");
    assert_eq!(use_it(&sql, &b, "order 2", 1_999), "ok");
}

#[test]
fn what_lapsed_goes_back_by_itself_when_its_time_has_come() {
    let sql = pool(3);
    for (visitor, now) in [("a", 0), ("b", 10), ("c", 20)] {
        ask(&sql, visitor, now).unwrap();
    }
    assert_eq!(due(&sql, 500).unwrap(), Some(1_000));
    assert_eq!(lapse::sweep(&sql, SECRET, 999).unwrap(), 0);
    assert_eq!(lapse::sweep(&sql, SECRET, 1_010).unwrap(), 2);
    assert_eq!((counts(&sql), due(&sql, 1_010).unwrap()), ((2, 1, 0, 0), Some(1_020)));
    assert_eq!(use_it(&sql, "TEA-0", "T", 1_010), "coupon_expired", "nobody holds it now");
    assert_eq!(lapse::sweep(&sql, SECRET, 1_010).unwrap(), 0, "twice is as once");
    assert_eq!(lapse::sweep(&sql, SECRET, 9_000).unwrap(), 1);
    assert_eq!(due(&sql, 9_000).unwrap(), None);
}

#[test]
fn a_returned_code_is_never_good_for_who_let_it_lapse() {
    let by = |code: &str, visitor: &str, order: &str, now: i64| PoolRedeem {
        visitors: vec![visitor.into()],
        ..deed(code, order, now)
    };
    let redeem = |sql: &Memory, asked: &PoolRedeem| said(redeem(sql, asked).unwrap());

    // Bound: it is the next holder's alone.
    let sql = filled(PoolFill { bound: Some(true), ..imported(1) });
    assert_eq!((ask(&sql, "a", 0), ask(&sql, "b", 1_000)), (Ok("TEA-0".into()), Ok("TEA-0".into())));
    assert_eq!(redeem(&sql, &deed("TEA-0", "T", 1_001)), "visitor_needed");
    assert_eq!(redeem(&sql, &by("TEA-0", "a", "T", 1_001)), "coupon_not_yours");
    assert_eq!(redeem(&sql, &by("TEA-0", "b", "T", 1_001)), "ok");
    assert_eq!(redeem(&sql, &by("TEA-0", "a", "T", 1_002)), "coupon_not_yours", "nor is the order told to them");

    // Open and made here: another code takes its place.
    let generate = Generate { count: 1, prefix: "TEA-".into(), length: None };
    let sql = filled(PoolFill { generate: Some(generate.clone()), ..settings() });
    let first = ask(&sql, "a", 0).unwrap();
    let second = ask(&sql, "b", 1_000).unwrap();
    assert_ne!(first, second);
    assert!(second.starts_with("TEA-") && second.len() == 12);
    assert_eq!(redeem(&sql, &deed(&first, "T", 1_001)), "coupon_expired");
    assert_eq!(redeem(&sql, &deed(&second, "T", 1_001)), "ok");
    assert_eq!(counts(&sql), (0, 0, 1, 1));
    assert_ne!(ask(&sql, "a", 1_002), Ok(first), "not by asking again either");

    // The same where the code is the visitor's own, lapsed, and asked for again.
    let sql = filled(PoolFill { generate: Some(generate), ..settings() });
    let first = ask(&sql, "a", 0).unwrap();
    let second = ask(&sql, "a", 1_000).unwrap();
    assert_eq!((first == second, redeem(&sql, &deed(&first, "T", 1_001))), (false, "coupon_expired".into()));

    // Open and imported: refused where the shop says who it is.
    let sql = pool(1);
    assert_eq!((ask(&sql, "a", 0), ask(&sql, "b", 1_000)), (Ok("TEA-0".into()), Ok("TEA-0".into())));
    assert_eq!(redeem(&sql, &by("TEA-0", "a", "T", 1_001)), "coupon_expired");
    assert_eq!(redeem(&sql, &by("TEA-0", "friend of b", "T", 1_001)), "ok");
}

#[test]
fn a_code_is_redeemed_once_and_the_same_order_may_ask_again() {
    let sql = pool(2);
    let code = ask(&sql, "a", 0).unwrap();
    for (order, now, expected) in
        [("", 1, "ok"), ("T1", 2, "ok"), ("T1", 9_000, "ok"), ("T2", 3, "coupon_used"), ("", 3, "coupon_used")]
    {
        assert_eq!(use_it(&sql, &code, order, now), expected, "order {order:?}");
    }
    assert_eq!(
        redeem(&sql, &deed(&code, "T2", 9)).unwrap(),
        Some(RedeemAnswer::Refused {
            ok: false,
            code: "coupon_used".into(),
            at: Some(2),
            order: Some("T1".into()),
            terms: None
        })
    );
    assert_eq!(use_it(&sql, "TEA-1", "T3", 4), "coupon_unknown", "never shown to anybody");
    assert_eq!(use_it(&sql, "NOPE", "T3", 4), "not here");
    let late = ask(&sql, "b", 10).unwrap();
    assert_eq!(use_it(&sql, &late, "T4", 1_010), "coupon_expired");
    for (total, currency, expected) in [(2_999.0, "", "minimum"), (3_000.0, "USD", "currency"), (3_000.0, "JPY", "ok")]
    {
        let asked = PoolRedeem { total: Some(total), currency: currency.into(), ..deed(&late, "", 20) };
        assert_eq!(said(redeem(&sql, &asked).unwrap()), expected);
    }
}

#[test]
fn a_key_answers_as_it_did_and_is_for_one_thing() {
    let sql = pool(2);
    let code = ask(&sql, "a", 0).unwrap();
    let other = ask(&sql, "b", 0).unwrap();
    let with = |key: &str, code: &str, order: &str, now| PoolRedeem { key: key.into(), ..deed(code, order, now) };
    assert_eq!(said(redeem(&sql, &PoolRedeem { total: Some(1.0), ..with("k1", &code, "T1", 1) }).unwrap()), "minimum");
    assert_eq!(said(redeem(&sql, &with("k1", &code, "T1", 1)).unwrap()), "ok", "a refusal is judged anew");
    assert_eq!(said(release(&sql, &with("k2", &code, "T1", 2)).unwrap()), "ok");
    // The first request again, late: answered as it was, and the code stays released.
    assert_eq!(said(redeem(&sql, &with("k1", &code, "T1", 3)).unwrap()), "ok");
    assert_eq!(use_it(&sql, &code, "", 4), "ok");
    assert_eq!(said(redeem(&sql, &with("k1", &code, "T2", 5)).unwrap()), "key_reused");
    assert_eq!(said(redeem(&sql, &with("k1", &other, "T1", 5)).unwrap()), "key_reused");
    assert_eq!(said(release(&sql, &with("k1", &code, "T1", 5)).unwrap()), "key_reused");
    // Every deed once, and only deeds, for the audit.
    let audit: Vec<String> = owed(&sql)
        .unwrap()
        .into_iter()
        .map(|row| match row.owed {
            Owed::Deed { action, what, by, .. } => format!("{by}: {action} {what}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(audit, [format!("shop: redeem {code} T1 (tea)"), format!("shop: release {code} T1 (tea)")]);
    // A month later the key is forgotten.
    lapse::sweep(&sql, SECRET, noren_wire::bounds::IDEMPOTENCY_MS + 10).unwrap();
    assert_eq!(sql.exec("SELECT COUNT(*) FROM deed", &[]).unwrap()[0].int(0), 0);
}

#[test]
fn a_release_gives_back_to_who_held_it_for_as_long_as_it_held() {
    let sql = pool(2);
    let code = ask(&sql, "a", 0).unwrap();
    let release = |code: &str, order: &str, now| said(release(&sql, &deed(code, order, now)).unwrap());
    assert_eq!(release(&code, "T1", 1), "coupon_not_used");
    assert_eq!(use_it(&sql, &code, "T1", 1), "ok");
    assert_eq!(release(&code, "T2", 2), "order_other");
    assert_eq!((release(&code, "T1", 2), release(&code, "T1", 3)), ("ok".into(), "ok".into()));
    assert_eq!(ask(&sql, "a", 4), Ok(code.clone()));
    assert_eq!(use_it(&sql, &code, "T3", 5), "ok", "another order may use it");
    assert_eq!(release(&code, "T3", 2_000), "ok");
    assert_eq!(use_it(&sql, &code, "T4", 2_000), "coupon_expired", "it does not hold for longer");
    assert_eq!(lapse::sweep(&sql, SECRET, 2_000).unwrap(), 1);
    assert_eq!((release("TEA-1", "T", 1), release("NOPE", "T", 1)), ("coupon_unknown".into(), "not here".into()));
}

#[test]
fn a_pool_that_is_over_or_closed_keeps_its_word() {
    let sql = filled(PoolFill { until: Some(1_500), ..imported(3) });
    let code = ask(&sql, "a", 1_000).unwrap();
    assert_eq!(use_it(&sql, &code, "", 1_499), "ok");
    assert_eq!(use_it(&sql, &code, "", 1_500), "coupon_expired", "no longer than the pool");
    assert_eq!(ask(&sql, "b", 1_499).as_deref(), Ok("TEA-1"));
    assert_eq!(ask(&sql, "c", 1_500), Err("pool_closed".into()));

    let sql = pool(2);
    let code = ask(&sql, "a", 0).unwrap();
    fill(
        &sql,
        &PoolFill { site: "demo".into(), pool: "tea".into(), closed: Some(true), ..PoolFill::default() },
        SECRET,
    )
    .unwrap();
    assert_eq!(ask(&sql, "b", 1), Err("pool_closed".into()));
    assert_eq!((ask(&sql, "a", 1), use_it(&sql, &code, "T", 2)), (Ok(code), "ok".into()));
    assert!(state(&sql).unwrap().unwrap().closed);
}

#[test]
fn too_fast_is_refused_with_the_time_to_wait_and_costs_no_code() {
    let rate = PoolRate { device: 1, person: 0, network: 2, minute: 0 };
    let sql = filled(PoolFill { rate: Some(rate), ..imported(9) });
    let mut velocity = Velocity::default();
    let mut ask = |visitor: &str, campaign: &str, now: i64| {
        let claim_of = PoolClaim { campaign: campaign.into(), network: "n".into(), ..claim_of(visitor, now) };
        claim(&sql, &claim_of, &mut velocity, SECRET)
    };
    assert!(ask("a", "c", 0).is_ok());
    let Err(Failure::Refused(problem)) = ask("a", "d", 1_000) else { panic!("a second campaign's") };
    assert_eq!((problem.code, problem.retry_after), (Code::TooManyRequests, Some(86_399)));
    assert!(matches!(ask("a", "c", 999), Ok(CouponAnswer::Held { .. })), "what is held is shown as often as you like");
    assert!(ask("b", "c", 2_000).is_ok());
    assert!(ask("c", "c", 2_000).is_err());
    let state = state(&sql).unwrap().unwrap();
    assert_eq!(state.stock + state.claimed, 9);
}

#[test]
fn low_stock_is_said_once_until_it_is_filled_again() {
    let sql = filled(PoolFill { low: Some(2), ..imported(4) });
    let said = || owed(&sql).unwrap().into_iter().map(|row| (row.to.kind, row.to.id)).collect::<Vec<_>>();
    ask(&sql, "a", 0).unwrap();
    assert_eq!(said(), []);
    ask(&sql, "b", 0).unwrap();
    let once = [("shard".to_string(), "0".to_string()), ("site".to_string(), String::new())];
    assert_eq!(said(), once);
    ask(&sql, "c", 0).unwrap();
    assert_eq!(said(), once);
    assert!(state(&sql).unwrap().unwrap().is_low);
    let more = PoolFill { codes: vec!["X".into(), "Y".into(), "Z".into()], terms: None, ..settings() };
    assert!(!fill(&sql, &PoolFill { low: None, ..more }, SECRET).unwrap().is_low);
    ask(&sql, "d", 0).unwrap();
    ask(&sql, "e", 0).unwrap();
    assert_eq!(said().len(), 4);
}

#[test]
fn a_failure_at_any_statement_loses_no_code() {
    for at in 0..14 {
        let sql = pool(1);
        sql.fail_in.set(Some(at));
        let _ = claim(&sql, &claim_of("v", 0), &mut Velocity::default(), SECRET);
        sql.fail_in.set(None);
        assert_eq!(ask(&sql, "v", 0), Ok("TEA-0".into()), "statement {at}");
        assert_eq!(counts(&sql), (0, 1, 0, 0));

        sql.fail_in.set(Some(at));
        let redeemed = redeem(&sql, &PoolRedeem { key: "k".into(), ..deed("TEA-0", "T", 1) });
        sql.fail_in.set(None);
        assert_eq!(owed(&sql).unwrap().len(), usize::from(counts(&sql).2 == 1), "used and noted, or neither");
        assert!(redeemed.is_err() || counts(&sql).2 == 1);
        assert_eq!(said(redeem(&sql, &PoolRedeem { key: "k".into(), ..deed("TEA-0", "T", 1) }).unwrap()), "ok");
        assert_eq!(owed(&sql).unwrap().len(), 1);
    }
}

#[test]
fn filling_again_adds_says_what_was_there_and_changes_nothing_given() {
    let sql = pool(1);
    let code = ask(&sql, "a", 0);
    let again = |codes: &[&str]| PoolFill {
        codes: codes.iter().map(|code| (*code).into()).collect(),
        terms: None,
        expires_after_ms: None,
        low: None,
        ..settings()
    };
    let answer = fill(&sql, &again(&["TEA-0", "NEW", "<b>", "NEW"]), SECRET).unwrap();
    assert_eq!((answer.added, answer.duplicates, answer.stock, answer.claimed), (2, vec![1, 4], 2, 1));
    assert_eq!((answer.terms, answer.expires_after_ms), (terms(), 1_000));
    assert_eq!(ask(&sql, "a", 1), code);
    let wrong = |fill_with: &PoolFill| match fill(&sql, fill_with, SECRET) {
        Err(Failure::Refused(problem)) => problem.path.unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    for bad in ["", " A", "a\u{7}b"] {
        assert_eq!(wrong(&again(&["OK", bad])), "codes[1]", "{bad:?}");
    }
    let generate = |count, prefix: &str, length| PoolFill {
        generate: Some(Generate { count, prefix: prefix.into(), length }),
        ..again(&[])
    };
    for (fill_with, path) in [
        (generate(10_001, "", None), "generate.count"),
        (generate(1, &"あ".repeat(25), None), "generate.prefix"),
        (generate(1, "", Some(7)), "generate.length"),
        (generate(1, "", Some(25)), "generate.length"),
        (PoolFill { until: Some(-1), ..again(&[]) }, "until"),
        (PoolFill { low: Some(1_001), ..again(&[]) }, "low"),
        (PoolFill { expires_after_ms: Some(0), ..again(&[]) }, "expires_after"),
    ] {
        assert_eq!(wrong(&fill_with), path);
    }
    assert_eq!(counts(&sql), (2, 1, 0, 0), "nothing of a refused request stays");
    let no_terms = PoolFill { terms: None, ..settings() };
    assert!(
        matches!(fill(&Memory::new(), &no_terms, SECRET), Err(Failure::Refused(p)) if p.path.as_deref() == Some("terms"))
    );
}

#[test]
fn a_pool_holds_a_hundred_thousand_codes_brought_in_steps() {
    let sql = filled(settings());
    for step in 0..10 {
        let codes = (0..10_000).map(|i| format!("C{step}-{i}")).collect();
        assert_eq!(fill(&sql, &PoolFill { codes, ..settings() }, SECRET).unwrap().added, 10_000);
    }
    let more = PoolFill { codes: vec!["ONE-MORE".into()], ..settings() };
    assert!(matches!(fill(&sql, &more, SECRET), Err(Failure::Refused(p)) if p.path.as_deref() == Some("codes")));
    assert_eq!(counts(&sql).0, 100_000);
    let (mut seen, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page = codes(&sql, &after).unwrap();
        assert!(page.codes.len() <= 5_000);
        seen.extend(page.codes.into_iter().map(|code| code.code));
        if page.next.is_empty() {
            break;
        }
        after = page.next;
    }
    assert_eq!(seen.len(), 100_000);
}

/// A pool as the first schema wrote it.
const FIRST: &str = "CREATE TABLE settings (id INTEGER PRIMARY KEY CHECK (id = 0), terms TEXT NOT NULL, expires_after INTEGER NOT NULL);
 CREATE TABLE code (code TEXT PRIMARY KEY, state INTEGER NOT NULL, visitor TEXT NOT NULL, campaign TEXT NOT NULL, expires INTEGER NOT NULL, ordered TEXT NOT NULL) WITHOUT ROWID;
 CREATE TABLE free (n INTEGER PRIMARY KEY, code TEXT NOT NULL);
 CREATE TABLE claim (visitor TEXT NOT NULL, campaign TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (visitor, campaign)) WITHOUT ROWID;
 INSERT INTO settings VALUES (0, '{\"minimum\":3000.0,\"kind\":\"amount\",\"value\":500.0,\"currency\":\"JPY\"}', 1000);
 INSERT INTO code VALUES ('A', 1, 'a', 'c', 1000, ''), ('B', 2, 'b', 'c', 1000, 'T'), ('C', 0, '', '', 0, '');
 INSERT INTO claim VALUES ('a', 'c', 'A'), ('b', 'c', 'B');
 INSERT INTO free VALUES (3, 'C');";

#[test]
fn a_pool_of_the_first_schema_goes_on_with_all_it_had() {
    for at in 0..16 {
        let sql = Memory::new();
        sql.run(FIRST);
        sql.fail_in.set(Some(at));
        let _ = crate::schema::open(&sql, &KIND);
        sql.fail_in.set(None);
        crate::schema::open(&sql, &KIND).unwrap();
        assert_eq!(counts(&sql), (1, 1, 1, 0), "interrupted at {at}");
        assert_eq!((ask(&sql, "a", 500), ask(&sql, "b", 5_000)), (Ok("A".into()), Ok("B".into())));
        assert_eq!((use_it(&sql, "B", "T", 1), use_it(&sql, "A", "U", 1)), ("ok".into(), "ok".into()));
        assert_eq!(ask(&sql, "d", 2_000), Ok("C".into()));
        assert_eq!(fill(&sql, &PoolFill { terms: None, ..imported(1) }, SECRET).unwrap().terms, terms());
    }
}
