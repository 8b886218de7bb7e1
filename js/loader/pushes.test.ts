import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { clean } from '../agent/clean.ts';
import { consentOf, eventOf, isName } from './pushes.ts';

const cases = JSON.parse(readFileSync(new URL('fixtures/pushes.json', import.meta.url), 'utf8')) as {
	why: string;
	push: unknown;
	event: [string, object] | null;
}[];

/** As `gtag` makes it. */
function argumentsOf(..._: unknown[]): IArguments {
	// eslint-disable-next-line prefer-rest-params
	return arguments;
}

test('a push means in the tag what it means in Rust', () => {
	for (const { why, push, event } of cases) {
		assert.deepEqual(eventOf(push) ?? null, event, why);
		if (Array.isArray(push)) assert.deepEqual(eventOf(argumentsOf(...(push as unknown[]))) ?? null, event, why);
	}
});

test('what is no object is no event', () => {
	for (const push of [null, undefined, 'event', 5, () => 1]) assert.equal(eventOf(push), undefined);
});

test("Google's consent mode is heard", () => {
	assert.deepEqual(consentOf(argumentsOf('consent', 'update', { ad_storage: 'granted' })), {
		verb: 'gcm',
		args: [{ ad_storage: 'granted' }],
	});
	assert.equal(consentOf({ consent: 1 }), undefined);
	assert.equal(consentOf(argumentsOf('config', 'G-1')), undefined);
});

test('names are texts of 1 to 100 characters', () => {
	for (const name of ['a', '茶'.repeat(100), '𠮷'.repeat(100)]) assert.ok(isName(name));
	for (const name of ['', 'a'.repeat(101), '𠮷'.repeat(101), 5, undefined]) assert.ok(!isName(name));
});

test('properties become plain JSON, whatever the page put into them', () => {
	const loop: Record<string, unknown> = { value: 5, name: 'x', yes: true };
	loop['self'] = loop;
	assert.deepEqual(clean(loop), { value: 5, name: 'x', yes: true });
	assert.deepEqual(clean({ huge: 'x'.repeat(50_000), n: 1, s: 'kept' }), { n: 1, s: 'kept' });
	assert.deepEqual(clean({ f: () => 1, d: new Date(0), n: NaN }), { d: '1970-01-01T00:00:00.000Z', n: null });
	const items = [{ id: 1 }];
	const cleaned = clean({ items });
	items[0]!.id = 2;
	assert.deepEqual(cleaned, { items: [{ id: 1 }] }, 'a later change on the page does not reach it');
});
