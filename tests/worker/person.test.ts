/** Persons on the real runtime: what goes up, what comes down, and taking it back. */
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, campaign, couponCampaign, exposure } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
	await edge.admin.publish([campaign({ control: 0 })]);
});
after(() => edge?.stop());

/** As a site's server makes it. */
const proof = (secret: string, user: string, seconds = 3600): string => {
	const expires = Math.floor(Date.now() / 1000) + seconds;
	return `${expires}.${createHmac('sha256', secret).update(`${expires}.${user}`).digest('hex')}`;
};

const settle = (word: string): Promise<unknown> => edge.admin.ok('PUT', 'sites/demo', { proof: word });
const secretOf = async (renew = false): Promise<string> =>
	(await edge.admin.ok('POST', 'sites/demo/proof', { renew })).secret;
const person = (user: string): Promise<any> => edge.admin.ok('GET', `sites/demo/persons/${encodeURIComponent(user)}`);
const identify = (n: number, user: string, more: Record<string, unknown> = {}) => ({
	n,
	name: 'identify',
	props: { user_id: user, ...more },
});
const order = (n: number, id: string) => ({ n, name: 'purchase', props: { transaction_id: id, value: 900 } });

/** All of a person, once as many parts are in. */
const joined = (user: string, parts: number): Promise<any> =>
	until(`${parts} parts of ${user}`, async () => {
		const known = await edge.admin.request('GET', `sites/demo/persons/${encodeURIComponent(user)}`);
		const seen = known.body;
		return known.status === 200 && seen.parts.filter((part: any) => !part.parted).length === parts && seen;
	});

/** What a page is told, once something of the person has come down. */
async function told(page: Page, from: number, is: (facts: any) => boolean): Promise<any> {
	let n = from;
	return until('the facts to come down', async () => {
		const answer = await page.sync([{ n: n++, name: 'page_view' }]);
		return is(answer.body.facts) && answer.body.facts;
	});
}

test('two user ids are made one by a server, and two again', async () => {
	const { secret } = await edge.admin.ok('POST', 'sites/demo/keys', {
		name: 'crm',
		kind: 'server',
		scopes: ['events'],
	});
	const alias = async (previousId: string, userId: string): Promise<number> =>
		(
			await fetch(`${edge.url}/v1/alias`, {
				method: 'POST',
				headers: { Authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` },
				body: JSON.stringify({ previousId, userId }),
			})
		).status;
	const [one, two] = [new Page(edge.url), new Page(edge.url)];
	await one.sync([identify(0, 'alias-new'), order(1, 'AL-1')]);
	await two.sync([identify(0, 'alias-old'), order(1, 'AL-2')]);
	await joined('alias-new', 1);
	await joined('alias-old', 1);
	assert.deepEqual([await alias('alias-old', 'alias-new'), await alias('alias-new', 'alias-new')], [200, 200]);
	// Beside both browsers a client's device: the former id may have been an anonymousId, too.
	assert.equal((await joined('alias-new', 3)).facts.purchases, 2);
	const former = await joined('alias-old', 0);
	assert.deepEqual(
		[former.alias.user, former.facts.purchases, former.log.some((entry: any) => entry.action === 'alias')],
		['alias-new', 0, true],
	);
	const later = new Page(edge.url);
	await later.sync([identify(0, 'alias-old'), order(1, 'AL-1')]);
	assert.equal((await joined('alias-new', 4)).facts.purchases, 2, 'one order is one order');
	const parted = await edge.admin.ok('POST', 'sites/demo/persons/alias-old/unalias');
	assert.equal(parted.alias, null);
	assert.equal((await joined('alias-old', 2)).facts.purchases, 2);
	assert.equal((await joined('alias-new', 2)).facts.purchases, 1);
	assert.equal((await edge.admin.request('POST', 'sites/demo/persons/alias-old/unalias')).status, 404);
});

test('a second browser that claims a known user without proof learns nothing', async () => {
	await settle('optional');
	const owner = new Page(edge.url);
	await owner.sync([identify(0, 'known', { traits: { plan: 'gold' } }), order(1, 'K-1')]);
	await joined('known', 1);
	const thief = new Page(edge.url);
	await thief.sync([identify(0, 'known', { traits: { mood: 'sly' } })]);
	await joined('known', 2);
	const facts = (await thief.sync([{ n: 1, name: 'page_view' }])).body.facts;
	assert.deepEqual([facts.purchases, facts.traits, facts.coupons], [0, { mood: 'sly' }, []]);
});

test('with the site’s own signature the person’s other devices come down', async () => {
	await settle('optional');
	const secret = await secretOf();
	const user = '花@example.jp';
	const [one, two] = [new Page(edge.url), new Page(edge.url)];
	await edge.admin.pool('gift', {
		codes: ['GIFT-1', 'GIFT-2'],
		terms: { kind: 'amount', value: 500, minimum: 0, currency: 'JPY' },
	});
	await edge.admin.publish([couponCampaign('gift')]);
	await one.sync([identify(0, user, { traits: { plan: 'gold' }, proof: proof(secret, user) }), order(1, 'H-1')]);
	assert.equal((await one.reveal('gift')).body.code, 'GIFT-1');
	await one.sync([{ n: 2, name: 'page_view' }]);
	await joined(user, 1);
	await two.sync([identify(0, user, { proof: proof(secret, user) }), order(1, 'H-1')]);
	const facts = await told(two, 2, (facts) => facts.traits.plan === 'gold' && facts.coupons.length === 1);
	assert.deepEqual([facts.purchases, facts.lifetime_value, facts.coupons[0].code], [1, 900, 'GIFT-1']);
	assert.equal((await two.coupon('gift', 'gift')).body.code, 'GIFT-1', 'one person, one code');
	const known = await person(user);
	assert.deepEqual(
		known.parts.map((part: any) => part.proven),
		[true, true],
	);
	// After the logout nothing of it is left in the browser.
	const next = (await two.sync([{ n: 100, name: 'page_view' }], { epoch: 1 })).body.facts;
	assert.deepEqual([next.purchases, next.traits, next.coupons], [0, {}, []]);
});

test('a forged proof is refused with its field, and nothing of its request is stored', async () => {
	await settle('optional');
	const secret = await secretOf();
	const page = new Page(edge.url);
	for (const forged of [proof('guessed', 'f'), proof(secret, 'somebody else'), '9999999999.00', 7]) {
		const answer = await page.sync([{ n: 0, name: 'page_view' }, identify(1, 'f', { proof: forged })]);
		assert.deepEqual(
			[answer.status, answer.body.code, answer.body.path],
			[403, 'proof_invalid', 'streams[0].events[1].props.proof'],
		);
		assert.ok(!answer.body.message.includes(secret));
	}
	const kept = (await page.sync([])).body;
	assert.deepEqual([kept.acks[0].next, kept.facts.visits], [0, 0]);
	// One whose time is over is no crime, and proves nothing.
	assert.equal((await page.sync([identify(0, 'lapsed', { proof: proof(secret, 'lapsed', -1) })])).status, 200);
	assert.equal((await joined('lapsed', 1)).parts[0].proven, false);
});

test('a renewed secret is taken at once, the one before until the next renewal', async () => {
	await settle('mandatory');
	const before = await secretOf();
	const after = await secretOf(true);
	assert.notEqual(before, after);
	assert.equal((await new Page(edge.url).sync([identify(0, 'r', { proof: proof(before, 'r') })])).status, 200);
	assert.equal((await new Page(edge.url).sync([identify(0, 'r', { proof: proof(after, 'r') })])).status, 200);
	await secretOf(true);
	const late = await new Page(edge.url).sync([identify(0, 'r', { proof: proof(before, 'r') })]);
	assert.deepEqual([late.status, late.body.code], [403, 'proof_invalid']);
	// Where a proof is mandatory, who has none joins nobody.
	const page = new Page(edge.url);
	assert.equal((await page.sync([identify(0, 'nobody-yet')])).status, 200);
	await joined('r', 2);
	assert.equal((await edge.admin.request('GET', 'sites/demo/persons/nobody-yet')).status, 404);
	const { entries } = await edge.admin.ok('GET', 'sites/demo/audit');
	assert.equal(entries.filter((entry: any) => entry.action === 'proof').length >= 3, true);
	assert.ok(!JSON.stringify(entries).includes(after));
});

test('taking a device out of a person restores both, and the totals with them', async () => {
	await settle('optional');
	const secret = await secretOf();
	const totals = async (arm: string) => {
		const rows = (await edge.admin.numbers()).filter((row) => row['arm'] === arm);
		return rows.reduce((sum, row) => sum + Number(row['visitors']), 0);
	};
	const user = 'shared/family account';
	const [one, two] = [new Page(edge.url), new Page(edge.url)];
	await one.sync([identify(0, user, { proof: proof(secret, user), traits: { a: 1 } }), exposure(1, 'treated', 3)]);
	await two.sync([identify(0, user, { proof: proof(secret, user), traits: { b: 2 } }), exposure(1, 'control', 3)]);
	const before = await joined(user, 2);
	assert.deepEqual([before.facts.traits, before.mixed], [{ a: 1, b: 2 }, ['linger']]);
	await told(two, 2, (facts) => facts.traits.a === 1);
	await until('the mixed person in the totals', async () => (await totals('mixed')) === 1);
	const treated = await totals('treated');
	const address = `sites/demo/persons/${encodeURIComponent(user)}/undo`;
	const undone = await edge.admin.ok('POST', address, { device: two.device, epoch: 0 });
	assert.deepEqual([undone.facts.traits, undone.mixed, undone.log[0].action], [{ a: 1 }, [], 'undo']);
	const alone = await told(two, 50, (facts) => facts.traits.a === undefined);
	assert.deepEqual(alone.traits, { b: 2 }, 'its own word stays its own');
	await until('the totals to be as before', async () => (await totals('mixed')) === 0);
	assert.equal(await totals('treated'), treated + 1);
	// What it sends from now on stays out, and so does a second undo.
	await two.sync([{ ...order(90, 'S-1'), at: Date.now() }], {
		streams: [{ id: two.stream, from: 90, events: [{ ...order(90, 'S-1'), at: Date.now() }] }],
	});
	await one.sync([{ n: 2, name: 'page_view' }]);
	const later = await until('the other device’s next part', async () => {
		const seen = await person(user);
		return seen.parts.some((part: any) => part.device === one.device && part.events === 3) && seen;
	});
	assert.equal(later.facts.purchases, 0);
	for (const body of [
		{ device: two.device, epoch: 0 },
		{ device: one.device, epoch: 7 },
	]) {
		assert.equal((await edge.admin.request('POST', address, body)).status, 404);
	}
	assert.equal((await edge.admin.request('POST', address, { epoch: 0 })).status, 400);
	const { entries } = await edge.admin.ok('GET', 'sites/demo/audit');
	assert.deepEqual([entries[0].action, entries[0].what.startsWith(`${two.device}/0 of `)], ['undo', true]);
});

test('an id that more devices claim than one person has is refused and reported', async () => {
	await settle('off');
	const claim = (count: number) =>
		Promise.all(Array.from({ length: count }, () => new Page(edge.url).sync([identify(0, 'kiosk')])));
	await claim(103);
	const seen = await until('the refusals', async () => {
		const known = await edge.admin.request('GET', 'sites/demo/persons/kiosk');
		return known.status === 200 && known.body.refused === 3 && known.body;
	});
	assert.equal(seen.parts.length, 100);
	const list = await until('the finding', async () => {
		const { findings } = await edge.admin.ok('GET', 'sites/demo/findings');
		return findings.length > 0 && findings;
	});
	assert.deepEqual([list.length, list[0].code, list[0].what], [1, 'user_id_crowded', 'kiosk']);
	assert.ok(list[0].message.en && list[0].message.ja);
	// A word that is nobody's id joins nobody at all.
	await new Page(edge.url).sync([identify(0, 'undefined')]);
	assert.equal((await edge.admin.request('GET', 'sites/demo/persons/undefined')).status, 404);
});

test('killed in the middle of joining: every device is in, once, with all it did', async () => {
	await settle('off');
	const pages = Array.from({ length: 10 }, () => new Page(edge.url));
	const log = (page: Page) => [identify(0, 'survivor'), order(1, `shared`), order(2, `own-${page.device}`)];
	// Rows wait 200 ms for their delivery: each kill comes at another moment of it.
	for (let round = 0; round < 3; round += 1) {
		const some = pages.slice(round * 3, round * 3 + 4);
		await Promise.all(some.map((page) => page.sync(log(page).slice(0, 2))));
		if (round > 0) await edge.admin.request('GET', 'sites/demo/persons/survivor');
		await edge.kill();
		await edge.restart();
		await Promise.all(some.map((page) => page.sync(log(page))));
	}
	const seen = await until('everything at the person', async () => {
		const known = await edge.admin.request('GET', 'sites/demo/persons/survivor');
		return known.status === 200 && known.body.facts.purchases === 11 && known.body;
	});
	assert.deepEqual([seen.parts.length, seen.facts.visits, seen.facts.lifetime_value], [10, 10, 9900]);
	assert.equal(seen.log.filter((entry: any) => entry.action === 'join').length, 10);
});
