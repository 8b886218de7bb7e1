/** What a visitor may ask of a site, on the real runtime: not to be followed, to see what is stored, to have it gone. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
	// The demo site comes into being when it is first looked at.
	await edge.admin.ok('GET', 'sites/demo');
});
after(() => edge?.stop());

const identify = (n: number, user: string, traits = {}) => ({ n, name: 'identify', props: { user_id: user, traits } });
const at = (user: string, what = ''): string => `sites/demo/persons/${encodeURIComponent(user)}${what}`;

const joined = (user: string, parts: number): Promise<any> =>
	until(`${parts} parts of ${user}`, async () => {
		const known = await edge.admin.request('GET', at(user));
		return known.status === 200 && known.body.parts.length === parts && known.body;
	});

test('a browser that asks not to be followed is not, where the site honours it', async () => {
	await edge.admin.ok('PUT', 'sites/demo', { signals: 'off' });
	const page = new Page(edge.url);
	const modeFor = async (headers: Record<string, string>) =>
		(await (await fetch(`${edge.url}/noren/v1/site?site=demo`, { headers })).json()).consent;
	assert.deepEqual(
		[await modeFor({}), await modeFor({ 'Sec-GPC': '1' }), await modeFor({ DNT: '1' }), await modeFor({ DNT: '0' })],
		['open', 'off', 'off', 'open'],
	);
	const body = page.request([{ n: 0, name: 'scroll' }]);
	const refused = await page.post('/noren/v1/sync?site=demo', body, { 'Sec-GPC': '1' });
	assert.deepEqual([refused.status, refused.body.code], [403, 'consent_off']);
	assert.equal(
		(await edge.admin.request('GET', `sites/demo/measure?device=${page.device}`)).status,
		404,
		'nothing stored',
	);
	assert.equal((await page.post('/noren/v1/sync?site=demo', body)).status, 200);
	await edge.admin.ok('PUT', 'sites/demo', { signals: 'cookieless' });
	assert.equal(await modeFor({ 'Sec-GPC': '1' }), 'cookieless');
	await edge.admin.ok('PUT', 'sites/demo', { signals: 'ignore' });
	assert.equal(await modeFor({ 'Sec-GPC': '1' }), 'open');
});

test('all that is stored of a person is told, and then gone but for a number', async () => {
	const user = '花 <hana@example.jp>';
	const [one, two, bystander] = [new Page(edge.url), new Page(edge.url), new Page(edge.url)];
	const order = { n: 1, name: 'purchase', props: { transaction_id: 'E-1', value: 900, note: '<script>' } };
	await one.sync([identify(0, user, { mail: 'hana@example.jp' }), order]);
	await two.sync([identify(0, user), { n: 1, name: 'page_view', props: { page_path: '/secret' } }]);
	await bystander.sync([identify(0, 'somebody else', { mail: 'else@example.jp' })]);
	const chat = await one.chat();
	chat.send({ t: 'say', cid: 'c1', text: '私の秘密' });
	await until('the message to be stored', () => chat.frames.some((frame) => frame.t === 'ack'));
	await joined(user, 2);
	await until('the conversation to be listed', async () => {
		const { conversations } = await edge.admin.ok('GET', 'sites/demo/conversations');
		return conversations.length === 1;
	});

	const all = await edge.admin.ok('GET', at(user, '/export'));
	const source = all.sources.find((source: any) => source.device === one.device);
	assert.deepEqual(
		[source.events.map((event: any) => event.name), source.events[1].props, source.messages.map((m: any) => m.text)],
		[['identify', 'purchase'], order.props, ['私の秘密']],
	);
	assert.deepEqual([all.person.user, all.person.facts.purchases, all.sources.length], [user, 1, 2]);

	const receipt = await edge.admin.ok('POST', at(user, '/erase'));
	assert.deepEqual([receipt.generation, receipt.devices, receipt.stays.length], [1, 2, 4]);
	await until('nothing to be pending', async () => (await edge.admin.ok('POST', at(user, '/erase'))).pending === 0);
	for (const page of [one, two]) {
		const reset = await until('the device to be told', async () => {
			const { body } = await page.sync([{ n: 5, name: 'page_view' }]);
			return body.reset && body;
		});
		assert.deepEqual([reset.generation, reset.acks, reset.facts], [1, [], undefined]);
	}
	await until('the conversation to be gone', async () => {
		const { conversations } = await edge.admin.ok('GET', 'sites/demo/conversations');
		return conversations.length === 0;
	});
	chat.frames.length = 0;
	chat.send({ t: 'hello', since: 0 });
	const history = await until('the history', () => chat.frames.find((frame) => frame.t === 'history'));
	assert.deepEqual(history.messages, []);
	const left = await edge.admin.ok('GET', `sites/demo/person?user=${encodeURIComponent(user)}`);
	assert.deepEqual([left.visits, left.traits], [0, {}]);
	assert.equal((await edge.admin.request('GET', at(user, '/export'))).status, 404);
	// Nobody else is touched, and the audit knows no name.
	assert.deepEqual((await edge.admin.ok('GET', at('somebody else'))).facts.traits, { mail: 'else@example.jp' });
	const { entries } = await edge.admin.ok('GET', 'sites/demo/audit');
	assert.deepEqual([...new Set(entries.map((entry: any) => entry.action))].slice(0, 2), ['erase', 'export']);
	assert.ok(!JSON.stringify(entries).includes('hana'));
	assert.equal((await edge.admin.request('POST', at('nobody', '/erase'))).status, 404);
});

test('what a site names as sensitive is told to nobody but who has the right', async () => {
	const user = 'sensitive';
	const page = new Page(edge.url);
	await page.sync([identify(0, user, { plan: 'pro', illness: 'before' })]);
	await joined(user, 1);
	const site = await edge.admin.ok('PUT', 'sites/demo', { sensitive: ['持病', 'illness'] });
	assert.deepEqual(site.sensitive, ['illness', '持病']);
	assert.equal((await edge.admin.request('PUT', 'sites/demo', { sensitive: [''] })).body.path, 'sensitive[0]');
	// Before its device was heard of again, the person's facts leave out what is still stored with them.
	await until('the setting to hold', async () => {
		const { facts } = await edge.admin.ok('GET', at(user));
		return !('illness' in facts.traits);
	});
	const said = await page.sync([identify(1, user, { 持病: '喘息', plan: 'gold' })]);
	assert.deepEqual(said.body.facts.traits, { plan: 'gold' });
	await until('the person to hear', async () => (await edge.admin.ok('GET', at(user))).facts.traits.plan === 'gold');

	const key = (await edge.admin.ok('POST', 'sites/demo/keys', { name: 'crm', kind: 'server', scopes: ['people'] }))
		.secret;
	const right = (
		await edge.admin.ok('POST', 'sites/demo/keys', { name: 'care', kind: 'server', scopes: ['sensitive'] })
	).secret;
	const by = (secret: string, what = ''): Promise<Response> =>
		fetch(`${edge.url}/noren/v1/admin/${at(user, what)}`, { headers: { Authorization: `Bearer ${secret}` } });
	const seen = await by(key);
	assert.equal(seen.status, 200);
	const text = (await seen.text()) + JSON.stringify((await page.sync([{ n: 2, name: 'scroll' }])).body);
	assert.ok(!text.includes('before') && !text.includes('喘息'), text);
	assert.deepEqual([(await by(key, '/sensitive')).status, (await by(right)).status], [403, 403]);
	const told: any = await (await by(right, '/sensitive')).json();
	assert.deepEqual(
		told.traits.map((one: any) => [one.name, one.value]),
		[
			['illness', 'before'],
			['持病', '喘息'],
		],
	);
	const { entries } = await edge.admin.ok('GET', 'sites/demo/audit');
	assert.deepEqual([entries[0].action, entries[0].by.includes('care')], ['sensitive', true]);
	const all = await edge.admin.ok('GET', at(user, '/export'));
	assert.deepEqual(
		[all.sources[0].sensitive.length, JSON.stringify(all.sources[0].events).includes('喘息')],
		[2, false],
	);

	await edge.admin.ok('POST', at(user, '/erase'));
	await until('nothing to be pending', async () => (await edge.admin.ok('POST', at(user, '/erase'))).pending === 0);
	assert.equal((await edge.admin.request('GET', at(user, '/sensitive'))).status, 404);
	await edge.admin.ok('PUT', 'sites/demo', { sensitive: [] });
});

test('somebody of whom no more is known than a browser can be erased as well', async () => {
	const page = new Page(edge.url);
	await page.sync([
		{ n: 0, name: 'page_view' },
		{ n: 1, name: 'scroll' },
	]);
	const receipt = await edge.admin.ok('POST', `sites/demo/devices/${page.device}/erase`);
	assert.deepEqual([receipt.generation, receipt.devices], [1, 1]);
	const answer = (await page.sync([{ n: 2, name: 'scroll' }])).body;
	assert.deepEqual([answer.reset, answer.generation], [true, 1]);
	for (const nobody of [new Page(edge.url).device, '../..', 'x']) {
		const none = await edge.admin.request('POST', `sites/demo/devices/${encodeURIComponent(nobody)}/erase`);
		assert.equal(none.status, 404);
	}
});
