//! One visitor: lines are kept until there are enough of them, or the visitor is done; then they are decided about in order of time.
//!
//! Most visitors of a log have few lines. Keeping those, rather than an engine that remembers every campaign, makes a visitor in flight
//! small, sorts lines that come slightly out of order, and decides about a visitor in one go.

use super::compare::{Decided, Missing, Placed, compare, settle};
use super::kept::{Kept, Sorted};
use super::pack::Packed;
use super::plan::{Place, Plan, Tried};
use super::tally::{Arm, Draft, OFTEN, Tally};
use crate::replay::drive::{Live, Tell};
use crate::replay::host::Native;
use crate::replay::line::{Line, Says};
use noren_engine::{Act, Engine, Outcome, Told};
use noren_event::{Duration, Timestamp, Value};

/// How far back in time a line may go behind the latest one.
pub const SORTED_WITHIN: Duration = Duration::minutes(1);
/// Lines that a visitor keeps before deciding about them.
const KEEP: usize = 256;
/// Lines of one minute that are kept at most: past these the older half counts as sorted.
const KEEP_AT_MOST: usize = 4_096;

/// A visitor in flight.
pub struct Visitor<'h> {
    name: Box<str>,
    /// What assignment hashes, once a device was named.
    device: Option<Box<str>>,
    lines: Kept,
    /// How many lines are enough.
    enough: usize,
    /// The latest line.
    pub last: Timestamp,
    /// Up to where inputs have been decided about.
    pub decided: Timestamp,
    may_open: bool,
    bought: bool,
    device_is_late: bool,
    page_open: bool,
    seen: Vec<Seen>,
    running: Option<Box<Running<'h>>>,
}

/// The engines of a visitor who has been decided about, in part.
struct Running<'h> {
    with: Live<'h>,
    /// Without the draft; where nothing is live there is none, nor before a draft has opened anything.
    without: Option<Live<'h>>,
    missing: Missing,
}

/// What engines borrow, with the drafts and without.
pub struct Hosts {
    pub with: Native,
    pub without: Native,
}

/// What a visitor has seen of one draft.
#[derive(Clone, Default)]
struct Seen {
    shown: Exposures,
    control: Exposures,
}

#[derive(Clone, Default)]
struct Exposures {
    times: u64,
    first: Timestamp,
    bought_after: bool,
    reached_goal: bool,
}

/// Whether a visitor is done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Done {
    Yes,
    /// Time alone can still change something, later than the log is known to go.
    NotYet,
}

impl<'h> Visitor<'h> {
    pub fn new(name: &str, at: Timestamp) -> Visitor<'h> {
        Visitor {
            name: name.into(),
            device: None,
            lines: Kept::default(),
            enough: KEEP,
            last: at,
            decided: Timestamp::MIN,
            may_open: false,
            bought: false,
            device_is_late: false,
            page_open: false,
            seen: Vec::new(),
            running: None,
        }
    }

    /// Keep a line, of whose properties `packed` is what is needed.
    pub fn keep(&mut self, plan: &Plan<'_>, line: &Line<'_, ()>, packed: &Packed) {
        self.last = self.last.max(Timestamp(line.at));
        if let Says::Event(name) = Says::of(line.kind, &line.name) {
            let need = plan.needs.event(name);
            self.may_open |= need.opens;
            self.bought |= need.number == plan.purchase;
        }
        if let Some(device) = line.device.as_deref().filter(|device| self.device.is_none() && !device.is_empty()) {
            self.device = Some(device.into());
            self.device_is_late = self.running.is_some();
        }
        self.lines.push(plan.needs, line, packed);
    }

    /// Whether enough has been kept.
    pub fn is_full(&self) -> bool {
        self.lines.len() >= self.enough
    }

    /// Decide about what is certainly in order.
    pub fn relieve(&mut self, plan: &Plan<'_>, hosts: &'h Hosts, tally: &mut Tally) {
        let at_least = if self.lines.len() >= KEEP_AT_MOST { KEEP_AT_MOST / 2 } else { 0 };
        let inputs = self.lines.take_before(self.last - SORTED_WITHIN, at_least);
        self.enough = (self.lines.len() + KEEP).next_power_of_two().min(KEEP_AT_MOST);
        if let Some(at) = inputs.last() {
            self.decided = at;
            self.decide(plan, hosts, &inputs, None, tally);
        }
    }

    /// The visitor has no more lines. Deadlines run to `known`, the latest moment the log is known to reach.
    pub fn close(&mut self, plan: &Plan<'_>, hosts: &'h Hosts, known: Timestamp, tally: &mut Tally) -> Done {
        if self.may_open || self.running.is_some() {
            let inputs = self.lines.take();
            self.decide(plan, hosts, &inputs, Some(known), tally);
            // A page ends once, however often time has to be asked for afterwards.
            self.page_open = false;
            if self.running.is_some() {
                return Done::NotYet;
            }
        }
        self.count(tally);
        Done::Yes
    }

    /// The log is over.
    pub fn finish(&mut self, plan: &Plan<'_>, hosts: &'h Hosts, end: Timestamp, tally: &mut Tally) {
        self.decide(plan, hosts, &Sorted::default(), Some(end), tally);
        if let Some(running) = self.running.take() {
            settle(&running.missing, &mut tally.live);
        }
        self.count(tally);
    }

    /// Decide about inputs, and, where `until` says how far the log goes, about what time alone brings up to then.
    fn decide(
        &mut self,
        plan: &Plan<'_>,
        hosts: &'h Hosts,
        inputs: &Sorted,
        until: Option<Timestamp>,
        tally: &mut Tally,
    ) {
        self.page_open = page_is_open(inputs, self.page_open);
        let rest = Rest { page_end: (self.page_open && !plan.open_end).then_some(self.last), until };
        let unit = self.device.clone().unwrap_or_else(|| self.name.clone());
        let is_first = self.running.is_none();
        let mut running = self.running.take().unwrap_or_else(|| {
            Box::new(Running {
                with: Live::new(plan.with.image, &unit, &hosts.with),
                without: None,
                missing: vec![0; tally.live.len()],
            })
        });
        let mut of_live: Vec<Placed> = Vec::new();
        let drafts_decided = self.run_with(plan, &mut running.with, inputs, rest, &mut of_live, tally);
        let is_over = |live: &Live<'_>| until.is_some_and(|until| live.next_deadline().is_none_or(|due| due <= until));
        let with_is_over = is_over(&running.with);
        if let Some(tried) = &plan.without {
            // A draft that has opened nothing has taken nothing.
            if !is_first || !with_is_over || drafts_decided {
                let live = running.without.get_or_insert_with(|| Live::new(tried.image, &unit, &hosts.without));
                let without = run_without(plan, tried, live, inputs, rest);
                let is_over = with_is_over && is_over(live);
                compare(without, of_live, &mut running.missing, &mut tally.live);
                if is_over {
                    settle(&running.missing, &mut tally.live);
                } else {
                    self.running = Some(running);
                }
                return;
            }
            for (place, decided) in of_live {
                if let Some(live) = tally.live.get_mut(place).filter(|_| decided.outcome == Outcome::Shown) {
                    live.shows_without += 1;
                    live.shows_with += 1;
                }
            }
        }
        if !with_is_over {
            self.running = Some(running);
        }
    }

    /// The run with the draft: what it decided of drafts is counted, of live campaigns collected. Whether a draft decided anything.
    fn run_with(
        &mut self,
        plan: &Plan<'_>,
        with: &mut Live<'h>,
        inputs: &Sorted,
        rest: Rest,
        of_live: &mut Vec<Placed>,
        tally: &mut Tally,
    ) -> bool {
        let mut drafts_decided = false;
        let seen = &mut self.seen;
        let mut told = |seen: &mut Vec<Seen>, act: &Act| match (Decided::of(act), plan.with.place(act.number)) {
            (Some(decided), Some(Place::Draft(i))) => {
                drafts_decided = true;
                seen.resize_with(tally.drafts.len(), Seen::default);
                if let (Some(draft), Some(seen)) = (tally.drafts.get_mut(i), seen.get_mut(i)) {
                    count_decision(plan, decided, draft, seen);
                }
            }
            (Some(decided), Some(Place::Live(i))) => of_live.push((i, decided)),
            (None, Some(Place::Draft(i))) => {
                if let Some(seen) = seen.get_mut(i) {
                    seen.latest().reached_goal = true;
                }
            }
            _ => {}
        };
        for input in inputs.iter() {
            if input.is(plan.purchase) {
                // What is due by now was shown before this purchase; what the purchase itself opens was not.
                with.take(input.at, Told::Time, &mut |_, act, _| told(seen, &act));
                for (seen, draft) in seen.iter_mut().zip(&plan.drafts) {
                    seen.purchase(input.at, draft.window);
                }
            }
            with.take(input.at, input.told(plan.needs), &mut |_, act, _| told(seen, &act));
        }
        rest.run(with, &mut |_, act, _| told(seen, &act));
        drafts_decided
    }

    /// Count a visitor who is done.
    fn count(&self, tally: &mut Tally) {
        tally.visitors += 1;
        tally.buyers += u64::from(self.bought);
        tally.late_devices += u64::from(self.device_is_late);
        for (seen, draft) in self.seen.iter().zip(&mut tally.drafts) {
            seen.shown.count(&mut draft.shown, self.bought);
            seen.control.count(&mut draft.control, self.bought);
            let times = seen.shown.times;
            draft.most = draft.most.max(times);
            let place = usize::try_from(times).unwrap_or(OFTEN).min(OFTEN);
            if let Some(n) = place.checked_sub(1).and_then(|place| draft.often.get_mut(place)) {
                *n += 1;
            }
        }
    }
}

/// What comes after the inputs.
#[derive(Clone, Copy)]
struct Rest {
    /// The page ends as far as anybody knows.
    page_end: Option<Timestamp>,
    /// Time goes on up to then.
    until: Option<Timestamp>,
}

impl Rest {
    fn run(self, live: &mut Live<'_>, tell: Tell<'_>) {
        let Some(until) = self.until else { return };
        if let Some(at) = self.page_end {
            live.take(at, Told::PageEnd, tell);
        }
        live.take(until, Told::Time, tell);
        live.answer_retractions(tell);
    }
}

fn run_without(plan: &Plan<'_>, tried: &Tried<'_>, live: &mut Live<'_>, inputs: &Sorted, rest: Rest) -> Vec<Placed> {
    let mut decisions = Vec::new();
    let mut tell = |_: &Engine, act: Act, _: Option<Value>| {
        if let (Some(decided), Some(Place::Live(i))) = (Decided::of(&act), tried.place(act.number)) {
            decisions.push((i, decided));
        }
    };
    for input in inputs.iter() {
        live.take(input.at, input.told(plan.needs), &mut tell);
    }
    rest.run(live, &mut tell);
    decisions
}

/// One decision of a draft.
fn count_decision(plan: &Plan<'_>, decided: Decided, draft: &mut Draft, seen: &mut Seen) {
    match decided.outcome {
        Outcome::Shown => {
            seen.shown.add(decided.at);
            let (day, hour) = plan.clock.day_and_hour(decided.at);
            if let Some(n) = draft.hours.get_mut(hour) {
                *n += 1;
            }
            *draft.days.entry(day).or_default() += 1;
        }
        Outcome::Control => seen.control.add(decided.at),
        Outcome::Suppressed => {
            let gate = decided.gate.map_or("", |gate| gate.word());
            *draft.suppressed.entry(gate).or_default() += 1;
        }
    }
}

impl Seen {
    /// The group that the visitor is in. Assignment is sticky, so there is one; of two, which a log can bring about by naming a device
    /// late, the treated.
    fn latest(&mut self) -> &mut Exposures {
        if self.shown.times > 0 { &mut self.shown } else { &mut self.control }
    }

    fn purchase(&mut self, at: Timestamp, window: Duration) {
        for exposures in [&mut self.shown, &mut self.control] {
            exposures.bought_after |= exposures.times > 0 && at < exposures.first + window;
        }
    }
}

impl Exposures {
    fn add(&mut self, at: Timestamp) {
        if self.times == 0 {
            self.first = at;
        }
        self.times += 1;
    }

    fn count(&self, arm: &mut Arm, bought: bool) {
        arm.times += self.times;
        if self.times > 0 {
            arm.visitors += 1;
            arm.bought_after += u64::from(self.bought_after);
            arm.bought_ever += u64::from(bought);
            arm.reached_goal += u64::from(self.reached_goal);
        }
    }
}

/// Whether a page is open after some inputs, if it was before.
fn page_is_open(inputs: &Sorted, was: bool) -> bool {
    let news = inputs.iter().rev().find(|input| input.begins_page() || input.leaves_page());
    news.map_or(was, |input| input.begins_page())
}
