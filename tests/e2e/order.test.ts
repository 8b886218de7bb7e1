/** A pop-up that a purchase calls off never shows after it, whatever was already on its way. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bar, campaign, ready, stage, taggedPage, why, widgets } from './pages/stage.ts';

const s = stage();

const PAGES = { '/': { html: taggedPage() } };
const offer = (more: object = {}) =>
	campaign('offer', { trigger: { on: 'begin_checkout' }, cancel: [{ on: 'purchase', hold: 'session' }], ...more });
const thanks = (delay: string) =>
	campaign('thanks', {
		trigger: { on: 'purchase' },
		delay,
		variants: [{ id: 'a', weight: 100, action: bar('Thank you') }],
	});
const purchase = (id: string) =>
	window.noren?.('track', 'purchase', { transaction_id: id, value: 1000, currency: 'JPY' }).then(() => true);

test('armed and waiting for its delay when the visitor buys, it is disarmed', async (t) => {
	await s.edge.admin.publish([offer({ delay: '1s' }), thanks('2s')]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await ready(page);
	await page.evaluate(() => window.noren?.('track', 'begin_checkout'));
	await page.evaluate(purchase, 'T-1');
	await page.findByRole('region', 'Thank you');
	assert.equal(await widgets(page), 1, 'one meant for after the purchase may show, the other not');
	// The hold lasts for the session: the same moment again changes nothing.
	await page.evaluate(() => window.noren?.('track', 'begin_checkout'));
	assert.equal((await why(page, 'offer'))?.showing, undefined);
	await page.hide();
	await s.counted('thanks', 'treated', { shown: 1 });
	assert.equal((await s.counts('offer')).shown, 0);
});

test('decided and still loading over a slow line when the visitor buys, it is not put up', async (t) => {
	await s.edge.admin.publish([offer(), thanks('2500ms')]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await ready(page);
	await page.setNetwork({ latencyMs: 700 });
	await page.evaluate(() => {
		Object.assign(window, { seen: 0 });
		new MutationObserver(() => {
			const names = [...document.querySelectorAll('noren-widget')].map((one) =>
				one.shadowRoot?.querySelector('dialog'),
			);
			Object.assign(window, {
				seen: Math.max((window as unknown as { seen: number }).seen, names.filter(Boolean).length),
			});
		}).observe(document.body, { childList: true });
	});
	await page.evaluate(() => window.noren?.('track', 'begin_checkout'));
	await page.evaluate(purchase, 'T-2');
	await page.findByRole('region', 'Thank you');
	assert.equal(await page.evaluate(() => (window as unknown as { seen: number }).seen), 0);
});

test('on the screen when the visitor buys in another tab, it leaves', async (t) => {
	await s.edge.admin.publish([offer()]);
	const site = await s.site(t, PAGES);
	const visitor = await s.visitor(t);
	const [first, second] = [await visitor.newPage(), await visitor.newPage()];
	for (const page of [second, first]) {
		await page.goto(`${site.url}/`);
		await ready(page);
	}
	await first.show();
	await first.evaluate(() => window.noren?.('track', 'begin_checkout'));
	await first.findByRole('dialog', 'offer');
	await second.evaluate(purchase, 'T-3');
	await first.waitUntilGone('dialog', 'offer');
});
