import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as cart from '../public/lib/cart.js';

const STANDARD = { discount: 0, tier: 'standard' };

test('adding counts pieces, stops at the most one may order, and says what went in', () => {
	const one = cart.add([], 'chasen', 2);
	assert.deepEqual(one, { lines: [{ id: 'chasen', quantity: 2 }], added: 2 });
	assert.deepEqual(cart.add(one.lines, 'chasen', 30), {
		lines: [{ id: 'chasen', quantity: cart.MAX_QUANTITY }],
		added: cart.MAX_QUANTITY - 2,
	});
	assert.equal(cart.add(one.lines, 'chasen', -1).added, 0);
	assert.deepEqual(cart.add(one.lines, 'no-such-thing', 1), { lines: one.lines, added: 0 });
});

test('setting a quantity reports the signed change; zero removes the line', () => {
	const lines = [
		{ id: 'chasen', quantity: 3 },
		{ id: 'matcha-30', quantity: 1 },
	];
	assert.deepEqual(cart.setQuantity(lines, 'chasen', 1).change, -2);
	assert.deepEqual(cart.setQuantity(lines, 'chasen', 0), { lines: [lines[1]], change: -3 });
	assert.deepEqual(cart.setQuantity(lines, 'chasen', Number.NaN), { lines, change: 0 });
	assert.deepEqual(cart.setQuantity(lines, 'chasen', 2.9).lines[0], { id: 'chasen', quantity: 2 });
});

test('what storage holds is not trusted', () => {
	for (const bad of [null, 'x', 7, {}, [null], [{ id: 1, quantity: 1 }], [{ id: 'chasen', quantity: '2' }]]) {
		assert.deepEqual(cart.readLines(bad), []);
	}
	assert.deepEqual(
		cart.readLines([
			{ id: 'chasen', quantity: 15 },
			{ id: 'gone', quantity: 1 },
			{ id: 'chasen', quantity: 15 },
			{ id: 'matcha-30', quantity: -4 },
		]),
		[{ id: 'chasen', quantity: cart.MAX_QUANTITY }],
	);
});

test('totals: goods, delivery, and the tax inside', () => {
	// Tea at 8 %, incense at 10 %, delivery at 10 %, each rate rounded down once.
	const lines = [
		{ id: 'sencha-100', quantity: 2 },
		{ id: 'incense-hinoki', quantity: 1 },
	];
	assert.deepEqual(cart.totals(lines, STANDARD), {
		count: 3,
		subtotal: 4132,
		discount: 0,
		shipping: 550,
		tax: Math.floor((2592 * 8) / 108) + Math.floor(((1540 + 550) * 10) / 110),
		total: 4682,
	});
	assert.deepEqual(cart.totals([], STANDARD), {
		count: 0,
		subtotal: 0,
		discount: 0,
		shipping: 0,
		tax: 0,
		total: 0,
	});
});

test('standard delivery is free from the threshold on, express never', () => {
	assert.equal(cart.shippingFee(cart.FREE_SHIPPING_FROM - 1, 'standard'), 550);
	assert.equal(cart.shippingFee(cart.FREE_SHIPPING_FROM, 'standard'), 0);
	assert.equal(cart.shippingFee(cart.FREE_SHIPPING_FROM, 'express'), 880);
});

test('a coupon never costs a visitor free delivery', () => {
	const lines = [{ id: 'kyusu-tokoname', quantity: 1 }];
	const { shipping, total } = cart.totals(lines, { discount: 2000, tier: 'standard' });
	assert.equal(shipping, 0);
	assert.equal(total, 4600);
});

test('a discount is whole yen between nothing and everything', () => {
	const cases = [
		[500, 500],
		[0.9, 0],
		[129.6, 129],
		[-300, 0],
		[99999, 1000],
		[Number.POSITIVE_INFINITY, 1000],
		[Number.NaN, 0],
		['500', 0],
		[undefined, 0],
	];
	for (const [amount, expected] of cases) assert.equal(cart.clampDiscount(amount, 1000), expected);
});

test('a split discount adds up to itself, whatever the amounts', () => {
	assert.deepEqual(cart.splitDiscount(100, [1, 1, 1]), [34, 33, 33]);
	assert.deepEqual(cart.splitDiscount(5, [0, 0]), [0, 0]);
	assert.deepEqual(cart.splitDiscount(0, [10, 20]), [0, 0]);
	for (let discount = 0; discount <= 300; discount += 1) {
		const parts = cart.splitDiscount(discount, [129, 864, 7, 1540]);
		assert.equal(
			parts.reduce((a, b) => a + b, 0),
			discount,
		);
		assert.ok(parts.every((part) => part >= 0));
		assert.ok(parts[2] <= 7);
	}
});

test('a coupon takes its tax along', () => {
	const lines = [{ id: 'noren-ai', quantity: 1 }];
	const free = cart.totals(lines, { discount: 9900, tier: 'standard' });
	assert.equal(free.total, 0);
	assert.equal(free.tax, 0);
});
