use super::testing::{by, site};
use super::*;
use crate::memory::Memory;

#[test]
fn an_unknown_site_is_unknown_and_asking_writes_nothing() {
    let sql = Memory::new();
    assert_eq!(load(&sql).unwrap(), None);
    assert_eq!(blob(&sql, "x").unwrap(), None);
    assert_eq!(versions(&sql), Err(Code::SiteUnknown.into()));
    assert_eq!(listed(&sql), Err(Code::SiteUnknown.into()));
    assert_eq!((wakes_at(&sql).unwrap(), ends::watched(&sql).unwrap()), (None, vec![]));
    assert!(!has_table(&sql, "settings").unwrap());
}

#[test]
fn a_new_site_asks_for_consent_and_settings_are_changed_one_by_one() {
    let sql = site();
    assert_eq!(load(&sql).unwrap().unwrap().consent, "ask");
    settle(&sql, "demo", &SettleSite { consent: Some("open".into()), ..SettleSite::default() }, &by()).unwrap();
    let doc = load(&sql).unwrap().unwrap();
    assert_eq!((doc.consent.as_str(), doc.origins.len()), ("open", 1));
    for (field, wrong) in [
        ("consent", SettleSite { consent: Some("maybe".into()), ..SettleSite::default() }),
        ("origins[1]", SettleSite { origins: Some(vec!["loopback".into(), "*".into()]), ..SettleSite::default() }),
        ("name", SettleSite { name: Some(String::new()), ..SettleSite::default() }),
    ] {
        let Err(Failure::Refused(problem)) = settle(&sql, "demo", &wrong, &by()) else { panic!("{field} was taken") };
        assert_eq!(problem.path.as_deref(), Some(field));
    }
}

#[test]
fn sessions_end_and_one_time_tokens_open_one() {
    use house::*;
    let sql = Memory::new();
    assert_eq!(who(&sql, "s", 0).unwrap(), None);
    assert!(open(&sql, "s1", "owner", Some("once"), 0).unwrap());
    assert!(!open(&sql, "s2", "thief", Some("once"), 0).unwrap());
    assert_eq!(who(&sql, "s1", 1).unwrap().as_deref(), Some("owner"));
    assert_eq!(who(&sql, "s2", 1).unwrap(), None);
    assert_eq!(who(&sql, "s1", noren_wire::bounds::SESSION_MS).unwrap(), None);
    assert!(open(&sql, "s3", "dev", None, 0).unwrap());
    close(&sql, "s3").unwrap();
    assert_eq!(who(&sql, "s3", 1).unwrap(), None);
    add_site(&sql, "b").unwrap();
    add_site(&sql, "a").unwrap();
    add_site(&sql, "b").unwrap();
    assert_eq!(sites(&sql).unwrap(), ["a", "b"]);
}

#[test]
fn a_site_weighs_its_visitors_its_own_way() {
    let sql = site();
    let weigh = |weights: Weights| SettleSite { weights: Some(weights), ..SettleSite::default() };
    assert_eq!(info(&load(&sql).unwrap().unwrap(), 0).weights, Weights::default());
    let own = Weights { half_life_days: 7.0, bands: vec![1.0, 2.0], ..Weights::default() };
    settle(&sql, "demo", &weigh(own.clone()), &by()).unwrap();
    for (field, wrong) in [
        ("weights.money", Weights { money: [1.0, 3.0, 2.0, 4.0], ..own.clone() }),
        ("weights.recency_days", Weights { recency_days: [f64::NAN; 4], ..own.clone() }),
        ("weights.bands", Weights { bands: (0..11).map(f64::from).collect(), ..own.clone() }),
        ("weights.half_life_days", Weights { half_life_days: 31.0, ..own.clone() }),
        ("weights.points", Weights { points: (0..17).map(|i| (format!("e{i}"), 1.0)).collect(), ..own.clone() }),
    ] {
        match settle(&sql, "demo", &weigh(wrong), &by()) {
            Err(Failure::Refused(problem)) => assert_eq!(problem.path.as_deref(), Some(field)),
            other => panic!("{field}: {other:?}"),
        }
    }
    assert_eq!(load(&sql).unwrap().unwrap().weights, own);
    let old: noren_wire::stored::SiteDoc = serde_json::from_str(
        r#"{"schema":1,"site":"s","name":"s","origins":[],"consent":"ask","version":0,"program":"","shards":4}"#,
    )
    .unwrap();
    assert_eq!(old.weights, Weights::default());
}

#[test]
fn a_browser_that_asks_not_to_be_followed_is_not_where_the_site_honours_it() {
    for (consent, signals, signalled, mode) in [
        ("open", "", true, "open"),
        ("open", "ignore", true, "open"),
        ("open", "off", false, "open"),
        ("open", "off", true, "off"),
        ("ask", "cookieless", true, "cookieless"),
        ("ask", "cookieless", false, "ask"),
        ("off", "cookieless", true, "off"),
        ("off", "ignore", false, "off"),
    ] {
        let doc = SiteDoc { consent: consent.into(), signals: signals.into(), ..SiteDoc::default() };
        assert_eq!(mode_for(&doc, signalled), mode, "{consent} {signals} {signalled}");
    }
}

#[test]
fn how_long_and_by_what_proof_is_checked_and_kept() {
    let sql = Memory::new();
    let ask = |change: &dyn Fn(&mut SettleSite)| {
        let mut asked = SettleSite::default();
        change(&mut asked);
        settle(&sql, "s", &asked, &by())
    };
    let keep = |events_days, profile_days| Some(Keep { events_days, profile_days });
    let path = |outcome: Result<SiteDoc>| outcome.unwrap_err().problem().path.unwrap();
    assert_eq!(path(ask(&|s| s.keep = keep(30, 400))), "keep.events_days");
    assert_eq!(path(ask(&|s| s.keep = keep(401, 500))), "keep.events_days");
    assert_eq!(path(ask(&|s| s.keep = keep(90, 89))), "keep.profile_days");
    assert_eq!(path(ask(&|s| s.keep = keep(90, 1_001))), "keep.profile_days");
    assert_eq!(path(ask(&|s| s.proof = Some("maybe".into()))), "proof");
    assert_eq!(path(ask(&|s| s.signals = Some("maybe".into()))), "signals");
    let names = |n: usize, chars: usize| Some((0..n).map(|i| format!("{i:0>chars$}")).collect::<Vec<_>>());
    assert_eq!(path(ask(&|s| s.sensitive = names(51, 3))), "sensitive");
    assert_eq!(path(ask(&|s| s.sensitive = names(2, 101))), "sensitive[0]");
    assert_eq!(path(ask(&|s| s.sensitive = Some(vec!["a".into(), String::new()]))), "sensitive[1]");
    assert_eq!(ask(&|s| s.sensitive = names(50, 100)).unwrap().sensitive.len(), 50);
    let twice = ask(&|s| s.sensitive = Some(vec!["持病".into(), "b".into(), "持病".into()])).unwrap();
    assert_eq!(info(&twice, 0).sensitive, ["b", "持病"]);
    assert_eq!(ask(&|_| ()).unwrap().sensitive.len(), 2, "left out, it stays");
    for (events, profile) in [(31, 31), (400, 1_000)] {
        assert_eq!(ask(&|s| s.keep = keep(events, profile)).unwrap().keep.profile_days, profile);
    }
    let doc = ask(&|s| s.proof = Some("mandatory".into())).unwrap();
    assert_eq!((doc.proof.as_str(), doc.proof_serial, doc.keep.events_days), ("mandatory", 1, 400));
    let look = |renew| renew_proof(&sql, &ProofRequest { renew }, &by()).unwrap();
    assert_eq!((look(false), look(true), look(false)), (1, 2, 2));
    let seen: Vec<_> = audit(&sql).unwrap().into_iter().take(3).map(|entry| entry.what).collect();
    assert_eq!(seen, ["secret 2 shown", "secret 2 renewed", "secret 1 shown"]);
}
