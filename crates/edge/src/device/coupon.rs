//! A device and its coupons: whether one may be claimed, and remembering what was given.

use noren_event::Timestamp;
use noren_profile::Lens;
use noren_wire::coupon::CouponAnswer;
use noren_wire::inner::DeviceClaim;
use noren_wire::part::trials_of;
use noren_wire::stored::{DeviceDoc, EventDoc, Standing};
use noren_wire::sync::HeldCoupon;

use super::{apart, check_binding, create, fresh, join, save};
use crate::Result;
use crate::offer::Offered;
use crate::sql::{Sql, whole};

/// Coupons remembered per device; the first lapsed or oldest give way.
const COUPONS_MAX: usize = 50;

/// As whom this device may claim for this campaign; `None` if it may not. Control visitors are shown nothing, so they claim nothing. Who
/// already holds a code of this campaign, here or on another device of theirs that has proven it, is given that one again whatever has changed
/// since; everybody else is judged anew by what is stored here.
///
/// # Errors
/// `key_mismatch`; `Broken`.
pub fn may_claim(
    sql: &dyn Sql,
    doc: Option<&DeviceDoc>,
    claim: &DeviceClaim,
    offered: &Offered,
) -> Result<Option<String>> {
    let Some(doc) = doc else { return Ok(None) };
    check_binding(doc, &claim.site, &claim.device)?;
    let Some((epoch, part)) = doc.parts.last_key_value() else { return Ok(None) };
    let trials = trials_of(part);
    if trials.is_control(&claim.campaign) {
        return Ok(None);
    }
    if let Some(holder) = join::holder(sql, doc, *epoch, &claim.campaign, claim.now)? {
        return Ok(Some(holder));
    }
    let Some(offer) = offered.offer.filter(|offer| offer.is_of(&claim.campaign)) else { return Ok(None) };
    if !offer.is_shown(&trials) || !offer.is_open(claim.now) {
        return Ok(None);
    }
    let weights = offered.weights.into();
    let lens = Lens { now: Timestamp(claim.now), weights: &weights, counts: offered.counts };
    let mut facts = join::known_facts(sql, doc, *epoch, &lens)?;
    apart::hide(&mut facts, offered.sensitive);
    if !offer.is_for(&facts, offered.holds) {
        return Ok(None);
    }
    let events: Vec<EventDoc> = super::events(sql)?.into_iter().filter(|event| event.epoch == *epoch).collect();
    Ok((!offer.is_cancelled(&events, &facts, claim.now, offered.holds)).then(|| claim.device.clone()))
}

/// The person this device is joined to just now, by id within the site; empty for none.
pub fn person_of(doc: Option<&DeviceDoc>) -> String {
    let joined = doc.and_then(|doc| doc.joined.get(doc.parts.keys().next_back()?));
    joined.filter(|joined| joined.standing == Standing::Joined).map(|joined| joined.person.clone()).unwrap_or_default()
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
