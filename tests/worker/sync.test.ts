/** Exactly once, between a page and the real runtime. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, exposure, id } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
	await edge.admin.publish([campaign()]);
});
after(() => edge?.stop());

const views = (from: number, count: number) =>
	Array.from({ length: count }, (_, i) => ({ n: from + i, name: 'view_item', props: { value: i } }));

const totals = async () => {
	const sum = { shown: 0, visitors: 0, converted: 0, value: 0 };
	for (const row of await edge.admin.numbers()) {
		for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += Number(row[key]);
	}
	return sum;
};

test('what is acknowledged is known on the next page, and sending it again changes nothing', async () => {
	const page = new Page(edge.url);
	const first = await page.sync([{ n: 0, name: 'page_view' }, ...views(1, 5)]);
	assert.equal(first.status, 200);
	assert.deepEqual(first.body.acks, [{ id: page.stream, next: 6 }]);
	assert.equal(first.body.facts.visits, 1);
	assert.equal(first.body.facts.marks[page.stream], 6);
	assert.equal(first.headers.get('access-control-allow-origin'), edge.url);
	assert.equal(first.headers.get('cache-control'), 'no-store');
	const again = await page.sync([{ n: 0, name: 'page_view' }, ...views(1, 5)]);
	assert.deepEqual(again.body.acks, first.body.acks);
	assert.deepEqual(again.body.facts.last_seen, first.body.facts.last_seen);
});

test('one order is one order, whatever is lost, repeated, split and reordered', async () => {
	const before = await totals();
	const page = new Page(edge.url);
	const order = { name: 'purchase', props: { transaction_id: `T-${page.device}`, value: 4200, currency: 'JPY' } };
	const start = Date.now() - 60_000;
	const log = [exposure(0, 'treated', 7), ...views(1, 10), { n: 11, ...order }, { n: 12, ...order }].map((event) => ({
		...event,
		at: start + event.n * 1_000,
	}));
	const pieces = [log.slice(8), log.slice(3, 9), log.slice(0, 4), log.slice(5), log.slice(0, 2)];
	await Promise.all(pieces.map((piece) => page.sync(piece)));
	const last = await page.sync(log);
	assert.deepEqual(last.body.acks, [{ id: page.stream, next: 13 }]);
	assert.equal(last.body.facts.purchases, 1);
	assert.equal(last.body.facts.lifetime_value, 4200);
	assert.equal(last.body.facts.caps.linger.shown, 1);
	assert.equal(last.body.facts.caps.linger.converted, 1);
	const after = await until('the totals to arrive', async () => {
		const now = await totals();
		return now.converted > before.converted && now;
	});
	assert.deepEqual(
		[
			after.shown - before.shown,
			after.visitors - before.visitors,
			after.converted - before.converted,
			after.value - before.value,
		],
		[1, 1, 1, 4200],
	);
});

test('killed in the middle of traffic: all that was acknowledged is there, once', async () => {
	const before = await totals();
	const pages = Array.from({ length: 12 }, () => new Page(edge.url));
	const acknowledged = new Map<Page, number>();
	let stop = false;
	const traffic = pages.map(async (page) => {
		for (let n = 0; !stop; n += 1) {
			try {
				const answer = await page.sync([n === 0 ? exposure(0, 'control', 7) : { n, name: 'view_item' }]);
				if (answer.status === 200) acknowledged.set(page, answer.body.acks[0].next);
			} catch {
				return;
			}
		}
	});
	await until('some traffic', () => acknowledged.size === pages.length);
	await edge.kill();
	stop = true;
	await Promise.all(traffic);
	await edge.restart();
	for (const page of pages) {
		const known = acknowledged.get(page) ?? 0;
		const answer = await page.sync([]);
		const next = answer.body.acks[0].next as number;
		// One more may have been stored without its answer arriving.
		assert.ok(next === known || next === known + 1, `acknowledged ${known}, stored ${next}`);
		assert.equal(answer.body.facts.caps.linger.shown, 1);
	}
	await until('each exposure counted', async () => (await totals()).shown - before.shown >= pages.length);
	assert.equal((await totals()).shown - before.shown, pages.length);
});

test('a fresh visitor who only looked is asked to keep the events', async () => {
	const page = new Page(edge.url);
	const answer = await page.sync([{ n: 0, name: 'page_view' }], { fresh: true });
	assert.equal(answer.status, 200);
	assert.deepEqual(answer.body.acks, []);
	const kept = await page.sync([
		{ n: 0, name: 'page_view' },
		{ n: 1, name: 'scroll' },
	]);
	assert.deepEqual(kept.body.acks, [{ id: page.stream, next: 2 }]);
	assert.equal(kept.body.facts.visits, 1);
});

test('two tabs, and a second visit that is known as one', async () => {
	const page = new Page(edge.url);
	const hours = 3_600_000;
	const [a, b] = await Promise.all([
		page.sync([{ n: 0, name: 'page_view', at: Date.now() - 2 * hours }]),
		page.sync([], {
			streams: [{ id: id(), from: 0, done: false, events: [{ n: 0, name: 'page_view', at: Date.now() }] }],
		}),
	]);
	assert.equal(a.status + b.status, 400);
	const facts = (await page.sync([])).body.facts;
	assert.equal(facts.visits, 2);
	assert.deepEqual(facts.segments, ['returning']);
});

test("another visitor's public id without its key: refused, and nothing changes for that visitor", async () => {
	const page = new Page(edge.url);
	await page.sync(views(0, 2));
	const forger = Object.assign(new Page(edge.url), { device: page.device });
	for (const attempt of [
		() => forger.sync(views(0, 9)),
		() => forger.sync([{ n: 0, name: 'purchase', props: { transaction_id: 'X', value: 1 } }], { facts: true }),
		() => forger.coupon('linger', 'welcome'),
	]) {
		const answer = await attempt();
		assert.equal(answer.status, 403);
		assert.equal(answer.body.code, 'key_mismatch');
		assert.equal(answer.body.facts, undefined);
	}
	await assert.rejects(forger.chat());
	const facts = (await page.sync([])).body.facts;
	assert.equal(facts.purchases, 0);
	assert.equal(facts.marks[page.stream], 2);
});

test('bad requests are refused with a code and the field, and store nothing', async () => {
	const page = new Page(edge.url);
	const path = '/noren/v1/sync?site=demo';
	const good = page.request(views(0, 1));
	const cases: [number, string, string | undefined, string, unknown, Record<string, string>?][] = [
		[400, 'body_not_json', undefined, path, '{"v":1,'],
		[400, 'body_not_json', undefined, path, ''],
		[400, 'body_not_json', undefined, path, '\u0000'],
		[400, 'body_invalid', 'streams', path, { ...good, streams: 'none' }],
		[
			400,
			'body_invalid',
			'streams[0].events[0].n',
			path,
			{ ...good, streams: [{ id: page.stream, events: [{ n: -1, at: 1, name: 'x' }] }] },
		],
		[400, 'body_invalid', 'device', path, { ...good, device: '../../etc' }],
		[400, 'body_invalid', 'key', path, { ...good, key: 'k' }],
		[400, 'body_invalid', 'site', path, { ...good, site: 'other' }],
		[400, 'too_old', undefined, path, { ...good, v: 0 }],
		[413, 'body_too_large', undefined, path, 'x'.repeat(512 * 1024 + 1)],
		[403, 'origin_forbidden', undefined, path, good, { Origin: 'https://evil.example' }],
		[403, 'origin_forbidden', undefined, path, good, { Origin: 'null' }],
		[404, 'site_unknown', undefined, '/noren/v1/sync?site=nobody', { ...good, site: 'nobody' }],
		[404, 'site_unknown', undefined, '/noren/v1/sync', good],
		[404, 'site_unknown', undefined, '/noren/v1/sync?site=../demo', good],
	];
	for (const [status, code, field, where, body, headers] of cases) {
		const answer = await page.post(where, body, headers);
		assert.deepEqual(
			[answer.status, answer.body.code, answer.body.path],
			[status, code, field],
			JSON.stringify(answer.body),
		);
		assert.ok(!/rust|serde|line \d|\.rs/i.test(answer.body.message), answer.body.message);
	}
	const wrong = await fetch(`${edge.url}${path}`);
	assert.equal(wrong.status, 405);
	const answer = await page.sync([]);
	assert.deepEqual(answer.body.acks, [{ id: page.stream, next: 0 }]);
	assert.equal(answer.body.facts.visits, 0);
});

test('an endless body without a length is cut off', async () => {
	let sent = 0;
	const endless = new ReadableStream({
		pull(controller) {
			sent += 65_536;
			controller.enqueue(new Uint8Array(65_536).fill(32));
			if (sent > 64 * 1024 * 1024) controller.close();
		},
	});
	const options = { method: 'POST', headers: { Origin: edge.url }, body: endless, duplex: 'half' };
	const outcome = await fetch(`${edge.url}/noren/v1/sync?site=demo`, options as RequestInit).then(
		async (response) => response.status,
		() => 'cut off',
	);
	assert.ok(outcome === 413 || outcome === 'cut off', String(outcome));
	assert.ok(sent < 32 * 1024 * 1024, `${sent} bytes were taken`);
});

test('identify sends the history to the person and traits come back as facts', async () => {
	const page = new Page(edge.url);
	await page.sync([{ n: 0, name: 'page_view' }]);
	const traits = { name: '<img src=x onerror=alert(1)>', plan: 'gold' };
	const answer = await page.sync([{ n: 1, name: 'identify', props: { user_id: 'u-1', traits } }]);
	assert.deepEqual(answer.body.facts.traits, traits);
	// A second device of the same person, the same order reported by both: one person, one order.
	const order = { name: 'purchase', props: { transaction_id: 'T-person', value: 900 } };
	const other = new Page(edge.url);
	await other.sync([
		{ n: 0, name: 'identify', props: { user_id: 'u-1' } },
		{ n: 1, ...order },
	]);
	await page.sync([{ n: 3, ...order }], {
		streams: [{ id: page.stream, from: 3, events: [{ n: 3, at: Date.now(), ...order }] }],
	});
	const person = await until('both parts at the person', async () => {
		const facts = await edge.admin.ok('GET', 'sites/demo/person?user=u-1');
		return facts.visits === 2 && facts;
	});
	assert.deepEqual([person.purchases, person.lifetime_value, person.traits], [1, 900, traits]);
	assert.equal(
		(await other.sync([])).body.facts.traits.plan,
		undefined,
		'nothing of the person comes down without proof',
	);
	assert.equal((await edge.admin.ok('GET', 'sites/demo/person?user=nobody')).visits, 0);
	// After a logout the browser is somebody new.
	const next = await page.sync([{ n: 4, name: 'page_view' }], { epoch: 1 });
	assert.deepEqual(next.body.facts.traits, {});
	assert.equal(next.body.facts.visits, 1);
});
