/** What a server reports of a person reaches the page that person has open, on the real runtime. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, exposure } from './page.ts';

let edge: Edge;
let key: string;
before(async () => {
	edge = await Edge.start();
	key = (await edge.admin.ok('POST', 'sites/demo/keys', { name: 'shop', scopes: ['events'] })).secret;
	await edge.admin.publish([campaign()]);
});
after(() => edge?.stop());

const order = (userId: string, id: string, total: number, more: object = {}) =>
	fetch(`${edge.url}/v1/track`, {
		method: 'POST',
		headers: { Authorization: `Basic ${btoa(`${key}:`)}` },
		body: JSON.stringify({
			userId,
			event: 'Order Completed',
			messageId: `message-${id}`,
			properties: { order_id: id, total, currency: 'JPY' },
			...more,
		}),
	}).then((response) => assert.equal(response.status, 200));
const counted = async (...figures: readonly string[]) => {
	const rows = await edge.admin.numbers();
	return figures.map((what) => rows.reduce((sum, row) => sum + Number(row[what]), 0));
};
const person = (user: string) => edge.admin.ok('GET', `sites/demo/person?user=${user}`);
const identify = (n: number, user: string) => ({ n, name: 'identify', props: { user_id: user, traits: {} } });

test('an order comes down with the next sync, once, and with it what is known now', async () => {
	const page = new Page(edge.url);
	await page.sync([{ n: 0, name: 'page_view' }, identify(1, 'open')]);
	await until('the person to be known', async () => (await person('open')).first_seen !== null);
	await order('open', 'S-1', 4800);
	const began = performance.now();
	const told = await until('the news', async () => {
		const { body } = await page.sync([], { facts: false });
		return body.news && body;
	});
	assert.ok(performance.now() - began < 10_000);
	const [[name, props, at]] = told.news;
	assert.deepEqual([told.news.length, name, props.transaction_id, props.value], [1, 'purchase', 'S-1', 4800]);
	assert.ok(Math.abs(at - Date.now()) < 60_000);
	assert.deepEqual([told.facts.purchases, told.facts.lifetime_value, told.facts.visits], [1, 4800, 1]);
	assert.equal((await page.sync([], { facts: false })).body.news, undefined, 'once');
	await order('open', 'S-1', 4800);
	await order('open', 'S-1b', 1);
	// Reports of one person are handed on in order: with the second order the repeated first has arrived.
	await until('the second order', async () => (await person('open')).lifetime_value === 4801);
	assert.equal((await person('open')).purchases, 2, 'one order is one order');
});

test('a second browser that claims a known id learns nothing', async () => {
	const owner = new Page(edge.url);
	await owner.sync([{ n: 0, name: 'page_view' }, identify(1, 'claimed')]);
	await until('the person to be known', async () => (await person('claimed')).first_seen !== null);
	const other = new Page(edge.url);
	await other.sync([{ n: 0, name: 'page_view' }, identify(1, 'claimed')]);
	await order('claimed', 'S-2', 900);
	await until('the owner to hear', async () => (await owner.sync([])).body.news);
	const { body } = await other.sync([]);
	assert.deepEqual([body.news, body.facts.purchases], [undefined, 0]);
});

test('page, server and another client report the same order: it is one, worth what the server says', async () => {
	const page = new Page(edge.url);
	const phase = 1;
	await page.sync([
		exposure(0, 'treated', phase),
		identify(1, 'three'),
		{ n: 2, name: 'purchase', props: { transaction_id: 'S-3', value: 1000, currency: 'JPY' } },
	]);
	await until('the conversion', async () => (await counted('converted', 'value'))[0] === 1);
	assert.deepEqual(await counted('converted', 'value'), [1, 1000]);
	await order('three', 'S-3', 1200);
	await fetch(`${edge.url}/v1/t`, {
		method: 'POST',
		headers: { Origin: edge.url },
		body: JSON.stringify({
			writeKey: 'demo',
			anonymousId: 'three-browser',
			userId: 'three',
			event: 'Order Completed',
			messageId: 'three-browser',
			properties: { order_id: 'S-3', total: 1100 },
		}),
	});
	await until('the server to fix the value', async () => (await counted('converted', 'value'))[1] === 1200);
	assert.deepEqual(await counted('converted', 'value'), [1, 1200]);
	const facts = await until('the person', async () => {
		const facts = await person('three');
		return facts.lifetime_value === 1200 && facts;
	});
	assert.equal(facts.purchases, 1);
});

test('a guest buys, the shop knows the customer: one order, worth what the shop says', async () => {
	const figures = ['visitors', 'converted', 'value'] as const;
	const [visitors = 0, converted = 0, value = 0] = await counted(...figures);
	const says = (what: string, ...more: readonly number[]) =>
		until(what, async () => {
			const sums = [visitors, converted, value].map((before, i) => before + Number(more[i]));
			return (await counted(...figures)).join() === sums.join();
		});
	const bought = { n: 1, name: 'purchase', props: { transaction_id: 'S-4', value: 500, currency: 'JPY' } };
	await new Page(edge.url).sync([exposure(0, 'treated', 1), bought]);
	await says('the conversion', 1, 1, 500);
	await order('a-customer', 'S-4', 650);
	await says('the shop to fix the value', 1, 1, 650);
	// The customer was shown the campaign elsewhere and opens the same page there: the shop has named them.
	await new Page(edge.url).sync([exposure(0, 'treated', 1), bought, identify(2, 'a-customer')]);
	await says('the customer to be one visitor more, and the order still one', 2, 1, 650);
});
