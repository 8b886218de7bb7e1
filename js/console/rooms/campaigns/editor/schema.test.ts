import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outline } from './outline.ts';
import { descriptionAt, keysAt, valuesAt, type Schema } from './schema.ts';

const SCHEMA: Schema = {
	type: 'object',
	required: ['id'],
	properties: {
		name: { type: 'string', description: 'What people call it', 'description:ja': '呼び名' },
		id: { type: 'string' },
		status: { enum: ['live', 'paused'] },
		variants: { type: 'array', items: { $ref: '#/$defs/action' } },
		caps: { type: 'object', additionalProperties: { type: 'integer', default: 1 } },
		loop: { $ref: '#/$defs/loop' },
	},
	$defs: {
		action: {
			oneOf: [
				{ properties: { kind: { const: 'popup' }, title: { type: 'string' } } },
				{ properties: { kind: { const: 'bar' }, position: { enum: ['top', 'bottom'] } } },
			],
		},
		loop: { anyOf: [{ $ref: '#/$defs/loop' }, { type: 'boolean' }] },
	},
};

const keys = (text: string, pointer: string, taken: string[] = []) =>
	keysAt(SCHEMA, outline(text), pointer, taken, 'en').map((key) => key.name);
const values = (text: string, pointer: string) => valuesAt(SCHEMA, outline(text), pointer, 'en').map((one) => one.json);

test('required keys come first, those already there are left out', () => {
	assert.deepEqual(keys('{}', '').slice(0, 2), ['id', 'name']);
	assert.equal(keys('{}', '', ['id']).includes('id'), false);
});

test('a key brings the beginning of its value', () => {
	const found = keysAt(SCHEMA, outline('{}'), '', [], 'en');
	assert.equal(found.find((key) => key.name === 'name')?.template, '""');
	assert.equal(found.find((key) => key.name === 'variants')?.template, '[]');
	assert.equal(found.find((key) => key.name === 'status')?.template, '');
});

test('values come from enum, const, boolean and default', () => {
	assert.deepEqual(values('{}', '/status'), ['"live"', '"paused"']);
	assert.deepEqual(values('{"caps":{}}', '/caps/anything'), ['1']);
	assert.deepEqual(values('{}', '/loop'), ['true', 'false']);
});

test('only the alternative that fits what is written is offered', () => {
	const text = '{"variants":[{"kind":"bar"}]}';
	assert.deepEqual(keys(text, '/variants/0', ['kind']), ['position']);
	assert.deepEqual(keys('{"variants":[{}]}', '/variants/0'), ['kind', 'title', 'position']);
	assert.deepEqual(values('{"variants":[{}]}', '/variants/0/kind'), ['"popup"', '"bar"']);
});

test('an unknown kind does not switch help off', () => {
	assert.equal(keys('{"variants":[{"kind":"bor"}]}', '/variants/0', ['kind']).length, 2);
});

test('descriptions follow the language and fall back to English', () => {
	const read = outline('{}');
	assert.equal(descriptionAt(SCHEMA, read, '/name', 'ja'), '呼び名');
	assert.equal(descriptionAt(SCHEMA, read, '/name', 'en'), 'What people call it');
	assert.equal(descriptionAt(SCHEMA, read, '/name', 'fr'), 'What people call it');
});

test('names of the prototype are not properties', () => {
	assert.deepEqual(keys('{}', '/constructor'), []);
});
