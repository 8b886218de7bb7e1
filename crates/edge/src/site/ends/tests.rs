use super::super::publish::{Change, publish};
use super::super::testing::{NOON, Room, asked, campaign, ids, put, site};
use super::super::{audit, blob, listed, wakes_at};
use super::*;
use crate::memory::Memory;
use crate::wants::Wants;
use serde_json::{Value as Json, json};

fn total(id: &str, shows: u64, conversions: u64) -> Total {
    Total { campaign: id.into(), shows, conversions }
}

fn ending(id: &str, stop: Json) -> Json {
    campaign(id, json!({ "stop": stop }))
}

fn running(sql: &Memory) -> Vec<String> {
    ids(&blob(sql, &load(sql).unwrap().unwrap().program).unwrap().unwrap())
}

const MINUTE: i64 = 60_000;

#[test]
fn a_campaign_that_reaches_its_total_leaves_the_program_and_is_said_to_be_over() {
    let sql = site();
    put(&sql, &[ending("a", json!({"shows": 1_000, "conversions": 50})), campaign("b", json!({}))]).unwrap();
    assert_eq!((watched(&sql).unwrap(), wakes_at(&sql).unwrap()), (vec!["a".to_string()], Some(NOON)));
    count(&sql, &Room, &[total("a", 999, 49)], NOON + 1).unwrap();
    assert_eq!((running(&sql), wakes_at(&sql).unwrap()), (vec!["a".into(), "b".into()], Some(NOON + 1 + MINUTE)));
    assert!(stopped(&sql).unwrap().is_empty());

    let at = NOON + 1 + MINUTE;
    count(&sql, &Room, &[total("a", 1_003, 49)], at).unwrap();
    assert_eq!((running(&sql), wakes_at(&sql).unwrap()), (vec!["b".into()], None), "nothing is left to watch");
    let listed = listed(&sql).unwrap();
    assert_eq!((listed.set.version, listed.set.documents.len()), (1, 2), "its document stays as it was written");
    let over = Stopped { at, why: "shows".into(), limit: Some(1_000), total: Some(1_003) };
    assert_eq!(listed.stopped, BTreeMap::from([("a".to_string(), over)]));
    let entry = audit(&sql).unwrap().remove(0);
    assert_eq!((entry.by.as_str(), entry.action.as_str(), entry.what.as_str()), ("noren", "stop", "a at 1000 shows"));
    assert_eq!(entry.at, at);

    let doc = load(&sql).unwrap().unwrap();
    let wants = |hash: &str| Wants::of(&blob(&sql, hash).unwrap().unwrap()).unwrap();
    let counts =
        |wants: &Wants, campaign: &str| crate::goals::Goals::unpack(&wants.goals).unwrap().within(campaign).is_some();
    let counted = ["a", "b"].map(|id| (counts(&wants(&doc.program), id), counts(&wants(&doc.counted), id)));
    assert_eq!(counted, [(false, true), (true, true)], "what follows is still counted");
}

#[test]
fn conversions_stop_too_and_two_are_watched_independently() {
    let sql = site();
    put(&sql, &[ending("a", json!({"conversions": 5})), ending("b", json!({"shows": 5}))]).unwrap();
    count(&sql, &Room, &[total("a", 10, 5), total("b", 4, 90)], NOON).unwrap();
    assert_eq!((running(&sql), watched(&sql).unwrap()), (vec!["b".to_string()], vec!["b".to_string()]));
    assert_eq!(stopped(&sql).unwrap()["a"].why, "conversions");
    let first = stopped(&sql).unwrap();
    count(&sql, &Room, &[total("b", 5, 90)], NOON + MINUTE).unwrap();
    assert_eq!(running(&sql), [""; 0]);
    assert_eq!(stopped(&sql).unwrap()["a"], first["a"], "since when stays");
    assert_eq!(stopped(&sql).unwrap()["b"].at, NOON + MINUTE);
}

#[test]
fn a_higher_number_lifts_the_stop_and_the_same_one_does_not() {
    let sql = site();
    put(&sql, &[ending("a", json!({"shows": 5}))]).unwrap();
    count(&sql, &Room, &[total("a", 6, 0)], NOON).unwrap();
    assert_eq!(running(&sql), [""; 0]);
    put(&sql, &[ending("a", json!({"shows": 6})), campaign("b", json!({}))]).unwrap();
    assert_eq!(running(&sql), ["b"], "six were shown already");
    put(&sql, &[ending("a", json!({"shows": 7}))]).unwrap();
    assert_eq!((running(&sql), stopped(&sql).unwrap().len()), (vec!["a".into()], 0));
    assert_eq!(wakes_at(&sql).unwrap(), Some(NOON), "totals are asked for at once");
    count(&sql, &Room, &[total("a", 7, 0)], NOON).unwrap();
    assert_eq!(running(&sql), [""; 0]);

    // Taken out and put back: over at once, by what was counted last.
    put(&sql, &[]).unwrap();
    assert!(stopped(&sql).unwrap().is_empty());
    put(&sql, &[ending("a", json!({"shows": 7}))]).unwrap();
    assert_eq!((running(&sql), stopped(&sql).unwrap().len()), (vec![], 1));
    put(&sql, &[campaign("a", json!({}))]).unwrap();
    assert_eq!((running(&sql), stopped(&sql).unwrap().len()), (vec!["a".into()], 0), "without the rule it runs");
}

#[test]
fn what_is_paused_is_neither_watched_nor_over() {
    let sql = site();
    put(&sql, &[campaign("a", json!({"stop": {"shows": 5}, "status": "paused"}))]).unwrap();
    assert_eq!((watched(&sql).unwrap(), wakes_at(&sql).unwrap()), (vec![], None));
    put(&sql, &[ending("a", json!({"shows": 5}))]).unwrap();
    put(&sql, &[campaign("a", json!({"stop": {"shows": 5}, "status": "paused"}))]).unwrap();
    // The shards were asked before it was paused.
    count(&sql, &Room, &[total("a", 5, 0)], NOON).unwrap();
    assert_eq!((stopped(&sql).unwrap().len(), wakes_at(&sql).unwrap()), (0, None));
    assert_eq!(known(&sql).unwrap()["a"].shows, 5);
}

#[test]
fn a_document_of_the_site_and_a_rollback_keep_what_is_over() {
    let sql = site();
    put(&sql, &[ending("a", json!({"shows": 5})), campaign("b", json!({}))]).unwrap();
    count(&sql, &Room, &[total("a", 5, 0)], NOON).unwrap();
    let settle = Change::Document { document: json!({"holdout": {"share": 1}}) };
    publish(&sql, &Room, &asked(None, settle)).unwrap();
    assert_eq!((running(&sql), stopped(&sql).unwrap().len()), (vec!["b".into()], 1));
    publish(&sql, &Room, &asked(None, Change::Rollback { version: 1 })).unwrap();
    assert_eq!((running(&sql), stopped(&sql).unwrap()["a"].at), (vec!["b".into()], NOON));
}

#[test]
fn counting_again_writes_only_when_to_count_next() {
    let sql = site();
    put(&sql, &[ending("a", json!({"shows": 5}))]).unwrap();
    count(&sql, &Room, &[total("a", 3, 0)], NOON).unwrap();
    let (before, entries) = (sql.changes(), audit(&sql).unwrap().len());
    count(&sql, &Room, &[total("a", 3, 0)], NOON + MINUTE).unwrap();
    assert_eq!((sql.changes() - before, audit(&sql).unwrap().len()), (1, entries));
}

#[test]
fn a_count_that_fails_changes_nothing() {
    for at in 0..60 {
        let sql = site();
        put(&sql, &[ending("a", json!({"shows": 5}))]).unwrap();
        let before = load(&sql).unwrap();
        sql.fail_in.set(Some(at));
        let failed = count(&sql, &Room, &[total("a", 5, 0)], NOON + 1).is_err();
        sql.fail_in.set(None);
        if failed {
            assert_eq!((load(&sql).unwrap(), stopped(&sql).unwrap().len()), (before, 0), "statement {at}");
            count(&sql, &Room, &[total("a", 5, 0)], NOON + 2).unwrap();
        }
        assert_eq!((running(&sql), stopped(&sql).unwrap().len()), (vec![], 1));
    }
}
