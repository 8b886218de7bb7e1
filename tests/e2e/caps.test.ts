/** Closed means closed: for as long as the cap says, over a reload, in a second tab, at the next visit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from '../driver/driver.ts';
import { bar, campaign, drawn, ready, stage, taggedPage, why, widgets } from './pages/stage.ts';

const s = stage();

const PAGES = { '/': { html: taggedPage() }, '/other': { html: taggedPage() } };
/** Every page view completes both; the witness has no cap, so where it stands the other was judged as well. */
const witness = campaign('witness', { variants: [{ id: 'a', weight: 100, action: bar('Here every time') }] });

/** The pop-up was judged on this page, did not come, is not on its way, and the cap is why. */
async function staysAway(page: Page, id: string): Promise<void> {
	await page.findByRole('region', 'Here every time');
	const told = await why(page, id);
	assert.equal(told?.showing, undefined);
	assert.equal(told?.gates.find(({ gate }) => gate === 'caps')?.pass, false);
	assert.equal(await widgets(page), 1, 'the witness only');
}

test('closed once, it does not come back after a reload, on another page or in a second tab', async (t) => {
	await s.edge.admin.publish([campaign('once', { caps: { again: [{ after: '1d', since: 'closed' }] } }), witness]);
	const site = await s.site(t, PAGES);
	const visitor = await s.visitor(t);
	const page = await visitor.newPage();
	await page.goto(`${site.url}/`);
	await page.findByRole('dialog', 'once');
	await drawn(page);
	await page.press('Escape');
	await page.waitUntilGone('dialog', 'once');
	await page.reload();
	await staysAway(page, 'once');
	await page.goto(`${site.url}/other`);
	await staysAway(page, 'once');
	const tab = await visitor.newPage();
	await tab.goto(`${site.url}/`);
	await staysAway(tab, 'once');
	const counts = await s.counted('once', 'treated', { shown: 1, closed: 1 });
	assert.deepEqual([counts.shown, counts.impressions, counts.closed], [1, 1, 1]);
});

test('a tab that was open before the visitor closed it elsewhere knows of it', async (t) => {
	const later = { trigger: { on: 'add_to_cart' }, caps: { again: [{ after: '1d', since: 'closed' }] } };
	const witnessLater = { ...witness, trigger: { on: 'add_to_cart' } };
	await s.edge.admin.publish([campaign('elsewhere', later), witnessLater]);
	const site = await s.site(t, PAGES);
	const visitor = await s.visitor(t);
	const [first, second] = [await visitor.newPage(), await visitor.newPage()];
	await second.goto(`${site.url}/`);
	await ready(second);
	await first.goto(`${site.url}/`);
	await ready(first);
	await first.show();
	await first.evaluate(() => window.noren?.('track', 'add_to_cart'));
	await first.findByRole('dialog', 'elsewhere');
	await first.press('Escape');
	await first.waitUntilGone('dialog', 'elsewhere');
	await second.show();
	await second.evaluate(() => window.noren?.('track', 'add_to_cart'));
	await staysAway(second, 'elsewhere');
});

test('shown as often as the stop rule says, then never again', async (t) => {
	await s.edge.admin.publish([
		campaign('twice', { caps: { stop: [{ times: 2, of: 'shown', within: 'visitor' }] } }),
		witness,
	]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/`);
	await page.findByRole('dialog', 'twice');
	await page.reload();
	await page.findByRole('dialog', 'twice');
	await page.reload();
	await staysAway(page, 'twice');
});
