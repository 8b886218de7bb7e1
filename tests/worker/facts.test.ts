/** What the edge tells a page of its visitor, on the real runtime. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Edge } from '../e2e/support/edge.ts';
import { Page, campaign } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

const DAY = 86_400_000;
const place = { country: 'JP', region: 'Tokyo', city: 'Chiyoda', timezone: 'Asia/Tokyo', asOrganization: '架空電信' };

const arrival = (query: string, referrer = '') => ({
	name: 'page_view',
	props: { page_location: `https://shop.example/tea${query}`, page_path: '/tea', page_referrer: referrer },
});
const item = { items: [{ item_id: 't1', item_category: 'tea' }] };

test('a visitor comes down with arrivals, affinity, bands, answers and cart', async () => {
	const page = new Page(edge.url);
	const now = Date.now();
	const log = [
		{ n: 0, at: now - 10 * DAY - 60_000, ...arrival('?utm_source=ad&utm_medium=cpc') },
		{ n: 1, at: now - 10 * DAY + 60_000, name: 'purchase', props: { transaction_id: page.device, value: 20_000 } },
		{ n: 2, ...arrival('', 'https://www.google.co.jp/') },
		{ n: 3, name: 'view_item', props: item },
		{ n: 4, name: 'add_to_cart', props: item },
		{ n: 5, name: 'noren_answer', props: { name: 'taste', value: 'green' } },
	];
	const { facts } = (await page.sync(log)).body;
	assert.deepEqual([facts.visits, facts.first_touch.source, facts.first_touch.medium], [2, 'ad', 'cpc']);
	assert.deepEqual(
		[facts.last_touch.source, facts.last_touch.medium, facts.last_touch.landing],
		['google', 'organic', '/tea'],
	);
	assert.deepEqual([facts.days_since_first_visit, facts.days_since_last_purchase], [10, 9]);
	assert.deepEqual(facts.rfm, { recency: 4, frequency: 1, money: 3 });
	assert.deepEqual([facts.affinity, facts.affinity_scores], [['tea'], { tea: 10 }]);
	assert.deepEqual([facts.answers, facts.cart_items], [{ taste: 'green' }, ['t1']]);
	const again = (await page.sync(log)).body.facts;
	// Of the answer's own moment it says nothing new.
	assert.ok(again.counted_until >= facts.counted_until);
	assert.deepEqual({ ...again, counted_until: 0 }, { ...facts, counted_until: 0 }, 'sending it again changes nothing');
});

test('where a request came from goes down with its answer and is forgotten', async () => {
	const page = new Page(edge.url);
	const ask = async (fresh: boolean, headers: Record<string, string>) => {
		const body = page.request([{ n: 0, ...arrival('?utm_source=ad') }], { fresh });
		return (await page.post('/noren/v1/sync?site=demo', body, headers)).body.facts;
	};
	// A header is ASCII; JSON can say the rest.
	const ascii = JSON.stringify({ ...place, clientTcpRtt: 5 }).replace(
		/[^ -~]/g,
		(unit) => '\\u' + unit.charCodeAt(0).toString(16).padStart(4, '0'),
	);
	const header = { 'noren-cf': ascii };
	const { asOrganization, ...rest } = place;
	const newcomer = await ask(true, header);
	assert.deepEqual(newcomer.geo, { ...rest, organization: asOrganization });
	assert.deepEqual([newcomer.visits, newcomer.first_touch.source], [1, 'ad']);
	assert.deepEqual((await ask(false, header)).geo, newcomer.geo);
	assert.equal('geo' in (await ask(false, {})), false);
	const half = await ask(false, { 'noren-cf': '{"country":"JP","city":7}' });
	assert.deepEqual(half.geo, { country: 'JP', region: null, city: null, timezone: null, organization: null });
});

test('what a campaign counts is counted from the beginning, by how the site weighs it', async () => {
	const page = new Page(edge.url);
	const views = [4, 5, 9].map((days, n) => ({ n, at: Date.now() - days * DAY, name: 'view_item', props: item }));
	assert.deepEqual((await page.sync(views)).body.facts.counts, {});
	await edge.admin.publish([campaign({ audience: { 'visitor.counts.view_item.d7': { $gte: 2 } } })]);
	const { facts } = (await page.sync([])).body;
	assert.deepEqual(facts.counts, { view_item: { d7: 2, d30: 3, d90: 3 } });
});
