//! Writes `js/shared/wire.ts` and fails when it was not fresh: run the tests again and commit what changed.

use std::path::Path;

use ts_rs::{Config, TS};

use crate::{admin, chat, coupon, error, ingest, keys, privacy, stored, sync};

macro_rules! declare {
    ($config:expr, $($type:ty),* $(,)?) => {
        [$({
            let docs = <$type as TS>::docs().unwrap_or_default();
            format!("{}export {}\n", docs, <$type as TS>::decl($config))
        }),*]
    };
}

#[test]
fn the_typescript_types_are_fresh() {
    let config = &Config::new().with_large_int("number");
    let declarations = declare!(
        config,
        error::ErrorBody,
        sync::SyncRequest,
        sync::StreamBatch,
        sync::WireEvent,
        sync::SyncAnswer,
        sync::Ack,
        sync::Facts,
        sync::Touch,
        sync::Rfm,
        sync::Windows,
        sync::Geo,
        sync::HeldCoupon,
        sync::Caps,
        sync::SiteAnswer,
        coupon::CouponRequest,
        coupon::CouponAnswer,
        coupon::Terms,
        coupon::RedeemRequest,
        coupon::RedeemAnswer,
        coupon::PoolRequest,
        coupon::Generate,
        coupon::PoolRate,
        coupon::PoolAnswer,
        coupon::PoolList,
        coupon::PoolCodes,
        coupon::PoolCode,
        chat::ChatClientFrame,
        chat::ChatServerFrame,
        chat::ChatMessage,
        ingest::IngestAnswer,
        ingest::PassedOver,
        admin::SignIn,
        admin::Session,
        admin::SiteInfo,
        admin::SettleSite,
        admin::Weights,
        keys::KeyList,
        keys::KeyInfo,
        keys::CreateKey,
        keys::CreatedKey,
        admin::Both,
        admin::Finding,
        admin::CampaignEntry,
        admin::Stopped,
        admin::CampaignList,
        admin::SiteDocument,
        admin::SettleDocument,
        admin::CheckRequest,
        admin::CheckAnswer,
        admin::CheckedCampaign,
        admin::PublishRequest,
        admin::PublishAnswer,
        admin::RollbackRequest,
        admin::VersionList,
        admin::VersionEntry,
        admin::Numbers,
        admin::Estimate,
        admin::NumbersRow,
        admin::Orders,
        admin::VisitorRow,
        admin::LiveFrame,
        admin::ConversationList,
        admin::ConversationRow,
        admin::LastMessage,
        admin::AuditList,
        admin::AuditEntry,
        admin::ProofRequest,
        admin::ProofSecret,
        admin::PersonInfo,
        admin::PersonPart,
        admin::PersonAlias,
        admin::MergeEntry,
        admin::UndoRequest,
        admin::Receipt,
        admin::PersonExport,
        admin::SourceExport,
        privacy::SensitiveTrait,
        privacy::SensitiveTraits,
        admin::ExportedEvent,
        admin::FindingList,
        admin::FindingRow,
        stored::Keep,
        stored::AnswerDoc,
        admin::RecountRequest,
        admin::RecountAnswer,
        admin::DifferenceRow,
        privacy::PrivacyNotice,
        privacy::Recipient,
        privacy::StoredThing,
        privacy::NoticedRequest,
    );
    let mut fresh = String::from(
        "/**\n * The types of every boundary, written from the Rust types in crates/wire by its tests. Do not edit by hand.\n */\n",
    );
    for declaration in declarations {
        fresh.push('\n');
        fresh.push_str(&declaration);
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../js/shared/wire.ts");
    let known = std::fs::read_to_string(&file).unwrap_or_default();
    if known != fresh {
        std::fs::write(&file, &fresh).unwrap();
        panic!("js/shared/wire.ts was not fresh; it has been written again");
    }
}
