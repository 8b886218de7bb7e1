//! From matches to decisions, one moment after the other.

use crate::attributes::Scope;
use crate::condition::{holds, is_unknown};
use crate::history::History;
use crate::patterns::{self, UsedUp, View, begins_page, fits_page, hears_unknown, is_meant, stays_unknown};
use noren_engine::Host;
use noren_engine::effect::{Decision, Gate, Outcome};
use noren_engine::input::{Input, WidgetNews};
use noren_event::{Duration, Timestamp, Value};
use noren_program::{CapEvent, Hold, PlaceKind, Program, Surface, Whose, Window};
use noren_rule::ast::{Campaign, Status};
use noren_rule::bounds::PAUSED_MAX;

/// What is known of a campaign beyond the log: what was decided.
#[derive(Clone, Debug, Default)]
pub(crate) struct Course {
    pub used_up: Option<UsedUp>,
    /// The entry at which its patterns began, where that is not the beginning of the log.
    pub begun: Option<usize>,
    /// Cancels so far, with the moment, the hold, and the session entry they came in.
    pub holds: Vec<(Timestamp, Hold, Option<usize>)>,
    pub armed: Option<(Timestamp, Option<Gate>)>,
    pub showing: bool,
    /// When it could last not be told whether one of its conditions holds.
    pub unknown: Option<Timestamp>,
    /// The sticky variant and the phase it was given in.
    assigned: Option<(u32, Box<str>)>,
    exposed_at: Option<Timestamp>,
    records: Vec<(CapEvent, Timestamp)>,
    /// Counts told by facts.
    told: [u32; 4],
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Fresh,
    Delayed,
    Waiting(Timestamp),
}

/// An evaluation under way.
pub(crate) struct Run<'a> {
    pub campaigns: Vec<&'a Campaign>,
    pub program: &'a Program,
    unit: &'a str,
    pub host: &'a dyn Host,
    pub history: History,
    pub now: Timestamp,
    consent: Option<Vec<Box<str>>>,
    pub courses: Vec<Course>,
    /// What is kept of paused campaigns.
    pub paused: Vec<(Box<str>, Course)>,
    any: Vec<(CapEvent, Timestamp)>,
    pub course: Verdicts,
}

/// Everything the engine would have answered, but for hints to fetch content early.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Decisions, in the order they were made.
    pub decisions: Vec<Decision>,
    /// Widgets asked to leave: when, and which campaign's.
    pub retracted: Vec<(Timestamp, Box<str>)>,
    /// Goals reached: when, and which campaign's.
    pub converted: Vec<(Timestamp, Box<str>)>,
}

/// What a log leads to, with deadlines run up to `end`. A `now` before the one of the entry before it is taken as that. `program` is what
/// `noren_rule::compile` made of the campaigns.
pub fn decide(
    campaigns: &[Campaign],
    program: &Program,
    unit: &str,
    log: &[(Timestamp, Input)],
    end: Timestamp,
    host: &dyn Host,
) -> Verdicts {
    let mut run = Run::new(campaigns, program, unit, host);
    for (now, input) in log {
        run.enter(*now, input);
    }
    run.end(end)
}

/// The live ones, ordered by id.
pub(crate) fn live(campaigns: &[Campaign]) -> Vec<&Campaign> {
    let mut live: Vec<&Campaign> = campaigns.iter().filter(|c| c.status == Status::Live).collect();
    live.sort_by(|a, b| a.id.cmp(&b.id));
    live
}

/// The first of the paused ones by id, each without any past.
pub(crate) fn paused(campaigns: &[Campaign]) -> Vec<(Box<str>, Course)> {
    let mut ids: Vec<&str> = campaigns.iter().filter(|c| c.status == Status::Paused).map(|c| &*c.id).collect();
    ids.sort_unstable();
    ids.into_iter().take(PAUSED_MAX).map(|id| (id.into(), Course::default())).collect()
}

impl<'a> Run<'a> {
    /// Nothing has happened yet.
    pub fn new(all: &'a [Campaign], program: &'a Program, unit: &'a str, host: &'a dyn Host) -> Run<'a> {
        let campaigns = live(all);
        Run {
            courses: vec![Course::default(); campaigns.len()],
            paused: paused(all),
            campaigns,
            program,
            unit,
            host,
            history: History::default(),
            now: Timestamp::MIN,
            consent: None,
            any: Vec::new(),
            course: Verdicts::default(),
        }
    }

    /// The next entry of the log.
    pub fn enter(&mut self, now: Timestamp, input: &Input) {
        let now = now.max(self.now).min(Timestamp::MAX);
        self.pass_time(now);
        self.now = now;
        self.take(input);
    }

    /// What it all led to, with time passed to a moment.
    pub fn end(mut self, at: Timestamp) -> Verdicts {
        self.pass_time(at);
        self.course
    }
}

impl Run<'_> {
    /// Stop at every moment up to `until` at which time could change something.
    fn pass_time(&mut self, until: Timestamp) {
        loop {
            let mut moments = Vec::new();
            for (campaign, course) in self.campaigns.iter().zip(&self.courses) {
                self.view(course).moments(&campaign.trigger, &mut moments);
                moments.extend(course.armed.map(|(due, _)| due));
            }
            let now = self.now;
            let Some(next) = moments.into_iter().filter(|t| *t > now && *t <= until).min() else { return };
            self.now = next;
            let mut open = self.rises(true);
            for (c, course) in self.courses.iter_mut().enumerate() {
                if let Some((due, behind)) = course.armed
                    && due <= next
                {
                    course.armed = None;
                    open.push((c, Stage::Delayed, behind));
                }
            }
            let (ended, open): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, _, behind)| behind.is_some());
            for (c, _, behind) in ended {
                if let Some(gate) = behind {
                    self.suppress(c, gate);
                }
            }
            self.arbitrate(open.into_iter().map(|(c, stage, _)| (c, stage)).collect(), None);
        }
    }

    fn view<'s>(&'s self, course: &Course) -> View<'s> {
        View { history: &self.history, now: self.now, used_up: course.used_up, begun: course.begun, host: self.host }
    }

    /// Campaigns whose trigger is true now; each is used up. Those that may open come back.
    fn rises(&mut self, may_open: bool) -> Vec<(usize, Stage, Option<Gate>)> {
        let (mut open, now) = (Vec::new(), self.now);
        for (c, campaign) in self.campaigns.iter().enumerate() {
            let Some(course) = self.courses.get(c) else { continue };
            if !self.view(course).truth(&campaign.trigger, false) {
                continue;
            }
            let held = self.is_held(course);
            let entry = self.history.entries.len().saturating_sub(1);
            if let Some(course) = self.courses.get_mut(c) {
                course.used_up = Some(UsedUp { entry, entry_counts: false, at: now });
                if may_open && !held && course.armed.is_none() {
                    open.push((c, Stage::Fresh, None));
                }
            }
        }
        open
    }

    fn is_held(&self, course: &Course) -> bool {
        let session = self.history.session_entry();
        // As long as any of them holds.
        let timed = course.holds.iter().filter_map(|(at, hold, _)| match hold {
            Hold::For(d) => Some(*at + *d),
            _ => None,
        });
        course.holds.iter().any(|(_, hold, _)| *hold == Hold::Visitor)
            || timed.max().is_some_and(|end| self.now < end)
            || course.holds.iter().any(|(_, hold, of)| *hold == Hold::Session && *of == session)
    }

    fn take(&mut self, input: &Input) {
        self.history.push(self.now, input);
        let entry = self.history.entries.len() - 1;
        match input {
            Input::Event { props, .. } => self.event(entry, props),
            Input::Leave | Input::PageEnd => {
                if *input == Input::Leave {
                    for course in &mut self.courses {
                        course.showing = false;
                    }
                }
                let open = self.rises(true);
                self.arbitrate(open.into_iter().map(|(c, s, _)| (c, s)).collect(), None);
            }
            Input::Visible => self.retry(Vec::new(), None),
            Input::Consent(granted) => self.consent = granted.clone(),
            Input::Facts(facts) => {
                self.facts(facts);
                // What other devices have done completes nothing here.
                self.rises(false);
            }
            Input::Widget(id, news) => self.widget(id, *news),
            Input::Record { campaign, what, at } => {
                let at = (*at).min(self.now);
                self.record(campaign, *what, at);
            }
            _ => {}
        }
    }

    fn event(&mut self, entry: usize, props: &Value) {
        let Some(e) = self.history.entries.get(entry).and_then(|e| e.event.clone()) else { return };
        let session = self.history.session_entry();
        if begins_page(&e) {
            self.retract_what_no_longer_fits();
        }
        self.doubt(|run, c| {
            hears_unknown(&c.trigger, &run.history, entry, run.host)
                || c.cancel.iter().any(|cancel| patterns::is_unknown(&cancel.of, &run.history, entry, run.host))
                || (begins_page(&e) && stays_unknown(&c.trigger, &run.history, run.host))
        });
        for (c, campaign) in self.campaigns.clone().into_iter().enumerate() {
            for cancel in &campaign.cancel {
                if !is_meant(&cancel.of, &self.history, entry, self.host) {
                    continue;
                }
                let mut was_armed = false;
                if let Some(course) = self.courses.get_mut(c) {
                    course.used_up = Some(UsedUp { entry, entry_counts: true, at: self.now });
                    course.holds.push((self.now, cancel.hold, session));
                    was_armed = course.armed.take().is_some();
                }
                if was_armed {
                    self.suppress(c, Gate::Cancel);
                }
                if self.courses.get(c).is_some_and(|course| course.showing) {
                    self.course.retracted.push((self.now, campaign.id.clone()));
                }
            }
        }
        for (c, campaign) in self.campaigns.clone().into_iter().enumerate() {
            let Some(goal) = &campaign.goal else { continue };
            let Some(exposed) = self.courses.get(c).and_then(|c| c.exposed_at) else { continue };
            let in_time = e.at >= exposed && e.at < exposed + goal.within;
            if in_time
                && patterns::is_unknown(&goal.of, &self.history, entry, self.host)
                && let Some(course) = self.courses.get_mut(c)
            {
                course.unknown = Some(self.now);
            }
            if in_time && is_meant(&goal.of, &self.history, entry, self.host) {
                if let Some(course) = self.courses.get_mut(c) {
                    course.exposed_at = None;
                }
                self.course.converted.push((self.now, campaign.id.clone()));
                self.record(&campaign.id, CapEvent::Converted, e.at);
            }
        }
        let open = self.rises(e.here).into_iter().map(|(c, s, _)| (c, s)).collect();
        if begins_page(&e) { self.retry(open, Some(props)) } else { self.arbitrate(open, Some(props)) }
    }

    /// From now on those campaigns are in doubt of which something cannot be told.
    pub(crate) fn doubt(&mut self, unknown: impl Fn(&Run, &Campaign) -> bool) {
        for (c, campaign) in self.campaigns.clone().into_iter().enumerate() {
            if unknown(self, campaign)
                && let Some(course) = self.courses.get_mut(c)
            {
                course.unknown = Some(self.now);
            }
        }
    }

    /// Whether a campaign opens nothing, because one of its conditions could not be told since the page began.
    fn is_inert(&self, c: usize) -> bool {
        let doubted = self.courses.get(c).and_then(|course| course.unknown);
        doubted.is_some_and(|at| self.history.open_page().is_none_or(|page| page.started <= at))
    }

    fn retract_what_no_longer_fits(&mut self) {
        let Some(attributes) = self.history.entries.last().map(|e| &e.attributes) else { return };
        let scope = Scope { attributes, event: None };
        for (campaign, course) in self.campaigns.iter().zip(&self.courses) {
            let for_audience = campaign.audience.as_ref().is_none_or(|a| holds(a, &scope, self.host));
            if course.showing && !(for_audience && fits_page(&campaign.trigger, &self.history, self.host)) {
                self.course.retracted.push((self.now, campaign.id.clone()));
            }
        }
    }

    fn retry(&mut self, mut open: Vec<(usize, Stage)>, event: Option<&Value>) {
        for (c, course) in self.courses.iter_mut().enumerate() {
            if let Some((due, Some(_))) = course.armed
                && !open.iter().any(|(o, _)| *o == c)
            {
                course.armed = None;
                open.push((c, Stage::Waiting(due)));
            }
        }
        self.arbitrate(open, event);
    }

    fn widget(&mut self, id: &str, news: WidgetNews) {
        if known(&self.campaigns, &mut self.courses, &mut self.paused, id).is_none() {
            return;
        }
        match news {
            WidgetNews::Clicked => self.record(id, CapEvent::Clicked, self.now),
            WidgetNews::Closed => self.record(id, CapEvent::Closed, self.now),
            _ => {}
        }
        if news != WidgetNews::Clicked {
            if let Some(course) = known(&self.campaigns, &mut self.courses, &mut self.paused, id) {
                course.showing = false;
            }
            self.retry(Vec::new(), None);
        }
    }

    fn record(&mut self, id: &str, what: CapEvent, at: Timestamp) {
        if let Some(course) = known(&self.campaigns, &mut self.courses, &mut self.paused, id) {
            course.records.push((what, at));
            self.any.push((what, at));
        }
    }

    fn facts(&mut self, facts: &Value) {
        let caps = facts.get("caps").and_then(Value::as_map).unwrap_or_default();
        // In the order they are told: one campaign's newer record hides another's older one from the caps on all.
        for (id, told) in caps {
            let Some(course) = known(&self.campaigns, &mut self.courses, &mut self.paused, id) else { continue };
            for (i, (what, total, last)) in [
                (CapEvent::Shown, "shown", "last_shown"),
                (CapEvent::Closed, "closed", "last_closed"),
                (CapEvent::Clicked, "clicked", "last_clicked"),
                (CapEvent::Converted, "converted", "last_converted"),
            ]
            .into_iter()
            .enumerate()
            {
                let number = |key: &str| told.get(key).and_then(Value::as_num).unwrap_or(0.0);
                let last = Timestamp(number(last) as i64).min(self.now);
                for list in [&mut course.records, &mut self.any] {
                    let latest = list.iter().filter(|(w, _)| *w == what).map(|(_, at)| *at).max();
                    if last.0 > 0 && latest.is_none_or(|l| l < last) {
                        list.push((what, last));
                    }
                }
                // The larger of the two counts at this moment; what is recorded later adds to it.
                let own = course.records.iter().filter(|(w, _)| *w == what).count() as u32;
                if let Some(slot) = course.told.get_mut(i) {
                    let total_now = own + *slot;
                    *slot += (number(total) as u32).saturating_sub(total_now);
                }
            }
        }
    }

    fn stopped(&self, c: usize, event: Option<&Value>) -> Option<Gate> {
        let campaign = self.campaigns.get(c)?;
        let compiled = self.program.campaigns.iter().find(|p| p.id == campaign.id)?;
        if compiled.schedule.as_ref().is_some_and(|s| !crate::schedule::is_open(s, self.program, self.now)) {
            return Some(Gate::Schedule);
        }
        let granted = |list: &Vec<Box<str>>| list.contains(&campaign.consent);
        if !campaign.consent.is_empty() && !self.consent.as_ref().is_none_or(granted) {
            return Some(Gate::Consent);
        }
        let attributes = self.history.entries.last().map(|e| &e.attributes)?;
        let scope = Scope { attributes, event };
        campaign.audience.as_ref().filter(|a| !holds(a, &scope, self.host)).map(|_| Gate::Audience)
    }

    /// The places that the campaign keeps to, then its caps; the first that stops it.
    fn limit(&self, c: usize) -> Option<Gate> {
        let campaign = self.campaigns.get(c)?;
        let places = self.program.campaigns.iter().find(|p| p.id == campaign.id).map_or(&[][..], |p| &p.places);
        for place in places {
            let at = noren_assign::hash(&place.seed, self.unit, 2).unwrap_or(0.0) * 10_000.0;
            if !(place.from..place.until).contains(&(at.round() as u16)) {
                return Some(match place.why {
                    PlaceKind::Holdout => Gate::Holdout,
                    PlaceKind::Exclusive => Gate::Exclusive,
                });
            }
        }
        (!self.caps_pass(c)).then_some(Gate::Caps)
    }

    fn caps_pass(&self, c: usize) -> bool {
        let Some(campaign) = self.campaigns.get(c) else { return false };
        let of = |any: bool, course: &Course, what: CapEvent, window: Window| -> usize {
            let list = if any { &self.any } else { &course.records };
            let times = list.iter().filter(|(w, _)| *w == what).map(|(_, at)| *at);
            match window {
                Window::Visitor => {
                    let told = if any { 0 } else { course.told.get(what as usize).copied().unwrap_or(0) as usize };
                    times.count() + told
                }
                Window::Session => {
                    let from = self.history.session_started();
                    times.filter(|t| *t >= from).count()
                }
                Window::Page => self.history.open_page().map_or(0, |page| times.filter(|t| *t >= page.started).count()),
                Window::Last(d) => times.filter(|t| *t > self.now - d).count(),
            }
        };
        let count = |whose: Whose, what: CapEvent, window: Window| -> usize {
            let mut sum = 0;
            for (i, (other, course)) in self.campaigns.iter().zip(&self.courses).enumerate() {
                let counts = match whose {
                    Whose::This | Whose::Any => i == c,
                    Whose::Group => other.group == campaign.group,
                    Whose::Others => other.group == campaign.group && i != c,
                };
                if counts {
                    sum += of(whose == Whose::Any, course, what, window);
                }
            }
            sum
        };
        campaign.caps.again.iter().all(|a| count(a.whose, a.since, a.after) == 0)
            && campaign.caps.stop.iter().all(|s| count(s.whose, s.of, s.within) < usize::from(s.times))
    }

    fn suppress(&mut self, c: usize, gate: Gate) {
        self.decided(c, "", Outcome::Suppressed, Some(gate));
    }

    fn decided(&mut self, c: usize, variant: &str, outcome: Outcome, gate: Option<Gate>) {
        let Some(campaign) = self.campaigns.get(c) else { return };
        let phase = self.phase(&campaign.id);
        self.course.decisions.push(Decision {
            at: self.now,
            campaign: campaign.id.clone(),
            variant: variant.into(),
            outcome,
            gate,
            phase,
        });
    }

    /// The phase of a campaign; 0 where the program has none of that id.
    pub(crate) fn phase(&self, id: &str) -> u32 {
        self.program.campaigns.iter().find(|p| *p.id == *id).map_or(0, |p| p.phase)
    }

    fn arbitrate(&mut self, mut open: Vec<(usize, Stage)>, event: Option<&Value>) {
        open.sort_by_key(|(c, _)| *c);
        let mut contenders = Vec::new();
        for (c, stage) in open {
            let Some(campaign) = self.campaigns.get(c).copied() else { continue };
            let event = event.filter(|_| stage == Stage::Fresh);
            let mut stopped = self.stopped(c, event);
            if stopped == Some(Gate::Audience)
                && let Some(entry) = self.history.entries.last()
            {
                let scope = Scope { attributes: &entry.attributes, event };
                if campaign.audience.as_ref().is_some_and(|a| is_unknown(a, &scope, self.host))
                    && let Some(course) = self.courses.get_mut(c)
                {
                    course.unknown = Some(self.now);
                }
            }
            if self.is_inert(c) {
                stopped = Some(Gate::Unknown);
            }
            if let Some(gate) = stopped {
                self.suppress(c, gate);
            } else if stage == Stage::Fresh && campaign.delay > Duration::ZERO {
                let due = self.now + campaign.delay;
                if let Some(course) = self.courses.get_mut(c) {
                    course.armed = Some((due, None));
                }
            } else if let Some(gate) = self.limit(c) {
                self.suppress(c, gate);
            } else {
                contenders.push((c, stage, campaign));
            }
        }
        contenders.sort_by(|(_, _, a), (_, _, b)| b.priority.cmp(&a.priority).then(a.id.cmp(&b.id)));
        let mut taken: Vec<&Surface> = Vec::new();
        for (c, stage, campaign) in contenders {
            if campaign.surface == Surface::None {
                if self.caps_pass(c) {
                    self.expose(c)
                } else {
                    self.suppress(c, Gate::Caps)
                }
                continue;
            }
            if taken.contains(&&campaign.surface) {
                self.lose(c, stage, Gate::Priority);
                continue;
            }
            if !self.caps_pass(c) {
                self.suppress(c, Gate::Caps);
                continue;
            }
            taken.push(&campaign.surface);
            let shows_there =
                |(other, course): (&&Campaign, &Course)| course.showing && other.surface == campaign.surface;
            let occupied = self.campaigns.iter().zip(&self.courses).any(shows_there);
            let visible = self.history.entries.last().is_none_or(|e| e.visible) && !self.history.is_left();
            if occupied || !visible { self.lose(c, stage, Gate::Surface) } else { self.expose(c) }
        }
    }

    fn lose(&mut self, c: usize, stage: Stage, gate: Gate) {
        let Some(campaign) = self.campaigns.get(c) else { return };
        let due = match stage {
            Stage::Waiting(due) => due,
            _ => self.now + campaign.wait,
        };
        if due > self.now {
            if let Some(course) = self.courses.get_mut(c) {
                course.armed = Some((due, Some(gate)));
            }
        } else {
            self.suppress(c, gate);
        }
    }

    fn expose(&mut self, c: usize) {
        let now = self.now;
        let Some(campaign) = self.campaigns.get(c).copied() else { return };
        let phase = self.phase(&campaign.id);
        let Some(course) = self.courses.get_mut(c) else { return };
        let known = course.assigned.take().filter(|(of, _)| *of == phase);
        let variant = known.map_or_else(|| assigned(campaign, self.unit), |(_, variant)| variant);
        course.assigned = Some((phase, variant.clone()));
        course.exposed_at = Some(now);
        course.records.push((CapEvent::Shown, now));
        self.any.push((CapEvent::Shown, now));
        let control = &*variant == "control";
        if !control && campaign.surface != Surface::None {
            course.showing = true;
        }
        self.decided(c, &variant, if control { Outcome::Control } else { Outcome::Shown }, None);
    }
}

/// What is known of a campaign, live or paused.
fn known<'c>(
    campaigns: &[&Campaign],
    courses: &'c mut [Course],
    paused: &'c mut [(Box<str>, Course)],
    id: &str,
) -> Option<&'c mut Course> {
    match campaigns.iter().position(|c| *c.id == *id) {
        Some(place) => courses.get_mut(place),
        None => paused.iter_mut().find(|(other, _)| **other == *id).map(|(_, course)| course),
    }
}

/// A visitor's place in `[0, 1)`: control first, then the variants by weight.
fn assigned(campaign: &Campaign, unit: &str) -> Box<str> {
    // One of 10,000 places, each a whole number of ten-thousandths.
    let place = (noren_assign::hash(&campaign.seed, unit, 2).unwrap_or(0.0) * 10_000.0).round() as i64;
    let control = i64::from(campaign.control_bps);
    if place < control {
        return "control".into();
    }
    // Each variant's share ends at a fraction of the treated; the first whose end lies beyond the place.
    let treated = 10_000 - control;
    let mut weight = 0;
    for variant in &campaign.variants {
        weight += i64::from(variant.weight_bps);
        let end = control * 10_000 + weight * treated;
        if place * 10_000 < end {
            return variant.id.clone();
        }
    }
    campaign.variants.last().map(|v| v.id.clone()).unwrap_or_default()
}
