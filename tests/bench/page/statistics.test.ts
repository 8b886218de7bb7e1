import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../../random.ts';
import { differences, interval } from './statistics.ts';

test('the median and the order statistics that hold it in 95 of 100 runs', () => {
	// The ranks of the usual tables: 6 of 6, 2 of 9, 6 of 20, 14 of 40 from either end.
	for (const [count, low, high] of [
		[6, 1, 6],
		[9, 2, 8],
		[20, 6, 15],
		[40, 14, 27],
	] as const) {
		const values = Array.from({ length: count }, (_, at) => count - at);
		assert.deepEqual(interval(values), { median: (count + 1) / 2, low, high, count });
	}
});

test('few values are told as they are, none as nothing', () => {
	assert.deepEqual(interval([3, 1]), { median: 2, low: 1, high: 3, count: 2 });
	assert.deepEqual(interval([5, NaN]), { median: 5, low: 5, high: 5, count: 1 });
	assert.deepEqual(interval([]), { median: NaN, low: NaN, high: NaN, count: 0 });
});

test('of many runs about 95 in 100 have the true median inside', () => {
	const chance = random(5);
	let inside = 0;
	for (let run = 0; run < 1000; run++) {
		const { low, high } = interval(Array.from({ length: 40 }, () => chance.below(1_000_001)));
		if (low <= 500_000 && 500_000 <= high) inside += 1;
	}
	assert.ok(inside >= 940 && inside <= 990, String(inside));
});

test('a pair of which one is missing is no pair', () => {
	assert.deepEqual(differences([5, NaN, 7], [1, 2]), [4]);
});
