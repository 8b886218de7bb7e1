import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { fakeDisk } from './fakes.ts';
import type { HeldEvent } from './handover.ts';
import { newIdentity, readIdentity } from './ids.ts';
import { createLife } from './life.ts';
import { createQueue } from './queue.ts';
import { createStore } from './store.ts';
import { createSync, isFresh, pause } from './sync.ts';

const event = (n: number, name: string): HeldEvent => ({ n, at: 1, name });

interface Body {
	readonly consent: readonly unknown[];
	epoch: number;
	fresh: boolean;
	facts: boolean;
	hidden: boolean;
	program: string;
	streams: { id: string; events: HeldEvent[] }[];
}

/** A page with a queue and an edge that answers as it is told to. */
function scene({ minted = false, sends = true } = {}) {
	const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
	Object.assign(globalThis, { document, window: new EventTarget() });
	const requests: Body[] = [];
	const heard: unknown[] = [];
	let answer: (body: Body) => Response | Promise<Response> = () => acknowledge({});
	const acknowledge = (more: object): Response =>
		Response.json({
			program: 'P',
			generation: 0,
			reset: false,
			acks: requests.at(-1)!.streams.map(({ id, events }) => ({ id, next: (events.at(-1)?.n ?? -1) + 1 })),
			...more,
		});
	globalThis.fetch = (async (_url: string, init: RequestInit) => {
		const body = JSON.parse(String(init.body)) as Body;
		requests.push(body);
		return answer(body);
	}) as typeof fetch;
	const { storage } = fakeDisk();
	const store = createStore('demo', () => storage);
	const queue = createQueue(store, Date.now);
	queue._begin('one', 0, 0);
	const life = createLife((error) => heard.push(error));
	const identity = newIdentity();
	const sync = createSync(
		{
			_site: 'demo',
			_credentials: 'omit',
			_url: (route) => 'http://edge/noren/v1/' + route,
			_identity: () => identity,
			_minted: () => minted,
			_consent: { _sends: () => sends, _said: () => ['open', undefined] },
			_program: () => 'P',
			_heard: ({ facts, news, program, reset }) => heard.push({ facts, news, program, reset }),
			_live: (program) => heard.push(program),
		},
		queue,
		life,
	);
	const answers = (how: typeof answer): void => void (answer = how);
	return { sync, queue, life, requests, heard, acknowledge, answers };
}

test('a request carries what is held, and the answer empties the queue', async () => {
	const { sync, queue, requests, heard, acknowledge, answers, life } = scene();
	answers(() => acknowledge({ facts: { visits: 2 } }));
	queue._add(event(0, 'page_view'), 1);
	assert.equal(await sync._now(), true);
	assert.deepEqual(requests[0]!.streams[0]!.events, [event(0, 'page_view')]);
	assert.equal(requests[0]!.facts, true);
	assert.deepEqual(requests[0]!.consent, ['open', null]);
	assert.deepEqual(queue._events(), []);
	assert.deepEqual(heard, [{ facts: { visits: 2 }, news: undefined, program: 'P', reset: false }]);
	queue._add(event(1, 'view_item'), 2);
	await sync._now();
	assert.equal(requests[1]!.facts, false, 'facts are asked for once');
	life._end();
});

test('a failure keeps everything and is tried again, a refusal is not', async () => {
	mock.timers.enable({ apis: ['setTimeout'] });
	const { sync, queue, requests, answers, acknowledge, life } = scene();
	answers(() => Promise.reject(new TypeError('offline')));
	queue._add(event(0, 'purchase'), 1);
	assert.equal(await sync._now(), false);
	assert.deepEqual(queue._events(), [event(0, 'purchase')]);
	answers(() => acknowledge({}));
	mock.timers.tick(2000);
	assert.equal(requests.length, 2);
	assert.deepEqual(requests[1]!.streams[0]!.events, [event(0, 'purchase')]);

	const refused = scene();
	refused.answers(() => new Response('{}', { status: 403 }));
	refused.queue._add(event(0, 'purchase'), 1);
	assert.equal(await refused.sync._now(), false);
	mock.timers.tick(600_000);
	assert.equal(refused.requests.length, 1);
	assert.equal(await refused.sync._now(), false);
	assert.equal(refused.requests.length, 1);
	for (const each of [life, refused.life]) each._end();
	mock.timers.reset();
});

test('what matters is sent in a moment, also after something else was sent meanwhile', async () => {
	mock.timers.enable({ apis: ['setTimeout'] });
	const { sync, queue, requests, acknowledge, answers, life } = scene();
	answers(() => acknowledge({}));
	queue._add(event(0, 'identify'), 1);
	sync._soon();
	await sync._now();
	assert.equal(requests.length, 1);
	queue._add(event(1, 'purchase'), 2);
	sync._soon();
	mock.timers.tick(2000);
	assert.equal(requests.length, 2);
	assert.deepEqual(requests[1]!.streams[0]!.events, [event(1, 'purchase')]);
	life._end();
	mock.timers.reset();
});

test('someone who has only come is told of without anything but the page view', async () => {
	const { sync, queue, requests, acknowledge, answers, life } = scene({ minted: true });
	answers(() => acknowledge({ acks: [] }));
	queue._add(event(0, 'page_view'), 1);
	queue._add(event(1, 'idle'), 2);
	await sync._now();
	assert.equal(requests.length, 1);
	assert.equal(requests[0]!.fresh, true);
	assert.equal(requests[0]!.facts, true, 'where it came from is known to the edge without remembering');
	assert.deepEqual(requests[0]!.streams[0]!.events, [event(0, 'page_view')]);
	queue._add(event(2, 'scroll'), 3);
	await sync._now();
	assert.equal(requests[1]!.fresh, false);
	assert.equal(requests[1]!.streams[0]!.events.length, 3, 'what was held back goes with it');
	assert.equal(requests[1]!.facts, true);
	life._end();
});

test('before the answer to the question for consent nothing is sent', async () => {
	const { sync, queue, requests, life } = scene({ sends: false });
	queue._add(event(0, 'purchase'), 1);
	assert.equal(await sync._now(), false);
	assert.equal(await sync._now(true), false);
	assert.equal(requests.length, 0);
	life._end();
});

test('a logout splits what waits into two requests, the earlier epoch first', async () => {
	const { sync, queue, requests, life } = scene();
	queue._add(event(0, 'reset'), 1);
	queue._begin('two', 1, 0);
	queue._add(event(0, 'page_view'), 1);
	assert.equal(await sync._now(), true);
	assert.deepEqual(
		requests.map(({ epoch, streams }) => [epoch, streams.map(({ id }) => id)]),
		[
			[0, ['one']],
			[1, ['two']],
		],
	);
	life._end();
});

test('what came back is handed on whole: a new program, news of a server, an erasure', async () => {
	const { sync, queue, heard, acknowledge, answers, life } = scene();
	queue._add(event(0, 'page_view'), 1);
	const news = [['purchase', { value: 5 }, 7]];
	answers(() => acknowledge({ program: 'Q', news }));
	await sync._now();
	answers(() => acknowledge({ reset: true }));
	await sync._now();
	assert.deepEqual(heard, [
		{ facts: undefined, news, program: 'Q', reset: false },
		{ facts: undefined, news: undefined, program: 'P', reset: true },
	]);
	life._end();
});

test('a visible page looks for what was published, a hidden one does not', () => {
	mock.timers.enable({ apis: ['setTimeout'] });
	const { life } = scene();
	const asked: string[] = [];
	globalThis.fetch = (async (url: string) => {
		asked.push(url);
		return Response.json({ program: 'P', consent: 'open', now: 0 });
	}) as typeof fetch;
	mock.timers.tick(50_000);
	assert.deepEqual(asked, ['http://edge/noren/v1/site']);
	mock.timers.tick(50_000);
	assert.equal(asked.length, 2);
	Object.assign(document, { visibilityState: 'hidden' });
	mock.timers.tick(600_000);
	assert.equal(asked.length, 2);
	life._end();
	mock.timers.reset();
});

test('fresh means one page view and the passing of time', () => {
	const rows: [string[], boolean][] = [
		[['page_view'], true],
		[['page_view', 'idle', 'tab_hidden'], true],
		[['page_view', 'page_view'], false],
		[['page_view', 'click'], false],
		[['page_view', 'noren_exposure'], false],
		[[], true],
	];
	for (const [names, expected] of rows) {
		const events = names.map((name, n) => event(n, name));
		assert.equal(isFresh(true, events), expected, names.join());
		assert.equal(isFresh(false, events), false);
	}
});

test('pauses double up to five minutes, and half of each is chance', () => {
	assert.deepEqual(
		[1, 2, 3].map((n) => pause(n, 0)),
		[2000, 4000, 8000],
	);
	assert.equal(pause(1, 0.999_999) > 1000 && pause(1, 0.999_999) < 1001, true);
	assert.equal(pause(60, 0), 300_000);
});

test('an identity is whole or none', () => {
	const identity = newIdentity();
	assert.deepEqual(readIdentity(JSON.stringify(identity)), identity);
	for (const stored of [null, undefined, '', '{}', '[1]', 'x', JSON.stringify([identity[0], 'short', 0, 0])]) {
		assert.equal(readIdentity(stored), undefined, String(stored));
	}
});
