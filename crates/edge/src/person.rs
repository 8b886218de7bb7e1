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
use crate::{Failure, Result, alias, news, outbox};

/// Apply a delivery; one that was applied before changes nothing. `person_id` names the objects of others by their user id.
///
/// # Errors
/// `Broken` from storage, or when the delivery is not for a person.
pub fn receive(sql: &dyn Sql, delivery: &Delivery, person_id: &dyn Fn(&str) -> String) -> Result<()> {
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
        match &delivery.owed {
            Owed::Part { device, epoch, part } => {
                let first = parts(sql)?.iter().all(|(known, _, _)| known == device);
                news::note(sql, device, &delivery.from, first)?;
                put(sql, device, *epoch, part)
            }
            Owed::News { site, reports } => news::tell(sql, site, reports),
            Owed::Alias { site, user, at, .. } => {
                let parts = parts(sql)?;
                alias::note(sql, site, user, &person_id(user), *at, parts)
            }
            _ => Err(Failure::Broken("a person was sent what is none of theirs".into())),
        }
    })
}

/// Keep a part, unless it is known in a longer state.
fn put(sql: &dyn Sql, device: &str, epoch: u32, part: &PartDoc) -> Result<()> {
    let key = [Param::Text(device), Param::Int(i64::from(epoch))];
    let known = sql.exec("SELECT events FROM part WHERE device = ? AND epoch = ?", &key)?;
    if known.first().is_some_and(|row| row.int(0) >= part.events as i64) {
        return Ok(());
    }
    let body = serde_json::to_string(part)?;
    sql.exec(
        "INSERT INTO part (device, epoch, events, body) VALUES (?, ?, ?, ?) ON CONFLICT (device, epoch) DO UPDATE SET \
         events = excluded.events, body = excluded.body",
        &[Param::Text(device), Param::Int(i64::from(epoch)), Param::Int(part.events as i64), Param::Text(&body)],
    )?;
    alias::forward(sql, device, epoch, part)
}

/// The parts as they lie in their rows.
fn parts(sql: &dyn Sql) -> Result<Vec<(String, u32, PartDoc)>> {
    if !has_table(sql, "part")? {
        return Ok(Vec::new());
    }
    let rows = sql.exec("SELECT device, epoch, body FROM part ORDER BY device, epoch", &[])?;
    rows.iter().map(|row| Ok((row.text(0).into(), row.int(1) as u32, serde_json::from_str(row.text(2))?))).collect()
}

/// The person's parts.
///
/// # Errors
/// `Broken`.
pub fn profile(sql: &dyn Sql) -> Result<Profile> {
    let mut profile = Profile::default();
    for (device, epoch, doc) in parts(sql)? {
        profile.insert(PartKey { device: device.into(), epoch }, Part::from(&doc));
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

    fn named(user: &str) -> String {
        format!("person {user}")
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
            receive(&sql, &d, &named).unwrap();
        }
        assert_eq!(facts(&sql, &asked()).unwrap().visits, 3);
        assert_eq!(facts(&sql, &asked()).unwrap().segments, ["returning"]);
    }

    #[test]
    fn a_failure_half_way_leaves_nothing() {
        for at in 0..6 {
            let sql = Memory::new();
            sql.fail_in.set(Some(at));
            let failed = receive(&sql, &delivery("a", 1, 1, 1), &named).is_err();
            sql.fail_in.set(None);
            assert_eq!(facts(&sql, &asked()).unwrap().visits, u64::from(!failed), "statement {at}");
            receive(&sql, &delivery("a", 1, 1, 1), &named).unwrap();
            assert_eq!(facts(&sql, &asked()).unwrap().visits, 1);
        }
    }

    /// Some persons' objects and the way between them.
    struct World(std::collections::BTreeMap<String, Memory>);

    impl World {
        fn tell(&mut self, user: &str, delivery: &Delivery) {
            let sql = self.0.entry(named(user)).or_insert_with(Memory::new);
            receive(sql, delivery, &named).unwrap();
        }

        /// Deliver what waits until nothing does; how many deliveries that took.
        fn settle(&mut self) -> usize {
            for rounds in 0.. {
                let due: Vec<_> = self
                    .0
                    .iter()
                    .flat_map(|(from, sql)| outbox::due(sql).unwrap().into_iter().map(|due| (from.clone(), due)))
                    .collect();
                if due.is_empty() || rounds > 100 {
                    return rounds;
                }
                for (from, due) in due {
                    let delivery = Delivery { from: from.clone(), n: due.n, owed: due.owed };
                    receive(self.0.entry(due.to.id).or_insert_with(Memory::new), &delivery, &named).unwrap();
                    outbox::delivered(&self.0[&from], due.n).unwrap();
                }
            }
            0
        }

        fn visits(&self, user: &str) -> u64 {
            self.0.get(&named(user)).map_or(0, |sql| facts(sql, &asked()).unwrap().visits)
        }
    }

    fn said(n: u64, previous: &str, user: &str) -> Delivery {
        let (previous, user) = (previous.into(), user.into());
        let owed = Owed::Alias { site: "demo".into(), device: String::new(), previous, user, at: 0 };
        Delivery { from: "intake".into(), n, owed }
    }

    #[test]
    fn who_was_called_otherwise_brings_everything_along_whatever_comes_first() {
        for alias_first in [true, false] {
            let mut world = World(Default::default());
            world.tell("new", &delivery("c", 1, 1, 1));
            if alias_first {
                world.tell("old", &said(1, "old", "new"));
            }
            world.tell("old", &delivery("a", 1, 1, 1));
            if !alias_first {
                world.tell("old", &said(1, "old", "new"));
            }
            world.settle();
            assert_eq!(world.visits("new"), 2, "alias first: {alias_first}");
            world.tell("old", &delivery("a", 2, 5, 3));
            world.tell("old", &said(2, "old", "new"));
            world.settle();
            assert_eq!((world.visits("new"), world.visits("old")), (4, 3), "what comes later comes along too");
        }
    }

    #[test]
    fn ids_that_are_each_other_in_a_ring_end_alike_and_fall_silent() {
        let mut world = World(Default::default());
        for (i, (from, to)) in [("a", "b"), ("b", "c"), ("c", "a"), ("a", "b")].into_iter().enumerate() {
            world.tell(from, &said(i as u64 + 1, from, to));
            world.tell(from, &delivery(&format!("device {from}"), i as u64 + 1, 1, 1));
        }
        assert!(world.settle() < 10, "it ends");
        assert_eq!(["a", "b", "c"].map(|user| world.visits(user)), [3, 3, 3]);
    }

    #[test]
    fn one_person_is_not_everybody() {
        let mut world = World(Default::default());
        for i in 0..=alias::ALIASES_MAX {
            world.tell("old", &said(i as u64 + 1, "old", &format!("new {i}")));
        }
        world.tell("old", &delivery("a", 1, 1, 1));
        world.settle();
        let last = alias::ALIASES_MAX;
        assert_eq!([last - 1, last].map(|i| world.visits(&format!("new {i}"))), [1, 0]);
    }
}
