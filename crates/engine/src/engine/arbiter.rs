//! Who of those open at the same moment goes on to be shown.

use super::{Candidate, Context, Engine, touch};
use crate::effect::{Act, Gate, What};
use crate::gate::{limit, may_open};
use crate::state::{CONTROL, Course, DELAY, NONE, kind};
use noren_event::Duration;
use noren_event::packed::Reader;
use noren_program::image::Head;

impl Engine {
    /// Take candidates, ascending, through the gates, in the order docs/rules.md gives.
    pub(super) fn arbitrate(&mut self, candidates: Vec<Candidate>, cx: &Context, out: &mut Vec<Act>) {
        let mut contenders: Vec<Candidate> = Vec::new();
        for mut candidate in candidates {
            let c = candidate.campaign;
            let head = cx.image.head(c);
            // What opened a decision is known only at that moment, not after a delay or a wait.
            let event = cx.event.filter(|_| candidate.fresh);
            let mut stopped = may_open(&head, &self.state, &Context { event, ..*cx }.judge(&self.state.attributes));
            if self.is_inert(c) {
                stopped = Some(Gate::Unknown);
            }
            if let Some(gate) = stopped {
                self.suppress(c, gate, cx, out);
            } else if candidate.fresh && head.delay > Duration::ZERO {
                let due = self.state.moment.now + head.delay;
                if let Some(of) = self.course(c) {
                    (of.armed, of.behind) = (due, DELAY);
                }
            } else if let Some(gate) = self.limit(c, &head, cx) {
                self.suppress(c, gate, cx, out);
            } else {
                // Higher priority first; they come by id, which so breaks ties.
                candidate.priority = head.priority;
                let place = contenders.partition_point(|other| other.priority >= head.priority);
                contenders.insert(place, candidate);
            }
        }
        let mut taken: Vec<u32> = Vec::new();
        for candidate in contenders {
            let c = candidate.campaign;
            let head = cx.image.head(c);
            let places = !cx.image.text(head.surface).is_empty();
            if places && taken.binary_search(&head.surface).is_ok() {
                self.lose(candidate, Gate::Priority, &head, cx, out);
            } else if let Some(gate) = self.limit(c, &head, cx) {
                // A winner before it has spent a cap that they share at this very moment.
                self.suppress(c, gate, cx, out);
            } else if places && !self.is_free(head.surface, cx) {
                touch(&mut taken, head.surface);
                self.lose(candidate, Gate::Surface, &head, cx, out);
            } else {
                touch(&mut taken, head.surface);
                self.expose(c, &head, places, cx, out);
            }
        }
    }

    pub(super) fn limit(&self, c: u32, head: &Head, cx: &Context) -> Option<Gate> {
        limit(c, head, &self.unit, &self.state, cx.image)
    }

    fn is_free(&self, surface: u32, cx: &Context) -> bool {
        let mut shown = self.state.on_screen.iter();
        self.state.visible && !self.state.left && !shown.any(|c| cx.image.head(*c).surface == surface)
    }

    /// End a decision that another stood before, or let it wait.
    fn lose(&mut self, candidate: Candidate, gate: Gate, head: &Head, cx: &Context, out: &mut Vec<Act>) {
        let now = self.state.moment.now;
        let c = candidate.campaign;
        let due = if candidate.until == NONE { now + head.wait } else { candidate.until };
        if due <= now {
            return self.suppress(c, gate, cx, out);
        }
        if let Some(of) = self.course(c) {
            (of.armed, of.behind) = (due, gate as u8);
            touch(&mut self.state.waiting, c);
        }
    }

    /// The last step: an arm, a record, and for the treated something to see.
    fn expose(&mut self, c: u32, head: &Head, places: bool, cx: &Context, out: &mut Vec<Act>) {
        let now = self.state.moment.now;
        let Some(of) = self.state.courses.get(c as usize) else { return };
        let chosen = self.variant_of(head, of, cx);
        let Some(of) = self.course(c) else { return };
        of.assigned = (u64::from(head.phase) << 16 | u64::from(chosen)) + 1;
        of.exposed = now;
        let treated = chosen != CONTROL;
        if treated && places {
            of.showing = chosen + 1;
            touch(&mut self.state.on_screen, c);
        }
        self.record(c, kind::SHOWN, now);
        out.push(self.act(What::Exposed, c, chosen, cx));
        if treated {
            out.push(self.act(What::Show, c, chosen, cx));
        }
    }

    /// The variant a visitor has or would get; [`CONTROL`] for none.
    pub(super) fn variant_of(&self, head: &Head, of: &Course, cx: &Context) -> u32 {
        if let Some(known) = of.assigned.checked_sub(1) {
            let variant = known as u32 & CONTROL;
            let stands = variant == CONTROL || cx.image.variant_at(head.variants, variant).is_some();
            if known >> 16 == u64::from(head.phase) && stands {
                return variant;
            }
        }
        assign(head, &self.unit, cx)
    }
}

/// Where a visitor falls: below the control share is control, the rest is divided by the variants' weights, in order.
fn assign(head: &Head, unit: &[u8], cx: &Context) -> u32 {
    let slot = u64::from(noren_assign::slot(head.seed, unit));
    let control = u64::from(head.control_bps);
    if slot < control {
        return CONTROL;
    }
    let mut r = Reader::new(head.variants);
    let (mut end, mut variant) = (0, 0);
    while let Some(v) = cx.image.variant(&mut r) {
        end += u64::from(v.weight_bps);
        // A fraction of the treated against a sum of weights, both sides times the treated and 10,000: nothing is rounded.
        if (slot - control) * 10_000 < end * (10_000 - control) || r.is_empty() {
            return variant;
        }
        variant += 1;
    }
    // Nothing to show: a program that is not sound.
    CONTROL
}
