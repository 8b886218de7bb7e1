//! What conditions can see: one tree of values with fixed roots, kept up to date by events and facts.

use crate::condition::Lookup;
use noren_event::{Timestamp, Value, names};

/// All attributes: `visitor session page device geo cart traits segments`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attributes {
    root: Value,
}

impl Default for Attributes {
    fn default() -> Attributes {
        Attributes { root: Value::Map(Vec::new()) }
    }
}

/// Attributes together with the event being judged.
pub struct Scope<'a> {
    /// Everything but the event.
    pub attributes: &'a Attributes,
    /// The event's properties, seen as `event.*`.
    pub event: Option<&'a Value>,
}

impl Lookup for Scope<'_> {
    fn lookup(&self, path: &str) -> Option<&Value> {
        match path.strip_prefix("event.") {
            Some(rest) => self.event?.path(rest),
            None => self.attributes.root.path(path),
        }
    }
}

/// Roots that outlive a page and so belong into a snapshot.
pub const KEPT_ROOTS: [&str; 4] = ["visitor", "traits", "segments", "cart"];

impl Attributes {
    /// One root as a whole.
    pub fn root(&self, name: &str) -> Option<&Value> {
        self.root.get(name)
    }

    /// Replace one root.
    pub fn set_root(&mut self, name: &str, value: Value) {
        self.root.set(name, value);
    }

    /// Set one member of a root.
    pub fn set(&mut self, root: &str, key: &str, value: Value) {
        let mut whole = self.root.get(root).cloned().unwrap_or_default();
        whole.set(key, value);
        self.root.set(root, whole);
    }

    fn number(&self, root: &str, key: &str) -> f64 {
        self.root.get(root).and_then(|r| r.get(key)).and_then(Value::as_num).unwrap_or(0.0)
    }

    /// Raise a number to at least `floor`: facts and the device's own count of the same thing overtake each other, the larger is newer.
    pub fn raise(&mut self, root: &str, key: &str, floor: f64) {
        let now = self.number(root, key);
        self.set(root, key, Value::Num(if now > floor { now } else { floor }));
    }

    /// What the edge knows of the visitor. Counts that this device keeps too are raised, never lowered; `traits segments geo` are roots of
    /// their own, `caps` and `marks` are not attributes, everything else stands under `visitor`.
    pub fn facts(&mut self, facts: &Value) {
        for (key, value) in facts.as_map().unwrap_or_default() {
            match &**key {
                "traits" | "segments" | "geo" => self.set_root(key, value.clone()),
                "caps" | "marks" => {}
                "visits" | "purchases" | "lifetime_value" => {
                    self.raise("visitor", key, value.as_num().unwrap_or(0.0));
                }
                _ => self.set("visitor", key, value.clone()),
            }
        }
    }

    /// A session begins, the `number`th; `days` since the one before ended, if there was one.
    pub fn session_start(&mut self, number: u32, at: Timestamp, days: Option<i64>) {
        if let Some(days) = days {
            self.set("visitor", "days_since_last_visit", (days as f64).into());
        }
        self.raise("visitor", "visits", f64::from(number));
        self.set_root(
            "session",
            Value::map([
                ("number", f64::from(number).into()),
                ("started", (at.0 as f64).into()),
                ("page_views", 0.0.into()),
            ]),
        );
    }

    /// A page begins.
    pub fn page_view(&mut self, props: &Value) {
        self.root.set("page", noren_engine::page::attributes(props));
    }

    /// The visitor's own orders and cart follow the events; `is_new_order` is false for a repeated transaction id.
    pub fn shop_event(&mut self, name: &str, props: &Value, at: Timestamp, is_new_order: bool) {
        let (value, quantity) = worth(props);
        match name {
            names::PURCHASE => {
                if is_new_order {
                    let purchases = self.number("visitor", "purchases") + 1.0;
                    let lifetime = self.number("visitor", "lifetime_value") + value;
                    self.set("visitor", "purchases", Value::Num(purchases));
                    self.set("visitor", "lifetime_value", Value::Num(lifetime));
                    self.set("visitor", "last_purchase", Value::Num(at.0 as f64));
                }
                self.set_cart(0.0, 0.0);
            }
            names::ADD_TO_CART => {
                self.set_cart(self.number("cart", "value") + value, self.number("cart", "quantity") + quantity);
            }
            names::REMOVE_FROM_CART => {
                let left = |have: f64, less: f64| if have > less { have - less } else { 0.0 };
                self.set_cart(
                    left(self.number("cart", "value"), value),
                    left(self.number("cart", "quantity"), quantity),
                );
            }
            "view_cart" | "begin_checkout" => self.set_cart(value, quantity),
            _ => {}
        }
    }

    fn set_cart(&mut self, value: f64, quantity: f64) {
        self.root.set("cart", Value::map([("value", value.into()), ("quantity", quantity.into())]));
    }
}

/// What an e-commerce event is worth and how many pieces it names: `value`, or price times quantity over `items`.
fn worth(props: &Value) -> (f64, f64) {
    let mut quantity = 0.0;
    let mut sum = 0.0;
    for item in props.get("items").and_then(Value::as_list).unwrap_or_default() {
        let pieces = item.get("quantity").and_then(Value::as_num).unwrap_or(1.0);
        quantity += pieces;
        sum += pieces * item.get("price").and_then(Value::as_num).unwrap_or(0.0);
    }
    (props.get("value").and_then(Value::as_num).unwrap_or(sum), quantity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_cart_follow_the_events() {
        let items = Value::List(vec![Value::map([("price", 300.0.into()), ("quantity", 2.0.into())])]);
        let mut a = Attributes::default();
        a.shop_event("add_to_cart", &Value::map([("items", items.clone())]), Timestamp(1), false);
        assert_eq!(a.root("cart"), Some(&Value::map([("value", 600.0.into()), ("quantity", 2.0.into())])));
        a.shop_event("remove_from_cart", &Value::map([("value", 900.0.into()), ("items", items)]), Timestamp(1), false);
        assert_eq!(a.number("cart", "value"), 0.0);
        a.shop_event("purchase", &Value::map([("value", 600.0.into())]), Timestamp(5), true);
        a.shop_event("purchase", &Value::map([("value", 600.0.into())]), Timestamp(6), false);
        assert_eq!(a.number("visitor", "purchases"), 1.0);
        assert_eq!(a.number("visitor", "lifetime_value"), 600.0);
    }
}
