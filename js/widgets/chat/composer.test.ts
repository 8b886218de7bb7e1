import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSendKey } from './composer.ts';

test('Enter sends, unless it breaks the line or belongs to the input method', () => {
	const enter = { key: 'Enter', keyCode: 13, shiftKey: false, altKey: false, isComposing: false };
	assert.equal(isSendKey(enter), true);
	assert.equal(isSendKey({ ...enter, shiftKey: true }), false);
	assert.equal(isSendKey({ ...enter, altKey: true }), false);
	assert.equal(isSendKey({ ...enter, isComposing: true, keyCode: 229 }), false, 'Chromium, Firefox');
	assert.equal(isSendKey({ ...enter, isComposing: false, keyCode: 229 }), false, 'Safari');
	assert.equal(isSendKey({ ...enter, key: 'a' }), false);
});
