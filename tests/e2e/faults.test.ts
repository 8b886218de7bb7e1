/** What was acknowledged survives a power failure, what was not is sent again, and nothing counts twice; the page never notices. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, factsOf, newDevice, newStream, sync } from './pages/device.ts';
import type { Device, DeviceEvent } from './pages/device.ts';
import { addToCart, buy, PRODUCT, toCheckout } from './pages/shop.ts';
import { bar, campaign, ready, stage, taggedPage, widgets } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage();

const VISITORS = 12;
const ORDERS_EACH = 20;

/** A device that sends its events one order at a time until all are acknowledged, whatever happens to the edge. */
class Sender {
	readonly #of: Device = newDevice();
	readonly #stream = newStream();
	readonly #events: DeviceEvent[] = [];
	/** The highest watermark ever promised. */
	acknowledged = 0;
	/** Requests that had no answer. */
	lost = 0;

	constructor(who: number) {
		// An order counts once by its number, whatever happens; an exposure counts whenever it is applied.
		const exposure = { campaign: 'counted', variant: 'a', arm: 'treated', phase: 0 };
		const add = (name: string, props: Readonly<Record<string, unknown>>) =>
			this.#events.push({ n: this.#events.length, at: Date.now(), name, props });
		for (let i = 0; i < ORDERS_EACH; i++) {
			add('noren_exposure', exposure);
			add('purchase', { transaction_id: `T-${who}-${i}`, value: 100, currency: 'JPY' });
		}
	}

	async run(): Promise<void> {
		for (let made = 2; made <= this.#events.length; made += 2) {
			await until('an acknowledgement', () => this.#send(made), { timeoutMs: 30_000 });
		}
	}

	/** Sends everything made so far that is not acknowledged; whether all of it is now. */
	async #send(made: number): Promise<boolean> {
		const events = this.#events.slice(this.acknowledged, made);
		try {
			const answer = await sync(s.edge.url, this.#of, [
				{ id: this.#stream, from: this.acknowledged, done: false, events },
			]);
			const { next } = answer.acks[0];
			assert.ok(next >= this.acknowledged, 'a promise is never taken back');
			this.acknowledged = next;
			return next === made;
		} catch (error) {
			if (error instanceof assert.AssertionError) throw error;
			this.lost++;
			return false;
		}
	}

	facts() {
		return factsOf(s.edge.url, this.#of);
	}
}

test('killed three times in the middle of traffic, the edge loses no acknowledged event and counts none twice', async () => {
	const published = await s.edge.admin.publish([
		campaign('counted', { trigger: { on: 'never' }, goal: { on: 'purchase', within: '1d', value: 'value' } }),
	]);
	assert.ok(published.version > 0);
	const senders = Array.from({ length: VISITORS }, (_, who) => new Sender(who));
	const sum = () => senders.reduce((total, sender) => total + sender.acknowledged, 0);
	const traffic = Promise.all(senders.map((sender) => sender.run()));
	for (const share of [0.2, 0.5, 0.8]) {
		await until('enough traffic', () => sum() > share * VISITORS * ORDERS_EACH * 2, { timeoutMs: 60_000 });
		await s.edge.kill();
		await s.edge.restart();
	}
	await traffic;
	assert.ok(
		senders.some(({ lost }) => lost > 0),
		'the kills hit requests under way',
	);
	for (const sender of senders) {
		const facts = await sender.facts();
		assert.deepEqual([facts.purchases, facts.lifetime_value], [ORDERS_EACH, ORDERS_EACH * 100]);
	}
	// What the devices owe the shards comes after the acknowledgement, and it, too, counts once.
	const counts = await s.counted('counted', 'treated', {
		shown: VISITORS * ORDERS_EACH,
		converted: VISITORS,
	});
	assert.deepEqual([counts.shown, counts.converted], [VISITORS * ORDERS_EACH, VISITORS]);
});

test('with the edge out of reach a page works, its rules run, and its events arrive later', async (t) => {
	await s.edge.admin.publish([
		campaign('offline', {
			trigger: { on: 'add_to_cart' },
			variants: [{ id: 'a', weight: 100, action: bar('Still here') }],
		}),
	]);
	const site = await s.site(t, {
		'/': {
			html: taggedPage({
				head: '<script>dataLayer=[]</script>',
				body: '<button id="b" onclick="this.textContent=1">0</button>',
			}),
		},
	});
	const page = await s.visit(t, `${site.url}/`);
	await ready(page);
	const device = await deviceOf(page);
	await page.evaluate(() => window.noren?.('track', 'add_to_cart'));
	await page.findByRole('region', 'Still here');

	await s.edge.kill();
	await page.evaluate(() => {
		window.dataLayer?.push({
			event: 'purchase',
			ecommerce: { transaction_id: 'T-OFF', value: 700, currency: 'JPY', items: [] },
		});
	});
	// A page load with the edge away: the tag itself cannot be fetched, or comes from the browser's cache; the page is whole either way.
	await page.goto(`${site.url}/`);
	await page.click('#b');
	assert.equal(await page.evaluate(() => document.querySelector('#b')?.textContent), '1');
	await s.edge.restart();
	await page.goto(`${site.url}/`);
	await ready(page);
	await until('the order to arrive', async () => (await factsOf(s.edge.url, device)).purchases === 1, {
		timeoutMs: 20_000,
	});
	assert.equal((await factsOf(s.edge.url, device)).lifetime_value, 700);
});

test('the shop sells while the edge’s interface is blocked', async (t) => {
	const page = await s.visit(t, PRODUCT);
	await page.block(['*/tag.js*', '*/noren/*']);
	await page.reload();
	await buy(page, s.edge.url);
	await page.block([]);
	await page.goto(s.address(PRODUCT));
	await ready(page);
	await addToCart(page);
});

test('where the edge’s interface is blocked, nothing is thrown on the shop’s pages', async (t) => {
	const page = await s.visit(t, PRODUCT);
	await page.block(['*/tag.js*', '*/noren/*']);
	await page.reload();
	await addToCart(page);
	await toCheckout(page, s.edge.url);
	// The tag may come from the browser's cache; it then says in one line of its own why there is no agent.
	const others = page.console.filter(({ text }) => !text.startsWith('[noren] '));
	assert.equal(
		others.some(({ text }) => /uncaught|TypeError|ReferenceError/i.test(text)),
		false,
		JSON.stringify(page.console),
	);
});

test('what shows widgets does not come: the page works, it is told once, and the next time it shows', async (t) => {
	const titled = (id: string, event: string) =>
		campaign(id, { trigger: { on: event }, variants: [{ id: 'a', weight: 100, action: bar(id) }] });
	await s.edge.admin.publish([titled('lost', 'search'), titled('found', 'begin_checkout')]);
	const site = await s.site(t, { '/': { html: taggedPage() } });
	const page = await s.visit(t, `${site.url}/`);
	await ready(page);
	await page.evaluate(() => {
		Object.assign(window, { failed: [] });
		void window.noren?.('on', 'failed', (detail: { campaign: string }) =>
			(window as unknown as { failed: string[] }).failed.push(detail.campaign),
		);
	});
	await page.block(['*/noren/a/*/surfaces.*']);
	await page.evaluate(() => window.noren?.('track', 'search'));
	await page.waitFor(() => (window as unknown as { failed: string[] }).failed.length > 0);
	assert.equal(await widgets(page), 0);
	await page.block([]);
	// Both want the same place, which the lost one no longer holds.
	await page.evaluate(() => window.noren?.('track', 'begin_checkout'));
	await page.findByRole('region', 'found');
	assert.deepEqual(await page.evaluate(() => (window as unknown as { failed: string[] }).failed), ['lost']);
});
