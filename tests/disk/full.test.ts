/** A disk without room: whoever sends is told that it did not work, nothing is half there, and with room again everything arrives once. */
import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, exposure } from '../worker/page.ts';

const DISK_BYTES = 12 * 1024 * 1024;

let edge: Edge;
before(async () => {
	edge = await Edge.start({ diskBytes: DISK_BYTES });
	await edge.admin.publish([campaign()]);
});
after(() => edge?.stop());

/** Takes all room that is left, so that not one page more can be written. */
function fill(): () => void {
	const path = join(edge.objects, 'filler');
	const file = openSync(path, 'w');
	for (const size of [65_536, 4_096, 512, 1]) {
		const piece = Buffer.alloc(size);
		try {
			while (writeSync(file, piece) === size);
		} catch (error) {
			assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
		}
	}
	closeSync(file);
	return () => rmSync(path);
}

test('with the disk full nothing is promised and nothing is half there; with room again everything arrives, once', async () => {
	const pages = Array.from({ length: 8 }, () => new Page(edge.url));
	const order = (n: number, page: Page) => ({
		n,
		name: 'purchase',
		props: { transaction_id: `T-${page.device}-${n}`, value: 100, filler: 'x'.repeat(9_000) },
	});
	for (const page of pages) assert.equal((await page.sync([exposure(0, 'treated', 1)])).status, 200);
	const free = fill();
	const acknowledged = new Map<Page, number>(pages.map((page) => [page, 1]));
	let refused = 0;
	for (let round = 1; round <= 6; round++) {
		for (const page of pages) {
			const answer = await page.sync([order(round, page)]);
			if (answer.status === 200) {
				acknowledged.set(page, answer.body.acks[0].next);
				continue;
			}
			refused++;
			assert.deepEqual([answer.status, answer.body.code], [500, 'internal']);
			assert.ok(!/sqlite|disk|full|\.rs|worker/i.test(answer.body.message), answer.body.message);
		}
	}
	assert.ok(refused > 0, 'the disk was full');
	assert.match(edge.log(), /full|SQLITE|disk I\/O/i, 'the owner finds the reason in the log');

	free();
	for (const page of pages) {
		const rest = Array.from({ length: 6 }, (_, i) => order(i + 1, page));
		const answer = await until('room again', async () => {
			const tried = await page.sync([exposure(0, 'treated', 1), ...rest]);
			return tried.status === 200 && tried;
		});
		assert.deepEqual(answer.body.acks, [{ id: page.stream, next: 7 }]);
		assert.ok(acknowledged.get(page)! <= 7);
		assert.deepEqual([answer.body.facts.purchases, answer.body.facts.lifetime_value], [6, 600]);
	}
	const totals = async () => {
		const [row] = (await edge.admin.numbers()).filter(({ arm }) => arm === 'treated');
		return [row?.['shown'], row?.['visitors'], row?.['converted'], row?.['value']];
	};
	const expected = [8, 8, 8, 4_800];
	await until('the totals', async () => JSON.stringify(await totals()) === JSON.stringify(expected), {
		timeoutMs: 30_000,
	});
});
