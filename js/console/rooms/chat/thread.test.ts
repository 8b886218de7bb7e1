import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatFrame, Message } from '../../api/types.ts';
import { begin, compose, hear, lastSeq, resume, sends, TEXT_MAX_CHARS, type Thread } from './thread.ts';

const message = (seq: number, text: string, more: Partial<Message> = {}): Message => ({
	seq,
	at: seq,
	who: 'visitor',
	name: '',
	text,
	cid: `c${seq}`,
	...more,
});
const after = (thread: Thread, ...frames: ChatFrame[]) => frames.reduce((one, frame) => hear(one, frame, 100), thread);
const texts = (thread: Thread) => thread.messages.map((one) => one.text);

test('a message waits until it is acknowledged, and stands in its place then', () => {
	const sent = compose(begin([]), ' hello ', 'mine', 5) as Thread;
	assert.deepEqual(
		sent.outgoing.map((one) => one.text),
		['hello'],
	);
	const acked = after(sent, { t: 'ack', cid: 'mine', seq: 2 });
	assert.deepEqual(acked.outgoing, []);
	assert.deepEqual(texts(acked), ['hello']);
});

test('a line lost before the acknowledgement: the same message goes again under the same name', () => {
	const sent = compose(begin([]), 'hello', 'mine', 5) as Thread;
	assert.deepEqual(resume(sent), [
		{ t: 'hello', since: 0 },
		{ t: 'say', cid: 'mine', text: 'hello' },
	]);
});

test('a lost acknowledgement: the history shows it was stored, so it is not sent again', () => {
	const sent = compose(begin([]), 'hello', 'mine', 5) as Thread;
	const back = after(sent, {
		t: 'history',
		hours: true,
		messages: [message(1, 'hello', { who: 'operator', cid: 'mine' })],
	});
	assert.deepEqual(resume(back), [{ t: 'hello', since: 1 }]);
	assert.deepEqual(texts(back), ['hello']);
});

test('the same message by acknowledgement, echo and history stands once', () => {
	const stored = message(1, 'hello', { who: 'operator', cid: 'mine', name: 'owner' });
	const sent = compose(begin([]), 'hello', 'mine', 5) as Thread;
	const thread = after(
		sent,
		{ t: 'ack', cid: 'mine', seq: 1 },
		{ t: 'message', message: stored },
		{ t: 'history', hours: true, messages: [stored] },
	);
	assert.equal(thread.messages.length, 1);
	assert.equal(thread.messages[0]?.name, 'owner');
});

test('a visitor cannot make an answer disappear by taking its id', () => {
	const sent = compose(begin([]), 'hello', 'mine', 5) as Thread;
	const taken = after(sent, { t: 'message', message: message(1, 'x', { cid: 'mine' }) });
	assert.equal(taken.outgoing.length, 1);
});

test('messages stand in the order of their numbers, however they arrive', () => {
	const thread = after(
		begin([]),
		{ t: 'message', message: message(3, 'c') },
		{ t: 'history', hours: true, messages: [message(1, 'a'), message(2, 'b')] },
	);
	assert.deepEqual(texts(thread), ['a', 'b', 'c']);
	assert.equal(lastSeq(thread), 3);
});

test('what something live has overtaken is asked for again, though the line was lost before the history came', () => {
	const live = (seq: number) => ({ t: 'message', message: message(seq, 'x') }) as const;
	assert.deepEqual(resume(after(begin([]), live(6))), [{ t: 'hello', since: 0 }]);
	const known = after(begin([]), { t: 'history', hours: true, messages: [message(1, 'a'), message(2, 'b')] });
	assert.deepEqual(resume(after(known, live(3), live(6))), [{ t: 'hello', since: 3 }]);
});

test('typing is believed for a while and ends with the message', () => {
	const typing = after(begin([]), { t: 'typing', who: 'visitor' });
	assert.equal(typing.typingUntil > 100, true);
	assert.equal(after(typing, { t: 'message', message: message(1, 'x') }).typingUntil, 0);
	assert.equal(after(begin([]), { t: 'typing', who: 'operator' }).typingUntil, 0);
});

test('nothing, and too much, is not sent; length is counted in characters', () => {
	assert.equal(compose(begin([]), '  \n ', 'c', 0), undefined);
	assert.notEqual(compose(begin([]), '😀'.repeat(TEXT_MAX_CHARS), 'c', 0), undefined);
	assert.equal(compose(begin([]), '😀'.repeat(TEXT_MAX_CHARS + 1), 'c', 0), undefined);
});

test('Enter sends, but never the Enter that takes a word from an input method', () => {
	const press = (more: object) => sends({ key: 'Enter', shiftKey: false, isComposing: false, keyCode: 13, ...more });
	assert.equal(press({}), true);
	assert.equal(press({ shiftKey: true }), false);
	assert.equal(press({ isComposing: true }), false);
	assert.equal(press({ keyCode: 229 }), false);
	assert.equal(press({ key: 'a' }), false);
});
