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
pub(crate) const KNOWN: [(&str, Kind); 53] = [
    ("visitor.visits", Kind::Number),
    ("visitor.purchases", Kind::Number),
    ("visitor.lifetime_value", Kind::Number),
    ("visitor.first_seen", Kind::Number),
    ("visitor.last_seen", Kind::Number),
    ("visitor.days_since_last_visit", Kind::Number),
    ("visitor.last_purchase", Kind::Number),
    ("visitor.coupons", Kind::List),
    ("visitor.days_since_first_visit", Kind::Number),
    ("visitor.days_since_last_purchase", Kind::Number),
    ("visitor.first_touch.source", Kind::Text),
    ("visitor.first_touch.medium", Kind::Text),
    ("visitor.first_touch.campaign", Kind::Text),
    ("visitor.first_touch.term", Kind::Text),
    ("visitor.first_touch.content", Kind::Text),
    ("visitor.first_touch.referrer", Kind::Text),
    ("visitor.first_touch.landing", Kind::Text),
    ("visitor.last_touch.source", Kind::Text),
    ("visitor.last_touch.medium", Kind::Text),
    ("visitor.last_touch.campaign", Kind::Text),
    ("visitor.last_touch.term", Kind::Text),
    ("visitor.last_touch.content", Kind::Text),
    ("visitor.last_touch.referrer", Kind::Text),
    ("visitor.last_touch.landing", Kind::Text),
    ("visitor.rfm.recency", Kind::Number),
    ("visitor.rfm.frequency", Kind::Number),
    ("visitor.rfm.money", Kind::Number),
    ("visitor.affinity", Kind::List),
    ("visitor.score", Kind::Number),
    ("visitor.score_band", Kind::Number),
    ("visitor.cart_items", Kind::List),
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
    ("device.type", Kind::Text),
    ("device.hour", Kind::Number),
    ("device.weekday", Kind::Number),
    ("geo.country", Kind::Text),
    ("geo.region", Kind::Text),
    ("geo.city", Kind::Text),
    ("geo.timezone", Kind::Text),
    ("geo.organization", Kind::Text),
    ("cart.value", Kind::Number),
    ("cart.quantity", Kind::Number),
    ("segments", Kind::List),
];

/// Roots under which a site may put its own names.
const OPEN: [&str; 6] = ["page.", "geo.", "cart.", "traits.", "event.", "visitor.answers."];

/// The kind of value at a path; `None` where no attribute can have that name.
pub(crate) fn kind(path: &str) -> Option<Kind> {
    if let Some((_, kind)) = KNOWN.iter().find(|(known, _)| *known == path) {
        return Some(*kind);
    }
    if path.strip_prefix("page.query.").is_some_and(|name| !name.is_empty()) {
        return Some(Kind::Text);
    }
    // Counted per event, scored per category, answered per question: the middle is the site's own word.
    let counted = path.strip_prefix("visitor.counts.").and_then(|rest| rest.rsplit_once('.'));
    if counted.is_some_and(|(event, window)| !event.is_empty() && matches!(window, "d7" | "d30" | "d90"))
        || path.strip_prefix("visitor.affinity_scores.").is_some_and(|category| !category.is_empty())
    {
        return Some(Kind::Number);
    }
    OPEN.iter().any(|root| path.strip_prefix(root).is_some_and(|rest| !rest.is_empty())).then_some(Kind::Any)
}

#[cfg(test)]
mod tests {
    use super::{Kind, kind};

    #[test]
    fn what_the_edge_tells_of_visitors_has_a_kind() {
        for (path, expected) in [
            ("visitor.first_touch.source", Some(Kind::Text)),
            ("visitor.last_touch.shoe", None),
            ("visitor.rfm.money", Some(Kind::Number)),
            ("visitor.affinity_scores.tea", Some(Kind::Number)),
            ("visitor.affinity_scores.", None),
            ("visitor.counts.view_item.d30", Some(Kind::Number)),
            ("visitor.counts.view_item.d31", None),
            ("visitor.counts.d7", None),
            ("visitor.counts.view_item", None),
            ("visitor.counts", None),
            ("visitor.answers.taste", Some(Kind::Any)),
            ("visitor.answers.", None),
            ("geo.organization", Some(Kind::Text)),
        ] {
            assert_eq!(kind(path), expected, "{path}");
        }
    }
}
