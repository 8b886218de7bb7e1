//! The page that says what a site's tag stores and sends, to whom and why, in English and Japanese: made of the tables here and the site's
//! settings. A test loads a real page and finds every key it stores and every address it asks in these tables.

use noren_wire::admin::Both;
use noren_wire::privacy::{NoticedRequest, PrivacyNotice, Recipient, StoredThing};
use noren_wire::stored::SiteDoc;

fn both(en: impl Into<String>, ja: impl Into<String>) -> Both {
    Both { en: en.into(), ja: ja.into() }
}

/// Keys of localStorage, each after `noren.SITE.`.
const STORAGE: [(&str, &str, &str); 6] = [
    (
        "c",
        "The visitor's answer to the question for consent, or that none is asked; so that it is not asked on every page.",
        "同意の確認への回答(または確認が不要であること)。ページごとに尋ねないために使います。",
    ),
    (
        "id",
        "A random id and a random key, made in this browser, and counts of logouts and erasures; so that a returning browser is known.",
        "このブラウザで作った乱数の ID と鍵、ログアウトと消去の回数。再訪したブラウザを見分けるために使います。",
    ),
    (
        "q.*",
        "Events of this browser that have not reached the edge yet; deleted once they have.",
        "まだ送信が確認されていない、このブラウザでの出来事。届いた時点で削除します。",
    ),
    (
        "s",
        "What the site's rules have counted here, such as how often a message was shown; so that it is not shown too often.",
        "サイトのルールがここで数えたもの(メッセージを表示した回数など)。表示しすぎを防ぐために使います。",
    ),
    (
        "p",
        "The name of the rules that were live; so that they need not be asked for twice.",
        "公開中だったルールの識別名。二重に取得しないために使います。",
    ),
    (
        "w.*",
        "Whether a chat is open; so that it stays open on the next page.",
        "チャットが開いているかどうか。次のページでも開いたままにするために使います。",
    ),
];

/// The cookie, after `noren.SITE`.
const COOKIE: (&str, &str) = (
    "The random id and key of above, unreadable for scripts, only where this service stands at an address of the site's own; so that a returning \
     browser is known even when it has forgotten what scripts stored. It ends 400 days after the last visit, and at once when consent is taken back.",
    "上記の乱数の ID と鍵。スクリプトからは読めません。このサービスがサイト自身のアドレスで動いている場合だけ設定します。スクリプトの保存内容をブラウザが\
     忘れた後も、再訪したブラウザを見分けるために使います。最後の訪問から 400 日後、または同意の取り消しと同時に消えます。",
);

/// Requests: method, path, what is sent (English, Japanese), why (English, Japanese).
const REQUESTS: [(&str, &str, [&str; 4]); 9] = [
    (
        "GET",
        "/tag.js",
        [
            "Nothing of the visitor.",
            "訪問者に関する情報は送りません。",
            "The program itself.",
            "プログラム本体の取得。",
        ],
    ),
    (
        "GET",
        "/tag.*.js",
        [
            "Nothing of the visitor.",
            "訪問者に関する情報は送りません。",
            "The program itself, in a form that never changes.",
            "内容の変わらない形でのプログラム本体の取得。",
        ],
    ),
    (
        "GET",
        "/noren/a/*",
        [
            "Nothing of the visitor.",
            "訪問者に関する情報は送りません。",
            "The part of the program that decides what to show, in the browser.",
            "何を表示するかをブラウザ内で判断する部分の取得。",
        ],
    ),
    (
        "GET",
        "/noren/w/*",
        [
            "Nothing of the visitor.",
            "訪問者に関する情報は送りません。",
            "What shows messages.",
            "メッセージを表示する部分の取得。",
        ],
    ),
    ("GET", "/noren/p/*", ["The site's key.", "サイトのキー。", "The site's rules.", "サイトのルールの取得。"]),
    ("GET", "/noren/c/*", ["The site's key.", "サイトのキー。", "The text of a message.", "メッセージの内容の取得。"]),
    (
        "GET",
        "/noren/v1/site",
        [
            "The site's key.",
            "サイトのキー。",
            "Whether the rules have changed, and whether to ask for consent.",
            "ルールの変更と、同意の確認が必要かどうかの問い合わせ。",
        ],
    ),
    (
        "POST",
        "/noren/v1/sync",
        [
            "The random id and key; the visitor's answer to the question for consent; what happened on the page with its time: address, title and referrer of pages, scrolling, clicks on links and buttons, searches, products, baskets and orders, messages shown and closed; and what the site itself tells: its own id of a customer, and traits.",
            "乱数の ID と鍵、同意への回答、ページでの出来事とその時刻(ページの URL・タイトル・参照元、スクロール、リンクやボタンのクリック、検索、商品・カート・注文、メッセージの表示と終了)、およびサイト自身が知らせるもの(会員 ID と属性)。",
            "To remember the visitor between pages, to decide what to show, and to count what messages achieve.",
            "ページをまたいで訪問者を覚え、何を表示するかを判断し、メッセージの効果を集計するため。",
        ],
    ),
    (
        "POST",
        "/noren/v1/coupon",
        [
            "The random id and key, and which coupon.",
            "乱数の ID と鍵、対象のクーポン。",
            "To give out a code.",
            "クーポンコードの発行。",
        ],
    ),
];

const CHAT: (&str, &str, [&str; 4]) = (
    "WebSocket",
    "/noren/v1/chat",
    [
        "The random id and key, and what the visitor writes.",
        "乱数の ID と鍵、訪問者が書き込んだ内容。",
        "To talk with the site's people; only when the visitor opens the chat.",
        "サイトの担当者との会話。訪問者がチャットを開いたときだけ送ります。",
    ],
);

/// The notice of a site, whose edge answers at `host`, `secure` or (a development server) not.
pub fn notice(doc: &SiteDoc, host: &str, secure: bool) -> PrivacyNotice {
    let request = |(method, path, [sends, sends_ja, why, why_ja]): &(&str, &str, [&str; 4])| NoticedRequest {
        method: (*method).into(),
        path: (*path).into(),
        sends: both(*sends, *sends_ja),
        why: both(*why, *why_ja),
    };
    let thing = |(name, en, ja): &(&str, &str, &str)| StoredThing {
        name: format!("noren.{}.{name}", doc.site),
        what: both(*en, *ja),
    };
    let mode = match doc.consent.as_str() {
        "open" => both("Visitors are remembered without being asked.", "訪問者に確認せずに記録します。"),
        "ask" => both(
            "Nothing is stored or sent about a visitor before they agree.",
            "訪問者が同意するまで、何も保存・送信しません。",
        ),
        "cookieless" => both(
            "Nothing is stored in the browser. What is sent goes under an id that ends with the page, is counted and not kept.",
            "ブラウザには何も保存しません。送信する情報はページとともに消える ID で扱い、集計するだけで保存しません。",
        ),
        _ => both("Switched off: nothing is stored or sent.", "停止中です。何も保存・送信しません。"),
    };
    let (events, profile) = (doc.keep.events_days, doc.keep.profile_days);
    let mut kept = vec![
        both(format!("Single events: {events} days."), format!("個々の出来事: {events} 日間。")),
        both(
            format!("What is remembered of a visitor: {profile} days after the last visit, conversations with it."),
            format!("訪問者についての記録と会話: 最後の訪問から {profile} 日間。"),
        ),
        both("Counted totals, in which nobody can be found: without end.", "個人を特定できない集計値: 期限なし。"),
        both("IP addresses: never.", "IP アドレス: 保存しません。"),
        both(
            "Whoever agreed may take it back at any time: what is remembered is deleted at once, but for the answers themselves.",
            "同意はいつでも取り消せます。取り消すと、回答の記録を除き、保存した情報はただちに削除されます。",
        ),
    ];
    match doc.signals.as_str() {
        "off" => kept.push(both(
            "From browsers that send Sec-GPC or DNT nothing is taken.",
            "Sec-GPC または DNT を送るブラウザからは、何も受け取りません。",
        )),
        "cookieless" => kept.push(both(
            "Of browsers that send Sec-GPC or DNT nothing is kept.",
            "Sec-GPC または DNT を送るブラウザについては、何も保存しません。",
        )),
        _ => {}
    }
    PrivacyNotice {
        site: doc.site.clone(),
        name: doc.name.clone(),
        consent: doc.consent.clone(),
        mode,
        recipients: vec![
            Recipient {
                name: format!("{} ({host})", doc.name),
                role: both("The site, which runs this service.", "このサービスを運営するサイト。"),
            },
            Recipient {
                name: "Cloudflare, Inc. (USA)".into(),
                role: both(
                    "Runs the servers that this service's requests go to and its records lie on, for the site.",
                    "サイトからの委託により、送信先および保存先のサーバーを運用します。",
                ),
            },
        ],
        cookies: vec![StoredThing { name: crate::cookie::name(&doc.site, secure), what: both(COOKIE.0, COOKIE.1) }],
        storage: STORAGE.iter().map(thing).collect(),
        requests: REQUESTS.iter().chain([&CHAT]).map(request).collect(),
        kept,
    }
}

/// The notice as a page in both languages. It loads nothing.
pub fn page(notice: &PrivacyNotice) -> String {
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{}</title>\
         <style>body{{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}table{{border-collapse:collapse;width:100%}}\
         th,td{{text-align:left;vertical-align:top;border:1px solid #888;padding:.4rem}}code{{overflow-wrap:anywhere}}</style>",
        escaped(&notice.name)
    );
    for (lang, pick) in [("en", (|both| &both.en) as fn(&Both) -> &str), ("ja", |both| &both.ja)] {
        let say = |en: &str, ja: &str| if lang == "en" { en.to_string() } else { ja.to_string() };
        let none = say("None.", "ありません。");
        html +=
            &format!("<main lang=\"{lang}\"><h1>{}</h1><p>{}</p>", escaped(&notice.name), escaped(pick(&notice.mode)));
        let recipients = notice.recipients.iter().map(|r| [escaped(&r.name), escaped(pick(&r.role))]);
        html += &table(
            &say("Who receives what is sent", "情報の送信先"),
            [&say("Name", "名称"), &say("As what", "役割")],
            recipients,
            &none,
        );
        let things =
            |list: &[StoredThing]| list.iter().map(|t| [code(&t.name), escaped(pick(&t.what))]).collect::<Vec<_>>();
        let heads = [say("Name", "名称"), say("What, and what for", "内容と目的")];
        let heads = [&heads[0], &heads[1]].map(String::as_str);
        html += &table("Cookie", heads, things(&notice.cookies).into_iter(), &none);
        let storage = say("Stored in the browser (localStorage)", "ブラウザに保存するもの(localStorage)");
        html += &table(&storage, heads, things(&notice.storage).into_iter(), &none);
        let requests = notice
            .requests
            .iter()
            .map(|r| [code(&format!("{} {}", r.method, r.path)), escaped(pick(&r.sends)), escaped(pick(&r.why))]);
        let heads = [say("Request", "通信"), say("What is sent", "送信する情報"), say("What for", "目的")];
        html += &table(
            &say("Sent to the service", "サービスへの送信"),
            [&heads[0], &heads[1], &heads[2]].map(String::as_str),
            requests,
            &none,
        );
        html += &format!("<h2>{}</h2><ul>", say("How long it is kept", "保存期間"));
        notice.kept.iter().for_each(|line| html += &format!("<li>{}", escaped(pick(line))));
        html += "</ul></main>";
    }
    html
}

fn table<const N: usize>(title: &str, heads: [&str; N], rows: impl Iterator<Item = [String; N]>, none: &str) -> String {
    let rows: Vec<String> =
        rows.map(|cells| cells.map(|cell| format!("<td>{cell}")).concat()).map(|row| format!("<tr>{row}")).collect();
    let head = heads.map(|head| format!("<th>{}", escaped(head))).concat();
    let body =
        if rows.is_empty() { format!("<p>{none}") } else { format!("<table><tr>{head}{}</table>", rows.concat()) };
    format!("<h2>{}</h2>{body}", escaped(title))
}

fn code(text: &str) -> String {
    format!("<code>{}</code>", escaped(text))
}

/// Text of a site is never markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_all_of_the_notice_in_both_languages_and_nothing_is_markup() {
        let doc = SiteDoc {
            site: "demo".into(),
            name: "Tea & <script>alert(1)</script>".into(),
            consent: "ask".into(),
            signals: "off".into(),
            ..SiteDoc::default()
        };
        let notice = notice(&doc, "noren.example", true);
        let html = page(&notice);
        assert!(!html.contains("<script"));
        assert!(html.contains("Tea &amp; &lt;script&gt;"));
        let said =
            notice.storage.iter().map(|t| &t.what).chain(notice.requests.iter().flat_map(|r| [&r.sends, &r.why]));
        for both in said.chain(&notice.kept).chain([&notice.mode]) {
            assert!(html.contains(&*escaped(&both.en)) && html.contains(&*both.ja), "{both:?}");
        }
        assert!(
            html.contains("<code>__Host-noren.demo</code>") && html.contains(&*escaped(&notice.cookies[0].what.ja))
        );
        assert!(html.contains("<code>noren.demo.q.*</code>") && html.contains("Cloudflare, Inc."));
        let modes = ["open", "ask", "cookieless", "off"]
            .map(|consent| super::notice(&SiteDoc { consent: consent.into(), ..doc.clone() }, "x", true).mode.ja);
        assert_eq!(modes.iter().collect::<std::collections::BTreeSet<_>>().len(), 4);
    }
}
