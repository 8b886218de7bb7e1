//! Which numbers of a stream are new: the contiguous watermark and the ranges applied above it.

use noren_wire::bounds::RANGES_MAX;
use noren_wire::stored::StreamDoc;

/// What to do with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Apply it; it is now noted.
    New,
    /// It was applied, or passed over.
    Known,
    /// No room to note it: leave it to be sent again.
    Later,
}

/// The device holds nothing below `from` any more: missing numbers there are lost for good and passed over. Returns how many were lost.
pub fn pass_over(stream: &mut StreamDoc, from: u64) -> u64 {
    if from <= stream.next {
        return 0;
    }
    let had: u64 = stream.above.iter().map(|&(a, b)| b.min(from).saturating_sub(a)).sum();
    let lost = from - stream.next - had;
    stream.next = from;
    stream.above.retain(|&(_, b)| b > from);
    if let Some(first) = stream.above.first_mut() {
        first.0 = first.0.max(from);
    }
    close_gap(stream);
    lost
}

/// Note a number.
pub fn take(stream: &mut StreamDoc, n: u64) -> Verdict {
    if n < stream.next || n == u64::MAX {
        return Verdict::Known;
    }
    if n == stream.next {
        stream.next = n + 1;
        close_gap(stream);
        return Verdict::New;
    }
    let place = stream.above.partition_point(|&(_, b)| b < n);
    let full = stream.above.len() >= RANGES_MAX;
    match stream.above.get_mut(place) {
        Some((a, b)) if *a <= n && n < *b => return Verdict::Known,
        Some((_, b)) if *b == n => {
            *b += 1;
            let end = *b;
            if let Some(&(next_a, next_b)) = stream.above.get(place + 1)
                && next_a == end
            {
                if let Some(range) = stream.above.get_mut(place) {
                    range.1 = next_b;
                }
                stream.above.remove(place + 1);
            }
        }
        Some((a, _)) if *a == n + 1 => *a = n,
        _ if full => return Verdict::Later,
        _ => stream.above.insert(place, (n, n + 1)),
    }
    Verdict::New
}

fn close_gap(stream: &mut StreamDoc) {
    if let Some(&(a, b)) = stream.above.first()
        && a <= stream.next
    {
        stream.next = stream.next.max(b);
        stream.above.remove(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn next(state: &mut u64) -> u64 {
        *state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        *state >> 33
    }

    /// Against the obvious model: a set of numbers.
    #[test]
    fn each_number_is_new_once_whatever_the_order() {
        for seed in 0..500 {
            let (mut random, mut stream, mut model, mut floor) = (seed, StreamDoc::default(), BTreeSet::new(), 0);
            for _ in 0..120 {
                if next(&mut random).is_multiple_of(20) {
                    let from = next(&mut random) % 45;
                    let lost = pass_over(&mut stream, from);
                    let missing = (floor..from).filter(|n| !model.contains(n)).count() as u64;
                    assert_eq!(lost, missing, "seed {seed}");
                    floor = floor.max(from);
                    (0..from).for_each(|n| {
                        model.insert(n);
                    });
                }
                let n = next(&mut random) % 40;
                let expected = if model.insert(n) { Verdict::New } else { Verdict::Known };
                assert_eq!(take(&mut stream, n), expected, "seed {seed}, number {n}");
                let contiguous = (0..).find(|n| !model.contains(n)).unwrap();
                assert_eq!(stream.next, contiguous, "seed {seed}");
                assert!(stream.above.windows(2).all(|w| w[0].1 < w[1].0), "seed {seed}: {:?}", stream.above);
                assert!(stream.above.first().is_none_or(|r| r.0 > stream.next), "seed {seed}");
                floor = floor.max(contiguous);
            }
        }
    }

    #[test]
    fn too_many_gaps_wait_and_nothing_is_forgotten() {
        let mut stream = StreamDoc::default();
        for i in 1..=RANGES_MAX as u64 {
            assert_eq!(take(&mut stream, 2 * i), Verdict::New);
        }
        assert_eq!(take(&mut stream, 1_000), Verdict::Later);
        assert_eq!(take(&mut stream, 0), Verdict::New);
        assert_eq!(take(&mut stream, 1), Verdict::New);
        assert_eq!(take(&mut stream, 1_000), Verdict::New);
        assert_eq!(stream.next, 3);
    }

    #[test]
    fn hostile_numbers_do_no_harm() {
        let mut stream = StreamDoc::default();
        assert_eq!(take(&mut stream, u64::MAX), Verdict::Known);
        assert_eq!(take(&mut stream, u64::MAX - 1), Verdict::New);
        assert_eq!(pass_over(&mut stream, u64::MAX), u64::MAX - 1);
        assert_eq!(take(&mut stream, 5), Verdict::Known);
    }
}
