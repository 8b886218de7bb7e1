/**
 * What the console and the edge say to each other, under the console's own words. The types are the edge's, generated from its code;
 * only where those say "any JSON" or "a word" is it said more closely here. Times are Unix milliseconds.
 */
import type * as wire from '../../shared/wire.ts';

export type { Session, CheckAnswer, PublishAnswer, Estimate, NumbersRow, AuditEntry } from '../../shared/wire.ts';
export type Bilingual = wire.Both;
export type Site = wire.SiteInfo;
export type { SettleSite } from '../../shared/wire.ts';
export type Finding = wire.Finding;
export type Version = wire.VersionEntry;
export type Key = wire.KeyInfo;
export type KeyList = wire.KeyList;
export type NewKey = wire.CreatedKey;
export type KeyRequest = wire.CreateKey;
export type PoolRequest = Partial<wire.PoolRequest> & Pick<wire.PoolRequest, 'codes'>;
export type { PoolAnswer, PoolCode, PoolCodes } from '../../shared/wire.ts';
export type Visitor = wire.VisitorRow;
export type Conversation = wire.ConversationRow;
export type Message = wire.ChatMessage;
export type LiveFrame = wire.LiveFrame;
export type ChatFrame = wire.ChatServerFrame;
export type ChatRequest = wire.ChatClientFrame;

/** A campaign document: checked by the edge, opaque here but for the few fields the list needs. */
export type Document = { readonly [field: string]: unknown };

export type Campaign = Omit<wire.CampaignEntry, 'document'> & { readonly document: Document };

export interface CampaignList {
	readonly version: number;
	/** The site's own document, under which the campaigns are live; `{}` where it says nothing. */
	readonly site: Document;
	readonly campaigns: readonly Campaign[];
}

export interface PublishRequest {
	/** The version the edits were made on; the edge answers `version_conflict` when another is live. */
	readonly base: number;
	readonly campaigns: readonly Document[];
	/** True: the list is the whole set, what is missing from it is unpublished. */
	readonly replace: boolean;
	/** The site's document, where it changes too. */
	readonly site?: Document;
	readonly note: string;
}
