//! Where a visitor came from: the first time, and the last time that was not by a bookmark or a typed address.

use noren_event::Value;

use crate::session::Sessions;
use crate::stamp::Stamp;

/// Arrivals kept beside the first: of more than this many, only the latest. Referrals in the middle of a session (the way back from a payment
/// page) take places without counting, and nobody pays eight times without arriving anew. At most 1 KB each.
pub const ARRIVALS_MAX: usize = 8;

/// Longest campaign parameter kept, in bytes; longer ones are cut.
pub const PARAMETER_MAX_BYTES: usize = 100;

/// Longest address kept, in bytes, without its query; longer ones are cut.
pub const ADDRESS_MAX_BYTES: usize = 200;

/// Hosts whose referrals are searches: a label of the host equals one of these.
const SEARCH_ENGINES: [&str; 8] = ["google", "bing", "yahoo", "duckduckgo", "baidu", "naver", "yandex", "ecosia"];

/// One arrival. Empty text is what was not said.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Touch {
    /// `utm_source`; else the referrer's host without `www.`, or the search engine's name; `(direct)` without either.
    pub source: Box<str>,
    /// `utm_medium`; else `organic` (a search engine), `referral`, or `(none)`.
    pub medium: Box<str>,
    /// `utm_campaign`.
    pub campaign: Box<str>,
    /// `utm_term`.
    pub term: Box<str>,
    /// `utm_content`.
    pub content: Box<str>,
    /// Address of the page that led here, without query and fragment; empty within the site.
    pub referrer: Box<str>,
    /// Path of the page that was reached.
    pub landing: Box<str>,
}

/// How somebody arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By an address with campaign parameters.
    Campaign,
    /// From another site.
    Referral,
    /// Neither: typed, a bookmark, or from within the site.
    Direct,
}

/// The arrivals of one part. Both registers keep what stands first and last by stamp, so the order events come in changes nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Touches {
    /// The first page view, however it came about.
    pub first: Option<(Stamp, Touch)>,
    /// The latest arrivals that were not direct, ascending; `true` for those with campaign parameters.
    pub latest: Vec<(Stamp, Touch, bool)>,
}

impl Touches {
    /// Take note of a page view.
    pub fn page_view(&mut self, props: &Value, stamp: &Stamp) {
        let (how, touch) = Touch::of(props);
        if how != How::Direct {
            let place = self.latest.partition_point(|(s, _, _)| s < stamp);
            self.latest.insert(place, (stamp.clone(), touch.clone(), how == How::Campaign));
            if self.latest.len() > ARRIVALS_MAX {
                self.latest.remove(0);
            }
        }
        if self.first.as_ref().is_none_or(|(first, _)| stamp < first) {
            self.first = Some((stamp.clone(), touch));
        }
    }

    /// The last arrival that counts: with campaign parameters at any time, from another site only where it began a session. Without one,
    /// the first page view.
    pub fn last(&self, sessions: &Sessions) -> Option<(&Stamp, &Touch)> {
        let counts = self.latest.iter().rev().find(|(stamp, _, campaign)| *campaign || sessions.begins(stamp.at));
        counts.map(|(stamp, touch, _)| (stamp, touch)).or(self.first.as_ref().map(|(stamp, touch)| (stamp, touch)))
    }
}

impl Touch {
    /// The arrival that a page view's properties tell of.
    pub fn of(props: &Value) -> (How, Touch) {
        let text = |key: &str| props.get(key).and_then(Value::as_str).unwrap_or_default();
        let location = text("page_location");
        let path = match text("page_path") {
            "" => path_of(location),
            path => path,
        };
        let mut touch = Touch { landing: cut(path, ADDRESS_MAX_BYTES), ..Touch::default() };
        let query = location.split_once('?').map_or("", |(_, query)| query.split('#').next().unwrap_or_default());
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let slot = match name {
                "utm_source" => &mut touch.source,
                "utm_medium" => &mut touch.medium,
                "utm_campaign" => &mut touch.campaign,
                "utm_term" => &mut touch.term,
                "utm_content" => &mut touch.content,
                _ => continue,
            };
            // Of a repeated parameter the first stands.
            if slot.is_empty() {
                *slot = cut(&decoded(value), PARAMETER_MAX_BYTES);
            }
        }
        let tagged = !(touch.source.is_empty() && touch.medium.is_empty() && touch.campaign.is_empty());
        let referrer = text("page_referrer");
        let (from, to) = (host_of(referrer), host_of(location));
        let outside = !from.is_empty() && !is_same_site(&from, &to);
        if outside {
            let bare = referrer.split(['?', '#']).next().unwrap_or_default();
            touch.referrer = cut(bare, ADDRESS_MAX_BYTES);
        }
        let how = match (tagged, outside) {
            (true, _) => How::Campaign,
            (false, true) => How::Referral,
            (false, false) => How::Direct,
        };
        let (source, medium) = match how {
            How::Campaign => ("", ""),
            How::Referral => match from.split('.').find(|label| SEARCH_ENGINES.contains(label)) {
                Some(engine) => (engine, "organic"),
                None => (from.as_str(), "referral"),
            },
            How::Direct => ("(direct)", "(none)"),
        };
        if how != How::Campaign {
            (touch.source, touch.medium) = (cut(source, PARAMETER_MAX_BYTES), medium.into());
        }
        (how, touch)
    }
}

/// Host of an address: small letters, without `www.`, user and port. Empty where there is none.
fn host_of(address: &str) -> String {
    let Some((_, rest)) = address.split_once("://") else { return String::new() };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().to_ascii_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).into()
}

/// Path of an address: `/` where it names none.
fn path_of(address: &str) -> &str {
    let Some((_, rest)) = address.split_once("://") else { return "" };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/")
}

/// Whether two hosts are one site: the same, or one below the other (`shop.example` and `pay.shop.example`).
fn is_same_site(a: &str, b: &str) -> bool {
    let below = |a: &str, b: &str| a.strip_suffix(b).is_some_and(|rest| rest.ends_with('.'));
    a == b || below(a, b) || below(b, a)
}

/// At most `most` bytes of a text, whole characters.
pub(crate) fn cut(text: &str, most: usize) -> Box<str> {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text).into()
}

/// A query's value with `+` and `%XX` undone; what is no UTF-8 then becomes U+FFFD.
fn decoded(text: &str) -> String {
    let digit = |b: Option<&u8>| b.and_then(|b| char::from(*b).to_digit(16)).map(|d| d as u8);
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (first, digit(after.first()), digit(after.get(1))) {
            (b'%', Some(high), Some(low)) => {
                rest = after.get(2..).unwrap_or_default();
                high * 16 + low
            }
            (b'+', _, _) => b' ',
            (other, _, _) => *other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use noren_event::Timestamp;

    fn view(location: &str, referrer: &str) -> Value {
        Value::map([("page_location", location.into()), ("page_referrer", referrer.into())])
    }

    fn said(location: &str, referrer: &str) -> String {
        let (_, t) = Touch::of(&view(location, referrer));
        format!("{}/{}/{}/{}/{} {} {}", t.source, t.medium, t.campaign, t.term, t.content, t.referrer, t.landing)
    }

    #[test]
    fn where_an_arrival_came_from() {
        for (location, referrer, expected) in [
            ("https://shop.example/", "", "(direct)/(none)///  /"),
            ("https://shop.example", "https://www.shop.example/a", "(direct)/(none)///  /"),
            ("https://www.shop.example/b", "https://pay.shop.example:8443/a", "(direct)/(none)///  /b"),
            (
                "https://shop.example/a?x=1",
                "https://www.Blog.example/p?q=1#f",
                "blog.example/referral/// https://www.Blog.example/p /a",
            ),
            ("https://shop.example/", "https://www.google.co.jp/", "google/organic/// https://www.google.co.jp/ /"),
            (
                "https://shop.example/?utm_source=news&utm_medium=e%2Dmail&utm_campaign=%E6%98%A5+1&utm_term=t&utm_content=c&utm_source=x#utm_medium=y",
                "",
                "news/e-mail/春 1/t/c  /",
            ),
            ("https://shop.example/?utm_campaign=c", "https://a.example/", "//c// https://a.example/ /"),
            ("https://shop.example/?utm_term=t", "", "(direct)/(none)//t/  /"),
            ("https://notshop.example/", "https://shop.example/", "shop.example/referral/// https://shop.example/ /"),
            ("", "", "(direct)/(none)///  "),
            ("https://shop.example/?utm_source=%zz%e", "", "%zz%e////  /"),
        ] {
            assert_eq!(said(location, referrer), expected, "{location} from {referrer}");
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let (_, touch) = Touch::of(&view(&format!("https://a.example/?utm_source={}", "茶".repeat(99)), ""));
        assert_eq!(&*touch.source, "茶".repeat(33));
    }

    #[test]
    fn the_way_back_from_a_payment_page_is_no_arrival() {
        let (mut touches, mut sessions) = (Touches::default(), Sessions::default());
        let pages = [
            (0, "https://shop.example/", "https://blog.example/"),
            (10, "https://shop.example/thanks", "https://pay.example/"),
            (100, "https://shop.example/", ""),
            (110, "https://shop.example/thanks", "https://pay.example/"),
        ];
        for (minute, location, referrer) in pages {
            let at = Timestamp(minute * 60_000);
            sessions.insert(at);
            touches.page_view(&view(location, referrer), &Stamp { at, stream: "s".into(), n: 0 });
        }
        assert_eq!(&*touches.last(&sessions).unwrap().1.source, "blog.example");
        let at = Timestamp(200 * 60_000);
        sessions.insert(at);
        touches.page_view(&view("https://shop.example/?utm_source=mail", ""), &Stamp { at, ..Stamp::default() });
        assert_eq!(&*touches.last(&sessions).unwrap().1.source, "mail");
        assert_eq!(&*touches.first.unwrap().1.source, "blog.example");
    }
}
