//! A person's pages, told what servers report of the person.
//!
//! Whom a person's object may tell: without a signed proof, the device that named the id before anybody else did. A browser that names an id which
//! is known already learns nothing by it.

use noren_wire::inner::{Destination, Owed, ReportDoc};

use crate::sql::{Param, Sql, has_table};
use crate::{Result, alias, outbox};

/// Note by which object a device speaks, at its first part; `first` when nobody had named this person before. Call inside the transaction of the
/// delivery.
///
/// # Errors
/// `Broken`.
pub fn note(sql: &dyn Sql, device: &str, object: &str, first: bool) -> Result<()> {
    sql.exec(
        "CREATE TABLE IF NOT EXISTS link (device TEXT PRIMARY KEY, object TEXT NOT NULL, first INTEGER NOT NULL) WITHOUT ROWID",
        &[],
    )?;
    sql.exec(
        "INSERT INTO link (device, object, first) VALUES (?, ?, ?) ON CONFLICT (device) DO NOTHING",
        &[Param::Text(device), Param::Text(object), Param::Int(i64::from(first))],
    )?;
    Ok(())
}

/// Owe reports to the devices that may know. Call inside the transaction of the delivery.
///
/// # Errors
/// `Broken`.
pub fn tell(sql: &dyn Sql, site: &str, reports: &[ReportDoc]) -> Result<()> {
    if !has_table(sql, "link")? {
        return Ok(());
    }
    for row in sql.exec("SELECT device, object FROM link WHERE first = 1 ORDER BY device", &[])? {
        let n = alias::next(sql)?;
        let to = Destination { kind: "device".into(), site: site.into(), id: row.text(1).into() };
        let owed = Owed::Reports { site: site.into(), device: row.text(0).into(), reports: reports.to_vec() };
        outbox::push(sql, n, &to, &owed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;
    use crate::person::receive;
    use noren_wire::inner::Delivery;
    use noren_wire::stored::PartDoc;

    fn part(device: &str, from: &str, n: u64) -> Delivery {
        let part = Box::new(PartDoc { events: n, ..PartDoc::default() });
        Delivery { from: from.into(), n, owed: Owed::Part { device: device.into(), epoch: 0, part } }
    }

    fn told(sql: &Memory, n: u64) -> Vec<String> {
        let owed = Owed::News { site: "demo".into(), reports: Vec::new() };
        receive(sql, &Delivery { from: "intake".into(), n, owed }, &|user| user.into()).unwrap();
        let due = outbox::due(sql).unwrap();
        due.iter().for_each(|due| outbox::delivered(sql, due.n).unwrap());
        due.into_iter().map(|due| format!("{} {}", due.to.kind, due.to.id)).collect()
    }

    #[test]
    fn without_proof_only_who_named_the_person_first_is_told() {
        let sql = Memory::new();
        assert!(told(&sql, 1).is_empty(), "nobody is there");
        for (device, from, n) in [("a", "object a", 1), ("a", "object a", 2), ("b", "object b", 1)] {
            receive(&sql, &part(device, from, n), &|user| user.into()).unwrap();
        }
        assert_eq!(told(&sql, 2), ["device object a"]);
        assert_eq!(told(&sql, 3), ["device object a"]);
        assert!(told(&sql, 3).is_empty(), "a repeated delivery tells nobody again");
    }
}
