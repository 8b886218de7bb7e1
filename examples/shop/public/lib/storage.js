/**
 * Values that outlive a page. A browser that refuses storage (private modes,
 * strict settings) still gets a working shop: values then live as long as the
 * page does.
 */

/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Backing */

export const KEYS = {
	cart: 'norendo.cart',
	lang: 'norendo.lang',
	coupon: 'norendo.coupon',
	/** Also read by `complete/purchase.js`, which runs before any module. */
	orders: 'norendo.orders',
	scroll: 'norendo.scroll',
};

/** @returns {Backing} */
function memory() {
	/** @type {Map<string, string>} */
	const values = new Map();
	return {
		getItem: (key) => values.get(key) ?? null,
		setItem: (key, value) => void values.set(key, value),
		removeItem: (key) => void values.delete(key),
	};
}

/**
 * The storage that `open` returns, or memory when even touching it throws.
 * @param {() => Backing} open
 */
export function openStorage(open) {
	let backing = memory();
	try {
		const real = open();
		real.getItem(KEYS.lang);
		backing = real;
	} catch {
		// Reading `window.localStorage` itself throws where cookies are blocked.
	}
	return {
		/** @param {string} key */
		text(key) {
			return backing.getItem(key);
		},
		/**
		 * The parsed value, or `null` when absent or not JSON.
		 * @param {string} key
		 * @returns {unknown}
		 */
		json(key) {
			try {
				return JSON.parse(backing.getItem(key) ?? 'null');
			} catch {
				return null;
			}
		},
		/**
		 * @param {string} key
		 * @param {string} value
		 */
		set(key, value) {
			try {
				backing.setItem(key, value);
			} catch {
				// A full disk quota: the page goes on with what it shows.
			}
		},
		/** @param {string} key */
		remove(key) {
			backing.removeItem(key);
		},
	};
}

/** @typedef {ReturnType<typeof openStorage>} Store */
