/** The served documents themselves, and the script that runs before them. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

import { totals } from '../public/lib/cart.js';
import { PRODUCTS } from '../public/lib/catalog.js';
import { purchase } from '../public/lib/ga4.js';
import { findOrder, orderId, saveOrder } from '../public/lib/orders.js';
import { isSoft, pagePath } from '../public/lib/router.js';
import { openStorage } from '../public/lib/storage.js';

const PUBLIC = join(dirname(fileURLToPath(import.meta.url)), '..', 'public');
const documents = readdirSync(PUBLIC, { recursive: true }).filter((name) => name.endsWith('.html'));
const read = (name) => readFileSync(join(PUBLIC, name), 'utf8');

/** Enough of `localStorage` for orders. */
function fakeStorage() {
	const values = new Map();
	return {
		getItem: (key) => values.get(key) ?? null,
		setItem: (key, value) => void values.set(key, value),
		removeItem: (key) => void values.delete(key),
	};
}

test("there are eight pages, and each carries Noren's one line and nothing else of it", () => {
	assert.equal(documents.length, 8);
	for (const name of documents) {
		const html = read(name);
		const line = '<script async src="/tag.js" data-site="demo"></script>';
		assert.equal(html.split(line).length, 2, name);
		assert.doesNotMatch(html.replace(line, '').replaceAll('Norendo', ''), /noren|tag\.js/i, name);
	}
});

test('no page has script or style of its own, so a strict policy can be set', () => {
	for (const name of documents) {
		assert.doesNotMatch(read(name), /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=|https?:/, name);
	}
});

test('pages differ only in their title and the thank-you script', () => {
	const shape = (html) =>
		html.replace(/<title>.*<\/title>/, '').replace('    <script src="/shop/complete/purchase.js"></script>\n', '');
	const [first, ...others] = documents.map((name) => shape(read(name)));
	for (const other of others) assert.equal(other, first);
});

test('the thank-you page pushes its order before any async script can run', () => {
	const html = read('complete/index.html');
	const blocking = html.indexOf('<script src="/shop/complete/purchase.js">');
	assert.ok(blocking > 0 && blocking < html.indexOf('<script async'));
});

test('every file that a page or a product names is there', () => {
	for (const { id } of PRODUCTS) assert.match(read(`art/${id}.svg`), /^<svg [^>]*width="400" height="400"/);
	for (const [, path] of read('index.html').matchAll(/(?:src|href)="\/shop\/([^"]+)"/g)) {
		assert.ok(existsSync(join(PUBLIC, path)), path);
	}
});

test('nothing in the shop parses markup from strings or loads from elsewhere', () => {
	const sources = readdirSync(PUBLIC, { recursive: true }).filter((name) => /\.(js|css|svg)$/.test(name));
	for (const name of sources) {
		const source = read(name).replaceAll('http://www.w3.org/2000/svg', '');
		assert.doesNotMatch(source, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?:\/\//, name);
	}
});

const lines = [{ id: 'chasen', quantity: 2 }];
const sum = totals(lines, { discount: 100, tier: 'standard' });

/** @param {Storage} storage @param {string} search */
function loadThankYou(storage, search, layer) {
	const window = layer ? { dataLayer: layer } : {};
	vm.runInNewContext(read('complete/purchase.js'), {
		window,
		localStorage: storage,
		location: { search },
		URLSearchParams,
		JSON,
	});
	return JSON.parse(JSON.stringify(window.dataLayer));
}

test('an order that was kept is the purchase that is pushed, on every load the same', () => {
	const storage = fakeStorage();
	const store = openStorage(() => storage);
	const order = { id: 'ND-1', lines, totals: sum, coupon: 'A1', purchase: purchase('ND-1', lines, sum, 'A1', 'ja') };
	saveOrder(store, order);
	const pushed = [{ ecommerce: null }, order.purchase];
	assert.deepEqual(loadThankYou(storage, '?order=ND-1'), pushed);
	assert.deepEqual(loadThankYou(storage, '?order=ND-1', []), pushed);
	assert.deepEqual(findOrder(store, 'ND-1'), order);
});

test('no order, no purchase, and never an error', () => {
	const storage = fakeStorage();
	assert.deepEqual(loadThankYou(storage, '?order=ND-1'), []);
	assert.deepEqual(loadThankYou(storage, ''), []);
	storage.setItem('norendo.orders', '{broken');
	assert.deepEqual(loadThankYou(storage, '?order=ND-1'), []);
	assert.deepEqual(loadThankYou(undefined, '?order=ND-1'), []);
});

test('the twenty latest orders are kept', () => {
	const store = openStorage(fakeStorage);
	for (let n = 0; n < 25; n += 1) {
		const id = `ND-${n}`;
		saveOrder(store, { id, lines, totals: sum, coupon: null, purchase: purchase(id, lines, sum, undefined, 'en') });
	}
	assert.equal(findOrder(store, 'ND-4'), undefined);
	assert.equal(findOrder(store, 'ND-5')?.id, 'ND-5');
	assert.equal(findOrder(store, null), undefined);
});

test('order numbers are dated and easy to read aloud', () => {
	const id = orderId(new Date('2026-11-22T10:00:00Z'), new Uint8Array([0, 31, 32, 255, 8, 100]));
	assert.equal(id, 'ND-20261122-2Z2ZA6');
	assert.match(id, /^ND-\d{8}-[2-9A-HJ-NP-Z]{6}$/);
});

test('a browser without storage still has a shop', () => {
	const refused = openStorage(() => {
		throw new Error('SecurityError');
	});
	refused.set('k', '1');
	assert.equal(refused.json('k'), 1);
	const full = openStorage(() => ({
		...fakeStorage(),
		setItem: () => {
			throw new Error('QuotaExceededError');
		},
	}));
	full.set('k', '1');
	assert.equal(full.json('k'), null);
});

test('browsing stays in the page; cart, checkout, thank-you and other sites load in full', () => {
	const at = (path) => new URL(path, 'https://shop.example');
	for (const path of ['/shop/', '/shop/products/?category=tea', '/shop/product/index.html?id=x', '/shop/search?q=a']) {
		assert.equal(isSoft(at('/shop/'), at(path)), true, path);
	}
	for (const path of [
		'/shop/cart/',
		'/shop/checkout/',
		'/shop/complete/?order=1',
		'/console/',
		'https://other.example/shop/',
	]) {
		assert.equal(isSoft(at('/shop/'), at(path)), false, path);
	}
	assert.equal(isSoft(at('/shop/cart/'), at('/shop/')), false);
	assert.equal(pagePath('/shop/product'), '/shop/product/');
});
