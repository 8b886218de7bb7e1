//! What visitors of a made-up shop do, as event lines in order of time: the same for the same number of lines.
//!
//! A visit goes from page to page, about thirteen lines long; one visitor in three comes back within five days. A line has the six to ten properties that
//! shops send (names and shapes of GA4's e-commerce events), most of which no campaign asks for.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write;

/// Categories of the shop, and so of campaigns.
pub const CATEGORIES: [&str; 10] =
    ["sencha", "hojicha", "matcha", "oolong", "darjeeling", "herbal", "teapots", "cups", "sweets", "gifts"];
/// Where visitors come from.
pub const SOURCES: [&str; 5] = ["newsletter", "google", "instagram", "line", "affiliate"];
const BRANDS: [&str; 6] = ["Uji", "Yame", "Shizuoka", "Kagoshima", "Ureshino", "Noren"];
const TERMS: [&str; 6] = ["green tea", "gift under 3000", "iron teapot", "caffeine free", "matcha whisk", "autumn"];

/// 2026-09-01T00:00:00Z.
const START: i64 = 1_788_220_800_000;
const HOUR: i64 = 3_600_000;
const LINES_A_VISIT: i64 = 13;

/// Numbers that look random and are the same in every run (Knuth's MMIX generator).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n.max(1)
    }

    fn between(&mut self, from: i64, until: i64) -> i64 {
        from + i64::try_from(self.below(u64::try_from(until - from).unwrap_or(1))).unwrap_or(0)
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        let place = self.below(of.len() as u64);
        of.get(usize::try_from(place).unwrap_or(0)).copied().unwrap_or_default()
    }
}

#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    #[default]
    Away,
    Home,
    Category,
    Product,
    Cart,
    Checkout,
}

/// A visitor who is on the site or will be.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Visitor {
    number: u64,
    place: Place,
    category: usize,
    product: u64,
    /// Pieces in the cart, and what they come to.
    pieces: u64,
    value: u64,
    mobile: bool,
    orders: u64,
}

/// The log, line by line.
pub struct Log {
    dice: Dice,
    left: u64,
    /// From one newcomer to the next, on average.
    arrival: i64,
    newcomer: i64,
    visitors: u64,
    coming: BinaryHeap<Reverse<(i64, Visitor)>>,
}

impl Log {
    /// So many lines, spread over about so many days.
    pub fn new(lines: u64, days: u64) -> Log {
        let span = i64::try_from(days).unwrap_or(0) * 24 * HOUR;
        let visits = (i64::try_from(lines).unwrap_or(i64::MAX) / LINES_A_VISIT).max(1);
        // A third of the visits are of visitors who come back.
        let arrival = (span * 3 / (visits * 2)).max(1);
        Log { dice: Dice(2_026), left: lines, arrival, newcomer: START, visitors: 0, coming: BinaryHeap::new() }
    }

    /// Write the next line, with its end; false where there is none.
    pub fn line(&mut self, out: &mut String) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        self.left = left;
        while self.coming.peek().is_none_or(|Reverse((at, _))| self.newcomer <= *at) {
            self.visitors += 1;
            let visitor = Visitor { number: self.visitors, mobile: self.dice.below(3) > 0, ..Visitor::default() };
            self.coming.push(Reverse((self.newcomer, visitor)));
            self.newcomer += self.dice.between(0, 2 * self.arrival + 1);
        }
        let Some(Reverse((at, mut visitor))) = self.coming.pop() else { return false };
        let next = self.step(at, &mut visitor, out);
        if let Some(next) = next {
            self.coming.push(Reverse((at + next, visitor)));
        }
        true
    }

    /// What a visitor does next, and how long after it something more.
    fn step(&mut self, at: i64, v: &mut Visitor, out: &mut String) -> Option<i64> {
        let dice = &mut self.dice;
        let roll = dice.below(100);
        if v.place != Place::Away && roll < 7 {
            v.place = Place::Away;
            write_line(out, v, at, r#""type":"page","name":"leave""#, format_args!(""));
            return (dice.below(3) == 0).then(|| dice.between(HOUR, 120 * HOUR));
        }
        match (v.place, roll) {
            (Place::Away, _) => {
                v.place = if roll < 50 { Place::Home } else { Place::Category };
                v.category = usize::try_from(dice.below(CATEGORIES.len() as u64)).unwrap_or(0);
                self.page_view(at, v, out);
            }
            (Place::Product, 7..=44) => {
                item_event(out, v, at, "view_item", 1);
                return Some(dice.between(200, 2_000));
            }
            (Place::Product, 45..=52) => {
                v.pieces += 1;
                v.value += price(v.product);
                item_event(out, v, at, "add_to_cart", 1);
            }
            (Place::Category | Place::Home, 7..=24) => {
                let list = CATEGORIES.get(v.category).copied().unwrap_or_default();
                let name = if roll < 16 { "view_item_list" } else { "select_item" };
                let head = format!(r#""name":"{name}""#);
                write_line(
                    out,
                    v,
                    at,
                    &head,
                    format_args!(
                        r#","props":{{"item_list_id":"{list}","item_list_name":"All {list}","items":[{{"item_id":"{list}-{}","index":0}},{{"item_id":"{list}-{}","index":1}}],"engagement_time_msec":{},"page_location":"https://shop.example/c/{list}","debug_mode":false}}"#,
                        dice.below(20),
                        dice.below(20),
                        dice.below(30_000),
                    ),
                );
            }
            (_, 53..=62) => {
                write_line(
                    out,
                    v,
                    at,
                    r#""type":"signal","name":"scroll""#,
                    format_args!(
                        r#","props":{{"percent_scrolled":{},"page_location":"https://shop.example/","engagement_time_msec":{}}}"#,
                        25 * (1 + dice.below(4)),
                        dice.below(60_000),
                    ),
                );
            }
            (Place::Home | Place::Category, 63..=66) => {
                let term = dice.one(&TERMS);
                write_line(
                    out,
                    v,
                    at,
                    r#""name":"search""#,
                    format_args!(
                        r#","props":{{"search_term":"{term}","results":{},"sort":"relevance","page_location":"https://shop.example/search?q={term}","language":"ja-jp","session_engaged":true}}"#,
                        dice.below(60),
                    ),
                );
            }
            (Place::Checkout, 63..=80) if v.pieces > 0 => {
                v.orders += 1;
                item_event(out, v, at, "purchase", v.pieces);
                (v.pieces, v.value, v.place) = (0, 0, Place::Home);
            }
            (Place::Cart, 63..=80) if v.pieces > 0 => {
                v.place = Place::Checkout;
                item_event(out, v, at, "begin_checkout", v.pieces);
            }
            (Place::Cart, 7..=14) if v.pieces > 0 => {
                v.pieces -= 1;
                v.value = v.value.saturating_sub(price(v.product));
                item_event(out, v, at, "remove_from_cart", 1);
            }
            (place, _) => {
                v.place = match (place, roll) {
                    (Place::Product, 90..) if v.pieces > 0 => Place::Cart,
                    (Place::Cart, 90..) if v.pieces > 0 => Place::Checkout,
                    (Place::Home, _) => Place::Category,
                    (_, ..=35) => Place::Category,
                    _ => Place::Product,
                };
                if v.place == Place::Category {
                    v.category = usize::try_from(dice.below(CATEGORIES.len() as u64)).unwrap_or(0);
                }
                v.product = dice.below(20);
                self.page_view(at, v, out);
            }
        }
        Some(self.dice.between(500, 45_000))
    }

    fn page_view(&mut self, at: i64, v: &Visitor, out: &mut String) {
        let category = CATEGORIES.get(v.category).copied().unwrap_or_default();
        let path = match v.place {
            Place::Category => format!("/c/{category}"),
            Place::Product => format!("/p/{category}/{}", v.product),
            Place::Cart => "/cart".to_owned(),
            Place::Checkout => "/checkout".to_owned(),
            Place::Home | Place::Away => "/".to_owned(),
        };
        let query = match self.dice.below(4) {
            0 => format!(
                "?utm_source={}&utm_medium=cpc&utm_campaign=autumn-{}",
                self.dice.one(&SOURCES),
                self.dice.below(9)
            ),
            _ => String::new(),
        };
        write_line(
            out,
            v,
            at,
            r#""name":"page_view""#,
            format_args!(
                r#","props":{{"page_location":"https://shop.example{path}{query}","page_title":"{category} | The tea shop","page_referrer":"https://www.google.com/","language":"ja-jp","screen_resolution":"{}","engagement_time_msec":{},"session_engaged":true,"template":"{}"}}"#,
                if v.mobile { "390x844" } else { "1920x1080" },
                self.dice.below(60_000),
                if v.place == Place::Product { "product" } else { "list" },
            ),
        );
    }
}

fn price(product: u64) -> u64 {
    480 + 120 * product
}

fn item_event(out: &mut String, v: &Visitor, at: i64, name: &str, quantity: u64) {
    let category = CATEGORIES.get(v.category).copied().unwrap_or_default();
    let value = if quantity == 1 { price(v.product) } else { v.value };
    let brand = BRANDS.get(usize::try_from(v.product).unwrap_or(0) % BRANDS.len()).copied().unwrap_or_default();
    let order = match name {
        "purchase" => format!(r#""transaction_id":"T-{}-{}","tax":{},"shipping":500,"#, v.number, v.orders, value / 11),
        _ => String::new(),
    };
    let head = format!(r#""name":"{name}""#);
    write_line(
        out,
        v,
        at,
        &head,
        format_args!(
            r#","props":{{{order}"currency":"JPY","value":{value},"items":[{{"item_id":"{category}-{}","item_name":"{brand} {category} {}g","item_brand":"{brand}","item_category":"{category}","price":{},"quantity":{quantity}}}],"page_location":"https://shop.example/p/{category}/{}","language":"ja-jp","in_stock":true}}"#,
            v.product,
            50 + v.product,
            price(v.product),
            v.product,
        ),
    );
}

fn write_line(out: &mut String, v: &Visitor, at: i64, head: &str, rest: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(
        out,
        r#"{{"visitor":"{:016x}","at":{at},{head},"device":"d-{:x}"{rest}}}"#,
        v.number.wrapping_mul(0x9e37_79b9_7f4a_7c15),
        v.number
    );
}
