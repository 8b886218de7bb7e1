import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, Survey } from '../../shared/widget.ts';
import { loadProgress, nextOf, storeProgress } from './flow.ts';

const SURVEY: Survey = {
	id: 's',
	questions: [
		{
			name: 'nps',
			type: 'nps',
			ask: '?',
			next: [
				{ at_most: 6, go: 'why' },
				{ at_least: 7, at_most: 8, go: 'taste' },
				{ at_least: 9, go: 'end' },
			],
		},
		{ name: 'why', type: 'text', ask: '?' },
		{ name: 'taste', type: 'choice', ask: '?', next: [{ is: 'green', go: 'end' }, { go: 'nps' }] },
		{ name: 'last', type: 'stars', ask: '?' },
	],
};

test('the first way that holds is taken, else the next question', () => {
	const rows: readonly [number, Answer, number | undefined][] = [
		[0, 0, 1],
		[0, 6, 1],
		[0, 7, 2],
		[0, 9, undefined],
		// Passed over: no condition holds.
		[0, undefined, 1],
		[1, 'because', 2],
		[2, 'green', undefined],
		[2, ['black', 'green'], undefined],
		// A way back is not taken.
		[2, 'black', 3],
		[3, 5, undefined],
	];
	for (const [at, answer, expected] of rows) assert.equal(nextOf(SURVEY, at, answer), expected, `${at} ${answer}`);
});

test('progress survives as text; what does not fit the survey begins anew', () => {
	const progress = { path: [0, 2], said: { nps: 7 } };
	assert.deepEqual(loadProgress(SURVEY, storeProgress(progress)), progress);
	for (const stored of [
		undefined,
		'',
		'{',
		'null',
		'[]',
		'[[],{}]',
		'[[0],null]',
		'[[0,9],{}]',
		'[[2,0],{}]',
		'[["0"],{}]',
		'[[0.5],{}]',
	]) {
		assert.deepEqual(loadProgress(SURVEY, stored), { path: [0], said: {} }, stored);
	}
});
