//! A person: the parts that devices sent under one user id, and the facts folded out of them.
//!
//! Parts come by outbox and are kept whole under (device, epoch); the longer state of a part replaces the shorter. Nothing goes down to
//! any device from here without a signed proof.

use noren_event::Timestamp;
use noren_profile::{Lens, Part, PartKey, Profile, Weights};
use noren_wire::inner::{Delivery, Owed, PersonAsk};
use noren_wire::part;
use noren_wire::stored::PartDoc;
use noren_wire::sync::Facts;

use crate::sql::{Param, Sql, has_table, whole};
use crate::{Failure, Result, outbox};

/// Apply a delivery; one that was applied before changes nothing.
///
/// # Errors
/// `Broken` from storage, or when the delivery is not for a person.
pub fn receive(sql: &dyn Sql, delivery: &Delivery) -> Result<()> {
    let Owed::Part { device, epoch, part } = &delivery.owed else {
        return Err(Failure::Broken("a person was sent what is not a part".into()));
    };
    whole(sql, || {
        sql.exec(outbox::SENDERS, &[])?;
        sql.exec(
            "CREATE TABLE IF NOT EXISTS part (device TEXT NOT NULL, epoch INTEGER NOT NULL, events INTEGER NOT NULL, body TEXT NOT NULL, \
             PRIMARY KEY (device, epoch)) WITHOUT ROWID",
            &[],
        )?;
        if !outbox::is_new(sql, delivery)? {
            return Ok(());
        }
        let body = serde_json::to_string(part)?;
        sql.exec(
            "INSERT INTO part (device, epoch, events, body) VALUES (?, ?, ?, ?) ON CONFLICT (device, epoch) DO UPDATE SET \
             events = excluded.events, body = excluded.body WHERE excluded.events > part.events",
            &[Param::Text(device), Param::Int(i64::from(*epoch)), Param::Int(part.events as i64), Param::Text(&body)],
        )?;
        Ok(())
    })
}

/// The person's parts.
///
/// # Errors
/// `Broken`.
pub fn profile(sql: &dyn Sql) -> Result<Profile> {
    let mut profile = Profile::default();
    if has_table(sql, "part")? {
        for row in sql.exec("SELECT device, epoch, body FROM part ORDER BY device, epoch", &[])? {
            let doc: PartDoc = serde_json::from_str(row.text(2))?;
            let key = PartKey { device: row.text(0).into(), epoch: row.int(1) as u32 };
            profile.insert(key, Part::from(&doc));
        }
    }
    Ok(profile)
}

/// The person's facts. Counts are those of the events each device was asked to count when it was last heard of.
///
/// # Errors
/// `Broken`.
pub fn facts(sql: &dyn Sql, asked: &PersonAsk) -> Result<Facts> {
    let counts: Vec<Box<str>> = asked.counts.iter().map(|name| name.as_str().into()).collect();
    let weights = Weights::from(&asked.weights);
    Ok(part::facts(&profile(sql)?.facts(&Lens { now: Timestamp(asked.now), weights: &weights, counts: &counts })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    fn asked() -> PersonAsk {
        PersonAsk { now: 0, weights: Default::default(), counts: Vec::new() }
    }

    fn delivery(device: &str, n: u64, events: u64, visits: i64) -> Delivery {
        let ranges = (0..visits).map(|i| (i * 3_600_000, i * 3_600_000)).collect();
        let part = PartDoc { events, ranges, ..PartDoc::default() };
        Delivery { from: device.into(), n, owed: Owed::Part { device: device.into(), epoch: 0, part: Box::new(part) } }
    }

    #[test]
    fn parts_of_two_devices_add_up_and_repeats_change_nothing() {
        let sql = Memory::new();
        assert_eq!(facts(&sql, &asked()).unwrap().visits, 0);
        for d in [
            delivery("a", 1, 1, 1),
            delivery("a", 2, 4, 2),
            delivery("b", 1, 1, 1),
            delivery("a", 2, 4, 2),
            delivery("a", 1, 1, 1),
        ] {
            receive(&sql, &d).unwrap();
        }
        assert_eq!(facts(&sql, &asked()).unwrap().visits, 3);
        assert_eq!(facts(&sql, &asked()).unwrap().segments, ["returning"]);
    }

    #[test]
    fn a_failure_half_way_leaves_nothing() {
        for at in 0..6 {
            let sql = Memory::new();
            sql.fail_in.set(Some(at));
            let failed = receive(&sql, &delivery("a", 1, 1, 1)).is_err();
            sql.fail_in.set(None);
            assert_eq!(facts(&sql, &asked()).unwrap().visits, u64::from(!failed), "statement {at}");
            receive(&sql, &delivery("a", 1, 1, 1)).unwrap();
            assert_eq!(facts(&sql, &asked()).unwrap().visits, 1);
        }
    }
}
