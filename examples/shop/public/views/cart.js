/** The cart page. */

import { FREE_SHIPPING_FROM, MAX_QUANTITY, totals } from '../lib/cart.js';
import { findProduct } from '../lib/catalog.js';
import { h, picture } from '../lib/dom.js';
import { cartEvent } from '../lib/ga4.js';
import { emptyPage, productUrl, stepper, totalsTable } from './parts.js';

/** @typedef {import("../lib/shop.js").Shop} Shop */
/** @typedef {import("../lib/shop.js").View} View */
/** @typedef {import("../lib/catalog.js").Product} Product */

const TERMS = /** @type {const} */ ({ discount: 0, tier: 'standard' });

/**
 * @param {Shop} shop
 * @returns {View}
 */
export function cartView(shop) {
	const title = shop.t('cartTitle');
	const lines = shop.lines();
	const body = h('div', { id: 'cart' });
	const status = h('p', { class: 'visually-hidden', role: 'status' });

	function draw() {
		const now = shop.lines();
		body.replaceChildren(...(now.length === 0 ? [emptyCart(shop)] : [full(shop, now, change)]));
	}

	// Drawing anew loses the focus; it goes back to the same control, or to the
	// heading when its line is gone.
	/** @param {Product} product @param {number} quantity */
	function change(product, quantity) {
		const focus = document.activeElement?.id ?? '';
		if (shop.setQuantity(product, quantity) === 0) return;
		draw();
		if (quantity === 0) status.textContent = shop.t('removed', { name: shop.text(product.name) });
		const target = document.getElementById(focus) ?? document.querySelector('main h1');
		if (target instanceof HTMLElement) target.focus();
	}

	return {
		title,
		events: lines.length === 0 ? [] : [cartEvent('view_cart', lines, totals(lines, TERMS), {}, shop.lang)],
		render: () => {
			draw();
			return [body, status];
		},
	};
}

/** @param {Shop} shop */
function emptyCart(shop) {
	return emptyPage({
		title: shop.t('cartTitle'),
		text: shop.t('cartEmpty'),
		href: '/shop/products/',
		action: shop.t('cartEmptyAction'),
	});
}

/**
 * @param {Shop} shop
 * @param {import("../lib/cart.js").Line[]} lines
 * @param {(product: Product, quantity: number) => void} change
 */
function full(shop, lines, change) {
	const sum = totals(lines, TERMS);
	const rows = lines.flatMap(({ id, quantity }) => {
		const product = findProduct(id);
		return product ? [row(shop, product, quantity, change)] : [];
	});
	return h(
		'div',
		{ class: 'with-aside' },
		h(
			'section',
			{},
			h('h1', { tabindex: -1 }, shop.t('cartTitle')),
			h('ul', { class: 'cart-lines' }, ...rows),
			h('a', { class: 'quiet', href: '/shop/products/' }, shop.t('keepShopping')),
		),
		h(
			'aside',
			{ class: 'summary', 'aria-labelledby': 'summary' },
			h('h2', { id: 'summary' }, shop.t('summary')),
			freeShipping(shop, sum.subtotal),
			totalsTable(shop, sum),
			h('a', { class: 'button wide', href: '/shop/checkout/', id: 'to-checkout' }, shop.t('checkout')),
		),
	);
}

/**
 * @param {Shop} shop
 * @param {Product} product
 * @param {number} quantity
 * @param {(product: Product, quantity: number) => void} change
 */
function row(shop, product, quantity, change) {
	const name = shop.text(product.name);
	const field = `quantity-${product.id}`;
	return h(
		'li',
		{ 'data-item': product.id },
		h('a', { href: productUrl(product.id), tabindex: -1, 'aria-hidden': 'true' }, picture(product.id, { eager: true })),
		h(
			'div',
			{ class: 'cart-text' },
			h('a', { class: 'cart-name', href: productUrl(product.id) }, name),
			h('span', { class: 'hint' }, shop.t('unitPrice', { price: shop.money(product.price) })),
		),
		stepper(shop, {
			id: field,
			label: `${name} ${shop.t('quantity')}`,
			value: quantity,
			min: 0,
			max: MAX_QUANTITY,
			onchange: (value) => change(product, value),
		}),
		h('span', { class: 'cart-price' }, shop.money(product.price * quantity)),
		h(
			'button',
			{
				class: 'quiet remove',
				type: 'button',
				'aria-label': shop.t('removeNamed', { name }),
				onclick: () => change(product, 0),
			},
			shop.t('remove'),
		),
	);
}

/**
 * @param {Shop} shop
 * @param {number} subtotal
 */
function freeShipping(shop, subtotal) {
	const missing = FREE_SHIPPING_FROM - subtotal;
	const words = missing > 0 ? shop.t('freeShippingIn', { amount: shop.money(missing) }) : shop.t('freeShippingReached');
	return h(
		'div',
		{ class: 'free-shipping' },
		h('p', { id: 'free-shipping' }, words),
		h('progress', {
			max: FREE_SHIPPING_FROM,
			value: Math.min(subtotal, FREE_SHIPPING_FROM),
			'aria-labelledby': 'free-shipping',
		}),
	);
}
