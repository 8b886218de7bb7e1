/**
 * tag.js: the first two kilobytes. It hears what the page says from its first moment, stamps and numbers it, and fetches the agent when
 * the page has loaded. Nothing here may throw into the page, block it or leave a name on it beside `noren` (and `dataLayer`, which is
 * made where it is missing: a page that pushes to it later must find the one that is listened to).
 */
import { clean } from '../agent/clean.ts';
import type { ConsentMode, Handover, HeldEvent, Item, SiteAnswer } from '../agent/handover.ts';
import { newIdentity, random, readIdentity, storageKey, type Identity, type StoredStream } from '../agent/ids.ts';
import { pageProps } from '../agent/page.ts';
import { consentOf, eventOf, isName, type Meaning } from './pushes.ts';

/** A page whose load event never comes (one picture that hangs) gets the agent after this long. */
const LOAD_AT_LATEST_MS = 8000;
/** How long to wait for an idle moment after the load event. */
const IDLE_WITHIN_MS = 2000;

type Call = ArrayLike<unknown>;
type Noren = ((...given: unknown[]) => Promise<unknown>) & { q?: Call[]; v?: number };
const page = window as unknown as {
	noren?: Noren;
	dataLayer?: unknown[];
	requestIdleCallback?: (run: () => void, options: object) => void;
};

/** Runs what belongs to us; the page never sees it fail. */
function guarded<T>(run: () => T): T | undefined {
	try {
		return run();
	} catch {
		return undefined;
	}
}

guarded(() => {
	const stub = page.noren;
	// A second tag on the page yields to the first.
	if (stub?.v) return;

	const script = document.currentScript as HTMLScriptElement;
	const source = new URL(script.src);
	const { site, consent: mode } = script.dataset;
	const h = {
		site: site || source.searchParams.get('site'),
		edge: source.origin,
		nonce: script.nonce,
		started: Math.round(performance.timeOrigin),
		stream: random(16),
		next: 0,
		items: [] as Item[],
		mode,
	} as Handover;

	const hear = (at: number, meaning: Meaning | undefined, call?: Item): void => {
		const event = meaning && { n: h.next++, at, name: meaning[0], props: clean(meaning[1]) };
		const item: Item = event ? { ...call, event } : call!;
		if (h.take) h.take(item);
		else h.items.push(item);
	};

	const heardPush = (push: unknown, at: number): void => {
		const consent = consentOf(push);
		const meaning = eventOf(push);
		if (consent || meaning) hear(at, meaning, consent);
	};

	/** What a call means as an event, if it means one. */
	const meanings: Record<string, (a: unknown, b: unknown, c: unknown) => Meaning | undefined> = {
		// Nothing inherited is a verb.
		__proto__: null as never,
		track: (a, b) => (isName(a) ? [a, { ...(b as object) }] : undefined),
		page: (a) => ['page_view', { ...pageProps(document.referrer), ...(a as object) }],
		identify: (user_id, traits, proof) => ['identify', { user_id, traits, proof }],
		reset: () => ['reset', {}],
		consent: (answer, text) => ['consent', { answer, text }],
	};

	const call = (given: Call, at: number): Promise<unknown> =>
		new Promise((resolve) => {
			const [verb, ...args] = Array.from(given) as [string, ...unknown[]];
			const last = args[args.length - 1];
			const callback = verb !== 'on' && typeof last === 'function' && args.pop();
			const done = (result?: unknown): void => {
				resolve(result);
				if (callback) last(result);
			};
			if (verb === 'init') {
				h.site = h.site || (args[0] as Handover).site;
				begin();
				done();
			} else {
				const [a, b, c] = args;
				hear(at, meanings[verb]?.(a, b, c), { verb, args, done });
			}
		});

	const noren: Noren = (...given) => guarded(() => call(given, Date.now())) || Promise.resolve();
	noren.v = 1;
	page.noren = noren;

	hear(h.started, ['page_view', pageProps(document.referrer)]);
	const layer = (page.dataLayer = page.dataLayer || []);
	for (const push of layer) guarded(() => heardPush(push, h.started));
	const { push } = layer;
	layer.push = function (...items) {
		for (const item of items) guarded(() => heardPush(item, Date.now()));
		return push.apply(this, items);
	};
	for (const given of stub?.q || []) guarded(() => call(given, h.started));

	const url = (path: string): string => `${h.edge}/noren/${path}?site=${h.site}`;
	const get = (address: string): Promise<Response> => fetch(address, { credentials: 'omit' });

	/** Asks once. */
	let asking: Promise<SiteAnswer | undefined> | undefined;
	const askSite = (): Promise<SiteAnswer | undefined> => {
		h.asked = Date.now();
		return (asking ||= get(url('v1/site'))
			.then((response) => (response.ok ? response.json() : undefined))
			.catch(() => undefined));
	};

	/** Sends what the page said when it is hidden before the agent is there; keeps it as well, for the next page to send again. */
	const sendRaw = (mode: ConsentMode | '', stored: string | null): void => {
		const keeps =
			mode === 'open' ? stored !== 'denied' : mode !== 'cookieless' && stored && !/^(open|denied)$/.test(stored);
		if (!keeps && mode !== 'cookieless') return;
		const { site, stream } = h;
		const known = keeps && readIdentity(localStorage.getItem(storageKey(site, 'id')));
		const events = h.items.flatMap(({ event }) => event || []);
		// Someone who came and went without doing anything is not remembered.
		if (!known && events.length < 2) return;
		const identity = known || newIdentity();
		const [device, key, epoch, generation] = identity;
		if (keeps) {
			const keep = (name: string, value: Identity | StoredStream<HeldEvent>): void =>
				localStorage.setItem(storageKey(site, name), JSON.stringify(value));
			keep('id', identity);
			keep('q.' + stream, { e: epoch, n: h.next, z: h.left ? 3 : 0, v: events });
		}
		// The body goes as text/plain and its answer is not read: nothing here waits for a page that is going.
		navigator.sendBeacon(
			url('v1/sync'),
			JSON.stringify({
				v: 1,
				site,
				consent: [mode, stored],
				device,
				key,
				epoch,
				generation,
				sent_at: Date.now(),
				raw: true,
				hidden: true,
				streams: [{ id: stream, from: 0, done: false, events }],
			}),
		);
	};

	let waits = false;
	let told = 0;
	const hidden = (left?: boolean): void => {
		h.left = left || h.left!;
		// Leaving a page hides it as well; what was sent is not sent twice.
		if (h.take || !waits || told === h.next) return;
		told = h.next;
		guarded(() => {
			// The answer to the question for consent, or the mode as the site had it at the last visit.
			const stored = h.mode === 'cookieless' ? null : localStorage.getItem(storageKey(h.site, 'c'));
			const mode = h.mode || (stored === 'open' ? stored : '');
			if (mode || stored) sendRaw(mode, stored);
			else void askSite().then((answer) => answer && !h.take && guarded(() => sendRaw(answer.consent, stored)));
		});
	};
	addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && hidden(), true);
	addEventListener('pagehide', () => hidden(true), true);

	let loading = false;
	const load = (): void => {
		if (loading) return;
		loading = true;
		h.answer = askSite();
		h.wasm = (async () => WebAssembly.compileStreaming(get(h.edge + __AGENT_WASM__)))();
		// Looked at later, by the agent; until then it is nobody's unhandled rejection.
		h.wasm.catch(() => {});
		import(h.edge + __AGENT_JS__)
			.then((agent: { start(handover: Handover): void }) => agent.start(h))
			.catch((error: unknown) => console.warn('[noren]', error));
	};

	/** Waits for the page to have loaded, once it is known for which site. */
	const begin = (): void => {
		if (waits || !h.site || h.mode === 'off') return;
		waits = true;
		// Where there is no idle callback (Safari), the second argument counts as no time at all.
		const whenIdle = (): void =>
			(page.requestIdleCallback || setTimeout)(load, { timeout: IDLE_WITHIN_MS } as never) as void;
		if (document.readyState === 'complete') whenIdle();
		else {
			addEventListener('load', whenIdle);
			setTimeout(load, LOAD_AT_LATEST_MS);
		}
	};
	// A page that is only prepared is no visit yet; the agent sets its beginning right.
	if ((document as { prerendering?: boolean }).prerendering) document.addEventListener('prerenderingchange', begin);
	else begin();
});
