/** The site's own cookie, on the real runtime: who gets one, what it restores, and who cannot make use of it. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Page, id } from './page.ts';
import type { Answer, PageEvent } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
	await edge.admin.ok('GET', 'sites/demo');
});
after(() => edge?.stop());

/** A browser with a cookie jar, on a page of the same site as the edge. */
class Browser {
	page = new Page(edge.url);
	cookie = '';

	async sync(
		events: readonly PageEvent[],
		more: Record<string, unknown> = {},
		headers: Record<string, string> = {},
	): Promise<Answer> {
		const sent = { 'Sec-Fetch-Site': 'same-site', ...(this.cookie && { Cookie: this.cookie }), ...headers };
		const answer = await this.page.post('/noren/v1/sync?site=demo', this.page.request(events, more), sent);
		const set = answer.headers.get('set-cookie');
		if (set) this.cookie = set.includes('Max-Age=0') ? '' : set.split(';')[0]!;
		return answer;
	}

	/** What script stored is gone, and a new page mints another identity. */
	forget(): void {
		this.page = new Page(edge.url);
	}
}

const did: readonly PageEvent[] = [
	{ n: 0, name: 'page_view' },
	{ n: 1, name: 'view_item' },
];
const look = { fresh: true };
const measured = async (page: Page): Promise<number> =>
	(await edge.admin.request('GET', `sites/demo/measure?device=${page.device}`)).status;

test('who is remembered gets a cookie that script cannot read, and is known by it when storage is gone', async () => {
	const browser = new Browser();
	const { device, key } = browser.page;
	const first = await browser.sync(did);
	const set = first.headers.get('set-cookie') ?? '';
	assert.match(set, /^noren\.demo=[\w-]{22}\.[\w-]{43}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Lax$/);
	assert.deepEqual(
		['access-control-allow-origin', 'access-control-allow-credentials', 'vary'].map((h) => first.headers.get(h)),
		[edge.url, 'true', 'Origin'],
	);
	browser.forget();
	const minted = browser.page;
	const back = await browser.sync(did.slice(0, 1), look);
	assert.deepEqual(back.body.identity, [device, key, 0]);
	assert.deepEqual([back.body.facts.visits, back.body.acks[0].next], [1, 1], 'one visitor, and the page is kept');
	assert.equal(await measured(minted), 404, 'nobody new was made');
	// Where storage and cookie agree nothing more is said.
	Object.assign(minted, { device, key });
	const same = await browser.sync([{ n: 1, name: 'scroll' }]);
	assert.deepEqual([same.body.identity, same.body.acks[0].next], [undefined, 2]);
	// And what storage still knows brings the cookie back.
	browser.cookie = '';
	await browser.sync([{ n: 2, name: 'scroll' }]);
	assert.ok(browser.cookie.includes(`${device}.${key}`));
});

test('the site says whether its address is its own, and elsewhere nothing is said of cookies', async () => {
	const asked = async (site?: string): Promise<unknown> => {
		const headers: Record<string, string> = site ? { 'Sec-Fetch-Site': site } : {};
		return (await (await fetch(`${edge.url}/noren/v1/site?site=demo`, { headers })).json()).cookie;
	};
	assert.deepEqual(await Promise.all(['same-site', 'same-origin', 'cross-site', undefined].map(asked)), [
		true,
		true,
		undefined,
		undefined,
	]);
	for (const word of ['cross-site', 'none', '']) {
		const other = new Browser();
		const known = new Browser();
		await known.sync(did);
		other.cookie = known.cookie;
		const answer = await other.sync(did, {}, { 'Sec-Fetch-Site': word });
		assert.deepEqual(
			['set-cookie', 'access-control-allow-credentials'].map((header) => answer.headers.get(header)),
			[null, null],
			word,
		);
		assert.deepEqual([answer.status, answer.body.identity], [200, undefined], 'a cookie that comes along is not read');
		assert.equal(await measured(other.page), 200);
	}
});

test('nothing is set on who only looks, is not to be remembered, or is a machine', async () => {
	const fresh = new Browser();
	await fresh.sync(did.slice(0, 1), look);
	const passing = new Browser();
	await passing.sync(did, { consent: ['cookieless', null] });
	const asked = new Browser();
	const refused = await asked.sync(did, { consent: ['ask', null] });
	assert.deepEqual([refused.status, refused.body.code], [403, 'consent_missing']);
	// A page that sends cookies may read no answer that is for anybody.
	assert.equal(refused.headers.get('access-control-allow-origin'), edge.url);
	for (const browser of [fresh, passing, asked]) assert.equal(browser.cookie, '');
});

test('what forbids to remember takes the cookie away', async () => {
	const known = async (): Promise<Browser> => {
		const browser = new Browser();
		await browser.sync(did);
		assert.notEqual(browser.cookie, '');
		return browser;
	};
	const withdraws = await known();
	await withdraws.sync([{ n: 2, name: 'consent', props: { answer: 'denied' } }], { consent: ['open', null] });
	assert.equal(withdraws.cookie, '', 'consent taken back');
	const denied = await known();
	assert.equal((await denied.sync(did, { consent: ['open', 'denied'] })).status, 403);
	assert.equal(denied.cookie, '', 'an answer of before');
	const passing = await known();
	await passing.sync(did, { consent: ['cookieless', null] });
	assert.equal(passing.cookie, '', 'a page that goes without');
	const erased = await known();
	await edge.admin.ok('POST', `sites/demo/devices/${erased.page.device}/erase`);
	erased.forget();
	const reset = await erased.sync(did);
	assert.deepEqual([reset.body.reset, reset.body.facts, erased.cookie], [true, undefined, '']);
	const loggedOut = await known();
	await loggedOut.sync([{ n: 2, name: 'reset' }]);
	assert.notEqual(loggedOut.cookie, '', 'a logout is not of the device');
});

test("another site's page cannot speak for the visitor, nor can one of the same site that is not listed", async () => {
	const victim = new Browser();
	await victim.sync(did);
	const events = async (): Promise<number> => {
		const { body } = await victim.sync([]);
		return Object.values(body.facts.marks as Record<string, number>).reduce((a, b) => a + b, 0);
	};
	const before = await events();
	const attacker = new Page(edge.url);
	for (const [origin, site] of [
		['https://evil.example', 'cross-site'],
		['https://evil.shop.example', 'same-site'],
		['null', 'cross-site'],
	] as const) {
		const answer = await attacker.post('/noren/v1/sync?site=demo', attacker.request(did), {
			Origin: origin,
			'Sec-Fetch-Site': site,
			Cookie: victim.cookie,
		});
		assert.deepEqual([answer.status, answer.body.code], [403, 'origin_forbidden'], origin);
		assert.equal(answer.headers.get('set-cookie'), null);
	}
	assert.equal(await events(), before);
	assert.equal(await measured(attacker), 404);
});

test('a cookie that names nobody keeps nobody out', async () => {
	const owner = new Browser();
	await owner.sync(did);
	const forged = new Browser();
	// Somebody's public id under a key that is not theirs.
	forged.cookie = `noren.demo=${owner.page.device}.${id(32)}`;
	const answer = await forged.sync(did);
	assert.deepEqual([answer.status, answer.body.identity], [200, undefined]);
	assert.ok(forged.cookie.includes(`${forged.page.device}.${forged.page.key}`), 'and it is set right');
	assert.equal((await owner.sync([{ n: 2, name: 'scroll' }])).status, 200);
	for (const broken of ['noren.demo=', 'noren.demo=x.y', `noren.demo=${'é'.repeat(30)}`]) {
		const browser = new Browser();
		browser.cookie = encodeURI(broken);
		assert.equal((await browser.sync(did)).status, 200, broken);
	}
});

test('tabs that minted identities at once become one visitor, each event once', async () => {
	const browser = new Browser();
	await browser.sync(did);
	const { device } = browser.page;
	const jar = browser.cookie;
	const tabs = Array.from({ length: 5 }, () => Object.assign(new Browser(), { cookie: jar }));
	// Each request twice: an answer was lost.
	const answers = await Promise.all(tabs.flatMap((tab) => [tab.sync(did), tab.sync(did)]));
	assert.deepEqual([...new Set(answers.map(({ body }) => body.identity[0]))], [device]);
	await until('all events once', async () => {
		const { body } = await browser.sync([]);
		return Object.keys(body.facts.marks).length === 6;
	});
	for (const tab of tabs) assert.equal(await measured(tab.page), 404);
});
