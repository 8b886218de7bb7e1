/**
 * A visitor without a browser: the agent's own queue and storage, pages that come and go, two tabs at once, a logout, orders, a coupon.
 * It keeps a book of everything that happened, which the edge is held to in the end.
 */
import assert from 'node:assert/strict';
import { fakeDisk } from '../../js/agent/fakes.ts';
import { newIdentity, random as randomId } from '../../js/agent/ids.ts';
import type { Identity } from '../../js/agent/ids.ts';
import { createQueue } from '../../js/agent/queue.ts';
import type { Batch, Queue } from '../../js/agent/queue.ts';
import { createStore } from '../../js/agent/store.ts';
import type { Store } from '../../js/agent/store.ts';
import type { Random } from '../random.ts';

/** The edge forgets streams that were silent for longest past 400 of a device; a visitor here opens fewer pages. */
const PAGES_MAX = 300;
/** Orders of one epoch: of more than 200 the oldest are settled, so both ways of counting are met. */
const ORDERS_MAX = 230;
/** Between two requests of a page, ms. */
const THINKS_MS = 40;

/** What happens to be known of an event besides what the edge is sent. */
export interface Written {
	/** Names the event, wherever it is met again. */
	readonly mark: string;
	readonly epoch: number;
	readonly name: string;
}

/** What one person did, as far as it is counted. */
export interface Sums {
	exposures: number;
	orders: number;
	value: number;
}

export interface VisitorOptions {
	readonly number: number;
	/** Where the network begins. */
	readonly url: string;
	readonly origin: string;
	readonly chance: Random;
	/** Added to the true time, ms. */
	readonly clockOff: number;
}

/** Requests that had no answer, or none that counts. */
export interface Trouble {
	lost: number;
	failed: number;
}

class Tab {
	readonly stream = randomId(16);
	readonly epoch: number;
	readonly queue: Queue;
	next = 0;

	constructor(store: Store, epoch: number, now: () => number) {
		this.epoch = epoch;
		this.queue = createQueue(store, now);
		this.queue._begin(this.stream, epoch, 0);
	}
}

export class Visitor {
	readonly number: number;
	readonly book: Written[] = [];
	/** Events of each stream there ever was. */
	readonly streams = new Map<string, number>();
	readonly sums: Sums[] = [];
	readonly trouble: Trouble = { lost: 0, failed: 0 };
	/** The coupon, once it was revealed. */
	code: string | undefined;
	readonly identity: Identity = newIdentity();
	readonly #options: VisitorOptions;
	readonly #chance: Random;
	readonly #store: Store;
	/** The highest watermark ever promised, by stream. */
	readonly #promised = new Map<string, number>();
	#tabs: Tab[] = [];
	#last = 0;
	#pages = 0;

	constructor(options: VisitorOptions) {
		this.number = options.number;
		this.#options = options;
		this.#chance = options.chance;
		const { storage } = fakeDisk();
		this.#store = createStore('demo', () => storage);
		this.#store._open();
	}

	/** Whom the visitor says to be: two and two are one person, and after a logout somebody else. */
	user(epoch: number): string {
		return epoch === 0 ? `pair-${this.number >> 1}` : `next-${this.number}`;
	}

	/** The device's clock: wrong perhaps, and never the same twice. */
	#now(): number {
		this.#last = Math.max(this.#last + 1, Date.now() + this.#options.clockOff);
		return this.#last;
	}

	#open(): Tab {
		const tab = new Tab(this.#store, this.identity[2], () => Date.now() + this.#options.clockOff);
		this.streams.set(tab.stream, 0);
		this.#pages++;
		this.#add(tab, 'page_view', { page_path: `/p/${this.#pages}`, page_title: 'A page' });
		return tab;
	}

	#add(tab: Tab, name: string, props: Record<string, unknown>): void {
		const n = tab.next++;
		const mark = `${tab.stream}/${n}`;
		tab.queue._add({ n, at: this.#now(), name, props: { ...props, mark } }, tab.next);
		this.streams.set(tab.stream, tab.next);
		this.book.push({ mark, epoch: tab.epoch, name });
	}

	/** Lives until `over`, then until everything is acknowledged. */
	async live(over: () => boolean): Promise<void> {
		await this.#introduce();
		await this.#reveal();
		while (!over()) {
			const tab = this.#chance.pick(this.#tabs);
			this.#act(tab);
			if (this.#chance.chance(70)) await this.#sync(tab);
			await new Promise((resolve) => setTimeout(resolve, this.#chance.below(THINKS_MS)));
			this.#turn(tab);
			if (this.identity[2] === 0 && this.book.length > 60 && this.#chance.chance(2)) await this.#logOut();
			if (this.#chance.chance(2)) await this.#reveal();
		}
		// The last page sends what all that went before left.
		for (const tab of this.#tabs) tab.queue._done(1);
		this.#tabs = [this.#open()];
		await this.#settle(this.#tabs[0]!);
	}

	/** The first page of an epoch: who it is, and the exposure, which must be there before the first order is made. */
	async #introduce(): Promise<void> {
		const epoch = this.identity[2];
		this.sums[epoch] = { exposures: 0, orders: 0, value: 0 };
		const tab = this.#open();
		this.#tabs = [tab];
		this.#add(tab, 'identify', { user_id: this.user(epoch), traits: { number: this.number } });
		this.#expose(tab);
		this.#add(tab, 'noren_exposure', { campaign: 'gift', variant: 'a', arm: 'treated', phase: 0 });
		await this.#settle(tab);
	}

	#expose(tab: Tab): void {
		this.sums[tab.epoch]!.exposures++;
		this.#add(tab, 'noren_exposure', { campaign: 'counted', variant: 'a', arm: 'treated', phase: 0 });
	}

	#act(tab: Tab): void {
		const sums = this.sums[tab.epoch]!;
		for (let i = this.#chance.below(6); i >= 0; i--) {
			const kind = this.#chance.below(100);
			if (kind < 6) this.#expose(tab);
			else if (kind < 14 && sums.orders < ORDERS_MAX) {
				const value = 1 + this.#chance.below(5_000);
				const order = { transaction_id: `${this.identity[0]}-${tab.epoch}-${sums.orders}`, value, currency: 'JPY' };
				sums.orders++;
				sums.value += value;
				this.#add(tab, 'purchase', order);
				// The page that says thank you is loaded again.
				if (this.#chance.chance(20)) this.#add(tab, 'purchase', order);
			} else this.#add(tab, this.#chance.pick(['view_item', 'scroll', 'click', 'add_to_cart']), { item: kind });
		}
	}

	/** Now and then a page is left, a second one opened beside it, or one crashes and never says so. */
	#turn(tab: Tab): void {
		if (this.#pages >= PAGES_MAX || !this.#chance.chance(15)) return;
		const fate = this.#chance.below(3);
		if (fate === 0 && this.#tabs.length < 2) {
			this.#tabs.push(this.#open());
			return;
		}
		if (fate === 1) tab.queue._done(1);
		else tab.queue._save();
		this.#tabs[this.#tabs.indexOf(tab)] = this.#open();
	}

	async #logOut(): Promise<void> {
		const [tab] = this.#tabs;
		this.#add(tab!, 'reset', {});
		for (const open of this.#tabs) open.queue._done(1);
		this.identity[2] = 1;
		await this.#introduce();
	}

	/** Until nothing waits any more, of any page. */
	async #settle(tab: Tab): Promise<void> {
		for (;;) {
			await this.#sync(tab);
			const waits = this.#store._names('q.').some((id) => {
				const stored = JSON.parse(this.#store._get(`q.${id}`)!) as { v: unknown[] };
				return stored.v.length > 0;
			});
			if (!waits && !tab.queue._events().length) return;
			await new Promise((resolve) => setTimeout(resolve, this.#chance.below(THINKS_MS)));
		}
	}

	/** Sends what waits as the agent does, or less politely: in pieces, the later first, and twice. */
	async #sync(tab: Tab): Promise<void> {
		tab.queue._save();
		const { epoch, streams } = tab.queue._batches(this.#chance.chance(30) ? 600 : 200_000)!;
		const how = this.#chance.below(10);
		if (how < 6) return this.#send(tab, epoch, streams);
		if (how < 7) return void (await Promise.all([this.#send(tab, epoch, streams), this.#send(tab, epoch, streams)]));
		const piece = (odd: boolean): Batch[] =>
			streams.map((one) => ({ ...one, done: false, events: one.events.filter((_, i) => (i % 2 === 1) === odd) }));
		await Promise.all([this.#send(tab, epoch, piece(true)), this.#send(tab, epoch, piece(false))]);
	}

	async #send(tab: Tab, epoch: number, streams: readonly Batch[]): Promise<void> {
		const [device, key, , generation] = this.identity;
		const body = {
			...{ v: 1, site: 'demo', device, key, epoch, generation, sent_at: Date.now() + this.#options.clockOff },
			...{ program: '', facts: this.#chance.chance(20), fresh: false, hidden: this.#chance.chance(10), streams },
		};
		const answer = await this.#post('sync', body);
		if (answer === undefined) {
			tab.queue._failed();
			return;
		}
		assert.equal(answer.reset, false);
		for (const { id, next } of answer.acks as { id: string; next: number }[]) {
			this.#promised.set(id, Math.max(this.#promised.get(id) ?? 0, next));
		}
		tab.queue._acked(answer.acks, streams);
	}

	/** The coupon: whatever is lost on the way, and however often it is asked for, it is the same. */
	async #reveal(): Promise<void> {
		const [device, key] = this.identity;
		if (this.identity[2] > 0) return;
		for (;;) {
			const answer = await this.#post('coupon', { v: 1, site: 'demo', device, key, campaign: 'gift', pool: 'gift' });
			if (answer === undefined) continue;
			assert.equal(answer.ok, true, JSON.stringify(answer));
			this.code ??= answer.code;
			assert.equal(answer.code, this.code, 'the same visitor, another code');
			return;
		}
	}

	/** An answer, or nothing where none came or the edge was at fault. What is right must never be refused. */
	async #post(route: string, body: unknown): Promise<any> {
		try {
			const response = await fetch(`${this.#options.url}/noren/v1/${route}?site=demo`, {
				method: 'POST',
				headers: { 'Content-Type': 'text/plain;charset=UTF-8', Origin: this.#options.origin },
				body: JSON.stringify(body),
			});
			const text = await response.text();
			assert.ok(response.status === 200 || response.status >= 500, `${route}: ${response.status} ${text}`);
			if (response.status === 200) return JSON.parse(text);
			this.trouble.failed++;
		} catch (error) {
			if (error instanceof assert.AssertionError) throw error;
			this.trouble.lost++;
		}
		return undefined;
	}

	/** What was promised, by stream. */
	promised(): ReadonlyMap<string, number> {
		return this.#promised;
	}
}
