//! Who is on the site now, in memory. A visitor enters by a page view's request and leaves by the hidden beacon or after five minutes of
//! silence.
//!
//! An idle object is put to sleep after some seconds and forgets its memory, while a visitor may read a page for minutes. So the whole list is
//! also kept as one row, written a few seconds after a change and at most that often: not a row per visitor or per event, but enough to wake
//! up with.

use std::collections::BTreeMap;

use noren_wire::admin::{LiveFrame, VisitorRow};
use noren_wire::bounds::{LIVE_ROWS_MAX, PRESENCE_SILENCE_MS};
use noren_wire::inner::Presence as News;

use crate::Result;
use crate::sql::{Param, Sql, has_table};

/// How long after a change the list is written to its row. An idle object sleeps after ten seconds at the earliest.
pub const SAVE_AFTER_MS: i64 = 3_000;

/// Rows kept of the list: at 400 bytes each, under the 2 MB that a row may hold.
pub const SAVED_MAX: usize = 4_000;

/// The list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Presence {
    rows: BTreeMap<String, VisitorRow>,
}

impl Presence {
    /// Wake up with the list as it was last written, without those who have been silent too long.
    ///
    /// # Errors
    /// `Broken`.
    pub fn load(sql: &dyn Sql, now: i64) -> Result<Presence> {
        let mut presence = Presence::default();
        if has_table(sql, "presence")? {
            for row in sql.exec("SELECT body FROM presence WHERE id = 0", &[])? {
                let saved: Vec<VisitorRow> = serde_json::from_str(row.text(0))?;
                presence.rows = saved.into_iter().map(|v| (v.device.clone(), v)).collect();
            }
        }
        presence.sweep(now);
        Ok(presence)
    }

    /// Write the list to its row: those heard of last, if they are too many.
    ///
    /// # Errors
    /// `Broken`.
    pub fn save(&self, sql: &dyn Sql) -> Result<()> {
        sql.exec(
            "CREATE TABLE IF NOT EXISTS presence (id INTEGER PRIMARY KEY CHECK (id = 0), body TEXT NOT NULL)",
            &[],
        )?;
        let body = serde_json::to_string(&self.latest(SAVED_MAX))?;
        sql.exec(
            "INSERT INTO presence (id, body) VALUES (0, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            &[Param::Text(&body)],
        )?;
        Ok(())
    }

    /// Whether this visitor is in the list.
    pub fn knows(&self, device: &str) -> bool {
        self.rows.contains_key(device)
    }

    /// Take in news of a visitor; the frame is for watchers.
    pub fn update(&mut self, news: &News, conversation: bool) -> Option<LiveFrame> {
        if news.gone {
            self.rows.remove(&news.device)?;
            return Some(LiveFrame::Gone { device: news.device.clone(), count: self.rows.len() as u64 });
        }
        let row = self.rows.entry(news.device.clone()).or_insert_with(|| VisitorRow {
            device: news.device.clone(),
            since: news.at,
            conversation: if conversation { news.device.clone() } else { String::new() },
            ..VisitorRow::default()
        });
        row.at = row.at.max(news.at);
        for (slot, word) in
            [(&mut row.page, &news.page), (&mut row.title, &news.title), (&mut row.last_event, &news.last_event)]
        {
            if let Some(word) = word {
                slot.clone_from(word);
            }
        }
        row.visits = news.visits.unwrap_or(row.visits);
        row.purchases = news.purchases.unwrap_or(row.purchases);
        let visitor = row.clone();
        Some(LiveFrame::Visitor { visitor, count: self.rows.len() as u64 })
    }

    /// A visitor has a conversation now.
    pub fn converses(&mut self, device: &str) -> Option<LiveFrame> {
        let row = self.rows.get_mut(device).filter(|row| row.conversation.is_empty())?;
        row.conversation = device.into();
        let visitor = row.clone();
        Some(LiveFrame::Visitor { visitor, count: self.rows.len() as u64 })
    }

    /// Those who have been silent too long leave; frames for watchers.
    pub fn sweep(&mut self, now: i64) -> Vec<LiveFrame> {
        let silent: Vec<String> = self
            .rows
            .values()
            .filter(|row| now - row.at >= PRESENCE_SILENCE_MS)
            .map(|row| row.device.clone())
            .collect();
        silent
            .into_iter()
            .filter_map(|device| {
                self.rows.remove(&device)?;
                Some(LiveFrame::Gone { device, count: self.rows.len() as u64 })
            })
            .collect()
    }

    /// When the next visitor will have been silent too long; `None` when nobody is there.
    pub fn next_sweep(&self) -> Option<i64> {
        self.rows.values().map(|row| row.at + PRESENCE_SILENCE_MS).min()
    }

    /// The list for a new watcher: those heard of last, and how many there are in truth.
    pub fn snapshot(&self) -> LiveFrame {
        LiveFrame::Snapshot { visitors: self.latest(LIVE_ROWS_MAX), count: self.rows.len() as u64 }
    }

    /// One visitor's row.
    pub fn visitor(&self, device: &str) -> Option<&VisitorRow> {
        self.rows.get(device)
    }

    fn latest(&self, most: usize) -> Vec<VisitorRow> {
        let mut rows: Vec<VisitorRow> = self.rows.values().cloned().collect();
        rows.sort_by_key(|row| -row.at);
        rows.truncate(most);
        rows
    }
}
