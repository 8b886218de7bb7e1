/** What stands around every page: the header with its curtain, and the footer. */

import { CATEGORIES } from '../lib/catalog.js';
import { h } from '../lib/dom.js';
import { LANGUAGES } from '../lib/i18n.js';
import { categoryUrl } from './parts.js';

/** @typedef {import("../lib/shop.js").Shop} Shop */
/** @typedef {import("../lib/i18n.js").Lang} Lang */

/** @type {Record<Lang, {short: string, full: string}>} */
const LANGUAGE_NAMES = { ja: { short: '日本語', full: '日本語' }, en: { short: 'EN', full: 'English' } };

/**
 * @param {Shop} shop
 * @param {URL} url
 * @param {{search: (query: string) => void, speak: (lang: Lang) => void}} actions
 */
export function header(shop, url, { search, speak }) {
	const query = h('input', {
		id: 'site-search',
		name: 'q',
		type: 'search',
		value: url.searchParams.get('q') ?? '',
		placeholder: shop.t('searchHint'),
		'aria-label': shop.t('searchLabel'),
		maxlength: 100,
		autocomplete: 'off',
	});
	const current = url.searchParams.get('category');
	return [
		h('a', { class: 'skip', href: '#main' }, shop.t('skip')),
		h(
			'div',
			{ class: 'bar' },
			h(
				'a',
				{ class: 'brand', href: '/shop/' },
				h('img', { src: '/shop/art/mark.svg', width: 40, height: 40, alt: '' }),
				h('span', { class: 'brand-name' }, shop.t('shop')),
				h('span', { class: 'brand-line' }, shop.t('shopLine')),
			),
			h(
				'form',
				{
					class: 'site-search',
					role: 'search',
					action: '/shop/search/',
					onsubmit: (event) => {
						event.preventDefault();
						search(query.value.trim());
					},
				},
				query,
				h('button', { type: 'submit' }, shop.t('search')),
			),
			languages(shop, speak),
			cartLink(shop),
		),
		h(
			'nav',
			{ class: 'site-nav', 'aria-label': shop.t('nav') },
			h(
				'ul',
				{},
				navLink('/shop/products/', shop.t('all'), url.pathname.startsWith('/shop/products/') && !current),
				...CATEGORIES.map(({ id, name }) => navLink(categoryUrl(id), shop.text(name), id === current)),
				navLink('/shop/about/', shop.t('about'), url.pathname.startsWith('/shop/about/')),
			),
		),
	];
}

/**
 * @param {string} href
 * @param {string} name
 * @param {boolean} here
 */
function navLink(href, name, here) {
	return h('li', {}, h('a', { href, 'aria-current': here ? 'page' : undefined }, name));
}

/** @param {Shop} shop */
export function cartLink(shop) {
	const n = shop.lines().reduce((sum, line) => sum + line.quantity, 0);
	return h(
		'a',
		{ class: 'cart-link', id: 'cart-link', href: '/shop/cart/', 'aria-label': shop.t('cartCount', { n }) },
		h('span', { class: 'bag', 'aria-hidden': 'true' }),
		h('span', { class: 'cart-word', 'aria-hidden': 'true' }, shop.t('cart')),
		h('span', { class: 'badge', id: 'cart-count', 'aria-hidden': 'true' }, n),
	);
}

/**
 * @param {Shop} shop
 * @param {(lang: Lang) => void} speak
 */
function languages(shop, speak) {
	return h(
		'div',
		{ class: 'languages', role: 'group', 'aria-label': shop.t('language') },
		...LANGUAGES.map((lang) =>
			h(
				'button',
				{
					type: 'button',
					id: `lang-${lang}`,
					lang,
					title: LANGUAGE_NAMES[lang].full,
					'aria-pressed': lang === shop.lang ? 'true' : 'false',
					onclick: () => speak(lang),
				},
				LANGUAGE_NAMES[lang].short,
			),
		),
	);
}

/** @param {Shop} shop */
export function footer(shop) {
	return [
		h('p', { class: 'honest' }, shop.t('footerHonest')),
		h('p', {}, shop.t('footerPrivacy')),
		h('p', {}, h('a', { href: '/shop/about/' }, shop.t('about')), ' · ', shop.t('shop')),
	];
}
