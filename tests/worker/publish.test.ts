/** Publishing, rolling back, and who may. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { Edge } from '../e2e/support/edge.ts';
import { Page, campaign } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

const site = async () => (await fetch(`${edge.url}/noren/v1/site?site=demo`)).json() as Promise<any>;
const bytes = async (path: string) => {
	const response = await fetch(`${edge.url}${path}`);
	return { status: response.status, headers: response.headers, body: Buffer.from(await response.arrayBuffer()) };
};

test('a publish is live at once, its program and contents are immutable', async () => {
	const answer = await edge.admin.publish([campaign()]);
	assert.equal(answer.version, 1);
	assert.deepEqual(
		answer.findings.filter((f: any) => f.level === 'error'),
		[],
	);
	const live = await site();
	assert.deepEqual([live.v, live.site, live.program, live.consent], [1, 'demo', answer.program, 'open']);
	const program = await bytes(`/noren/p/${live.program}?site=demo`);
	assert.equal(program.status, 200);
	assert.equal(program.body.subarray(0, 3).toString(), 'NRN');
	assert.match(program.headers.get('cache-control') ?? '', /immutable/);
	assert.equal(program.headers.get('access-control-allow-origin'), '*');
	const hash = /[0-9a-f]{16}/.exec(program.body.toString('latin1'))?.[0] ?? '';
	const content = await bytes(`/noren/c/${hash}?site=demo`);
	assert.equal(content.status, 200);
	assert.equal(JSON.parse(content.body.toString()).title.ja, 'こんにちは');
	assert.equal((await bytes('/noren/p/0000000000000000?site=demo')).status, 404);
	assert.equal((await bytes(`/noren/p/${live.program}?site=nobody`)).status, 404);

	const list = await edge.admin.ok('GET', 'sites/demo/campaigns');
	assert.deepEqual([list.version, list.campaigns[0].id, list.campaigns[0].status], [1, 'linger', 'live']);
	assert.ok(list.campaigns[0].sentence.en.length > 10 && list.campaigns[0].sentence.ja.length > 5);
	assert.deepEqual(list.campaigns[0].document, campaign());
});

test('campaigns with errors are refused, and what was live stays live', async () => {
	const before = await site();
	const bad: [string, unknown][] = [
		['operator', campaign({ audience: { 'visitor.visits': { $gtt: 2 } } })],
		['weights', campaign({ variants: [{ id: 'a', weight: 60, action: { kind: 'popup', title: 'x' } }] })],
		[
			'text',
			campaign({ variants: [{ id: 'a', weight: 100, action: { kind: 'popup', title: 'あ'.repeat(100_000 / 3) } }] }),
		],
		['schedule', campaign({ schedule: { from: '2026-13-40T99:00', zone: 'Mars/Olympus' } })],
		['no document', 7],
	];
	for (const [what, document] of bad) {
		const answer = await edge.admin.request('PUT', 'sites/demo/campaigns', { campaigns: [document], replace: true });
		assert.equal(answer.status, 422, what);
		assert.equal(answer.body.code, 'campaigns_invalid');
		const errors = answer.body.findings.filter((f: any) => f.level === 'error');
		assert.ok(errors.length > 0, what);
		for (const finding of errors) {
			assert.match(finding.code, /^[a-z_]+$/);
			assert.ok(finding.message.en && finding.message.ja);
		}
		const checked = await edge.admin.ok('POST', 'sites/demo/check', { campaigns: [document] });
		assert.deepEqual(checked.findings, answer.body.findings, 'the console and a push say the same');
	}
	assert.equal((await site()).program, before.program);
	assert.equal((await edge.admin.ok('GET', 'sites/demo')).version, 1);
});

test('adding, publishing over somebody, rolling back, taking one out, and the record of it', async () => {
	const added = await edge.admin.ok('PUT', 'sites/demo/campaigns', {
		campaigns: [campaign({ id: 'second' })],
		note: 'add',
	});
	assert.equal(added.version, 2);
	const late = await edge.admin.request('PUT', 'sites/demo/campaigns', { base: 1, campaigns: [campaign()] });
	assert.deepEqual([late.status, late.body.code, late.body.version], [409, 'version_conflict', 2]);
	const rolled = await edge.admin.ok('POST', 'sites/demo/rollback', { version: 1 });
	assert.equal(rolled.version, 3);
	const ids = async () => (await edge.admin.ok('GET', 'sites/demo/campaigns')).campaigns.map((c: any) => c.id);
	assert.deepEqual(await ids(), ['linger']);
	await edge.admin.ok('POST', 'sites/demo/rollback', { version: 2 });
	assert.deepEqual((await ids()).sort(), ['linger', 'second']);
	await edge.admin.ok('DELETE', 'sites/demo/campaigns/linger');
	assert.deepEqual(await ids(), ['second']);
	assert.equal((await edge.admin.request('DELETE', 'sites/demo/campaigns/linger')).status, 404);
	assert.equal((await edge.admin.request('POST', 'sites/demo/rollback', { version: 99 })).status, 404);
	const versions = (await edge.admin.ok('GET', 'sites/demo/versions')).versions;
	assert.deepEqual(
		versions.map((v: any) => [v.version, v.campaigns.length]),
		[
			[5, 1],
			[4, 2],
			[3, 1],
			[2, 2],
			[1, 1],
		],
	);
	const actions = (await edge.admin.ok('GET', 'sites/demo/audit')).entries.map((e: any) => e.action);
	assert.deepEqual(actions, ['delete', 'rollback', 'rollback', 'publish', 'publish', 'settle']);
	await edge.kill();
	await edge.restart();
	assert.deepEqual(await ids(), ['second']);
});

test('two at once: both are published, one after the other', async () => {
	const before = (await edge.admin.ok('GET', 'sites/demo')).version;
	await Promise.all(
		['p', 'q'].map((id) => edge.admin.ok('PUT', 'sites/demo/campaigns', { campaigns: [campaign({ id })] })),
	);
	const list = await edge.admin.ok('GET', 'sites/demo/campaigns');
	assert.equal(list.version, before + 2);
	assert.ok(['p', 'q'].every((id) => list.campaigns.some((c: any) => c.id === id)));
});

test('nobody gets in without a token, and no other page with a cookie', async () => {
	const admin = `${edge.url}/noren/v1/admin`;
	const status = async (path: string, init: RequestInit = {}) => (await fetch(`${admin}/${path}`, init)).status;
	assert.equal(await status('sites/demo'), 401);
	assert.equal(await status('sites/demo', { headers: { Authorization: 'Bearer wrong' } }), 401);
	assert.equal(await status('session', { method: 'POST', body: '{"token":"wrong"}' }), 401);
	const signed = await fetch(`${admin}/session`, {
		method: 'POST',
		headers: { Origin: edge.url },
		body: JSON.stringify({ token: edge.token }),
	});
	const session = (await signed.json()) as any;
	assert.deepEqual([session.name, session.sites, session.shards], ['developer', ['demo'], 4]);
	const cookie = signed.headers.get('set-cookie') ?? '';
	assert.match(cookie, /^noren-dev=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
	const Cookie = cookie.split(';')[0] ?? '';
	assert.equal(await status('session', { headers: { Cookie } }), 200);
	const write = { method: 'PUT', body: '{"name":"x"}' };
	assert.equal(await status('sites/demo', { ...write, headers: { Cookie } }), 403);
	assert.equal(await status('sites/demo', { ...write, headers: { Cookie, Origin: 'https://evil.example' } }), 403);
	assert.equal(await status('sites/demo', { ...write, headers: { Cookie, Origin: edge.url } }), 200);
	assert.equal(await status('session', { method: 'DELETE', headers: { Cookie, Origin: edge.url } }), 200);
	assert.equal(await status('session', { headers: { Cookie } }), 401);
	// The development token holds only where the Host header, too, names this machine.
	const asking = (Host: string) =>
		new Promise<number | undefined>((resolve, reject) => {
			const headers = { Authorization: `Bearer ${edge.token}`, Host };
			get(`${admin}/session`, { headers }, (response) => resolve(response.resume().statusCode)).on('error', reject);
		});
	assert.equal(await asking('localhost'), 200);
	for (const host of ['noren.example', '127.0.0.1.noren.example', '10.0.0.1'])
		assert.equal(await asking(host), 401, host);
});

test('a new site asks for consent and lets only its own pages in', async () => {
	await edge.admin.ok('PUT', 'sites/tea', { name: 'Tea', origins: ['https://tea.example'] });
	const info = await edge.admin.ok('GET', 'sites/tea');
	assert.deepEqual([info.consent, info.version, info.program, info.shards], ['ask', 0, '', 4]);
	const page = new Page(edge.url, 'tea');
	assert.equal((await page.sync([{ n: 0, name: 'x' }])).status, 403);
	const own = { Origin: 'https://tea.example' };
	const unasked = await page.post('/noren/v1/sync?site=tea', page.request([{ n: 0, name: 'x' }]), own);
	assert.deepEqual([unasked.status, unasked.body.code], [403, 'consent_missing']);
	const agreed = page.request([{ n: 0, name: 'x' }], { consent: ['ask', 'granted'] });
	const allowed = await page.post('/noren/v1/sync?site=tea', agreed, own);
	assert.deepEqual([allowed.status, allowed.headers.get('access-control-allow-origin')], [200, 'https://tea.example']);
	const wrong = await edge.admin.request('PUT', 'sites/tea', { origins: ['https://tea.example/shop'] });
	assert.deepEqual([wrong.status, wrong.body.path], [400, 'origins[0]']);
	assert.equal((await edge.admin.request('GET', 'sites/nobody')).status, 404);
});
