/** Files: the encoding each browser takes, how long they are kept, and what surrounds them. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Edge } from '../e2e/support/edge.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

/** A request whose body is not decoded. */
const raw = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
	new Promise<{ response: IncomingMessage; body: Buffer }>((resolve, reject) => {
		const request = get(`${edge.url}${path}`, { headers, method }, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('end', () => resolve({ response, body: Buffer.concat(chunks) }));
		});
		request.on('error', reject);
	});

test('the tag comes in the smallest form the browser takes', async () => {
	const plain = await raw('/tag.js');
	const brotli = await raw('/tag.js', { 'Accept-Encoding': 'gzip, deflate, br' });
	const gzip = await raw('/tag.js', { 'Accept-Encoding': 'gzip' });
	assert.equal(plain.response.headers['content-encoding'], undefined);
	assert.equal(brotli.response.headers['content-encoding'], 'br');
	assert.equal(gzip.response.headers['content-encoding'], 'gzip');
	assert.deepEqual(brotliDecompressSync(brotli.body), plain.body);
	assert.deepEqual(gunzipSync(gzip.body), plain.body);
	assert.ok(brotli.body.length < gzip.body.length && gzip.body.length < plain.body.length);
	const headers = brotli.response.headers;
	assert.equal(headers['cache-control'], 'public, max-age=300');
	assert.equal(headers['vary'], 'Accept-Encoding');
	assert.equal(headers['x-content-type-options'], 'nosniff');
	assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
	assert.match(headers['content-type'] ?? '', /javascript/);
});

test('every listed file answers, and those named by their content are kept for a year', async () => {
	const list = JSON.parse(readFileSync(new URL('../../target/noren/assets/manifest.json', import.meta.url), 'utf8'));
	assert.ok(list.length > 10);
	for (const asset of list) {
		const { response, body } = await raw(`/${asset.path}`, { 'Accept-Encoding': 'br' });
		assert.equal(response.statusCode, 200, asset.path);
		assert.equal(response.headers['content-type'], asset.content_type);
		assert.equal(body.length, asset.br ? asset.brotli_bytes : asset.raw_bytes, asset.path);
		assert.equal(/immutable/.test(response.headers['cache-control'] ?? ''), asset.immutable, asset.path);
	}
});

test('a page that is still the same is not sent again, HEAD has no body, and folders have an index', async () => {
	const first = await raw('/shop/');
	assert.equal(first.response.statusCode, 200);
	assert.match(first.response.headers['content-type'] ?? '', /text\/html/);
	assert.equal(first.response.headers['cache-control'], 'no-cache');
	const again = await raw('/shop/', { 'If-None-Match': String(first.response.headers['etag']) });
	assert.deepEqual([again.response.statusCode, again.body.length], [304, 0]);
	const head = await raw('/shop/', {}, 'HEAD');
	assert.deepEqual([head.response.statusCode, head.body.length], [200, 0]);
	assert.equal((await raw('/shop')).response.headers['location'], '/shop/');
	for (const path of [
		'/nothing',
		'/shop/../../etc/passwd',
		'/%2e%2e/secret',
		'/noren/a/none.js',
		'/noren/v1/none',
		'/do/x.sqlite',
	]) {
		assert.equal((await raw(path)).response.statusCode, 404, path);
	}
	assert.equal((await raw('/shop/', {}, 'POST')).response.statusCode, 405);
});

test('the console runs under a strict policy', async () => {
	const { response } = await raw('/noren/console/');
	const policy = String(response.headers['content-security-policy']);
	for (const part of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
		assert.ok(policy.includes(part), part);
	}
	assert.equal(response.headers['referrer-policy'], 'no-referrer');
});
