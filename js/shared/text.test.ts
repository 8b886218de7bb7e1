import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillText, languageOf, pickText, textDirection } from './text.ts';

test('a text is chosen by the whole tag, its first part, English, then the first given', () => {
	const text = { de: 'Hallo', en: 'Hello', ja: 'こんにちは', 'pt-BR': 'Oi' };
	for (const [language, expected] of [
		['ja', 'こんにちは'],
		['ja-JP', 'こんにちは'],
		['JA_jp', 'こんにちは'],
		['pt-BR', 'Oi'],
		['fr', 'Hello'],
		['', 'Hello'],
	] as const) {
		assert.equal(pickText(text, language), expected, language);
	}
	assert.equal(pickText({ ja: '春', ko: '봄' }, 'fr'), '春');
	assert.equal(pickText('same in all', 'ja'), 'same in all');
	assert.equal(pickText(undefined, 'ja'), '');
	assert.equal(pickText({}, 'ja'), '');
	assert.equal(pickText({}, 'constructor'), '');
});

test('a language cannot reach what every object has', () => {
	assert.equal(pickText({ en: 'Hello' }, 'constructor'), 'Hello');
	assert.equal(pickText({ en: 'Hello' }, '__proto__'), 'Hello');
});

test('names are filled once, with a fallback where nothing is known', () => {
	const known: Record<string, string> = { 'traits.name': 'Aoi', 'traits.sly': '{{traits.name}}', 'traits.blank': '  ' };
	const lookup = (name: string): string | undefined => known[name];
	for (const [text, expected] of [
		['Hello {{traits.name|friend}}', 'Hello Aoi'],
		['Hello {{ traits.name | friend }}', 'Hello Aoi'],
		['Hello {{traits.other|friend}}', 'Hello friend'],
		['Hello {{traits.blank|friend}}', 'Hello friend'],
		['Hello {{traits.other}}!', 'Hello !'],
		['{{traits.name}}様と{{traits.other|皆様}}', 'Aoi様と皆様'],
		['{{traits.sly}}', '{{traits.name}}'],
		['{{', '{{'],
		['{{}}', '{{}}'],
	] as const) {
		assert.equal(fillText(text, lookup), expected, text);
	}
});

test('right-to-left languages are known with and without a region', () => {
	for (const language of ['ar', 'he-IL', 'fa_IR', 'UR']) assert.equal(textDirection(language), 'rtl', language);
	for (const language of ['ja', 'en', 'arn', '']) assert.equal(textDirection(language), 'ltr', language);
});

test('a text says in which language it is given', () => {
	const text = { ja: 'お茶', en: 'tea', 'pt-BR': 'chá' };
	for (const [language, expected] of [
		['ja-JP', 'ja'],
		['pt-BR', 'pt-BR'],
		['ar', 'en'],
		['constructor', 'en'],
	] as const) {
		assert.equal(languageOf(text, language), expected, language);
	}
	assert.equal(languageOf({ ja: 'お茶' }, 'fr'), 'ja');
	assert.equal(languageOf('tea', 'ar'), 'ar');
	assert.equal(languageOf(undefined, 'ar'), 'ar');
	assert.equal(languageOf({}, 'ar'), 'ar');
});
