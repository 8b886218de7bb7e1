//! A hundred campaigns for the shop: ten kinds, as docs/rules.md shows them, for each category.

use crate::shop::{CATEGORIES, SOURCES};
use serde_json::{Value, json};

/// The campaigns: audience, trigger, cancel, caps.
pub fn all() -> Vec<Value> {
    CATEGORIES.iter().enumerate().flat_map(|(i, category)| of(i, category)).collect()
}

fn of(i: usize, category: &str) -> [Value; 10] {
    let in_category = json!({"event.items.0.item_category": category});
    let product_pages = json!({"page.path": {"$regex": format!("^/p/{category}/")}});
    let source = SOURCES.get(i % SOURCES.len()).copied().unwrap_or_default();
    let kinds = [
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
    ];
    let mut number = 0;
    kinds.map(|(audience, trigger)| {
        number += 1;
        json!({
            "id": format!("{category}-{number}"),
            "audience": audience,
            "trigger": trigger,
            "cancel": [{"on": "purchase", "hold": "session"}],
            "priority": 100 + 9 * (10 * i + number) % 900,
            "control": 10,
            "variants": [{"id": "a", "action": {"kind": if number % 2 == 0 { "popup" } else { "bar" }, "title": "Tea"}}],
            "caps": {"again": [{"after": "session"}], "stop": [{"times": 3, "of": "shown", "within": "30d"}]},
            "goal": {"on": "purchase", "within": "3d"},
        })
    })
}
