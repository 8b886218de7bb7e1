/**
 * The shop's one entry: chooses the language, draws the frame and the page of
 * this address, and reports what was seen to `dataLayer`.
 */

import { chooseLanguage } from './lib/i18n.js';
import { pagePath, startRouter } from './lib/router.js';
import { Shop } from './lib/shop.js';
import { KEYS, openStorage } from './lib/storage.js';
import { homeView, listView, searchView } from './views/browse.js';
import { cartView } from './views/cart.js';
import { checkoutView } from './views/checkout.js';
import { cartLink, footer, header } from './views/frame.js';
import { aboutView, completeView } from './views/pages.js';
import { productView } from './views/product.js';

/** @typedef {import("./lib/shop.js").View} View */

/** @type {Record<string, (shop: Shop, url: URL) => View>} */
const PAGES = {
	'/shop/': homeView,
	'/shop/products/': listView,
	'/shop/product/': productView,
	'/shop/search/': searchView,
	'/shop/cart/': cartView,
	'/shop/checkout/': checkoutView,
	'/shop/complete/': completeView,
	'/shop/about/': aboutView,
};

const globals = /** @type {{dataLayer?: unknown[]}} */ (/** @type {unknown} */ (window));
const layer = (globals.dataLayer ??= []);
const store = openStorage(() => localStorage);
const query = new URL(location.href).searchParams.get('lang');
const lang = chooseLanguage({ query, stored: store.text(KEYS.lang), browser: navigator.languages });
if (query !== null) store.set(KEYS.lang, lang);
const shop = new Shop({ lang, store, layer });

/** @param {string} id */
function part(id) {
	const element = document.getElementById(id);
	if (!element) throw new Error(`the page has no #${id}`);
	return element;
}

/** @param {URL} url */
function draw(url) {
	const page = PAGES[pagePath(url.pathname)] ?? homeView;
	const view = page(shop, url);
	document.documentElement.lang = shop.lang;
	document.title = `${view.title} | ${shop.t('shop')}`;
	part('site-header').replaceChildren(
		...header(shop, url, {
			search: (wanted) => router.go(new URL(`/shop/search/?q=${encodeURIComponent(wanted)}`, location.href)),
			speak,
		}),
	);
	part('main').replaceChildren(...view.render());
	part('site-footer').replaceChildren(...footer(shop));
	return view;
}

/** Draws a page one has come to, and reports it once. @param {URL} url */
function show(url) {
	const view = draw(url);
	for (const event of view.events) shop.push(event);
}

/** Draws the same page again without reporting it: nothing new was seen. */
function redraw() {
	draw(new URL(location.href));
}

/** @param {import("./lib/i18n.js").Lang} wanted */
function speak(wanted) {
	shop.lang = wanted;
	store.set(KEYS.lang, wanted);
	const url = new URL(location.href);
	if (url.searchParams.has('lang')) {
		// The visitor's choice has to survive a reload of this address.
		url.searchParams.delete('lang');
		history.replaceState(history.state, '', url);
		router.renamed();
	}
	redraw();
	document.getElementById(`lang-${wanted}`)?.focus();
}

shop.oncart = () => document.getElementById('cart-link')?.replaceWith(cartLink(shop));

addEventListener('storage', (event) => {
	if (event.key !== KEYS.cart) return;
	const page = pagePath(location.pathname);
	if (page === '/shop/cart/' || page === '/shop/checkout/') redraw();
	else shop.oncart();
});
addEventListener('pageshow', (event) => {
	if (event.persisted) redraw();
});

show(new URL(location.href));
const router = startRouter({ show, store: openStorage(() => sessionStorage) });
