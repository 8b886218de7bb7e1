/**
 * What the console and the edge say to each other, as docs/http.md has it. Times are Unix milliseconds.
 */

/** A text the edge has in the console's two languages. */
export interface Bilingual {
	readonly en: string;
	readonly ja: string;
}

/** Who is signed in. */
export interface Session {
	readonly name: string;
	readonly sites: readonly string[];
	readonly shards: number;
}

export interface Site {
	readonly site: string;
	readonly name: string;
	readonly origins: readonly string[];
	readonly consent: string;
	readonly version: number;
	readonly program: string;
	readonly shards: number;
	/** The edge's clock when it answered. */
	readonly now: number;
}

/** A campaign document: checked by the edge, opaque here but for the few fields the list needs. */
export type Document = { readonly [field: string]: unknown };

export interface Campaign {
	readonly id: string;
	readonly name: string;
	readonly status: string;
	readonly sentence: Bilingual;
	readonly document: Document;
}

export interface CampaignList {
	readonly version: number;
	readonly campaigns: readonly Campaign[];
}

/** One diagnostic. `path` is a JSON Pointer into the document. */
export interface Finding {
	readonly level: 'error' | 'warning';
	readonly code: string;
	readonly campaign: string | number;
	readonly path: string;
	readonly message: Bilingual;
	readonly expected?: string;
}

export interface CheckAnswer {
	readonly findings: readonly Finding[];
	readonly campaigns: readonly { readonly id: string; readonly sentence: Bilingual }[];
}

export interface PublishRequest {
	/** The version the edits were made on; the edge answers `version_conflict` when another is live. */
	readonly base: number;
	readonly campaigns: readonly Document[];
	/** True: the list is the whole set, what is missing from it is unpublished. */
	readonly replace: boolean;
	readonly note: string;
}

export interface PublishAnswer {
	readonly version: number;
	readonly program: string;
	readonly findings: readonly Finding[];
}

export interface Version {
	readonly version: number;
	readonly at: number;
	readonly by: string;
	readonly note: string;
	readonly program: string;
	readonly campaigns: readonly string[];
}

export interface AuditEntry {
	readonly at: number;
	readonly by: string;
	readonly action: string;
	readonly what: string;
}

/** Counted totals of one variant (or the control) of a campaign in one phase. */
export interface NumbersRow {
	readonly id: string;
	readonly variant: string;
	readonly arm: 'treated' | 'control';
	readonly phase: number | string;
	/** First exposures, counted in both arms at the same moment. */
	readonly shown: number;
	readonly impressions: number;
	readonly closed: number;
	readonly clicked: number;
	readonly converted: number;
	readonly value: number;
}

/** A visitor who is on the site now. */
export interface Visitor {
	readonly device: string;
	readonly page: string;
	readonly title: string;
	readonly last_event: string;
	readonly at: number;
	readonly since: number;
	readonly visits: number;
	readonly purchases: number;
	readonly conversation: string | null;
}

export interface Conversation {
	readonly id: string;
	readonly device: string;
	readonly last: { readonly at: number; readonly who: Who; readonly text: string } | null;
	readonly unread: number;
}

export type Who = 'visitor' | 'operator' | 'system';

export interface Message {
	readonly seq: number;
	readonly at: number;
	readonly who: Who;
	readonly name: string;
	readonly text: string;
	readonly cid: string;
}

export type LiveFrame =
	| { readonly t: 'snapshot'; readonly visitors: readonly Visitor[]; readonly count: number }
	| { readonly t: 'visitor'; readonly visitor: Visitor }
	| { readonly t: 'gone'; readonly device: string }
	| { readonly t: 'conversation'; readonly conversation: Conversation };

export type ChatFrame =
	| { readonly t: 'history'; readonly messages: readonly Message[]; readonly visitor?: Visitor }
	| { readonly t: 'message'; readonly message: Message }
	| { readonly t: 'ack'; readonly cid: string; readonly seq: number }
	| { readonly t: 'typing'; readonly who: Who }
	| { readonly t: 'read'; readonly who: Who; readonly seq: number }
	| { readonly t: 'error'; readonly code: string; readonly message: string };

export type ChatRequest =
	| { readonly t: 'hello'; readonly since: number }
	| { readonly t: 'say'; readonly cid: string; readonly text: string }
	| { readonly t: 'typing' }
	| { readonly t: 'read'; readonly seq: number };
