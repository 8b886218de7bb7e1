//! An intake object: takes a batch whole, in one row, answers, and hands on what is in it.
//!
//! A batch is a row with what goes where (several where it is large), and how much of it has been handed on. What it owes is numbered as an outbox is (see
//! [`crate::outbox`]), without a row for each receiver: a batch for 2,500 persons is one row. Batches are handed on one after the other; who
//! cannot be reached gets outbox rows, behind which whatever else is theirs waits, and the batch goes on. A batch is chosen its intake by its
//! message ids, so that the same batch sent again is known here by their digest; anything less regular is known again by who receives it.

use noren_wire::bounds::{INTAKE_WAITING_MAX, MESSAGE_MEMORY_MS};
use noren_wire::error::Code;
use noren_wire::inner::{Destination, Group, IntakeBatch, Owed};

use crate::sql::{Param, Sql, has_table, whole};
use crate::{Result, outbox};

/// Numbers of one batch: each of its at most 2,500 calls owes at most four objects something.
const SLOTS: i64 = 16_384;

/// Bytes of a row's text, past which what follows takes another: half of what a row may hold, as one receiver of a batch of 500 KB, whose events are
/// also told, takes no more than the other half.
const ROW_BYTES: usize = 1_000_000;

/// Receivers asked at once: requests that one object makes to others are cheap, but each answer is held in memory.
pub const AT_ONCE: usize = 50;

/// Receivers asked in one run, of the 1,000 requests that one may make; the rest waits for the next alarm.
pub const RUN_MAX: usize = 600;

fn create(sql: &dyn Sql) -> Result<()> {
    for table in [
        // `next` outlives the batches, so that no number is ever used twice: receivers keep the highest.
        "CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 0), next INTEGER NOT NULL)",
        "CREATE TABLE IF NOT EXISTS batch (n INTEGER PRIMARY KEY, done INTEGER NOT NULL, body TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS known (digest TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
        outbox::OUTBOX,
    ] {
        sql.exec(table, &[])?;
    }
    Ok(())
}

/// Store a batch; `false` where it was stored before. Once this returns, every event of it will arrive.
///
/// # Errors
/// `too_many_requests` while too much waits; `Broken`, with nothing stored.
pub fn accept(sql: &dyn Sql, batch: &IntakeBatch) -> Result<bool> {
    whole(sql, || {
        create(sql)?;
        if let Some(digest) = &batch.digest
            && !sql.exec("SELECT 1 FROM known WHERE digest = ?", &[Param::Text(digest)])?.is_empty()
        {
            return Ok(false);
        }
        let waiting = sql.exec("SELECT COUNT(*) FROM batch", &[])?;
        if waiting.first().is_some_and(|row| row.int(0) >= INTAKE_WAITING_MAX) {
            return Err(Code::TooManyRequests.into());
        }
        if let Some(digest) = &batch.digest {
            sql.exec("INSERT INTO known (digest, at) VALUES (?, ?)", &[Param::Text(digest), Param::Int(batch.now)])?;
        }
        let mut next = sql.exec("SELECT next FROM state WHERE id = 0", &[])?.first().map_or(1, |row| row.int(0));
        for body in bodies(&batch.groups)? {
            sql.exec("INSERT INTO batch (n, done, body) VALUES (?, 0, ?)", &[Param::Int(next), Param::Text(&body)])?;
            next += 1;
        }
        sql.exec(
            "INSERT INTO state (id, next) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET next = excluded.next",
            &[Param::Int(next)],
        )?;
        Ok(true)
    })
}

/// Receivers as the texts of rows: an alias names its ids to four objects, so that a batch of them is several times as large as it came in.
fn bodies(groups: &[Group]) -> Result<Vec<String>> {
    let mut rows = Vec::new();
    let mut row = String::new();
    for group in groups {
        let text = serde_json::to_string(group)?;
        if row.len() + text.len() > ROW_BYTES && !row.is_empty() {
            rows.push(format!("[{}]", core::mem::take(&mut row)));
        }
        if !row.is_empty() {
            row.push(',');
        }
        row.push_str(&text);
    }
    rows.push(format!("[{row}]"));
    Ok(rows)
}

/// What is to be handed on to one object, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Handed {
    /// Where to.
    pub to: Destination,
    /// What, each under its number.
    pub owed: Vec<(u64, Owed)>,
}

/// The batch that is being handed on.
#[derive(Clone, Debug, PartialEq)]
pub struct Current {
    n: i64,
    done: usize,
    groups: usize,
    /// What is left of it.
    pub left: Vec<Handed>,
}

/// The oldest batch; `None` where none waits.
///
/// # Errors
/// `Broken`.
pub fn current(sql: &dyn Sql) -> Result<Option<Current>> {
    if !has_table(sql, "batch")? {
        return Ok(None);
    }
    let rows = sql.exec("SELECT n, done, body FROM batch ORDER BY n LIMIT 1", &[])?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (n, done) = (row.int(0), row.int(1).max(0) as usize);
    let groups: Vec<Group> = serde_json::from_str(row.text(2))?;
    let count = groups.len();
    let mut number = n * SLOTS;
    let numbered = groups.into_iter().map(|group| {
        let owed = group.owed.into_iter().map(|owed| {
            number += 1;
            (number as u64, owed)
        });
        Handed { to: group.to, owed: owed.collect() }
    });
    // All are numbered, whatever is done: a number must not depend on when it is asked for.
    let left = numbered.collect::<Vec<_>>().split_off(done.min(count));
    Ok(Some(Current { n, done, groups: count, left }))
}

/// Note that the first `many` of what was left are handed on or, where somebody could not be reached, stand in the outbox. The batch goes
/// with its last.
///
/// # Errors
/// `Broken`.
pub fn advance(sql: &dyn Sql, batch: &mut Current, many: usize, unreached: &[Handed]) -> Result<()> {
    whole(sql, || {
        for handed in unreached {
            for (n, owed) in &handed.owed {
                outbox::push(sql, *n, &handed.to, owed)?;
            }
        }
        let done = batch.done + many;
        if done >= batch.groups {
            sql.exec("DELETE FROM batch WHERE n = ?", &[Param::Int(batch.n)])?;
        } else {
            sql.exec("UPDATE batch SET done = ? WHERE n = ?", &[Param::Int(done as i64), Param::Int(batch.n)])?;
        }
        Ok(())
    })?;
    batch.done += many;
    batch.left.drain(..many.min(batch.left.len()));
    Ok(())
}

/// Whether something for this object waits in the outbox: what comes after it must wait too.
///
/// # Errors
/// `Broken`.
pub fn waits(sql: &dyn Sql, to: &Destination) -> Result<bool> {
    let found = sql.exec(
        "SELECT 1 FROM outbox WHERE kind = ? AND site = ? AND id = ? LIMIT 1",
        &[Param::Text(&to.kind), Param::Text(&to.site), Param::Text(&to.id)],
    )?;
    Ok(!found.is_empty())
}

/// Forget batches that came more than seven days ago.
///
/// # Errors
/// `Broken`.
pub fn forget(sql: &dyn Sql, now: i64) -> Result<()> {
    if has_table(sql, "known")? {
        sql.exec("DELETE FROM known WHERE at <= ?", &[Param::Int(now.saturating_sub(MESSAGE_MEMORY_MS))])?;
    }
    Ok(())
}

/// When there is something to forget again; `None` where nothing is remembered.
///
/// # Errors
/// `Broken`.
pub fn forgets_at(sql: &dyn Sql) -> Result<Option<i64>> {
    if !has_table(sql, "known")? {
        return Ok(None);
    }
    let rows = sql.exec("SELECT MIN(at), COUNT(*) FROM known", &[])?;
    Ok(rows.first().filter(|row| row.int(1) > 0).map(|row| row.int(0).saturating_add(MESSAGE_MEMORY_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;
    use crate::memory::Memory;

    fn group(id: &str) -> Group {
        let to = Destination { kind: "person".into(), site: "demo".into(), id: id.into() };
        let owed = Owed::Reports { site: "demo".into(), device: String::new(), reports: Vec::new() };
        Group { to, owed: vec![owed] }
    }

    fn batch(digest: &str, people: &[&str]) -> IntakeBatch {
        let digest = Some(digest.to_owned()).filter(|d| !d.is_empty());
        IntakeBatch { now: 0, digest, groups: people.iter().map(|id| group(id)).collect() }
    }

    fn numbers(batch: &Current) -> Vec<u64> {
        batch.left.iter().flat_map(|handed| handed.owed.iter().map(|(n, _)| *n)).collect()
    }

    #[test]
    fn a_batch_is_handed_on_in_order_and_each_number_is_used_once() {
        let sql = Memory::new();
        assert_eq!(current(&sql).unwrap(), None);
        assert!(accept(&sql, &batch("a", &["p", "q", "r"])).unwrap());
        assert!(accept(&sql, &batch("b", &["p"])).unwrap());
        let mut first = current(&sql).unwrap().unwrap();
        assert_eq!(numbers(&first), [16_385, 16_386, 16_387]);
        advance(&sql, &mut first, 2, &[]).unwrap();
        assert_eq!(numbers(&first), [16_387]);
        assert_eq!(numbers(&current(&sql).unwrap().unwrap()), [16_387], "after a restart too");
        advance(&sql, &mut first, 1, &[]).unwrap();
        let mut second = current(&sql).unwrap().unwrap();
        assert_eq!(numbers(&second), [32_769]);
        advance(&sql, &mut second, 1, &[]).unwrap();
        assert_eq!(current(&sql).unwrap(), None);
        forget(&sql, 8 * 86_400_000).unwrap();
        accept(&sql, &batch("a", &["p"])).unwrap();
        assert_eq!(numbers(&current(&sql).unwrap().unwrap()), [49_153], "an empty object starts no numbers anew");
    }

    #[test]
    fn a_large_batch_takes_several_rows_that_are_handed_on_like_one() {
        let sql = Memory::new();
        let long: Vec<String> = (0..2_500).map(|i| format!("{i}{}", "x".repeat(1_000))).collect();
        let people: Vec<&str> = long.iter().map(String::as_str).collect();
        assert!(accept(&sql, &batch("a", &people)).unwrap());
        let rows = sql.exec("SELECT MAX(LENGTH(body)), COUNT(*) FROM batch", &[]).unwrap();
        assert!(rows[0].int(0) <= ROW_BYTES as i64 + 2 && rows[0].int(1) == 3, "{rows:?}");
        let (mut handed, mut last) = (Vec::new(), 0);
        while let Some(mut row) = current(&sql).unwrap() {
            for n in numbers(&row) {
                assert!(n > last, "numbers ascend");
                last = n;
            }
            let all = row.left.len();
            handed.extend(row.left.iter().map(|handed| handed.to.id.clone()));
            advance(&sql, &mut row, all, &[]).unwrap();
        }
        assert_eq!(handed, long);
        assert!(!accept(&sql, &batch("a", &people)).unwrap(), "known as a whole");
    }

    #[test]
    fn the_same_batch_again_within_seven_days_is_known() {
        let sql = Memory::new();
        assert!(accept(&sql, &batch("a", &["p"])).unwrap());
        assert!(!accept(&sql, &batch("a", &["p"])).unwrap());
        assert_eq!(forgets_at(&sql).unwrap(), Some(MESSAGE_MEMORY_MS));
        forget(&sql, MESSAGE_MEMORY_MS - 1).unwrap();
        assert!(!accept(&sql, &batch("a", &["p"])).unwrap());
        forget(&sql, MESSAGE_MEMORY_MS).unwrap();
        assert_eq!(forgets_at(&sql).unwrap(), None);
        assert!(accept(&sql, &batch("a", &["p"])).unwrap());
        for _ in 0..2 {
            assert!(accept(&sql, &batch("", &["p"])).unwrap(), "without message ids each is new");
        }
    }

    #[test]
    fn who_cannot_be_reached_waits_in_the_outbox_and_holds_nobody_up() {
        let sql = Memory::new();
        accept(&sql, &batch("a", &["p", "q"])).unwrap();
        let mut first = current(&sql).unwrap().unwrap();
        let (unreached, to) = (first.left[..1].to_vec(), first.left[0].to.clone());
        assert!(!waits(&sql, &to).unwrap());
        advance(&sql, &mut first, 2, &unreached).unwrap();
        assert!(waits(&sql, &to).unwrap());
        assert_eq!(current(&sql).unwrap(), None);
        let due = outbox::due(&sql).unwrap();
        assert_eq!(due.iter().map(|d| (d.n, d.to.id.as_str())).collect::<Vec<_>>(), [(16_385, "p")]);
    }

    #[test]
    fn too_much_waiting_turns_callers_away_for_a_while() {
        let sql = Memory::new();
        for i in 0..INTAKE_WAITING_MAX {
            accept(&sql, &batch(&format!("{i}"), &["p"])).unwrap();
        }
        assert_eq!(accept(&sql, &batch("more", &["p"])), Err(Failure::from(Code::TooManyRequests)));
        assert!(!accept(&sql, &batch("7", &["p"])).unwrap(), "what is stored is still acknowledged");
        let mut oldest = current(&sql).unwrap().unwrap();
        advance(&sql, &mut oldest, 1, &[]).unwrap();
        assert!(accept(&sql, &batch("more", &["p"])).unwrap());
    }

    #[test]
    fn a_failure_at_any_statement_stores_all_or_nothing() {
        let mut stored = 0;
        for at in 0..12 {
            let sql = Memory::new();
            sql.fail_in.set(Some(at));
            let accepted = accept(&sql, &batch("a", &["p"])).is_ok();
            sql.fail_in.set(None);
            assert_eq!(current(&sql).unwrap().is_some(), accepted, "statement {at}");
            assert_eq!(accept(&sql, &batch("a", &["p"])).unwrap(), !accepted, "statement {at}");
            stored += u32::from(accepted);

            let sql = Memory::new();
            accept(&sql, &batch("a", &["p", "q"])).unwrap();
            let mut first = current(&sql).unwrap().unwrap();
            let unreached = first.left[..1].to_vec();
            sql.fail_in.set(Some(at));
            let advanced = advance(&sql, &mut first, 1, &unreached).is_ok();
            sql.fail_in.set(None);
            assert_eq!(numbers(&current(&sql).unwrap().unwrap()).len(), if advanced { 1 } else { 2 });
            assert_eq!(outbox::is_empty(&sql).unwrap(), !advanced, "statement {at}");
        }
        assert!(stored > 0);
    }
}
