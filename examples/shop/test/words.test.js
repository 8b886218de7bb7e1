import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FIELDS, SAMPLE, checkAddress } from '../public/lib/address.js';
import { CATEGORIES, FEATURED, PRODUCTS, fold, related, search } from '../public/lib/catalog.js';
import { LANGUAGES, MESSAGES, chooseLanguage, message, money } from '../public/lib/i18n.js';

const KANA_OR_KANJI = /[\u3040-\u30ff\u4e00-\u9fff]/;
const placeholders = (text) => (text.match(/\{\w+\}/g) ?? []).sort();

test('both languages have the same messages with the same placeholders', () => {
	assert.deepEqual(Object.keys(MESSAGES.en), Object.keys(MESSAGES.ja));
	for (const [key, ja] of Object.entries(MESSAGES.ja)) {
		const en = MESSAGES.en[key];
		assert.ok(ja.trim() && en.trim(), `${key} is empty`);
		assert.deepEqual(placeholders(en), placeholders(ja), key);
		assert.doesNotMatch(en, KANA_OR_KANJI, `${key} is not English`);
	}
});

test('every product and category is described in both languages', () => {
	const texts = [
		...CATEGORIES.flatMap(({ id, name, lead }) => [
			[id, name],
			[id, lead],
		]),
		...PRODUCTS.flatMap(({ id, name, lead, story, size, origin, care }) =>
			[name, lead, story, size, origin, care].map((text) => [id, text]),
		),
	];
	for (const [id, text] of texts) {
		assert.deepEqual(Object.keys(text).sort(), [...LANGUAGES].sort(), id);
		assert.match(text.ja, KANA_OR_KANJI, id);
		assert.ok(text.en.trim(), id);
		assert.doesNotMatch(text.en, KANA_OR_KANJI, id);
	}
});

test('a dozen products, each in a real category, with its own id', () => {
	assert.equal(PRODUCTS.length, 12);
	assert.equal(new Set(PRODUCTS.map(({ id }) => id)).size, 12);
	for (const { category } of PRODUCTS) assert.ok(CATEGORIES.some(({ id }) => id === category));
	for (const id of FEATURED) assert.ok(PRODUCTS.some((product) => product.id === id));
});

test('the address bar wins, then the earlier choice, then the browser', () => {
	const cases = [
		[{ query: 'en', stored: 'ja', browser: ['ja'] }, 'en'],
		[{ query: null, stored: 'ja', browser: ['en-US'] }, 'ja'],
		[{ query: 'fr', stored: null, browser: ['fr-FR', 'ja-JP', 'en'] }, 'ja'],
		[{ query: null, stored: 'xx', browser: ['de'] }, 'en'],
		[{ query: 'JA', stored: null, browser: [] }, 'ja'],
	];
	for (const [known, expected] of cases) assert.equal(chooseLanguage(known), expected);
});

test('values go into messages as they are', () => {
	assert.equal(message('en', 'searchNone', { q: '<b>{n}$&' }), 'Nothing matches “<b>{n}$&”. Try another word.');
});

test('yen have no decimals', () => {
	assert.match(money('ja', 1296), /^[¥￥]1,296$/u);
	assert.equal(money('en', 1296), '¥1,296');
});

test('search reads kana, width and case alike, in both languages', () => {
	const ids = (query) => search(query).map(({ id }) => id);
	assert.equal(fold('ユノミ ＡＢＣ'), 'ゆのみ abc');
	assert.equal(ids('ゆのみ')[0], 'yunomi-ai');
	assert.equal(ids('ユノミ')[0], 'yunomi-ai');
	assert.deepEqual(ids('ＫＹＵＳＵ'), ['kyusu-tokoname']);
	assert.deepEqual(ids('teapot red'), ['kyusu-tokoname']);
	assert.deepEqual(ids('gift'), ['tenugui-seigaiha', 'furoshiki-asanoha']);
	assert.deepEqual(ids('  　'), []);
	assert.deepEqual(ids('<script>'), []);
});

test('every idea offered for a search finds something', () => {
	for (const lang of LANGUAGES) {
		for (const key of ['idea1', 'idea2', 'idea3', 'idea4']) {
			assert.ok(search(MESSAGES[lang][key]).length > 0, MESSAGES[lang][key]);
		}
	}
});

test('related products are others, the same shelf first', () => {
	const [sencha] = PRODUCTS;
	const others = related(sencha, 4);
	assert.equal(others.length, 4);
	assert.ok(others.every(({ id }) => id !== sencha.id));
	assert.deepEqual(
		others.slice(0, 2).map(({ category }) => category),
		['tea', 'tea'],
	);
});

test('an address is accepted as people write it', () => {
	for (const lang of LANGUAGES) assert.deepEqual(checkAddress(SAMPLE[lang]), {});
	const good = SAMPLE.ja;
	for (const postal of ['6048005', '６０４−８００５', '604ー8005', ' 604-8005 ']) {
		assert.deepEqual(checkAddress({ ...good, postal }), {}, postal);
	}
	assert.deepEqual(checkAddress({ ...good, postal: '604-80' }), { postal: 'errorPostal' });
	assert.deepEqual(checkAddress({ ...good, email: 'hana@' }), { email: 'errorEmail' });
	const empty = Object.fromEntries(FIELDS.map((field) => [field, ' ']));
	assert.deepEqual(Object.keys(checkAddress(empty)), FIELDS);
});
