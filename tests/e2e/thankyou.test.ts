/** An order is one order: seen for a fifth of a second on a slow line, loaded again, or looked at in two tabs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, factsOf } from './pages/device.ts';
import { buy, PRODUCT } from './pages/shop.ts';
import { campaign, ready, stage, taggedPage } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage();

const THANKS = `<script>
dataLayer = [];
dataLayer.push({ecommerce: null});
dataLayer.push({event: 'purchase', ecommerce: {transaction_id: 'T-7', value: 4200, currency: 'JPY', items: [{item_id: 'a', price: 4200, quantity: 1}]}});
</script>`;
const PAGES = { '/': { html: taggedPage() }, '/thanks': { html: taggedPage({ head: THANKS }) } };

/** Whether the agent had come, from the browser's cache, or was still on its way when the page was left. */
for (const blocked of [[], ['*/noren/a/*']]) {
	test(`a thank-you page closed after a moment on a slow line is one order, ${blocked.length ? 'without' : 'with'} the agent`, async (t) => {
		await s.edge.admin.publish([campaign('quiet', { trigger: { on: 'never' } })]);
		const site = await s.site(t, PAGES);
		const visitor = await s.visitor(t);
		const page = await visitor.newPage();
		await page.goto(`${site.url}/`);
		await ready(page);
		const device = await deviceOf(page);

		await page.setNetwork({ latencyMs: 1_500 });
		await page.block(blocked);
		await page.goto(`${site.url}/thanks`);
		await page.waitFor(() => window.noren?.v, [], { what: 'the tag' });
		// Not a wait for something: this is how long the visitor looks at it.
		await page.evaluate(() => new Promise((seen) => setTimeout(seen, 200)));
		await page.close();
		const facts = async () => factsOf(s.edge.url, device);
		await until('the order to arrive', async () => (await facts()).purchases === 1);

		// The next page sends what it finds on the device; the thank-you page says it all again; so does a second tab.
		const next = await visitor.newPage();
		await next.goto(`${site.url}/`);
		await ready(next);
		await next.goto(`${site.url}/thanks`);
		await ready(next);
		await next.reload();
		await ready(next);
		const tab = await visitor.newPage();
		await tab.goto(`${site.url}/thanks`);
		await ready(tab);
		await tab.close();
		await next.goto(`${site.url}/`);
		await ready(next);
		await until('everything to be sent', () =>
			next.evaluate(async () => {
				const names = Object.keys(localStorage).filter((name) => name.startsWith('noren.demo.q.'));
				const held = names.flatMap((name) => JSON.parse(localStorage.getItem(name) ?? '{}').v as { name: string }[]);
				return held.every(({ name }) => name !== 'purchase');
			}),
		);
		const found = await facts();
		assert.deepEqual([found.purchases, found.lifetime_value], [1, 4200]);
	});
}

test('the shop’s own thank-you page, loaded again and again, is one order', async (t) => {
	await s.edge.admin.publish([campaign('quiet', { trigger: { on: 'never' } })]);
	const page = await s.visit(t, PRODUCT);
	await ready(page);
	await buy(page, s.edge.url);
	await ready(page);
	const device = await deviceOf(page);
	await page.reload();
	await ready(page);
	await page.reload();
	await ready(page);
	await page.hide();
	const facts = await until('the order', async () => {
		const facts = await factsOf(s.edge.url, device);
		return facts.purchases > 0 && facts;
	});
	assert.equal(facts.purchases, 1);
	assert.equal(facts.lifetime_value, 1296);
});

/** Whether nothing of the agent came, or all but the engine: a browser may have kept the one and not the other. */
for (const [what, blocked] of [
	['without the agent', '*/noren/a/*'],
	['with an agent that has no engine', '*/noren/a/agent.*.wasm'],
] as const) {
	test(`the page after a thank-you page that was closed at once, ${what}, decides as for a buyer, before the edge says so`, async (t) => {
		await s.edge.admin.publish([campaign('thanks', { audience: { 'visitor.purchases': { $gte: 1 } } })]);
		const site = await s.site(t, PAGES);
		const visitor = await s.visitor(t);
		const page = await visitor.newPage();
		await page.goto(`${site.url}/`);
		await ready(page);

		await page.block([blocked, '*/noren/v1/sync*']);
		await page.goto(`${site.url}/thanks`);
		await page.waitFor(() => window.noren?.v, [], { what: 'the tag' });
		await page.goto(`${site.url}/`);
		await page.block(['*/noren/v1/sync*']);
		await page.reload();
		await page.findByRole('dialog', 'thanks');
	});
}
