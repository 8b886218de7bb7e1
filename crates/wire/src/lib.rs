//! Every serialized boundary, versioned: page to edge, edge to console, object to object, stored state.
//!
//! A derive here is a promise to someone else; the core has none. Reading order: [`platform`] (what Cloudflare allows), [`bounds`], [`error`], [`routes`] (every address), [`sync`], [`coupon`],
//! [`chat`], [`ingest`] (others' clients), [`admin`], [`keys`], then what never leaves the edge: [`inner`] (object to object) and [`stored`] (what lies in an object's rows).
//! [`value`] and [`part`] convert to and from the core by hand; [`surrogate`] mends what JavaScript takes for text and nobody else does. `js/shared/wire.ts` and `docs/openapi.json` are
//! written from these types by tests.

pub mod admin;
pub mod bounds;
pub mod chat;
pub mod coupon;
pub mod error;
pub mod ingest;
pub mod inner;
pub mod keys;
pub mod part;
pub mod platform;
pub mod privacy;
pub mod routes;
pub mod stored;
pub mod surrogate;
pub mod sync;
pub mod value;

#[cfg(test)]
mod openapi;
#[cfg(test)]
mod typescript;

/// The version of the page's protocol that this code speaks. Older ones down to [`PROTOCOL_OLDEST`] are answered too.
pub const PROTOCOL: u32 = 1;

/// The oldest protocol still answered.
pub const PROTOCOL_OLDEST: u32 = 1;
