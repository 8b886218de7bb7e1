//! Named registers: per name the latest word stands, and of too many names the latest spoken of.

use std::collections::BTreeMap;

use noren_event::Value;
use noren_event::packed::Writer;

use crate::stamp::Stamp;

/// Questions whose last answer is kept.
pub const ANSWERS_MAX: usize = 20;

/// Largest answer kept, packed with its name. Larger ones are dropped. Facts travel with every page and lie in the device's snapshot: all
/// answers are 5 KB at most, a cart 2 KB, two arrivals 2 KB, sixteen counts 2 KB; what real visitors have is a tenth of it.
pub const ANSWER_MAX_BYTES: usize = 256;

/// Items of the cart that are kept, taken out ones included.
pub const CART_ITEMS_MAX: usize = 30;

/// Longest id of an item, in bytes; items with longer ones are not kept.
pub const ITEM_ID_MAX_BYTES: usize = 64;

/// Names with what was last said of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept<T>(pub BTreeMap<Box<str>, (Stamp, T)>);

impl<T> Default for Kept<T> {
    fn default() -> Kept<T> {
        Kept(BTreeMap::new())
    }
}

impl<T: Clone> Kept<T> {
    /// Take a word; an older one than is known changes nothing. Past `most` names the one spoken of longest ago goes: what is left is always
    /// the latest word on the `most` names last spoken of, in whatever order the words came.
    pub fn say(&mut self, name: &str, stamp: &Stamp, value: T, most: usize) {
        match self.0.get_mut(name) {
            Some(known) if known.0 >= *stamp => return,
            Some(known) => *known = (stamp.clone(), value),
            None => {
                self.0.insert(name.into(), (stamp.clone(), value));
            }
        }
        if self.0.len() > most {
            let oldest = self.0.iter().min_by(|a, b| (&a.1.0, a.0).cmp(&(&b.1.0, b.0))).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.0.remove(&name));
        }
    }

    /// Add another part's words.
    pub fn unite(&mut self, other: &Kept<T>, most: usize) {
        for (name, (stamp, value)) in &other.0 {
            self.say(name, stamp, value.clone(), most);
        }
    }
}

/// Answers to the site's questions: `noren_answer` with `name` and `value` (text, number, flag, or a list of them).
pub fn answer(answers: &mut Kept<Value>, props: &Value, stamp: &Stamp) {
    let Some(name) = props.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()) else { return };
    let Some(value) = props.get("value").filter(|v| !matches!(v, Value::Null | Value::Map(_))) else { return };
    let mut packed = Writer::default();
    packed.str(name);
    packed.value(value);
    if packed.0.len() <= ANSWER_MAX_BYTES {
        answers.say(name, stamp, value.clone(), ANSWERS_MAX);
    }
}

/// What is in the cart, by item id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cart {
    /// Whether the last word on an item was that it is in.
    pub items: Kept<bool>,
    /// What was said before this no longer counts: a purchase, or a `view_cart` that named all there is.
    pub cleared: Option<Stamp>,
}

impl Cart {
    /// Items go in (`add_to_cart`) or out (`remove_from_cart`, whatever the quantity).
    pub fn change(&mut self, props: &Value, stamp: &Stamp, is_in: bool) {
        for item in props.get("items").and_then(Value::as_list).unwrap_or_default() {
            if let Some(id) = item_id(item) {
                self.items.say(&id, stamp, is_in, CART_ITEMS_MAX);
            }
        }
    }

    /// All that was said so far is over: a purchase empties the cart, and a `view_cart` with items says what is in it.
    pub fn clear(&mut self, stamp: &Stamp) {
        self.cleared = self.cleared.take().max(Some(stamp.clone()));
    }

    /// Add another part's.
    pub fn unite(&mut self, other: &Cart) {
        self.items.unite(&other.items, CART_ITEMS_MAX);
        self.cleared = self.cleared.take().max(other.cleared.clone());
    }

    /// Ids of the items that are in, the one put in first first.
    pub fn ids(&self) -> Vec<Box<str>> {
        let since = |stamp: &Stamp| self.cleared.as_ref().is_none_or(|cleared| stamp >= cleared);
        let mut list: Vec<_> = self.items.0.iter().filter(|(_, (stamp, is_in))| *is_in && since(stamp)).collect();
        list.sort_by(|a, b| (&a.1.0, a.0).cmp(&(&b.1.0, b.0)));
        list.into_iter().map(|(id, _)| id.clone()).collect()
    }
}

/// An item's id: text, or a whole number as text.
fn item_id(item: &Value) -> Option<Box<str>> {
    let id: Box<str> = match item.get("item_id")? {
        Value::Str(id) => id.clone(),
        Value::Num(n) if n.fract() == 0.0 => n.to_string().into(),
        _ => return None,
    };
    (!id.is_empty() && id.len() <= ITEM_ID_MAX_BYTES).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use noren_event::Timestamp;

    fn stamp(n: i64) -> Stamp {
        Stamp { at: Timestamp(n), stream: "s".into(), n: n as u64 }
    }

    fn items(ids: &[&str]) -> Value {
        let items = ids.iter().map(|id| Value::map([("item_id", (*id).into())])).collect();
        Value::map([("items", Value::List(items))])
    }

    #[test]
    fn of_too_many_names_the_latest_spoken_of_stay_whatever_the_order() {
        let mut words: Vec<(i64, String)> = (0..40).map(|i| (i, format!("n{}", i * 7 % 23))).collect();
        let mut straight = Kept::default();
        words.iter().for_each(|(at, name)| straight.say(name, &stamp(*at), *at, 5));
        words.reverse();
        words.rotate_left(13);
        let mut other = Kept::default();
        words.iter().for_each(|(at, name)| other.say(name, &stamp(*at), *at, 5));
        assert_eq!(straight, other);
        assert_eq!(straight.0.values().map(|(_, at)| *at).min(), Some(35));
    }

    #[test]
    fn an_answer_has_a_name_and_something_to_say() {
        let mut answers = Kept::default();
        let said = |name: &str, value: Value| Value::map([("name", name.into()), ("value", value)]);
        answer(&mut answers, &said("taste", "green".into()), &stamp(2));
        answer(&mut answers, &said("taste", "black".into()), &stamp(1));
        answer(&mut answers, &said("", "x".into()), &stamp(3));
        answer(&mut answers, &said("map", Value::map([])), &stamp(3));
        answer(&mut answers, &said("long", "x".repeat(2_000).as_str().into()), &stamp(3));
        assert_eq!(answers.0.len(), 1);
        assert_eq!(answers.0["taste"], (stamp(2), "green".into()));
    }

    #[test]
    fn the_cart_holds_what_went_in_and_not_out_since_it_was_emptied() {
        let mut cart = Cart::default();
        cart.change(&items(&["a"]), &stamp(1), true);
        cart.clear(&stamp(2));
        cart.change(&items(&["c", "b"]), &stamp(3), true);
        cart.change(&items(&["d"]), &stamp(4), true);
        cart.change(&items(&["b"]), &stamp(5), false);
        assert_eq!(cart.ids(), ["c".into(), "d".into()]);
        // view_cart names what there is.
        cart.clear(&stamp(6));
        cart.change(&items(&["d"]), &stamp(6), true);
        assert_eq!(cart.ids(), ["d".into()]);
        let number = Value::map([("items", Value::List(vec![Value::map([("item_id", 7.0.into())])]))]);
        cart.change(&number, &stamp(7), true);
        assert_eq!(cart.ids(), ["d".into(), "7".into()]);
    }
}
