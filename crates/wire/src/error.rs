//! The one shape of every error answer, and the codes that are promises.

use serde::{Deserialize, Serialize};

/// `{"code","message","path"?}`. Codes are stable; messages are for people and may change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS, schemars::JsonSchema))]
pub struct ErrorBody {
    /// What went wrong, in a word of [`Code`].
    pub code: String,
    /// The same for a person, in English.
    pub message: String,
    /// The field to blame, where one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub path: Option<String>,
    /// What is live now, with `version_conflict`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub version: Option<i64>,
    /// Seconds to wait, with `too_many_requests`; the same as the header `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub retry_after: Option<u32>,
    /// The diagnostics, with `campaigns_invalid` and `site_invalid`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(test, ts(optional))]
    pub findings: Option<Vec<crate::admin::Finding>>,
}

/// Every error code with its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The body is not JSON.
    BodyNotJson,
    /// A field is missing or wrong.
    BodyInvalid,
    /// The body is over the route's limit.
    BodyTooLarge,
    /// No such site.
    SiteUnknown,
    /// The page's origin is not one of the site's.
    OriginForbidden,
    /// The public id does not belong to the key sent with it.
    KeyMismatch,
    /// The site, or the browser's own signal where the site honours it, allows nothing to be sent.
    ConsentOff,
    /// The site asks, and the visitor has not agreed: nothing is taken.
    ConsentMissing,
    /// A proof of identity is not the site's.
    ProofInvalid,
    /// The protocol version is no longer spoken.
    TooOld,
    /// No or a wrong session or token.
    Unauthorized,
    /// The token may not do this.
    Forbidden,
    /// No such thing.
    NotFound,
    /// Wrong method.
    MethodNotAllowed,
    /// Diagnostics; nothing was published.
    CampaignsInvalid,
    /// Diagnostics of the site's document, or of live campaigns under it; nothing was changed.
    SiteInvalid,
    /// Somebody published in between.
    VersionConflict,
    /// A WebSocket was expected.
    UpgradeRequired,
    /// More comes than can be handed on; come again after `Retry-After`.
    TooManyRequests,
    /// Our fault.
    Internal,
}

impl Code {
    /// Every code.
    pub const ALL: [Code; 20] = [
        Code::BodyNotJson,
        Code::BodyInvalid,
        Code::BodyTooLarge,
        Code::SiteUnknown,
        Code::OriginForbidden,
        Code::KeyMismatch,
        Code::ConsentOff,
        Code::ConsentMissing,
        Code::ProofInvalid,
        Code::TooOld,
        Code::Unauthorized,
        Code::Forbidden,
        Code::NotFound,
        Code::MethodNotAllowed,
        Code::CampaignsInvalid,
        Code::SiteInvalid,
        Code::VersionConflict,
        Code::UpgradeRequired,
        Code::TooManyRequests,
        Code::Internal,
    ];

    /// The code of a word; unknown words are our own fault.
    pub fn of_word(word: &str) -> Code {
        Code::ALL.into_iter().find(|code| code.word() == word).unwrap_or(Code::Internal)
    }

    /// The stable word.
    pub const fn word(self) -> &'static str {
        match self {
            Code::BodyNotJson => "body_not_json",
            Code::BodyInvalid => "body_invalid",
            Code::BodyTooLarge => "body_too_large",
            Code::SiteUnknown => "site_unknown",
            Code::OriginForbidden => "origin_forbidden",
            Code::KeyMismatch => "key_mismatch",
            Code::ConsentOff => "consent_off",
            Code::ConsentMissing => "consent_missing",
            Code::ProofInvalid => "proof_invalid",
            Code::TooOld => "too_old",
            Code::Unauthorized => "unauthorized",
            Code::Forbidden => "forbidden",
            Code::NotFound => "not_found",
            Code::MethodNotAllowed => "method_not_allowed",
            Code::CampaignsInvalid => "campaigns_invalid",
            Code::SiteInvalid => "site_invalid",
            Code::VersionConflict => "version_conflict",
            Code::UpgradeRequired => "upgrade_required",
            Code::TooManyRequests => "too_many_requests",
            Code::Internal => "internal",
        }
    }

    /// The HTTP status it travels under.
    pub const fn status(self) -> u16 {
        match self {
            Code::BodyNotJson | Code::BodyInvalid | Code::TooOld => 400,
            Code::Unauthorized => 401,
            Code::OriginForbidden
            | Code::KeyMismatch
            | Code::ConsentOff
            | Code::ConsentMissing
            | Code::ProofInvalid
            | Code::Forbidden => 403,
            Code::SiteUnknown | Code::NotFound => 404,
            Code::MethodNotAllowed => 405,
            Code::VersionConflict => 409,
            Code::BodyTooLarge => 413,
            Code::CampaignsInvalid | Code::SiteInvalid => 422,
            Code::UpgradeRequired => 426,
            Code::TooManyRequests => 429,
            Code::Internal => 500,
        }
    }

    /// What a person is told.
    pub const fn message(self) -> &'static str {
        match self {
            Code::BodyNotJson => "The body is not JSON.",
            Code::BodyInvalid => "A field of the body is missing or has the wrong type.",
            Code::BodyTooLarge => "The body is larger than this request allows.",
            Code::SiteUnknown => "There is no such site.",
            Code::OriginForbidden => "This origin is not one of the site's.",
            Code::KeyMismatch => "The device's id does not belong to the key sent with it.",
            Code::ConsentMissing => "This site asks first, and the visitor has not agreed: nothing is taken.",
            Code::ConsentOff => "Nothing is taken from this visitor: Noren is switched off here.",
            Code::ProofInvalid => "The proof of identity is not one of this site's.",
            Code::TooOld => "This protocol version is no longer spoken.",
            Code::Unauthorized => "Sign in first.",
            Code::Forbidden => "This is not allowed.",
            Code::NotFound => "There is no such thing.",
            Code::MethodNotAllowed => "This method is not answered here.",
            Code::CampaignsInvalid => "The campaigns have errors; nothing was published.",
            Code::SiteInvalid => {
                "The site's document has errors, or campaigns would have under it; nothing was changed."
            }
            Code::VersionConflict => "Somebody published in between.",
            Code::UpgradeRequired => "A WebSocket is expected here.",
            Code::TooManyRequests => "Too much came at once; try again in a moment.",
            Code::Internal => "Something went wrong on our side.",
        }
    }
}

/// An error on its way out: a code and, where one is to blame, the field.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What.
    pub code: Code,
    /// Where.
    pub path: Option<String>,
    /// Instead of the code's own words.
    pub message: Option<String>,
    /// See [`ErrorBody::version`].
    pub version: Option<i64>,
    /// See [`ErrorBody::retry_after`].
    pub retry_after: Option<u32>,
    /// See [`ErrorBody::findings`].
    pub findings: Option<Vec<crate::admin::Finding>>,
}

impl Problem {
    /// `body_invalid` at `path`, with words that say what was expected.
    pub fn field(path: &str, message: &str) -> Problem {
        Problem { path: Some(path.into()), message: Some(message.into()), ..Problem::from(Code::BodyInvalid) }
    }

    /// `too_many_requests`, and after how many seconds to come again.
    pub fn come_again(seconds: u32) -> Problem {
        Problem { retry_after: Some(seconds), ..Problem::from(Code::TooManyRequests) }
    }

    /// The body to send.
    pub fn body(self) -> ErrorBody {
        ErrorBody {
            code: self.code.word().into(),
            message: self.message.unwrap_or_else(|| self.code.message().into()),
            path: self.path,
            version: self.version,
            retry_after: self.retry_after,
            findings: self.findings,
        }
    }
}

impl From<ErrorBody> for Problem {
    fn from(body: ErrorBody) -> Problem {
        Problem {
            code: Code::of_word(&body.code),
            path: body.path,
            message: Some(body.message),
            version: body.version,
            retry_after: body.retry_after,
            findings: body.findings,
        }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Problem {
        Problem { code, path: None, message: None, version: None, retry_after: None, findings: None }
    }
}

/// Read a body: JSON of the right types, or a problem that names the field.
///
/// # Errors
/// `body_not_json`, `body_invalid` with `path` in dotted form (`streams[0].events[2].n`).
pub fn parse<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        match error.inner().classify() {
            serde_json::error::Category::Data => Problem::field(&path, &without_position(&error.inner().to_string())),
            _ => Problem::from(Code::BodyNotJson),
        }
    })?;
    json.end().map_err(|_| Problem::from(Code::BodyNotJson))?;
    Ok(parsed)
}

/// serde_json ends its words with " at line 1 column 7", which says nothing to who sent one line.
fn without_position(text: &str) -> String {
    text.rsplit_once(" at line ").map_or(text, |(head, _)| head).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::SyncRequest;

    #[test]
    fn a_wrong_field_is_named() {
        let body = br#"{"v":1,"site":"s","device":"d","key":"k","sent_at":1,"streams":[{"id":"x","events":[{"n":"zero","at":1,"name":"a"}]}]}"#;
        let problem = parse::<SyncRequest>(body).unwrap_err();
        assert_eq!((problem.code, problem.path.as_deref()), (Code::BodyInvalid, Some("streams[0].events[0].n")));
        assert!(!problem.message.unwrap().contains("line"));
    }

    #[test]
    fn what_is_not_json_is_said_to_be_so() {
        for body in [&b"{"[..], b"", b"hello", b"{\"v\":1", b"\xff\xfe", b"null x"] {
            assert_eq!(parse::<serde_json::Value>(body).unwrap_err().code, Code::BodyNotJson, "{body:?}");
        }
    }
}
