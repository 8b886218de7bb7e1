/** The one workspace of the site in hand: fetched, kept on this device, checked while typing, published. */
import { batch, computed, effect, signal } from '@preact/signals';
import { Editor } from '../../api/editor.ts';
import { ApiError } from '../../api/http.ts';
import type { Bilingual, Document, Finding } from '../../api/types.ts';
import { api, asApiError, refreshSite, site, siteId } from '../../app/session.ts';
import {
	arrive,
	changes,
	EMPTY,
	item,
	pack,
	items,
	print,
	read,
	same,
	SITE,
	siteOf,
	textOf,
	toPublish,
	unpack,
	type Draft,
	type Workspace,
} from './workspace.ts';

export const space = signal<Workspace>(EMPTY);
export const loading = signal(true);
export const failure = signal<ApiError | undefined>(undefined);
/** False when this browser does not let us keep drafts: then leaving the page loses them. */
export const kept = signal(true);
/** The version somebody else published while this page was open; told once. */
export const overtaken = signal<number | undefined>(undefined);

export const pending = computed(() => changes(space.value));

/** What the edge last said about a text. */
export interface Checked {
	readonly text: string;
	/** The documents that stood around it: under another site's document, or beside other campaigns, the answer may be another. */
	readonly around: readonly Document[];
	readonly findings: readonly Finding[];
	readonly sentence: Bilingual | undefined;
	readonly error: ApiError | undefined;
}

/** By key. Absent: not asked yet. */
export const checks = signal<ReadonlyMap<string, Checked>>(new Map());

const storageKey = (id: string) => `noren.console.drafts.${id}`;

/** Change the workspace; everything else follows from the signal. */
export function change(next: Workspace): void {
	space.value = next;
}

/** Read what is live. Drafts kept on this device join at the first reading. */
export async function refresh(): Promise<void> {
	const id = siteId.value;
	if (id === '') return;
	loading.value = true;
	try {
		const list = await api.campaigns(id);
		if (id !== siteId.value) return;
		batch(() => {
			space.value = arrive(space.value, list);
			failure.value = undefined;
		});
	} catch (cause) {
		failure.value = asApiError(cause);
	} finally {
		loading.value = false;
	}
}

/** Forget the drafts of this site on this device. */
export function forget(id: string): void {
	try {
		localStorage.removeItem(storageKey(id));
	} catch {
		// Nothing was kept either.
	}
	space.value = EMPTY;
}

export type Published =
	| { readonly ok: true; readonly version: number; readonly before: number }
	| {
			readonly ok: false;
			readonly error: ApiError;
			readonly findings: readonly (Finding & { readonly key: string })[];
	  };

/** Made live from here: seeing it is no news. */
let ownVersion = 0;

/** Make an older version live again, as a new one. */
export async function bringBack(version: number): Promise<number> {
	const answer = await api.rollback(siteId.peek(), version);
	ownVersion = answer.version;
	await refresh();
	return answer.version;
}

/** Publish all that changed. Nothing is assumed: the screen shows as live what the edge then says is live. */
export async function publish(note: string): Promise<Published> {
	const { keys, ...asked } = toPublish(space.value);
	try {
		const answer = await api.publish(siteId.value, { ...asked, note });
		ownVersion = answer.version;
		await refresh();
		overtaken.value = undefined;
		void refreshSite().catch(() => undefined);
		return { ok: true, version: answer.version, before: asked.base };
	} catch (cause) {
		const error = asApiError(cause);
		if (error.code === 'version_conflict') await refresh();
		return { ok: false, error, findings: error.findings.map((one) => ({ ...one, key: keyOf(one, keys) })) };
	}
}

/** A finding names its campaign by its id, or by its place in the list that was sent where it has none; one about the site, nothing. */
function keyOf(finding: Finding, keys: readonly string[]): string {
	if (finding.campaign === '') return SITE;
	return keys.find((key) => item(space.value, key).id === finding.campaign) ?? keys[Number(finding.campaign)] ?? '';
}

/** A pause this long in typing means: have it checked. */
const CHECK_AFTER_MS = 300;

/** Answers as the edge does, without asking it. */
const editor = new Editor();

const running = new Map<string, { timer?: ReturnType<typeof setTimeout>; abort?: AbortController }>();

/**
 * Have a text checked soon, under the site's document in hand; a newer text takes the place of an older question. The site's own document
 * is checked with all campaigns in hand, because it can be what is wrong with them.
 */
export function checkSoon(key: string, afterMs = CHECK_AFTER_MS): void {
	// Nothing here is followed: an effect that asks for checks must not run again because one came back.
	const text = textOf(space.peek(), key);
	const id = siteId.peek();
	const before = running.get(key);
	if (text === undefined) return;
	const document = read(text);
	const campaigns = key === SITE ? documentsInHand() : [document ?? {}];
	const around = key === SITE ? campaigns : [siteOf(space.peek())];
	const last = checks.peek().get(key);
	if (last?.text === text && same(last.around, around)) return;
	clearTimeout(before?.timer);
	before?.abort?.abort();
	if (document === undefined) return;
	const under = key === SITE ? document : siteOf(space.peek());
	const abort = new AbortController();
	const timer = setTimeout(async () => {
		const done = (checked: Checked) => {
			if (!abort.signal.aborted) checks.value = new Map(checks.peek()).set(key, checked);
		};
		try {
			const answer = editor.check(campaigns, under) ?? (await api.check(id, campaigns, under, abort.signal));
			// What is wrong with the site's document is told where that is written.
			const findings = answer.findings.filter((finding) => key === SITE || finding.campaign !== '');
			done({ text, around, findings, sentence: answer.campaigns[0]?.sentence, error: undefined });
		} catch (cause) {
			const last = checks.peek().get(key);
			done({ text: '', around, findings: last?.findings ?? [], sentence: last?.sentence, error: asApiError(cause) });
		}
	}, afterMs);
	running.set(key, { timer, abort });
}

/** The campaigns as they would be live after a publish, as far as they can be read. */
function documentsInHand(): Document[] {
	return items(space.peek()).flatMap((one) => (one.document ? [one.document] : []));
}

/** The site's document in hand, as text: what campaigns are checked under. */
export const siteText = computed(() => print(siteOf(space.value)));

/** The sentence to show for a campaign: of the draft where it has been checked, else of what is live. */
export function sentenceOf(key: string): Bilingual | undefined {
	const { live } = item(space.value, key);
	return space.value.drafts.has(key) ? (checks.value.get(key)?.sentence ?? live?.sentence) : live?.sentence;
}

/** How often an open page asks whether somebody published. */
const WATCH_EVERY_MS = 15_000;

/** Everything that goes on in the background; the answer stops it. */
export function startWorkspace(): () => void {
	let loadedFor = '';
	const stops = [
		effect(() => {
			const id = siteId.value;
			if (id === '' || id === loadedFor) return;
			loadedFor = id;
			batch(() => {
				space.value = { ...EMPTY, drafts: keptDrafts(id) };
				checks.value = new Map();
				overtaken.value = undefined;
			});
			void refresh();
			void refreshSite().catch(() => undefined);
		}),
		effect(() => {
			const { value } = space;
			if (loadedFor === '' || loadedFor !== siteId.peek()) return;
			keep(loadedFor, value);
		}),
		// The list shows each draft's own sentence, so drafts are checked also while no editor is open on them.
		effect(() => {
			if (loading.value) return;
			for (const key of space.value.drafts.keys()) checkSoon(key);
		}),
	];
	const watch = async () => {
		if (document.visibilityState !== 'visible' || siteId.peek() === '') return;
		try {
			const before = site.peek()?.program;
			const answer = await refreshSite();
			const mine = space.peek().version;
			if (answer === undefined || mine === 0) return;
			// Another program of the same version: the edge has stopped a campaign that reached its total.
			if (answer.version !== mine || (before !== undefined && answer.program !== before)) await refresh();
			if (answer.version !== mine && answer.version !== ownVersion) overtaken.value = answer.version;
		} catch {
			// The rooms that need the edge say so themselves.
		}
	};
	const timer = setInterval(() => void watch(), WATCH_EVERY_MS);
	document.addEventListener('visibilitychange', watch);
	const guard = (event: BeforeUnloadEvent) => {
		if (pending.peek().length > 0) event.preventDefault();
	};
	addEventListener('beforeunload', guard);
	return () => {
		for (const stop of stops) stop();
		clearInterval(timer);
		document.removeEventListener('visibilitychange', watch);
		removeEventListener('beforeunload', guard);
	};
}

function keptDrafts(id: string): ReadonlyMap<string, Draft> {
	try {
		return unpack(localStorage.getItem(storageKey(id)));
	} catch {
		return new Map();
	}
}

function keep(id: string, value: Workspace): void {
	try {
		const packed = pack(value);
		if (packed === undefined) localStorage.removeItem(storageKey(id));
		else localStorage.setItem(storageKey(id), packed);
		kept.value = true;
	} catch {
		kept.value = false;
	}
}

/** True while what is on screen is not yet what the edge last confirmed; for the header. */
export const liveVersion = computed(() => space.value.version || site.value?.version || 0);
