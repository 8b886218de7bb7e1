import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatWords, couponWords, fill, frameWords, wordsIn } from './words.ts';

test('every word exists in both languages, with the same places to fill', () => {
	for (const table of [frameWords, couponWords, chatWords] as Record<'en' | 'ja', Record<string, string>>[]) {
		assert.deepEqual(Object.keys(table.ja).sort(), Object.keys(table.en).sort());
		for (const [name, english] of Object.entries(table.en)) {
			const japanese = table.ja[name] ?? '';
			assert.notEqual(japanese.trim(), '', name);
			assert.notEqual(english.trim(), '', name);
			assert.equal(japanese.includes('{0}'), english.includes('{0}'), name);
			assert.match(japanese, /[\u3040-\u30ff\u4e00-\u9fff]/, `${name} is not Japanese`);
		}
	}
});

test('the language of the words follows the visitor’s', () => {
	assert.equal(wordsIn(frameWords, 'ja-JP').close, '閉じる');
	assert.equal(wordsIn(frameWords, 'fr').close, 'Close');
});

test('what is filled in is taken as it is', () => {
	assert.equal(fill('{0} off', "$& $1 $'"), "$& $1 $' off");
});
