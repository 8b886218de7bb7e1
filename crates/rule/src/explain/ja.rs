//! 日本語の説明文。
//!
//! A clause has two forms: `adnominal` stands before 「方」, `te` leads on to the next clause.

use super::{Pages, clock, number, pages, parts, per_cent, title, weekly};
use crate::ast::{Campaign, Days, LocalTime, Occurs, Schedule, Status, Stop, Trigger, Variant};
use crate::bounds::PRIORITY_DEFAULT;
use crate::json;
use noren_event::{Duration, Value};
use noren_program::cond::VersionOp;
use noren_program::{CapEvent, Clock, Cond, Hold, Order, Reach, Test, Whose, Window};

struct Clause {
    adnominal: String,
    te: String,
}

impl Clause {
    fn new(adnominal: impl Into<String>, te: impl Into<String>) -> Clause {
        Clause { adnominal: adnominal.into(), te: te.into() }
    }

    /// 名詞で終わる言い方。
    fn noun(text: impl Into<String>) -> Clause {
        let text = text.into();
        Clause { adnominal: format!("{text}の"), te: format!("{text}で") }
    }

    /// 「〜ない」で終わる言い方。
    fn nai(stem: impl Into<String>) -> Clause {
        let stem = stem.into();
        let te =
            match stem.strip_suffix("てい").map(|s| (s, "て")).or_else(|| stem.strip_suffix("でい").map(|s| (s, "で")))
            {
                Some((verb, te)) => format!("{verb}{te}おらず"),
                None if stem.ends_with('ら') => format!("{stem}ず"),
                None => format!("{stem}なく"),
            };
        Clause { adnominal: format!("{stem}ない"), te }
    }

    /// 「〜ている」で終わる言い方。
    fn te_iru(stem: impl Into<String>) -> Clause {
        let stem = stem.into();
        Clause { adnominal: format!("{stem}いる"), te: format!("{stem}いて") }
    }

    fn all(clauses: Vec<Clause>) -> Clause {
        let mut clauses = clauses.into_iter();
        let Some(mut whole) = clauses.next_back() else { return Clause::noun("すべて") };
        let mut lead = String::new();
        for clause in clauses {
            lead.push_str(&clause.te);
            lead.push('、');
        }
        whole.adnominal.insert_str(0, &lead);
        whole.te.insert_str(0, &lead);
        whole
    }

    fn any(clauses: Vec<Clause>) -> Clause {
        let joined = clauses.iter().map(|c| c.adnominal.as_str()).collect::<Vec<_>>().join("、または");
        match clauses.len() {
            0 => Clause::noun("すべて"),
            1 => Clause::all(clauses),
            _ => Clause { te: format!("{joined}状態で"), adnominal: joined },
        }
    }
}

pub(super) fn campaign(c: &Campaign) -> String {
    let mut out = String::new();
    if c.status == Status::Paused {
        out.push_str("(停止中)");
    }
    let clause = trigger(&c.trigger);
    let (inline, apart): (Vec<&Occurs>, Vec<&Occurs>) = c
        .cancel
        .iter()
        .map(|x| &x.of)
        .filter(|of| !already_said(&c.trigger, of))
        .partition(|of| of.cond.is_none() && c.cancel.len() == 1 && !matches!(c.trigger, Trigger::Any(_)));
    match inline.first() {
        Some(of) => {
            let event = event(&of.event);
            out.push_str(&format!("{}、そのあいだに{}方に、", clause.te, event.not_done()));
        }
        None => out.push_str(&format!("{}方に、", clause.adnominal)),
    }
    if c.delay > Duration::ZERO {
        out.push_str(&format!("{}おいて、", span(c.delay)));
    }
    out.push_str(&format!("{}を見せます。", shown(&c.variants)));
    if let Some(audience) = &c.audience {
        out.push_str(&format!("対象は{}方。", cond(audience).adnominal));
    }
    if !apart.is_empty() {
        let events: Vec<String> = apart.iter().map(|of| occurs(of).adnominal).collect();
        out.push_str(&format!("{}ときは取りやめます。", events.join("、または")));
    }
    for cancel in &c.cancel {
        match cancel.hold {
            Hold::Session => {}
            Hold::Visitor => out.push_str(&format!("一度{}方には、以後見せません。", occurs(&cancel.of).adnominal)),
            Hold::For(d) => {
                out.push_str(&format!("{}方には、その後{}は見せません。", occurs(&cancel.of).adnominal, span(d)))
            }
        }
    }
    if let Some(s) = &c.schedule {
        let sentence = schedule(s);
        // 時刻の基準は、期間の文で言っていれば繰り返さない。
        let zone = if sentence.is_empty() { format!("({})", zone(&s.zone)) } else { String::new() };
        out.push_str(&sentence);
        if !s.closed.dates.is_empty() {
            out.push_str(&format!("{}は休みます{zone}。", days(&s.closed)));
        }
        if !s.open.dates.is_empty() {
            out.push_str(&format!("{}は曜日にかかわらず動きます。", days(&s.open)));
        }
    }
    if let Some(s) = &c.stop {
        out.push_str(&stop(s, c.schedule.as_ref().map_or("UTC", |s| &*s.zone)));
    }
    if let Some(e) = &c.exclusive {
        out.push_str(&format!(
            "「{}」の割り当てで{}%から{}%までの方に限り、同じ名前のほかのキャンペーンとは重なりません。",
            e.name,
            per_cent(e.from),
            per_cent(e.until)
        ));
    }
    if !c.consent.is_empty() {
        out.push_str(&format!("「{}」に同意した方に限ります。", c.consent));
    }
    match c.control_bps {
        0 => {}
        bps => out.push_str(&format!("{}%の方には何も見せず、効果を比べます。", per_cent(bps))),
    }
    out.push_str(&caps(c));
    if c.wait > Duration::ZERO {
        out.push_str(&format!("ほかの表示と重なったときは、{}まで待ちます。", span(c.wait)));
    }
    if c.priority != PRIORITY_DEFAULT {
        let word = if c.priority > PRIORITY_DEFAULT { "高め" } else { "低め" };
        out.push_str(&format!("優先度は{word}の{}です。", c.priority));
    }
    if let Some(goal) = &c.goal {
        let event = event(&goal.of.event);
        out.push_str(&format!("{}以内の{}を成果とします。", span(goal.within), event.noun));
    }
    out
}

/// きっかけの文にすでに出てくる取り消しは繰り返さない。
fn already_said(trigger: &Trigger, of: &Occurs) -> bool {
    match trigger {
        Trigger::Absent { event, .. } => event == of,
        Trigger::All(list) => list.iter().any(|t| already_said(t, of)),
        Trigger::Not(inner) => matches!(&**inner, Trigger::Count { of: inner, at_least: 1, .. } if inner == of),
        _ => false,
    }
}

fn shown(variants: &[Variant]) -> String {
    let widget = |kind: &str| match kind {
        "popup" => "ポップアップ",
        "bar" => "バー",
        "coupon" => "クーポン",
        "chat" => "チャットの案内",
        "slide" => "お知らせ",
        "survey" => "アンケート",
        "countdown" => "カウントダウン",
        "inline" => "ページ内のお知らせ",
        "html" => "独自のウィジェット",
        "proof" => "件数の表示",
        "recommend" => "おすすめ",
        _ => "表示",
    };
    let one = |v: &Variant| match title(v, "ja") {
        Some(title) => format!("{}「{title}」", widget(&v.kind)),
        None => widget(&v.kind).to_string(),
    };
    match variants {
        [only] => one(only),
        many => {
            let even = many.windows(2).all(|w| w.first().map(|v| v.weight_bps) == w.last().map(|v| v.weight_bps));
            let list: Vec<String> = many
                .iter()
                .map(|v| if even { one(v) } else { format!("{}({}%)", one(v), per_cent(v.weight_bps)) })
                .collect();
            let which = if many.len() == 2 { "どちらか" } else { "どれか" };
            format!("{}の{which}{}", list.join("か"), if even { "(同じ割合)" } else { "" })
        }
    }
}

fn trigger(t: &Trigger) -> Clause {
    match t {
        Trigger::Count { of, at_least, window } => count(of, *at_least, *window),
        Trigger::Dwell { page, time, clock, reach } => {
            let place = page.as_ref().map_or("同じページ".into(), place);
            let time = span(*time);
            match (clock, reach) {
                (Clock::Wall, Reach::Page) => {
                    Clause::new(format!("{place}に{time}とどまった"), format!("{place}に{time}とどまり"))
                }
                (Clock::Wall, Reach::Session) => {
                    let place = page.as_ref().map_or("サイト".into(), self::place);
                    Clause::new(
                        format!("{place}に合わせて{time}とどまった"),
                        format!("{place}に合わせて{time}とどまり"),
                    )
                }
                (Clock::Active, Reach::Page) => {
                    Clause::new(format!("{place}を{time}しっかり見た"), format!("{place}を{time}しっかり見て"))
                }
                (Clock::Active, Reach::Session) => {
                    let place = page.as_ref().map_or("サイト".into(), self::place);
                    Clause::new(
                        format!("{place}を合わせて{time}しっかり見た"),
                        format!("{place}を合わせて{time}しっかり見て"),
                    )
                }
            }
        }
        Trigger::Sum { of, property, at_least_cents, window } => {
            let done = with(of, event(&of.event).done);
            let amount = super::en::hundredths(*at_least_cents);
            let head = format!("{}{done}{}の合計が{amount}以上にな", over(*window), self::property(property));
            Clause::new(format!("{head}った"), format!("{head}って"))
        }
        Trigger::Distinct { of, property, at_least, window } => {
            let e = event(&of.event);
            let name = self::property(property);
            let said = |form: String| match form.starts_with(&format!("{name}を")) {
                true => format!("{}{at_least}種類以上の{}", over(*window), with(of, form)),
                false => format!("{}{}({name}が{at_least}種類以上)", over(*window), with(of, form)),
            };
            Clause::new(said(e.done.clone()), said(e.te))
        }
        Trigger::Every { of, times, window } => {
            let done = with(of, event(&of.event).done);
            let head = format!("{}{done}回数が{times}の倍数にな", over(*window));
            Clause::new(format!("{head}った"), format!("{head}って"))
        }
        Trigger::Sequence { steps, within, without, order, same } => {
            let next = if *order == Order::Next { "、その直後に" } else { "、それから" };
            let mut clauses: Vec<Clause> = steps.iter().map(occurs).collect();
            let last = clauses.pop().unwrap_or_else(|| Clause::new("", ""));
            let before: Vec<String> = clauses.into_iter().map(|c| c.te).collect();
            let same = if same.is_empty() { String::new() } else { format!("同じ{}について、", property(same)) };
            let without = without.as_ref().map(|w| format!("、途中に{}をはさまず、", with(w, event(&w.event).noun)));
            let head =
                format!("{same}{}以内に{}{}{next}", span(*within), without.unwrap_or_default(), before.join(next));
            Clause::new(format!("{head}{}", last.adnominal), format!("{head}{}", last.te))
        }
        Trigger::Absent { after, event: missing, time } => {
            let after = occurs(after).te;
            Clause::nai(format!(
                "{after}から{}たっても{}",
                span(*time),
                with(missing, event(&missing.event).not_done_stem())
            ))
        }
        Trigger::All(list) => Clause::all(list.iter().map(trigger).collect()),
        Trigger::Any(list) => Clause::any(list.iter().map(trigger).collect()),
        Trigger::Not(inner) => match &**inner {
            Trigger::Count { of, at_least, window } => {
                let stem = event(&of.event).not_done_stem();
                let times = if *at_least > 1 { format!("{at_least}回以上は") } else { String::new() };
                Clause::nai(format!("{}{times}{}", back(*window), with(of, stem)))
            }
            other => Clause::nai(format!("『{}』に当てはまら", trigger(other).adnominal)),
        },
    }
}

fn count(of: &Occurs, at_least: u16, window: Window) -> Clause {
    if at_least == 1 {
        let clause = occurs(of);
        let back = back(window);
        return Clause { adnominal: format!("{back}{}", clause.adnominal), te: format!("{back}{}", clause.te) };
    }
    let e = event(&of.event);
    let times = match window {
        Window::Last(d) => format!("{}以内に{at_least}回以上", span(d)),
        Window::Page => format!("同じページで{at_least}回以上"),
        Window::Session => format!("今回の訪問で{at_least}回以上"),
        Window::Visitor => format!("これまでに{at_least}回以上"),
    };
    let done = |form: &str| format!("{times}{}", with(of, form.into()));
    Clause::new(done(&e.done), done(&e.te))
}

/// What a count or a sum looks back over, before it.
fn over(window: Window) -> String {
    match window {
        Window::Last(d) => format!("{}以内に", span(d)),
        Window::Page => "同じページで".into(),
        Window::Session => "今回の訪問で".into(),
        Window::Visitor => "これまでに".into(),
    }
}

/// イベントのプロパティの呼び名。
fn property(path: &str) -> String {
    match path.rsplit('.').next().unwrap_or(path) {
        "value" => "金額".into(),
        "item_id" => "商品".into(),
        "item_category" => "カテゴリー".into(),
        "quantity" => "点数".into(),
        "search_term" => "検索語".into(),
        _ => format!("「{path}」"),
    }
}

fn back(window: Window) -> String {
    match window {
        Window::Session => String::new(),
        Window::Page => "そのページで".into(),
        Window::Visitor => "これまでに".into(),
        Window::Last(d) => format!("直近{}に", span(d)),
    }
}

fn occurs(of: &Occurs) -> Clause {
    let e = event(&of.event);
    Clause::new(with(of, e.done), with(of, e.te))
}

/// 出来事の条件を前に添える。
fn with(of: &Occurs, form: String) -> String {
    match &of.cond {
        None => form,
        Some(c) => match pages(c) {
            Some(_) => format!("{}で{form}", place(c)),
            None => format!("({}とき){form}", cond(c).adnominal),
        },
    }
}

struct EventWords {
    done: String,
    te: String,
    noun: String,
}

impl EventWords {
    /// 「〜てい」まで。
    fn not_done_stem(&self) -> String {
        format!("{}い", self.te)
    }

    fn not_done(&self) -> String {
        format!("{}ない", self.not_done_stem())
    }
}

fn event(name: &str) -> EventWords {
    let (done, te, noun) = match name {
        "page_view" => ("ページを開いた", "ページを開いて", "ページの閲覧"),
        "view_item" => ("商品を見た", "商品を見て", "商品の閲覧"),
        "view_item_list" => ("商品の一覧を見た", "商品の一覧を見て", "一覧の閲覧"),
        "select_item" => ("商品を選んだ", "商品を選んで", "商品の選択"),
        "add_to_cart" => ("カートに入れた", "カートに入れて", "カートへの追加"),
        "remove_from_cart" => ("カートから外した", "カートから外して", "カートからの削除"),
        "view_cart" => ("カートを見た", "カートを見て", "カートの閲覧"),
        "add_to_wishlist" => ("お気に入りに入れた", "お気に入りに入れて", "お気に入りへの追加"),
        "begin_checkout" => ("購入手続きを始めた", "購入手続きを始めて", "購入手続きの開始"),
        "purchase" => ("購入した", "購入して", "購入"),
        "refund" => ("返品した", "返品して", "返品"),
        "search" | "view_search_results" => ("サイト内を検索した", "サイト内を検索して", "検索"),
        "sign_up" => ("会員登録した", "会員登録して", "会員登録"),
        "login" => ("ログインした", "ログインして", "ログイン"),
        "generate_lead" => ("問い合わせた", "問い合わせて", "問い合わせ"),
        "scroll" => ("スクロールした", "スクロールして", "スクロール"),
        "exit_intent" => ("ページを離れようとした", "ページを離れようとして", "離脱の気配"),
        "idle" => ("しばらく手を止めた", "しばらく手を止めて", "手の止まり"),
        "tab_hidden" => ("ほかのタブに移った", "ほかのタブに移って", "タブの移動"),
        "click" => ("クリックした", "クリックして", "クリック"),
        other => {
            return EventWords {
                done: format!("「{other}」をした"),
                te: format!("「{other}」をして"),
                noun: format!("「{other}」"),
            };
        }
    };
    EventWords { done: done.into(), te: te.into(), noun: noun.into() }
}

fn place(c: &Cond) -> String {
    let Some(list) = pages(c) else { return format!("{}ページ", cond(c).adnominal) };
    let names: Vec<String> = list
        .into_iter()
        .map(|p| match p {
            Pages::Product => "商品ページ".into(),
            Pages::ProductList => "商品一覧".into(),
            Pages::Cart => "カートのページ".into(),
            Pages::Checkout => "購入手続きのページ".into(),
            Pages::Home => "トップページ".into(),
            Pages::Under(p) => format!("「{p}」で始まるページ"),
            Pages::At(p) => format!("ページ「{p}」"),
        })
        .collect();
    names.join("か")
}

fn cond(c: &Cond) -> Clause {
    match c {
        Cond::All(list) => Clause::all(list.iter().map(cond).collect()),
        Cond::Any(list) => Clause::any(list.iter().map(cond).collect()),
        Cond::Not(inner) => match &**inner {
            Cond::Any(list) if list.len() > 1 => Clause::all(list.iter().map(|c| not(cond(c))).collect()),
            other => not(cond(other)),
        },
        Cond::Attr { path, test } => attribute(path, test, c),
        Cond::Unknown => Clause::noun("(判定できない条件)"),
    }
}

fn not(clause: Clause) -> Clause {
    match clause.adnominal.strip_suffix('の') {
        Some(noun) => Clause::new(format!("{noun}ではない"), format!("{noun}ではなく")),
        None => Clause::nai(format!("『{}』に当てはまら", clause.adnominal)),
    }
}

fn attribute(path: &str, test: &Test, whole: &Cond) -> Clause {
    if let Test::All(tests) = test {
        return Clause::all(tests.iter().map(|t| attribute(path, t, whole)).collect());
    }
    let zero = |v: &Value| v.as_num() == Some(0.0);
    match (path, test) {
        ("visitor.purchases", Test::Eq(v)) if zero(v) => Clause::nai("まだ購入したことが"),
        ("visitor.purchases", Test::Gt(v)) if zero(v) => Clause::new("購入したことがある", "購入したことがあり"),
        ("visitor.purchases", Test::Gte(v)) if v.as_num() == Some(1.0) => {
            Clause::new("購入したことがある", "購入したことがあり")
        }
        ("visitor.visits", Test::Eq(v)) if v.as_num() == Some(1.0) => Clause::noun("はじめて訪れた方").trimmed(),
        ("device.mobile", Test::Eq(Value::Bool(true))) => Clause::te_iru("スマートフォンを使って"),
        ("device.mobile", Test::Eq(Value::Bool(false))) => Clause::te_iru("パソコンを使って"),
        ("device.touch", Test::Eq(Value::Bool(true))) => Clause::te_iru("タッチ操作の端末を使って"),
        ("segments", Test::ElemTest(inner)) => match &**inner {
            Test::Eq(v) => Clause::te_iru(format!("セグメント「{}」に入って", literal_bare(v))),
            _ => generic(path, test),
        },
        ("segments", Test::In { list, .. }) => Clause::te_iru(format!(
            "セグメント「{}」に入って",
            list.iter().map(literal_bare).collect::<Vec<_>>().join("」か「")
        )),
        ("segments", Test::NotIn { list, .. }) => Clause::nai(format!(
            "セグメント「{}」に入ってい",
            list.iter().map(literal_bare).collect::<Vec<_>>().join("」か「")
        )),
        ("page.path", _) if pages(whole).is_some() => Clause::te_iru(format!("{}を見て", place(whole))),
        _ => generic(path, test),
    }
}

impl Clause {
    /// 「〜た方の」ではなく「〜た」にする。
    fn trimmed(self) -> Clause {
        Clause::new(self.adnominal.replace("方の", ""), self.te)
    }
}

/// 属性の呼び名と、数の単位。
fn name(path: &str) -> (String, &'static str) {
    let (name, unit) = match path {
        "visitor.visits" => ("訪問", "回"),
        "visitor.purchases" => ("購入", "回"),
        "visitor.lifetime_value" => ("これまでの購入金額", ""),
        "visitor.first_seen" => ("はじめて訪れた日時", ""),
        "visitor.last_seen" => ("前に訪れた日時", ""),
        "visitor.days_since_last_visit" => ("前回の訪問からの日数", "日"),
        "visitor.last_purchase" => ("前回の購入日時", ""),
        "visitor.coupons" => ("手元のクーポン", "枚"),
        "visitor.days_since_first_visit" => ("初回訪問からの日数", "日"),
        "visitor.days_since_last_purchase" => ("前回の購入からの日数", "日"),
        "visitor.rfm.recency" => ("最終購入の新しさ(1〜5)", ""),
        "visitor.rfm.frequency" => ("購入頻度(1〜5)", ""),
        "visitor.rfm.money" => ("購入金額の段階(1〜5)", ""),
        "visitor.affinity" => ("関心の高いカテゴリー", ""),
        "visitor.score" => ("スコア", "点"),
        "visitor.score_band" => ("スコアの段階", ""),
        "visitor.cart_items" => ("カートの中の商品", ""),
        "device.type" => ("端末の種類", ""),
        "device.hour" => ("現地時刻", "時"),
        "device.weekday" => ("曜日(0が日曜)", ""),
        "geo.city" => ("市区町村", ""),
        "geo.timezone" => ("タイムゾーン", ""),
        "geo.organization" => ("接続元の組織", ""),
        "session.page_views" => ("今回見たページ", "ページ"),
        "session.number" => ("訪問の通し番号", ""),
        "session.started" => ("訪問の開始日時", ""),
        "page.url" => ("ページのURL", ""),
        "page.path" => ("ページのパス", ""),
        "page.title" => ("ページの題名", ""),
        "page.referrer" => ("参照元", ""),
        "device.language" => ("言語", ""),
        "device.width" => ("画面の幅", "px"),
        "geo.country" => ("国", ""),
        "geo.region" => ("地域", ""),
        "cart.value" => ("カートの金額", ""),
        "cart.quantity" => ("カートの商品", "点"),
        "event.value" => ("金額", ""),
        "segments" => ("セグメント", ""),
        other => {
            let last = other.split_once('.').map_or(other, |(_, rest)| rest);
            return match other.strip_prefix("page.query.") {
                Some(query) => (format!("URLの「{query}」"), ""),
                None => fact(other).unwrap_or_else(|| (format!("「{last}」"), "")),
            };
        }
    };
    (name.into(), unit)
}

/// サイト側の言葉を含む属性と、流入元。
fn fact(path: &str) -> Option<(String, &'static str)> {
    let (family, last) = path.strip_prefix("visitor.")?.split_once('.')?;
    let of_arrival = match last {
        "source" => "参照元",
        "medium" => "メディア",
        "campaign" => "キャンペーン",
        "term" => "キーワード",
        "content" => "広告コンテンツ",
        "referrer" => "参照元ページ",
        "landing" => "ランディングページ",
        other => other,
    };
    Some(match family {
        "first_touch" => (format!("初回流入の{of_arrival}"), ""),
        "last_touch" => (format!("直近の流入の{of_arrival}"), ""),
        "affinity_scores" => (format!("「{last}」への関心度"), ""),
        "answers" => (format!("「{last}」への回答"), ""),
        "counts" => {
            let (event, days) = last.rsplit_once(".d")?;
            (format!("過去{days}日間の「{event}」"), "回")
        }
        _ => return None,
    })
}

fn generic(path: &str, test: &Test) -> Clause {
    let (name, unit) = name(path);
    let value = |v: &Value| match v {
        Value::Num(n) => format!("{}{unit}", number(*n)),
        other => literal(other),
    };
    let list = |list: &[Value]| list.iter().map(&value).collect::<Vec<_>>().join("・");
    match test {
        Test::Eq(Value::Null) => Clause::nai(format!("{name}が分かってい")),
        Test::Ne(Value::Null) | Test::Exists(true) => Clause::te_iru(format!("{name}が分かって")),
        Test::Exists(false) => Clause::nai(format!("{name}が分かってい")),
        Test::Eq(v) => Clause::noun(format!("{name}が{}", value(v))),
        Test::Ne(v) => Clause::noun(format!("{name}が{}以外", value(v))),
        Test::Gte(v) => Clause::noun(format!("{name}が{}以上", value(v))),
        Test::Lte(v) => Clause::noun(format!("{name}が{}以下", value(v))),
        Test::Gt(v) => Clause::new(format!("{name}が{}より多い", value(v)), format!("{name}が{}より多く", value(v))),
        Test::Lt(v) => Clause::noun(format!("{name}が{}未満", value(v))),
        Test::In { list: l, .. } => Clause::noun(format!("{name}が{}のどれか", list(l))),
        Test::NotIn { list: l, .. } => Clause::noun(format!("{name}が{}以外", list(l))),
        Test::Regex { pattern, .. } => {
            Clause::new(format!("{name}が「{pattern}」に合う"), format!("{name}が「{pattern}」に合い"))
        }
        Test::Type(t) => Clause::noun(format!("{name}の型が{t}")),
        Test::Size(inner) => generic_of(&format!("{name}の数"), inner),
        Test::ElemTest(inner) => Clause::new(
            format!("{name}に、{}ものがある", generic_of("値", inner).adnominal),
            format!("{name}に、{}ものがあり", generic_of("値", inner).adnominal),
        ),
        Test::ElemCond(inner) => Clause::new(
            format!("{name}に、{}ものがある", cond(inner).adnominal),
            format!("{name}に、{}ものがあり", cond(inner).adnominal),
        ),
        Test::AllOf { tests } => Clause::new(
            format!("{name}に{}つの条件がすべてそろう", tests.len()),
            format!("{name}に{}つの条件がすべてそろい", tests.len()),
        ),
        Test::Version { op, key } => {
            let version = version(key);
            let tail = match op {
                VersionOp::Eq => "",
                VersionOp::Ne => "以外",
                VersionOp::Lt => "より前",
                VersionOp::Lte => "以前",
                VersionOp::Gt => "より後",
                VersionOp::Gte => "以降",
            };
            Clause::noun(format!("{name}がバージョン{version}{tail}"))
        }
        Test::Not(inner) => not(generic(path, inner)),
        Test::All(tests) => Clause::all(tests.iter().map(|t| generic(path, t)).collect()),
        Test::Never | Test::Unknown => Clause::noun("(判定できない条件)"),
    }
}

fn generic_of(name: &str, test: &Test) -> Clause {
    // A path without a name of its own is shown in brackets, which a word is not.
    let clause = generic(name, test);
    let bare = |s: String| s.replace(&format!("「{name}」"), name);
    Clause::new(bare(clause.adnominal), bare(clause.te))
}

/// The version that a comparison key was made of.
pub(super) fn version(key: &str) -> String {
    key.replace(' ', "").trim_end_matches("-~").replace('-', ".")
}

fn literal(v: &Value) -> String {
    match v {
        Value::Str(s) => format!("「{}」", crate::read::clip(s)),
        Value::Bool(true) => "「はい」".into(),
        Value::Bool(false) => "「いいえ」".into(),
        other => json::canonical(other),
    }
}

fn literal_bare(v: &Value) -> String {
    match v {
        Value::Str(s) => crate::read::clip(s),
        other => json::canonical(other),
    }
}

fn span(d: Duration) -> String {
    let (n, unit) = parts(d);
    let unit = match unit {
        'd' => "日",
        'h' => "時間",
        'm' => "分",
        's' => "秒",
        _ => "ミリ秒",
    };
    format!("{n}{unit}")
}

/// 日付と、0時でなければ時刻。終わりの0時は前の日。
fn moment(t: LocalTime, end: bool) -> String {
    let midnight = t.hour == 0 && t.minute == 0;
    let day = |t: LocalTime| format!("{}年{}月{}日", t.year, t.month, t.day);
    match (midnight, end) {
        (true, false) => day(t),
        // The first moment after: the last day is the one before.
        (true, true) => super::schedule_day_before(t).map_or_else(|| day(t), day),
        _ => format!("{}{}", day(t), clock(t.hour as u16 * 60 + t.minute as u16)),
    }
}

/// 日付の初めのいくつか、または名前。
fn days(days: &Days) -> String {
    if !days.calendar.is_empty() {
        return format!("「{}」の日", days.calendar);
    }
    let said: Vec<String> = days.dates.iter().take(super::DAYS_SAID).map(|d| moment(*d, false)).collect();
    match days.dates.len() - said.len() {
        0 => said.join("・"),
        n => format!("{}ほか{n}日", said.join("・")),
    }
}

fn zone(name: &str) -> String {
    if name == "Asia/Tokyo" { "日本時間".to_string() } else { format!("{name}の時刻") }
}

fn stop(s: &Stop, of: &str) -> String {
    let ends = [
        s.at.map(|at| match (at.hour, at.minute) {
            (0, 0) => format!("{}で{}を過ぎる", zone(of), moment(at, true)),
            _ => format!("{}で{}になる", zone(of), moment(at, true)),
        }),
        s.shows.map(|n| format!("サイト全体で{n}回表示する")),
        s.conversions.map(|n| format!("サイト全体で成果が{n}件になる")),
    ];
    let ends: Vec<String> = ends.into_iter().flatten().collect();
    format!("{}と終了します。", ends.join("か、"))
}

fn schedule(s: &Schedule) -> String {
    let mut parts: Vec<String> = Vec::new();
    let show = moment;
    match (s.from, s.until) {
        (Some(a), Some(b)) => parts.push(format!("{}から{}まで", show(a, false), show(b, true))),
        (Some(a), None) => parts.push(format!("{}から", show(a, false))),
        (None, Some(b)) => parts.push(format!("{}まで", show(b, true))),
        (None, None) => {}
    }
    for hours in weekly(&s.weekly) {
        const DAYS: [&str; 7] = ["月", "火", "水", "木", "金", "土", "日"];
        let days = match hours.days.as_slice() {
            [0, 1, 2, 3, 4] => "平日".into(),
            [5, 6] => "土日".into(),
            [0, 1, 2, 3, 4, 5, 6] => "毎日".into(),
            some => {
                let names: Vec<&str> = some.iter().filter_map(|d| DAYS.get(usize::from(*d)).copied()).collect();
                format!("{}曜", names.join("・"))
            }
        };
        let ranges: Vec<String> = hours
            .ranges
            .iter()
            .filter(|r| **r != (0, 1_440))
            .map(|(a, b)| format!("{}〜{}", clock(*a), clock(*b)))
            .collect();
        parts.push(format!(
            "{days}{}",
            if ranges.is_empty() { String::new() } else { format!("の{}", ranges.join("、")) }
        ));
    }
    if parts.is_empty() {
        return String::new();
    }
    let zone = zone(&s.zone);
    format!("期間は{}({zone})です。", parts.join("、"))
}

fn caps(c: &Campaign) -> String {
    let caps = &c.caps;
    let mut out = String::new();
    for a in &caps.again {
        let particle = if a.since == CapEvent::Converted { "が" } else { "を" };
        let whose = match a.whose {
            Whose::This => String::new(),
            Whose::Any => "ほかのものも含めて、".into(),
            Whose::Group => format!("「{}」グループのどれか{particle}", c.group),
            Whose::Others => format!("「{}」グループのほかのもの{particle}", c.group),
        };
        // 主役がほかのものに移ったので、この施策の話に戻す。
        let this = if matches!(a.whose, Whose::Group | Whose::Others) { "、これは" } else { "" };
        let what = match a.since {
            CapEvent::Shown => "一度見せたら",
            CapEvent::Closed => "一度閉じたら",
            CapEvent::Clicked => "一度クリックしたら",
            CapEvent::Converted => "一度成果につながったら",
        };
        let until = match a.after {
            Window::Page => "同じページでは見せません".into(),
            Window::Session => "その訪問では見せません".into(),
            Window::Visitor => "もう見せません".into(),
            Window::Last(d) => format!("{}は見せません", span(d)),
        };
        out.push_str(&format!("{whose}{what}{this}{until}。"));
    }
    for s in &caps.stop {
        let particle = if s.of == CapEvent::Shown { "を" } else { "が" };
        let whose = match s.whose {
            Whose::This => String::new(),
            Whose::Any => "ほかのものも含めて、".into(),
            Whose::Group => format!("「{}」グループ全体で", c.group),
            Whose::Others => format!("「{}」グループのほかのもの{particle}", c.group),
        };
        let within = match s.within {
            Window::Session => "1回の訪問で".into(),
            Window::Last(d) => format!("{}のうちに", span(d)),
            _ => String::new(),
        };
        let what = match s.of {
            CapEvent::Shown => "見せたら",
            CapEvent::Closed => "閉じられたら",
            CapEvent::Clicked => "クリックされたら",
            CapEvent::Converted => "成果につながったら",
        };
        let end = match (s.within, s.whose) {
            (Window::Visitor, Whose::Others) => "、これは終わりにします",
            (Window::Visitor, _) => "終わりにします",
            (_, Whose::Others) => "、これは見せません",
            _ => "それ以上は見せません",
        };
        out.push_str(&format!("{whose}{within}{}回{what}{end}。", s.times));
    }
    out
}
