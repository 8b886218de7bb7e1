//! The bounds of a campaign document, each with its reason. The JSON Schema names the same numbers; a test compares them.

use noren_event::Duration;

/// Campaigns checked together: a site with more has stopped being one that people can oversee.
pub const CAMPAIGNS_MAX: usize = 10_000;
/// Findings kept for one campaign. A document that is wrong in more places is not the document that was meant.
pub const FINDINGS_MAX: usize = 200;

/// Ids of campaigns and variants: `[a-z0-9][a-z0-9_-]{0,63}`. They stand in addresses, event properties and file names.
pub const ID_MAX: usize = 64;
/// Characters of a campaign's name in one language: two lines of a list.
pub const NAME_MAX: usize = 100;
/// Characters of a widget's title: more than three lines on a telephone push the button off the screen.
pub const TITLE_MAX: usize = 120;
/// Characters of a widget's body.
pub const BODY_MAX: usize = 1_000;
/// Characters of a button's label.
pub const LABEL_MAX: usize = 60;
/// Characters of an image's alternative text.
pub const ALT_MAX: usize = 300;
/// Languages of one text.
pub const LANGUAGES_MAX: usize = 40;
/// Characters of a URL: what browsers and proxies carry without question.
pub const URL_MAX: usize = 2_048;
/// Characters of an event's name. GA4 allows 40; names mapped from elsewhere run longer.
pub const EVENT_MAX: usize = noren_event::names::NAME_MAX_CHARS;
/// Characters of an attribute's path.
pub const PATH_MAX: usize = 200;
/// Characters of a text that a condition compares with.
pub const LITERAL_MAX: usize = 1_000;
/// Elements of a list that a condition compares with: longer lists are segments, which the edge keeps.
pub const LIST_MAX: usize = 1_000;
/// UTF-16 units of a regular expression.
pub const REGEX_MAX: usize = 256;
/// How deep conditions and triggers nest.
pub const NESTING_MAX: u32 = noren_program::codec::NESTING_MAX;

/// Patterns in one trigger. Each keeps at most 800 bytes of state on the device: 16 KB at the worst, and real rules have under five.
pub const LEAVES_MAX: usize = 20;
/// Occurrences a count may ask for.
pub const COUNT_MAX: u16 = noren_program::codec::COUNT_MAX;
/// Longest window, absence, hold or cap: what the device's memory is kept for is 400 days (the life of a cookie in Chromium); patterns over
/// more than 90 days come from facts instead.
pub const WINDOW_MAX: Duration = Duration::days(90);
/// Steps of a sequence.
pub const STEPS_MAX: usize = noren_program::codec::STEPS_MAX;
/// Longest sequence. It lives in one session, and a session of a day is beyond what browsers keep open.
pub const SEQUENCE_MAX: Duration = Duration::hours(24);
/// Largest sum to reach: below 90 million million, doubles still count hundredths.
pub const SUM_MAX: f64 = 1e12;
/// Longest dwell: a page left open for longer is a forgotten tab.
pub const DWELL_MAX: Duration = Duration::hours(12);
/// Shortest absence: the two events need time to follow each other.
pub const ABSENT_MIN: Duration = Duration::seconds(1);
/// Longest delay and longest wait: an armed decision lives in the visit.
pub const DELAY_MAX: Duration = Duration::hours(24);
/// Longest cap, hold and goal window.
pub const CAP_TIME_MAX: Duration = Duration::days(400);
/// Events in a cancel list.
pub const CANCEL_MAX: usize = 10;
/// Lines in each list of caps.
pub const CAPS_MAX: usize = 10;
/// Times a stop rule may count to.
pub const CAP_TIMES_MAX: u16 = noren_program::codec::CAP_TIMES_MAX;
/// Highest priority.
pub const PRIORITY_MAX: u16 = 999;
/// Priority of a document that names none.
pub const PRIORITY_DEFAULT: u16 = 500;
/// Highest control share in per cent. All of it is a rehearsal: decisions are counted and nobody sees anything.
pub const CONTROL_MAX: u16 = 100;
/// Control share in per cent of a document that names none.
pub const CONTROL_DEFAULT: u16 = 10;
/// Variants of a campaign.
pub const VARIANTS_MAX: usize = 10;
/// Buttons of a widget.
pub const BUTTONS_MAX: usize = 3;
/// Questions of a survey: past ten few people finish one.
pub const QUESTIONS_MAX: usize = 10;
/// Characters of a question, of an option's label and of the words at the ends of a scale: what is read at a glance.
pub const ASK_MAX: usize = 200;
/// Options of a choice.
pub const OPTIONS_MAX: usize = 10;
/// Characters of an option's value: all ten (18 bytes each as packed) and a question's name of 64 stay within the 256 bytes that the edge
/// remembers of one answer.
pub const OPTION_MAX: usize = 16;
/// Ways on from a question.
pub const NEXT_MAX: usize = 12;
/// Longest countdown of a visitor's own, in minutes: a week.
pub const COUNTDOWN_MAX: u16 = 7 * 24 * 60;
/// Characters of a selector.
pub const SELECTOR_MAX: usize = 200;
/// Lowest slot or frame in CSS pixels: a line.
pub const SLOT_MIN: u16 = 24;
/// Highest slot in CSS pixels: a screen of a large telephone.
pub const SLOT_MAX: u16 = 1_000;
/// Items of a recommendation: past two dozen it is a page of its own.
pub const ITEMS_MAX: usize = 24;
/// Highest number that a count on a page must reach to be shown.
pub const PROOF_MAX: u16 = 10_000;
/// Characters of a widget's own HTML: a content is fetched before it is shown, and 16 KB are there within a frame or two.
pub const HTML_MAX: usize = 16_384;
/// Highest price of an item: below 90 million million, doubles still count hundredths.
pub const PRICE_MAX: f64 = SUM_MAX;
/// Contrast that text needs on its surface (WCAG 2.2, 1.4.3).
pub const CONTRAST_MIN: f64 = 4.5;
/// Contrast that a button's shape needs (WCAG 2.2, 1.4.11).
pub const CONTRAST_SHAPE_MIN: f64 = 3.0;
/// Ranges of hours in a schedule.
pub const HOURS_MAX: usize = 12;
/// Days in one list of a calendar, and in a site's calendar: as many as are compiled ahead.
pub const DATES_MAX: usize = 400;
/// Campaigns that do nothing now and may come back, of which a program has the ids so that devices keep what they remember: paused ones, by
/// the alphabet, then those taken out, the last ones first; past it they are forgotten. An id of 20 bytes takes 25: 2.5 KB at most, where a program of 100 live campaigns has some 18.
pub const PAUSED_MAX: usize = 100;
/// Calendars of a site.
pub const CALENDARS_MAX: usize = 100;
/// Highest share of a site's visitors that is held out of everything, in per cent. Comparing needs no more than half.
pub const HOLDOUT_MAX: u16 = 50;
/// Highest total that a campaign can stop at.
pub const STOP_MAX: u64 = 1_000_000_000;
/// A program is compiled again when it is known for less than this: half of [`ZONE_AHEAD`], so that a site may miss it for months.
pub const RENEW_BEFORE: Duration = Duration::days(200);
/// Earliest and latest year of a schedule.
pub const YEARS: (i16, i16) = (2000, 2100);
/// Side of an image in CSS pixels.
pub const IMAGE_MAX: u16 = 4_096;
/// Radius of a widget's corners in CSS pixels.
pub const RADIUS_MAX: u16 = 64;
/// How far ahead of the moment of compiling a zone's offsets are known.
pub const ZONE_AHEAD: Duration = Duration::days(400);
/// How deep segments may refer to each other.
pub const GROUP_DEPTH_MAX: usize = 16;
