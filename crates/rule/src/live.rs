//! What of a site's campaigns is put out at a moment: those that have reached a total are over, and those that were live not long ago are
//! still remembered.

use crate::ast::{Campaign, Status};
use crate::bounds::PAUSED_MAX;
use crate::check::Site;
use crate::compile::{Compiled, compile_for};
use noren_event::Timestamp;
use noren_program::Program;

/// A site's campaigns as they are put out.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// What is live: without the campaigns that have reached a total.
    pub compiled: Compiled,
    /// The same with them, where there are such: what happens after their last shows is still counted.
    pub counted: Option<Program>,
    /// The live campaigns that stop at a total.
    pub ends: Vec<Ends>,
}

/// A live campaign that stops at a total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends {
    /// Its id.
    pub campaign: Box<str>,
    /// Shows it stops at.
    pub shows: Option<u64>,
    /// Conversions it stops at.
    pub conversions: Option<u64>,
    /// The total it has reached: it is not in what is live.
    pub reached: Option<Reached>,
}

/// What a campaign did on the whole site.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How often it was shown.
    pub shows: u64,
    /// How many conversions followed.
    pub conversions: u64,
}

/// A total that a campaign stops at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// So many shows were asked for.
    Shows(u64),
    /// So many conversions were asked for.
    Conversions(u64),
}

/// The total that a campaign has reached and stops at, so that it is to be left out when the site is compiled; of two the shows. Its date
/// needs no asking: it is compiled into the schedule.
fn stopped(campaign: &Campaign, totals: Totals) -> Option<Reached> {
    let stop = campaign.stop?;
    let reached = |most: Option<u64>, n: u64| most.filter(|most| n >= *most);
    let shows = reached(stop.shows, totals.shows).map(Reached::Shows);
    shows.or_else(|| reached(stop.conversions, totals.conversions).map(Reached::Conversions))
}

/// What is live of `campaigns` as of `now`. `totals` tells what a campaign did so far; `lately` are the ids of those that were live not long
/// ago, latest first: as many as there is room for are named, so that devices keep what they remember of them.
pub fn live(
    site: &Site,
    campaigns: &[Campaign],
    totals: impl Fn(&str) -> Totals,
    lately: &[impl AsRef<str>],
    now: Timestamp,
) -> Live {
    let program = |campaigns: &[Campaign]| {
        let mut compiled = compile_for(site, campaigns, now);
        remember(&mut compiled.program, lately.iter().map(AsRef::as_ref));
        compiled
    };
    let all = program(campaigns);
    let ends: Vec<Ends> = campaigns.iter().filter_map(|campaign| ends(campaign, totals(&campaign.id))).collect();
    let is_over = |c: &Campaign| ends.iter().any(|end| end.reached.is_some() && end.campaign == c.id);
    if !campaigns.iter().any(is_over) {
        return Live { compiled: all, counted: None, ends };
    }
    let left: Vec<Campaign> = campaigns.iter().filter(|c| !is_over(c)).cloned().collect();
    Live { compiled: program(&left), counted: Some(all.program), ends }
}

/// What a live campaign stops at, if that is a total.
fn ends(campaign: &Campaign, totals: Totals) -> Option<Ends> {
    let stop = campaign.stop.filter(|stop| stop.shows.or(stop.conversions).is_some())?;
    let reached = stopped(campaign, totals);
    let is_live = campaign.status == Status::Live;
    is_live.then(|| Ends { campaign: campaign.id.clone(), shows: stop.shows, conversions: stop.conversions, reached })
}

/// Name campaigns that are not here but were, beside the paused ones, so that devices keep what they remember of them too: of `ids` as many as
/// there is room for ([`PAUSED_MAX`]), the first ones. What the program has already is passed over.
fn remember<'a>(program: &mut Program, ids: impl IntoIterator<Item = &'a str>) {
    for id in ids {
        if program.paused.len() >= PAUSED_MAX {
            break;
        }
        let known =
            program.campaigns.iter().any(|c| *c.id == *id) || program.paused.iter().any(|paused| **paused == *id);
        if !known {
            program.paused.push(id.into());
        }
    }
    program.paused.sort_unstable();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{campaign, value};
    use noren_event::Value;
    use serde_json::{Value as Json, json};

    fn of(changes: Json) -> Campaign {
        crate::check(&value(&campaign(changes)), &Value::Null).0.unwrap()
    }

    fn put_out(campaigns: &[Campaign], totals: Totals, lately: &[&str]) -> Live {
        live(&Site::default(), campaigns, |_| totals, lately, Timestamp(0))
    }

    fn ids(program: &Program) -> Vec<&str> {
        program.campaigns.iter().map(|c| &*c.id).collect()
    }

    #[test]
    fn totals_stop_a_campaign_when_one_of_them_is_reached() {
        let reached = |stop: Json, shows, conversions| {
            let live = put_out(&[of(json!({"stop": stop}))], Totals { shows, conversions }, &[]);
            live.ends.first().and_then(|end| end.reached)
        };
        let both = json!({"shows": 1_000, "conversions": 50});
        assert_eq!(reached(both.clone(), 999, 49), None);
        assert_eq!(reached(both.clone(), 1_000, 0), Some(Reached::Shows(1_000)));
        assert_eq!(reached(both.clone(), 1_000, 50), Some(Reached::Shows(1_000)));
        assert_eq!(reached(both, 0, 51), Some(Reached::Conversions(50)));
        assert_eq!(reached(json!({"date": "2026-12-31T24:00"}), u64::MAX, u64::MAX), None);
    }

    #[test]
    fn what_has_reached_its_total_is_over_and_still_counted() {
        let campaigns = [
            of(json!({"id": "a", "stop": {"shows": 5}})),
            of(json!({"id": "b"})),
            of(json!({"id": "p", "status": "paused", "stop": {"shows": 5}})),
        ];
        let before = put_out(&campaigns, Totals { shows: 4, conversions: 0 }, &[]);
        assert_eq!((ids(&before.compiled.program), &before.counted), (vec!["a", "b"], &None));
        assert_eq!(before.ends.len(), 1, "a paused one ends nothing");
        let after = put_out(&campaigns, Totals { shows: 5, conversions: 0 }, &["a", "old"]);
        assert_eq!(ids(&after.compiled.program), ["b"]);
        assert_eq!(ids(after.counted.as_ref().unwrap()), ["a", "b"]);
        assert_eq!(
            after.compiled.program.paused,
            ["a", "old", "p"].map(Box::from),
            "devices keep what they know of them"
        );
    }

    #[test]
    fn the_latest_are_remembered_as_far_as_there_is_room() {
        let lately: Vec<String> = (0..PAUSED_MAX + 5).map(|i| format!("c{i:03}")).collect();
        let lately: Vec<&str> = lately.iter().map(String::as_str).collect();
        let paused =
            put_out(&[of(json!({"id": "p", "status": "paused"}))], Totals::default(), &lately).compiled.program.paused;
        assert_eq!((paused.len(), paused.last().map(|id| &**id)), (PAUSED_MAX, Some("p")));
        assert_eq!(&*paused[PAUSED_MAX - 2], lately[PAUSED_MAX - 2]);
    }
}
