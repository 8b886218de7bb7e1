//! Visitors' pages, sent as fast as they are answered.

use crate::client::Connection;
use std::fmt::Write;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Pages there were so far: each is a stream of its own.
static PAGES: AtomicU64 = AtomicU64::new(0);

/// Who is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The hand-written Worker.
    Floor,
    /// Noren.
    Noren,
}

/// A side that runs.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub side: Side,
    pub port: u16,
    /// The runtime's process, whose memory and processor time are looked at.
    pub pid: u32,
}

/// What was asked within a while.
#[derive(Default)]
pub struct Lap {
    pub requests: u64,
    pub took: Duration,
    /// The runtime's processor time.
    pub cpu: Duration,
    /// From the first byte sent to the last one read, unordered.
    pub latencies: Vec<Duration>,
}

/// Which visitors ask.
#[derive(Clone, Copy)]
pub enum Who<'a> {
    /// Any of so many that are known.
    Known(u64),
    /// One after the other who never came before, up to a number.
    New(&'a AtomicU64, u64),
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis()
}

/// A page view of six events, as the agent sends them when the page is left.
fn body(visitor: u64, page: u64, facts: bool) -> String {
    let now = now();
    let mut body = format!(
        r#"{{"v":1,"site":"demo","device":"{visitor:0>22}","key":"{visitor:0>43}","epoch":0,"generation":0,"sent_at":{now},"program":"","facts":{facts},"fresh":false,"hidden":true,"streams":[{{"id":"{page:0>22}","from":0,"done":true,"events":["#
    );
    let item = page % 40;
    let _ = write!(
        body,
        r#"{{"n":0,"at":{now},"name":"page_view","props":{{"page_location":"https://shop.example/products/sencha-{item}?utm_source=newsletter","page_path":"/products/sencha-{item}","page_title":"Sencha no. {item} - The Tea Shop"}}}},"#
    );
    let _ = write!(
        body,
        r#"{{"n":1,"at":{now},"name":"view_item","props":{{"items":[{{"item_id":"t-{item}","item_category":"tea","price":1200}}],"value":1200}}}},"#
    );
    for (i, percent) in [25, 50, 75].into_iter().enumerate() {
        let _ =
            write!(body, r#"{{"n":{},"at":{now},"name":"scroll","props":{{"percent_scrolled":{percent}}}}},"#, i + 2);
    }
    let _ = write!(
        body,
        r#"{{"n":5,"at":{now},"name":"click","props":{{"link_url":"https://shop.example/cart?add={item}","link_text":"Add to cart"}}}}]}}]}}"#
    );
    body
}

/// SplitMix64.
fn mixed(n: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Target {
    fn ask(&self, connection: &mut Connection, visitor: u64, facts: bool) -> io::Result<()> {
        let page = PAGES.fetch_add(1, Ordering::Relaxed);
        let path = match self.side {
            Side::Floor => format!("/?device={visitor}"),
            Side::Noren => "/noren/v1/sync?site=demo".to_owned(),
        };
        let (status, answer) = connection.post(&path, &body(visitor, page, facts))?;
        // Whoever is fast by doing nothing is no contender.
        let promised = format!(r#"{{"id":"{page:0>22}","next":6}}"#);
        let text = String::from_utf8_lossy(answer);
        if status == 200 && text.contains(&promised) {
            return Ok(());
        }
        Err(io::Error::other(format!("{:?} answered {status}: {text}", self.side)))
    }

    /// Has `who` ask over `connections` at once, for so long or until all new ones have come.
    ///
    /// # Errors
    /// When an answer is missing or promises not what was sent.
    pub fn lap(&self, who: Who, connections: u64, most: Duration, facts: bool) -> io::Result<Lap> {
        let cpu = self.cpu();
        let began = Instant::now();
        let asked = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..connections)
                .map(|thread| scope.spawn(move || self.connection(who, thread, began + most, facts)))
                .collect();
            let joined = threads.into_iter().map(|thread| thread.join().map_err(|_| io::Error::other("a thread died")));
            joined.collect::<io::Result<Vec<_>>>()
        })?;
        let latencies: Vec<Duration> = asked.into_iter().collect::<io::Result<Vec<_>>>()?.concat();
        Ok(Lap { requests: latencies.len() as u64, took: began.elapsed(), cpu: self.cpu() - cpu, latencies })
    }

    fn connection(&self, who: Who, thread: u64, until: Instant, facts: bool) -> io::Result<Vec<Duration>> {
        let mut connection = Connection::open(self.port)?;
        let mut latencies = Vec::new();
        let mut turn = thread << 32;
        while Instant::now() < until {
            turn += 1;
            let visitor = match who {
                Who::Known(count) => mixed(turn ^ PAGES.load(Ordering::Relaxed) << 40) % count,
                Who::New(next, end) => match next.fetch_add(1, Ordering::Relaxed) {
                    visitor if visitor < end => visitor,
                    _ => break,
                },
            };
            let began = Instant::now();
            self.ask(&mut connection, visitor, facts)?;
            latencies.push(began.elapsed());
        }
        Ok(latencies)
    }

    /// The runtime's processor time so far, where the system says.
    fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap_or_default();
        let ticks = |field: usize| -> u64 {
            // The name in brackets may hold spaces; the third field follows it.
            let rest = stat.rsplit(')').next().unwrap_or_default();
            rest.split_whitespace().nth(field - 3).and_then(|word| word.parse().ok()).unwrap_or(0)
        };
        // Linux reports hundredths of a second to user space, whatever the kernel counts in.
        Duration::from_millis((ticks(14) + ticks(15)) * 10)
    }

    /// The runtime's resident memory in bytes; 0 where the system does not say.
    pub fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) * 1_024
    }
}
