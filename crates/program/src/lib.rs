//! The compiled form of a site's live campaigns: what `rule` writes and `engine` reads.
//!
//! A [`Program`] is plain data with a compact, versioned byte form. It knows nothing of documents, diagnostics or time zones' names
//! (`rule` compiled those away) and nothing of visitors (that is the engine's state). An engine runs from an [`Image`], the bytes where they
//! lie. Reading order: [`campaign`], [`cond`], [`codec`], [`image`].

pub mod campaign;
pub mod codec;
pub mod cond;
pub mod image;

pub use campaign::{
    Arm, Campaign, Cancel, CapEvent, Caps, Clock, Goal, Hold, Leaf, Node, Occurs, Order, Place, PlaceKind, Program,
    Reach, Schedule, ShowAgain, StopAfter, Surface, Variant, Whose, Window, Zone,
};
pub use cond::{Cond, CondId, Test};
pub use image::Image;
