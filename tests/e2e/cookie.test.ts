/** Real Chromium: at an address of the site's own a cookie remembers what storage forgets; on somebody else's there is none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf } from './pages/device.ts';
import { addToCart, PRODUCT } from './pages/shop.ts';
import { ready, stage, taggedPage } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage((made) => made.edge.admin.publish([]));

/** What script stored is gone, as after a week in Safari. */
const forget = (page: { evaluate(run: () => void): Promise<void> }): Promise<void> =>
	page.evaluate(() => localStorage.clear());

test('a browser that forgot its storage is the visitor it was, and one that took consent back is not', async (t) => {
	const context = await s.visitor(t);
	const page = await context.newPage();
	await page.goto(s.address(PRODUCT));
	await addToCart(page);
	const before = await deviceOf(page);
	await until('the edge to know the visitor', async () => {
		const found = await s.edge.admin.request('GET', `sites/demo/measure?device=${before.device}`);
		return found.status === 200 && found.body.bytes > 0;
	});
	assert.equal(await page.evaluate(() => document.cookie), '', 'script reads none');
	await forget(page);
	await page.goto(s.address('/shop/about/'));
	await ready(page);
	await until('storage to be restored', async () => (await deviceOf(page)).device === before.device);
	assert.deepEqual(await deviceOf(page), before, 'the key as well');
	await page.evaluate(() => void window.noren?.('consent', 'denied'));
	await until('the edge to have let go', async () => {
		const answer = await s.edge.admin.request('POST', `sites/demo/devices/${before.device}/erase`);
		return answer.status === 200 && answer.body.generation === 2;
	});
	await forget(page);
	await page.goto(s.address(PRODUCT));
	await addToCart(page);
	assert.notEqual((await deviceOf(page)).device, before.device);
});

test("on somebody else's address the visitor is who storage says, and nothing is sent along", async (t) => {
	const site = await s.site(t, { '/': { html: taggedPage() } });
	// The edge is at 127.0.0.1: a page at this name is of another site.
	const page = await s.visit(t, site.url.replace('127.0.0.1', 'localhost'));
	await ready(page);
	await page.evaluate(() => void window.noren?.('track', 'purchase', { transaction_id: 'C-1', value: 1 }));
	const before = await deviceOf(page);
	await until('the edge to know the visitor', async () => {
		const found = await s.edge.admin.request('GET', `sites/demo/measure?device=${before.device}`);
		return found.status === 200 && found.body.bytes > 0;
	});
	await forget(page);
	await page.goto(site.url.replace('127.0.0.1', 'localhost'));
	await ready(page);
	assert.notEqual((await deviceOf(page)).device, before.device);
});
