/** A page whose security policy forbids WebAssembly works as before, and its owner is told once what to change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from '../driver/driver.ts';
import { deviceOf, factsOf } from './pages/device.ts';
import { campaign, ready, stage, taggedPage, widgets } from './pages/stage.ts';
import { until } from './support/until.ts';

const s = stage();

/** What the page's own console is told as a warning or an error, and what the policy forbids. */
const HEAD = `<script>
dataLayer = [];
told = [];
for (const kind of ['warn', 'error']) console[kind] = new Proxy(console[kind], {apply(to, self, given) { told.push([kind, given.join(' ')]); return Reflect.apply(to, self, given) }});
violations = [];
addEventListener('securitypolicyviolation', (event) => violations.push(event.effectiveDirective));
</script>`;
const BODY = `<button id="buy" onclick="this.textContent='Bought';
dataLayer.push({event:'purchase',ecommerce:{transaction_id:'T-1',value:500,currency:'JPY',items:[]}})">Buy</button>`;
const policy = (script: string) => ({
	'Content-Security-Policy': `default-src 'none'; script-src 'unsafe-inline' EDGE ${script}; connect-src EDGE; img-src data:`,
});
const PAGES = {
	'/blocked': {
		html: taggedPage({ head: HEAD, body: BODY }),
		headers: policy(''),
	},
	'/allowed': {
		html: taggedPage({ head: HEAD, body: BODY }),
		headers: policy("'wasm-unsafe-eval'"),
	},
};

const told = (page: Page) =>
	page.evaluate(() => (window as unknown as { told: readonly [kind: string, text: string][] }).told);

test('where the policy blocks it: the page works, one clear warning, and orders are still counted', async (t) => {
	await s.edge.admin.publish([campaign('never', { trigger: { on: 'purchase' } })]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/blocked`);
	await until('the warning', async () => (await told(page)).length > 0);
	await ready(page);
	await page.click('#buy');
	assert.equal(await page.evaluate(() => document.querySelector('#buy')?.textContent), 'Bought');
	const ours = await told(page);
	assert.equal(ours.length, 1, JSON.stringify(ours));
	assert.equal(ours[0]?.[0], 'warn');
	assert.match(String(ours[0]?.[1]), /^\[noren\].*Content-Security-Policy.*'wasm-unsafe-eval' to script-src/);
	const device = await deviceOf(page);
	await page.goto(`${site.url}/allowed`);
	await until('the order to be counted', async () => (await factsOf(s.edge.url, device)).purchases === 1);
	assert.equal(await widgets(page), 0);
});

test('with the one word the warning asks for, the same page shows the campaign, and its policy forbids nothing more', async (t) => {
	await s.edge.admin.publish([campaign('thanks', { trigger: { on: 'purchase' } })]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/allowed`);
	await ready(page);
	await page.click('#buy');
	await page.findByRole('dialog', 'thanks');
	assert.deepEqual(await told(page), []);
	const forbidden = await page.evaluate(() => (window as unknown as { violations: readonly string[] }).violations);
	assert.deepEqual(forbidden, [], 'widgets ask for nothing else, styles included');
});

test('the browser itself has no more to say than that the policy was kept', async (t) => {
	await s.edge.admin.publish([campaign('thanks', { trigger: { on: 'purchase' } })]);
	const site = await s.site(t, PAGES);
	const page = await s.visit(t, `${site.url}/blocked`);
	await until('the warning', () => page.console.some(({ text }) => text.includes('[noren]')));
	const blocked = page.console.length;
	assert.ok(
		page.console.every(({ text }) => /Content.Security.Policy/i.test(text)),
		JSON.stringify(page.console),
	);
	await page.goto(`${site.url}/allowed`);
	await ready(page);
	await page.click('#buy');
	await page.findByRole('dialog', 'thanks');
	assert.deepEqual(page.console.slice(blocked), []);
});
