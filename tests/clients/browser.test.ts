/** Segment's client for browsers as it is published, in a real browser, against the real edge, through bad weather. */
import assert from 'node:assert/strict';
import { build } from 'esbuild';
import { before, test } from 'node:test';
import { stage } from '../e2e/pages/stage.ts';
import { until } from '../e2e/support/until.ts';
import { Weather } from './weather.ts';
import type { Forecast } from './weather.ts';

const s = stage();
let bundle = '';
before(async () => {
	const made = await build({
		stdin: {
			contents:
				"import { AnalyticsBrowser } from '@segment/analytics-next'; window.AnalyticsBrowser = AnalyticsBrowser;",
			resolveDir: new URL('.', import.meta.url).pathname,
		},
		bundle: true,
		write: false,
		format: 'iife',
		logLevel: 'error',
	});
	bundle = made.outputFiles[0]?.text ?? '';
});

/** A page with the client in it, which sends through the weather. The client's own server names nothing to load. */
async function page(t: { after(run: () => unknown): void }, forecast: readonly Forecast[], strategy: object) {
	const weather = await Weather.start(s.edge.url, forecast);
	t.after(() => weather.stop());
	const script = `window.analytics = AnalyticsBrowser.load(
		{ writeKey: 'demo', cdnURL: 'WEATHER' },
		{ integrations: { 'Segment.io': { apiHost: 'HOST/v1', protocol: 'http', deliveryStrategy: ${JSON.stringify(strategy)} } } });`;
	const html = `<!doctype html><title>Tea</title><script>${bundle.replaceAll('</script', '<\\/script')}</script><script>${script
		.replaceAll('WEATHER', weather.url)
		.replaceAll('HOST', weather.url.replace('http://', ''))}</script>`;
	const site = await s.site(t, { '/': { html } });
	return { weather, browser: await s.visit(t, `${site.url}/?utm_source=mail`) };
}

const person = (user: string) => s.edge.admin.ok('GET', `sites/demo/person?user=${user}`);

/** What the person is like once all five calls have come, in whatever order: `paths` are those the calls go by. */
async function speak({ browser, weather }: Awaited<ReturnType<typeof page>>, user: string, paths: readonly string[]) {
	await browser.evaluate(async (user) => {
		const analytics = (window as unknown as { analytics: any }).analytics;
		await analytics.page('Home');
		await analytics.track('Product Viewed', { product_id: 't1', category: 'tea', price: 900 });
		await analytics.identify(user, { plan: 'pro' });
		await analytics.track('Order Completed', { order_id: `B-${user}`, total: 4800, currency: 'JPY' });
		await analytics.group('g', { size: 3 });
	}, user);
	return until(
		`everything of ${user}`,
		async () => {
			const facts = await person(user);
			const told = facts.purchases === 1 && facts.first_touch !== null && facts.traits.plan === 'pro';
			const came = (path: string) => weather.passed.some((one) => one.path === path && one.status === 200);
			return told && paths.every(came) && facts;
		},
		{ timeoutMs: 60_000 },
	);
}

test('one call a request, each once, through 429, 500 and a lost answer', async (t) => {
	// What was done before the person was known goes to the person half a minute later if it comes late: here that comes at once.
	const shop = await page(t, ['fine', 'fine', 429, 500, 'lost'], {});
	const facts = await speak(shop, 'browser-single', ['/v1/p', '/v1/t', '/v1/i', '/v1/g']);
	assert.deepEqual([facts.lifetime_value, facts.visits, facts.traits.plan], [4800, 1, 'pro']);
	assert.deepEqual(facts.affinity, ['tea']);
	assert.equal(facts.first_touch.source, 'mail', 'what it did before it was known joined the person');
	const statuses = shop.weather.passed.map(({ status }) => status);
	for (const bad of [429, 500, 'lost']) assert.ok(statuses.includes(bad as number), `it rained ${bad}`);
	const refused = shop.weather.passed.filter(({ status }) => typeof status === 'number' && status !== 200);
	assert.deepEqual(refused.map(({ status }) => status).sort(), [429, 500], 'nothing else was refused');
});

test('in batches', async (t) => {
	const shop = await page(t, [500], { strategy: 'batching', config: { size: 3, timeout: 300 } });
	const facts = await speak(shop, 'browser-batch', ['/v1/b']);
	assert.deepEqual([facts.lifetime_value, facts.visits], [4800, 1]);
	assert.deepEqual(new Set(shop.weather.passed.map(({ path }) => path)), new Set(['/v1/b']));
});

test('a page of another site is refused, and is told so by its browser', async (t) => {
	await s.edge.admin.ok('PUT', 'sites/elsewhere', { origins: ['https://shop.example'] });
	const site = await s.site(t, { '/': { html: '<!doctype html><title>Other</title>' } });
	const browser = await s.visit(t, `${site.url}/`);
	const said = await browser.evaluate(async (edge) => {
		const headers = { Authorization: `Basic ${btoa('elsewhere:')}`, 'X-Retry-Count': '1' };
		const response = await fetch(`${edge}/v1/t`, { method: 'POST', headers, body: '{"event":"x","anonymousId":"a"}' });
		return [response.status, (await response.json()).code];
	}, s.edge.url);
	assert.deepEqual(said, [403, 'origin_forbidden']);
});
