//! `noren backtest` as people and scripts use it. What it counts is counted here a second time, from the decisions of `noren replay`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

mod support;

use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Output, Stdio};
use support::{Dice, Folder, campaign, lines, noren, stderr, stdout, text_of};

/// The report of a backtest that ends well.
fn report(args: &[&str]) -> Json {
    let output = noren(&[&["backtest", "--json"], args].concat());
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn event(visitor: &str, at: i64, name: &str) -> Json {
    json!({"visitor": visitor, "at": at, "name": name})
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
const START: i64 = 1_760_000_000_000;

/// Visitors over ten days, in order of time; one of them a machine that never rests.
fn random_log(seed: u64) -> Vec<Json> {
    let mut dice = Dice(seed);
    let mut lines = Vec::new();
    for v in 0..60 {
        let visitor = format!("visitor-{v}");
        let visits = if v == 7 { 40 } else { 1 + dice.below(4) };
        for _ in 0..visits {
            let mut at = START + dice.below(10 * DAY as u64) as i64;
            for _ in 0..dice.below(25) {
                let mut line = match dice.below(14) {
                    0..=3 => {
                        let path = dice.one(&["/", "/tea/1", "/tea/2", "/cart"]);
                        json!({"name": "page_view", "props": {"page_location": format!("https://shop.example{path}?a=1")}})
                    }
                    4..=6 => {
                        json!({"name": "view_item", "props": {"value": dice.below(9), "items": [{"item_id": "x"}]}})
                    }
                    7 => json!({"name": "add_to_cart", "props": {"items": [{"price": 300, "quantity": 2}]}}),
                    8 => json!({"name": "purchase", "props": {"value": 600}}),
                    9 => json!({"type": "signal", "name": "scroll", "props": {"percent_scrolled": 50}}),
                    10 => json!({"type": "page", "name": *dice.one(&["leave", "hidden", "visible", "active"])}),
                    11 => {
                        let closed = *dice.one(&["draft", "second", "live-high", "live-low"]);
                        json!({"name": "noren_close", "props": {"campaign": closed}})
                    }
                    12 => {
                        json!({"type": "consent", "props": {"granted": *dice.one(&[json!(null), json!([]), json!(["marketing"])])}})
                    }
                    _ => json!({"type": "facts", "props": {"visits": dice.below(5), "device": {"mobile": true}}}),
                };
                line["visitor"] = json!(visitor);
                line["at"] = json!(at);
                if v % 3 == 0 {
                    line["device"] = json!(format!("device-{v}"));
                }
                lines.push(line);
                at += *dice.one(&[0, 700, 5_000, 31_000, 4 * MINUTE, 40 * MINUTE]);
            }
        }
    }
    lines.sort_by_key(|line| line["at"].as_i64().unwrap());
    lines
}

fn by_visitor(lines: &[Json]) -> Vec<Json> {
    let mut grouped = lines.to_vec();
    // An order that is neither that of ids nor that of time.
    grouped.sort_by_key(|line| line["visitor"].as_str().unwrap().bytes().rev().collect::<Vec<u8>>());
    grouped
}

fn drafts() -> Json {
    json!([
        campaign(
            "draft",
            json!({
                "trigger": {"absent": {"event": "purchase", "for": "3m", "after": {"on": "add_to_cart"}}},
                "wait": "10m", "control": 30, "priority": 600, "goal": {"on": "purchase", "within": "1d"},
                "caps": {"again": [{"after": "2h"}]},
            })
        ),
        campaign(
            "second",
            json!({
                "trigger": {"dwell": {"time": "30s", "page": {"page.path": {"$regex": "^/tea/"}}}},
                "delay": "2s", "status": "paused", "audience": {"visitor.purchases": {"$lt": 9}},
                "schedule": {"zone": "Asia/Tokyo", "hours": ["09:00-21:00"]},
            })
        ),
    ])
}

fn live() -> Json {
    json!([
        campaign(
            "live-high",
            json!({"trigger": {"count": {"event": "view_item", "at_least": 2, "within": "10m"}}, "priority": 900})
        ),
        campaign(
            "live-low",
            json!({"trigger": {"on": "view_item", "where": {"event.value": {"$gte": 3}}}, "priority": 100, "wait": "1m", "caps": {"again": [{"after": "1h", "clock": "any"}]}})
        ),
        campaign(
            "live-bar",
            json!({"trigger": {"on": "add_to_cart"}, "consent": "marketing", "variants": [{"id": "a", "action": {"kind": "bar", "title": "Hello"}}]})
        ),
    ])
}

/// Decisions of `noren replay` on a log.
fn replay(folder: &Folder, campaigns: &Json, log: &str) -> Vec<Json> {
    let mut campaigns = campaigns.clone();
    for campaign in campaigns.as_array_mut().unwrap() {
        campaign["status"] = json!("live");
    }
    let campaigns = folder.write("replayed.json", campaigns.to_string());
    let output = noren(&["replay", "--campaigns", &campaigns, "--events", log]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    lines(&output)
}

fn of<'d>(decisions: &'d [Json], campaign: &'d str, outcome: &'d str) -> impl Iterator<Item = &'d Json> {
    decisions.iter().filter(move |d| d["campaign"] == campaign && d["outcome"] == outcome)
}

/// What the report should say of a draft, counted the plain way.
fn counted(decisions: &[Json], log: &[Json], draft: &str, window: i64, has_goal: bool) -> Json {
    let purchases = |visitor: &Json| -> Vec<i64> {
        let bought = log.iter().filter(|l| l["visitor"] == *visitor && l["name"] == "purchase");
        bought.map(|l| l["at"].as_i64().unwrap()).collect()
    };
    let mut firsts: BTreeMap<&str, BTreeMap<String, (i64, u64)>> = BTreeMap::new();
    for outcome in ["shown", "control"] {
        let visitors = firsts.entry(outcome).or_default();
        for d in of(decisions, draft, outcome) {
            let at = d["at"].as_i64().unwrap();
            visitors.entry(d["visitor"].as_str().unwrap().into()).or_insert((at, 0)).1 += 1;
        }
    }
    let arm = |outcome: &str| {
        let visitors = &firsts[outcome];
        let bought = visitors.iter().filter(|(visitor, (first, _))| {
            purchases(&json!(visitor)).iter().any(|at| (*first..first + window).contains(at))
        });
        let bought = bought.count();
        let times: u64 = visitors.values().map(|(_, n)| n).sum();
        // The goals below are purchases.
        json!({"times": times, "visitors": visitors.len(), "bought_after": bought, "reached_goal": has_goal.then_some(bought)})
    };
    let mut suppressed: BTreeMap<&str, u64> = BTreeMap::new();
    for d in of(decisions, draft, "suppressed") {
        *suppressed.entry(d["gate"].as_str().unwrap()).or_default() += 1;
    }
    let mut hours = vec![0; 24];
    let mut days: BTreeMap<i64, u64> = BTreeMap::new();
    // Tokyo is nine hours ahead and changes no clocks.
    for at in of(decisions, draft, "shown").map(|d| d["at"].as_i64().unwrap() + 9 * 60 * MINUTE) {
        hours[(at.rem_euclid(DAY) / (60 * MINUTE)) as usize] += 1;
        *days.entry(at.div_euclid(DAY)).or_default() += 1;
    }
    let mut often = BTreeMap::from([("1", 0), ("2", 0), ("3", 0), ("4", 0), ("5+", 0)]);
    for (_, n) in firsts["shown"].values() {
        *often.get_mut(["1", "2", "3", "4", "5+"][(*n as usize).min(5) - 1]).unwrap() += 1;
    }
    let all: BTreeSet<&str> = log.iter().map(|l| l["visitor"].as_str().unwrap()).collect();
    let others: Vec<&&str> = all.iter().filter(|v| !firsts["shown"].contains_key(**v)).collect();
    let bought = others.iter().filter(|v| !purchases(&json!(v)).is_empty()).count();
    json!({
        "campaign": draft, "shown": arm("shown"), "control": arm("control"), "suppressed": suppressed,
        "shows_a_visitor": often, "most_shows": firsts["shown"].values().map(|(_, n)| *n).max().unwrap_or(0),
        "by_hour": hours, "by_day": days.values().collect::<Vec<_>>(), "goal_window_ms": window,
        "not_shown": {"visitors": others.len(), "bought": bought}, "replaces_live": false,
    })
}

#[test]
fn it_counts_what_replay_decides_whatever_the_order_and_the_threads() {
    let folder = Folder::new();
    let (drafts, live) = (drafts(), live());
    let both: Json = drafts.as_array().unwrap().iter().chain(live.as_array().unwrap()).cloned().collect();
    let drafts_file = folder.write("drafts.json", drafts.to_string());
    let live_file = folder.write("live.json", live.to_string());
    let mut lost = 0;
    for seed in 1..=3 {
        let log = random_log(seed);
        let file = folder.log(&log);
        let with = replay(&folder, &both, &file);
        let without = replay(&folder, &live, &file);
        let args = ["--campaigns", &drafts_file, "--live", &live_file, "--zone", "Asia/Tokyo", "--events"];
        let got = report(&[&args[..], &[&file, "--threads", "1"]].concat());

        let mut expected = [counted(&with, &log, "draft", DAY, true), counted(&with, &log, "second", 7 * DAY, false)];
        for (i, draft) in expected.iter_mut().enumerate() {
            let mut got = got["drafts"][i].clone();
            let days: Vec<&Json> = got["by_day"].as_array().unwrap().iter().map(|d| &d["shows"]).collect();
            got["by_day"] = json!(days);
            assert_eq!(got, *draft, "seed {seed}");
            assert!(draft["shown"]["visitors"].as_u64().unwrap() > 5, "the log must say something: {draft}");
        }
        for (i, id) in ["live-high", "live-low", "live-bar"].iter().enumerate() {
            let told = &got["live"][i];
            let shows = |decisions: &[Json]| of(decisions, id, "shown").count() as u64;
            assert_eq!(
                (&told["campaign"], &told["shows_without"]),
                (&json!(id), &json!(shows(&without))),
                "seed {seed}"
            );
            assert_eq!(told["shows_with"], json!(shows(&with)), "seed {seed} {id}");
            let gone: u64 = told["lost"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum();
            assert_eq!(shows(&with) + gone, shows(&without) + told["gained"].as_u64().unwrap(), "{told}");
            lost += gone;
        }
        assert_eq!(got["log"]["lines"], json!(log.len()));
        assert_eq!(got["log"]["first"], log[0]["at"]);
        assert_eq!(got["log"]["last"], log[log.len() - 1]["at"]);

        let grouped = folder.write("grouped.ndjson", text_of(&by_visitor(&log)));
        for (log, threads) in [(&file, "2"), (&file, "5"), (&grouped, "1"), (&grouped, "3")] {
            let again = report(&[&args[..], &[log, "--threads", threads]].concat());
            assert_eq!(again, got, "seed {seed}, {log}, {threads} threads");
        }
    }
    assert!(lost > 5, "the drafts must take something: {lost}");
}

#[test]
fn gzip_and_standard_input_are_read_like_a_file() {
    let folder = Folder::new();
    let log = random_log(9);
    let drafts = folder.write("drafts.json", drafts().to_string());
    let plain = report(&["--campaigns", &drafts, "--events", &folder.log(&log)]);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text_of(&log).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let gzip = folder.write("log.gz", &packed);
    assert_eq!(report(&["--campaigns", &drafts, "--events", &gzip]), plain);
    let mut child = Command::new(env!("CARGO_BIN_EXE_noren"))
        .args(["backtest", "--json", "--campaigns", &drafts, "--events", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&packed).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&output.stdout).unwrap(), plain);
}

#[test]
fn a_minute_of_disorder_is_sorted_and_more_is_named() {
    let folder = Folder::new();
    let draft = folder.write(
        "d.json",
        campaign("c", json!({"trigger": {"sequence": {"steps": [{"on": "a"}, {"on": "b"}], "within": "5m"}}}))
            .to_string(),
    );
    let run = |lines: &[Json]| noren(&["backtest", "--json", "--campaigns", &draft, "--events", &folder.log(lines)]);
    let (a, b) = (event("v", START, "a"), event("v", START + MINUTE, "b"));
    let other = |at: i64| event("w", START + at, "x");
    let shown = |lines: &[Json]| -> Json {
        serde_json::from_slice::<Json>(&run(lines).stdout).unwrap()["drafts"][0]["shown"]["times"].clone()
    };
    assert_eq!(shown(&[a.clone(), b.clone()]), json!(1));
    assert_eq!(shown(&[b.clone(), a.clone()]), json!(1), "exactly a minute late");
    let late = event("v", START - 1, "a");
    let output = run(&[b.clone(), late]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("log.ndjson:2: lies 60.0 s behind"), "{}", stderr(&output));
    assert!(output.stdout.is_empty());
    // By visitor: another may lie in the past, the same one may not come back to it.
    assert_eq!(shown(&[other(9 * MINUTE), a.clone(), b.clone(), event("u", START, "x")]), json!(1));
}

#[test]
fn a_visitor_whose_lines_seemed_over_is_named() {
    let folder = Folder::new();
    let draft = folder.write("d.json", campaign("c", json!({})).to_string());
    // So many that some share a part of the log, however it is divided.
    let mut log: Vec<Json> = (0..200).map(|v| event(&format!("v{v}"), START - v * 2 * MINUTE, "x")).collect();
    log.extend((0..200).map(|v| event(&format!("v{v}"), START + v * 2 * MINUTE, "x")));
    let outputs: Vec<Output> = ["1", "3"]
        .iter()
        .map(|n| noren(&["backtest", "--campaigns", &draft, "--threads", n, "--events", &folder.log(&log)]))
        .collect();
    assert_eq!(outputs[0].status.code(), Some(2));
    assert!(stderr(&outputs[0]).contains("belongs to a visitor whose lines seemed over"), "{}", stderr(&outputs[0]));
    assert_eq!(stderr(&outputs[0]), stderr(&outputs[1]));
}

#[test]
fn deadlines_run_to_the_end_of_the_whole_log_and_not_beyond() {
    let folder = Folder::new();
    let absent = json!({"absent": {"event": "purchase", "for": "15m", "after": {"on": "add_to_cart"}}});
    let draft = folder.write("d.json", campaign("c", json!({"trigger": absent})).to_string());
    for (last, shown) in [(15 * MINUTE - 1, 0), (15 * MINUTE, 20)] {
        let mut log: Vec<Json> = (0..20).map(|v| event(&format!("v{v}"), START, "add_to_cart")).collect();
        log.push(event("last", START + last, "page_view"));
        let got = report(&["--campaigns", &draft, "--events", &folder.log(&log)]);
        assert_eq!(got["drafts"][0]["shown"]["times"], json!(shown), "by time, {last}");
        log.rotate_right(1);
        let got = report(&["--campaigns", &draft, "--events", &folder.log(&log)]);
        assert_eq!(got["drafts"][0]["shown"]["times"], json!(shown), "by visitor, {last}");
    }
}

#[test]
fn what_no_campaign_listens_to_counts_where_it_can_matter() {
    let folder = Folder::new();
    let anchored = json!({"all": [{"on": "a", "within": "visitor"}, {"not": {"on": "b"}}]});
    let drafts = json!([
        campaign("stay", json!({"trigger": {"dwell": {"time": "10s"}}})),
        campaign("session", json!({"trigger": anchored, "audience": {"event.k": 1}})),
    ]);
    let drafts = folder.write("d.json", drafts.to_string());
    let mut unheard = event("v", START + 31 * MINUTE, "unheard");
    unheard["props"] = json!({"k": 1});
    let log = [
        event("v", START, "b"),
        event("v", START + 1, "a"),
        event("only pages", START + 2, "page_view"),
        event("only pages", START + 20_000, "page_view"),
        unheard,
    ];
    let got = report(&["--campaigns", &drafts, "--events", &folder.log(&log)]);
    let shown = |i: usize| got["drafts"][i]["shown"]["visitors"].clone();
    assert_eq!((shown(0), shown(1)), (json!(1), json!(1)));
}

#[test]
fn bad_lines_are_counted_and_named_and_do_not_stop() {
    let folder = Folder::new();
    let draft = folder.write("d.json", campaign("c", json!({})).to_string());
    let mut log = text_of(&[event("v", START, "view_item")]).into_bytes();
    log.extend_from_slice(b"nonsense\n\n{\"visitor\":\"v\",\"at\":1.5,\"name\":\"x\"}\n{\"visitor\":\"\xff\"}\n");
    log.extend_from_slice(text_of(&[event("w", START + 1, "view_item")]).as_bytes());
    let log = folder.write("log.ndjson", log);
    let output = noren(&["backtest", "--json", "--campaigns", &draft, "--events", &log]);
    assert_eq!(output.status.code(), Some(1));
    let report: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&report["log"]["bad_lines"], &report["log"]["lines"]), (&json!(3), &json!(2)));
    let named: Vec<&Json> = report["bad"].as_array().unwrap().iter().map(|b| &b["line"]).collect();
    assert_eq!(named, [&json!(2), &json!(4), &json!(5)]);
    assert_eq!(report["drafts"][0]["shown"]["visitors"], json!(2));
    assert!(stderr(&output).contains("log.ndjson:4: \"at\" must be whole Unix milliseconds"));
}

#[test]
fn findings_and_failures_have_their_exit_codes() {
    let folder = Folder::new();
    let log = folder.log(&[event("v", START, "view_item")]);
    let good = folder.write("good.json", campaign("c", json!({})).to_string());
    let bad = folder.write("bad.json", campaign("c", json!({"cancle": []})).to_string());
    let output = noren(&["backtest", "--json", "--campaigns", &bad, "--events", &log]);
    assert_eq!(output.status.code(), Some(1));
    let finding: Json = serde_json::from_str(stdout(&output).lines().next().unwrap()).unwrap();
    assert_eq!(finding["code"], "member_unknown");
    for wrong in [
        &["--campaigns", &good, "--events", "/nowhere/log"][..],
        &["--campaigns", "/nowhere/c.json", "--events", &log],
        &["--campaigns", &good, "--events", &log, "--zone", "Mars/Olympus"],
        &["--campaigns", &good, "--events", &log, "--remember", "5m"],
        &["--campaigns", &good, "--events", &log, "--threads", "0"],
        &["--events", &log],
    ] {
        assert_eq!(noren(&[&["backtest"], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
    let empty = folder.write("empty.ndjson", "");
    assert_eq!(report(&["--campaigns", &good, "--events", &empty])["log"]["visitors"], json!(0));
}

#[test]
fn who_bought_anyway_is_counted_from_the_first_show_within_the_window() {
    let folder = Folder::new();
    let draft = folder.write("d.json", campaign("c", json!({"goal": {"on": "sign_up", "within": "1h"}})).to_string());
    let hour = 60 * MINUTE;
    let mut log = Vec::new();
    for (visitor, after) in [("at once", 0), ("in time", hour - 1), ("too late", hour)] {
        log.push(event(visitor, START, "view_item"));
        log.push(event(visitor, START + after, "purchase"));
    }
    log.push(event("before", START - 5, "purchase"));
    log.push(event("before", START, "view_item"));
    log.push(event("signs up", START, "view_item"));
    log.push(event("signs up", START + 5, "sign_up"));
    log.push(event("never saw it", START, "purchase"));
    log.push(event("nothing", START, "page_view"));
    log.sort_by_key(|line| line["at"].as_i64().unwrap());
    let got = report(&["--campaigns", &draft, "--events", &folder.log(&log)]);
    let of_draft = &got["drafts"][0];
    assert_eq!(of_draft["shown"], json!({"times": 5, "visitors": 5, "bought_after": 2, "reached_goal": 1}));
    assert_eq!(of_draft["not_shown"], json!({"visitors": 2, "bought": 1}));
    assert_eq!(of_draft["goal_window_ms"], json!(hour));
}

#[test]
fn a_draft_takes_from_live_campaigns_what_their_gates_say() {
    let folder = Folder::new();
    let live = json!([
        campaign("popup", json!({"priority": 100})),
        campaign("bar", json!({"variants": [{"id": "a", "action": {"kind": "bar", "title": "x"}}]})),
        campaign("edited", json!({"trigger": {"on": "never"}})),
    ]);
    let live = folder.write("live.json", live.to_string());
    let draft =
        json!([campaign("draft", json!({"priority": 900})), campaign("edited", json!({"trigger": {"on": "search"}}))]);
    let draft = folder.write("draft.json", draft.to_string());
    let log = [event("v", START, "view_item"), event("w", START, "view_item"), event("x", START, "search")];
    let got = report(&["--campaigns", &draft, "--live", &live, "--events", &folder.log(&log)]);
    let expected = json!([
        {"campaign": "popup", "shows_without": 2, "shows_with": 0, "lost": {"priority": 2}, "later": 0, "gained": 0},
        {"campaign": "bar", "shows_without": 2, "shows_with": 2, "lost": {}, "later": 0, "gained": 0},
    ]);
    assert_eq!(got["live"], expected);
    let edited = &got["drafts"][1];
    assert_eq!((&edited["replaces_live"], &edited["shown"]["times"]), (&json!(true), &json!(1)));

    let text = |lang: &str| {
        stdout(&noren(&[
            "backtest",
            "--lang",
            lang,
            "--campaigns",
            &draft,
            "--live",
            &live,
            "--events",
            &folder.log(&log),
        ]))
    };
    let en = text("en");
    for part in [
        "2 (66.7 %) of 3 visitors, 2 times",
        "0 shows instead of 2; lost 2 (100.0 %) to priority 2",
        "1 campaign not touched",
    ] {
        assert!(en.contains(part), "{part}:\n{en}");
    }
    let ja = text("ja");
    for part in ["3人中2人(66.7%)、のべ2回", "優先度 2", "影響なし: 1件"] {
        assert!(ja.contains(part), "{part}:\n{ja}");
    }
}

#[test]
fn a_visitor_is_forgotten_after_the_silence_that_was_asked_for() {
    let folder = Folder::new();
    let draft = folder.write("d.json", campaign("c", json!({"caps": {"stop": [{"times": 1}]}})).to_string());
    let log = folder.log(&[event("v", START, "view_item"), event("v", START + DAY + 1, "view_item")]);
    let seen = |more: &[&str]| {
        let got = report(&[&["--campaigns", &draft, "--events", &log], more].concat());
        (got["log"]["visitors"].clone(), got["drafts"][0]["shown"]["times"].clone())
    };
    assert_eq!(seen(&[]), (json!(1), json!(1)));
    assert_eq!(seen(&["--remember", "1d"]), (json!(2), json!(2)));
}
