//! The members that each part of a document can have. One table for the checker and for the test that holds the JSON Schema to it.

macro_rules! members {
    ($($name:ident = $schema:literal [$($member:literal)*];)*) => {
        $(pub(crate) const $name: &[&str] = &[$($member),*];)*
        /// Name in the schema's `$defs`, and the members there.
        #[cfg(test)]
        pub(crate) const ALL: &[(&str, &[&str])] = &[$(($schema, $name)),*];
    };
}

members! {
    CAMPAIGN = "campaign" ["$schema" "id" "name" "status" "audience" "trigger" "cancel" "delay" "wait" "priority" "surface" "consent"
        "schedule" "control" "seed" "variants" "group" "exclusive" "stop" "caps" "goal"];
    ON = "on" ["on" "where" "within"];
    COUNT = "count" ["event" "where" "distinct" "at_least" "within"];
    SUM = "sum" ["event" "where" "of" "at_least" "within"];
    EVERY = "every" ["event" "where" "times" "within"];
    SEQUENCE = "sequence" ["steps" "within" "without" "order" "same"];
    DWELL = "dwell" ["page" "time" "clock" "across"];
    ABSENT = "absent" ["event" "where" "for" "after"];
    OCCURS = "occurs" ["on" "where"];
    CANCEL = "cancel" ["on" "where" "hold"];
    SCHEDULE = "schedule" ["zone" "from" "until" "weekdays" "hours" "calendar"];
    CALENDAR = "calendar" ["closed" "open"];
    EXCLUSIVE = "exclusive" ["name" "share"];
    END = "end" ["date" "shows" "conversions"];
    SITE = "site" ["calendars" "holdout"];
    HOLDOUT = "holdout" ["share" "seed"];
    VARIANT = "variant" ["id" "weight" "action"];
    CAPS = "caps" ["again" "stop"];
    AGAIN = "again" ["after" "since" "clock"];
    STOP = "stop" ["times" "of" "within" "clock"];
    GOAL = "goal" ["on" "where" "within" "value"];
    POPUP = "popup" ["kind" "title" "body" "image" "buttons" "theme"];
    BAR = "bar" ["kind" "title" "body" "buttons" "theme" "position"];
    COUPON = "coupon" ["kind" "title" "body" "image" "buttons" "theme" "position" "coupon"];
    CHAT = "chat" ["kind" "title" "body" "buttons" "theme"];
    SLIDE = "slide" ["kind" "title" "body" "image" "buttons" "theme"];
    SURVEY = "survey" ["kind" "title" "body" "image" "theme" "position" "tab" "thanks" "survey"];
    QUESTIONS = "questions" ["id" "questions"];
    QUESTION = "question" ["name" "type" "ask" "required" "low" "high" "options" "many" "next"];
    OPTION = "option" ["value" "label"];
    NEXT = "next" ["is" "at_least" "at_most" "go"];
    COUNTDOWN = "countdown" ["kind" "title" "body" "buttons" "theme" "position" "ended" "countdown"];
    CLOCK = "clock" ["until" "minutes" "name"];
    INLINE = "inline" ["kind" "title" "body" "image" "buttons" "theme" "slot"];
    SLOT = "slot" ["at" "height"];
    RECOMMEND = "recommend" ["kind" "title" "body" "theme" "position" "slot" "items" "from"];
    ITEM = "item" ["id" "title" "url" "image" "note" "price" "currency"];
    PROOF = "proof" ["kind" "title" "body" "image" "buttons" "theme" "position" "slot" "count"];
    PAGE_COUNT = "pageCount" ["from" "minimum"];
    HTML = "html" ["kind" "title" "html" "theme" "position" "slot" "height"];
    BUTTON = "button" ["label" "action" "url"];
    IMAGE = "image" ["src" "alt" "width" "height"];
    POOL = "pool" ["pool"];
    THEME = "theme" ["accent" "background" "text" "radius"];
}

/// Keys that name a pattern.
pub(crate) const PATTERNS: &[&str] =
    &["on", "count", "sum", "every", "sequence", "dwell", "absent", "all", "any", "not"];
/// Kinds of widgets.
pub(crate) const KINDS: &[&str] =
    &["popup", "bar", "coupon", "chat", "slide", "survey", "countdown", "inline", "recommend", "proof", "html"];
/// Places on a page.
pub(crate) const SURFACES: &[&str] = &["modal", "top", "bottom", "corner"];
/// What caps look at.
pub(crate) const CAP_EVENTS: &[&str] = &["shown", "closed", "clicked", "converted"];
/// Whose records caps look at.
pub(crate) const CAP_CLOCKS: &[&str] = &["this", "any", "group", "others"];
/// Days of a week, from Monday.
pub(crate) const WEEKDAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// How a question is answered.
pub(crate) const QUESTION_TYPES: &[&str] = &["nps", "csat", "ces", "stars", "choice", "text"];
/// Roots of what texts can be filled with.
pub(crate) const VARIABLES: &[&str] = &["traits", "visitor"];
/// What a button does.
pub(crate) const BUTTON_ACTIONS: &[&str] = &["link", "close", "chat"];
