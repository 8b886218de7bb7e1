import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf, languagesOf, variantsOf } from './preview.ts';

test('what is half written gives the variants that can be shown', () => {
	const action = { kind: 'popup', title: 'x' };
	assert.deepEqual(variantsOf({ variants: [{ id: 'a', action }, null, 3, { id: 'b' }, { action }] }), [
		{ id: 'a', content: action },
	]);
	for (const document of [undefined, null, {}, { variants: {} }, 'x']) assert.deepEqual(variantsOf(document), []);
});

test('the languages are those of its texts', () => {
	const document = {
		name: { en: 'x' },
		variants: [{ action: { title: { ja: 'x', 'pt-BR': 'y' }, next: { go: 'end' } } }],
	};
	assert.deepEqual(languagesOf(document), ['en', 'ja', 'pt-BR']);
});

test('what a page would lend is lent by the preview', () => {
	const shown = contentOf({ kind: 'recommend', from: '#list', slot: { at: '#there', height: 90 } });
	assert.deepEqual(shown.slot, { at: '#preview-place', height: 90 });
	assert.equal(shown.items?.length, 3);
	assert.equal('from' in shown, false);
	assert.equal(contentOf({ kind: 'proof', count: { from: '#sold', minimum: 9 } }).count?.minimum, 9);
});
