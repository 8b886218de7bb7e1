/** Segment's and RudderStack's clients for Node as they are published, against the real edge, through bad weather. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Analytics } from '@segment/analytics-node';
import Rudder from '@rudderstack/rudder-sdk-node';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Weather } from './weather.ts';

let edge: Edge;
let key: string;
before(async () => {
	edge = await Edge.start();
	key = (await edge.admin.ok('POST', 'sites/demo/keys', { name: 'shop', scopes: ['events'] })).secret;
});
after(() => edge?.stop());

const person = (user: string) => edge.admin.ok('GET', `sites/demo/person?user=${user}`);
const order = (id: string, total: number) => ({
	event: 'Order Completed',
	properties: { order_id: id, total, currency: 'JPY', products: [{ product_id: 't1', price: total }] },
});

test('@segment/analytics-node: everything arrives once, through 429, 500 and a lost answer', async (t) => {
	const weather = await Weather.start(edge.url, [429, 500, 'lost', 503]);
	t.after(() => weather.stop());
	const analytics = new Analytics({ writeKey: key, host: weather.url, flushAt: 4, flushInterval: 200, maxRetries: 8 });
	const failures: unknown[] = [];
	analytics.on('error', (error) => failures.push(error));
	analytics.track({ anonymousId: 'node-anonymous', ...order('N-0', 500) });
	analytics.identify({ anonymousId: 'node-anonymous', userId: 'node-user', traits: { plan: 'pro', name: '花' } });
	for (let i = 1; i <= 5; i += 1) analytics.track({ userId: 'node-user', ...order(`N-${i}`, 1000) });
	analytics.page({ userId: 'node-user', name: 'Home', properties: { url: 'https://shop.example/?utm_source=mail' } });
	analytics.screen({ userId: 'node-user', name: 'Cart' });
	analytics.group({ userId: 'node-user', groupId: 'g' });
	analytics.track({ userId: 'node-old', ...order('N-6', 70) });
	analytics.alias({ previousId: 'node-old', userId: 'node-user' });
	await analytics.closeAndFlush({ timeout: 30_000 });
	assert.deepEqual(failures, []);
	const statuses = weather.passed.map(({ status }) => status);
	for (const bad of [429, 500, 'lost', 503]) assert.ok(statuses.includes(bad as number), `it rained ${bad}`);
	assert.ok(
		weather.passed.some(({ retry }) => retry !== undefined),
		'the client counted its own retries',
	);
	const facts = await until('everything', async () => {
		const facts = await person('node-user');
		return facts.purchases === 7 && facts;
	});
	assert.equal(facts.lifetime_value, 5570);
	assert.deepEqual(facts.traits, { plan: 'pro', name: '花' });
	assert.equal(facts.first_touch.source, 'mail');
});

test('@rudderstack/rudder-sdk-node: gzip, and everything once', async (t) => {
	const weather = await Weather.start(edge.url, [500, 429, 'lost']);
	t.after(() => weather.stop());
	const client = new Rudder(key, {
		dataPlaneUrl: weather.url,
		flushAt: 3,
		flushInterval: 200,
		retryCount: 6,
		logLevel: 'silly',
	});
	client.identify({ userId: 'rudder-user', traits: { plan: 'free' } });
	for (let i = 1; i <= 5; i += 1) client.track({ userId: 'rudder-user', ...order(`R-${i}`, 100) });
	client.page({ userId: 'rudder-user', name: 'Home' });
	client.alias({ previousId: 'rudder-old', userId: 'rudder-user' });
	await until(
		'the queue to empty',
		async () => {
			await client.flush();
			return (await person('rudder-user')).purchases === 5;
		},
		{ timeoutMs: 60_000 },
	);
	const facts = await person('rudder-user');
	assert.deepEqual([facts.lifetime_value, facts.traits.plan], [500, 'free']);
	assert.deepEqual(
		new Set(weather.passed.map(({ status }) => status)),
		new Set([500, 429, 'lost', 200]),
		JSON.stringify(weather.passed),
	);
});

test('a refusal is told as the client expects it', async (t) => {
	const analytics = new Analytics({ writeKey: 'sk.demo.wrong.key', host: edge.url, flushAt: 1, maxRetries: 2 });
	t.after(() => analytics.closeAndFlush({ timeout: 1_000 }));
	const failed = new Promise<{ reason?: unknown }>((resolve) => analytics.on('error', resolve as never));
	analytics.track({ userId: 'nobody', event: 'Looked' });
	assert.match(String((await failed).reason), /401/);
});
