//! A device and its coupons: whether one may be claimed, and remembering what was given.

use noren_wire::coupon::CouponAnswer;
use noren_wire::inner::DeviceClaim;
use noren_wire::stored::DeviceDoc;
use noren_wire::sync::HeldCoupon;

use super::{check_binding, create, fresh, save};
use crate::Result;
use crate::sql::{Sql, whole};

/// Coupons remembered per device; the first lapsed or oldest give way.
const COUPONS_MAX: usize = 50;

/// Whether this device may claim from the pool for this campaign. Control visitors are shown nothing, so they claim nothing.
///
/// # Errors
/// `key_mismatch`.
pub fn may_claim(doc: Option<&DeviceDoc>, claim: &DeviceClaim) -> Result<bool> {
    let Some(doc) = doc else { return Ok(true) };
    check_binding(doc, &claim.site, &claim.device)?;
    let of_campaign = || doc.reported.iter().filter(|row| row.campaign == claim.campaign);
    let treated = of_campaign().any(|row| !row.control);
    Ok(treated || !of_campaign().any(|row| row.control))
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
    let mut doc = known.cloned().unwrap_or_else(|| fresh(&claim.site, &claim.device));
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
        save(sql, &doc)
    })?;
    Ok(Some(doc))
}
