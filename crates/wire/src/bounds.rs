//! How much of anything: every limit of every boundary, with the arithmetic behind it. What the platform itself allows is in [`crate::platform`].

/// Largest body of a sync. The queue on the device holds at most 256 KB of events; keys, braces and escapes at worst double it.
pub const SYNC_BODY_MAX_BYTES: usize = 512 * 1024;

/// Largest body of any other request of a page: a coupon claim is under 300 bytes.
pub const SMALL_BODY_MAX_BYTES: usize = 8 * 1024;

/// Largest body the console or the command line may send: 1,000 campaigns of 2 KB are 2 MB; room for four times that.
pub const ADMIN_BODY_MAX_BYTES: usize = 8 * 1024 * 1024;

/// Largest campaign document: one row of a Durable Object holds 2 MB, a document of 128 KB already is 60 pages of text.
pub const DOCUMENT_MAX_BYTES: usize = 128 * 1024;

/// Largest document of a site: 100 calendars of 400 days of 13 characters (`"2026-12-31",`) and their names are 530 KB.
pub const SITE_DOCUMENT_MAX_BYTES: usize = 640 * 1024;

/// How often a site's object asks its shards for the totals that campaigns stop at. With the ten seconds of [`SITE_COPY_MAX_MS`] and a
/// second for counters to arrive, a reached total holds on new pages within a minute and a quarter. A minute is 4 shards' requests and 2
/// rows, 1,440 times a day, and only while a campaign with such a rule runs.
pub const TOTALS_EVERY_MS: i64 = 60_000;

/// Largest compiled program or content: a row of a Durable Object holds 2 MB with its key.
pub const BLOB_MAX_BYTES: usize = 1_900_000;

/// Most campaigns in one site's live set.
pub const CAMPAIGNS_MAX: usize = 1_000;

/// Most streams in one sync. Each page load is one; a device that was offline for a day of browsing has some hundred.
pub const STREAMS_MAX: usize = 256;

/// Most events in one sync: 256 KB of the smallest events (60 bytes each) are 4,400.
pub const EVENTS_MAX: usize = 5_000;

/// Largest event, as JSON. Segment's clients are allowed 32 KB; a `purchase` of 200 items is about as large.
pub const EVENT_MAX_BYTES: usize = 32 * 1024;

/// Largest body of a tracking call, packed or unpacked: what Segment's own address takes; its clients cut their batches below it.
pub const INGEST_BODY_MAX_BYTES: usize = 500 * 1024;

/// Most events in one batch: 500 KB of the smallest that still name somebody (some 200 bytes each) are 2,500.
pub const INGEST_EVENTS_MAX: usize = 2_500;

/// How long a message id is remembered where its event went: a client that was cut off retries for hours, a queue on disk for days.
pub const MESSAGE_MEMORY_MS: i64 = 7 * 86_400_000;

/// Longest user id, anonymous id, group id or message id, in bytes: mail addresses end at 254, ids of clients at some 60.
pub const FOREIGN_ID_MAX_BYTES: usize = 256;

/// Objects that take in a site's batches, chosen by what is in the batch, so that none sees all. Each stores some hundred batches a second.
pub const INTAKES: u32 = 8;

/// Rows of batches an intake object holds that are not yet handed on; past it callers are asked to come back. 2 MB each at most, as any row:
/// 512 MB, of the 10 GB an object may hold.
pub const INTAKE_WAITING_MAX: i64 = 256;

/// What servers reported that a device keeps for open pages, newest last: at 3 KB an order some 60 KB of its
/// state row, and never more than 160 KB.
pub const NEWS_MAX: usize = 20;

/// Largest event that is kept as news; a larger one changes what is known, and no page is told of it by itself.
pub const NEWS_EVENT_MAX_BYTES: usize = 8 * 1024;

/// News older than this are history: pages learn of it by facts.
pub const NEWS_MS: i64 = 24 * 3_600_000;

/// Seconds after which a caller who came too often may come again.
pub const COME_AGAIN_S: u32 = 5;

/// Server keys and write keys a site may have at once.
pub const KEYS_MAX: usize = 50;

/// Longest event name in characters.
pub const NAME_MAX_CHARS: usize = 100;

/// Events older than this, after correction of the device's clock, are refused: a stream forgotten after as long can then never
/// be counted a second time.
pub const EVENT_AGE_MAX_MS: i64 = 30 * 86_400_000;

/// Events further ahead than this, after correction, are refused.
pub const EVENT_AHEAD_MAX_MS: i64 = 24 * 3_600_000;

/// A device's clock is corrected when it differs by more than this from the edge's; less is what a slow network alone can make.
pub const CLOCK_TOLERANCE_MS: i64 = 60_000;

/// Streams remembered per device that are not finished. Past it, the ones silent for longest are forgotten first; at one stream a
/// page load, 400 are weeks of a heavy visitor, and each takes about 60 bytes of the device's state row (24 KB).
pub const STREAMS_KEPT_MAX: usize = 400;

/// Gaps remembered above one stream's watermark (numbers that arrived before their predecessors). Past it nothing more is applied
/// or acknowledged from that stream until a gap closes: the device sends it again.
pub const RANGES_MAX: usize = 32;

/// Bytes of events in one stored chunk row; a row holds 2 MB, and a fold reads whole chunks.
pub const CHUNK_MAX_BYTES: usize = 256 * 1024;

/// Longest chat message in characters.
pub const CHAT_TEXT_MAX_CHARS: usize = 2_000;

/// Longest client id of a chat message.
pub const CID_MAX_CHARS: usize = 64;

/// Largest frame on a socket: 2,000 characters of 4 bytes, escaped as `\uXXXX` pairs (12 bytes), and the envelope.
pub const FRAME_MAX_BYTES: usize = 32 * 1024;

/// Messages sent with a conversation's history at once.
pub const HISTORY_MAX: usize = 500;

/// Visitors shown in the live list of one shard.
pub const LIVE_ROWS_MAX: usize = 500;

/// Codes accepted in one filling of a coupon pool.
pub const CODES_MAX: usize = 10_000;

/// Codes in one pool: a row of some 100 bytes each is 10 MB of the 10 GB an object may hold, and a count of them takes some 20 ms.
pub const POOL_CODES_MAX: u64 = 100_000;

/// Pools of a site: a code is looked for in each, and each is one request of the 1,000 that a request may make.
pub const POOLS_MAX: usize = 50;

/// Codes in one page of an export: some 200 bytes each are 1 MB.
pub const CODES_PAGE_MAX: i64 = 5_000;

/// Lines of codes that were there before, named in one answer.
pub const DUPLICATES_MAX: usize = 1_000;

/// Letters of a made code: of 32, so that 8 are 40 bits; guessing one of 10,000 takes 100 million trials.
pub const CODE_LETTERS_MIN: u32 = 8;

/// 120 bits; people have to type it.
pub const CODE_LETTERS_MAX: u32 = 24;

/// Longest beginning of made codes, in characters: with 24 letters behind it within what a code may be long.
pub const CODE_PREFIX_MAX_CHARS: usize = 24;

/// Highest stock at which a pool can be said to be low: each claim counts the free codes up to it.
pub const LOW_MAX: u64 = 1_000;

/// Longest idempotency key: a UUID has 36 characters.
pub const IDEMPOTENCY_KEY_MAX_CHARS: usize = 64;

/// How long an idempotency key is remembered: clients give up within days.
pub const IDEMPOTENCY_MS: i64 = 30 * 86_400_000;

/// Browsers, people and networks whose claims a pool counts at once, in memory: some 100 bytes each, 5 of the 128 MB an isolate has.
pub const VELOCITY_MAX: usize = 50_000;

/// Longest coupon code in characters.
pub const CODE_MAX_CHARS: usize = 64;

/// Longest coupon reservation: one year.
pub const EXPIRES_AFTER_MAX_MS: i64 = 365 * 86_400_000;

/// How long the Worker may go on using its copy of a site's settings: a revoked key or a stopped campaign holds within it.
pub const SITE_COPY_MAX_MS: i64 = 10_000;

/// A visitor who said nothing for this long has left.
pub const PRESENCE_SILENCE_MS: i64 = 5 * 60_000;

/// How long a console session lasts.
pub const SESSION_MS: i64 = 14 * 86_400_000;

/// Origins a site may name.
pub const ORIGINS_MAX: usize = 50;

/// Audit entries and versions sent at once.
pub const LIST_MAX: usize = 200;

/// Shards of a new site. Each holds a share of the visitors' counters and presence; one Durable Object serves some hundred requests
/// a second, and a visitor makes about one every ten seconds.
pub const SHARDS: u32 = 4;

/// Answers to the question for consent kept of a device, the last: 300 bytes each at most, 6 KB of its state row.
pub const ANSWERS_MAX: usize = 20;

/// Longest answer and version of the question's text, in characters.
pub const ANSWER_MAX_CHARS: usize = 200;

/// Records counted of one page load under which nothing is kept; a page shows some ten things. 250 bytes each: 50 KB of a row.
pub const PASSING_RECORDS_MAX: usize = 200;

/// How late a record of somebody of whom nothing is kept may come: the id, and what is queued under it, die with the page. Streams are
/// remembered for twice as long, so that none is counted again.
pub const PASSING_MS: i64 = 24 * 3_600_000;

/// How long the number of an order of somebody of whom nothing is kept is remembered, so that it counts once: a thank-you page that is left open, restored
/// or opened again from a letter comes within weeks. A row of some 70 bytes: of 100,000 orders a month, 20 MB in all shards together.
pub const PASSING_ORDER_MS: i64 = 90 * 86_400_000;

/// Objects asked in one step of a recount: each is one request to an object, of which one request may make 1,000.
pub const RECOUNT_STEP: usize = 100;

/// Epochs (logouts) whose parts a device keeps: the current one, and the one before for what was still queued under it. Older parts go; their
/// events stay, and a person's object has what was theirs. A part is at most about 840 KB (500 orders, refunds and unnamed orders, 100 traits, 500
/// campaigns: 700 KB; counts of 32 events on 91 days: 35 KB; first exposures and goals: 80 KB; arrivals, views, answers and cart: 25 KB), so
/// that two and what is settled fit the 2 MB of a row.
pub const EPOCHS_KEPT_MAX: usize = 2;

/// Headings kept of what was settled for good, about 80 bytes each in an object's state row (160 KB). Past it the last in order are not kept; the
/// totals have them all the same, only a recount would miss them.
pub const HEADINGS_MAX: usize = 2_000;

/// Devices of one person. Safari lets go of what a page stored after a week without a visit, so somebody who comes weekly is a new device
/// each time: 57 within the 400 days of a profile, and a phone, a tablet and an office computer besides. What a hundred devices claim is
/// no person but a word such as `guest`.
pub const PERSON_DEVICES_MAX: usize = 100;

/// Bytes of other devices' parts in one answer of a person; what does not fit comes with the next. An ordinary part has 3 KB, and an object
/// may be sent 32 MB.
pub const NEWS_MAX_BYTES: usize = 1_000_000;

/// Entries kept of a person's merge log: each device joins and leaves once or twice.
pub const MERGES_MAX: usize = 500;

/// Longest proof of identity: an expiry of 12 digits, a dot, 64 hexadecimal digits, and room for neither more.
pub const PROOF_MAX_BYTES: usize = 96;

/// Characters of a device's public id: 128 bits in base64url.
pub const DEVICE_CHARS: usize = 22;

/// Characters of a device's key: 256 bits in base64url.
pub const KEY_CHARS: usize = 43;

/// Whether `text` is exactly `chars` characters of base64url.
pub fn is_base64url(text: &str, chars: usize) -> bool {
    text.len() == chars && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Whether `text` can name a site, pool or campaign: 1-64 of `a-z A-Z 0-9 - _`.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Traits a site may name as sensitive: 50 names of 100 characters travel with each sync between Worker and object, 5 KB at most.
pub const SENSITIVE_MAX: usize = 50;

/// Sensitive traits kept of a device over all of its epochs, the latest epochs first: with [`SENSITIVE_MAX`] those of four full epochs, 200 rows
/// of about 1.2 KB, 240 KB at most.
pub const APART_MAX: usize = 200;

/// Persons that may send a part on, one after the other, before it stays where it is: who merges accounts again and again does so a few times.
pub const ALIASES_MAX: usize = 16;
