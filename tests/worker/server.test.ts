/** examples/server against the real edge: what a shop's own server asks. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, couponCampaign, exposure } from './page.ts';

const MAIN = new URL('../../examples/server/main.mjs', import.meta.url).pathname;

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

function run(words: readonly string[], token = edge.token): Promise<{ status: number; out: string; err: string }> {
	const env = { ...process.env, NOREN_URL: edge.url, NOREN_TOKEN: token };
	return new Promise((resolve) => {
		const child = execFile(process.execPath, [MAIN, ...words], { env }, (_, out, err) =>
			resolve({ status: child.exitCode ?? -1, out, err }),
		);
	});
}

const terms = { kind: 'amount', value: 500, minimum: 3000, currency: 'JPY' };

test('a shop redeems a coupon once, and may ask again for the same order', async () => {
	await edge.admin.pool('server', { codes: ['SERVER-1'], terms, expires_after: '7d' });
	await edge.admin.publish([couponCampaign('server')]);
	assert.equal((await new Page(edge.url).reveal('server')).body.code, 'SERVER-1');
	const small = await run(['redeem', 'SERVER-1', 'order-1', '2999']);
	assert.deepEqual([small.status, JSON.parse(small.out).code], [1, 'minimum']);
	for (let time = 0; time < 2; time += 1) {
		const good = await run(['redeem', ' SERVER-1 ', 'order-1', '4800']);
		assert.deepEqual([good.status, JSON.parse(good.out)], [0, { ok: true, terms }], good.err);
	}
	const other = await run(['redeem', 'SERVER-1', 'order-2', '4800']);
	assert.deepEqual([other.status, JSON.parse(other.out).code], [1, 'coupon_used']);
	assert.equal(JSON.parse((await run(['redeem', 'nonsense', 'order-3', '4800'])).out).code, 'coupon_unknown');
});

test('a shop reads its numbers with their intervals', async () => {
	await edge.admin.publish([campaign()]);
	// 12 treated visitors of whom 6 buy, 12 of control of whom 3 do.
	const visits = Array.from({ length: 24 }, async (_, index) => {
		const arm = index % 2 === 0 ? 'treated' : 'control';
		const buys = index < (arm === 'treated' ? 12 : 6);
		const purchase = { n: 1, name: 'purchase', props: { transaction_id: `t-${index}`, value: 1000, currency: 'JPY' } };
		await new Page(edge.url).sync([exposure(0, arm, 1), ...(buys ? [purchase] : [])]);
	});
	await Promise.all(visits);
	// The counters travel to their shard after the visitor has been answered.
	const rows = await until('the counters', async () => {
		const rows = (await edge.admin.numbers()).filter((row) => row['id'] === 'linger');
		const total = (what: string) => rows.reduce((sum, row) => sum + Number(row[what]), 0);
		return total('visitors') === 24 && total('converted') === 9 ? rows : undefined;
	});
	const read = (arm: string) => rows.find((row) => row['arm'] === arm) as any;
	assert.equal(read('treated').rate.value, 0.5);
	assert.ok(read('treated').rate.low < 0.5 && read('treated').rate.high > 0.5);
	assert.equal(read('control').rate.value, 0.25);
	assert.equal(read('control').lift, null);
	assert.ok(Math.abs(read('treated').lift.value - 1) < 1e-9);
	assert.ok(read('treated').lift.low < 0, 'so few visitors show no difference');
	const { status, out } = await run(['numbers']);
	assert.equal(status, 0);
	assert.match(out, /^linger #1 \w+: 6 of 12, rate 50\.0% \(\d+\.\d% to \d+\.\d%\), against control 100\.0% \(-/mu);
	assert.match(out, /^linger #1 control: 3 of 12, rate 25\.0% .* against control -$/mu);
});

test('a wrong token, an unreachable edge and a wrong call say so', async () => {
	const wrong = await run(['numbers'], 'not-the-token');
	assert.deepEqual([wrong.status, wrong.out], [2, '']);
	assert.match(wrong.err, /^unauthorized: /);
	assert.equal((await run(['redeem', 'ONLY-A-CODE'])).status, 2);
	assert.match((await run([])).err, /usage/);
});
