//! Several tabs of one device decide together what one would: each event is made in one tab and told to the others, and so is what a tab
//! shows. Only what belongs to the device is looked at, because pages, widgets and time are each tab's own.

use super::case::Contains;
use crate::random::{Random, START};
use noren_engine::{Decision, Effect, Engine, Input, Origin, Outcome};
use noren_event::Timestamp;
use noren_program::CapEvent;
use noren_reference::{Entry, decide};

const ROUNDS: u64 = 1_500;

/// The tabs, and what each was told.
struct Device {
    tabs: Vec<Engine>,
    logs: Vec<Vec<(Timestamp, Input)>>,
    decisions: Vec<Decision>,
    by_tab: Vec<Vec<Decision>>,
}

impl Device {
    fn tell(&mut self, tab: usize, now: Timestamp, input: Input) {
        self.logs[tab].push((now, input.clone()));
        let effects = self.tabs[tab].step(now, input, &Contains);
        let made: Vec<Decision> = effects
            .into_iter()
            .filter_map(|e| match e {
                Effect::Decision(d) => Some(d),
                _ => None,
            })
            .collect();
        for d in &made {
            if d.outcome != Outcome::Suppressed {
                let record = Input::Record { campaign: d.campaign.clone(), what: CapEvent::Shown, at: d.at };
                for other in (0..self.tabs.len()).filter(|other| *other != tab) {
                    self.tell(other, now, record.clone());
                }
            }
        }
        self.by_tab[tab].extend(made.iter().cloned());
        self.decisions.extend(made);
    }

    /// An event is made in one tab. The others count it too.
    fn happens(&mut self, tab: usize, now: Timestamp, input: &Input) {
        let Input::Event { name, props, at, .. } = input else { panic!("{input:?} is no event") };
        let seen = |origin| Input::Event { name: name.clone(), props: props.clone(), at: *at, origin };
        for other in (0..self.tabs.len()).filter(|other| *other != tab) {
            self.tell(other, now, seen(Origin::Elsewhere));
        }
        self.tell(tab, now, seen(Origin::Here));
    }
}

fn sorted(mut list: Vec<Decision>) -> Vec<Decision> {
    list.sort_by(|a, b| (a.at, &a.campaign).cmp(&(b.at, &b.campaign)));
    list
}

fn check(seed: u64) -> usize {
    let mut random = Random::new(seed);
    random.is_of_device = true;
    let campaigns = random.campaigns();
    let program = noren_rule::compile(&campaigns, START).program;
    let (log, end) = random.log(core::slice::from_ref(&campaigns));
    let whole: Vec<(Timestamp, Input)> = log
        .into_iter()
        .filter_map(|(now, entry)| match entry {
            Entry::Input(input) => Some((now, input)),
            Entry::Program(_) => None,
        })
        .collect();
    let unit = format!("visitor-{seed}");
    let count = 2 + random.below(2) as usize;
    let mut device = Device {
        tabs: vec![Engine::new(program.image(), &unit); count],
        logs: vec![Vec::new(); count],
        decisions: Vec::new(),
        by_tab: vec![Vec::new(); count],
    };
    for (now, input) in &whole {
        device.happens(random.below(count as u64) as usize, *now, input);
    }
    let one = sorted(decide(&campaigns, &program, &unit, &whole, end, &Contains).decisions);
    let report = || format!("seed {seed}\n{campaigns:#?}\n{whole:#?}");
    assert_eq!(sorted(device.decisions), one, "{}", report());
    for (log, decisions) in device.logs.iter().zip(device.by_tab) {
        let alone = decide(&campaigns, &program, &unit, log, end, &Contains).decisions;
        assert_eq!(sorted(decisions), sorted(alone), "a tab by itself: {}", report());
    }
    one.len()
}

#[test]
fn several_tabs_decide_what_one_would() {
    let rounds = std::env::var("NOREN_ROUNDS").ok().and_then(|v| v.parse().ok()).unwrap_or(ROUNDS);
    let decisions: usize = (0..rounds).map(check).sum();
    assert!(decisions as u64 > rounds / 2, "only {decisions} decisions in {rounds} rounds");
}
