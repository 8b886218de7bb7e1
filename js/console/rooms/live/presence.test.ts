import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LiveFrame, Visitor } from '../../api/types.ts';
import { count, hear, NOBODY, pathOf, visitors, ROWS_MAX } from './presence.ts';

function visitor(device: string, at: number, page = 'https://shop.example/'): Visitor {
	return {
		device,
		at,
		page,
		title: '',
		last_event: 'page_view',
		since: 0,
		visits: 1,
		purchases: 0,
		conversation: '',
	};
}
const after = (...frames: LiveFrame[]) => frames.reduce(hear, NOBODY);

test('the number counts also those a shard did not show', () => {
	const shard = after({ t: 'snapshot', visitors: [visitor('a', 1)], count: 700 });
	assert.equal(count([shard]), 700);
	assert.equal(count([shard, after({ t: 'snapshot', visitors: [], count: 3 })]), 703);
});

test('a new visitor counts one more, the same one again does not', () => {
	const shard = after(
		{ t: 'snapshot', visitors: [], count: 0 },
		{ t: 'visitor', visitor: visitor('a', 1), count: 1 },
		{ t: 'visitor', visitor: visitor('a', 2, 'https://shop.example/cart'), count: 1 },
	);
	assert.equal(count([shard]), 1);
	assert.equal(visitors([shard])[0]?.page, 'https://shop.example/cart');
});

test('a visitor who was counted but not listed and now acts is still one', () => {
	const shard = after(
		{ t: 'snapshot', visitors: [visitor('a', 1)], count: 2 },
		{ t: 'visitor', visitor: visitor('b', 2), count: 2 },
	);
	assert.equal(count([shard]), 2);
	assert.equal(visitors([shard]).length, 2);
});

test('an older frame does not take back a newer one', () => {
	const shard = after(
		{ t: 'visitor', visitor: visitor('a', 5, 'new'), count: 1 },
		{ t: 'visitor', visitor: visitor('a', 4, 'old'), count: 1 },
	);
	assert.equal(visitors([shard])[0]?.page, 'new');
});

test('who leaves is gone, listed or not', () => {
	const full = after({ t: 'snapshot', visitors: [visitor('a', 1)], count: 3 });
	const left = hear(hear(full, { t: 'gone', device: 'a', count: 2 }), { t: 'gone', device: 'not listed', count: 1 });
	assert.equal(count([left]), 1);
	assert.equal(visitors([left]).length, 0);
});

test('a snapshot after a lost line replaces everything', () => {
	const shard = after(
		{ t: 'snapshot', visitors: [visitor('a', 1), visitor('b', 2)], count: 2 },
		{ t: 'snapshot', visitors: [visitor('c', 3)], count: 1 },
	);
	assert.deepEqual(
		visitors([shard]).map((one) => one.device),
		['c'],
	);
});

test('whoever acted last comes first, over all shards, and the list is bounded', () => {
	const one = after(
		{ t: 'visitor', visitor: visitor('a', 1), count: 1 },
		{ t: 'visitor', visitor: visitor('b', 3), count: 2 },
	);
	const two = after({ t: 'visitor', visitor: visitor('c', 2), count: 1 });
	assert.deepEqual(
		visitors([one, two]).map((visitor) => visitor.device),
		['b', 'c', 'a'],
	);
	const many = Array.from({ length: 300 }, (_, index) => visitor(`v${index}`, index));
	assert.equal(visitors([after({ t: 'snapshot', visitors: many, count: 300 })]).length, ROWS_MAX);
});

test('a page is told by its path', () => {
	assert.equal(pathOf('https://shop.example/%E8%8C%B6/?a=1#x'), '/茶/?a=1');
	assert.equal(pathOf('not an address'), 'not an address');
	assert.equal(pathOf('https://shop.example/%E8'), 'https://shop.example/%E8');
});
