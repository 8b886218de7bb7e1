/** The thank-you page and the page about the shop. */

import { findProduct } from '../lib/catalog.js';
import { h } from '../lib/dom.js';
import { findOrder } from '../lib/orders.js';
import { emptyPage, orderLines, totalsTable } from './parts.js';

/** @typedef {import("../lib/shop.js").Shop} Shop */
/** @typedef {import("../lib/shop.js").View} View */

/**
 * `purchase` itself is pushed by `complete/purchase.js`, before any module.
 * @param {Shop} shop
 * @param {URL} url
 * @returns {View}
 */
export function completeView(shop, url) {
	const order = findOrder(shop.store, url.searchParams.get('order'));
	if (!order) {
		const title = shop.t('orderMissingTitle');
		const text = shop.t('orderMissing');
		return {
			title,
			events: [],
			render: () => [emptyPage({ title, text, href: '/shop/', action: shop.t('backHome') })],
		};
	}
	const goods = order.lines.flatMap(({ id, quantity }) => {
		const product = findProduct(id);
		return product ? [{ product, quantity }] : [];
	});
	return {
		title: shop.t('completeTitle'),
		events: [],
		render: () => [
			h(
				'section',
				{ class: 'complete' },
				h('img', { class: 'seal', src: '/shop/art/mark.svg', width: 64, height: 64, alt: '' }),
				h('h1', {}, shop.t('completeTitle')),
				h('p', {}, shop.t('completeText')),
				h('p', { class: 'order-number' }, shop.t('orderNumber'), ' ', h('strong', { id: 'order-id' }, order.id)),
				h('div', { class: 'summary' }, orderLines(shop, goods), totalsTable(shop, order.totals)),
				h('a', { class: 'button', href: '/shop/' }, shop.t('backHome')),
			),
		],
	};
}

/**
 * @param {Shop} shop
 * @returns {View}
 */
export function aboutView(shop) {
	return {
		title: shop.t('aboutTitle'),
		events: [],
		render: () => [
			h(
				'article',
				{ class: 'about' },
				h('img', { src: '/shop/art/hero.svg', width: 720, height: 560, alt: '' }),
				h(
					'div',
					{},
					h('h1', {}, shop.t('aboutTitle')),
					h('p', {}, shop.t('aboutText1')),
					h('p', {}, shop.t('aboutText2')),
					h('h2', {}, shop.t('aboutEvents')),
					h('p', {}, shop.t('aboutEventsText')),
					h('a', { class: 'button', href: '/shop/products/' }, shop.t('heroAction')),
				),
			),
		],
	};
}
