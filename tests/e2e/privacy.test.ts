/** What a site is said to store and send is what a real page stores and sends, and before the visitor agrees that is nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addToCart, PRODUCT } from './pages/shop.ts';
import { bar, campaign, ready, stage } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage();

interface Notice {
	readonly cookies: readonly { readonly name: string }[];
	readonly storage: readonly { readonly name: string }[];
	readonly requests: readonly { readonly method: string; readonly path: string }[];
}

const like = (pattern: string, text: string): boolean =>
	new RegExp(`^${pattern.replace(/[.?+()[\]\\^$|{}]/g, '\\$&').replaceAll('*', '.*')}$`).test(text);

test('every key, every request and the one cookie of a page stand in the notice, and script reads no cookie', async (t) => {
	await s.edge.admin.publish([campaign('hello', { variants: [{ id: 'a', weight: 100, action: bar('Hello') }] })]);
	const address = `${s.edge.url}/noren/v1/privacy?site=demo`;
	const notice = (await (await fetch(`${address}&as=json`)).json()) as Notice;
	const page = await s.visit(t, PRODUCT);
	await ready(page);
	await page.findByRole('region', 'Hello');
	await addToCart(page);
	const keys = (): Promise<string[]> => page.evaluate(() => Object.keys(localStorage));
	await until('the rules to have counted', async () => (await keys()).includes('noren.demo.s'));
	for (const key of (await keys()).filter((key) => key.startsWith('noren.')))
		assert.ok(
			notice.storage.some(({ name }) => like(name, key)),
			`${key} is not in the notice`,
		);
	const asked = await page.evaluate(() => performance.getEntriesByType('resource').map((entry) => entry.name));
	const ours = asked.map((name) => new URL(name)).filter(({ pathname }) => /^\/(noren|tag)/.test(pathname));
	assert.ok(ours.some(({ pathname }) => pathname === '/noren/v1/sync'));
	for (const { pathname } of ours)
		assert.ok(
			notice.requests.some(({ path }) => like(path, pathname)),
			`${pathname} is not in the notice`,
		);
	assert.equal(await page.evaluate(() => document.cookie), '');
	assert.deepEqual(
		notice.cookies.map(({ name }) => name),
		['noren.demo'],
	);
	const html = await (await fetch(address)).text();
	for (const { name } of [...notice.storage, ...notice.cookies]) assert.ok(html.includes(name), name);
	assert.match(html, /<main lang="ja">/);
});

test('where the site asks, nothing is stored and no event is sent before the answer', async (t) => {
	await s.edge.admin.ok('PUT', 'sites/demo', { consent: 'ask' });
	t.after(() => s.edge.admin.ok('PUT', 'sites/demo', { consent: 'open' }));
	await until('the setting to be heard', async () => {
		const answer = await fetch(`${s.edge.url}/noren/v1/site?site=demo`);
		return (await answer.json()).consent === 'ask';
	});
	const page = await s.visit(t, PRODUCT);
	await ready(page);
	const kept = (): Promise<string[]> =>
		page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('noren.')));
	const syncs = (): Promise<number> =>
		page.evaluate(
			() => performance.getEntriesByType('resource').filter((entry) => entry.name.includes('/v1/sync')).length,
		);
	assert.deepEqual([await kept(), await syncs()], [[], 0]);
	await page.evaluate(() => void window.noren?.('consent', 'granted', '2026-11'));
	await until('the answer to be sent', async () => (await syncs()) > 0);
	const device = JSON.parse(await page.evaluate(() => String(localStorage.getItem('noren.demo.id'))))[0];
	await until('the visitor to be known', async () => {
		const found = await s.edge.admin.request('GET', `sites/demo/measure?device=${device}`);
		return found.status === 200 && found.body.bytes > 0;
	});
	await page.evaluate(() => void window.noren?.('consent', 'denied'));
	await until('the edge to have let go', async () => {
		const answer = await s.edge.admin.request('POST', `sites/demo/devices/${device}/erase`);
		return answer.status === 200 && answer.body.generation === 2;
	});
	assert.deepEqual(await kept(), ['noren.demo.c']);
});
