/**
 * agent.js: joins what the browser has (page, storage, network, other tabs, widgets) to what decides (the WebAssembly step). It holds no
 * rule of its own. Reading order: handover, main, signals, wasm, queue, sync, surfaces, consent, store, tabs.
 */
import { createConsent, grantedByGoogle } from './consent.ts';
import type { Handover, Item } from './handover.ts';
import { base64url, newIdentity, random, readIdentity, storageKey } from './ids.ts';
import { createLife, type Life } from './life.ts';
import { GATES } from './gates.ts';
import { createQueue } from './queue.ts';
import { pageAttributes } from './page.ts';
import { deviceAttributes, watchSignals } from './signals.ts';
import { createStore } from './store.ts';
import {
	CLICKED,
	CLOSED,
	FAILED,
	LOAD_WITHIN_MS,
	type News,
	type Show,
	type SurfaceHost,
	type Surfaces,
} from './surfaces.ts';
import { createSync, type Facts } from './sync.ts';
import { createTabs } from './tabs.ts';
import { instantiate, type Step } from './wasm.ts';
import type * as surfacesModule from './surfaces.ts';

/** The form in which the snapshot lies in storage. A newer agent in another tab raises it; an older one then leaves it alone. */
const SNAPSHOT_FORM = 1;
/** The snapshot is written this long after an event that is not urgent. */
const SAVE_AFTER_MS = 300;
/** A device's clock is trusted unless it is further off than this, as at the edge. */
const CLOCK_TOLERANCE_MS = 60_000;
/** Events that the edge should hear of soon: what tests are judged by, what joins people, what cancels elsewhere. */
const SOON = /^(purchase|refund|identify|reset|consent|noren_exposure|noren_failed)$/;

/** Messages of crates/agent, `step.rs`. */
const START = 0;
const PROGRAM = 1;
const EVENT = 2;
const VISIBLE = 3;
const HIDDEN = 4;
const ACTIVE = 5;
const LEAVE = 6;
const FACTS = 7;
const ATTRIBUTES = 8;
const CONSENT = 9;
const WIDGET = 10;
const RECORD = 11;
const TICK = 12;
const SNAPSHOT = 13;

/** Its effects, `effects.rs`. */
type Effect = readonly [number, ...never[]];

/** Takes over from tag.js. Never throws and never rejects. */
export function start(h: Handover): void {
	let report: (error: unknown) => void = () => {};
	const life = createLife((error) => {
		console.warn('[noren] switched off for this page view:', error);
		try {
			report(error);
		} catch {
			// Nothing more to say.
		}
	});
	life._undo(() => {
		h.take = ({ done }) => done?.();
	});
	run(h, life, (how) => (report = how)).catch((error: unknown) => life._end(error ?? 'unknown'));
}

async function run(h: Handover, life: Life, onFailure: (report: (error: unknown) => void) => void): Promise<void> {
	const { site, edge } = h;
	const answer = await h.answer;
	const mode = h.mode || answer?.consent || modeFromBefore(site);
	if (mode === 'off') return life._end();
	if (!answer) console.warn('[noren] no answer from the edge:', edge, site);
	const offset = answer && Math.abs(answer.now - h.asked) > CLOCK_TOLERANCE_MS ? answer.now - h.asked : 0;
	const url = (path: string): string => `${edge}/noren/${path}?site=${site}`;

	const consent = createConsent(site, mode);
	const store = createStore(site);
	if (consent._stores()) store._open();
	let known = readIdentity(store._get('id'));
	let identity = known || newIdentity();
	const keepIdentity = (): void => store._set('id', JSON.stringify(identity));
	keepIdentity();

	let step: Step | undefined;
	let program = answer ? answer.program : store._get('p') || '';
	let compiled: ArrayBuffer | undefined;
	let facts: Facts = {};
	let last = 0;
	const listeners = new Map<string, ((detail: object) => void)[]>();

	const queue = createQueue(store, Date.now);
	queue._begin(h.stream, identity[2], h.next);
	const sync = createSync(
		{
			_site: site,
			_credentials: answer?.cookie ? 'include' : 'omit',
			_url: (route) => url('v1/' + route),
			_identity: () => identity,
			_minted: () => !known,
			_consent: consent,
			_program: () => program,
			_heard(answer) {
				if (answer.reset) {
					// Erased: this page goes on without memory; the next one is a first visit.
					store._wipe();
					return life._end();
				}
				const { identity: cookie } = answer;
				// Storage was forgotten and the cookie was not. A logout of the meantime counts on; what is no generation is set right below.
				if (cookie) known = identity = [cookie[0], cookie[1], cookie[2] + identity[2], -1];
				if (identity[3] !== answer.generation) {
					identity = [identity[0], identity[1], identity[2], answer.generation];
					keepIdentity();
				}
				if (answer.facts) tell(FACTS, (facts = answer.facts));
				answer.news?.forEach((one) => tell(EVENT, ...one, false, null));
				void publish(answer.program);
			},
			_live: (hash) => publish(hash),
		},
		queue,
		life,
	);

	// What comes in and what is decided.

	/** The corrected time; never goes back. Counted by the clock, because `performance.now()` may stand still while a device sleeps. */
	const now = (at = Date.now()): number => (last = Math.max(last, Math.floor(at + offset)));

	const ask = (op: number, at: number, ...args: unknown[]): readonly Effect[] => {
		const answer = step?.([op, at, ...args]);
		if (answer === undefined) return [];
		if (typeof answer === 'string') throw new Error(`step ${op}: ${answer}`);
		const [deadline, ...effects] = answer as unknown as [number | null, ...Effect[]];
		wake(deadline);
		return effects;
	};

	const tellAt = (at: number, op: number, ...args: unknown[]): void => {
		for (const [kind, ...rest] of ask(op, at, ...args)) effects[kind]?.(...(rest as never[]));
		saveLater();
	};
	const tell = (op: number, ...args: unknown[]): void => tellAt(now(), op, ...args);

	let stopWaking: (() => void) | undefined;
	const wake = (deadline: number | null): void => {
		stopWaking?.();
		stopWaking = deadline === null ? undefined : life._later(() => tell(TICK), deadline - now());
	};

	const effects: ((...args: never[]) => void)[] = [
		(at: number, campaign: string, became: number | string | null, phase: number) => {
			const gate = GATES[became as number];
			record(
				gate ? 'noren_suppressed' : 'noren_exposure',
				gate
					? { campaign, gate }
					: { campaign, variant: became || 'control', arm: became ? 'treated' : 'control', phase },
				at - offset,
			);
			if (gate) return;
			tabs._tell(['r', campaign, 0, at]);
			save();
		},
		(campaign: string, variant: string, kind: string, content: string) =>
			show({ campaign, variant, kind, content, decided: true }),
		(campaign: string) => withSurfaces((s) => s._retract(campaign), false),
		(kind: string, content: string) => withSurfaces((s) => s._prefetch(kind, content)),
		(campaign: string) => tabs._tell(['r', campaign, 3, now()]),
		(bytes: Uint8Array) => {
			if (parseInt(store._get('s') || '0') <= SNAPSHOT_FORM) store._set('s', SNAPSHOT_FORM + '.' + base64url(bytes));
		},
		() => {},
		(what: string) => what === 'program' && console.warn('[noren] program unreadable'),
	];

	let stopSaving: (() => void) | undefined;
	const save = (): void => {
		stopSaving?.();
		stopSaving = undefined;
		for (const [kind, ...rest] of ask(SNAPSHOT, now())) effects[kind]?.(...(rest as never[]));
		queue._save();
	};
	const saveLater = (): void => {
		stopSaving ??= life._later(save, SAVE_AFTER_MS);
	};

	const hold = (name: string, props: Record<string, unknown> | undefined, at: number, n: number): void => {
		queue._add(props ? { n, at, name, props } : { n, at, name }, h.next);
		const lost = queue._lost();
		if (lost) record('noren_lost', { count: lost }, at);
		if (SOON.test(name)) sync._soon();
		saveLater();
	};

	/** Something happened: it is numbered, judged here and told to the other tabs. */
	const event = (name: string, props: Record<string, unknown> = {}, at = Date.now(), n = h.next++): void => {
		hold(name, props, at, n);
		tabs._tell(['e', name, props, Math.floor(at + offset)]);
		const page = name === 'page_view' ? pageAttributes(props) : null;
		tellAt(now(at), EVENT, name, props, Math.floor(at + offset), false, page);
		// Chromium shows the page before this one again, from its cache, before this one is told that it is left: what matters is kept by then.
		if (SOON.test(name)) save();
	};

	/** A record of ours: for the edge only, and for who listens on the page. */
	const record = (name: string, props: Record<string, unknown>, at = Date.now()): void => {
		hold(name, props, at, h.next++);
		for (const listener of listeners.get(name.slice(6)) || []) {
			try {
				listener({ ...props });
			} catch (error) {
				// The page's own mistake: it sees it, and we go on.
				setTimeout(() => {
					throw error;
				});
			}
		}
	};

	onFailure((error) => {
		record('noren_failed', { why: String(error).slice(0, 200) });
		void sync._now(true);
	});

	const tabs = createTabs(site, life, (message) => {
		if (message[0] === 'e') tell(EVENT, message[1], message[2], message[3], true, null);
		else if (message[0] === 'r') tell(RECORD, message[1], message[2], message[3]);
		else answered(message[1]);
	});

	const place: SurfaceHost = {
		_site: site,
		_edge: edge,
		_nonce: h.nonce,
		_url: url,
		_identity: () => identity,
		_stores: consent._stores,
		_sync: () => sync._now(),
		_facts: () => facts,
		_record: record,
		_news(campaign, news: News) {
			tell(WIDGET, campaign, news);
			if (news === CLOSED || news === CLICKED) tabs._tell(['r', campaign, news + 1, now()]);
			save();
		},
	};

	let surfaces: Surfaces | undefined;
	let surfacesComing: Promise<void> | undefined;
	/** A browser keeps a module that did not come as failed, by its whole address: another try needs another fragment. */
	let surfacesAt = './surfaces.js#';
	/** What shows things is fetched when there is something to show; what is asked of it before is done in that order once it is there. */
	const withSurfaces = (
		use: (surfaces: Surfaces) => void,
		fetches = true,
		failed: (error: unknown) => void = () => {},
	): void => {
		if (surfaces) return use(surfaces);
		if (!fetches && !surfacesComing) return;
		surfacesComing ??= (import((surfacesAt += 1)) as Promise<typeof surfacesModule>).then((module) => {
			if (!life._over()) surfaces = module.createSurfaces(place, store, life);
		});
		surfacesComing
			.then(() => life._guard(() => surfaces && use(surfaces)))
			.catch((error: unknown) => {
				surfacesComing = undefined;
				life._guard(() => failed(error));
			});
	};
	const show = (what: Show): void => {
		// Given up or handed over, whichever comes first; its place is free again for another.
		let settled = false;
		const failed = (error: unknown): void => {
			if (settled) return;
			settled = true;
			record('noren_failed', { campaign: what.campaign, variant: what.variant, why: String(error).slice(0, 200) });
			place._news(what.campaign, FAILED);
		};
		const stop = life._later(() => failed('too late'), LOAD_WITHIN_MS);
		withSurfaces(
			(s) => {
				stop();
				if (!settled) s._show(what);
				settled = true;
			},
			true,
			failed,
		);
	};
	/** A chat under way on the page before is shown again. */
	const pageBegan = (): void => withSurfaces((s) => s._page(), !!store._get('w.chat'));

	/** Fetches a program; `undefined` when it does not come. The browser keeps it: a program's address is its content. */
	const fetchProgram = async (hash: string): Promise<ArrayBuffer | undefined> => {
		try {
			const response = await fetch(url('p/' + hash), { credentials: 'omit' });
			if (!response.ok) return undefined;
			store._set('p', hash);
			return await response.arrayBuffer();
		} catch {
			return undefined;
		}
	};

	const publish = async (hash: string): Promise<void> => {
		if (!hash || hash === program) return;
		const before = program;
		program = hash;
		const bytes = await fetchProgram(hash);
		if (program !== hash) return;
		// Where it did not come, the next look finds it again.
		if (!bytes) program = before;
		else if (step) life._guard(() => tell(PROGRAM, new Uint8Array((compiled = bytes))));
	};

	const answered = (given: unknown): void => {
		const stored = consent._stores();
		// An empty list grants as little as the word.
		if (stored && /^(denied)?$/.test(given as string)) {
			// The last thing the edge hears of this device, then there is nothing left of it here.
			void sync._now(true);
			store._wipe();
			identity = newIdentity();
		}
		if (!consent._answer(given)) return;
		if (!stored && consent._stores()) {
			store._open();
			keepIdentity();
			save();
			void sync._now();
		}
		tell(CONSENT, consent._granted());
	};

	const verbs: Record<string, (...args: never[]) => unknown> = {
		page() {},
		track() {},
		identify(_id: unknown, traits: object) {
			facts = { ...facts, traits: { ...facts.traits, ...traits } };
			tell(ATTRIBUTES, 'traits', facts.traits);
			sync._wantFacts();
		},
		reset() {
			identity = [identity[0], identity[1], identity[2] + 1, identity[3]];
			keepIdentity();
			facts = {};
			tell(ATTRIBUTES, 'traits', {});
			turn();
		},
		consent(given: unknown) {
			answered(given);
			tabs._tell(['c', given]);
		},
		gcm(state: unknown) {
			const granted = grantedByGoogle(state);
			if (!granted || (!granted.length && !consent._stores())) return;
			const answer = granted.join() || 'denied';
			event('consent', { answer });
			verbs['consent']!(answer as never);
		},
		on(name: string, listener: (detail: object) => void) {
			if (typeof listener === 'function') listeners.set(name, [...(listeners.get(name) || []), listener]);
		},
		/** The words for it are a module of their own, which only who asks fetches. */
		async why() {
			if (!step) return [];
			const at = now();
			const snapshot = ask(SNAPSHOT, at).find(([kind]) => kind === 5)?.[1];
			const { explain } = await import('./why.js');
			return explain(instantiate, at, programBytes(), identity[0], snapshot);
		},
		shutdown() {
			save();
			void sync._now(true);
			life._end();
		},
	};

	const take = ({ event: given, verb, args, done }: Item): void => {
		let result: unknown;
		life._guard(() => {
			if (given) event(given.name, given.props, given.at, given.n);
			if (verb === undefined) return;
			if (Object.hasOwn(verbs, verb)) result = verbs[verb]!(...((args || []) as never[]));
			else console.warn(`[noren] no verb ${verb} in`, Object.keys(verbs));
		});
		done?.(result);
	};

	/** Another stream begins: what comes now belongs to another page load or another person. */
	const turn = (): void => {
		h.stream = random(16);
		h.next = 0;
		queue._begin(h.stream, identity[2], 0);
	};

	const programBytes = (): Uint8Array | null => (compiled ? new Uint8Array(compiled) : null);

	/** Tells the engine everything it needs before the first event of a page. */
	const begin = (at: number): void => {
		const stored = store._get('s')?.split('.') ?? [];
		const snapshot = parseInt(stored[0] ?? '') === SNAPSHOT_FORM ? fromBase64url(stored[1] ?? '') : null;
		tellAt(at, START, programBytes(), identity[0], snapshot);
		// Of a new visitor it is known that there is nothing; the device's own counts are only ever raised by this.
		if (!known || snapshot) tellAt(at, FACTS, { visits: 0, purchases: 0, lifetime_value: 0 });
		tellAt(at, ATTRIBUTES, 'device', deviceAttributes());
		tellAt(at, CONSENT, consent._granted());
		// A purchase on a page that was closed at once counts here as well, before anything of this page is decided; without an engine it
		// waits for the next page's.
		for (const { name, props, at: when } of step ? queue._unheard() : [])
			if (!name.startsWith('noren_')) tellAt(at, EVENT, name, props ?? {}, Math.floor(when + offset), true, null);
		tellAt(at, document.visibilityState === 'hidden' ? HIDDEN : VISIBLE);
	};

	const coming = program && fetchProgram(program);
	try {
		step = await instantiate(await h.wasm);
	} catch (error) {
		console.warn(
			"[noren] no campaigns without WebAssembly; a Content-Security-Policy must add 'wasm-unsafe-eval' to script-src.",
			error,
		);
	}
	compiled = (await coming) || undefined;
	life._guard(() => {
		tabs._open();
		// A prerendered page begins when the visitor comes to see it, and what it did before then did not happen earlier.
		const [timing] = performance.getEntriesByType('navigation') as { activationStart?: number }[];
		const began = Math.max(h.started, Math.round(performance.timeOrigin + (timing?.activationStart || 0)));
		for (const { event } of h.items) if (event) event.at = Math.max(event.at, began);
		begin(now(began));
		// The tag has heard everything up to this moment; from here on it comes directly.
		for (const item of h.items.splice(0)) take(item);
		h.take = take;
		if (h.left) turn();
		now();
		tell(TICK);
		watchSignals(
			{
				_event: event,
				_page(props, restored) {
					if (restored) {
						surfaces?._clear('retracted');
						turn();
						tabs._open();
						begin(now());
						void sync._now();
					}
					event('page_view', props);
					pageBegan();
				},
				_visible() {
					tell(VISIBLE);
					sync._check();
				},
				_hidden(left) {
					tell(HIDDEN);
					if (left) queue._done(step ? 1 : 3);
					save();
					void sync._now(true);
				},
				_active: () => tell(ACTIVE),
				_leave() {
					tell(LEAVE);
					queue._done(step ? 1 : 3);
					save();
					tabs._close();
				},
			},
			life,
		);
		pageBegan();
		void sync._now();
	});
}

/** The mode as the site had it at the last visit, for when the edge does not answer; where nothing is known, the strictest that still works. */
function modeFromBefore(site: string): 'open' | 'ask' {
	try {
		if (localStorage.getItem(storageKey(site, 'c')) === 'open') return 'open';
	} catch {
		// Blocked.
	}
	return 'ask';
}

function fromBase64url(text: string): Uint8Array | null {
	try {
		return Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
	} catch {
		return null;
	}
}
