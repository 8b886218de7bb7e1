use super::super::testing::{NOON, Room, campaign, ids, put, put_with, site};
use super::super::{audit, info, wakes_at};
use super::*;
use crate::memory::Memory;
use crate::sql::Param;
use serde_json::json;

const DAY: i64 = 86_400_000;

fn doc(sql: &Memory) -> SiteDoc {
    load(sql).unwrap().unwrap()
}

fn live(sql: &Memory) -> noren_program::Program {
    codec::decode(&blob(sql, &doc(sql).program).unwrap().unwrap()).unwrap()
}

#[test]
fn a_program_with_hours_is_compiled_again_when_half_of_it_is_over() {
    let sql = site();
    let hours = campaign("a", json!({"schedule": {"zone": "Europe/Berlin", "hours": ["09:00-18:00"]}}));
    put(&sql, &[hours]).unwrap();
    let due = NOON + 200 * DAY + 1;
    assert_eq!((wakes_at(&sql).unwrap(), info(&doc(&sql), NOON).renews_at), (Some(due), Some(due)));
    let before = doc(&sql);
    assert!(!renew(&sql, &Room, due - 1).unwrap());
    assert_eq!(doc(&sql), before);
    assert!(renew(&sql, &Room, due).unwrap());
    assert_eq!(live(&sql).compiled_at.0, due);
    assert_eq!(doc(&sql).version, before.version, "nothing that anybody wrote has changed");
    assert_eq!(wakes_at(&sql).unwrap(), Some(due + 200 * DAY + 1));
    let entry = audit(&sql).unwrap().remove(0);
    assert_eq!((entry.by.as_str(), entry.action.as_str(), entry.what.as_str()), ("noren", "renew", "version 1"));
    assert!(!renew(&sql, &Room, due).unwrap(), "an alarm that comes twice");
}

#[test]
fn a_calendar_grows_into_the_program_with_each_renewal() {
    let sql = site();
    let far = json!({"calendars": {"jp": ["2026-12-31", "2028-01-01"]}});
    put_with(&sql, &[campaign("a", json!({"schedule": {"calendar": {"closed": "jp"}}}))], Some(far)).unwrap();
    assert_eq!(live(&sql).campaigns[0].schedule.as_ref().unwrap().closed.len(), 1);
    assert!(renew(&sql, &Room, NOON + 300 * DAY).unwrap());
    let renewed = live(&sql);
    let closed = &renewed.campaigns[0].schedule.as_ref().unwrap().closed;
    assert_eq!(closed[0].0, 1_830_297_600_000 / 60_000, "2028-01-01 in UTC");
}

#[test]
fn nothing_is_due_where_nothing_depends_on_time() {
    let sql = site();
    assert_eq!((wakes_at(&sql).unwrap(), renew(&sql, &Room, i64::MAX).unwrap()), (None, false));
    put(&sql, &[campaign("a", json!({"schedule": {"until": "2030-01-01T00:00"}}))]).unwrap();
    assert_eq!((wakes_at(&sql).unwrap(), renew(&sql, &Room, i64::MAX).unwrap()), (None, false));
    assert!(!mend(&sql, &Room, NOON).unwrap());
}

#[test]
fn a_program_that_this_code_cannot_read_is_compiled_again_from_the_documents() {
    let formats: [&[u8]; 3] = [b"NRN\x01 as an older Worker wrote it", b"NRN\xff of a newer one", b""];
    for body in formats {
        let sql = site();
        put(&sql, &[campaign("a", json!({})), campaign("b", json!({}))]).unwrap();
        let row = [Param::Blob(body), Param::Text(&doc(&sql).program)];
        sql.exec("UPDATE blob SET body = ? WHERE hash = ?", &row).unwrap();
        assert!(crate::wants::Wants::of(body).is_err());
        assert!(mend(&sql, &Room, NOON + 1).unwrap());
        assert_eq!((live(&sql).campaigns.len(), doc(&sql).version), (2, 1));
        assert_eq!(audit(&sql).unwrap()[0].action, "renew");
        assert!(!mend(&sql, &Room, NOON + 2).unwrap(), "once");
    }
}

#[test]
fn a_site_of_a_worker_that_knew_of_no_renewal_is_taken_over() {
    let sql = site();
    let hours = campaign("a", json!({"schedule": {"hours": ["09:00-18:00"]}, "stop": {"shows": 5}}));
    put(&sql, &[hours]).unwrap();
    // As it was stored before: without the newer fields and tables.
    let mut body: serde_json::Value = serde_json::to_value(doc(&sql)).unwrap();
    for field in ["document", "counted", "due"] {
        body.as_object_mut().unwrap().remove(field);
    }
    sql.exec("UPDATE settings SET body = ?", &[Param::Text(&body.to_string())]).unwrap();
    sql.exec("DROP TABLE version_site", &[]).unwrap();
    sql.exec("DROP TABLE ends", &[]).unwrap();
    assert_eq!((wakes_at(&sql).unwrap(), documents(&sql, None).unwrap().site.as_str()), (None, ""));
    assert!(mend(&sql, &Room, NOON + DAY).unwrap());
    assert_eq!(wakes_at(&sql).unwrap(), Some(NOON + DAY), "its totals at once");
    assert_eq!(doc(&sql).due.unwrap().renew, Some(NOON + 201 * DAY + 1));
}

#[test]
fn what_todays_checker_refuses_is_left_out_and_named() {
    let sql = site();
    put(&sql, &[campaign("a", json!({})), campaign("b", json!({}))]).unwrap();
    // A document as a checker with other rules may have taken it.
    let old = campaign("b", json!({"trigger": {"on": 7}})).to_string();
    let hash = crate::name::content_hash(campaign("b", json!({})).to_string().as_bytes());
    sql.exec("UPDATE blob SET body = ? WHERE hash = ?", &[Param::Blob(old.as_bytes()), Param::Text(&hash)]).unwrap();
    sql.exec("UPDATE blob SET body = x'00' WHERE hash = ?", &[Param::Text(&doc(&sql).program)]).unwrap();
    assert!(mend(&sql, &Room, NOON + 1).unwrap());
    assert_eq!(ids(&blob(&sql, &doc(&sql).program).unwrap().unwrap()), ["a"]);
    assert_eq!(audit(&sql).unwrap()[0].what, "version 1 without b");
}

#[test]
fn a_renewal_that_fails_leaves_what_was_live() {
    for at in 0..40 {
        let sql = site();
        put(&sql, &[campaign("a", json!({"schedule": {"hours": ["09:00-18:00"]}}))]).unwrap();
        let before = doc(&sql);
        sql.fail_in.set(Some(at));
        let outcome = renew(&sql, &Room, NOON + 300 * DAY);
        sql.fail_in.set(None);
        match outcome {
            Err(_) => assert_eq!(doc(&sql), before, "statement {at}"),
            Ok(_) => assert_ne!(doc(&sql).program, before.program),
        }
        assert_eq!(live(&sql).campaigns.len(), 1);
    }
}
