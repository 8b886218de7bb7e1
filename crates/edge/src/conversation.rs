//! A conversation: messages stored before they are acknowledged, numbered without gaps, each client id once.

use noren_wire::admin::{ConversationRow, LastMessage};
use noren_wire::bounds::{CHAT_TEXT_MAX_CHARS, CID_MAX_CHARS, HISTORY_MAX};
use noren_wire::chat::ChatMessage;
use noren_wire::error::Problem;
use noren_wire::inner::{Delivery, Destination, Owed};

use crate::name::shard_of;
use crate::sql::{Param, Row, Sql, has_table, whole};
use crate::{Failure, Result, outbox};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// The visitor whose conversation it is.
    Visitor,
    /// Somebody of the site.
    Operator,
}

impl Who {
    /// The word in messages.
    pub fn word(self) -> &'static str {
        match self {
            Who::Visitor => "visitor",
            Who::Operator => "operator",
        }
    }
}

/// Whose conversation this is.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The site.
    pub site: &'a str,
    /// The visitor's public id, which is also the conversation's.
    pub device: &'a str,
    /// The site's shard count.
    pub shards: u32,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    /// As stored.
    pub message: ChatMessage,
    /// False when the client id was seen before: acknowledge, tell nobody.
    pub new: bool,
}

fn create(sql: &dyn Sql) -> Result<()> {
    for table in [
        "CREATE TABLE IF NOT EXISTS message (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, name TEXT NOT NULL, \
         text TEXT NOT NULL, cid TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS said (cid TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE IF NOT EXISTS progress (id INTEGER PRIMARY KEY CHECK (id = 0), unread INTEGER NOT NULL, read INTEGER NOT NULL, \
         outbox_next INTEGER NOT NULL)",
        outbox::OUTBOX,
    ] {
        sql.exec(table, &[])?;
    }
    Ok(())
}

/// Store a message. Say it again with the same client id and it is the same message. The list of conversations is told through the outbox.
///
/// # Errors
/// `body_invalid` for an empty or too long text or id; `Broken`.
pub fn say(sql: &dyn Sql, place: Place, who: Who, name: &str, cid: &str, text: &str, now: i64) -> Result<Said> {
    if cid.is_empty() || cid.chars().count() > CID_MAX_CHARS {
        return Err(Problem::field("cid", "1 to 64 characters").into());
    }
    if text.trim().is_empty() || text.chars().count() > CHAT_TEXT_MAX_CHARS {
        return Err(Problem::field("text", "1 to 2,000 characters").into());
    }
    // Each side chooses its own ids: one must not be able to take the other's.
    let key = format!("{}|{cid}", who.word());
    whole(sql, || {
        create(sql)?;
        if let Some(row) = sql.exec("SELECT seq FROM said WHERE cid = ?", &[Param::Text(&key)])?.first() {
            let rows =
                sql.exec("SELECT seq, at, who, name, text, cid FROM message WHERE seq = ?", &[Param::Int(row.int(0))])?;
            if let Some(known) = rows.first() {
                return Ok(Said { message: message_of(known), new: false });
            }
        }
        let last = sql.exec("SELECT seq FROM message ORDER BY seq DESC LIMIT 1", &[])?;
        let seq = last.first().map_or(0, |row| row.int(0)) + 1;
        sql.exec(
            "INSERT INTO message (seq, at, who, name, text, cid) VALUES (?, ?, ?, ?, ?, ?)",
            &[
                Param::Int(seq),
                Param::Int(now),
                Param::Text(who.word()),
                Param::Text(name),
                Param::Text(text),
                Param::Text(cid),
            ],
        )?;
        sql.exec("INSERT INTO said (cid, seq) VALUES (?, ?)", &[Param::Text(&key), Param::Int(seq)])?;
        let unread = match who {
            Who::Visitor => progress(sql)?.0 + 1,
            // Who answers has read.
            Who::Operator => 0,
        };
        let message = ChatMessage {
            seq: seq as u64,
            at: now,
            who: who.word().into(),
            name: name.into(),
            text: text.into(),
            cid: cid.into(),
        };
        let read = if who == Who::Operator { seq } else { progress(sql)?.1 };
        tell(sql, place, unread, read, &message)?;
        Ok(Said { message, new: true })
    })
}

/// Nothing is to be left of a conversation, here and in its shard's list. A delivery that was applied before changes nothing; nothing is
/// written where nobody spoke. `true` when something is owed.
///
/// # Errors
/// `Broken` from storage, or when the delivery is not for a conversation.
pub fn receive(sql: &dyn Sql, site: &str, delivery: &Delivery) -> Result<bool> {
    let Owed::Forget { device, shards, .. } = &delivery.owed else {
        return Err(Failure::Broken("a conversation was sent what is not for one".into()));
    };
    if !has_table(sql, "message")? {
        return Ok(false);
    }
    whole(sql, || {
        sql.exec(outbox::SENDERS, &[])?;
        if !outbox::is_new(sql, delivery)? {
            return Ok(false);
        }
        for statement in ["DELETE FROM message", "DELETE FROM said", "DELETE FROM outbox"] {
            sql.exec(statement, &[])?;
        }
        // The count of what was owed goes on, or the shard would take this for something old.
        let rows = sql.exec(
            "UPDATE progress SET unread = 0, read = 0, outbox_next = outbox_next + 1 WHERE id = 0 RETURNING outbox_next",
            &[],
        )?;
        if let Some(row) = rows.first() {
            let id = shard_of(device, *shards).to_string();
            let to = Destination { kind: "shard".into(), site: site.into(), id };
            outbox::push(sql, row.int(0) as u64, &to, &delivery.owed)?;
        }
        Ok(true)
    })
}

/// Whether nothing is left of a conversation that once was: its object can be emptied.
///
/// # Errors
/// `Broken`.
pub fn is_over(sql: &dyn Sql) -> Result<bool> {
    Ok(has_table(sql, "message")?
        && outbox::is_empty(sql)?
        && sql.exec("SELECT 1 FROM message LIMIT 1", &[])?.is_empty())
}

/// An operator has read up to `seq`. Returns whether anything changed.
///
/// # Errors
/// `Broken`.
pub fn read(sql: &dyn Sql, place: Place, seq: u64) -> Result<bool> {
    if !has_table(sql, "message")? {
        return Ok(false);
    }
    whole(sql, || {
        let (unread, before) = progress(sql)?;
        let seq = seq.min(i64::MAX as u64) as i64;
        let left = sql.exec("SELECT COUNT(*) FROM message WHERE seq > ? AND who = 'visitor'", &[Param::Int(seq)])?;
        let left = left.first().map_or(0, |row| row.int(0));
        let last = sql.exec("SELECT seq, at, who, name, text, cid FROM message ORDER BY seq DESC LIMIT 1", &[])?;
        let Some(last) = last.first().filter(|_| seq > before && left < unread) else { return Ok(false) };
        tell(sql, place, left, seq, &message_of(last))?;
        Ok(true)
    })
}

/// Unread messages of the visitor, and up to where operators have read.
fn progress(sql: &dyn Sql) -> Result<(i64, i64)> {
    let rows = sql.exec("SELECT unread, read FROM progress WHERE id = 0", &[])?;
    Ok(rows.first().map_or((0, 0), |row| (row.int(0), row.int(1))))
}

/// Note the progress, and owe the list of conversations the news.
fn tell(sql: &dyn Sql, place: Place, unread: i64, read: i64, last: &ChatMessage) -> Result<()> {
    let rows = sql.exec(
        "INSERT INTO progress (id, unread, read, outbox_next) VALUES (0, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET unread = excluded.unread, \
         read = excluded.read, outbox_next = outbox_next + 1 RETURNING outbox_next",
        // Numbered from the moment on: an object that was emptied and is used again must be heard by who remembers its numbers.
        &[Param::Int(unread), Param::Int(read), Param::Int(last.at.max(1))],
    )?;
    let n = rows.first().map_or(1, |row| row.int(0));
    let last = LastMessage { at: last.at, who: last.who.clone(), text: last.text.chars().take(200).collect() };
    let row =
        ConversationRow { id: place.device.into(), device: place.device.into(), last, unread: unread.max(0) as u64 };
    let to = Destination {
        kind: "shard".into(),
        site: place.site.into(),
        id: shard_of(place.device, place.shards).to_string(),
    };
    outbox::push(sql, n as u64, &to, &Owed::Conversation { row })
}

/// Messages after `since`, in order; of more than [`HISTORY_MAX`] the last ones.
///
/// # Errors
/// `Broken`.
pub fn history(sql: &dyn Sql, since: u64) -> Result<Vec<ChatMessage>> {
    if !has_table(sql, "message")? {
        return Ok(Vec::new());
    }
    let mut rows = sql.exec(
        "SELECT seq, at, who, name, text, cid FROM message WHERE seq > ? ORDER BY seq DESC LIMIT ?",
        &[Param::Int(since.min(i64::MAX as u64) as i64), Param::Int(HISTORY_MAX as i64)],
    )?;
    rows.reverse();
    Ok(rows.iter().map(message_of).collect())
}

fn message_of(row: &Row) -> ChatMessage {
    ChatMessage {
        seq: row.int(0).max(0) as u64,
        at: row.int(1),
        who: row.text(2).into(),
        name: row.text(3).into(),
        text: row.text(4).into(),
        cid: row.text(5).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;
    use crate::memory::Memory;

    const PLACE: Place = Place { site: "demo", device: "d", shards: 4 };

    fn list(sql: &Memory) -> Vec<(u64, u64)> {
        outbox::due(sql)
            .unwrap()
            .into_iter()
            .map(|due| match due.owed {
                Owed::Conversation { row } => (due.n, row.unread),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_message_said_twice_is_one_message() {
        let sql = Memory::new();
        assert_eq!(history(&sql, 0).unwrap(), []);
        let first = say(&sql, PLACE, Who::Visitor, "", "c1", "hello <b>", 10).unwrap();
        let again = say(&sql, PLACE, Who::Visitor, "", "c1", "hello <b>", 99).unwrap();
        assert!(first.new && !again.new);
        assert_eq!(again.message, first.message);
        let other = say(&sql, PLACE, Who::Operator, "Hana", "c1", "こんにちは", 20).unwrap();
        assert!(other.new, "the other side's ids are its own");
        assert_eq!(
            history(&sql, 0).unwrap().iter().map(|m| (m.seq, m.text.as_str())).collect::<Vec<_>>(),
            [(1, "hello <b>"), (2, "こんにちは")]
        );
        assert_eq!(history(&sql, 1).unwrap().len(), 1);
        assert_eq!(list(&sql), [(10, 1), (11, 0)], "numbered from the first message's moment on");
    }

    #[test]
    fn unread_counts_what_the_visitor_said_since_an_operator_looked() {
        let sql = Memory::new();
        assert!(!read(&sql, PLACE, 5).unwrap());
        for i in 0..3 {
            say(&sql, PLACE, Who::Visitor, "", &format!("c{i}"), "hi", i).unwrap();
        }
        assert!(read(&sql, PLACE, 2).unwrap());
        assert!(!read(&sql, PLACE, 2).unwrap());
        assert!(!read(&sql, PLACE, 1).unwrap(), "never backwards");
        assert!(read(&sql, PLACE, 3).unwrap());
        assert_eq!(list(&sql).iter().map(|(_, unread)| *unread).collect::<Vec<_>>(), [1, 2, 3, 1, 0]);
    }

    #[test]
    fn empty_and_endless_words_are_refused_and_nothing_is_stored() {
        let sql = Memory::new();
        for (cid, text) in [("", "x"), ("c", ""), ("c", " \n"), ("c", &"あ".repeat(2_001)), (&"c".repeat(65), "x")] {
            assert!(matches!(say(&sql, PLACE, Who::Visitor, "", cid, text, 0), Err(Failure::Refused(_))));
        }
        assert_eq!(history(&sql, 0).unwrap(), []);
        assert!(say(&sql, PLACE, Who::Visitor, "", "c", &"あ".repeat(2_000), 0).unwrap().new);
    }

    #[test]
    fn a_failure_at_any_statement_stores_all_or_nothing() {
        for at in 0..14 {
            let sql = Memory::new();
            sql.fail_in.set(Some(at));
            let failed = say(&sql, PLACE, Who::Visitor, "", "c", "x", 0).is_err();
            sql.fail_in.set(None);
            assert_eq!(history(&sql, 0).unwrap().len(), usize::from(!failed), "statement {at}");
            say(&sql, PLACE, Who::Visitor, "", "c", "x", 0).unwrap();
            assert_eq!((history(&sql, 0).unwrap().len(), list(&sql).len()), (1, 1), "statement {at}");
        }
    }
}
