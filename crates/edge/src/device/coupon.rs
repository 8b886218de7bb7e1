//! A device and its coupons: whether one may be claimed, and remembering what was given.

use noren_wire::coupon::CouponAnswer;
use noren_wire::inner::DeviceClaim;
use noren_wire::part::trials_of;
use noren_wire::stored::DeviceDoc;
use noren_wire::sync::HeldCoupon;

use super::{check_binding, create, fresh, join, save};
use crate::Result;
use crate::sql::{Sql, whole};

/// Coupons remembered per device; the first lapsed or oldest give way.
const COUPONS_MAX: usize = 50;

/// As whom this device may claim for this campaign; `None` if it may not. Control visitors are shown nothing, so they claim nothing. Who
/// already holds a code on another device, and has proven to be the same person here, is given that one again.
///
/// # Errors
/// `key_mismatch`; `Broken`.
pub fn may_claim(sql: &dyn Sql, doc: Option<&DeviceDoc>, claim: &DeviceClaim) -> Result<Option<String>> {
    let Some(doc) = doc else { return Ok(Some(claim.device.clone())) };
    check_binding(doc, &claim.site, &claim.device)?;
    let Some((epoch, part)) = doc.parts.last_key_value() else { return Ok(Some(claim.device.clone())) };
    if trials_of(part).is_control(&claim.campaign) {
        return Ok(None);
    }
    let holder = join::holder(sql, doc, *epoch, &claim.campaign, claim.now)?;
    Ok(Some(holder.unwrap_or_else(|| claim.device.clone())))
}

/// Remember what the pool gave, so that it comes down with the facts of every later sync.
///
/// # Errors
/// `Broken`.
pub fn remember(
    sql: &dyn Sql,
    known: Option<&DeviceDoc>,
    claim: &DeviceClaim,
    answer: &CouponAnswer,
) -> Result<Option<DeviceDoc>> {
    let CouponAnswer::Held { code, expires, .. } = answer else { return Ok(known.cloned()) };
    let epoch = known.and_then(|doc| doc.parts.keys().next_back().copied()).unwrap_or(0);
    let held = HeldCoupon { campaign: claim.campaign.clone(), code: code.clone(), expires: *expires };
    let mut doc = known.cloned().unwrap_or_else(|| fresh(&claim.site, &claim.device, claim.now));
    doc.heard = claim.now;
    doc.shards = claim.shards;
    if doc.coupons.contains(&(epoch, held.clone())) {
        return Ok(Some(doc));
    }
    doc.coupons.retain(|(_, c)| c.expires > claim.now && c.campaign != claim.campaign);
    if doc.coupons.len() >= COUPONS_MAX {
        doc.coupons.remove(0);
    }
    doc.coupons.push((epoch, held));
    whole(sql, || {
        if known.is_none() {
            create(sql)?;
        }
        if doc.ended {
            super::keep::begin_again(sql, &mut doc)?;
        }
        save(sql, &doc)
    })?;
    Ok(Some(doc))
}
