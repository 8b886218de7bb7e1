/** The console's editor, as it is served, and the edge find the same in the same documents. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { instantiate, type Call } from '../../js/console/api/editor.ts';
import { Edge } from '../e2e/support/edge.ts';

let edge: Edge;
let call: Call;
before(async () => {
	edge = await Edge.start();
	const script = await (await fetch(`${edge.url}/noren/console/main.js`)).text();
	const address = /\/noren\/console\/editor\.[0-9a-f]{16}\.wasm/u.exec(script)?.[0];
	assert.ok(address, 'the console names its editor');
	const response = await fetch(edge.url + address);
	assert.equal(response.headers.get('content-type'), 'application/wasm');
	assert.match(response.headers.get('cache-control') ?? '', /immutable/);
	call = await instantiate(await response.arrayBuffer());
});
after(() => edge?.stop());

const EXAMPLES = new URL('../../examples/campaigns/', import.meta.url);
const examples = readdirSync(EXAMPLES)
	.filter((name) => name.endsWith('.json'))
	.map((name) => JSON.parse(readFileSync(new URL(name, EXAMPLES), 'utf8')) as Record<string, unknown>);

const broken = [
	{},
	7,
	null,
	[],
	{ id: 'x' },
	{ ...examples[0], audience: { 'visitor.visits': { $gtt: 2 } } },
	{ ...examples[0], schedule: { from: '2026-13-40T99:00', zone: 'Mars/Olympus' } },
	{ ...examples[0], variants: [{ id: 'a', weight: 60, action: { kind: 'popup', title: 'あ'.repeat(3_000) } }] },
	{ ...examples[0], goal: { on: 'purchase', within: 'soon' }, unknown: true },
];

const SETS: readonly [string, readonly unknown[]][] = [
	['nothing', []],
	['the examples', examples],
	['the same id twice', [examples[0], examples[0]]],
	...broken.map((document, index): [string, unknown[]] => [`broken document ${index}`, [document]]),
	['everything at once', [...examples, ...broken]],
];

for (const [what, campaigns] of SETS) {
	test(`the same findings and sentences: ${what}`, async () => {
		const edges = await edge.admin.ok('POST', 'sites/demo/check', { campaigns });
		const own = JSON.parse(call(JSON.stringify({ op: 'check', campaigns })));
		assert.deepEqual(own, edges);
		assert.equal(own.campaigns.length, campaigns.length);
		if (/broken|twice/u.test(what)) assert.notEqual(own.findings.length, 0);
	});
}

const closed = { ...examples[0], schedule: { calendar: { closed: 'jp' } } };
const SITES: readonly [string, unknown][] = [
	['one that says nothing', {}],
	['one with the calendar', { calendars: { jp: ['2026-12-31'] }, holdout: { share: 5 } }],
	['one with errors', { calendars: { jp: ['soon'], 'J P': [] }, holdout: { share: 90 }, other: 1 }],
	['none at all', 7],
];

for (const [what, site] of SITES) {
	test(`the same findings under a site’s document: ${what}`, async () => {
		const edges = await edge.admin.ok('POST', 'sites/demo/check', { campaigns: [closed], site });
		const own = JSON.parse(call(JSON.stringify({ op: 'check', campaigns: [closed], site })));
		assert.deepEqual(own, edges);
		assert.equal(
			own.findings.some((one: { level: string }) => one.level === 'error'),
			!what.includes('calendar'),
		);
	});
}

test('both refuse a site’s document of more than 640 KB with the same words', async () => {
	const site = { calendars: { jp: Array.from({ length: 60_000 }, () => '2026-12-31') } };
	const { status, body } = await edge.admin.request('POST', 'sites/demo/check', { campaigns: [], site });
	assert.deepEqual([status, body.path], [400, 'site']);
	assert.deepEqual(JSON.parse(call(JSON.stringify({ op: 'check', campaigns: [], site }))), body);
});

test('both refuse a document of more than 128 KB with the same words', async () => {
	const campaigns = [{ id: 'x', name: 'x'.repeat(140_000) }];
	const { status, body } = await edge.admin.request('POST', 'sites/demo/check', { campaigns });
	assert.equal(status, 400);
	const own = JSON.parse(call(JSON.stringify({ op: 'check', campaigns })));
	assert.deepEqual(own, body);
});

test('the schema is the one the edge publishes', async () => {
	const published = await (await fetch(`${edge.url}/noren/schema/campaign.json`)).json();
	assert.deepEqual(JSON.parse(call('{"op":"schema"}')), published);
});
