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
