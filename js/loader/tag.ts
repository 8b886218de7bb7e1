/**
 * tag.js: the first two kilobytes. It hears what the page says from its first moment, stamps and numbers it, and fetches the agent when
 * the page has loaded. Nothing here may throw into the page, block it or leave a name on it beside `noren`.
 */
import type { ConsentMode, Handover, HeldEvent, Item, SiteAnswer } from '../agent/handover.ts';
import { clean } from '../agent/clean.ts';
import { newIdentity, random, readIdentity, storageKey, type StoredStream } from '../agent/ids.ts';
import { pageProps } from '../agent/page.ts';
import { sendLast } from '../agent/send.ts';
import { consentOf, eventOf, isName, type Meaning } from './pushes.ts';

/** A page whose load event never comes (one picture that hangs) gets the agent after this long. */
const LOAD_AT_LATEST_MS = 8000;
/** How long to wait for an idle moment after the load event. */
const IDLE_WITHIN_MS = 2000;

type Noren = ((...args: unknown[]) => Promise<unknown>) & { q?: ArrayLike<unknown>[]; v?: number };
type Push = (...items: unknown[]) => number;
const page = window as unknown as { noren?: Noren; dataLayer?: unknown[] & { push: Push } };

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

	const script = (document.currentScript || document.querySelector('script[src*="/tag."]')) as HTMLScriptElement;
	const source = new URL(script.src);
	const timing = performance.getEntriesByType('navigation')[0] as { activationStart?: number } | undefined;
	const h: Handover = {
		site: script.dataset['site'] || source.searchParams.get('site') || '',
		edge: source.origin,
		nonce: script.nonce,
		// A prerendered page begins when the visitor comes to see it.
		started: Math.round(performance.timeOrigin + (timing?.activationStart || 0)),
		stream: random(16),
		next: 0,
		items: [],
		mode: script.dataset['consent'] as ConsentMode | undefined,
		asked: 0,
		answer: undefined!,
		program: undefined!,
		wasm: undefined!,
	};

	const hear = (item: Item): void => void (h.take ? h.take(item) : h.items.push(item));

	const event = (at: number, meaning: Meaning | undefined, call?: Omit<Item, 'at'>): void =>
		hear(meaning ? { at, n: h.next++, name: meaning[0], props: clean(meaning[1]), ...call } : { at, ...call });

	const heardPush = (push: unknown, at: number): void => {
		const consent = consentOf(push);
		const meaning = consent || eventOf(push);
		if (meaning) event(at, consent ? undefined : (meaning as Meaning), consent);
	};

	/** What a call means as an event, if it means one. */
	const meaningOf = (verb: unknown, [a, b, c]: readonly unknown[]): Meaning | undefined => {
		switch (verb) {
			case 'track':
				return isName(a) ? [a, { ...(b as object) }] : undefined;
			case 'page':
				return ['page_view', { ...pageProps(document.referrer), ...(a as object) }];
			case 'identify':
				return ['identify', { user_id: a, traits: b, proof: c }];
			case 'reset':
				return ['reset', {}];
			case 'consent':
				return ['consent', { answer: a }];
			default:
				return undefined;
		}
	};

	const call = (given: ArrayLike<unknown>, at: number): Promise<unknown> =>
		new Promise((resolve) => {
			const [verb, ...args] = Array.from(given) as [string, ...unknown[]];
			const callback = verb !== 'on' && typeof args[args.length - 1] === 'function' ? (args.pop() as Push) : undefined;
			const done = (result?: unknown): void => {
				resolve(result);
				if (callback) callback(result);
			};
			if (verb === 'init') {
				h.site = h.site || (args[0] as { site: string }).site;
				begin();
				done();
			} else event(at, meaningOf(verb, args), { verb, args, done });
		});

	const noren: Noren = function () {
		// eslint-disable-next-line prefer-rest-params
		const given = arguments;
		return guarded(() => call(given, Date.now())) || Promise.resolve();
	};
	noren.v = 1;
	page.noren = noren;

	event(h.started, ['page_view', pageProps(document.referrer)]);
	const layer = (page.dataLayer = page.dataLayer || ([] as never));
	for (const push of [...layer]) guarded(() => heardPush(push, h.started));
	const earlier = layer.push;
	layer.push = function (...items: unknown[]): number {
		const at = Date.now();
		for (const item of items) guarded(() => heardPush(item, at));
		return earlier.apply(this, items);
	};
	for (const given of stub?.q || []) guarded(() => call(given, h.started));

	const get = (path: string): Promise<Response> =>
		fetch(`${h.edge}/noren/${path}?site=${encodeURIComponent(h.site)}`, { credentials: 'omit' });

	/** Asks once; without an answer the next caller asks again. */
	let asking: Promise<SiteAnswer | undefined> | undefined;
	const askSite = (): Promise<SiteAnswer | undefined> => {
		h.asked = Date.now();
		return (asking =
			asking ||
			get('v1/site')
				.then((response) => (response.ok ? response.json() : undefined))
				.catch(() => (asking = undefined)));
	};

	/** Sends what the page said when it is hidden before the agent is there; keeps it as well, for the next page to send again. */
	const sendRaw = (mode: ConsentMode | undefined, stored: string | null): void => {
		const known = readIdentity(localStorage.getItem(storageKey(h.site, 'id')));
		const held = h.items
			.filter(({ n }) => n !== undefined)
			.map(({ n, at, name, props }) => ({ n, at, name, props }) as HeldEvent);
		const keeps =
			mode === 'open' ? stored !== 'denied' : mode !== 'cookieless' && stored && !/^(open|denied)$/.test(stored);
		// Someone who came and went without doing anything is not remembered.
		if (!(keeps || mode === 'cookieless') || (!known && held.length < 2)) return;
		const identity = (keeps && known) || newIdentity();
		const [device, key, epoch, generation] = identity;
		const { site, stream } = h;
		if (keeps) {
			const waiting: StoredStream<HeldEvent> = { e: epoch, n: h.next, z: h.left ? 1 : 0, v: held };
			localStorage.setItem(storageKey(site, 'id'), JSON.stringify(identity));
			localStorage.setItem(storageKey(site, 'q.' + stream), JSON.stringify(waiting));
		}
		const streams = [{ id: stream, from: 0, done: false, events: held }];
		const head = { v: 1, site, device, key, epoch, generation, sent_at: Date.now(), raw: true, hidden: true };
		sendLast(`${h.edge}/noren/v1/sync?site=${encodeURIComponent(site)}`, JSON.stringify({ ...head, streams }))?.catch(
			() => {},
		);
	};

	const hidden = (left: boolean): void => {
		if (h.take || !waiting) return;
		h.left = h.left || left;
		guarded(() => {
			// The answer to the question for consent, and the mode as the site had it at the last visit.
			const stored = h.mode === 'cookieless' ? null : localStorage.getItem(storageKey(h.site, 'c'));
			const mode = h.mode || (stored === 'open' ? stored : undefined);
			if (mode || stored) sendRaw(mode, stored);
			else void askSite().then((answer) => guarded(() => answer && !h.take && sendRaw(answer.consent, stored)));
		});
	};
	addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && hidden(false), true);
	addEventListener('pagehide', () => hidden(true), true);

	let begun = false;
	const load = (): void => {
		if (begun) return;
		begun = true;
		h.answer = askSite();
		h.program = h.answer
			.then((answer) => (answer?.program ? get('p/' + answer.program) : undefined))
			.then((response) => (response?.ok ? response.arrayBuffer() : undefined))
			.catch(() => undefined);
		h.wasm = Promise.resolve().then(() =>
			WebAssembly.compileStreaming(fetch(h.edge + __AGENT_WASM__, { credentials: 'omit' })),
		);
		// Looked at later, by the agent; until then it is nobody's unhandled rejection.
		h.wasm.catch(() => {});
		import(h.edge + __AGENT_JS__)
			.then((agent: { start(handover: Handover): void }) => agent.start(h))
			.catch((error: unknown) => console.warn('[noren]', error));
	};

	const whenIdle = (): void => {
		if ('requestIdleCallback' in window) requestIdleCallback(load, { timeout: IDLE_WITHIN_MS });
		else setTimeout(load, 1);
	};

	let waiting = false;
	/** Waits for the page to have loaded, once it is known for which site. */
	const begin = (): void => {
		if (waiting || !h.site || h.mode === 'off') return;
		waiting = true;
		if (document.readyState === 'complete') whenIdle();
		else {
			addEventListener('load', whenIdle);
			setTimeout(load, LOAD_AT_LATEST_MS);
		}
	};
	if ((document as { prerendering?: boolean }).prerendering) {
		document.addEventListener(
			'prerenderingchange',
			() => {
				h.started = Date.now();
				h.items = h.items.map((item) => ({ ...item, at: h.started }));
				begin();
			},
			{ once: true },
		);
	} else begin();
});
