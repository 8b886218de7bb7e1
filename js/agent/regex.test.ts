import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { searcher } from './regex.ts';

/** A clock that stands: how long a search took on the machine of a test is no part of its answer. */
const still = (t: TestContext): void => void t.mock.method(performance, 'now', () => 0);

test('an expression means what it means in a browser', (t) => {
	still(t);
	const search = searcher();
	assert.equal(search('^/shop/', 0, '/shop/tea'), 1);
	assert.equal(search('^/shop/', 0, '/SHOP/tea'), 0);
	assert.equal(search('^/shop/', 1, '/SHOP/tea'), 1);
	assert.equal(search('(?<=¥)\\d+', 0, '¥120'), 1);
});

test('what is no expression here cannot tell', (t) => {
	still(t);
	const search = searcher();
	assert.equal(search('(', 0, '('), -1);
	assert.equal(search('(', 0, 'another'), -1);
});

test('a text of 2,048 UTF-16 units is searched, a longer one cannot be told', (t) => {
	still(t);
	const search = searcher();
	assert.equal(search('茶$', 0, '茶'.repeat(2048)), 1);
	assert.equal(search('茶$', 0, '茶'.repeat(2049)), -1);
	assert.equal(search('.', 0, '🍵'.repeat(1024)), 1);
	assert.equal(search('.', 0, '🍵'.repeat(1025)), -1);
	assert.equal(search('茶$', 0, '茶'), 1, 'the expression itself is as good as before');
});

test('a search of 5 ms is fine, a longer one is the last of its expression', (t) => {
	let ms = 5;
	let now = 0;
	t.mock.method(performance, 'now', () => (now += ms));
	const search = searcher();
	assert.equal(search('a', 0, 'a'), 1);
	ms = 5.1;
	assert.equal(search('a', 0, 'a'), 1, 'what is known takes no time');
	assert.equal(search('a', 0, 'aa'), -1);
	ms = 0;
	assert.equal(search('a', 0, 'aaa'), -1);
	assert.equal(search('a', 0, 'a'), -1, 'nor are its earlier answers used: the campaign would be half alive');
	assert.equal(search('a', 1, 'a'), 1, 'another expression is not touched');
});

test('a pause of the browser’s is not held against an expression', (t) => {
	const times = [0, 40, 40, 41];
	t.mock.method(performance, 'now', () => times.shift() ?? 100);
	const search = searcher();
	assert.equal(search('a', 0, 'a'), 1);
	assert.equal(search('a', 0, 'b'), 0);
	assert.deepEqual(times, []);
});

test('an expression that would take for ever is stopped being used after its first slow search', () => {
	const search = searcher();
	const text = (length: number): string => `${'a'.repeat(length)}!`;
	assert.equal(search('^(a+)+$', 0, text(26)), -1);
	const began = performance.now();
	assert.equal(search('^(a+)+$', 0, text(2000)), -1);
	assert.ok(performance.now() - began < 1000);
});

test('each answer is found once, and answers of other expressions are not mixed up', (t) => {
	still(t);
	let searches = 0;
	const { test: original } = RegExp.prototype;
	t.mock.method(RegExp.prototype, 'test', function (this: RegExp, text: string) {
		searches++;
		return original.call(this, text);
	});
	const search = searcher();
	assert.deepEqual(
		[search('ab', 0, 'c'), search('a', 0, 'bc'), search('a', 0, 'abc'), search('a', 0, 'abc')],
		[0, 0, 1, 1],
	);
	assert.equal(searches, 3);
	for (let n = 0; n < 2000; n++) assert.equal(search('7$', 0, String(n)), Number(n % 10 === 7));
});
