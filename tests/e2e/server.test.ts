/** Server events decide in the open page: an order made elsewhere ends a waiting offer, and may begin a campaign of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, factsOf } from './pages/device.ts';
import { bar, campaign, drawn, ready, stage, taggedPage, widgets } from './pages/stage.ts';
import { until } from './support/until.ts';
import type { Page } from '../driver/driver.ts';

const s = stage();

const PAGES = { '/': { html: taggedPage() } };
const OFFER = campaign('offer', {
	trigger: { on: 'look_at_offer' },
	cancel: [{ on: 'purchase', hold: 'session' }],
});
const THANKS = campaign('thanks', {
	trigger: { on: 'purchase' },
	variants: [{ id: 'a', weight: 100, action: bar('Thank you') }],
});

const identify = (page: Page, user: string, traits: Readonly<Record<string, boolean>>) =>
	page.evaluate((user, traits) => void window.noren?.('identify', user, traits), user, traits);
const look = (page: Page) => page.evaluate(() => void window.noren?.('track', 'look_at_offer'));

test('an order reported by the shop’s server cancels the offer on the open page, and thanks for it', async (t) => {
	await s.edge.admin.publish([OFFER, THANKS]);
	const { secret } = await s.edge.admin.ok('POST', 'sites/demo/keys', { name: 'shop', scopes: ['events'] });
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await ready(page);
	await identify(page, 'hana', {});
	const known = async () => (await s.edge.admin.ok('GET', 'sites/demo/person?user=hana')).first_seen !== null;
	await until('the person to be known', known);
	const sent = await fetch(`${s.edge.url}/v1/track`, {
		method: 'POST',
		headers: { Authorization: `Basic ${btoa(`${secret}:`)}` },
		body: JSON.stringify({
			userId: 'hana',
			event: 'Order Completed',
			properties: { order_id: 'by-phone', total: 3000, currency: 'JPY' },
		}),
	});
	assert.equal(sent.status, 200);
	const device = await deviceOf(page);
	await until('the device to be told', async () => (await factsOf(s.edge.url, device)).purchases === 1);
	// Whatever the visitor does next that matters brings it down.
	await identify(page, 'hana', { again: true });
	await page.waitFor(() => document.querySelector('noren-widget')?.shadowRoot?.textContent?.includes('Thank you'), [], {
		what: 'the thanks for an order this page never saw',
	});
	await look(page);
	await drawn(page);
	await drawn(page);
	assert.equal(await widgets(page), 1, 'the offer does not come any more');

	const other = await s.visit(t, `${site.url}/`);
	await ready(other);
	await look(other);
	await other.findByRole('dialog', 'offer');
});
