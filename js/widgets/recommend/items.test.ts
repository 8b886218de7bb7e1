import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemsOf, priceOf } from './items.ts';

const HERE = 'https://shop.example/tea#top';
const CONTENT = { kind: 'recommend', items: [{ title: 'Cup', url: '/cup' }] };

test('the page’s own list goes first, and the campaign’s where it has none', () => {
	const list = JSON.stringify([{ title: 'Pot', url: '/pot' }]);
	const titles = (from: string | undefined, page: string | undefined): unknown[] =>
		itemsOf({ ...CONTENT, ...(from ? { from } : {}) }, page, HERE).map(({ title }) => title);
	assert.deepEqual(titles('#list', list), ['Pot']);
	for (const unread of [undefined, '', '{', '{}', 'null']) assert.deepEqual(titles('#list', unread), ['Cup']);
	assert.deepEqual(titles(undefined, list), ['Cup']);
});

test('what leads nowhere, here, or to script is left out', () => {
	const list = JSON.stringify([
		null,
		7,
		{ title: 'no address' },
		{ url: '/untitled' },
		{ title: '', url: '/empty' },
		{ title: 'script', url: 'javascript:alert(1)' },
		{ title: 'this page', url: '/tea' },
		{ title: 'good', url: '/good' },
		...Array.from({ length: 30 }, (_, i) => ({ title: `t${i}`, url: `/${i}` })),
	]);
	const found = itemsOf({ kind: 'recommend', from: '#list' }, list, HERE);
	assert.equal(found[0]?.title, 'good');
	assert.equal(found.length, 24);
});

test('a price follows language and currency, and is left out where it is none', () => {
	const item = { title: 'x', url: '/x' };
	assert.equal(priceOf({ ...item, price: 1200, currency: 'JPY' }, 'en'), '¥1,200');
	assert.equal(priceOf({ ...item, price: 12.5, currency: 'EUR' }, 'de')?.replace(/\s/, ' '), '12,50 €');
	assert.equal(priceOf({ ...item, price: 12.5 }, 'en'), undefined);
	assert.equal(priceOf({ ...item, price: 12.5, currency: 'nope' }, 'en'), undefined);
	assert.equal(priceOf({ ...item, price: '<b>' as unknown as number, currency: 'JPY' }, 'en'), undefined);
});
