//! What the engine is told.

use noren_event::{Timestamp, Value};

/// One input as it crosses from a browser: texts are UTF-8, values are packed. [`Input`] says the same in owned values.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// Something happened.
    Event {
        /// The event's name.
        name: &'a [u8],
        /// Its properties.
        props: &'a [u8],
        /// For a `page_view` from here, what `page.*` reads from now on.
        page: &'a [u8],
        /// When it happened; later than `now` is taken as `now`.
        at: Timestamp,
        /// Whether it was made in this tab.
        here: bool,
    },
    /// See [`Input::Visible`].
    Visible,
    /// See [`Input::Hidden`].
    Hidden,
    /// See [`Input::Active`].
    Active,
    /// See [`Input::Leave`].
    Leave,
    /// See [`Input::PageEnd`].
    PageEnd,
    /// See [`Input::Facts`].
    Facts(&'a [u8]),
    /// See [`Input::Attributes`].
    Attributes(&'a [u8], &'a [u8]),
    /// A list of categories; anything else where no consent is asked.
    Consent(&'a [u8]),
    /// See [`Input::Widget`].
    Widget(&'a [u8], WidgetNews),
    /// See [`Input::Record`]; what happened is a number of [`crate::state::kind`].
    Record {
        /// The campaign's id.
        campaign: &'a [u8],
        /// What happened to it there.
        what: u8,
        /// When.
        at: Timestamp,
    },
    /// See [`Input::Tick`].
    Time,
}

/// Where an event was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In this tab: it may open decisions here.
    Here,
    /// In another tab of this device, or on a server: it is counted here, page patterns and decisions apart. The tab where it happened
    /// decides.
    Elsewhere,
}

/// What became of a widget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WidgetNews {
    /// The visitor closed it.
    Closed,
    /// The visitor followed it.
    Clicked,
    /// It could not be shown; its surface is free again.
    Failed,
    /// It was asked to leave and is gone.
    Retracted,
}

impl WidgetNews {
    /// The news of a number; numbers beyond the last are taken as it.
    pub fn of(number: u8) -> WidgetNews {
        match number {
            0 => WidgetNews::Closed,
            1 => WidgetNews::Clicked,
            2 => WidgetNews::Failed,
            _ => WidgetNews::Retracted,
        }
    }
}

/// One entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// Something happened. A `page_view` from here begins a page; its properties become `page.*`.
    Event {
        /// The event's name.
        name: Box<str>,
        /// Its properties.
        props: Value,
        /// When it happened; later than `now` is taken as `now`.
        at: Timestamp,
        /// Where.
        origin: Origin,
    },
    /// The document became visible.
    Visible,
    /// The document was hidden.
    Hidden,
    /// The visitor moved, typed, scrolled or touched.
    Active,
    /// The page is left: until the next `page_view` there is no document, so no surface.
    Leave,
    /// The page is over as far as anybody knows: time on it stops, and nothing else changes. A replayed log that ends without a leave ends
    /// its page so, because a visitor who was last heard of on a page is not known to have stayed.
    PageEnd,
    /// What is known of the visitor replaces what was: an object with `visitor`, `traits`, `segments`, `caps`...
    Facts(Value),
    /// One root of the attributes (`device`, `geo`, `page`...) is set as a whole.
    Attributes(Box<str>, Value),
    /// The consent categories granted now, or `None` where no consent is asked (mode `open`).
    Consent(Option<Vec<Box<str>>>),
    /// News of a widget, by campaign id.
    Widget(Box<str>, WidgetNews),
    /// Another tab of this device recorded something of a campaign that caps count.
    Record {
        /// The campaign's id.
        campaign: Box<str>,
        /// What happened to it there.
        what: noren_program::CapEvent,
        /// When.
        at: Timestamp,
    },
    /// Nothing but the passing of time.
    Tick,
}
