//! A person who is another, by the word of a site's server.
//!
//! The former person's object keeps one entry: who it is now. It tells the devices that it has, or sent on before, to ask again, and answers
//! every part that names it with the other's name; the device takes the part there (`device::join`). So nothing is handed from person to person:
//! each part still comes from its device alone, what is said of the former id later goes the same way, and taking the entry out again has every device
//! bring its part back. Chains are followed step by step; a ring ends at the person whose word closed it, for whichever device.

use std::collections::BTreeMap;

use noren_wire::inner::{AliasWho, Delivery, Destination, Owed};
use noren_wire::stored::{ForwardDoc, PersonDoc};

use super::merge::{Received, fresh};
use super::{create, kept, load, note, owe, save};
use crate::sql::{Sql, has_table, whole};
use crate::{Result, outbox};

/// What was said.
pub(super) struct Said<'a> {
    pub(super) site: &'a str,
    /// The site's own id of the former person.
    pub(super) previous: &'a str,
    /// And of the other.
    pub(super) user: &'a str,
    /// When.
    pub(super) at: i64,
    pub(super) who: &'a AliasWho,
}

/// From now on this person is another. Of two words the later holds; one that was said before changes nothing.
pub(super) fn forward(sql: &dyn Sql, delivery: &Delivery, said: &Said) -> Result<Received> {
    whole(sql, || {
        create(sql)?;
        let mut received = Received::default();
        let before = load(sql)?;
        if !outbox::is_new(sql, delivery)? || said.who.is == said.who.person {
            return Ok(received);
        }
        received.first = before.is_none();
        let mut doc = before.unwrap_or_else(|| fresh(said.at));
        let known = doc.forward.as_ref().map(|forward| (forward.at, forward.person.as_str()));
        if known.is_some_and(|(at, person)| at > said.at || person == said.who.is) {
            return Ok(Received::default());
        }
        (doc.site, doc.person, doc.shards) = (said.site.into(), said.who.person.clone(), said.who.shards);
        if doc.user.is_empty() {
            doc.user = said.previous.into();
        }
        let (person, user) = (said.who.is.clone(), said.user.to_string());
        doc.forward = Some(ForwardDoc { person, user, at: said.at, used: said.at });
        note(sql, said.at, "alias", (said.user, 0), "")?;
        received.deliver = ask_again(sql, &mut doc)?;
        save(sql, &doc)?;
        Ok(received)
    })
}

/// This person is nobody else after all: their devices bring back what they took to the other. `None` where there is nothing to take back.
///
/// # Errors
/// `Broken`.
pub fn undo(sql: &dyn Sql, now: i64, by: &str) -> Result<Option<Received>> {
    if !has_table(sql, "part")? {
        return Ok(None);
    }
    whole(sql, || {
        let Some(mut doc) = load(sql)? else { return Ok(None) };
        let Some(forward) = doc.forward.take() else { return Ok(None) };
        note(sql, now, "unalias", (&forward.user, 0), by)?;
        let deliver = ask_again(sql, &mut doc)?;
        save(sql, &doc)?;
        Ok(Some(Received { deliver, ..Received::default() }))
    })
}

/// Have every device that has named this person ask again where its parts belong. Who names somebody else by now takes no notice.
fn ask_again(sql: &dyn Sql, doc: &mut PersonDoc) -> Result<bool> {
    let mut epochs: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for part in kept(sql)?.into_iter().filter(|part| !part.sender.is_empty()) {
        epochs.entry(part.sender).or_default().push(part.key.epoch);
    }
    let any = !epochs.is_empty();
    for (id, epochs) in epochs {
        let to = Destination { kind: "device".into(), site: doc.site.clone(), id };
        let person = doc.person.clone();
        owe(sql, doc, to, &Owed::Again { person, epochs })?;
    }
    Ok(any)
}
