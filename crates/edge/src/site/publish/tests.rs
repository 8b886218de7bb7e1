use super::super::testing::{Room, asked, by, campaign, ids, put, put_with, site};
use super::super::{audit, blob, document, load, versions};
use super::*;
use noren_program::codec;
use serde_json::json;

fn refusal(outcome: Result<PublishAnswer>) -> (Code, Vec<String>) {
    match outcome {
        Err(Failure::Refused(problem)) => {
            let findings = problem.findings.unwrap_or_default().into_iter().filter(|f| f.level == "error");
            (problem.code, findings.map(|f| format!("{}{} {}", f.campaign, f.path, f.code)).collect())
        }
        other => panic!("taken: {other:?}"),
    }
}

fn do_publish(sql: &dyn Sql, base: Option<i64>, change: Change) -> Result<PublishAnswer> {
    publish(sql, &Room, &asked(base, change))
}

#[test]
fn publishing_taking_out_rolling_back_and_who_did_it() {
    let sql = site();
    assert_eq!(documents(&sql, None).unwrap(), Set::default());
    let (a, b) = (campaign("a", json!({})), campaign("b", json!({})));
    let first = put(&sql, std::slice::from_ref(&a)).unwrap();
    let change = Change::Campaigns { campaigns: vec![b], replace: false, site: None };
    let second = do_publish(&sql, Some(1), change).unwrap();
    assert_eq!((first.version, second.version), (1, 2));
    assert_eq!(ids(&blob(&sql, &second.program).unwrap().unwrap()), ["a", "b"]);
    let rolled = do_publish(&sql, None, Change::Rollback { version: 1 }).unwrap();
    assert_eq!(rolled.version, 3);
    let program = |hash: &str| codec::decode(&blob(&sql, hash).unwrap().unwrap()).unwrap();
    let (first, mut rolled) = (program(&first.program), program(&rolled.program));
    assert_eq!(core::mem::take(&mut rolled.paused), ["b".into()], "devices keep what they know of what was taken out");
    assert_eq!(rolled, first, "the same documents are the same program otherwise");
    assert_eq!(documents(&sql, None).unwrap().documents, [("a".to_string(), a.to_string())]);
    assert_eq!(do_publish(&sql, None, Change::Delete { id: "b".into() }), Err(Code::NotFound.into()));
    assert_eq!(do_publish(&sql, None, Change::Rollback { version: 9 }), Err(Code::NotFound.into()));
    do_publish(&sql, None, Change::Delete { id: "a".into() }).unwrap();
    let listed: Vec<_> = versions(&sql).unwrap().iter().map(|v| (v.version, v.campaigns.len())).collect();
    assert_eq!(listed, [(4, 0), (3, 1), (2, 2), (1, 1)]);
    let actions: Vec<_> = audit(&sql).unwrap().into_iter().map(|a| (a.by, a.action)).collect();
    let said = |action: &str| (by().name, action.to_string());
    assert_eq!(actions, ["delete", "rollback", "publish", "publish", "settle"].map(said));
}

#[test]
fn devices_keep_what_was_taken_out_for_ninety_days() {
    let sql = site();
    let at = |now: i64, ids: &[&str]| {
        let campaigns = ids.iter().map(|id| campaign(id, json!({}))).collect();
        let change = Change::Campaigns { campaigns, replace: true, site: None };
        let asked = Publish { by: By { now, ..by() }, ..asked(None, change) };
        let program = publish(&sql, &Room, &asked).unwrap().program;
        codec::decode(&blob(&sql, &program).unwrap().unwrap())
            .unwrap()
            .paused
            .iter()
            .map(|id| id.to_string())
            .collect::<Vec<_>>()
    };
    let day = 86_400_000;
    let none: Vec<String> = Vec::new();
    assert_eq!(at(0, &["old", "b", "c"]), none);
    assert_eq!(at(day, &["b", "c"]), ["old"]);
    // The version of day 0 was live until day 1, so what it had counts from there.
    assert_eq!(at(90 * day, &["c"]), ["b", "old"]);
    assert_eq!(at(91 * day, &["b"]), ["c"], "what comes back is live, what was gone for ninety days is forgotten");
    assert_eq!(at(181 * day - 1, &[]), ["b", "c"]);
}

#[test]
fn who_publishes_from_an_old_version_is_told_what_is_live_and_changes_nothing() {
    let sql = site();
    put(&sql, &[campaign("a", json!({}))]).unwrap();
    for change in [
        Change::Campaigns { campaigns: vec![campaign("b", json!({}))], replace: true, site: None },
        Change::Document { document: json!({"holdout": {"share": 5}}) },
    ] {
        let Err(Failure::Refused(problem)) = do_publish(&sql, Some(0), change) else { panic!("published over") };
        assert_eq!((problem.code, problem.version), (Code::VersionConflict, Some(1)));
    }
    let set = documents(&sql, None).unwrap();
    assert_eq!((set.documents[0].0.as_str(), set.site.as_str()), ("a", ""));
}

#[test]
fn a_failure_at_any_statement_leaves_the_old_version_live() {
    let jp = json!({"calendars": {"jp": ["2026-12-31"]}});
    let closed = campaign("b", json!({"schedule": {"calendar": {"closed": "jp"}}, "stop": {"shows": 9}}));
    let mut failures = 0;
    for at in 0..60 {
        let sql = site();
        put(&sql, &[campaign("a", json!({}))]).unwrap();
        sql.fail_in.set(Some(at));
        let failed = put_with(&sql, std::slice::from_ref(&closed), Some(jp.clone())).is_err();
        sql.fail_in.set(None);
        let set = documents(&sql, None).unwrap();
        let expected = if failed { (1, "a", false) } else { (2, "b", true) };
        assert_eq!((set.version, set.documents[0].0.as_str(), !set.site.is_empty()), expected, "statement {at}");
        assert_eq!(load(&sql).unwrap().unwrap().due.is_some_and(|due| due.totals.is_some()), !failed);
        failures += u32::from(failed);
    }
    assert!((20..60).contains(&failures), "{failures} statements failed; the last rows must lie beyond them all");
}

#[test]
fn a_sites_document_is_part_of_the_version_and_compiled_into_it() {
    let sql = site();
    assert_eq!(document(&sql).unwrap().document, json!({}));
    let closed = campaign("a", json!({"schedule": {"calendar": {"closed": "jp"}}}));
    let unknown = (Code::CampaignsInvalid, vec!["a/schedule/calendar/closed calendar_unknown".to_string()]);
    assert_eq!(refusal(put(&sql, std::slice::from_ref(&closed))), unknown);

    let jp = json!({"calendars": {"jp": ["2026-12-31"]}});
    let both = put_with(&sql, std::slice::from_ref(&closed), Some(jp.clone())).unwrap();
    assert_eq!(both.version, 1);
    assert_eq!(document(&sql).unwrap().document, jp);
    let days = |sql: &dyn Sql| {
        let program = blob(sql, &load(sql).unwrap().unwrap().program).unwrap().unwrap();
        let program = noren_program::codec::decode(&program).unwrap();
        (program.campaigns[0].schedule.as_ref().unwrap().closed.len(), program.campaigns[0].places.len())
    };
    assert_eq!(days(&sql), (1, 0));

    let more = json!({"calendars": {"jp": ["2026-12-31", "2027-02-11"]}, "holdout": {"share": 5}});
    let changed = do_publish(&sql, Some(1), Change::Document { document: more.clone() }).unwrap();
    assert_eq!((changed.version, days(&sql)), (2, (2, 1)), "live campaigns are compiled again");
    assert_eq!(audit(&sql).unwrap()[0].action, "document");
    put(&sql, std::slice::from_ref(&closed)).unwrap();
    assert_eq!(document(&sql).unwrap().document, more, "a publish without one leaves it as it is");
    do_publish(&sql, None, Change::Rollback { version: 1 }).unwrap();
    assert_eq!((document(&sql).unwrap().document, days(&sql)), (jp, (1, 0)), "an old version is whole");
}

#[test]
fn a_document_that_is_wrong_or_breaks_campaigns_changes_nothing() {
    let sql = site();
    let jp = json!({"calendars": {"jp": ["2026-12-31"]}});
    let closed = campaign("a", json!({"schedule": {"calendar": {"closed": "jp"}}}));
    let paused = campaign("b", json!({"schedule": {"calendar": {"open": "jp"}}, "status": "paused"}));
    put_with(&sql, &[closed, paused], Some(jp.clone())).unwrap();
    let settle = |document: Json| refusal(do_publish(&sql, None, Change::Document { document }));
    let site = |found: &[&str]| (Code::SiteInvalid, found.iter().map(|f| f.to_string()).collect());
    let gone = ["a/schedule/calendar/closed calendar_unknown", "b/schedule/calendar/open calendar_unknown"];
    assert_eq!(settle(json!({})), site(&gone));
    assert_eq!(settle(json!({"calendars": {"eu": ["2026-12-31"]}})), site(&gone));
    let wrong = settle(json!({"calendars": {"jp": ["2026-12-31"]}, "holdout": {"share": 51}, "holidays": []}));
    assert_eq!(wrong, site(&["/holidays member_unknown", "/holdout/share number_out_of_range"]));
    assert_eq!(
        settle(Json::Null),
        (Code::SiteInvalid, [" type_wrong"].iter().chain(&gone).map(|s| s.to_string()).collect())
    );
    let long: Vec<&str> = vec!["2026-12-31"; 60_000];
    let Err(Failure::Refused(problem)) = do_publish(&sql, None, Change::Document { document: json!(long) }) else {
        panic!("taken")
    };
    assert_eq!((problem.code, problem.path.as_deref()), (Code::BodyInvalid, Some("document")));
    assert_eq!((document(&sql).unwrap().document, load(&sql).unwrap().unwrap().version), (jp, 1));
}

#[test]
fn as_much_as_a_site_may_say_fits() {
    let days: Vec<String> =
        (0..400).map(|i| format!("20{:02}-{:02}-{:02}", 26 + i / 336, 1 + i / 28 % 12, 1 + i % 28)).collect();
    let names = (0..100).map(|i| (format!("{i:064}"), json!(days)));
    let document = json!({"calendars": names.collect::<serde_json::Map<_, _>>(), "holdout": {"share": 50, "seed": "s".repeat(64)}});
    do_publish(&site(), None, Change::Document { document }).unwrap();
}
