//! Long-range facts as they come down with a sync.

use noren_wire::admin::Weights;
use noren_wire::sync::{Facts, Rfm, Windows, WireEvent};
use serde_json::{Value as Json, json};

use super::sync::fresh_answer;
use super::tests::{NOW, Object, batch, event, request};

const DAY: i64 = 86_400_000;

fn page(from: &str, query: &str) -> Json {
    json!({"page_location": format!("https://shop.example/a{query}"), "page_referrer": from, "page_path": "/a"})
}

/// A month of a visitor: an advertisement, a purchase a week later, a letter, and an answer.
fn month() -> Vec<WireEvent> {
    let tea = json!({"items": [{"item_id": "t1", "item_category": "tea"}]});
    vec![
        event(0, NOW - 20 * DAY, "page_view", page("", "?utm_source=ad&utm_campaign=spring")),
        event(1, NOW - 20 * DAY + 1_000, "view_item", tea.clone()),
        event(2, NOW - 10 * DAY, "page_view", page("https://www.google.com/", "")),
        event(3, NOW - 10 * DAY + 1_000, "purchase", json!({"transaction_id": "T", "value": 6_000})),
        event(4, NOW - 10 * DAY + 2_000, "page_view", page("https://pay.example/", "")),
        event(5, NOW - 1_000, "page_view", page("", "")),
        event(6, NOW - 900, "view_item", tea.clone()),
        event(7, NOW - 800, "add_to_cart", tea),
        event(8, NOW - 700, "noren_answer", json!({"name": "taste", "value": "green"})),
    ]
}

fn told(object: &mut Object, events: Vec<WireEvent>) -> Facts {
    object.sync(&request(vec![batch(1, 0, events)])).unwrap().facts.unwrap()
}

#[test]
fn a_visitor_comes_down_as_the_site_weighs_them() {
    let mut object = Object::new();
    object.counts = vec!["view_item".into(), "never".into()];
    let facts = told(&mut object, month());
    let first = facts.first_touch.unwrap();
    assert_eq!((first.source.as_deref(), first.campaign.as_deref()), (Some("ad"), Some("spring")));
    assert_eq!((first.medium, first.landing.as_deref()), (None, Some("/a")));
    let last = facts.last_touch.unwrap();
    assert_eq!(
        (last.source.as_deref(), last.medium.as_deref()),
        (Some("google"), Some("organic")),
        "not the payment page"
    );
    assert_eq!((facts.days_since_first_visit, facts.days_since_last_purchase), (Some(20), Some(9)));
    assert_eq!(facts.rfm, Some(Rfm { recency: 4, frequency: 1, money: 2 }));
    // Ten points, halved at the end of two sessions, and five.
    assert_eq!((facts.affinity, json!(facts.affinity_scores)), (vec!["tea".to_string()], json!({"tea": 7.5})));
    assert_eq!(facts.counts["view_item"], Windows { d7: 1, d30: 2, d90: 2 });
    assert_eq!(facts.counts["never"], Windows::default());
    assert_eq!(facts.cart_items, ["t1"]);
    assert_eq!(json!(facts.answers), json!({"taste": "green"}));
    // 1 + 5 today, 1 of 20 days ago, 20 of 10 days ago, all with a half-life of 14 days.
    let expected = 6.0 + (-20.0_f64 / 14.0).exp2() + 20.0 * (-10.0_f64 / 14.0).exp2();
    assert!((facts.score - expected).abs() < 0.01, "{} {expected}", facts.score);
    assert_eq!(facts.score_band, 1);
}

#[test]
fn what_a_new_program_counts_is_counted_from_the_beginning() {
    let mut object = Object::new();
    assert_eq!(told(&mut object, month()).counts.len(), 0);
    object.counts = vec!["page_view".into()];
    let request = request(vec![]);
    assert_eq!(object.sync(&request).unwrap().facts.unwrap().counts["page_view"].d30, 4);
    object.restart();
    let rows = object.sql.changes();
    assert_eq!(object.sync(&request).unwrap().facts.unwrap().counts["page_view"].d30, 4);
    assert_eq!(object.sql.changes(), rows, "and only once");
}

#[test]
fn a_state_written_before_these_facts_is_folded_again() {
    let mut object = Object::new();
    let whole = told(&mut object, month());
    let mut old = object.doc.clone().unwrap();
    old.counted = None;
    for part in old.parts.values_mut() {
        *part = noren_wire::stored::PartDoc { events: part.events, ranges: part.ranges.clone(), ..Default::default() };
    }
    object.doc = Some(old);
    let mut again = object.sync(&request(vec![])).unwrap().facts.unwrap();
    again.marks = whole.marks.clone();
    assert_eq!(again, whole);
}

#[test]
fn the_order_of_arrival_does_not_change_what_is_told() {
    let mut straight = Object::new();
    straight.counts = vec!["view_item".into()];
    let whole = told(&mut straight, month());
    let mut object = Object::new();
    object.counts = vec!["view_item".into()];
    let mut log = month();
    log.rotate_left(4);
    log.swap(0, 6);
    for piece in log.chunks(2) {
        told(&mut object, piece.to_vec());
    }
    let mut got = told(&mut object, month());
    got.marks = whole.marks.clone();
    assert_eq!(got, whole);
}

#[test]
fn time_passes_between_syncs() {
    let mut object = Object::new();
    told(&mut object, month());
    object.now = NOW + 100 * DAY;
    let facts = told(&mut object, Vec::new());
    assert_eq!((facts.days_since_last_purchase, facts.rfm.unwrap().recency), (Some(109), 2));
    assert_eq!((facts.score, facts.score_band), (0.0, 0));
    assert_eq!(json!(facts.affinity_scores), json!({"tea": 3.75}));
}

#[test]
fn a_newcomer_is_told_of_without_an_object() {
    let view = event(0, NOW - 5 * DAY, "page_view", page("", "?utm_source=ad"));
    let mut asked = request(vec![batch(1, 0, vec![view])]);
    asked.fresh = true;
    let answer = fresh_answer(&asked, "p", &Weights::default(), &["view_item".into()], NOW);
    let facts = answer.facts.unwrap();
    assert_eq!((facts.visits, facts.days_since_first_visit, facts.rfm), (1, Some(0), None), "whatever its clock says");
    assert_eq!(facts.first_touch.unwrap().source.as_deref(), Some("ad"));
    assert_eq!(facts.counts["view_item"], Windows::default());
    assert_eq!(answer.acks, []);
    asked.streams.clear();
    assert_eq!(fresh_answer(&asked, "p", &Weights::default(), &[], NOW).facts.unwrap().visits, 1);
}
