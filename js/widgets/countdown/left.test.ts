import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deadlineOf, leftOf, spokenLeft } from './left.ts';

test('a deadline is one moment for all, or the visitor’s own that is remembered', () => {
	assert.equal(deadlineOf({ until: '2026-12-31T23:59+09:00' }, 0, undefined), Date.UTC(2026, 11, 31, 14, 59));
	assert.equal(deadlineOf({ until: '2026-12-31T24:00Z' }, 0, undefined), Date.UTC(2027, 0, 1));
	assert.equal(deadlineOf({ minutes: 30, name: 'n' }, 1_000, undefined), 1_801_000);
	assert.equal(deadlineOf({ minutes: 30, name: 'n' }, 9_000, '1801000'), 1_801_000, 'it does not start over');
	assert.equal(deadlineOf({ minutes: 30, name: 'n' }, 1_000, 'x'), 1_801_000);
	assert.equal(deadlineOf({ until: 'soon' }, 0, undefined), undefined);
	assert.equal(deadlineOf({}, 0, undefined), undefined);
});

test('what is left is told in whole units, and never below nothing', () => {
	assert.deepEqual(leftOf(90_061_000, 0), [1, 1, 1, 1]);
	assert.deepEqual(leftOf(1, 0), [0, 0, 0, 1]);
	assert.deepEqual(leftOf(1_000, 0), [0, 0, 0, 1]);
	assert.deepEqual(leftOf(1_001, 0), [0, 0, 0, 2]);
	assert.deepEqual(leftOf(0, 0), [0, 0, 0, 0]);
	assert.deepEqual(leftOf(0, 5_000), [0, 0, 0, 0]);
});

test('it is spoken in the two largest units of the language', () => {
	assert.equal(spokenLeft([2, 3, 4, 5], 'en'), '2 days 3 hours');
	assert.equal(spokenLeft([0, 1, 0, 5], 'en'), '1 hour');
	assert.equal(spokenLeft([0, 0, 0, 9], 'en'), '9 seconds');
	assert.equal(spokenLeft([0, 0, 0, 0], 'en'), '0 seconds');
	assert.equal(spokenLeft([0, 1, 5, 0], 'ja').replaceAll(' ', ''), '1時間5分');
});
