/** Segment's tracking interface, spoken by hand, on the real runtime. Its clients themselves are in tests/clients. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { after, before, test } from 'node:test';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';

let edge: Edge;
let key: string;
before(async () => {
	edge = await Edge.start();
	key = (await edge.admin.ok('POST', 'sites/demo/keys', { name: 'server', scopes: ['events'] })).secret;
});
after(() => edge?.stop());

type Sent = { readonly status: number; readonly body: any; readonly headers: Headers };
const basic = (user: string) => ({ Authorization: `Basic ${btoa(`${user}:`)}` });
async function send(path: string, body: unknown, headers: Record<string, string> = basic(key)): Promise<Sent> {
	const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
	const response = await fetch(`${edge.url}/v1/${path}`, { method: 'POST', headers, body: text as BodyInit });
	const answer = await response.text();
	return { status: response.status, headers: response.headers, body: answer === '' ? undefined : JSON.parse(answer) };
}
const person = (user: string) => edge.admin.ok('GET', `sites/demo/person?user=${encodeURIComponent(user)}`);
const order = (id: string, total: number, more: object = {}) => ({
	type: 'track',
	event: 'Order Completed',
	messageId: `m-${id}`,
	properties: { order_id: id, total, currency: 'JPY', products: [{ product_id: 't1', price: total, quantity: 1 }] },
	...more,
});

test('every address takes its call, by its long and its short name', async () => {
	const calls = [
		['track', 't', { event: 'Looked' }],
		['page', 'p', { properties: { path: '/' } }],
		['screen', 's', { name: 'Home' }],
		['identify', 'i', { traits: { plan: 'pro' } }],
		['group', 'g', { groupId: 'g' }],
		['alias', 'a', { previousId: 'before-x' }],
	] as const;
	for (const [long, short, call] of calls) {
		for (const path of [long, short]) {
			const { status, body, headers } = await send(path, { userId: `each-${long}`, ...call });
			assert.deepEqual([status, body], [200, { success: true }], path);
			assert.match(headers.get('content-type') ?? '', /^application\/json/);
		}
	}
	for (const path of ['batch', 'b']) assert.equal((await send(path, { batch: [] })).status, 200);
	for (const path of ['m', 'metrics']) assert.equal((await send(path, { series: [] }, {})).status, 200);
	assert.equal((await send('dance', {})).status, 404);
	const got = await fetch(`${edge.url}/v1/batch`);
	assert.deepEqual([got.status, (await got.json()).code], [405, 'method_not_allowed']);
});

test('a batch reaches each person, once, in GA4 terms', async () => {
	const batch = [
		order('T-1', 4800, { userId: 'hana', timestamp: new Date().toISOString() }),
		{ type: 'identify', userId: 'hana', anonymousId: null, traits: { name: '花' }, messageId: 'm-2' },
		order('T-2', 1200, { userId: 'taro' }),
	];
	const body = { batch, sentAt: new Date().toISOString() };
	for (let time = 0; time < 3; time += 1) assert.equal((await send('batch', body)).status, 200);
	// The same calls in other batches: a client that lost its answer may cut them differently.
	assert.equal((await send('batch', { batch: [...batch, order('T-3', 500, { userId: 'taro' })] })).status, 200);
	const taro = await until('both orders of one', async () => {
		const facts = await person('taro');
		return facts.purchases === 2 && facts;
	});
	assert.equal(taro.lifetime_value, 1700);
	const hana = await until('the other', async () => {
		const facts = await person('hana');
		return facts.traits.name === '花' && facts;
	});
	assert.deepEqual([hana.purchases, hana.lifetime_value, hana.visits], [1, 4800, 0], 'a server is no visit');
});

test('what an anonymous client did joins the person it turns out to be', async () => {
	const own = { anonymousId: 'browser-1' };
	await send('t', order('J-1', 900, own));
	await send('i', { ...own, userId: 'yuki', traits: { plan: 'free' }, messageId: 'i' });
	await send('t', order('J-2', 100, { ...own, userId: 'yuki' }));
	const facts = await until('the history', async () => {
		const facts = await person('yuki');
		return facts.purchases === 2 && facts.traits.plan === 'free' && facts;
	});
	assert.equal(facts.lifetime_value, 1000);
	// Somebody else on the same client, without a logout in between.
	await send('t', order('J-3', 50, { ...own, userId: 'ken' }));
	await until('the other person', async () => (await person('ken')).lifetime_value === 50);
	assert.equal((await person('yuki')).lifetime_value, 1000);
});

test('a server may say that two ids are one, a public key of its own client only', async () => {
	await send('t', order('A-1', 700, { anonymousId: 'before' }));
	const alias = { previousId: 'before', userId: 'after' };
	const refused = await send('alias', { ...alias, anonymousId: 'mine' }, { ...basic('demo'), Origin: edge.url });
	assert.deepEqual([refused.status, refused.body.code, refused.body.path], [403, 'forbidden', 'previousId']);
	const batch = { batch: [order('A-9', 1, { anonymousId: 'mine' }), { type: 'alias', ...alias, anonymousId: 'mine' }] };
	const whole = await send('batch', batch, { ...basic('demo'), Origin: edge.url });
	assert.deepEqual([whole.status, whole.body.path], [403, 'batch[1].previousId']);
	assert.equal((await send('alias', alias)).status, 200);
	await until('the history to join', async () => (await person('after')).lifetime_value === 700);
	const own = { previousId: 'mine', anonymousId: 'mine', userId: 'me' };
	assert.equal((await send('alias', own, { ...basic('demo'), Origin: edge.url })).status, 200);
	assert.equal((await send('alias', { previousId: 'after', userId: 'after' })).status, 200, 'to oneself: harmless');
});

test('the key stands in the header or in the body; pages speak from their origin', async () => {
	const call = { userId: 'k', event: 'Looked' };
	assert.equal((await send('track', { ...call, writeKey: key }, {})).status, 200);
	assert.equal((await send('batch', { batch: [{ ...call, type: 'track' }], writeKey: key }, {})).status, 200);
	for (const [body, headers, status, code] of [
		[call, {}, 401, 'unauthorized'],
		[{ ...call, writeKey: null }, {}, 401, 'unauthorized'],
		[{ ...call, writeKey: 'demo' }, { Origin: 'https://evil.example' }, 403, 'origin_forbidden'],
		[call, { ...basic('demo'), Origin: 'null' }, 403, 'origin_forbidden'],
		['{', basic('nobody'), 401, 'unauthorized'],
		['{', {}, 400, 'body_not_json'],
	] as const) {
		const answer = await send('track', body, headers);
		assert.deepEqual([answer.status, answer.body.code], [status, code], JSON.stringify(headers));
		assert.equal(typeof answer.body.message, 'string');
	}
	await edge.admin.ok('PUT', 'sites/strict', { origins: ['https://shop.example'] });
	assert.equal((await send('track', call, basic('strict'))).status, 403, 'no origin, and this machine is not the site');
	assert.equal((await send('track', call, { ...basic('strict'), Origin: 'https://shop.example' })).status, 200);
	const app = (await edge.admin.ok('POST', 'sites/strict/keys', { name: 'app', kind: 'write' })).secret;
	assert.equal((await send('track', call, basic(app))).status, 200, 'an application has no origin');
	assert.equal((await send('track', call, { ...basic(app), Origin: 'https://evil.example' })).status, 403);
	assert.equal((await send('alias', { previousId: 'x', userId: 'y' }, basic(app))).status, 403);
});

test('JSON is JSON whatever it is called, and gzip is unpacked whether or not it is said', async () => {
	for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
		const sent = await send('track', { userId: 'j', event: 'Looked' }, { ...basic(key), 'Content-Type': type });
		assert.equal(sent.status, 200, type);
	}
	const packed = gzipSync(JSON.stringify({ batch: [order('G-1', 300, { userId: 'packed' })] }));
	assert.equal((await send('batch', packed, { ...basic(key), 'Content-Encoding': 'gzip' })).status, 200);
	assert.equal((await send('batch', packed)).status, 200);
	await until('the order', async () => (await person('packed')).lifetime_value === 300);
	const bomb = gzipSync(' '.repeat(20_000_000));
	const refused = await send('batch', bomb, { ...basic(key), 'Content-Encoding': 'gzip' });
	assert.deepEqual([refused.status, refused.body.code], [413, 'body_too_large']);
	assert.equal((await send('batch', packed.subarray(0, 40))).body.code, 'body_not_json');
});

test('limits hold on both sides and name what is too much', async () => {
	const filler = (bytes: number) => {
		const call = { type: 'track', event: 'x', userId: 'limits', properties: { note: '' } };
		return { ...call, properties: { note: 'x'.repeat(bytes - JSON.stringify(call).length) } };
	};
	assert.equal((await send('batch', { batch: [filler(32 * 1024)] })).status, 200);
	const large = await send('batch', { batch: [filler(32 * 1024 + 1)] });
	assert.deepEqual([large.status, large.body.code, large.body.path], [413, 'body_too_large', 'batch[0]']);
	const tiny = { type: 'page', userId: 'u' };
	assert.equal((await send('batch', { batch: Array(2500).fill(tiny) })).status, 200);
	const many = await send('batch', { batch: Array(2501).fill(tiny) });
	assert.deepEqual([many.status, many.body.code, many.body.path], [400, 'body_invalid', 'batch']);
	const sized = (bytes: number) => {
		const body = JSON.stringify({ batch: [tiny], padding: '' });
		return body.replace('""', `"${'x'.repeat(bytes - body.length)}"`);
	};
	assert.equal((await send('batch', sized(500 * 1024))).status, 200);
	assert.deepEqual((await send('batch', sized(500 * 1024 + 1))).body.code, 'body_too_large');
});

test('what is wrong is named by its place, and nothing of the batch is taken', async () => {
	const good = order('W-1', 100, { userId: 'wrong' });
	for (const [bad, path] of [
		[{ type: 'track', event: 'x' }, 'batch[1].userId'],
		[{ type: 'track', userId: 'u' }, 'batch[1].event'],
		[{ type: 'track', event: 'noren_exposure', userId: 'u' }, 'batch[1].event'],
		[{ userId: 'u', event: 'x' }, 'batch[1].type'],
		[{ type: 'track', event: 'x', userId: {} }, 'batch[1].userId'],
		[{ type: 'track', event: 'x', userId: 'u', timestamp: 'soon' }, 'batch[1].timestamp'],
		[7, 'batch[1]'],
	] as const) {
		const { status, body } = await send('batch', { batch: [good, bad] });
		assert.deepEqual([status, body.code, body.path], [400, 'body_invalid', path]);
	}
	const deep = '['.repeat(5000) + ']'.repeat(5000);
	assert.equal((await send('track', `{"userId":"u","event":"x","properties":${deep}}`)).status, 400);
	await send('track', order('W-2', 7, { userId: 'wrong' }));
	await until('the one that was well', async () => (await person('wrong')).purchases > 0);
	assert.equal((await person('wrong')).lifetime_value, 7);
});

test('an event from long ago is passed over and said so', async () => {
	const old = new Date(Date.now() - 31 * 86_400_000).toISOString();
	const { status, body } = await send('batch', { batch: [order('O-1', 1, { userId: 'old', timestamp: old })] });
	assert.equal(status, 200);
	assert.deepEqual(body.passed_over, [{ code: 'event_too_old', path: 'batch[0].timestamp' }]);
});

test('browsers may ask first, and read Retry-After', async () => {
	const asked = await fetch(`${edge.url}/v1/t`, {
		method: 'OPTIONS',
		headers: {
			Origin: 'https://shop.example',
			'Access-Control-Request-Method': 'POST',
			'Access-Control-Request-Headers': 'authorization,content-type,x-retry-count',
		},
	});
	assert.equal(asked.status, 204);
	assert.equal(asked.headers.get('access-control-allow-origin'), '*');
	const allowed = asked.headers.get('access-control-allow-headers') ?? '';
	for (const name of ['authorization', 'content-type', 'x-retry-count']) assert.ok(allowed.includes(name), name);
	const answers = [
		await send('t', { event: 'x', anonymousId: 'c' }, { ...basic('demo'), Origin: edge.url }),
		await send('t', { event: 'x' }, { ...basic('demo'), Origin: edge.url }),
	];
	assert.deepEqual(
		answers.map(({ status }) => status),
		[200, 400],
	);
	for (const { headers } of answers) assert.equal(headers.get('access-control-expose-headers'), 'Retry-After');
	assert.equal(answers[0]?.headers.get('access-control-allow-origin'), edge.url);
	const settings = await (await fetch(`${edge.url}/v1/projects/demo/settings`)).json();
	assert.deepEqual(settings.integrations['Segment.io'], {
		apiKey: 'demo',
		apiHost: `${edge.url.replace('http://', '')}/v1`,
		protocol: 'http',
	});
});

test('what was acknowledged survives a power failure, and arrives once', async () => {
	const batch = Array.from({ length: 40 }, (_, i) => order(`K-${i}`, 10, { userId: `survivor-${i % 4}` }));
	assert.equal((await send('batch', { batch })).status, 200);
	await edge.kill();
	await edge.restart();
	assert.equal((await send('batch', { batch })).status, 200, 'the client never heard, and sends it again');
	for (let i = 0; i < 4; i += 1) {
		const facts = await until(`survivor ${i}`, async () => {
			const facts = await person(`survivor-${i}`);
			return facts.purchases === 10 && facts;
		});
		assert.equal(facts.lifetime_value, 100);
	}
});

const crowd = (name: string, size: number) =>
	Array.from({ length: size }, (_, i) => ({
		type: 'track',
		event: 'Order Completed',
		userId: `${name}-${i}`,
		messageId: `${name}-${i}`,
		properties: { order_id: `${name}-${i}`, total: i },
	}));

test('a batch for many persons reaches every one of them', async () => {
	const batch = crowd('some', 120);
	assert.equal((await send('batch', { batch })).status, 200);
	for (const [i, { userId }] of batch.entries()) {
		const arrived = async () => {
			const facts = await person(userId);
			return facts.purchases === 1 && facts.lifetime_value === i;
		};
		await until(userId, arrived, { timeoutMs: 60_000 });
	}
});

// The last test of its edge: it goes on handing them on for a while, each to objects that are new.
test('2,500 events for 2,500 persons are answered within two seconds', async () => {
	const body = { batch: crowd('crowd', 2500) };
	const began = performance.now();
	assert.equal((await send('batch', body)).status, 200);
	const took = performance.now() - began;
	assert.ok(took < 2000, `${took} ms`);
	await until('the first to arrive', async () => (await person('crowd-0')).purchases === 1, { timeoutMs: 60_000 });
});
