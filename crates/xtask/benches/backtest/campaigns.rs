//! A hundred campaigns for the shop, twice.

use crate::shop::{CATEGORIES, SOURCES};
use serde_json::{Value, json};

/// Campaigns of the kind that `bench rules` has: an audience, a count or a dwell, a cancel. Each asks for one category, so that a line can change
/// about ten of them.
pub fn plain() -> Vec<Value> {
    each_category(plain_of)
}

/// All that docs/rules.md shows: counts, sums, sequences, absences, expressions, values of carts. Most ask for no category where they listen, so
/// that a line can change a quarter of them.
pub fn varied() -> Vec<Value> {
    each_category(varied_of)
}

/// An audience and a trigger.
type Idea = (Value, Value);

fn each_category(of: impl Fn(usize, &str) -> [Idea; 10]) -> Vec<Value> {
    let mut campaigns = Vec::new();
    for (i, category) in CATEGORIES.iter().enumerate() {
        for (number, (audience, trigger)) in of(i, category).into_iter().enumerate() {
            campaigns.push(json!({
                "id": format!("{category}-{number}"),
                "audience": audience,
                "trigger": trigger,
                "cancel": [{"on": "purchase", "hold": "session"}],
                "priority": 100 + 9 * (10 * i + number) % 900,
                "control": 10,
                "variants": [{"id": "a", "action": {"kind": if number % 2 == 0 { "popup" } else { "bar" }, "title": "Tea"}}],
                "caps": {"again": [{"after": "session"}], "stop": [{"times": 3, "of": "shown", "within": "30d"}]},
                "goal": {"on": "purchase", "within": "3d"},
            }));
        }
    }
    campaigns
}

fn plain_of(i: usize, category: &str) -> [Idea; 10] {
    let item = |more: Value| {
        let mut asked = more.as_object().cloned().unwrap_or_default();
        asked.insert("event.items.0.item_category".to_owned(), category.into());
        Value::Object(asked)
    };
    let count = |event: &str, asked: Value, n: usize, within: &str| json!({"count": {"event": event, "where": asked, "at_least": n, "within": within}});
    let dwell = |page: Value, seconds: usize| json!({"dwell": {"page": page, "time": format!("{seconds}s")}});
    [
        (json!({"visitor.visits": {"$gte": 2}}), count("view_item", item(json!({})), 2 + i % 3, "10m")),
        (
            json!({"visitor.purchases": 0}),
            count("view_item", item(json!({"event.value": {"$gte": 1_500}})), 2, "session"),
        ),
        (
            json!({"session.page_views": {"$gte": 4}}),
            count("view_item", item(json!({"event.items.0.item_brand": {"$in": ["Uji", "Yame"]}})), 3, "1d"),
        ),
        (json!({"cart.quantity": {"$lt": 3}}), count("add_to_cart", item(json!({})), 2, "session")),
        (
            json!({"$or": [{"visitor.purchases": {"$gte": 1}}, {"visitor.visits": {"$gte": 3}}]}),
            count("view_item_list", json!({"event.item_list_id": category}), 2, "7d"),
        ),
        (
            json!({"cart.value": {"$gte": 2_000}}),
            count("select_item", json!({"event.item_list_id": category}), 2, "2m"),
        ),
        (json!({"visitor.purchases": 0}), dwell(json!({"page.path": format!("/c/{category}")}), 30)),
        (
            json!({"visitor.visits": {"$gte": 2}}),
            dwell(json!({"page.path": {"$regex": format!("^/p/{category}/")}}), 45),
        ),
        (json!({"session.page_views": {"$lt": 9}}), dwell(json!({"page.path": format!("/p/{category}/{i}")}), 20)),
        (
            json!({"cart.quantity": {"$gte": 1}}),
            dwell(json!({"page.path": {"$in": [format!("/p/{category}/1"), format!("/p/{category}/2")]}}), 60),
        ),
    ]
}

fn varied_of(i: usize, category: &str) -> [Idea; 10] {
    let in_category = json!({"event.items.0.item_category": category});
    let product_pages = json!({"page.path": {"$regex": format!("^/p/{category}/")}});
    let source = SOURCES.get(i % SOURCES.len()).copied().unwrap_or_default();
    [
        // Looking, and not choosing.
        (
            json!({"visitor.visits": {"$gte": 1 + i % 3}}),
            json!({"all": [{"count": {"event": "view_item", "where": in_category, "at_least": 2 + i % 3, "within": "10m"}}, {"not": {"on": "add_to_cart"}}]}),
        ),
        (
            json!({"visitor.purchases": 0}),
            json!({"dwell": {"page": product_pages, "time": format!("{}s", 20 + 5 * i)}}),
        ),
        (
            json!({"session.page_views": {"$gte": 2}}),
            json!({"dwell": {"page": {"page.path": format!("/c/{category}")}, "time": "30s", "clock": "active", "across": "session"}}),
        ),
        (
            json!({"cart.value": {"$lt": 5000 + 500 * i}}),
            json!({"sequence": {"steps": [{"on": "view_item", "where": in_category}, {"on": "add_to_cart"}], "within": "30m", "without": {"on": "begin_checkout"}, "same": "items.0.item_id"}}),
        ),
        (
            json!({"cart.quantity": {"$gte": 1}}),
            json!({"absent": {"event": "purchase", "for": format!("{}m", 10 + i), "after": {"on": "add_to_cart", "where": in_category}}}),
        ),
        (
            json!({"visitor.visits": {"$gte": 2}}),
            json!({"on": "search", "where": {"event.results": {"$lt": 5 * (i + 1)}}}),
        ),
        (
            json!({"$or": [{"visitor.purchases": {"$gte": 1}}, {"visitor.visits": {"$gte": 3}}]}),
            json!({"sum": {"event": "add_to_cart", "of": "value", "at_least": 2000 + 400 * i, "within": "1d"}}),
        ),
        (
            json!({"page.path": {"$regex": "^/(p|c)/"}}),
            json!({"count": {"event": "view_item", "distinct": "items.0.item_id", "at_least": 3 + i % 4, "within": "session"}}),
        ),
        (
            json!({"page.query.utm_source": source}),
            json!({"on": "page_view", "where": {"page.path": format!("/c/{category}")}}),
        ),
        (
            json!({"session.page_views": {"$gte": 3}, "visitor.purchases": {"$lt": 3}}),
            json!({"count": {"event": "scroll", "where": {"event.percent_scrolled": {"$gte": 75}, "page.path": {"$regex": format!("/{category}")}}, "at_least": 2, "within": "page"}}),
        ),
    ]
}
