/**
 * When and what the device sends, and what it takes from the answers. At page start, soon after what matters, when the page is hidden;
 * everything else waits. docs/http.md has the words.
 */
import type { Consent } from './consent.ts';
import type { HeldEvent, SiteAnswer } from './handover.ts';
import type { Identity } from './ids.ts';
import type { Life } from './life.ts';
import type { Queue } from './queue.ts';
import { sendLast } from './send.ts';

/** Several things that matter often come together (an exposure and its impression): one request takes them. */
const SOON_MS = 2000;
/** First and longest pause after a failure; each failure doubles it, and a random half is taken off so that visitors do not come back at once. */
const RETRY_MS = 2000;
const RETRY_MAX_MS = 5 * 60_000;
/** How often a visible page asks whether something was published: so that it is there within a minute, the way of the answer included. */
const CHECK_MS = 50_000;
/** Browsers refuse bodies that outlive the page above 64 KB, all of them together. */
const LAST_ROOM_BYTES = 48 * 1024;
const ROOM_BYTES = 240 * 1024;

/** What is known of the visitor, as it comes down. */
export interface Facts {
	readonly traits?: Record<string, unknown>;
	readonly [name: string]: unknown;
}

export interface Answer {
	readonly program: string;
	readonly generation: number;
	/** The device was erased: drop everything. */
	readonly reset: boolean;
	readonly acks: readonly { readonly id: string; readonly next: number }[];
	readonly facts?: Facts;
	/** Whose browser this is by the site's own cookie, where the device's storage says otherwise: the cookie goes before. */
	readonly identity?: readonly [device: string, key: string, epoch: number];
	/** What a server reported of this visitor meanwhile: name, props and corrected time of each event. */
	readonly news?: readonly News[];
}

export type News = readonly [string, Record<string, unknown>, number];

export interface SyncHost {
	readonly _site: string;
	/** Whether the site's own cookie goes with a sync: at an address of the site's own only. */
	readonly _credentials: RequestCredentials;
	/** Address of one of the edge's routes for this site. */
	_url(route: string): string;
	_identity(): Identity;
	/** The key was minted on this page. */
	_minted(): boolean;
	readonly _consent: Pick<Consent, '_sends' | '_said'>;
	_program(): string;
	/** What came back, when what was sent has been let go. */
	_heard(answer: Answer): void;
	/** What is live, as the edge has just said. */
	_live(program: string): unknown;
}

export interface Sync {
	/** Sends what waits; resolves to whether it arrived. `last` when the page may be gone before the answer. */
	_now(last?: boolean): Promise<boolean>;
	/** Sends in a moment. */
	_soon(): void;
	/** Asks for facts with the next request. */
	_wantFacts(): void;
	/** Asks whether something was published. */
	_check(): void;
}

/**
 * Whether the visitor has only come: the key is new and nothing but one page view (and the passing of time) has happened. The edge then
 * keeps nothing of the visitor, and neither side wakes an object for someone who leaves at once.
 */
export function isFresh(minted: boolean, events: readonly HeldEvent[]): boolean {
	return (
		minted &&
		events.every(({ name }) => /^(page_view|tab_hidden|idle)$/.test(name)) &&
		events.filter(({ name }) => name === 'page_view').length < 2
	);
}

/** How long to wait after so many failures in a row; `random` in [0, 1). */
export function pause(failures: number, random: number): number {
	return Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MAX_MS) * (1 - random / 2);
}

export function createSync(host: SyncHost, queue: Queue, life: Life): Sync {
	let running: Promise<boolean> | undefined;
	let stopSoon: (() => void) | undefined;
	let failures = 0;
	let refused = false;
	let facts = true;
	let stopChecking: (() => void) | undefined;

	const send = async (last: boolean): Promise<boolean> => {
		const fresh = isFresh(host._minted(), queue._events());
		const batches = queue._batches(last ? LAST_ROOM_BYTES : ROOM_BYTES)!;
		let { streams } = batches;
		// What is held back now goes with the first thing the visitor does.
		if (fresh)
			streams = streams.map((s) => ({
				...s,
				done: false,
				events: s.events.filter(({ name }) => name === 'page_view'),
			}));
		const [device, key, , generation] = host._identity();
		const body = JSON.stringify({
			v: 1,
			site: host._site,
			consent: host._consent._said(),
			device,
			key,
			epoch: batches.epoch,
			generation,
			sent_at: Date.now(),
			program: host._program(),
			facts,
			fresh,
			hidden: last || document.visibilityState === 'hidden',
			streams,
		});
		try {
			const url = host._url('sync');
			const credentials = host._credentials;
			const response = await (last
				? sendLast(url, body, credentials)
				: fetch(url, { method: 'POST', body, credentials }));
			if (!response) return true;
			if (!response.ok) {
				// A request that the edge understands and does not want is not repeated on this page.
				refused = response.status < 500 && response.status !== 429;
				throw response;
			}
			const answer = (await response.json()) as Answer;
			failures = 0;
			if (!fresh) facts = false;
			life._guard(() => {
				queue._acked(answer.acks, streams);
				host._heard(answer);
			});
			return true;
		} catch {
			queue._failed();
			failures++;
			if (!refused) schedule(pause(failures, Math.random()));
			return false;
		}
	};

	const schedule = (ms: number): void => {
		stopSoon?.();
		stopSoon = life._later(() => {
			stopSoon = undefined;
			void sync._now();
		}, ms);
	};

	/** A hidden page stops asking; it asks at once when it is seen again. */
	const checkLater = (): void => {
		stopChecking?.();
		stopChecking = life._later(() => document.visibilityState === 'visible' && sync._check(), CHECK_MS);
	};

	const sync: Sync = {
		async _now(last = false) {
			queue._save();
			if (refused || life._over() || !host._consent._sends()) return false;
			// A page that is going does not wait for its turn.
			if (last) return send(true);
			while (running) await running;
			// What was to be sent in a moment goes now; what comes after it must be able to be scheduled again.
			stopSoon = stopSoon?.() as undefined;
			running = send(false);
			const arrived = await running;
			running = undefined;
			// An earlier epoch, or more than one request holds, was sent first.
			return arrived && queue._waiting() && !isFresh(host._minted(), queue._events()) ? sync._now() : arrived;
		},
		_soon() {
			if (!stopSoon && !refused) schedule(SOON_MS);
		},
		_wantFacts() {
			facts = true;
		},
		_check() {
			checkLater();
			fetch(host._url('site'), { credentials: 'omit' })
				.then((response) => (response.ok ? (response.json() as Promise<SiteAnswer>) : undefined))
				.then((answer) => life._guard(() => answer && host._live(answer.program)))
				.catch(() => {});
		},
	};

	life._listen(window, 'online', () => {
		if (failures) void sync._now();
	});
	checkLater();
	return sync;
}
