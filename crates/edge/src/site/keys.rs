//! A site's keys: made, listed, revoked, and what a text that claims to be one may do.
//!
//! A key's text is `KIND.SITE.ID.SECRET`: it says itself whose it is, so that a request needs no list of all sites' keys to find its site. Of the
//! secret part only a digest under the deployment's secret is kept, in the site's settings: the Worker checks a key against its own copy of
//! them, at most ten seconds old, and asks no object. A revoked key is taken out of the settings; the audit remembers that it was.

use noren_wire::bounds::KEYS_MAX;
use noren_wire::error::{Code, Problem};
use noren_wire::keys::{CreateKey, KEY_KINDS, KEY_SCOPES, KeyInfo, KeyList};
use noren_wire::stored::{KeyDoc, SiteDoc};

use super::{By, must, note, save};
use crate::Result;
use crate::name::{key_digest, same_secret};
use crate::sql::{Sql, whole};

/// How a server key's text begins.
const SERVER: &str = "sk";

/// How a write key's text begins.
const WRITE: &str = "wk";

/// The parts of a key's text, nothing of it believed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented<'a> {
    /// Which site it claims to be of.
    pub site: &'a str,
    kind: &'static str,
    id: &'a str,
    secret: &'a str,
}

impl<'a> Presented<'a> {
    /// The parts of a text that has the form of a key; `None` for any other.
    pub fn read(text: &'a str) -> Option<Presented<'a>> {
        let mut parts = text.split('.');
        let kind = match parts.next()? {
            SERVER => "server",
            WRITE => "write",
            _ => return None,
        };
        let presented = Presented { kind, site: parts.next()?, id: parts.next()?, secret: parts.next()? };
        parts.next().is_none().then_some(presented)
    }

    /// The site's key that this is, if it is one.
    pub fn of<'d>(&self, doc: &'d SiteDoc, deployment: &str) -> Option<&'d KeyDoc> {
        let known = doc.keys.iter().find(|key| key.id == self.id && key.kind == self.kind)?;
        let digest = key_digest(deployment, &doc.site, self.id, self.secret);
        (doc.site == self.site && same_secret(&known.digest, &digest)).then_some(known)
    }
}

/// The text of a key, to be shown once.
pub fn text(kind: &str, site: &str, id: &str, secret: &str) -> String {
    let word = if kind == "server" { SERVER } else { WRITE };
    format!("{word}.{site}.{id}.{secret}")
}

/// What is asked for, checked: kind and scopes, each scope once.
///
/// # Errors
/// `body_invalid` at `name`, `kind` or `scopes`.
pub fn check(asked: &CreateKey) -> core::result::Result<(String, Vec<String>), Problem> {
    let name = asked.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.contains(char::is_control) {
        return Err(Problem::field("name", "1 to 100 characters"));
    }
    let kind = asked.kind.as_deref().unwrap_or("server");
    if !KEY_KINDS.contains(&kind) {
        return Err(Problem::field("kind", "server or write"));
    }
    if let Some(i) = asked.scopes.iter().position(|scope| !KEY_SCOPES.contains(&scope.as_str())) {
        return Err(Problem::field(&format!("scopes[{i}]"), "events, campaigns, coupons, people or numbers"));
    }
    if (kind == "server") == asked.scopes.is_empty() {
        let what = if kind == "server" { "at least one thing the key may do" } else { "none: a write key is public" };
        return Err(Problem::field("scopes", what));
    }
    let scopes = KEY_SCOPES.iter().filter(|scope| asked.scopes.iter().any(|s| s == *scope));
    Ok((kind.into(), scopes.map(|scope| (*scope).to_owned()).collect()))
}

/// Keep a key that the shell made: id and secret are random, and only the digest comes here.
///
/// # Errors
/// `body_invalid` when there are as many as there may be; `site_unknown`.
pub fn create(sql: &dyn Sql, key: &KeyDoc, by: &By) -> Result<KeyInfo> {
    whole(sql, || {
        let mut doc = must(sql)?;
        if doc.keys.len() >= KEYS_MAX {
            return Err(Problem::field("name", "at most 50 keys a site: revoke one first").into());
        }
        doc.keys.push(key.clone());
        save(sql, &doc)?;
        note(sql, by, "key_create", &described(key))?;
        Ok(info(key))
    })
}

/// Take a key out. From now on it opens nothing; copies of the settings forget it within ten seconds.
///
/// # Errors
/// `not_found`, also for one that was revoked before; `site_unknown`.
pub fn revoke(sql: &dyn Sql, id: &str, by: &By) -> Result<KeyInfo> {
    whole(sql, || {
        let mut doc = must(sql)?;
        let place = doc.keys.iter().position(|key| key.id == id).ok_or(Code::NotFound)?;
        let key = doc.keys.remove(place);
        save(sql, &doc)?;
        note(sql, by, "key_revoke", &described(&key))?;
        Ok(info(&key))
    })
}

/// The keys that hold, the newest first.
pub fn list(doc: &SiteDoc) -> KeyList {
    KeyList { public: doc.site.clone(), keys: doc.keys.iter().rev().map(info).collect() }
}

fn info(key: &KeyDoc) -> KeyInfo {
    KeyInfo {
        id: key.id.clone(),
        name: key.name.clone(),
        kind: key.kind.clone(),
        scopes: key.scopes.clone(),
        at: key.at,
        by: key.by.clone(),
    }
}

fn described(key: &KeyDoc) -> String {
    match key.scopes.as_slice() {
        [] => format!("{} {} {}", key.kind, key.id, key.name),
        scopes => format!("{} {} ({}) {}", key.kind, key.id, scopes.join(" "), key.name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;
    use crate::memory::Memory;
    use crate::site::{audit, load, settle};
    use noren_wire::admin::SettleSite;

    const DEPLOYMENT: &str = "deployment";

    fn by() -> By {
        By { name: "hana".into(), now: 5 }
    }

    fn site() -> Memory {
        let sql = Memory::new();
        settle(&sql, "demo", &SettleSite::default(), &by()).unwrap();
        sql
    }

    fn key(id: &str, kind: &str) -> KeyDoc {
        let scopes = if kind == "server" { vec!["events".into(), "coupons".into()] } else { vec![] };
        let digest = key_digest(DEPLOYMENT, "demo", id, "secret");
        KeyDoc { id: id.into(), name: "店".into(), kind: kind.into(), scopes, digest, at: 5, by: "hana".into() }
    }

    #[test]
    fn a_key_opens_until_it_is_revoked_and_both_are_in_the_audit() {
        let sql = site();
        create(&sql, &key("one", "server"), &by()).unwrap();
        create(&sql, &key("two", "write"), &by()).unwrap();
        let doc = load(&sql).unwrap().unwrap();
        let opens = |doc: &SiteDoc, text: &str| {
            Presented::read(text).and_then(|p| p.of(doc, DEPLOYMENT)).map(|known| known.id.clone())
        };
        assert_eq!(opens(&doc, &text("server", "demo", "one", "secret")).as_deref(), Some("one"));
        assert_eq!(opens(&doc, &text("write", "demo", "two", "secret")).as_deref(), Some("two"));
        for wrong in
            ["sk.demo.one.secrets", "sk.demo.two.secret", "wk.demo.one.secret", "sk.other.one.secret", "sk.demo.one."]
        {
            assert_eq!(opens(&doc, wrong), None, "{wrong}");
        }
        assert_eq!(Presented::read("sk.demo.one.secret").unwrap().of(&doc, "another deployment"), None);
        assert_eq!(list(&doc).keys.iter().map(|k| k.id.as_str()).collect::<Vec<_>>(), ["two", "one"]);

        assert_eq!(revoke(&sql, "one", &by()).unwrap().name, "店");
        let doc = load(&sql).unwrap().unwrap();
        assert_eq!(opens(&doc, "sk.demo.one.secret"), None);
        assert_eq!(revoke(&sql, "one", &by()), Err(Code::NotFound.into()));
        let audit: Vec<_> = audit(&sql).unwrap().into_iter().map(|e| (e.action, e.what)).collect();
        assert_eq!(audit[0], ("key_revoke".into(), "server one (events coupons) 店".into()));
        assert_eq!(audit[1], ("key_create".into(), "write two 店".into()));
    }

    #[test]
    fn what_opens_is_not_kept() {
        let sql = site();
        create(&sql, &key("one", "server"), &by()).unwrap();
        let stored = serde_json::to_string(&load(&sql).unwrap().unwrap()).unwrap();
        assert!(!stored.contains("secret"), "{stored}");
    }

    #[test]
    fn a_text_that_is_no_key_has_no_parts() {
        for text in ["", "demo", "sk", "sk.demo", "sk.demo.id", "sk.demo.id.secret.more", "pk.demo.id.secret"] {
            assert_eq!(Presented::read(text), None, "{text:?}");
        }
    }

    #[test]
    fn what_a_key_may_be() {
        let asked = |name: &str, kind: Option<&str>, scopes: &[&str]| CreateKey {
            name: name.into(),
            kind: kind.map(Into::into),
            scopes: scopes.iter().map(|s| (*s).into()).collect(),
        };
        assert_eq!(
            check(&asked("a", None, &["numbers", "events", "events"])).unwrap(),
            ("server".into(), vec!["events".into(), "numbers".into()])
        );
        assert_eq!(check(&asked("a", Some("write"), &[])).unwrap().0, "write");
        for (wrong, path) in [
            (asked(" ", None, &["events"]), "name"),
            (asked(&"あ".repeat(101), None, &["events"]), "name"),
            (asked("a", Some("owner"), &["events"]), "kind"),
            (asked("a", None, &["events", "everything"]), "scopes[1]"),
            (asked("a", None, &[]), "scopes"),
            (asked("a", Some("write"), &["events"]), "scopes"),
        ] {
            assert_eq!(check(&wrong).unwrap_err().path.as_deref(), Some(path), "{wrong:?}");
        }
    }

    #[test]
    fn there_is_room_for_fifty() {
        let sql = site();
        for i in 0..KEYS_MAX {
            create(&sql, &key(&format!("k{i}"), "server"), &by()).unwrap();
        }
        let Err(Failure::Refused(problem)) = create(&sql, &key("more", "server"), &by()) else {
            panic!("one too many")
        };
        assert_eq!(problem.code, Code::BodyInvalid);
        revoke(&sql, "k7", &by()).unwrap();
        assert!(create(&sql, &key("more", "server"), &by()).is_ok());
    }
}
