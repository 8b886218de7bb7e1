/** A site's keys, on the real runtime: what they open, and that a revoked one opens nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Admin } from '../e2e/support/admin.ts';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { campaign } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

const make = (body: unknown) => edge.admin.request('POST', 'sites/demo/keys', body);
const track = (key: string) =>
	fetch(`${edge.url}/v1/track`, {
		method: 'POST',
		headers: { Authorization: `Basic ${btoa(`${key}:`)}` },
		body: JSON.stringify({ userId: 'keys', event: 'Looked', messageId: crypto.randomUUID() }),
	}).then((response) => response.status);

test('a key is shown once, listed without what opens, and audited', async () => {
	const made = await make({ name: 'お店のサーバー', scopes: ['events', 'coupons'] });
	assert.equal(made.status, 200);
	assert.match(made.body.secret, /^sk\.demo\.[\w-]{8}\.[\w-]{43}$/);
	const list = await edge.admin.ok('GET', 'sites/demo/keys');
	assert.equal(list.public, 'demo');
	assert.deepEqual(list.keys[0], made.body.key);
	assert.deepEqual(
		[list.keys[0].kind, list.keys[0].scopes, list.keys[0].by],
		['server', ['events', 'coupons'], 'developer'],
	);
	const everything = JSON.stringify([
		list,
		await edge.admin.ok('GET', 'sites/demo'),
		await edge.admin.ok('GET', 'sites/demo/audit'),
	]);
	assert.equal(everything.includes(made.body.secret.split('.')[3]), false, 'the secret is nowhere again');
	const [entry] = (await edge.admin.ok('GET', 'sites/demo/audit')).entries;
	assert.deepEqual([entry.action, entry.by], ['key_create', 'developer']);
	assert.match(entry.what, /お店のサーバー/u);
});

test('what cannot be a key is refused with the field named', async () => {
	for (const [body, path] of [
		[{ name: '', scopes: ['events'] }, 'name'],
		[{ name: 'x', scopes: [] }, 'scopes'],
		[{ name: 'x', scopes: ['everything'] }, 'scopes[0]'],
		[{ name: 'x', kind: 'owner', scopes: ['events'] }, 'kind'],
		[{ scopes: ['events'] }, ''],
	] as const) {
		const { status, body: said } = await make(body);
		assert.deepEqual(
			[status, said.code, said.path ?? ''],
			[400, 'body_invalid', path === '' ? (said.path ?? '') : path],
		);
	}
});

test('a server key opens what its scopes say, of its own site, and nothing else', async () => {
	const { secret } = (await make({ name: 'publisher', scopes: ['campaigns', 'numbers'] })).body;
	const server = new Admin(edge.url, secret);
	assert.equal((await server.request('PUT', 'sites/demo/campaigns', { campaigns: [campaign()] })).status, 200);
	assert.equal((await server.request('GET', 'sites/demo/numbers')).status, 200);
	const versions = await server.ok('GET', 'sites/demo/versions');
	assert.equal(versions.versions[0].by, 'key publisher', 'the key stands in the audit');
	await edge.admin.ok('PUT', 'sites/other', { origins: ['https://other.example'] });
	for (const [method, path] of [
		['POST', 'sites/demo/keys'],
		['GET', 'sites/demo/keys'],
		['GET', 'sites/demo/audit'],
		['PUT', 'sites/demo'],
		['GET', 'sites/demo/person?user=u'],
		['POST', 'sites/demo/redeem'],
		['GET', 'sites/other/campaigns'],
		['PUT', 'sites/new'],
		['GET', 'sites'],
	] as const) {
		const answer = await server.request(method, path, method === 'GET' ? undefined : {});
		assert.deepEqual([answer.status, answer.body.code], [403, 'forbidden'], `${method} ${path}`);
	}
	assert.equal(await track(secret), 403, 'nor events, without that scope');
});

test('a key that is none, or of another site, or altered, opens nothing', async () => {
	const { secret } = (await make({ name: 'reporter', scopes: ['events'] })).body;
	assert.equal(await track(secret), 200);
	const [kind, site, id, opens] = secret.split('.');
	for (const wrong of [
		`${kind}.other.${id}.${opens}`,
		`${kind}.nowhere.${id}.${opens}`,
		`wk.${site}.${id}.${opens}`,
		`${kind}.${site}.${id}.${'A'.repeat(43)}`,
		`${kind}.${site}.${id}`,
		'nowhere',
		'',
		'<script>',
	]) {
		assert.equal(await track(wrong), 401, wrong);
		if (wrong.startsWith('sk.')) {
			assert.equal((await new Admin(edge.url, wrong).request('GET', 'sites/demo')).status, 401, wrong);
		}
	}
});

test('revoking holds within ten seconds and is audited', async () => {
	const { key, secret } = (await make({ name: 'short-lived', scopes: ['events', 'campaigns'] })).body;
	const server = new Admin(edge.url, secret);
	assert.equal(await track(secret), 200);
	const began = performance.now();
	await edge.admin.ok('DELETE', `sites/demo/keys/${key.id}`);
	await until('the key to open nothing', async () => (await track(secret)) === 401);
	await until('nor the administration', async () => (await server.request('GET', 'sites/demo')).status === 401);
	assert.ok(performance.now() - began < 10_000);
	assert.equal((await edge.admin.request('DELETE', `sites/demo/keys/${key.id}`)).status, 404);
	const [entry] = (await edge.admin.ok('GET', 'sites/demo/audit')).entries;
	assert.equal(entry.action, 'key_revoke');
	assert.equal(
		(await edge.admin.ok('GET', 'sites/demo/keys')).keys.some((k: { id: string }) => k.id === key.id),
		false,
	);
});
