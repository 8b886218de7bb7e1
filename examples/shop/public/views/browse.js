/** The pages one browses by: front page, product list, search results. */

import * as catalog from '../lib/catalog.js';
import { h, picture } from '../lib/dom.js';
import { searchEvent } from '../lib/ga4.js';
import { categoryUrl, listEvents, productGrid } from './parts.js';

/** @typedef {import("../lib/shop.js").Shop} Shop */
/** @typedef {import("../lib/shop.js").View} View */

/**
 * @param {Shop} shop
 * @returns {View}
 */
export function homeView(shop) {
	const products = catalog.PRODUCTS.filter(({ id }) => catalog.FEATURED.includes(id)).sort(
		(a, b) => catalog.FEATURED.indexOf(a.id) - catalog.FEATURED.indexOf(b.id),
	);
	const list = { id: 'home_featured', name: shop.t('featured') };
	return {
		title: shop.t('shopLine'),
		events: listEvents(shop, list, products),
		render: () => [hero(shop), featured(shop, list, products), shelves(shop), promises(shop)],
	};
}

/** @param {Shop} shop */
function hero(shop) {
	return h(
		'section',
		{ class: 'hero' },
		h(
			'div',
			{ class: 'hero-text' },
			h('h1', {}, shop.t('heroTitle')),
			h('p', {}, shop.t('heroText')),
			h('a', { class: 'button', href: '/shop/products/' }, shop.t('heroAction')),
		),
		h('img', {
			class: 'hero-art',
			src: '/shop/art/hero.svg',
			width: 720,
			height: 560,
			alt: '',
			fetchpriority: 'high',
		}),
	);
}

/**
 * @param {Shop} shop
 * @param {import("../lib/ga4.js").List} list
 * @param {readonly catalog.Product[]} products
 */
function featured(shop, list, products) {
	return h(
		'section',
		{ 'aria-labelledby': 'featured' },
		h(
			'div',
			{ class: 'section-head' },
			h('h2', { id: 'featured' }, shop.t('featured')),
			h('a', { href: '/shop/products/' }, shop.t('seeAll')),
		),
		productGrid(shop, list, products, { eager: 4 }),
	);
}

/** @param {Shop} shop */
function shelves(shop) {
	return h(
		'section',
		{ 'aria-labelledby': 'shelves' },
		h('h2', { id: 'shelves' }, shop.t('categories')),
		h(
			'ul',
			{ class: 'shelves' },
			...catalog.CATEGORIES.map((category) =>
				h(
					'li',
					{},
					h(
						'a',
						{ href: categoryUrl(category.id) },
						picture(category.picture),
						h('span', { class: 'shelf-name' }, shop.text(category.name)),
						h('span', { class: 'shelf-lead' }, shop.text(category.lead)),
					),
				),
			),
		),
	);
}

/** @param {Shop} shop */
function promises(shop) {
	const items = /** @type {const} */ ([
		['promise1', 'promise1Text'],
		['promise2', 'promise2Text'],
		['promise3', 'promise3Text'],
	]);
	return h(
		'section',
		{ class: 'promises', 'aria-labelledby': 'promises' },
		h('h2', { id: 'promises' }, shop.t('promiseTitle')),
		h('ol', {}, ...items.map(([title, text]) => h('li', {}, h('h3', {}, shop.t(title)), h('p', {}, shop.t(text))))),
	);
}

/**
 * @param {Shop} shop
 * @param {URL} url
 * @returns {View}
 */
export function listView(shop, url) {
	const wanted = url.searchParams.get('category');
	const category = catalog.findCategory(wanted);
	const products = category ? catalog.PRODUCTS.filter((product) => product.category === category.id) : catalog.PRODUCTS;
	const title = category ? shop.text(category.name) : shop.t('all');
	const list = { id: category ? `category_${category.id}` : 'all_products', name: title };
	return {
		title,
		events: listEvents(shop, list, products),
		render: () => [
			h(
				'section',
				{},
				h('h1', {}, title),
				wanted !== null && !category && h('p', { class: 'notice' }, shop.t('noCategory')),
				filter(shop, category?.id),
				h('p', { class: 'count' }, shop.t('listLead', { n: products.length })),
				productGrid(shop, list, products, { eager: 4 }),
			),
		],
	};
}

/**
 * @param {Shop} shop
 * @param {catalog.CategoryId | undefined} current
 */
function filter(shop, current) {
	/** @param {string} href @param {string} name @param {boolean} here */
	const chip = (href, name, here) =>
		h('li', {}, h('a', { class: 'chip', href, 'aria-current': here ? 'page' : undefined }, name));
	return h(
		'nav',
		{ 'aria-label': shop.t('filter') },
		h(
			'ul',
			{ class: 'chips' },
			chip('/shop/products/', shop.t('all'), current === undefined),
			...catalog.CATEGORIES.map(({ id, name }) => chip(categoryUrl(id), shop.text(name), id === current)),
		),
	);
}

/**
 * @param {Shop} shop
 * @param {URL} url
 * @returns {View}
 */
export function searchView(shop, url) {
	const query = (url.searchParams.get('q') ?? '').trim();
	const products = catalog.search(query);
	const title = query === '' ? shop.t('searchEmptyTitle') : shop.t('searchTitle', { q: query });
	const list = { id: 'search_results', name: shop.t('search') };
	const lead =
		query === ''
			? shop.t('searchEmpty')
			: products.length === 0
				? shop.t('searchNone', { q: query })
				: shop.t('searchFound', { n: products.length });
	return {
		title,
		events: query === '' ? [] : [searchEvent(query), ...listEvents(shop, list, products)],
		render: () => [
			h(
				'section',
				{},
				h('h1', {}, title),
				h('p', { class: 'count' }, lead),
				products.length > 0 ? productGrid(shop, list, products, { eager: 4 }) : ideas(shop),
			),
		],
	};
}

/** @param {Shop} shop */
function ideas(shop) {
	const words = /** @type {const} */ (['idea1', 'idea2', 'idea3', 'idea4']).map((key) => shop.t(key));
	return h(
		'div',
		{},
		h('h2', {}, shop.t('searchIdeas')),
		h(
			'ul',
			{ class: 'chips' },
			...words.map((word) =>
				h('li', {}, h('a', { class: 'chip', href: `/shop/search/?q=${encodeURIComponent(word)}` }, word)),
			),
		),
	);
}
