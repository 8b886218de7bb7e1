//! What the live program says of one campaign, as far as the edge can judge it again before a coupon is claimed.
//!
//! Judged: that it is live, within its dates, and hands out from that very pool; that the visitor was exposed to it and is treated, not control;
//! its audience, as far as that asks for what the edge knows (`visitor`, `traits`, `segments`: a condition on the page, the browser, the cart
//! or the place counts as met); its cancels, by the visitor's stored events and, for a plain purchase, the orders of the person's other devices.
//!
//! Not judged: the trigger (that is what the exposure says), weekly hours and caps (the exposure came first and was within them), and whether
//! the browser drew its arm honestly. Whoever forges events of their own device can forge an exposure, and gets at most what the pool's rate
//! and the one code per visitor and campaign leave them.

use noren_event::{Value, names};
use noren_profile::Arm;
use noren_profile::session::SESSION_GAP;
use noren_profile::trial::Trials;
use noren_program::campaign::{Cancel, Hold};
use noren_program::{Campaign, Cond, Program};
use noren_wire::admin::Weights;
use noren_wire::stored::EventDoc;
use noren_wire::sync::Facts;
use noren_wire::value::from_json;
use serde_json::Value as Json;

use crate::goals::Holds;

/// How long after the campaign's last instant a coupon that was shown before it may still be claimed: the time a widget takes to load, and a
/// page to come back from the background.
pub const GRACE_MS: i64 = 10 * 60_000;

/// What a claim is judged by.
#[derive(Clone, Copy)]
pub struct Offered<'a> {
    /// The campaign; `None` when it is not live or hands out no code of that pool.
    pub offer: Option<&'a Offer>,
    /// How the site weighs visitors.
    pub weights: &'a Weights,
    /// Names of events whose counts the live program asks for.
    pub counts: &'a [Box<str>],
    /// Traits that the site names as sensitive: no rule knows them.
    pub sensitive: &'a [String],
    /// Evaluates conditions.
    pub holds: Holds<'a>,
}

/// One live campaign.
#[derive(Clone, Debug)]
pub struct Offer {
    campaign: Campaign,
    audience: Option<Cond>,
    cancels: Vec<(Cancel, Option<Cond>)>,
}

impl Offer {
    /// Out of a live program; `None` where the campaign is not in it.
    pub fn of(program: &Program, campaign: &str) -> Option<Offer> {
        let campaign = program.campaigns.iter().find(|c| &*c.id == campaign)?.clone();
        let audience = campaign.audience.map(|id| knowable(program.cond(id)));
        let cancels =
            campaign.cancel.iter().map(|cancel| (cancel.clone(), cancel.of.cond.map(|id| program.cond(id).clone())));
        Some(Offer { audience, cancels: cancels.collect(), campaign })
    }

    /// Whether it is of this campaign.
    pub fn is_of(&self, campaign: &str) -> bool {
        *self.campaign.id == *campaign
    }

    /// Hashes of what its variants show: one of them has to name the pool.
    pub fn contents(&self) -> impl Iterator<Item = &str> {
        self.campaign.variants.iter().map(|variant| &*variant.content).filter(|hash| !hash.is_empty())
    }

    /// Whether it is within its dates, or was until just now.
    pub fn is_open(&self, now: i64) -> bool {
        self.campaign.schedule.as_ref().is_none_or(|schedule| {
            schedule.from.is_none_or(|from| from.0 <= now)
                && schedule.until.is_none_or(|until| now < until.0.saturating_add(GRACE_MS))
        })
    }

    /// Whether this visitor was shown it: treated in some phase, and not control in the present one. A page that was open while a new phase was
    /// published shows what the phase before promised.
    pub fn is_shown(&self, trials: &Trials) -> bool {
        let mut treated = false;
        for ((id, phase), first) in &trials.firsts {
            if *id != self.campaign.id {
                continue;
            }
            if *phase == self.campaign.phase && first.arm == Arm::Control {
                return false;
            }
            treated |= first.arm == Arm::Treated;
        }
        treated
    }

    /// Whether its audience takes this visitor, as far as the edge knows.
    pub fn is_for(&self, facts: &Facts, holds: Holds) -> bool {
        self.audience.as_ref().is_none_or(|audience| holds(audience, &attributes(facts)))
    }

    /// Whether something has called it off. `events` are this visitor's, in any order.
    pub fn is_cancelled(&self, events: &[EventDoc], facts: &Facts, now: i64, holds: Holds) -> bool {
        let session = session_start(events, now);
        self.cancels.iter().any(|(cancel, cond)| {
            let since = match cancel.hold {
                Hold::Visitor => i64::MIN,
                Hold::Session => session,
                Hold::For(time) => now.saturating_sub(time.0).saturating_add(1),
            };
            let met = |event: &EventDoc| {
                event.at >= since
                    && event.name == *cancel.of.event
                    && cond.as_ref().is_none_or(|cond| holds(cond, &Value::map([("event", from_json(&event.props))])))
            };
            let elsewhere = cond.is_none()
                && *cancel.of.event == *names::PURCHASE
                && cancel.hold != Hold::Session
                && facts.last_purchase.is_some_and(|at| at >= since);
            elsewhere || events.iter().any(met)
        })
    }
}

/// When the session that goes on at `now` began.
fn session_start(events: &[EventDoc], now: i64) -> i64 {
    let mut times: Vec<i64> = events.iter().map(|event| event.at).filter(|at| *at <= now).collect();
    times.sort_unstable();
    let mut start = now;
    for at in times.into_iter().rev() {
        if start - at >= SESSION_GAP.0 {
            break;
        }
        start = at;
    }
    start
}

/// Facts as conditions see them.
fn attributes(facts: &Facts) -> Value {
    let Ok(Json::Object(mut visitor)) = serde_json::to_value(facts) else { return Value::Null };
    let mut root = |name: &str| visitor.remove(name).unwrap_or(Json::Null);
    let (traits, segments) = (root("traits"), root("segments"));
    let all = [("traits", traits), ("segments", segments), ("visitor", Json::Object(visitor))];
    Value::map(all.map(|(name, value)| (name, from_json(&value))))
}

/// A condition with all that the edge does not know left out: it holds wherever the whole one might.
fn knowable(cond: &Cond) -> Cond {
    match cond {
        Cond::All(list) => Cond::All(list.iter().map(knowable).collect()),
        Cond::Any(list) => Cond::Any(list.iter().map(knowable).collect()),
        cond if is_known(cond) => cond.clone(),
        _ => Cond::All(Vec::new()),
    }
}

fn is_known(cond: &Cond) -> bool {
    match cond {
        Cond::All(list) | Cond::Any(list) => list.iter().all(is_known),
        Cond::Not(inner) => is_known(inner),
        // The agent alone knows when the visit before ended.
        Cond::Attr { path, .. } => {
            let root = path.split('.').next().unwrap_or_default();
            matches!(root, "visitor" | "traits" | "segments") && **path != *"visitor.days_since_last_visit"
        }
        Cond::Unknown => false,
    }
}

#[cfg(test)]
pub mod testing {
    //! Offers of tests.

    use super::*;

    /// A campaign that asks for nothing, in a phase.
    pub fn offer(id: &str, phase: u32) -> Offer {
        from(&format!(r#"{{"id":"{id}","control":50{REST}"#), phase)
    }

    /// What stands in every document here.
    const REST: &str = r#","name":"x","status":"live","trigger":{"on":"view_item"},
        "variants":[{"id":"a","weight":100,"action":{"kind":"coupon","title":"t","coupon":{"pool":"p"}}}]}"#;

    /// A campaign with some members.
    pub fn with(members: &str) -> Offer {
        from(&format!(r#"{{"id":"c",{members}{REST}"#), 1)
    }

    fn from(document: &str, phase: u32) -> Offer {
        let (site, campaigns) = noren_editor::campaigns("", &[document.to_string()]);
        let mut program = noren_rule::compile_for(&site, &campaigns, noren_event::Timestamp(0)).program;
        assert_eq!(program.campaigns.len(), 1, "{document}");
        program.campaigns[0].phase = phase;
        let id = program.campaigns[0].id.clone();
        Offer::of(&program, &id).unwrap()
    }

    /// Judged by nothing else.
    pub fn terms(offer: &Offer) -> Offered<'_> {
        static WEIGHTS: std::sync::LazyLock<Weights> = std::sync::LazyLock::new(Weights::default);
        Offered { offer: Some(offer), weights: &WEIGHTS, counts: &[], sensitive: &[], holds: &|_, _| true }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::with;
    use super::*;
    use serde_json::json;

    const NOW: i64 = 1_760_000_000_000;
    const MINUTE: i64 = 60_000;

    /// The engine is not of this room; equality and order of numbers are enough to tell conditions apart.
    fn holds(cond: &Cond, over: &Value) -> bool {
        use noren_program::cond::Test;
        match cond {
            Cond::All(list) => list.iter().all(|cond| holds(cond, over)),
            Cond::Any(list) => list.is_empty() || list.iter().any(|cond| holds(cond, over)),
            Cond::Not(inner) => !holds(inner, over),
            Cond::Attr { path, test } => {
                fn passes(test: &Test, value: &Value) -> bool {
                    match test {
                        Test::All(tests) => tests.iter().all(|test| passes(test, value)),
                        Test::Eq(other) => value == other,
                        Test::Gte(other) => value.as_num() >= other.as_num(),
                        other => panic!("{other:?}"),
                    }
                }
                passes(test, over.path(path).unwrap_or(&Value::Null))
            }
            Cond::Unknown => false,
        }
    }

    #[test]
    fn an_audience_is_judged_by_what_the_edge_knows_and_no_further() {
        let bought = Facts { purchases: 2, ..Facts::default() };
        let newcomer = Facts { traits: json!({"plan":"pro"}).as_object().unwrap().clone(), ..Facts::default() };
        for (audience, of_bought, of_newcomer) in [
            (r#"{"visitor.purchases":0}"#, false, true),
            (r#"{"visitor.purchases":0,"device.mobile":true}"#, false, true),
            (r#"{"device.mobile":true}"#, true, true),
            (r#"{"$not":{"device.mobile":true}}"#, true, true),
            (r#"{"$or":[{"visitor.purchases":{"$gte":1}},{"page.path":"/"}]}"#, true, true),
            (r#"{"$or":[{"visitor.purchases":{"$gte":1}},{"traits.plan":"x"}]}"#, true, false),
            (r#"{"traits.plan":"pro"}"#, false, true),
            (r#"{"$not":{"traits.plan":"pro"}}"#, true, false),
            (r#"{"visitor.days_since_last_visit":{"$gte":3}}"#, true, true),
        ] {
            let offer = with(&format!(r#""audience":{audience}"#));
            let judged = (offer.is_for(&bought, &holds), offer.is_for(&newcomer, &holds));
            assert_eq!(judged, (of_bought, of_newcomer), "{audience}");
        }
    }

    fn event(at: i64, name: &str, props: Json) -> EventDoc {
        EventDoc { stream: "s".into(), n: 0, epoch: 0, at, device_at: None, name: name.into(), props }
    }

    #[test]
    fn what_calls_a_campaign_off_calls_its_coupon_off() {
        let view = |minutes: i64| event(NOW - minutes * MINUTE, "page_view", Json::Null);
        let bought = |minutes: i64| event(NOW - minutes * MINUTE, "purchase", json!({"value": 100}));
        let session = r#""cancel":[{"on":"purchase"}]"#;
        let (ever, day) =
            (r#""cancel":[{"on":"purchase","hold":"visitor"}]"#, r#""cancel":[{"on":"purchase","hold":"1d"}]"#);
        for (cancel, events, expected) in [
            (session, vec![view(1)], false),
            (session, vec![bought(1)], true),
            (session, vec![view(20), bought(40), view(1)], true),
            (session, vec![bought(40), view(1)], false),
            (ever, vec![bought(40), view(1)], true),
            (ever, vec![view(1)], false),
            (day, vec![bought(1_439)], true),
            (day, vec![bought(1_440)], false),
        ] {
            let judged = with(cancel).is_cancelled(&events, &Facts::default(), NOW, &holds);
            assert_eq!(judged, expected, "{cancel} {events:?}");
        }
        let elsewhere = Facts { last_purchase: Some(NOW - MINUTE), ..Facts::default() };
        for (cancel, expected) in [(session, false), (ever, true), (day, true)] {
            assert_eq!(with(cancel).is_cancelled(&[], &elsewhere, NOW, &holds), expected, "{cancel}");
        }
    }

    #[test]
    fn dates_hold_with_a_little_grace_at_the_end() {
        let offer = with(r#""schedule":{"zone":"UTC","from":"2026-01-01T00:00","until":"2026-02-01T00:00"}"#);
        let (from, until) = (1_767_225_600_000, 1_769_904_000_000);
        for (now, open) in [
            (from - 1, false),
            (from, true),
            (until - 1, true),
            (until + GRACE_MS - 1, true),
            (until + GRACE_MS, false),
        ] {
            assert_eq!(offer.is_open(now), open, "{now}");
        }
        assert!(with(r#""priority":1"#).is_open(0));
    }
}
