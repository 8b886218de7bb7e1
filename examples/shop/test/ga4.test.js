import assert from 'node:assert/strict';
import { test } from 'node:test';

import { totals } from '../public/lib/cart.js';
import { PRODUCTS } from '../public/lib/catalog.js';
import * as ga4 from '../public/lib/ga4.js';

// What Google's recommended-events reference asks of each event, and which
// further parameters it knows.
const LIST = ['item_list_id', 'item_list_name'];
const MONEY = ['currency', 'value'];
const FIELDS = {
	view_item_list: { required: ['items'], optional: LIST },
	select_item: { required: ['items'], optional: LIST },
	view_item: { required: ['items', ...MONEY], optional: [] },
	add_to_cart: { required: ['items', ...MONEY], optional: [] },
	remove_from_cart: { required: ['items', ...MONEY], optional: [] },
	view_cart: { required: ['items', ...MONEY], optional: [] },
	begin_checkout: { required: ['items', ...MONEY], optional: ['coupon'] },
	add_shipping_info: { required: ['items', ...MONEY], optional: ['coupon', 'shipping_tier'] },
	add_payment_info: { required: ['items', ...MONEY], optional: ['coupon', 'payment_type'] },
	purchase: {
		required: ['transaction_id', 'items', ...MONEY],
		optional: ['tax', 'shipping', 'coupon'],
	},
};
const ITEM = ['item_id', 'item_name', 'item_brand', 'item_category', 'price', 'quantity'];
const ITEM_OPTIONAL = [...LIST, 'index'];

const lines = [
	{ id: 'kyusu-tokoname', quantity: 1 },
	{ id: 'sencha-100', quantity: 2 },
];
const sum = totals(lines, { discount: 500, tier: 'express' });
const list = { id: 'home_featured', name: 'おすすめ' };
const [sencha] = PRODUCTS;

const events = [
	ga4.viewItemList(list, PRODUCTS, 'ja'),
	ga4.selectItem(list, sencha, 3, 'en'),
	ga4.productEvent('view_item', sencha, 1, 'ja'),
	ga4.productEvent('add_to_cart', sencha, 3, 'ja'),
	ga4.productEvent('remove_from_cart', sencha, 2, 'en'),
	ga4.cartEvent('view_cart', lines, sum, {}, 'ja'),
	ga4.cartEvent('begin_checkout', lines, sum, { coupon: 'A1' }, 'ja'),
	ga4.cartEvent('add_shipping_info', lines, sum, { coupon: undefined, shipping_tier: 'express' }, 'ja'),
	ga4.cartEvent('add_payment_info', lines, sum, { coupon: 'A1', payment_type: 'konbini' }, 'ja'),
	ga4.purchase('ND-1', lines, sum, 'A1', 'ja'),
];

test('every event the shop knows is covered', () => {
	assert.deepEqual(events.map(({ event }) => event).sort(), Object.keys(FIELDS).sort());
});

for (const { event, ecommerce } of events) {
	test(`${event} has the fields of GA4 and no others`, () => {
		const { required, optional } = FIELDS[event];
		for (const field of required) assert.ok(ecommerce[field] !== undefined, `${field} is missing`);
		for (const [field, value] of Object.entries(ecommerce)) {
			assert.ok([...required, ...optional].includes(field), `${field} is not a field of ${event}`);
			assert.notEqual(value, undefined, `${field} is there without a value`);
		}
		assert.ok(ecommerce.items.length > 0);
		for (const item of ecommerce.items) {
			for (const field of ITEM) assert.ok(item[field] !== undefined, `item.${field} is missing`);
			for (const field of Object.keys(item)) assert.ok([...ITEM, ...ITEM_OPTIONAL].includes(field), field);
			assert.ok(Number.isInteger(item.price) && item.price > 0);
			assert.ok(Number.isInteger(item.quantity) && item.quantity > 0);
		}
		if (ecommerce.value !== undefined) assert.equal(ecommerce.currency, 'JPY');
	});
}

test('values are what was seen: pieces times price, less the coupon', () => {
	const value = (name) => events.find(({ event }) => event === name).ecommerce.value;
	assert.equal(value('view_item'), 1296);
	assert.equal(value('add_to_cart'), 3 * 1296);
	assert.equal(value('remove_from_cart'), 2 * 1296);
	assert.equal(value('purchase'), 6600 + 2 * 1296 - 500);
});

test('purchase carries delivery and tax apart from the value', () => {
	const { ecommerce } = ga4.purchase('ND-1', lines, sum, undefined, 'en');
	assert.equal(ecommerce.shipping, 880);
	assert.equal(ecommerce.tax, sum.tax);
	assert.equal('coupon' in ecommerce, false);
	assert.equal(ecommerce.items[0].item_name, 'Tokoname kyusu teapot, red clay');
});

test("a list keeps each item's place", () => {
	const { items } = ga4.viewItemList(list, PRODUCTS, 'ja').ecommerce;
	assert.deepEqual(
		items.map(({ index }) => index),
		PRODUCTS.map((_, index) => index),
	);
});

test('an e-commerce push clears the previous object first; a search does not', () => {
	const layer = [];
	ga4.push(layer, events[2]);
	ga4.push(layer, ga4.searchEvent('急須'));
	assert.deepEqual(layer, [{ ecommerce: null }, events[2], { event: 'search', search_term: '急須' }]);
});
