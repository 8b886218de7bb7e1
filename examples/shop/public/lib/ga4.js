/**
 * GA4 e-commerce events, as Google's reference names them, built from what the
 * shop knows. Pure builders plus `push`, the only place that touches a layer.
 *
 * `item_category` is the category's id, not its translated name: reports and
 * rules then read the same in both languages. `item_name` is what the visitor
 * sees. Prices and values are yen with tax included, as displayed; `value` is
 * goods after the coupon, without delivery.
 */

import { findProduct } from './catalog.js';

/** @typedef {import("./catalog.js").Product} Product */
/** @typedef {import("./cart.js").Line} Line */
/** @typedef {import("./cart.js").Totals} Totals */
/** @typedef {import("./i18n.js").Lang} Lang */
/** @typedef {{id: string, name: string}} List */
/** @typedef {{event: string, ecommerce?: Record<string, unknown>, search_term?: string}} LayerEvent */

export const CURRENCY = 'JPY';
export const BRAND = 'Norendo';

/**
 * @param {Product} product
 * @param {Lang} lang
 * @param {number} quantity
 */
export function item(product, lang, quantity) {
	return {
		item_id: product.id,
		item_name: product.name[lang],
		item_brand: BRAND,
		item_category: product.category,
		price: product.price,
		quantity,
	};
}

/**
 * @param {Product} product
 * @param {Lang} lang
 * @param {List} list
 * @param {number} index place in the list, from 0
 */
function listItem(product, lang, list, index) {
	return { ...item(product, lang, 1), item_list_id: list.id, item_list_name: list.name, index };
}

/**
 * @param {readonly Line[]} lines
 * @param {Lang} lang
 */
function lineItems(lines, lang) {
	return lines.flatMap((line) => {
		const product = findProduct(line.id);
		return product ? [item(product, lang, line.quantity)] : [];
	});
}

/**
 * @param {List} list
 * @param {readonly Product[]} products
 * @param {Lang} lang
 * @returns {LayerEvent}
 */
export function viewItemList(list, products, lang) {
	return {
		event: 'view_item_list',
		ecommerce: {
			item_list_id: list.id,
			item_list_name: list.name,
			items: products.map((product, index) => listItem(product, lang, list, index)),
		},
	};
}

/**
 * @param {List} list
 * @param {Product} product
 * @param {number} index
 * @param {Lang} lang
 * @returns {LayerEvent}
 */
export function selectItem(list, product, index, lang) {
	return {
		event: 'select_item',
		ecommerce: {
			item_list_id: list.id,
			item_list_name: list.name,
			items: [listItem(product, lang, list, index)],
		},
	};
}

/**
 * One product and a number of pieces: `view_item`, `add_to_cart`,
 * `remove_from_cart`.
 * @param {"view_item" | "add_to_cart" | "remove_from_cart"} event
 * @param {Product} product
 * @param {number} quantity
 * @param {Lang} lang
 * @returns {LayerEvent}
 */
export function productEvent(event, product, quantity, lang) {
	return {
		event,
		ecommerce: {
			currency: CURRENCY,
			value: product.price * quantity,
			items: [item(product, lang, quantity)],
		},
	};
}

/**
 * @param {string} term
 * @returns {LayerEvent}
 */
export function searchEvent(term) {
	return { event: 'search', search_term: term };
}

/**
 * The whole cart at a step of the order. `coupon` is left out when none is
 * applied, as are the details that a step does not have.
 * @param {"view_cart" | "begin_checkout" | "add_shipping_info" | "add_payment_info"} event
 * @param {readonly Line[]} lines
 * @param {Totals} totals
 * @param {{coupon?: string | undefined, shipping_tier?: string, payment_type?: string}} details
 * @param {Lang} lang
 * @returns {LayerEvent}
 */
export function cartEvent(event, lines, totals, details, lang) {
	const { coupon, ...rest } = details;
	return {
		event,
		ecommerce: {
			currency: CURRENCY,
			value: totals.subtotal - totals.discount,
			...(coupon === undefined ? {} : { coupon }),
			...rest,
			items: lineItems(lines, lang),
		},
	};
}

/**
 * @param {string} transactionId
 * @param {readonly Line[]} lines
 * @param {Totals} totals
 * @param {string | undefined} coupon
 * @param {Lang} lang
 * @returns {LayerEvent}
 */
export function purchase(transactionId, lines, totals, coupon, lang) {
	return {
		event: 'purchase',
		ecommerce: {
			transaction_id: transactionId,
			currency: CURRENCY,
			value: totals.subtotal - totals.discount,
			tax: totals.tax,
			shipping: totals.shipping,
			...(coupon === undefined ? {} : { coupon }),
			items: lineItems(lines, lang),
		},
	};
}

/**
 * Pushes an event; an e-commerce one clears the previous object first, because
 * a tag manager merges each push into what it already holds.
 * @param {unknown[]} layer
 * @param {LayerEvent} event
 */
export function push(layer, event) {
	if (event.ecommerce) layer.push({ ecommerce: null });
	layer.push(event);
}
