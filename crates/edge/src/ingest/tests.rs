use super::*;
use crate::Failure;

const NOW: i64 = 1_795_000_000_000;

fn read_at(body: &str, kind: Option<&str>, trust: Trust) -> Result<(IntakeBatch, IngestAnswer)> {
    let body = Body::read(body.as_bytes(), kind.is_none())?;
    let names = Names {
        client: &|called| (called.into(), format!("public {called}")),
        person: &|user| format!("person {user}"),
    };
    batch(&body, kind, &Arrival { site: "demo", trust, now: NOW, shards: 4, nonce: "nonce" }, &names)
}

fn reports(body: &str, trust: Trust) -> Vec<(String, ReportDoc)> {
    let (batch, _) = read_at(body, None, trust).unwrap();
    let all = batch.groups.into_iter().flat_map(|group| {
        group.owed.into_iter().flat_map(move |owed| match owed {
            Owed::Reports { reports, .. } => {
                reports.into_iter().map(|report| (group.to.id.clone(), report)).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        })
    });
    all.collect()
}

fn refused(body: &str, kind: Option<&str>, trust: Trust) -> String {
    match read_at(body, kind, trust) {
        Err(Failure::Refused(problem)) => format!("{} {}", problem.code.word(), problem.path.unwrap_or_default()),
        other => panic!("{body} gave {other:?}"),
    }
}

#[test]
fn who_a_call_is_of() {
    let said = reports(
        r#"{"batch":[
            {"type":"track","event":"a","anonymousId":"x","messageId":"1"},
            {"type":"track","event":"b","userId":7,"messageId":"2"},
            {"type":"page","anonymousId":"x","userId":"u","messageId":"3","properties":{"path":"/p"}},
            {"type":"identify","userId":"7","anonymousId":null,"traits":{"plan":"pro"},"messageId":"4"},
            {"type":"group","anonymousId":"x","groupId":"g","traits":{"n":1},"messageId":"5"},
            {"type":"screen","name":"Cart","anonymousId":"y","messageId":"6"}]}"#,
        Trust::Server,
    );
    let rows: Vec<_> = said.iter().map(|(to, r)| (to.as_str(), r.name.as_str(), r.user.as_deref(), &*r.id)).collect();
    assert_eq!(
        rows,
        [
            ("anonymous|x", "a", None, "1"),
            ("anonymous|x", "page_view", Some("u"), "3"),
            ("anonymous|x", "join_group", None, "5"),
            ("server|7", "b", Some("7"), "2"),
            ("server|7", "identify", Some("7"), "4"),
            ("anonymous|y", "screen_view", None, "6"),
        ]
    );
    assert_eq!(said[4].1.props, json!({"user_id": "7", "traits": {"plan": "pro"}}));
    assert!(said.iter().all(|(_, report)| report.server));
    let public = reports(r#"{"batch":[{"type":"track","event":"a","userId":"7"}]}"#, Trust::Public).remove(0);
    assert_eq!((public.0.as_str(), public.1.server), ("public|7", false), "its word is kept apart from a server's");
}

#[test]
fn ids_of_messages_are_the_clients_or_made_here() {
    let body = r#"{"batch":[{"type":"track","event":"a","userId":"u"},{"type":"track","event":"a","userId":"u","messageId":"m"}]}"#;
    let (batch, _) = read_at(body, None, Trust::Server).unwrap();
    assert_eq!(batch.digest, None, "a batch with a nameless event cannot be known again");
    let ids: Vec<_> = reports(body, Trust::Server).into_iter().map(|(_, report)| report.id).collect();
    assert_eq!(ids, ["nonce.0", "m"]);
    let named = |sent: &str| {
        let body =
            format!(r#"{{"sentAt":"{sent}","batch":[{{"type":"track","event":"a","userId":"u","messageId":"m"}}]}}"#);
        read_at(&body, None, Trust::Server).unwrap().0.digest
    };
    assert!(named("2026-11-22T09:00:00Z").is_some());
    assert_eq!(named("2026-11-22T09:00:00Z"), named("2026-11-22T09:00:09Z"), "sent again, it is the same batch");
}

#[test]
fn times_are_corrected_by_when_the_call_was_sent() {
    let at = |message: &str| {
        let body = format!(r#"{{"batch":[{{"type":"track","event":"a","userId":"u",{message}}}]}}"#);
        let report = reports(&body, Trust::Server).remove(0).1;
        (report.at - NOW, report.device_at.map(|at| at - NOW))
    };
    let iso = |ms: i64| jiff::Timestamp::from_millisecond(NOW + ms).unwrap().to_string();
    assert_eq!(at(r#""messageId":"m""#), (0, None));
    assert_eq!(at(&format!(r#""timestamp":"{}""#, iso(-5_000))), (-5_000, None));
    assert_eq!(at(&format!(r#""timestamp":{}"#, NOW - 7)), (-7, None));
    let python = iso(-3_000).replace('Z', "+00:00");
    assert_eq!(at(&format!(r#""timestamp":"{python}""#)), (-3_000, None));
    let naive = iso(-3_000).replace('Z', "");
    assert_eq!(at(&format!(r#""originalTimestamp":"{naive}""#)), (-3_000, None));
    // A clock that is an hour ahead: the event happened two seconds before it was sent.
    let (own, sent) = (iso(3_598_000), iso(3_600_000));
    assert_eq!(at(&format!(r#""timestamp":"{own}","sentAt":"{sent}""#)), (-2_000, Some(3_598_000)));
    let (own, sent) = (iso(-59_000), iso(-58_000));
    assert_eq!(
        at(&format!(r#""timestamp":"{own}","sentAt":"{sent}""#)),
        (-59_000, None),
        "a slow network is no wrong clock"
    );
}

#[test]
fn what_comes_too_late_or_too_early_is_passed_over_and_said() {
    let track = |at: i64| format!(r#"{{"type":"track","event":"a","userId":"u","timestamp":{at}}}"#);
    let rows = [-EVENT_AGE_MAX_MS - 1, -EVENT_AGE_MAX_MS, EVENT_AHEAD_MAX_MS, EVENT_AHEAD_MAX_MS + 1];
    let body = format!(r#"{{"batch":[{}]}}"#, rows.map(|ms| track(NOW + ms)).join(","));
    let (_, answer) = read_at(&body, None, Trust::Server).unwrap();
    let said: Vec<_> = answer.passed_over.iter().map(|p| (p.code.as_str(), p.path.as_str())).collect();
    assert_eq!(said, [("event_too_old", "batch[0].timestamp"), ("event_ahead", "batch[3].timestamp")]);
    assert_eq!(reports(&body, Trust::Server).len(), 2);
}

#[test]
fn a_public_key_says_who_its_own_client_is_and_nothing_of_others() {
    let own = r#"{"batch":[{"type":"alias","previousId":"x","anonymousId":"x","userId":"u","messageId":"1"},
        {"type":"alias","anonymousId":"y","userId":"u","messageId":"2"}]}"#;
    let rows: Vec<_> = reports(own, Trust::Public).into_iter().map(|(to, r)| (to, r.name, r.props)).collect();
    let identify = json!({"user_id": "u"});
    assert_eq!(
        rows,
        [
            ("anonymous|x".into(), "identify".into(), identify.clone()),
            ("anonymous|y".into(), "identify".into(), identify)
        ]
    );
    for foreign in
        [r#"{"previousId":"other","anonymousId":"x","userId":"u"}"#, r#"{"previousId":"other","userId":"u"}"#]
    {
        assert_eq!(refused(foreign, Some("alias"), Trust::Public), "forbidden previousId", "{foreign}");
        let (batch, _) = read_at(foreign, Some("alias"), Trust::Server).unwrap();
        let to: Vec<_> = batch.groups.iter().map(|group| group.to.id.as_str()).collect();
        assert_eq!(to, ["anonymous|other", "person other"]);
    }
    let oneself = r#"{"previousId":"u","userId":"u"}"#;
    assert!(read_at(oneself, Some("alias"), Trust::Server).unwrap().0.groups.is_empty());
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_taken() {
    for (message, expected) in [
        (r#"{"type":"track","event":"a"}"#, "body_invalid batch[0].userId"),
        (r#"{"type":"track","userId":"u"}"#, "body_invalid batch[0].event"),
        (r#"{"type":"track","event":"","userId":"u"}"#, "body_invalid batch[0].event"),
        (r#"{"type":"track","event":"noren_exposure","userId":"u"}"#, "body_invalid batch[0].event"),
        (r#"{"type":"dance","userId":"u"}"#, "body_invalid batch[0].type"),
        (r#"{"userId":"u"}"#, "body_invalid batch[0].type"),
        (r#"{"type":"group","userId":"u"}"#, "body_invalid batch[0].groupId"),
        (r#"{"type":"alias","previousId":"x"}"#, "body_invalid batch[0].userId"),
        (r#"{"type":"alias","userId":"x"}"#, "body_invalid batch[0].previousId"),
        (r#"{"type":"track","event":"a","userId":"u","timestamp":"yesterday"}"#, "body_invalid batch[0].timestamp"),
        (r#"{"type":"track","event":"a","userId":"u","timestamp":1e300}"#, "body_invalid batch[0].timestamp"),
        (r#"{"type":"track","event":"a","userId":"u","timestamp":1,"sentAt":[]}"#, "body_invalid batch[0].sentAt"),
    ] {
        assert_eq!(refused(&format!(r#"{{"batch":[{message}]}}"#), None, Trust::Server), expected, "{message}");
    }
    let long = |n: usize| format!(r#"{{"event":"{}","userId":"u"}}"#, "あ".repeat(n));
    assert!(read_at(&long(NAME_MAX_CHARS), Some("track"), Trust::Server).is_ok());
    assert_eq!(refused(&long(NAME_MAX_CHARS + 1), Some("track"), Trust::Server), "body_invalid event");
}

#[test]
fn addresses_and_their_short_names() {
    for (short, long) in [
        ("b", "batch"),
        ("t", "track"),
        ("p", "page"),
        ("s", "screen"),
        ("i", "identify"),
        ("g", "group"),
        ("a", "alias"),
    ] {
        assert_eq!(kind_of(short), kind_of(long), "{long}");
        assert!(kind_of(long).is_some());
    }
    assert_eq!(kind_of("batches"), None);
}

#[test]
fn a_packed_body_is_unpacked_up_to_its_limit() {
    use std::io::Write;
    let pack = |bytes: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    };
    assert_eq!(unpacked(b"{}", 10).unwrap().as_ref(), b"{}");
    assert_eq!(unpacked(&pack(b"0123456789"), 10).unwrap().as_ref(), b"0123456789");
    assert_eq!(unpacked(&pack(b"0123456789a"), 10).unwrap_err().code, Code::BodyTooLarge);
    let bomb = pack(&vec![b' '; 50_000_000]);
    assert!(bomb.len() < 60_000);
    assert_eq!(unpacked(&bomb, 500 * 1024).unwrap_err().code, Code::BodyTooLarge);
    let whole = pack(b"{\"batch\":[]}");
    for cut in 2..whole.len() - 1 {
        assert_eq!(unpacked(&whole[..cut], 100).unwrap_err().code, Code::BodyNotJson, "cut at {cut}");
    }
}

#[test]
fn the_key_is_the_user_name() {
    for (header, expected) in [
        ("Basic ZGVtbzo=", Some("demo")),
        ("basic ZGVtbzo", Some("demo")),
        ("Basic ZGVtbw==", Some("demo")),
        ("Basic c2suZGVtby5pZC5zZWNyZXQ6cHc=", Some("sk.demo.id.secret")),
        ("Basic Og==", None),
        ("Basic !", None),
        ("Bearer ZGVtbzo=", None),
        ("", None),
    ] {
        assert_eq!(basic_user(header).as_deref(), expected, "{header}");
    }
}

#[test]
fn what_a_server_says_of_a_person_now_is_news_for_their_pages() {
    let said = |trust, more: &str| {
        let body = format!(r#"{{"event":"a","userId":"u","messageId":"m"{more}}}"#);
        let (batch, _) = read_at(&body, Some("track"), trust).unwrap();
        let news = batch.groups.into_iter().filter(|group| group.to.kind == "person").map(|group| group.owed);
        news.collect::<Vec<_>>()
    };
    let news = said(Trust::Server, "");
    let Some(Owed::News { reports, .. }) = news.first().and_then(|owed| owed.first()) else { panic!("{news:?}") };
    assert!(reports[0].told && reports[0].server && reports[0].id == "m");
    assert!(said(Trust::Public, "").is_empty(), "a public key cannot speak to a person's pages");
    let old = format!(r#","timestamp":{}"#, NOW - NEWS_MS);
    assert!(said(Trust::Server, &old).is_empty(), "history is no news");
}
