//! Every address the edge answers by itself, in one table: the Worker's router and `openapi.json` are both made from it. What is not in it is a
//! file (tag, agent, widgets, console, shop) or nothing.

macro_rules! routes {
    ($($(#[doc = $words:literal])+ $name:ident: $method:ident $path:literal,)+) => {
        /// An address with its method.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Route {
            $($(#[doc = $words])+ $name,)+
        }

        impl Route {
            /// Every route.
            pub const ALL: &[Route] = &[$(Route::$name),+];

            /// `GET`, `POST`...
            pub const fn method(self) -> &'static str {
                match self { $(Route::$name => stringify!($method)),+ }
            }

            /// The address; a segment in braces stands for any text without a slash.
            pub const fn path(self) -> &'static str {
                match self { $(Route::$name => $path),+ }
            }

            /// What it is for, in a sentence.
            pub const fn words(self) -> &'static str {
                match self { $(Route::$name => concat!($($words),+)),+ }
            }
        }
    };
}

routes! {
    /// Whether the edge answers at all.
    Health: GET "/noren/v1/health",
    /// What a page needs to know whether to fetch a new program.
    Site: GET "/noren/v1/site",
    /// What the site's pages store and send, to whom and why: a page for people, or JSON with `as=json`.
    Privacy: GET "/noren/v1/privacy",
    /// A device's unsent events, acknowledged once they are stored.
    Sync: POST "/noren/v1/sync",
    /// The code of a campaign for this visitor; the same one however often it is asked for.
    Coupon: POST "/noren/v1/coupon",
    /// The visitor's side of a conversation, a WebSocket of text frames.
    Chat: GET "/noren/v1/chat",
    /// The JSON Schema of a campaign.
    CampaignSchema: GET "/noren/schema/campaign.json",
    /// A compiled program, by the hash of its bytes.
    Program: GET "/noren/p/{hash}",
    /// The content of one variant, by the hash of its bytes.
    Content: GET "/noren/c/{hash}",
    /// Calls of a client of Segment's tracking interface, taken whole or not at all.
    Track: POST "/v1/{call}",
    /// What a page's browser asks before it sends such a call.
    TrackPreflight: OPTIONS "/v1/{call}",
    /// Where Segment's browser client is to send.
    TrackSettings: GET "/v1/projects/{key}/settings",
    /// The demo shop's own server, on a development server only: what a code is worth.
    ShopCoupon: POST "/shop/api/coupon",
    /// The demo shop's own server, on a development server only: use a code.
    ShopRedeem: POST "/shop/api/redeem",
    /// Who is signed in.
    SessionWho: GET "/noren/v1/admin/session",
    /// Sign in: the answer sets the session's cookie.
    SessionOpen: POST "/noren/v1/admin/session",
    /// Sign out.
    SessionClose: DELETE "/noren/v1/admin/session",
    /// The JSON Schema of a campaign, where the console looks for it.
    AdminSchema: GET "/noren/v1/admin/schema/campaign.json",
    /// The sites of this deployment.
    Sites: GET "/noren/v1/admin/sites",
    /// A site's settings and what is live.
    SiteLook: GET "/noren/v1/admin/sites/{site}",
    /// Create or settle a site; what is left out stays as it is.
    SiteSettle: PUT "/noren/v1/admin/sites/{site}",
    /// The live campaigns.
    Campaigns: GET "/noren/v1/admin/sites/{site}/campaigns",
    /// Publish: a new version.
    Publish: PUT "/noren/v1/admin/sites/{site}/campaigns",
    /// Publish without one of the live campaigns.
    Unpublish: DELETE "/noren/v1/admin/sites/{site}/campaigns/{campaign}",
    /// What the site says for all of its campaigns.
    Document: GET "/noren/v1/admin/sites/{site}/document",
    /// Publish the live campaigns under another document of the site.
    DocumentSettle: PUT "/noren/v1/admin/sites/{site}/document",
    /// Look campaigns over; stores nothing.
    Check: POST "/noren/v1/admin/sites/{site}/check",
    /// Publish the documents of an earlier version again.
    Rollback: POST "/noren/v1/admin/sites/{site}/rollback",
    /// What was published, the newest first.
    Versions: GET "/noren/v1/admin/sites/{site}/versions",
    /// Who did what, the newest first.
    Audit: GET "/noren/v1/admin/sites/{site}/audit",
    /// Counted totals over the hours that begin in `[from, until)`.
    NumbersOf: GET "/noren/v1/admin/sites/{site}/numbers",
    /// Conversations, the newest first.
    Conversations: GET "/noren/v1/admin/sites/{site}/conversations",
    /// A person's facts over all devices; all zero for an unknown one.
    PersonFacts: GET "/noren/v1/admin/sites/{site}/person",
    /// A person, the parts they are made of, and what became of parts.
    PersonLook: GET "/noren/v1/admin/sites/{site}/persons/{user}",
    /// Take a part out of a person again.
    PersonUndo: POST "/noren/v1/admin/sites/{site}/persons/{user}/undo",
    /// Take back that a person's id is another's.
    PersonUnalias: POST "/noren/v1/admin/sites/{site}/persons/{user}/unalias",
    /// A person's sensitive traits; each reading is audited.
    PersonSensitive: GET "/noren/v1/admin/sites/{site}/persons/{user}/sensitive",
    /// All that is stored of a person.
    PersonExported: GET "/noren/v1/admin/sites/{site}/persons/{user}/export",
    /// Erase a person; asked again, how far that has come.
    PersonErase: POST "/noren/v1/admin/sites/{site}/persons/{user}/erase",
    /// Erase somebody of whom no more is known than a browser's public id.
    DeviceErase: POST "/noren/v1/admin/sites/{site}/devices/{device}/erase",
    /// The secret that proofs of identity are signed with.
    Proof: POST "/noren/v1/admin/sites/{site}/proof",
    /// What the edge noticed by itself, the newest first.
    Findings: GET "/noren/v1/admin/sites/{site}/findings",
    /// Count the totals again, a step at a time.
    Recount: POST "/noren/v1/admin/sites/{site}/recount",
    /// On a development server only: what an object has written since it woke up.
    Measure: GET "/noren/v1/admin/sites/{site}/measure",
    /// Visitors on the site now, of one shard: a WebSocket of text frames.
    Live: GET "/noren/v1/admin/sites/{site}/live",
    /// The operator's side of a conversation, a WebSocket of text frames.
    OperatorChat: GET "/noren/v1/admin/sites/{site}/chat",
    /// Coupon pools.
    Pools: GET "/noren/v1/admin/sites/{site}/pools",
    /// A coupon pool's state.
    PoolLook: GET "/noren/v1/admin/sites/{site}/pools/{pool}",
    /// Create, fill or settle a coupon pool; what is left out stays as it is.
    PoolFill: POST "/noren/v1/admin/sites/{site}/pools/{pool}",
    /// A page of a pool's codes.
    PoolExport: GET "/noren/v1/admin/sites/{site}/pools/{pool}/codes",
    /// Use a code in an order. A header `Idempotency-Key` makes a repetition harmless.
    Redeem: POST "/noren/v1/admin/sites/{site}/redeem",
    /// Take a code back out of an order.
    Release: POST "/noren/v1/admin/sites/{site}/release",
    /// A site's keys, the newest first.
    Keys: GET "/noren/v1/admin/sites/{site}/keys",
    /// Make a key.
    KeyCreate: POST "/noren/v1/admin/sites/{site}/keys",
    /// Revoke a key.
    KeyRevoke: DELETE "/noren/v1/admin/sites/{site}/keys/{key}",
}

/// Whose credentials an address asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nobody's, or what the request itself carries (a page's origin and key, a client's write key).
    Nothing,
    /// Somebody who signed in, or any server key of the site.
    AnyKey,
    /// Somebody who signed in, or a server key of the site with this scope.
    Scope(&'static str),
    /// Somebody who signed in.
    Person,
}

impl Route {
    /// Whose credentials it asks for.
    pub const fn needs(self) -> Needs {
        use Route::*;
        match self {
            Health | Site | Privacy | Sync | Coupon | Chat | CampaignSchema | Program | Content | Track
            | TrackPreflight | TrackSettings | ShopCoupon | ShopRedeem | SessionOpen | SessionClose | AdminSchema => {
                Needs::Nothing
            }
            SessionWho | SiteLook => Needs::AnyKey,
            Campaigns | Publish | Unpublish | Document | DocumentSettle | Check | Rollback | Versions => {
                Needs::Scope("campaigns")
            }
            Pools | PoolLook | PoolFill | PoolExport | Redeem | Release => Needs::Scope("coupons"),
            PersonFacts | PersonLook => Needs::Scope("people"),
            PersonSensitive => Needs::Scope("sensitive"),
            NumbersOf => Needs::Scope("numbers"),
            Sites | SiteSettle | Audit | Conversations | PersonUndo | PersonUnalias | PersonExported | PersonErase
            | DeviceErase | Proof | Findings | Recount | Measure | Live | OperatorChat | Keys | KeyCreate
            | KeyRevoke => Needs::Person,
        }
    }
}

/// What stands at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A route, and the text of its braces in their order, as it stands in the address.
    Here(Route, Vec<&'a str>),
    /// Something, but not for this method.
    OtherMethods,
    /// Nothing.
    Nothing,
}

/// Look a request up. `path` is without query.
pub fn find<'a>(method: &str, path: &'a str) -> Found<'a> {
    let mut known = false;
    for route in Route::ALL {
        if let Some(taken) = taken(route.path(), path) {
            if route.method() == method {
                return Found::Here(*route, taken);
            }
            known = true;
        }
    }
    if known { Found::OtherMethods } else { Found::Nothing }
}

/// What of `path` stands where the template has braces.
fn taken<'a>(template: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut taken = Vec::new();
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(taken),
            (Some(part), Some(text)) if part.starts_with('{') => taken.push(text),
            (Some(part), Some(text)) if part == text => {}
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_found_by_address_and_method() {
        for (method, path, expected) in [
            ("GET", "/noren/v1/site", Found::Here(Route::Site, vec![])),
            ("GET", "/noren/p/abc", Found::Here(Route::Program, vec!["abc"])),
            ("PUT", "/noren/v1/admin/sites/s/campaigns", Found::Here(Route::Publish, vec!["s"])),
            ("DELETE", "/noren/v1/admin/sites/s/keys/k", Found::Here(Route::KeyRevoke, vec!["s", "k"])),
            ("GET", "/noren/v1/admin/sites/s/persons/a%2Fb", Found::Here(Route::PersonLook, vec!["s", "a%2Fb"])),
            ("POST", "/noren/v1/site", Found::OtherMethods),
            ("PATCH", "/noren/v1/admin/sites/s", Found::OtherMethods),
            ("GET", "/noren/v1/site/", Found::Nothing),
            ("GET", "/noren/p/abc/def", Found::Nothing),
            ("GET", "", Found::Nothing),
        ] {
            assert_eq!(find(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn no_address_hides_another() {
        for route in Route::ALL {
            let path = route.path().replace(['{', '}'], "");
            assert!(matches!(find(route.method(), &path), Found::Here(found, _) if found == *route), "{path}");
        }
    }
}
