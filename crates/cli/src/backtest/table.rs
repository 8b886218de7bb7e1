//! The answer for people, in English and Japanese.

use super::flow::Outcome;
use super::plan::{DraftPlan, Plan, date};
use super::report::{not_shown, often_name};
use super::tally::{Draft, Live};
use crate::Language;
use noren_event::Duration;
use std::collections::BTreeMap;

/// Width of the longest bar, in characters.
const BAR: u64 = 40;

/// The whole report, line by line.
pub fn lines(plan: &Plan<'_>, outcome: &Outcome, lang: Language) -> Vec<String> {
    let mut out = vec![log_line(plan, outcome, lang)];
    for (draft, counted) in plan.drafts.iter().zip(&outcome.tally.drafts) {
        out.push(String::new());
        of_draft(plan, draft, counted, outcome, lang, &mut out);
    }
    if plan.without.is_some() {
        out.push(String::new());
        of_live(plan, &outcome.tally.live, lang, &mut out);
    }
    out
}

fn log_line(plan: &Plan<'_>, outcome: &Outcome, lang: Language) -> String {
    let tally = &outcome.tally;
    let (lines, visitors) = (grouped(tally.lines), grouped(tally.visitors));
    let Some((first, last)) = outcome.span else {
        return say(lang, "The log has no event.", "ログにイベントがありません。").into();
    };
    let (first, last, zone) = (plan.clock.minute(first), plan.clock.minute(last), &plan.clock.name);
    match lang {
        Language::En => format!("Log: {first} to {last} ({zone}), {lines} lines of {visitors} visitors"),
        Language::Ja => format!("ログ: {first}〜{last}({zone})、{visitors}人の{lines}行"),
    }
}

fn of_draft(
    plan: &Plan<'_>,
    draft: &DraftPlan,
    counted: &Draft,
    outcome: &Outcome,
    lang: Language,
    out: &mut Vec<String>,
) {
    let name = draft.name.get(say(lang, "en", "ja"));
    out.push(if name.is_empty() || *name == *draft.id {
        draft.id.to_string()
    } else {
        format!("{}  {name}", draft.id)
    });
    let (shown, control) = (&counted.shown, &counted.control);
    let all = outcome.tally.visitors;
    let window = span(draft.window, lang);
    let rest = not_shown(counted, outcome);
    let mut row = |label: &str, text: String| out.push(format!("  {}{text}", padded(label, 26)));
    row(
        say(lang, "would have been shown to", "表示されたはずの人"),
        match lang {
            Language::En => {
                format!("{} of {}, {}", of(shown.visitors, all), count(all, "visitor"), times_en(shown.times))
            }
            Language::Ja => {
                format!("{}人中{}、のべ{}回", grouped(all), of_ja(shown.visitors, all), grouped(shown.times))
            }
        },
    );
    if control.visitors > 0 {
        row(
            say(lang, "control (would see nothing)", "対照群(表示なし)"),
            match lang {
                Language::En => format!("{}, {}", count(control.visitors, "visitor"), times_en(control.times)),
                Language::Ja => format!("{}人、のべ{}回", grouped(control.visitors), grouped(control.times)),
            },
        );
    }
    if shown.visitors > 0 {
        let often: Vec<String> = counted
            .often
            .iter()
            .enumerate()
            .filter(|(_, n)| **n > 0)
            .map(|(i, n)| match lang {
                Language::En => format!("{}x: {}", often_name(i), grouped(*n)),
                Language::Ja => format!("{}回: {}人", often_name(i).replace('+', "以上"), grouped(*n)),
            })
            .collect();
        row(say(lang, "times a visitor", "1人あたりの回数"), often.join("   "));
    }
    if !counted.suppressed.is_empty() {
        row(say(lang, "matched, but stopped by", "条件成立後に止めたもの"), gates(&counted.suppressed, lang));
    }
    row(
        say(lang, "of those, bought anyway", "そのうち購入した人"),
        match lang {
            Language::En => {
                format!("{} within {window} of first seeing it", of(shown.bought_after, shown.visitors))
            }
            Language::Ja => format!("{}(最初の表示から{window}以内)", of_ja(shown.bought_after, shown.visitors)),
        },
    );
    row(
        say(lang, "bought without seeing it", "表示なしで購入した人"),
        match lang {
            Language::En => format!("{} of {}", of(rest.bought, rest.visitors), count(rest.visitors, "other visitor")),
            Language::Ja => format!("ほかの{}人中{}", grouped(rest.visitors), of_ja(rest.bought, rest.visitors)),
        },
    );
    if shown.times > 0 {
        when(plan, counted, lang, out);
    }
}

fn when(plan: &Plan<'_>, counted: &Draft, lang: Language, out: &mut Vec<String>) {
    let zone = &plan.clock.name;
    out.push(match lang {
        Language::En => format!("  shows by hour of day ({zone})"),
        Language::Ja => format!("  時間帯別の表示回数({zone})"),
    });
    let most = counted.hours.iter().max().copied().unwrap_or(0);
    for (hour, n) in counted.hours.iter().enumerate() {
        out.push(bar(&format!("{hour:02}"), *n, most));
    }
    out.push(say(lang, "  shows by day", "  日別の表示回数").into());
    let most = counted.days.values().max().copied().unwrap_or(0);
    for (day, n) in &counted.days {
        out.push(bar(&date(*day), *n, most));
    }
}

fn of_live(plan: &Plan<'_>, live: &[Live], lang: Language, out: &mut Vec<String>) {
    out.push(say(lang, "What the live campaigns would lose", "公開中のキャンペーンへの影響").into());
    let mut unchanged = 0;
    for (id, live) in plan.live.iter().zip(live) {
        if live.lost.is_empty() && live.later == 0 && live.gained == 0 {
            unchanged += 1;
            continue;
        }
        let lost = live.lost.values().sum();
        let mut parts = vec![match lang {
            Language::En => format!("{} shows instead of {}", grouped(live.shows_with), grouped(live.shows_without)),
            Language::Ja => {
                format!("表示{}回(下書きがなければ{}回)", grouped(live.shows_with), grouped(live.shows_without))
            }
        }];
        if !live.lost.is_empty() {
            let (share, to) = (of(lost, live.shows_without), gates(&live.lost, lang));
            parts.push(match lang {
                Language::En => format!("lost {share} to {to}"),
                Language::Ja => format!("減少{share}、理由: {to}"),
            });
        }
        for (n, en, ja) in [(live.later, "later", "遅れて表示"), (live.gained, "gained", "増加")] {
            if n > 0 {
                let n = grouped(n);
                parts.push(say(lang, format!("{n} {en}"), format!("{ja}{n}回")));
            }
        }
        out.push(format!("  {}{}", padded(id, 26), parts.join(say(lang, "; ", "、"))));
    }
    if unchanged > 0 {
        out.push(match lang {
            Language::En => format!("  {} not touched", count(unchanged, "campaign")),
            Language::Ja => format!("  影響なし: {}件", grouped(unchanged)),
        });
    }
}

fn say<T>(lang: Language, en: T, ja: T) -> T {
    match lang {
        Language::En => en,
        Language::Ja => ja,
    }
}

/// Gates and how often, most often first.
fn gates(counts: &BTreeMap<&'static str, u64>, lang: Language) -> String {
    let mut list: Vec<(&str, u64)> = counts.iter().map(|(gate, n)| (*gate, *n)).collect();
    list.sort_by_key(|(gate, n)| (u64::MAX - n, *gate));
    let parts = list.iter().map(|(gate, n)| match lang {
        Language::En => format!("{gate} {}", grouped(*n)),
        Language::Ja => format!("{} {}", gate_ja(gate), grouped(*n)),
    });
    parts.collect::<Vec<String>>().join(say(lang, ", ", "、"))
}

fn gate_ja(gate: &str) -> &str {
    match gate {
        "schedule" => "期間・時間帯",
        "consent" => "同意",
        "audience" => "対象者",
        "caps" => "回数制限",
        "priority" => "優先度",
        "surface" => "表示場所",
        "cancel" => "キャンセル条件",
        "republished" => "再公開",
        "holdout" => "全体の比較用",
        "exclusive" => "ほかのテストの対象",
        "unknown" => "条件を判定できない",
        super::compare::UNDECIDED => "未確定",
        other => other,
    }
}

/// A number with its share: `210 (17.0 %)`.
fn of(n: u64, all: u64) -> String {
    if all == 0 { grouped(n) } else { format!("{} ({:.1} %)", grouped(n), percent(n, all)) }
}

fn of_ja(n: u64, all: u64) -> String {
    if all == 0 { format!("{}人", grouped(n)) } else { format!("{}人({:.1}%)", grouped(n), percent(n, all)) }
}

fn percent(n: u64, all: u64) -> f64 {
    n as f64 * 100.0 / all as f64
}

fn count(n: u64, what: &str) -> String {
    format!("{} {what}{}", grouped(n), if n == 1 { "" } else { "s" })
}

fn times_en(n: u64) -> String {
    match n {
        1 => "once".into(),
        n => format!("{} times", grouped(n)),
    }
}

/// A number with commas, as both languages have them.
fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let first = digits.len() % 3;
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && i % 3 == first {
            out.push(',');
        }
        out.push(c);
    }
    out
}

fn bar(label: &str, n: u64, most: u64) -> String {
    let length = (n * BAR).div_ceil(most.max(1));
    format!("    {label}  {:>9}  {}", grouped(n), "#".repeat(usize::try_from(length).unwrap_or(0))).trim_end().into()
}

/// Text filled up to a width; Japanese characters are two wide.
fn padded(text: &str, width: usize) -> String {
    let wide: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(wide).max(2)))
}

/// A time in the largest unit that says it whole.
fn span(time: Duration, lang: Language) -> String {
    let units = [
        (86_400_000, "d", "日"),
        (3_600_000, "h", "時間"),
        (60_000, "min", "分"),
        (1_000, "s", "秒"),
        (1, "ms", "ミリ秒"),
    ];
    let whole = units.iter().find(|(ms, _, _)| time.0 % ms == 0).unwrap_or(&(1, "ms", "ミリ秒"));
    match lang {
        Language::En => format!("{} {}", time.0 / whole.0, whole.1),
        Language::Ja => format!("{}{}", time.0 / whole.0, whole.2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_times_read_as_people_write_them() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345, "12,345"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(n), text);
        }
        for (time, en, ja) in [
            (Duration::days(7), "7 d", "7日"),
            (Duration::hours(36), "36 h", "36時間"),
            (Duration::minutes(90), "90 min", "90分"),
            (Duration(1_500), "1500 ms", "1500ミリ秒"),
        ] {
            assert_eq!((span(time, Language::En).as_str(), span(time, Language::Ja).as_str()), (en, ja));
        }
        assert_eq!(padded("対照群", 8), "対照群  ");
        assert_eq!(bar("07", 1, 100), "    07          1  #");
    }
}
