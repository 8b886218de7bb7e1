/** A pop-up belongs to the page it was meant for: it leaves with the page, unless the visitor is in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OTHER_PRODUCT, PRODUCT } from './pages/shop.ts';
import { campaign, drawn, lingering, stage, widgets } from './pages/stage.ts';

const s = stage();

const linger = (action: object) =>
	campaign('linger', { trigger: lingering('1s'), variants: [{ id: 'a', weight: 100, action }] });
const slide = {
	kind: 'slide',
	title: 'About this tea',
	body: 'Picked in May.',
	buttons: [{ label: 'Fine', action: 'close' }],
};

test('it leaves when the visitor goes to a page it was not meant for, without the page being loaded anew', async (t) => {
	await s.edge.admin.publish([linger(slide)]);
	const page = await s.visit(t, PRODUCT);
	await page.findByRole('region', 'About this tea');
	await drawn(page);
	await page.evaluate(() => Object.assign(window, { same: true }));
	await page.evaluate(() => document.querySelector<HTMLAnchorElement>('header a[href^="/shop/products/"]')?.click());
	await page.waitUntilGone('region', 'About this tea');
	assert.equal(await page.evaluate(() => location.pathname), '/shop/products/');
	assert.equal(await page.evaluate(() => 'same' in window), true, 'a soft navigation');
	assert.equal(await widgets(page), 0);
	// What is not urgent goes out when the page is hidden.
	await page.hide();
	await s.counted('linger', 'treated', { shown: 1, impressions: 1 });
	assert.equal((await s.counts('linger')).closed, 0, 'the visitor did not close it');
});

test('it stays when the next page is one it is meant for', async (t) => {
	await s.edge.admin.publish([linger(slide)]);
	const page = await s.visit(t, PRODUCT);
	await page.findByRole('region', 'About this tea');
	await page.evaluate((to) => history.pushState(null, '', to), OTHER_PRODUCT);
	await drawn(page);
	await page.findByRole('region', 'About this tea');
	await page.evaluate(() => history.pushState(null, '', '/shop/about/'));
	await page.waitUntilGone('region', 'About this tea');
});

test('it stays while the visitor is writing in it, and what was written stays', async (t) => {
	await s.edge.admin.publish([linger({ kind: 'chat', title: 'May we help?' })]);
	const page = await s.visit(t, PRODUCT);
	await (await page.findByRole('button', 'Start a chat')).click();
	await page.findByRole('textbox', 'Your message');
	await page.keyboard('Is this tea');
	await page.evaluate(() => history.pushState(null, '', '/shop/about/'));
	await drawn(page);
	await page.keyboard(' organic?');
	const tree = await page.accessibility();
	assert.equal(
		tree.find(({ role, name }) => role === 'textbox' && name === 'Your message')?.value,
		'Is this tea organic?',
	);
});
