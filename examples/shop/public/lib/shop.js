/**
 * What every page of the shop shares: language, cart, storage and the data
 * layer. The cart is read from storage each time, because another tab may have
 * changed it.
 */

import * as cart from './cart.js';
import { productEvent, push } from './ga4.js';
import { message, money } from './i18n.js';
import { KEYS } from './storage.js';

/** @typedef {import("./catalog.js").Product} Product */
/** @typedef {import("./catalog.js").Text} Text */
/** @typedef {import("./ga4.js").LayerEvent} LayerEvent */
/** @typedef {import("./i18n.js").Lang} Lang */
/** @typedef {import("./i18n.js").MessageKey} MessageKey */
/** @typedef {import("./storage.js").Store} Store */

/**
 * A page: its title, the events of having been seen once, and its elements.
 * `render` may run again, for instance after a change of language; `events`
 * are pushed once per navigation.
 * @typedef {object} View
 * @property {string} title
 * @property {LayerEvent[]} events
 * @property {() => Node[]} render
 */

export class Shop {
	/**
	 * @param {{lang: Lang, store: Store, layer: unknown[]}} parts
	 */
	constructor({ lang, store, layer }) {
		this.lang = lang;
		this.store = store;
		this.layer = layer;
		/** Called after this tab changed the cart. */
		this.oncart = () => {};
	}

	/**
	 * @param {MessageKey} key
	 * @param {Record<string, string | number>} [values]
	 */
	t(key, values) {
		return message(this.lang, key, values);
	}

	/** @param {Text} text */
	text(text) {
		return text[this.lang];
	}

	/** @param {number} yen */
	money(yen) {
		return money(this.lang, yen);
	}

	lines() {
		return cart.readLines(this.store.json(KEYS.cart));
	}

	/**
	 * Sets the pieces of a product and reports the difference as GA4 does: an
	 * increase is `add_to_cart`, a decrease `remove_from_cart`, each with the
	 * pieces that moved. Returns that difference.
	 * @param {Product} product
	 * @param {number} quantity
	 */
	setQuantity(product, quantity) {
		const { lines, change } = cart.setQuantity(this.lines(), product.id, quantity);
		if (change !== 0) {
			this.store.set(KEYS.cart, JSON.stringify(lines));
			const event = change > 0 ? 'add_to_cart' : 'remove_from_cart';
			this.push(productEvent(event, product, Math.abs(change), this.lang));
			this.oncart();
		}
		return change;
	}

	/**
	 * Returns how many pieces really went in.
	 * @param {Product} product
	 * @param {number} quantity
	 */
	addToCart(product, quantity) {
		const present = this.lines().find((line) => line.id === product.id)?.quantity ?? 0;
		return this.setQuantity(product, present + quantity);
	}

	emptyCart() {
		this.store.remove(KEYS.cart);
		this.oncart();
	}

	/** @param {LayerEvent} event */
	push(event) {
		push(this.layer, event);
	}
}
