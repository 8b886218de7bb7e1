/** Coupons: each code once, the same visitor the same code, to whom it is due, redeemed once and given back. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { claimsUnderKills } from '../e2e/support/coupons.ts';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { campaign, couponCampaign, exposureOf, Page } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

const terms = { kind: 'amount', value: 500, minimum: 3000, currency: 'JPY' };
const free = { device: 0, person: 0, network: 0, minute: 0 };
const shop = (what: string, body: unknown) => new Page(edge.url).post(`/shop/api/${what}`, body);
/** A pool and a live campaign of its name that reveals its codes. */
const offer = async (name: string, pool: Record<string, unknown>, change: Record<string, unknown> = {}) => {
	await edge.admin.pool(name, { terms, ...pool });
	await edge.admin.publish([couponCampaign(name, change)], { replace: false });
};
const stock = async (pool: string) => {
	const { stock, claimed, redeemed } = await edge.admin.ok('GET', `sites/demo/pools/${pool}`);
	return { stock, claimed, redeemed };
};
/** What a shop's server asks. */
const serve = async (what: 'redeem' | 'release', body: unknown, headers: Record<string, string> = {}) => {
	const answer = await fetch(`${edge.url}/noren/v1/admin/sites/demo/${what}`, {
		method: 'POST',
		headers: { Authorization: `Bearer ${edge.token}`, ...headers },
		body: JSON.stringify(body),
	});
	return { status: answer.status, body: await answer.json() };
};

/** Runs `work` over `items`, `width` at a time. */
async function inParallel<Item>(items: readonly Item[], width: number, work: (item: Item) => Promise<void>) {
	const waiting = [...items];
	const lane = async () => {
		for (let item = waiting.pop(); item !== undefined; item = waiting.pop()) await work(item);
	};
	await Promise.all(Array.from({ length: width }, lane));
}

test('300 visitors at once for 100 codes: exactly 100 codes, each once', async () => {
	await offer('race', { generate: { count: 100, prefix: 'TEA-' }, expires_after: '7d' });
	const pages = Array.from({ length: 300 }, () => new Page(edge.url));
	const answers = await Promise.all(pages.map((page) => page.reveal('race')));
	const codes = answers.filter((answer) => answer.body.ok).map((answer) => answer.body.code as string);
	assert.equal(codes.length, 100);
	assert.equal(new Set(codes).size, 100);
	assert.ok(codes.every((code) => /^TEA-[A-HJ-NP-Z2-9]{8}$/.test(code)));
	assert.ok(answers.filter((answer) => !answer.body.ok).every((answer) => answer.body.code === 'pool_empty'));
	const again = await Promise.all(pages.map((page) => page.coupon('race', 'race')));
	assert.deepEqual(
		again.map((answer) => answer.body.code),
		answers.map((answer) => answer.body.code),
	);
	assert.deepEqual(await stock('race'), { stock: 0, claimed: 100, redeemed: 0 });
});

test('2,000 claims under way for 200 codes: exactly 200, each once', async () => {
	// Ten thousand for a thousand is the edge room's own test. Here 50 browsers, each in forty campaigns that reveal codes of one pool.
	const campaigns = Array.from({ length: 40 }, (_, k) => `many-${k}`);
	await edge.admin.pool('many', { generate: { count: 200, prefix: '' }, terms, rate: free });
	await edge.admin.publish(
		campaigns.map((id) => couponCampaign('many', { id })),
		{ replace: false },
	);
	const pages = Array.from({ length: 50 }, () => new Page(edge.url));
	await inParallel(pages, 64, async (page) => {
		await page.sync(campaigns.map((id, n) => exposureOf(id, n, 'treated', 1)));
	});
	const claims = campaigns.flatMap((id) => pages.map((page) => ({ page, id, code: '' })));
	const words = new Map<string, number>();
	await inParallel(claims, 64, async (claim) => {
		const { body } = await claim.page.coupon(claim.id, 'many');
		if (body.ok) claim.code = body.code;
		else words.set(body.code, (words.get(body.code) ?? 0) + 1);
	});
	const held = claims.filter(({ code }) => code !== '');
	assert.deepEqual([held.length, new Set(held.map(({ code }) => code)).size], [200, 200]);
	assert.deepEqual([...words], [['pool_empty', 1_800]]);
	await inParallel(held.slice(0, 50), 64, async ({ page, id, code }) => {
		assert.equal((await page.coupon(id, 'many')).body.code, code);
	});
	assert.deepEqual(await stock('many'), { stock: 0, claimed: 200, redeemed: 0 });
});

test('a code is remembered with the visitor, also after the runtime was killed, and redeems once', async () => {
	await offer('keep', { codes: ['KEEP-1'], expires_after: '7d' });
	const page = new Page(edge.url);
	const claimed = (await page.reveal('keep')).body;
	assert.equal(claimed.code, 'KEEP-1');
	assert.deepEqual(claimed.terms, terms);
	assert.ok(claimed.expires > Date.now() + 6 * 86_400_000);
	await edge.kill();
	await edge.restart();
	assert.equal((await page.coupon('keep', 'keep')).body.code, 'KEEP-1');
	const facts = (await page.sync([{ n: 1, name: 'page_view' }])).body.facts;
	assert.deepEqual(facts.coupons, [{ campaign: 'keep', code: 'KEEP-1', expires: claimed.expires }]);

	const looked = (await shop('coupon', { code: 'KEEP-1', total: 3500 })).body;
	assert.deepEqual(looked, { ok: true, label: { en: '¥500 off', ja: '500円引き' }, discount: 500 });
	assert.equal((await shop('coupon', { code: 'KEEP-1', total: 2999 })).body.code, 'minimum');
	assert.equal((await shop('redeem', { code: 'KEEP-1', order: 'T-1' })).body.ok, true);
	assert.equal((await shop('redeem', { code: 'KEEP-1', order: 'T-1' })).body.ok, true);
	assert.equal((await shop('redeem', { code: 'KEEP-1', order: 'T-2' })).body.code, 'coupon_used');
	assert.equal((await shop('coupon', { code: 'nonsense', total: 9000 })).body.code, 'coupon_unknown');
	const answer = (await serve('redeem', { code: 'KEEP-1', order: 'T-3', total: 5000 })).body;
	assert.deepEqual([answer.ok, answer.code, answer.order], [false, 'coupon_used', 'T-1']);
	assert.ok(Math.abs(answer.at - Date.now()) < 60_000, 'and when');
});

test('killed three times in the middle of claims, the edge gives each code once and forgets none', async () => {
	const { held, lost } = await claimsUnderKills(edge, { visitors: 240, codes: 200, kills: 3 });
	assert.equal(held, 200);
	assert.ok(lost > 0, 'the kills hit requests under way');
});

test('the edge judges again before it hands a code out', async () => {
	const codes = Array.from({ length: 20 }, (_, i) => `ELIGIBLE-${i}`);
	await offer(
		'eligible',
		{ codes },
		{
			audience: { 'visitor.purchases': { $lt: 2 } },
			cancel: [{ on: 'purchase', hold: 'visitor' }],
		},
	);
	await edge.admin.publish([campaign({ id: 'silent' })], { replace: false });
	const treated = exposureOf('eligible', 0, 'treated', 1);
	const bought = (n: number) => ({ n, name: 'purchase', props: { transaction_id: `E-${Math.random()}`, value: 1 } });
	const rows: readonly (readonly [string, readonly object[], string, string, string])[] = [
		['shown it', [treated], 'eligible', 'eligible', 'ok'],
		['shown nothing', [{ n: 0, name: 'page_view' }], 'eligible', 'eligible', 'not_eligible'],
		['in control', [exposureOf('eligible', 0, 'control', 1)], 'eligible', 'eligible', 'not_eligible'],
		['bought before', [treated, bought(1)], 'eligible', 'eligible', 'not_eligible'],
		['another pool', [treated], 'eligible', 'race', 'not_eligible'],
		['a pool that is none', [treated], 'eligible', 'nowhere', 'not_eligible'],
		['a campaign without coupons', [exposureOf('silent', 0, 'treated', 1)], 'silent', 'eligible', 'not_eligible'],
		['a campaign that is none', [exposureOf('ghost', 0, 'treated', 1)], 'ghost', 'eligible', 'not_eligible'],
	];
	for (const [what, events, campaign, pool, expected] of rows) {
		const page = new Page(edge.url);
		await page.sync(events as Parameters<Page['sync']>[0]);
		const { body } = await page.coupon(campaign, pool);
		assert.equal(body.ok ? 'ok' : body.code, expected, what);
	}
	const holder = new Page(edge.url);
	const { code } = (await holder.reveal('eligible')).body;
	await edge.admin.ok('DELETE', 'sites/demo/campaigns/eligible');
	assert.equal((await new Page(edge.url).reveal('eligible')).body.code, 'not_eligible', 'it is no longer live');
	await holder.sync([bought(1)]);
	assert.equal((await holder.coupon('eligible', 'eligible')).body.code, code, 'what is held is held');
	assert.deepEqual(await stock('eligible'), { stock: 18, claimed: 2, redeemed: 0 });
});

test('redeem and release: one answer a key, and why not', async () => {
	await offer('deeds', { codes: ['DEED-1', 'DEED-2'], rate: free });
	const { code } = (await new Page(edge.url).reveal('deeds')).body;
	const key = { 'Idempotency-Key': 'b7c1' };
	const order = { code, order: 'D-1', total: 4000 };
	for (let time = 0; time < 2; time += 1) {
		assert.deepEqual((await serve('redeem', order, key)).body, { ok: true, terms });
	}
	assert.equal((await serve('redeem', { ...order, order: 'D-2' }, key)).body.code, 'key_reused');
	assert.equal((await serve('release', { code, order: 'D-9' })).body.code, 'order_other');
	assert.equal((await serve('release', { code, order: 'D-1' }, { 'Idempotency-Key': 'b7c2' })).body.ok, true);
	// The first request, come late: answered as it was, and the code stays free for another order.
	assert.equal((await serve('redeem', order, key)).body.ok, true);
	assert.equal((await serve('redeem', { ...order, order: 'D-3', total: 100 })).body.code, 'minimum');
	assert.equal((await serve('redeem', { ...order, order: 'D-3', currency: 'USD' })).body.code, 'currency');
	assert.equal((await serve('redeem', { ...order, order: 'D-3' })).body.ok, true);
	assert.equal((await serve('redeem', { ...order, order: 'D-4' })).body.order, 'D-3');
	for (const [path, body, headers] of [
		['order', { code }, {}],
		['code', { code: 'X'.repeat(65), order: 'D' }, {}],
		['total', { ...order, total: -1 }, {}],
		['Idempotency-Key', order, { 'Idempotency-Key': 'k'.repeat(65) }],
	] as const) {
		const answer = await serve('redeem', body, headers);
		assert.deepEqual([answer.status, answer.body.path], [400, path]);
	}
	const deeds = async () =>
		(await edge.admin.ok('GET', 'sites/demo/audit')).entries
			.filter(({ action, what }: any) => /^(redeem|release)$/.test(action) && what.startsWith('DEED-'))
			.map(({ action, what }: any) => `${action} ${what}`);
	await until('the audit to have the deeds', async () => (await deeds()).length === 3);
	assert.deepEqual(await deeds(), [
		`redeem ${code} D-3 (deeds)`,
		`release ${code} D-1 (deeds)`,
		`redeem ${code} D-1 (deeds)`,
	]);
});

test('a server key of scope coupons redeems and releases, any other does not', async () => {
	await offer('keyed', { codes: ['KEYED-1'] });
	const { code } = (await new Page(edge.url).reveal('keyed')).body;
	for (const [scopes, status] of [
		[['coupons'], 200],
		[['events', 'numbers'], 403],
	] as const) {
		const { secret } = await edge.admin.ok('POST', 'sites/demo/keys', { name: 'shop', scopes });
		for (const what of ['redeem', 'release'] as const) {
			const answer = await serve(what, { code, order: 'K-1', total: 5000 }, { Authorization: `Bearer ${secret}` });
			assert.equal(answer.status, status, `${what} with ${scopes.join()}`);
		}
	}
});

test('a bound code is good for who was given it, by browser or by user', async () => {
	await offer('bound', { codes: ['BOUND-1', 'BOUND-2'], bound: true });
	const page = new Page(edge.url);
	const { code } = (await page.reveal('bound')).body;
	const use = (who: object, order = 'B-1') => serve('redeem', { code, order, total: 5000, ...who });
	assert.equal((await use({})).body.code, 'visitor_needed');
	assert.equal((await use({ visitor: new Page(edge.url).device })).body.code, 'coupon_not_yours');
	assert.equal((await use({ user: 'nobody' })).body.code, 'coupon_not_yours');
	await page.sync([{ n: 1, name: 'identify', props: { user_id: 'hana', traits: {} } }]);
	await until(
		'the browser to be hers',
		async () => (await edge.admin.request('GET', 'sites/demo/persons/hana')).status === 200,
	);
	assert.equal((await use({ user: 'hana' })).body.ok, true);
	assert.equal((await use({ visitor: page.device })).body.ok, true, 'the same order again');
});

test('over the rate: 429 with the time to wait, and no code is lost', async () => {
	await offer('rate', { codes: ['R-1', 'R-2', 'R-3'], rate: { ...free, minute: 2 } });
	const answers = await Promise.all(Array.from({ length: 8 }, () => new Page(edge.url).reveal('rate')));
	const over = answers.filter(({ status }) => status === 429);
	assert.equal(over.length, 6);
	for (const { headers, body } of over) {
		const wait = Number(headers.get('retry-after'));
		assert.ok(wait > 0 && wait <= 60, String(wait));
		assert.deepEqual([body.code, body.retry_after], ['too_many_requests', wait]);
		assert.equal(headers.get('access-control-expose-headers'), 'Retry-After');
	}
	assert.deepEqual(await stock('rate'), { stock: 1, claimed: 2, redeemed: 0 });
});

test('what lapses goes back by itself and opens nothing for who had it', async () => {
	await offer('short', { generate: { count: 1, prefix: 'S-' }, expires_after: '1s' });
	const { code } = (await new Page(edge.url).reveal('short')).body;
	await until('the alarm to take it back', async () => (await stock('short')).stock === 1, { timeoutMs: 20_000 });
	assert.equal((await serve('redeem', { code, order: 'S', total: 5000 })).body.code, 'coupon_expired');
	const next = (await new Page(edge.url).reveal('short')).body.code;
	assert.ok(next !== code && next.startsWith('S-'));
});

test('low stock is a finding and a line in the audit, once', async () => {
	await offer('lowly', { codes: ['L-1', 'L-2', 'L-3'], low: 1 });
	for (let i = 0; i < 3; i += 1) await new Page(edge.url).reveal('lowly');
	const low = async () => {
		const { findings } = await edge.admin.ok('GET', 'sites/demo/findings');
		const { entries } = await edge.admin.ok('GET', 'sites/demo/audit');
		return [
			findings.filter(({ code, what }: any) => code === 'pool_low' && what === 'lowly').length,
			entries.filter(({ action, what }: any) => action === 'pool_low' && what === 'lowly (1)').length,
		];
	};
	await until('the finding', async () => (await low()).every((count) => count === 1));
	const listed = (await edge.admin.ok('GET', 'sites/demo/pools')).pools.find(({ pool }: any) => pool === 'lowly');
	assert.deepEqual([listed.is_low, listed.stock, listed.claimed], [true, 0, 3]);
});

test('codes are read out in pages, with their state', async () => {
	const many = Array.from({ length: 6_000 }, (_, i) => `P${String(i).padStart(5, '0')}`);
	const filled = await edge.admin.pool('paged', { codes: [...many, 'P00007'], terms });
	assert.deepEqual([filled.added, filled.duplicates], [6_000, [6_001]]);
	const first = await edge.admin.ok('GET', 'sites/demo/pools/paged/codes');
	const second = await edge.admin.ok('GET', `sites/demo/pools/paged/codes?after=${encodeURIComponent(first.next)}`);
	assert.deepEqual([first.codes.length, second.codes.length, second.next], [5_000, 1_000, '']);
	assert.equal((await edge.admin.request('GET', 'sites/demo/pools/none/codes')).status, 404);
	const entries = (await edge.admin.ok('GET', 'sites/demo/audit')).entries;
	assert.equal(entries.filter(({ action, what }: any) => action === 'pool_export' && what === 'paged').length, 1);
});

test('a pool that makes no sense is refused with the field', async () => {
	for (const [path, body] of [
		['terms', { codes: ['A'] }],
		['terms.kind', { codes: ['A'], terms: { ...terms, kind: 'gift' } }],
		['terms.value', { codes: ['A'], terms: { kind: 'percent', value: 120 } }],
		['codes[1]', { codes: ['A', ''], terms }],
		['expires_after', { codes: ['A'], terms, expires_after: 'soon' }],
		['generate.count', { generate: { count: 10_001 }, terms }],
		['generate.length', { generate: { count: 1, length: 7 }, terms }],
		['until', { until: -1, terms }],
	] as const) {
		const answer = await edge.admin.request('POST', 'sites/demo/pools/wrong', body);
		assert.deepEqual([answer.status, answer.body.code, answer.body.path], [400, 'body_invalid', path]);
	}
	assert.equal((await edge.admin.request('GET', 'sites/demo/pools/wrong')).status, 404);
});
