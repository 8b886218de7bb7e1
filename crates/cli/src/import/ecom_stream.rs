//! The demo shop of retentioneering (CSV: `user_id`, `session_id`, `event`, `timestamp`...). Synthetic data.
//!
//! Timestamps have no zone and are taken as UTC. What the shop calls a page is a page view with an address made of its name; what is an
//! action has its standard event. A row of `add_to_cart` is one piece. Platform, channel, cohort and life cycle ride along as properties.

use super::Emit;
use crate::Failure;
use serde_json::json;
use std::io::Read;

/// The shop has no real address; this one is reserved for examples (RFC 2606).
const SHOP: &str = "https://shop.example/";

pub fn read(source: impl Read, emit: &mut Emit) -> Result<(), Failure> {
    let mut table = csv::Reader::from_reader(source);
    let header = table.headers()?.clone();
    let column = |name: &str| {
        header.iter().position(|h| h == name).ok_or_else(|| Failure(format!("the header line has no {name:?}")))
    };
    let (user, session, event, timestamp) =
        (column("user_id")?, column("session_id")?, column("event")?, column("timestamp")?);
    let riders = ["platform", "acquisition_channel", "user_cohort", "user_lifecycle"]
        .map(|name| (name, header.iter().position(|h| h == name)));
    for (i, row) in table.records().enumerate() {
        let row = row?;
        let get = |i: usize| row.get(i).unwrap_or("");
        // The header is line 1.
        let wrong = |what: String| Failure(format!("line {}: {what}", i + 2));
        let at = utc_ms(get(timestamp)).ok_or_else(|| wrong(format!("{:?} is not a time", get(timestamp))))?;
        let kind = get(event);
        if kind.is_empty() || get(user).is_empty() {
            return Err(wrong("user_id or event is empty".into()));
        }
        let mut props = json!({"session_id": get(session)});
        let name = match kind {
            "product_view" => "view_item",
            "add_to_cart" => {
                props["items"] = json!([{"quantity": 1}]);
                "add_to_cart"
            }
            "purchase" => {
                props["transaction_id"] = json!(format!("{}-{at}", get(session)));
                "purchase"
            }
            "search" => "search",
            "shipping_details" => "add_shipping_info",
            "payment_details" => "add_payment_info",
            "wishlist_add" => "add_to_wishlist",
            "filter_results" => "view_item_list",
            "payment_error" | "checkout_bug" => kind,
            page => {
                let path = if page == "home" { String::new() } else { format!("{}/", page.trim_end_matches("_page")) };
                props["page_location"] = json!(format!("{SHOP}{path}"));
                props["page_path"] = json!(format!("/{path}"));
                "page_view"
            }
        };
        for (name, place) in riders {
            if let Some(value) = place.map(get).filter(|v| !v.is_empty()) {
                props[name] = json!(value);
            }
        }
        let line = json!({"visitor": get(user), "at": at, "name": name, "props": props});
        if !emit(line)? {
            break;
        }
    }
    Ok(())
}

/// `2024-03-13 10:21:14` as Unix ms.
fn utc_ms(text: &str) -> Option<i64> {
    let local: jiff::civil::DateTime = text.parse().ok()?;
    Some(jiff::tz::Offset::UTC.to_timestamp(local).ok()?.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;

    fn lines(source: &str) -> Result<Vec<Json>, String> {
        let mut out = Vec::new();
        read(source.as_bytes(), &mut |line| {
            out.push(line);
            Ok(true)
        })
        .map_err(|Failure(e)| e)?;
        Ok(out)
    }

    const HEADER: &str = "user_id,session_id,event,timestamp,platform\n";

    #[test]
    fn rows_become_standard_events_at_utc() {
        let rows = [
            ("home", "page_view", Some("/")),
            ("account_page", "page_view", Some("/account/")),
            ("cart", "page_view", Some("/cart/")),
            ("product_view", "view_item", None),
            ("add_to_cart", "add_to_cart", None),
            ("purchase", "purchase", None),
            ("checkout_bug", "checkout_bug", None),
        ];
        for (kind, name, path) in rows {
            let got = lines(&format!("{HEADER}u,s,{kind},1970-01-02 00:00:01,mobile\n")).unwrap();
            assert_eq!((got[0]["at"].as_i64(), got[0]["name"].as_str()), (Some(86_401_000), Some(name)), "{kind}");
            assert_eq!(got[0]["props"]["page_path"].as_str(), path, "{kind}");
            assert_eq!(got[0]["props"]["platform"], "mobile");
        }
    }

    #[test]
    fn a_broken_row_is_named() {
        assert_eq!(lines(&format!("{HEADER}u,s,home,soon,x\n")).unwrap_err(), "line 2: \"soon\" is not a time");
        assert_eq!(lines("a,b\n1,2\n").unwrap_err(), "the header line has no \"user_id\"");
    }
}
