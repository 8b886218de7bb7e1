//! The demo shop's own server: it asks for a coupon's worth and redeems it, as a real shop's server would with its server key. Answers only for
//! the demo site, on a development server.

use noren_edge::Failure;
use noren_wire::bounds::SMALL_BODY_MAX_BYTES;
use noren_wire::coupon::RedeemAnswer;
use noren_wire::error::Code;
use noren_wire::inner::PoolRedeem;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use worker::Request;

use crate::admin::pools;
use crate::answer::{self, Answer};
use crate::body;
use crate::edge::{Edge, now};
use crate::site_copy::{self, DEMO};

#[derive(Deserialize)]
struct Asked {
    code: String,
    #[serde(default)]
    total: Option<f64>,
    #[serde(default)]
    order: String,
}

/// `POST /shop/api/coupon` looks, `POST /shop/api/redeem` uses.
///
/// # Errors
/// `not_found` anywhere but on a development server.
pub async fn answer(what: &str, mut request: Request, edge: &Edge) -> Answer {
    if !edge.loopback {
        return Err(Code::NotFound.into());
    }
    let asked: Asked = body::json(&mut request, SMALL_BODY_MAX_BYTES).await?;
    let doc = site_copy::settings(edge, DEMO).await?;
    let order = if what == "redeem" { asked.order.as_str() } else { "" };
    if what == "redeem" && order.is_empty() {
        return Err(noren_wire::error::Problem::field("order", "the order's number").into());
    }
    let look = PoolRedeem {
        now: now(),
        by: "demo shop".into(),
        code: asked.code.trim().into(),
        order: order.into(),
        total: asked.total,
        ..PoolRedeem::default()
    };
    // What no code can be is asked of no pool.
    let answer = match pools::ask(edge, &doc, "redeem", &look).await {
        Err(Failure::Refused(problem)) if problem.path.as_deref() == Some("code") => {
            RedeemAnswer::refused("coupon_unknown")
        }
        answer => answer?,
    };
    answer::json(&match answer {
        RedeemAnswer::Good { terms, .. } => {
            // Without a total a percentage has no amount yet; the shop asks again with one.
            let discount =
                asked.total.map_or(if terms.kind == "percent" { 0.0 } else { terms.value }, |t| terms.discount(t));
            let (en, ja) = if terms.kind == "percent" {
                (format!("{}% off", terms.value), format!("{}%引き", terms.value))
            } else {
                (format!("¥{} off", grouped(terms.value)), format!("{}円引き", grouped(terms.value)))
            };
            json!({ "ok": true, "label": { "en": en, "ja": ja }, "discount": discount })
        }
        RedeemAnswer::Refused { code, .. } => json!({ "ok": false, "code": code, "message": message(&code) }),
    })
}

fn message(code: &str) -> Json {
    match code {
        "coupon_used" => {
            json!({ "en": "This coupon has already been used.", "ja": "このクーポンはすでに使用されています。" })
        }
        "coupon_expired" => json!({ "en": "This coupon has expired.", "ja": "このクーポンは有効期限が切れています。" }),
        "minimum" => {
            json!({ "en": "The order is below this coupon's minimum.", "ja": "ご注文金額がこのクーポンの最低金額に達していません。" })
        }
        _ => json!({ "en": "We do not know this coupon.", "ja": "このクーポンコードは確認できませんでした。" }),
    }
}

/// 12345 as 12,345.
fn grouped(n: f64) -> String {
    let digits = format!("{n:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
