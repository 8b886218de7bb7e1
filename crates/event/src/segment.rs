//! The door for Segment's tracking calls: what one means as an event, in GA4's names.
//!
//! The e-commerce names and properties are those of Segment's "V2 Ecommerce Events" specification; which GA4 event and field each becomes
//! follows the default subscriptions of Segment's own GA4 destination. Names that GA4 has no word for stay as the site wrote them, and so
//! do properties: nothing is dropped and nothing is made up. A property is renamed only where its GA4 name is not there already.

use crate::names;
use crate::value::Value;

/// A page was shown, as a screen of an application. Props: `screen_name`.
pub const SCREEN_VIEW: &str = "screen_view";
/// The visitor belongs to a group. Props: `group_id traits`.
pub const JOIN_GROUP: &str = "join_group";

/// Segment's names of events, and GA4's for the same. A case file holds this table against the published vocabularies.
pub const EVENTS: [(&str, &str); 17] = [
    ("Products Searched", "search"),
    ("Product List Viewed", "view_item_list"),
    ("Product Clicked", "select_item"),
    ("Product Viewed", "view_item"),
    ("Product Added", "add_to_cart"),
    ("Product Removed", "remove_from_cart"),
    ("Product Added to Wishlist", "add_to_wishlist"),
    ("Cart Viewed", "view_cart"),
    ("Checkout Started", "begin_checkout"),
    ("Payment Info Entered", "add_payment_info"),
    ("Order Completed", "purchase"),
    ("Order Refunded", "refund"),
    ("Promotion Viewed", "view_promotion"),
    ("Promotion Clicked", "select_promotion"),
    ("Signed In", "login"),
    ("Signed Up", "sign_up"),
    ("Lead Generated", "generate_lead"),
];

/// Events about a single product, whose fields stand beside the event's own: they become the one item.
const OF_ONE_PRODUCT: [&str; 5] = ["select_item", "view_item", "add_to_cart", "remove_from_cart", "add_to_wishlist"];

/// Fields of a product, and of an item.
const ITEM: [(&str, &str); 14] = [
    ("product_id", "item_id"),
    ("name", "item_name"),
    ("affiliation", "affiliation"),
    ("coupon", "coupon"),
    ("discount", "discount"),
    ("brand", "item_brand"),
    ("category", "item_category"),
    ("variant", "item_variant"),
    ("price", "price"),
    ("quantity", "quantity"),
    ("position", "index"),
    ("sku", "sku"),
    ("url", "url"),
    ("image_url", "image_url"),
];

/// Fields that hold amounts. Clients of every language send some of them as text; rules and totals compare numbers.
const AMOUNTS: [&str; 10] =
    ["value", "total", "revenue", "subtotal", "tax", "shipping", "discount", "price", "quantity", "index"];

/// The event that a `track` call stands for.
pub fn track(event: &str, properties: Value) -> (Box<str>, Value) {
    let known = EVENTS.iter().find(|(theirs, _)| theirs.eq_ignore_ascii_case(event)).map(|(_, ours)| *ours);
    let name = known.unwrap_or(event);
    let mut props = if matches!(properties, Value::Map(_)) { properties } else { Value::Map(Vec::new()) };
    if known.is_some() || EVENTS.iter().any(|(_, ours)| *ours == name) {
        commerce(name, &mut props);
    }
    (name.into(), props)
}

/// Properties of an event that GA4 knows, by GA4's names.
fn commerce(name: &str, props: &mut Value) {
    numbers(props);
    match name {
        names::PURCHASE | names::REFUND => {
            rename(props, "order_id", "transaction_id");
            // What an order is worth: the total, as the GA4 destination has it; shops that send none mean the revenue.
            rename(props, "total", "value");
            rename(props, "revenue", "value");
        }
        "begin_checkout" => rename(props, "revenue", "value"),
        "search" => rename(props, "query", "search_term"),
        "add_payment_info" => rename(props, "payment_method", "payment_type"),
        "view_item_list" | "select_item" => rename(props, "list_id", "item_list_id"),
        "view_promotion" | "select_promotion" => {
            rename(props, "creative", "creative_slot");
            rename(props, "name", "promotion_name");
            rename(props, "position", "location_id");
        }
        _ => {}
    }
    // Order numbers are often numbers; one order must not become two for being written differently.
    if let Some(id) = props.get("transaction_id").and_then(whole) {
        props.set("transaction_id", Value::str(&id));
    }
    if props.get("items").is_some() {
        return;
    }
    if let Some(Value::List(products)) = take(props, "products") {
        props.set("items", Value::List(products.iter().map(item).collect()));
    } else if OF_ONE_PRODUCT.contains(&name) {
        let product = Value::Map(ITEM.iter().filter_map(|(key, _)| Some(((*key).into(), take(props, key)?))).collect());
        if product.as_map().is_some_and(|fields| !fields.is_empty()) {
            props.set("items", Value::List(vec![item(&product)]));
        }
    }
}

/// A product as an item; what GA4 has no name for is kept under its own.
fn item(product: &Value) -> Value {
    let Some(fields) = product.as_map() else { return product.clone() };
    let mut item = Value::Map(Vec::with_capacity(fields.len() + 1));
    for (key, value) in fields {
        let name = ITEM.iter().find(|(theirs, _)| *theirs == &**key).map_or(&**key, |(_, ours)| *ours);
        if item.get(name).is_none() {
            item.set(name, value.clone());
        }
    }
    if item.get("item_id").is_none()
        && let Some(sku) = product.get("sku")
    {
        item.set("item_id", sku.clone());
    }
    if let Some(id) = item.get("item_id").and_then(whole) {
        item.set("item_id", Value::str(&id));
    }
    numbers(&mut item);
    item
}

/// A page view: `properties` first, what they leave out from `context.page`.
pub fn page(name: Option<&str>, properties: Value, context: &Value) -> (Box<str>, Value) {
    let mut props = if matches!(properties, Value::Map(_)) { properties } else { Value::Map(Vec::new()) };
    for (theirs, ours) in
        [("url", "page_location"), ("path", "page_path"), ("title", "page_title"), ("referrer", "page_referrer")]
    {
        rename(&mut props, theirs, ours);
        if props.get(ours).is_none()
            && let Some(said) = context.get("page").and_then(|page| page.get(theirs))
        {
            props.set(ours, said.clone());
        }
    }
    if let Some(name) = name {
        props.set("name", Value::str(name));
    }
    (names::PAGE_VIEW.into(), props)
}

/// A screen of an application.
pub fn screen(name: Option<&str>, properties: Value) -> (Box<str>, Value) {
    let mut props = if matches!(properties, Value::Map(_)) { properties } else { Value::Map(Vec::new()) };
    if let Some(name) = name {
        props.set("screen_name", Value::str(name));
    }
    (SCREEN_VIEW.into(), props)
}

/// Whether a name is one that only Noren itself, or a call of its own kind, may make: a `track` call of that name is refused.
pub fn is_reserved(name: &str) -> bool {
    names::is_record(name) || matches!(name, names::IDENTIFY | names::RESET | names::CONSENT)
}

/// Move a member to another name, unless something is there already.
fn rename(props: &mut Value, from: &str, to: &str) {
    if props.get(to).is_none_or(|there| *there == Value::Null)
        && let Some(value) = take(props, from)
    {
        props.set(to, value);
    }
}

fn take(props: &mut Value, key: &str) -> Option<Value> {
    let Value::Map(pairs) = props else { return None };
    let place = pairs.iter().position(|(k, _)| &**k == key)?;
    Some(pairs.remove(place).1)
}

/// A whole number as people write an order's number.
fn whole(value: &Value) -> Option<String> {
    // 2^53: beyond it a number no longer is the one that was written.
    value.as_num().filter(|n| n.fract() == 0.0 && n.abs() <= 9_007_199_254_740_992.0).map(|n| format!("{n:.0}"))
}

/// Amounts written as plain decimal text become numbers; any other text stays.
fn numbers(props: &mut Value) {
    let Value::Map(pairs) = props else { return };
    for (key, value) in pairs {
        if let Value::Str(text) = value
            && AMOUNTS.contains(&&**key)
            && text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-')
            && let Ok(n) = text.parse::<f64>()
        {
            *value = Value::Num(n);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, Value)]) -> Value {
        Value::Map(pairs.iter().map(|(key, value)| ((*key).into(), value.clone())).collect())
    }

    #[test]
    fn an_order_is_a_purchase_with_items() {
        let product = map(&[("product_id", 507.0.into()), ("name", "Sencha".into()), ("price", "19.50".into())]);
        let (name, props) = track(
            "order completed",
            map(&[
                ("order_id", 50314.0.into()),
                ("total", "27.50".into()),
                ("revenue", 25.0.into()),
                ("currency", "JPY".into()),
                ("products", Value::List(vec![product])),
                ("gift", true.into()),
            ]),
        );
        assert_eq!(&*name, "purchase");
        for (path, expected) in [
            ("transaction_id", Value::str("50314")),
            ("value", 27.5.into()),
            ("revenue", 25.0.into()),
            ("items.0.item_id", Value::str("507")),
            ("items.0.item_name", Value::str("Sencha")),
            ("items.0.price", 19.5.into()),
            ("gift", true.into()),
        ] {
            assert_eq!(props.path(path), Some(&expected), "{path}");
        }
        assert_eq!((props.get("order_id"), props.get("products"), props.get("total")), (None, None, None));
    }

    #[test]
    fn what_an_order_is_worth() {
        for (pairs, expected) in [
            (&[("total", Value::Num(9.0)), ("revenue", 8.0.into())][..], Some(9.0)),
            (&[("revenue", Value::Num(8.0))][..], Some(8.0)),
            (&[("value", Value::Num(7.0)), ("total", 9.0.into())][..], Some(7.0)),
            (&[("value", Value::Null), ("total", 9.0.into())][..], Some(9.0)),
            (&[("total", Value::str("nine"))][..], None),
            (&[][..], None),
        ] {
            let (_, props) = track("Order Completed", map(pairs));
            assert_eq!(props.get("value").and_then(Value::as_num), expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_fields_of_one_product_become_its_item() {
        let (name, props) =
            track("Product Added", map(&[("cart_id", "c".into()), ("sku", "S-1".into()), ("quantity", 2.0.into())]));
        assert_eq!(&*name, "add_to_cart");
        assert_eq!(props.path("items.0.item_id"), Some(&Value::str("S-1")));
        assert_eq!(props.path("items.0.quantity"), Some(&Value::Num(2.0)));
        assert_eq!(props.path("cart_id"), Some(&Value::str("c")));
        assert_eq!(props.get("sku"), None);
        assert_eq!(track("Product Viewed", Value::Null).1, map(&[]), "no product, no item");
    }

    #[test]
    fn a_site_that_speaks_ga4_already_is_left_alone() {
        let said = map(&[("transaction_id", "T".into()), ("value", 5.0.into()), ("items", Value::List(vec![]))]);
        assert_eq!(track("purchase", said.clone()), ("purchase".into(), said));
        let free = map(&[("total", "12".into()), ("name", "x".into())]);
        assert_eq!(track("Coupon Applied", free.clone()), ("Coupon Applied".into(), free));
    }

    #[test]
    fn a_page_says_where_it_is_or_its_context_does() {
        let context = map(&[(
            "page",
            map(&[("url", "https://a.example/x?utm_source=mail".into()), ("title", "From context".into())]),
        )]);
        let (name, props) = page(Some("Home"), map(&[("title", "Own".into()), ("path", "/x".into())]), &context);
        assert_eq!(&*name, "page_view");
        for (key, expected) in [
            ("page_location", "https://a.example/x?utm_source=mail"),
            ("page_title", "Own"),
            ("page_path", "/x"),
            ("name", "Home"),
        ] {
            assert_eq!(props.get(key).and_then(Value::as_str), Some(expected), "{key}");
        }
        assert_eq!(screen(Some("Cart"), Value::Null).1, map(&[("screen_name", "Cart".into())]));
    }

    #[test]
    fn records_and_calls_are_not_tracked() {
        for name in ["noren_exposure", "identify", "reset", "consent"] {
            assert!(is_reserved(name), "{name}");
        }
        assert!(!is_reserved("purchase"));
    }
}
