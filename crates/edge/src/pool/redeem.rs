//! Using a code, and giving it back when the order came to nothing: what a shop's server asks.

use noren_wire::bounds::{CODE_MAX_CHARS, FOREIGN_ID_MAX_BYTES, IDEMPOTENCY_KEY_MAX_CHARS};
use noren_wire::coupon::RedeemAnswer;
use noren_wire::error::Problem;
use noren_wire::inner::{Owed, PoolRedeem};
use noren_wire::stored::PoolDoc;

use super::{CLAIMED, LAPSED, REDEEMED, load, owe, save};
use crate::Result;
use crate::sql::{Param, Row, Sql, whole};

/// What a shop asks, before any pool is looked at.
///
/// # Errors
/// `body_invalid` with the field.
pub fn check(asked: &PoolRedeem) -> core::result::Result<(), Problem> {
    let key = &asked.key;
    if key.len() > IDEMPOTENCY_KEY_MAX_CHARS || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Problem::field("Idempotency-Key", "a header of 1 to 64 visible characters"));
    }
    if asked.code.is_empty() || asked.code.chars().count() > CODE_MAX_CHARS {
        return Err(Problem::field("code", "1 to 64 characters"));
    }
    if asked.order.len() > FOREIGN_ID_MAX_BYTES {
        return Err(Problem::field("order", "at most 256 bytes"));
    }
    if asked.total.is_some_and(|total| !(0.0..=1e15).contains(&total)) {
        return Err(Problem::field("total", "0 or more"));
    }
    Ok(())
}

/// Whether a code may be used, and with an order, use it. The same order again is answered as before, and so is the same key. `None`: not a
/// code of this pool.
///
/// # Errors
/// `Broken`; the code is then as it was.
pub fn redeem(sql: &dyn Sql, asked: &PoolRedeem) -> Result<Option<RedeemAnswer>> {
    once(sql, "redeem", asked, |doc, row| {
        let refused = |code: &str, at: Option<i64>| refused(code, at, None);
        let same_order = !asked.order.is_empty() && row.text(2) == asked.order;
        if let Some(not_yours) = whose(doc, row, asked) {
            return Ok(Judged::No(not_yours));
        }
        match row.int(0) {
            REDEEMED if same_order => return Ok(Judged::Before),
            REDEEMED => {
                return Ok(Judged::No(self::refused("coupon_used", Some(row.int(4)), Some(row.text(2)))));
            }
            CLAIMED if row.int(1) <= asked.now => return Ok(Judged::No(refused("coupon_expired", Some(row.int(1))))),
            CLAIMED => {}
            LAPSED => return Ok(Judged::No(refused("coupon_expired", Some(row.int(1))))),
            // It went back from somebody's hands to nobody's.
            _ if !row.text(5).is_empty() => return Ok(Judged::No(refused("coupon_expired", None))),
            // Nobody was shown it: whoever types it has guessed.
            _ => return Ok(Judged::No(refused("coupon_unknown", None))),
        }
        let asks = |code: &str| {
            Ok(Judged::No(RedeemAnswer::Refused {
                ok: false,
                code: code.into(),
                at: None,
                order: None,
                terms: Some(doc.terms.clone()),
            }))
        };
        if !asked.currency.is_empty() && !doc.terms.currency.is_empty() && asked.currency != doc.terms.currency {
            return asks("currency");
        }
        if asked.total.is_some_and(|total| total < doc.terms.minimum) {
            return asks("minimum");
        }
        if asked.order.is_empty() {
            return Ok(Judged::Before);
        }
        sql.exec(
            "UPDATE code SET state = ?, ordered = ?, at = ?, released = '' WHERE code = ?",
            &[Param::Int(REDEEMED), Param::Text(&asked.order), Param::Int(asked.now), Param::Text(&asked.code)],
        )?;
        Ok(Judged::Done)
    })
}

/// Give a used code back to who held it, because the order it was used in came to nothing: it is good again for as long as it would have been.
/// The same order again is answered as before. `None`: not a code of this pool.
///
/// # Errors
/// `Broken`; the code is then as it was.
pub fn release(sql: &dyn Sql, asked: &PoolRedeem) -> Result<Option<RedeemAnswer>> {
    once(sql, "release", asked, |_, row| match row.int(0) {
        REDEEMED if row.text(2) == asked.order => {
            sql.exec(
                "UPDATE code SET state = ?, ordered = '', released = ? WHERE code = ?",
                &[Param::Int(CLAIMED), Param::Text(&asked.order), Param::Text(&asked.code)],
            )?;
            Ok(Judged::Done)
        }
        REDEEMED => Ok(Judged::No(refused("order_other", Some(row.int(4)), None))),
        _ if !asked.order.is_empty() && row.text(6) == asked.order => Ok(Judged::Before),
        CLAIMED => Ok(Judged::No(refused("coupon_not_used", None, None))),
        LAPSED => Ok(Judged::No(refused("coupon_expired", Some(row.int(1)), None))),
        _ => Ok(Judged::No(refused("coupon_unknown", None, None))),
    })
}

enum Judged {
    /// Just now.
    Done,
    /// It was done before, or there is nothing to do.
    Before,
    No(RedeemAnswer),
}

fn refused(code: &str, at: Option<i64>, order: Option<&str>) -> RedeemAnswer {
    RedeemAnswer::Refused {
        ok: false,
        code: code.into(),
        at: at.filter(|at| *at > 0),
        order: order.map(Into::into),
        terms: None,
    }
}

/// Why it is not this visitor's, if it is not.
fn whose(doc: &PoolDoc, row: &Row, asked: &PoolRedeem) -> Option<RedeemAnswer> {
    let held = matches!(row.int(0), CLAIMED | REDEEMED);
    let is = |id: &str| asked.visitors.iter().any(|visitor| visitor == id);
    if doc.bound && held {
        return match (asked.visitors.is_empty(), is(row.text(3))) {
            (true, _) => Some(refused("visitor_needed", None, None)),
            (_, false) => Some(refused("coupon_not_yours", None, None)),
            _ => None,
        };
    }
    // An open code may come from anybody but those who let it lapse.
    let lapsed_with_them = row.text(5).split_whitespace().any(is) && !is(row.text(3));
    (held && lapsed_with_them).then(|| refused("coupon_expired", None, None))
}

/// Judge a code of this pool, in one transaction with what that changes, what is remembered of the key, and a line for the audit. A key
/// remembers what was done; a refusal changed nothing, so it is judged anew.
fn once(
    sql: &dyn Sql,
    what: &str,
    asked: &PoolRedeem,
    judge: impl FnOnce(&PoolDoc, &Row) -> Result<Judged>,
) -> Result<Option<RedeemAnswer>> {
    let Some(mut doc) = load(sql)? else { return Ok(None) };
    whole(sql, || {
        let rows = sql.exec(
            "SELECT state, expires, ordered, visitor, at, former, released FROM code WHERE code = ?",
            &[Param::Text(&asked.code)],
        )?;
        let Some(row) = rows.first() else { return Ok(None) };
        let request = format!("{what}|{}|{}", asked.code, asked.order);
        if !asked.key.is_empty() {
            let known = sql.exec("SELECT asked, answer FROM deed WHERE key = ?", &[Param::Text(&asked.key)])?;
            if let Some(deed) = known.first() {
                let same = deed.text(0) == request;
                return if same {
                    Ok(Some(serde_json::from_str(deed.text(1))?))
                } else {
                    Ok(Some(RedeemAnswer::refused("key_reused")))
                };
            }
        }
        let judged = judge(&doc, row)?;
        let answer = RedeemAnswer::Good { ok: true, terms: doc.terms.clone() };
        match judged {
            Judged::No(answer) => return Ok(Some(answer)),
            Judged::Done => {
                let what = what.to_string();
                let of = format!("{} {} ({})", asked.code, asked.order, doc.pool);
                owe(
                    sql,
                    &mut doc,
                    "site",
                    &Owed::Deed { at: asked.now, by: asked.by.clone(), action: what, what: of },
                )?;
                save(sql, &doc)?;
            }
            Judged::Before => {}
        }
        if !asked.key.is_empty() && !asked.order.is_empty() {
            let answer = serde_json::to_string(&answer)?;
            sql.exec(
                "INSERT INTO deed (key, at, asked, answer) VALUES (?, ?, ?, ?)",
                &[Param::Text(&asked.key), Param::Int(asked.now), Param::Text(&request), Param::Text(&answer)],
            )?;
        }
        Ok(Some(answer))
    })
}
