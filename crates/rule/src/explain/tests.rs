use super::{Lang, explain};
use crate::check::check;
use crate::testing::{campaign, value};
use noren_event::Value;
use serde_json::{Value as Json, json};

fn rows() -> Vec<Json> {
    vec![
        json!({}),
        json!({"trigger": {"dwell": {"time": "30s", "page": {"page.path": {"$regex": "^/shop/product/"}}}}, "cancel": [{"on": "purchase"}]}),
        json!({"trigger": {"dwell": {"time": "2m", "clock": "active", "across": "session"}}, "delay": "5s"}),
        json!({"trigger": {"dwell": {"time": "1h", "page": {"page.path": "/tea"}}}}),
        json!({"trigger": {"absent": {"event": "purchase", "for": "15m", "after": {"on": "add_to_cart"}}}, "cancel": [{"on": "purchase"}]}),
        json!({"trigger": {"all": [{"count": {"event": "view_item", "at_least": 3, "within": "10m"}}, {"not": {"on": "add_to_cart"}}]}}),
        json!({"trigger": {"any": [{"on": "exit_intent"}, {"on": "quiz_done", "where": {"event.score": {"$gte": 8}}, "within": "visitor"}]}}),
        json!({"trigger": {"on": "idle", "where": {"page.path": {"$regex": "^/shop/(cart|checkout)/"}}}, "cancel": [{"on": "purchase", "hold": "visitor"}, {"on": "sign_up", "hold": "3d"}]}),
        json!({"audience": {"visitor.purchases": 0}}),
        json!({"audience": {"visitor.visits": {"$gte": 2}, "device.mobile": true}}),
        json!({"audience": {"$or": [{"visitor.visits": {"$gt": 5, "$lt": 10}}, {"segments": {"$in": ["vip"]}}]}}),
        json!({"audience": {"geo.country": {"$in": ["JP", "TW"]}, "traits.plan": {"$ne": "pro"}, "cart.value": {"$gte": 3000}}}),
        json!({"audience": {"$not": {"page.query.utm_source": "ads"}, "traits.app": {"$vgte": "2.10.0"}, "traits.birthday": {"$exists": true}}}),
        json!({"audience": {"event.items": {"$elemMatch": {"item_category": "tea"}}, "traits.tags": {"$size": {"$gte": 2}}}}),
        json!({"audience": {"visitor.visits": 1, "page.path": "/"}}),
        json!({"schedule": {"zone": "Asia/Tokyo", "from": "2026-11-01T00:00", "until": "2026-12-31T24:00", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "hours": ["09:00-12:00", "13:00-18:00"]}}),
        json!({"schedule": {"zone": "Europe/Paris", "from": "2026-11-01T09:30", "weekdays": ["mon", "sat"]}}),
        json!({"control": 0, "priority": 900, "consent": "marketing", "wait": "60s"}),
        json!({"caps": {"again": [{"after": "1d", "since": "closed"}, {"after": "session", "clock": "any"}], "stop": [{"times": 3}, {"times": 2, "of": "closed", "within": "30d"}]}}),
        json!({"variants": [{"id": "a", "weight": 70, "action": {"kind": "popup", "title": {"en": "Tea?", "ja": "お茶はいかが"}}}, {"id": "b", "weight": 30, "action": {"kind": "bar", "body": "Tea"}}], "goal": {"on": "purchase", "within": "7d"}}),
        json!({"status": "paused"}),
        json!({"trigger": {"sum": {"event": "add_to_cart", "of": "value", "at_least": 5000}}}),
        json!({"trigger": {"count": {"event": "view_item", "distinct": "items.0.item_id", "at_least": 3, "within": "10m"}}}),
        json!({"trigger": {"every": {"event": "search", "times": 3, "within": "visitor"}}}),
        json!({"trigger": {"sequence": {"steps": [{"on": "view_item"}, {"on": "add_to_cart"}], "within": "30m", "without": {"on": "purchase"}, "same": "items.0.item_id"}}}),
        json!({"group": "offers", "caps": {"again": [{"after": "7d", "clock": "group"}, {"after": "visitor", "clock": "others"}], "stop": [{"times": 3, "clock": "group"}, {"times": 1, "of": "converted", "within": "session", "clock": "others"}]}}),
        json!({"exclusive": {"name": "checkout", "share": [0, 33.33]}}),
        json!({"schedule": {"zone": "Asia/Tokyo", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "calendar": {"closed": ["2026-12-31", "2027-01-01"], "open": ["2026-12-26"]}}}),
        json!({"schedule": {"zone": "Europe/Paris", "calendar": {"closed": ["2026-12-24", "2026-12-25", "2026-12-26", "2026-12-31", "2027-01-01"]}}}),
        json!({"schedule": {"zone": "Asia/Tokyo"}, "stop": {"date": "2026-12-31T24:00", "shows": 1000, "conversions": 50}}),
        json!({"stop": {"date": "2026-12-31T18:00"}}),
        json!({"trigger": {"sequence": {"steps": [{"on": "search"}, {"on": "exit_intent"}, {"on": "quiz"}], "within": "1h", "order": "next", "same": "who"}}}),
    ]
}

/// What stands in snapshot.txt. `NOREN_UPDATE_SNAPSHOTS=1` writes it anew; read the difference as a marketer would.
#[test]
fn sentences_read_as_they_were_last_read_by_a_person() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut documents = rows();
    for document in &mut documents {
        *document = campaign(document.clone());
    }
    for name in ["linger-coupon", "cart-abandon", "three-views-no-cart", "welcome-back", "chat-at-cart"] {
        let text = std::fs::read_to_string(folder.join(format!("../../examples/campaigns/{name}.json"))).unwrap();
        documents.push(serde_json::from_str(&text).unwrap());
    }
    let mut said = String::new();
    for document in documents {
        let (checked, found) = check(&value(&document), &Value::Null);
        let checked = checked.unwrap_or_else(|| panic!("{document} {found:?}"));
        said.push_str(&format!("{}\n{}\n\n", explain(&checked, Lang::En), explain(&checked, Lang::Ja)));
    }
    let path = folder.join("src/explain/snapshot.txt");
    if std::env::var_os("NOREN_UPDATE_SNAPSHOTS").is_some() {
        std::fs::write(&path, &said).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (said, expected) in said.lines().zip(expected.lines()) {
        assert_eq!(said, expected);
    }
    assert_eq!(said.len(), expected.len());
}

#[test]
fn the_main_sentence_is_what_a_marketer_would_write() {
    let document = campaign(json!({
        "trigger": {"dwell": {"time": "30s", "page": {"page.path": {"$regex": "^/shop/product/"}}}},
        "cancel": [{"on": "purchase"}],
        "audience": {"visitor.visits": {"$gte": 2}},
        "variants": [{"id": "a", "action": {"kind": "coupon", "title": {"en": "¥500 off", "ja": "500円引き"}, "coupon": {"pool": "p"}}}],
        "caps": {"again": [{"after": "1d", "since": "closed"}]}
    }));
    let checked = check(&value(&document), &Value::Null).0.unwrap();
    assert_eq!(
        explain(&checked, Lang::Ja),
        "商品ページに30秒とどまり、そのあいだに購入していない方に、クーポン「500円引き」を見せます。対象は訪問が2回以上の方。\
         10%の方には何も見せず、効果を比べます。一度閉じたら1日は見せません。"
    );
    assert_eq!(
        explain(&checked, Lang::En),
        "When a visitor stays 30 seconds on a product page and has not bought meanwhile, show the coupon “¥500 off”. \
         Only for visitors who have visited at least 2 times. 10% see nothing, for comparison. Once closed, not again for 1 day."
    );
}

#[test]
fn a_language_is_known_by_its_tag() {
    assert_eq!(Lang::parse("ja-JP"), Some(Lang::Ja));
    assert_eq!(Lang::parse("en"), Some(Lang::En));
    assert_eq!(Lang::parse("fr"), None);
}
