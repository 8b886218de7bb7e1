/**
 * What page views cost at the edge, counted: a stated mix of visitors is driven through the real runtime, which counts what the platform would
 * bill, and the sums are set beside the published prices. `cost.ts URL TOKEN [--quick]` prints the table of docs/deploy.md.
 *
 * Not in it: processor time and objects' time in memory, which a laptop does not have in common with the platform, and requests that a browser's
 * cache answers.
 */
import assert from 'node:assert/strict';
import { pathToFileURL } from 'node:url';
import { Admin } from '../../e2e/support/admin.ts';
import { until } from '../../e2e/support/until.ts';
import { Page, campaign, exposureOf, id } from '../../worker/page.ts';
import type { PageEvent } from '../../worker/page.ts';

/** US dollars for each unit beyond what the plan includes; docs/deploy.md says where they were read. */
export const PRICES = {
	requests: 0.3e-6,
	object_requests: 0.15e-6,
	rows_written: 1e-6,
	rows_read: 0.001e-6,
	gb_months: 0.2,
} as const;
/** So many messages that come in over a socket are billed as one request. */
const MESSAGES_A_REQUEST = 20;
const PAGES = 3;
/** One in so many visitors buys, and one in so many talks. */
const BUYS_EVERY = 50;
const TALKS_EVERY = 100;
const MESSAGES = 3;
const AT_ONCE = 8;
/** Presence is written three seconds after a change at the latest. */
const QUIET_MS = 4_000;

/** What the runtime counted, by its own names. */
type Counted = Record<
	'requests' | 'object_requests' | 'alarms' | 'messages' | 'alarms_set' | 'rows_read' | 'rows_written',
	number
>;

/** Of all page views together. */
export interface Cost {
	readonly visitors: number;
	readonly pageViews: number;
	/** Requests to the Worker. */
	readonly requests: number;
	/** Of them, those that bring events. */
	readonly syncs: number;
	/** Requests to objects, alarms and messages over sockets as they are billed. */
	readonly objectRequests: number;
	readonly rowsRead: number;
	/** Alarms that were set are in it, as they are billed. */
	readonly rowsWritten: number;
	/** Rows that go when events are too old: one a stored sync. */
	readonly rowsToLetGo: number;
	/** Bytes at visitors' objects. */
	readonly bytes: number;
}

const text = (page: number) => ({
	page_location: `https://shop.example/products/sencha-${page}?utm_source=newsletter&utm_medium=mail`,
	page_path: `/products/sencha-${page}`,
	page_title: `Sencha no. ${page} - The Tea Shop`,
});

/** The six events of a page view: the page, a product, three depths, a click. */
const sixEvents = (page: number): PageEvent[] => [
	{ n: 0, name: 'page_view', props: text(page) },
	{
		n: 1,
		name: 'view_item',
		props: { items: [{ item_id: `t-${page}`, item_category: 'tea', price: 1200 }], value: 1200 },
	},
	...[25, 50, 75].map((percent_scrolled, i) => ({ n: 2 + i, name: 'scroll', props: { percent_scrolled } })),
	{ n: 5, name: 'click', props: { link_url: `https://shop.example/cart?add=${page}`, link_text: 'Add to cart' } },
];

/** Drives `visitors` of three page views each, as tag and agent speak, and returns what was counted. */
export async function cost(url: string, token: string, visitors: number): Promise<Cost> {
	const admin = new Admin(url, token);
	await admin.publish([campaign()]);
	let polls = 0;
	const counted = (): Promise<Counted> => {
		polls += 1;
		return admin.ok('GET', 'sites/demo/measure');
	};
	const get = async (path: string): Promise<string> => {
		const answer = await fetch(url + path);
		assert.equal(answer.status, 200, path);
		return answer.text();
	};
	const tag = await get('/tag.js');
	const [agent, wasm] = [/\/noren\/a\/[0-9a-f]{16}\/agent\.js/, /\/noren\/a\/agent\.[0-9a-f]{16}\.wasm/].map(
		(address) => tag.match(address)![0],
	) as [string, string];
	const site = async (): Promise<string> => JSON.parse(await get('/noren/v1/site?site=demo')).program;
	const program = await site();
	const { phase } = (await admin.ok('GET', 'sites/demo/campaigns')).campaigns?.[0] ?? {};

	const [before, polled] = [await counted(), polls];
	let syncs = 0;
	let kept = 0;
	const devices: string[] = [];
	const visit = async (number: number): Promise<void> => {
		const page = new Page(url);
		devices.push(page.device);
		const sync = async (events: readonly PageEvent[], more: Record<string, unknown> = {}): Promise<void> => {
			syncs += 1;
			if (!more['fresh']) kept += 1;
			const { status, body } = await page.sync(events, more);
			assert.equal(status, 200, JSON.stringify(body));
		};
		for (let view = 0; view < PAGES; view += 1) {
			page.stream = id();
			// What the browser keeps is asked for once.
			if (view === 0) await Promise.all(['/tag.js', agent, wasm, `/noren/p/${program}?site=demo`].map(get));
			await site();
			const events = sixEvents(view);
			await sync(events.slice(0, 1), { fresh: view === 0 });
			// Everybody meets the campaign once.
			if (view === 0) {
				events.push(exposureOf('linger', 6, 'treated', Number(phase) || 1));
				events.push({ n: 7, name: 'noren_impression', props: { campaign: 'linger', variant: 'a' } });
			}
			const last = view === PAGES - 1;
			if (last && number % BUYS_EVERY === 0) {
				events.push({ n: 6, name: 'purchase', props: { transaction_id: `C-${number}`, value: 1200 } });
				await sync(events);
			}
			if (last && number % TALKS_EVERY === 1) {
				const chat = await page.chat();
				chat.send({ t: 'hello', since: 0 });
				for (let n = 0; n < MESSAGES; n += 1) chat.send({ t: 'say', cid: `c${n}`, text: 'Is this still in stock?' });
				await until('the messages', () => chat.frames.filter(({ t }) => t === 'ack').length === MESSAGES);
				chat.socket.close();
			}
			await sync(events.slice(1), { hidden: true });
		}
	};
	const waiting = Array.from({ length: visitors }, (_, number) => number);
	await Promise.all(
		Array.from({ length: AT_ONCE }, async () => {
			for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await visit(one);
		}),
	);
	// What is owed is delivered after the answer: until nothing more happens, it is not all counted.
	let [last, since] = ['', Date.now()];
	const after = await until(
		'the edge to be quiet',
		async () => {
			const now = await counted();
			const { object_requests, alarms, rows_written } = now;
			const seen = String([object_requests, alarms, rows_written]);
			if (seen !== last) [last, since] = [seen, Date.now()];
			return Date.now() - since >= QUIET_MS && now;
		},
		{ timeoutMs: 60_000 },
	);
	const of = (name: keyof Counted): number => after[name] - before[name];
	const sample = devices.slice(0, 20);
	const sizes = await Promise.all(
		sample.map(async (device) => (await admin.ok('GET', `sites/demo/measure?device=${device}`)).bytes as number),
	);
	return {
		visitors,
		pageViews: visitors * PAGES,
		requests: of('requests') - (polls - polled),
		syncs,
		objectRequests: of('object_requests') + of('alarms') + of('messages') / MESSAGES_A_REQUEST,
		rowsRead: of('rows_read'),
		rowsWritten: of('rows_written') + of('alarms_set'),
		rowsToLetGo: kept,
		bytes: (sizes.reduce((sum, bytes) => sum + bytes, 0) / sample.length) * visitors,
	};
}

/** The table, for a million page views. */
export function table(found: Cost): string {
	const million = 1e6 / found.pageViews;
	const row = (what: string, count: number, price: number, unit = ''): [string, string, number] => {
		const amount = count * million;
		return [
			what,
			unit ? `${(amount / 1e9).toFixed(2)} ${unit}` : `${(amount / 1e6).toFixed(2)} million`,
			amount * price,
		];
	};
	const rows = [
		row('requests to the Worker', found.requests, PRICES.requests),
		row('- of them syncs', found.syncs, 0),
		row('requests to objects, alarms and messages included', found.objectRequests, PRICES.object_requests),
		row('rows written, alarms included', found.rowsWritten, PRICES.rows_written),
		row('rows let go after the events’ time', found.rowsToLetGo, PRICES.rows_written),
		row('rows read', found.rowsRead, PRICES.rows_read),
		row('storage of visitors, each month', found.bytes, PRICES.gb_months / 1e9, 'GB'),
	];
	const total = rows.reduce((sum, [, , dollars]) => sum + dollars, 0);
	const line = ([what, amount, dollars]: [string, string, number]): string =>
		`| ${what} | ${amount} | ${dollars ? dollars.toFixed(2) : ''} |`;
	return [
		'| per million page views | | USD beyond what is included |',
		'| --- | --- | --- |',
		...rows.map(line),
		`| together | | ${total.toFixed(2)} |`,
	].join('\n');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
	const [url, token] = process.argv.slice(2) as [string, string];
	const found = await cost(url, token, process.argv.includes('--quick') ? 100 : 300);
	console.log(`${found.visitors} visitors, ${found.pageViews} page views\n\n${table(found)}`);
}
