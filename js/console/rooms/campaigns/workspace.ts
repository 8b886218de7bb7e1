/**
 * What a marketer has in hand: the campaigns as they are live, and drafts that are not. Plain data and pure functions.
 *
 * Each draft remembers the document it was started from (`before`). When the live one is no longer that document, somebody published
 * in between, and the draft is in conflict until its author says which one counts; drafts nobody else touched move on by themselves.
 * So a draft kept over a night, or over another person's publish, is neither lost nor does it silently undo their work.
 *
 * The site's own document (calendars, holdout) is one more draft under the key `SITE`: it is changed, compared, published and taken back
 * like a campaign, in the same publish, but it is none and stands in no list of them.
 */
import type { Campaign, CampaignList, Document } from '../../api/types.ts';

export interface Draft {
	/** Stays the same while the document's own id is being typed: the live id, or a name made when the draft was. */
	readonly key: string;
	/** The live document this began as; null for a new campaign. */
	readonly before: Document | null;
	/** The text in hand, possibly not JSON yet; null means: to be deleted. */
	readonly text: string | null;
}

/** The key of the site's own document. No campaign's id begins with this sign. */
export const SITE = '@site';

export interface Workspace {
	readonly version: number;
	/** The site's own document as it is live. */
	readonly site: Document;
	readonly live: readonly Campaign[];
	readonly drafts: ReadonlyMap<string, Draft>;
}

export const EMPTY: Workspace = { version: 0, site: {}, live: [], drafts: new Map() };

/** What publishing would do with one campaign. */
export type ChangeKind = 'added' | 'changed' | 'removed' | 'renamed';

export interface Item {
	readonly key: string;
	/** The id as written now; the key where the text cannot be read. */
	readonly id: string;
	/** As written: a text or texts by language; undefined where there is none. */
	readonly name: unknown;
	readonly status: string;
	readonly change: ChangeKind | undefined;
	readonly conflict: boolean;
	/** The document in hand; undefined when the text is not a JSON object, null when it is to be deleted. */
	readonly document: Document | null | undefined;
	readonly live: Campaign | undefined;
}

/** The way documents are written for people: two spaces, keys in their author's order. */
export function print(document: Document): string {
	return JSON.stringify(document, null, 2);
}

/** The JSON object in a text, or undefined. */
export function read(text: string): Document | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Document) : undefined;
	} catch {
		return undefined;
	}
}

/** Equal as documents; the order of keys counts for nothing. */
export function same(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true;
	if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
	if (Array.isArray(a) || Array.isArray(b)) {
		return (
			Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => same(one, b[index]))
		);
	}
	const left = a as Record<string, unknown>;
	const right = b as Record<string, unknown>;
	const keys = Object.keys(left);
	return (
		keys.length === Object.keys(right).length &&
		keys.every((key) => Object.hasOwn(right, key) && same(left[key], right[key]))
	);
}

/** What is live under a key, in the shape of a campaign. */
function liveOf(space: Workspace, key: string): Campaign | undefined {
	if (key !== SITE) return space.live.find((campaign) => campaign.id === key);
	return { id: SITE, name: '', status: 'live', sentence: { en: '', ja: '' }, document: space.site, stopped: null };
}

/** The site's document in hand. */
export function siteOf(space: Workspace): Document {
	return item(space, SITE).document ?? space.site;
}

/** The calendars that may be named at a place of a campaign's document; none where none may. */
export function calendarNames(site: Document, pointer: string): readonly string[] {
	const { calendars } = site;
	if (pointer !== '/schedule/calendar/closed' && pointer !== '/schedule/calendar/open') return [];
	return calendars !== null && typeof calendars === 'object' && !Array.isArray(calendars) ? Object.keys(calendars) : [];
}

/** All campaigns, in the live order, new ones last. */
export function items(space: Workspace): Item[] {
	const list = space.live.map((campaign) => item(space, campaign.id));
	for (const key of space.drafts.keys()) {
		if (key !== SITE && !space.live.some((campaign) => campaign.id === key)) list.push(item(space, key));
	}
	return list;
}

/** One of them; a key that is nowhere gives an item without document. */
export function item(space: Workspace, key: string): Item {
	const live = liveOf(space, key);
	const draft = space.drafts.get(key);
	const document = draft === undefined ? live?.document : draft.text === null ? null : read(draft.text);
	const shown = document ?? live?.document;
	const id = typeof document?.['id'] === 'string' ? document['id'] : key;
	let change: ChangeKind | undefined;
	if (draft !== undefined) {
		if (document === null) change = 'removed';
		else if (live === undefined) change = 'added';
		else if (id !== key) change = 'renamed';
		else if (!same(document, live.document)) change = 'changed';
	}
	return {
		key,
		id,
		name: shown?.['name'] ?? live?.name,
		status: typeof shown?.['status'] === 'string' ? shown['status'] : (live?.status ?? 'live'),
		change,
		conflict: draft !== undefined && !same(draft.before, live?.document ?? null) && change !== undefined,
		document,
		live,
	};
}

/** Only what publishing would change. */
export function changes(space: Workspace): Item[] {
	return [...items(space), item(space, SITE)].filter((one) => one.change !== undefined);
}

/** The text an editor begins with. */
export function textOf(space: Workspace, key: string): string | undefined {
	const draft = space.drafts.get(key);
	if (draft !== undefined) return draft.text ?? undefined;
	const live = liveOf(space, key);
	return live === undefined ? undefined : print(live.document);
}

/**
 * Keep a text. A text that means what is live is no change, but its spaces and line breaks are its author's and stay in hand: the
 * editor would otherwise rewrite itself under the cursor.
 */
export function write(space: Workspace, key: string, text: string): Workspace {
	const live = liveOf(space, key);
	const existing = space.drafts.get(key);
	if (live !== undefined && text === print(live.document)) return discard(space, key);
	return put(space, { key, before: existing?.before ?? live?.document ?? null, text });
}

/** Mark for deletion; a campaign that was never published is simply gone. */
export function remove(space: Workspace, key: string): Workspace {
	const live = space.live.find((campaign) => campaign.id === key);
	if (live === undefined) return discard(space, key);
	return put(space, { key, before: space.drafts.get(key)?.before ?? live.document, text: null });
}

/** Drop the draft: what is live counts again. */
export function discard(space: Workspace, key: string): Workspace {
	const drafts = new Map(space.drafts);
	drafts.delete(key);
	return { ...space, drafts };
}

/** Put one draft back as it was (undefined: there was none): the undo of everything above. */
export function restore(space: Workspace, key: string, draft: Draft | undefined): Workspace {
	return draft === undefined ? discard(space, key) : put(space, draft);
}

/** Set the status of a document without touching anything else; undefined when its text cannot be read. */
export function setStatus(space: Workspace, key: string, status: string): Workspace | undefined {
	const { document } = item(space, key);
	if (document === undefined || document === null) return undefined;
	const { status: had, ...rest } = document;
	// Beside the name, where people look for it, when it was not written before.
	const entries = Object.entries(had === undefined ? rest : document);
	if (had === undefined) {
		const after = Math.max(
			entries.findIndex(([key]) => key === 'id'),
			entries.findIndex(([key]) => key === 'name'),
		);
		entries.splice(after + 1, 0, ['status', status]);
	}
	const next = Object.fromEntries(entries.map(([key, value]) => [key, key === 'status' ? status : value]));
	return write(space, key, print(next));
}

/** A new campaign; its id is made free by a number where it is taken. Answers the key it got. */
export function add(space: Workspace, document: Document): { space: Workspace; key: string } {
	const wanted = typeof document['id'] === 'string' && document['id'] !== '' ? document['id'] : 'campaign';
	const taken = new Set(items(space).flatMap((one) => [one.key, one.id]));
	let id = wanted;
	for (let n = 2; taken.has(id); n += 1) id = `${wanted}-${n}`;
	return { space: put(space, { key: id, before: null, text: print({ ...document, id }) }), key: id };
}

/** Copy a campaign as a paused one. Undefined when its text cannot be read. */
export function duplicate(space: Workspace, key: string): { space: Workspace; key: string } | undefined {
	const { document } = item(space, key);
	if (document === undefined || document === null) return undefined;
	const added = add(space, document);
	const paused = setStatus(added.space, added.key, 'paused');
	return { space: paused ?? added.space, key: added.key };
}

/**
 * Take in what is live now. A draft that says the same has been published: only its author's layout is kept. A draft that changed
 * nothing follows what is live.
 */
export function arrive(space: Workspace, list: CampaignList): Workspace {
	const drafts = new Map<string, Draft>();
	for (const [key, draft] of space.drafts) {
		const campaign = list.campaigns.find((campaign) => campaign.id === key);
		const live = key === SITE ? list.site : (campaign?.document ?? null);
		const mine = draft.text === null ? null : read(draft.text);
		if (mine !== undefined && same(mine, live)) {
			if (live !== null) drafts.set(key, { ...draft, before: live });
		} else if (mine === undefined || !same(mine, draft.before)) drafts.set(key, draft);
	}
	return { version: list.version, site: list.site, live: list.campaigns, drafts };
}

/** Say that the draft counts although somebody else changed the campaign meanwhile. */
export function keepMine(space: Workspace, key: string): Workspace {
	const draft = space.drafts.get(key);
	if (draft === undefined) return space;
	const live = liveOf(space, key);
	return put(space, { ...draft, before: live?.document ?? null });
}

/** Why nothing can be published yet, or undefined. */
export type Obstacle =
	{ readonly kind: 'nothing' } | { readonly kind: 'broken' | 'conflict' | 'twice'; readonly key: string };

export function obstacle(space: Workspace): Obstacle | undefined {
	const list = changes(space);
	if (list.length === 0) return { kind: 'nothing' };
	const broken = list.find((one) => one.document === undefined);
	if (broken !== undefined) return { kind: 'broken', key: broken.key };
	const conflict = list.find((one) => one.conflict);
	if (conflict !== undefined) return { kind: 'conflict', key: conflict.key };
	const ids = new Set<string>();
	for (const one of items(space)) {
		if (one.document === null) continue;
		if (ids.has(one.id)) return { kind: 'twice', key: one.key };
		ids.add(one.id);
	}
	return undefined;
}

/** What to send: only what changed where that is enough, the whole set of campaigns where one goes. */
export function toPublish(space: Workspace): {
	base: number;
	campaigns: Document[];
	keys: string[];
	replace: boolean;
	site?: Document;
} {
	const list = changes(space).filter((one) => one.key !== SITE);
	const replace = list.some((one) => one.change === 'removed' || one.change === 'renamed');
	const sent = (replace ? items(space) : list).filter((one): one is Item & { document: Document } => {
		return one.document !== null && one.document !== undefined;
	});
	return {
		base: space.version,
		campaigns: sent.map((one) => one.document),
		keys: sent.map((one) => one.key),
		replace,
		...(item(space, SITE).change === undefined ? {} : { site: siteOf(space) }),
	};
}

/** Drafts as kept on this device: those that change something. Undefined where there is nothing to keep. */
export function pack(space: Workspace): string | undefined {
	const drafts = [...space.drafts.values()].filter((draft) => item(space, draft.key).change !== undefined);
	return drafts.length === 0 ? undefined : JSON.stringify({ v: 1, drafts });
}

/** Drafts as they were kept; what is not understood is left behind. */
export function unpack(kept: string | null | undefined): ReadonlyMap<string, Draft> {
	const drafts = new Map<string, Draft>();
	const stored = kept === null || kept === undefined ? undefined : read(kept);
	if (stored?.['v'] !== 1 || !Array.isArray(stored['drafts'])) return drafts;
	for (const one of stored['drafts'] as unknown[]) {
		if (one === null || typeof one !== 'object') continue;
		const { key, before, text } = one as Record<string, unknown>;
		if (typeof key !== 'string' || (typeof text !== 'string' && text !== null)) continue;
		if (typeof before !== 'object' || Array.isArray(before)) continue;
		drafts.set(key, { key, before: before as Document | null, text });
	}
	return drafts;
}

function put(space: Workspace, draft: Draft): Workspace {
	return { ...space, drafts: new Map(space.drafts).set(draft.key, draft) };
}
