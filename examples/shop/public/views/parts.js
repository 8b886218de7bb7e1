/** Pieces that several pages show. */

import { h, picture } from '../lib/dom.js';
import { selectItem, viewItemList } from '../lib/ga4.js';

/** @typedef {import("../lib/shop.js").Shop} Shop */
/** @typedef {import("../lib/catalog.js").Product} Product */
/** @typedef {import("../lib/ga4.js").List} List */
/** @typedef {import("../lib/cart.js").Line} Line */
/** @typedef {import("../lib/cart.js").Totals} Totals */

/** @param {string} id */
export function productUrl(id) {
	return `/shop/product/?id=${encodeURIComponent(id)}`;
}

/** @param {string} id */
export function categoryUrl(id) {
	return `/shop/products/?category=${encodeURIComponent(id)}`;
}

/**
 * A grid of product cards; choosing one reports `select_item` with its place.
 * The first row may load at once, the rest as it comes into view.
 * @param {Shop} shop
 * @param {List} list
 * @param {readonly Product[]} products
 * @param {{eager?: number}} [options]
 */
export function productGrid(shop, list, products, { eager = 0 } = {}) {
	return h(
		'ul',
		{ class: 'grid' },
		...products.map((product, index) =>
			h(
				'li',
				{ class: 'card' },
				h(
					'a',
					{
						href: productUrl(product.id),
						onclick: () => shop.push(selectItem(list, product, index, shop.lang)),
					},
					h('span', { class: 'card-picture' }, picture(product.id, { eager: index < eager })),
					h('span', { class: 'card-name' }, shop.text(product.name)),
					h('span', { class: 'card-lead' }, shop.text(product.lead)),
					h('span', { class: 'card-price' }, shop.money(product.price), ' ', h('small', {}, shop.t('taxIncluded'))),
				),
			),
		),
	);
}

/**
 * @param {Shop} shop
 * @param {List} list
 * @param {readonly Product[]} products
 */
export function listEvents(shop, list, products) {
	return products.length > 0 ? [viewItemList(list, products, shop.lang)] : [];
}

/**
 * A number field between two buttons. `onchange` gets a whole number in
 * `min..=max`; what cannot be read falls back to `value`.
 * @param {Shop} shop
 * @param {{id: string, label: string, value: number, min: number, max: number, onchange: (value: number) => void}} options
 */
export function stepper(shop, { id, label, value, min, max, onchange }) {
	const input = h('input', {
		id,
		type: 'number',
		inputmode: 'numeric',
		min,
		max,
		value,
		'aria-label': label,
		onchange: () => settle(Number(input.value)),
	});
	/** @param {number} wanted */
	function settle(wanted) {
		const whole = Number.isFinite(wanted) && input.value !== '' ? Math.trunc(wanted) : value;
		input.value = String(Math.min(max, Math.max(min, whole)));
		onchange(Number(input.value));
	}
	/** @param {number} by */
	const button = (by) =>
		h(
			'button',
			{
				type: 'button',
				id: `${id}-${by < 0 ? 'fewer' : 'more'}`,
				'aria-label': `${shop.t(by < 0 ? 'fewer' : 'more')}: ${label}`,
				'aria-controls': id,
				onclick: () => settle(Number(input.value) + by),
			},
			by < 0 ? '−' : '+',
		);
	return h('span', { class: 'stepper' }, button(-1), input, button(1));
}

/**
 * Rows of a sum: goods, coupon, delivery, total.
 * @param {Shop} shop
 * @param {Totals} totals
 */
export function totalsTable(shop, totals) {
	/** @param {string} name @param {string} amount @param {string} [kind] */
	const row = (name, amount, kind) => [h('dt', { class: kind ?? '' }, name), h('dd', { class: kind ?? '' }, amount)];
	return h(
		'dl',
		{ class: 'totals' },
		...row(shop.t('subtotal'), shop.money(totals.subtotal)),
		...(totals.discount > 0 ? row(shop.t('discount'), `−${shop.money(totals.discount)}`, 'discount') : []),
		...row(shop.t('shipping'), totals.shipping === 0 ? shop.t('shippingFree') : shop.money(totals.shipping)),
		...row(shop.t('total'), shop.money(totals.total), 'total'),
		h('dd', { class: 'tax' }, shop.t('includedTax', { tax: shop.money(totals.tax) })),
	);
}

/**
 * A short list of what is ordered.
 * @param {Shop} shop
 * @param {readonly {product: Product, quantity: number}[]} goods
 */
export function orderLines(shop, goods) {
	return h(
		'ul',
		{ class: 'order-lines' },
		...goods.map(({ product, quantity }) =>
			h(
				'li',
				{},
				picture(product.id, { eager: true }),
				h('span', { class: 'order-name' }, shop.text(product.name)),
				h('span', { class: 'order-quantity' }, `× ${quantity}`),
				h('span', { class: 'order-price' }, shop.money(product.price * quantity)),
			),
		),
	);
}

/**
 * A page that has nothing to show: what happened and one way on.
 * @param {{title: string, text: string, href: string, action: string}} words
 */
export function emptyPage({ title, text, href, action }) {
	return h(
		'section',
		{ class: 'empty' },
		h('h1', {}, title),
		h('p', {}, text),
		h('a', { class: 'button', href }, action),
	);
}
