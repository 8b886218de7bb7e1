/**
 * Cart arithmetic. Pure: lines in, lines out; money is whole yen everywhere.
 */

import { findProduct } from './catalog.js';

/** @typedef {{id: string, quantity: number}} Line */
/** @typedef {"standard" | "express"} ShippingTier */
/**
 * @typedef {object} Totals
 * @property {number} count pieces in the cart
 * @property {number} subtotal goods, tax included, before the coupon
 * @property {number} discount what the coupon takes off, never more than `subtotal`
 * @property {number} shipping
 * @property {number} tax consumption tax contained in `total`
 * @property {number} total what is paid
 */

/** The most pieces of one product that a visitor may order. */
export const MAX_QUANTITY = 20;
/** Standard delivery is free from this value of goods, in yen. */
export const FREE_SHIPPING_FROM = 5500;
/** Fees in yen, tax included. Express is never free. */
export const SHIPPING_FEE = { standard: 550, express: 880 };
const SHIPPING_TAX_PERCENT = 10;

/**
 * Reads lines that came from storage: whatever is not a known product with a
 * sane quantity is dropped, and a product stands on one line only.
 * @param {unknown} stored
 * @returns {Line[]}
 */
export function readLines(stored) {
	if (!Array.isArray(stored)) return [];
	/** @type {Line[]} */
	let lines = [];
	for (const entry of stored) {
		const { id, quantity } = /** @type {Partial<Line>} */ (entry ?? {});
		if (typeof id !== 'string' || !Number.isInteger(quantity)) continue;
		lines = add(lines, id, Number(quantity)).lines;
	}
	return lines;
}

/**
 * Adds pieces of a product. `added` says how many really went in, because
 * `MAX_QUANTITY` may hold some back: events report only what happened.
 * @param {readonly Line[]} lines
 * @param {string} id
 * @param {number} quantity
 * @returns {{lines: Line[], added: number}}
 */
export function add(lines, id, quantity) {
	const present = lines.find((line) => line.id === id)?.quantity ?? 0;
	const { lines: next, change } = setQuantity(lines, id, present + Math.max(0, quantity));
	return { lines: next, added: change };
}

/**
 * Sets a line to `quantity`, clamped to `0..=MAX_QUANTITY`; zero removes it.
 * `change` is the signed number of pieces that moved. Unknown products change
 * nothing.
 * @param {readonly Line[]} lines
 * @param {string} id
 * @param {number} quantity
 * @returns {{lines: Line[], change: number}}
 */
export function setQuantity(lines, id, quantity) {
	const present = lines.find((line) => line.id === id)?.quantity ?? 0;
	if (!findProduct(id) || !Number.isFinite(quantity)) return { lines: [...lines], change: 0 };
	const wanted = Math.min(MAX_QUANTITY, Math.max(0, Math.trunc(quantity)));
	const change = wanted - present;
	if (present === 0) {
		return { lines: wanted === 0 ? [...lines] : [...lines, { id, quantity: wanted }], change };
	}
	const next = lines
		.map((line) => (line.id === id ? { id, quantity: wanted } : line))
		.filter((line) => line.quantity > 0);
	return { lines: next, change };
}

/**
 * A coupon's discount as money that can be taken off: whole yen, rounded down
 * in the shop's favour, within `0..=subtotal`. What is not a number is no
 * discount.
 * @param {unknown} amount
 * @param {number} subtotal
 */
export function clampDiscount(amount, subtotal) {
	if (typeof amount !== 'number' || Number.isNaN(amount)) return 0;
	return Math.min(subtotal, Math.max(0, Math.floor(amount)));
}

/**
 * Splits a discount over amounts in proportion to them, in whole yen, so that
 * the parts add up exactly: largest remainder first, earlier line on a tie.
 * @param {number} discount `0..=` the sum of `amounts`
 * @param {readonly number[]} amounts
 * @returns {number[]}
 */
export function splitDiscount(discount, amounts) {
	const sum = amounts.reduce((a, b) => a + b, 0);
	if (sum === 0) return amounts.map(() => 0);
	const parts = amounts.map((amount, index) => {
		const share = discount * amount;
		return { index, yen: Math.floor(share / sum), rest: share % sum };
	});
	let left = discount - parts.reduce((a, part) => a + part.yen, 0);
	for (const part of [...parts].sort((a, b) => b.rest - a.rest || a.index - b.index)) {
		if (left === 0) break;
		part.yen += 1;
		left -= 1;
	}
	return parts.map((part) => part.yen);
}

/**
 * @param {number} subtotal before the coupon, so that a coupon never costs a visitor free delivery
 * @param {ShippingTier} tier
 */
export function shippingFee(subtotal, tier) {
	if (subtotal === 0) return 0;
	if (tier === 'standard' && subtotal >= FREE_SHIPPING_FROM) return 0;
	return SHIPPING_FEE[tier];
}

/**
 * Everything the summary shows. Tax is the part contained in the price; as on
 * a Japanese invoice it is rounded down once for each rate, after the coupon
 * has been spread over the goods.
 * @param {readonly Line[]} lines
 * @param {{discount: number, tier: ShippingTier}} terms
 * @returns {Totals}
 */
export function totals(lines, { discount: wanted, tier }) {
	const goods = lines.flatMap((line) => {
		const product = findProduct(line.id);
		return product ? [{ yen: product.price * line.quantity, percent: product.taxPercent }] : [];
	});
	const subtotal = goods.reduce((sum, { yen }) => sum + yen, 0);
	const discount = clampDiscount(wanted, subtotal);
	const shipping = shippingFee(subtotal, tier);
	const parts = splitDiscount(
		discount,
		goods.map(({ yen }) => yen),
	);

	/** @type {Map<number, number>} */
	const byRate = new Map([[SHIPPING_TAX_PERCENT, shipping]]);
	goods.forEach(({ yen, percent }, index) => {
		byRate.set(percent, (byRate.get(percent) ?? 0) + yen - (parts[index] ?? 0));
	});
	let tax = 0;
	for (const [percent, yen] of byRate) tax += Math.floor((yen * percent) / (100 + percent));

	return {
		count: lines.reduce((sum, line) => sum + line.quantity, 0),
		subtotal,
		discount,
		shipping,
		tax,
		total: subtotal - discount + shipping,
	};
}
