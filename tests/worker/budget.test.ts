/** What a visitor costs at the edge, counted by the real runtime: rows written, bytes stored, objects that need not be. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, id } from './page.ts';
import type { PageEvent } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
	await edge.admin.publish([campaign()]);
});
after(() => edge?.stop());

interface Measured {
	readonly rows: number;
	readonly bytes: number;
	readonly alarm: number | null;
}

const device = (page: Page): Promise<Measured> => edge.admin.ok('GET', `sites/demo/measure?device=${page.device}`);

/** Every shard's rows: presence is kept there, at most one row in three seconds for everybody. */
const shards = async (): Promise<number> => {
	const all = [0, 1, 2, 3].map((k) => edge.admin.ok('GET', `sites/demo/measure?shard=${k}`));
	return (await Promise.all(all)).reduce((sum: number, { rows }: Measured) => sum + rows, 0);
};

const props = (n: number) => ({
	page_location: `https://shop.example/products/sencha-${n}?utm_source=newsletter&utm_medium=mail`,
	page_path: `/products/sencha-${n}`,
	page_title: `Sencha no. ${n} - The Tea Shop`,
});

const pageView = (page: number): PageEvent[] => [
	{ n: 0, name: 'page_view', props: props(page) },
	{
		n: 1,
		name: 'view_item',
		props: { items: [{ item_id: `t-${page}`, item_category: 'tea', price: 1200 }], value: 1200 },
	},
	...[25, 50, 75].map((percent_scrolled, i) => ({ n: 2 + i, name: 'scroll', props: { percent_scrolled } })),
	{ n: 5, name: 'click', props: { link_url: `https://shop.example/cart?add=${page}`, link_text: 'Add to cart' } },
];

/** A page as the agent sends it: one request at its start, one when it is hidden. */
async function visit(page: Page, number: number): Promise<void> {
	page.stream = id();
	const events = pageView(number);
	assert.equal((await page.sync(events.slice(0, 1))).status, 200);
	assert.equal((await page.sync(events, { hidden: true })).status, 200);
}

test('a page view with six events writes at most 8 rows, letting it go again included', async () => {
	const page = new Page(edge.url);
	await visit(page, 0);
	const [before, around] = [await device(page), await shards()];
	await visit(page, 1);
	const [after, presence] = [await device(page), await shards()];
	const written = after.rows - before.rows + (presence - around);
	// Each request's events are one row, and one row is deleted when they are too old.
	const letGo = 2;
	assert.ok(written + letGo <= 8, `${written} written, ${letGo} to let go`);
	assert.equal(after.rows - before.rows, 4);
	assert.equal(after.alarm, before.alarm, 'and no alarm is set: the one for what is old stands');
	const days = (Number(after.alarm) - Date.now()) / 86_400_000;
	assert.ok(days > 90 && days < 92, `${days} days`);
});

/** Somebody who is known by name costs more: the part goes to the person once a page. What the platform's alarms write is not in it. */
test('a page view of a person writes at most 8 rows, at the person too', async () => {
	const page = new Page(edge.url);
	await page.sync([{ n: 0, name: 'identify', props: { user_id: 'budget' } }]);
	const person = (): Promise<Measured> => edge.admin.ok('GET', 'sites/demo/measure?user=budget');
	await until(
		'the join',
		async () =>
			(await person()).rows > 0 && (await edge.admin.request('GET', 'sites/demo/persons/budget')).status === 200,
	);
	await visit(page, 0);
	const part = async () => (await edge.admin.ok('GET', 'sites/demo/persons/budget')).parts[0].events;
	await page.sync([{ n: 6, name: 'purchase', props: { transaction_id: 'B-1', value: 1 } }]);
	await until('the first page at the person', async () => (await part()) === 8);
	const before = (await device(page)).rows + (await person()).rows;
	await visit(page, 1);
	// An order makes the part leave at once; it is the seventh event, and its sync is not the page view's.
	const without = (await device(page)).rows + (await person()).rows;
	await page.sync([{ n: 6, name: 'purchase', props: { transaction_id: 'B-2', value: 1 } }]);
	await until('the second page at the person', async () => (await part()) === 15);
	const after = (await device(page)).rows + (await person()).rows;
	const ordered = 2;
	assert.equal(without - before, 4, 'the page itself');
	assert.ok(after - before - ordered + 2 <= 8, `${after - before - ordered} written, 2 to let go`);
});

test('fifty events take at most 24 KB', async () => {
	const page = new Page(edge.url);
	for (let number = 0; number < 9; number += 1) await visit(page, number);
	const { bytes } = await device(page);
	assert.ok(bytes <= 24 * 1024, `${bytes} bytes for 54 events`);
});

test('who leaves the first page without doing anything has no object', async () => {
	const page = new Page(edge.url);
	const look = { fresh: true };
	await page.sync(pageView(0).slice(0, 1), look);
	await page.sync(pageView(0).slice(0, 1), { ...look, hidden: true });
	// Left before the agent was there: tag.js says so, and does not know whether the visitor is new.
	const passing = await page.sync(pageView(0).slice(0, 1), { raw: true, hidden: true });
	assert.deepEqual([passing.status, passing.body.acks], [200, []]);
	const none = await edge.admin.request('GET', `sites/demo/measure?device=${page.device}`);
	assert.deepEqual([none.status, none.body.code], [404, 'not_found']);
	await page.sync(pageView(0), look);
	assert.ok((await device(page)).bytes > 0, 'one who did something has');
	page.stream = id();
	const known = await page.sync(pageView(1).slice(0, 1), { raw: true, hidden: true });
	assert.deepEqual(known.body.acks, [{ id: page.stream, next: 1 }], 'and is known from then on');
});
