/** The short form of `cargo xtask faults`: what is acknowledged is stored and counted once, whatever is killed, lost and repeated. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { session } from './session.ts';

const KILLS = 10;

test('ten kills under traffic lose and double no event, order, coupon or message', async (t) => {
	const seed = Number(process.env['NOREN_SEED'] ?? Date.now() % 1_000_000);
	t.diagnostic(`seed ${seed}`);
	const report = await session({ kills: KILLS, seed, visitors: 16 });
	t.diagnostic(JSON.stringify(report));
	assert.ok(report.requestsWithoutAnswer > KILLS, 'kills and losses hit requests under way');
	assert.ok(report.harm.answersLost > 0 && report.harm.repeated > 0 && report.harm.socketsCut > 0);
});
