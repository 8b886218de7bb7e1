import assert from 'node:assert/strict';
import test from 'node:test';
import { fakeDisk } from './fakes.ts';
import { createQueue, QUEUE_MAX_BYTES, type Queue } from './queue.ts';
import { createStore, type Store } from './store.ts';

const NOW = 1_760_000_000_000;
const ROOM = 1_000_000;
const DAY = 86_400_000;

function opened(): Store {
	const { storage } = fakeDisk();
	const store = createStore('demo', () => storage);
	store._open();
	return store;
}

function page(store: Store, id: string, epoch = 0): Queue {
	const queue = createQueue(store, () => NOW);
	queue._begin(id, epoch, 0);
	return queue;
}

const add = (queue: Queue, n: number, name = 'view_item', at = NOW): void => queue._add({ n, at, name }, n + 1);
const sent = (queue: Queue): unknown =>
	queue._batches(ROOM)!.streams.map(({ id, from, done, events }) => [id, from, done, events.map(({ n }) => n)]);

test('what is not acknowledged is sent by the next page', () => {
	const store = opened();
	const first = page(store, 'one');
	add(first, 0);
	add(first, 1);
	first._done(1);
	const second = page(store, 'two');
	add(second, 0);
	assert.deepEqual(sent(second), [
		['two', 0, false, [0]],
		['one', 0, true, [0, 1]],
	]);
	second._acked([{ id: 'one', next: 2 }], second._batches(ROOM)!.streams);
	assert.deepEqual(sent(second), [['two', 0, false, [0]]]);
	assert.deepEqual(store._names('q.'), [], 'the finished stream is forgotten and the own one not written yet');
});

test('an acknowledgement is a watermark, and repeats change nothing', () => {
	const queue = page(opened(), 'one');
	for (const n of [0, 1, 2]) add(queue, n);
	for (let i = 0; i < 2; i++) {
		queue._acked([{ id: 'one', next: 2 }], []);
		assert.deepEqual(sent(queue), [['one', 2, false, [2]]]);
	}
	queue._acked([{ id: 'one', next: 3 }], []);
	assert.deepEqual(sent(queue), [['one', 3, false, []]], 'from is the next number when nothing is held');
	queue._acked([{ id: 'unknown', next: 9 }], []);
});

test('a stream whose end the edge has not been told of stays', () => {
	const store = opened();
	const first = page(store, 'one');
	add(first, 0);
	first._save();
	const second = page(store, 'two');
	const before = second._batches(ROOM)!.streams;
	first._done(1);
	second._acked([{ id: 'one', next: 1 }], before);
	assert.deepEqual(store._names('q.'), ['one']);
	assert.deepEqual(sent(page(store, 'three')), [
		['three', 0, false, []],
		['one', 1, true, []],
	]);
});

test('what another tab wrote meanwhile is not overwritten by an acknowledgement here', () => {
	const store = opened();
	const first = page(store, 'one');
	add(first, 0);
	first._save();
	const second = page(store, 'two');
	add(first, 1);
	first._done(1);
	second._acked([{ id: 'one', next: 1 }], []);
	assert.deepEqual(sent(page(store, 'three')), [
		['three', 0, false, []],
		['one', 1, true, [1]],
	]);
});

test('only what was not sent yet waits', () => {
	const queue = page(opened(), 'one');
	assert.equal(queue._waiting(), false);
	add(queue, 0);
	assert.equal(queue._waiting(), true);
	queue._batches(ROOM);
	assert.equal(queue._waiting(), false);
	queue._failed();
	assert.equal(queue._waiting(), true);
	queue._batches(ROOM);
	queue._acked([{ id: 'one', next: 1 }], []);
	queue._failed();
	assert.equal(queue._waiting(), false);
});

test('one request carries one epoch, the earlier first', () => {
	const store = opened();
	const queue = page(store, 'before');
	add(queue, 0);
	queue._begin('after', 1, 0);
	add(queue, 0);
	const batches = queue._batches(ROOM)!;
	assert.equal(batches.epoch, 0);
	assert.deepEqual(
		batches.streams.map(({ id, done }) => [id, done]),
		[['before', true]],
	);
	assert.equal(queue._waiting(), true);
	queue._acked([{ id: 'before', next: 1 }], batches.streams);
	assert.equal(queue._batches(ROOM)!.epoch, 1);
	assert.deepEqual(sent(queue), [['after', 0, false, [0]]]);
});

test('what does not fit the request waits for the next, in order and not done', () => {
	const queue = page(opened(), 'one');
	for (let n = 0; n < 10; n++) add(queue, n);
	queue._done(1);
	const size = JSON.stringify({ n: 0, at: NOW, name: 'view_item' }).length;
	const [batch] = queue._batches(size * 4)!.streams;
	assert.deepEqual(
		batch!.events.map(({ n }) => n),
		[0, 1, 2, 3],
	);
	assert.equal(batch!.done, false);
	assert.equal(queue._waiting(), true);
});

test('past its room the queue drops interaction first and orders last, and counts the loss', () => {
	const queue = page(opened(), 'one');
	const wide = { text: '茶'.repeat(300) };
	let n = 0;
	const fill = (name: string, count: number): void => {
		for (let i = 0; i < count; i++) queue._add({ n, at: NOW + n, name, props: wide }, ++n);
	};
	fill('purchase', 50);
	fill('scroll', 50);
	fill('view_item', 50);
	fill('noren_exposure', 50);
	fill('view_item', 150);
	const held = queue._events();
	const count = (name: string): number => held.filter((event) => event.name === name).length;
	assert.ok(held.reduce((sum, e) => sum + Buffer.byteLength(JSON.stringify(e)), 0) <= QUEUE_MAX_BYTES);
	assert.equal(count('scroll'), 0);
	assert.equal(count('purchase'), 50);
	assert.equal(count('noren_exposure'), 50);
	assert.ok(count('view_item') > 0);
	assert.equal(queue._lost(), 350 - held.length);
	assert.equal(queue._lost(), 0);
});

test('events that the edge would refuse are not kept, and a silent stream is finished', () => {
	const store = opened();
	const first = page(store, 'old');
	add(first, 0, 'purchase', NOW - 31 * DAY);
	add(first, 1, 'purchase', NOW - 2 * DAY);
	first._save();
	assert.deepEqual(sent(page(store, 'new')), [
		['new', 0, false, []],
		['old', 1, true, [1]],
	]);
});

test('what lies in storage and is no stream is removed', () => {
	const store = opened();
	store._set('q.a', 'not json');
	store._set('q.b', '{"n":1}');
	assert.deepEqual(sent(page(store, 'one')), [['one', 0, false, []]]);
	assert.deepEqual(store._names('q.'), []);
});

test('what a page said that was gone before its agent was there is heard once, by the next page', () => {
	const store = opened();
	const event = { n: 0, at: NOW, name: 'purchase' };
	store._set('q.gone', JSON.stringify({ e: 0, n: 1, z: 3, v: [event] }));
	store._set('q.left', JSON.stringify({ e: 0, n: 1, z: 1, v: [event] }));
	store._set('q.hidden', JSON.stringify({ e: 0, n: 1, z: 0, v: [event] }));
	const next = page(store, 'next');
	assert.deepEqual(next._unheard(), [event], 'a page that had its agent told the engine itself');
	assert.deepEqual(next._unheard(), []);
	assert.deepEqual(page(store, 'later')._unheard(), []);
	assert.deepEqual(sent(next), [
		['next', 0, false, []],
		['gone', 0, true, [0]],
		['left', 0, true, [0]],
		['hidden', 0, false, [0]],
	]);
});

test('a page whose engine never came leaves what it said to the next one, as finished as any other', () => {
	const store = opened();
	const deaf = page(store, 'deaf');
	const event = { n: 0, at: NOW, name: 'purchase' };
	deaf._add(event, 1);
	deaf._done(3);
	assert.deepEqual(sent(deaf), [['deaf', 0, true, [0]]]);
	const next = page(store, 'next');
	assert.deepEqual(next._unheard(), [event]);
	assert.deepEqual(sent(next), [
		['next', 0, false, []],
		['deaf', 0, true, [0]],
	]);
});
