import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { decode, encode } from './packed.ts';

const cases = JSON.parse(readFileSync(new URL('fixtures/packed.json', import.meta.url), 'utf8')) as {
	value: unknown;
	hex: string;
}[];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

test('packed values are the bytes that Rust reads and writes', () => {
	assert.ok(cases.length > 20);
	for (const { value, hex: expected } of cases) {
		assert.equal(hex(encode(value)), expected, JSON.stringify(value));
		assert.deepEqual(decode(new Uint8Array(Buffer.from(expected, 'hex'))), value);
	}
});

test('what JSON cannot say crosses too', () => {
	for (const value of [Infinity, -0, new Uint8Array([0, 255]), 2 ** 53]) {
		assert.deepEqual(decode(encode(value)), value);
	}
	assert.ok(Number.isNaN(decode(encode(NaN))));
});

test('what has no meaning there is null or left out', () => {
	assert.equal(decode(encode(undefined)), null);
	assert.equal(decode(encode(() => 1)), null);
	assert.equal(decode(encode(Symbol('x'))), null);
	assert.deepEqual(decode(encode({ a: undefined, b: 1 })), { b: 1 });
	assert.equal(decode(encode('a\ud800b')), 'a\ufffdb');
});

test('nesting stops where the reader would refuse it', () => {
	const loop: unknown[] = [];
	loop.push(loop);
	let depth = 0;
	for (let v: unknown = decode(encode(loop)); Array.isArray(v); v = v[0]) depth++;
	assert.equal(depth, 32);
});

test('a member called __proto__ stays a member', () => {
	const value = JSON.parse('{"__proto__":1}') as object;
	assert.deepEqual(Object.entries(decode(encode(value)) as object), [['__proto__', 1]]);
});
