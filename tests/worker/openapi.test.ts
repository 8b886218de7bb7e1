/**
 * The description of the HTTP interface: valid, served, true of every answer (each `fetch` of an edge under test is held to it, in all files of
 * this folder), and requests made from it, right ones and wrong ones, never meet an error of the edge's own.
 */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Validator } from '@seriousme/openapi-schema-validator';
import fc from 'fast-check';
import { Edge } from '../e2e/support/edge.ts';
import { complaint, openapi } from '../e2e/support/openapi.ts';
import type { Operation, Schema } from '../e2e/support/openapi.ts';
import { campaign } from './page.ts';

/** What all routes together may take. */
const TIME_MS = 20_000;

let edge: Edge;
before(async () => {
	edge = await Edge.start();
	await edge.admin.publish([campaign()]);
});
after(() => edge?.stop());

test('the document is valid OpenAPI 3.1 and served to anybody for five minutes', async () => {
	const served = await fetch(`${edge.url}/openapi.json`, { headers: { Origin: 'https://tools.example' } });
	assert.equal(served.status, 200);
	assert.equal(served.headers.get('access-control-allow-origin'), '*');
	assert.equal(served.headers.get('cache-control'), 'public, max-age=300');
	const document = (await served.json()) as Record<string, unknown>;
	assert.deepEqual(document, openapi);
	const validator = new Validator();
	const { valid, errors } = await validator.validate(document);
	assert.ok(valid, JSON.stringify(errors));
	assert.equal(validator.version, '3.1');
});

test('an answer that says more, less or something else than described is found', () => {
	const path = '/noren/v1/site';
	const good = { v: 1, site: 'demo', program: '', consent: 'open', now: 1 };
	const wrong = (method: string, status: number, body: unknown, type = 'application/json') =>
		complaint(method, path, status, type, JSON.stringify(body));
	assert.equal(wrong('GET', 200, good), undefined);
	assert.match(wrong('GET', 200, { ...good, shoe_size: 43 }) ?? '', /additional/);
	assert.match(wrong('GET', 200, { v: 1 }) ?? '', /required/);
	assert.match(wrong('GET', 200, { ...good, now: 'today' }) ?? '', /integer/);
	assert.match(wrong('GET', 200, good, 'text/plain') ?? '', /content type/);
	assert.match(wrong('GET', 418, good) ?? '', /not described/);
	assert.match(wrong('GET', 404, { code: 'key_mismatch', message: 'x' }) ?? '', /allowed values/);
	assert.equal(wrong('PUT', 405, { code: 'method_not_allowed', message: 'x' }), undefined);
});

const operations = Object.entries(openapi.paths).flatMap(([path, methods]) =>
	Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
);

test('every described address is there', async () => {
	for (const { path, method } of operations) {
		const [at] = [
			path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'site' ? 'demo' : name === 'call' ? 'track' : 'x')),
		];
		const answer = await fetch(`${edge.url}${at}`, { method: 'PATCH' });
		assert.ok([401, 405].includes(answer.status), `${method} ${path}: ${answer.status}`);
	}
});

const naughty = fc.constantFrom(
	'', ' ', '\u0000', '\ud800', '../../etc/passwd', "' OR 1=1 --", '<script>', '%00', '%', '💥'.repeat(50), 'x'.repeat(5_000),
	'__proto__', 'NaN', '-0', '1e400', 'demo', '２', '\u202e',
); // prettier-ignore
const anyText = fc.oneof(fc.string({ maxLength: 40 }), naughty);
const anything = fc.oneof(
	fc.jsonValue({ maxDepth: 3 }),
	anyText,
	fc.constantFrom(1e308, -1, 0.5, 2 ** 53 + 2, -(2 ** 63), {}, [], null, true),
);

/** Values of a schema: mostly right ones, and now and then something else in one place. */
function valuesOf(schema: Schema | boolean): fc.Arbitrary<unknown> {
	if (typeof schema === 'boolean') return anything;
	return fc.oneof({ weight: 24, arbitrary: rightOf(schema) }, { weight: 1, arbitrary: anything });
}

function rightOf(schema: Schema): fc.Arbitrary<unknown> {
	if (schema.enum) return fc.constantFrom(...schema.enum);
	if (schema.anyOf) return fc.oneof(...schema.anyOf.map(valuesOf));
	if (typeof schema.type === 'object') return fc.oneof(...schema.type.map((type) => rightOf({ ...schema, type })));
	switch (schema.type) {
		case 'object': {
			const members = Object.entries(schema.properties ?? {}).map(([key, value]) => [key, valuesOf(value)]);
			const required = (schema.required ?? []).filter((key) => key in (schema.properties ?? {}));
			const fixed = fc.record<Record<string, unknown>>(Object.fromEntries(members), { requiredKeys: required });
			if (schema.properties) return fixed;
			return fc.dictionary(anyText, valuesOf(schema.additionalProperties ?? true), { maxKeys: 3 });
		}
		case 'array':
			if (schema.prefixItems) return fc.tuple(...schema.prefixItems.map(valuesOf));
			return fc.array(valuesOf(schema.items ?? true), { maxLength: 4 });
		case 'integer':
			return fc.oneof(fc.nat(10), fc.integer(), fc.maxSafeInteger(), fc.constant(Date.now()));
		case 'number':
			return fc.oneof(fc.nat(100), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Date.now()));
		case 'boolean':
			return fc.boolean();
		case 'null':
			return fc.constant(null);
		case 'string':
			return fc.oneof(fc.constantFrom('demo', 'linger', 'open', 'A'.repeat(22), 'A'.repeat(43)), anyText);
		default:
			return anything;
	}
}

/** A body as it is sent: JSON of the schema, and now and then bytes that are none. */
function bodiesOf(operation: Operation): fc.Arbitrary<string | undefined> {
	const schema = operation.requestBody?.content['application/json'].schema;
	if (schema === undefined) return fc.constant(undefined);
	const good = valuesOf(schema).map((value) => JSON.stringify(value) ?? 'null');
	const cut = good.map((text) => text.slice(0, text.length / 2));
	const deep = fc.constant('['.repeat(2_000));
	return fc.oneof({ weight: 20, arbitrary: good }, { weight: 1, arbitrary: cut }, { weight: 1, arbitrary: deep });
}

const names = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('demo', 'linger') }, { weight: 1, arbitrary: anyText });
// A lone surrogate stands in no address.
const encoded = (text: string): string => encodeURIComponent(text.replaceAll(/[\ud800-\udfff]/gu, ''));

test('requests made from the document never meet an error of the edge', { timeout: 120_000 }, async (context) => {
	const seed = Number(process.env['NOREN_SEED'] ?? Date.now() % 2 ** 31);
	context.diagnostic(`NOREN_SEED=${seed} repeats these requests`);
	const each = TIME_MS / operations.length;
	let sent = 0;
	for (const { path, method, operation } of operations) {
		const given = fc.record({
			parts: fc.array(names, { minLength: 3, maxLength: 3 }),
			call: fc.constantFrom('batch', 't', 'page', 'identify', 'alias', 'group', 'm'),
			query: fc.tuple(...operation.parameters.filter((p) => p.in === 'query').map((p) => fc.tuple(fc.constant(p.name), names))),
			body: bodiesOf(operation),
			token: fc.oneof({ weight: 8, arbitrary: fc.constant(edge.token) }, { weight: 1, arbitrary: fc.constant('sk.demo.x.y') }),
			origin: fc.constantFrom(edge.url, edge.url, edge.url, 'https://evil.example', undefined),
		}); // prettier-ignore
		const holds = fc.asyncProperty(given, async ({ parts, call, query, body, token, origin }) => {
			let i = 0;
			const at = path.replaceAll(/\{(\w+)\}/g, (_, name) => (name === 'call' ? call : encoded(parts[i++] ?? '')));
			const asked = query.map(([name, value]) => `${name}=${encoded(value)}`).join('&');
			const tracks = path.startsWith('/v1/');
			const authorization = tracks ? `Basic ${Buffer.from('demo:').toString('base64')}` : `Bearer ${token}`;
			const answer = await fetch(`${edge.url}${at}?${asked}`, {
				method,
				headers: { Authorization: authorization, ...(origin !== undefined && { Origin: origin }) },
				redirect: 'manual',
				...(body !== undefined && { body }),
			});
			await answer.arrayBuffer();
			sent += 1;
			assert.ok(answer.status < 500, `${method} ${at}?${asked} ${body}: ${answer.status}`);
		});
		await fc.assert(holds, { seed, numRuns: 60, interruptAfterTimeLimit: each, markInterruptAsFailure: false });
	}
	assert.ok(sent > operations.length * 2, `${sent} requests`);
	context.diagnostic(`${sent} requests to ${operations.length} operations`);
});
