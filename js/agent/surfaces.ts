/** Widgets on the page: loading, mounting, taking down, and reporting what becomes of them. */
import { fillText, pickText } from '../shared/text.ts';
import type { CloseReason, Content, CouponAnswer, Mount, Text, WidgetContext, WidgetHandle } from '../shared/widget.ts';
import type { Identity } from './ids.ts';
import type { Life } from './life.ts';
import type { Store } from './store.ts';
import type { Facts } from './sync.ts';

/** A widget or content that does not come within this is given up: the place is free again for another. */
export const LOAD_WITHIN_MS = 10_000;

/** News of a widget, in the order of the engine's numbers. */
export type News = 0 | 1 | 2 | 3;
export const CLOSED = 0;
export const CLICKED = 1;
export const FAILED = 2;
export const RETRACTED = 3;

/** What is to be shown. */
export interface Show {
	readonly campaign: string;
	readonly variant: string;
	readonly kind: string;
	/** Hash of the content; none for a chat that a button opened. */
	readonly content: string;
	/** Whether the engine holds a place for it. */
	readonly decided: boolean;
	readonly asked?: boolean;
}

/** What the agent lends. */
export interface SurfaceHost {
	readonly _site: string;
	/** Origin of the edge. */
	readonly _edge: string;
	readonly _nonce: string;
	/** Address of something of the site's at the edge. */
	_url(path: string): string;
	_identity(): Identity;
	/** Whether the visitor agreed to be remembered. */
	_stores(): boolean;
	/** Tells the edge what it has not heard. */
	_sync(): Promise<unknown>;
	/** What the edge told of the visitor. */
	_facts(): Facts;
	/** A record for the edge. */
	_record(name: string, props: Record<string, unknown>): void;
	_news(campaign: string, news: News): void;
}

export interface Surfaces {
	_show(show: Show): void;
	_retract(campaign: string): void;
	_prefetch(kind: string, content: string): void;
	/** Takes everything down. */
	_clear(reason: CloseReason): void;
	/** A page begins: widgets that the page itself threw out are gone, and a chat under way is shown again. */
	_page(): void;
}

interface Entry extends Show {
	_host?: HTMLElement;
	_handle?: WidgetHandle;
	_gone?: boolean;
}

export function createSurfaces(host: SurfaceHost, store: Store, life: Life): Surfaces {
	const entries = new Set<Entry>();
	const contents = new Map<string, Promise<Content>>();

	const content = (hash: string): Promise<Content> => {
		let loading = contents.get(hash);
		if (!loading) {
			loading = fetch(host._url('c/' + hash), { credentials: 'omit' }).then((response) => {
				if (!response.ok) throw new Error('content ' + response.status);
				return response.json() as Promise<Content>;
			});
			contents.set(hash, loading);
			loading.catch(() => contents.delete(hash));
		}
		return loading;
	};

	const load = async (kind: string): Promise<Mount> => {
		// A kind that this build does not have is answered by a 404, and fails as a lost connection does.
		return ((await import(host._edge + __WIDGETS__ + kind + '.js')) as { mount: Mount }).mount;
	};

	const gone = (entry: Entry, news: News): void => {
		if (entry._gone) return;
		entry._gone = true;
		entry._host?.remove();
		entries.delete(entry);
		if (entry.decided) host._news(entry.campaign, news);
	};

	const record = ({ campaign, variant }: Entry, name: string, more?: object): void =>
		host._record('noren_' + name, { campaign, variant, ...more });

	const failed = (entry: Entry, error: unknown): void => {
		if (entry._gone) return;
		record(entry, 'failed', { why: String(error).slice(0, 200) });
		gone(entry, FAILED);
	};

	const memory = (name: string, value?: string): string | undefined => {
		if (!store._isOpen()) return undefined;
		if (value !== undefined) store._set('w.' + name, value || undefined);
		return store._get('w.' + name);
	};

	const coupon = async (campaign: string, pool: string): Promise<CouponAnswer> => {
		if (!host._stores()) return { ok: false, code: 'not_eligible' };
		// The edge decides again by what it knows, so it has to know first.
		await host._sync();
		const [device, key] = host._identity();
		const body = JSON.stringify({ v: 1, site: host._site, device, key, campaign, pool });
		const response = await fetch(host._url('v1/coupon'), { method: 'POST', body, credentials: 'omit' });
		if (!response.ok) throw response;
		return (await response.json()) as CouponAnswer;
	};

	const contextOf = (entry: Entry, of: Content): WidgetContext => {
		const language = document.documentElement.lang || navigator.language;
		const known = (path: string): string | undefined => {
			const [root, name] = path.split('.', 2) as [string, string?];
			const facts = host._facts();
			const of = root === 'traits' ? facts.traits : root === 'visitor' ? facts : {};
			const value = name !== undefined && of && Object.hasOwn(of, name) ? of[name] : undefined;
			return value === undefined || value === null ? undefined : String(value);
		};
		return {
			language,
			nonce: host._nonce,
			asked: entry.asked === true,
			text: (text: Text | undefined) => fillText(pickText(text, language), known),
			painted: () => life._guard(() => record(entry, 'impression')),
			clicked: (what) =>
				life._guard(() => {
					record(entry, 'click', { what });
					if (entry.decided) host._news(entry.campaign, CLICKED);
				}),
			closed: (how) =>
				life._guard(() => {
					const ours = how === 'retracted' || how === 'shutdown';
					if (!ours && !entry._gone) record(entry, 'close', { how });
					gone(entry, ours ? RETRACTED : CLOSED);
				}),
			answered: (name, value) => life._guard(() => record(entry, 'answer', { name, value })),
			coupon: () => coupon(entry.campaign, of.coupon?.pool ?? ''),
			chatSocket: () => {
				const [device, key] = host._identity();
				return new WebSocket(`${host._url('v1/chat').replace(/^http/, 'ws')}&device=${device}`, ['noren.1', key]);
			},
			openChat: () =>
				life._guard(() => {
					const { campaign, variant } = entry;
					surfaces._show({ campaign, variant, kind: 'chat', content: '', decided: false, asked: true });
				}),
			memory: (name, value) => {
				// The chat says here whether it is under way; what it was is kept beside it, so that the next page can show it again.
				if (value !== undefined && name === 'chat')
					memory(name + '.of', value && JSON.stringify([entry.campaign, entry.variant, entry.content]));
				return memory(name, value);
			},
		};
	};

	const mount = (entry: Entry, how: Mount, what: Content): void => {
		if (entry._gone) return;
		const element = document.createElement('noren-widget');
		// Important, because a page may style every element; through the object model, because a policy may forbid style attributes.
		const place = { all: 'initial', position: 'fixed', 'z-index': '2147483647', top: '0', left: '0' };
		for (const [name, value] of Object.entries(place)) element.style.setProperty(name, value, 'important');
		entry._host = element;
		document.body.append(element);
		entry._handle = how(element.attachShadow({ mode: 'open' }), what, contextOf(entry, what));
	};

	const surfaces: Surfaces = {
		_show(show) {
			const entry: Entry = { ...show };
			// The chat can be open already, by a button or from the page before.
			const twice = [...entries].some(({ campaign, kind }) => campaign === entry.campaign && kind === entry.kind);
			entries.add(entry);
			if (twice) return failed(entry, 'open already');
			const stop = life._later(() => failed(entry, 'too late'), LOAD_WITHIN_MS);
			const what = show.content ? content(show.content) : Promise.resolve<Content>({ kind: show.kind });
			Promise.all([load(show.kind), what])
				.then(([how, what]) => mount(entry, how, what))
				.catch((error: unknown) => life._guard(() => failed(entry, error)))
				.finally(stop);
		},
		_retract(campaign) {
			for (const entry of entries) {
				if (entry.campaign !== campaign || !entry.decided || entry._handle?.busy()) continue;
				if (entry._handle) entry._handle.close('retracted');
				else gone(entry, RETRACTED);
			}
		},
		_prefetch(kind, hash) {
			if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return;
			content(hash).catch(() => {});
			load(kind).catch(() => {});
		},
		_clear(reason) {
			for (const entry of [...entries]) {
				try {
					entry._handle?.close(reason);
				} catch {
					// It goes all the same.
				}
				entry._host?.remove();
				entries.delete(entry);
			}
		},
		_page() {
			for (const entry of [...entries]) if (entry._host && !entry._host.isConnected) gone(entry, RETRACTED);
			const open = memory('chat') && memory('chat.of');
			if (!open || [...entries].some(({ kind }) => kind === 'chat')) return;
			const [campaign, variant, hash] = JSON.parse(open) as [string, string, string];
			surfaces._show({ campaign, variant, kind: 'chat', content: hash, decided: false });
		},
	};
	life._undo(() => surfaces._clear('shutdown'));
	return surfaces;
}
