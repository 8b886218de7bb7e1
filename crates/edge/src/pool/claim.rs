//! Handing a code out.

use noren_wire::coupon::CouponAnswer;
use noren_wire::error::Problem;
use noren_wire::inner::PoolClaim;
use noren_wire::stored::PoolDoc;

use super::lapse::{Held, give_back, take_back};
use super::velocity::Velocity;
use super::{CLAIMED, REDEEMED, load, save, warn};
use crate::Result;
use crate::sql::{Param, Row, Sql, whole};

/// Hand this visitor the code of this campaign: the same as before, or a free one, or one whose holder let it lapse. What was handed out before
/// is said again whatever has become of the pool and however often it is asked for.
///
/// # Errors
/// `too_many_requests` when codes go faster than the pool lets them, with the time to wait: nothing was handed out then; `Broken`.
pub fn claim(sql: &dyn Sql, claim: &PoolClaim, velocity: &mut Velocity, secret: &str) -> Result<CouponAnswer> {
    let Some(mut doc) = load(sql)? else { return Ok(CouponAnswer::refused("pool_unknown")) };
    let mut handed_out = false;
    let answer = whole(sql, || {
        let held = sql.exec(
            "SELECT code.code, code.expires, code.state, code.made, code.former FROM claim JOIN code ON code.code = claim.code \
             WHERE claim.visitor = ? AND claim.campaign = ?",
            &[Param::Text(&claim.visitor), Param::Text(&claim.campaign)],
        )?;
        if let Some(row) = held.first()
            && (row.int(1) > claim.now || row.int(2) == REDEEMED)
        {
            let (code, terms) = (row.text(0).into(), doc.terms.clone());
            return Ok(CouponAnswer::Held { ok: true, code, expires: row.int(1), terms });
        }
        if doc.closed || is_over(&doc, claim.now) {
            return Ok(CouponAnswer::refused("pool_closed"));
        }
        if let Some(seconds) = velocity.wait(claim, &doc.rate) {
            return Err(Problem::come_again(seconds).into());
        }
        let serial = doc.serial;
        // A lapsed claim of this visitor is over: its code may be anybody's, theirs included.
        if let Some(row) = held.first() {
            let (visitor, campaign) = (&claim.visitor, &claim.campaign);
            let held = Held { code: row.text(0), visitor, campaign, made: row.int(3) != 0, former: row.text(4) };
            give_back(sql, &mut doc, secret, &held)?;
        }
        if doc.serial != serial {
            save(sql, &doc)?;
        }
        let Some((n, code)) = next_free(sql, &mut doc, secret, claim.now)? else {
            return Ok(CouponAnswer::refused("pool_empty"));
        };
        let mut expires = claim.now.saturating_add(doc.expires_after_ms);
        if doc.until > 0 {
            expires = expires.min(doc.until);
        }
        sql.exec("DELETE FROM free WHERE n = ?", &[Param::Int(n)])?;
        sql.exec(
            "UPDATE code SET state = ?, visitor = ?, campaign = ?, expires = ?, at = ? WHERE code = ?",
            &[
                Param::Int(CLAIMED),
                Param::Text(&claim.visitor),
                Param::Text(&claim.campaign),
                Param::Int(expires),
                Param::Int(claim.now),
                Param::Text(&code),
            ],
        )?;
        sql.exec(
            "INSERT INTO claim (visitor, campaign, code) VALUES (?, ?, ?)",
            &[Param::Text(&claim.visitor), Param::Text(&claim.campaign), Param::Text(&code)],
        )?;
        warn(sql, &mut doc, claim.now)?;
        handed_out = true;
        Ok(CouponAnswer::Held { ok: true, code, expires, terms: doc.terms.clone() })
    })?;
    if handed_out {
        velocity.count(claim);
    }
    Ok(answer)
}

fn is_over(doc: &PoolDoc, now: i64) -> bool {
    doc.until > 0 && doc.until <= now
}

fn next_free(sql: &dyn Sql, doc: &mut PoolDoc, secret: &str, now: i64) -> Result<Option<(i64, String)>> {
    let pick = |rows: Vec<Row>| rows.first().map(|row| (row.int(0), row.text(1).to_string()));
    let next = || sql.exec("SELECT n, code FROM free ORDER BY n LIMIT 1", &[]);
    if let Some(found) = pick(next()?) {
        return Ok(Some(found));
    }
    if take_back(sql, doc, secret, now)? == 0 { Ok(None) } else { Ok(pick(next()?)) }
}
