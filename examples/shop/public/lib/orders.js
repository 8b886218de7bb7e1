/**
 * Orders, kept in the browser because the demo shop has no server of its own.
 * An order carries no name and no address: only what the thank-you page shows.
 */

import { KEYS } from './storage.js';

/** @typedef {import("./storage.js").Store} Store */
/** @typedef {import("./cart.js").Line} Line */
/** @typedef {import("./cart.js").Totals} Totals */
/** @typedef {import("./ga4.js").LayerEvent} LayerEvent */
/**
 * @typedef {object} Order
 * @property {string} id also GA4's `transaction_id`
 * @property {Line[]} lines
 * @property {Totals} totals
 * @property {string | null} coupon
 * @property {LayerEvent} purchase the event, ready to push: a shop's server would have rendered it into the page
 */

const KEPT = 20;
// Without 0, 1, I and O, which people misread on the telephone.
const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/**
 * An order number such as `ND-20261122-7F3KQ8`.
 * @param {Date} date
 * @param {Uint8Array} random at least six bytes; 32 divides 256, so no letter is likelier
 */
export function orderId(date, random) {
	const day = date.toISOString().slice(0, 10).replaceAll('-', '');
	const tail = Array.from(random.slice(0, 6), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
	return `ND-${day}-${tail}`;
}

/**
 * @param {Store} store
 * @returns {Order[]}
 */
function all(store) {
	const stored = store.json(KEYS.orders);
	return Array.isArray(stored) ? stored : [];
}

/**
 * Keeps the order; the oldest go once there are more than twenty.
 * @param {Store} store
 * @param {Order} order
 */
export function saveOrder(store, order) {
	const others = all(store).filter((kept) => kept.id !== order.id);
	store.set(KEYS.orders, JSON.stringify([order, ...others].slice(0, KEPT)));
}

/**
 * @param {Store} store
 * @param {string | null} id
 * @returns {Order | undefined}
 */
export function findOrder(store, id) {
	return all(store).find((order) => order.id === id);
}
