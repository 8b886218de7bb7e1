//! From bytes to tallies: one thread reads and deals lines out by visitor, the others decide.

use super::pack::Packed;
use super::plan::Plan;
use super::route::visitor_of;
use super::shard::{Bench, Disorder, SHARDS, Shard, Wrong, hash, shard_of};
use super::tally::Tally;
use super::visitor::Hosts;
use crate::Failure;
use crate::replay::host::Native;
use noren_event::Timestamp;
use std::io::BufRead;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// How often a long log says how far it is.
const PROGRESS_EVERY: Duration = Duration::from_secs(2);
/// Bytes that are handed to a thread at once.
const BATCH_BYTES: usize = 256 << 10;
/// Batches that may lie before a thread: the log waits, not the memory.
const BATCHES_AHEAD: usize = 4;

/// What came of a log.
pub struct Outcome {
    pub tally: Tally,
    pub wrong: Wrong,
    pub disorder: Option<Disorder>,
    pub span: Option<(Timestamp, Timestamp)>,
}

/// Lines for one thread.
#[derive(Default)]
struct Batch {
    bytes: Vec<u8>,
    /// Line number, visitor's hash and where the line ends.
    lines: Vec<(u64, u64, usize)>,
}

/// How far the threads are, for whoever waits.
#[derive(Default)]
struct Meter {
    lines: AtomicU64,
    in_flight: AtomicU64,
    /// Some thread has met a line that is out of order.
    stop: AtomicBool,
}

/// What a thread and its reader say to each other at the end of the log.
struct Ends {
    last: Sender<Option<(Timestamp, Timestamp)>>,
    end: Receiver<Timestamp>,
}

/// Work through a log. `lines` is what has been read of it already.
pub fn run(
    plan: &Plan<'_>,
    log: &mut dyn BufRead,
    read: Vec<Vec<u8>>,
    threads: NonZeroUsize,
) -> Result<Outcome, Failure> {
    let meter = Meter::default();
    thread::scope(|scope| {
        let mut dealers = Vec::new();
        let mut workers = Vec::new();
        let mut lasts = Vec::new();
        let mut ends = Vec::new();
        for _ in 0..threads.get() {
            let (give, take) = sync_channel(BATCHES_AHEAD);
            let (last_out, last_in) = channel();
            let (end_out, end_in) = channel();
            let meter = &meter;
            workers.push(scope.spawn(move || work(plan, take, Ends { last: last_out, end: end_in }, meter)));
            dealers.push((give, Batch::default()));
            lasts.push(last_in);
            ends.push(end_out);
        }
        let dealt = deal(log, read, &mut dealers, &meter);
        drop(dealers);
        let mut span: Option<(Timestamp, Timestamp)> = None;
        for last in lasts {
            let Ok(Some((first, last))) = last.recv() else { continue };
            span = Some(span.map_or((first, last), |(f, l)| (f.min(first), l.max(last))));
        }
        let end = span.map_or(Timestamp::MIN, |(_, last)| last);
        for tell in ends {
            // A thread that is gone says why when it is joined.
            let _ = tell.send(end);
        }
        let mut outcome = Outcome {
            tally: Tally::new(plan.drafts.len(), plan.live.len()),
            wrong: Wrong::default(),
            disorder: None,
            span,
        };
        for worker in workers {
            let (tally, wrong, disorder) = worker.join().map_err(|_| Failure("a thread has died".into()))?;
            outcome.tally.add(&tally);
            outcome.wrong.merge(wrong);
            outcome.disorder = outcome.disorder.into_iter().chain(disorder).min();
        }
        dealt.map(|()| outcome)
    })
}

/// Read the log and deal it out.
fn deal(
    log: &mut dyn BufRead,
    read: Vec<Vec<u8>>,
    dealers: &mut [(SyncSender<Batch>, Batch)],
    meter: &Meter,
) -> Result<(), Failure> {
    let started = Instant::now();
    let mut said = started;
    let mut number = 0;
    let mut read = read.into_iter();
    let mut line = Vec::new();
    loop {
        match read.next() {
            Some(first) => line = first,
            None => {
                line.clear();
                if log.read_until(b'\n', &mut line)? == 0 {
                    break;
                }
            }
        }
        number += 1;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let hash = hash(visitor_of(&line).bytes());
        let thread = shard_of(hash) % dealers.len().max(1);
        let Some((give, batch)) = dealers.get_mut(thread) else { continue };
        batch.bytes.extend_from_slice(&line);
        batch.lines.push((number, hash, batch.bytes.len()));
        if batch.bytes.len() >= BATCH_BYTES {
            if give.send(std::mem::take(batch)).is_err() || meter.stop.load(Relaxed) {
                break;
            }
            if said.elapsed() >= PROGRESS_EVERY {
                said = Instant::now();
                progress(started, number, meter);
            }
        }
    }
    for (give, batch) in dealers {
        // A thread that is gone says why when it is joined.
        let _ = give.send(std::mem::take(batch));
    }
    Ok(())
}

fn progress(started: Instant, read: u64, meter: &Meter) {
    let seconds = started.elapsed().as_secs_f64();
    let done = meter.lines.load(Relaxed);
    eprintln!(
        "{seconds:>6.0} s  {read} lines  {} visitors in flight  {:.0} events/s",
        meter.in_flight.load(Relaxed),
        done as f64 / seconds
    );
}

/// Decide about the visitors of some shards.
fn work(plan: &Plan<'_>, take: Receiver<Batch>, ends: Ends, meter: &Meter) -> (Tally, Wrong, Option<Disorder>) {
    let hosts = Hosts {
        with: Native::remembering(plan.with.image),
        without: plan.without.as_ref().map_or_else(Native::default, |tried| Native::remembering(tried.image)),
    };
    let mut bench = Bench {
        plan,
        hosts: &hosts,
        tally: Tally::new(plan.drafts.len(), plan.live.len()),
        wrong: Wrong::default(),
        disorder: None,
        packed: Packed::default(),
    };
    let mut shards: Vec<Shard<'_>> = (0..SHARDS).map(|_| Shard::default()).collect();
    let mut in_flight = 0_u64;
    for batch in take {
        let mut start = 0;
        let whole = std::str::from_utf8(&batch.bytes).ok();
        for &(number, hash, end) in &batch.lines {
            // One look at the batch, unless something in it is not UTF-8: then line by line, to name it.
            let text = match whole {
                Some(whole) => whole.get(start..end),
                None => batch.bytes.get(start..end).and_then(|line| std::str::from_utf8(line).ok()),
            };
            start = end;
            match (text, shards.get_mut(shard_of(hash))) {
                (Some(text), Some(shard)) => shard.line(number, text, hash, &mut bench),
                _ => bench.wrong.add(number, "not UTF-8".into()),
            }
        }
        if bench.disorder.is_some() {
            meter.stop.store(true, Relaxed);
        }
        meter.lines.fetch_add(batch.lines.len() as u64, Relaxed);
        let now = shards.iter().map(|shard| shard.in_flight() as u64).sum();
        meter.in_flight.fetch_add(now, Relaxed);
        meter.in_flight.fetch_sub(in_flight, Relaxed);
        in_flight = now;
    }
    let spans = shards.iter().filter_map(Shard::span);
    let span = spans.reduce(|(first, last), (f, l)| (first.min(f), last.max(l)));
    // Deadlines run to the last moment of the whole log, which only all threads together know.
    let end = ends.last.send(span).ok().and_then(|()| ends.end.recv().ok());
    if let Some(end) = end.filter(|_| bench.disorder.is_none()) {
        for shard in shards {
            shard.finish(end, &mut bench);
        }
    }
    (bench.tally, bench.wrong, bench.disorder)
}
