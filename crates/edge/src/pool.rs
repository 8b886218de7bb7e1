//! A pool of coupon codes: each is handed out once, to one visitor for one campaign, and redeemed once.
//!
//! `free` holds what nobody has, `code` all codes and their state, `claim` who was given which. A claim takes three rows. The object runs one
//! request at a time and each claim is one transaction, so a stock of n serves exactly n whatever the race.

use noren_wire::bounds::{CODE_MAX_CHARS, EXPIRES_AFTER_MAX_MS};
use noren_wire::coupon::{CouponAnswer, PoolAnswer, RedeemAnswer, Terms};
use noren_wire::error::Problem;
use noren_wire::inner::{PoolClaim, PoolFill, PoolRedeem};

use crate::sql::{Param, Row, Sql, has_table, whole};
use crate::{Failure, Result};

/// How long a code is held when the pool does not say.
pub const EXPIRES_AFTER_DEFAULT_MS: i64 = 7 * 86_400_000;

/// Lapsed claims taken back at once when the stock is empty.
const RETURN_BATCH: i64 = 50;

const CLAIMED: i64 = 1;
const REDEEMED: i64 = 2;

fn create(sql: &dyn Sql) -> Result<()> {
    for table in [
        "CREATE TABLE IF NOT EXISTS settings (id INTEGER PRIMARY KEY CHECK (id = 0), terms TEXT NOT NULL, expires_after INTEGER NOT NULL)",
        "CREATE TABLE IF NOT EXISTS code (code TEXT PRIMARY KEY, state INTEGER NOT NULL, visitor TEXT NOT NULL, campaign TEXT NOT NULL, \
         expires INTEGER NOT NULL, ordered TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS free (n INTEGER PRIMARY KEY, code TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS claim (visitor TEXT NOT NULL, campaign TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (visitor, campaign)) \
         WITHOUT ROWID",
    ] {
        sql.exec(table, &[])?;
    }
    Ok(())
}

/// Create the pool, change its settings, add codes. Codes already there are left as they are.
///
/// # Errors
/// `body_invalid` for a code or terms that cannot be; `Broken`.
pub fn fill(sql: &dyn Sql, fill: &PoolFill) -> Result<PoolAnswer> {
    for (i, code) in fill.codes.iter().enumerate() {
        if code.is_empty()
            || code.chars().count() > CODE_MAX_CHARS
            || code.trim() != code
            || code.contains(char::is_control)
        {
            return Err(Problem::field(&format!("codes[{i}]"), "1 to 64 characters without spaces at its ends").into());
        }
    }
    if let Some(terms) = &fill.terms {
        check_terms(terms)?;
    }
    if fill.expires_after_ms.is_some_and(|ms| !(1..=EXPIRES_AFTER_MAX_MS).contains(&ms)) {
        return Err(Problem::field("expires_after", "up to 365d").into());
    }
    whole(sql, || {
        create(sql)?;
        let (old_terms, old_expires) =
            match sql.exec("SELECT terms, expires_after FROM settings WHERE id = 0", &[])?.first() {
                Some(row) => (Some(row.text(0).to_string()), row.int(1)),
                None => (None, EXPIRES_AFTER_DEFAULT_MS),
            };
        let terms = match (&fill.terms, old_terms) {
            (Some(terms), _) => serde_json::to_string(terms)?,
            (None, Some(old)) => old,
            (None, None) => {
                return Err(Problem::field("terms", "what the codes are worth, at the pool's creation").into());
            }
        };
        let settings = [Param::Text(&terms), Param::Int(fill.expires_after_ms.unwrap_or(old_expires))];
        sql.exec(
            "INSERT INTO settings (id, terms, expires_after) VALUES (0, ?, ?) ON CONFLICT (id) DO UPDATE SET terms = excluded.terms, \
             expires_after = excluded.expires_after",
            &settings,
        )?;
        for code in &fill.codes {
            let known = sql.exec("SELECT 1 FROM code WHERE code = ?", &[Param::Text(code)])?;
            if known.is_empty() {
                sql.exec("INSERT INTO code VALUES (?, 0, '', '', 0, '')", &[Param::Text(code)])?;
                sql.exec("INSERT INTO free (code) VALUES (?)", &[Param::Text(code)])?;
            }
        }
        stock(sql)
    })
}

fn check_terms(terms: &Terms) -> Result<()> {
    let wrong = |field: &str, what: &str| Err(Problem::field(field, what).into());
    if !matches!(terms.kind.as_str(), "amount" | "percent") {
        return wrong("terms.kind", "amount or percent");
    }
    let most = if terms.kind == "percent" { 100.0 } else { 1e12 };
    if !(terms.value > 0.0 && terms.value <= most) {
        return wrong("terms.value", "above 0, and at most 100 per cent");
    }
    if !(terms.minimum >= 0.0 && terms.minimum <= 1e12) {
        return wrong("terms.minimum", "0 or more");
    }
    Ok(())
}

/// The pool's state, or `None` where there is none.
///
/// # Errors
/// `Broken`.
pub fn state(sql: &dyn Sql) -> Result<Option<PoolAnswer>> {
    if has_table(sql, "code")? { stock(sql).map(Some) } else { Ok(None) }
}

fn stock(sql: &dyn Sql) -> Result<PoolAnswer> {
    let mut answer = PoolAnswer::default();
    for row in sql.exec("SELECT state, COUNT(*) FROM code GROUP BY state", &[])? {
        let count = row.int(1).max(0) as u64;
        match row.int(0) {
            CLAIMED => answer.claimed = count,
            REDEEMED => answer.redeemed = count,
            _ => answer.stock = count,
        }
    }
    Ok(answer)
}

/// Hand this visitor the code of this campaign: the same as before, or a free one, or one whose holder let it lapse.
///
/// # Errors
/// `Broken`.
pub fn claim(sql: &dyn Sql, claim: &PoolClaim) -> Result<CouponAnswer> {
    if !has_table(sql, "code")? {
        return Ok(CouponAnswer::refused("pool_unknown"));
    }
    whole(sql, || {
        let Some(settings) =
            sql.exec("SELECT terms, expires_after FROM settings WHERE id = 0", &[])?.into_iter().next()
        else {
            return Ok(CouponAnswer::refused("pool_unknown"));
        };
        let terms: Terms = serde_json::from_str(settings.text(0))?;
        let held = sql.exec(
            "SELECT code.code, code.expires, code.state FROM claim JOIN code ON code.code = claim.code WHERE claim.visitor = ? AND claim.campaign = ?",
            &[Param::Text(&claim.visitor), Param::Text(&claim.campaign)],
        )?;
        if let Some(row) = held.first()
            && (row.int(1) > claim.now || row.int(2) == REDEEMED)
        {
            return Ok(CouponAnswer::Held { ok: true, code: row.text(0).into(), expires: row.int(1), terms });
        }
        // A lapsed claim of this visitor is over: its code may be anybody's, theirs included.
        if let Some(row) = held.first() {
            give_back(sql, row.text(0), &claim.visitor, &claim.campaign)?;
        }
        let Some((n, code)) = next_free(sql, claim.now)? else { return Ok(CouponAnswer::refused("pool_empty")) };
        let expires = claim.now.saturating_add(settings.int(1));
        sql.exec("DELETE FROM free WHERE n = ?", &[Param::Int(n)])?;
        sql.exec(
            "UPDATE code SET state = ?, visitor = ?, campaign = ?, expires = ? WHERE code = ?",
            &[
                Param::Int(CLAIMED),
                Param::Text(&claim.visitor),
                Param::Text(&claim.campaign),
                Param::Int(expires),
                Param::Text(&code),
            ],
        )?;
        sql.exec(
            "INSERT INTO claim (visitor, campaign, code) VALUES (?, ?, ?)",
            &[Param::Text(&claim.visitor), Param::Text(&claim.campaign), Param::Text(&code)],
        )?;
        Ok(CouponAnswer::Held { ok: true, code, expires, terms })
    })
}

fn next_free(sql: &dyn Sql, now: i64) -> Result<Option<(i64, String)>> {
    let pick = |rows: Vec<Row>| rows.first().map(|row| (row.int(0), row.text(1).to_string()));
    let next = || sql.exec("SELECT n, code FROM free ORDER BY n LIMIT 1", &[]);
    if let Some(found) = pick(next()?) {
        return Ok(Some(found));
    }
    let lapsed = sql.exec(
        "SELECT code, visitor, campaign FROM code WHERE state = ? AND expires <= ? ORDER BY expires LIMIT ?",
        &[Param::Int(CLAIMED), Param::Int(now), Param::Int(RETURN_BATCH)],
    )?;
    for row in &lapsed {
        give_back(sql, row.text(0), row.text(1), row.text(2))?;
    }
    Ok(pick(next()?))
}

fn give_back(sql: &dyn Sql, code: &str, visitor: &str, campaign: &str) -> Result<()> {
    sql.exec("DELETE FROM claim WHERE visitor = ? AND campaign = ?", &[Param::Text(visitor), Param::Text(campaign)])?;
    sql.exec(
        "UPDATE code SET state = 0, visitor = '', campaign = '', expires = 0 WHERE code = ?",
        &[Param::Text(code)],
    )?;
    sql.exec("INSERT INTO free (code) VALUES (?)", &[Param::Text(code)])?;
    Ok(())
}

/// Whether a code may be used, and with an order, use it. The same order again is answered as before. `None`: not a code of this pool.
///
/// # Errors
/// `Broken`.
pub fn redeem(sql: &dyn Sql, redeem: &PoolRedeem) -> Result<Option<RedeemAnswer>> {
    if !has_table(sql, "code")? {
        return Ok(None);
    }
    whole(sql, || {
        let rows = sql.exec("SELECT state, expires, ordered FROM code WHERE code = ?", &[Param::Text(&redeem.code)])?;
        let Some(row) = rows.first() else { return Ok(None) };
        let settings = sql.exec("SELECT terms FROM settings WHERE id = 0", &[])?;
        let Some(settings) = settings.first() else { return Err(Failure::Broken("a pool without settings".into())) };
        let terms: Terms = serde_json::from_str(settings.text(0))?;
        match row.int(0) {
            REDEEMED if !redeem.order.is_empty() && row.text(2) == redeem.order => {
                return Ok(Some(RedeemAnswer::Good { ok: true, terms }));
            }
            REDEEMED => return Ok(Some(RedeemAnswer::refused("coupon_used"))),
            CLAIMED if row.int(1) <= redeem.now => return Ok(Some(RedeemAnswer::refused("coupon_expired"))),
            CLAIMED => {}
            // Nobody was shown it: whoever types it has guessed.
            _ => return Ok(Some(RedeemAnswer::refused("coupon_unknown"))),
        }
        if redeem.total.is_some_and(|total| total < terms.minimum) {
            return Ok(Some(RedeemAnswer::refused("minimum")));
        }
        if !redeem.order.is_empty() {
            sql.exec(
                "UPDATE code SET state = ?, ordered = ? WHERE code = ?",
                &[Param::Int(REDEEMED), Param::Text(&redeem.order), Param::Text(&redeem.code)],
            )?;
        }
        Ok(Some(RedeemAnswer::Good { ok: true, terms }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;
    use std::collections::BTreeSet;

    fn pool(codes: usize) -> Memory {
        let sql = Memory::new();
        let terms = Terms { kind: "amount".into(), value: 500.0, minimum: 3000.0, currency: "JPY".into() };
        let codes = (0..codes).map(|i| format!("TEA-{i}")).collect();
        fill(&sql, &PoolFill { codes, terms: Some(terms), expires_after_ms: Some(1_000) }).unwrap();
        sql
    }

    fn ask(sql: &Memory, visitor: &str, now: i64) -> Option<String> {
        match claim(sql, &PoolClaim { now, visitor: visitor.into(), campaign: "c".into() }).unwrap() {
            CouponAnswer::Held { code, .. } => Some(code),
            CouponAnswer::Refused { code, .. } => {
                assert_eq!(code, "pool_empty");
                None
            }
        }
    }

    fn use_it(sql: &Memory, code: &str, order: &str, now: i64) -> String {
        let redeemed =
            redeem(sql, &PoolRedeem { now, code: code.into(), order: order.into(), total: Some(5_000.0) }).unwrap();
        match redeemed {
            None => "not here".into(),
            Some(RedeemAnswer::Good { .. }) => "ok".into(),
            Some(RedeemAnswer::Refused { code, .. }) => code,
        }
    }

    #[test]
    fn a_stock_of_n_serves_exactly_n_and_the_same_visitor_the_same_code() {
        let sql = pool(100);
        let mut given = BTreeSet::new();
        for i in 0..300 {
            let visitor = format!("v{i}");
            let code = ask(&sql, &visitor, 0);
            assert_eq!(ask(&sql, &visitor, 1), code, "asked twice");
            given.extend(code);
        }
        assert_eq!(given.len(), 100);
        assert_eq!(state(&sql).unwrap().unwrap(), PoolAnswer { stock: 0, claimed: 100, redeemed: 0 });
    }

    #[test]
    fn a_lapsed_code_returns_and_a_redeemed_one_does_not() {
        let sql = pool(2);
        let (a, b) = (ask(&sql, "a", 0).unwrap(), ask(&sql, "b", 0).unwrap());
        assert_eq!(use_it(&sql, &a, "order", 500), "ok");
        assert_eq!(ask(&sql, "c", 999), None);
        assert_eq!(ask(&sql, "c", 1_000), Some(b.clone()));
        assert_eq!(ask(&sql, "d", 1_500), None);
        assert_eq!(ask(&sql, "a", 5_000), Some(a), "what was used is still shown to who used it");
        assert_eq!(use_it(&sql, &b, "order 2", 1_999), "ok");
    }

    #[test]
    fn a_code_is_redeemed_once_and_the_same_order_may_ask_again() {
        let sql = pool(2);
        let code = ask(&sql, "a", 0).unwrap();
        for (order, now, expected) in
            [("", 1, "ok"), ("T1", 2, "ok"), ("T1", 9_000, "ok"), ("T2", 3, "coupon_used"), ("", 3, "coupon_used")]
        {
            assert_eq!(use_it(&sql, &code, order, now), expected, "order {order:?}");
        }
        assert_eq!(use_it(&sql, "TEA-1", "T3", 4), "coupon_unknown", "never shown to anybody");
        assert_eq!(use_it(&sql, "NOPE", "T3", 4), "not here");
        let late = ask(&sql, "b", 10).unwrap();
        assert_eq!(use_it(&sql, &late, "T4", 1_010), "coupon_expired");
        let low = PoolRedeem { now: 20, code: late, order: "T5".into(), total: Some(2_999.0) };
        assert_eq!(redeem(&sql, &low).unwrap(), Some(RedeemAnswer::refused("minimum")));
    }

    #[test]
    fn a_failure_at_any_statement_loses_no_code() {
        for at in 0..10 {
            let sql = pool(1);
            sql.fail_in.set(Some(at));
            let _ = claim(&sql, &PoolClaim { now: 0, visitor: "v".into(), campaign: "c".into() });
            sql.fail_in.set(None);
            assert_eq!(ask(&sql, "v", 0), Some("TEA-0".into()), "statement {at}");
            assert_eq!(state(&sql).unwrap().unwrap(), PoolAnswer { stock: 0, claimed: 1, redeemed: 0 });
        }
    }

    #[test]
    fn filling_again_adds_and_changes_nothing_given() {
        let sql = pool(1);
        let code = ask(&sql, "a", 0);
        let again = PoolFill { codes: vec!["TEA-0".into(), "NEW".into()], terms: None, expires_after_ms: None };
        assert_eq!(fill(&sql, &again).unwrap(), PoolAnswer { stock: 1, claimed: 1, redeemed: 0 });
        assert_eq!(ask(&sql, "a", 1), code);
        for bad in ["", " A", "a\u{7}b"] {
            assert!(
                fill(&sql, &PoolFill { codes: vec![bad.into()], terms: None, expires_after_ms: None }).is_err(),
                "{bad:?}"
            );
        }
        let no_terms = PoolFill { codes: vec![], terms: None, expires_after_ms: None };
        assert!(
            matches!(fill(&Memory::new(), &no_terms), Err(Failure::Refused(p)) if p.path.as_deref() == Some("terms"))
        );
    }
}
