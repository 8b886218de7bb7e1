/** A page that comes back from the back-forward cache is the same page, and knows what happened while it was away. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from '../driver/driver.ts';
import { deviceOf, factsOf } from './pages/device.ts';
import { bar, campaign, drawn, ready, settled, stage, taggedPage, why, widgets } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage();

const HEAD = `<script>restored = 0; addEventListener('pageshow', (event) => { if (event.persisted) restored++; });</script>`;
const PAGES = { '/': { html: taggedPage({ head: HEAD }) }, '/other': { html: taggedPage() } };

/** Shows itself whenever the other would be judged. */
const witness = campaign('witness', {
	trigger: { on: 'begin_checkout' },
	variants: [{ id: 'a', weight: 100, action: bar('Here every time') }],
});
const checkout = (page: Page) => page.evaluate(() => void window.noren?.('track', 'begin_checkout'));

// Firefox keeps no page from which a request is under way; hence `settled` before the first page is left.

/** Back to the first page, which must be the very one that was left. */
async function comeBack(page: Page): Promise<void> {
	await page.back();
	await page.waitFor(() => (window as unknown as { restored?: number }).restored === 1, [], {
		what: 'the page out of the cache: nothing of Noren keeps it from there',
	});
}

test('what was bought meanwhile calls the offer off, and the page still shows what it may', async (t) => {
	await s.edge.admin.publish([
		campaign('offer', { trigger: { on: 'begin_checkout' }, cancel: [{ on: 'purchase', hold: 'session' }] }),
		witness,
	]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await settled(page);
	await page.goto(`${site.url}/other`);
	await ready(page);
	await page.evaluate(() =>
		window.noren?.('track', 'purchase', { transaction_id: 'T-1', value: 900, currency: 'JPY' }),
	);
	await comeBack(page);
	await checkout(page);
	await page.findByRole('region', 'Here every time');
	await drawn(page);
	assert.equal(await widgets(page), 1, 'the witness only');
});

test('what was closed meanwhile stays closed', async (t) => {
	const once = { trigger: { on: 'begin_checkout' }, caps: { again: [{ after: '1d', since: 'closed' }] } };
	await s.edge.admin.publish([campaign('once', once), witness]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await settled(page);
	await page.goto(`${site.url}/other`);
	await ready(page);
	await checkout(page);
	await page.findByRole('dialog', 'once');
	await drawn(page);
	await page.press('Escape');
	await page.waitUntilGone('dialog', 'once');
	await comeBack(page);
	await checkout(page);
	await page.findByRole('region', 'Here every time');
	assert.equal((await why(page, 'once'))?.gates.find(({ gate }) => gate === 'caps')?.pass, false);
	assert.equal(await widgets(page), 1, 'the witness only');
});

test('what stood on the page when it was left is gone, and what the page says from then on arrives', async (t) => {
	await s.edge.admin.publish([{ ...witness, id: 'stood' }]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await settled(page);
	const device = await deviceOf(page);
	await checkout(page);
	await page.findByRole('region', 'Here every time');
	await drawn(page);
	await page.goto(`${site.url}/other`);
	await ready(page);
	await comeBack(page);
	await page.waitUntilGone('region', 'Here every time');
	await page.evaluate(
		() => void window.noren?.('track', 'purchase', { transaction_id: 'T-2', value: 700, currency: 'JPY' }),
	);
	await until('the order to arrive', async () => (await factsOf(s.edge.url, device)).purchases === 1);
	const counts = await s.counted('stood', 'treated', { shown: 1, impressions: 1 });
	assert.deepEqual([counts.shown, counts.impressions, counts.closed], [1, 1, 0]);
});
