use noren_wire::admin::Weights;
use noren_wire::stored::{EventDoc, Keep};

use super::*;
use crate::device::events;
use crate::goals::Goals;
use crate::memory::Memory;
use crate::proof::Proofs;

const NOW: i64 = 1_795_000_000_000;

/// A client's device that takes deliveries as its object does.
struct Client {
    sql: Memory,
    doc: Option<DeviceDoc>,
    next: u64,
}

fn report(id: &str, name: &str, user: Option<&str>) -> ReportDoc {
    ReportDoc {
        id: id.into(),
        at: NOW,
        device_at: None,
        name: name.into(),
        props: json!({}),
        user: user.map(Into::into),
        server: true,
        told: false,
    }
}

impl Client {
    fn new() -> Client {
        Client { sql: Memory::new(), doc: None, next: 0 }
    }

    fn take(&mut self, delivery: &Delivery, now: i64) -> Result<()> {
        let (goals, weights) = (Goals::default(), Weights::default());
        let at = Surroundings {
            now,
            program: "",
            shards: 4,
            weights: &weights,
            counts: &["view_item".into()],
            goals: &goals,
            goals_mark: "",
            proofs: &Proofs::new("optional", 1, "deployment", "demo"),
            keep: Keep::default(),
            sensitive: &[],
            holds: &|_, _| false,
            person_id: &|user| format!("person of {user}"),
            also: None,
        };
        let received = receive(&self.sql, self.doc.as_ref(), delivery, &at)?;
        self.doc = received.doc;
        Ok(())
    }

    fn delivery(&mut self, reports: Vec<ReportDoc>) -> Delivery {
        self.next += 1;
        let owed = Owed::Reports { site: "demo".into(), device: "D".into(), reports };
        Delivery { from: "intake".into(), n: self.next, owed }
    }

    fn report(&mut self, reports: Vec<ReportDoc>) {
        let delivery = self.delivery(reports);
        self.take(&delivery, NOW).unwrap();
    }

    fn events(&self) -> Vec<EventDoc> {
        events(&self.sql).unwrap()
    }

    /// Name and epoch of each stored event.
    fn rows(&self) -> Vec<(String, u32)> {
        self.events().into_iter().map(|e| (e.name, e.epoch)).collect()
    }
}

fn rows(list: &[(&str, u32)]) -> Vec<(String, u32)> {
    list.iter().map(|(name, epoch)| ((*name).into(), *epoch)).collect()
}

#[test]
fn each_message_counts_once_whatever_is_sent_again() {
    let mut client = Client::new();
    let first = client.delivery(vec![report("1", "a", None), report("2", "b", None), report("1", "a", None)]);
    client.take(&first, NOW).unwrap();
    client.take(&first, NOW).unwrap();
    assert_eq!(client.rows(), rows(&[("a", 0), ("b", 0)]));
    client.report(vec![report("2", "b", None), report("3", "c", None)]);
    assert_eq!(client.rows(), rows(&[("a", 0), ("b", 0), ("c", 0)]), "in another batch, by another way");
    let numbers: Vec<_> = client.events().into_iter().map(|e| (e.stream, e.n)).collect();
    assert_eq!(numbers, [("~s".into(), 0), ("~s".into(), 1), ("~s".into(), 2)]);
}

#[test]
fn a_message_is_known_again_for_seven_days() {
    for (after, known) in [(MESSAGE_MEMORY_MS - 1, true), (MESSAGE_MEMORY_MS, false)] {
        let mut client = Client::new();
        client.report(vec![report("1", "a", None)]);
        let again = client.delivery(vec![ReportDoc { at: NOW + after, ..report("1", "a", None) }]);
        client.take(&again, NOW + after).unwrap();
        assert_eq!(client.rows().len(), if known { 1 } else { 2 }, "after {after} ms");
    }
}

#[test]
fn a_public_key_cannot_make_a_servers_message_pass_for_known() {
    let mut client = Client::new();
    client.report(vec![ReportDoc { server: false, ..report("1", "a", None) }]);
    client.report(vec![report("1", "purchase", None)]);
    assert_eq!(client.rows(), rows(&[("a", 0), ("purchase", 0)]));
    let streams: Vec<_> = client.events().into_iter().map(|e| e.stream).collect();
    assert_eq!(streams, ["~c", "~s"]);
}

#[test]
fn who_is_named_owns_what_came_before_and_another_user_begins_another_epoch() {
    let mut client = Client::new();
    client.report(vec![report("1", "a", None), report("2", "b", Some("u")), report("3", "c", Some("u"))]);
    assert_eq!(client.rows(), rows(&[("a", 0), ("identify", 0), ("b", 0), ("c", 0)]));
    client.report(vec![report("4", "d", None), report("5", "e", Some("v")), report("6", "f", None)]);
    let later = rows(&[("d", 0), ("identify", 1), ("e", 1), ("f", 1)]);
    assert_eq!(client.rows()[4..], later);
    let doc = client.doc.as_ref().unwrap();
    let users: Vec<_> = doc.parts.values().map(|part| user_of(part).unwrap_or("").to_owned()).collect();
    assert_eq!(users, ["u", "v"]);
    let joined: Vec<_> = doc.joined.values().map(|joined| joined.person.as_str()).collect();
    assert_eq!(joined, ["person of u", "person of v"]);
    let identify = client.events().into_iter().find(|e| e.name == "identify").unwrap();
    assert_eq!(identify.props, json!({"user_id": "u", "proven": true}), "a server's key vouches");
}

#[test]
fn an_identify_is_not_said_twice() {
    let mut client = Client::new();
    let said =
        ReportDoc { props: json!({"user_id": "u", "traits": {"plan": "pro"}}), ..report("1", "identify", Some("u")) };
    client.report(vec![said, report("2", "a", Some("u"))]);
    assert_eq!(client.rows(), rows(&[("identify", 0), ("a", 0)]));
}

#[test]
fn both_clocks_are_kept() {
    let mut client = Client::new();
    let late = |id: &str| ReportDoc { device_at: Some(NOW - 3_600_000), at: NOW - 5, ..report(id, "a", None) };
    client.report(vec![
        report("1", "a", None),
        late("2"),
        late("3"),
        ReportDoc { device_at: Some(1), ..report("4", "a", None) },
    ]);
    let clocks: Vec<_> = client.events().into_iter().map(|e| (e.at - NOW, e.device_at.map(|at| at - NOW))).collect();
    assert_eq!(clocks, [(0, None), (-5, Some(-3_600_000)), (-5, Some(-3_600_000)), (0, Some(1 - NOW))]);
}

#[test]
fn an_alias_names_a_device_whether_its_events_come_before_or_after() {
    let alias = |n: u64| {
        let (site, device, previous, user) = ("demo".into(), "D".into(), "x".into(), "u".into());
        let owed = Owed::Alias { site, device, anonymous: true, previous, user, at: NOW, who: None };
        Delivery { from: "intake".into(), n, owed }
    };
    for alias_first in [true, false] {
        let mut client = Client::new();
        if alias_first {
            client.take(&alias(1), NOW).unwrap();
        }
        client.next = 1;
        client.report(vec![report("1", "a", None)]);
        for n in [3, 4] {
            client.take(&alias(n), NOW).unwrap();
        }
        let mut names = client.rows();
        names.sort();
        assert_eq!(names, rows(&[("a", 0), ("identify", 0)]), "alias first: {alias_first}");
        let part = client.doc.as_ref().unwrap().parts[&0].clone();
        assert_eq!((user_of(&part), part.ranges.len()), (Some("u"), 0), "and what a server says is no visit");
    }
}

#[test]
fn a_device_of_the_former_id_becomes_the_new_ones_and_is_proven_as_much_as_before() {
    let alias = |n: u64, previous: &str| {
        let (site, device, previous, user) = ("demo".into(), "D".into(), previous.into(), "new".into());
        let owed = Owed::Alias { site, device, anonymous: false, previous, user, at: NOW, who: None };
        Delivery { from: "person".into(), n, owed }
    };
    for server in [true, false] {
        let mut client = Client::new();
        client.report(vec![ReportDoc { server, ..report("1", "a", Some("old")) }]);
        client.take(&alias(1, "somebody else"), NOW).unwrap();
        assert_eq!(user_of(&client.doc.as_ref().unwrap().parts[&0]), Some("old"), "not called by that id");
        for n in [2, 3] {
            client.take(&alias(n, "old"), NOW).unwrap();
        }
        let part = client.doc.as_ref().unwrap().parts[&0].clone();
        assert_eq!((user_of(&part), part.proven, client.doc.as_ref().unwrap().parts.len()), (Some("new"), server, 1));
    }
    let mut nobody = Client::new();
    nobody.take(&alias(1, "old"), NOW).unwrap();
    assert_eq!(nobody.doc, None, "nobody of that id was ever here");
}

#[test]
fn an_event_as_large_as_a_client_may_send_is_kept() {
    let mut client = Client::new();
    let large = "x".repeat(noren_wire::bounds::EVENT_MAX_BYTES);
    client.report(vec![ReportDoc { props: json!({ "note": large }), ..report("1", "a", None) }]);
    assert_eq!(client.rows().len(), 1);
}

/// The delivery comes again after a failure, wherever that was, until it is done.
#[test]
fn a_failure_at_any_statement_neither_loses_nor_doubles() {
    let mut failures = 0;
    for at in 0..120 {
        let mut client = Client::new();
        client.report(vec![report("0", "a", None)]);
        let delivery = client.delivery(vec![
            report("1", "b", None),
            report("2", "c", Some("u")),
            ReportDoc { server: false, ..report("3", "d", Some("v")) },
        ]);
        client.sql.fail_in.set(Some(at));
        if client.take(&delivery, NOW).is_err() {
            failures += 1;
            // The object forgets what it had in memory when a write fails.
            client.sql.fail_in.set(None);
            client.doc = crate::device::load(&client.sql).unwrap();
        }
        client.sql.fail_in.set(None);
        client.take(&delivery, NOW).unwrap();
        client.take(&delivery, NOW).unwrap();
        let expected = rows(&[("a", 0), ("b", 0), ("identify", 0), ("c", 0), ("identify", 1), ("d", 1)]);
        assert_eq!(client.rows(), expected, "statement {at}");
    }
    assert!(failures > 20, "{failures}");
}

impl Client {
    /// A page of this device syncs.
    fn page(&mut self, stream: &str, hidden: bool) -> noren_wire::sync::SyncAnswer {
        let (goals, weights) = (Goals::default(), Weights::default());
        let at = Surroundings {
            now: NOW,
            program: "",
            shards: 4,
            weights: &weights,
            counts: &["purchase".into()],
            goals: &goals,
            goals_mark: "",
            proofs: &Proofs::new("optional", 1, "deployment", "demo"),
            keep: Keep::default(),
            sensitive: &[],
            holds: &|_, _| false,
            person_id: &|user| format!("person of {user}"),
            also: None,
        };
        let n = self.doc.as_ref().and_then(|doc| doc.streams.get(stream)).map_or(0, |s| s.next);
        let view = WireEvent { n, at: NOW, name: "page_view".into(), props: json!({}) };
        let request = SyncRequest {
            v: 1,
            site: "demo".into(),
            device: "D".into(),
            key: String::new(),
            consent: None,
            epoch: 0,
            generation: 0,
            sent_at: NOW,
            program: String::new(),
            facts: false,
            fresh: false,
            raw: false,
            hidden,
            streams: vec![StreamBatch { id: stream.into(), from: n, done: false, events: vec![view] }],
        };
        let applied = apply(&self.sql, self.doc.as_ref(), &request, &at).unwrap();
        self.doc = applied.doc;
        applied.synced.answer
    }

    fn news(&mut self, stream: &str) -> Vec<String> {
        self.page(stream, false)
            .news
            .into_iter()
            .map(|(_, props, _)| props["transaction_id"].as_str().unwrap().into())
            .collect()
    }
}

fn told(order: &str, value: f64) -> ReportDoc {
    let props = json!({ "transaction_id": order, "value": value });
    ReportDoc { props, told: true, ..report(order, "purchase", Some("u")) }
}

#[test]
fn each_open_page_is_told_once_and_a_later_one_only_what_came_since() {
    let mut client = Client::new();
    assert!(client.news("one").is_empty());
    assert!(client.news("two").is_empty());
    client.report(vec![told("T-1", 500.0)]);
    assert!(client.page("one", true).news.is_empty(), "a page that is going away could do nothing with it");
    assert_eq!(client.news("one"), ["T-1"]);
    assert!(client.news("one").is_empty());
    assert_eq!(client.news("two"), ["T-1"], "the other tab is open too");
    assert!(client.news("three").is_empty(), "a later page goes on from what those heard");
    client.report(vec![told("T-1", 500.0), told("T-2", 100.0)]);
    assert_eq!(client.news("four"), ["T-2"], "and hears what no page has heard yet");
    let stored = client.sql.changes();
    let reloaded = crate::device::load(&client.sql).unwrap();
    assert_eq!(reloaded, client.doc, "what was told is written");
    assert_eq!(client.sql.changes(), stored);
}

#[test]
fn what_is_told_is_known_and_counted_elsewhere() {
    let mut client = Client::new();
    client.page("one", false);
    client.report(vec![told("T-1", 500.0), ReportDoc { name: "login".into(), ..told("T-9", 0.0) }]);
    let facts = client.page("one", false).facts.expect("with news come facts, unasked");
    assert_eq!((facts.purchases, facts.lifetime_value, facts.visits), (1, 500.0, 1));
    assert_eq!(facts.counts["purchase"].d7, 0);
    assert_eq!(client.doc.as_ref().unwrap().parts.len(), 1, "whom the server names is for the person's object to know");
}

#[test]
fn an_order_of_its_own_is_no_news_to_a_page_but_is_worth_what_the_server_says() {
    let mut client = Client::new();
    client.page("one", false);
    client.report(vec![ReportDoc { told: false, server: false, user: None, ..told("T-1", 500.0) }]);
    client.report(vec![told("T-1", 650.0), told("T-2", 10.0)]);
    let answer = client.page("one", false);
    assert_eq!(answer.news.len(), 1, "{:?}", answer.news);
    let facts = answer.facts.unwrap();
    assert_eq!((facts.purchases, facts.lifetime_value), (2, 660.0));
}

#[test]
fn of_much_news_the_last_are_kept_and_history_is_none() {
    use noren_wire::bounds::{NEWS_EVENT_MAX_BYTES, NEWS_MAX, NEWS_MS};
    let mut client = Client::new();
    client.page("one", false);
    client.report((0..=NEWS_MAX).map(|i| told(&format!("T-{i}"), 1.0)).collect());
    let news = client.news("one");
    assert_eq!((news.len(), news.first().map(String::as_str)), (NEWS_MAX, Some("T-1")));
    let large = |bytes: usize| {
        let mut report = told(&format!("L-{bytes}"), 1.0);
        report.props["note"] = "x".repeat(bytes).into();
        report
    };
    client.report(vec![large(NEWS_EVENT_MAX_BYTES - 200), large(NEWS_EVENT_MAX_BYTES)]);
    assert_eq!(client.news("one").len(), 1);
    client.report(vec![ReportDoc { at: NOW - NEWS_MS, ..told("old", 1.0) }]);
    assert!(client.news("one").is_empty());
}
