/**
 * The types of every boundary, written from the Rust types in crates/wire by its tests. Do not edit by hand.
 */

/**
 * `{"code","message","path"?}`. Codes are stable; messages are for people and may change.
 */
export type ErrorBody = { 
/**
 * What went wrong, in a word of [`Code`].
 */
code: string, 
/**
 * The same for a person, in English.
 */
message: string, 
/**
 * The field to blame, where one is.
 */
path?: string, 
/**
 * What is live now, with `version_conflict`.
 */
version?: number, 
/**
 * Seconds to wait, with `too_many_requests`; the same as the header `Retry-After`.
 */
retry_after?: number, 
/**
 * The diagnostics, with `campaigns_invalid` and `site_invalid`.
 */
findings?: Array<Finding>, };

/**
 * A device's unsent events, by stream.
 */
export type SyncRequest = { 
/**
 * Protocol version.
 */
v: number, 
/**
 * Site key.
 */
site: string, 
/**
 * The device's public id: 22 base64url characters.
 */
device: string, 
/**
 * The device's secret: 43 base64url characters.
 */
key: string, 
/**
 * What the page goes by: the mode of consent (`open`, `ask` or `cookieless`; empty where only an answer is known) and the visitor's answer
 * (`granted`, `denied` or categories with commas). An older agent says nothing.
 */
consent?: [string, string | null], 
/**
 * Counts logouts on this device; events belong to the epoch they were made under.
 */
epoch: number, 
/**
 * The generation the device last heard of; an erased device is told to start over.
 */
generation: number, 
/**
 * The device's clock when this was sent, Unix ms.
 */
sent_at: number, 
/**
 * Hash of the program the agent runs, or empty.
 */
program: string, 
/**
 * Whether facts are wanted in the answer.
 */
facts: boolean, 
/**
 * The key was minted on this page and nothing but `page_view` has happened.
 */
fresh?: boolean, 
/**
 * Sent by tag.js before the agent was there.
 */
raw?: boolean, 
/**
 * The tab is going away: the visitor leaves the live list.
 */
hidden?: boolean, 
/**
 * One entry a page load that has something to say.
 */
streams: Array<StreamBatch>, };

/**
 * Events of one page load.
 */
export type StreamBatch = { 
/**
 * Random id made at page load: 22 base64url characters.
 */
id: string, 
/**
 * The lowest number the device still holds; lower ones that never arrived are lost.
 */
from: number, 
/**
 * No more will come.
 */
done: boolean, 
/**
 * In any order.
 */
events: Array<WireEvent>, };

/**
 * One event.
 */
export type WireEvent = { 
/**
 * Its number within the stream, from 0.
 */
n: number, 
/**
 * The device's clock when it happened, Unix ms.
 */
at: number, 
/**
 * GA4's name, a signal's, a record's, or a free one.
 */
name: string, 
/**
 * Properties: an object, or left out.
 */
props?: Record<string, unknown>, };

/**
 * The edge's answer.
 */
export type SyncAnswer = { 
/**
 * Protocol version.
 */
v: number, 
/**
 * The edge's clock, Unix ms.
 */
now: number, 
/**
 * Hash of the live program; empty when nothing was ever published.
 */
program: string, 
/**
 * The device's generation.
 */
generation: number, 
/**
 * Drop queue, key and snapshot.
 */
reset: boolean, 
/**
 * Per stream, what may be forgotten.
 */
acks: Array<Ack>, 
/**
 * What is known of the visitor, when asked for, and whenever there is news.
 */
facts?: Facts, 
/**
 * Public id, key and first epoch of the device that this browser is by the site's own cookie, where its storage said otherwise: from now on
 * it is that device. Said to pages of the site's own origins only, with their own cookie.
 */
identity?: [string, string, number], 
/**
 * What a server reported of this visitor meanwhile, once to each open page: name, properties and corrected time of each event. Rules
 * see them as events of now.
 */
news?: Array<[string, Record<string, unknown>, number]>, };

/**
 * One stream's watermark.
 */
export type Ack = { 
/**
 * The stream.
 */
id: string, 
/**
 * The first number not yet applied: everything below may be forgotten.
 */
next: number, };

/**
 * Long-range facts, folded at the edge.
 */
export type Facts = { 
/**
 * Sessions, this one included once it has an event.
 */
visits: number, 
/**
 * Orders, each counted once.
 */
purchases: number, 
/**
 * Sum of orders less refunds, in the shop's currency.
 */
lifetime_value: number, 
/**
 * First event, Unix ms.
 */
first_seen: number | null, 
/**
 * Last event, Unix ms.
 */
last_seen: number | null, 
/**
 * Last order, Unix ms.
 */
last_purchase: number | null, 
/**
 * Coupons held and not yet expired.
 */
coupons: Array<HeldCoupon>, 
/**
 * Segments the visitor is in.
 */
segments: Array<string>, 
/**
 * What `identify` said.
 */
traits: Record<string, unknown>, 
/**
 * Per campaign, what was spent.
 */
caps: { [key in string]: Caps }, 
/**
 * Watermark of each stream the facts include.
 */
marks: { [key in string]: number }, 
/**
 * Up to when the asking device's own events are in them, by its own corrected clock; none where no device asked.
 */
counted_until: number | null, 
/**
 * Whole days since the first event, as of this answer.
 */
days_since_first_visit: number | null, 
/**
 * Whole days since the last order, as of this answer.
 */
days_since_last_purchase: number | null, 
/**
 * The first arrival, direct or not.
 */
first_touch: Touch | null, 
/**
 * The last arrival that was not direct; the first without any.
 */
last_touch: Touch | null, 
/**
 * Recency, frequency and money in bands; none before the first order.
 */
rfm: Rfm | null, 
/**
 * Categories the visitor is drawn to, the strongest first, at most five.
 */
affinity: Array<string>, 
/**
 * Their scores, to the hundredth.
 */
affinity_scores: Record<string, number>, 
/**
 * Points for what the visitor did, faded to the moment of this answer; to the hundredth.
 */
score: number, 
/**
 * How many of the site's bands the score has reached.
 */
score_band: number, 
/**
 * Ids of the items in the cart, the one put in first first.
 */
cart_items: Array<string>, 
/**
 * Last answer to each question.
 */
answers: Record<string, unknown>, 
/**
 * How often what live campaigns ask for has happened.
 */
counts: { [key in string]: Windows }, 
/**
 * Where the request came from; never stored.
 */
geo?: Geo, };

/**
 * One arrival on the site. What was not said is null.
 */
export type Touch = { 
/**
 * `utm_source`; else the referring host, the search engine's name, or `(direct)`.
 */
source: string | null, 
/**
 * `utm_medium`; else `organic`, `referral` or `(none)`.
 */
medium: string | null, 
/**
 * `utm_campaign`.
 */
campaign: string | null, 
/**
 * `utm_term`.
 */
term: string | null, 
/**
 * `utm_content`.
 */
content: string | null, 
/**
 * Address of the referring page of another site, without its query.
 */
referrer: string | null, 
/**
 * Path of the page that was reached.
 */
landing: string | null, };

/**
 * Recency, frequency and money, each 1 (worst) to 5.
 */
export type Rfm = { 
/**
 * Since the last order.
 */
recency: number, 
/**
 * Orders.
 */
frequency: number, 
/**
 * Their value.
 */
money: number, };

/**
 * Counts over long windows: today (UTC) and the days before that make up 7, 30 and 90.
 */
export type Windows = { d7: number, d30: number, d90: number, };

/**
 * Where a request came from, as the edge's network knows it. What it does not know is null.
 */
export type Geo = { 
/**
 * Two letters (ISO 3166-1), for example `JP`.
 */
country: string | null, 
/**
 * Name of the region, for example `Tokyo`.
 */
region: string | null, 
/**
 * Name of the city.
 */
city: string | null, 
/**
 * IANA name, for example `Asia/Tokyo`.
 */
timezone: string | null, 
/**
 * Who runs the network the request came from: an employer, a school, a telephone company.
 */
organization: string | null, };

/**
 * A coupon this visitor was given.
 */
export type HeldCoupon = { 
/**
 * By which campaign.
 */
campaign: string, 
/**
 * The code.
 */
code: string, 
/**
 * When it lapses, Unix ms.
 */
expires: number, };

/**
 * What one campaign has spent on one visitor.
 */
export type Caps = { 
/**
 * Exposures, control included: both arms spend alike.
 */
shown: number, 
/**
 * Closings.
 */
closed: number, 
/**
 * Clicks.
 */
clicked: number, 
/**
 * Conversions.
 */
converted: number, 
/**
 * Last exposure, Unix ms.
 */
last_shown: number | null, 
/**
 * Last closing, Unix ms.
 */
last_closed: number | null, 
/**
 * Last click, Unix ms.
 */
last_clicked: number | null, 
/**
 * Last conversion, Unix ms.
 */
last_converted: number | null, };

/**
 * What `GET /noren/v1/site` says: enough to know whether to fetch a new program.
 */
export type SiteAnswer = { 
/**
 * Protocol version.
 */
v: number, 
/**
 * Site key.
 */
site: string, 
/**
 * Hash of the live program, or empty.
 */
program: string, 
/**
 * `open`, `ask`, `cookieless` or `off`.
 */
consent: string, 
/**
 * The edge's clock, Unix ms.
 */
now: number, 
/**
 * The edge stands at an address of the site's own, as this browser sees it: a cookie may go with a sync.
 */
cookie?: boolean, };

/**
 * `POST /noren/v1/coupon`: hand this visitor the code of this campaign.
 */
export type CouponRequest = { 
/**
 * Protocol version.
 */
v: number, 
/**
 * Site key.
 */
site: string, 
/**
 * Public id.
 */
device: string, 
/**
 * Secret.
 */
key: string, 
/**
 * Which campaign reveals it.
 */
campaign: string, 
/**
 * From which pool.
 */
pool: string, };

/**
 * A code, or why there is none.
 */
export type CouponAnswer = { 
/**
 * Always true.
 */
ok: boolean, 
/**
 * The code.
 */
code: string, 
/**
 * When it lapses, Unix ms.
 */
expires: number, 
/**
 * What it is worth.
 */
terms: Terms, } | { 
/**
 * Always false.
 */
ok: boolean, 
/**
 * `pool_empty`, `pool_closed`, `pool_unknown` or `not_eligible`.
 */
code: string, };

/**
 * What a coupon is worth.
 */
export type Terms = { 
/**
 * Smallest order it applies to, in `currency`.
 */
minimum: number, 
/**
 * `amount` (off the total) or `percent`.
 */
kind: string, 
/**
 * How much of it.
 */
value: number, 
/**
 * ISO 4217.
 */
currency: string, };

/**
 * `POST sites/SITE/redeem` and `release`, server to server.
 */
export type RedeemRequest = { 
/**
 * The code a customer typed.
 */
code: string, 
/**
 * The shop's order number: the same order again is answered as before.
 */
order: string, 
/**
 * The order's total, in the pool's currency.
 */
total: number, 
/**
 * Its currency, ISO 4217; the pool's where left out.
 */
currency: string, 
/**
 * Public id of the browser it is used in. A pool that is bound needs this or `user`.
 */
visitor: string, 
/**
 * Or the site's own id of who uses it: any browser that was identified as them counts.
 */
user: string, };

/**
 * Whether a code may be used. A refusal stands first: it may carry terms too, and is told by its code.
 */
export type RedeemAnswer = { 
/**
 * Always false.
 */
ok: boolean, 
/**
 * `coupon_unknown`, `coupon_used`, `coupon_expired`, `coupon_not_yours`, `visitor_needed`, `minimum`, `currency`, `key_reused`, and of
 * a release `coupon_not_used` and `order_other`.
 */
code: string, 
/**
 * When it was used, or lapsed; Unix ms.
 */
at?: number, 
/**
 * The order it was used in.
 */
order?: string, 
/**
 * With `minimum` and `currency`: what the pool asks for.
 */
terms?: Terms, } | { 
/**
 * Always true.
 */
ok: boolean, 
/**
 * What it is worth.
 */
terms: Terms, };

/**
 * `POST sites/SITE/pools/POOL`: create, fill, settle. What is left out stays as it is.
 */
export type PoolRequest = { 
/**
 * Codes to add; ones already there are left as they are.
 */
codes: Array<string>, 
/**
 * Or make some.
 */
generate?: Generate, 
/**
 * What they are worth; needed at creation.
 */
terms?: Terms, 
/**
 * How long a visitor may use a code once it was shown: `7d`, which it is unless said.
 */
expires_after?: string, 
/**
 * When the whole pool is over, Unix ms: no code is handed out from then on and none holds for longer. 0 for never.
 */
until?: number, 
/**
 * Whether a code may be used by who was given it only; otherwise by whoever types it.
 */
bound?: boolean, 
/**
 * Whether no more codes are handed out. What was handed out stays good.
 */
closed?: boolean, 
/**
 * The stock at which it is low, 0 to 1,000; 0 for never.
 */
low?: number, 
/**
 * How fast codes may go.
 */
rate?: PoolRate, };

/**
 * Codes to make.
 */
export type Generate = { 
/**
 * How many.
 */
count: number, 
/**
 * What each begins with; at most 24 characters.
 */
prefix: string, 
/**
 * How many letters follow, 8 to 24; 8 unless said.
 */
length?: number, };

/**
 * How many codes of a pool may go to whom; 0 for as many as there are. A code shown again is not counted again.
 */
export type PoolRate = { 
/**
 * To one browser in 24 hours.
 */
device: number, 
/**
 * To one person in 24 hours, over their browsers.
 */
person: number, 
/**
 * To one network (an IPv4 address, an IPv6 /64) in 24 hours.
 */
network: number, 
/**
 * To everybody together in a minute.
 */
minute: number, };

/**
 * A pool's state.
 */
export type PoolAnswer = { 
/**
 * Its name.
 */
pool: string, 
/**
 * Codes nobody holds.
 */
stock: number, 
/**
 * Codes held and not yet redeemed.
 */
claimed: number, 
/**
 * Codes used in an order.
 */
redeemed: number, 
/**
 * Made codes that lapsed unused and were replaced by others: they open nothing any more.
 */
lapsed: number, 
/**
 * What a code is worth.
 */
terms: Terms, 
/**
 * How long a code is held once it was shown, in ms.
 */
expires_after_ms: number, 
/**
 * When all is over, Unix ms; 0 for never.
 */
until: number, 
/**
 * Whether only who was given a code may use it.
 */
bound: boolean, 
/**
 * Whether no more codes are handed out.
 */
closed: boolean, 
/**
 * The stock at which it is low; 0 for never.
 */
low: number, 
/**
 * Whether the stock is that low now.
 */
is_low: boolean, 
/**
 * How fast codes may go.
 */
rate: PoolRate, 
/**
 * Codes this request has added.
 */
added: number, 
/**
 * Lines of this request (`codes`, from 1) with a code that was there before, in the pool or on an earlier line; the first 1,000.
 */
duplicates: Array<number>, };

/**
 * `GET sites/SITE/pools`.
 */
export type PoolList = { 
/**
 * In the order they were created.
 */
pools: Array<PoolAnswer>, };

/**
 * `GET sites/SITE/pools/POOL/codes?after=CODE`: a page of codes in their own order.
 */
export type PoolCodes = { 
/**
 * At most 5,000.
 */
codes: Array<PoolCode>, 
/**
 * Ask again with `after` this; empty where these were the last.
 */
next: string, };

/**
 * One code of a pool.
 */
export type PoolCode = { 
/**
 * The code.
 */
code: string, 
/**
 * `free`, `claimed`, `redeemed` or `lapsed`.
 */
state: string, 
/**
 * Public id of the browser that was given it.
 */
visitor: string, 
/**
 * The campaign that revealed it.
 */
campaign: string, 
/**
 * When it was last given or used, Unix ms; 0 for never.
 */
at: number, 
/**
 * Until when it is held, Unix ms; 0 for a free one.
 */
expires: number, 
/**
 * The order it was used in.
 */
order: string, };

/**
 * What a client says.
 */
export type ChatClientFrame = { "t": "hello", 
/**
 * Highest number already held; 0 for none.
 */
since: number, } | { "t": "say", 
/**
 * The client's own id of the message: said twice, stored once.
 */
cid: string, 
/**
 * 1-2,000 characters.
 */
text: string, } | { "t": "typing" } | { "t": "read", 
/**
 * The number of the last message seen.
 */
seq: number, };

/**
 * What the edge says.
 */
export type ChatServerFrame = { "t": "history", 
/**
 * In order.
 */
messages: Array<ChatMessage>, 
/**
 * Whether somebody is there to answer.
 */
hours: boolean, 
/**
 * To an operator: who this is.
 */
visitor?: VisitorRow, } | { "t": "message", 
/**
 * The message.
 */
message: ChatMessage, } | { "t": "ack", 
/**
 * The client's id of it.
 */
cid: string, 
/**
 * The number it has for good.
 */
seq: number, } | { "t": "typing", 
/**
 * `visitor` or `operator`.
 */
who: string, } | { "t": "error", 
/**
 * Stable.
 */
code: string, 
/**
 * For people.
 */
message: string, };

/**
 * One message.
 */
export type ChatMessage = { 
/**
 * Its number in the conversation, from 1, without gaps.
 */
seq: number, 
/**
 * When it was stored, Unix ms.
 */
at: number, 
/**
 * `visitor`, `operator` or `system`.
 */
who: string, 
/**
 * An operator's name; empty otherwise.
 */
name: string, 
/**
 * The words; never markup.
 */
text: string, 
/**
 * The client's own id.
 */
cid: string, };

/**
 * The answer to what was stored.
 */
export type IngestAnswer = { 
/**
 * Always true.
 */
success: boolean, 
/**
 * Calls that were passed over for their time, at most the first 100 of them; left out when there are none.
 */
passed_over?: Array<PassedOver>, };

/**
 * A call that was understood and not taken, so that it is not sent for ever.
 */
export type PassedOver = { 
/**
 * `event_too_old` (over 30 days) or `event_ahead` (over 24 hours).
 */
code: string, 
/**
 * The field to blame.
 */
path: string, };

/**
 * `POST session`.
 */
export type SignIn = { 
/**
 * A development token or an owner's one-time token.
 */
token: string, };

/**
 * Who is signed in.
 */
export type Session = { 
/**
 * Name for the audit.
 */
name: string, 
/**
 * Sites this person may see.
 */
sites: Array<string>, 
/**
 * Shards of a site's live list: `live?shard=0` up to this, exclusive.
 */
shards: number, };

/**
 * `GET sites/SITE`.
 */
export type SiteInfo = { 
/**
 * Site key.
 */
site: string, 
/**
 * For people.
 */
name: string, 
/**
 * Exact origins, or the word `loopback` for any port of this machine.
 */
origins: Array<string>, 
/**
 * `open`, `ask`, `cookieless` or `off`.
 */
consent: string, 
/**
 * Live version; 0 before the first publish.
 */
version: number, 
/**
 * Live program's hash, or empty.
 */
program: string, 
/**
 * How many shards.
 */
shards: number, 
/**
 * The edge's clock, Unix ms.
 */
now: number, 
/**
 * How visitors are weighed.
 */
weights: Weights, 
/**
 * When the live program will be compiled again by itself, Unix ms; null where no campaign has hours or calendars.
 */
renews_at: number | null, 
/**
 * When totals are next compared with the campaigns' `stop`, Unix ms; null where no running campaign stops at a total.
 */
totals_at: number | null, 
/**
 * What is asked of an `identify`: `off`, `optional` or `mandatory`.
 */
proof: string, 
/**
 * How long what is kept.
 */
keep: Keep, 
/**
 * What becomes of browsers that send `Sec-GPC` or `DNT`: `ignore`, `cookieless` or `off`.
 */
signals: string, 
/**
 * Names of traits that are kept apart, told to no page, rule or list, and read only with a right; ascending.
 */
sensitive: Array<string>, };

/**
 * `PUT sites/SITE`.
 */
export type SettleSite = { 
/**
 * For people.
 */
name?: string, 
/**
 * See [`SiteInfo::origins`].
 */
origins?: Array<string>, 
/**
 * See [`SiteInfo::consent`].
 */
consent?: string, 
/**
 * See [`SiteInfo::weights`]; all of them at once.
 */
weights?: Weights, 
/**
 * See [`SiteInfo::proof`].
 */
proof?: string, 
/**
 * See [`SiteInfo::keep`]; both of it at once.
 */
keep?: Keep, 
/**
 * See [`SiteInfo::signals`].
 */
signals?: string, 
/**
 * See [`SiteInfo::sensitive`]; all of them at once, at most 50 of 1 to 100 characters.
 */
sensitive?: Array<string>, };

/**
 * How a site weighs its visitors; what is left out is the default of a shop that sells in yen. Lists ascend.
 */
export type Weights = { 
/**
 * Days since the last order up to which recency is 5, 4, 3, 2; beyond the last it is 1.
 */
recency_days: [number, number, number, number], 
/**
 * Orders from which frequency is 2, 3, 4, 5; fewer are 1.
 */
frequency: [number, number, number, number], 
/**
 * Order value from which money is 2, 3, 4, 5, in the shop's currency; less is 1.
 */
money: [number, number, number, number], 
/**
 * Points an event gives, by its name; at most 16 names.
 */
points: { [key in string]: number }, 
/**
 * Days after which a point is worth half: 1 to 30.
 */
half_life_days: number, 
/**
 * Scores from which the band is 1, 2, 3...; below the first it is 0. At most 10.
 */
bands: Array<number>, };

/**
 * `GET sites/SITE/keys`.
 */
export type KeyList = { 
/**
 * The write key that every site has: its own name. Pages of the site's origins may use it.
 */
public: string, 
/**
 * Keys that hold now, the newest first.
 */
keys: Array<KeyInfo>, };

/**
 * A key, without what opens.
 */
export type KeyInfo = { 
/**
 * What it is revoked by.
 */
id: string, 
/**
 * For people.
 */
name: string, 
/**
 * `server` (secret: may speak for anybody) or `write` (public: for applications, which have no origin).
 */
kind: string, 
/**
 * What a server key may do: see [`KEY_SCOPES`]. Empty for a write key.
 */
scopes: Array<string>, 
/**
 * When it was made, Unix ms.
 */
at: number, 
/**
 * By whom.
 */
by: string, };

/**
 * `POST sites/SITE/keys`.
 */
export type CreateKey = { 
/**
 * For people: 1 to 100 characters.
 */
name: string, 
/**
 * `server` unless said.
 */
kind?: string, 
/**
 * What a server key may do; at least one.
 */
scopes?: Array<string>, };

/**
 * A key that was just made.
 */
export type CreatedKey = { 
/**
 * How it is listed from now on.
 */
key: KeyInfo, 
/**
 * The key itself. It is shown this once: what is kept cannot be turned back into it.
 */
secret: string, };

/**
 * A text in the console's two languages.
 */
export type Both = { 
/**
 * English.
 */
en: string, 
/**
 * Japanese.
 */
ja: string, };

/**
 * A diagnostic: the same at lint, at push and in the console.
 */
export type Finding = { 
/**
 * `error` or `warning`.
 */
level: string, 
/**
 * Stable.
 */
code: string, 
/**
 * The campaign's id, or its place in the list.
 */
campaign: string, 
/**
 * JSON Pointer into the document.
 */
path: string, 
/**
 * For people.
 */
message: Both, 
/**
 * What would have been right; empty when there is nothing to say.
 */
expected: string, };

/**
 * A campaign as the console lists it.
 */
export type CampaignEntry = { 
/**
 * Its id.
 */
id: string, 
/**
 * For people.
 */
name: string, 
/**
 * `live`, `paused` or as the document says.
 */
status: string, 
/**
 * The rule as a sentence.
 */
sentence: Both, 
/**
 * The document as written.
 */
document: unknown, 
/**
 * That it is over, by its own `stop`, although its document says `live`.
 */
stopped: Stopped | null, };

/**
 * What ended a campaign.
 */
export type Stopped = { 
/**
 * Since when, Unix ms.
 */
at: number, 
/**
 * `shows`, `conversions` or `date`.
 */
why: string, 
/**
 * The number it stops at; null for a date.
 */
limit: number | null, 
/**
 * The total that was counted when it was stopped; null for a date.
 */
total: number | null, };

/**
 * `GET sites/SITE/campaigns`.
 */
export type CampaignList = { 
/**
 * Live version.
 */
version: number, 
/**
 * The site's document, under which they were published; `{}` where it says nothing.
 */
site: unknown, 
/**
 * Its campaigns.
 */
campaigns: Array<CampaignEntry>, };

/**
 * `GET sites/SITE/document`.
 */
export type SiteDocument = { 
/**
 * Live version.
 */
version: number, 
/**
 * What the site says for all of its campaigns; `{}` where it says nothing.
 */
document: unknown, };

/**
 * `PUT sites/SITE/document`.
 */
export type SettleDocument = { 
/**
 * See [`PublishRequest::base`].
 */
base?: number, 
/**
 * The whole document.
 */
document: unknown, 
/**
 * Why, for the list of versions.
 */
note?: string, };

/**
 * `POST sites/SITE/check`.
 */
export type CheckRequest = { 
/**
 * Documents.
 */
campaigns: unknown[], 
/**
 * The site's document to check them under. Left out: at the edge the live one, in the editor one that says nothing.
 */
site?: unknown, };

/**
 * What a check found.
 */
export type CheckAnswer = { 
/**
 * Errors and warnings.
 */
findings: Array<Finding>, 
/**
 * Each campaign's sentence, as far as it could be read.
 */
campaigns: Array<CheckedCampaign>, };

/**
 * A campaign that was read.
 */
export type CheckedCampaign = { 
/**
 * Its id.
 */
id: string, 
/**
 * The rule as a sentence.
 */
sentence: Both, };

/**
 * `PUT sites/SITE/campaigns`.
 */
export type PublishRequest = { 
/**
 * The version the writer started from: a different live one is a conflict.
 */
base?: number, 
/**
 * Documents to add or replace by id.
 */
campaigns: unknown[], 
/**
 * The list is the whole set.
 */
replace?: boolean, 
/**
 * The site's document, to be published with them; left out, it stays as it is.
 */
site?: unknown, 
/**
 * Why, for the list of versions.
 */
note?: string, };

/**
 * What is live now.
 */
export type PublishAnswer = { 
/**
 * The new version.
 */
version: number, 
/**
 * Its program.
 */
program: string, 
/**
 * Warnings.
 */
findings: Array<Finding>, };

/**
 * `POST sites/SITE/rollback`.
 */
export type RollbackRequest = { 
/**
 * Whose documents to publish again.
 */
version: number, };

/**
 * `GET sites/SITE/versions`.
 */
export type VersionList = { 
/**
 * Newest first.
 */
versions: Array<VersionEntry>, };

/**
 * One published version.
 */
export type VersionEntry = { 
/**
 * Counts up from 1.
 */
version: number, 
/**
 * When, Unix ms.
 */
at: number, 
/**
 * By whom.
 */
by: string, 
/**
 * Why.
 */
note: string, 
/**
 * Program hash.
 */
program: string, 
/**
 * Ids of its campaigns.
 */
campaigns: Array<string>, };

/**
 * `GET sites/SITE/numbers`.
 */
export type Numbers = { 
/**
 * One row per (campaign, phase, variant, arm).
 */
campaigns: Array<NumbersRow>, 
/**
 * Orders of visitors of whom nothing is kept (`cookieless`), each once by its transaction id. They are in nobody's profile and in no
 * campaign's conversions.
 */
unkept: Orders, };

/**
 * A figure with the interval it is to be read with.
 */
export type Estimate = { 
/**
 * What was counted.
 */
value: number, 
/**
 * Lower end, 95 %.
 */
low: number, 
/**
 * Upper end, 95 %.
 */
high: number, };

/**
 * Counted totals of one arm, and how they may be read.
 */
export type NumbersRow = { 
/**
 * Campaign.
 */
id: string, 
/**
 * Variant.
 */
variant: string, 
/**
 * `treated`, `control`, or `mixed`: people whose devices met different variants, compared with nobody.
 */
arm: string, 
/**
 * Phase: a change of variants, weights or audience opens a new one.
 */
phase: number, 
/**
 * Exposures.
 */
shown: number, 
/**
 * Visitors, each at the first exposure: what conversions are to be divided by.
 */
visitors: number, 
/**
 * Widgets painted.
 */
impressions: number, 
/**
 * Widgets closed.
 */
closed: number, 
/**
 * Widgets followed.
 */
clicked: number, 
/**
 * Visitors who reached the goal within its window.
 */
converted: number, 
/**
 * What that was worth.
 */
value: number, 
/**
 * Converted of visitors, 0 to 1, with the interval of Wilson; `null` where nobody was counted, or where a span of time holds
 * conversions of visitors who were counted before it.
 */
rate: Estimate | null, 
/**
 * Of a treated arm: its rate over the control's of the same phase, less one (0.1 is ten percent more), with the interval of the
 * delta method; `null` where there is nothing to compare with.
 */
lift: Estimate | null, };

/**
 * Orders that were counted.
 */
export type Orders = { 
/**
 * How many.
 */
orders: number, 
/**
 * Their value less refunds, in the shop's currency.
 */
value: number, };

/**
 * A visitor on the site now.
 */
export type VisitorRow = { 
/**
 * Public id.
 */
device: string, 
/**
 * Path of the page.
 */
page: string, 
/**
 * Its title.
 */
title: string, 
/**
 * Name of the last event.
 */
last_event: string, 
/**
 * When that was, Unix ms.
 */
at: number, 
/**
 * Since when on the site, Unix ms.
 */
since: number, 
/**
 * Sessions.
 */
visits: number, 
/**
 * Orders.
 */
purchases: number, 
/**
 * Conversation id, when there is one; else empty.
 */
conversation: string, };

/**
 * Frames of the live list.
 */
export type LiveFrame = { "t": "snapshot", 
/**
 * At most 500.
 */
visitors: Array<VisitorRow>, 
/**
 * How many there are in truth.
 */
count: number, } | { "t": "visitor", 
/**
 * The whole row.
 */
visitor: VisitorRow, 
/**
 * How many there are.
 */
count: number, } | { "t": "gone", 
/**
 * Who.
 */
device: string, 
/**
 * How many there are.
 */
count: number, } | { "t": "conversation", 
/**
 * Its row.
 */
conversation: ConversationRow, };

/**
 * `GET sites/SITE/conversations`.
 */
export type ConversationList = { 
/**
 * Newest first.
 */
conversations: Array<ConversationRow>, };

/**
 * A conversation in the list.
 */
export type ConversationRow = { 
/**
 * Its id.
 */
id: string, 
/**
 * The visitor's public id.
 */
device: string, 
/**
 * What was said last.
 */
last: LastMessage, 
/**
 * Messages of the visitor that no operator has read.
 */
unread: number, };

/**
 * The end of a conversation.
 */
export type LastMessage = { 
/**
 * When, Unix ms.
 */
at: number, 
/**
 * `visitor`, `operator` or `system`.
 */
who: string, 
/**
 * The first 200 characters.
 */
text: string, };

/**
 * `GET sites/SITE/audit`.
 */
export type AuditList = { 
/**
 * Newest first.
 */
entries: Array<AuditEntry>, };

/**
 * Who did what.
 */
export type AuditEntry = { 
/**
 * When, Unix ms.
 */
at: number, 
/**
 * Who.
 */
by: string, 
/**
 * `publish`, `rollback`, `delete`, `document`, `settle`, `pool`, `proof`, `undo`, `export`, `erase`, `key_create`, `key_revoke`; by the edge itself: `stop`, `renew`.
 */
action: string, 
/**
 * Of what.
 */
what: string, };

/**
 * `POST sites/SITE/proof`.
 */
export type ProofRequest = { 
/**
 * Make another secret first. The one before is taken until the next renewal.
 */
renew?: boolean, };

/**
 * The secret that the site's server signs proofs of identity with.
 */
export type ProofSecret = { 
/**
 * 43 characters; used as they stand.
 */
secret: string, 
/**
 * Counts the renewals.
 */
serial: number, };

/**
 * `GET sites/SITE/persons/USER`: a person as the union of their devices.
 */
export type PersonInfo = { 
/**
 * Who this person is instead, by the word of a server: what names this one is of that one. Null for most.
 */
alias: PersonAlias | null, 
/**
 * The site's own id.
 */
user: string, 
/**
 * Folded over all parts.
 */
facts: Facts, 
/**
 * The parts, those taken out included.
 */
parts: Array<PersonPart>, 
/**
 * What became of parts, newest first.
 */
log: Array<MergeEntry>, 
/**
 * Campaigns of which different devices met different variants.
 */
mixed: Array<string>, 
/**
 * Devices that were refused because too many claim this id.
 */
refused: number, };

/**
 * One part of a person.
 */
export type PersonPart = { 
/**
 * The device's public id.
 */
device: string, 
/**
 * Counts logouts on it.
 */
epoch: number, 
/**
 * Events folded in.
 */
events: number, 
/**
 * Whether the site's server has signed for it.
 */
proven: boolean, 
/**
 * Whether it was taken out again.
 */
parted: boolean, 
/**
 * When it was last heard of, Unix ms.
 */
at: number, };

/**
 * Who a person is instead.
 */
export type PersonAlias = { 
/**
 * The site's own id of the other.
 */
user: string, 
/**
 * When that was said, Unix ms.
 */
at: number, };

/**
 * An entry of a person's merge log.
 */
export type MergeEntry = { 
/**
 * When, Unix ms.
 */
at: number, 
/**
 * `join`, `leave` (it named somebody else after all), `undo`, `refuse`, `expire`.
 */
action: string, 
/**
 * The device's public id.
 */
device: string, 
/**
 * Its epoch.
 */
epoch: number, 
/**
 * Who did it, where somebody did.
 */
by: string, };

/**
 * `POST sites/SITE/persons/USER/undo`: take a part out again.
 */
export type UndoRequest = { 
/**
 * The device's public id.
 */
device: string, 
/**
 * Its epoch.
 */
epoch: number, };

/**
 * `POST sites/SITE/persons/USER/erase` and `POST sites/SITE/devices/DEVICE/erase`: the receipt. Ask again to see that nothing is pending.
 */
export type Receipt = { 
/**
 * What was erased, by the digest it is audited under.
 */
of: string, 
/**
 * Grows with each erasure: all that is left of it.
 */
generation: number, 
/**
 * When, Unix ms.
 */
at: number, 
/**
 * Devices whose memory of it goes, their browsers' with their next visit.
 */
devices: number, 
/**
 * Objects that have not been reached yet.
 */
pending: number, 
/**
 * What stays, and why.
 */
stays: Array<Both>, };

/**
 * `GET sites/SITE/persons/USER/export`: all that is stored of a person.
 */
export type PersonExport = { 
/**
 * When, Unix ms.
 */
at: number, 
/**
 * As it is looked at.
 */
person: PersonInfo, 
/**
 * Each part's source.
 */
sources: Array<SourceExport>, };

/**
 * What one device has of a person.
 */
export type SourceExport = { 
/**
 * The device's public id.
 */
device: string, 
/**
 * Its epoch.
 */
epoch: number, 
/**
 * Its events, in the order they came.
 */
events: Array<ExportedEvent>, 
/**
 * Coupons it was given.
 */
coupons: Array<HeldCoupon>, 
/**
 * What was said in its conversation.
 */
messages: Array<ChatMessage>, 
/**
 * What its visitor answered when asked for consent.
 */
answers: Array<AnswerDoc>, 
/**
 * Traits that the site names as sensitive.
 */
sensitive: Array<SensitiveTrait>, };

/**
 * A trait that is kept apart.
 */
export type SensitiveTrait = { 
/**
 * Its name.
 */
name: string, 
/**
 * The last value said.
 */
value: unknown, 
/**
 * When, corrected, Unix ms.
 */
at: number, };

/**
 * `GET sites/SITE/persons/ID/sensitive`.
 */
export type SensitiveTraits = { 
/**
 * The last word on each, over all devices of the person, by name.
 */
traits: Array<SensitiveTrait>, };

/**
 * One stored event.
 */
export type ExportedEvent = { 
/**
 * Corrected time, Unix ms.
 */
at: number, 
/**
 * Name.
 */
name: string, 
/**
 * Properties.
 */
props: unknown, };

/**
 * `GET sites/SITE/findings`: what the site's people should look at.
 */
export type FindingList = { 
/**
 * Newest first.
 */
findings: Array<FindingRow>, };

/**
 * Something the edge noticed by itself.
 */
export type FindingRow = { 
/**
 * When first, Unix ms.
 */
at: number, 
/**
 * `user_id_crowded`: too many devices claim one user id.
 */
code: string, 
/**
 * Of what: the user id.
 */
what: string, 
/**
 * For people.
 */
message: Both, };

/**
 * How long a site keeps what it knows of a visitor, in days.
 */
export type Keep = { 
/**
 * Single events: 31 to 400.
 */
events_days: number, 
/**
 * What was folded out of them, counted from when the visitor was last heard of: as long as events, at least, and up to 1,000.
 */
profile_days: number, };

/**
 * One answer of a visitor who was asked for consent.
 */
export type AnswerDoc = { 
/**
 * When, corrected, Unix ms.
 */
at: number, 
/**
 * `granted`, `denied` or categories with commas; at most 200 characters of what the page said.
 */
answer: string, 
/**
 * Which version of the question's text was answered, where the page said; at most 200 characters.
 */
text: string, };

/**
 * `POST sites/SITE/recount`.
 */
export type RecountRequest = { 
/**
 * Begin anew, whatever is under way.
 */
restart?: boolean, 
/**
 * When all was counted: set the totals to what was counted.
 */
mend?: boolean, };

/**
 * How far a recount has come, and what it found.
 */
export type RecountAnswer = { 
/**
 * Objects counted so far.
 */
objects: number, 
/**
 * Objects in the register.
 */
of: number, 
/**
 * All were counted. Until then ask again.
 */
done: boolean, 
/**
 * Where the totals differ from what was counted, and by how much more they say: by hour, the first 200.
 */
differs: Array<DifferenceRow>, 
/**
 * Headings that were set right.
 */
mended: number, };

/**
 * One heading whose total differs from what a recount says.
 */
export type DifferenceRow = { 
/**
 * The hour's first instant, Unix ms.
 */
at: number, 
/**
 * Campaign.
 */
id: string, 
/**
 * Phase.
 */
phase: number, 
/**
 * Variant; empty in control.
 */
variant: string, 
/**
 * `treated`, `control` or `mixed`.
 */
arm: string, 
/**
 * How much more the totals say: shown, visitors, impressions, closed, clicked, converted, value.
 */
by: [number, number, number, number, number, number, number], };

/**
 * The notice.
 */
export type PrivacyNotice = { 
/**
 * Site key.
 */
site: string, 
/**
 * For people.
 */
name: string, 
/**
 * The site's mode of consent.
 */
consent: string, 
/**
 * What that means.
 */
mode: Both, 
/**
 * Who receives anything.
 */
recipients: Array<Recipient>, 
/**
 * Cookies: one, where the edge stands at an address of the site's own.
 */
cookies: Array<StoredThing>, 
/**
 * What stands in the browser's storage.
 */
storage: Array<StoredThing>, 
/**
 * Requests to the edge.
 */
requests: Array<NoticedRequest>, 
/**
 * How long what is kept, and what is never.
 */
kept: Array<Both>, };

/**
 * Somebody who receives what is sent.
 */
export type Recipient = { 
/**
 * By name.
 */
name: string, 
/**
 * As what.
 */
role: Both, };

/**
 * A cookie, or a key of the browser's storage.
 */
export type StoredThing = { 
/**
 * Its name; `*` for what differs.
 */
name: string, 
/**
 * What is in it, and what for.
 */
what: Both, };

/**
 * A request that a page makes.
 */
export type NoticedRequest = { 
/**
 * `GET`, `POST` or `WebSocket`.
 */
method: string, 
/**
 * Path on the edge; `*` for what differs.
 */
path: string, 
/**
 * What is sent.
 */
sends: Both, 
/**
 * What for.
 */
why: Both, };
