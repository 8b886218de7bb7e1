//! Sensitive traits: nowhere but apart, whenever the site named them and whatever fails.

use noren_wire::inner::Owed;
use noren_wire::stored::DeviceDoc;
use noren_wire::sync::WireEvent;
use serde_json::{Value as Json, json};

use super::tests::{NOW, Object, batch, event, request};
use super::{apart, erase, join, keep};
use crate::memory::Memory;
use crate::sql::{Sql, whole};

fn identify(n: u64, traits: Json) -> WireEvent {
    event(n, NOW + n as i64, "identify", json!({"user_id": "hana", "traits": traits}))
}

fn named(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

fn kept(sql: &Memory) -> Json {
    apart::read(sql, 0).unwrap().into_iter().map(|one| (one.name, one.value)).collect::<serde_json::Map<_, _>>().into()
}

/// All there is of a device but what is kept apart: events, state, and what goes up to its person.
fn everywhere_else(object: &Object) -> String {
    let doc: &DeviceDoc = object.doc.as_ref().unwrap();
    let parts: Vec<Owed> = join::due(&object.sql, doc).unwrap().into_iter().map(|due| due.owed).collect();
    let query = "SELECT body FROM chunk UNION ALL SELECT body FROM state";
    let rows = object.sql.exec(query, &[]).unwrap();
    let stored: String = rows.iter().map(|row| row.text(0)).collect();
    format!("{stored}{}", json!(parts))
}

#[test]
fn what_is_named_is_nowhere_but_apart() {
    let mut object = Object::new();
    object.sensitive = named(&["illness", "持病", "none"]);
    let traits = json!({"plan": "pro", "illness": "secret one", "持病": {"a": ["secret two"]}});
    let facts = object.sync(&request(vec![batch(1, 0, vec![identify(0, traits)])])).unwrap().facts.unwrap();
    assert_eq!(json!(facts.traits), json!({"plan": "pro"}));
    assert!(!everywhere_else(&object).contains("secret"), "{}", everywhere_else(&object));
    assert_eq!(kept(&object.sql), json!({"illness": "secret one", "持病": {"a": ["secret two"]}}));
    let told = erase::export(&object.sql, object.doc.as_ref(), 0).unwrap();
    assert_eq!((told.sensitive.len(), told.sensitive[0].at), (2, NOW));
    assert_eq!(apart::read(&object.sql, 1).unwrap(), [], "of another epoch nothing");
}

#[test]
fn the_last_word_stays_in_whatever_order_it_comes() {
    let (first, second) = (identify(0, json!({"a": 1, "b": 1})), identify(1, json!({"a": 2})));
    for order in [vec![vec![first.clone(), second.clone()]], vec![vec![second], vec![first]]] {
        let mut object = Object::new();
        object.sensitive = named(&["a", "b"]);
        for (stream, events) in order.into_iter().enumerate() {
            let events = events.into_iter().enumerate().map(|(n, event)| WireEvent { n: n as u64, ..event });
            object.sync(&request(vec![batch(stream, 0, events.collect())])).unwrap();
        }
        assert_eq!(kept(&object.sql), json!({"a": 2, "b": 1}));
    }
}

#[test]
fn only_what_is_as_large_as_a_trait_may_be_is_kept() {
    for (chars, is_kept) in [(1_022, true), (1_023, false)] {
        let mut object = Object::new();
        object.sensitive = named(&["a"]);
        let event = identify(0, json!({"a": "x".repeat(chars)}));
        object.sync(&request(vec![batch(1, 0, vec![event])])).unwrap();
        assert_eq!(kept(&object.sql).as_object().unwrap().len() == 1, is_kept, "{chars}");
        assert!(!everywhere_else(&object).contains("xx"));
    }
}

/// Whichever statement fails, it is all where it was or all apart, and the next sync makes it whole.
#[test]
fn what_was_stored_before_it_was_named_is_moved_whole() {
    let mut failed = 0;
    for at in 0..30 {
        let mut object = Object::new();
        let traits = json!({"plan": "pro", "illness": "secret"});
        object.sync(&request(vec![batch(1, 0, vec![identify(0, traits)])])).unwrap();
        object.sensitive = named(&["illness"]);
        // Until it is moved it is left out of what is told.
        let mut facts = crate::device::join::known_facts(
            &object.sql,
            object.doc.as_ref().unwrap(),
            0,
            &noren_profile::Lens { now: noren_event::Timestamp(NOW), weights: &Default::default(), counts: &[] },
        )
        .unwrap();
        apart::hide(&mut facts, &object.sensitive);
        assert_eq!(json!(facts.traits), json!({"plan": "pro"}));

        object.sql.fail_in.set(Some(at));
        let outcome = object.sync(&request(vec![batch(2, 0, vec![event(0, NOW, "scroll", Json::Null)])]));
        object.sql.fail_in.set(None);
        if outcome.is_err() {
            failed += 1;
            object.restart();
            assert_eq!(everywhere_else(&object).contains("secret"), kept(&object.sql) == json!({}), "statement {at}");
            object.sync(&request(vec![])).unwrap();
        }
        object.restart();
        assert_eq!(kept(&object.sql), json!({"illness": "secret"}), "statement {at}");
        assert!(!everywhere_else(&object).contains("secret"), "statement {at}");
        let rows = object.sql.changes();
        object.sync(&request(vec![])).unwrap();
        assert_eq!(object.sql.changes(), rows, "and only once");
    }
    assert!(failed > 5, "{failed}");
}

#[test]
fn what_a_site_no_longer_names_stays_apart_until_it_is_said_anew() {
    let mut object = Object::new();
    object.sensitive = named(&["a"]);
    object.sync(&request(vec![batch(1, 0, vec![identify(0, json!({"a": 1}))])])).unwrap();
    object.sensitive.clear();
    assert_eq!(json!(object.sync(&request(vec![])).unwrap().facts.unwrap().traits), json!({}));
    let facts = object.sync(&request(vec![batch(1, 1, vec![identify(1, json!({"a": 2}))])])).unwrap().facts.unwrap();
    assert_eq!(json!(facts.traits), json!({"a": 2}));
}

#[test]
fn it_goes_with_an_erasure_and_with_the_profile() {
    let some = || {
        let mut object = Object::new();
        object.sensitive = named(&["a"]);
        object.sync(&request(vec![batch(1, 0, vec![identify(0, json!({"a": 1}))])])).unwrap();
        object
    };
    let object = some();
    let mut doc = object.doc.clone().unwrap();
    whole(&object.sql, || erase::whole(&object.sql, &mut doc)).unwrap();
    assert_eq!(kept(&object.sql), json!({}));
    let object = some();
    keep::sweep(&object.sql, object.doc.as_ref().unwrap(), NOW + 402 * 86_400_000).unwrap();
    assert_eq!(kept(&object.sql), json!({}));
}

#[test]
fn of_many_epochs_the_latest_are_kept() {
    let mut object = Object::new();
    object.sensitive = (0..50).map(|n| format!("t{n:02}")).collect();
    for epoch in 0..5 {
        let traits: serde_json::Map<String, Json> =
            object.sensitive.iter().map(|name| (name.clone(), json!(1))).collect();
        let batch = batch(epoch as usize, 0, vec![identify(0, traits.into())]);
        object.sync(&noren_wire::sync::SyncRequest { epoch, ..request(vec![batch]) }).unwrap();
    }
    let of = |epoch| apart::read(&object.sql, epoch).unwrap().len();
    assert_eq!((of(0), of(1), of(4)), (0, 50, 50));
}

#[test]
fn over_several_devices_the_last_word_counts() {
    let said = |value: i64, at| noren_wire::privacy::SensitiveTrait { name: "a".into(), value: json!(value), at };
    let united = apart::united([vec![said(1, 5)], vec![said(2, 7)], vec![said(3, 6)]]);
    assert_eq!(united, [said(2, 7)]);
}
