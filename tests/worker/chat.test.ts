/** Chat and the live list over real sockets. */
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Edge } from '../e2e/support/edge.ts';
import { until } from '../e2e/support/until.ts';
import { Chat, Page } from './page.ts';

let edge: Edge;
before(async () => {
	edge = await Edge.start();
});
after(() => edge?.stop());

const operator = (page: Page) =>
	Chat.open(`${edge.url.replace('http', 'ws')}/noren/v1/admin/sites/demo/chat?conversation=${page.device}`, [], {
		Authorization: `Bearer ${edge.token}`,
	});
const frame = (chat: Chat, t: string) => until(`a ${t} frame`, () => chat.frames.find((f) => f.t === t));
const texts = (history: any) => history.messages.map((m: any) => `${m.seq} ${m.who} ${m.text}`);

test('a message is stored before it is acknowledged, once, and answered after the runtime was killed in between', async () => {
	const page = new Page(edge.url);
	await page.sync([{ n: 0, name: 'page_view', props: { page_path: '/shop/', page_title: 'お店' } }]);
	const visitor = await page.chat();
	assert.equal(visitor.socket.protocol, 'noren.1');
	visitor.send({ t: 'hello', since: 0 });
	assert.deepEqual(texts(await frame(visitor, 'history')), []);
	const words = '<script>alert("x")</script> こんにちは 👋';
	visitor.send({ t: 'say', cid: 'c1', text: words });
	assert.deepEqual(await frame(visitor, 'ack'), { t: 'ack', cid: 'c1', seq: 1 });

	await edge.kill();
	await edge.restart();
	const back = await page.chat();
	back.send({ t: 'say', cid: 'c1', text: words });
	assert.deepEqual(await frame(back, 'ack'), { t: 'ack', cid: 'c1', seq: 1 });

	const row = await until('the conversation in the list', async () => {
		const list = (await edge.admin.ok('GET', 'sites/demo/conversations')).conversations;
		return list.find((c: any) => c.id === page.device);
	});
	assert.deepEqual([row.unread, row.last.text, row.last.who], [1, words, 'visitor']);

	await page.sync([{ n: 1, name: 'page_view', props: { page_path: '/shop/' } }]);
	const desk = await operator(page);
	// Where the visitor is comes from the live list, which hears of it a moment after the page was answered.
	const history = await until('the page in the history', () => {
		desk.send({ t: 'hello', since: 0 });
		return desk.frames.find((f) => f.t === 'history' && f.visitor.page === '/shop/');
	});
	assert.deepEqual(texts(history), [`1 visitor ${words}`]);
	desk.send({ t: 'typing' });
	assert.deepEqual(await frame(back, 'typing'), { t: 'typing', who: 'operator' });
	desk.send({ t: 'say', cid: 'c1', text: 'いらっしゃいませ' });
	const answer = await frame(back, 'message');
	assert.deepEqual(
		[answer.message.seq, answer.message.who, answer.message.name, answer.message.text],
		[2, 'operator', 'developer', 'いらっしゃいませ'],
	);
	await until('nothing unread', async () => {
		const list = (await edge.admin.ok('GET', 'sites/demo/conversations')).conversations;
		return list.find((c: any) => c.id === page.device)?.unread === 0;
	});
});

test('frames that are none are answered as such and store nothing', async () => {
	const page = new Page(edge.url);
	const chat = await page.chat();
	for (const [sent, code] of [
		['hello', 'body_not_json'],
		['{"t":"fly"}', 'body_invalid'],
		[{ t: 'say', cid: 'a', text: ' ' }, 'body_invalid'],
		[{ t: 'say', cid: 'a', text: 'あ'.repeat(2001) }, 'body_invalid'],
		[{ t: 'say', text: 'no id' }, 'body_invalid'],
		['x'.repeat(40_000), 'body_too_large'],
	] as const) {
		chat.frames.length = 0;
		chat.send(sent);
		assert.equal((await frame(chat, 'error')).code, code);
	}
	chat.frames.length = 0;
	chat.send({ t: 'hello', since: 0 });
	assert.deepEqual((await frame(chat, 'history')).messages, []);
});

test('a socket opens only for the site, the key and the operator', async () => {
	const page = new Page(edge.url);
	await page.sync([{ n: 0, name: 'scroll' }]);
	const address = `${edge.url.replace('http', 'ws')}/noren/v1/chat?site=demo&device=${page.device}`;
	await assert.rejects(Chat.open(address, ['noren.1', page.key], { Origin: 'https://evil.example' }));
	await assert.rejects(Chat.open(address, ['noren.1'], { Origin: edge.url }));
	await assert.rejects(Chat.open(address, ['noren.1', 'A'.repeat(43)], { Origin: edge.url }));
	const desk = `${edge.url.replace('http', 'ws')}/noren/v1/admin/sites/demo/chat?conversation=${page.device}`;
	await assert.rejects(Chat.open(desk, [], {}));
	await assert.rejects(Chat.open(desk, [], { Authorization: 'Bearer wrong' }));
});

test('visitors appear on the live list within a second, move, and leave', async () => {
	const sockets = await Promise.all([0, 1, 2, 3].map((k) => edge.admin.socket(`sites/demo/live?shard=${k}`)));
	const all = () => sockets.flatMap((s) => s.messages as any[]);
	await until('four snapshots', () => all().filter((f) => f.t === 'snapshot').length === 4);
	const page = new Page(edge.url);
	const started = performance.now();
	await page.sync([{ n: 0, name: 'page_view', props: { page_path: '/shop/product/?id=1', page_title: 'お茶' } }], {
		fresh: true,
	});
	const seen = await until('the visitor', () =>
		all().find((f) => f.t === 'visitor' && f.visitor.device === page.device),
	);
	assert.ok(performance.now() - started < 1_000);
	assert.deepEqual(
		[seen.visitor.page, seen.visitor.title, seen.visitor.last_event],
		['/shop/product/?id=1', 'お茶', 'page_view'],
	);
	await page.sync([
		{ n: 0, name: 'page_view' },
		{ n: 1, name: 'add_to_cart' },
		{ n: 2, name: 'noren_suppressed', props: {} },
	]);
	await until('the last event', () => all().find((f) => f.t === 'visitor' && f.visitor.last_event === 'add_to_cart'));
	await page.sync([{ n: 3, name: 'tab_hidden' }], { hidden: true });
	await until('that they left', () => all().find((f) => f.t === 'gone' && f.device === page.device));
	sockets.forEach((s) => s.socket.close());
});
