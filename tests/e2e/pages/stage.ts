/**
 * What a story needs: an edge of its own that remembers nothing, a real browser, and visitors that leave when their test ends. A file has
 * one stage; its tests run one after the other, files run side by side.
 */
import { after, before } from 'node:test';
import { launch } from '../../driver/driver.ts';
import type { Context, ContextOptions, Page, Session } from '../../driver/driver.ts';
import { Edge } from '../support/edge.ts';
import type { EdgeOptions } from '../support/edge.ts';
import { customerSite } from '../support/site.ts';
import type { CustomerSite, SitePage } from '../support/site.ts';
import { until } from '../support/until.ts';

declare global {
	interface Window {
		/** The tag's function, once the tag has run. */
		noren?: ((...given: unknown[]) => Promise<unknown>) & { readonly v?: number };
		dataLayer?: unknown[];
	}
}

/** The part of node's test context that is used here. */
export interface Ends {
	after(run: () => unknown): void;
}

/** One row of the numbers, as far as tests look. */
export interface Counts {
	readonly shown: number;
	readonly impressions: number;
	readonly closed: number;
	readonly clicked: number;
	readonly converted: number;
	readonly value: number;
}

const NOTHING: Counts = { shown: 0, impressions: 0, closed: 0, clicked: 0, converted: 0, value: 0 };

export class Stage {
	#edge: Edge | undefined;
	#session: Session | undefined;

	get edge(): Edge {
		if (this.#edge === undefined) throw new Error('no edge yet: use it inside of a test');
		return this.#edge;
	}

	get session(): Session {
		if (this.#session === undefined) throw new Error('no browser yet: use it inside of a test');
		return this.#session;
	}

	async open(options: EdgeOptions): Promise<void> {
		[this.#edge, this.#session] = await Promise.all([Edge.start(options), launch()]);
	}

	async close(): Promise<void> {
		await this.#session?.close();
		await this.#edge?.stop();
	}

	/** A visitor with an empty browser, gone at the end of the test. */
	async visitor(t: Ends, options: ContextOptions = {}): Promise<Context> {
		const context = await this.session.newContext(options);
		t.after(() => context.close());
		return context;
	}

	/** The one tab of a new visitor, at `url` or at a path of the demo shop. */
	async visit(t: Ends, url: string, options: ContextOptions = {}): Promise<Page> {
		const page = await (await this.visitor(t, options)).newPage();
		await page.goto(this.address(url));
		return page;
	}

	/** A path becomes an address of the edge; anything else stays. */
	address(url: string): string {
		return url.startsWith('/') ? this.edge.url + url : url;
	}

	/** A site of the test's own, on another origin, gone at the end of the test. */
	async site(t: Ends, pages: Readonly<Record<string, SitePage>>): Promise<CustomerSite> {
		const site = await customerSite(this.edge.url, pages);
		t.after(() => site.close());
		return site;
	}

	/** The numbers of one arm of a campaign, all variants and phases together. */
	async counts(campaign: string, arm: 'treated' | 'control' = 'treated'): Promise<Counts> {
		const rows = (await this.edge.admin.numbers()).filter((row) => row['id'] === campaign && row['arm'] === arm);
		const total: Record<string, number> = { ...NOTHING };
		for (const row of rows)
			for (const name of Object.keys(NOTHING)) total[name] = (total[name] ?? 0) + Number(row[name]);
		return total as unknown as Counts;
	}

	/** Waits until the numbers of an arm hold at least what is given, and returns them. */
	counted(campaign: string, arm: 'treated' | 'control', wanted: Partial<Counts>): Promise<Counts> {
		return until(`${campaign}, ${arm}: ${JSON.stringify(wanted)} counted`, async () => {
			const found = await this.counts(campaign, arm);
			const names = Object.keys(wanted) as (keyof Counts)[];
			return names.every((name) => found[name] >= (wanted[name] ?? 0)) && found;
		});
	}
}

/** The stage of a test file; call it once, outside of any test. `prepare` runs when the edge answers, before the first test. */
export function stage(prepare?: (made: Stage) => unknown, options: EdgeOptions = {}): Stage {
	const made = new Stage();
	before(async () => {
		await made.open(options);
		await prepare?.(made);
	});
	after(() => made.close());
	return made;
}

/** Waits until the agent of a page has taken over from the tag. */
export async function ready(page: Page): Promise<void> {
	await page.waitFor(
		() => {
			// Where the agent never comes the answer never does; then this look ends, and the next one asks again.
			const enough = new Promise<undefined>((resolve) => setTimeout(resolve, 250, undefined));
			return window.noren?.v && Promise.race([window.noren('why').then(() => true), enough]);
		},
		[],
		{ what: 'the agent to be there', timeoutMs: 20_000 },
	);
}

/** Waits until the agent of a page has asked everything that it asks at the start: nothing of ours is on its way. */
export async function settled(page: Page): Promise<void> {
	await ready(page);
	await until('the first sync', () =>
		page.requests.some(({ url, status }) => url.includes('/v1/sync') && status === 200),
	);
}

/** What the agent answers to `why` for one campaign, as far as tests look. */
export interface Why {
	readonly campaign: string;
	/** The variant whose widget holds the campaign's place, loaded or still loading. */
	readonly showing?: string;
	readonly gates: readonly { readonly gate: string; readonly pass: boolean; readonly [detail: string]: unknown }[];
}

/** The agent's own account of a campaign on this page; `undefined` when it is not live. */
export async function why(page: Page, id: string): Promise<Why | undefined> {
	const rules = (await page.evaluate(() => window.noren?.('why'))) as readonly Why[];
	return rules.find(({ campaign }) => campaign === id);
}

/** Waits for two frames: a widget that stood before the first has been painted, and what a route change takes away is gone. */
export async function drawn(page: Page): Promise<void> {
	await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** How many widgets stand on the page, painted or not. */
export function widgets(page: Page): Promise<number> {
	return page.evaluate(() => document.querySelectorAll('noren-widget').length);
}

/** A campaign that shows a pop-up called by its id to everybody at every page view; `more` changes it. */
export function campaign(id: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
	return {
		id,
		name: { en: id, ja: id },
		trigger: { on: 'page_view' },
		control: 0,
		variants: [{ id: 'a', weight: 100, action: popup(id) }],
		...more,
	};
}

/** The action of a pop-up with this title. */
export function popup(title: string): Record<string, unknown> {
	return {
		kind: 'popup',
		title,
		body: 'Nothing to see here.',
		buttons: [{ label: 'Fine', action: 'close' }],
	};
}

/** The action of a bar, which takes another place than a pop-up and no focus: it shows that a moment has passed. */
export function bar(title: string): Record<string, unknown> {
	return { kind: 'bar', title, position: 'bottom' };
}

/** Dwell on the product pages of the demo shop, or on one product's. */
export function lingering(time: string, product?: string): Record<string, unknown> {
	const page = {
		'page.path': { $regex: '^/shop/product/' },
		...(product !== undefined && { 'page.query.id': product }),
	};
	return { dwell: { page, time } };
}

/** One page with the tag and what the test adds; `EDGE` is the edge's address. */
export function taggedPage(
	more: { readonly head?: string; readonly body?: string; readonly attributes?: string } = {},
): string {
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A customer's page</title><link rel="icon" href="data:,">${more.head ?? ''}
<script async src="EDGE/tag.js" data-site="demo" ${more.attributes ?? ''}></script></head>
<body><h1>A customer's page</h1>${more.body ?? ''}</body></html>`;
}
