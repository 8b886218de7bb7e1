/** Any text through every field that takes one: stored as it was, and told again as it was. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { ALL_NAUGHTY, HALVES } from '../naughty.ts';
import { Page, campaign } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

interface Kept {
	readonly at: number;
	readonly name: string;
	readonly props: any;
}

/** What is stored of a person's only device, without what made it theirs. */
async function stored(user: string): Promise<Kept[]> {
	const path = `sites/demo/persons/${encodeURIComponent(user)}`;
	await until('the person', async () => (await edge.admin.request('GET', path)).status === 200);
	const { sources } = await edge.admin.ok('GET', `${path}/export`);
	return sources[0].events.filter(({ name }: Kept) => name !== 'identify');
}

const codes = (text: string): string => [...text].map((char) => char.codePointAt(0)!.toString(16)).join(' ');

test('names, properties and their keys of events', async () => {
	const page = new Page(edge.url);
	const events = ALL_NAUGHTY.flatMap((text, i) => [
		{ n: 2 * i + 1, name: text, props: { value: text } },
		// An object's prototype is no property of its own; everything else is a key like any other.
		{ n: 2 * i + 2, name: 'keyed', props: Object.fromEntries([[text, { [text]: [text] }]]) },
	]);
	const answer = await page.sync([{ n: 0, name: 'identify', props: { user_id: 'events' } }, ...events]);
	assert.equal(answer.status, 200, JSON.stringify(answer.body));
	assert.equal(answer.body.acks[0].next, events.length + 1);
	const kept = await stored('events');
	assert.equal(kept.length, events.length);
	for (const [i, { name, props }] of kept.entries()) {
		assert.equal(name, events[i]!.name, codes(events[i]!.name));
		assert.equal(JSON.stringify(props), JSON.stringify(events[i]!.props), codes(ALL_NAUGHTY[i >> 1]!));
	}
});

test('what a visitor is called, how they came, and whom they say to be', async () => {
	for (const [i, text] of ALL_NAUGHTY.entries()) {
		const page = new Page(edge.url);
		const query = new URLSearchParams({ utm_source: text, utm_medium: 'mail', utm_campaign: text, utm_term: text });
		const traits = { name: text, [`k${text}`]: text };
		const answer = await page.sync([
			{ n: 0, name: 'page_view', props: { page_location: `https://shop.example/?${query}`, page_title: text } },
			{ n: 1, name: 'identify', props: { user_id: `u${i} ${text}`, traits } },
		]);
		assert.equal(answer.status, 200, `${codes(text)}: ${JSON.stringify(answer.body)}`);
		assert.deepEqual(answer.body.facts.traits, traits, codes(text));
		const touch = answer.body.facts.last_touch;
		assert.deepEqual([touch.source, touch.campaign, touch.term], [text, text, text], codes(text));
	}
	const text = 'u0 undefined';
	const path = `sites/demo/persons/${encodeURIComponent(text)}`;
	const person = await until('the person', async () => {
		const { status, body } = await edge.admin.request('GET', path);
		return status === 200 && body;
	});
	assert.equal(person.user, text);
});

test('messages, from both sides', async () => {
	const page = new Page(edge.url);
	await page.sync([{ n: 0, name: 'page_view' }]);
	const chat = await page.chat();
	const said = ALL_NAUGHTY.filter((text) => text.trim() !== '');
	for (const [i, text] of said.entries()) chat.send({ t: 'say', cid: `c-${i}-${text}`.slice(0, 60), text });
	const desk = await edge.admin.socket(`sites/demo/chat?conversation=${page.device}`);
	await until('all acknowledged', () => chat.frames.filter(({ t }) => t === 'ack').length === said.length);
	desk.socket.send(JSON.stringify({ t: 'hello', since: 0 }));
	const history = await until('the history', () => desk.messages.find(({ t }) => t === 'history'));
	assert.deepEqual(
		history.messages.map(({ text }: { text: string }) => text),
		said,
	);
	desk.socket.close();
	chat.socket.close();
});

test('campaigns, keys and codes', async () => {
	const texts = ALL_NAUGHTY.filter((text) => text.trim() !== '');
	const documents = texts.map((text, i) => campaign({ id: `c${i}`, name: text, audience: { 'traits.name': text } }));
	const { version } = await edge.admin.publish(documents);
	const live = await edge.admin.ok('GET', 'sites/demo/campaigns');
	assert.equal(live.version, version);
	const kept = live.campaigns.map(({ document }: { document: unknown }) => JSON.stringify(document));
	assert.deepEqual(kept.sort(), documents.map((document) => JSON.stringify(document)).sort());

	const terms = { kind: 'amount', value: 1, currency: 'JPY' };
	// A code is typed in: control characters are refused, and spaces at its ends, by Unicode's own idea of a space.
	const own = texts.filter((text) => !/\p{Cc}|^\p{White_Space}|\p{White_Space}$/u.test(text));
	const filled = await edge.admin.request('POST', 'sites/demo/pools/naughty', { codes: own, terms });
	assert.equal(filled.status, 200, JSON.stringify(filled.body));
	for (const name of texts) {
		const answer = await edge.admin.request('POST', `sites/demo/pools/${encodeURIComponent(name)}`, {
			codes: ['A'],
			terms,
		});
		// A pool's name stands in addresses and campaigns: most of these are none, and are told so.
		assert.ok(
			answer.status === 200 || (answer.status >= 400 && answer.status < 500),
			`${codes(name)}: ${answer.status}`,
		);
	}
});

test('half a character spoils neither its request nor what comes after it', async () => {
	const page = new Page(edge.url);
	const events = HALVES.map(([text], i) => ({ n: i + 1, name: 'search', props: { search_term: text, [text]: 1 } }));
	const answer = await page.sync([{ n: 0, name: 'identify', props: { user_id: 'halves' } }, ...events]);
	assert.deepEqual([answer.status, answer.body.acks?.[0].next], [200, events.length + 1]);
	const kept = await stored('halves');
	assert.deepEqual(
		kept.map(({ props }) => props),
		HALVES.map(([, text]) => ({ search_term: text, [text]: 1 })),
	);
	const chat = await page.chat();
	chat.send({ t: 'say', cid: 'half', text: 'cut \ud83d' });
	await until('the acknowledgement', () => chat.frames.some(({ t }) => t === 'ack'));
	chat.send({ t: 'hello', since: 0 });
	const history = await until('the history', () => chat.frames.find(({ t }) => t === 'history'));
	assert.equal(history.messages[0].text, 'cut \ufffd');
	chat.socket.close();
});
