import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { check, normalizeCode, readAnswer, readRedeemed, redeem } from '../public/lib/coupon.js';

const label = { ja: '10%引き', en: '10% off' };
const realFetch = globalThis.fetch;
afterEach(() => {
	globalThis.fetch = realFetch;
});

test('a good coupon is worth whole yen, never more than the goods', () => {
	assert.deepEqual(readAnswer({ ok: true, label, discount: 129.6 }, 1296), {
		ok: true,
		kind: 'discount',
		amount: 129,
		label,
	});
	assert.equal(readAnswer({ ok: true, label, discount: 5000 }, 1296).amount, 1296);
});

test("each refusal keeps its kind and the server's words", () => {
	const message = { ja: '使用済み', en: 'used' };
	for (const kind of ['unknown', 'used', 'expired']) {
		const answer = readAnswer({ ok: false, code: `coupon_${kind}`, message }, 1000);
		assert.deepEqual(answer, { ok: false, kind, message });
	}
});

test('any other answer means that nobody could check', () => {
	const answers = [
		null,
		'ok',
		[],
		{},
		{ ok: true },
		{ ok: true, discount: '500' },
		{ ok: true, discount: null },
		{ ok: false, code: 'something_new', message: { ja: 'x', en: 'x' } },
		{ code: 'not_found', message: 'no such page' },
	];
	for (const body of answers) {
		assert.deepEqual(readAnswer(body, 1000), { ok: false, kind: 'unavailable', message: null });
	}
});

test('words that are not in both languages are left to the shop', () => {
	assert.equal(readAnswer({ ok: true, discount: 1, label: { ja: 'x' } }, 10).label, null);
	assert.equal(readAnswer({ ok: false, code: 'coupon_used', message: 'used' }, 10).message, null);
});

test('a redemption is yes or a reason', () => {
	assert.deepEqual(readRedeemed({ ok: true }), { ok: true });
	assert.equal(readRedeemed({ ok: false, code: 'coupon_used' }).kind, 'used');
	assert.equal(readRedeemed(undefined).kind, 'unavailable');
});

test('pasted codes lose spaces and full width, not their case', () => {
	assert.equal(normalizeCode(' ＮＯＲＥＮ-5a \n'), 'NOREN-5a');
	assert.equal(normalizeCode('　'), '');
});

test("check and redeem ask the shop's own server", async () => {
	const asked = [];
	globalThis.fetch = async (path, { method, body }) => {
		asked.push([method, path, JSON.parse(body)]);
		return new Response(JSON.stringify({ ok: true, label, discount: 300 }));
	};
	assert.equal((await check('A1', 2000)).amount, 300);
	assert.equal((await redeem('A1', 'ND-1')).ok, true);
	assert.deepEqual(asked, [
		['POST', '/shop/api/coupon', { code: 'A1', total: 2000 }],
		['POST', '/shop/api/redeem', { code: 'A1', order: 'ND-1' }],
	]);
});

test('a missing server, a broken line and a page instead of JSON are all `unavailable`', async () => {
	const failures = [
		async () => new Response('not found', { status: 404 }),
		async () => new Response('<!doctype html>'),
		async () => {
			throw new TypeError('network');
		},
	];
	for (const failure of failures) {
		globalThis.fetch = failure;
		assert.equal((await check('A1', 2000)).kind, 'unavailable');
		assert.equal((await redeem('A1', 'ND-1')).kind, 'unavailable');
	}
});
