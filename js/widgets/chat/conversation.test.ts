import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EMPTY, heldUpTo, loadPending, markRead, receive, say, storePending, unread } from './conversation.ts';
import { parseFrame, type Message } from './protocol.ts';

function message(seq: number, who: Message['who'] = 'operator', cid = ''): Message {
	return { seq, at: seq * 1000, who, name: '', text: `message ${seq}`, cid };
}

test('a message is pending until the edge says that it is stored', () => {
	const said = say(EMPTY, { cid: 'a', text: 'hello', at: 5 });
	assert.deepEqual(
		said.pending.map(({ cid }) => cid),
		['a'],
	);
	const stored = receive(said, { t: 'ack', cid: 'a', seq: 1 });
	assert.deepEqual(stored.pending, []);
	assert.deepEqual(stored.messages, [{ seq: 1, at: 5, who: 'visitor', name: '', text: 'hello', cid: 'a' }]);
	assert.equal(receive(stored, { t: 'ack', cid: 'a', seq: 1 }), stored, 'acknowledged twice');
	assert.equal(receive(EMPTY, { t: 'ack', cid: 'stranger', seq: 4 }), EMPTY);
});

test('a lost acknowledgement is made good by history, and nothing stands twice', () => {
	const said = say(EMPTY, { cid: 'a', text: 'hello', at: 5 });
	const history = { t: 'history', messages: [message(1, 'visitor', 'a'), message(2)], hours: true } as const;
	const state = receive(receive(said, history), history);
	assert.deepEqual(state.pending, []);
	assert.deepEqual(
		state.messages.map(({ seq }) => seq),
		[1, 2],
	);
	assert.deepEqual(receive(state, { t: 'ack', cid: 'a', seq: 1 }), state);
});

test('messages are ordered by number, and a gap is asked for again', () => {
	let state = EMPTY;
	assert.equal(heldUpTo(state), 0);
	for (const seq of [1, 4, 2]) state = receive(state, { t: 'message', message: message(seq) });
	assert.deepEqual(
		state.messages.map(({ seq }) => seq),
		[1, 2, 4],
	);
	assert.equal(heldUpTo(state), 2);
	state = receive(state, { t: 'message', message: message(3) });
	assert.equal(heldUpTo(state), 4);
});

test('only the operator’s messages are unread, until seen', () => {
	let state = receive(EMPTY, {
		t: 'history',
		messages: [message(1, 'visitor', 'a'), message(2), message(3, 'system'), message(4)],
		hours: false,
	});
	assert.equal(state.staffed, false);
	assert.equal(unread(state), 2);
	state = markRead(state);
	assert.equal(unread(state), 0);
	assert.equal(state.readSeq, 4);
	assert.equal(unread(receive(state, { t: 'message', message: message(5) })), 1);
});

test('pending messages survive a reload, and rubbish in their place does not hurt', () => {
	const pending = [{ cid: 'a', text: 'こんにちは "quoted"', at: 5 }];
	assert.deepEqual(loadPending(storePending(pending)), pending);
	assert.equal(storePending([]), '');
	for (const stored of [undefined, '', '{', '7', 'null', '[null, 3, {"cid":1}]', '{"a":1}']) {
		assert.deepEqual(loadPending(stored), [], String(stored));
	}
});

test('frames are read field by field, and what is not understood is passed over', () => {
	assert.deepEqual(parseFrame('{"t":"ack","cid":"a","seq":3}'), { t: 'ack', cid: 'a', seq: 3 });
	assert.deepEqual(parseFrame('{"t":"typing","who":"operator"}'), { t: 'typing' });
	assert.deepEqual(parseFrame('{"t":"message","message":{"seq":1,"text":"<b>x</b>","who":"root"}}'), {
		t: 'message',
		message: { seq: 1, at: 0, who: 'system', name: '', text: '<b>x</b>', cid: '' },
	});
	assert.deepEqual(parseFrame('{"t":"history","messages":[{"seq":-1,"text":"x"},null,{"seq":2,"text":"y"}]}'), {
		t: 'history',
		messages: [{ seq: 2, at: 0, who: 'system', name: '', text: 'y', cid: '' }],
		hours: true,
	});
	for (const data of [
		undefined,
		'',
		'pong',
		'null',
		'7',
		'[]',
		'{"t":"history"}',
		'{"t":"message","message":{"seq":"1","text":"x"}}',
		'{"t":"ack","cid":"a","seq":1.5}',
		'{"t":"typing","who":"visitor"}',
		'{"t":"elsewhere"}',
	]) {
		assert.equal(parseFrame(data), undefined, String(data));
	}
});
