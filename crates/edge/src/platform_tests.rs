//! The widest that one request fans out, held to what the platform lets one request ask.

use noren_wire::bounds::*;
use noren_wire::platform::{ATTACHMENT_MAX_BYTES, COOKIE_MAX_BYTES, ROW_MAX_BYTES, SUBREQUESTS_MAX};

use crate::{cookie, intake, outbox, shard};

#[test]
fn the_widest_fan_out_is_within_what_one_request_may_ask() {
    for (what, requests) in [
        // The rows, the register, and the parts of the epochs that are kept.
        ("an alarm that delivers", outbox::BATCH as usize + 1 + EPOCHS_KEPT_MAX),
        ("an intake's run", intake::RUN_MAX),
        ("a step of a recount", RECOUNT_STEP + SHARDS as usize),
        ("a code looked for in all pools", POOLS_MAX + 1),
        // Each device, its epochs and its conversation.
        ("the export of a person", PERSON_DEVICES_MAX * (EPOCHS_KEPT_MAX + 1) + 1),
        // The settings, the program, the device, the shard of what is told, and one for each shard that orders belong to.
        ("a sync", 4 + SHARDS as usize),
    ] {
        assert!(requests <= SUBREQUESTS_MAX, "{what}: {requests}");
    }
}

#[test]
fn what_one_row_holds_of_many_fits() {
    for (what, bytes, most) in [
        ("the live list, 400 bytes a visitor", shard::presence::SAVED_MAX * 400, ROW_MAX_BYTES),
        // Half a row, and what one receiver adds the other half.
        ("a batch of intake", INGEST_BODY_MAX_BYTES * 2, ROW_MAX_BYTES),
        // An operator's name of 100 characters, site and device, and what surrounds them.
        ("a seat in a conversation", 100 * 4 + 64 + DEVICE_CHARS + 200, ATTACHMENT_MAX_BYTES),
    ] {
        assert!(bytes <= most, "{what}: {bytes} of {most}");
    }
}

#[test]
fn a_cookie_of_the_longest_name_is_one_that_browsers_take() {
    let site = "s".repeat(64);
    let known = cookie::Known { device: "d".repeat(DEVICE_CHARS), key: "k".repeat(KEY_CHARS) };
    assert!(is_name(&site) && cookie::remember(&site, &known, true).len() <= COOKIE_MAX_BYTES);
}
