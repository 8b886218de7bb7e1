/** A visitor's page as the edge sees it: requests of one device, without a browser around them. */
import { randomBytes } from 'node:crypto';

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	// What an answer holds is what the test is about; it looks and asserts.
	readonly body: any;
}

export interface PageEvent {
	readonly n: number;
	readonly name: string;
	readonly props?: unknown;
	readonly at?: number;
}

export const id = (bytes = 16): string => randomBytes(bytes).toString('base64url');

export class Page {
	readonly url: string;
	readonly site: string;
	readonly device = id();
	readonly key = id(32);
	/** The stream of this page load. */
	stream = id();

	constructor(url: string, site = 'demo') {
		this.url = url;
		this.site = site;
	}

	/** A POST as a page sends it: text/plain, with its origin. */
	async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
		const response = await fetch(`${this.url}${path}`, {
			method: 'POST',
			headers: { 'Content-Type': 'text/plain', Origin: this.url, ...headers },
			body: typeof body === 'string' ? body : JSON.stringify(body),
		});
		const text = await response.text();
		return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
	}

	/** The body of a sync with some events of this page's stream. */
	request(events: readonly PageEvent[], more: Record<string, unknown> = {}): Record<string, unknown> {
		const now = Date.now();
		return {
			v: 1,
			site: this.site,
			device: this.device,
			key: this.key,
			epoch: 0,
			generation: 0,
			sent_at: now,
			program: '',
			facts: true,
			fresh: false,
			streams: [{ id: this.stream, from: 0, done: false, events: events.map((event) => ({ at: now, ...event })) }],
			...more,
		};
	}

	sync(events: readonly PageEvent[], more: Record<string, unknown> = {}): Promise<Answer> {
		return this.post(`/noren/v1/sync?site=${this.site}`, this.request(events, more));
	}

	coupon(campaign: string, pool: string): Promise<Answer> {
		const body = { v: 1, site: this.site, device: this.device, key: this.key, campaign, pool };
		return this.post(`/noren/v1/coupon?site=${this.site}`, body);
	}

	/** Shows the coupon of a campaign as a page does: the edge hears of the exposure, then the code is asked for. */
	async reveal(pool: string, campaign: string = pool): Promise<Answer> {
		this.stream = id();
		await this.sync([exposureOf(campaign, 0, 'treated', 1)]);
		return this.coupon(campaign, pool);
	}

	/** An open chat socket and what came over it. */
	chat(): Promise<Chat> {
		return Chat.open(
			`${this.url.replace('http', 'ws')}/noren/v1/chat?site=${this.site}&device=${this.device}`,
			['noren.1', this.key],
			{ Origin: this.url },
		);
	}
}

export class Chat {
	readonly socket: WebSocket;
	readonly frames: any[] = [];

	private constructor(socket: WebSocket) {
		this.socket = socket;
		socket.addEventListener('message', (event) => {
			if (event.data !== 'pong') this.frames.push(JSON.parse(String(event.data)));
		});
	}

	static async open(address: string, protocols: string[], headers: Record<string, string>): Promise<Chat> {
		// Node's WebSocket takes headers; the type of the browser's does not know them.
		const socket = new WebSocket(address, { protocols, headers } as unknown as string[]);
		const chat = new Chat(socket);
		await new Promise<void>((resolve, reject) => {
			socket.addEventListener('open', () => resolve(), { once: true });
			socket.addEventListener('error', () => reject(new Error('the socket was refused')), { once: true });
		});
		return chat;
	}

	send(frame: unknown): void {
		this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
	}
}

/** A campaign that shows a pop-up after a second product view; `change` overrides members. */
export const campaign = (change: Record<string, unknown> = {}): Record<string, unknown> => ({
	id: 'linger',
	name: 'Lingering',
	status: 'live',
	trigger: { on: 'view_item' },
	variants: [
		{
			id: 'a',
			weight: 100,
			action: { kind: 'popup', title: { en: 'Hello', ja: 'こんにちは' }, body: { en: 'x', ja: 'x' } },
		},
	],
	control: 50,
	goal: { on: 'purchase', within: '1d', value: 'value' },
	...change,
});

/** A live campaign that reveals codes of a pool; it has the pool's name unless `change` says otherwise. */
export const couponCampaign = (pool: string, change: Record<string, unknown> = {}): Record<string, unknown> =>
	campaign({
		id: pool,
		variants: [{ id: 'a', weight: 100, action: { kind: 'coupon', title: 'Coupon', coupon: { pool } } }],
		...change,
	});

export const exposureOf = (campaign: string, n: number, arm: 'treated' | 'control', phase: number): PageEvent => ({
	n,
	name: 'noren_exposure',
	props: { campaign, variant: arm === 'control' ? 'control' : 'a', arm, phase },
});

export const exposure = (n: number, arm: 'treated' | 'control', phase: number): PageEvent =>
	exposureOf('linger', n, arm, phase);
