import assert from 'node:assert/strict';
import test from 'node:test';
import { createConsent, grantedByGoogle } from './consent.ts';
import { fakeDisk } from './fakes.ts';
import { createStore } from './store.ts';

const blocked = (): Storage => {
	throw new Error('SecurityError');
};

test('nothing is written before storage may be used, and then everything is', () => {
	const { storage } = fakeDisk();
	const store = createStore('demo', () => storage);
	store._set('id', 'x');
	assert.equal(store._get('id'), 'x');
	assert.deepEqual(Object.keys(storage), []);
	store._open();
	assert.deepEqual(Object.entries(storage), [['noren.demo.id', 'x']]);
});

test('a site sees its own corner only, and wiping leaves the others', () => {
	const { storage } = fakeDisk();
	storage.setItem('cart', '1');
	storage.setItem('noren.other.id', '2');
	const store = createStore('demo', () => storage);
	store._open();
	store._set('q.a', '3');
	assert.deepEqual(store._names('q.'), ['a']);
	store._wipe();
	assert.deepEqual(Object.keys(storage), ['cart', 'noren.other.id']);
	store._set('id', '4');
	assert.deepEqual(Object.keys(storage), ['cart', 'noren.other.id'], 'goes on in memory');
	assert.equal(store._get('id'), '4');
});

test('blocked or full storage is memory', () => {
	const store = createStore('demo', blocked);
	store._open();
	store._set('a', '1');
	assert.equal(store._get('a'), '1');
	assert.equal(store._isOpen(), false);

	const disk = fakeDisk();
	const other = createStore('demo', () => disk.storage);
	other._open();
	other._set('a', '1');
	disk.full = true;
	other._set('a', '2');
	assert.equal(other._get('a'), '2');
	assert.deepEqual(other._names(''), ['a']);
});

test('each mode keeps and sends what it may', () => {
	const rows = [
		['open', undefined, true, true, null],
		['open', 'denied', false, false, []],
		['ask', undefined, false, false, []],
		['ask', 'granted', true, true, null],
		['ask', ['analytics'], true, true, ['analytics']],
		['ask', [], false, false, []],
		['cookieless', undefined, false, true, null],
		['cookieless', 'denied', false, false, []],
	] as const;
	for (const [mode, answer, stores, sends, granted] of rows) {
		const { storage } = fakeDisk();
		const consent = createConsent('demo', mode, () => storage);
		if (answer !== undefined) assert.ok(consent._answer(answer));
		const found = [consent._stores(), consent._sends(), consent._granted()];
		assert.deepEqual(found, [stores, sends, granted], `${mode} ${String(answer)}`);
		const said = answer === undefined ? null : String(answer) || 'denied';
		assert.deepEqual(JSON.parse(JSON.stringify(consent._said())), [mode, said], 'what every request states');
		if (mode === 'cookieless') assert.deepEqual(Object.keys(storage), []);
		if (mode === 'ask' && answer === undefined) assert.deepEqual(Object.keys(storage), []);
		// The next page knows the answer.
		if (mode !== 'cookieless') {
			const next = createConsent('demo', mode, () => storage);
			assert.deepEqual([next._stores(), next._sends(), next._granted()], found);
		}
	}
});

test('what is no answer changes nothing', () => {
	const consent = createConsent('demo', 'ask', blocked);
	for (const given of [undefined, 5, {}, null]) assert.equal(consent._answer(given), false);
	assert.equal(consent._sends(), false);
	assert.ok(consent._answer('granted'));
	assert.equal(consent._sends(), true, 'for this page, where storage is blocked');
});

test("Google's words are mapped to categories", () => {
	assert.deepEqual(grantedByGoogle({ analytics_storage: 'granted', ad_storage: 'granted' }), [
		'analytics',
		'marketing',
	]);
	assert.deepEqual(grantedByGoogle({ analytics_storage: 'granted', ad_storage: 'denied' }), ['analytics']);
	assert.deepEqual(grantedByGoogle({ analytics_storage: 'denied', ad_storage: 'granted' }), []);
	for (const state of [undefined, 'granted', {}, { wait_for_update: 500 }])
		assert.equal(grantedByGoogle(state), undefined);
});
