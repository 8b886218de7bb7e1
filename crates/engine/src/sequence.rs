//! Whether remembered events hold a sequence.

use noren_event::{Duration, Timestamp};
use noren_program::Order;

/// An event as [`crate::state::trail`] packs it, with its moment.
type Trail = (Timestamp, u64);

/// Whether some event that can be the first step is followed by the others in order, the last less than `within` after it. An event is one
/// step at most. What breaks may be the last step itself and nothing before it. Cost: the square of the trail, which is bounded.
pub fn is_complete(trail: &[Trail], steps: usize, within: Duration, order: Order) -> bool {
    trail.iter().enumerate().any(|(i, first)| {
        let after = trail.get(i + 1..).unwrap_or_default();
        can_be(first, 0) && follows(first, after, steps, within, order)
    })
}

/// Taking the earliest event for each step is enough: the time is measured from the first step only.
fn follows(first: &Trail, after: &[Trail], steps: usize, within: Duration, order: Order) -> bool {
    let mut next = 1;
    for event in after {
        if event.0 - first.0 >= within {
            return false;
        }
        let fits = can_be(event, next) && event.1 >> 9 == first.1 >> 9;
        if fits && next + 1 == steps {
            return true;
        }
        if event.1 >> 8 & 1 == 1 || (order == Order::Next && !fits) {
            return false;
        }
        next += usize::from(fits);
    }
    false
}

fn can_be(event: &Trail, step: usize) -> bool {
    step < 8 && event.1 >> step & 1 == 1
}
