/** The main job: who lingers gets the coupon, who bought does not, who is in the control share sees nothing and is counted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, factsOf } from './pages/device.ts';
import { addToCart, buy, enterCoupon, order, OTHER_PRODUCT, PRODUCT, shop, toCheckout } from './pages/shop.ts';
import { bar, campaign, drawn, lingering, ready, stage, why, widgets } from './pages/stage.ts';
import type { Page } from '../driver/driver.ts';

const s = stage(({ edge }) =>
	edge.admin.pool('welcome', {
		generate: { count: 20, prefix: 'TEA-' },
		terms: { kind: 'amount', value: 300, currency: 'JPY', minimum: 1000 },
		expires_after: '7d',
	}),
);

const TITLE = 'Take your time';
const coupon = {
	kind: 'coupon',
	title: { en: TITLE, ja: 'ごゆっくりどうぞ' },
	body: { en: 'For your first order.', ja: 'はじめてのご注文に。' },
	coupon: { pool: 'welcome' },
	buttons: [{ label: 'Not now', action: 'close' }],
};
const linger = (more: object = {}) =>
	campaign('linger', {
		audience: { 'visitor.purchases': 0 },
		trigger: lingering('1s', 'sencha-100'),
		cancel: [{ on: 'purchase', hold: 'session' }],
		wait: '10s',
		variants: [{ id: 'coupon', weight: 100, action: coupon }],
		goal: { on: 'purchase', within: '7d', value: 'value' },
		...more,
	});
/** Shows that as much time has passed on a product page as the coupon needs, and then some. */
const witness = campaign('witness', {
	trigger: lingering('1500ms', 'sencha-100'),
	variants: [{ id: 'a', weight: 100, action: bar('Time has passed') }],
});

async function code(page: Page): Promise<string> {
	const dialog = await page.findByRole('dialog', TITLE);
	const shown = await page.waitFor(
		() => document.querySelector('noren-widget')?.shadowRoot?.querySelector('code')?.textContent,
		[],
		{ what: 'the code' },
	);
	assert.ok((await dialog.text()).includes(String(shown)));
	// Nobody closes what was never painted; an engine may have it in its tree before.
	await drawn(page);
	return String(shown);
}

test('a lingering visitor gets a coupon, keeps it over a reload, and redeems it once at the checkout', async (t) => {
	await s.edge.admin.publish([linger()]);
	const page = await s.visit(t, PRODUCT);
	const first = await code(page);
	assert.match(first, /^TEA-[A-Z0-9]+$/);
	await page.press('Escape');
	await page.waitUntilGone('dialog', TITLE);
	await page.reload();
	assert.equal(await code(page), first, 'the same code after a reload');
	assert.deepEqual(await s.edge.admin.ok('GET', 'sites/demo/pools/welcome').then(({ claimed }) => claimed), 1);
	await page.press('Escape');
	await page.waitUntilGone('dialog', TITLE);

	await addToCart(page);
	await toCheckout(page, s.edge.url);
	await enterCoupon(page, first);
	assert.ok(await page.evaluate(() => document.querySelector('#coupon-applied') !== null), 'the shop takes the code');
	await order(page);
	const pool = await s.edge.admin.ok('GET', 'sites/demo/pools/welcome');
	assert.deepEqual([pool.claimed, pool.redeemed], [0, 1], 'what was redeemed is no longer waiting to be');

	const counts = await s.counted('linger', 'treated', { shown: 2, impressions: 2, closed: 2, converted: 1 });
	assert.deepEqual([counts.shown, counts.impressions, counts.closed, counts.converted], [2, 2, 2, 1]);
	assert.equal(counts.value, 996, 'what the visitor paid for goods, less the coupon');

	const other = await s.visit(t, OTHER_PRODUCT);
	await addToCart(other);
	await toCheckout(other, s.edge.url);
	await enterCoupon(other, first);
	assert.ok(
		await other.evaluate(() => document.querySelector('#coupon-applied') === null),
		'nobody else can use it any more',
	);
	assert.match(
		String(await other.evaluate(() => document.querySelector('#coupon-message')?.textContent)),
		/already been used|used/i,
	);
});

test('a visitor who has bought gets none, however long the visitor lingers', async (t) => {
	await s.edge.admin.publish([linger(), witness]);
	const page = await s.visit(t, OTHER_PRODUCT);
	await buy(page, s.edge.url);
	await ready(page);
	await page.goto(s.address(PRODUCT));
	await page.findByRole('region', 'Time has passed');
	assert.equal((await why(page, 'linger'))?.showing, undefined);
	assert.equal(await widgets(page), 1, 'the witness only');
	const facts = await factsOf(s.edge.url, await deviceOf(page));
	assert.equal(facts.purchases, 1);
	assert.equal(facts.coupons.length, 0);
});

test('a visitor in the control share sees nothing and is counted at the same moment', async (t) => {
	await s.edge.admin.publish([linger({ id: 'control-only', control: 100 }), witness]);
	const page = await s.visit(t, PRODUCT);
	await page.findByRole('region', 'Time has passed');
	assert.equal((await why(page, 'control-only'))?.showing, undefined);
	assert.equal(await widgets(page), 1, 'the witness only');
	await page.goto(s.address(shop('about/')));
	const counts = await s.counted('control-only', 'control', { shown: 1 });
	assert.deepEqual([counts.shown, counts.impressions], [1, 0]);
	assert.equal((await s.counts('control-only', 'treated')).shown, 0);
	const device = await deviceOf(page);
	assert.equal((await factsOf(s.edge.url, device)).coupons.length, 0);
	await page.goto(s.address(OTHER_PRODUCT));
	await buy(page, s.edge.url);
	assert.equal(
		(await s.counted('control-only', 'control', { converted: 1 })).converted,
		1,
		'and what control earns, too',
	);
});
