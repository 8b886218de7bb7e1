//! A document to a checked campaign and everything there is to say about it.
//!
//! One function per part of the document, each in the order of docs/rules.md: it reports what is wrong and gives what can be used, so that
//! one mistake hides no other. A campaign comes out only when nothing is an error.

mod caps;
mod content;
mod limits;
mod overlap;
mod parts;
pub(crate) mod schedule;
mod site;
mod survey;
mod suspicion;
mod trigger;
mod variant;

#[cfg(test)]
mod content_tests;
#[cfg(test)]
mod tests;

use crate::ast::{Campaign, Cancel, Goal, Occurs, Status, Text};
use crate::bounds::*;
use crate::condition::{self, Sight};
use crate::members as m;
use crate::read;
use crate::report::{Finding, Report};
use noren_event::{Duration, Value};
use noren_program::{Cond, Hold, Surface};

pub(crate) use caps::looks_at_group;
pub use site::{Holdout, Site, check_site};

/// Check one document. `segments` is the table that `$savedGroup` and `$inGroup` look into (`Value::Null` for none). The campaign is there
/// exactly when no finding is an error. Cost: the size of the document.
pub fn check(document: &Value, segments: &Value) -> (Option<Campaign>, Vec<Finding>) {
    check_at(0, document, Around { segments, site: &Site::default() })
}

/// [`check_all_of`] a site that has said nothing.
pub fn check_all(documents: &[Value], segments: &Value) -> (Vec<Campaign>, Vec<Finding>) {
    check_all_of(&Site::default(), documents, segments)
}

/// Check a set of documents: each by itself, that no id is used twice, that no two campaigns were given the same visitors for their own, and
/// that none always loses to another. The campaigns without errors come out in the order given.
pub fn check_all_of(site: &Site, documents: &[Value], segments: &Value) -> (Vec<Campaign>, Vec<Finding>) {
    let mut campaigns: Vec<Campaign> = Vec::new();
    let mut findings = Vec::new();
    let mut ids = std::collections::BTreeSet::new();
    for (index, document) in documents.iter().enumerate().take(CAMPAIGNS_MAX) {
        let (campaign, mut found) = check_at(index, document, Around { segments, site });
        findings.append(&mut found);
        let Some(campaign) = campaign else { continue };
        if !ids.contains(&campaign.id) {
            if let Some(taken) = limits::share_taken(&campaign, &campaigns) {
                findings.push(taken);
                continue;
            }
            ids.insert(campaign.id.clone());
            campaigns.push(campaign);
        } else {
            let mut r = Report::new(&campaign.id);
            r.at("id", |r| {
                r.error(
                    "id_taken",
                    format!("Another campaign is called \"{}\" already.", campaign.id),
                    format!("「{}」というIDのキャンペーンがほかにもあります。", campaign.id),
                    "an id that no other campaign has",
                );
            });
            findings.append(&mut r.findings);
        }
    }
    if documents.len() > CAMPAIGNS_MAX {
        let mut r = Report::new("");
        r.error(
            "list_too_long",
            format!("{} campaigns; at most {CAMPAIGNS_MAX} are possible.", documents.len()),
            format!("キャンペーンが{}件あります。最大{CAMPAIGNS_MAX}件です。", documents.len()),
            format!("at most {CAMPAIGNS_MAX}"),
        );
        findings.append(&mut r.findings);
    }
    findings.append(&mut overlap::look(&campaigns));
    (campaigns, findings)
}

fn check_at(index: usize, document: &Value, around: Around) -> (Option<Campaign>, Vec<Finding>) {
    let name = match document.get("id").and_then(Value::as_str).filter(|id| read::is_id(id)) {
        Some(id) => id.to_string(),
        None => index.to_string(),
    };
    let mut report = Report::new(&name);
    let campaign = campaign(&mut Check { r: &mut report, around }, document);
    let campaign = campaign.filter(|_| !report.has_errors());
    if let Some(campaign) = &campaign {
        suspicion::look(&mut report, campaign);
    }
    (campaign, report.findings)
}

/// What stands around a document.
#[derive(Clone, Copy)]
struct Around<'c> {
    segments: &'c Value,
    site: &'c Site,
}

/// What the parts share.
pub(crate) struct Check<'c> {
    r: &'c mut Report,
    around: Around<'c>,
}

impl<'c> Check<'c> {
    /// Stand at a member while looking at it.
    fn at<'v, T>(
        &mut self,
        members: &read::Members<'v>,
        key: &str,
        look: impl FnOnce(&mut Check<'_>, &'v Value) -> Option<T>,
    ) -> Option<T> {
        let around = self.around;
        members.read(self.r, key, |r, v| look(&mut Check { r, around }, v))
    }

    fn need<'v, T>(
        &mut self,
        members: &read::Members<'v>,
        key: &str,
        look: impl FnOnce(&mut Check<'_>, &'v Value) -> Option<T>,
    ) -> Option<T> {
        let around = self.around;
        members.need(self.r, key, |r, v| look(&mut Check { r, around }, v))
    }

    fn each<'v, T>(&mut self, items: &'v [Value], mut look: impl FnMut(&mut Check<'_>, &'v Value) -> T) -> Vec<T> {
        let around = self.around;
        self.r.each(items, |r, v| look(&mut Check { r, around }, v))
    }

    fn cond(&mut self, value: &Value, sight: Sight) -> Option<Cond> {
        condition::check(self.r, value, self.around.segments, sight)
    }

    fn event(&mut self, value: &Value) -> Option<Box<str>> {
        read::line(self.r, value, EVENT_MAX).map(Into::into)
    }

    /// `on`/`event` and `where` of an object whose members are checked already.
    fn occurs(&mut self, members: &read::Members, key: &str) -> Option<Occurs> {
        let event = self.need(members, key, |c, v| c.event(v));
        let cond = self.at(members, "where", |c, v| c.cond(v, Sight::All));
        Some(Occurs { event: event?, cond })
    }
}

fn campaign(c: &mut Check, document: &Value) -> Option<Campaign> {
    let m = read::object(c.r, document, m::CAMPAIGN)?;
    let id = c.need(&m, "id", |c, v| read::id(c.r, v));
    let name = c.at(&m, "name", |c, v| read::text(c.r, v, NAME_MAX));
    let status = c.at(&m, "status", |c, v| read::word(c.r, v, &["live", "paused"]));
    let audience = c.at(&m, "audience", |c, v| c.cond(v, Sight::All));
    let trigger = c.need(&m, "trigger", trigger::check);
    let cancel = c.at(&m, "cancel", cancel);
    let delay = c.at(&m, "delay", |c, v| read::span(c.r, v, Duration::ZERO, DELAY_MAX));
    let wait = c.at(&m, "wait", |c, v| read::span(c.r, v, Duration::ZERO, DELAY_MAX));
    let priority = c.at(&m, "priority", |c, v| read::whole(c.r, v, 0, PRIORITY_MAX));
    let surface = c.at(&m, "surface", |c, v| read::word(c.r, v, m::SURFACES));
    let consent = c.at(&m, "consent", |c, v| read::id(c.r, v));
    let schedule = c.at(&m, "schedule", schedule::check);
    let control = c.at(&m, "control", |c, v| read::per_cent(c.r, v, CONTROL_MAX));
    let seed = c.at(&m, "seed", |c, v| read::line(c.r, v, ID_MAX));
    let variants = c.need(&m, "variants", variant::check);
    let group = c.at(&m, "group", |c, v| read::id(c.r, v));
    let exclusive = c.at(&m, "exclusive", limits::exclusive);
    let stop = c.at(&m, "stop", limits::stop);
    let caps = c.at(&m, "caps", caps::check).unwrap_or_default();
    limits::agree(c, &caps, m.get("group"), schedule.as_ref(), stop.as_ref());
    let goal = c.at(&m, "goal", goal);

    let (id, trigger, variants) = (id?, trigger?, variants?);
    Some(Campaign {
        id: id.into(),
        name: name.unwrap_or_else(|| Text { by_lang: vec![("".into(), id.into())] }),
        status: if status == Some("paused") { Status::Paused } else { Status::Live },
        audience,
        trigger,
        cancel: cancel.unwrap_or_default(),
        delay: delay.unwrap_or_default(),
        wait: wait.unwrap_or_default(),
        priority: priority.unwrap_or(PRIORITY_DEFAULT),
        surface: surface.map_or_else(|| variant::surface(&variants), surface_of),
        consent: consent.unwrap_or_default().into(),
        schedule,
        control_bps: control.unwrap_or(CONTROL_DEFAULT * 100),
        seed: seed.unwrap_or(id).into(),
        variants,
        group: group.unwrap_or_default().into(),
        exclusive,
        stop,
        caps,
        goal,
    })
}

fn surface_of(word: &str) -> Surface {
    match word {
        "top" => Surface::Top,
        "bottom" => Surface::Bottom,
        "corner" => Surface::Corner,
        _ => Surface::Modal,
    }
}

fn cancel(c: &mut Check, value: &Value) -> Option<Vec<Cancel>> {
    let items = read::list(c.r, value, CANCEL_MAX)?;
    let list = c.each(items, |c, item| {
        let m = read::object(c.r, item, m::CANCEL)?;
        let of = c.occurs(&m, "on");
        let hold = c.at(&m, "hold", |c, v| match v.as_str() {
            Some("session") => Some(Hold::Session),
            Some("visitor") => Some(Hold::Visitor),
            _ => read::span(c.r, v, Duration::seconds(1), CAP_TIME_MAX).map(Hold::For),
        });
        Some(Cancel { of: of?, hold: hold.unwrap_or(Hold::Session) })
    });
    Some(list.into_iter().flatten().collect())
}

/// How long after an exposure success still counts where the document does not say: a week, the usual look-back of advertising tools.
const GOAL_WITHIN_DEFAULT: Duration = Duration::days(7);

fn goal(c: &mut Check, value: &Value) -> Option<Goal> {
    let m = read::object(c.r, value, m::GOAL)?;
    let of = c.occurs(&m, "on");
    let within = c.at(&m, "within", |c, v| read::span(c.r, v, Duration::seconds(1), WINDOW_MAX));
    let value = c.at(&m, "value", |c, v| read::line(c.r, v, PATH_MAX));
    Some(Goal { of: of?, within: within.unwrap_or(GOAL_WITHIN_DEFAULT), value: value.unwrap_or_default().into() })
}
