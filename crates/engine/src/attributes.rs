//! What conditions can see: packed objects under fixed roots, kept up to date by events and facts.

use core::cell::Cell;
use noren_event::packed::{self, Item, Writer, view};
use noren_event::{Timestamp, names};

/// A root's name and its object.
type Root = (Vec<u8>, Vec<u8>);

/// All attributes: `visitor session page device geo cart traits segments`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes {
    roots: Vec<Root>,
    /// Set once a condition on them could not be told; whoever asks whose it was takes it back.
    pub doubt: Cell<bool>,
}

/// Roots that outlive a page.
pub const KEPT_ROOTS: [&[u8]; 4] = [b"visitor", b"traits", b"segments", b"cart"];
/// Roots that only live as long as the page.
pub const PAGE_ROOTS: [&[u8]; 4] = [b"page", b"session", b"device", b"geo"];

/// Facts that are not simply the visitor's: roots of their own, no attributes, and counts that this device keeps too. A table, because a
/// comparison with each would be written out.
const FACTS: [&[u8]; 8] =
    [b"traits", b"segments", b"geo", b"caps", b"marks", b"visits", b"purchases", b"lifetime_value"];

/// An object without members.
pub const EMPTY: [u8; 2] = [6, 0];

impl Attributes {
    /// The value at a dotted path from the root of all.
    pub fn path(&self, path: &[u8]) -> Option<&[u8]> {
        let dot = path.iter().position(|b| *b == b'.');
        match dot {
            None => self.root(path),
            Some(dot) => packed::path(self.root(path.get(..dot)?)?, path.get(dot + 1..)?),
        }
    }

    /// One root as a whole.
    pub fn root(&self, name: &[u8]) -> Option<&[u8]> {
        self.roots.iter().find(|(n, _)| n == name).map(|(_, value)| &**value)
    }

    /// Replace one root by a packed value.
    pub fn set_root(&mut self, name: &[u8], value: Vec<u8>) {
        match self.roots.iter_mut().find(|(n, _)| n == name) {
            Some((_, slot)) => *slot = value,
            None => self.roots.push((name.into(), value)),
        }
    }

    /// Set one member of a root to a packed value. Cost: copying the root.
    fn set(&mut self, root: &[u8], key: &[u8], value: &[u8]) {
        #[cfg(not(target_family = "wasm"))]
        if self.overwrite(root, key, value).is_some() {
            return;
        }
        let whole = self.root(root).unwrap_or_default();
        let mut w = Writer::default();
        let mut known = packed::get(whole, key).is_some();
        match view(whole) {
            Item::Map(members) => {
                w.map(members.left() + usize::from(!known));
                for (k, v) in members {
                    // Bytes from storage may hold it twice; then one is left out, as was counted.
                    if !(k == key && core::mem::take(&mut known)) {
                        w.bytes(k);
                        w.0.extend_from_slice(v);
                    }
                }
            }
            _ => w.map(1),
        }
        w.bytes(key);
        w.0.extend_from_slice(value);
        self.set_root(root, w.0);
    }

    /// Set the last member, where its new value is as long as the old one, where it lies: page views are counted so. A browser counts too seldom
    /// for the bytes of this.
    #[cfg(not(target_family = "wasm"))]
    fn overwrite(&mut self, root: &[u8], key: &[u8], value: &[u8]) -> Option<()> {
        let whole = &mut self.roots.iter_mut().find(|(name, _)| name == root)?.1;
        let old = packed::get(whole, key).filter(|old| old.len() == value.len())?;
        let place = (old.as_ptr() as usize).checked_sub(whole.as_ptr() as usize)?;
        let last = whole.get_mut(place..).filter(|last| last.len() == value.len())?;
        last.copy_from_slice(value);
        Some(())
    }

    /// Set one member of a root to a number.
    pub fn set_number(&mut self, root: &[u8], key: &[u8], n: f64) {
        let mut w = Writer::default();
        w.number(n);
        self.set(root, key, &w.0);
    }

    /// One member of a root as a number; 0 where it is none.
    pub fn number(&self, root: &[u8], key: &[u8]) -> f64 {
        self.root(root).and_then(|r| packed::get(r, key)).and_then(packed::number).unwrap_or(0.0)
    }

    /// Raise a number to at least `floor`: facts and the device's own count of the same thing overtake each other, the larger is newer.
    fn raise(&mut self, key: &[u8], floor: f64) {
        let now = self.number(b"visitor", key);
        self.set_number(b"visitor", key, if now > floor { now } else { floor });
    }

    /// What the edge knows of the visitor. Counts that this device keeps too are raised, never lowered; `traits segments geo` are roots of
    /// their own, `caps` and `marks` are not attributes, everything else stands under `visitor`.
    pub fn facts(&mut self, facts: &[u8]) {
        let Item::Map(members) = view(facts) else { return };
        for (key, value) in members {
            match FACTS.iter().position(|known| *known == key) {
                Some(0..3) => self.set_root(key, value.into()),
                Some(3..5) => {}
                Some(_) => self.raise(key, packed::number(value).unwrap_or(0.0)),
                None => self.set(b"visitor", key, value),
            }
        }
    }

    /// A session begins, the `number`th; `days` since the one before ended, if there was one.
    pub fn session_start(&mut self, number: u32, at: Timestamp, days: Option<i64>) {
        if let Some(days) = days {
            self.set_number(b"visitor", b"days_since_last_visit", days as f64);
        }
        self.raise(b"visits", f64::from(number));
        self.set_root(b"session", EMPTY.into());
        self.set_number(b"session", b"number", f64::from(number));
        self.set_number(b"session", b"started", at.0 as f64);
        self.set_number(b"session", b"page_views", 0.0);
    }

    /// The visitor's own orders and cart follow the events; `is_new_order` is false for a repeated transaction id.
    pub fn shop_event(&mut self, name: &[u8], props: &[u8], at: Timestamp, is_new_order: bool) {
        let purchase = name == names::PURCHASE.as_bytes();
        let add = name == names::ADD_TO_CART.as_bytes();
        let remove = name == names::REMOVE_FROM_CART.as_bytes();
        if !(purchase || add || remove || name == b"view_cart" || name == b"begin_checkout") {
            return;
        }
        let (mut value, mut quantity) = worth(props);
        if purchase {
            if is_new_order {
                self.set_number(b"visitor", b"purchases", self.number(b"visitor", b"purchases") + 1.0);
                self.set_number(b"visitor", b"lifetime_value", self.number(b"visitor", b"lifetime_value") + value);
                self.set_number(b"visitor", b"last_purchase", at.0 as f64);
            }
            (value, quantity) = (0.0, 0.0);
        } else if add || remove {
            let sign = if add { 1.0 } else { -1.0 };
            let left = |key: &[u8], change: f64| {
                let n = self.number(b"cart", key) + sign * change;
                if add || n > 0.0 { n } else { 0.0 }
            };
            (value, quantity) = (left(b"value", value), left(b"quantity", quantity));
        }
        self.set_root(b"cart", EMPTY.into());
        self.set_number(b"cart", b"value", value);
        self.set_number(b"cart", b"quantity", quantity);
    }
}

/// What an e-commerce event is worth and how many pieces it names: `value`, or price times quantity over `items`.
fn worth(props: &[u8]) -> (f64, f64) {
    let number = |of: &[u8], key: &[u8]| packed::get(of, key).and_then(packed::number);
    let mut quantity = 0.0;
    let mut sum = 0.0;
    if let Some(Item::List(items)) = packed::get(props, b"items").map(view) {
        for (_, item) in items {
            let pieces = number(item, b"quantity").unwrap_or(1.0);
            quantity += pieces;
            sum += pieces * number(item, b"price").unwrap_or(0.0);
        }
    }
    (number(props, b"value").unwrap_or(sum), quantity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use noren_event::Value;

    #[test]
    fn a_key_that_stands_there_twice_leaves_the_root_readable() {
        let mut attributes = Attributes::default();
        let twice = Value::Map(vec![("n".into(), 1.0.into()), ("m".into(), 2.0.into()), ("n".into(), 3.0.into())]);
        attributes.set_root(b"cart", packed::encode(&twice));
        attributes.set_number(b"cart", b"n", 9.0);
        attributes.set_number(b"cart", b"m", 8.0);
        let cart = packed::decode(attributes.root(b"cart").unwrap()).unwrap();
        assert_eq!(cart.as_map().unwrap().len(), 3);
        assert_eq!(attributes.path(b"cart.m").and_then(packed::number), Some(8.0));
    }
}
