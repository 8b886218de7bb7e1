//! What variants may show.

use super::check;
use super::tests::findings;
use crate::testing::{campaign, value};
use noren_event::Value;
use noren_program::Surface;
use serde_json::{Value as Json, json};

#[test]
fn every_mistake_in_a_variant_has_a_code_and_a_place() {
    let rows: &[(Json, &[&str])] = &[
        (json!([]), &["error list_empty /variants"]),
        (json!([{"id": "control", "action": {"kind": "popup", "title": "x"}}]), &["error id_taken /variants/0/id"]),
        (
            json!([{"id": "a", "weight": 60, "action": {"kind": "popup", "title": "x"}}, {"id": "b", "weight": 50, "action": {"kind": "popup", "title": "x"}}]),
            &["error weights_sum /variants"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "popup", "title": "x"}}, {"id": "b", "weight": 50, "action": {"kind": "popup", "title": "x"}}]),
            &["error member_missing /variants/0"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "popupp", "title": "x"}}]),
            &["error value_unknown /variants/0/action/kind"],
        ),
        (json!([{"id": "a", "action": {"title": "x"}}]), &["error member_missing /variants/0/action"]),
        (json!([{"id": "a", "action": {"kind": "popup"}}]), &["error member_missing /variants/0/action"]),
        (
            json!([{"id": "a", "action": {"kind": "popup", "title": "x", "position": "top"}}]),
            &["error member_unknown /variants/0/action/position"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "popup", "title": {"ja": "長".repeat(121)}}}]),
            &["error text_too_long /variants/0/action/title/ja"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "coupon", "title": "x"}}]),
            &["error member_missing /variants/0/action"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "coupon", "title": "x", "coupon": {"pool": "A B"}}}]),
            &["error id_invalid /variants/0/action/coupon/pool"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "popup", "title": "x", "buttons": [{"label": "go", "action": "link", "url": "javascript:alert(1)"}]}}]),
            &["error url_invalid /variants/0/action/buttons/0/url"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "popup", "title": "x", "buttons": [{"label": "go", "action": "link"}]}}]),
            &["error member_missing /variants/0/action/buttons/0"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "popup", "title": "x", "buttons": [{"label": "go", "action": "close", "url": "/x"}]}}]),
            &["error member_unknown /variants/0/action/buttons/0/url"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "popup", "title": "x", "theme": {"accent": "red;}"}}}]),
            &["error colour_invalid /variants/0/action/theme/accent"],
        ),
        (
            json!([{"id": "a", "action": {"kind": "popup", "title": "x", "image": {"src": "data:x", "alt": "", "width": 0}}}]),
            &[
                "error url_invalid /variants/0/action/image/src",
                "error number_out_of_range /variants/0/action/image/width",
                "error member_missing /variants/0/action/image",
            ],
        ),
    ];
    for (variants, expected) in rows {
        assert_eq!(findings(json!({"variants": variants})), *expected, "{variants}");
    }
}

#[test]
fn the_place_on_the_page_follows_the_widget() {
    let rows = [
        (json!({"kind": "popup", "title": "x"}), Surface::Modal),
        (json!({"kind": "bar", "title": "x"}), Surface::Top),
        (json!({"kind": "bar", "title": "x", "position": "bottom"}), Surface::Bottom),
        (json!({"kind": "coupon", "title": "x", "coupon": {"pool": "p"}}), Surface::Modal),
        (json!({"kind": "coupon", "title": "x", "position": "corner", "coupon": {"pool": "p"}}), Surface::Corner),
        (json!({"kind": "chat", "title": "x"}), Surface::Corner),
        (json!({"kind": "slide", "title": "x"}), Surface::Corner),
        (survey(json!([ask(json!({}))])), Surface::Corner),
        (with(survey(json!([ask(json!({}))])), json!({"position": "center"})), Surface::Modal),
        (with(survey(json!([ask(json!({}))])), json!({"position": "tab"})), Surface::Slot("(tab)".into())),
        (json!({"kind": "html", "title": "x", "html": "x", "height": 90}), Surface::Modal),
        (json!({"kind": "html", "title": "x", "html": "x", "height": 90, "position": "corner"}), Surface::Corner),
        (
            json!({"kind": "html", "title": "x", "html": "x", "position": "slot", "slot": {"at": "#a", "height": 90}}),
            Surface::Slot("#a".into()),
        ),
        (countdown(json!({"minutes": 5, "name": "n"})), Surface::Top),
        (with(countdown(json!({"minutes": 5, "name": "n"})), json!({"position": "bottom"})), Surface::Bottom),
        (with(countdown(json!({"minutes": 5, "name": "n"})), json!({"position": "corner"})), Surface::Corner),
        (json!({"kind": "inline", "title": "x", "slot": {"at": "#hero", "height": 90}}), Surface::Slot("#hero".into())),
        (json!({"kind": "recommend", "title": "x", "from": "#list"}), Surface::Corner),
        (
            json!({"kind": "recommend", "title": "x", "from": "#list", "position": "slot", "slot": {"at": ".row", "height": 300}}),
            Surface::Slot(".row".into()),
        ),
    ];
    for (action, expected) in rows {
        let document = campaign(json!({"variants": [{"id": "a", "action": action.clone()}]}));
        assert_eq!(check(&value(&document), &Value::Null).0.unwrap().surface, expected, "{action}");
    }
    let document = campaign(json!({"surface": "bottom"}));
    assert_eq!(check(&value(&document), &Value::Null).0.unwrap().surface, Surface::Bottom);
}

fn with(mut document: Json, changes: Json) -> Json {
    for (key, value) in changes.as_object().unwrap() {
        document[key] = value.clone();
    }
    document
}

fn survey(questions: Json) -> Json {
    json!({"kind": "survey", "survey": {"id": "s", "questions": questions}})
}

fn ask(changes: Json) -> Json {
    with(json!({"name": "q", "type": "nps", "ask": {"en": "How likely?", "ja": "どのくらい?"}}), changes)
}

fn countdown(clock: Json) -> Json {
    json!({"kind": "countdown", "title": "x", "countdown": clock})
}

/// The findings for one thing shown, with what stands before each path taken off.
fn in_action(action: &Json) -> Vec<String> {
    let found = findings(json!({"variants": [{"id": "a", "action": action}]}));
    found.iter().map(|f| f.replace("/variants/0/action", "")).collect()
}

#[test]
fn every_mistake_in_a_survey_has_a_code_and_a_place() {
    let options = json!([{"value": "green", "label": "Green"}, {"value": "black", "label": "Black"}]);
    let choice = |changes: Json| with(ask(json!({"type": "choice", "options": options})), changes);
    let q = "/survey/questions/0";
    let long = |n: usize| -> Vec<Json> { (0..n).map(|i| ask(json!({"name": format!("q{i}")}))).collect() };
    let values = |n: usize| -> Vec<Json> { (0..n).map(|i| json!({"value": format!("v{i}"), "label": "x"})).collect() };
    let rows: Vec<(Json, Vec<String>)> = vec![
        (survey(json!([ask(json!({}))])), vec![]),
        (survey(json!(long(10))), vec![]),
        (survey(json!(long(11))), vec!["error list_too_long /survey/questions".into()]),
        (survey(json!([])), vec!["error list_empty /survey/questions".into()]),
        (json!({"kind": "survey"}), vec!["error member_missing ".into()]),
        (survey(json!([ask(json!({"type": "smile"}))])), vec![format!("error value_unknown {q}/type")]),
        (survey(json!([ask(json!({"name": "end"}))])), vec![format!("error id_taken {q}/name")]),
        (survey(json!([ask(json!({})), ask(json!({}))])), vec!["error id_taken /survey/questions/1/name".into()]),
        (survey(json!([ask(json!({"required": "yes"}))])), vec![format!("error type_wrong {q}/required")]),
        (survey(json!([ask(json!({"options": options}))])), vec![format!("error member_unknown {q}/options")]),
        (survey(json!([choice(json!({"low": "bad"}))])), vec![format!("error member_unknown {q}/low")]),
        (survey(json!([choice(json!({"many": true}))])), vec![]),
        (survey(json!([ask(json!({"type": "choice"}))])), vec![format!("error member_missing {q}")]),
        (survey(json!([choice(json!({"options": values(10)}))])), vec![]),
        (survey(json!([choice(json!({"options": values(11)}))])), vec![format!("error list_too_long {q}/options")]),
        (
            survey(json!([choice(json!({"options": [{"value": "v", "label": "x"}, {"value": "v", "label": "y"}]}))])),
            vec![format!("error id_taken {q}/options/1/value")],
        ),
        (survey(json!([choice(json!({"options": [{"value": "v".repeat(16), "label": "x"}]}))])), vec![]),
        (
            survey(json!([choice(json!({"options": [{"value": "v".repeat(17), "label": "x"}]}))])),
            vec![format!("error text_too_long {q}/options/0/value")],
        ),
        // Ways on.
        (
            survey(json!([
                ask(json!({"next": [{"at_most": 6, "go": "w"}, {"go": "end"}]})),
                ask(json!({"name": "w"}))
            ])),
            vec![],
        ),
        (
            survey(json!([ask(json!({"next": [{"go": "nowhere"}]}))])),
            vec![format!("error question_unknown {q}/next/0/go")],
        ),
        (
            survey(json!([ask(json!({"name": "first"})), ask(json!({"next": [{"go": "first"}]}))])),
            vec!["error question_unknown /survey/questions/1/next/0/go".into()],
        ),
        (survey(json!([ask(json!({"next": [{"go": "q"}]}))])), vec![format!("error question_unknown {q}/next/0/go")]),
        (
            survey(json!([ask(json!({"next": [{"at_least": 11, "go": "end"}]}))])),
            vec![format!("error number_out_of_range {q}/next/0/at_least")],
        ),
        (
            survey(json!([ask(json!({"type": "stars", "next": [{"at_most": 6, "go": "end"}]}))])),
            vec![format!("error number_out_of_range {q}/next/0/at_most")],
        ),
        (survey(json!([choice(json!({"next": [{"is": "green", "go": "end"}]}))])), vec![]),
        (
            survey(json!([choice(json!({"next": [{"is": "grean", "go": "end"}]}))])),
            vec![format!("error value_unknown {q}/next/0/is")],
        ),
        (
            survey(json!([choice(json!({"next": [{"at_most": 1, "go": "end"}]}))])),
            vec![format!("error member_unknown {q}/next/0/at_most")],
        ),
        (
            survey(json!([ask(json!({"next": [{"is": "green", "go": "end"}]}))])),
            vec![format!("error member_unknown {q}/next/0/is")],
        ),
    ];
    for (action, expected) in rows {
        assert_eq!(in_action(&action), expected, "{action}");
    }
}

#[test]
fn every_mistake_in_a_countdown_a_slot_or_an_item_has_a_code_and_a_place() {
    let recommend = |item: Json| json!({"kind": "recommend", "title": "x", "items": [item]});
    let proof = |count: Json| json!({"kind": "proof", "title": "{{count}} sold", "count": count});
    let tea = |changes: Json| with(json!({"title": "Sencha", "url": "/tea"}), changes);
    let rows: &[(Json, &[&str])] = &[
        (countdown(json!({"until": "2026-12-31T23:59+09:00"})), &[]),
        (countdown(json!({"until": "2026-12-31T24:00Z"})), &[]),
        (countdown(json!({"until": "2026-12-31T23:59-03:30"})), &[]),
        (countdown(json!({"until": "2026-12-31T23:59"})), &["error date_invalid /countdown/until"]),
        (countdown(json!({"until": "2026-12-31"})), &["error date_invalid /countdown/until"]),
        (countdown(json!({"until": "2026-02-30T23:59Z"})), &["error date_invalid /countdown/until"]),
        (countdown(json!({"until": "2026-12-31T23:59+14:01"})), &["error date_invalid /countdown/until"]),
        (countdown(json!({"until": "あ+09:00"})), &["error date_invalid /countdown/until"]),
        (countdown(json!({})), &["error countdown_either /countdown"]),
        (
            countdown(json!({"until": "2026-12-31T23:59Z", "minutes": 5, "name": "n"})),
            &["error countdown_either /countdown"],
        ),
        (countdown(json!({"minutes": 5})), &["error member_missing /countdown"]),
        (countdown(json!({"minutes": 10_080, "name": "n"})), &[]),
        (countdown(json!({"minutes": 10_081, "name": "n"})), &["error number_out_of_range /countdown/minutes"]),
        (countdown(json!({"minutes": 0, "name": "n"})), &["error number_out_of_range /countdown/minutes"]),
        (json!({"kind": "countdown", "countdown": {"until": "2026-12-31T23:59Z"}}), &["error member_missing "]),
        (json!({"kind": "inline", "title": "x"}), &["error member_missing "]),
        (json!({"kind": "inline", "title": "x", "slot": {"at": "#a"}}), &["error member_missing /slot"]),
        (json!({"kind": "inline", "title": "x", "slot": {"at": "#a", "height": 1000}}), &[]),
        (
            json!({"kind": "inline", "title": "x", "slot": {"at": "#a", "height": 1001}}),
            &["error number_out_of_range /slot/height"],
        ),
        (json!({"kind": "recommend", "title": "x"}), &["error member_missing "]),
        (json!({"kind": "recommend", "title": "x", "from": "#a", "position": "slot"}), &["error member_missing "]),
        (recommend(tea(json!({"price": 12.5, "currency": "EUR"}))), &[]),
        (recommend(tea(json!({"price": 12.5}))), &["error member_missing /items/0"]),
        (recommend(tea(json!({"price": -1, "currency": "EUR"}))), &["error number_out_of_range /items/0/price"]),
        (recommend(tea(json!({"price": 1, "currency": "yen"}))), &["error currency_invalid /items/0/currency"]),
        (proof(json!({"from": "#sold", "minimum": 1})), &[]),
        (proof(json!({"from": "#sold", "minimum": 10_000})), &[]),
        (proof(json!({"from": "#sold", "minimum": 10_001})), &["error number_out_of_range /count/minimum"]),
        (proof(json!({"from": "#sold", "minimum": 0})), &["error number_out_of_range /count/minimum"]),
        (proof(json!({"minimum": 5})), &["error member_missing /count"]),
        (json!({"kind": "html", "title": "x", "html": "<b>x</b>", "height": 200}), &[]),
        (json!({"kind": "html", "title": "x", "html": "{{anything}}", "height": 24}), &[]),
        (json!({"kind": "html", "title": "x", "html": "x".repeat(16_384), "height": 200}), &[]),
        (
            json!({"kind": "html", "title": "x", "html": "x".repeat(16_385), "height": 200}),
            &["error text_too_long /html"],
        ),
        (json!({"kind": "html", "html": "x", "height": 200}), &["error member_missing "]),
        (json!({"kind": "html", "title": "x", "height": 200}), &["error member_missing "]),
        (json!({"kind": "html", "title": "x", "html": "x"}), &["error member_missing "]),
        (json!({"kind": "html", "title": "x", "html": "x", "height": 23}), &["error number_out_of_range /height"]),
        (
            json!({"kind": "html", "title": "x", "html": "x", "position": "slot", "slot": {"at": "#a", "height": 90}}),
            &[],
        ),
        (recommend(tea(json!({"url": "javascript:x"}))), &["error url_invalid /items/0/url"]),
    ];
    for (action, expected) in rows {
        assert_eq!(in_action(action), *expected, "{action}");
    }
}

#[test]
fn what_texts_are_filled_with_has_to_be_known_and_to_have_words_instead() {
    let rows: &[(&str, &[&str])] = &[
        ("Hello {{traits.name|you}}", &[]),
        ("{{ visitor.visits | 1 }} {{count}}", &[]),
        ("{{traits.name|}}", &[]),
        ("{{ not closed", &[]),
        ("Hello {{traits.name}}", &["warning fallback_missing /title/en"]),
        (
            "{{name|you}} {{page.title|x}}",
            &["warning variable_unknown /title/en", "warning variable_unknown /title/en"],
        ),
    ];
    for (title, expected) in rows {
        let found = in_action(&json!({"kind": "popup", "title": {"en": title}}));
        assert_eq!(found, *expected, "{title}");
    }
    assert_eq!(in_action(&json!({"kind": "popup", "title": "{{x}}"})), ["warning variable_unknown /title"]);
}

#[test]
fn colours_that_cannot_be_read_are_warned_about_with_their_ratio() {
    let theme = |theme: Json| {
        let action = json!({"kind": "popup", "title": "x", "theme": theme});
        let document = campaign(json!({"variants": [{"id": "a", "action": action}]}));
        let (campaign, found) = check(&value(&document), &Value::Null);
        assert!(campaign.is_some(), "a warning refuses nothing");
        found.into_iter().map(|f| (f.path.replace("/variants/0/action/theme", ""), f.message)).collect::<Vec<_>>()
    };
    for fine in [
        json!({}),
        json!({"text": "#767676", "background": "#fff"}),
        json!({"text": "#767676"}),
        json!({"text": "#ffffff"}),
        json!({"accent": "#777777"}),
        json!({"accent": "#949494", "background": "#fff"}),
    ] {
        assert_eq!(theme(fine.clone()), [], "{fine}");
    }
    for (low, path, ratio) in [
        (json!({"text": "#777", "background": "#fff"}), "/text", "4.47:1"),
        // Alone, it would stand on the dark surface.
        (json!({"text": "#7a7a7a"}), "/text", "3.83:1"),
        (json!({"accent": "#ffe08a", "background": "#fff"}), "/accent", "1.28:1"),
    ] {
        let found = theme(low.clone());
        assert_eq!(found.len(), 1, "{low}");
        assert_eq!(found[0].0, path, "{low}");
        assert!(found[0].1.en.contains(ratio) && found[0].1.ja.contains(ratio), "{:?}", found[0].1);
    }
}
