//! Whether remembered events hold a sequence.

use noren_event::{Duration, Timestamp};

/// An event as [`crate::state::trail`] packs it, with its moment.
type Trail = (Timestamp, u64);

/// Whether some event that can be the first step is followed by the others in order, the last less than `within` after it; `next` says that
/// nothing else may stand between. An event is one step at most. What breaks may be the last step itself and nothing before it. Cost: the
/// square of the trail, which is bounded.
pub fn is_complete(trail: &[Trail], steps: usize, within: Duration, next: bool) -> bool {
    trail.iter().enumerate().any(|(i, first)| {
        let after = trail.get(i + 1..).unwrap_or_default();
        can_be(first, 0) && follows(first, after, steps, within, next)
    })
}

/// Taking the earliest event for each step is enough: the time is measured from the first step only.
fn follows(first: &Trail, after: &[Trail], steps: usize, within: Duration, next: bool) -> bool {
    let mut step = 1;
    for event in after {
        if event.0 - first.0 >= within {
            return false;
        }
        let fits = can_be(event, step) && event.1 >> 9 == first.1 >> 9;
        step += usize::from(fits);
        if fits && step == steps {
            return true;
        }
        if event.1 >> 8 & 1 == 1 || (next && !fits) {
            return false;
        }
    }
    false
}

fn can_be(event: &Trail, step: usize) -> bool {
    step < 8 && event.1 >> step & 1 == 1
}
