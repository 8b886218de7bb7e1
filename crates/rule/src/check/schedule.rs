//! Schedules: a zone, an outer range and weekly hours, all in local time.

use super::Check;
use crate::ast::{Days, LocalTime, Schedule};
use crate::bounds::{DATES_MAX, HOURS_MAX, YEARS};
use crate::members as m;
use crate::read::{self, clip};
use crate::report::{Report, suggestion};
use jiff::tz::TimeZoneDatabase;
use noren_event::Value;

/// Minutes of a day and of a week.
pub(crate) const DAY: u16 = 1_440;
pub(crate) const WEEK: u16 = 7 * DAY;

pub(super) fn check(c: &mut Check, value: &Value) -> Option<Schedule> {
    let m = read::object(c.r, value, m::SCHEDULE)?;
    let zone = c.at(&m, "zone", |c, v| zone(c.r, v));
    let from = c.at(&m, "from", |c, v| local_time(c.r, v));
    let until = c.at(&m, "until", |c, v| local_time(c.r, v));
    let weekdays = c.at(&m, "weekdays", weekdays);
    let hours = c.at(&m, "hours", hours);
    let (closed, open) = c.at(&m, "calendar", calendar).unwrap_or_default();
    if weekdays.is_none() && !open.dates.is_empty() {
        c.r.at("calendar", |r| {
            r.at("open", |r| {
                r.warning(
                    "open_needless",
                    "Without \"weekdays\" every day is open already, so these days change nothing.",
                    "「weekdays」がなければ毎日が対象なので、この日付を書いても変わりません。",
                    r#""weekdays": ["mon", "tue", "wed", "thu", "fri"]"#,
                );
            });
        });
    }
    if let (Some(from), Some(until)) = (from, until)
        && from >= until
    {
        c.r.error(
            "schedule_never",
            "\"until\" is not after \"from\", so the campaign could never run.",
            "「until」が「from」より後になっていないため、一度も動きません。",
            "until after from",
        );
    }
    let weekly = weekly(weekdays.as_deref().unwrap_or_default(), hours.as_deref().unwrap_or_default());
    if let (Some(from), Some(until)) = (from, until)
        && from < until
        && !weekly.is_empty()
        && open.dates.is_empty()
        && !meets(&weekly, from, until)
    {
        c.r.error(
            "schedule_never",
            "No weekday and hour of the schedule falls between \"from\" and \"until\".",
            "「from」から「until」までのあいだに、当てはまる曜日・時間がありません。",
            "at least one moment",
        );
    }
    let hours = hours.unwrap_or_default();
    Some(Schedule { zone: zone.unwrap_or("UTC").into(), from, until, weekly, hours, closed, open })
}

/// The days of a calendar on which a campaign is closed, and on which it is open.
fn calendar(c: &mut Check, value: &Value) -> Option<(Days, Days)> {
    let m = read::object(c.r, value, m::CALENDAR)?;
    let closed = c.at(&m, "closed", days).unwrap_or_default();
    let open = c.at(&m, "open", days).unwrap_or_default();
    // A calendar of the site may grow a day after this document was written; closed wins then.
    let listed_here = closed.calendar.is_empty() && open.calendar.is_empty();
    if let Some(day) = open.dates.iter().find(|day| listed_here && closed.dates.contains(day)) {
        let day = format!("{:04}-{:02}-{:02}", day.year, day.month, day.day);
        c.r.error(
            "day_twice",
            format!("{day} is both closed and open."),
            format!("{day}が「closed」と「open」の両方にあります。"),
            "each day once",
        );
    }
    Some((closed, open))
}

/// A list of dates, or the name of one of the site's calendars.
fn days(c: &mut Check, value: &Value) -> Option<Days> {
    let Some(name) = value.as_str() else { return dates(c.r, value).map(|dates| Days { calendar: "".into(), dates }) };
    let known = &c.around.site.calendars;
    if let Some((_, dates)) = known.iter().find(|(n, _)| **n == *name) {
        return Some(Days { calendar: name.into(), dates: dates.clone() });
    }
    let names: Vec<&str> = known.iter().map(|(n, _)| &**n).collect();
    let (en, ja) = match suggestion(name, &names) {
        Some(meant) => (format!(" Did you mean \"{meant}\"?"), format!("「{meant}」のことですか。")),
        None => (
            " Write dates, or add it to the site's calendars.".into(),
            "日付を並べるか、サイトのカレンダーに追加してください。".into(),
        ),
    };
    c.r.error(
        "calendar_unknown",
        format!("The site has no calendar \"{}\".{en}", clip(name)),
        format!("「{}」というカレンダーはサイトにありません。{ja}", clip(name)),
        names.join(" "),
    );
    None
}

/// Dates like `2026-12-31`, ascending in what comes out, each once.
pub(super) fn dates(r: &mut Report, value: &Value) -> Option<Vec<LocalTime>> {
    let items = read::some_of(r, value, DATES_MAX)?;
    let days = r.each(items, |r, v| {
        let Some(text) = v.as_str() else {
            read::wrong_type(r, v, "string");
            return None;
        };
        let day = read_local_time(&format!("{text}T00:00"));
        if day.is_none() {
            r.error(
                "date_invalid",
                format!(
                    "\"{}\" is not a date. Write it like \"2026-12-31\", years {} to {}.",
                    clip(text),
                    YEARS.0,
                    YEARS.1
                ),
                format!(
                    "「{}」は日付として読めません。2026-12-31 のように書いてください({}年から{}年まで)。",
                    clip(text),
                    YEARS.0,
                    YEARS.1
                ),
                "2026-12-31",
            );
        }
        day
    });
    let mut days: Vec<LocalTime> = days.into_iter().flatten().collect();
    days.sort_unstable();
    if days.windows(2).any(|w| w.first() == w.last()) {
        r.error("day_twice", "A day is written twice.", "同じ日が2回書かれています。", "each day once");
    }
    days.dedup();
    Some(days)
}

fn zone<'v>(r: &mut Report, value: &'v Value) -> Option<&'v str> {
    let name = read::line(r, value, 64)?;
    let db = TimeZoneDatabase::bundled();
    if db.get(name).is_ok() {
        return Some(name);
    }
    let names: Vec<String> = db.available().map(|n| n.as_str().to_string()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    // A city alone is what people remember of a zone's name.
    let city = names.iter().copied().find(|n| n.rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case(name)));
    let lower: Vec<String> = names.iter().map(|n| n.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    let close = suggestion(name, &lower).and_then(|s| names.iter().copied().find(|n| n.eq_ignore_ascii_case(s)));
    let (en, ja) = match city.or(close) {
        Some(meant) => (format!(" Did you mean \"{meant}\"?"), format!("「{meant}」のことですか。")),
        None => (" Write one like \"Asia/Tokyo\".".into(), "Asia/Tokyo のように書いてください。".into()),
    };
    r.error(
        "zone_unknown",
        format!("There is no time zone \"{}\".{en}", clip(name)),
        format!("「{}」というタイムゾーンはありません。{ja}", clip(name)),
        "Asia/Tokyo",
    );
    None
}

/// `2026-11-01T00:00`, with 24:00 for the end of a day.
pub(super) fn local_time(r: &mut Report, value: &Value) -> Option<LocalTime> {
    let Some(text) = value.as_str() else {
        read::wrong_type(r, value, "string");
        return None;
    };
    let parsed = read_local_time(text);
    if parsed.is_none() {
        r.error(
            "date_invalid",
            format!(
                "\"{}\" is not a local time. Write it like \"2026-11-01T09:00\" (00:00 to 24:00), years {} to {}.",
                clip(text),
                YEARS.0,
                YEARS.1
            ),
            format!(
                "「{}」は日時として読めません。2026-11-01T09:00 のように書いてください({}年から{}年まで、24:00も可)。",
                clip(text),
                YEARS.0,
                YEARS.1
            ),
            "2026-11-01T09:00",
        );
    }
    parsed
}

fn read_local_time(text: &str) -> Option<LocalTime> {
    let (date, time) = text.split_once('T')?;
    let mut parts = date.split('-');
    let mut number = |len: usize| -> Option<i16> {
        let part = parts.next()?;
        (part.len() == len && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some() || !(YEARS.0..=YEARS.1).contains(&year) {
        return None;
    }
    let mut date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let mut minutes = minute_of_day(time)?;
    if minutes == DAY {
        date = date.tomorrow().ok()?;
        minutes = 0;
    }
    Some(LocalTime {
        year: date.year(),
        month: date.month(),
        day: date.day(),
        hour: i8::try_from(minutes / 60).ok()?,
        minute: i8::try_from(minutes % 60).ok()?,
    })
}

/// Whether a text is a local time with its distance from UTC after it: `Z`, or up to `+14:00` (no clock on earth is further off).
pub(super) fn is_moment(text: &str) -> bool {
    let local = match text.strip_suffix('Z') {
        Some(local) => Some(local),
        None => text.rfind(['+', '-']).and_then(|at| {
            let (local, offset) = text.split_at_checked(at)?;
            let minutes = minute_of_day(offset.get(1..)?)?;
            (minutes <= 14 * 60).then_some(local)
        }),
    };
    local.is_some_and(|local| read_local_time(local).is_some())
}

/// `HH:MM` from 00:00 to 24:00.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.split_once(':')?;
    let two = |s: &str| (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<u16>().ok())?;
    let (hour, minute) = (two(hour)?, two(minute)?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

/// Days from Monday, each once, ascending.
fn weekdays(c: &mut Check, value: &Value) -> Option<Vec<u16>> {
    let items = read::some_of(c.r, value, 7)?;
    let days = c.each(items, |c, v| {
        let word = read::word(c.r, v, m::WEEKDAYS)?;
        m::WEEKDAYS.iter().position(|d| *d == word).and_then(|i| u16::try_from(i).ok())
    });
    let mut days: Vec<u16> = days.into_iter().flatten().collect();
    days.sort_unstable();
    if days.windows(2).any(|w| w.first() == w.last()) {
        c.r.error("day_twice", "A weekday is written twice.", "同じ曜日が2回書かれています。", "each day once");
    }
    days.dedup();
    Some(days)
}

/// Ranges of a day, ascending and disjoint.
fn hours(c: &mut Check, value: &Value) -> Option<Vec<(u16, u16)>> {
    let items = read::some_of(c.r, value, HOURS_MAX)?;
    let ranges = c.each(items, |c, v| {
        let text = read::line(c.r, v, 20)?;
        let range = text.split_once('-').and_then(|(a, b)| Some((minute_of_day(a)?, minute_of_day(b)?)));
        match range {
            None => {
                c.r.error(
                    "hours_invalid",
                    format!("\"{}\" is not a range of hours. Write it like \"09:00-18:00\".", clip(text)),
                    format!("「{}」は時間帯として読めません。09:00-18:00 のように書いてください。", clip(text)),
                    "09:00-18:00",
                );
                None
            }
            Some((from, until)) if from >= until => {
                c.r.error(
                    "hours_inverted",
                    format!("\"{text}\" ends before it begins. For hours over midnight write two ranges: \"22:00-24:00\" and \"00:00-05:00\"."),
                    format!("「{text}」は終わりが始まりより前です。日をまたぐときは 22:00-24:00 と 00:00-05:00 の2つに分けてください。"),
                    "09:00-18:00",
                );
                None
            }
            range => range,
        }
    });
    let mut ranges: Vec<(u16, u16)> = ranges.into_iter().flatten().collect();
    ranges.sort_unstable();
    if ranges.iter().zip(ranges.iter().skip(1)).any(|(a, b)| b.0 < a.1) {
        c.r.error(
            "hours_overlap",
            "Ranges of hours overlap. Write one range instead.",
            "時間帯が重なっています。1つにまとめてください。",
            "ranges that do not overlap",
        );
    }
    Some(ranges)
}

/// Days and hours as ranges of a week, neighbours joined; empty where that is the whole week.
fn weekly(days: &[u16], hours: &[(u16, u16)]) -> Vec<(u16, u16)> {
    if days.is_empty() && hours.is_empty() {
        return Vec::new();
    }
    let every = [0, 1, 2, 3, 4, 5, 6];
    let days = if days.is_empty() { &every[..] } else { days };
    let whole = [(0, DAY)];
    let hours = if hours.is_empty() { &whole[..] } else { hours };
    let mut ranges: Vec<(u16, u16)> = Vec::new();
    for day in days {
        for (from, until) in hours {
            let (from, until) = (day * DAY + from, day * DAY + until);
            match ranges.last_mut() {
                Some(last) if last.1 >= from => last.1 = last.1.max(until),
                _ => ranges.push((from, until)),
            }
        }
    }
    if ranges == [(0, WEEK)] { Vec::new() } else { ranges }
}

/// Whether some minute of the weekly ranges lies in `[from, until)`.
fn meets(weekly: &[(u16, u16)], from: LocalTime, until: LocalTime) -> bool {
    let (Some(a), Some(b)) = (date_time(from), date_time(until)) else { return true };
    let minutes = b.duration_since(a).as_secs() / 60;
    if minutes >= i64::from(WEEK) {
        return true;
    }
    let weekday = i64::from(a.weekday().to_monday_zero_offset());
    let start = weekday * i64::from(DAY) + i64::from(from.hour) * 60 + i64::from(from.minute);
    // The range may run over the end of the week, so look at this week and the next.
    [0, i64::from(WEEK)].iter().any(|shift| {
        weekly.iter().any(|(f, u)| i64::from(*f) + shift < start + minutes && i64::from(*u) + shift > start)
    })
}

/// As the zone library has it.
pub(crate) fn date_time(t: LocalTime) -> Option<jiff::civil::DateTime> {
    jiff::civil::DateTime::new(t.year, t.month, t.day, t.hour, t.minute, 0, 0).ok()
}
