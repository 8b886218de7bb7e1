import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NumbersRow } from '../../api/types.ts';
import { beginning, group, isControl, reading } from './fold.ts';

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
		rate: { value: 0.125, low: 0.02, high: 0.47 },
		lift: null,
		...more,
	};
}

test('the control stands beside the variants it is compared with, last', () => {
	const [linger] = group([row({ arm: 'control' }), row({ variant: 'b' }), row({})]);
	assert.deepEqual(
		linger?.phases[0]?.rows.map((row) => (isControl(row) ? 'control' : row.variant)),
		['a', 'b', 'control'],
	);
});

test('figures of different phases are kept apart, the one with most visitors first', () => {
	const [linger] = group([row({ phase: 1, visitors: 8 }), row({ phase: 2, visitors: 30 })]);
	assert.deepEqual(
		linger?.phases.map((phase) => [phase.phase, phase.visitors]),
		[
			[2, 30],
			[1, 8],
		],
	);
});

test('a lift is said to be a difference only where its interval leaves out zero', () => {
	assert.equal(reading(null), 'none');
	assert.equal(reading({ value: 0.1, low: -0.02, high: 0.24 }), 'open');
	assert.equal(reading({ value: 0.1, low: 0, high: 0.2 }), 'open');
	assert.equal(reading({ value: 0.1, low: 0.01, high: 0.2 }), 'above');
	assert.equal(reading({ value: -0.1, low: -0.2, high: -0.01 }), 'below');
});

test('a span begins at midnight of the reader, counted on the calendar', () => {
	const now = new Date(2026, 10, 22, 15, 30);
	assert.equal(beginning('today', now), new Date(2026, 10, 22).getTime());
	assert.equal(beginning('week', now), new Date(2026, 10, 16).getTime());
	assert.equal(beginning('month', now), new Date(2026, 9, 24).getTime());
	assert.equal(beginning('all', now), undefined);
});
