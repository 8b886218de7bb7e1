import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hrefTo, parseRoute } from './route.ts';

test('an address leads to its room and back', () => {
	for (const item of ['', 'linger', 'a/b', '日本 %', '#/live']) {
		assert.deepEqual(parseRoute(hrefTo('campaigns', item)), { room: 'campaigns', item });
	}
	assert.deepEqual(parseRoute('#/live'), { room: 'live', item: '' });
});

test('an address that leads nowhere leads to the first room', () => {
	for (const hash of ['', '#', '#/nowhere/x', '#token'])
		assert.deepEqual(parseRoute(hash), { room: 'campaigns', item: '' });
	assert.deepEqual(parseRoute('#/chat/%E8'), { room: 'chat', item: '' });
});
