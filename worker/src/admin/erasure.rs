//! What a person may ask of a site: all that is stored of them, and that it goes.

use noren_edge::device::apart::united;
use noren_edge::name::{Kind, token_digest};
use noren_edge::site::By;
use noren_wire::admin::{Both, ExportedEvent, PersonExport, PersonInfo, Receipt, SourceExport};
use noren_wire::chat::ChatMessage;
use noren_wire::error::Code;
use noren_wire::inner::{DeviceExport, Erased, Source};
use noren_wire::privacy::{SensitiveTrait, SensitiveTraits};
use noren_wire::stored::SiteDoc;
use serde_json::json;

use super::persons::{asked, person, registered};
use crate::answer::{self, Answer};
use crate::edge::{Edge, device_object};

/// `GET persons/ID/export`: from the person's object, and from each device's and its conversation's.
///
/// # Errors
/// `not_found` for somebody nobody ever was.
pub async fn export(edge: &Edge, doc: &SiteDoc, user: &str, by: &By) -> Answer {
    let (object, id) = person(edge, doc, user)?;
    let info: PersonInfo = object.ask("info", &asked(edge, doc).await?).await?;
    let known: Vec<Source> = object.ask("sources", &()).await?;
    if known.is_empty() {
        return Err(Code::NotFound.into());
    }
    note(edge, doc, "export", &id, by).await?;
    let mut sources = Vec::new();
    for Source { device, epoch, object } in known {
        // Where the source is not a browser, or has gone, the folded part in `person` is all there is.
        let held: DeviceExport = match object.as_str() {
            "" => DeviceExport::default(),
            object => device_object(&edge.env, object)?.ask("export", &epoch).await?,
        };
        let conversation = edge.object(Kind::Conversation, &doc.site, &device)?;
        let messages: Vec<ChatMessage> = conversation.ask("export", &()).await?;
        let events = held.events.into_iter().map(|e| ExportedEvent { at: e.at, name: e.name, props: e.props });
        sources.push(SourceExport {
            device,
            epoch,
            events: events.collect(),
            coupons: held.coupons,
            messages,
            answers: held.answers,
            sensitive: held.sensitive,
        });
    }
    answer::json(&PersonExport { at: by.now, person: info, sources })
}

/// `GET persons/ID/sensitive`: what is kept apart, from each device of the person. A device that is no browser's, or has gone, has none.
///
/// # Errors
/// `not_found` for somebody nobody ever was.
pub async fn sensitive(edge: &Edge, doc: &SiteDoc, user: &str, by: &By) -> Answer {
    let (object, id) = person(edge, doc, user)?;
    let known: Vec<Source> = object.ask("sources", &()).await?;
    if known.is_empty() {
        return Err(Code::NotFound.into());
    }
    // Noted before it is told: who reads leaves a trace even if the answer is lost.
    note(edge, doc, "sensitive", &id, by).await?;
    let mut held: Vec<Vec<SensitiveTrait>> = Vec::new();
    for Source { epoch, object, .. } in known.into_iter().filter(|source| !source.object.is_empty()) {
        held.push(device_object(&edge.env, &object)?.ask("apart", &epoch).await?);
    }
    answer::json(&SensitiveTraits { traits: united(held) })
}

/// `POST persons/ID/erase`.
///
/// # Errors
/// `not_found` for somebody nobody ever was.
pub async fn person_erased(edge: &Edge, doc: &SiteDoc, user: &str, by: &By) -> Answer {
    let (object, id) = person(edge, doc, user)?;
    let erased: Option<Erased> = object.ask("erase", &by.now).await?;
    let Erased { generation, at, devices, pending } = erased.ok_or(Code::NotFound)?;
    note(edge, doc, "erase", &id, by).await?;
    answer::json(&Receipt { of: id, generation, at, devices, pending, stays: stays() })
}

/// `POST devices/ID/erase`: somebody of whom no more is known than a browser.
///
/// # Errors
/// `not_found` for a device nobody knows.
pub async fn device(edge: &Edge, doc: &SiteDoc, device: &str, by: &By) -> Answer {
    let generation: Option<u32> = registered(edge, doc, device).await?.ask("erase", &()).await?;
    let generation = generation.ok_or(Code::NotFound)?;
    let of = token_digest(device);
    note(edge, doc, "erase", &of, by).await?;
    answer::json(&Receipt { of, generation, at: by.now, devices: 1, pending: 0, stays: stays() })
}

/// The audit outlives what was erased, so it names it by digest.
async fn note(edge: &Edge, doc: &SiteDoc, action: &str, what: &str, by: &By) -> noren_edge::Result<()> {
    edge.site(&doc.site)?.ask("note", &json!({ "action": action, "what": what, "by": by })).await
}

/// What an erasure leaves.
fn stays() -> Vec<Both> {
    [
        ("Counted totals, in which nobody can be found.", "集計済みの合計(個人を特定できる情報は含みません)。"),
        ("The audit's entry of this erasure, under the digest in this receipt.", "この消去の監査記録(この受領書にあるハッシュ値で記録します)。"),
        (
            "The public id of each device in its shard's register and beside the coupons it was given: a random number that leads to nothing.",
            "端末の公開 ID(シャードの登録簿と、発行したクーポンに残ります)。何にも結び付かない乱数です。",
        ),
        (
            "The platform's own copies for point-in-time recovery, for 30 days.",
            "プラットフォームが保持する、ポイントインタイムリカバリー用の複製(30 日間)。",
        ),
    ]
    .map(|(en, ja)| Both { en: en.into(), ja: ja.into() })
    .into()
}
