/** The product page. */

import { FREE_SHIPPING_FROM, MAX_QUANTITY } from '../lib/cart.js';
import { findCategory, findProduct, related } from '../lib/catalog.js';
import { h, picture } from '../lib/dom.js';
import { productEvent } from '../lib/ga4.js';
import { categoryUrl, emptyPage, listEvents, productGrid, stepper } from './parts.js';

/** @typedef {import("../lib/shop.js").Shop} Shop */
/** @typedef {import("../lib/shop.js").View} View */
/** @typedef {import("../lib/catalog.js").Product} Product */

/**
 * @param {Shop} shop
 * @param {URL} url
 * @returns {View}
 */
export function productView(shop, url) {
	const product = findProduct(url.searchParams.get('id'));
	if (!product) {
		const title = shop.t('noProductTitle');
		const text = shop.t('noProduct');
		const action = shop.t('cartEmptyAction');
		return { title, events: [], render: () => [emptyPage({ title, text, href: '/shop/products/', action })] };
	}
	const others = related(product, 4);
	const list = { id: 'related_products', name: shop.t('related') };
	return {
		title: shop.text(product.name),
		events: [productEvent('view_item', product, 1, shop.lang), ...listEvents(shop, list, others)],
		render: () => [
			breadcrumb(shop, product),
			h(
				'article',
				{ class: 'product' },
				h('div', { class: 'product-picture' }, picture(product.id, { eager: true })),
				h(
					'div',
					{ class: 'product-text' },
					h('h1', {}, shop.text(product.name)),
					h('p', { class: 'lead' }, shop.text(product.lead)),
					h(
						'p',
						{ class: 'product-price' },
						h('strong', {}, shop.money(product.price)),
						' ',
						h('small', {}, shop.t('taxIncluded')),
					),
					buy(shop, product),
					h('p', { class: 'story' }, shop.text(product.story)),
					facts(shop, product),
				),
			),
			h(
				'section',
				{ 'aria-labelledby': 'related' },
				h('h2', { id: 'related' }, shop.t('related')),
				productGrid(shop, list, others),
			),
		],
	};
}

/**
 * @param {Shop} shop
 * @param {Product} product
 */
function breadcrumb(shop, product) {
	const category = findCategory(product.category);
	return h(
		'nav',
		{ class: 'breadcrumb', 'aria-label': shop.t('breadcrumb') },
		h(
			'ol',
			{},
			h('li', {}, h('a', { href: '/shop/' }, shop.t('home'))),
			category ? h('li', {}, h('a', { href: categoryUrl(category.id) }, shop.text(category.name))) : null,
			h('li', { 'aria-current': 'page' }, shop.text(product.name)),
		),
	);
}

/**
 * @param {Shop} shop
 * @param {Product} product
 */
function buy(shop, product) {
	let quantity = 1;
	const status = h('p', { class: 'added', role: 'status', id: 'added' });
	const name = shop.text(product.name);
	/** @param {Event} event */
	const submit = (event) => {
		event.preventDefault();
		const added = shop.addToCart(product, quantity);
		const words = added > 0 ? shop.t('added', { name }) : shop.t('addedNone', { name, max: MAX_QUANTITY });
		status.replaceChildren(words, ' ', h('a', { href: '/shop/cart/' }, shop.t('toCart')));
	};
	return h(
		'form',
		{ class: 'buy', novalidate: true, onsubmit: submit },
		h(
			'div',
			{ class: 'buy-row' },
			stepper(shop, {
				id: 'quantity',
				label: shop.t('quantity'),
				value: 1,
				min: 1,
				max: MAX_QUANTITY,
				onchange: (value) => {
					quantity = value;
				},
			}),
			h('button', { class: 'button', type: 'submit', id: 'add-to-cart' }, shop.t('addToCart')),
		),
		status,
		h('p', { class: 'hint' }, shop.t('deliveryNote', { free: shop.money(FREE_SHIPPING_FROM) })),
	);
}

/**
 * @param {Shop} shop
 * @param {Product} product
 */
function facts(shop, product) {
	return h(
		'dl',
		{ class: 'facts' },
		.../** @type {const} */ (['size', 'origin', 'care']).flatMap((key) => [
			h('dt', {}, shop.t(key)),
			h('dd', {}, shop.text(product[key])),
		]),
	);
}
