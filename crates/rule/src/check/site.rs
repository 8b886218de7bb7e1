//! What a site says for all of its campaigns: calendars, and who is held out of everything.

use super::schedule::dates;
use crate::ast::LocalTime;
use crate::bounds::{CALENDARS_MAX, HOLDOUT_MAX, ID_MAX};
use crate::members as m;
use crate::read;
use crate::report::{Finding, Report};
use noren_event::Value;

/// What holds for all campaigns of a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Site {
    /// Named lists of days, each a local midnight, ascending.
    pub calendars: Vec<(Box<str>, Vec<LocalTime>)>,
    /// Who sees nothing of any campaign; nobody where there is none.
    pub holdout: Option<Holdout>,
}

/// A share of a site's visitors that sees nothing, to learn what all campaigns together earn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holdout {
    /// Share, in ten-thousandths of the visitors.
    pub share_bps: u16,
    /// Another seed holds out others.
    pub seed: Box<str>,
}

/// Check a site's document. What is wrong is left out.
pub fn check_site(document: &Value) -> (Site, Vec<Finding>) {
    let mut r = Report::new("");
    let site = site(&mut r, document).unwrap_or_default();
    (site, r.findings)
}

fn site(r: &mut Report, document: &Value) -> Option<Site> {
    let members = read::object(r, document, m::SITE)?;
    let calendars = members.read(r, "calendars", calendars).unwrap_or_default();
    let holdout = members.read(r, "holdout", holdout);
    Some(Site { calendars, holdout })
}

fn calendars(r: &mut Report, value: &Value) -> Option<Vec<(Box<str>, Vec<LocalTime>)>> {
    let Some(pairs) = value.as_map() else {
        read::wrong_type(r, value, "object");
        return None;
    };
    if pairs.len() > CALENDARS_MAX {
        r.error(
            "list_too_long",
            format!("{} calendars; at most {CALENDARS_MAX} are possible.", pairs.len()),
            format!("カレンダーが{}個あります。最大{CALENDARS_MAX}個です。", pairs.len()),
            format!("at most {CALENDARS_MAX}"),
        );
        return None;
    }
    let mut list = Vec::new();
    for (name, days) in pairs {
        r.at(name, |r| {
            let known = read::id(r, &Value::Str(name.clone())).is_some();
            if let Some(days) = dates(r, days).filter(|_| known) {
                list.push((name.clone(), days));
            }
        });
    }
    Some(list)
}

fn holdout(r: &mut Report, value: &Value) -> Option<Holdout> {
    let members = read::object(r, value, m::HOLDOUT)?;
    let share = members.need(r, "share", |r, v| read::per_cent(r, v, HOLDOUT_MAX));
    let seed = members.read(r, "seed", |r, v| read::line(r, v, ID_MAX));
    Some(Holdout { share_bps: share?, seed: seed.unwrap_or_default().into() })
}
