/** The four modes of consent as the edge holds them, whatever a page sends; and machines, of which nothing is kept. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, exposure, id } from './page.ts';

let edge: Edge;
let phase: number;
before(async () => {
	edge = await Edge.start();
	await edge.admin.ok('PUT', 'sites/asks', { origins: ['loopback'] });
	await edge.admin.ok('PUT', 'sites/forgets', { origins: ['loopback'], consent: 'cookieless' });
	await edge.admin.publish([campaign()], { site: 'forgets' });
	await edge.admin.publish([campaign()]);
	phase = 1;
});
after(() => edge?.stop());

const view = { n: 0, name: 'page_view' };
const scroll = { n: 1, name: 'scroll' };
const consent = (n: number, answer: unknown, text?: string) => ({ n, name: 'consent', props: { answer, text } });
const isKept = async (page: Page): Promise<boolean> => {
	const found = await edge.admin.request('GET', `sites/${page.site}/measure?device=${page.device}`);
	return found.status === 200 && found.body.bytes > 0;
};

test('before the answer nothing is taken', async () => {
	for (const more of [{}, { fresh: true }, { raw: true }, { consent: ['ask', null] }, { consent: ['ask', 'denied'] }]) {
		const page = new Page(edge.url, 'asks');
		const answer = await page.sync([view, scroll], more);
		assert.deepEqual([answer.status, answer.body.code], [403, 'consent_missing'], JSON.stringify(more));
		assert.deepEqual(
			[await isKept(page), (await page.coupon('linger', 'welcome')).body.code],
			[false, 'consent_missing'],
		);
	}
	const page = new Page(edge.url, 'asks');
	const wrong = await page.sync([view], { consent: 'yes' });
	assert.deepEqual([wrong.status, wrong.body.code], [400, 'body_invalid']);
});

test('with the answer everything is, and the answer is told with its time and text', async () => {
	const page = new Page(edge.url, 'asks');
	const who = { n: 2, name: 'identify', props: { user_id: 'asked' } };
	assert.equal((await page.sync([view, consent(1, ['analytics'], '2026-11'), who])).status, 200);
	page.stream = id();
	assert.equal((await page.sync([view], { consent: ['ask', 'analytics'] })).status, 200);
	page.stream = id();
	assert.equal((await page.sync([view])).status, 200, 'an agent that states nothing is known by its answer');
	await until('the person', async () => (await edge.admin.request('GET', 'sites/asks/persons/asked')).status === 200);
	const { sources } = await edge.admin.ok('GET', 'sites/asks/persons/asked/export');
	const [{ at, ...answer }] = sources[0].answers;
	assert.deepEqual(answer, { answer: 'analytics', text: '2026-11' });
	assert.ok(Math.abs(at - Date.now()) < 60_000);
});

test('an agreement taken back leaves nothing but the answers', async () => {
	const page = new Page(edge.url);
	const user = { n: 2, name: 'identify', props: { user_id: 'leaver', traits: { mail: 'leaver@example.jp' } } };
	await page.sync([view, consent(1, 'granted'), user, exposure(3, 'treated', phase)]);
	const person = () => edge.admin.request('GET', 'sites/demo/persons/leaver');
	await until('the join', async () => (await person()).body.parts?.length === 1);
	await page.sync([consent(4, 'denied')], { hidden: true });
	await until('the person to know nothing', async () => (await person()).body.parts?.length === 0);
	assert.deepEqual((await person()).body.facts.traits, {});
	const late = await page.sync([{ n: 5, name: 'scroll' }]);
	assert.deepEqual([late.body.reset, late.body.acks], [true, []], 'a tab that had not heard of it');
	const { campaigns } = await edge.admin.ok('GET', 'sites/demo/numbers');
	assert.equal(
		campaigns.reduce((sum: number, row: any) => sum + row.shown, 0),
		1,
		'totals stay',
	);
});

test('without an id that lasts, what was shown counts and nothing is kept', async () => {
	const page = new Page(edge.url, 'forgets');
	const user = { n: 1, name: 'identify', props: { user_id: 'nobody', traits: { mail: 'x@example.jp' } } };
	const events = [
		view,
		user,
		exposure(2, 'treated', phase),
		{ n: 3, name: 'noren_close', props: { campaign: 'linger' } },
	];
	const answer = await page.sync(events);
	assert.deepEqual([answer.status, answer.body.acks], [200, [{ id: page.stream, next: 4 }]]);
	await page.sync(events);
	await page.sync([{ n: 4, name: 'noren_click', props: { campaign: 'linger' } }]);
	const { campaigns } = await edge.admin.ok('GET', 'sites/forgets/numbers');
	const counted = campaigns.map((row: any) => [row.shown, row.closed, row.clicked, row.visitors]);
	assert.deepEqual(counted, [[1, 1, 1, 0]], 'once each, and nobody is in a test');
	assert.equal(await isKept(page), false);
	assert.equal((await edge.admin.request('GET', 'sites/forgets/persons/nobody')).status, 404);
	assert.deepEqual((await page.coupon('linger', 'welcome')).body, { ok: false, code: 'not_eligible' });
	const [recounted] = await recount('forgets');
	assert.deepEqual([recounted.done, recounted.differs], [true, []]);
});

test('an order of somebody without an id that lasts counts once, however often its page comes again', async () => {
	const unkept = async () => (await edge.admin.ok('GET', 'sites/forgets/numbers')).unkept;
	const order = (n: number, props: object) => ({ n, name: 'purchase', props });
	const before = await unkept();
	// The thank-you page is opened again, reloaded, and its first answer was lost: each time another id and another stream.
	for (let load = 0; load < 3; load += 1) {
		const page = new Page(edge.url, 'forgets');
		for (const _ of [1, 2]) await page.sync([view, order(1, { transaction_id: 'P-1', value: 1200 })]);
	}
	assert.deepEqual(await unkept(), { orders: before.orders + 1, value: before.value + 1200 });
	const other = new Page(edge.url, 'forgets');
	const year = 365 * 86_400_000;
	await other.sync([
		order(0, { transaction_id: 'P-2', value: 300 }),
		order(1, { value: 50 }),
		{ n: 2, name: 'refund', props: { transaction_id: 'P-1', value: 200 } },
		{ ...order(3, { transaction_id: 'P-3', value: 9 }), at: Date.now() - year },
	]);
	assert.deepEqual(await unkept(), { orders: before.orders + 3, value: before.value + 1350 });
	// In no campaign and in nobody's profile, and a recount knows of them.
	const { campaigns } = await edge.admin.ok('GET', 'sites/forgets/numbers');
	assert.ok(campaigns.every((row: any) => row.id !== '' && row.converted === 0));
	assert.deepEqual((await recount('forgets', { restart: true }))[0].differs, []);
	assert.equal(await isKept(other), false);
});

test('a page whose tag names a stricter mode than its site is held to it', async () => {
	const page = new Page(edge.url);
	assert.equal((await page.sync([view, scroll], { consent: ['cookieless', null] })).status, 200);
	assert.equal((await page.sync([view, scroll], { consent: ['ask', null] })).status, 403);
	assert.equal(await isKept(page), false);
});

test('of machines nothing is kept', async () => {
	const page = new Page(edge.url);
	const agent = { 'User-Agent': 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)' };
	const answer = await page.post('/noren/v1/sync?site=demo', page.request([view, scroll]), agent);
	assert.deepEqual([answer.status, answer.body.acks[0].next, await isKept(page)], [200, 2, false]);
});

/** Asks until the recount is done; every answer. */
async function recount(site: string, first: object = {}): Promise<any[]> {
	const answers = [await edge.admin.ok('POST', `sites/${site}/recount`, first)];
	while (!answers[0].done) answers.unshift(await edge.admin.ok('POST', `sites/${site}/recount`, {}));
	return answers;
}

test('a recount of every registered object differs by nothing, and by what was made wrong', async () => {
	for (let n = 0; n < 12; n += 1) {
		const page = new Page(edge.url);
		const who = { n: 0, name: 'identify', props: { user_id: `counted ${n % 3}` } };
		const order = { n: 2, name: 'purchase', props: { transaction_id: `R-${n}`, value: 500 } };
		await page.sync([who, exposure(1, n % 2 ? 'treated' : 'control', phase), order]);
		if (n === 5) await edge.admin.ok('POST', `sites/demo/devices/${page.device}/erase`);
	}
	await until('everything to be counted', async () => {
		const { campaigns } = await edge.admin.ok('GET', 'sites/demo/numbers');
		return campaigns.reduce((sum: number, row: any) => sum + row.shown, 0) === 13;
	});
	const [same] = await recount('demo', { restart: true });
	assert.deepEqual(same.differs, []);
	// Eleven devices that were not erased, and three persons.
	assert.ok(same.objects >= 14 && same.of >= same.objects, `${same.objects} of ${same.of}`);
	const server = await edge.admin.ok('POST', 'sites/demo/keys', { name: 'n', kind: 'server', scopes: ['numbers'] });
	const refused = await fetch(`${edge.url}/noren/v1/admin/sites/demo/recount`, {
		method: 'POST',
		headers: { Authorization: `Bearer ${server.secret}` },
		body: '{}',
	});
	assert.equal(refused.status, 403, 'no server key may');
	const { entries } = await edge.admin.ok('GET', 'sites/demo/audit');
	assert.ok(entries.some((entry: any) => entry.action === 'recount'));
});
