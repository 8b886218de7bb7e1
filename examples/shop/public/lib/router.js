/**
 * Soft navigation between the browsing pages, as modern shops do it: history
 * entries, titles, scroll positions and focus behave as with full loads. Every
 * address is also a real document, and everything else on the site (cart,
 * checkout, thank-you page) loads in full.
 */

import { KEYS } from './storage.js';

/** Pages that can replace each other without a load. */
const SOFT = ['/shop/', '/shop/products/', '/shop/product/', '/shop/search/'];

/** @param {string} path with or without the last slash or `index.html` */
export function pagePath(path) {
	return `${path.replace(/index\.html$/, '').replace(/\/+$/, '')}/`;
}

/**
 * Whether a click from `from` to `to` may stay in this document.
 * @param {URL} from
 * @param {URL} to
 */
export function isSoft(from, to) {
	return from.origin === to.origin && SOFT.includes(pagePath(from.pathname)) && SOFT.includes(pagePath(to.pathname));
}

/**
 * @param {object} host
 * @param {(url: URL) => void} host.show draws the page of an address and reports it
 * @param {import("./storage.js").Store} host.store where scroll positions survive a reload; a session's
 * @returns {{go: (url: URL) => void, renamed: () => void}} `renamed`: the page put another address on the same entry
 */
export function startRouter({ show, store }) {
	const here = () => new URL(location.href);
	if (!isSoft(here(), here())) {
		return { go: (url) => location.assign(url), renamed: () => {} };
	}

	// The page is drawn by script, so the browser would restore a position
	// before there is anything to scroll.
	history.scrollRestoration = 'manual';
	const positions = readPositions(store.json(KEYS.scroll));
	let key = entryKey() ?? newKey();
	history.replaceState({ key }, '');
	scrollTo(0, positions.get(key) ?? 0);

	addEventListener('scroll', () => positions.set(key, scrollY), { passive: true });
	addEventListener('pagehide', () => store.set(KEYS.scroll, JSON.stringify([...positions].slice(-50))));
	let path = location.pathname + location.search;
	addEventListener('popstate', () => {
		key = entryKey() ?? newKey();
		const next = location.pathname + location.search;
		const top = positions.get(key) ?? 0;
		// A jump within the page (the skip link) is none of ours.
		if (next === path) return;
		path = next;
		show(here());
		focusHeading();
		scrollTo(0, top);
	});

	/** @param {URL} url */
	function go(url) {
		if (!isSoft(here(), url)) {
			location.assign(url);
			return;
		}
		const next = url.pathname + url.search;
		if (next === path) {
			scrollTo(0, 0);
			return;
		}
		// The scroll event comes with the next frame, which may be after a quick click.
		positions.set(key, scrollY);
		key = newKey();
		path = next;
		history.pushState({ key }, '', url);
		show(url);
		scrollTo(0, 0);
		focusHeading();
	}

	document.addEventListener('click', (event) => {
		const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
		if (event.defaultPrevented || !plain || !(event.target instanceof Element)) return;
		const link = event.target.closest('a[href]');
		if (!(link instanceof HTMLAnchorElement) || link.target !== '' || link.hasAttribute('download')) return;
		const url = new URL(link.href);
		if (url.hash !== '' || !isSoft(here(), url)) return;
		event.preventDefault();
		go(url);
	});

	return {
		go,
		renamed: () => {
			path = location.pathname + location.search;
		},
	};
}

/** Tells where one has arrived: a screen reader says the heading it lands on. */
function focusHeading() {
	const heading = document.querySelector('main h1');
	if (!(heading instanceof HTMLElement)) return;
	heading.tabIndex = -1;
	heading.focus({ preventScroll: true });
}

function entryKey() {
	/** @type {unknown} */
	const key = history.state?.key;
	return typeof key === 'string' ? key : undefined;
}

function newKey() {
	return crypto.getRandomValues(new Uint32Array(1))[0]?.toString(36) ?? '0';
}

/**
 * @param {unknown} stored
 * @returns {Map<string, number>}
 */
function readPositions(stored) {
	const pairs = Array.isArray(stored) ? stored : [];
	return new Map(pairs.filter((pair) => Array.isArray(pair) && Number.isFinite(pair[1])));
}
