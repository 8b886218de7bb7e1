//! Orders that several may report who were never joined: who has counted what for one is said to the shard of its transaction id, which lets it
//! count once. Nothing is said of an order that reached no goal, so most visitors never say anything here.

use std::collections::BTreeMap;

use noren_profile::{Claim, Claims};
use noren_wire::inner::{Destination, Owed};
use noren_wire::part::claim_doc;
use noren_wire::stored::ClaimDoc;

use crate::name::{content_hash, shard_of};

/// What an order is called among shards: half of a digest is enough to tell a site's orders apart, and nobody reads an order number here.
pub fn digest(transaction: &str) -> String {
    content_hash(transaction.as_bytes())
}

/// The name under which an object claims for one of its epochs; a person claims under its own.
pub fn holder(object: &str, epoch: Option<u32>) -> String {
    epoch.map_or_else(|| object.to_string(), |epoch| format!("{object}/{epoch}"))
}

/// What is to be said of orders whose claims have changed; a claim that is gone is taken back.
pub fn changes(before: &Claims, after: &Claims, epoch: Option<u32>) -> Vec<ClaimDoc> {
    let nothing = Claim::default();
    let mut changes = Vec::new();
    for (id, claim) in after.iter().filter(|(id, claim)| before.get(*id) != Some(claim)) {
        changes.push(claim_doc(&digest(id), epoch, claim));
    }
    for id in before.keys().filter(|id| !after.contains_key(*id)) {
        changes.push(claim_doc(&digest(id), epoch, &nothing));
    }
    changes
}

/// The rows by which they are said, one a shard.
pub fn owed(site: &str, shards: u32, changes: Vec<ClaimDoc>) -> Vec<(Destination, Owed)> {
    let mut by_shard: BTreeMap<u32, Vec<ClaimDoc>> = BTreeMap::new();
    for claim in changes {
        by_shard.entry(shard_of(&claim.order, shards)).or_default().push(claim);
    }
    let to = |shard: u32| Destination { kind: "shard".into(), site: site.into(), id: shard.to_string() };
    by_shard.into_iter().map(|(shard, claims)| (to(shard), Owed::Claims { claims })).collect()
}
