//! A pool of coupon codes: each is handed out once, to one visitor for one campaign, and redeemed once.
//!
//! Rows: `pool` (settings), `free` (what nobody has), `code` (all codes and their state), `claim` (who was given which), `deed` (idempotency
//! keys), `outbox`. A claim takes four rows. The object runs one request at a time and each claim is one transaction, so a stock of n serves
//! exactly n whatever the race.
//!
//! ```text
//! free ──claim──▶ claimed ──redeem──▶ redeemed
//!   ▲               │  ▲                 │
//!   └────lapse──────┤  └─────release─────┘
//!                   └─lapse of a made code in an open pool─▶ lapsed, and another code is made in its place
//! ```
//!
//! Who let a code lapse must not use it any more. Where only the holder may use one (a bound pool) that follows by itself. In an open pool
//! nobody can tell who types a code, so a made one is never handed out a second time; an imported one is, because nothing else can be made of
//! it, and is refused to its former holders only where the shop says who they are. Reading order: [`mod@claim`], [`mod@redeem`], [`lapse`], [`make`] (codes
//! out of a secret), [`velocity`] (how fast they may go), [`migrate`].

pub mod claim;
pub mod lapse;
pub mod make;
pub mod migrate;
pub mod redeem;
pub mod velocity;

#[cfg(test)]
mod race_tests;
#[cfg(test)]
mod tests;

use noren_wire::admin::{Both, FindingRow};
use noren_wire::bounds::{
    CODE_LETTERS_MAX, CODE_LETTERS_MIN, CODE_MAX_CHARS, CODE_PREFIX_MAX_CHARS, CODES_MAX, CODES_PAGE_MAX,
    DUPLICATES_MAX, EXPIRES_AFTER_MAX_MS, LOW_MAX, POOL_CODES_MAX,
};
use noren_wire::coupon::{Generate, PoolAnswer, PoolCode, PoolCodes, Terms};
use noren_wire::error::{Code, Problem};
use noren_wire::inner::{Destination, Owed, PoolFill};
use noren_wire::stored::{POOL_SCHEMA, PoolDoc};

pub use self::claim::claim;
pub use self::redeem::{redeem, release};
use crate::schema::Kind;
use crate::sql::{Param, Sql, has_table, whole};
use crate::{Result, outbox};

/// How long a code is held when the pool does not say.
pub const EXPIRES_AFTER_DEFAULT_MS: i64 = 7 * 86_400_000;

/// The stock that is low when the pool does not say.
pub const LOW_DEFAULT: u64 = 10;

const FREE: i64 = 0;
const CLAIMED: i64 = 1;
const REDEEMED: i64 = 2;
const LAPSED: i64 = 3;

/// Pools' stored state.
pub const KIND: Kind =
    Kind { word: "pool", marker: "code", state: "pool", current: POOL_SCHEMA, steps: migrate::STEPS };

fn create(sql: &dyn Sql) -> Result<()> {
    for table in [
        "CREATE TABLE IF NOT EXISTS pool (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)",
        // `at` is when it was last given or used, `former` are those who let it lapse, `released` is the order it was given back by.
        "CREATE TABLE IF NOT EXISTS code (code TEXT PRIMARY KEY, state INTEGER NOT NULL, visitor TEXT NOT NULL, campaign TEXT NOT NULL, \
         expires INTEGER NOT NULL, ordered TEXT NOT NULL, made INTEGER NOT NULL DEFAULT 0, at INTEGER NOT NULL DEFAULT 0, \
         former TEXT NOT NULL DEFAULT '', released TEXT NOT NULL DEFAULT '') WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS free (n INTEGER PRIMARY KEY, code TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS claim (visitor TEXT NOT NULL, campaign TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (visitor, campaign)) \
         WITHOUT ROWID",
        // Which codes lapse next, without looking at all of them.
        "CREATE INDEX IF NOT EXISTS lapse ON code (expires) WHERE state = 1",
        "CREATE TABLE IF NOT EXISTS deed (key TEXT PRIMARY KEY, at INTEGER NOT NULL, asked TEXT NOT NULL, answer TEXT NOT NULL) WITHOUT ROWID",
        outbox::OUTBOX,
    ] {
        sql.exec(table, &[])?;
    }
    Ok(())
}

/// The pool's settings, or `None` where there is none.
///
/// # Errors
/// `Broken`.
pub fn load(sql: &dyn Sql) -> Result<Option<PoolDoc>> {
    if !has_table(sql, "pool")? {
        return Ok(None);
    }
    match sql.exec("SELECT body FROM pool WHERE id = 0", &[])?.first() {
        Some(row) => Ok(Some(serde_json::from_str(row.text(0))?)),
        None => Ok(None),
    }
}

fn save(sql: &dyn Sql, doc: &PoolDoc) -> Result<()> {
    let body = serde_json::to_string(doc)?;
    sql.exec(
        "INSERT INTO pool (id, body) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        &[Param::Text(&body)],
    )?;
    Ok(())
}

/// Owe another object something. Call inside the transaction of its cause, and save the settings after it.
fn owe(sql: &dyn Sql, doc: &mut PoolDoc, kind: &str, owed: &Owed) -> Result<()> {
    // A pool of the first schema learns its site when it is next filled.
    if doc.site.is_empty() {
        return Ok(());
    }
    doc.outbox_next += 1;
    // Shard 0 is there whatever their number; a site has one object.
    let id = if kind == "shard" { "0" } else { "" };
    outbox::push(sql, doc.outbox_next, &Destination { kind: kind.into(), site: doc.site.clone(), id: id.into() }, owed)
}

/// Create the pool, change its settings, add codes. Codes already there are left as they are and named by their lines.
///
/// # Errors
/// `body_invalid` for a code or settings that cannot be, or more codes than a pool holds; `Broken`. Nothing is changed then.
pub fn fill(sql: &dyn Sql, fill: &PoolFill, secret: &str) -> Result<PoolAnswer> {
    check(fill)?;
    whole(sql, || {
        create(sql)?;
        let known = load(sql)?;
        let created = known.is_none();
        let mut doc = known.unwrap_or_else(|| PoolDoc {
            schema: POOL_SCHEMA,
            expires_after_ms: EXPIRES_AFTER_DEFAULT_MS,
            low: LOW_DEFAULT,
            ..PoolDoc::default()
        });
        (doc.site, doc.pool) = (fill.site.clone(), fill.pool.clone());
        match &fill.terms {
            Some(terms) => doc.terms = terms.clone(),
            None if created => {
                return Err(Problem::field("terms", "what the codes are worth, at the pool's creation").into());
            }
            None => {}
        }
        doc.expires_after_ms = fill.expires_after_ms.unwrap_or(doc.expires_after_ms);
        doc.until = fill.until.unwrap_or(doc.until);
        doc.bound = fill.bound.unwrap_or(doc.bound);
        doc.closed = fill.closed.unwrap_or(doc.closed);
        doc.low = fill.low.unwrap_or(doc.low);
        doc.rate = fill.rate.unwrap_or(doc.rate);
        let (mut added, mut duplicates) = (0, Vec::new());
        for (line, code) in (1..).zip(&fill.codes) {
            if add(sql, code, Made::No)? {
                added += 1;
            } else if duplicates.len() < DUPLICATES_MAX {
                duplicates.push(line);
            }
        }
        if let Some(generate) = &fill.generate {
            doc.made = (generate.prefix.clone(), generate.length.unwrap_or(CODE_LETTERS_MIN));
            for _ in 0..generate.count {
                make::another(sql, &mut doc, secret)?;
                added += 1;
            }
        }
        if added > 0 && count(sql)? > POOL_CODES_MAX {
            let field = if fill.generate.is_some() { "generate.count" } else { "codes" };
            return Err(Problem::field(field, "at most 100,000 codes in a pool").into());
        }
        doc.warned = is_low(sql, &doc)?;
        save(sql, &doc)?;
        Ok(PoolAnswer { added, duplicates, ..answer(sql, doc)? })
    })
}

/// Where a code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    No,
    Here,
}

/// Add a free code; `false` for one that is there.
fn add(sql: &dyn Sql, code: &str, made: Made) -> Result<bool> {
    if !sql.exec("SELECT 1 FROM code WHERE code = ?", &[Param::Text(code)])?.is_empty() {
        return Ok(false);
    }
    sql.exec(
        "INSERT INTO code (code, state, visitor, campaign, expires, ordered, made) VALUES (?, 0, '', '', 0, '', ?)",
        &[Param::Text(code), Param::Int(i64::from(made == Made::Here))],
    )?;
    sql.exec("INSERT INTO free (code) VALUES (?)", &[Param::Text(code)])?;
    Ok(true)
}

fn count(sql: &dyn Sql) -> Result<u64> {
    // What lapsed for good was replaced: it takes nobody's place.
    let rows = sql.exec("SELECT COUNT(*) FROM code WHERE state <> ?", &[Param::Int(LAPSED)])?;
    Ok(rows.first().map_or(0, |row| row.int(0).max(0).unsigned_abs()))
}

fn is_text(text: &str, most: usize) -> bool {
    text.chars().count() <= most && text.trim() == text && !text.contains(char::is_control)
}

fn check(fill: &PoolFill) -> Result<()> {
    let wrong = |field: &str, what: &str| Err(Problem::field(field, what).into());
    if fill.codes.len() > CODES_MAX {
        return wrong("codes", "at most 10,000 codes at once");
    }
    for (i, code) in fill.codes.iter().enumerate() {
        if code.is_empty() || !is_text(code, CODE_MAX_CHARS) {
            return wrong(&format!("codes[{i}]"), "1 to 64 characters without spaces at its ends");
        }
    }
    if let Some(Generate { count, prefix, length }) = &fill.generate {
        if *count as usize + fill.codes.len() > CODES_MAX {
            return wrong("generate.count", "at most 10,000 codes at once");
        }
        if !is_text(prefix, CODE_PREFIX_MAX_CHARS) {
            return wrong("generate.prefix", "at most 24 characters without spaces at its ends");
        }
        if !(CODE_LETTERS_MIN..=CODE_LETTERS_MAX).contains(&length.unwrap_or(CODE_LETTERS_MIN)) {
            return wrong("generate.length", "8 to 24");
        }
    }
    if fill.terms.is_none() && fill.pool.is_empty() {
        return wrong("pool", "a pool's name");
    }
    if let Some(terms) = &fill.terms {
        check_terms(terms)?;
    }
    if fill.expires_after_ms.is_some_and(|ms| !(1..=EXPIRES_AFTER_MAX_MS).contains(&ms)) {
        return wrong("expires_after", "up to 365d");
    }
    // 2^53: whole numbers up to here are exact in every JSON reader.
    if fill.until.is_some_and(|at| !(0..=1 << 53).contains(&at)) {
        return wrong("until", "Unix milliseconds, or 0 for never");
    }
    if fill.low.is_some_and(|low| low > LOW_MAX) {
        return wrong("low", "0 to 1,000");
    }
    Ok(())
}

fn check_terms(terms: &Terms) -> Result<()> {
    let wrong = |field: &str, what: &str| Err(Problem::field(field, what).into());
    if !matches!(terms.kind.as_str(), "amount" | "percent") {
        return wrong("terms.kind", "amount or percent");
    }
    let most = if terms.kind == "percent" { 100.0 } else { 1e12 };
    if !(terms.value > 0.0 && terms.value <= most) {
        return wrong("terms.value", "above 0, and at most 100 per cent");
    }
    if !(terms.minimum >= 0.0 && terms.minimum <= 1e12) {
        return wrong("terms.minimum", "0 or more");
    }
    Ok(())
}

/// The pool's state, or `None` where there is none. Cost: a look at every code.
///
/// # Errors
/// `Broken`.
pub fn state(sql: &dyn Sql) -> Result<Option<PoolAnswer>> {
    load(sql)?.map(|doc| answer(sql, doc)).transpose()
}

fn answer(sql: &dyn Sql, doc: PoolDoc) -> Result<PoolAnswer> {
    let mut answer = PoolAnswer { is_low: is_low(sql, &doc)?, ..PoolAnswer::default() };
    for row in sql.exec("SELECT state, COUNT(*) FROM code GROUP BY state", &[])? {
        let count = row.int(1).max(0).unsigned_abs();
        match row.int(0) {
            CLAIMED => answer.claimed = count,
            REDEEMED => answer.redeemed = count,
            LAPSED => answer.lapsed = count,
            _ => answer.stock = count,
        }
    }
    Ok(PoolAnswer {
        pool: doc.pool,
        terms: doc.terms,
        expires_after_ms: doc.expires_after_ms,
        until: doc.until,
        bound: doc.bound,
        closed: doc.closed,
        low: doc.low,
        rate: doc.rate,
        ..answer
    })
}

/// Whether so few codes are left that somebody should be told. Looks at no more of them than that.
fn is_low(sql: &dyn Sql, doc: &PoolDoc) -> Result<bool> {
    if doc.low == 0 {
        return Ok(false);
    }
    let left = sql.exec("SELECT 1 FROM free LIMIT ?", &[Param::Int(doc.low as i64 + 1)])?.len() as u64;
    Ok(left <= doc.low)
}

/// Say once that the stock has become low: a finding for the console, and a line in the audit.
fn warn(sql: &dyn Sql, doc: &mut PoolDoc, now: i64) -> Result<()> {
    if doc.warned || !is_low(sql, doc)? {
        return Ok(());
    }
    doc.warned = true;
    let (pool, low) = (doc.pool.clone(), doc.low);
    let message = Both {
        en: format!("The coupon pool {pool} is down to {low} codes. Add codes, or close the pool."),
        ja: format!("クーポンの束「{pool}」の残りが{low}枚になりました。コードを追加するか、配布を終えてください。"),
    };
    let row = FindingRow { at: now, code: "pool_low".into(), what: pool.clone(), message };
    owe(sql, doc, "shard", &Owed::Finding { row })?;
    let what = format!("{pool} ({low})");
    owe(sql, doc, "site", &Owed::Deed { at: now, by: "noren".into(), action: "pool_low".into(), what })?;
    save(sql, doc)
}

/// A page of all codes, in their own order, from after `after` on.
///
/// # Errors
/// `not_found` where there is no pool.
pub fn codes(sql: &dyn Sql, after: &str) -> Result<PoolCodes> {
    if load(sql)?.is_none() {
        return Err(Code::NotFound.into());
    }
    let rows = sql.exec(
        "SELECT code, state, visitor, campaign, at, expires, ordered FROM code WHERE code > ? ORDER BY code LIMIT ?",
        &[Param::Text(after), Param::Int(CODES_PAGE_MAX)],
    )?;
    let codes: Vec<PoolCode> = rows
        .iter()
        .map(|row| PoolCode {
            code: row.text(0).into(),
            state: match row.int(1) {
                CLAIMED => "claimed",
                REDEEMED => "redeemed",
                LAPSED => "lapsed",
                _ => "free",
            }
            .into(),
            visitor: row.text(2).into(),
            campaign: row.text(3).into(),
            at: row.int(4),
            expires: row.int(5),
            order: row.text(6).into(),
        })
        .collect();
    let full = codes.len() as i64 == CODES_PAGE_MAX;
    let next = codes.last().filter(|_| full).map(|last| last.code.clone()).unwrap_or_default();
    Ok(PoolCodes { codes, next })
}

/// When there is something to do: at once where something is owed, else when the next code lapses.
///
/// # Errors
/// `Broken`.
pub fn due(sql: &dyn Sql, now: i64) -> Result<Option<i64>> {
    if !outbox::is_empty(sql)? {
        return Ok(Some(now));
    }
    lapse::next(sql)
}
