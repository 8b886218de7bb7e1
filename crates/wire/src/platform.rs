//! What the platform allows: every limit of Cloudflare's that this code relies on, in one place. Local runtimes enforce almost none of them, so tests
//! count against these: the database of native tests refuses what the platform's would, and what is bounded by constants of ours is held to them.
//!
//! Pages: `developers.cloudflare.com/durable-objects/platform/limits` (objects, SQL), `/workers/platform/limits` (requests, script, memory),
//! `/durable-objects/best-practices/websockets` (attachments); read in stored copies on 2026-11-22. Where copies of different age differ the
//! smaller value stands here, and the newer one beside it. For the paid plan, unless a name says otherwise.

/// Largest text, blob or row of a table: 2 MB.
pub const ROW_MAX_BYTES: usize = 2_000_000;

/// Longest SQL statement: 100 KB.
pub const STATEMENT_MAX_BYTES: usize = 100_000;

/// Most parameters bound to one statement.
pub const BOUND_PARAMETERS_MAX: usize = 100;

/// Most columns of a table.
pub const COLUMNS_MAX: usize = 100;

/// What one object may store: 10 GB.
pub const OBJECT_MAX_BYTES: u64 = 10_000_000_000;

/// Memory of an isolate, which may serve many requests and objects of a class at once: 128 MB.
pub const ISOLATE_MAX_BYTES: usize = 128_000_000;

/// Largest message that a socket receives. It was 1 MiB until October 2025; 32 MiB since.
pub const MESSAGE_MAX_BYTES: usize = 1024 * 1024;

/// Largest attachment that a socket keeps while its object sleeps.
pub const ATTACHMENT_MAX_BYTES: usize = 2_048;

/// Most requests that one request may make, to objects too; 10,000 since 2026. The free plan has 50, which a delivery of
/// a full outbox exceeds: it needs the paid one.
pub const SUBREQUESTS_MAX: usize = 1_000;

/// Largest body of a request, on the smallest of the plans: 100 MB.
pub const BODY_MAX_BYTES: usize = 100_000_000;

/// Longest address of a request: 16 KB.
pub const ADDRESS_MAX_BYTES: usize = 16_000;

/// All headers of a request or an answer together: 32 KB; 128 KB since 2025.
pub const HEADERS_MAX_BYTES: usize = 32_000;

/// Processor time of a request to the Worker or an object, by default: 30 s. The free plan has 10 ms.
pub const CPU_MAX_MS: u64 = 30_000;

/// Alarms of an object.
pub const ALARMS_MAX: usize = 1;

/// The script, gzipped, on the free plan: 3 MB. The paid plan takes 10 MB.
pub const SCRIPT_FREE_MAX_BYTES: u64 = 3 * 1024 * 1024;

/// What browsers take of one cookie, name, value and attributes together: 4,096 bytes (RFC 6265, section 6.1).
pub const COOKIE_MAX_BYTES: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bounds::*;

    #[test]
    fn what_is_taken_in_fits_what_holds_it() {
        for (what, bytes, most) in [
            ("a sync's body", SYNC_BODY_MAX_BYTES, BODY_MAX_BYTES),
            ("a body of the console", ADMIN_BODY_MAX_BYTES, BODY_MAX_BYTES),
            ("a body of others' clients", INGEST_BODY_MAX_BYTES, BODY_MAX_BYTES),
            ("a program or content, its hash and columns", BLOB_MAX_BYTES + 1_000, ROW_MAX_BYTES),
            ("a site's document", SITE_DOCUMENT_MAX_BYTES, ROW_MAX_BYTES),
            // Escapes at worst double a text.
            ("a campaign's document", 2 * DOCUMENT_MAX_BYTES, ROW_MAX_BYTES),
            // One event more than the bound may be in a row, and twice as large where it was reported.
            ("a chunk of events", CHUNK_MAX_BYTES + 2 * EVENT_MAX_BYTES + 1_000, ROW_MAX_BYTES),
            ("records of a page of nobody", 1_250 * PASSING_RECORDS_MAX, ROW_MAX_BYTES),
            ("news of a device", NEWS_MAX * NEWS_EVENT_MAX_BYTES, ROW_MAX_BYTES / 10),
            ("parts in an answer", NEWS_MAX_BYTES, ISOLATE_MAX_BYTES / 10),
            ("a frame of a socket", FRAME_MAX_BYTES, MESSAGE_MAX_BYTES),
            ("a history of 500 messages", HISTORY_MAX * CHAT_TEXT_MAX_CHARS * 4, ISOLATE_MAX_BYTES / 10),
            ("velocities of a pool", VELOCITY_MAX * 100, ISOLATE_MAX_BYTES / 10),
        ] {
            assert!(bytes <= most, "{what}: {bytes} of {most}");
        }
        let intake = INTAKE_WAITING_MAX as u64 * ROW_MAX_BYTES as u64;
        let pool = POOL_CODES_MAX * 200;
        assert!(intake <= OBJECT_MAX_BYTES / 10 && pool <= OBJECT_MAX_BYTES / 10, "{intake} {pool}");
    }

    #[test]
    fn the_script_is_held_to_the_smaller_plan() {
        let budgets = concat!(env!("CARGO_MANIFEST_DIR"), "/../../budgets.json");
        let budgets: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(budgets).unwrap()).unwrap();
        let budget = budgets.pointer("/artefacts/worker/gzip").and_then(serde_json::Value::as_u64);
        assert_eq!(budget, Some(SCRIPT_FREE_MAX_BYTES));
    }
}
