//! Who is a machine: of them nothing is kept or counted.
//!
//! Two lists of words, looked for in the `User-Agent` without regard to case, and the platform's own score where it gives one. A list errs on the
//! side of people: what says it is a browser is taken for one.

/// Crawlers, previewers and monitors: they name themselves.
const CRAWLERS: [&str; 22] = [
    "bot/",
    "bot;",
    "-bot",
    "googlebot",
    "bingbot",
    "crawler",
    "spider",
    "slurp",
    "facebookexternalhit",
    "whatsapp/",
    "embedly",
    "pinterest/0",
    "bytespider",
    "petalbot",
    "yeti/",
    "mediapartners-google",
    "adsbot",
    "google-inspectiontool",
    "lighthouse",
    "pagespeed",
    "pingdom",
    "uptimerobot",
];

/// Programs that drive a browser or speak HTTP by themselves: machines on a real site, and what tests are made of on a development server.
const DRIVERS: [&str; 12] = [
    "headless",
    "phantomjs",
    "electron",
    "curl/",
    "wget/",
    "python-",
    "node",
    "undici",
    "go-http-client",
    "java/",
    "axios/",
    "okhttp",
];

/// Below it the platform takes a request for a machine's: its score goes from 1 to 99, and under 30 is what its own documentation calls
/// likely automated.
const LIKELY_BELOW: f64 = 30.0;

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The `User-Agent`, empty for none.
    pub agent: &'a str,
    /// The platform's score, where it has one.
    pub score: Option<f64>,
    /// This is a development server, asked on its own machine: what drives a browser there is a test.
    pub tests: bool,
}

/// Whether it is a machine.
pub fn is_bot(asker: Asker) -> bool {
    let agent = asker.agent.to_ascii_lowercase();
    let names = |words: &[&str]| words.iter().any(|word| agent.contains(word));
    names(&CRAWLERS)
        || !asker.tests
            && (agent.is_empty() || names(&DRIVERS) || asker.score.is_some_and(|score| score < LIKELY_BELOW))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_are_told_from_people() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";
        let headless = chrome.replace("Chrome", "HeadlessChrome");
        let rows = [
            (chrome, None, false, false),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1",
                None,
                false,
                false,
            ),
            (
                "Mozilla/5.0 (Linux; Android 9; CUBOT X19) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36",
                None,
                false,
                false,
            ),
            (chrome, Some(30.0), false, false),
            (chrome, Some(29.0), true, false),
            (&headless, None, true, false),
            ("", None, true, false),
            ("node", None, true, false),
            ("curl/8.5.0", None, true, false),
            ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", None, true, true),
            ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", None, true, true),
            ("facebookexternalhit/1.1", Some(99.0), true, true),
        ];
        for (agent, score, machine, in_tests) in rows {
            assert_eq!(is_bot(Asker { agent, score, tests: false }), machine, "{agent} {score:?}");
            assert_eq!(
                is_bot(Asker { agent, score, tests: true }),
                in_tests,
                "{agent} {score:?} on a development server"
            );
        }
    }
}
