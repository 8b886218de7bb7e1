/**
 * A second visit is known as a second visit.
 *
 * A session ends after thirty minutes of silence, and no test waits that long. A browser with a wrong clock is no way round it: the edge
 * corrects a device's clock by what it says of itself, on purpose. What is told instead is the truth of a device that was offline: its
 * events of two hours ago arrive now, under its own key, numbered in a stream of their own, with the times at which they happened.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, factsOf, newStream, sync } from './pages/device.ts';
import { addToCart, PRODUCT, shop } from './pages/shop.ts';
import { bar, campaign, ready, stage, why, widgets } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage();
const HOUR_MS = 3_600_000;

const welcome = campaign('welcome-back', {
	audience: { 'visitor.visits': { $gte: 2 } },
	variants: [{ id: 'a', weight: 100, action: bar('Welcome back') }],
});
const witness = campaign('witness', {
	variants: [{ id: 'a', weight: 100, action: { kind: 'slide', title: 'Every page view' } }],
});

test('a second visit is welcomed, a first one is not, however many pages it has', async (t) => {
	await s.edge.admin.publish([welcome, witness]);
	const page = await s.visit(t, PRODUCT);
	await addToCart(page);
	await page.goto(s.address(shop('cart/')));
	await page.findByRole('region', 'Every page view');
	assert.equal(await widgets(page), 1, 'the witness only');
	const device = await deviceOf(page);
	assert.equal((await factsOf(s.edge.url, device)).visits, 1);

	const then = Date.now() - 2 * HOUR_MS;
	await sync(s.edge.url, device, [
		{
			id: newStream(),
			from: 0,
			done: true,
			events: [
				{
					n: 0,
					at: then,
					name: 'page_view',
					props: { page_location: s.address(PRODUCT), page_path: '/shop/product/' },
				},
				{ n: 1, at: then + 60_000, name: 'view_item', props: {} },
			],
		},
	]);
	const facts = await factsOf(s.edge.url, device);
	assert.equal(facts.visits, 2);
	assert.equal(facts.first_seen, then);

	// What the edge knows comes down with the sync of a page; from then on the visitor is one who came back.
	await page.goto(s.address(shop('about/')));
	await ready(page);
	await until('the visits to come down', async () => {
		const told = await why(page, 'welcome-back');
		return told?.gates.find(({ gate }) => gate === 'audience')?.pass;
	});
	await page.goto(s.address(shop('products/')));
	await page.findByRole('region', 'Welcome back');
});

test('what a device sends late belongs to the visit in which it happened', async (t) => {
	await s.edge.admin.publish([witness]);
	const page = await s.visit(t, PRODUCT);
	await addToCart(page);
	await page.goto(s.address(shop('cart/')));
	const device = await deviceOf(page);
	const stream = newStream();
	const event = (n: number, minutesAgo: number) => ({ n, at: Date.now() - minutesAgo * 60_000, name: 'view_item' });
	// Three visits, of which the last reaches into now: 10 h ago, 5 h ago, 20 minutes ago.
	await sync(s.edge.url, device, [
		{ id: stream, from: 0, done: false, events: [event(0, 600), event(1, 300), event(2, 20)] },
	]);
	assert.equal((await factsOf(s.edge.url, device)).visits, 3);
	// Sent again, as after a lost reply, it changes nothing.
	await sync(s.edge.url, device, [
		{ id: stream, from: 0, done: true, events: [event(0, 600), event(1, 300), event(2, 20)] },
	]);
	assert.equal((await factsOf(s.edge.url, device)).visits, 3);
});
