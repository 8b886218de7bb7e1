//! What the engine answers.

use noren_event::Timestamp;

/// How an opened decision ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The visitor is treated: the widget is to be shown.
    Shown,
    /// The visitor is in the control share: nothing is shown, and it counts.
    Control,
    /// A gate stopped it.
    Suppressed,
}

impl Outcome {
    /// The word of event lines and reports.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Shown => "shown",
            Outcome::Control => "control",
            Outcome::Suppressed => "suppressed",
        }
    }
}

/// The gates of a decision. In order, but for `Unknown`, which stands before all, and for two that are asked between `Audience` and `Caps`: `Holdout` and `Exclusive`. `Cancel` and
/// `Republished` are not stops of an opened decision but ends of an armed one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Gate {
    Schedule,
    Consent,
    Audience,
    Caps,
    Priority,
    Surface,
    Cancel,
    Republished,
    Holdout,
    Exclusive,
    /// It could not be told, since the page began, whether one of the campaign's conditions holds.
    Unknown,
}

impl Gate {
    /// All of them, each at its number.
    pub const ALL: [Gate; 11] = [
        Gate::Schedule,
        Gate::Consent,
        Gate::Audience,
        Gate::Caps,
        Gate::Priority,
        Gate::Surface,
        Gate::Cancel,
        Gate::Republished,
        Gate::Holdout,
        Gate::Exclusive,
        Gate::Unknown,
    ];

    /// The gate of a number, among those that a decision can wait behind.
    pub fn awaited(number: u8) -> Option<Gate> {
        match number {
            4 => Some(Gate::Priority),
            5 => Some(Gate::Surface),
            _ => None,
        }
    }

    /// The word of event lines and reports. A browser has them by number, as `js/agent/gates.ts` lists them.
    pub fn word(self) -> &'static str {
        match self {
            Gate::Schedule => "schedule",
            Gate::Consent => "consent",
            Gate::Audience => "audience",
            Gate::Caps => "caps",
            Gate::Priority => "priority",
            Gate::Surface => "surface",
            Gate::Cancel => "cancel",
            Gate::Republished => "republished",
            Gate::Holdout => "holdout",
            Gate::Exclusive => "exclusive",
            Gate::Unknown => "unknown",
        }
    }
}

/// What the engine did, in numbers of its program: what a browser writes out. [`Effect`] says the same in words.
#[derive(Clone, Debug)]
pub struct Act {
    /// What.
    pub what: What,
    /// When: the moment of the event, or the moment the deadline was due.
    pub at: Timestamp,
    /// The campaign's id.
    pub campaign: Vec<u8>,
    /// Its number, or one beyond all for a campaign the program no longer holds.
    pub number: u32,
    /// The variant's number, [`crate::state::CONTROL`] for control; 0 where there is none.
    pub variant: u32,
}

/// Kinds of [`Act`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A decision that a gate stopped.
    Suppressed(Gate),
    /// A decision that reached its arm.
    Exposed,
    /// See [`Effect::Show`].
    Show,
    /// See [`Effect::Retract`].
    Retract,
    /// See [`Effect::Prefetch`].
    Prefetch,
    /// See [`Effect::Converted`].
    Converted,
}

/// One opened decision and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When: the moment of the event, or the moment the deadline was due.
    pub at: Timestamp,
    /// The campaign's id.
    pub campaign: Box<str>,
    /// The variant's id where one was assigned, `control` for control, empty when a gate stopped it before.
    pub variant: Box<str>,
    /// The end.
    pub outcome: Outcome,
    /// The gate that stopped it; none for `Shown` and `Control`.
    pub gate: Option<Gate>,
    /// The campaign's phase at that moment.
    pub phase: u32,
}

/// What the host is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Record a decision: an exposure for `Shown` and `Control`.
    Decision(Decision),
    /// Show a variant. Always follows the decision that says so.
    Show {
        /// The campaign's id.
        campaign: Box<str>,
        /// The variant's id.
        variant: Box<str>,
    },
    /// Take a widget down, unless the visitor is in it.
    Retract {
        /// The campaign's id.
        campaign: Box<str>,
    },
    /// Content will be wanted soon: all gates but the last pass and one step or ten seconds remain.
    Prefetch {
        /// The campaign's id.
        campaign: Box<str>,
        /// The variant's id that assignment will give.
        variant: Box<str>,
    },
    /// The goal of a campaign the visitor was exposed to was reached.
    Converted {
        /// The campaign's id.
        campaign: Box<str>,
    },
}
