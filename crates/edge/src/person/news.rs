//! What servers say of a person, handed on to the devices that may know.
//!
//! Without a signed proof that is the device that named the person before anybody else did; with one, every device that was proven. A browser that
//! names an id which is known already learns nothing by it.

use noren_profile::stamp::is_reported;
use noren_wire::inner::{Delivery, Destination, Owed, ReportDoc};
use noren_wire::stored::PersonDoc;

use super::merge::Received;
use super::{Kept, Place, kept, load, owe, save};
use crate::sql::{Sql, whole};
use crate::{Result, outbox};

/// Tell the devices that may know what a server reported.
pub(super) fn tell(sql: &dyn Sql, delivery: &Delivery, site: &str, reports: &[ReportDoc]) -> Result<Received> {
    let may_know = |doc: &PersonDoc, part: &Kept| part.doc.proven || *part.key.device == *doc.first;
    hand_on(sql, delivery, site, may_know, |device| {
        let (site, reports) = (site.into(), reports.to_vec());
        Owed::Reports { site, device, reports }
    })
}

/// Tell the browsers that named this person that the person is another. Devices of others' clients were told by who took the word in.
pub(super) fn rename(sql: &dyn Sql, delivery: &Delivery, site: &str, word: &Owed) -> Result<Received> {
    hand_on(
        sql,
        delivery,
        site,
        |_, _| true,
        |own| {
            let mut word = word.clone();
            if let Owed::Alias { device, .. } = &mut word {
                *device = own;
            }
            word
        },
    )
}

fn hand_on(
    sql: &dyn Sql,
    delivery: &Delivery,
    site: &str,
    to_whom: impl Fn(&PersonDoc, &Kept) -> bool,
    what: impl Fn(String) -> Owed,
) -> Result<Received> {
    // Nobody was ever this person: nothing is stored for having heard of them.
    let Some(mut doc) = load(sql)? else { return Ok(Received::default()) };
    whole(sql, || {
        let mut received = Received::default();
        if !outbox::is_new(sql, delivery)? {
            return Ok(received);
        }
        let by_page = |part: &Kept| part.doc.user.as_ref().is_some_and(|(stamp, _)| !is_reported(&stamp.1));
        let mut told: Vec<String> = Vec::new();
        for part in kept(sql)?.into_iter().filter(|part| part.place == Place::In && by_page(part)) {
            if part.sender.is_empty() || told.contains(&part.sender) || !to_whom(&doc, &part) {
                continue;
            }
            let to = Destination { kind: "device".into(), site: site.into(), id: part.sender.clone() };
            owe(sql, &mut doc, to, &what(part.key.device.to_string()))?;
            told.push(part.sender);
            received.deliver = true;
        }
        save(sql, &doc)?;
        Ok(received)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;
    use crate::person::merge::receive;
    use noren_wire::inner::PartWith;
    use noren_wire::stored::PartDoc;

    fn part(device: &str, n: u64, stream: &str, proven: bool) -> Delivery {
        let user = Some(((1, stream.to_owned(), n), "hana".to_owned()));
        let part = Box::new(PartDoc { events: n, user, proven, ..PartDoc::default() });
        let with = PartWith { person: "hana".into(), site: "demo".into(), shards: 4, ..PartWith::default() };
        Delivery {
            from: format!("object {device}"),
            n,
            owed: Owed::Part { device: device.into(), epoch: 0, part, with },
        }
    }

    fn told(sql: &Memory, n: u64, owed: Owed) -> Vec<String> {
        receive(sql, &Delivery { from: "intake".into(), n, owed }).unwrap();
        let due: Vec<_> = outbox::due(sql).unwrap().into_iter().filter(|due| due.to.kind == "device").collect();
        due.iter().for_each(|due| outbox::delivered(sql, due.n).unwrap());
        due.into_iter().map(|due| due.to.id).collect()
    }

    fn news() -> Owed {
        Owed::News { site: "demo".into(), reports: Vec::new() }
    }

    #[test]
    fn who_named_the_person_first_and_who_was_proven_are_told_and_nobody_else() {
        let sql = Memory::new();
        assert!(told(&sql, 1, news()).is_empty());
        assert_eq!(sql.changes(), 0, "of somebody nobody ever was nothing is kept");
        for delivery in [
            part("first", 1, "page", false),
            part("second", 1, "page", false),
            part("proven", 1, "page", true),
            part("client", 1, "~s", true),
        ] {
            receive(&sql, &delivery).unwrap();
        }
        assert_eq!(told(&sql, 2, news()), ["object first", "object proven"]);
        assert!(told(&sql, 2, news()).is_empty(), "a repeated delivery tells nobody again");
    }

    #[test]
    fn a_person_a_server_knew_before_tells_no_page_that_only_says_so() {
        let sql = Memory::new();
        receive(&sql, &part("server", 1, "~s", true)).unwrap();
        receive(&sql, &part("page", 1, "page", false)).unwrap();
        assert!(told(&sql, 1, news()).is_empty());
    }

    #[test]
    fn a_new_name_reaches_every_browser() {
        let sql = Memory::new();
        receive(&sql, &part("first", 1, "page", false)).unwrap();
        receive(&sql, &part("second", 1, "page", false)).unwrap();
        let (site, previous, user) = ("demo".into(), "hana".into(), "hanako".into());
        let alias = Owed::Alias { site, device: String::new(), anonymous: false, previous, user, at: 5, who: None };
        assert_eq!(told(&sql, 1, alias), ["object first", "object second"]);
    }
}
