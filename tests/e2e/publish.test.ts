/** What a marketer publishes reaches pages that are open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from '../driver/driver.ts';
import { addToCart, PRODUCT, shop } from './pages/shop.ts';
import { bar, campaign, ready, settled, stage, taggedPage } from './pages/stage.ts';

const s = stage();

const PAGES = { '/': { html: taggedPage() } };
const onSearch = (title: string, more: object = {}) =>
	campaign('news', { trigger: { on: 'search' }, variants: [{ id: 'a', weight: 100, action: bar(title) }], ...more });
const search = () => window.noren?.('track', 'search', { search_term: 'tea' });

/** Waits until the page's agent has the campaign among its rules; looking changes nothing. */
const knows = (page: Page, id: string, timeoutMs: number) =>
	page.waitFor(
		async (id) => {
			const rules = (await window.noren?.('why')) as { readonly campaign: string }[];
			return rules.some(({ campaign }) => campaign === id);
		},
		[id],
		{ what: `the page to know ${id}`, timeoutMs },
	);

test('a page that comes back to the front has the new rules at once', async (t) => {
	await s.edge.admin.publish([onSearch('Old words')]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await settled(page);
	await page.evaluate(() => Object.assign(window, { loadedOnce: true }));
	await page.hide();
	await s.edge.admin.publish([onSearch('New words', { id: 'newer' })]);
	await page.show();
	await knows(page, 'newer', 3_000);
	await page.evaluate(search);
	await page.findByRole('region', 'New words');
	assert.equal(await page.evaluate(() => 'loadedOnce' in window), true, 'without being loaded anew');
});

test('a visible page that nobody touches has them within a minute', async (t) => {
	await s.edge.admin.publish([onSearch('Before')]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await settled(page);
	await page.evaluate(() => Object.assign(window, { loadedOnce: true }));
	await s.edge.admin.publish([onSearch('Urgent', { id: 'urgent' })]);
	await knows(page, 'urgent', 60_000);
	await page.evaluate(search);
	await page.findByRole('region', 'Urgent');
	assert.equal(await page.evaluate(() => 'loadedOnce' in window), true, 'without being loaded anew');
});

test('a campaign that is stopped leaves open pages; an edit of its words leaves what is on the screen', async (t) => {
	await s.edge.admin.publish([onSearch('Here to stay'), campaign('stopped', { trigger: { on: 'search' } })]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await ready(page);
	await page.evaluate(search);
	await page.findByRole('dialog', 'stopped');
	await page.waitFor(() => document.querySelectorAll('noren-widget').length === 2, [], { what: 'both to stand' });
	await page.hide();
	await s.edge.admin.publish([onSearch('Other words')]);
	await page.show();
	await page.waitUntilGone('dialog', 'stopped');
	await page.findByRole('region', 'Here to stay');
});

test('the shop follows a publish, a rollback and the removal of a campaign', async (t) => {
	const first = await s.edge.admin.publish([campaign('cart', { trigger: { on: 'add_to_cart' } })]);
	const second = await s.edge.admin.publish([campaign('basket', { trigger: { on: 'add_to_cart' } })]);
	assert.equal(second.version, first.version + 1);
	const page = await s.visit(t, PRODUCT);
	await ready(page);
	await addToCart(page);
	await page.findByRole('dialog', 'basket');
	await page.press('Escape');
	await s.edge.admin.ok('POST', 'sites/demo/rollback', { version: first.version });
	await page.goto(s.address(PRODUCT));
	await ready(page);
	await page.click('#add-to-cart');
	await page.findByRole('dialog', 'cart');
	await s.edge.admin.ok('DELETE', 'sites/demo/campaigns/cart');
	await page.goto(s.address(shop('about/')));
	await ready(page);
	await page.evaluate(() => window.noren?.('track', 'add_to_cart'));
	const told = (await page.evaluate(() => window.noren?.('why'))) as readonly Record<string, unknown>[];
	assert.deepEqual(new Set(told.map(({ paused }) => paused)), new Set([true]), 'nothing is live');
	assert.ok(
		told.some(({ campaign }) => campaign === 'cart'),
		'what the device knows of it is kept',
	);
});
