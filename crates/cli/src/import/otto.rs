//! OTTO's session data (one JSON object a line: `session`, `events` of `aid`, `ts` in Unix ms and `type`).
//!
//! A session is a visitor. clicks are views of a product, carts additions of one piece. Orders name one article each; those of one
//! moment are one purchase with an item each, and the session and that moment are its transaction id.

use super::Emit;
use crate::Failure;
use serde_json::{Value as Json, json};
use std::io::BufRead;

pub fn read(source: impl BufRead, emit: &mut Emit) -> Result<(), Failure> {
    for (i, line) in source.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |what: &str| Failure(format!("line {}: {what}", i + 1));
        let record: Json = serde_json::from_str(&line).map_err(|e| wrong(&e.to_string()))?;
        let session = record["session"].as_i64().ok_or_else(|| wrong("no session"))?;
        let events = record["events"].as_array().ok_or_else(|| wrong("no events"))?;
        let mut order: Option<(i64, Vec<Json>)> = None;
        for event in events {
            let at = event["ts"].as_i64().ok_or_else(|| wrong("an event without ts"))?;
            let article = event["aid"].as_i64().ok_or_else(|| wrong("an event without aid"))?;
            let item = json!({"item_id": article.to_string(), "quantity": 1});
            let kind = event["type"].as_str().unwrap_or("");
            if order.as_ref().is_some_and(|(of, _)| kind != "orders" || *of != at)
                && let Some((of, items)) = order.take()
                && !emit(purchase(session, of, items))?
            {
                return Ok(());
            }
            let name = match kind {
                "clicks" => "view_item",
                "carts" => "add_to_cart",
                "orders" => {
                    order.get_or_insert((at, Vec::new())).1.push(item);
                    continue;
                }
                other => return Err(wrong(&format!("an event of type {other:?}"))),
            };
            let line = json!({"visitor": visitor(session), "at": at, "name": name, "props": {"items": [item]}});
            if !emit(line)? {
                return Ok(());
            }
        }
        if let Some((of, items)) = order
            && !emit(purchase(session, of, items))?
        {
            return Ok(());
        }
    }
    Ok(())
}

fn visitor(session: i64) -> String {
    format!("otto-{session}")
}

fn purchase(session: i64, at: i64, items: Vec<Json>) -> Json {
    let props = json!({"transaction_id": format!("{session}-{at}"), "items": items});
    json!({"visitor": visitor(session), "at": at, "name": "purchase", "props": props})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(source: &str) -> Result<Vec<Json>, String> {
        let mut out = Vec::new();
        read(source.as_bytes(), &mut |line| {
            out.push(line);
            Ok(true)
        })
        .map_err(|Failure(e)| e)?;
        Ok(out)
    }

    #[test]
    fn orders_of_one_moment_are_one_purchase() {
        let got = lines(concat!(
            r#"{"session":7,"events":[{"aid":1,"ts":10,"type":"clicks"},{"aid":1,"ts":20,"type":"carts"},"#,
            r#"{"aid":1,"ts":30,"type":"orders"},{"aid":2,"ts":30,"type":"orders"},{"aid":3,"ts":40,"type":"orders"},"#,
            r#"{"aid":9,"ts":50,"type":"clicks"}]}"#,
            "\n"
        ))
        .unwrap();
        let rows: Vec<(i64, &str, usize)> = got
            .iter()
            .map(|l| {
                (l["at"].as_i64().unwrap(), l["name"].as_str().unwrap(), l["props"]["items"].as_array().unwrap().len())
            })
            .collect();
        assert_eq!(
            rows,
            [
                (10, "view_item", 1),
                (20, "add_to_cart", 1),
                (30, "purchase", 2),
                (40, "purchase", 1),
                (50, "view_item", 1)
            ]
        );
        assert_eq!(got[2]["props"]["transaction_id"], "7-30");
        assert_eq!(got[0]["visitor"], "otto-7");
    }

    #[test]
    fn a_purchase_at_the_end_of_a_session_is_kept() {
        let got = lines(r#"{"session":1,"events":[{"aid":1,"ts":5,"type":"orders"}]}"#).unwrap();
        assert_eq!(got.len(), 1);
    }

    #[test]
    fn a_broken_line_is_named() {
        assert_eq!(lines("{\"session\":1,\"events\":[]}\n{}\n").unwrap_err(), "line 2: no session");
    }
}
