/** A page whose security policy forbids WebAssembly works as before, and its owner is told once what to change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf, factsOf } from './pages/device.ts';
import { campaign, ready, stage, taggedPage, widgets } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage();

const BODY = `<button id="buy" onclick="this.textContent='Bought';
dataLayer.push({event:'purchase',ecommerce:{transaction_id:'T-1',value:500,currency:'JPY',items:[]}})">Buy</button>`;
const policy = (script: string) => ({
	'Content-Security-Policy': `default-src 'none'; script-src 'unsafe-inline' EDGE ${script}; connect-src EDGE; img-src data:`,
});
const PAGES = {
	'/blocked': {
		html: taggedPage({ head: '<script>dataLayer=[]</script>', body: BODY }),
		headers: policy(''),
	},
	'/allowed': {
		html: taggedPage({ head: '<script>dataLayer=[]</script>', body: BODY }),
		headers: policy("'wasm-unsafe-eval'"),
	},
};

test('where the policy blocks it: the page works, one clear warning, and orders are still counted', async (t) => {
	await s.edge.admin.publish([campaign('never', { trigger: { on: 'purchase' } })]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/blocked`);
	await until('the warning', () => page.console.some(({ text }) => text.includes('[noren]')));
	await ready(page);
	await page.click('#buy');
	assert.equal(await page.evaluate(() => document.querySelector('#buy')?.textContent), 'Bought');
	const device = await deviceOf(page);
	await page.goto(`${site.url}/allowed`);
	const ours = page.console.filter(({ text }) => text.includes('[noren]'));
	assert.equal(ours.length, 1, JSON.stringify(page.console));
	assert.equal(ours[0]?.type, 'warn');
	assert.match(String(ours[0]?.text), /Content-Security-Policy.*'wasm-unsafe-eval' to script-src/);
	// What else stands there is the browser's own report of the same refusal.
	const others = page.console.filter((line) => !ours.includes(line));
	assert.ok(
		others.every(({ text }) => /Content.Security.Policy/i.test(text)),
		JSON.stringify(others),
	);
	await until('the order to be counted', async () => (await factsOf(s.edge.url, device)).purchases === 1);
	assert.equal(await widgets(page), 0);
});

test('with the one word the warning asks for, the same page shows the campaign', async (t) => {
	await s.edge.admin.publish([campaign('thanks', { trigger: { on: 'purchase' } })]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/allowed`);
	await ready(page);
	await page.click('#buy');
	await page.findByRole('dialog', 'thanks');
	assert.deepEqual(page.console, [], 'widgets ask for nothing else, styles included');
});
