//! The command as people and scripts use it: arguments, exit codes, and what stands on standard output.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a helper of tests fails as a test does"
)]

mod support;

use serde_json::{Value as Json, json};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Output;
use support::{Folder, campaign, code, example, lines, noren, stderr, stdout, text_of};

#[test]
fn lint_says_each_mistake_on_a_line_of_its_own_and_ends_with_one() {
    let folder = Folder::new();
    let bad = folder.write(
        "bad.json",
        campaign("c", json!({"cancle": [], "trigger": {"on": "x", "where": {"visitor.visits": {"$gtt": 1}}}}))
            .to_string(),
    );
    let output = noren(&["lint", "--json", &bad]);
    assert_eq!(code(&output), 1);
    let found = lines(&output);
    let rows: Vec<(&str, &str, &str)> = found
        .iter()
        .map(|f| (f["level"].as_str().unwrap(), f["code"].as_str().unwrap(), f["path"].as_str().unwrap()))
        .collect();
    assert!(rows.contains(&("error", "member_unknown", "/cancle")));
    assert!(rows.contains(&("error", "operator_unknown", "/trigger/where/visitor.visits/$gtt")));
    for f in &found {
        assert!(f["message"]["en"].is_string() && f["message"]["ja"].is_string() && f["campaign"] == "c");
        assert_eq!(f["file"], json!(bad));
    }
    assert!(stdout(&noren(&["lint", "--lang", "ja", &bad])).contains("「cancel」のことですか"));
}

#[test]
fn lint_of_sound_campaigns_says_nothing_and_ends_with_zero() {
    let output = noren(&["lint", "--json", &example("linger-coupon.json"), &example("cart-abandon.json")]);
    assert_eq!((code(&output), stdout(&output)), (0, String::new()));
}

#[test]
fn warnings_let_a_campaign_pass_unless_asked_to_be_strict() {
    let folder = Folder::new();
    let file = folder.write("w.json", campaign("c", json!({})).to_string());
    let output = noren(&["lint", "--json", &file]);
    assert_eq!((code(&output), &lines(&output)[0]["code"]), (0, &json!("no_control")));
    assert_eq!(code(&noren(&["lint", "--strict", &file])), 1);
}

#[test]
fn what_is_not_json_is_a_finding_and_what_is_not_there_cannot_run() {
    let folder = Folder::new();
    let file = folder.write("x.json", "{");
    let output = noren(&["lint", "--json", &file]);
    assert_eq!((code(&output), &lines(&output)[0]["code"]), (1, &json!("body_not_json")));
    assert_eq!(code(&noren(&["lint", &folder.path("missing.json")])), 2);
    assert_eq!(code(&noren(&["fly"])), 2);
}

#[test]
fn an_id_in_two_files_is_blamed_on_the_second() {
    let folder = Folder::new();
    let one = folder.write("one.json", campaign("c", json!({})).to_string());
    let two = folder.write("two.json", json!({"campaigns": [campaign("c", json!({}))]}).to_string());
    let output = noren(&["lint", "--json", &one, &two]);
    let taken: Vec<Json> = lines(&output).into_iter().filter(|f| f["code"] == "id_taken").collect();
    assert_eq!((code(&output), taken.len(), &taken[0]["file"]), (1, 1, &json!(two)));
}

#[test]
fn explain_speaks_both_languages() {
    let ja = noren(&["explain", &example("linger-coupon.json"), "--lang", "ja"]);
    assert!(stdout(&ja).starts_with("商品ページに30秒とどまり、そのあいだに購入していない方に、クーポン「"));
    let en = noren(&["explain", &example("linger-coupon.json"), &example("welcome-back.json")]);
    assert!(stdout(&en).contains("welcome-back: When a visitor opens a page"));
    assert_eq!((code(&ja), code(&en)), (0, 0));
}

#[test]
fn compile_writes_the_program_and_the_contents_it_names() {
    let folder = Folder::new();
    let (program, contents) = (folder.path("p.bin"), folder.path("contents"));
    let output = noren(&[
        "compile",
        &example("linger-coupon.json"),
        "-o",
        &program,
        "--contents",
        &contents,
        "--now",
        "1793491200000",
    ]);
    assert_eq!(code(&output), 0);
    let decoded = noren_program::codec::decode(&std::fs::read(&program).unwrap()).unwrap();
    assert_eq!((decoded.campaigns.len(), decoded.compiled_at.0), (1, 1_793_491_200_000));
    let content = std::fs::read_to_string(
        Path::new(&contents).join(format!("{}.json", decoded.campaigns[0].variants[0].content)),
    )
    .unwrap();
    let content: Json = serde_json::from_str(&content).unwrap();
    assert_eq!(content["coupon"]["pool"], "welcome");
    let bad = folder.write("bad.json", "{}");
    assert_eq!(code(&noren(&["compile", &bad, "-o", &folder.path("none.bin")])), 1);
    assert!(!Path::new(&folder.path("none.bin")).exists());
}

/// An edge that answers one request, and what it was asked.
fn edge(status: &'static str, answer: Json) -> (String, std::thread::JoinHandle<(String, Json)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut chunk = [0; 4_096];
        loop {
            let n = stream.read(&mut chunk).unwrap();
            assert!(n > 0, "the command hung up in the middle of its request");
            request.extend_from_slice(&chunk[..n]);
            let so_far = String::from_utf8_lossy(&request).into_owned();
            let Some((head, body)) = so_far.split_once("\r\n\r\n") else { continue };
            let length = head
                .lines()
                .find_map(|l| {
                    l.to_ascii_lowercase().strip_prefix("content-length:").map(|v| v.trim().parse::<usize>().unwrap())
                })
                .unwrap();
            if body.len() >= length {
                let answer = answer.to_string();
                let reply = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
                    answer.len()
                );
                stream.write_all(reply.as_bytes()).unwrap();
                return (head.to_string(), serde_json::from_str(body).unwrap());
            }
        }
    });
    (url, served)
}

#[test]
fn push_publishes_with_a_token() {
    let (url, served) = edge("200 OK", json!({"version": 8, "program": "abc", "findings": []}));
    let output = noren(&[
        "push",
        "--url",
        &url,
        "--token",
        "secret",
        "--site",
        "tea",
        "--note",
        "autumn",
        &example("linger-coupon.json"),
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let (head, body) = served.join().unwrap();
    assert!(head.starts_with("PUT /noren/v1/admin/sites/tea/campaigns HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("authorization: bearer secret"));
    assert_eq!(
        (&body["campaigns"][0]["id"], &body["replace"], &body["note"]),
        (&json!("linger-coupon"), &json!(false), &json!("autumn"))
    );
    assert!(stderr(&output).contains("version 8"));
}

#[test]
fn push_tells_findings_from_failures() {
    let finding = json!({"level": "error", "code": "pool_unknown", "campaign": "linger-coupon", "path": "/variants/0", "message": {"en": "No such pool.", "ja": "ありません。"}, "expected": ""});
    let (url, served) =
        edge("422 Unprocessable Content", json!({"code": "campaigns_invalid", "message": "x", "findings": [finding]}));
    let output = noren(&["push", "--json", "--url", &url, "--token", "t", &example("linger-coupon.json")]);
    assert_eq!((code(&output), &lines(&output)[0]["code"]), (1, &json!("pool_unknown")));
    served.join().unwrap();

    let (url, served) = edge("401 Unauthorized", json!({"code": "unauthorized", "message": "wrong token"}));
    let output = noren(&["push", "--url", &url, "--token", "t", &example("linger-coupon.json")]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("unauthorized"));
    served.join().unwrap();

    let folder = Folder::new();
    let bad = folder.write("bad.json", "{}");
    // Nothing listens there: a document with errors is never sent.
    assert_eq!(code(&noren(&["push", "--url", "http://127.0.0.1:1", "--token", "t", &bad])), 1);
    assert_eq!(
        code(&noren(&["push", "--url", "http://127.0.0.1:1", "--token", "t", &example("linger-coupon.json")])),
        2
    );
    assert_eq!(code(&noren(&["push", "--url", "http://127.0.0.1:1", &example("linger-coupon.json")])), 2);
}

#[test]
fn a_sites_document_is_known_to_every_command_that_reads_campaigns() {
    let folder = Folder::new();
    let closed = json!({"schedule": {"zone": "Asia/Tokyo", "calendar": {"closed": "jp"}}, "control": 10});
    let file = folder.write("campaign.json", campaign("c", closed).to_string());
    let days = json!({"jp": ["2026-12-31", "2027-01-01"]});
    let site = folder.write("site.json", json!({"calendars": days, "holdout": {"share": 50}}).to_string());
    let codes =
        |output: &Output| lines(output).iter().map(|f| f["code"].as_str().unwrap().to_string()).collect::<Vec<_>>();

    let without = noren(&["lint", "--json", &file]);
    assert_eq!((code(&without), codes(&without)), (1, vec!["calendar_unknown".to_string()]));
    let with = noren(&["lint", "--json", &file, "--site-document", &site]);
    assert_eq!((code(&with), codes(&with)), (0, vec![]), "{}", stderr(&with));
    assert_eq!(code(&noren(&["lint", "--site-document", &site])), 0, "it can be checked alone");

    let wrong = folder.write("wrong.json", r#"{"calendars": {"jp": ["soon"]}, "holdout": {"share": 90}}"#);
    let output = noren(&["lint", "--json", "--site-document", &wrong]);
    let found = lines(&output);
    let rows: Vec<_> = found.iter().map(|f| (f["code"].as_str().unwrap(), f["path"].as_str().unwrap())).collect();
    assert_eq!(
        (code(&output), rows),
        (1, vec![("date_invalid", "/calendars/jp/0"), ("number_out_of_range", "/holdout/share")])
    );
    assert!(found.iter().all(|f| f["file"] == json!(wrong) && f["campaign"] == ""));
    let broken = folder.write("broken.json", "{");
    assert_eq!(codes(&noren(&["lint", "--json", "--site-document", &broken])), ["body_not_json"]);
    assert_eq!(code(&noren(&["lint", "--site-document", &folder.path("missing.json")])), 2);

    let said = noren(&["explain", "--lang", "ja", &file, "--site-document", &site]);
    assert!(code(&said) == 0 && stdout(&said).contains("jp"), "{}", stdout(&said));
    let program = |site: &[&str], name: &str| {
        let output = folder.path(name);
        let args = [&["compile", &file, "-o", &output, "--now", "1795348800000"][..], site].concat();
        (code(&noren(&args)), std::fs::read(&output).unwrap_or_default())
    };
    assert_eq!(program(&[], "a").0, 1);
    let (well, bytes) = program(&["--site-document", &site], "b");
    assert!(well == 0 && bytes.windows(10).any(|w| w == b"__holdout:"));
}

#[test]
fn replay_and_backtest_hold_out_whom_the_site_holds_out() {
    let folder = Folder::new();
    let site = folder.write("site.json", r#"{"holdout": {"share": 50, "seed": "7"}}"#);
    let events: Vec<Json> = (0..60)
        .map(|i| json!({"visitor": format!("v{i}"), "at": 1_000 + i, "name": "view_item", "props": {}}))
        .collect();
    let output = replay(&folder, campaign("c", json!({})), &events, &["--site-document", &site]);
    let held = lines(&output).iter().filter(|d| d["gate"] == "holdout").count();
    assert!((15..45).contains(&held), "{held}");
    assert_eq!(lines(&output).iter().filter(|d| d["outcome"] == "shown").count(), 60 - held);
    let naive = replay(&folder, campaign("c", json!({})), &events, &["--naive", "--site-document", &site]);
    assert_eq!(naive.stdout, output.stdout);
    assert!(lines(&replay(&folder, campaign("c", json!({})), &events, &[])).iter().all(|d| d["outcome"] == "shown"));

    let (campaigns, log) = (folder.path("campaigns.json"), folder.path("events.ndjson"));
    let report = noren(&["backtest", "--json", "--campaigns", &campaigns, "--events", &log, "--site-document", &site]);
    let report = &lines(&report)[0];
    assert!(report.to_string().contains(&format!("\"holdout\":{held}")), "{report}");
}

#[test]
fn push_sends_the_sites_document_with_the_campaigns_or_alone() {
    let folder = Folder::new();
    let site = folder.write("site.json", r#"{"calendars": {"jp": ["2026-12-31"]}}"#);
    let closed = campaign("c", json!({"schedule": {"calendar": {"closed": "jp"}}})).to_string();
    let closed = folder.write("closed.json", &closed);
    let push = |more: &[&str]| {
        let (url, served) = edge("200 OK", json!({"version": 8, "program": "abc", "findings": []}));
        let args = [&["push", "--url", &url, "--token", "secret"][..], more].concat();
        let output = noren(&args);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        served.join().unwrap().1
    };
    let both = push(&[&closed, "--site-document", &site]);
    assert_eq!((&both["campaigns"][0]["id"], &both["site"]["calendars"]["jp"][0]), (&json!("c"), &json!("2026-12-31")));
    let alone = push(&["--site-document", &site]);
    assert_eq!((&alone["campaigns"], &alone["replace"]), (&json!([]), &json!(false)));
    assert_eq!(push(&[&closed]).get("site"), None, "what calendars the site has already, the edge knows");

    let nobody = ["push", "--url", "http://127.0.0.1:1", "--token", "t", "--site-document"];
    let wrong = folder.write("wrong.json", r#"{"holdout": {"share": 90}}"#);
    assert_eq!(code(&noren(&[&nobody[..], &[&wrong]].concat())), 1, "what is wrong is never sent");
    let all = noren(&[&nobody[..], &[&site, "--replace"]].concat());
    assert_eq!(code(&all), 2, "a document alone is no set of campaigns to replace all others by");
}

#[test]
fn a_recount_that_differs_is_a_finding_and_one_that_agrees_is_none() {
    let row = json!({"at": 0, "id": "c", "phase": 1, "arm": "treated", "variant": 0, "by": [1, 1, 0, 0, 0, 0, 0]});
    for (differs, expected) in [(json!([]), 0), (json!([row]), 1)] {
        let (url, served) = edge("200 OK", json!({"done": true, "objects": 3, "of": 3, "differs": differs}));
        let output = noren(&["recount", "--json", "--url", &url, "--token", "secret"]);
        assert_eq!((code(&output), json!(lines(&output))), (expected, differs), "{}", stderr(&output));
        let (head, body) = served.join().unwrap();
        assert!(head.starts_with("POST /noren/v1/admin/sites/demo/recount HTTP/1.1\r\n"), "{head}");
        assert_eq!(body, json!({"restart": true}));
    }
    let (url, served) = edge("403 Forbidden", json!({"code": "right_missing", "message": "an owner's right"}));
    let output = noren(&["recount", "--url", &url, "--token", "secret"]);
    assert!(code(&output) == 2 && stderr(&output).contains("right_missing"), "{}", stderr(&output));
    served.join().unwrap();
}

fn replay(folder: &Folder, campaigns: Json, events: &[Json], more: &[&str]) -> Output {
    let campaigns = folder.write("campaigns.json", campaigns.to_string());
    let events = folder.write("events.ndjson", text_of(events));
    let mut args = vec!["replay", "--campaigns", &campaigns, "--events", &events];
    args.extend(more);
    noren(&args)
}

#[test]
fn replay_decides_in_order_of_time_whatever_the_order_of_lines() {
    let folder = Folder::new();
    let events = [
        json!({"visitor": "v2", "at": 2_000, "name": "view_item", "props": {}}),
        json!({"visitor": "v1", "at": 9_000, "name": "view_item", "props": {}}),
        json!({"visitor": "v1", "at": 1_000, "name": "view_item", "props": {}}),
    ];
    let output = replay(&folder, campaign("c", json!({})), &events, &[]);
    assert_eq!(code(&output), 0);
    let line = |at: i64, visitor: &str, variant: &str, outcome: &str, gate: &str| json!({"at": at, "visitor": visitor, "campaign": "c", "variant": variant, "outcome": outcome, "gate": gate});
    assert_eq!(
        lines(&output),
        [
            line(1_000, "v1", "a", "shown", ""),
            line(2_000, "v2", "a", "shown", ""),
            line(9_000, "v1", "", "suppressed", "caps")
        ]
    );
    assert!(stderr(&output).contains("3 decisions from 3 lines of 2 visitors"));
    assert_eq!(output.stdout, replay(&folder, campaign("c", json!({})), &events, &["--naive"]).stdout);
}

#[test]
fn absence_runs_to_the_end_of_the_log() {
    let folder = Folder::new();
    let document = campaign(
        "c",
        json!({"trigger": {"absent": {"event": "purchase", "for": "15m", "after": {"on": "add_to_cart"}}}}),
    );
    let at = |minutes: i64| minutes * 60_000;
    let events = [
        json!({"visitor": "waits", "at": at(0), "name": "add_to_cart"}),
        json!({"visitor": "buys", "at": at(0), "name": "add_to_cart"}),
        json!({"visitor": "buys", "at": at(14), "name": "purchase"}),
        json!({"visitor": "too late", "at": at(0), "name": "add_to_cart"}),
        json!({"visitor": "too late", "at": at(15), "name": "purchase"}),
        json!({"visitor": "too new", "at": at(6), "name": "add_to_cart"}),
        json!({"visitor": "last", "at": at(20), "name": "page_view"}),
    ];
    for mode in [&[][..], &["--naive"]] {
        let got: Vec<(i64, String)> = lines(&replay(&folder, document.clone(), &events, mode))
            .iter()
            .map(|d| (d["at"].as_i64().unwrap(), d["visitor"].as_str().unwrap().to_string()))
            .collect();
        assert_eq!(got, [(at(15), "too late".into()), (at(15), "waits".into())], "{mode:?}");
    }
}

#[test]
fn dwell_ends_with_what_is_known_of_the_visitor_unless_left_open() {
    let folder = Folder::new();
    let document = campaign("c", json!({"trigger": {"dwell": {"time": "30s", "page": {"page.path": "/tea"}}}}));
    let page = |visitor: &str, at: i64| json!({"visitor": visitor, "at": at, "name": "page_view", "props": {"page_location": "https://shop.example/tea"}});
    let events = [
        page("stays", 0),
        json!({"visitor": "stays", "at": 40_000, "name": "scroll"}),
        page("unknown", 0),
        json!({"visitor": "unknown", "at": 5_000, "name": "scroll"}),
        page("leaves", 0),
        json!({"visitor": "leaves", "at": 29_999, "type": "page", "name": "leave"}),
        json!({"visitor": "leaves", "at": 60_000, "name": "sync"}),
        page("was heard of", 0),
        json!({"visitor": "was heard of", "at": 40_000, "type": "page", "name": "idle"}),
    ];
    let who = |more: &[&str]| -> Vec<String> {
        lines(&replay(&folder, document.clone(), &events, more))
            .iter()
            .map(|d| format!("{} {}", d["visitor"].as_str().unwrap(), d["at"]))
            .collect()
    };
    // A line that tells nothing is a visitor's last line too.
    for naive in [&[][..], &["--naive"]] {
        assert_eq!(who(naive), ["stays 30000", "was heard of 30000"]);
        let open_end = [&["--open-end"], naive].concat();
        assert_eq!(who(&open_end), ["stays 30000", "unknown 30000", "was heard of 30000"]);
    }
}

#[test]
fn a_retracted_widget_frees_its_place_for_both_evaluators() {
    let folder = Folder::new();
    let documents = json!([
        campaign("first", json!({"cancel": [{"on": "purchase"}]})),
        campaign("second", json!({"trigger": {"on": "thanks"}}))
    ]);
    let events = [
        json!({"visitor": "v", "at": 1_000, "name": "view_item"}),
        json!({"visitor": "v", "at": 2_000, "name": "purchase"}),
        json!({"visitor": "v", "at": 3_000, "name": "thanks"}),
    ];
    for mode in [&[][..], &["--naive"]] {
        let got: Vec<String> = lines(&replay(&folder, documents.clone(), &events, mode))
            .iter()
            .map(|d| format!("{} {}", d["campaign"].as_str().unwrap(), d["outcome"].as_str().unwrap()))
            .collect();
        assert_eq!(got, ["first shown", "second shown"], "{mode:?}");
    }
}

#[test]
fn a_trace_tells_what_each_gate_answered() {
    let folder = Folder::new();
    let document = campaign("c", json!({"audience": {"cart.quantity": {"$gte": 2}}}));
    let events = [
        json!({"visitor": "v", "at": 1_000, "name": "view_item"}),
        json!({"visitor": "v", "at": 2_000, "name": "add_to_cart", "props": {"items": [{"quantity": 3}]}}),
        json!({"visitor": "v", "at": 3_000, "name": "view_item"}),
    ];
    let got = lines(&replay(&folder, document, &events, &["--trace"]));
    let gate = |decision: &Json, name: &str| -> Json {
        decision["trace"]["gates"].as_array().unwrap().iter().find(|g| g["gate"] == name).unwrap().clone()
    };
    assert_eq!((&got[0]["gate"], &gate(&got[0], "audience")["pass"]), (&json!("audience"), &json!(false)));
    assert_eq!(gate(&got[1], "audience")["seen"], json!({"cart.quantity": 3}));
    for name in ["schedule", "consent", "audience", "caps", "surface"] {
        assert_eq!(gate(&got[1], name)["pass"], json!(true), "{name}");
    }
}

#[test]
fn a_broken_line_is_named_and_the_rest_decided() {
    let folder = Folder::new();
    let campaigns = folder.write("c.json", campaign("c", json!({})).to_string());
    let events = folder.write("e.ndjson", "{\"visitor\":\"v\",\"at\":1,\"name\":\"view_item\"}\nnonsense\n");
    let output = noren(&["replay", "--campaigns", &campaigns, "--events", &events]);
    assert_eq!((code(&output), lines(&output).len()), (1, 1));
    assert!(stderr(&output).contains("e.ndjson:2:"));
    assert_eq!(code(&noren(&["replay", "--campaigns", &campaigns, "--events", &folder.path("none")])), 2);
}

#[test]
fn import_reads_gzip_and_plain_alike() {
    let folder = Folder::new();
    let session = r#"{"session":1,"events":[{"aid":5,"ts":100,"type":"clicks"},{"aid":5,"ts":200,"type":"carts"}]}"#;
    let plain = folder.write("s.jsonl", session);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(session.as_bytes()).unwrap();
    let gzip = folder.path("s.jsonl.gz");
    std::fs::write(&gzip, packed.finish().unwrap()).unwrap();
    let (a, b) = (noren(&["import", "otto", &plain]), noren(&["import", "otto", &gzip]));
    assert_eq!((code(&a), &a.stdout), (0, &b.stdout));
    let names: Vec<Json> = lines(&a).into_iter().map(|l| l["name"].clone()).collect();
    assert_eq!(names, ["view_item", "add_to_cart"]);
    assert_eq!(code(&noren(&["import", "ecom-stream", &plain])), 2);
}
