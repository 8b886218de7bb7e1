import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countIn, withCount } from './count.ts';

test('a number is read as pages write it', () => {
	for (const [text, expected] of [
		['37', 37],
		[' 1,234 sold ', 1234],
		['1 234 567', 1_234_567],
		['１２人が購入', 12],
		['0', 0],
		['3, 4 or 5', 3],
		['nobody', undefined],
		['', undefined],
		[undefined, undefined],
	] as const) {
		assert.equal(countIn(text), expected, String(text));
	}
});

test('it stands in every language, and nothing else is touched', () => {
	assert.equal(withCount('{{count}} of {{ count | x }}, {{traits.name|you}}', '$&'), '$& of $&, {{traits.name|you}}');
	assert.deepEqual(withCount({ en: '{{count}} sold', ja: '{{count}}人' }, '12'), { en: '12 sold', ja: '12人' });
	assert.equal(withCount(undefined, '12'), undefined);
});
