import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NumbersRow } from '../../api/types.ts';
import { beginning, group } from './fold.ts';

function row(more: Partial<NumbersRow>): NumbersRow {
	return {
		id: 'linger',
		variant: 'a',
		arm: 'treated',
		phase: 1,
		shown: 10,
		visitors: 8,
		impressions: 9,
		closed: 3,
		clicked: 2,
		converted: 1,
		value: 1200,
		...more,
	};
}

test('the control stands beside the variants it is compared with, last', () => {
	const [linger] = group([row({ arm: 'control' }), row({ variant: 'b' }), row({})]);
	assert.deepEqual(
		linger?.phases[0]?.lines.map((line) => (line.control ? 'control' : line.variant)),
		['a', 'b', 'control'],
	);
});

test('figures of different phases are kept apart, the newest first', () => {
	const [linger] = group([row({ phase: 1 }), row({ phase: 2, shown: 4 })]);
	assert.deepEqual(
		linger?.phases.map((phase) => [phase.phase, phase.lines[0]?.shown]),
		[
			[2, 4],
			[1, 10],
		],
	);
});

test('the same arm from several shards is one line', () => {
	const [linger] = group([row({}), row({ shown: 5, value: 300 })]);
	assert.equal(linger?.phases[0]?.lines.length, 1);
	assert.equal(linger?.phases[0]?.lines[0]?.shown, 15);
	assert.equal(linger?.phases[0]?.lines[0]?.value, 1500);
});

test('a span begins at midnight of the reader, counted on the calendar', () => {
	const now = new Date(2026, 10, 22, 15, 30);
	assert.equal(beginning('today', now), new Date(2026, 10, 22).getTime());
	assert.equal(beginning('week', now), new Date(2026, 10, 16).getTime());
	assert.equal(beginning('month', now), new Date(2026, 9, 24).getTime());
	assert.equal(beginning('all', now), undefined);
});
