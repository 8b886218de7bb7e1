import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeUrl } from './safeUrl.ts';

const BASE = 'https://shop.example/products/?page=2';

test('http, https and everything relative to the page is followed', () => {
	for (const [url, expected] of [
		['https://other.example/a?b#c', 'https://other.example/a?b#c'],
		['HTTP://other.example', 'http://other.example/'],
		['//cdn.example/x.png', 'https://cdn.example/x.png'],
		['/cart/', 'https://shop.example/cart/'],
		['sale', 'https://shop.example/products/sale'],
		['?q=煎茶', 'https://shop.example/products/?q=%E7%85%8E%E8%8C%B6'],
		['#top', 'https://shop.example/products/?page=2#top'],
	] as const) {
		assert.equal(safeUrl(url, BASE), expected, url);
	}
});

test('nothing else is, however it is spelt', () => {
	for (const url of [
		undefined,
		'',
		'javascript:alert(1)',
		' JaVaScRiPt:alert(1)',
		'java\nscript:alert(1)',
		'\u0001javascript:alert(1)',
		'data:text/html,<script>alert(1)</script>',
		'vbscript:x',
		'blob:https://shop.example/1',
		'file:///etc/passwd',
		'mailto:a@example.com',
		'tel:+81',
		'http://[broken',
	]) {
		assert.equal(safeUrl(url, BASE), undefined, String(url));
	}
});

test('on a page that is itself no web page, a relative address leads nowhere', () => {
	assert.equal(safeUrl('/cart/', 'file:///tmp/page.html'), undefined);
	assert.equal(safeUrl('/cart/', 'about:blank'), undefined);
});
