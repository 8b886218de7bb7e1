//! The attributes that conditions know by name, with the type of their values. What is not listed under an open root is free.

/// What a known attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Text,
    Flag,
    List,
    /// Whatever the site put there.
    Any,
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Kind::Number => "number",
            Kind::Text => "string",
            Kind::Flag => "boolean",
            Kind::List => "array",
            Kind::Any => "any",
        }
    }
}

/// Attributes that always exist under their name. Times are Unix milliseconds.
pub(crate) const KNOWN: [(&str, Kind); 24] = [
    ("visitor.visits", Kind::Number),
    ("visitor.purchases", Kind::Number),
    ("visitor.lifetime_value", Kind::Number),
    ("visitor.first_seen", Kind::Number),
    ("visitor.last_seen", Kind::Number),
    ("visitor.days_since_last_visit", Kind::Number),
    ("visitor.last_purchase", Kind::Number),
    ("visitor.coupons", Kind::List),
    ("session.page_views", Kind::Number),
    ("session.number", Kind::Number),
    ("session.started", Kind::Number),
    ("page.url", Kind::Text),
    ("page.path", Kind::Text),
    ("page.title", Kind::Text),
    ("page.referrer", Kind::Text),
    ("device.language", Kind::Text),
    ("device.mobile", Kind::Flag),
    ("device.touch", Kind::Flag),
    ("device.width", Kind::Number),
    ("geo.country", Kind::Text),
    ("geo.region", Kind::Text),
    ("cart.value", Kind::Number),
    ("cart.quantity", Kind::Number),
    ("segments", Kind::List),
];

/// Roots under which a site may put its own names.
const OPEN: [&str; 5] = ["page.", "geo.", "cart.", "traits.", "event."];

/// The kind of value at a path; `None` where no attribute can have that name.
pub(crate) fn kind(path: &str) -> Option<Kind> {
    if let Some((_, kind)) = KNOWN.iter().find(|(known, _)| *known == path) {
        return Some(*kind);
    }
    if path.strip_prefix("page.query.").is_some_and(|name| !name.is_empty()) {
        return Some(Kind::Text);
    }
    OPEN.iter().any(|root| path.strip_prefix(root).is_some_and(|rest| !rest.is_empty())).then_some(Kind::Any)
}
