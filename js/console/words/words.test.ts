import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { en, isWord } from './en.ts';
import { ja } from './ja.ts';
import { fill, pick, preferred, wants } from './language.ts';

const CONSOLE = new URL('..', import.meta.url);

test('both languages have every word, with the same things to fill in', () => {
	assert.deepEqual(Object.keys(ja).sort(), Object.keys(en).sort());
	for (const [word, english] of Object.entries(en)) {
		const japanese = ja[word as keyof typeof ja];
		assert.notEqual(japanese.trim(), '', word);
		// Japanese needs no plural; a number that only picks an English word may be left out.
		const needed = wants(english.replace(/\{\w+#[^}]*\}/gu, ''));
		const given = wants(japanese);
		assert.deepEqual(
			given.filter((name) => !needed.includes(name)),
			[],
			word,
		);
		assert.deepEqual(
			needed.filter((name) => !given.includes(name)),
			[],
			word,
		);
	}
});

test('no Japanese sentence was left in English', () => {
	const same = Object.keys(en).filter((word) => en[word as keyof typeof en] === ja[word as keyof typeof ja]);
	assert.deepEqual(same, ['system']);
});

test('every word that is asked for is in the table, and every error code of the interface has a sentence and a next step', () => {
	for (const file of readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' })) {
		if (!/\.tsx?$/u.test(file) || file.endsWith('.test.ts')) continue;
		const source = readFileSync(new URL(file, CONSOLE), 'utf8');
		for (const [, word = ''] of source.matchAll(/\bt\(\s*'(\w+)'/gu)) assert.ok(isWord(word), `${file}: ${word}`);
	}
	const http = readFileSync(new URL('../../../docs/http.md', import.meta.url), 'utf8');
	const codes = [...http.matchAll(/^\| `(\w+)` \| \d{3} \|/gmu)].map((match) => match[1] ?? '');
	assert.ok(codes.length > 10);
	// What only a visitor's page can be told, and what only an opened socket would tell, whose answer a browser keeps to itself.
	const others = new Set([
		'consent_missing',
		'consent_off',
		'key_mismatch',
		'proof_invalid',
		'too_old',
		'upgrade_required',
	]);
	for (const code of codes) {
		if (others.has(code)) continue;
		assert.ok(isWord(`error_${code}`) && isWord(`next_${code}`), code);
	}
});

test('the language is the first of the browser’s that the console speaks', () => {
	assert.equal(preferred(['fr-FR', 'ja-JP', 'en']), 'ja');
	assert.equal(preferred(['en-GB', 'ja']), 'en');
	assert.equal(preferred(['de']), 'en');
	assert.equal(preferred([]), 'en');
});

test('a sentence is filled in once: what is put in is never read as a pattern', () => {
	assert.equal(fill('“{name}” {n} {n#line|lines}', { name: '{n}', n: 1 }), '“{n}” 1 line');
	assert.equal(fill('{n} {n#line|lines}', { n: 2 }), '2 lines');
	assert.equal(
		fill('{n}', { n: 1200 }, (value) => value.toLocaleString('en')),
		'1,200',
	);
	assert.equal(fill('{missing} {toString}', {}), '{missing} {toString}');
	assert.equal(fill('{name}', { name: '$& $1' }), '$& $1');
});

test('a text by language falls back to English, then to the first there is', () => {
	assert.equal(pick({ en: 'a', ja: 'b' }, 'ja'), 'b');
	assert.equal(pick({ en: 'a' }, 'ja'), 'a');
	assert.equal(pick({ fr: 'c' }, 'ja'), 'c');
	assert.equal(pick('d', 'ja'), 'd');
	assert.equal(pick(undefined, 'ja'), '');
});
