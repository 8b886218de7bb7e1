/** Coupons: each code once, the same visitor the same code, redeemed once. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { Page, exposure } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

const terms = { kind: 'amount', value: 500, minimum: 3000, currency: 'JPY' };
const shop = (what: string, body: unknown) => new Page(edge.url).post(`/shop/api/${what}`, body);

test('300 visitors at once for 100 codes: exactly 100 codes, each once', async () => {
	await edge.admin.pool('race', { generate: { count: 100, prefix: 'TEA-' }, terms, expires_after: '7d' });
	const pages = Array.from({ length: 300 }, () => new Page(edge.url));
	const answers = await Promise.all(pages.map((page) => page.coupon('linger', 'race')));
	const codes = answers.filter((answer) => answer.body.ok).map((answer) => answer.body.code as string);
	assert.equal(codes.length, 100);
	assert.equal(new Set(codes).size, 100);
	assert.ok(codes.every((code) => /^TEA-[A-Z2-9]{8}$/.test(code)));
	assert.ok(answers.filter((answer) => !answer.body.ok).every((answer) => answer.body.code === 'pool_empty'));
	const again = await Promise.all(pages.map((page) => page.coupon('linger', 'race')));
	assert.deepEqual(
		again.map((answer) => answer.body.code),
		answers.map((answer) => answer.body.code),
	);
	assert.deepEqual(await edge.admin.ok('GET', 'sites/demo/pools/race'), { stock: 0, claimed: 100, redeemed: 0 });
});

test('a code is remembered with the visitor, also after the runtime was killed, and redeems once', async () => {
	await edge.admin.pool('keep', { codes: ['KEEP-1'], terms, expires_after: '7d' });
	const page = new Page(edge.url);
	const claimed = (await page.coupon('linger', 'keep')).body;
	assert.equal(claimed.code, 'KEEP-1');
	assert.deepEqual(claimed.terms, terms);
	assert.ok(claimed.expires > Date.now() + 6 * 86_400_000);
	await edge.kill();
	await edge.restart();
	assert.equal((await page.coupon('linger', 'keep')).body.code, 'KEEP-1');
	const facts = (await page.sync([{ n: 0, name: 'page_view' }])).body.facts;
	assert.deepEqual(facts.coupons, [{ campaign: 'linger', code: 'KEEP-1', expires: claimed.expires }]);

	const looked = (await shop('coupon', { code: 'KEEP-1', total: 3500 })).body;
	assert.deepEqual(looked, { ok: true, label: { en: '¥500 off', ja: '500円引き' }, discount: 500 });
	assert.equal((await shop('coupon', { code: 'KEEP-1', total: 2999 })).body.code, 'minimum');
	assert.equal((await shop('redeem', { code: 'KEEP-1', order: 'T-1' })).body.ok, true);
	assert.equal((await shop('redeem', { code: 'KEEP-1', order: 'T-1' })).body.ok, true);
	assert.equal((await shop('redeem', { code: 'KEEP-1', order: 'T-2' })).body.code, 'coupon_used');
	assert.equal((await shop('coupon', { code: 'nonsense', total: 9000 })).body.code, 'coupon_unknown');
	const answer = await edge.admin.ok('POST', 'sites/demo/redeem', { code: 'KEEP-1', order: 'T-3', total: 5000 });
	assert.deepEqual(answer, { ok: false, code: 'coupon_used' });
});

test('a visitor in control gets none, and an unknown pool says so', async () => {
	await edge.admin.pool('few', { codes: ['FEW-1'], terms });
	const page = new Page(edge.url);
	await page.sync([exposure(0, 'control', 1)]);
	assert.deepEqual((await page.coupon('linger', 'few')).body, { ok: false, code: 'not_eligible' });
	assert.deepEqual((await page.coupon('other', 'nowhere')).body, { ok: false, code: 'pool_unknown' });
	assert.deepEqual(await edge.admin.ok('GET', 'sites/demo/pools/few'), { stock: 1, claimed: 0, redeemed: 0 });
});

test('a pool that makes no sense is refused with the field', async () => {
	for (const [path, body] of [
		['terms', { codes: ['A'] }],
		['terms.kind', { codes: ['A'], terms: { ...terms, kind: 'gift' } }],
		['terms.value', { codes: ['A'], terms: { kind: 'percent', value: 120 } }],
		['codes[1]', { codes: ['A', ''], terms }],
		['expires_after', { codes: ['A'], terms, expires_after: 'soon' }],
		['generate.count', { generate: { count: 10_001 }, terms }],
	] as const) {
		const answer = await edge.admin.request('POST', 'sites/demo/pools/wrong', body);
		assert.deepEqual([answer.status, answer.body.code, answer.body.path], [400, 'body_invalid', path]);
	}
	assert.equal((await edge.admin.request('GET', 'sites/demo/pools/wrong')).status, 404);
});
